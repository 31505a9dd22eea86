//! Tone: curves and colour casts, named ones and random ones; what a pixel becomes depends on its colour alone.
use super::raster::{PX, Raster, Rgb, gradient, hex, luma, mix, ramp, saturate, scale};
use crate::scenes::dice::Dice;
use crate::scenes::region::Regions;
use crate::tensor::picture::Picture;

fn per_pixel(picture: &Picture, color: impl Fn(Rgb) -> Rgb) -> Picture {
    Raster::new(picture).map(|_, _, _, rgb| color(rgb)).picture()
}

fn contrast(rgb: Rgb, by: f32) -> Rgb {
    rgb.map(|value| 0.5 + (value - 0.5) * by)
}

/// Pushes shadows towards one colour and highlights towards another, keeping their brightness.
fn split(rgb: Rgb, shadows: Rgb, highlights: Rgb, strength: f32) -> Rgb {
    let light = luma(rgb);
    let cast = mix(shadows, highlights, ramp(0.2, 0.8, light));
    let grey = luma(cast);
    [0, 1, 2].map(|channel| rgb[channel] + strength * (cast[channel] - grey))
}

/// Brown and cream, as old photos are.
pub fn sepia(picture: &Picture, _: &Regions) -> Picture {
    let colors = [0x2a180c, 0x7d5a38, 0xc9a878, 0xf7ead0].map(hex);
    per_pixel(picture, |rgb| mix(rgb, gradient(&colors, luma(rgb)), 0.94))
}

/// Blue-green shadows, orange light.
pub fn teal_orange(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| contrast(split(saturate(rgb, 0.8), hex(0x007a90), hex(0xff9430), 0.72), 1.15))
}

/// Lifted blacks, soft whites, green and pink casts.
pub fn vintage_fade(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| {
        let faded = saturate(rgb, 0.55).map(|value| 0.20 + 0.66 * value);
        split(faded, hex(0x7a4a90), hex(0xe8dc7a), 0.26)
    })
}

/// Deep blacks and bright whites.
pub fn high_contrast(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| saturate(rgb.map(|value| mix([value; 3], [ramp(0.08, 0.92, value); 3], 1.35)[0]), 1.08))
}

/// Yellow and red light.
pub fn warm(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |[r, g, b]| [r * 1.10 + 0.05, g * 1.0 + 0.01, b * 0.72])
}

/// Blue light.
pub fn cool(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |[r, g, b]| [r * 0.74, g * 0.94 + 0.01, b * 1.10 + 0.06])
}

/// Grey.
pub fn black_and_white(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| [contrast([luma(rgb); 3], 1.08)[0]; 3])
}

/// Magenta, cyan and violet, glowing.
pub fn neon(picture: &Picture, _: &Regions) -> Picture {
    let colors = [0x12063a, 0x5a14a8, 0xe02a9c, 0xff8ac0, 0xb8fff6].map(hex);
    per_pixel(picture, |rgb| mix(saturate(rgb, 1.4), gradient(&colors, luma(rgb)), 0.78))
}

/// Everything in gold.
pub fn golden(picture: &Picture, _: &Regions) -> Picture {
    let colors = [0x3a1e08, 0xa8661c, 0xf2b83c, 0xfff2b8].map(hex);
    per_pixel(picture, |rgb| mix(rgb, gradient(&colors, luma(rgb)), 0.74))
}

/// Everything in pink.
pub fn pink(picture: &Picture, _: &Regions) -> Picture {
    let colors = [0x4a1838, 0xb84a86, 0xf4a0c0, 0xfff0f4].map(hex);
    per_pixel(picture, |rgb| mix(rgb, gradient(&colors, luma(rgb)), 0.70))
}

/// Everything in green.
pub fn green(picture: &Picture, _: &Regions) -> Picture {
    let colors = [0x06200f, 0x1f6a38, 0x6ec268, 0xeaf8c8].map(hex);
    per_pixel(picture, |rgb| mix(rgb, gradient(&colors, luma(rgb)), 0.72))
}

/// Light becomes dark and dark becomes light.
pub fn negative(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| rgb.map(|value| 1.0 - value))
}

/// Brighter shadows, highlights as they are.
pub fn brighten_shadows(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| {
        let light = luma(rgb);
        saturate(scale(rgb, 1.0 + 0.9 * (1.0 - ramp(0.1, 0.85, light))).map(|value| value + 0.04 * (1.0 - light)), 0.95)
    })
}

