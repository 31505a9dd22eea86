//! Page: the tools that build it, where this machine lacks them, and the build itself, by Trunk.
use crate::shell::{Result, asked, call, command, root, target};
use crate::stages::Stages;
use crate::{debian, folder, serve, tools};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::SystemTime;

/// Builds the page from `index.html`; later versions need a later Rust.
const TRUNK: &str = "0.21.14";
/// Has wasm-opt, which makes a release small.
const BINARYEN: &str = "132.0.0";
const TARGET: &str = "wasm32-unknown-unknown";
/// Runs wasm-opt, and where Debian has it.
const NODE: [&str; 2] = ["node", "npm"];
const NODE_PACKAGES: [&str; 2] = ["nodejs", "npm"];
/// Debian's Rust with the sources of the standard library, for where rustup reaches no server.
const DEBIAN_RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Builds the page and serves it.
pub fn serve(stages: &mut Stages, port: u16) -> Result<()> {
    let folder = build(stages, false)?;
    stages.print();
    serve::run(&folder, port)
}

/// Builds the page into a folder, and gives it. A release is smaller, works without a network after the first visit,
/// and takes minutes more.
pub fn build(stages: &mut Stages, is_release: bool) -> Result<PathBuf> {
    let _alone = alone()?;
    made(stages, is_release)
}

/// Builds a release where there is still a reason to when nobody else builds one.
pub fn build_for(stages: &mut Stages, reason: impl Fn() -> Option<String>) -> Result<()> {
    let _alone = alone()?;
    let Some(why) = reason() else { return Ok(()) };
    println!("\nthe page is built: {why}");
    made(stages, true).map(drop)
}

/// Two builds of the page would take the ground from under each other; the file is let go with the process at the latest.
fn alone() -> Result<File> {
    let path = target().join("page.lock");
    let lock = || {
        std::fs::create_dir_all(target())?;
        let file = File::create(&path)?;
        if file.try_lock().is_err() {
            println!("waiting for another build of the page");
            file.lock()?;
        }
        Ok(file)
    };
    lock().map_err(|error: std::io::Error| format!("{}: {error}", path.display()))
}

fn made(stages: &mut Stages, is_release: bool) -> Result<PathBuf> {
    let began = SystemTime::now();
    let mut rust = None;
    stages.run("Rust for WebAssembly", |_| {
        rust = Some(Rust::find()?);
        Ok(())
    })?;
    let rust = rust.ok_or("no Rust for WebAssembly was found")?;
    stages.run("tools of the page", |_| {
        // Without what either would fetch files by: there is nothing to fetch.
        let bare = "--no-default-features";
        tool("wasm-bindgen", "wasm-bindgen-cli", &locked("wasm-bindgen")?, &["--bin", "wasm-bindgen", bare])?;
        tool("trunk", "trunk", TRUNK, &[bare])?;
        if is_release { wasm_opt() } else { Ok(()) }
    })?;
    let folder = root().join("dist");
    stages.run("the page", |_| {
        println!("the first build takes up to half an hour on two cores, later ones seconds to minutes");
        let mut words = vec!["build", "--skip-version-check"];
        if is_release {
            println!("then wasm-opt works for a few minutes without a word");
            words.push("--release");
        }
        let mut trunk = command(programs().join("trunk"), &words);
        // Terminals that switch colours off say so in a way that Trunk does not understand.
        call(rust.set(&mut trunk).env_remove("NO_COLOR"))?;
        folder::finish(&folder, is_release)?;
        // What changes meanwhile is newer than the page.
        let page = folder.join("index.html");
        let dated = File::options().write(true).open(&page).and_then(|file| file.set_modified(began));
        dated.map_err(|error| format!("{}: {error}", page.display()))
    })?;
    Ok(folder)
}

/// A release of the page that is built while other stages run: what makes it small keeps one core busy for minutes.
pub struct Beside {
    build: Child,
    said: PathBuf,
}

