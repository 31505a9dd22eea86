//! Tree: round crowns, firs, poplars, palms and bushes.
use crate::scenes::air::{Air, Season};
use crate::scenes::canvas::{Canvas, Paint, across, down, glow};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{Shape, circle, circles, ellipse, line, polygon, rect};

/// A shadow on the ground under something of this half-width.
pub fn shadow(canvas: &mut Canvas, x: f32, y: f32, half: f32) {
    canvas.shade(&ellipse(x, y, half, half * 0.26), Paint::Flat(INK.alpha(0.20)));
}

/// A tree with a round crown; (x, y) is its foot.
pub fn round(canvas: &mut Canvas, air: &Air, dice: &mut Dice, x: f32, y: f32, height: f32) {
    let (side, r) = (air.side(), height * 0.34);
    let (top, leaf) = (y - height * 0.62, air.leaf(dice.unit()));
    shadow(canvas, x - side * r * 0.4, y, r * 0.95);
    let half = height * 0.055;
    let trunk = polygon(&[(x - half, y), (x - half * 0.7, top), (x + half * 0.7, top), (x + half, y)]);
    canvas.fill(Region::Plant, &trunk, across(x - half, x + half, Color::hex(0x8a6148), Color::hex(0x5f4338)));
    let lump = |dx: f32, dy: f32, size: f32| (x + dx * r, top + dy * r, r * size);
    let wobble = dice.between(-0.12, 0.12);
    let crown = circles(&[
        lump(-0.52, 0.22 + wobble, 0.58),
        lump(0.50, 0.26 - wobble, 0.60),
        lump(0.0, -0.30, 0.74),
        lump(-0.1 + wobble, 0.38, 0.6),
    ]);
    foliage(canvas, side, (x, top), r, &crown, leaf);
    if air.season == Season::Spring {
        let blossom = Color::hex(0xf7c6d4);
        for (dx, dy) in [(-0.5, 0.1), (0.1, -0.5), (0.45, 0.25), (-0.05, 0.35)] {
            canvas.within(&crown, |canvas| {
                canvas.glaze(
                    &circle(x + dx * r, top + dy * r, r * 0.26),
                    glow(x + dx * r, top + dy * r, r * 0.3, blossom),
                )
            });
        }
    }
}

fn foliage(canvas: &mut Canvas, side: f32, (x, y): (f32, f32), r: f32, crown: &Shape, leaf: Color) {
    canvas.form(Region::Plant, crown, Paint::Flat(leaf), |canvas| {
        canvas.shade(crown, down(y - 0.5 * r, y + 1.1 * r, INK.alpha(0.0), leaf.dark(0.75).alpha(0.62)));
        let (lit, dim) = (x - side * 0.42 * r, x + side * 0.8 * r);
        canvas.shade(crown, glow(dim, y + 0.3 * r, r * 0.9, leaf.dark(0.8).alpha(0.4)));
        canvas.shade(crown, glow(lit, y - 0.5 * r, r * 0.95, leaf.light(0.55).alpha(0.75)));
    });
}

/// A fir in three tiers.
pub fn fir(canvas: &mut Canvas, air: &Air, dice: &mut Dice, x: f32, y: f32, height: f32) {
    let side = air.side();
    shadow(canvas, x - side * height * 0.1, y, height * 0.26);
    let shift = dice.unit();
    let green = Color::hex(0x3f7a5a).mix(Color::hex(0x2f5f5c), shift).mix(air.leaf(0.5), 0.18);
    canvas.fill(
        Region::Plant,
        &rect(x - height * 0.035, y - height * 0.2, height * 0.07, height * 0.2),
        Paint::Flat(Color::hex(0x6b4a3c)),
    );
    for (tier, half) in [(0.12, 0.26), (0.38, 0.21), (0.64, 0.15)] {
        let (low, high) = (y - height * tier, y - height * (tier + 0.40).min(1.0));
        let half = half * height;
        let shape = polygon(&[(x - half, low), (x, high), (x + half, low), (x, low + half * 0.22)]);
        canvas.form(Region::Plant, &shape, Paint::Flat(green.light(0.1)), |canvas| {
            canvas.shade(
                &shape,
                across(x - side * half, x + side * half, green.light(0.4).alpha(0.6), green.dark(0.8).alpha(0.6)),
            );
            canvas.shade(&shape, down(high, low, green.light(0.3).alpha(0.0), green.dark(0.7).alpha(0.35)));
            if air.season == Season::Winter {
                canvas.fill(
                    Region::Plant,
                    &polygon(&[
                        (x - half * 0.62, low - half * 0.62),
                        (x, high),
                        (x + half * 0.62, low - half * 0.62),
                        (x, low - half * 0.4),
                    ]),
                    Paint::Flat(WHITE),
                );
            }
        });
    }
}

