//! Models against diffusers and transformers in f32: every network of three checkpoints, block by block.
//!
//! `INSTRUCTBRUSH_TEST_DEVICE` says where. 1e-4 is out of reach for TF32, which is what a GPU's tensor cores make of f32:
//! run with `cuda` here, these tests and those of the gradients prove that it is not in use.
use super::reference::{Golden, MODELS, base, clip, device, read, relative};
use burn::tensor::{Int, Tensor, TensorData};
use instructbrush::models::parts::LARGEST;
use instructbrush::tensor::picture::Picture;
use std::collections::BTreeSet;

/// What the networks show under a prefix, compared with the reference; remembers what was seen and the worst.
struct Shown<'a> {
    golden: &'a Golden,
    model: &'a str,
    left: BTreeSet<String>,
    worst: (f64, String),
}

impl<'a> Shown<'a> {
    fn new(golden: &'a Golden, model: &'a str) -> Self {
        Self { golden, model, left: golden.names("").into_iter().collect(), worst: (0.0, String::new()) }
    }

    /// ≤ 1e-4 of the greatest number.
    #[track_caller]
    fn check(&mut self, name: &str, got: &[f32]) {
        let wanted = self.golden.values(name);
        self.check_against(name, got, &wanted);
    }

    #[track_caller]
    fn check_against(&mut self, name: &str, got: &[f32], wanted: &[f32]) {
        let error = relative(got, wanted);
        assert!(error <= 1e-4, "{} {name}: relative error {error:.2e}", self.model);
        if error > self.worst.0 {
            self.worst = (error, name.to_owned());
        }
        self.left.remove(name);
    }

    /// What went in; there is nothing to compare.
    fn given<const D: usize>(&mut self, name: &str) -> Tensor<D> {
        self.left.remove(name);
        self.golden.tensor(name)
    }

    /// Every tensor that begins so has been compared.
    #[track_caller]
    fn done(self, prefix: &str) {
        let left: Vec<_> = self.left.iter().filter(|name| name.starts_with(prefix)).collect();
        assert!(left.is_empty(), "{}: never compared: {left:?}", self.model);
        eprintln!("{} {prefix}: at most {:.1e}, at {}", self.model, self.worst.0, self.worst.1);
    }
}

fn silu(values: &[f32]) -> Vec<f32> {
    values.iter().map(|&x| (f64::from(x) / (1.0 + f64::from(-x).exp())) as f32).collect()
}

#[test]
fn every_block_of_the_unet_is_diffusers() {
    for model in MODELS {
        let (golden, unet) = (Golden::open(&format!("models_{model}")), base(model).unet.unwrap());
        let mut shown = Shown::new(&golden, model);
        for case in ["square", "late"] {
            let context = shown.given::<3>(&format!("unet.{case}.context"));
            let sample = shown.given::<4>(&format!("unet.{case}.sample"));
            let timestep = f64::from(read(shown.given::<1>(&format!("unet.{case}.timestep")))[0]);
            let layers = unet.project(context);
            // One timestep per row, as diffusers expands it; then one for all rows must give the same.
            let mut see = |name: &str, x: &Tensor<4>| {
                let name = format!("unet.{case}.{name}");
                if !shown.left.contains(&name) {
                    return; // not every case has its blocks recorded
                }
                let wanted = golden.values(&name);
                let silu_follows = name.ends_with("time_embedding") || name.ends_with("conv_norm_out");
                let wanted = if silu_follows { silu(&wanted) } else { wanted };
                shown.check_against(&name, &read(x.clone()), &wanted);
            };
            let output = unet.forward_seen(sample.clone(), &[timestep; 2], &layers, &mut see);
            shown.check(&format!("unet.{case}.output"), &read(output));
            shown.check(&format!("unet.{case}.output"), &read(unet.forward(sample, &[timestep], &layers)));
        }
        shown.done("unet.");
    }
}

/// As it is, and with every feature map in several tensors, as at sizes whose maps a GPU cannot bind at once.
#[test]
fn every_block_of_the_vae_is_diffusers() {
    for (model, largest) in MODELS.into_iter().flat_map(|model| [(model, LARGEST), (model, 4096)]) {
        let (golden, vae) = (Golden::open(&format!("models_{model}")), base(model).vae.unwrap().with_largest(largest));
        let mut shown = Shown::new(&golden, model);
        let (picture, latents) = (shown.given::<4>("vae.picture"), shown.given::<4>("vae.latents"));
        let posterior = vae.encode_seen(picture, &mut |name, x| shown.check(&format!("vae.{name}"), &read(x.clone())));
        shown.check("vae.std", &read(posterior.log_variance.clone().div_scalar(2.0).exp()));
        shown.check("vae.logvar", &read(posterior.log_variance.clone()));
        shown.check("vae.mean", &read(posterior.mode()));
        let decoded = vae.decode_seen(latents, &mut |name, x| shown.check(&format!("vae.{name}"), &read(x.clone())));
        shown.check("vae.decoded", &read(decoded));
        shown.done("vae.");
    }
}

