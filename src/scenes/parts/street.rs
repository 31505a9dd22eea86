//! Street: a car, traffic lights, an umbrella on a beach.
use super::tree::shadow;
use crate::scenes::canvas::{Canvas, Paint, across, down, glow};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::region::Region;
use crate::scenes::shape::{Shape, blob, circle, heart, line, polygon, rect, round_rect};

/// Colours of cars, and their names.
pub const CARS: [(u32, &str); 5] =
    [(0xd24a40, "red"), (0x3f7fb5, "blue"), (0xe9b63f, "yellow"), (0x57a06e, "green"), (0xf0efe9, "white")];

/// A car seen from its side; (x, y) is the middle between its wheels' feet.
pub fn car(canvas: &mut Canvas, color: Color, x: f32, y: f32, length: f32, side: f32) {
    shadow(canvas, x, y, length * 0.52);
    let s = length;
    let cabin = blob(&[
        (x - s * 0.36, y - s * 0.26),
        (x - s * 0.24, y - s * 0.44),
        (x + s * 0.10, y - s * 0.45),
        (x + s * 0.28, y - s * 0.26),
    ]);
    canvas.form(Region::Object, &cabin, Paint::Flat(color), |canvas| {
        canvas.shade(
            &cabin,
            across(x - side * s * 0.4, x + side * s * 0.4, WHITE.alpha(0.25), color.dark(0.7).alpha(0.4)),
        );
    });
    let glass = Color::hex(0xa9cfe0);
    for pane in [
        polygon(&[
            (x - s * 0.29, y - s * 0.27),
            (x - s * 0.21, y - s * 0.40),
            (x - s * 0.07, y - s * 0.41),
            (x - s * 0.07, y - s * 0.27),
        ]),
        polygon(&[
            (x - s * 0.02, y - s * 0.27),
            (x - s * 0.02, y - s * 0.41),
            (x + s * 0.08, y - s * 0.40),
            (x + s * 0.20, y - s * 0.27),
        ]),
    ] {
        canvas.fill(Region::Object, &pane, down(y - s * 0.42, y - s * 0.26, glass.light(0.4), glass.dark(0.1)));
    }
    let body = blob(&[
        (x - s * 0.49, y - s * 0.22),
        (x - s * 0.36, y - s * 0.28),
        (x + s * 0.26, y - s * 0.28),
        (x + s * 0.46, y - s * 0.22),
        (x + s * 0.5, y - s * 0.10),
        (x + s * 0.4, y - s * 0.06),
        (x - s * 0.42, y - s * 0.06),
        (x - s * 0.5, y - s * 0.10),
    ]);
    canvas.form(
        Region::Object,
        &body,
        down(y - s * 0.3, y - s * 0.05, color.light(0.22), color.dark(0.28)),
        |canvas| {
            canvas.fill(Region::Glow, &circle(x + s * 0.45, y - s * 0.18, s * 0.05), Paint::Flat(Color::hex(0xfff0bf)));
            canvas.fill(
                Region::Object,
                &circle(x - s * 0.47, y - s * 0.18, s * 0.045),
                Paint::Flat(Color::hex(0xc94a3e)),
            );
        },
    );
    for wheel in [-0.28, 0.28] {
        canvas.fill(Region::Object, &circle(x + s * wheel, y - s * 0.07, s * 0.105), Paint::Flat(Color::hex(0x2d2d38)));
        canvas.fill(Region::Object, &circle(x + s * wheel, y - s * 0.07, s * 0.052), Paint::Flat(Color::hex(0xc3c7cf)));
    }
}

/// Which of the three lights is on.
const LIGHTS: [u32; 3] = [0xf2453c, 0xffc533, 0x45c96a];

