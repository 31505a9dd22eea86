//! Edits: what the model makes of held-out scenes through the engine, as a user would meet it.
use burn::tensor::Device;
use instructbrush::platform::folder::FolderSource;
use instructbrush::scenes::Sample;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{EditJob, Heard, Job, Outcome, Reply};
use instructbrush::tensor::picture::Picture;
use instructbrush::{Error, Result};
use std::path::Path;

/// Mean PSNR in dB, over pairs: of the before picture against the truth, of the text edit against it.
pub struct Figures {
    /// What doing nothing gives.
    pub nothing: f64,
    /// What the text gives.
    pub text: f64,
}

/// Edits `pairs` with the model in `folder`.
pub async fn measure(folder: &Path, device: &Device, pairs: &[Sample], steps: usize) -> Result<Figures> {
    let mut engine = Engine::load(device.clone(), FolderSource::open(folder)?, &mut |_| Reply::Continue).await?;
    let mut figures = Figures { nothing: 0.0, text: 0.0 };
    for pair in pairs {
        let edited = edit(&mut engine, &pair.pair.before, &pair.instruction, steps).await?;
        figures.nothing += pair.pair.before.psnr(&pair.pair.after)?.min(60.0) / pairs.len() as f64;
        figures.text += edited.psnr(&pair.pair.after)? / pairs.len() as f64;
    }
    Ok(figures)
}

async fn edit(engine: &mut Engine<FolderSource>, picture: &Picture, text: &str, steps: usize) -> Result<Picture> {
    let mut job = EditJob::new(picture.clone(), Heard::Text(text.into()));
    job.steps = Some(steps);
    match engine.run(Job::Edit(Box::new(job)), &mut |_| Reply::Continue).await? {
        Outcome::Picture(picture) => Ok(picture),
        _ => Err(Error::Computation("an edit ended without a picture".into())),
    }
}
