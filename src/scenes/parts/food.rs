//! Food: fruit in a bowl, a cake on a stand, a glass of juice.
use super::tree::shadow;
use crate::scenes::canvas::{Canvas, Paint, across, down, glow};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::region::Region;
use crate::scenes::shape::{blob, circle, ellipse, line, polygon, rect, round_rect};

/// Which fruit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fruit {
    /// Pink and yellow, with a crease.
    Peach,
    /// Red or green, with stem and leaf.
    Apple,
    /// Orange.
    Orange,
    /// Green, narrow at the top.
    Pear,
    /// Blue.
    Plum,
}

impl Fruit {
    /// All.
    pub const ALL: [Fruit; 5] = [Fruit::Peach, Fruit::Apple, Fruit::Orange, Fruit::Pear, Fruit::Plum];

    /// Its word, of several.
    pub fn word(self) -> &'static str {
        match self {
            Fruit::Peach => "peaches",
            Fruit::Apple => "apples",
            Fruit::Orange => "oranges",
            Fruit::Pear => "pears",
            Fruit::Plum => "plums",
        }
    }

    fn draw(self, canvas: &mut Canvas, x: f32, y: f32, r: f32, side: f32) {
        let (base, second) = match self {
            Fruit::Peach => (0xf6b27c, 0xe8705f),
            Fruit::Apple => (0xd8392f, 0x8f1f2a),
            Fruit::Orange => (0xf39a2e, 0xd9701f),
            Fruit::Pear => (0xc3cc5a, 0x8aa040),
            Fruit::Plum => (0x7a5a9c, 0x463566),
        };
        let (base, second) = (Color::hex(base), Color::hex(second));
        let shape = match self {
            Fruit::Pear => blob(&[
                (x, y - r * 1.35),
                (x + r * 0.45, y - r * 0.8),
                (x + r, y + r * 0.2),
                (x, y + r),
                (x - r, y + r * 0.2),
                (x - r * 0.45, y - r * 0.8),
            ]),
            Fruit::Apple => blob(&[
                (x, y - r * 0.78),
                (x + r * 0.6, y - r * 0.98),
                (x + r * 1.05, y - r * 0.1),
                (x + r * 0.5, y + r),
                (x, y + r * 0.88),
                (x - r * 0.5, y + r),
                (x - r * 1.05, y - r * 0.1),
                (x - r * 0.6, y - r * 0.98),
            ]),
            _ => circle(x, y, r),
        };
        canvas.form(Region::Object, &shape, Paint::Flat(base), |canvas| {
            canvas.glaze(&shape, glow(x + side * r * 0.55, y + r * 0.4, r * 1.35, second.alpha(0.95)));
            canvas.shade(&shape, glow(x - side * r * 0.4, y - r * 0.45, r * 0.75, WHITE.alpha(0.55)));
            if self == Fruit::Peach {
                canvas.stroke(
                    Region::Object,
                    &line(&[(x, y - r), (x - r * 0.25, y), (x - r * 0.05, y + r)]),
                    r * 0.16,
                    second.alpha(0.7),
                );
            }
        });
        if matches!(self, Fruit::Apple | Fruit::Pear) {
            let top = if self == Fruit::Pear { y - r * 1.3 } else { y - r * 0.8 };
            canvas.stroke(
                Region::Object,
                &line(&[(x, top), (x + r * 0.12, top - r * 0.42)]),
                r * 0.17,
                Color::hex(0x6b4630),
            );
            let leaf = blob(&[
                (x + r * 0.1, top - r * 0.2),
                (x + r * 0.5, top - r * 0.62),
                (x + r * 0.95, top - r * 0.5),
                (x + r * 0.6, top - r * 0.08),
            ]);
            canvas.fill(Region::Object, &leaf, Paint::Flat(Color::hex(0x6da84e)));
        }
    }
}