/// Starts it. If another stage fails, the build goes on to its end.
pub fn beside(stages: &mut Stages, why: &str) -> Result<Beside> {
    // Two that install packages at once stand in each other's way.
    stages.run("what the page is built with", |_| {
        Rust::find()?;
        debian::require_programs(&NODE, &NODE_PACKAGES, "wasm-opt")
    })?;
    let said = target().join("page.log");
    let start = || {
        std::fs::create_dir_all(target())?;
        let log = File::create(&said)?;
        let own = std::env::current_exe()?;
        command(own, &["build", "--release"]).stderr(log.try_clone()?).stdout(log).spawn()
    };
    let build = start().map_err(|error| format!("cannot build the page into {}: {error}", said.display()))?;
    println!("the page is built meanwhile ({why}): {}", said.display());
    Ok(Beside { build, said })
}

impl Beside {
    /// Fails, and shows what it said, where the build has failed already.
    pub fn check(&mut self) -> Result<()> {
        match self.build.try_wait() {
            Ok(Some(status)) if !status.success() => self.wait(),
            _ => Ok(()),
        }
    }

    /// Waits for its end, and shows what it said.
    pub fn wait(&mut self) -> Result<()> {
        let ended = self.build.wait();
        print!("{}", String::from_utf8_lossy(&std::fs::read(&self.said).unwrap_or_default()));
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the page was not built ({status})")),
            Err(error) => Err(format!("cannot wait for the page: {error}")),
        }
    }
}

/// Which compiler makes WebAssembly here.
enum Rust {
    /// The one in use has the target.
    Own,
    /// Debian's, which builds the standard library too.
    Debian,
}

impl Rust {
    fn find() -> Result<Self> {
        let has_target = || {
            let library = asked("rustc", &["--print", "target-libdir", "--target", TARGET]);
            library.is_some_and(|folder| Path::new(&folder).is_dir())
        };
        if has_target() {
            println!("rustc has {TARGET}");
            return Ok(Self::Own);
        }
        println!("rustup adds {TARGET}, if it reaches its server");
        if asked("rustup", &["target", "add", TARGET]).is_some() && has_target() {
            return Ok(Self::Own);
        }
        debian::require(&DEBIAN_RUST, "WebAssembly without rustup's server")?;
        Ok(Self::Debian)
    }

    /// Makes a command use it.
    fn set<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let mut path = vec![programs(), node_tools()];
        if matches!(self, Self::Debian) {
            // Debian's cargo goes first, and the linker comes from the Rust in use.
            path.insert(0, PathBuf::from("/usr/bin"));
            path.extend(linker());
            command
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("CARGO");
        }
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        // Only a path with the separator in it cannot be joined, and none of ours has one.
        command.env("PATH", std::env::join_paths(path).unwrap_or_default())
    }
}

/// The folder of rust-lld.
fn linker() -> Option<PathBuf> {
    let sysroot = asked("rustc", &["--print", "sysroot"])?;
    let hosts = std::fs::read_dir(Path::new(&sysroot).join("lib/rustlib")).ok()?;
    hosts.flatten().map(|host| host.path().join("bin")).find(|folder| folder.join("rust-lld").exists())
}

fn programs() -> PathBuf {
    tools::folder().join("bin")
}

fn node_tools() -> PathBuf {
    tools::folder().join("node_modules").join(".bin")
}

/// Makes sure that wasm-opt is there.
fn wasm_opt() -> Result<()> {
    let own = node_tools().join("wasm-opt");
    if let Some(said) = asked(&own, &["--version"]) {
        println!("{said}");
        return Ok(());
    }
    debian::require_programs(&NODE, &NODE_PACKAGES, "wasm-opt")?;
    let folder = tools::folder().to_string_lossy().into_owned();
    let package = format!("binaryen@{BINARYEN}");
    call(&mut command("npm", &["install", "--no-save", "--ignore-scripts", "--prefix", &folder, &package]))
}

/// Makes sure that a tool of that very version lies among ours.
fn tool(program: &str, package: &str, version: &str, arguments: &[&str]) -> Result<()> {
    let own = programs().join(program);
    let said = asked(&own, &["--version"]).unwrap_or_default();
    if said.split(' ').any(|word| word == version) {
        println!("{said}");
        return Ok(());
    }
    let install = |locked: &[&str]| tools::install(package, version, &[arguments, locked].concat());
    // A registry's copy may lack a version that the package's own lock file names.
    install(&["--locked"]).or_else(|_| install(&[]))
}

/// The version of a package in Cargo.lock.
fn locked(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&entry).ok_or_else(|| format!("Cargo.lock does not name {package}"))?;
    let version = rest.split('"').next().unwrap_or_default();
    Ok(version.to_owned())
}
