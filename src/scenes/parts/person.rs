//! Person: head and shoulders, drawn in coordinates whose middle is the head's and whose unit is half its height.
use super::held;
use crate::scenes::canvas::{Canvas, Paint, across, down, glow};
use crate::scenes::color::{Color, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{blob, circle, ellipse, line, rect, round_rect};

/// Who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A boy.
    Boy,
    /// A girl.
    Girl,
    /// A man.
    Man,
    /// A woman.
    Woman,
}

/// What the mouth does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouth {
    /// Closed, straight.
    Calm,
    /// Open, showing teeth.
    Smile,
}

/// What is held before the chest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// A newspaper.
    Newspaper,
    /// A book.
    Book,
}

/// Colours of skin.
pub(super) const SKINS: [u32; 6] = [0xf7d3b8, 0xf0bf98, 0xe0a67c, 0xc58759, 0x98623f, 0x75482f];
/// Colours of hair, and their names.
pub const HAIRS: [(u32, &str); 6] = [
    (0x3a302f, "black"),
    (0x7a4b32, "brown"),
    (0xefc767, "blonde"),
    (0xc8592f, "red"),
    (0xd9d9dd, "white"),
    (0xe58fb4, "pink"),
];
/// Colours of clothes, and their names.
pub const CLOTHES: [(u32, &str); 7] = [
    (0x4f86b8, "blue"),
    (0xc9524a, "red"),
    (0x5a9a6c, "green"),
    (0xe9b44a, "yellow"),
    (0x8a6bb0, "purple"),
    (0xf0ede6, "white"),
    (0x4a5168, "dark"),
];

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Who it is.
    pub who: Who,
    /// Index of the skin's colour.
    pub skin: usize,
    /// Index into [`HAIRS`].
    pub hair: usize,
    /// Index into [`CLOTHES`].
    pub clothes: usize,
    /// Index of the way the hair is worn.
    pub cut: usize,
    /// Mouth.
    pub mouth: Mouth,
    /// Wears glasses.
    pub glasses: bool,
    /// Wears a hat of this colour of [`CLOTHES`].
    pub hat: Option<usize>,
    /// What is held.
    pub held: Held,
}

impl Person {
    /// Anyone, without glasses, hat or things.
    pub fn random(dice: &mut Dice) -> Self {
        let who = dice.pick(&[Who::Boy, Who::Girl, Who::Man, Who::Woman]);
        let mouth = if dice.chance(0.4) { Mouth::Smile } else { Mouth::Calm };
        let (skin, clothes) = (dice.below(SKINS.len()), dice.below(CLOTHES.len()));
        let hair = dice.pick(&[0, 0, 1, 1, 2, 3, 3]);
        Self { who, skin, hair, clothes, cut: dice.below(2), mouth, glasses: false, hat: None, held: Held::Nothing }
    }

    /// Draws the person; (x, y) is the middle of the head, `r` half its height, `side` where the light comes from.
    pub fn draw(&self, canvas: &mut Canvas, x: f32, y: f32, r: f32, side: f32) {
        canvas.at(x, y, r, r, |canvas| {
            let skin = Color::hex(SKINS[self.skin]);
            let hair = Color::hex(HAIRS[self.hair].0);
            self.hair_behind(canvas, hair, side);
            self.body(canvas, skin, side);
            head(canvas, skin, side);
            self.face(canvas, skin);
            self.hair_before(canvas, hair, side);
            self.wear(canvas, side);
            self.hold(canvas, skin);
        });
    }

    pub(super) fn long_hair(&self) -> bool {
        matches!(self.who, Who::Girl | Who::Woman)
    }