/// A bowl of fruit; (x, y) is the middle of its foot.
pub fn bowl(canvas: &mut Canvas, fruit: Fruit, glaze: Color, x: f32, y: f32, half: f32, side: f32) {
    shadow(canvas, x - side * half * 0.1, y, half * 1.05);
    let rim = y - half * 0.72;
    let r = half * 0.335;
    for (dx, dy) in [(-0.30, -0.42), (0.30, -0.42), (0.0, -0.86), (-0.60, -0.10), (0.60, -0.10), (0.0, -0.14)] {
        fruit.draw(canvas, x + dx * half, rim + dy * half + half * 0.06, r, side);
    }
    let bowl = blob(&[
        (x - half, rim),
        (x, rim + half * 0.07),
        (x + half, rim),
        (x + half * 0.78, rim + half * 0.42),
        (x + half * 0.34, y),
        (x - half * 0.34, y),
        (x - half * 0.78, rim + half * 0.42),
    ]);
    canvas.form(Region::Object, &bowl, Paint::Flat(glaze), |canvas| {
        canvas.shade(&bowl, across(x - side * half, x + side * half, WHITE.alpha(0.35), glaze.dark(0.8).alpha(0.55)));
        canvas.fill(
            Region::Object,
            &rect(x - half * 1.1, rim + half * 0.24, half * 2.2, half * 0.14),
            Paint::Flat(glaze.light(0.45)),
        );
    });
}

/// What a cake is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Cream-coloured.
    Vanilla,
    /// Pink.
    Strawberry,
    /// Green.
    Mint,
    /// Brown.
    Chocolate,
}

impl Flavour {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Flavour::Vanilla => "vanilla",
            Flavour::Strawberry => "strawberry",
            Flavour::Mint => "mint",
            Flavour::Chocolate => "chocolate",
        }
    }

    /// Sponge and icing.
    fn colors(self) -> (Color, Color) {
        let (sponge, icing) = match self {
            Flavour::Vanilla => (0xf0d49a, 0xfff6e4),
            Flavour::Strawberry => (0xf3c3a8, 0xf59fb4),
            Flavour::Mint => (0xe9dcae, 0xa9dcc0),
            Flavour::Chocolate => (0x8a5536, 0x4f2d1f),
        };
        (Color::hex(sponge), Color::hex(icing))
    }
}

/// A cake on a stand; (x, y) is the middle of the stand's foot.
pub fn cake(canvas: &mut Canvas, flavour: Flavour, x: f32, y: f32, half: f32, side: f32) {
    let (sponge, icing) = flavour.colors();
    shadow(canvas, x - side * half * 0.1, y, half * 0.9);
    let china = Color::hex(0xe9edf2);
    let foot = polygon(&[
        (x - half * 0.5, y),
        (x - half * 0.1, y - half * 0.22),
        (x - half * 0.1, y - half * 0.4),
        (x + half * 0.1, y - half * 0.4),
        (x + half * 0.1, y - half * 0.22),
        (x + half * 0.5, y),
    ]);
    canvas.fill(Region::Object, &foot, across(x - side * half * 0.5, x + side * half * 0.5, china, china.dark(0.3)));
    let plate = y - half * 0.42;
    canvas.fill(
        Region::Object,
        &ellipse(x, plate, half * 1.12, half * 0.16),
        across(x - side * half, x + side * half, china.light(0.5), china.dark(0.28)),
    );
    let top = plate - half * 0.95;
    let (wide, flat) = (half * 0.92, half * 0.17);
    let side_of_cake = rect(x - wide, top, wide * 2.0, plate - top).and(ellipse(x, plate - 0.002, wide, flat * 0.75));
    canvas.form(Region::Object, &side_of_cake, Paint::Flat(sponge), |canvas| {
        canvas.fill(Region::Object, &rect(x - wide, top + half * 0.52, wide * 2.0, half * 0.16), Paint::Flat(icing));
        canvas.shade(
            &side_of_cake,
            across(x - side * wide, x + side * wide, WHITE.alpha(0.22), sponge.dark(0.9).alpha(0.5)),
        );
    });
    let drip = |at: f32, deep: f32| {
        round_rect(x + wide * at - half * 0.125, top - flat * 0.2, half * 0.25, half * deep, half * 0.12)
    };
    let mut coat = ellipse(x, top, wide, flat).and(rect(x - wide, top, wide * 2.0, half * 0.14));
    for (at, deep) in [(-0.85, 0.46), (-0.52, 0.32), (-0.2, 0.52), (0.14, 0.36), (0.5, 0.55), (0.84, 0.38)] {
        coat = coat.and(drip(at, deep));
    }
    canvas.form(Region::Object, &coat, Paint::Flat(icing), |canvas| {
        canvas.shade(&coat, across(x - side * wide, x + side * wide, WHITE.alpha(0.25), icing.dark(0.8).alpha(0.42)));
        canvas.shade(&ellipse(x, top, wide * 0.92, flat * 0.8), Paint::Flat(icing.light(0.4).alpha(0.45)));
    });
    for at in [-0.56, 0.0, 0.56] {
        let (cx, cy, r) = (x + wide * at, top - half * 0.16, half * 0.15);
        canvas.fill(
            Region::Object,
            &circle(cx, cy, r),
            Paint::Round(
                (cx - side * r * 0.3, cy - r * 0.3),
                r * 1.3,
                vec![(0.0, Color::hex(0xf2766d)), (1.0, Color::hex(0xa81f30))],
            ),
        );
    }
}

