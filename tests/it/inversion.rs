//! Inversion: what must hold of every learning run, whatever it learns.
use super::reference::{base, device, engine, path, read, relative};
use burn::tensor::{Tensor, TensorData};
use instructbrush::Error;
use instructbrush::diffusion::guidance::Scales;
use instructbrush::diffusion::samplers::SamplerKind;
use instructbrush::diffusion::schedule::timesteps_of;
use instructbrush::instruction::adamw::AdamW;
use instructbrush::instruction::base::BaseModel;
use instructbrush::instruction::course::{Course, Pace};
use instructbrush::instruction::edit::{Sampling, sample as sampled};
use instructbrush::instruction::file::Precision;
use instructbrush::instruction::hearing::hear;
use instructbrush::instruction::inversion::{Drawn, Inversion, LatentPair, Settings};
use instructbrush::instruction::{Instruction, Objective, Rows, Space};
use instructbrush::platform::folder::FolderSource;
use instructbrush::platform::pairs::read_pairs;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{
    Event, ExemplarPair, InvertJob, Job, Learned, Memory, Outcome, PhraseSettings, Reply, Start,
};
use instructbrush::tensor::noise::Noise;
use std::collections::BTreeSet;

pub const START: &str = "turn the dog into a cat";

pub fn settings() -> Settings {
    Settings {
        segments: 5,
        at_once: 5,
        tokens: 6,
        rows: Rows::AfterBos,
        space: Space::Attention,
        scales: Scales { guidance: 1.5, image: 1.0 },
        optimiser: AdamW { learning_rate: 0.03, betas: (0.9, 0.999), weight_decay: 0.0 },
        pace: Course::Paper.pace(),
        steps: 100,
        seed: 0,
        recompute: false,
    }
}

pub fn sample(effect: &str) -> Vec<ExemplarPair> {
    read_pairs(&path(&format!("tests/golden/pairs/{effect}"))).unwrap()
}

/// Pairs of an effect in latent space, at a size.
pub fn latent_pairs(base: &BaseModel, effect: &str, size: usize) -> Vec<LatentPair> {
    let mode =
        |picture: &instructbrush::tensor::picture::Picture| base.image_latents(&picture.resize(size, size)).unwrap();
    let latent = |pair: ExemplarPair| LatentPair {
        image_latents: mode(&pair.before),
        target: mode(&pair.after).mul_scalar(base.vae().unwrap().scaling_factor()),
    };
    sample(effect).into_iter().map(latent).collect()
}

#[track_caller]
pub fn check_bits<const D: usize>(got: &Tensor<D>, wanted: &Tensor<D>) {
    let bits = |x: &Tensor<D>| read(x.clone()).into_iter().map(f32::to_bits).collect::<Vec<_>>();
    assert!(bits(got) == bits(wanted), "not the same to the bit");
}

#[test]
fn before_the_first_step_it_is_the_start_text() {
    let base = base("demo");
    let (null, text) = (base.project_text("").unwrap(), base.project_text(START).unwrap());
    let before = base.image_latents(&sample("dog2cat")[0].before.resize(64, 64)).unwrap();
    let sampling = Sampling { scales: settings().scales, steps: 3, sampler: SamplerKind::EulerAncestral, seed: 7 };
    let edited = |heard| pollster::block_on(sampled(&base, before.clone(), &heard, &null, sampling, async |_| Ok(())));
    let by_text = edited(instructbrush::diffusion::guidance::Heard { segments: vec![text.clone()] }).unwrap();
    let file = std::fs::read(path("tests/golden/edits/instruction_plain.safetensors")).unwrap();
    for rows in [Rows::AfterBos, Rows::First] {
        let settings = Settings { segments: 3, at_once: 2, rows, ..settings() };
        let inversion = Inversion::new(&base, latent_pairs(&base, "dog2cat", 64), START, settings).unwrap();
        let mut about = Instruction::decode(&file).unwrap().about;
        (about.start, about.tokens, about.rows) = (START.into(), settings.tokens, rows);
        let segments = pollster::block_on(inversion.learned()).unwrap();
        let instruction = Instruction { segments, about };
        // Through the file's own numbers, f32, and straight from the run.
        let instruction = Instruction::decode(&instruction.encode(Precision::F32).unwrap()).unwrap();
        for heard in [hear(&instruction, &text), inversion.heard()] {
            assert_eq!(heard.segments.len(), 3);
            for (got, wanted) in heard.segments.iter().flat_map(|layers| layers.iter().zip(&text)) {
                check_bits(&got.key, &wanted.key);
                check_bits(&got.value, &wanted.value);
            }
            check_bits(&edited(heard).unwrap(), &by_text);
        }
    }
}

