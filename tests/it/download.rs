//! Download: hosts that break off, send wrong bytes or hold something else, and stores that fill up.
mod host;

use super::reference;
use host::{Shelf, Site, Tree};
use instructbrush::models::packed::index::{Index, shard_name};
use instructbrush::models::packed::pack::{Packer, Precision};
use instructbrush::models::packed::read::PackedSource;
use instructbrush::models::weights::Part;
use instructbrush::service::convert::convert;
use instructbrush::service::download::{Progress, download};
use instructbrush::service::engine::Engine;
use instructbrush::service::job::Reply;
use instructbrush::tensor::noise::Noise;
use instructbrush::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

fn fetch(site: &mut Site, shelf: &mut Shelf) -> Result<Index> {
    pollster::block_on(download(site, shelf, Precision::Q8, &mut |_| Reply::Continue))
}

/// The files of a folder, by their paths in it.
fn tree(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                tree.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    tree
}

/// A repository in diffusers' layout, and the container that `convert` makes of it.
fn repository(model: &str) -> (Site, Tree) {
    let mut container = Tree::new();
    let mut put = |path: &str, bytes: &[u8]| {
        container.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    };
    let (mut source, device) = (reference::checkpoint(model), burn::tensor::Device::flex());
    pollster::block_on(convert(&mut source, Precision::Q8, &device, &mut put, &mut |_| Reply::Continue)).unwrap();
    (Site { files: tree(&reference::path(&format!("tests/golden/{model}"))), ..Site::default() }, container)
}

fn probe(shelf: &Shelf) -> (String, Vec<f32>) {
    let source = pollster::block_on(PackedSource::open(shelf.clone())).unwrap();
    let mut engine = pollster::block_on(Engine::load(reference::device(), source, &mut |_| Reply::Continue)).unwrap();
    (engine.fingerprint().to_owned(), pollster::block_on(engine.probe()).unwrap())
}

fn draw(noise: &mut Noise, below: usize) -> usize {
    noise.below(below as u32) as usize
}

/// The issue's figure: a download cut ten times at random points ends byte-identical, with ranges or without.
#[test]
fn a_container_arrives_whole_however_often_it_breaks_off() {
    let (_, container) = repository("demo");
    for without_ranges in [false, true] {
        let mut noise = Noise::new(3);
        let mut cuts: Vec<usize> = (0..10).map(|_| draw(&mut noise, 400_000)).collect();
        if without_ranges {
            // each a little further than the one before: one that gets nowhere is given up at some time
            cuts.sort_by_key(|&cut| std::cmp::Reverse(cut));
        }
        let mut site = Site { files: container.clone(), without_ranges, cuts, ..Site::default() };
        let (mut shelf, mut last) = (Shelf::default(), Progress::default());
        let mut on_progress = |progress: Progress| {
            assert!(progress.done >= last.done || last.done == 0, "{progress:?} after {last:?}");
            last = progress;
            Reply::Continue
        };
        pollster::block_on(download(&mut site, &mut shelf, Precision::Q8, &mut on_progress)).unwrap();
        assert!(site.cuts.is_empty(), "all ten");
        assert!(shelf.files == container, "byte for byte");
        assert_eq!(last.done, last.total);
        let again = site.asked.len();
        fetch(&mut site, &mut shelf).unwrap();
        assert_eq!(site.asked.len(), again, "what is complete is not asked for");
        // a tab that was closed while the index was written
        shelf.files.get_mut("index.json").unwrap().truncate(99);
        fetch(&mut site, &mut shelf).unwrap();
        assert!(shelf.files == container);
    }
}

#[test]
fn a_flipped_bit_is_noticed_and_only_that_shard_is_fetched_again() {
    let (_, container) = repository("small_a");
    let shard = shard_name(Part::UNet, 0);
    let count = |site: &Site, path: &str| site.asked.iter().filter(|(asked, _)| asked == path).count();
    let mut site = Site { files: container.clone(), flips: Some((shard.clone(), 1)), ..Site::default() };
    let mut shelf = Shelf::default();
    fetch(&mut site, &mut shelf).unwrap();
    assert!(shelf.files == container);
    assert_eq!(count(&site, &shard), 2);
    assert!(site.asked.iter().all(|(path, _)| *path == shard || count(&site, path) == 1));

    let mut site = Site { files: container.clone(), flips: Some((shard.clone(), 99)), ..Site::default() };
    let mut shelf = Shelf::default();
    let error = fetch(&mut site, &mut shelf).unwrap_err().to_string();
    assert!(error.contains(&shard) && error.contains("damaged"), "{error}");
    assert!(!shelf.files.contains_key("index.json"), "not taken for a model");

    // one that rots in the store is noticed when the download goes on
    let mut shelf = Shelf { files: container.clone(), quota: None, room: None };
    shelf.files.remove("index.json");
    shelf.files.get_mut(&shard).unwrap()[9] ^= 1;
    let mut site = Site { files: container.clone(), ..Site::default() };
    fetch(&mut site, &mut shelf).unwrap();
    assert!(shelf.files == container);
    let asked: Vec<&str> = site.asked.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(asked, ["index.json", &shard]);
}

