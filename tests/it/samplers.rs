//! Samplers and schedule against diffusers, and against mathematics where it knows the answer.
use super::reference::{Golden, checkpoint, device, read, relative};
use burn::tensor::Tensor;
use instructbrush::diffusion::denoiser::Denoiser;
use instructbrush::diffusion::samplers::{euler, euler_ancestral, lcm};
use instructbrush::diffusion::schedule::{Schedule, segment_of, timesteps_of};
use instructbrush::models::config::SchedulerConfig;
use instructbrush::tensor::noise::Noise;

fn schedule() -> Schedule {
    spaced(None)
}

/// The test model's schedule, with another `timestep_spacing`.
fn spaced(spacing: Option<&str>) -> Schedule {
    let path = checkpoint("demo").root().join("scheduler/scheduler_config.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    if let Some(spacing) = spacing {
        json["timestep_spacing"] = spacing.into();
    }
    Schedule::new(&SchedulerConfig::parse(json.to_string().as_bytes()).unwrap())
}

/// ≤ 1e-6 of each number.
#[track_caller]
fn check(what: &str, got: &[f64], wanted: &[f32]) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (idx, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        let wanted = f64::from(*wanted);
        assert!((got - wanted).abs() <= 1e-6 * wanted.abs().max(1e-3), "{what} {idx}: {got}, expected {wanted}");
    }
}

#[test]
fn timesteps_and_sigmas_are_diffusers() {
    let (golden, schedule) = (Golden::open("numbers"), schedule());
    let alphas: Vec<f64> = (0..schedule.n_timesteps()).map(|timestep| schedule.alpha_cumprod(timestep)).collect();
    check("alphas_cumprod", &alphas, &golden.values("alphas_cumprod"));
    for (kind, spacing) in
        [("schedule", None), ("euler_schedule", None), ("leading", Some("leading")), ("trailing", Some("trailing"))]
    {
        let schedule = spaced(spacing);
        for steps in [1, 2, 5, 7, 20, 50, 100] {
            let name = |what: &str| format!("{kind}.{steps}.{what}");
            let timesteps = schedule.timesteps(steps);
            check(&name("timesteps"), &timesteps, &golden.values(&name("timesteps")));
            check(&name("sigmas"), &schedule.sigmas(steps), &golden.values(&name("sigmas")));
            check(&name("init"), &[schedule.first_sigma(steps)], &golden.values(&name("init_noise_sigma")));
            for timestep in timesteps {
                let back = schedule.timestep(schedule.sigma(timestep));
                assert!((back - timestep).abs() < 1e-6, "{timestep} came back from its sigma as {back}");
            }
        }
    }
}

#[test]
fn segments_share_the_timesteps_evenly() {
    let schedule = schedule();
    for segments in [1, 3, 5, 7, 1000] {
        let mut next = 0;
        for segment in 0..segments {
            let owned = timesteps_of(segment, segments, 1000);
            assert_eq!(owned.start, next, "no gap and no overlap");
            assert!(owned.clone().all(|timestep| segment_of(timestep as f64, segments, 1000) == segment));
            next = owned.end;
        }
        assert_eq!(next, 1000);
    }
    for steps in [5, 20, 50, 100] {
        let mut used = [0; 5];
        schedule.timesteps(steps).into_iter().for_each(|timestep| used[segment_of(timestep, 5, 1000)] += 1);
        assert_eq!(used, [steps / 5; 5], "each of five segments is used N/5 times");
    }
}

/// ε = 0.3·x/√(σ²+1) + 0.1, the reference's stand-in for a UNet.
struct Formula;

impl Denoiser for Formula {
    fn denoise(&self, x: Tensor<4>, sigma: f64) -> Tensor<4> {
        let noise = x.clone().mul_scalar(0.3 / (sigma * sigma + 1.0).sqrt()).add_scalar(0.1);
        x - noise.mul_scalar(sigma)
    }
}

