//! Plan: which results there are to make, and which of them are a shard's.
use super::root::Effect;
use crate::bench::record::Key;
use std::fmt;
use std::str::FromStr;

/// One result to make.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// Of which effect.
    pub effect: &'a Effect,
    /// By which method, from how many pairs, in how many steps.
    pub key: Key,
}

impl Cell<'_> {
    /// Of the result, as its folder has it: `snow/instructbrush-10-pairs-100-steps`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.effect.name, self.key.folder())
    }
}

/// The i-th of n parts, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    i: usize,
    n: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let numbers = typed.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((i, n)) if (1..=n).contains(&i) => Ok(Self { i, n }),
            _ => Err("it must be part/parts, counted from 1, such as 3/25".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.i, self.n)
    }
}

/// The results of a shard, in their order. The dearest are dealt first, one to each shard in turn, so that shards take about
/// equally long.
pub fn shard(cells: Vec<Cell<'_>>, shard: Option<Shard>, segments: usize) -> Vec<Cell<'_>> {
    let Some(Shard { i, n }) = shard else { return cells };
    let cost = |cell: &Cell<'_>| {
        let Key { method, steps, .. } = cell.key;
        method.segments(segments) * method.steps_per_segment(steps, segments)
    };
    let mut dealt: Vec<usize> = (0..cells.len()).collect();
    dealt.sort_by_key(|&at| std::cmp::Reverse(cost(&cells[at]))); // stable
    let mut own: Vec<usize> = dealt.into_iter().skip(i - 1).step_by(n).collect();
    own.sort_unstable();
    own.into_iter().map(|at| cells[at]).collect()
}