/// What rots in the store after it was whole is mended by fetching again, and nothing else is fetched.
#[test]
fn a_stored_model_that_is_damaged_is_mended() {
    let (_, container) = repository("small_a");
    let shard = shard_name(Part::Vae, 0);
    let mut shelf = Shelf { files: container.clone(), quota: None, room: None };
    shelf.files.get_mut(&shard).unwrap()[9] ^= 1;
    let mut site = Site { files: container.clone(), ..Site::default() };
    fetch(&mut site, &mut shelf).unwrap();
    assert!(shelf.files == container);
    let asked: Vec<&str> = site.asked.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(asked, ["index.json", &shard]);
}

/// A host that sends the beginning again each time, and each time breaks before what is new.
#[test]
fn a_host_that_never_comes_to_what_is_new_is_given_up() {
    let (_, container) = repository("demo");
    let cuts = std::iter::repeat_n(1000, 50).chain([300_000]).collect();
    let mut site = Site { files: container, without_ranges: true, cuts, ..Site::default() };
    let error = fetch(&mut site, &mut Shelf::default()).unwrap_err();
    assert!(matches!(error, Error::Network(_)), "{error}");
    assert!(site.cuts.len() > 40, "it waits between tries, and ends");
}

/// The very bytes that would be stored are asked for, before any of them is fetched.
#[test]
fn what_has_no_room_is_refused_before_it_is_fetched() {
    let (site, container) = repository("small_a");
    let index = Index::parse(&container["index.json"]).unwrap();
    let tensors = index.parts.values().flat_map(|part| part.tensors.values());
    let packed = tensors.map(|entry| entry.scheme.bytes(entry.shape.iter().product()) as u64).sum();
    let mirrored = Site { files: container.clone(), ..Site::default() };
    for (site, total) in [(site, packed), (mirrored, index.total())] {
        let mut shelf = Shelf { room: Some(total - 1), ..Shelf::default() };
        let mut refused = site.clone();
        let error = fetch(&mut refused, &mut shelf).unwrap_err();
        assert!(matches!(error, Error::Storage(_)), "{error}");
        assert!(shelf.files.keys().all(|path| path.ends_with(".json") || path.ends_with(".txt")), "no weights");
        shelf.room = Some(total);
        fetch(&mut site.clone(), &mut shelf).unwrap();
    }
}

/// Straight from a repository: the same model as by `convert`, the bytes in another order.
#[test]
fn a_repository_is_converted_while_it_arrives() {
    for model in ["demo", "small_a", "small_b"] {
        let (mut site, container) = repository(model);
        site.cuts = (1..6).map(|n| n * 77_777).collect();
        let mut shelf = Shelf::default();
        let index = fetch(&mut site, &mut shelf).unwrap();
        let by_convert = Index::parse(&container["index.json"]).unwrap();
        assert_eq!(index.files, by_convert.files, "{model}");
        for (part, content) in &by_convert.parts {
            let schemes = |index: &Index| -> Vec<_> {
                index.parts[part]
                    .tensors
                    .iter()
                    .map(|(name, tensor)| (name.clone(), tensor.shape.clone(), tensor.scheme))
                    .collect()
            };
            assert_eq!(schemes(&index), schemes(&by_convert), "{model} {part}");
            assert_eq!(index.parts[part].fingerprint, content.fingerprint, "{model} {part}");
        }
        assert!(
            probe(&shelf) == probe(&Shelf { files: container, quota: None, room: None }),
            "{model}: the same numbers"
        );
        assert!(!shelf.files.contains_key("journal.json"));
    }
}

