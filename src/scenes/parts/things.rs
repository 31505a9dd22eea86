//! Things: what stands in a room: lamp, books, vase, window.
use super::flower::Bloom;
use super::tree::shadow;
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, Paint, across, down, glow, halo};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{blob, circle, ellipse, line, polygon, rect, round_rect};

/// A table lamp, on or off; (x, y) is the middle of its foot.
pub fn lamp(canvas: &mut Canvas, shade: Color, on: bool, x: f32, y: f32, height: f32, side: f32) {
    let half = height * 0.36;
    shadow(canvas, x, y, half * 0.8);
    let base = blob(&[
        (x, y - height * 0.52),
        (x + height * 0.09, y - height * 0.4),
        (x + height * 0.16, y - height * 0.16),
        (x + height * 0.12, y),
        (x - height * 0.12, y),
        (x - height * 0.16, y - height * 0.16),
        (x - height * 0.09, y - height * 0.4),
    ]);
    let clay = Color::hex(0x7a8fa0);
    canvas.form(Region::Object, &base, Paint::Flat(clay), |canvas| {
        canvas.shade(
            &base,
            across(x - side * half * 0.5, x + side * half * 0.5, WHITE.alpha(0.4), clay.dark(0.8).alpha(0.55)),
        );
    });
    let cone = polygon(&[
        (x - half * 0.55, y - height),
        (x + half * 0.55, y - height),
        (x + half, y - height * 0.48),
        (x - half, y - height * 0.48),
    ]);
    if on {
        canvas.fill(
            Region::Glow,
            &cone,
            down(y - height, y - height * 0.48, Color::hex(0xfff1b0), Color::hex(0xffc65a)),
        );
        canvas.glaze(
            &circle(x, y - height * 0.7, height * 1.05),
            halo(x, y - height * 0.7, height * 1.05, Color::hex(0xffe08a).alpha(0.62)),
        );
    } else {
        canvas.form(Region::Glow, &cone, Paint::Flat(shade.dark(0.12)), |canvas| {
            canvas.shade(&cone, across(x - side * half, x + side * half, WHITE.alpha(0.2), shade.dark(0.8).alpha(0.5)));
        });
    }
}

/// A pile of books, lying; (x, y) is the middle of its foot.
pub fn books(canvas: &mut Canvas, dice: &mut Dice, x: f32, y: f32, half: f32, n: usize, side: f32) {
    shadow(canvas, x, y, half * 1.1);
    let thick = half * 0.36;
    for index in 0..n {
        let color = Color::hex(dice.pick(&[0xb5483f, 0x3f6f8f, 0xd9a441, 0x5a8a68, 0x7a5a8c]));
        let (dx, wide) = (half * dice.between(-0.10, 0.10), half * dice.between(0.84, 1.0));
        let top = y - thick * (index + 1) as f32;
        let cover = round_rect(x + dx - wide, top, wide * 2.0, thick * 0.96, thick * 0.2);
        canvas.form(Region::Object, &cover, Paint::Flat(color), |canvas| {
            let edge = if side > 0.0 { x + dx + wide * 0.5 } else { x + dx - wide };
            canvas.fill(
                Region::Object,
                &rect(edge, top + thick * 0.18, wide * 0.5, thick * 0.6),
                Paint::Flat(Color::hex(0xf3ead6)),
            );
            canvas.shade(&cover, down(top, top + thick, WHITE.alpha(0.25), color.dark(0.8).alpha(0.4)));
        });
    }
}

/// A vase with three flowers; (x, y) is the middle of its foot.
pub fn vase(
    canvas: &mut Canvas,
    (bloom, petals): (Bloom, Color),
    glaze: Color,
    x: f32,
    y: f32,
    height: f32,
    side: f32,
) {
    let half = height * 0.20;
    shadow(canvas, x - side * half * 0.4, y, half * 1.2);
    let mouth = (x, y - height * 0.44);
    for (dx, dy, r) in [(-0.30, 0.78, 0.185), (0.32, 0.74, 0.175), (0.0, 0.98, 0.205)] {
        bloom.draw(canvas, x + dx * height, y - dy * height, r * height, mouth, petals);
    }
    let shape = blob(&[
        (x - half * 0.5, y - height * 0.48),
        (x + half * 0.5, y - height * 0.48),
        (x + half * 0.6, y - height * 0.38),
        (x + half * 1.1, y - height * 0.18),
        (x + half * 0.7, y),
        (x - half * 0.7, y),
        (x - half * 1.1, y - height * 0.18),
        (x - half * 0.6, y - height * 0.38),
    ]);
    canvas.form(Region::Object, &shape, Paint::Flat(glaze), |canvas| {
        canvas.shade(
            &shape,
            across(x - side * half * 1.1, x + side * half * 1.1, WHITE.alpha(0.45), glaze.dark(0.8).alpha(0.55)),
        );
    });
}

