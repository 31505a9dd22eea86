//! Config: what diffusers and transformers leave out is filled in, and what cannot be is said.
use instructbrush::models::config::*;
use instructbrush::service::job::{EditJob, Heard, SamplerKind};
use instructbrush::service::settled::Defaults;
use instructbrush::tensor::picture::Picture;
use serde_json::{Map, Value, json};
use std::path::Path;

/// A file of the default model with keys set, or removed where the value is `"absent"`.
fn changed(path: &str, changes: &Value) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/demo").join(path);
    let mut map: Map<String, Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for (key, value) in changes.as_object().unwrap() {
        if value == "absent" {
            map.remove(key);
        } else {
            map.insert(key.clone(), value.clone());
        }
    }
    serde_json::to_vec(&map).unwrap()
}

#[track_caller]
fn check<T: std::fmt::Debug>(parse: fn(&[u8]) -> instructbrush::Result<T>, path: &str, changes: Value, wanted: &str) {
    let error = parse(&changed(path, &changes)).unwrap_err().to_string();
    assert!(error.contains(wanted), "{changes}: {error}");
}

#[test]
fn all_models_of_the_tests_are_read() {
    for model in ["tests/golden/demo", "tests/golden/small_a", "tests/golden/small_b"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(model);
        let read = |path: &str| std::fs::read(root.join(path)).unwrap();
        let unet = UNetConfig::parse(&read("unet/config.json")).unwrap();
        unet.check_ip2p().unwrap();
        VaeConfig::parse(&read("vae/config.json")).unwrap();
        let text = ClipTextConfig::parse(&read("text_encoder/config.json")).unwrap();
        assert_eq!(unet.cross_attention_dim, text.hidden_size);
        ClipConfig::parse(&read("clip/config.json")).unwrap();
        SchedulerConfig::parse(&read("scheduler/scheduler_config.json")).unwrap();
    }
}

#[test]
fn the_default_model_has_its_sizes() {
    let unet = UNetConfig::parse(&changed("unet/config.json", &json!({}))).unwrap();
    assert_eq!((unet.in_channels, unet.n_heads, unet.block_out_channels), (8, vec![4; 3], vec![32, 64, 128]));
    let vae = VaeConfig::parse(&changed("vae/config.json", &json!({}))).unwrap();
    assert_eq!((vae.scaling_factor, vae.norm_num_groups, vae.pixels_per_latent()), (0.5, 2, 8));
    let clip = ClipConfig::parse(&changed("clip/config.json", &json!({}))).unwrap();
    assert_eq!((clip.projection_dim, clip.text.vocab_size, clip.vision.patches()), (128, 153, 64));
    let recommended = Recommended::parse(&changed("instructbrush.json", &json!({}))).unwrap();
    assert_eq!((recommended.steps, recommended.learning_rate), (Some(20), Some(0.03)));
    assert_eq!(Recommended::parse(b"{}").unwrap(), Recommended::default());
}

#[test]
fn a_sampler_has_one_name_everywhere() {
    for sampler in SamplerKind::ALL {
        assert_eq!(json!(sampler), json!(sampler.name()));
        let recommended = Recommended::parse(json!({ "sampler": sampler }).to_string().as_bytes()).unwrap();
        assert_eq!(Defaults::of(&recommended).sampler, sampler);
        let job = |sampler| EditJob {
            sampler,
            ..EditJob::new(Picture { width: 0, height: 0, rgb: Vec::new() }, Heard::Nothing)
        };
        assert_eq!(job(None).settled(&recommended).sampler, Some(sampler));
        assert_eq!(job(Some(SamplerKind::Euler)).settled(&recommended).sampler, Some(SamplerKind::Euler), "typed wins");
    }
    assert_eq!(Defaults::of(&Recommended::default()).sampler, SamplerKind::EulerAncestral);
}

