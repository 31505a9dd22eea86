//! Packed weights: what each scheme keeps, containers whole and damaged, and models that come out of them.
use super::reference;
use burn::tensor::{Device, Tensor};
use instructbrush::models::packed::index::{Index, shard_name};
use instructbrush::models::packed::pack::{Packer, Precision, SHARD};
use instructbrush::models::packed::read::{Files, PackedSource};
use instructbrush::models::packed::scheme::{BLOCK, Scheme};
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::service::convert::{convert, decibels};
use instructbrush::service::engine::Engine;
use instructbrush::service::job::Reply;
use instructbrush::tensor::noise::Noise;
use std::collections::BTreeMap;

/// A container in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folder(BTreeMap<String, Vec<u8>>);

impl Files for Folder {
    async fn whole(&mut self, path: &str) -> instructbrush::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).cloned())
    }
}

pub fn converted(model: &str, precision: Precision) -> Folder {
    let mut folder = Folder::default();
    let mut put = |path: &str, bytes: &[u8]| {
        folder.0.insert(path.into(), bytes.to_vec());
        Ok(())
    };
    let (mut source, device) = (reference::checkpoint(model), Device::flex());
    pollster::block_on(convert(&mut source, precision, &device, &mut put, &mut |_| Reply::Continue)).unwrap();
    folder
}

fn load<S: WeightSource>(source: S) -> instructbrush::Result<Engine<S>> {
    pollster::block_on(Engine::load(reference::device(), source, &mut |_| Reply::Continue))
}

pub fn open(folder: &Folder) -> instructbrush::Result<PackedSource<Folder>> {
    pollster::block_on(PackedSource::open(folder.clone()))
}

fn normal(n: usize) -> Vec<f32> {
    reference::read(Noise::new(1).tensor([n], &Device::flex()))
}

/// Rounding to steps of Δ = max|x|/q, the same for a block, leaves an error of Δ²/12 a number (Bennett 1948), and none of the
/// largest. A scale that cuts the largest off gains something where steps are long.
#[test]
fn integers_keep_what_their_bits_allow() {
    let x = normal(1 << 16);
    let kept = |scheme: Scheme| {
        let bytes = scheme.encode(&x).unwrap();
        assert_eq!(bytes.len(), scheme.bytes(x.len()));
        decibels(&x, &scheme.decode(&bytes, x.len()).unwrap())
    };
    assert_eq!(kept(Scheme::F32), f64::INFINITY);
    assert!(kept(Scheme::F16) > 70.0);
    let largest = |block: &[f32]| block.iter().fold(0f32, |most, x| most.max(x.abs()));
    let squares: f64 = x.chunks(BLOCK).map(|block| f64::from(largest(block)).powi(2) * (BLOCK - 1) as f64).sum();
    let energy: f64 = x.iter().map(|&x| f64::from(x).powi(2)).sum();
    for (scheme, q, gain) in [(Scheme::Q8, 127.0, 0.05), (Scheme::Q6, 31.0, 0.5), (Scheme::Q4, 7.0, 2.0)] {
        let theory = 10.0 * (energy / (squares / (12.0 * q * q))).log10();
        let kept = kept(scheme);
        assert!((theory - 0.05..theory + gain).contains(&kept), "{scheme:?}: {kept:.2} dB where {theory:.2} are due");
    }
}