#[test]
fn a_tab_that_is_closed_and_a_store_that_is_full_lose_no_stored_part() {
    let (site, _) = repository("demo");
    let unet = "unet/diffusion_pytorch_model.safetensors";
    let n_unet = site.files[unet].len() as u64;
    let bytes_of = |site: &Site, path: &str| site.asked.iter().filter(|(asked, _)| asked == path).count();

    // closed in the middle of the VAE
    let (mut first, mut shelf) = (site.clone(), Shelf::default());
    let mut on_progress =
        |progress: Progress| if progress.done > n_unet + 1000 { Reply::Stop } else { Reply::Continue };
    let stopped = pollster::block_on(download(&mut first, &mut shelf, Precision::Q8, &mut on_progress));
    assert!(matches!(stopped, Err(Error::Cancelled)));
    let whole = {
        let mut shelf = Shelf::default();
        fetch(&mut site.clone(), &mut shelf).unwrap();
        shelf
    };
    let mut second = site.clone();
    fetch(&mut second, &mut shelf).unwrap();
    assert!(shelf == whole, "as if it had never stopped");
    assert_eq!(bytes_of(&second, unet), 2, "found, and its header read; its numbers are there");
    assert!(second.asked.iter().all(|(path, _)| !path.ends_with("config.json")), "small files are there too");

    // full in the middle
    let mut shelf = Shelf { quota: Some(4_000_000), ..Shelf::default() };
    let error = fetch(&mut site.clone(), &mut shelf).unwrap_err();
    assert!(matches!(error, Error::Storage(_)), "{error}");
    shelf.quota = None;
    fetch(&mut site.clone(), &mut shelf).unwrap();
    assert!(shelf == whole);

    // another wish begins anew
    let mut shelf = Shelf::default();
    let _ = pollster::block_on(download(&mut site.clone(), &mut shelf, Precision::Q4, &mut on_progress));
    fetch(&mut site.clone(), &mut shelf).unwrap();
    assert!(shelf == whole);
}

/// Replaced on the host between two tries, in the same sizes: what is stored of the old one is no use.
#[test]
fn a_repository_that_was_replaced_meanwhile_is_fetched_anew() {
    let (site, _) = repository("demo");
    let unet = "unet/diffusion_pytorch_model.safetensors";
    let n_unet = site.files[unet].len() as u64;
    let mut replaced = site.clone();
    let bytes = replaced.files.get_mut(unet).unwrap();
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[header] ^= 1; // the last bit of the first number
    let config = String::from_utf8(replaced.files["unet/config.json"].clone()).unwrap();
    replaced.files.insert("unet/config.json".into(), format!("{config}\n").into());
    let mut whole = Shelf::default();
    fetch(&mut replaced.clone(), &mut whole).unwrap();

    let mut shelf = Shelf::default();
    let mut in_the_vae = |progress: Progress| if progress.done > n_unet + 1000 { Reply::Stop } else { Reply::Continue };
    let stopped = pollster::block_on(download(&mut site.clone(), &mut shelf, Precision::Q8, &mut in_the_vae));
    assert!(matches!(stopped, Err(Error::Cancelled)));
    fetch(&mut replaced, &mut shelf).unwrap();
    assert!(shelf == whole, "as if the old one had never been there");
}

/// What is in full shards survives; the tensor that goes on in the next one is packed again.
#[test]
fn packing_goes_on_after_the_last_full_shard() {
    let values: Vec<f32> = (0..5000 * 1024).map(|i| (i % 4093) as f32).collect(); // 20.5 MB as f32
    let names = ["a", "b", "c", "d"];
    let pack = |packer: &mut Packer, shards: &mut BTreeMap<usize, Vec<u8>>, stop: bool| {
        for name in names {
            if packer.has(name) {
                continue;
            }
            packer.add(name, &[5000, 1024], &values).unwrap();
            if let Some((idx, shard)) = packer.take_shard() {
                shards.insert(idx, shard);
                if stop && idx == 1 {
                    return;
                }
            }
        }
        packer.finish();
        shards.extend(packer.take_shard());
    };
    let (mut whole, mut packer) = (BTreeMap::new(), Packer::new(Part::UNet, Precision::F32));
    pack(&mut packer, &mut whole, false);
    let index = packer.into_index(String::new()).0;

    let (mut shards, mut packer) = (BTreeMap::new(), Packer::new(Part::UNet, Precision::F32));
    pack(&mut packer, &mut shards, true);
    let mut packer = Packer::resume(Part::UNet, Precision::F32, packer.stored());
    assert!(packer.has("b") && !packer.has("c"));
    pack(&mut packer, &mut shards, false);
    assert_eq!(packer.into_index(String::new()).0, index);
    assert!(shards == whole);
}

