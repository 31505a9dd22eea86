//! Land: ridges, hills, meadows, rivers, the sea.
use crate::scenes::air::{Air, Season};
use crate::scenes::canvas::{Canvas, Paint, down, glow};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{below, blob, ellipse, polygon, rect};

/// A row of peaks whose foot is `base`.
pub fn mountains(canvas: &mut Canvas, air: &Air, dice: &mut Dice, base: f32, height: f32, color: Color) {
    let side = air.side();
    let n_peaks = 2 + dice.below(2);
    let mut peaks: Vec<(f32, f32, f32)> = (0..n_peaks)
        .map(|index| {
            let x = (index as f32 + dice.between(0.25, 0.75)) / n_peaks as f32;
            let tall = height * dice.between(0.62, 1.0);
            (x, tall, tall * dice.between(0.95, 1.35))
        })
        .collect();
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
    let haze = air.haze();
    for (x, tall, half) in peaks {
        let top = base - tall;
        let outline = [
            (x - half, base + 0.02),
            (x - half * 0.52, top + tall * 0.56),
            (x - half * 0.22, top + tall * 0.20),
            (x, top),
            (x + half * 0.20, top + tall * 0.26),
            (x + half * 0.56, top + tall * 0.60),
            (x + half, base + 0.02),
        ];
        let shape = polygon(&outline);
        canvas.form(Region::Far, &shape, down(top, base, color, color.mix(haze, 0.72)), |canvas| {
            let dim = polygon(&[
                (x, top),
                (x + side * half * 0.06, top + tall * 0.3),
                (x - side * half * 0.05, top + tall * 0.55),
                (x + side * half * 0.12, base + 0.05),
                (x + side * half * 1.2, base + 0.05),
                (x + side * half * 1.2, top),
            ]);
            canvas.shade(&dim, down(top, base, color.dark(0.55).alpha(0.62), color.mix(haze, 0.8).alpha(0.15)));
            let snow = [
                (x - half * 0.3, top - 0.02),
                (x - half * 0.24, top + tall * 0.24),
                (x - half * 0.08, top + tall * 0.19),
                (x + half * 0.02, top + tall * 0.30),
                (x + half * 0.12, top + tall * 0.2),
                (x + half * 0.24, top + tall * 0.28),
                (x + half * 0.3, top - 0.02),
            ];
            if height > 0.2 {
                canvas.fill(Region::Far, &polygon(&snow), Paint::Flat(WHITE.mix(haze, 0.08)));
                let cool = color.light(0.55);
                canvas.within(&polygon(&snow), |canvas| canvas.shade(&dim, Paint::Flat(cool.alpha(0.6))));
            }
        });
    }
    // The plain at their feet, where the next hill lies low.
    canvas.fill(Region::Far, &rect(0.0, base, 1.0, 0.12), Paint::Flat(color.mix(haze, 0.72)));
    canvas.glaze(
        &rect(0.0, base - height * 0.5, 1.0, height * 0.55),
        down(base - height * 0.5, base, haze.alpha(0.0), haze.alpha(0.55)),
    );
}

/// A smooth hill line at about `y`, filled a third of the picture deep, to the bottom where that is near; returns the line's points.
pub fn hill(canvas: &mut Canvas, air: &Air, dice: &mut Dice, y: f32, swing: f32, grass: Color) -> Vec<(f32, f32)> {
    let n = 5;
    let points: Vec<_> =
        (0..=n).map(|index| (-0.1 + 1.2 * index as f32 / n as f32, y + swing * dice.between(-1.0, 1.0))).collect();
    // The next hill covers what lies deeper.
    let deep = y + 0.34;
    let shape = below(&points, if deep > 0.9 { 1.05 } else { deep });
    canvas.form(Region::Grass, &shape, down(y - swing, y + 0.34, grass.light(0.16), grass.dark(0.2)), |canvas| {
        let (sun, dim) = (air.sun.0, 1.0 - air.sun.0);
        canvas.shade(&shape, glow(sun, y, 0.5, Color::hex(0xfff3b8).alpha(0.30)));
        canvas.shade(&shape, glow(dim, y + 0.25, 0.6, grass.dark(0.7).alpha(0.28)));
    });
    points
}

