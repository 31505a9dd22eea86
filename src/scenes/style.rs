//! Style: how a scene is illustrated: its relief, saturation, contrast and paper.
use super::dice::Dice;
use super::texture::Texture;
use crate::tensor::picture::Picture;

/// The manner of an illustration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Soft shading, as a photo has.
    Photo,
    /// Flat colours.
    Poster,
    /// Pale colours.
    Pastel,
    /// Muted colours on rough paper.
    Gouache,
    /// Strong colours.
    Vivid,
    /// Strong, glossy shading.
    Toy,
}

impl Look {
    /// How a caption begins.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Look::Photo => &["a photo of", "a picture of", ""],
            Look::Poster => &["a poster of", "a flat poster of"],
            Look::Pastel => &["a pastel picture of", "a pale picture of"],
            Look::Gouache => &["a gouache picture of", "a muted picture of"],
            Look::Vivid => &["a vivid picture of", "a colorful picture of"],
            Look::Toy => &["a toy picture of", "a glossy picture of"],
        }
    }
}

/// A style's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// The manner.
    pub look: Look,
    /// Strength of light and shade on shapes.
    pub relief: f32,
    /// 1 leaves colours as they are, 0 is grey.
    pub saturation: f32,
    /// 1 leaves contrast as it is.
    pub contrast: f32,
    /// Added to all colours, as part of the way to white.
    pub lift: f32,
    /// Amplitude of the paper.
    pub grain: f32,
    /// Darkening of the corners.
    pub corners: f32,
    /// The paper.
    pub seed: u64,
}

impl Style {
    /// Any but the toy.
    pub fn random(dice: &mut Dice) -> Self {
        use Look::*;
        let look = dice.pick(&[Photo, Photo, Photo, Poster, Pastel, Gouache, Vivid]);
        Self::of(dice, look)
    }

    /// This look, with a little chance.
    pub fn of(dice: &mut Dice, look: Look) -> Self {
        let (relief, saturation, contrast, lift, grain) = match look {
            Look::Photo => (1.0, 1.02, 1.0, 0.0, 0.009),
            Look::Poster => (0.42, 1.06, 1.02, 0.02, 0.008),
            Look::Pastel => (0.75, 0.92, 0.88, 0.15, 0.010),
            Look::Gouache => (0.9, 0.95, 0.98, 0.03, 0.020),
            Look::Vivid => (0.9, 1.22, 1.06, 0.0, 0.008),
            Look::Toy => (1.35, 1.16, 1.04, 0.02, 0.0),
        };
        let mut near = |value: f32, swing: f32| value * dice.between(1.0 - swing, 1.0 + swing);
        let (relief, saturation, contrast) = (near(relief, 0.12), near(saturation, 0.08), near(contrast, 0.04));
        let corners = dice.between(0.0, 0.14);
        Self { look, relief, saturation, contrast, lift, grain, corners, seed: dice.seed() }
    }

    /// Gives a drawn picture its colours and paper; what a pixel becomes depends on it and its place alone.
    pub fn finish(&self, picture: &mut Picture) {
        let size = picture.width;
        let (coarse, fine) = (Texture::new(self.seed, 9).plane(size), Texture::new(self.seed ^ 1, 20).plane(size));
        let (pixels, _) = picture.rgb.as_chunks_mut::<3>();
        let unit = 1.0 / size as f32;
        // Saturation, contrast and lift are one affine map of a value and the brightness.
        let (gain, rest) = (255.0 * self.contrast * (1.0 - self.lift), 255.0 * (0.5 - 0.5 * self.contrast));
        let rest = rest * (1.0 - self.lift) + 255.0 * self.lift;
        for (row, (pixels, (coarse, fine))) in
            pixels.chunks_exact_mut(size).zip(coarse.chunks_exact(size).zip(fine.chunks_exact(size))).enumerate()
        {
            let y = row as f32 * unit - 0.5;
            for (column, (rgb, (coarse, fine))) in pixels.iter_mut().zip(coarse.iter().zip(fine)).enumerate() {
                let x = column as f32 * unit - 0.5;
                let edge = ((x * x + y * y) * 2.0).min(1.0);
                let shade = (1.0 - self.corners * edge * edge) * (1.0 + self.grain * (0.6 * coarse + fine));
                let [r, g, b] = rgb.map(|byte| f32::from(byte) * (1.0 / 255.0));
                let luma = 0.299 * r + 0.587 * g + 0.114 * b;
                *rgb = [r, g, b].map(|value| {
                    let value = luma + (value - luma) * self.saturation;
                    ((value * gain + rest) * shade + 0.5) as u8 // saturates
                });
            }
        }
    }
}