#[test]
fn other_layouts_work_and_other_things_are_refused() {
    let (site, container) = repository("small_a");
    let unet = "unet/diffusion_pytorch_model.safetensors";
    let whole = probe(&Shelf { files: container, quota: None, room: None });
    let moved = |to: &str| {
        let mut site = site.clone();
        let bytes = site.files.remove(unet).unwrap();
        site.files.insert(to.to_owned(), bytes);
        site
    };
    let works = |mut site: Site| {
        let mut shelf = Shelf::default();
        fetch(&mut site, &mut shelf).unwrap();
        assert!(probe(&shelf) == whole);
    };
    works(moved("unet/diffusion_pytorch_model.fp16.safetensors"));
    let mut sharded = moved("unet/part-1.safetensors");
    let map = br#"{"weight_map": {"conv_in.weight": "part-1.safetensors", "conv_in.bias": "part-1.safetensors"}}"#;
    sharded.files.insert("unet/diffusion_pytorch_model.safetensors.index.json".into(), map.to_vec());
    works(sharded.clone());
    works(Site { without_lengths: true, ..site.clone() });

    let refused = |change: &dyn Fn(&mut Site), words: &[&str]| {
        let (mut site, mut shelf) = (site.clone(), Shelf::default());
        change(&mut site);
        let error = fetch(&mut site, &mut shelf).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "\"{word}\" is not in: {error}");
        }
        assert!(
            !shelf.files.contains_key("index.json") && !shelf.files.keys().any(|path| path.ends_with(".bin")),
            "{error}"
        );
    };
    let replace = |path: &str, from: &str, to: &str| {
        let (path, from, to) = (path.to_owned(), from.to_owned(), to.to_owned());
        move |site: &mut Site| {
            let text = String::from_utf8(site.files[&path].clone()).unwrap();
            assert!(text.contains(&from), "{text}");
            site.files.insert(path.clone(), text.replacen(&from, &to, 1).into());
        }
    };
    refused(&replace("unet/config.json", "\"in_channels\": 8", "\"in_channels\": 4"), &["4 input channels", "needs 8"]);
    refused(&|site| drop(site.files.remove("unet/config.json")), &["no unet/config.json", "diffusers"]);
    refused(&|site| drop(site.files.remove("vae/config.json")), &["vae/config.json is missing"]);
    refused(
        &|site| drop(site.files.remove("vae/diffusion_pytorch_model.safetensors")),
        &["vae", "no diffusion_pytorch_model"],
    );
    refused(&|site| *site = moved("unet/diffusion_pytorch_model.bin"), &["pickle", "diffusion_pytorch_model.bin"]);
    let weights = |change: fn(&mut Vec<u8>)| move |site: &mut Site| change(site.files.get_mut(unet).unwrap());
    refused(&weights(|bytes| bytes.truncate(bytes.len() - 5)), &[unet, "where its header promises"]);
    refused(&weights(|bytes| bytes.truncate(100)), &[unet, "ends after 100 bytes"]);
    refused(&weights(|bytes| bytes[..8].copy_from_slice(&(1u64 << 30).to_le_bytes())), &["1073741824 bytes long"]);
    refused(&weights(|bytes| bytes[20] = b'!'), &["no valid safetensors file"]);
    let sides = br#"{"x":{"dtype":"F16","shape":[0,4611686018427387904],"data_offsets":[0,0]}}"#;
    refused(
        &|site| {
            let bytes = [&(sides.len() as u64).to_le_bytes(), &sides[..]].concat();
            site.files.insert(unet.to_owned(), bytes);
        },
        &["which no tensor has"],
    );
    refused(&weights(|bytes| *bytes = b"version https://git-lfs.github.com/spec/v1".to_vec()), &["Git LFS"]);
    refused(&weights(|bytes| *bytes = b"<!DOCTYPE html><title>Not here</title>".to_vec()), &["no safetensors file"]);
    refused(&weights(|bytes| bytes.splice(bytes.len() - 4.., f32::NAN.to_le_bytes()).for_each(drop)), &["NaN"]);
    refused(
        &replace("unet/config.json", "\"cross_attention_dim\":", "\"cross_attention_dim\": 48, \"old\":"),
        &["are not as config.json says"],
    );
    refused(
        &|site| {
            *site = sharded.clone();
            let map = br#"{"weight_map": {"conv_in.weight": "../../other.safetensors"}}"#;
            site.files.insert("unet/diffusion_pytorch_model.safetensors.index.json".into(), map.to_vec());
        },
        &["weight_map"],
    );

    let mut down = Site { down: true, ..Site::default() };
    let error = fetch(&mut down, &mut Shelf::default()).unwrap_err();
    assert!(matches!(error, Error::Network(_)), "{error}");
    assert_eq!(down.waits, [1, 2, 3, 4, 5], "it tries for a while");
}