/// Mean loss on the same pairs, timesteps and noise every time: what learning is to lower.
fn fixed_loss(inversion: &Inversion<'_>, pairs: &[LatentPair], settings: Settings) -> f64 {
    let (j, m) = (settings.segments, settings.tokens);
    let learned = pollster::block_on(inversion.numbers()).unwrap().learned;
    let leaves: Vec<Tensor<3>> = learned
        .into_iter()
        .map(|numbers| {
            let width = numbers.len() / j / m;
            Tensor::from_data(TensorData::new(numbers, [j, m, width]), &device())
        })
        .collect();
    const ROUNDS: usize = 6;
    let losses = (0..ROUNDS).flat_map(|round| {
        let drawn: Vec<Drawn> = (0..j)
            .map(|segment| {
                let (mut noise, owned) =
                    (Noise::new((100 + round * j + segment) as u64), timesteps_of(segment, j, 1000));
                let timestep = owned.start + (2 * round + 1) * owned.len() / (2 * ROUNDS);
                let pair = (3 * round + segment) % pairs.len();
                Drawn { pair, timestep, noise: noise.tensor(pairs[0].target.dims(), &device()) }
            })
            .collect();
        read(inversion.losses(&leaves, &drawn))
    });
    losses.map(f64::from).sum::<f64>() / (ROUNDS * j) as f64
}

#[test]
fn learning_lowers_the_loss() {
    let base = base("demo");
    let pairs = latent_pairs(&base, "teal", 128);
    for (space, steps) in [(Space::Attention, 15), (Space::Text, 15)] {
        let settings = Settings { space, ..settings() };
        let mut inversion = Inversion::new(&base, pairs.clone(), "turn mountains into a yellow", settings).unwrap();
        let before = fixed_loss(&inversion, &pairs, settings);
        (0..steps).for_each(|_| drop(inversion.step()));
        let after = fixed_loss(&inversion, &pairs, settings);
        eprintln!("{space:?}: {before:.5} to {after:.5} in {steps} steps");
        assert!(after < 0.95 * before, "{space:?}: from {before} to {after}");
    }
}

#[test]
fn segments_at_once_or_one_at_a_time_and_little_memory_learn_the_same() {
    let base = base("demo");
    let pairs = latent_pairs(&base, "dog2cat", 64);
    let learned = |threads, at_once, recompute| {
        let settings = Settings { at_once, recompute, ..settings() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut inversion = Inversion::new(&base, pairs.clone(), START, settings).unwrap();
            let losses: Vec<Vec<f32>> = (0..3).map(|_| read(inversion.step())).collect();
            (losses.concat(), pollster::block_on(inversion.numbers()).unwrap())
        })
    };
    let (losses, numbers) = learned(1, 5, false);
    for (threads, at_once, recompute) in [(1, 1, false), (1, 2, true), (2, 5, true), (3, 4, false), (5, 5, false)] {
        let (other_losses, other) = learned(threads, at_once, recompute);
        let mut worst = relative(&other_losses, &losses);
        assert!(worst <= 1e-5, "losses with {at_once} at once on {threads} threads: {worst:.1e}");
        for (got, wanted) in other.learned.iter().zip(&numbers.learned) {
            worst = worst.max(relative(got, wanted));
        }
        eprintln!("{at_once} at once on {threads} threads: {worst:.1e}");
        assert!(worst <= 1e-5, "{at_once} at once on {threads} threads: {worst:.1e}");
    }
}

