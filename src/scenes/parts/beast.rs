//! Beast: an animal that sits and looks at you, in coordinates whose middle and unit are the head's.
use crate::scenes::canvas::{Canvas, Paint, across, down, glow};
use crate::scenes::color::{Color, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{Shape, blob, circle, ellipse, line, polygon};

/// Which animal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Species {
    /// Hanging ears, long muzzle.
    Dog,
    /// Pointed ears, slit eyes.
    Cat,
    /// Round ears, broad muzzle.
    Bear,
    /// Long ears.
    Rabbit,
    /// Orange, white cheeks.
    Fox,
    /// Feather ears, round eyes.
    Owl,
}

impl Species {
    /// All.
    pub const ALL: [Species; 6] =
        [Species::Dog, Species::Cat, Species::Bear, Species::Rabbit, Species::Fox, Species::Owl];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Species::Dog => "dog",
            Species::Cat => "cat",
            Species::Bear => "bear",
            Species::Rabbit => "rabbit",
            Species::Fox => "fox",
            Species::Owl => "owl",
        }
    }

    /// The coats that it may have: colour and name.
    pub fn coats(self) -> &'static [(u32, &'static str)] {
        match self {
            Species::Dog => &[(0xc98a4f, "brown"), (0xe6c08a, "golden"), (0xf1ebe2, "white"), (0x6f5a52, "dark")],
            Species::Cat => &[(0xe39a52, "orange"), (0x9aa0ac, "grey"), (0xf3eee8, "white"), (0x4a4650, "black")],
            Species::Bear => &[(0x8a5c3f, "brown"), (0xa87850, "brown"), (0xeeeae4, "white")],
            Species::Rabbit => &[(0xc9b7a4, "brown"), (0xf4f0ec, "white"), (0xa9a8b2, "grey")],
            Species::Fox => &[(0xdc7a3c, "orange"), (0xc8623a, "red")],
            Species::Owl => &[(0x9a7452, "brown"), (0xb9b2ac, "grey"), (0xf0ece6, "white")],
        }
    }
}

/// An animal.
#[derive(Clone, Debug, PartialEq)]
pub struct Beast {
    /// Which animal.
    pub species: Species,
    /// Index into its coats.
    pub coat: usize,
    /// Colour of a collar or scarf.
    pub collar: Option<Color>,
}

impl Beast {
    /// Any animal of a species.
    pub fn random(dice: &mut Dice, species: Species) -> Self {
        let collar = dice.chance(0.4).then(|| Color::hex(dice.pick(&[0xc9524a, 0x4f86b8, 0x5a9a6c, 0xe9b44a])));
        Self { species, coat: dice.below(species.coats().len()), collar }
    }

    /// The same place taken by another species.
    pub fn turned_into(&self, species: Species) -> Self {
        Self { species, coat: self.coat % species.coats().len(), collar: self.collar }
    }

    /// Its words: "a brown dog".
    pub fn words(&self) -> String {
        let coat = self.species.coats()[self.coat].1;
        let article = if coat.starts_with('o') { "an" } else { "a" };
        format!("{article} {coat} {}", self.species.word())
    }

    /// Draws it; (x, y) is the middle of the head, `r` its radius, `side` where the light comes from.
    pub fn draw(&self, canvas: &mut Canvas, x: f32, y: f32, r: f32, side: f32) {
        let coat = Color::hex(self.species.coats()[self.coat].0);
        canvas.at(x, y, r, r, |canvas| {
            self.body(canvas, coat, side);
            self.ears(canvas, coat, side);
            self.head(canvas, coat, side);
        });
    }

    fn belly(&self, coat: Color) -> Color {
        match self.species {
            Species::Fox => Color::hex(0xf8efe4),
            _ => coat.light(0.5),
        }
    }

