//! Merge: the results of shards put into one folder; what is merged once stays as it is.
use super::store::{RECORD, Store, files, folders};
use super::{Ending, finish};
use crate::cli::outputs;
use crate::cli::print;
use crate::cli::progress::counted;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Copies what the shards have and `out` lacks, then writes the tables and the page of all.
///
/// # Errors
/// [`Error::Usage`]: a shard named twice or without results, or two results of one name that are not the same.
pub fn run(out: &Path, shards: &[PathBuf], quiet: bool) -> Result<Ending> {
    check_named_once(out, shards)?;
    outputs::check_writable(&out.join("report.html"), true)?;
    let store = Store::new(out);
    for shard in shards {
        let (copied, there) = merge(&store, shard)?;
        if copied + there == 0 {
            return Err(Error::Usage(format!(
                "{}: there are no results in it; name the --out of a shard",
                shard.display()
            )));
        }
        if !quiet {
            let there = match there {
                0 => String::new(),
                n => format!(", {n} that were there already are left as they are"),
            };
            print::note(&format!("{}: {} copied{there}", shard.display(), counted(copied, "result")));
        }
    }
    finish::run(&store, quiet)
}

/// Copies a shard's folders; how many results were copied and how many were there.
fn merge(store: &Store, shard: &Path) -> Result<(usize, usize)> {
    let (mut copied, mut there) = (0, 0);
    for effect in folders(shard)? {
        for folder in folders(&effect)? {
            let is_result = usize::from(folder.join(RECORD).is_file());
            let [effect, name] = [&effect, &folder].map(|path| name(path));
            let target = store.folder(&effect, &name);
            let own = files(&folder)?;
            if !target.is_dir() {
                store.put(&effect, &name, &own)?;
                copied += is_result;
            } else if files(&target)? == own {
                there += is_result;
            } else {
                return Err(Error::Usage(format!(
                    "{} and {} are two results of one name that are not the same; merge shards of one benchmark, each once",
                    folder.display(),
                    target.display()
                )));
            }
        }
    }
    Ok((copied, there))
}

fn check_named_once(out: &Path, shards: &[PathBuf]) -> Result<()> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for shard in shards {
        if !shard.is_dir() {
            return Err(Error::Usage(format!(
                "{}: there is no such folder; name the --out of a shard",
                shard.display()
            )));
        }
        let real = shard.canonicalize().unwrap_or_else(|_| shard.clone());
        if seen.contains(&real) {
            return Err(Error::Usage(format!("{} is named twice; name each shard once", shard.display())));
        }
        if out.canonicalize().is_ok_and(|out| out == real) {
            return Err(Error::Usage(format!("{} is --out itself; name another folder", shard.display())));
        }
        seen.push(real);
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
