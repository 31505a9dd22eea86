//! Gradients of the inversion's loss: against PyTorch's autograd, and against finite differences of the loss itself.
use super::reference::{Golden, MODELS, base, both_ways, device, read, relative};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use instructbrush::diffusion::guidance::Scales;
use instructbrush::instruction::adamw::AdamW;
use instructbrush::instruction::base::BaseModel;
use instructbrush::instruction::course::Course;
use instructbrush::instruction::inversion::{Drawn, Inversion, LatentPair, Settings};
use instructbrush::instruction::{Rows, Space};
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::ops::Compute;

/// method.md's two cases: the default model's scales and the paper's.
const CASES: [(&str, Scales); 2] =
    [("low", Scales { guidance: 1.5, image: 1.0 }), ("high", Scales { guidance: 7.5, image: 1.5 })];

const ADAMW: AdamW = AdamW { learning_rate: 0.03, betas: (0.9, 0.999), weight_decay: 0.0 };

/// One draw of an inversion that the reference has computed too.
struct Problem<'a> {
    golden: &'a Golden,
    inversion: Inversion<'a>,
    drawn: [Drawn; 1],
}

impl<'a> Problem<'a> {
    fn new(base: &'a BaseModel, golden: &'a Golden, case: &str, scales: Scales, space: Space) -> Self {
        let pair = LatentPair {
            image_latents: golden.tensor(&format!("{case}.image_latents")),
            target: golden.tensor(&format!("{case}.z_y")),
        };
        let settings = Settings {
            segments: 1,
            at_once: 1,
            tokens: golden.about("tokens").parse().unwrap(),
            rows: Rows::AfterBos,
            space,
            scales,
            optimiser: ADAMW,
            pace: Course::Paper.pace(),
            steps: 1,
            seed: 0,
            recompute: false,
        };
        let inversion = Inversion::new(base, vec![pair], &golden.about("text"), settings).unwrap();
        let timestep = golden.values(&format!("{case}.t"))[0] as usize;
        let drawn = [Drawn { pair: 0, timestep, noise: golden.tensor(&format!("{case}.eps")) }];
        Self { golden, inversion, drawn }
    }

    /// K and V of each layer in turn, where the reference starts.
    fn start(&self) -> Vec<Tensor<3>> {
        let layers: usize = self.golden.about("layers").parse().unwrap();
        let names = (0..layers).flat_map(|layer| [format!("key.{layer}"), format!("value.{layer}")]);
        names.map(|name| self.golden.tensor(&name)).collect()
    }

    fn loss(&self, leaves: &[Tensor<3>]) -> f32 {
        read(self.inversion.losses(leaves, &self.drawn))[0]
    }

    fn loss_and_gradients(&self, leaves: &[Tensor<3>]) -> (f32, Vec<Tensor<3>>) {
        let tracked: Vec<Tensor<3>> = leaves.iter().map(|leaf| leaf.clone().autodiff().require_grad()).collect();
        let loss = self.inversion.losses(&tracked, &self.drawn);
        let gradients = loss.clone().sum().backward();
        let found: Vec<Tensor<3>> = tracked.iter().map(|leaf| leaf.grad(&gradients).unwrap()).collect();
        self.check_recomputed(leaves, &loss.clone().inner(), &found);
        (read(loss.inner())[0], found)
    }

    /// Blocks that are run once more on the way back give the same.
    fn check_recomputed(&self, leaves: &[Tensor<3>], loss: &Tensor<1>, found: &[Tensor<3>]) {
        let tracked: Vec<Tensor<3>> = leaves.iter().map(|leaf| leaf.clone().autodiff().require_grad()).collect();
        let (again, gradients) = self.inversion.losses_and_gradients(&tracked, &self.drawn);
        check("the loss, recomputed", &read(again), &read(loss.clone()), 1e-6);
        let all = |gradients: &[Tensor<3>]| gradients.iter().flat_map(|x| read(x.clone())).collect::<Vec<f32>>();
        let again: Vec<Tensor<3>> = tracked.iter().map(|leaf| leaf.grad(&gradients).unwrap()).collect();
        check("gradients, recomputed", &all(&again), &all(found), 1e-5);
    }
}

#[track_caller]
fn check(what: &str, got: &[f32], wanted: &[f32], limit: f64) -> f64 {
    let error = relative(got, wanted);
    assert!(error <= limit, "{what}: relative error {error:.2e}, at most {limit:.0e} is allowed");
    error
}

#[test]
fn keys_values_and_context_have_autograds_gradients() {
    let [first, others @ ..] = MODELS;
    both_ways(|_| gradients_are_autograds(first));
    others.into_iter().for_each(gradients_are_autograds);
}

