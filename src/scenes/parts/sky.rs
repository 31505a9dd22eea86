//! Sky: gradient, sun, clouds; rain that falls before it.
use crate::scenes::air::{Air, Hour, Weather};
use crate::scenes::canvas::{Canvas, Paint, down, halo};
use crate::scenes::color::{Color, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{Shape, circle, circles, line, rect};

/// Sky from the top to a little below `horizon`, where it is lightest; land must cover the rest.
pub fn draw(canvas: &mut Canvas, air: &Air, horizon: f32) {
    let [top, middle, low] = air.sky;
    let stops = vec![(0.0, top), (0.55, middle), (1.0, low)];
    let deep = (horizon + 0.16).min(1.0);
    canvas.fill(Region::Sky, &rect(0.0, 0.0, 1.0, deep), Paint::Along((0.0, 0.0), (0.0, horizon), stops));
    if air.weather == Weather::Clear {
        let (x, y) = (air.sun.0, air.sun.1.min(horizon - 0.06));
        let (warm, radius) = match air.hour {
            Hour::Day => (Color::hex(0xfffbe8), 0.048),
            Hour::Morning => (Color::hex(0xfff2cf), 0.055),
            Hour::Evening => (Color::hex(0xfff0c0), 0.075),
            Hour::Dusk => (Color::hex(0xffd9b8), 0.05),
        };
        let spread = if air.hour == Hour::Day { 0.34 } else { 0.55 };
        canvas.glaze(&circle(x, y, spread), halo(x, y, spread, warm.alpha(0.78)));
        if air.hour != Hour::Dusk {
            canvas.glaze(&circle(x, y, radius), Paint::Flat(warm));
        }
    }
    let mut dice = Dice::named(air.seed, "clouds");
    for index in 0..air.n_clouds {
        let x = (index as f32 + dice.between(0.15, 0.85)) / air.n_clouds as f32;
        let y = horizon * dice.between(0.14, 0.62);
        cloud(canvas, air, &mut dice, x, y, 0.6 + 0.6 * y / horizon);
    }
}

fn cloud(canvas: &mut Canvas, air: &Air, dice: &mut Dice, x: f32, y: f32, scale: f32) {
    let width = scale * dice.between(0.13, 0.20);
    let lump = |part: f32, size: f32| (x + width * part, y - width * size * 0.45, width * size);
    let sizes = [dice.between(0.26, 0.36), dice.between(0.42, 0.54), dice.between(0.34, 0.46), dice.between(0.22, 0.3)];
    let shape = circles(&[lump(-0.72, sizes[0]), lump(-0.22, sizes[1]), lump(0.34, sizes[2]), lump(0.80, sizes[3])]);
    let (light, shade) = match (air.weather, air.hour) {
        (Weather::Clear, Hour::Day | Hour::Morning) => (WHITE, air.sky[1].light(0.45)),
        (Weather::Clear, Hour::Evening) => (Color::hex(0xffe9d6), air.sky[0].mix(air.sky[1], 0.7).light(0.2)),
        (_, Hour::Dusk) => (air.sky[2].light(0.1), air.sky[0].light(0.22)),
        _ => (air.sky[2].light(0.3), air.sky[0].light(0.12)),
    };
    let flat = rect(x - 2.0 * width, y - 2.0 * width, 4.0 * width, 2.0 * width);
    canvas.within(&flat, |canvas| {
        canvas.fill(Region::Sky, &shape, down(y - width * 0.75, y, light, shade));
    });
}

/// Soft slanting streaks, the same for every picture, over all of it.
pub fn rain(canvas: &mut Canvas) {
    let whole = rect(0.0, 0.0, 1.0, 1.0);
    canvas.glaze(&whole, Paint::Flat(Color::hex(0x9fb0bf).alpha(0.16)));
    for streak in streaks() {
        canvas.stroke(Region::Object, &streak, 0.013, Color::hex(0xeaf3fa).alpha(0.42));
    }
}

fn streaks() -> Vec<Shape> {
    let mut dice = Dice::named(0, "rain");
    let mut streaks = Vec::new();
    for row in 0..6 {
        for column in 0..6 {
            let (x, y) = (column as f32 + dice.between(0.1, 0.9), row as f32 + dice.between(0.1, 0.9));
            let (x, y, length) = (x / 5.6 - 0.02, y / 6.0 - 0.04, dice.between(0.07, 0.12));
            streaks.push(line(&[(x, y), (x - 0.28 * length, y + length)]));
        }
    }
    streaks
}