    fn body(&self, canvas: &mut Canvas, skin: Color, side: f32) {
        let wide = if matches!(self.who, Who::Man) {
            2.0
        } else if matches!(self.who, Who::Woman) {
            1.75
        } else {
            1.6
        };
        let cloth = Color::hex(CLOTHES[self.clothes].0);
        let neck = round_rect(-0.34, 0.5, 0.68, 1.1, 0.2);
        canvas.form(Region::Person, &neck, Paint::Flat(skin), |canvas| {
            canvas.shade(&ellipse(0.0, 0.72, 0.8, 0.52), Paint::Flat(skin.dark(0.5).alpha(0.55)));
        });
        let trunk = blob(&[
            (-0.42, 1.26),
            (0.0, 1.40),
            (0.42, 1.26),
            (wide * 0.66, 1.48),
            (wide * 0.95, 2.0),
            (wide * 1.05, 3.4),
            (-wide * 1.05, 3.4),
            (-wide * 0.95, 2.0),
            (-wide * 0.66, 1.48),
        ]);
        canvas.form(Region::Person, &trunk, Paint::Flat(cloth), |canvas| {
            canvas.shade(&trunk, across(-side * wide, side * wide, WHITE.alpha(0.22), cloth.dark(0.7).alpha(0.5)));
            canvas.shade(&trunk, down(1.3, 3.0, cloth.alpha(0.0), cloth.dark(0.7).alpha(0.4)));
        });
        let collar = blob(&[(-0.46, 1.20), (0.0, 1.62), (0.46, 1.20), (0.34, 1.10), (-0.34, 1.10)]);
        canvas.fill(
            Region::Person,
            &collar,
            Paint::Flat(if self.long_hair() { skin.dark(0.1) } else { cloth.light(0.45) }),
        );
    }

    fn face(&self, canvas: &mut Canvas, skin: Color) {
        let brow = Color::hex(HAIRS[self.hair].0).dark(0.3).mix(skin, 0.15);
        for mirror in [-1.0, 1.0] {
            let x = 0.36 * mirror;
            canvas.shade(
                &circle(mirror * 0.52, 0.36, 0.26),
                glow(mirror * 0.52, 0.36, 0.26, Color::hex(0xf0716a).alpha(0.5)),
            );
            canvas.fill(Region::Person, &ellipse(x, 0.04, 0.17, 0.155), Paint::Flat(WHITE.mix(skin, 0.12)));
            canvas.fill(Region::Person, &ellipse(x, 0.05, 0.115, 0.14), Paint::Flat(Color::hex(0x33303c)));
            canvas.fill(Region::Person, &circle(x - 0.04, -0.02, 0.045), Paint::Flat(WHITE));
            let lift = if self.mouth == Mouth::Smile { 0.04 } else { 0.0 };
            let arch = line(&[
                (x - 0.19 * mirror, -0.25 - lift),
                (x + 0.02 * mirror, -0.31 - lift),
                (x + 0.2 * mirror, -0.215 - lift),
            ]);
            canvas.stroke(Region::Person, &arch, 0.085, brow);
        }
        canvas.shade(&ellipse(0.02, 0.30, 0.13, 0.10), Paint::Flat(skin.dark(0.45).alpha(0.45)));
        canvas.shade(&ellipse(-0.02, 0.25, 0.09, 0.08), Paint::Flat(skin.light(0.35).alpha(0.6)));
        match self.mouth {
            Mouth::Calm => {
                let lips = line(&[(-0.20, 0.60), (0.0, 0.615), (0.20, 0.60)]);
                canvas.stroke(Region::Person, &lips, 0.10, Color::hex(0xb5584f).mix(skin, 0.2));
            }
            Mouth::Smile => {
                let open = blob(&[
                    (-0.44, 0.46),
                    (-0.2, 0.52),
                    (0.0, 0.535),
                    (0.2, 0.52),
                    (0.44, 0.46),
                    (0.27, 0.78),
                    (0.0, 0.87),
                    (-0.27, 0.78),
                ]);
                canvas.form(Region::Person, &open, Paint::Flat(Color::hex(0x9c3238)), |canvas| {
                    canvas.fill(Region::Person, &rect(-0.5, 0.4, 1.0, 0.27), Paint::Flat(WHITE));
                    canvas.fill(Region::Person, &ellipse(0.0, 0.9, 0.26, 0.14), Paint::Flat(Color::hex(0xe58482)));
                });
            }
        }
    }

