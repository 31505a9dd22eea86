//! Scenes: writes drawn pairs of an effect as a folder that can be learned from, or of all as a benchmark's.
use super::args::{seed, whole};
use super::{Ending, outputs, print};
use crate::platform::files::write_atomically;
use crate::scenes::effects::{Effect, benchmark_seed, effect, effects};
use crate::scenes::{Group, Pair};
use crate::tensor::picture::Picture;
use crate::{Error, Result};
use clap::Args;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "Examples:
  Ten pairs to learn midnight from, and five to test it on (DIR/0_0.png, 0_1.png, …, DIR/test/, DIR/instruction.txt):
    instructbrush scenes --effect midnight --out midnight/
  The drawn benchmark: a folder for each of the 25 effects:
    instructbrush scenes --all --out drawn/
  A picture of four pairs of every effect:
    instructbrush scenes --all --pairs 4 --sheet sheet.png";

/// What may be typed after `scenes`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ScenesArgs {
    /// Effects by name; several get a folder each
    #[arg(long, value_name = "NAME", num_args = 1.., required_unless_present_any = ["all", "list"])]
    effect: Vec<String>,
    /// The 25 effects of the benchmark, a folder each
    #[arg(long, conflicts_with = "effect")]
    all: bool,
    /// List the effects and their instructions
    #[arg(long, conflicts_with_all = ["effect", "all", "out", "sheet"])]
    list: bool,
    /// The folder to write
    #[arg(long, value_name = "DIR", required_unless_present_any = ["sheet", "list"])]
    out: Option<PathBuf>,
    /// Pairs to learn from
    #[arg(long, value_name = "N", default_value = "10", value_parser = whole(1..=100_000), allow_negative_numbers = true)]
    pairs: usize,
    /// Pairs to test on, in a folder test/
    #[arg(long, value_name = "N", default_value = "5", value_parser = whole(0..=100_000), allow_negative_numbers = true)]
    tests: usize,
    /// Another seed draws other scenes
    #[arg(long, value_name = "S", default_value = "0", value_parser = seed, allow_negative_numbers = true)]
    seed: u64,
    /// Side of a picture in pixels
    #[arg(long, value_name = "PX", default_value = "128", value_parser = whole(64..=1024), allow_negative_numbers = true)]
    size: usize,
    /// Write one picture that shows all pairs to learn from, a row per effect
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
}

/// Draws and writes.
pub fn run(args: &ScenesArgs) -> Result<Ending> {
    if args.list {
        return list().map(|()| Ending::Done);
    }
    let chosen = chosen(args)?;
    if let Some(sheet) = &args.sheet {
        check_sheet(args, chosen.len(), sheet)?;
    }
    if let Some(out) = &args.out {
        let folders: Vec<_> = chosen
            .iter()
            .map(|effect| if chosen.len() == 1 && !args.all { out.clone() } else { out.join(effect.name) })
            .collect();
        for folder in &folders {
            check_folder(folder, &names(args))?;
        }
        for (effect, folder) in chosen.iter().zip(&folders) {
            write_set(args, effect, folder)?;
        }
    }
    if let Some(path) = &args.sheet {
        write_atomically(path, &sheet(args, &chosen).encode_png(&[])?)?;
    }
    Ok(Ending::Done)
}

/// The seed of a pair; a test's does not depend on how many pairs there are.
fn pair(args: &ScenesArgs, effect: &Effect, index: usize, is_test: bool) -> Pair {
    let index = index as u64 + if is_test { 1 << 32 } else { 0 };
    effect.pair(benchmark_seed(args.seed, index), args.size)
}

fn list() -> Result<()> {
    let width = effects().map(|effect| effect.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for effect in effects() {
        let group = if effect.group == Group::Global { "global" } else { "local " };
        let mut about = Vec::new();
        about.extend(effect.benchmark.then_some("benchmark"));
        about.extend(effect.held_out.then_some("held out of training"));
        about.extend(effect.family.then_some("a family, for training only"));
        let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        let instruction = effect.phrasings.first().unwrap_or(&"");
        text += &format!("{:width$}  {group}  {instruction}{about}\n", effect.name);
    }
    print::text(&text)
}

fn chosen(args: &ScenesArgs) -> Result<Vec<&'static Effect>> {
    if args.all {
        return Ok(effects().filter(|effect| effect.benchmark).collect());
    }
    let mut chosen: Vec<&'static Effect> = Vec::new();
    for name in &args.effect {
        let effect = effect(name).ok_or_else(|| unknown(name))?;
        if effect.family {
            return Err(Error::Usage(format!(
                "--effect {name} does something else to every picture, so its pairs have no edit in common; \
                 choose one without “family” in --list"
            )));
        }
        if chosen.iter().any(|other| other.name == effect.name) {
            return Err(Error::Usage(format!("--effect names {name} twice; name it once")));
        }
        chosen.push(effect);
    }
    Ok(chosen)
}

