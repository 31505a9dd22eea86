//! Weights: every layout of a checkpoint gives the same numbers, and every damaged one a sentence.
use burn::tensor::{Device, Tensor};
use half::{bf16, f16};
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::platform::folder::FolderSource;
use safetensors::{Dtype, tensor::TensorView};
use serde_json::json;
use std::path::Path;

const FULL: &str = "diffusion_pytorch_model.safetensors";
const HALF: &str = "diffusion_pytorch_model.fp16.safetensors";

/// A safetensors file of named f32 tensors, stored as `dtype`.
fn shard(dtype: Dtype, tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| {
            let each = values.iter().map(|&value| match dtype {
                Dtype::F16 => f16::from_f32(value).to_le_bytes().to_vec(),
                Dtype::BF16 => bf16::from_f32(value).to_le_bytes().to_vec(),
                Dtype::F64 => f64::from(value).to_le_bytes().to_vec(),
                Dtype::I64 => (value as i64).to_le_bytes().to_vec(),
                _ => value.to_le_bytes().to_vec(),
            });
            each.flatten().collect()
        })
        .collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| (name.to_string(), TensorView::new(dtype, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn unet() -> Weights {
    Weights::new("unet", &Device::default())
}

/// A fresh folder with these files.
fn checkpoint(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    root
}

fn fill(root: &Path, part: Part) -> instructbrush::Result<Weights> {
    let mut weights = Weights::new(part.folder(), &Device::default());
    pollster::block_on(FolderSource::open(root)?.fill(part, &mut weights))?;
    Ok(weights)
}

#[test]
fn every_float_type_becomes_f32() {
    let values: Vec<f32> = (0..9001).map(|i| (i % 128) as f32 / 64.0 - 1.0).collect(); // exact in 8 bits
    for dtype in [Dtype::F32, Dtype::F16, Dtype::BF16, Dtype::F64] {
        let mut weights = unet();
        let tensors = [("w", &[9001][..], &values[..]), ("logit_scale", &[], &[2.5]), ("void", &[2, 0], &[])];
        weights.add_shard(&shard(dtype, &tensors), "x").unwrap();
        assert_eq!(numbers(weights.take("w", [9001])), values, "{dtype:?}");
        assert_eq!(numbers(weights.take("logit_scale", [1])), [2.5], "{dtype:?}: a scalar");
        weights.ignore("void");
        assert!(weights.finish().unwrap().is_empty());
    }
}

#[test]
fn linear_weights_come_transposed_and_contiguous() {
    let (d_out, d_in) = (70, 33);
    let stored: Vec<f32> = (0..d_out * d_in).map(|i| i as f32).collect();
    let mut weights = unet();
    weights.add_shard(&shard(Dtype::F32, &[("to_k.weight", &[d_out, d_in], &stored)]), "x").unwrap();
    let taken = weights.take_transposed("to_k.weight", [d_out, d_in]);
    assert_eq!(taken.dims(), [d_in, d_out]);
    let wanted: Vec<f32> = (0..d_in * d_out).map(|i| stored[(i % d_out) * d_in + i / d_out]).collect();
    assert_eq!(numbers(taken), wanted);
}

#[test]
fn layouts_of_diffusers_are_found() {
    let one = |value: f32| shard(Dtype::F16, &[("w", &[1], &[value])]);
    let index = json!({"metadata": {}, "weight_map": {"w": "a.safetensors", "v": "b.safetensors"}}).to_string();
    let v = shard(Dtype::F16, &[("v", &[1], &[7.0])]);
    let sharded = |name: &'static str| {
        vec![(name, index.clone().into_bytes()), ("a.safetensors", one(4.0)), ("b.safetensors", v.clone())]
    };
    #[rustfmt::skip]
    let layouts = [
        (vec![(FULL, one(1.0))], 1.0),
        (vec![(HALF, one(2.0))], 2.0),
        (vec![(HALF, one(2.0)), (FULL, one(1.0))], 1.0), // the full one is preferred
        (sharded("diffusion_pytorch_model.safetensors.index.json"), 4.0),
        (sharded("diffusion_pytorch_model.safetensors.index.fp16.json"), 4.0),
        (sharded("diffusion_pytorch_model.fp16.safetensors.index.json"), 4.0),
        (vec![(FULL, one(1.0)), ("diffusion_pytorch_model.bin", vec![0])], 1.0), // a pickle beside is not touched
    ];
    for (files, wanted) in layouts {
        let paths: Vec<_> = files.iter().map(|(name, bytes)| (format!("unet/{name}"), bytes.as_slice())).collect();
        let root = checkpoint(&paths.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect::<Vec<_>>());
        let mut weights = fill(root.path(), Part::UNet).unwrap();
        assert_eq!(numbers(weights.take("w", [1])), [wanted], "{paths:?}");
        assert_eq!(weights.has("v"), wanted == 4.0, "all shards are read");
    }
}

#[test]
fn the_default_model_is_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/demo");
    let parts = [(Part::UNet, 326), (Part::Vae, 184), (Part::TextEncoder, 52), (Part::Clip, 126)];
    for (part, count) in parts {
        let weights = fill(&root, part).unwrap();
        assert_eq!(weights.names().count(), count, "{part:?}");
        let warnings = weights.finish().unwrap();
        assert_eq!(warnings.len(), 1, "nobody took them: {warnings:?}");
    }
    let mut source = FolderSource::open(&root).unwrap();
    assert!(pollster::block_on(source.file("clip/tokenizer.json")).unwrap().is_some());
    assert!(pollster::block_on(source.file("clip/vocab.json")).unwrap().is_none());
}