/// Small pictures, few steps; `None`s as recommended.
pub fn job() -> InvertJob {
    let mut pairs = sample("dog2cat");
    pairs.truncate(3);
    InvertJob {
        pairs,
        held_out: Vec::new(),
        preview: None,
        start: Start::Text(START.into()),
        segments: 2,
        steps_per_segment: Some(6),
        learning_rate: None,
        course: Some(Course::Quick),
        betas: (0.9, 0.999),
        weight_decay: 0.0,
        tokens: 4,
        space: Space::Attention,
        objective: Objective::Noise,
        rows: Rows::AfterBos,
        guidance_scale: None,
        image_guidance_scale: None,
        seed: 5,
        size: Some(64),
        phrases: PhraseSettings::default(),
        memory: Memory::Low,
        resume: None,
        resized: false,
        title: "a title".into(),
        date: "2025-01-01".into(),
    }
}

pub fn run(
    engine: &mut Engine<FolderSource>,
    job: InvertJob,
    mut on_event: impl FnMut(&Event) -> Reply,
) -> instructbrush::Result<Learned> {
    match pollster::block_on(engine.run(Job::Invert(Box::new(job)), &mut |event| on_event(&event)))? {
        Outcome::Learned(learned) => Ok(*learned),
        other => panic!("an inversion ended in {other:?}"),
    }
}

/// Of one pair's quick course; with more pairs, in the paper's, and before a step they are what was learned.
#[test]
fn with_one_pair_segments_are_used_drawn_towards_their_mean() {
    let base = base("demo");
    for (course, pairs, part) in [(Course::Quick, 1, 0.35f32), (Course::Quick, 2, 0.0), (Course::Paper, 1, 0.0)] {
        let settings = Settings { segments: 3, at_once: 2, pace: course.pace(), steps: 2, ..settings() };
        let mut latent = latent_pairs(&base, "dog2cat", 64);
        latent.truncate(pairs);
        let mut inversion = Inversion::new(&base, latent, START, settings).unwrap();
        (0..2).for_each(|_| drop(inversion.step()));
        let shown = pollster::block_on(inversion.numbers()).unwrap().shown; // [3, m, width] each
        let used = pollster::block_on(inversion.learned()).unwrap();
        for (idx, all) in shown.iter().enumerate() {
            let one = all.len() / 3;
            for (segment, layers) in used.iter().enumerate() {
                let layer = &layers[idx / 2];
                let got = if idx % 2 == 0 { &layer.key } else { &layer.value };
                let mean = |i: usize| (all[i] + all[one + i] + all[2 * one + i]) / 3.0;
                let wanted: Vec<f32> =
                    (0..one).map(|i| all[segment * one + i] * (1.0 - part) + mean(i) * part).collect();
                let off = relative(got, &wanted);
                assert!(off <= 1e-6, "{course:?}, {pairs} pairs, tensor {idx}, segment {segment}: {off:.1e}");
            }
        }
    }
}

#[test]
fn a_run_that_was_stopped_goes_on_as_if_it_never_had_been() {
    let mut engine = engine();
    for (space, memory) in [(Space::Attention, Memory::Low), (Space::Text, Memory::High)] {
        engine.set_memory(memory); // job() learns with little memory
        let held_out = sample("dog2cat").split_off(9);
        let job = InvertJob { space, held_out, ..job() };
        let whole = run(&mut engine, job.clone(), |_| Reply::Continue).unwrap();
        let whole_bytes = whole.instruction.encode(Precision::F32).unwrap();
        assert_eq!((whole.losses.len(), whole.held_out.len()), (6, 6));
        for reply in [Reply::SaveState, Reply::Stop] {
            let mut state = None;
            let ended = run(&mut engine, job.clone(), |event| match event {
                Event::Learned { step: 3, .. } => reply,
                Event::State { step, steps, bytes } => {
                    assert_eq!((*step, *steps), (3, 6));
                    state = Some(bytes.clone());
                    Reply::Continue
                }
                _ => Reply::Continue,
            });
            match reply {
                Reply::Stop => assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}"),
                _ => assert_eq!(ended.unwrap().instruction, whole.instruction, "saving changes nothing"),
            }
            let mut steps = Vec::new();
            let resumed = run(&mut engine, InvertJob { resume: state, ..job.clone() }, |event| {
                if let Event::Learned { step, .. } = event {
                    steps.push(*step);
                }
                Reply::Continue
            });
            let resumed = resumed.unwrap();
            assert_eq!(steps, [4, 5, 6]);
            assert!(resumed.instruction.encode(Precision::F32).unwrap() == whole_bytes, "{space:?} {reply:?}");
            assert_eq!((&resumed.losses, &resumed.held_out), (&whole.losses, &whole.held_out));
        }
    }
}

