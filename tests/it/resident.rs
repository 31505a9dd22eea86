//! Parts of a base model that come and go: what comes out is the same, and a part that comes back is the one that went.
use super::inversion::{job, run, sample};
use super::reference::{device, engine, path};
use instructbrush::platform::folder::FolderSource;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{EditJob, Event, Heard, InvertJob, Job, Memory, Outcome, Reply};
use instructbrush::tensor::picture::Picture;
use safetensors::SafeTensors;

/// An edit in words, and the parts that were loaded for it. A preview is asked for at each step.
fn edit(engine: &mut Engine<FolderSource>, text: &str) -> instructbrush::Result<(Picture, Vec<String>, usize)> {
    let picture = sample("dog2cat")[0].before.clone();
    let job = EditJob { steps: Some(3), size: Some(64), ..EditJob::new(picture, Heard::Text(text.into())) };
    let (mut loaded, mut previews) = (Vec::new(), 0);
    let outcome = pollster::block_on(engine.run(Job::Edit(Box::new(job)), &mut |event| {
        match event {
            Event::Loading { part } => loaded.push(part),
            Event::Step { .. } => return Reply::Preview,
            Event::Preview { .. } => previews += 1,
            _ => {}
        }
        Reply::Continue
    }))?;
    match outcome {
        Outcome::Picture(picture) => Ok((picture, loaded, previews)),
        other => panic!("an edit ended in {other:?}"),
    }
}

#[test]
fn with_little_memory_a_part_is_there_only_where_it_works() {
    let (mut high, mut low) = (engine(), engine());
    high.set_memory(Memory::High);
    low.set_memory(Memory::Low);
    let (picture, loaded, previews) = edit(&mut high, "make it night").unwrap();
    assert_eq!((loaded.len(), previews), (0, 3));
    // all are there at first; then the VAE is, which came last
    for again in [false, true] {
        let (same, loaded, previews) = edit(&mut low, "make it night").unwrap();
        assert!(same == picture, "another picture (again: {again})");
        assert_eq!(loaded, ["unet", "vae"], "again: {again}");
        assert_eq!(previews, 0, "previews want the VAE");
    }
    assert_eq!(edit(&mut low, "make it snow").unwrap().1, ["text_encoder", "unet", "vae"]);

    let held_out = sample("dog2cat").split_off(9);
    for (held_out, wanted) in [(Vec::new(), vec!["unet"]), (held_out, vec!["vae", "unet"])] {
        let job =
            InvertJob { held_out, memory: Memory::High, preview: Some(sample("dog2cat")[0].before.clone()), ..job() };
        let wanted_previews = if job.held_out.is_empty() { 0 } else { 6 };
        let learn = |engine: &mut Engine<FolderSource>| {
            let (mut loaded, mut previews) = (Vec::new(), 0);
            let learned = run(engine, job.clone(), |event| {
                match event {
                    Event::Loading { part } if part != "text_encoder" => loaded.push(part.clone()),
                    Event::Learned { .. } => return Reply::Preview,
                    Event::Preview { .. } => previews += 1,
                    _ => {}
                }
                Reply::Continue
            });
            (learned.unwrap(), loaded, previews)
        };
        let (whole, loaded, previews) = learn(&mut high);
        assert_eq!((loaded.len(), previews), (0, 6));
        let (sparing, loaded, previews) = learn(&mut low);
        assert_eq!((loaded, previews), (wanted.into_iter().map(String::from).collect(), wanted_previews));
        assert_eq!(sparing.instruction, whole.instruction, "parts in turn change nothing");
        assert_eq!((sparing.losses, sparing.held_out), (whole.losses, whole.held_out));
    }
}

#[test]
fn a_part_that_comes_back_must_be_the_one_that_went() {
    let folder = tempfile::tempdir().unwrap();
    copy(&path("tests/golden/demo"), folder.path());
    let source = FolderSource::open(folder.path().to_owned()).unwrap();
    let mut engine = pollster::block_on(Engine::load(device(), source, &mut |_| Reply::Continue)).unwrap();
    engine.set_memory(Memory::Low);
    let (picture, ..) = edit(&mut engine, "make it night").unwrap();
    for (part, telling) in [("unet", "conv_out.weight"), ("vae", "decoder.conv_out.weight")] {
        let file = folder.path().join(part).join("diffusion_pytorch_model.safetensors");
        let whole = std::fs::read(&file).unwrap();
        let mut other = whole.clone();
        let (header, metadata) = SafeTensors::read_metadata(&whole).unwrap();
        other[8 + header + metadata.info(telling).unwrap().data_offsets.1 - 1] ^= 128; // another sign
        for (bytes, wanted) in [(Some(&other), "the weights are not those"), (None, part)] {
            match bytes {
                Some(bytes) => std::fs::write(&file, bytes).unwrap(),
                None => std::fs::remove_file(&file).unwrap(),
            }
            let error = edit(&mut engine, "make it night").err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(wanted) && error.contains(part), "{error}");
        }
        std::fs::write(&file, &whole).unwrap();
        assert!(edit(&mut engine, "make it night").unwrap().0 == picture, "the model is well again");
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