fn gradients_are_autograds(model: &str) {
    let (golden, base) = (Golden::open(&format!("gradients_{model}")), base(model));
    for (case, scales) in CASES {
        let alpha = f64::from(golden.values(&format!("{case}.alpha_cumprod"))[0]);
        let problem = Problem::new(&base, &golden, case, scales, Space::Attention);
        assert!((base.schedule.alpha_cumprod(problem.drawn[0].timestep) - alpha).abs() < 1e-6 * alpha);
        let (loss, gradients) = problem.loss_and_gradients(&problem.start());
        check(&format!("{model} {case} loss"), &[loss], &golden.values(&format!("{case}.loss")), 1e-4);
        let mut worst = 0f64;
        for (idx, gradient) in gradients.into_iter().enumerate() {
            let name = format!("{case}.d{}.{}", ["key", "value"][idx % 2], idx / 2);
            worst = worst.max(check(&format!("{model} {name}"), &read(gradient), &golden.values(&name), 1e-3));
        }

        let problem = Problem::new(&base, &golden, case, scales, Space::Text);
        let m = golden.shape("key.0")[0];
        let rows = golden.tensor::<3>("context").narrow(1, 1, m);
        let (loss, gradients) = problem.loss_and_gradients(&[rows]);
        check(&format!("{model} {case} text"), &[loss], &golden.values(&format!("{case}.context_loss")), 1e-4);
        let wanted = golden.values(&format!("{case}.dcontext"));
        let context = check(&format!("{model} {case} dcontext"), &read(gradients[0].clone()), &wanted, 1e-3);
        eprintln!("{model} {case}: K and V at most {worst:.1e}, context {context:.1e}");
    }
}

/// Where the device computes with halves, both ways of keeping what the way back needs.
#[test]
fn gradients_of_halves_point_where_autograds_do() {
    let (golden, mut base) = (Golden::open("gradients_demo"), base("demo"));
    if let Err(error) = Compute::F16.check(&base.device) {
        return assert!(error.to_string().contains("choose f32"), "{error}");
    }
    let all = |problem: &Problem| -> [Vec<f32>; 2] {
        let tracked: Vec<Tensor<3>> = problem.start().into_iter().map(|leaf| leaf.autodiff().require_grad()).collect();
        let taped = problem.inversion.losses(&tracked, &problem.drawn).sum().backward();
        let (_, recomputed) = problem.inversion.losses_and_gradients(&tracked, &problem.drawn);
        [taped, recomputed]
            .map(|gradients| tracked.iter().flat_map(|leaf| read(leaf.grad(&gradients).unwrap())).collect())
    };
    let (case, scales) = CASES[0];
    let whole = all(&Problem::new(&base, &golden, case, scales, Space::Attention));
    base.compute = Compute::F16;
    let half = all(&Problem::new(&base, &golden, case, scales, Space::Attention));
    for (half, whole) in half.iter().zip(&whole) {
        let error = check(case, half, whole, 1e-2);
        assert!(error > 1e-5, "products were of 32 bits all the same");
    }
}

#[test]
fn three_steps_of_adamw_are_pytorchs() {
    let (golden, base) = (Golden::open("gradients_demo"), base("demo"));
    let problem = Problem::new(&base, &golden, "low", CASES[0].1, Space::Attention);
    let mut leaves = problem.start();
    let zeros: Vec<Tensor<3>> = leaves.iter().map(Tensor::zeros_like).collect();
    let (mut first, mut second) = (zeros.clone(), zeros);
    for step in 0..3 {
        let (loss, gradients) = problem.loss_and_gradients(&leaves);
        check(&format!("loss {step}"), &[loss], &golden.values(&format!("adam.loss.{step}")), 1e-4);
        for (idx, gradient) in gradients.into_iter().enumerate() {
            let (numbers, mean, square) =
                ADAMW.update(step + 1, leaves[idx].clone(), gradient, first[idx].clone(), second[idx].clone());
            (leaves[idx], first[idx], second[idx]) = (numbers, mean, square);
        }
    }
    for (idx, leaf) in leaves.into_iter().enumerate() {
        let name = format!("adam.{}.{}", ["key", "value"][idx % 2], idx / 2);
        check(&name, &read(leaf), &golden.values(&name), 1e-3);
    }
}

#[test]
fn weight_decay_is_decoupled() {
    let tensor = |values: [f32; 2]| Tensor::<1>::from_data(values, &device());
    let decayed = AdamW { weight_decay: 0.5, ..ADAMW };
    let zeros = tensor([0.0; 2]);
    // No gradient: only the decay moves the number. With one, the first step is the learning rate's, whatever its size.
    let (numbers, ..) = decayed.update(1, tensor([2.0, 2.0]), tensor([0.0, 7.0]), zeros.clone(), zeros);
    check("decay", &read(numbers), &[2.0 * (1.0 - 0.015), 2.0 * (1.0 - 0.015) - 0.03], 1e-6);
}

