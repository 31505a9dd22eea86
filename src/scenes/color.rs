//! Color: red, green, blue and opacity, with the few ways in which an illustrator changes one.

/// sRGB from 0 to 1, and opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color {
    /// Red.
    pub r: f32,
    /// Green.
    pub g: f32,
    /// Blue.
    pub b: f32,
    /// Opacity.
    pub a: f32,
}

/// White.
pub const WHITE: Color = Color::hex(0xff_ffff);
/// A dark blue instead of black: shadows are never black.
pub const INK: Color = Color::hex(0x23_2338);

impl Color {
    /// From `0xrrggbb`.
    pub const fn hex(rgb: u32) -> Self {
        let (r, g, b) = ((rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255);
        Self { r: r as f32 / 255.0, g: g as f32 / 255.0, b: b as f32 / 255.0, a: 1.0 }
    }

    /// From OKLCH (Ottosson 2020): lightness 0 to 1, chroma 0 to about 0.3, hue in turns. Colours of equal lightness
    /// look equally light, so that palettes fit together.
    pub fn lch(lightness: f32, chroma: f32, hue: f32) -> Self {
        let angle = hue * std::f32::consts::TAU;
        let (a, b) = (chroma * angle.cos(), chroma * angle.sin());
        let cube = |value: f32| value * value * value;
        let l = cube(lightness + 0.396_337_8 * a + 0.215_803_76 * b);
        let m = cube(lightness - 0.105_561_346 * a - 0.063_854_17 * b);
        let s = cube(lightness - 0.089_484_18 * a - 1.291_485_5 * b);
        let curve = |value: f32| {
            if value <= 0.003_130_8 { 12.92 * value.max(0.0) } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
        };
        let r = curve(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_93 * s);
        let g = curve(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s);
        let b = curve(-0.004_196_086 * l - 0.703_418_6 * m + 1.707_614_7 * s);
        Self { r: r.min(1.0), g: g.min(1.0), b: b.min(1.0), a: 1.0 }
    }

    /// The way from this colour to another; 0 is this one.
    pub fn mix(self, other: Color, part: f32) -> Self {
        let way = |from: f32, to: f32| from + (to - from) * part;
        Self { r: way(self.r, other.r), g: way(self.g, other.g), b: way(self.b, other.b), a: way(self.a, other.a) }
    }

    /// Towards white.
    pub fn light(self, part: f32) -> Self {
        self.mix(WHITE.alpha(self.a), part)
    }

    /// Towards its own shadow: darker, and cooler.
    pub fn dark(self, part: f32) -> Self {
        let shadow = Self { r: self.r * 0.28, g: self.g * 0.30, b: self.b * 0.46 + 0.03, a: self.a };
        self.mix(shadow, part)
    }

    /// With this opacity.
    pub fn alpha(self, a: f32) -> Self {
        Self { a, ..self }
    }

    /// Under a light of this colour.
    pub fn under(self, light: Color) -> Self {
        Self {
            r: (self.r * light.r).min(1.0),
            g: (self.g * light.g).min(1.0),
            b: (self.b * light.b).min(1.0),
            a: self.a,
        }
    }

    /// Brightness as the eye weighs it.
    pub fn luma(self) -> f32 {
        0.299 * self.r + 0.587 * self.g + 0.114 * self.b
    }
}
