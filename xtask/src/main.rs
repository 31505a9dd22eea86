//! All set-up that a fresh machine needs, as commands: `cargo xtask`.
mod cuda;
mod debian;
mod e2e;
mod folder;
mod fuzz;
mod page;
mod serve;
mod shell;
mod stages;
mod test;
mod tools;
mod wgsl;

use shell::Result;
use stages::Stages;
use std::io::Write as _;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--port N] build the page and serve it on this computer, at port 8080 or the next that is free
  build [--release] build the page into dist, for any web host; --release: small, and works without a network
  test [--quick]   what a change must pass; --quick: format, lints and tests only
  test --all       that, wgsl and fuzz: before a release, and where kernels or readers of files have changed
  e2e [--figures]  the page in Chromium and Firefox; --figures: only what measures, the long way
  screenshots      fill web/screenshots from the running page
  wgsl             the models' and gradients' tests in WGSL on a graphics adapter, Mesa's software one if need be
  fuzz [SECONDS]   every fuzz target for that long (20)
  cuda             set up LLVM and build with --features cuda
  tools            install what the commands above need, and nothing else";

fn main() -> ExitCode {
    if let Some(code) = fuzz::compile() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut stages = Stages::new();
    let done = match words[..] {
        ["test"] => test::run(&mut stages, test::Extent::Change),
        ["test", "--quick"] => test::run(&mut stages, test::Extent::Quick),
        ["test", "--all"] => test::run(&mut stages, test::Extent::All),
        ["wgsl"] => wgsl::run(&mut stages),
        ["fuzz"] => fuzz::run(&mut stages, fuzz::SECONDS),
        ["fuzz", seconds] => seconds
            .parse()
            .map_err(|_| format!("\"{seconds}\" is not a number of seconds"))
            .and_then(|seconds| fuzz::run(&mut stages, seconds)),
        ["serve"] => page::serve(&mut stages, serve::PORT),
        ["serve", "--port", port] => port
            .parse()
            .map_err(|_| format!("\"{port}\" is not a port: choose 1024 to 65535"))
            .and_then(|port| page::serve(&mut stages, port)),
        ["build"] => page::build(&mut stages, false).map(drop),
        ["build", "--release"] => page::build(&mut stages, true).map(drop),
        ["e2e"] => e2e::run(&mut stages, e2e::Extent::Tests),
        ["e2e", "--figures"] => e2e::run(&mut stages, e2e::Extent::Figures),
        ["screenshots"] => e2e::screenshots(&mut stages),
        ["cuda"] => cuda::run(&mut stages),
        ["tools"] => tools::run(&mut stages),
        ["help" | "--help" | "-h"] => {
            // Whoever reads only its beginning, as `head` does, has what they wanted.
            let _ = writeln!(std::io::stdout(), "{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    finish(&stages, done)
}

fn finish(stages: &Stages, done: Result<()>) -> ExitCode {
    stages.print();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}