#[test]
fn finite_differences_of_the_loss_agree() {
    // Half a difference: so large that f32's rounding of the loss does not show, so small that its curve does not.
    for (model, h) in MODELS.into_iter().zip([0.05, 0.005, 0.01]) {
        let (golden, base) = (Golden::open(&format!("gradients_{model}")), base(model));
        let problem = Problem::new(&base, &golden, "low", CASES[0].1, Space::Attention);
        let start = problem.start();
        let (_, gradients) = problem.loss_and_gradients(&start);
        let gradients: Vec<Vec<f32>> = gradients.into_iter().map(read).collect();
        let dot = |a: &[Vec<f32>], b: &[Vec<f32>]| -> f64 {
            a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let slope = dot(&gradients, &gradients).sqrt();
        let mut noise = Noise::new(1);
        for direction in 0..4 {
            // Random, with a part along the gradient, so that the loss changes noticeably.
            let mut along: Vec<Vec<f32>> = gradients.iter().map(|gradient| noise.draw(gradient.len())).collect();
            let length = dot(&along, &along).sqrt();
            for (along, gradient) in along.iter_mut().flatten().zip(gradients.iter().flatten()) {
                *along = (f64::from(*along) / length + f64::from(*gradient) / slope) as f32;
            }
            let moved = |h: f32| {
                let leaves = start.iter().zip(&along).map(|(leaf, along)| {
                    leaf.clone()
                        + Tensor::from_data(TensorData::new(along.clone(), leaf.dims()), &device()).mul_scalar(h)
                });
                f64::from(problem.loss(&leaves.collect::<Vec<_>>()))
            };
            let (difference, wanted) = ((moved(h) - moved(-h)) / f64::from(2.0 * h), dot(&gradients, &along));
            let error = (difference - wanted).abs() / wanted.abs();
            eprintln!("{model} direction {direction}: slope {wanted:.3e}, off by {error:.1e}");
            assert!(error < 3e-3, "{model}: the loss rises by {difference:e}, the gradient says {wanted:e}");
        }
    }
}

fn mean_square(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), x| (sum + f64::from(x).powi(2), n + 1));
    (sum / f64::from(n)) as f32
}

#[test]
fn the_null_branches_never_hear_the_instruction() {
    for model in MODELS {
        let (golden, base) = (Golden::open(&format!("gradients_{model}")), base(model));
        let values = |what: &str| golden.values(&format!("high.{what}"));
        // s_T = 0 leaves only the null branches: whatever is learned, the loss stays what theirs is.
        let scales = Scales { guidance: 0.0, image: 1.5 };
        let problem = Problem::new(&base, &golden, "high", scales, Space::Attention);
        let start = problem.start();
        let elsewhere: Vec<_> = start.iter().map(|leaf| leaf.clone().mul_scalar(-3.0).add_scalar(2.0)).collect();
        let (loss, gradients) = problem.loss_and_gradients(&start);
        assert_eq!(loss.to_bits(), problem.loss(&elsewhere).to_bits(), "{model}: the same to the bit");
        assert!(gradients.into_iter().flat_map(read).all(|number| number == 0.0), "{model}");
        let branches = values("eps").into_iter().zip(values("eps_image")).zip(values("eps_neither"));
        let wanted = mean_square(branches.map(|((eps, image), neither)| eps - (1.5 * image - 0.5 * neither)));
        check(&format!("{model}: null branches"), &[loss], &[wanted], 1e-4);

        // s_T = s_I = 1 leaves only the branch that hears it.
        let alone = Scales { guidance: 1.0, image: 1.0 };
        assert_eq!(alone.weights(), [1.0, 0.0, 0.0]);
        let problem = Problem::new(&base, &golden, "high", alone, Space::Attention);
        let wanted =
            mean_square(values("eps").into_iter().zip(values("eps_instruction")).map(|(eps, told)| eps - told));
        check(&format!("{model}: conditional branch"), &[problem.loss(&start)], &[wanted], 1e-4);
        assert_ne!(problem.loss(&elsewhere), problem.loss(&start), "{model}");
    }
}

/// Counts parameters, and those that are on a tape.
#[derive(Default)]
struct Tape {
    parameters: usize,
    tracked: usize,
}

impl ModuleVisitor for Tape {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let value = parameter.val();
        self.parameters += 1;
        self.tracked += usize::from(value.is_tracked() || value.is_require_grad() || value.is_autodiff());
    }
}

#[test]
fn no_gradient_reaches_a_weight() {
    let (golden, base) = (Golden::open("gradients_demo"), base("demo"));
    for (space, leaves) in
        [(Space::Attention, None), (Space::Text, Some(golden.tensor::<3>("context").narrow(1, 1, 6)))]
    {
        let problem = Problem::new(&base, &golden, "high", CASES[1].1, space);
        let leaves = leaves.map_or_else(|| problem.start(), |leaf| vec![leaf]);
        let (_, gradients) = problem.loss_and_gradients(&leaves);
        assert!(gradients.into_iter().all(|gradient| read(gradient).iter().any(|number| *number != 0.0)));
        let mut tape = Tape::default();
        base.unet().unwrap().visit(&mut tape);
        base.text_encoder.as_ref().unwrap().visit(&mut tape);
        assert!(tape.parameters > 200, "{}", tape.parameters);
        assert_eq!(tape.tracked, 0, "of {} weights", tape.parameters);
    }
}
