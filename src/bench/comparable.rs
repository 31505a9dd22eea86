//! Comparable: which results can stand in one table.
use super::record::Record;
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// What all results of one table must have been made with: JSON pointers into the settings, where a result has them.
const COMMON: [&str; 10] = [
    "/base_model",
    "/vae",
    "/clip",
    "/size",
    "/edit/steps",
    "/edit/sampler",
    "/edit/timestep_spacing",
    "/edit/seed",
    "/edit/guidance_scale",
    "/edit/image_guidance_scale",
];

/// Whether results can stand in one table: all made with one model in one way, those of one row learned in one way, those of
/// one effect compared on the same pictures and, where CLIP compared them, with the same change.
///
/// # Errors
/// [`Error::Usage`], naming the first two that cannot.
pub fn check_comparable(records: &[Record]) -> Result<()> {
    let all: Vec<&Record> = records.iter().filter(|record| record.skipped.is_none()).collect();
    for name in COMMON {
        check(&all, &shown(name), |record| setting(record, name))?;
    }
    check(&all, "LPIPS' weights", |record| record.measured_with.lpips.as_ref())?;
    check(&all, "Direct.'s CLIP", |record| record.measured_with.clip.as_ref())?;
    for (_, row) in grouped(&all, |record| record.key) {
        let names: BTreeSet<&String> =
            row.iter().filter_map(|record| learning(record)).flat_map(|all| all.keys()).collect();
        // the pairs are each effect's own
        for name in names.into_iter().filter(|name| *name != "pairs") {
            check(&row, &format!("learning.{name}"), |record| learning(record)?.get(name))?;
        }
    }
    for (_, effect) in grouped(&all, |record| record.effect.as_str()) {
        check(&effect, "test pictures", |record| setting(record, "/tests"))?;
        let compared = |record: &&&Record| record.measured_with.clip.is_some();
        let compared: Vec<&Record> = effect.iter().filter(compared).copied().collect();
        check(&compared, "pairs to compare with", |record| setting(record, "/reference"))?;
    }
    Ok(())
}

fn setting<'a>(record: &'a Record, pointer: &str) -> Option<&'a Value> {
    record.settings.pointer(pointer).filter(|value| !value.is_null())
}

/// `/edit/steps` → `edit.steps`.
fn shown(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn learning(record: &Record) -> Option<&Map<String, Value>> {
    setting(record, "/learning")?.as_object()
}

fn grouped<'a, K: Ord>(records: &[&'a Record], of: impl Fn(&'a Record) -> K) -> BTreeMap<K, Vec<&'a Record>> {
    let mut groups: BTreeMap<K, Vec<&Record>> = BTreeMap::new();
    for record in records {
        groups.entry(of(record)).or_default().push(record);
    }
    groups
}

/// Whether all values that there are, one of each record, are the same.
fn check<'a, V: PartialEq + Display + 'a>(
    records: &[&'a Record],
    name: &str,
    of: impl Fn(&'a Record) -> Option<&'a V>,
) -> Result<()> {
    let mut made = records.iter().filter_map(|record| Some((record, of(record)?)));
    let Some((first, then)) = made.next() else { return Ok(()) };
    match made.find(|(_, value)| *value != then) {
        None => Ok(()),
        Some((other, now)) => Err(Error::Usage(format!(
            "{} of {} was made with {name} = {then}, {} of {} with {now}; results with different ones cannot stand in one \
             table: give each its own --out",
            first.key.folder(),
            first.effect,
            other.key.folder(),
            other.effect
        ))),
    }
}
