//! Landmark: what stands out in a landscape: a windmill, a lighthouse.
use super::tree::shadow;
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, Paint, across, halo};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::parts::house::lamps_are_on;
use crate::scenes::region::Region;
use crate::scenes::shape::{blob, circle, polygon, rect, round_rect};

/// A windmill; (x, y) is the middle of its foot.
pub fn windmill(canvas: &mut Canvas, air: &Air, x: f32, y: f32, height: f32) {
    let (side, half) = (air.side(), height * 0.19);
    shadow(canvas, x - side * half * 0.6, y, half * 1.5);
    let top = y - height * 0.66;
    let wall = Color::hex(0xf2e6d2);
    let tower = polygon(&[(x - half, y), (x - half * 0.58, top), (x + half * 0.58, top), (x + half, y)]);
    canvas.form(Region::Wall, &tower, Paint::Flat(wall), |canvas| {
        canvas.shade(&tower, across(x - side * half, x + side * half, WHITE.alpha(0.25), wall.dark(0.8).alpha(0.5)));
    });
    let door = round_rect(x - half * 0.3, y - height * 0.19, half * 0.6, height * 0.25, half * 0.25);
    canvas.within(&tower, |canvas| canvas.fill(Region::Object, &door, Paint::Flat(Color::hex(0x8a5f44))));
    let roof = Color::hex(0xa9523f);
    let cap = blob(&[
        (x - half * 0.74, top + half * 0.1),
        (x - half * 0.5, top - half * 0.5),
        (x, top - half * 0.86),
        (x + half * 0.5, top - half * 0.5),
        (x + half * 0.74, top + half * 0.1),
    ]);
    let sides = across(x - side * half, x + side * half, roof.light(0.2), roof.dark(0.35));
    canvas.fill(Region::Roof, &cap, sides);
    let (hub, length, wide) = ((x, top - half * 0.1), height * 0.42, height * 0.115);
    for quarter in 0..4 {
        let sail = rect(hub.0, hub.1 - length, wide, length * 0.84);
        let sail = sail.turn(22.0 + 90.0 * quarter as f32, hub.0, hub.1);
        canvas.fill(Region::Object, &sail, Paint::Flat(Color::hex(0xfbf3e2)));
        let beam = rect(hub.0 - height * 0.016, hub.1 - length, height * 0.036, length);
        let beam = beam.turn(22.0 + 90.0 * quarter as f32, hub.0, hub.1);
        canvas.fill(Region::Object, &beam, Paint::Flat(Color::hex(0x8a6748)));
    }
    canvas.fill(Region::Object, &circle(hub.0, hub.1, height * 0.04), Paint::Flat(Color::hex(0x6f4f38)));
}

/// A lighthouse; (x, y) is the middle of its foot.
pub fn lighthouse(canvas: &mut Canvas, air: &Air, x: f32, y: f32, height: f32) {
    let (side, half) = (air.side(), height * 0.145);
    let top = y - height * 0.74;
    let tower = polygon(&[(x - half, y), (x - half * 0.68, top), (x + half * 0.68, top), (x + half, y)]);
    canvas.form(Region::Wall, &tower, Paint::Flat(Color::hex(0xf8f3ea)), |canvas| {
        for band in [0.12, 0.44, 0.76] {
            let stripe = rect(x - half, top + band * (y - top), half * 2.0, 0.17 * (y - top));
            canvas.fill(Region::Wall, &stripe, Paint::Flat(Color::hex(0xcf4a40)));
        }
        canvas.shade(&tower, across(x - side * half, x + side * half, WHITE.alpha(0.2), INK.alpha(0.32)));
    });
    let lamp = rect(x - half * 0.52, top - height * 0.12, half * 1.04, height * 0.12);
    let glass = if lamps_are_on(air) { Color::hex(0xffe9a0) } else { Color::hex(0xf6e3a6) };
    canvas.fill(Region::Glow, &lamp, Paint::Flat(glass));
    if lamps_are_on(air) {
        let (y, r) = (top - height * 0.06, height * 0.55);
        canvas.glaze(&circle(x, y, r), halo(x, y, r, Color::hex(0xffe08a).alpha(0.6)));
    }
    let dark = Color::hex(0x4a4f5f);
    canvas.fill(
        Region::Wall,
        &rect(x - half * 0.95, top - height * 0.015, half * 1.9, height * 0.04),
        Paint::Flat(dark),
    );
    let hood = polygon(&[
        (x - half * 0.72, top - height * 0.12),
        (x, top - height * 0.25),
        (x + half * 0.72, top - height * 0.12),
    ]);
    canvas.fill(Region::Roof, &hood, Paint::Flat(Color::hex(0xb8433a)));
}
