//! LPIPS: how far apart two pictures are in the layers of AlexNet (Zhang, Isola, Efros, Shechtman, Wang 2018), v0.1.
//!
//! Weights are the user's: a `.safetensors` file with torchvision's `features.{0,3,6,8,10}.{weight,bias}` and the heads
//! `lin{0..4}.weight` `[1, c, 1, 1]` (`examples/lpips/convert.py` writes it). Lower is nearer, equal pictures are 0.
use crate::models::layers::Conv2d;
use crate::models::weights::Weights;
use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor, TensorData};

/// The part's name in sentences.
pub const PART: &str = "lpips";
/// A smaller side leaves nothing after the second pooling, in pixels.
pub const SMALLEST: usize = 31;

/// Brings −1…1 to what AlexNet was trained on.
const SHIFT: [f32; 3] = [-0.030, -0.088, -0.188];
const SCALE: [f32; 3] = [0.458, 0.448, 0.450];
/// Added to the length of a pixel's channels.
const EPS: f64 = 1e-10;

/// torchvision's index, shape `[c_out, c_in, k, k]`, stride and padding of each convolution.
const CONVOLUTIONS: [(usize, [usize; 4], usize, usize); 5] = [
    (0, [64, 3, 11, 11], 4, 2),
    (3, [192, 64, 5, 5], 1, 2),
    (6, [384, 192, 3, 3], 1, 1),
    (8, [256, 384, 3, 3], 1, 1),
    (10, [256, 256, 3, 3], 1, 1),
];

/// AlexNet's five convolutions and the head of each.
#[derive(Module, Debug)]
pub struct Lpips {
    features: Vec<Conv2d>,
    /// `[c]` each.
    heads: Vec<Param<Tensor<1>>>,
}

impl Lpips {
    /// Takes all tensors of the part [`PART`].
    pub fn take(w: &mut Weights) -> Self {
        let convolution = |&(index, shape, stride, padding): &(usize, [usize; 4], usize, usize)| {
            Conv2d::take_with(w, &format!("features.{index}"), shape, true, stride, padding)
        };
        let features = CONVOLUTIONS.iter().map(convolution).collect();
        let head = |(k, &(_, [c, ..], ..)): (usize, &(usize, [usize; 4], usize, usize))| {
            Param::from_tensor(w.take(&format!("lin{k}.weight"), [1, c, 1, 1]).reshape([c]))
        };
        Self { features, heads: CONVOLUTIONS.iter().enumerate().map(head).collect() }
    }

    /// The distance of each picture of one batch from the same of the other.
    ///
    /// # Shapes
    /// `[b, 3, h, w]` in −1…1 twice, sides of at least [`SMALLEST`] → `[b]`
    pub fn distance(&self, a: Tensor<4>, b: Tensor<4>) -> Tensor<1> {
        let [rows, _, height, width] = a.dims();
        assert!(height.min(width) >= SMALLEST, "lpips: expected sides of at least {SMALLEST}, got {width}×{height}");
        let device = a.device();
        let taps = self.taps(normalise(Tensor::cat(vec![a, b], 0), &device)); // [2b, …]: both in one pass
        let mut distance = Tensor::<1>::zeros([rows], &device);
        for (tap, head) in taps.into_iter().zip(&self.heads) {
            let [_, c, h, w] = tap.dims();
            let length = tap.clone().square().sum_dim(1).sqrt().add_scalar(EPS); // [2b, 1, h, w]
            let unit = tap / length;
            let gap = unit.clone().narrow(0, 0, rows) - unit.narrow(0, rows, rows);
            let weighted = gap.square() * head.val().reshape([1, c, 1, 1]);
            distance =
                distance + weighted.reshape([rows, c * h * w]).sum_dim(1).div_scalar((h * w) as f64).reshape([rows]);
        }
        distance
    }

    /// The five relu outputs.
    fn taps(&self, mut x: Tensor<4>) -> Vec<Tensor<4>> {
        let mut taps = Vec::with_capacity(self.features.len());
        for (idx, convolution) in self.features.iter().enumerate() {
            if matches!(idx, 1 | 2) {
                x = max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([2, 2]));
            }
            x = relu(convolution.forward(x));
            taps.push(x.clone());
        }
        taps
    }
}

fn normalise(x: Tensor<4>, device: &Device) -> Tensor<4> {
    let channels = |values: [f32; 3]| Tensor::<4>::from_data(TensorData::new(values.to_vec(), [1, 3, 1, 1]), device);
    (x - channels(SHIFT)) / channels(SCALE)
}