/// Traffic lights on a pole, `[x, y, width, foot]`: (x, y) is the top of the housing, `foot` the pole's lower end.
pub fn traffic_lights(canvas: &mut Canvas, hearts: bool, on: usize, [x, y, wide, foot]: [f32; 4], side: f32) {
    let half = wide / 2.0;
    let tall = wide * 2.55;
    canvas.fill(
        Region::Object,
        &rect(x - half * 0.24, y + tall, half * 0.48, foot - y - tall),
        across(x - half * 0.24, x + half * 0.24, Color::hex(0x6b7280), Color::hex(0x41464f)),
    );
    let case = Color::hex(0x32363f);
    let housing = round_rect(x - half, y, wide, tall, wide * 0.22);
    canvas.form(Region::Object, &housing, Paint::Flat(case), |canvas| {
        canvas.shade(&housing, across(x - side * half, x + side * half, WHITE.alpha(0.18), INK.alpha(0.3)));
    });
    for (index, color) in LIGHTS.iter().map(|&rgb| Color::hex(rgb)).enumerate() {
        let (cy, r) = (y + wide * (0.46 + 0.815 * index as f32), wide * 0.335);
        let lens: Shape = if hearts { heart(x, cy, r * 1.08) } else { circle(x, cy, r) };
        let lit = index == on;
        let color = if lit { color } else { color.mix(case, 0.30) };
        canvas.fill(
            Region::Signal,
            &lens,
            Paint::Round(
                (x - r * 0.25, cy - r * 0.3),
                r * 1.4,
                vec![(0.0, color.light(if lit { 0.45 } else { 0.12 })), (1.0, color)],
            ),
        );
        if lit {
            canvas.glaze(&housing, glow(x, cy, r * 1.5, color.alpha(0.35)));
        }
    }
}

/// A road from `top` to `bottom`, seen from its side.
pub fn road(canvas: &mut Canvas, top: f32, bottom: f32, snowy: bool) {
    let tar = Color::hex(if snowy { 0xc3cad4 } else { 0x7b808c });
    canvas.fill(
        Region::Ground,
        &rect(0.0, top - 0.05, 1.0, 0.06),
        down(top - 0.05, top, Color::hex(0xd9d3ca), Color::hex(0xb9b2aa)),
    );
    canvas.fill(Region::Ground, &rect(0.0, top, 1.0, bottom - top), down(top, bottom, tar, tar.dark(0.2)));
    let middle = (top + bottom) / 2.0;
    for index in 0..4 {
        let x = 0.04 + 0.28 * index as f32;
        canvas.fill(
            Region::Ground,
            &rect(x, middle - 0.012, 0.13, 0.024),
            Paint::Flat(Color::hex(0xf0ead8).alpha(0.85)),
        );
    }
}

/// A beach umbrella; (x, y) is the foot of its pole.
pub fn umbrella(canvas: &mut Canvas, color: Color, x: f32, y: f32, size: f32, side: f32) {
    shadow(canvas, x - side * size * 0.3, y, size * 0.42);
    canvas.stroke(
        Region::Object,
        &line(&[(x, y), (x + side * size * 0.08, y - size * 0.85)]),
        size * 0.045,
        Color::hex(0xb89468),
    );
    let (tx, ty) = (x + side * size * 0.08, y - size * 0.95);
    let hood = blob(&[
        (tx - size * 0.52, ty + size * 0.40),
        (tx - size * 0.34, ty + size * 0.08),
        (tx, ty - size * 0.06),
        (tx + size * 0.34, ty + size * 0.08),
        (tx + size * 0.52, ty + size * 0.40),
        (tx, ty + size * 0.33),
    ]);
    canvas.form(Region::Object, &hood, Paint::Flat(color), |canvas| {
        for at in [-0.34f32, 0.08] {
            let strip = polygon(&[
                (tx, ty - size * 0.1),
                (tx + size * at, ty + size * 0.5),
                (tx + size * (at + 0.26), ty + size * 0.5),
            ]);
            canvas.fill(Region::Object, &strip, Paint::Flat(Color::hex(0xfaf3e6)));
        }
        canvas.shade(
            &hood,
            across(tx - side * size * 0.5, tx + side * size * 0.5, WHITE.alpha(0.2), color.dark(0.7).alpha(0.45)),
        );
    });
}