#[test]
fn all_problems_come_in_one_sentence() {
    let mut weights = unet();
    let one: &[f32] = &[1.0];
    let tensors = [("a", &[1][..], one), ("b", &[1], one), ("c.extra", &[1], one), ("known.1", &[1], one)];
    weights.add_shard(&shard(Dtype::F32, &tensors), "x").unwrap();
    weights.add_shard(&shard(Dtype::I64, &[("ids", &[1], one)]), "y").unwrap();
    weights.ignore("known.");
    assert_eq!(numbers(weights.take("a", [1])), [1.0]);
    assert_eq!(numbers(weights.take("b", [2, 2])), [0.0; 4]);
    assert_eq!(weights.take_transposed("mid_block.proj_in.weight", [2, 3]).dims(), [3, 2]);
    weights.take("ids", [1]);
    assert_eq!(
        weights.finish().unwrap_err().to_string(),
        "unet: 1 of 4 tensors is missing, first \"mid_block.proj_in.weight\", \
         2 of 4 tensors are not as config.json says, first \"b\" is [1] where [2, 2] is needed, \
         of the files \"c.extra\" is not used; is this an InstructPix2Pix checkpoint (8 input channels)?"
    );

    let mut unused = unet();
    unused.add_shard(&shard(Dtype::F32, &[("a", &[1], one), ("b", &[1], one)]), "x").unwrap();
    assert_eq!(unused.finish().unwrap(), ["unet: of the files \"a\" and 1 more are not used"]);
}

#[test]
fn a_model_has_one_fingerprint_whatever_its_files() {
    for name in ["down.attn2.to_k.weight", "conv_in.weight", "decoder.conv_out.weight"] {
        check_fingerprint(name);
    }
}

#[track_caller]
fn check_fingerprint(name: &str) {
    let key = [0.1f32, 0.2, 0.3, 0.4]; // not exact in f16
    let full = [(name, &[3][..], &key[..3]), ("other", &[1], &[0.1])];
    let print = |shards: &[Vec<u8>]| {
        let mut weights = unet();
        shards.iter().for_each(|bytes| weights.add_shard(bytes, "x").unwrap());
        weights.fingerprint()
    };
    let wanted = print(&[shard(Dtype::F32, &full)]);
    assert_eq!(wanted.len(), 64);
    assert_eq!(print(&[shard(Dtype::F16, &full)]), wanted, "the f16 variant");
    assert_eq!(print(&[shard(Dtype::F32, &full[1..]), shard(Dtype::F16, &full[..1])]), wanted, "shards");
    assert_ne!(print(&[shard(Dtype::F32, &[(name, &[3], &key[1..]), full[1]])]), wanted, "other values");
    assert_ne!(print(&[shard(Dtype::F32, &full[..1])]), wanted, "other tensors");
}

#[test]
fn names_of_old_vaes_are_understood() {
    let mut weights = Weights::new("vae", &Device::default());
    let old = ["query.weight", "key.bias", "value.weight", "proj_attn.bias", "group_norm.weight"];
    let old = old.map(|name| format!("encoder.mid_block.attentions.0.{name}"));
    let tensors: Vec<_> = old.iter().map(|name| (name.as_str(), &[1][..], &[1.0][..])).collect();
    weights.add_shard(&shard(Dtype::F32, &tensors), "x").unwrap();
    for name in ["to_q.weight", "to_k.bias", "to_v.weight", "to_out.0.bias", "group_norm.weight"] {
        assert!(weights.has(&format!("encoder.mid_block.attentions.0.{name}")), "{name}");
    }
}