#[test]
fn samplers_step_as_diffusers() {
    let (golden, schedule) = (Golden::open("numbers"), schedule());
    for name in ["euler_ancestral", "euler", "lcm"] {
        let sigmas = match name {
            // diffusers' returns its input at t = 0, so that its golden is of other timesteps
            "lcm" => {
                let timesteps = golden.values("sampler.lcm.timesteps");
                timesteps.iter().map(|&timestep| schedule.sigma(f64::from(timestep))).chain([0.0]).collect()
            }
            _ => schedule.sigmas(7),
        };
        // A shorter list of sigmas stops early: that shows the latents after every step.
        for done in 0..=7 {
            let mut noise = Noise::new(3);
            let x = noise.tensor([1, 4, 8, 8], &device()).mul_scalar(sigmas[0]);
            let mut steps = Vec::new();
            let on_step = async |step: instructbrush::diffusion::samplers::Step<'_>| {
                steps.push((step.step, step.steps));
                Ok(())
            };
            let x = pollster::block_on(async {
                match name {
                    "euler" => euler(&Formula, x, &sigmas[..=done], on_step).await,
                    "lcm" => lcm(&Formula, x, &sigmas[..=done], &mut noise, on_step).await,
                    _ => euler_ancestral(&Formula, x, &sigmas[..=done], &mut noise, on_step).await,
                }
            });
            assert_eq!(steps, (1..=done).map(|step| (step, done)).collect::<Vec<_>>());
            let x = read(x.unwrap());
            let wanted = match done {
                0 => "initial".to_owned(),
                done => format!("step.{}", done - 1),
            };
            let mut wanted = vec![wanted];
            wanted.extend((done == 7).then(|| "final".to_owned()));
            for wanted in wanted {
                let error = relative(&x, &golden.values(&format!("sampler.{name}.{wanted}")));
                assert!(error <= 2e-6, "{name} {wanted}: relative error {error:.1e}");
            }
        }
    }
}

/// The ideal denoiser of data ~ N(0, s²): D(x; σ) = x·s²/(s² + σ²).
struct Gaussian {
    variance: f64,
}

impl Denoiser for Gaussian {
    fn denoise(&self, x: Tensor<4>, sigma: f64) -> Tensor<4> {
        x.mul_scalar(self.variance / (self.variance + sigma * sigma))
    }
}

/// `steps + 1` sigmas from `first` to `last` at equal ratios.
fn geometric(first: f64, last: f64, steps: usize) -> Vec<f64> {
    (0..=steps).map(|step| first * (last / first).powf(step as f64 / steps as f64)).collect()
}

#[test]
fn euler_on_a_gaussian_nears_its_closed_form_at_first_order() {
    let (model, first, last) = (Gaussian { variance: 0.25 }, 10.0, 0.05);
    // dx/dσ = (x − D)/σ has the solution x(σ) = x(σ₀)·√((s² + σ²)/(s² + σ₀²)).
    let exact = |sigma: f64| ((model.variance + sigma * sigma) / (model.variance + first * first)).sqrt();
    let errors = [40, 80, 160, 320].map(|steps| {
        let x = Tensor::<4>::full([1, 1, 1, 1], first as f32, &device());
        let x = pollster::block_on(euler(&model, x, &geometric(first, last, steps), async |_| Ok(()))).unwrap();
        (f64::from(read(x)[0]) - first * exact(last)).abs() / (first * exact(last))
    });
    eprintln!("relative errors at 40, 80, 160 and 320 steps: {errors:?}");
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!((1.8..2.2).contains(&ratio), "twice the steps divide the error by {ratio:.2}, not by 2: {errors:?}");
    }
    assert!(errors[3] < 0.01, "{errors:?}");
}

#[test]
fn euler_ancestral_on_a_gaussian_keeps_its_variance() {
    let (model, first, last) = (Gaussian { variance: 0.25 }, 10.0, 0.05);
    let mut noise = Noise::new(9);
    // At every σ the latents are N(0, s² + σ²): so they start, so they must end.
    let x = noise.tensor([4, 4, 32, 32], &device()).mul_scalar((model.variance + first * first).sqrt());
    let sigmas = geometric(first, last, 200);
    let x = pollster::block_on(euler_ancestral(&model, x, &sigmas, &mut noise, async |_| Ok(()))).unwrap();
    let x = read(x);
    let variance = x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / x.len() as f64;
    let wanted = model.variance + last * last;
    eprintln!("variance {variance:.4}, expected {wanted:.4}");
    assert!((variance / wanted - 1.0).abs() < 0.04, "variance {variance}, expected {wanted}");
}