fn unknown(name: &str) -> Error {
    let wanted = name.to_lowercase().replace(['-', ' '], "_");
    let near = effects().map(|effect| (distance(&wanted, effect.name), effect.name)).min();
    let hint = match near {
        Some((distance, near)) if distance <= 2 + near.len() / 4 => format!("did you mean {near}? "),
        _ => String::new(),
    };
    Error::Usage(format!("there is no effect “{name}”; {hint}scenes --list shows all"))
}

/// How many letters must be put in, left out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..b.len() {
            let change = diagonal + usize::from(letter != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The files of a set, relative to its folder.
fn names(args: &ScenesArgs) -> HashSet<PathBuf> {
    let sides = |index: usize| [format!("{index}_0.png"), format!("{index}_1.png")];
    let mut names: HashSet<PathBuf> = (0..args.pairs).flat_map(sides).map(PathBuf::from).collect();
    names.extend((0..args.tests).flat_map(sides).map(|name| Path::new("test").join(name)));
    names.insert("instruction.txt".into());
    names
}

/// Refuses a folder that has anything that would not be replaced: it would be taken for a part of the set.
fn check_folder(folder: &Path, names: &HashSet<PathBuf>) -> Result<()> {
    if folder.exists() && !folder.is_dir() {
        return Err(Error::Usage(format!("--out {}: this is a file; name a folder", folder.display())));
    }
    for inside in ["", "test"] {
        let Ok(entries) = std::fs::read_dir(folder.join(inside)) else { continue };
        for entry in entries.flatten() {
            let name = Path::new(inside).join(entry.file_name());
            if name != Path::new("test") && !names.contains(&name) {
                return Err(Error::Usage(format!(
                    "--out {}: there are other files, first {}; name a new or an empty folder",
                    folder.display(),
                    name.display()
                )));
            }
        }
    }
    outputs::check_writable(&folder.join("instruction.txt"), true)
}

fn write_set(args: &ScenesArgs, effect: &Effect, folder: &Path) -> Result<()> {
    let test = folder.join("test");
    if args.tests > 0 {
        outputs::check_writable(&test.join("0_0.png"), true)?;
    }
    for (folder, n, is_test) in [(folder, args.pairs, false), (test.as_path(), args.tests, true)] {
        for index in 0..n {
            let pair = pair(args, effect, index, is_test);
            for (side, picture) in [pair.before, pair.after].iter().enumerate() {
                write_atomically(&folder.join(format!("{index}_{side}.png")), &picture.encode_png(&[])?)?;
            }
        }
    }
    let mut text = effect.phrasings.join("\n");
    text.push('\n');
    write_atomically(&folder.join("instruction.txt"), text.as_bytes())
}

/// Between two pairs of a sheet, in pixels.
const GAP: usize = 4;

/// No sheet has more pixels a side.
const LARGEST_SHEET: usize = 16_384;

fn sheet_size(args: &ScenesArgs, n_effects: usize) -> (usize, usize) {
    (args.pairs * (2 * args.size + GAP) + GAP, n_effects * (args.size + GAP) + GAP)
}

fn check_sheet(args: &ScenesArgs, n_effects: usize, path: &Path) -> Result<()> {
    let (width, height) = sheet_size(args, n_effects);
    if width.max(height) > LARGEST_SHEET {
        return Err(Error::Usage(format!(
            "--sheet would be {width}×{height} pixels, over {LARGEST_SHEET} a side; take fewer --pairs or a smaller --size"
        )));
    }
    if path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("png")) {
        return Err(Error::Usage(format!("--sheet {}: the name must end with .png", path.display())));
    }
    outputs::check_writable(path, false)
}

/// A row per effect: before, after, before, after, ….
fn sheet(args: &ScenesArgs, chosen: &[&Effect]) -> Picture {
    let (width, height) = sheet_size(args, chosen.len());
    let mut sheet = Picture { width, height, rgb: vec![255; 3 * width * height] };
    for (row, effect) in chosen.iter().enumerate() {
        for column in 0..args.pairs {
            let pair = pair(args, effect, column, false);
            for (side, picture) in [pair.before, pair.after].iter().enumerate() {
                let left = GAP + column * (2 * args.size + GAP) + side * args.size;
                let top = GAP + row * (args.size + GAP);
                for (y, line) in picture.rgb.chunks_exact(3 * args.size).enumerate() {
                    sheet.rgb[3 * ((top + y) * width + left)..][..line.len()].copy_from_slice(line);
                }
            }
        }
    }
    sheet
}
