//! Merge: the results of shards put into one folder; what is merged once stays as it is. Nothing is copied before it is
//! known that everything can be.
use super::plan::Shard;
use super::store::{RECORD, RESULTS, SEGMENTS, Store, TESTS, files, folders, read_record};
use super::{Ending, finish};
use crate::bench::comparable::check_comparable;
use crate::bench::record::Record;
use crate::cli::alone::Alone;
use crate::cli::outputs;
use crate::cli::print;
use crate::cli::progress::counted;
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A folder of a shard: a result, its row of single segments, or an effect's test pictures.
struct Found {
    folder: PathBuf,
    /// Of a result.
    record: Option<Record>,
    /// By its place in the shards.
    shard: usize,
    is_new: bool,
}

/// Copies what the shards have and `out` lacks, then writes the tables and the page of all.
///
/// # Errors
/// [`Error::Usage`]: a folder named twice or that is no shard, two results of one name that are not the same, or results
/// that cannot stand in one table.
pub fn run(out: &Path, shards: &[PathBuf], quiet: bool) -> Result<Ending> {
    check_named_once(out, shards)?;
    let store = Store::new(out);
    store.check_free()?;
    let mut all = there(&store)?;
    for (i, shard) in shards.iter().enumerate() {
        look(shard, i, &mut all)?;
    }
    let records: Vec<Record> = all.values().filter_map(|found| found.record.clone()).collect();
    check_comparable(&records)?;
    outputs::check_writable(&out.join("report.html"), true)?;
    let _alone = Alone::inside(out)?;
    for ((effect, name), found) in all.iter().filter(|(_, found)| found.is_new) {
        store.put(effect, name, &files(&found.folder)?)?;
    }
    for (i, shard) in shards.iter().enumerate().filter(|_| !quiet) {
        let of_shard = all.values().filter(|found| found.is_new && found.shard == i && found.record.is_some()).count();
        let there = match results(shard)? - of_shard {
            0 => String::new(),
            n => format!(", {n} that were there already are left as they are"),
        };
        print::note(&format!("{}: {} copied{there}", shard.display(), counted(of_shard, "result")));
    }
    for missing in missing(shards) {
        print::note(&missing);
    }
    finish::run(&store, None, quiet)
}

/// A sentence for each number of parts of which the folders are some and not all.
fn missing(shards: &[PathBuf]) -> Vec<String> {
    let mut parts: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for shard in shards {
        // one that has not ended has no such file
        let results = std::fs::read(shard.join(RESULTS)).ok();
        let results = results.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
        if let Some(Ok(Shard { i, n })) = results.as_ref().and_then(|all| all["shard"].as_str()).map(str::parse) {
            parts.entry(n).or_default().insert(i);
        }
    }
    let lacks = |(n, there): (usize, BTreeSet<usize>)| {
        let missing: Vec<String> = (1..=n).filter(|i| !there.contains(i)).map(|i| i.to_string()).collect();
        (!missing.is_empty()).then(|| {
            format!("warning: of {n} parts {} are here and have ended; not {}", there.len(), missing.join(", "))
        })
    };
    parts.into_iter().filter_map(lacks).collect()
}

type All = BTreeMap<(String, String), Found>;

/// What the folder has.
fn there(store: &Store) -> Result<All> {
    let mut all = All::new();
    for effect in folders(store.out())? {
        for folder in folders(&effect)? {
            let record = record(&folder)?;
            let found = Found { record, shard: 0, is_new: false, folder: folder.clone() };
            all.insert((name(&effect), name(&folder)), found);
        }
    }
    Ok(all)
}

/// Adds what a shard has; of a result that was measured twice, the one with more scores.
fn look(shard: &Path, i: usize, all: &mut All) -> Result<()> {
    if results(shard)? == 0 && !shard.join(RESULTS).is_file() {
        return Err(Error::Usage(format!(
            "{}: there are no results in it; name the --out of a shard",
            shard.display()
        )));
    }
    for effect in folders(shard)? {
        let all_of_effect = folders(&effect)?;
        let is_result = |folder: &&PathBuf| folder.join(RECORD).is_file();
        let of_results: Vec<String> = all_of_effect.iter().filter(is_result).map(|folder| name(folder)).collect();
        let belongs = |name: &str| {
            let row = name.strip_suffix(SEGMENTS).unwrap_or(name);
            name == TESTS || of_results.iter().any(|result| result == row)
        };
        for folder in all_of_effect.iter().filter(|folder| !of_results.is_empty() && belongs(&name(folder))) {
            let found = Found { record: record(folder)?, shard: i, is_new: true, folder: folder.clone() };
            let key = (name(&effect), name(folder));
            match all.get(&key) {
                Some(other) if !replaces(&found, other)? => {}
                _ => drop(all.insert(key, found)),
            }
        }
    }
    Ok(())
}

/// Whether a folder is to stand where another one of its name does: a result with scores that the other lacks.
fn replaces(found: &Found, other: &Found) -> Result<bool> {
    let pictures = |folder: &Path| -> Result<Vec<_>> {
        Ok(files(folder)?.into_iter().filter(|(name, _)| name != RECORD).collect())
    };
    let (now, then) = (&found.record, &other.record);
    let same = match (now, then) {
        (Some(now), Some(then)) => now.is_same_result(then),
        (None, None) => true,
        _ => false,
    };
    if !same || pictures(&found.folder)? != pictures(&other.folder)? {
        return Err(Error::Usage(format!(
            "{} and {} are two results of one name that are not the same; merge shards of one benchmark, each once",
            found.folder.display(),
            other.folder.display()
        )));
    }
    Ok(matches!((now, then), (Some(now), Some(then)) if then.measured_with.lacks(&now.measured_with)))
}

fn record(folder: &Path) -> Result<Option<Record>> {
    let path = folder.join(RECORD);
    if path.is_file() { read_record(&path).map(Some) } else { Ok(None) }
}

/// How many results a shard has.
fn results(shard: &Path) -> Result<usize> {
    let mut n = 0;
    for effect in folders(shard)? {
        n += folders(&effect)?.iter().filter(|folder| folder.join(RECORD).is_file()).count();
    }
    Ok(n)
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
