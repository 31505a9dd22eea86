//! The whole training on a model of a few thousand numbers.
#![allow(clippy::unwrap_used)]
use crate::parameters::Parameters;
use crate::recipe::{self, Recipe};
use crate::stage::Stage;
use crate::{Last, data, edits, start, vae};
use instructbrush::models::vae::Vae;
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::{Error, Result};
use serde_json::{Value, json};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

const NUMBERS: &str = "diffusion_pytorch_model.safetensors";

/// The shipped recipe with everything small.
fn tiny() -> Recipe {
    let mut json: Value = serde_json::from_str(recipe::SHIPPED).unwrap();
    json["size"] = json!(64);
    json["vae"]["config"]["block_out_channels"] = json!([8, 8, 8, 8]);
    json["vae"]["config"]["norm_num_groups"] = json!(2);
    for phase in json["vae"]["phases"].as_array_mut().unwrap() {
        phase["plan"]["steps"] = json!(3);
        phase["batch"] = json!(9); // more than one part
        phase["crop"] = json!(32);
    }
    let clip = &mut json["clip"];
    (clip["plan"]["steps"], clip["batch"]) = (json!(3), json!(8));
    clip["config"]["projection_dim"] = json!(16);
    for part in ["text_config", "vision_config"] {
        let config = &mut clip["config"][part];
        (config["hidden_size"], config["intermediate_size"]) = (json!(16), json!(32));
        (config["projection_dim"], config["num_hidden_layers"]) = (json!(16), json!(1));
    }
    clip["config"]["vision_config"]["image_size"] = json!(64);
    let unet = &mut json["unet"];
    unet["pairs"] = json!(20);
    for phase in unet["phases"].as_array_mut().unwrap() {
        (phase["plan"]["steps"], phase["batch"]) = (json!(3), json!(9));
    }
    unet["config"]["block_out_channels"] = json!([8, 8, 8]);
    (unet["config"]["cross_attention_dim"], unet["config"]["sample_size"]) = (json!(16), json!(8));
    let decoder = &mut json["decoder"];
    decoder["pairs"] = json!(20);
    for phase in decoder["phases"].as_array_mut().unwrap() {
        (phase["plan"]["steps"], phase["batch"]) = (json!(3), json!(3));
    }
    json["settings"]["resolution"] = json!(64);
    Recipe::parse(&json.to_string()).unwrap()
}

#[test]
fn a_model_is_trained_written_and_loaded() {
    let (recipe, folder) = (tiny(), tempfile::tempdir().unwrap());
    let device = devices::open(DeviceName::Cpu).unwrap();
    pollster::block_on(async {
        crate::train(&recipe, folder.path(), &device, Last::Decoder).await.unwrap();
        let model = folder.path().join("model");
        let figures = edits::measure(&model, &device, &data::held_out(1, 64), 2).await.unwrap();
        assert!(figures.text > 3.0 && figures.nothing > 3.0, "{:.1} dB, {:.1} dB", figures.text, figures.nothing);
        // all that is done is not done again
        let numbers = || ["unet", "vae"].map(|part| std::fs::read(model.join(part).join(NUMBERS)).unwrap());
        let written = numbers();
        crate::train(&recipe, folder.path(), &device, Last::Decoder).await.unwrap();
        assert!(written == numbers());
        // what was killed on the way ends in the same bytes: 20 edits are made 16 and then 4 at a time
        let made = folder.path().join("edits-lcm-7.bin");
        let edits = std::fs::read(&made).unwrap();
        std::fs::write(&made, &edits[..edits.len() / 20 * 17]).unwrap();
        for phase in &recipe.decoder.phases {
            std::fs::remove_file(folder.path().join(format!("{}.state", phase.name))).unwrap();
        }
        crate::train(&recipe, folder.path(), &device, Last::Decoder).await.unwrap();
        assert!(edits == std::fs::read(&made).unwrap() && written == numbers());
        std::fs::write(&made, &edits[..edits.len() - 1]).unwrap();
        let refused = crate::train(&recipe, folder.path(), &device, Last::Decoder).await.unwrap_err().to_string();
        assert!(refused.contains("remove it"), "{refused}");
        let phrases: Vec<String> = serde_json::from_slice(&std::fs::read(model.join("phrases.json")).unwrap()).unwrap();
        assert!(phrases.len() > 100 && phrases.contains(&"a pencil sketch".to_string()), "{phrases:?}");
    });
}