    fn body(&self, canvas: &mut Canvas, coat: Color, side: f32) {
        if matches!(self.species, Species::Cat | Species::Fox) {
            let tail = blob(&[(0.8, 2.6), (1.6, 2.55), (1.95, 1.9), (1.7, 1.25), (1.42, 1.4), (1.5, 1.95), (1.1, 2.2)]);
            canvas.form(Region::Animal, &tail, down(1.2, 2.7, coat.light(0.15), coat.dark(0.25)), |canvas| {
                if self.species == Species::Fox {
                    canvas.fill(Region::Animal, &circle(1.6, 1.3, 0.32), Paint::Flat(self.belly(coat)));
                }
            });
        }
        let trunk = blob(&[
            (-0.62, 0.7),
            (0.0, 0.6),
            (0.62, 0.7),
            (1.02, 1.5),
            (1.22, 2.5),
            (0.9, 3.1),
            (-0.9, 3.1),
            (-1.22, 2.5),
            (-1.02, 1.5),
        ]);
        canvas.form(Region::Animal, &trunk, Paint::Flat(coat.dark(0.06)), |canvas| {
            let chest = ellipse(0.0, 1.9, 0.62, 1.05);
            canvas.fill(Region::Animal, &chest, down(0.9, 2.8, self.belly(coat).dark(0.06), self.belly(coat)));
            canvas.shade(&trunk, across(-side * 1.2, side * 1.2, WHITE.alpha(0.2), coat.dark(0.8).alpha(0.45)));
            canvas.shade(&ellipse(0.0, 0.72, 1.05, 0.5), Paint::Flat(coat.dark(0.7).alpha(0.4)));
        });
        if self.species != Species::Owl {
            for mirror in [-1.0, 1.0] {
                let paw = ellipse(mirror * 0.52, 2.78, 0.42, 0.3);
                canvas.form(Region::Animal, &paw, down(2.5, 3.1, coat.light(0.3), coat.dark(0.15)), |_| {});
            }
        } else {
            for mirror in [-1.0, 1.0] {
                let wing = blob(&[
                    (mirror * 0.72, 0.95),
                    (mirror * 1.2, 1.6),
                    (mirror * 1.18, 2.5),
                    (mirror * 0.8, 2.2),
                    (mirror * 0.62, 1.5),
                ]);
                canvas.fill(Region::Animal, &wing, down(1.0, 2.5, coat.dark(0.2), coat.dark(0.42)));
            }
        }
        if let Some(color) = self.collar {
            let band = blob(&[(-0.78, 0.74), (0.0, 1.02), (0.78, 0.74), (0.80, 1.0), (0.0, 1.30), (-0.80, 1.0)]);
            canvas.form(Region::Object, &band, Paint::Flat(color), |canvas| {
                canvas.shade(&band, across(-side, side, WHITE.alpha(0.25), color.dark(0.7).alpha(0.5)));
            });
            canvas.fill(Region::Object, &circle(0.0, 1.30, 0.15), Paint::Flat(Color::hex(0xf5d46b)));
        }
    }

    fn ears(&self, canvas: &mut Canvas, coat: Color, side: f32) {
        let pink = Color::hex(0xf0b3ac).mix(coat, 0.25);
        for mirror in [-1.0, 1.0] {
            let m = |points: &[(f32, f32)]| points.iter().map(|&(x, y)| (mirror * x, y)).collect::<Vec<_>>();
            let dim = if mirror * side > 0.0 { 0.22 } else { 0.0 };
            let (outer, inner): (Shape, Option<Shape>) = match self.species {
                // A dog's ears hang before its head.
                Species::Dog => return,
                Species::Cat | Species::Fox => (
                    polygon(&m(&[(0.14, -0.66), (0.78, -1.42), (0.96, -0.20)])),
                    Some(polygon(&m(&[(0.40, -0.66), (0.74, -1.12), (0.82, -0.40)]))),
                ),
                Species::Bear => (circle(mirror * 0.74, -0.74, 0.38), Some(circle(mirror * 0.74, -0.72, 0.21))),
                Species::Rabbit => (
                    ellipse(mirror * 0.42, -1.30, 0.27, 0.86).turn(mirror * 10.0, mirror * 0.42, -0.7),
                    Some(ellipse(mirror * 0.42, -1.25, 0.14, 0.62).turn(mirror * 10.0, mirror * 0.42, -0.7)),
                ),
                Species::Owl => (polygon(&m(&[(0.1, -0.82), (0.82, -1.32), (0.92, -0.3)])), None),
            };
            canvas.fill(Region::Animal, &outer, Paint::Flat(coat.dark(0.08 + dim)));
            if let Some(inner) = inner {
                canvas.fill(Region::Animal, &inner, Paint::Flat(pink.dark(dim)));
            }
        }
    }

    fn head(&self, canvas: &mut Canvas, coat: Color, side: f32) {
        let skull = match self.species {
            Species::Cat => ellipse(0.0, 0.0, 1.08, 0.90),
            Species::Fox => blob(&[
                (0.0, -0.85),
                (0.7, -0.72),
                (1.12, 0.05),
                (0.62, 0.62),
                (0.0, 1.0),
                (-0.62, 0.62),
                (-1.12, 0.05),
                (-0.7, -0.72),
            ]),
            Species::Rabbit => ellipse(0.0, 0.0, 0.92, 0.92),
            Species::Dog => blob(&[
                (0.0, -0.92),
                (0.66, -0.78),
                (0.92, -0.1),
                (0.74, 0.6),
                (0.0, 0.94),
                (-0.74, 0.6),
                (-0.92, -0.1),
                (-0.66, -0.78),
            ]),
            _ => circle(0.0, 0.0, 1.0),
        };
        canvas.form(Region::Animal, &skull, Paint::Flat(coat), |canvas| {
            canvas.shade(&skull, glow(-side * 0.4, -0.5, 1.2, coat.light(0.6).alpha(0.55)));
            canvas
                .shade(&skull, across(-side * 0.1, side * 1.1, coat.dark(0.5).alpha(0.0), coat.dark(0.7).alpha(0.42)));
            self.marks(canvas, coat);
        });
        self.eyes(canvas);
        self.muzzle(canvas, coat);
        if self.species == Species::Dog {
            for mirror in [-1.0, 1.0] {
                let ear = blob(&[
                    (mirror * 0.52, -0.86),
                    (mirror * 1.02, -0.72),
                    (mirror * 1.26, 0.1),
                    (mirror * 1.12, 0.72),
                    (mirror * 0.84, 0.5),
                    (mirror * 0.74, -0.2),
                ]);
                canvas.fill(Region::Animal, &ear, down(-0.9, 0.8, coat.dark(0.30), coat.dark(0.5)));
            }
        }
    }