/// Height of a hill line at `x`.
pub fn height_at(points: &[(f32, f32)], x: f32) -> f32 {
    let pair = points.windows(2).find(|pair| x <= pair[1].0).or(points.windows(2).last());
    pair.map_or(1.0, |pair| {
        let part = ((x - pair[0].0) / (pair[1].0 - pair[0].0)).clamp(0.0, 1.0);
        let smooth = part * part * (3.0 - 2.0 * part);
        pair[0].1 + (pair[1].1 - pair[0].1) * smooth
    })
}

/// Soft patches of another tone on the ground between `top` and the bottom.
pub fn patches(canvas: &mut Canvas, dice: &mut Dice, top: f32, color: Color, n: usize) {
    for _ in 0..n {
        let y = dice.between(top, 1.0);
        let near = (y - top) / (1.0 - top);
        let half = 0.05 + 0.1 * near;
        canvas.shade(&ellipse(dice.unit(), y, half, half * 0.26), Paint::Flat(color.alpha(0.30)));
    }
}

/// A sheet of water from `top` down, mirroring the sky.
pub fn water(canvas: &mut Canvas, air: &Air, top: f32, bottom: f32) {
    let shape = rect(0.0, top, 1.0, bottom - top);
    canvas.form(Region::Water, &shape, sea(air, top, bottom), |canvas| {
        canvas.shade(&shape, glow(air.sun.0, top, 0.42, Color::hex(0xfff4d8).alpha(0.55)));
        let mut dice = Dice::named(air.seed, "waves");
        for row in 0..5 {
            let near = (row as f32 + 0.6) / 5.0;
            let y = top + (bottom - top) * near * near.sqrt();
            for _ in 0..3 {
                let half = 0.06 + 0.10 * near;
                let x = dice.between(-0.05, 1.05);
                canvas.shade(&ellipse(x, y, half, 0.006 + 0.010 * near), Paint::Flat(WHITE.alpha(0.24)));
            }
        }
    });
}

/// The colours of water under this sky.
pub fn sea(air: &Air, top: f32, bottom: f32) -> Paint {
    let deep = Color::hex(0x2f7f9f).mix(air.sky[0], 0.5);
    Paint::Along(
        (0.0, top),
        (0.0, bottom),
        vec![(0.0, air.sky[2].mix(deep, 0.45)), (0.5, deep), (1.0, deep.dark(0.22))],
    )
}

/// A river or a path that winds from far (`x`, `top`) to the bottom of the picture.
pub fn winding(canvas: &mut Canvas, region: Region, paint: Paint, x: f32, top: f32, bend: f32) {
    let middle = |part: f32| x + bend * (part * 4.2).sin() * part.sqrt();
    let half = |part: f32| 0.008 + 0.17 * part.powf(1.6);
    let parts = [0.0, 0.15, 0.32, 0.52, 0.76, 1.06];
    let y = |part: f32| top + (1.0 - top) * part;
    let mut points: Vec<_> = parts.iter().map(|&part| (middle(part) - half(part), y(part))).collect();
    points.extend(parts.iter().rev().map(|&part| (middle(part) + half(part), y(part))));
    let shape = blob(&points);
    canvas.form(region, &shape, paint, |canvas| {
        canvas.shade(&rect(0.0, top, 1.0, 0.12), down(top, top + 0.12, WHITE.alpha(0.25), WHITE.alpha(0.0)));
        canvas.shade(&rect(0.0, 0.8, 1.0, 0.2), down(0.8, 1.0, INK.alpha(0.0), INK.alpha(0.15)));
    });
}

/// Earth or sand, by season.
pub fn earth(air: &Air) -> Color {
    if air.season == Season::Winter { Color::hex(0xdfe3e8) } else { Color::hex(0xdcc19a) }
}