/// A slim poplar or cypress.
pub fn poplar(canvas: &mut Canvas, air: &Air, dice: &mut Dice, x: f32, y: f32, height: f32) {
    let (side, half) = (air.side(), height * 0.14);
    let leaf = air.leaf(dice.between(0.4, 1.0)).dark(0.12);
    shadow(canvas, x, y, half * 1.3);
    let crown = ellipse(x, y - height * 0.52, half, height * 0.5);
    canvas.fill(
        Region::Plant,
        &rect(x - half * 0.18, y - height * 0.2, half * 0.36, height * 0.2),
        Paint::Flat(Color::hex(0x6f5040)),
    );
    canvas.form(Region::Plant, &crown, Paint::Flat(leaf), |canvas| {
        canvas.shade(
            &crown,
            across(x - side * half, x + side * half, leaf.light(0.5).alpha(0.7), leaf.dark(0.8).alpha(0.6)),
        );
        canvas.shade(&crown, down(y - height, y, leaf.alpha(0.0), leaf.dark(0.7).alpha(0.45)));
    });
}

/// A low bush; (x, y) is the middle of its foot.
pub fn bush(canvas: &mut Canvas, air: &Air, dice: &mut Dice, x: f32, y: f32, half: f32) {
    let leaf = air.leaf(dice.unit());
    let lump = |dx: f32, dy: f32, size: f32| (x + dx * half, y + dy * half, size * half);
    let crown = circles(&[lump(-0.5, -0.22, 0.48), lump(0.05, -0.42, 0.58), lump(0.55, -0.2, 0.46)]);
    shadow(canvas, x, y + half * 0.12, half);
    let flat = rect(x - 2.0 * half, y - 3.0 * half, 4.0 * half, 3.1 * half);
    canvas.within(&flat, |canvas| foliage(canvas, air.side(), (x, y - half * 0.3), half * 0.8, &crown, leaf));
}

/// A palm; (x, y) is its foot.
pub fn palm(canvas: &mut Canvas, air: &Air, x: f32, y: f32, height: f32) {
    let side = air.side();
    let (tip_x, tip_y) = (x + side * height * 0.18, y - height);
    shadow(canvas, x - side * height * 0.2, y, height * 0.3);
    let trunk = line(&[(x, y), (x + side * height * 0.02, y - height * 0.5), (tip_x, tip_y)]);
    canvas.stroke(Region::Plant, &trunk, height * 0.075, Color::hex(0x9b7452));
    canvas.stroke(
        Region::Plant,
        &line(&[(x + 0.008, y), (x + side * height * 0.02 + 0.008, y - height * 0.5), (tip_x + 0.006, tip_y)]),
        height * 0.028,
        Color::hex(0x7a583f),
    );
    let green = Color::hex(0x4f9a5b);
    for (dx, dy, shade) in [
        (-0.52, 0.16, 0.3),
        (0.52, 0.18, 0.3),
        (-0.40, -0.14, 0.0),
        (0.42, -0.12, 0.0),
        (-0.2, 0.34, 0.45),
        (0.24, 0.34, 0.45),
    ] {
        let (ex, ey) = (tip_x + dx * height, tip_y + dy * height);
        let (mx, my) = (tip_x + dx * height * 0.5, tip_y + dy * height * 0.35 - height * 0.12);
        let leaf = crate::scenes::shape::blob(&[
            (tip_x, tip_y),
            (mx, my - height * 0.045),
            (ex, ey),
            (mx, my + height * 0.075),
        ]);
        canvas.fill(Region::Plant, &leaf, across(tip_x, ex, green.dark(shade), green.light(0.18 - 0.3 * shade)));
    }
}