#[test]
fn a_block_is_packed_from_the_lowest_bit_up() {
    // integers of every sign and the largest, with the scale 0.5
    let block =
        |most: i32| -> Vec<f32> { (0..BLOCK as i32).map(|i| 0.5 * ((i % (2 * most + 1)) - most) as f32).collect() };
    let scale = half::f16::from_f32(0.5).to_le_bytes();
    for (scheme, most, bits) in [(Scheme::Q8, 127, 8), (Scheme::Q6, 31, 6), (Scheme::Q4, 7, 4)] {
        let x = block(most);
        let bytes = scheme.encode(&x).unwrap();
        let mut all = 0u128; // the first 128 bits as one number
        for (i, &x) in x.iter().enumerate().take(128 / bits) {
            all |= (((2.0 * x) as i128) as u128 & ((1 << bits) - 1)) << (i * bits);
        }
        let whole = 128 / bits * bits / 8;
        assert_eq!(bytes[..whole], all.to_le_bytes()[..whole], "{scheme:?}");
        assert_eq!(bytes[BLOCK * bits / 8..], scale, "{scheme:?}: the scale comes last");
        assert_eq!(scheme.decode(&bytes, BLOCK).unwrap(), x, "{scheme:?}: whole numbers come back as they were");
    }
    assert_eq!(Scheme::Q4.decode(&Scheme::Q4.encode(&[0.0; BLOCK]).unwrap(), BLOCK).unwrap(), [0.0; BLOCK]);
    assert!(Scheme::Q8.encode(&[1.0; BLOCK + 1]).is_err(), "half a block");
    assert!(Scheme::Q8.decode(&[0; BLOCK], BLOCK).is_err(), "a block without a scale");
}

/// A matrix that is longer than a shard, a scalar, and one without numbers.
#[test]
fn a_tensor_longer_than_a_shard_comes_back() {
    let shape = [9000, 1024]; // 36.9 MB as f32
    let large: Vec<f32> = (0..shape[0] * shape[1]).map(|i| (i % 8191) as f32).collect();
    let tensors: [(&str, &[usize], &[f32]); 3] =
        [("large", &shape, &large), ("one", &[], &[3.5]), ("void", &[2, 0], &[])];
    let (mut packer, mut folder) = (Packer::new(Part::UNet, Precision::F32), Folder::default());
    let mut save = |packer: &mut Packer| {
        if let Some((idx, bytes)) = packer.take_shard() {
            assert!(bytes.len() <= SHARD);
            folder.0.insert(shard_name(Part::UNet, idx), bytes);
        }
    };
    for (name, shape, values) in tensors {
        let width: usize = shape.iter().skip(1).product();
        let rows = (Packer::rows_at_once(shape) * width).max(1);
        for values in values.chunks(rows).chain(values.is_empty().then_some(&[][..])) {
            packer.add(name, shape, values).unwrap();
            save(&mut packer);
        }
    }
    packer.finish();
    save(&mut packer);
    let mut index = Index::default();
    index.parts.insert("unet".into(), packer.into_index("print".into()).0);
    folder.0.insert("index.json".into(), index.to_json().unwrap());
    assert_eq!(folder.0.len(), 3, "two shards and the index");

    let mut weights = Weights::new("unet", &Device::flex());
    pollster::block_on(open(&folder).unwrap().fill(Part::UNet, &mut weights)).unwrap();
    assert_eq!(weights.fingerprint(), "print");
    let numbers = |tensor: Tensor<1>| reference::read(tensor);
    assert!(numbers(weights.take::<2>("large", shape).reshape([large.len()])) == large);
    assert_eq!(numbers(weights.take("one", [1])), [3.5]);
    assert!(weights.has("void"));
}

/// The figure of the issue (q8: 40 dB) on the model whose goldens are diffusers', f32 to the bit, and equal bytes twice.
#[test]
fn a_model_says_nearly_the_same_at_every_precision() {
    let mut engine = load(reference::checkpoint("demo")).unwrap();
    let whole = pollster::block_on(engine.probe()).unwrap();
    let mut last = f64::INFINITY;
    for (precision, from) in [
        (Precision::F32, f64::INFINITY),
        (Precision::F16, 65.0),
        (Precision::Q8, 40.0),
        (Precision::Q6, 28.0),
        (Precision::Q4, 14.0),
    ] {
        let folder = converted("demo", precision);
        let mut packed = load(open(&folder).unwrap()).unwrap();
        assert_eq!(packed.fingerprint(), engine.fingerprint(), "{precision:?}: instructions know their base model");
        let kept = decibels(&whole, &pollster::block_on(packed.probe()).unwrap());
        assert!(kept >= from && kept <= last, "{precision:?}: {kept:.2} dB where {from} are needed, before {last:.2}");
        last = kept;
        if precision == Precision::Q8 {
            assert!(folder == converted("demo", precision), "the same bytes twice");
            // what was converted can be converted again, and knows where it comes from
            let mut again = Folder::default();
            let mut put = |path: &str, bytes: &[u8]| {
                again.0.insert(path.into(), bytes.to_vec());
                Ok(())
            };
            let mut source = open(&folder).unwrap();
            let device = Device::flex();
            pollster::block_on(convert(&mut source, Precision::F32, &device, &mut put, &mut |_| Reply::Continue))
                .unwrap();
            assert_eq!(load(open(&again).unwrap()).unwrap().fingerprint(), engine.fingerprint());
        }
    }
}

