//! Metrics: against scikit-image, lpips and transformers (`tests/golden/metrics.py`).
use super::reference::{Golden, checkpoint, clip, device, path, read};
use burn::tensor::{Tensor, TensorData};
use instructbrush::bench::metrics::lpips::{Lpips, PART};
use instructbrush::bench::metrics::{direction, psnr, ssim::ssim};
use instructbrush::models::weights::Weights;
use instructbrush::platform::pairs::read_pairs;
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::picture::Picture;
use safetensors::tensor::{Dtype, TensorView, serialize};

const LIMIT: f64 = 1e-4;
const CASES: [&str; 5] = ["drawn", "near", "odd", "flat", "smallest"];

fn picture(golden: &Golden, name: &str) -> Picture {
    let shape = golden.shape(name);
    let rgb = golden.values(name).into_iter().map(|byte| byte as u8).collect();
    Picture { width: shape[1], height: shape[0], rgb }
}

#[track_caller]
fn check(what: &str, got: f64, wanted: f64) {
    assert!((got - wanted).abs() <= LIMIT, "{what}: {got} where {wanted} is wanted");
}

#[test]
fn psnr_and_ssim_are_scikit_images() {
    let golden = Golden::open("metrics");
    for case in CASES {
        let [a, b] = ["a", "b"].map(|side| picture(&golden, &format!("{case}.{side}")));
        check(&format!("{case} PSNR"), psnr(&a, &b).unwrap(), golden.values(&format!("{case}.psnr"))[0].into());
        check(&format!("{case} SSIM"), ssim(&a, &b).unwrap(), golden.values(&format!("{case}.ssim"))[0].into());
        assert_eq!((psnr(&a, &a).unwrap(), ssim(&b, &b).unwrap()), (100.0, 1.0), "{case}: equal pictures");
    }
    let [small, large] = [10, 11].map(|side| Picture { width: 11, height: side, rgb: vec![7; 33 * side] });
    for error in [psnr(&small, &large).unwrap_err(), ssim(&small, &large).unwrap_err()] {
        assert!(error.to_string().contains("11×10 and 11×11"), "{error}");
    }
    assert!(ssim(&small, &small).unwrap_err().to_string().contains("11×10; take larger ones"));
}

/// A file of LPIPS with the random weights that the script drew.
pub fn random_lpips_file() -> Vec<u8> {
    let shapes = [
        (0, [64, 3, 11, 11]),
        (3, [192, 64, 5, 5]),
        (6, [384, 192, 3, 3]),
        (8, [256, 384, 3, 3]),
        (10, [256, 256, 3, 3]),
    ];
    let mut tensors = Vec::new();
    for (index, [c_out, c_in, k, _]) in shapes {
        let scale = (2.0 / (c_in * k * k) as f64).sqrt();
        tensors.push((format!("features.{index}.weight"), vec![c_out, c_in, k, k], scale));
        tensors.push((format!("features.{index}.bias"), vec![c_out], 0.1));
    }
    tensors.extend((0..5).map(|k| (format!("lin{k}.weight"), vec![1, shapes[k].1[0], 1, 1], 1.0)));
    let bytes = tensors.into_iter().enumerate().map(|(seed, (name, shape, scale))| {
        let numbers =
            Noise::new(seed as u64).draw(shape.iter().product()).into_iter().map(|number| number * scale as f32);
        let bytes =
            numbers.flat_map(|number| if name.starts_with("lin") { number.abs() } else { number }.to_le_bytes());
        (name.clone(), shape, bytes.collect::<Vec<u8>>())
    });
    let bytes: Vec<_> = bytes.collect();
    let views =
        bytes.iter().map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    serialize(views, None).unwrap()
}

#[test]
fn lpips_is_the_packages() {
    let golden = Golden::open("metrics");
    let mut weights = Weights::new(PART, &device());
    weights.add_shard(&random_lpips_file(), "random.safetensors").unwrap();
    let lpips = Lpips::take(&mut weights);
    assert_eq!(weights.finish().unwrap(), Vec::<String>::new());
    for case in ["drawn", "near", "odd", "flat"] {
        let [a, b] = ["a", "b"].map(|side| picture(&golden, &format!("{case}.{side}")).to_tensor(&device()));
        // Both ways in one batch: the distance is symmetric.
        let both = lpips.distance(Tensor::cat(vec![a.clone(), b.clone()], 0), Tensor::cat(vec![b, a], 0));
        let wanted = f64::from(golden.values(&format!("{case}.lpips"))[0]);
        for got in read(both) {
            check(&format!("{case} LPIPS"), got.into(), wanted);
        }
    }
    // A file of another network is refused with what is missing.
    let mut weights = Weights::new(PART, &device());
    Lpips::take(&mut weights);
    let error = weights.finish().unwrap_err().to_string();
    assert!(error.contains("15 of 15") && error.contains("examples/lpips/convert.py"), "{error}");
}

#[test]
fn the_direction_is_transformers() {
    let clip = clip("demo");
    let side = clip.image_size();
    let features = |pictures: &[Picture]| {
        let pixels: Vec<f32> = pictures.iter().flat_map(|picture| picture.clip_input(side)).collect();
        let pixels = Tensor::from_data(TensorData::new(pixels, [pictures.len(), 3, side, side]), &device());
        read(clip.image_features(pixels))
    };
    assert!(checkpoint("demo").root().join("clip").is_dir());
    let sides = |folder: &str| -> (Vec<Picture>, Vec<Picture>) {
        read_pairs(&path(folder)).unwrap().into_iter().map(|pair| (pair.before, pair.after)).unzip()
    };
    let ((before, after), (input, truth)) = (sides("tests/golden/pairs/snow"), sides("tests/golden/pairs/snow/test"));
    let half = |(a, b): (&Picture, &Picture)| {
        let rgb = a.rgb.iter().zip(&b.rgb).map(|(a, b)| ((u16::from(*a) + u16::from(*b)) / 2) as u8).collect();
        Picture { rgb, ..a.clone() }
    };
    let results: Vec<Picture> = input.iter().zip(&truth).map(half).collect();
    let width = features(&before[..1]).len();
    let wanted = direction::mean_change(&features(&before), &features(&after), width);
    let got = direction::mean_change(&features(&input), &features(&results), width);
    let distance = direction::distance(&got, &wanted);
    check("Direct.", distance, Golden::open("metrics").values("direction")[0].into());
    assert!(
        (direction::distance(&wanted, &wanted)).abs() < 1e-12 && direction::distance(&vec![0.0; width], &wanted) == 1.0
    );
}