/// A room's wall, its table and a window with a view; the table begins at `table`.
pub fn room(canvas: &mut Canvas, air: &Air, wall: Color, wood: Color, table: f32, window: Option<f32>) {
    let whole = rect(0.0, 0.0, 1.0, 1.0);
    let side = air.side();
    let lit = if side > 0.0 { 0.0 } else { 1.0 };
    canvas.fill(Region::Object, &whole, across(lit, 1.0 - lit, wall.light(0.14), wall.dark(0.22)));
    if let Some(x) = window {
        view(canvas, air, x, 0.07, 0.40, table - 0.20);
    }
    let top = rect(0.0, table, 1.0, 1.0 - table);
    canvas.form(Region::Object, &top, down(table, 1.0, wood.light(0.22), wood.dark(0.12)), |canvas| {
        canvas.shade(&rect(0.0, table, 1.0, 0.03), Paint::Flat(WHITE.alpha(0.18)));
        canvas.shade(&whole, glow(lit * 0.8 + 0.1, table + 0.12, 0.6, Color::hex(0xfff0c8).alpha(0.35)));
    });
    canvas.shade(&rect(0.0, table - 0.04, 1.0, 0.04), down(table - 0.04, table, INK.alpha(0.0), INK.alpha(0.14)));
}

fn view(canvas: &mut Canvas, air: &Air, x: f32, y: f32, width: f32, height: f32) {
    let frame = Color::hex(0xf6f1e6);
    canvas.shade(&rect(x - 0.045, y - 0.03, width + 0.09, height + 0.09), Paint::Flat(INK.alpha(0.10)));
    canvas.fill(Region::Object, &rect(x - 0.035, y - 0.035, width + 0.07, height + 0.07), Paint::Flat(frame));
    canvas.within(&rect(x, y, width, height), |canvas| {
        canvas.at(x, y, width, height, |canvas| {
            super::sky::draw(canvas, air, 0.72);
            let mut dice = Dice::named(air.seed, "view");
            let far = air.grass(0.9).mix(air.haze(), 0.4);
            super::land::hill(canvas, air, &mut dice, 0.68, 0.06, far);
            super::land::hill(canvas, air, &mut dice, 0.82, 0.05, air.grass(0.2));
            super::tree::round(canvas, air, &mut dice, 0.26, 0.88, 0.42);
        });
    });
    canvas.stroke(Region::Object, &line(&[(x + width / 2.0, y), (x + width / 2.0, y + height)]), 0.024, frame);
    canvas.fill(
        Region::Object,
        &rect(x - 0.06, y + height + 0.01, width + 0.12, 0.04),
        down(y + height, y + height + 0.05, frame, frame.dark(0.25)),
    );
}

/// A hot-air balloon.
pub fn balloon(canvas: &mut Canvas, color: Color, x: f32, y: f32, r: f32, side: f32) {
    let envelope = blob(&[
        (x, y - r),
        (x + r * 0.8, y - r * 0.62),
        (x + r * 0.92, y + r * 0.1),
        (x + r * 0.3, y + r * 1.05),
        (x - r * 0.3, y + r * 1.05),
        (x - r * 0.92, y + r * 0.1),
        (x - r * 0.8, y - r * 0.62),
    ]);
    canvas.form(Region::Object, &envelope, Paint::Flat(color), |canvas| {
        canvas.fill(Region::Object, &ellipse(x, y, r * 0.34, r * 1.3), Paint::Flat(Color::hex(0xfbe9c0)));
        canvas.shade(&envelope, across(x - side * r, x + side * r, WHITE.alpha(0.35), color.dark(0.8).alpha(0.5)));
    });
    canvas.fill(
        Region::Object,
        &round_rect(x - r * 0.24, y + r * 1.22, r * 0.48, r * 0.40, r * 0.1),
        down(y + r * 1.2, y + r * 1.6, Color::hex(0xb98552), Color::hex(0x7d5636)),
    );
}

/// A sailing boat; (x, y) is the middle of its water line.
pub fn boat(canvas: &mut Canvas, hull: Color, x: f32, y: f32, size: f32, side: f32) {
    canvas.shade(&ellipse(x, y + size * 0.07, size * 0.5, size * 0.07), Paint::Flat(INK.alpha(0.22)));
    let body = blob(&[
        (x - size * 0.46, y - size * 0.14),
        (x, y - size * 0.11),
        (x + size * 0.5, y - size * 0.17),
        (x + size * 0.32, y + size * 0.06),
        (x - size * 0.3, y + size * 0.06),
    ]);
    canvas.stroke(
        Region::Object,
        &line(&[(x, y - size * 0.1), (x, y - size * 0.98)]),
        size * 0.05,
        Color::hex(0x7a5a42),
    );
    let sail = blob(&[
        (x + size * 0.05, y - size * 0.95),
        (x + size * 0.26, y - size * 0.6),
        (x + size * 0.42, y - size * 0.24),
        (x + size * 0.05, y - size * 0.22),
    ]);
    let jib = polygon(&[
        (x - size * 0.05, y - size * 0.86),
        (x - size * 0.38, y - size * 0.24),
        (x - size * 0.05, y - size * 0.22),
    ]);
    canvas.fill(
        Region::Object,
        &sail,
        across(x, x + size * 0.42, WHITE, Color::hex(0xd9d4cc).dark(0.05 * (1.0 + side))),
    );
    canvas.fill(Region::Object, &jib, across(x - size * 0.38, x, Color::hex(0xf5efe2), Color::hex(0xdcd3c6)));
    canvas.fill(Region::Object, &body, down(y - size * 0.16, y + size * 0.07, hull.light(0.15), hull.dark(0.3)));
}