    fn marks(&self, canvas: &mut Canvas, coat: Color) {
        match self.species {
            Species::Cat => {
                let stripe = coat.dark(0.5);
                for (x, tall) in [(-0.30, 0.22), (0.0, 0.34), (0.30, 0.22)] {
                    canvas.fill(Region::Animal, &ellipse(x, -0.78, 0.085, tall), Paint::Flat(stripe));
                }
            }
            Species::Fox => {
                for mirror in [-1.0, 1.0] {
                    let cheek =
                        blob(&[(mirror * 1.2, 0.05), (mirror * 0.5, 0.2), (0.0, 0.5), (0.0, 1.1), (mirror * 0.7, 0.8)]);
                    canvas.fill(Region::Animal, &cheek, Paint::Flat(self.belly(coat)));
                }
            }
            Species::Owl => {
                for mirror in [-1.0, 1.0] {
                    canvas.fill(
                        Region::Animal,
                        &circle(mirror * 0.42, -0.08, 0.48),
                        Paint::Flat(self.belly(coat).light(0.3)),
                    );
                }
            }
            Species::Dog => {
                canvas.fill(Region::Animal, &ellipse(0.0, -0.6, 0.2, 0.6), Paint::Flat(coat.light(0.42)));
            }
            _ => {}
        }
    }

    fn eyes(&self, canvas: &mut Canvas) {
        let dark = Color::hex(0x2b2731);
        for mirror in [-1.0, 1.0] {
            let (x, y, r) = match self.species {
                Species::Cat => (0.44, -0.08, 0.215),
                Species::Owl => (0.42, -0.08, 0.27),
                Species::Fox => (0.44, -0.06, 0.13),
                Species::Rabbit => (0.44, -0.12, 0.17),
                _ => (0.40, -0.14, 0.145),
            };
            let x = x * mirror;
            match self.species {
                Species::Cat => {
                    canvas.fill(Region::Animal, &ellipse(x, y, r, r * 1.05), Paint::Flat(Color::hex(0x9bc25e)));
                    canvas.fill(Region::Animal, &ellipse(x, y, r * 0.46, r * 0.95), Paint::Flat(dark));
                }
                Species::Owl => {
                    canvas.fill(Region::Animal, &circle(x, y, r), Paint::Flat(Color::hex(0xf2b544)));
                    canvas.fill(Region::Animal, &circle(x, y, r * 0.6), Paint::Flat(dark));
                }
                _ => canvas.fill(Region::Animal, &ellipse(x, y, r, r * 1.12), Paint::Flat(dark)),
            }
            canvas.fill(Region::Animal, &circle(x - 0.05, y - 0.07, 0.06), Paint::Flat(WHITE));
        }
    }

    fn muzzle(&self, canvas: &mut Canvas, coat: Color) {
        let dark = Color::hex(0x2b2731);
        let (pale, lips) = (self.belly(coat).light(0.2), Color::hex(0x6b4a48));
        match self.species {
            Species::Dog | Species::Bear => {
                let wide = if self.species == Species::Bear { 0.56 } else { 0.48 };
                canvas.fill(Region::Animal, &ellipse(0.0, 0.42, wide, 0.42), down(0.1, 0.85, pale, pale.dark(0.18)));
                canvas.fill(Region::Animal, &ellipse(0.0, 0.22, 0.23, 0.16), Paint::Flat(dark));
                canvas.stroke(Region::Animal, &line(&[(-0.22, 0.56), (0.0, 0.64), (0.22, 0.56)]), 0.085, lips);
                if self.species == Species::Dog {
                    canvas.fill(Region::Animal, &ellipse(0.0, 0.76, 0.15, 0.19), Paint::Flat(Color::hex(0xe87a84)));
                }
            }
            Species::Owl => {
                let beak = polygon(&[(-0.17, 0.06), (0.17, 0.06), (0.0, 0.5)]);
                canvas.fill(Region::Animal, &beak, Paint::Flat(Color::hex(0xe59a3c)));
            }
            Species::Fox => {
                canvas.fill(Region::Animal, &ellipse(0.0, 0.70, 0.19, 0.15), Paint::Flat(dark));
            }
            Species::Cat | Species::Rabbit => {
                for mirror in [-1.0, 1.0] {
                    canvas.fill(Region::Animal, &ellipse(mirror * 0.2, 0.46, 0.28, 0.23), Paint::Flat(pale));
                }
                let nose = polygon(&[(-0.15, 0.22), (0.15, 0.22), (0.0, 0.40)]);
                canvas.fill(Region::Animal, &nose, Paint::Flat(Color::hex(0xe58a8c)));
                canvas.stroke(
                    Region::Animal,
                    &line(&[(-0.2, 0.52), (-0.08, 0.57), (0.0, 0.48), (0.08, 0.57), (0.2, 0.52)]),
                    0.07,
                    lips,
                );
            }
        }
    }
}
