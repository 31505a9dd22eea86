//! Bench: run methods on a folder of effects, measure them, and write tables and a page; any part can be continued.
mod args;
mod before;
mod cell;
mod finish;
mod merge;
mod page;
mod pictures;
mod plan;
mod root;
mod store;

pub use args::BenchArgs;

use super::alone::Alone;
use super::progress::{Progress, counted};
use super::{Ending, base_model, outputs, stop};
use crate::bench::methods::Method;
use crate::bench::table::label;
use crate::platform::files::read_file;
use crate::{Error, Result};
use cell::Bench;
use finish::About;
use plan::Cell;
use std::path::Path;
use std::sync::Arc;
use store::Store;

/// Runs the benchmark, or merges parts of it.
pub fn run(args: BenchArgs, quiet: bool) -> Result<Ending> {
    match args.merge() {
        Some((out, shards)) => merge::run(out, shards, quiet),
        None => run_here(&args, quiet),
    }
}

fn run_here(args: &BenchArgs, quiet: bool) -> Result<Ending> {
    stop::listen()?;
    let (root, out) = args.folders()?;
    let learns = args.methods.iter().any(|method| method.learns());
    let most = args.shots.iter().copied().max().filter(|_| learns).unwrap_or_default();
    let effects = root::effects(root, &args.effects, most)?;
    let store = Store::new(out);
    store.check_outside(root)?;
    store.check_free()?;
    outputs::check_writable(&out.join("report.html"), true)?;
    let lpips = args.lpips.as_deref().map(|path| read_file(path, "read LPIPS' weights")).transpose()?.map(Arc::new);
    let phrases = args.phrases.read()?;
    let mut progress = Progress::new(quiet).terse();
    let engine = base_model::load(&args.base_model, args.phrases.clip.as_deref(), &mut progress)?;
    if let Some(bytes) = &lpips {
        // before hours of learning, not after them
        engine.lpips(bytes).map_err(|error| {
            let file = args.lpips.as_deref().unwrap_or(Path::new("--lpips")).display();
            Error::Checkpoint(format!(
                "{file}: these are not LPIPS' weights as examples/lpips/convert.py writes them ({error})"
            ))
        })?;
    }
    let mut bench = Bench { args, engine, store, lpips, phrases };
    let _alone = Alone::inside(out)?;
    let keys = bench.keys();
    let all: Vec<Cell<'_>> =
        effects.iter().flat_map(|effect| keys.iter().map(|key| Cell { effect, key: *key })).collect();
    let mut about = About::of(out).and(About::planned(&all));
    let cells = plan::shard(all, args.shard, args.segments);
    bench.check_before(&cells, &mut progress)?;
    finish::begin(&bench.store, &about)?;
    let known: Vec<&str> = effects.iter().filter(|effect| effect.is_known).map(|effect| effect.name.as_str()).collect();
    if !known.is_empty() && args.methods.contains(&Method::Ip2p) {
        progress.warn(&format!("there is no instruction.txt for {}: TOP-Bench's words are taken", known.join(", ")));
    }
    let n_cells = cells.len();
    if let (0, Some(shard)) = (n_cells, args.shard) {
        let all = counted(effects.len() * keys.len(), "result");
        progress.say(&format!("nothing to do for shard {shard}: all there is to make is {all}"));
    }
    let (mut done, mut failed) = (0, None);
    for (i, cell) in cells.iter().enumerate() {
        stop::check()?;
        let name = format!("{}, {}", cell.effect.name, label(&cell.key, &keys));
        match bench.run(cell, format!("{name} ({} of {n_cells})", i + 1), &mut progress) {
            Ok(cell::Ended::Made(psnr)) => {
                let psnr = psnr.map_or("skipped".to_owned(), |psnr| format!("{psnr:.2} dB"));
                progress.say(&format!("{name}: {psnr}"));
            }
            Ok(cell::Ended::WasThere) => done += 1,
            Err(error @ Error::Cancelled) => {
                drop(progress);
                super::print::note("what is done is kept; the same command goes on from here");
                return Err(error);
            }
            Err(error) => {
                let others_may_fare_better = is_of_effect(&error);
                progress.warn(&format!("{name}: {error}"));
                about.failed.insert(cell.name(), error.to_string());
                failed = failed.or(Some(of_result(&name, error)));
                if !others_may_fare_better {
                    break;
                }
            }
        }
    }
    if done > 0 {
        progress.say(&format!("of {} {done} there already", counted(n_cells, "result")));
    }
    drop(progress);
    let ending = finish::run(&bench.store, about, args.shard.is_some(), quiet);
    match (failed, ending) {
        (Some(first), ending) => {
            ending.err().iter().for_each(|error| super::print::note(&error.to_string()));
            Err(first)
        }
        (None, ending) => ending,
    }
}

/// Whether other effects may fare better.
fn is_of_effect(error: &Error) -> bool {
    matches!(error, Error::Picture(_) | Error::Pairs(_) | Error::Computation(_) | Error::Instruction(_))
}

/// Says which result it was.
fn of_result(name: &str, error: Error) -> Error {
    match error {
        Error::Picture(what) => Error::Picture(format!("{name}: {what}")),
        Error::Pairs(what) => Error::Pairs(format!("{name}: {what}")),
        Error::Computation(what) => Error::Computation(format!("{name}: {what}")),
        Error::Instruction(what) => Error::Instruction(format!("{name}: {what}")),
        other => other,
    }
}