/// What is in a glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drink {
    /// Orange juice.
    Orange,
    /// Red juice.
    Berry,
    /// Purple juice.
    Grape,
    /// Pale yellow, with a slice of lemon.
    Lemonade,
}

impl Drink {
    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            Drink::Orange => "orange juice",
            Drink::Berry => "berry juice",
            Drink::Grape => "grape juice",
            Drink::Lemonade => "lemonade",
        }
    }
}

/// A glass; (x, y) is the middle of its foot.
pub fn glass(canvas: &mut Canvas, drink: Drink, x: f32, y: f32, height: f32, side: f32) {
    let color = Color::hex(match drink {
        Drink::Orange => 0xf08a24,
        Drink::Berry => 0xc22f45,
        Drink::Grape => 0x6d3f8c,
        Drink::Lemonade => 0xf7ef9e,
    });
    let half = height * 0.27;
    shadow(canvas, x - side * half * 0.3, y, half * 1.15);
    let straw = line(&[(x + half * 0.15, y - height * 0.3), (x + half * 0.62, y - height * 1.22)]);
    canvas.stroke(Region::Object, &straw, height * 0.06, Color::hex(0xf2f2ee));
    canvas.stroke(Region::Object, &straw, height * 0.022, Color::hex(0xd8584f));
    let outline = |top: f32, inset: f32| {
        let at = |part: f32| half * (0.74 + 0.26 * part) - inset;
        polygon(&[(x - at(top), y - height * top), (x + at(top), y - height * top), (x + at(0.0), y), (x - at(0.0), y)])
    };
    let cup = outline(1.0, 0.0);
    canvas.glaze(&cup, Paint::Flat(WHITE.alpha(0.42)));
    let filled = outline(0.80, half * 0.09);
    canvas.form(Region::Object, &filled, down(y - height * 0.8, y, color.light(0.12), color.dark(0.18)), |canvas| {
        canvas.shade(&filled, across(x - side * half, x + side * half, WHITE.alpha(0.30), color.dark(0.7).alpha(0.35)));
        if drink == Drink::Lemonade {
            for (dx, dy) in [(-0.3, 0.26), (0.34, 0.5)] {
                let ice = round_rect(
                    x + dx * half - half * 0.3,
                    y - height * (1.0 - dy) + height * 0.04,
                    half * 0.6,
                    half * 0.6,
                    half * 0.14,
                );
                canvas.fill(Region::Object, &ice, Paint::Flat(WHITE.alpha(0.75)));
            }
        }
    });
    canvas.fill(
        Region::Object,
        &ellipse(x, y - height * 0.80, half * 0.88, half * 0.15),
        Paint::Flat(color.light(0.35)),
    );
    canvas.shade(
        &polygon(&[
            (x - side * half * 0.62, y - height * 0.92),
            (x - side * half * 0.36, y - height * 0.92),
            (x - side * half * 0.34, y - height * 0.1),
            (x - side * half * 0.5, y - height * 0.1),
        ]),
        Paint::Flat(WHITE.alpha(0.45)),
    );
    if drink == Drink::Lemonade {
        let (lx, ly, r) = (x - half * 0.92, y - height * 0.98, half * 0.62);
        canvas.fill(Region::Object, &circle(lx, ly, r), Paint::Flat(Color::hex(0xf2cf2f)));
        canvas.fill(Region::Object, &circle(lx, ly, r * 0.78), Paint::Flat(Color::hex(0xfdf3a8)));
        canvas.stroke(Region::Object, &line(&[(lx - r * 0.6, ly), (lx + r * 0.6, ly)]), r * 0.14, Color::hex(0xf4dc5e));
        canvas.stroke(Region::Object, &line(&[(lx, ly - r * 0.6), (lx, ly + r * 0.6)]), r * 0.14, Color::hex(0xf4dc5e));
    }
    canvas.shade(&rect(x - half, y - height * 0.06, 2.0 * half, height * 0.06), Paint::Flat(INK.alpha(0.05)));
}
