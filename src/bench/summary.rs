//! Summary: the benchmark's tables as data, one for each group and one for each effect.
use super::record::{Key, Record, Scores, mean};
use super::top_bench::Group;
use serde::Serialize;
use std::collections::BTreeSet;

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Method, shots, steps.
    #[serde(flatten)]
    pub key: Key,
    /// How many effects it is the mean of.
    pub effects: usize,
    /// The mean; none where the method has no result.
    pub scores: Option<Scores>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// "Global", "all", or the effect's name.
    pub title: String,
    /// How many effects it is about.
    pub effects: usize,
    /// In the order of the methods, many pairs first.
    pub rows: Vec<Row>,
}

/// All tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Global, Local and Other as far as there are effects of them, then all.
    pub groups: Vec<Table>,
    /// Each effect, in the order of their names.
    pub effects: Vec<Table>,
    /// What is missing from the tables and why: whole sentences.
    pub notes: Vec<String>,
}

impl Summary {
    /// Of all results.
    pub fn of(records: &[Record]) -> Self {
        let mut keys: Vec<Key> = records.iter().map(|record| record.key).collect();
        keys.sort_by_key(|key| (key.steps, std::cmp::Reverse(key.shots), key.method));
        keys.dedup();
        let table = |title: String, chosen: Vec<&Record>| Table {
            title,
            effects: chosen.iter().map(|record| &record.effect).collect::<BTreeSet<_>>().len(),
            rows: keys.iter().filter_map(|key| row(*key, &chosen)).collect(),
        };
        let of_group = |group: Group| records.iter().filter(|record| record.group == group).collect::<Vec<_>>();
        let mut groups: Vec<Table> = [Group::Global, Group::Local, Group::Other]
            .into_iter()
            .map(|group| table(group.title().to_owned(), of_group(group)))
            .filter(|table| table.effects > 0)
            .collect();
        if groups.len() > 1 {
            groups.push(table("all".to_owned(), records.iter().collect()));
        }
        let names: BTreeSet<&String> = records.iter().map(|record| &record.effect).collect();
        let effects = names
            .into_iter()
            .map(|name| table(name.clone(), records.iter().filter(|record| record.effect == *name).collect()));
        Self { groups, effects: effects.collect(), notes: notes(records) }
    }
}

fn row(key: Key, records: &[&Record]) -> Option<Row> {
    let of_key: Vec<&&Record> = records.iter().filter(|record| record.key == key).collect();
    let scores: Vec<&Scores> = of_key.iter().filter_map(|record| record.scores.as_ref()).collect();
    (!of_key.is_empty()).then(|| Row { key, effects: scores.len(), scores: mean(scores) })
}

fn notes(records: &[Record]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for record in records {
        if let Some(why) = &record.skipped {
            notes.push(format!("{}, {}: {why}", record.effect, record.key.method.title()));
        }
    }
    notes.sort();
    notes.dedup();
    let measured: Vec<&Scores> = records.iter().filter_map(|record| record.scores.as_ref()).collect();
    if measured.iter().any(|scores| scores.lpips.is_none()) {
        notes.push(
            "LPIPS is empty where no weights were given: --lpips FILE, written by examples/lpips/convert.py".into(),
        );
    }
    if measured.iter().any(|scores| scores.direction.is_none()) {
        notes.push(
            "Direct. is empty where there was no CLIP: the base model has no clip/ folder, --clip DIR names one".into(),
        );
    }
    notes
}
