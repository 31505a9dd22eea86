//! Fuzz the checkpoint's loaders: any JSON as a config, any other bytes as a shard of weights.
#![no_main]
use burn::tensor::Device;
use instructbrush::models::config::{ClipConfig, ClipTextConfig, Recommended, SchedulerConfig, UNetConfig, VaeConfig};
use instructbrush::models::packed::index::Index;
use instructbrush::models::weights::Weights;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.first() == Some(&b'{') {
        if let Ok(unet) = UNetConfig::parse(bytes) {
            let n = unet.block_out_channels.len();
            assert!(n == unet.n_heads.len() && n == unet.layers_per_block.len() && n == unet.up_block_types.len());
            let _ = unet.check_ip2p();
        }
        if let Ok(vae) = VaeConfig::parse(bytes) {
            assert!(vae.pixels_per_latent() >= 1);
        }
        if let Ok(clip) = ClipConfig::parse(bytes) {
            assert!(clip.vision.patches() >= 1);
        }
        let _ = ClipTextConfig::parse(bytes);
        let _ = SchedulerConfig::parse(bytes);
        let _ = Recommended::parse(bytes);
        if let Ok(index) = Index::parse(bytes) {
            let json = index.to_json().expect("what was read can be written");
            assert_eq!(Index::parse(&json).expect("what was written can be read"), index);
        }
        return;
    }
    let mut weights = Weights::new("vae", &Device::flex());
    if weights.add_shard(bytes, "fuzz").is_ok() {
        let names: Vec<String> = weights.names().map(str::to_string).collect();
        assert_eq!(weights.fingerprint().len(), 64);
        for (i, name) in names.iter().enumerate() {
            match i % 3 {
                0 => drop(weights.take(name, [4])),
                1 => drop(weights.take_transposed(name, [2, 3])),
                _ => {}
            }
        }
        let _ = weights.finish();
    }
});