#[test]
fn damaged_shards_get_a_sentence() {
    #[track_caller]
    fn check(bytes: &[u8], wanted: &str) {
        let error = unet().add_shard(bytes, "model.safetensors").unwrap_err().to_string();
        assert_eq!(error, wanted);
    }
    let good = shard(Dtype::F32, &[("w", &[2, 2], &[1.0; 4])]);
    let n = good.len();
    check(
        &good[..n - 1],
        &format!("unet: model.safetensors has {} bytes where its header promises {n}; download it again", n - 1),
    );
    check(
        &[&good[..], &[0]].concat(),
        &format!("unet: model.safetensors has {} bytes where its header promises {n}; download it again", n + 1),
    );
    check(
        b"",
        "unet: model.safetensors is not a valid safetensors file (header too small; 0 bytes); download it again",
    );
    check(
        &[&8u64.to_le_bytes()[..], b"{\"a\":1} "].concat(),
        "unet: model.safetensors is not a valid safetensors file (invalid JSON in header: \
         invalid type: integer `1`, expected struct TensorInfo at line 1 column 7; 16 bytes); download it again",
    );
    check(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "unet: model.safetensors is a Git LFS pointer, not the weights; run `git lfs pull` or download the file itself",
    );
    check(
        b"PK\x03\x04archive/data.pkl",
        "unet: model.safetensors is a pickle, not safetensors; pickle files can run code: convert it to safetensors",
    );
    // headers that lie: other offsets, a shape for more bytes than there are, a type that does not exist
    for (from, to) in [("[0,16]", "[4,20]"), ("[2,2]", "[2,9]"), ("\"F32\"", "\"F99\""), ("[0,16]", "[16,0]")] {
        let text = good.clone().iter().map(|&byte| char::from(byte)).collect::<String>();
        assert!(text.contains(from));
        let bytes: Vec<u8> = text.replacen(from, to, 1).chars().map(|c| c as u8).collect();
        let error = unet().add_shard(&bytes, "x").unwrap_err().to_string();
        assert!(error.starts_with("unet: x is not a valid safetensors file ("), "{from} → {to}: {error}");
    }
    for (dtype, bad) in
        [(Dtype::F32, f32::NAN), (Dtype::F16, f32::INFINITY), (Dtype::BF16, f32::NEG_INFINITY), (Dtype::F64, f32::NAN)]
    {
        let mut values = vec![1.0; 5000];
        values[4999] = bad;
        let bytes = shard(dtype, &[("conv_in.bias", &[5000], &values)]);
        check(
            &bytes,
            &format!(
                "unet: the tensor \"conv_in.bias\" holds {bad} at index 4999 where a finite number is needed; \
                 the file is damaged or its training went wrong: get another copy"
            ),
        );
    }
    let mut twice = unet();
    twice.add_shard(&good, "x").unwrap();
    assert_eq!(
        twice.add_shard(&good, "y").unwrap_err().to_string(),
        "unet: two shards hold the tensor \"w\"; keep the files of one variant only"
    );
}

#[test]
fn unusable_folders_get_a_sentence() {
    #[track_caller]
    fn check(files: &[(&str, &[u8])], below: &str, wanted: &str) {
        let root = checkpoint(files);
        let error = fill(&root.path().join(below), Part::UNet).err().expect("an error").to_string();
        assert_eq!(error.replace(root.path().to_str().unwrap(), "ROOT"), wanted);
    }
    check(&[], "none", "ROOT/none: there is no such folder; give a diffusers folder");
    check(
        &[("v1-5.ckpt", b"")],
        "v1-5.ckpt",
        "ROOT/v1-5.ckpt: is a .ckpt file; pickle files can run code and are refused: \
         give a diffusers folder with safetensors (diffusers converts it: from_single_file, then save_pretrained)",
    );
    check(
        &[("v1-5.safetensors", b"")],
        "v1-5.safetensors",
        "ROOT/v1-5.safetensors: is a single-file checkpoint, which is not supported: \
         give a diffusers folder (diffusers converts it: from_single_file, then save_pretrained)",
    );
    check(
        &[("v1-5.safetensors", b"")],
        "",
        "ROOT/: has single-file checkpoints but no unet/ folder; give a diffusers folder \
         (diffusers converts one: from_single_file, then save_pretrained)",
    );
    check(
        &[("vae/config.json", b"")],
        "",
        "ROOT/: has no unet/ folder; give a diffusers folder (model_index.json, unet/, vae/, text_encoder/, …)",
    );
    check(
        &[("unet/config.json", b"")],
        "",
        "ROOT/unet: has no diffusion_pytorch_model.safetensors; download the checkpoint's safetensors files",
    );
    check(
        &[("unet/diffusion_pytorch_model.bin", b"")],
        "",
        "ROOT/unet: has diffusion_pytorch_model.bin but no diffusion_pytorch_model.safetensors; pickle files can run \
         code and are refused: convert it to safetensors (load it in diffusers and save_pretrained)",
    );
    let index = "unet/diffusion_pytorch_model.safetensors.index.json";
    check(
        &[(index, b"{\"weight_map\": {\"a\": \"1.safetensors\", \"b\": \"../2.safetensors\"}}")],
        "",
        &format!("ROOT/{index}: 2 of 2 shards are missing, first \"../2.safetensors\"; download the checkpoint again"),
    );
    check(
        &[(index, b"{}")],
        "",
        &format!("ROOT/{index}: has no \"weight_map\" from tensors to files; download the checkpoint again"),
    );
    check(
        &[("unet/diffusion_pytorch_model.safetensors", b"")],
        "",
        "unet: diffusion_pytorch_model.safetensors is not a valid safetensors file (header too small; 0 bytes); download it again",
    );

    let root = checkpoint(&[("unet/config.json", b"")]);
    let error = fill(root.path(), Part::Vae).err().unwrap().to_string();
    assert!(error.ends_with("/vae: the checkpoint lacks this folder; download it again"), "{error}");
}