#[test]
fn a_killed_stage_goes_on_as_if_it_never_had_been() {
    let device = devices::open(DeviceName::Cpu).unwrap();
    let recipe = tiny();
    let config = vae::config(&recipe).unwrap();
    let run = async |out: &Path, dies_at: Option<usize>, at_once: usize| -> Result<Vec<u8>> {
        let mut parameters = Parameters::draw("vae", &device, 7, start::vae, |w| drop(Vae::take(w, &config)));
        let draw = |step: usize| match dies_at {
            Some(last) if last == step => Err(Error::Cancelled),
            _ => Ok(data::crops(1, step, 4, 32, 64)),
        };
        let loss = |mut weights, pictures: &Vec<_>, rows: Range<usize>| {
            let vae = Vae::take(&mut weights, &config);
            let x = data::tensor(&pictures[rows], &device);
            Ok((vae.decode(vae.encode(x.clone()).mode()) - x).square().mean())
        };
        let plan = recipe.vae.phases[0].plan;
        let plan = crate::stage::Plan { steps: 9, ..plan };
        let stage = Stage { name: "vae", out, plan, rows: 4, at_once, between: Duration::ZERO };
        stage.run(&mut parameters, |_| true, draw, loss, async |_| Ok(String::new())).await?;
        Ok(std::fs::read(out.join("vae.state")).unwrap())
    };
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pollster::block_on(async {
        let expected = run(whole.path(), None, 1).await.unwrap();
        assert!(matches!(run(killed.path(), Some(6), 1).await, Err(Error::Cancelled)));
        assert!(run(killed.path(), None, 1).await.unwrap() == expected, "the state differs");
        // parts are rounded another way than the whole, and not by threads
        let of_threads = |n: usize, at_once: usize| {
            let folder = tempfile::tempdir().unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            let state = pool.install(|| pollster::block_on(run(folder.path(), None, at_once))).unwrap();
            let curve = std::fs::read_to_string(folder.path().join("vae.csv")).unwrap();
            let line: Vec<f64> = curve.lines().last().unwrap().split(',').map(|x| x.parse().unwrap()).collect();
            (state, line[1])
        };
        let (of_parts, of_whole) = (of_threads(3, 1), of_threads(2, 4));
        assert!(of_parts.0 == expected, "three threads end in another state");
        assert!(
            of_whole.0 != expected && (of_whole.1 / of_parts.1 - 1.0).abs() < 1e-3,
            "{} {}",
            of_whole.1,
            of_parts.1
        );
        let mut torn = expected;
        torn.truncate(torn.len() / 2);
        std::fs::write(killed.path().join("vae.state"), torn).unwrap();
        let refused = run(killed.path(), None, 1).await.unwrap_err().to_string();
        assert!(refused.contains("remove it"), "{refused}");
    });
}

#[test]
fn a_folder_goes_on_with_its_own_recipe_and_impossible_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    Recipe::settle(recipe::SHIPPED, folder.path()).unwrap();
    // the same figures, written another way
    let mut other: Value = serde_json::from_str(recipe::SHIPPED).unwrap();
    Recipe::settle(&other.to_string(), folder.path()).unwrap();
    other["vae"]["phases"][1]["batch"] = json!(4);
    let refused = Recipe::settle(&other.to_string(), folder.path()).unwrap_err().to_string();
    assert!(refused.contains("vae.phases.1.batch = 8, now it is 4") && refused.contains("--out"), "{refused}");
    for (at, value, why) in [
        ("/vae/phases/0/crop", json!(129), "choose 8 to the size, 128"),
        ("/clip/phrases", json!(0.8), "of 1 together at most"),
        ("/unet/pairs", json!(0), "unet.pairs is 0"),
    ] {
        let mut wrong: Value = serde_json::from_str(recipe::SHIPPED).unwrap();
        *wrong.pointer_mut(at).unwrap() = value;
        let refused = Recipe::parse(&wrong.to_string()).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