#[test]
fn what_is_damaged_is_named() {
    let folder = converted("small_a", Precision::Q8);
    let says = |change: &dyn Fn(&mut Folder), words: &[&str]| {
        let mut folder = folder.clone();
        change(&mut folder);
        let read = |mut source: PackedSource<Folder>| {
            let mut clip = Weights::new("clip", &Device::flex());
            pollster::block_on(source.fill(Part::Clip, &mut clip))?;
            load(source)
        };
        let error = open(&folder).and_then(read).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(!error.is_empty(), "{words:?}: no error");
        for word in words {
            assert!(error.contains(word), "\"{word}\" is not in: {error}");
        }
    };
    for path in folder.0.keys().filter(|path| path.ends_with(".bin")) {
        says(&|folder| folder.0.get_mut(path).unwrap()[77] ^= 1, &[path, "damaged", "SHA-256"]);
        says(&|folder| folder.0.get_mut(path).unwrap().truncate(100), &[path, "100 bytes"]);
        says(&|folder| drop(folder.0.remove(path)), &[path, "missing"]);
    }
    says(&|folder| folder.0.get_mut("unet/config.json").unwrap()[5] ^= 1, &["unet/config.json", "damaged"]);
    says(&|folder| drop(folder.0.remove("index.json")), &["index.json"]);
    says(&|folder| folder.0.get_mut("index.json").unwrap().truncate(200), &["index.json", "not the index"]);

    // an index that lies: each change of its text to one that no writer makes
    let lies = |from: &str, to: &str, words: &[&str]| {
        let index = String::from_utf8(folder.0["index.json"].clone()).unwrap();
        assert!(index.contains(from), "{from}");
        says(&|folder| drop(folder.0.insert("index.json".into(), index.replacen(from, to, 1).into())), words);
    };
    lies("\"version\":1", "\"version\":2", &["version 2", "newer program"]);
    lies("instructbrush-weights", "something-else", &["something-else"]);
    lies("\"offset\":256,", "\"offset\":18446744073709551000,", &["does not lie inside"]);
    lies("\"offset\":256,", "\"offset\":257,", &["does not lie inside"]);
    lies("\"bytes\":", "\"bytes\":9999999", &["lists a file of 9999999"]);
    lies("\"shard\":0,", "\"shard\":7,", &["does not lie inside"]);
    lies(
        "conv_in.bias\":{\"shape\":[",
        "conv_in.bias\":{\"shape\":[0,9223372036854775807,9223372036854775807,",
        &["does not lie inside"],
    );
    lies("conv_in.bias\":{\"shape\":[", "conv_in.bias\":{\"shape\":[9223372036854775807,4,", &["does not lie inside"]);
}

#[test]
fn numbers_that_cannot_be_kept_are_refused() {
    let add = |precision, values: &[f32]| {
        let mut packer = Packer::new(Part::UNet, precision);
        packer.add("mid.weight", &[1, values.len()], values).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(add(Precision::F16, &[65504.0]), "");
    assert!(add(Precision::F16, &[1e6]).contains("f16"));
    assert!(add(Precision::F32, &[f32::NAN]).contains("NaN"));
    let mut large = vec![0.0; 4096];
    large[4000] = 1e9;
    assert!(add(Precision::Q8, &large).contains("too large"));
}
