//! Picture: RGB8 pixels a person sees.
//!
//! Here a picture becomes numbers for a model and numbers become a picture, as diffusers and transformers do it.
//! Reading a file's bytes is in `decode`, writing them in `encode`, changing the size in [`resample`](super::resample).
use super::resample::{Filter, resample};
use crate::{Error, Result};
use burn::tensor::{Device, Tensor, TensorData};

/// The UNet halves latents three times and the VAE pixels three times: sides inside the model are multiples of this.
pub const SIDE_STEP: usize = 64;

/// CLIP's mean of red, green and blue.
const CLIP_MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
/// CLIP's standard deviation of red, green and blue.
const CLIP_STD: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];

/// RGB8 pixels, row by row from the top left.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({}×{})", self.width, self.height)
    }
}

impl Picture {
    /// The same picture in another size, at least 1×1, by PIL's Lanczos filter (what diffusers and InstructPix2Pix use).
    pub fn resize(&self, width: usize, height: usize) -> Picture {
        self.resize_by(width, height, Filter::Lanczos)
    }

    /// The same picture in another size, at least 1×1, bit for bit as PIL's `Image.resize((width, height), filter)`.
    pub fn resize_by(&self, width: usize, height: usize, filter: Filter) -> Picture {
        let (width, height) = (width.max(1), height.max(1));
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        resample(self, [width, height], [0..width, 0..height], filter)
    }

    /// "640×480", for messages.
    pub fn size(&self) -> String {
        format!("{}×{}", self.width, self.height)
    }

    /// The part that begins at (x, y).
    ///
    /// # Errors
    /// [`Error::Picture`]: it is empty or reaches outside.
    pub fn crop(&self, x: usize, y: usize, width: usize, height: usize) -> Result<Picture> {
        let inside =
            |start: usize, length: usize, side: usize| start.checked_add(length).is_some_and(|end| end <= side);
        if width == 0 || height == 0 || !inside(x, width, self.width) || !inside(y, height, self.height) {
            return Err(Error::Picture(format!(
                "a crop of {width}×{height} pixels from ({x}, {y}) does not lie in a picture of {}; draw it again",
                self.size()
            )));
        }
        let row = |y: usize| &self.rgb[3 * (y * self.width + x)..][..3 * width];
        Ok(Picture { width, height, rgb: (y..y + height).flat_map(row).copied().collect() })
    }

    /// Width and height inside the model: the longer side is `longer`, the other keeps the aspect ratio, both rounded
    /// to the nearest multiple of 64 and never less.
    pub fn fit(&self, longer: usize) -> (usize, usize) {
        let round = |side: usize| side.saturating_add(SIDE_STEP / 2) / SIDE_STEP * SIDE_STEP;
        let longer = round(longer).max(SIDE_STEP);
        let longest = self.width.max(self.height).max(1);
        let side = |side: usize| round((side as u128 * longer as u128 / longest as u128) as usize).max(SIDE_STEP);
        (side(self.width), side(self.height))
    }

    /// A small copy whose longer side is at most `longer` pixels.
    pub fn thumbnail(&self, longer: usize) -> Picture {
        let longest = self.width.max(self.height);
        if longest <= longer {
            return self.clone();
        }
        let side = |side: usize| (side * longer + longest / 2) / longest;
        self.resize(side(self.width), side(self.height))
    }

    /// For the VAE.
    ///
    /// # Shapes
    /// → `[1, 3, height, width]` in [−1, 1]
    pub fn to_tensor(&self, device: &Device) -> Tensor<4> {
        let values = self.planes(|_, byte| 2.0 * (f32::from(byte) / 255.0) - 1.0);
        Tensor::from_data(TensorData::new(values, [1, 3, self.height, self.width]), device)
    }

    /// From the VAE's `[3, height, width]` in [−1, 1], as diffusers: halved, clamped, times 255, half rounded to even.
    ///
    /// # Errors
    /// [`Error::Computation`]: a value that is no finite number, or another count than `3 * height * width`.
    pub fn from_values(values: &[f32], width: usize, height: usize) -> Result<Picture> {
        let pixels = width * height;
        if values.len() != 3 * pixels {
            let got = values.len();
            return Err(Error::Computation(format!(
                "a picture of {width}×{height} takes {} values, got {got}",
                3 * pixels
            )));
        }
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            let what = "the model gave a picture with a value that is no number";
            return Err(Error::Computation(format!(
                "{what} ({value}); try f32, other guidance scales or another device"
            )));
        }
        let byte = |value: f32| ((value / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even() as u8;
        let rgb = (0..pixels).flat_map(|pixel| [0, 1, 2].map(|channel| byte(values[channel * pixels + pixel])));
        Ok(Picture { width, height, rgb: rgb.collect() })
    }

    /// For CLIP's image tower, as transformers' `CLIPImageProcessor` with PIL: the shorter side becomes `side` by the
    /// bicubic filter, the middle is cut out, the channels are normalised.
    ///
    /// # Shapes
    /// → `[3, side, side]`
    pub fn clip_input(&self, side: usize) -> Vec<f32> {
        let shortest = self.width.min(self.height).max(1);
        let [width, height] = [self.width, self.height].map(|long| side * long / shortest);
        let [columns, rows] = [width, height].map(|long| (long - side) / 2..(long - side) / 2 + side);
        resample(self, [width, height], [columns, rows], Filter::Bicubic)
            .planes(|channel, byte| (f32::from(byte) / 255.0 - CLIP_MEAN[channel]) / CLIP_STD[channel])
    }

    /// Peak signal-to-noise ratio in dB over RGB8, infinite when the pictures are equal.
    ///
    /// # Errors
    /// [`Error::Picture`]: pictures of different size.
    pub fn psnr(&self, other: &Picture) -> Result<f64> {
        if (self.width, self.height) != (other.width, other.height) {
            return Err(Error::Picture(format!(
                "only pictures of equal size can be compared, these are {}×{} and {}×{}; resize one",
                self.width, self.height, other.width, other.height
            )));
        }
        let squares = self.rgb.iter().zip(&other.rgb).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2));
        let mean = squares.sum::<u64>() as f64 / self.rgb.len() as f64;
        Ok(10.0 * (255.0 * 255.0 / mean).log10())
    }

    /// `[3, height, width]` values, made of channel and byte.
    fn planes(&self, value: impl Fn(usize, u8) -> f32) -> Vec<f32> {
        let (pixels, _) = self.rgb.as_chunks::<3>();
        (0..3)
            .flat_map(|channel| pixels.iter().map(move |pixel| (channel, pixel[channel])))
            .map(|(c, b)| value(c, b))
            .collect()
    }
}