#[test]
fn what_a_file_leaves_out_has_its_librarys_default() {
    let unet = UNetConfig::parse(br#"{"cross_attention_dim": 768, "in_channels": 8}"#).unwrap();
    assert_eq!(unet.block_out_channels, [320, 640, 1280, 1280]);
    assert_eq!((unet.n_heads, unet.layers_per_block), (vec![8; 4], vec![2; 4]));
    assert!(unet.down_block_types[3] == DownBlock::DownBlock2D && unet.up_block_types[0] == UpBlock::UpBlock2D);
    let scheduler = SchedulerConfig::parse(&changed("scheduler/scheduler_config.json", &json!({}))).unwrap();
    assert_eq!(scheduler.timestep_spacing, TimestepSpacing::Linspace);
    assert_eq!(scheduler.beta_schedule, BetaSchedule::ScaledLinear);
    assert_eq!(VaeConfig::parse(b"{}").unwrap().scaling_factor, 0.18215);
    let text = ClipTextConfig::parse(b"{}").unwrap();
    assert_eq!((text.vocab_size, text.max_position_embeddings, text.hidden_act), (49408, 77, Activation::QuickGelu));
    // CLIP ViT-L/14's own file says it twice
    let both = br#"{"projection_dim": 768, "text_config": null, "text_config_dict": {"hidden_size": 768, "num_attention_heads": 12}}"#;
    assert_eq!(ClipConfig::parse(both).unwrap().text.hidden_size, 768);
    // one value, or one per block
    let lists = json!({"attention_head_dim": [2, 4, 8], "layers_per_block": [1, 2, 3], "transformer_layers_per_block": [1, 2, 1]});
    let unet = UNetConfig::parse(&changed("unet/config.json", &lists)).unwrap();
    assert_eq!((unet.n_heads, unet.layers_per_block), (vec![2, 4, 8], vec![1, 2, 3]));
}

#[test]
fn what_cannot_be_is_said() {
    let (unet, path) = (UNetConfig::parse, "unet/config.json");
    let plain = unet(&changed(path, &json!({"in_channels": 4}))).unwrap().check_ip2p().unwrap_err().to_string();
    assert_eq!(
        plain,
        "unet: conv_in has 4 input channels, InstructPix2Pix needs 8 (4 noisy + 4 image latents); is this plain Stable Diffusion?"
    );
    check(
        unet,
        path,
        json!({"down_block_types": ["CrossAttnDownBlock2D", "AttnDownBlock2D", "DownBlock2D"]}),
        "unet/config.json: \"down_block_types\" names \"AttnDownBlock2D\", which is not supported; \
         known are CrossAttnDownBlock2D and DownBlock2D",
    );
    check(unet, path, json!({"down_block_types": ["DownBlock2D"]}), "needs 3 entries as \"block_out_channels\" has");
    check(
        unet,
        path,
        json!({"block_out_channels": [32, 64, 130]}),
        "has 130, which \"attention_head_dim\" (4) does not divide",
    );
    check(unet, path, json!({"norm_num_groups": 5}), "has 32, which \"norm_num_groups\" (5) does not divide");
    check(
        unet,
        path,
        json!({"block_out_channels": [32, 0, 128]}),
        "needs a list of 1 to 16 whole numbers from 1 to 65536",
    );
    check(unet, path, json!({"block_out_channels": []}), "\"block_out_channels\" is []");
    check(
        unet,
        path,
        json!({"layers_per_block": 1e9}),
        "\"layers_per_block\" is 1000000000.0, needs one value, or a list",
    );
    check(unet, path, json!({"cross_attention_dim": -1}), "\"cross_attention_dim\" is -1");
    check(
        unet,
        path,
        json!({"class_embed_type": "timestep"}),
        "\"class_embed_type\" is \"timestep\", needs null: anything else is not supported",
    );
    check(unet, path, json!({"act_fn": "mish"}), "\"act_fn\" is \"mish\", needs \"silu\"");
    check(unet, path, json!({"mid_block_type": null}), "\"mid_block_type\" is null");
    check(unet, path, json!({"num_attention_heads": [3, 3, 3]}), "\"num_attention_heads\" (3) does not divide");
    assert!(unet(b"[1]").unwrap_err().to_string().contains("holds a list, needs a JSON object"));
    assert!(unet(b"{").unwrap_err().to_string().starts_with("unet/config.json: not JSON ("));

    let path = "scheduler/scheduler_config.json";
    check(
        SchedulerConfig::parse,
        path,
        json!({"prediction_type": "v_prediction"}),
        "\"prediction_type\" is \"v_prediction\", needs \"epsilon\"",
    );
    check(
        SchedulerConfig::parse,
        path,
        json!({"_class_name": "FlowMatchEulerDiscreteScheduler"}),
        "\"_class_name\" is \"FlowMatchEulerDiscreteScheduler\", needs one of EulerAncestral",
    );
    check(SchedulerConfig::parse, path, json!({"trained_betas": [0.1]}), "\"trained_betas\" is [0.1], needs null");
    check(SchedulerConfig::parse, path, json!({"beta_end": 1.5}), "are 0.00085 and 1.5, needs 0 < start ≤ end < 1");
    check(
        SchedulerConfig::parse,
        path,
        json!({"beta_schedule": "squaredcos_cap_v2"}),
        "needs \"scaled_linear\" or \"linear\"",
    );
    check(VaeConfig::parse, "vae/config.json", json!({"shift_factor": 0.1}), "\"shift_factor\" is 0.1, needs null");
    check(VaeConfig::parse, "vae/config.json", json!({"in_channels": 4}), "are 4 and 3, needs 3 and 3 (RGB)");
    check(ClipTextConfig::parse, "text_encoder/config.json", json!({"model_type": "t5"}), "needs \"clip_text_model\"");
    check(
        ClipTextConfig::parse,
        "text_encoder/config.json",
        json!({"hidden_act": "relu"}),
        "known are \"quick_gelu\" and \"gelu\"",
    );
    check(
        ClipConfig::parse,
        "clip/config.json",
        json!({"vision_config": {"patch_size": 50}}),
        "\"image_size\" has 224, which \"patch_size\" (50) does not divide",
    );
    check(
        VaeConfig::parse,
        "vae/config.json",
        json!({
            "block_out_channels": [32, 32, 32, 32, 32, 32, 32, 32],
            "down_block_types": vec!["DownEncoderBlock2D"; 8],
            "up_block_types": vec!["UpDecoderBlock2D"; 8],
        }),
        "needs 1 to 7 widths",
    );
    check(
        Recommended::parse,
        "instructbrush.json",
        json!({"guidance_scale": -1}),
        "\"guidance_scale\" is -1, needs a number from 0 to 100",
    );
    check(Recommended::parse, "instructbrush.json", json!({"sampler": "ddim"}), "\"sampler\" is \"ddim\", needs");
    check(Recommended::parse, "instructbrush.json", json!({"steps": 1001}), "\"steps\" is 1001, needs 1 to 1000");
    check(
        Recommended::parse,
        "instructbrush.json",
        json!({"phrases": "../secret"}),
        "needs a path within the checkpoint",
    );
}
