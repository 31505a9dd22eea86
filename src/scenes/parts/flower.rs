//! Flower: large blossoms on stems, for gardens and vases.
use crate::scenes::canvas::{Canvas, Paint, down, glow, round};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::region::Region;
use crate::scenes::shape::{blob, circle, ellipse, line};

/// Which flower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bloom {
    /// Yellow rays round a brown heart.
    Sunflower,
    /// Folded petals.
    Rose,
    /// A cup.
    Tulip,
    /// White rays round a yellow heart.
    Daisy,
}

impl Bloom {
    /// All.
    pub const ALL: [Bloom; 4] = [Bloom::Sunflower, Bloom::Rose, Bloom::Tulip, Bloom::Daisy];

    /// Its word, of several.
    pub fn word(self) -> &'static str {
        match self {
            Bloom::Sunflower => "sunflowers",
            Bloom::Rose => "roses",
            Bloom::Tulip => "tulips",
            Bloom::Daisy => "daisies",
        }
    }

    /// Draws stem and blossom; (x, y) is the blossom's middle, `foot` where the stem begins.
    pub fn draw(self, canvas: &mut Canvas, x: f32, y: f32, r: f32, foot: (f32, f32), color: Color) {
        let stem = Color::hex(0x4f8a4a);
        canvas.stroke(
            Region::Plant,
            &line(&[foot, ((x + foot.0) / 2.0 + 0.01, (y + foot.1) / 2.0), (x, y)]),
            r * 0.24,
            stem,
        );
        let (lx, ly) = ((x + foot.0) / 2.0, (y + foot.1) / 2.0);
        let leaf = blob(&[
            (lx, ly),
            (lx + r * 0.6, ly - r * 0.75),
            (lx + r * 1.2, ly - r * 0.7),
            (lx + r * 0.7, ly - r * 0.1),
        ]);
        canvas.fill(Region::Plant, &leaf, down(ly - r * 0.8, ly, stem.light(0.3), stem.dark(0.15)));
        self.head(canvas, x, y, r, color);
    }

    /// Draws the blossom alone.
    pub fn head(self, canvas: &mut Canvas, x: f32, y: f32, r: f32, color: Color) {
        canvas.at(x, y, r, r, |canvas| match self {
            Bloom::Sunflower => rays(canvas, Color::hex(0xf4b62f), Color::hex(0x6b4128), 0.50),
            Bloom::Daisy => rays(canvas, Color::hex(0xfbf7f0), Color::hex(0xf0b83a), 0.36),
            Bloom::Rose => {
                let outer = blob(&[
                    (0.0, -0.95),
                    (0.8, -0.6),
                    (0.98, 0.2),
                    (0.5, 0.9),
                    (-0.5, 0.9),
                    (-0.98, 0.2),
                    (-0.8, -0.6),
                ]);
                canvas.form(Region::Flower, &outer, down(-1.0, 1.0, color.light(0.15), color.dark(0.35)), |canvas| {
                    canvas.fill(Region::Flower, &ellipse(0.1, -0.12, 0.66, 0.6), Paint::Flat(color.dark(0.2)));
                    canvas.fill(Region::Flower, &ellipse(-0.04, -0.2, 0.55, 0.46), Paint::Flat(color.light(0.22)));
                    canvas.fill(Region::Flower, &ellipse(0.05, -0.22, 0.30, 0.26), Paint::Flat(color.dark(0.38)));
                });
            }
            Bloom::Tulip => {
                let cup = blob(&[
                    (-0.72, -0.7),
                    (-0.3, -0.42),
                    (0.0, -0.98),
                    (0.3, -0.42),
                    (0.72, -0.7),
                    (0.74, 0.4),
                    (0.0, 1.0),
                    (-0.74, 0.4),
                ]);
                canvas.form(Region::Flower, &cup, down(-0.9, 1.0, color.light(0.25), color.dark(0.2)), |canvas| {
                    canvas.shade(&ellipse(0.0, 0.1, 0.36, 0.95), Paint::Flat(color.light(0.4).alpha(0.6)));
                    canvas.shade(&ellipse(0.8, 0.3, 0.5, 1.0), Paint::Flat(color.dark(0.6).alpha(0.35)));
                });
            }
        });
    }
}

fn rays(canvas: &mut Canvas, petal: Color, heart: Color, middle: f32) {
    for (offset, shade) in [(0.0, 0.16), (22.5, 0.0)] {
        for index in 0..8 {
            let ray = ellipse(0.0, -0.66, 0.24, 0.42).turn(45.0 * index as f32 + offset, 0.0, 0.0);
            canvas.fill(Region::Flower, &ray, Paint::Flat(petal.dark(shade)));
        }
    }
    canvas.form(
        Region::Flower,
        &circle(0.0, 0.0, middle),
        round(-0.1, -0.15, middle * 1.4, heart.light(0.2), heart.dark(0.2)),
        |canvas| {
            canvas.shade(&circle(0.0, 0.0, middle), glow(0.0, 0.0, middle, INK.alpha(0.15)));
            canvas.shade(&circle(-0.12, -0.16, middle * 0.4), Paint::Flat(WHITE.alpha(0.15)));
        },
    );
}
