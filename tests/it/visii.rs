//! Visii: its loss and gradient against PyTorch's (`tests/golden/visii.py`), its draws, and a run by the engine.
use super::reference::{Golden, base, clip, device, engine, path, read, relative};
use burn::tensor::{Tensor, TensorData};
use instructbrush::diffusion::guidance::Scales;
use instructbrush::instruction::adamw::AdamW;
use instructbrush::instruction::course::Course;
use instructbrush::instruction::inversion::{Drawn, Inversion, LatentPair, Settings};
use instructbrush::instruction::visii::Visii;
use instructbrush::instruction::{Objective, Rows, Space};
use instructbrush::platform::pairs::read_pairs;
use instructbrush::service::job::{Event, InvertJob, Job, Outcome, Reply, Start};
use std::collections::BTreeSet;

fn settings(golden: &Golden) -> Settings {
    Settings {
        segments: 1,
        at_once: 1,
        tokens: golden.about("tokens").parse().unwrap(),
        rows: Rows::AfterBos,
        space: Space::Text,
        scales: Scales { guidance: 1.5, image: 1.0 },
        optimiser: AdamW { learning_rate: 0.03, betas: (0.9, 0.999), weight_decay: 0.0 },
        pace: Course::Paper.pace(),
        steps: 100,
        seed: 0,
        recompute: false,
    }
}

#[test]
fn loss_and_gradient_are_autograds() {
    let (golden, wanted) = (Golden::open("gradients_demo"), Golden::open("visii"));
    let (base, clip) = (base("demo"), clip("demo"));
    let settings = settings(&golden);
    for case in ["pairs", "near"] {
        let [before, after] = ["before", "after"].map(|side| wanted.tensor::<2>(&format!("{case}.{side}")));
        let visii = Visii::new(before, after, clip.text_projection().clone(), 1000, 0);
        let context = golden.tensor::<3>("context").autodiff().require_grad();
        let term = visii.loss(Tensor::zeros([1], &device()), context.clone());
        let term = read(context.grad(&term.sum().backward()).unwrap());
        let error = relative(&term, &wanted.values(&format!("{case}.term")));
        assert!(
            if case == "near" { term.iter().all(|number| *number == 0.0) } else { error <= 1e-4 },
            "{case}: {error}"
        );
        let pair = LatentPair { image_latents: golden.tensor("low.image_latents"), target: golden.tensor("low.z_y") };
        let inversion = Inversion::new(&base, vec![pair], &golden.about("text"), settings).unwrap();
        let inversion = inversion.with_visii(visii).unwrap();
        let timestep = golden.values("low.t")[0] as usize;
        let drawn = [Drawn { pair: 0, timestep, noise: golden.tensor("low.eps") }];
        let rows = golden.tensor::<3>("context").narrow(1, 1, settings.tokens).autodiff().require_grad();
        let loss = inversion.losses(std::slice::from_ref(&rows), &drawn);
        let gradients = loss.clone().sum().backward();
        let errors = [
            relative(&read(loss.clone().inner()), &wanted.values(&format!("{case}.loss"))),
            relative(&read(rows.grad(&gradients).unwrap()), &wanted.values(&format!("{case}.gradient"))),
        ];
        assert!(errors[0] <= 1e-4 && errors[1] <= 1e-3, "{case}: {errors:?}");
        let (again, recomputed) = inversion.losses_and_gradients(std::slice::from_ref(&rows), &drawn);
        let errors = [
            relative(&read(again), &read(loss.inner())),
            relative(&read(rows.grad(&recomputed).unwrap()), &read(rows.grad(&gradients).unwrap())),
        ];
        assert!(errors.iter().all(|&error| error <= 1e-5), "{case}, recomputed: {errors:?}");
    }
}

#[test]
fn the_pictures_direction_is_transformers() {
    let (wanted, clip) = (Golden::open("visii"), clip("demo"));
    let side = clip.image_size();
    let pairs = read_pairs(&path("tests/golden/pairs/dog2cat")).unwrap();
    let pixels: Vec<f32> = pairs.iter().flat_map(|pair| pair.after.clip_input(side)).collect();
    let pixels = Tensor::from_data(TensorData::new(pixels, [pairs.len(), 3, side, side]), &device());
    let error = relative(&read(clip.image_projections(pixels)), &wanted.values("pairs.after"));
    assert!(error <= 1e-4, "{error:.1e}");
}

#[test]
fn each_timestep_is_drawn_once_with_its_own_noise() {
    let golden = Golden::open("visii");
    let [before, after] = ["before", "after"].map(|side| golden.tensor::<2>(&format!("pairs.{side}")));
    let visii = |seed| Visii::new(before.clone(), after.clone(), clip("demo").text_projection().clone(), 1000, seed);
    let (first, other) = (visii(3), visii(4));
    let timesteps: Vec<usize> = (1..=1000).map(|step| first.draw(step, 7).0).collect();
    assert_eq!(timesteps.iter().collect::<BTreeSet<_>>().len(), 1000);
    assert!(timesteps.windows(2).any(|pair| pair[0] > pair[1]), "shuffled");
    let draw = |visii: &Visii, step| {
        let (timestep, pair, mut noise) = visii.draw(step, 7);
        (timestep, pair, noise.draw(16))
    };
    assert_eq!(draw(&first, 5), draw(&first, 1005), "the list begins anew with the same noise");
    assert_eq!(draw(&first, 5).1, timesteps[4] % 7);
    assert_ne!(draw(&first, 5).2, draw(&first, 6).2);
    assert_ne!(draw(&first, 5), draw(&other, 5), "another seed is another run");
}

#[test]
fn a_run_starts_from_the_caption_and_lowers_its_loss() {
    let mut engine = engine();
    let job = InvertJob {
        start: Start::Caption,
        segments: 1,
        steps_per_segment: Some(40),
        space: Space::Text,
        objective: Objective::Visii,
        ..InvertJob::new(read_pairs(&path("tests/golden/pairs/teal")).unwrap())
    };
    let mut start = String::new();
    let mut note = |event: Event| {
        if let Event::Started { text, .. } = event {
            start = text;
        }
        Reply::Continue
    };
    let outcome = pollster::block_on(engine.run(Job::Invert(Box::new(job.clone())), &mut note)).unwrap();
    let Outcome::Learned(learned) = outcome else { panic!("{outcome:?}") };
    assert!(start.matches(" and ").count() == 4, "five phrases: {start}");
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    assert!(mean(&learned.losses[20..]) < mean(&learned.losses[..20]), "{:?}", learned.losses);
    let keys_and_values = InvertJob { space: Space::Attention, ..job };
    let error = pollster::block_on(engine.run(Job::Invert(Box::new(keys_and_values)), &mut |_| Reply::Continue));
    assert!(error.unwrap_err().to_string().contains("Visii learns the text embedding in 1 segment"));
}