/// The ids of the reference's sixteen texts.
fn ids(golden: &Golden) -> Tensor<2, Int> {
    let shape = golden.shape("text.ids");
    let ids: Vec<i32> = golden.values("text.ids").into_iter().map(|id| id as i32).collect();
    Tensor::from_data(TensorData::new(ids, [shape[0], shape[1]]), &device())
}

#[test]
fn every_layer_of_the_text_encoder_is_transformers() {
    for model in MODELS {
        let (golden, base) = (Golden::open(&format!("models_{model}")), base(model));
        let mut shown = Shown::new(&golden, model);
        shown.given::<2>("text.ids");
        let output = base.text_encoder.as_ref().unwrap().forward_seen(ids(&golden), &mut |layer, x| {
            shown.check(&format!("text.hidden.{layer}"), &read(x.clone().narrow(0, 0, 2))); // the first two are recorded
        });
        shown.check("text.last_hidden_state", &read(output));
        shown.done("text.");
        // The words' way: tokenizer and encoder together.
        let heard = base.hear("make it midnight").unwrap();
        let [_, n, width] = heard.context.dims();
        let row = golden.tensor::<3>("text.last_hidden_state").narrow(0, 1, 1);
        assert_eq!([1, n, width], row.dims());
        assert!(relative(&read(heard.context), &read(row)) <= 1e-4);
    }
}

fn unit(rows: &[f32], width: usize) -> Vec<f32> {
    let unit = |row: &[f32]| {
        let length = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        row.iter().map(|x| (f64::from(*x) / length) as f32).collect::<Vec<_>>()
    };
    rows.chunks_exact(width).flat_map(unit).collect()
}

#[test]
fn both_clip_towers_are_transformers() {
    for model in MODELS {
        let (golden, clip, base) = (Golden::open(&format!("models_{model}")), clip(model), base(model));
        let mut shown = Shown::new(&golden, model);
        let width = golden.shape("clip.text.embeds")[1];

        // Each text ends at its first EOS: after BOS and its words.
        let tokens: serde_json::Value = serde_json::from_slice(include_bytes!("../golden/tokens.json")).unwrap();
        let texts = tokens[model]["cases"].as_array().unwrap();
        let ends: Vec<usize> = texts
            .iter()
            .map(|case| 1 + base.tokenizer.encode(case["text"].as_str().unwrap()).unwrap().words)
            .map(|end| end.min(base.tokenizer.max_length() - 1))
            .collect();
        let features = read(clip.text_features(ids(&golden), &ends));
        shown.check("clip.text.normalised", &features);
        shown.check_against("clip.text.embeds", &features, &unit(&golden.values("clip.text.embeds"), width));

        let pixels = shown.given::<4>("clip.image.pixel_values");
        let features = read(clip.image_features_seen(pixels, &mut |layer, x| {
            shown.check(&format!("clip.image.hidden.{layer}"), &read(x.clone().narrow(0, 0, 1)));
        }));
        shown.check("clip.image.normalised", &features);
        shown.check_against("clip.image.embeds", &features, &unit(&golden.values("clip.image.embeds"), width));

        for name in ["wide", "tall"] {
            let name = |what: &str| format!("clip.preprocess.{name}.{what}");
            let shape = golden.shape(&name("picture"));
            let rgb = read(shown.given::<3>(&name("picture"))).into_iter().map(|byte| byte as u8).collect();
            let picture = Picture { height: shape[0], width: shape[1], rgb };
            let side = clip.image_size();
            let pixels = picture.clip_input(side);
            shown.check(&name("pixel_values"), &pixels);
            let pixels = Tensor::from_data(TensorData::new(pixels, [1, 3, side, side]), &device());
            let wanted = unit(&golden.values(&name("embeds")), width);
            shown.check_against(&name("embeds"), &read(clip.image_features(pixels)), &wanted);
        }
        shown.done("clip.");
    }
}