/// Stronger colours.
pub fn vivid(picture: &Picture, _: &Regions) -> Picture {
    per_pixel(picture, |rgb| saturate(rgb, 1.9))
}

/// Dark corners.
pub fn vignette(picture: &Picture, _: &Regions) -> Picture {
    Raster::new(picture)
        .map(|_, x, y, rgb| {
            let (dx, dy) = (2.0 * x - 1.0, 2.0 * y - 1.0);
            scale(rgb, 1.0 - 0.88 * ramp(0.25, 1.7, dx * dx + dy * dy))
        })
        .picture()
}

/// Soft light that spills over edges.
pub fn dreamy(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let soft = before.blurred(5.0 * PX);
    before
        .map(|at, _, _, rgb| {
            let screen = [0, 1, 2].map(|channel| 1.0 - (1.0 - rgb[channel]) * (1.0 - 0.75 * soft.rgb[at][channel]));
            mix(screen, hex(0xffe6ee), 0.10)
        })
        .picture()
}

/// A random curve that its words describe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    brightness: usize,
    contrast: usize,
    saturation: usize,
    shadows: usize,
    highlights: usize,
}

/// Words and amounts; the first of each leaves the picture as it is.
const BRIGHTNESS: [(&str, f32); 3] = [("", 0.0), ("brighter", 0.14), ("darker", -0.17)];
const CONTRAST: [(&str, f32); 3] = [("", 1.0), ("more contrast", 1.4), ("less contrast", 0.62)];
const SATURATION: [(&str, f32); 3] = [("", 1.0), ("more color", 1.6), ("less color", 0.42)];
const CASTS: [(&str, u32); 7] = [
    ("", 0x808080),
    ("red", 0xd03028),
    ("yellow", 0xd8c020),
    ("green", 0x30b040),
    ("blue", 0x2850d8),
    ("purple", 0x8030d0),
    ("pink", 0xf070b0),
];

impl Tone {
    /// Any that can be seen: two or three of its parts do something, a cast among them.
    pub fn random(dice: &mut Dice) -> Self {
        let some = |dice: &mut Dice, n: usize, probability: f32| {
            if dice.chance(probability) { 1 + dice.below(n - 1) } else { 0 }
        };
        let shadows = some(dice, CASTS.len(), 0.6);
        let highlights = if shadows == 0 { 1 + dice.below(CASTS.len() - 1) } else { some(dice, CASTS.len(), 0.55) };
        let mut tone = Self { brightness: 0, contrast: 0, saturation: 0, shadows, highlights };
        match dice.below(4) {
            0 => tone.brightness = 1 + dice.below(2),
            1 => tone.contrast = 1 + dice.below(2),
            2 => tone.saturation = 1 + dice.below(2),
            _ => {}
        }
        tone
    }

    /// What it does, in words: "blue shadows and yellow highlights, darker".
    pub fn words(&self) -> String {
        let cast = |index: usize, what: &str| (index > 0).then(|| format!("{} {what}", CASTS[index].0));
        let casts: Vec<_> =
            [cast(self.shadows, "shadows"), cast(self.highlights, "highlights")].into_iter().flatten().collect();
        let mut parts = vec![casts.join(" and ")];
        for word in [BRIGHTNESS[self.brightness].0, CONTRAST[self.contrast].0, SATURATION[self.saturation].0] {
            if !word.is_empty() {
                parts.push(word.to_owned());
            }
        }
        parts.join(", ")
    }

    /// Applies it.
    pub fn apply(&self, picture: &Picture) -> Picture {
        let [shadows, highlights] = [self.shadows, self.highlights].map(|index| hex(CASTS[index].1));
        // A cast of the shadows alone reaches some way into the highlights: a bright picture has few shadows.
        let shadows = if self.shadows == 0 { mix(shadows, highlights, 0.35) } else { shadows };
        let highlights = if self.highlights == 0 { mix(highlights, shadows, 0.35) } else { highlights };
        per_pixel(picture, |rgb| {
            let rgb = saturate(rgb, SATURATION[self.saturation].1);
            let rgb = contrast(rgb, CONTRAST[self.contrast].1).map(|value| value + BRIGHTNESS[self.brightness].1);
            split(rgb, shadows, highlights, 0.46)
        })
    }
}