    fn wear(&self, canvas: &mut Canvas, side: f32) {
        if let Some(hat) = self.hat {
            let color = Color::hex(CLOTHES[hat].0);
            let crown = blob(&[
                (-0.92, -0.62),
                (-0.90, -1.1),
                (-0.5, -1.55),
                (0.0, -1.66),
                (0.5, -1.55),
                (0.90, -1.1),
                (0.92, -0.62),
            ]);
            canvas.form(Region::Person, &crown, Paint::Flat(color), |canvas| {
                canvas.shade(&crown, across(-side, side, WHITE.alpha(0.3), color.dark(0.7).alpha(0.55)));
            });
            let band = round_rect(-1.08, -0.86, 2.16, 0.40, 0.2);
            canvas.form(Region::Person, &band, Paint::Flat(color.light(0.32)), |canvas| {
                canvas.shade(&band, across(-side, side, WHITE.alpha(0.25), color.dark(0.6).alpha(0.5)));
            });
            canvas.fill(Region::Person, &circle(0.0, -1.70, 0.24), Paint::Flat(color.light(0.5)));
        }
        if self.glasses {
            let rim = Color::hex(0x25252f);
            for mirror in [-1.0, 1.0] {
                let lens = circle(0.40 * mirror, 0.06, 0.325);
                canvas.glaze(&lens, Paint::Flat(Color::hex(0xcfe8f5).alpha(0.38)));
                canvas.stroke(Region::Person, &lens, 0.115, rim);
                canvas.stroke(Region::Person, &line(&[(0.73 * mirror, 0.0), (0.93 * mirror, -0.04)]), 0.10, rim);
            }
            canvas.stroke(Region::Person, &line(&[(-0.09, 0.03), (0.0, -0.02), (0.09, 0.03)]), 0.10, rim);
        }
    }

    fn hold(&self, canvas: &mut Canvas, skin: Color) {
        let hands = |canvas: &mut Canvas, x: f32, y: f32| {
            for mirror in [-1.0, 1.0] {
                let hand = ellipse(mirror * x, y, 0.2, 0.26);
                canvas.form(Region::Person, &hand, Paint::Flat(skin), |canvas| {
                    canvas.shade(&hand, down(y - 0.2, y + 0.3, skin.alpha(0.0), skin.dark(0.6).alpha(0.5)));
                });
            }
        };
        match self.held {
            Held::Nothing => {}
            Held::Newspaper => {
                held::newspaper(canvas);
                hands(canvas, 1.42, 1.95);
            }
            Held::Book => {
                held::book(canvas);
                hands(canvas, 1.12, 2.0);
            }
        }
    }
}

fn head(canvas: &mut Canvas, skin: Color, side: f32) {
    for mirror in [-1.0, 1.0] {
        canvas.fill(Region::Person, &ellipse(mirror * 0.86, 0.12, 0.15, 0.22), Paint::Flat(skin.dark(0.12)));
    }
    let face = blob(&[
        (0.0, -1.04),
        (0.62, -0.86),
        (0.88, -0.3),
        (0.84, 0.32),
        (0.56, 0.84),
        (0.0, 1.06),
        (-0.56, 0.84),
        (-0.84, 0.32),
        (-0.88, -0.3),
        (-0.62, -0.86),
    ]);
    canvas.form(Region::Person, &face, Paint::Flat(skin), |canvas| {
        canvas.shade(&face, glow(-side * 0.35, -0.2, 1.2, skin.light(0.5).alpha(0.45)));
        canvas.shade(&face, across(-side * 0.2, side * 1.0, skin.dark(0.4).alpha(0.0), skin.dark(0.5).alpha(0.42)));
    });
}