#[test]
fn a_preview_changes_nothing_and_a_run_may_end_early() {
    let mut engine = engine();
    let preview = Some(sample("dog2cat").remove(9).before);
    // at one pace, a run that ends early is a shorter one
    let job = || InvertJob { course: Some(Course::Paper), ..job() };
    let short = run(&mut engine, InvertJob { steps_per_segment: Some(3), ..job() }, |_| Reply::Continue).unwrap();
    let mut shown = Vec::new();
    let finished = run(&mut engine, InvertJob { preview, ..job() }, |event| match event {
        Event::Learned { step: 2, .. } => Reply::Preview,
        Event::Learned { step: 3, .. } => Reply::Finish,
        Event::Preview { step, picture } => {
            shown.push((*step, picture.size()));
            Reply::Continue
        }
        _ => Reply::Continue,
    });
    let finished = finished.unwrap();
    assert_eq!(shown, [(2, "64×64".to_owned())]);
    assert_eq!(finished.instruction, short.instruction);
    assert_eq!(finished.losses, short.losses);
}

#[test]
fn a_state_is_for_the_same_settings_only() {
    let mut engine = engine();
    let mut state = None;
    let stopped = run(&mut engine, job(), |event| match event {
        Event::Learned { step: 1, .. } => Reply::Stop,
        Event::State { bytes, .. } => {
            state = Some(bytes.clone());
            Reply::Continue
        }
        _ => Reply::Continue,
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    let go_on = |job: InvertJob| InvertJob { resume: state.clone(), ..job };
    let other = run(&mut engine, go_on(InvertJob { seed: 6, ..job() }), |_| Reply::Continue).unwrap_err();
    assert!(other.to_string().contains("seed = 5, now it is 6"), "{other}");

    // but for the size, where that is what is wanted: a device may be too small for it
    let larger = InvertJob { size: Some(128), ..job() };
    let other = run(&mut engine, go_on(larger.clone()), |_| Reply::Continue).unwrap_err();
    assert!(other.to_string().contains("size = 64, now it is 128"), "{other}");
    let resized = InvertJob { resized: true, ..larger };
    let mut state = None;
    let stopped = run(&mut engine, go_on(resized.clone()), |event| match event {
        Event::Learned { step, .. } => {
            assert!(*step > 1, "it goes on");
            Reply::Stop
        }
        Event::State { bytes, .. } => {
            state = Some(bytes.clone());
            Reply::Continue
        }
        _ => Reply::Continue,
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    let again = InvertJob { resume: state, resized: false, ..resized };
    assert_eq!(run(&mut engine, again, |_| Reply::Continue).unwrap().instruction.about.resolution, 128);
}

#[test]
fn the_best_on_the_held_out_pair_is_kept() {
    let mut engine = engine();
    let held_out = sample("dog2cat").split_off(9);
    let long = InvertJob { held_out, learning_rate: Some(0.5), course: Some(Course::Paper), ..job() };
    let mut told = Vec::new();
    let kept = run(&mut engine, long.clone(), |event| {
        if let Event::HeldOut { step, psnr, best } = event {
            told.push((*step, *psnr, *best));
        }
        Reply::Continue
    });
    let kept = kept.unwrap();
    eprintln!("held out: {told:.2?}");
    let best = told.iter().rfind(|(.., best)| *best).unwrap();
    assert!(told.iter().all(|(_, psnr, _)| *psnr <= best.1), "{told:?}");
    assert_eq!(kept.held_out, told.iter().map(|(step, psnr, _)| (*step, *psnr)).collect::<Vec<_>>());
    assert!(best.0 < 6, "so high a learning rate does not end at its best: {told:?}");
    assert_eq!(kept.instruction.about.steps_per_segment, best.0);
    // Draws follow from seed and step: a run of so many steps ends where the long one was at its best.
    let short = InvertJob { held_out: Vec::new(), steps_per_segment: Some(best.0), ..long };
    let short = run(&mut engine, short, |_| Reply::Continue).unwrap();
    assert_eq!(short.instruction.segments, kept.instruction.segments);
}

#[test]
fn a_run_that_runs_away_ends_in_a_sentence() {
    let mut engine = engine();
    for learning_rate in [1e9, 1e38] {
        let ended = run(&mut engine, InvertJob { learning_rate: Some(learning_rate), ..job() }, |_| Reply::Continue);
        let error = ended.err().unwrap_or_else(|| panic!("a learning rate of {learning_rate} ended well"));
        assert!(matches!(error, Error::Computation(_)), "{error:?}");
        assert!(error.to_string().contains("choose a lower learning rate"), "{error}");
    }
    // the first step's loss is a number, what it leaves is none: nothing could go on from it, so the state before stays
    let mut saved = 0;
    let ended = run(&mut engine, InvertJob { learning_rate: Some(1e39), ..job() }, |event| {
        saved += usize::from(matches!(event, Event::State { .. }));
        Reply::SaveState
    });
    let error = ended.err().unwrap().to_string();
    assert!(error.contains("at step 1: what is learned is no number any more; choose"), "{error}");
    assert_eq!(saved, 0);
}

#[test]
fn what_cannot_be_learned_is_told() {
    #[track_caller]
    fn check(engine: &mut Engine<FolderSource>, job: InvertJob, wanted: &str) {
        let error = run(engine, job, |_| Reply::Continue).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let mut engine = engine();
    check(&mut engine, InvertJob { segments: 0, ..job() }, "0 segments: choose 1 to 1000");
    check(&mut engine, InvertJob { steps_per_segment: Some(0), ..job() }, "0 steps per segment: choose at least 1");
    check(&mut engine, InvertJob { learning_rate: Some(f64::NAN), ..job() }, "the learning rate is NaN");
    check(&mut engine, InvertJob { guidance_scale: Some(0.0), ..job() }, "nothing to learn");
    check(&mut engine, InvertJob { image_guidance_scale: Some(-1.0), ..job() }, "image guidance scale is -1");
    check(&mut engine, InvertJob { pairs: Vec::new(), ..job() }, "there are no pairs to learn from");
    let none = InvertJob { start: Start::Nothing, ..job() };
    check(&mut engine, InvertJob { tokens: 32, ..none.clone() }, "32 rows cannot be learned");
    check(&mut engine, InvertJob { tokens: 0, ..none }, "0 rows cannot be learned");
    let long = Start::Text("turn ".repeat(31));
    check(&mut engine, InvertJob { start: long, ..job() }, "the text has 31 tokens, the model hears 30");
}

#[test]
fn the_quick_course_wastes_no_draw() {
    let pace = Course::Quick.pace();
    let (pairs, steps) = (7, 70);
    let draws: Vec<(usize, usize)> =
        (1..=steps).map(|step| pace.draw([3, step, 1], pairs, 200..400, &mut Noise::new(0))).collect();
    for round in draws.chunks(pairs) {
        let mut drawn: Vec<usize> = round.iter().map(|draw| draw.0).collect();
        drawn.sort_unstable();
        assert_eq!(drawn, (0..pairs).collect::<Vec<_>>(), "each pair once in a round");
    }
    for first in (200..400).step_by(20) {
        let n = draws.iter().filter(|draw| (first..first + 20).contains(&draw.1)).count();
        assert!((6..=8).contains(&n), "{n} of 70 timesteps in a tenth of the segment");
    }
    let orders: BTreeSet<Vec<usize>> =
        draws.chunks(pairs).map(|round| round.iter().map(|draw| draw.0).collect()).collect();
    assert!(orders.len() > 5, "{} different orders in ten rounds", orders.len());
    assert_eq!((pace.rate(1, 100), pace.rate(100, 100)), (pace.first_rate, pace.last_rate));
    // the shares are those of a mean over the last fifth
    let averaged = Pace { averaged: 0.2, ..pace };
    let mut mean = 0.0;
    (1..=100).for_each(|step| mean += averaged.share(step, 100) * (step as f64 - mean));
    assert!((mean - 90.5).abs() < 1e-9, "the mean of 81..=100 is {mean}");
    assert_eq!((Course::Paper.pace().rate(50, 100), Course::Paper.pace().share(100, 100)), (1.0, 1.0));
}
