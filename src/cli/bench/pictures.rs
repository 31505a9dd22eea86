//! Pictures: the test pictures as they were compared, and the row of single segments.
use super::store::{Store, TESTS};
use crate::bench::record::Key;
use crate::cli::args::read_instruction;
use crate::cli::base_model::{self, BaseSource};
use crate::cli::progress::Progress;
use crate::platform::files::read_picture;
use crate::service::bench::BenchJob;
use crate::service::engine::Engine;
use crate::service::job::{EditJob, ExemplarPair, Heard, Job, Outcome};
use crate::tensor::picture::Picture;
use crate::{Error, Result};
use std::path::Path;

/// Writes the test pictures of an effect, or sees that those which are there are the same.
///
/// # Errors
/// [`Error::Usage`] when they are others: results of one folder must be comparable; [`Error::Io`].
pub fn keep_tests(store: &Store, effect: &str, tests: &[ExemplarPair]) -> Result<()> {
    let folder = store.folder(effect, TESTS);
    if !folder.is_dir() {
        let mut files = Vec::new();
        for test in tests {
            files.push((format!("{}_0.png", test.name), test.before.encode_png(&[])?));
            files.push((format!("{}_1.png", test.name), test.after.encode_png(&[])?));
        }
        return store.put(effect, TESTS, &files);
    }
    for test in tests {
        for (side, picture) in [(0, &test.before), (1, &test.after)] {
            let path = folder.join(format!("{}_{side}.png", test.name));
            let there = read_picture(&path)?;
            if there != *picture {
                return Err(Error::Usage(format!(
                    "{} is {} and not the picture of {} that this run compares with; give another --out, or the same root \
                     and --size",
                    path.display(),
                    there.size(),
                    picture.size()
                )));
            }
        }
    }
    Ok(())
}

/// The test pictures as they were compared, and what a result made of them.
///
/// # Errors
/// A picture that cannot be read.
pub fn compared(
    store: &Store,
    effect: &str,
    key: &Key,
    tests: &[ExemplarPair],
) -> Result<(Vec<ExemplarPair>, Vec<Picture>)> {
    let (folder, results) = (store.folder(effect, TESTS), store.folder(effect, &key.folder()));
    let mut pairs = Vec::new();
    for test in tests {
        let side = |side: usize| read_picture(&folder.join(format!("{}_{side}.png", test.name)));
        pairs.push(ExemplarPair { name: test.name.clone(), before: side(0)?, after: side(1)? });
    }
    let result = |test: &ExemplarPair| read_picture(&results.join(format!("{}.png", test.name)));
    Ok((pairs, tests.iter().map(result).collect::<Result<_>>()?))
}

/// The first test picture edited with each segment of an instruction alone: `segment_0.png` (least noise), ….
///
/// # Errors
/// What the engine says, or that the instruction cannot be read.
pub fn segments_row(
    engine: &mut Engine<BaseSource>,
    instruction: &Path,
    job: &BenchJob,
    progress: &mut Progress,
) -> Result<Vec<(String, Vec<u8>)>> {
    let instruction = read_instruction(instruction)?;
    let segments = instruction.segments.len();
    let mut row = Vec::new();
    let Some(test) = job.tests.first() else { return Ok(row) };
    for segment in 0..segments {
        let edit = EditJob {
            steps: job.edit_steps,
            sampler: job.sampler,
            seed: job.learning.seed,
            size: job.learning.size,
            segments: (0..segments).map(|k| k == segment).collect(),
            ..EditJob::new(test.before.clone(), Heard::Instruction(Box::new(instruction.clone())))
        };
        let edit = Job::Edit(Box::new(edit));
        let outcome = pollster::block_on(engine.run(edit, &mut |event| base_model::reply(progress, &event)))?;
        let Outcome::Picture(picture) = outcome else { return Err(base_model::other_outcome()) };
        row.push((format!("segment_{segment}.png"), picture.encode_png(&[])?));
    }
    Ok(row)
}
