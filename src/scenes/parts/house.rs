//! House: cottages with a gable, town houses in a row, towers of a city.
use crate::scenes::air::{Air, Hour, Season, Weather};
use crate::scenes::canvas::{Canvas, Paint, across, down, halo};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::region::Region;
use crate::scenes::shape::{circle, polygon, rect, round_rect};

/// Colours of walls.
pub const WALLS: [u32; 8] = [0xf4e3c8, 0xf0cfae, 0xe9b9a0, 0xd9dfd2, 0xf6edd9, 0xc9d8de, 0xf2d58f, 0xe0c6cf];
/// Colours of roofs.
pub const ROOFS: [u32; 6] = [0xc4583f, 0xa9523f, 0x8a5a5c, 0x4f6478, 0xb5713f, 0x6a5a72];
/// Colours of doors, and their names.
pub const DOORS: [(u32, &str); 5] =
    [(0x2f7fb5, "blue"), (0xd0402f, "red"), (0x3f9a55, "green"), (0xf2b632, "yellow"), (0x8a5f44, "brown")];

/// Whether people have their lamps on.
pub fn lamps_are_on(air: &Air) -> bool {
    air.hour == Hour::Dusk || air.weather == Weather::Rain
}

/// A window pane, with its frame.
pub fn window(canvas: &mut Canvas, air: &Air, x: f32, y: f32, width: f32, height: f32) {
    let frame = width * 0.14;
    canvas.fill(
        Region::Wall,
        &rect(x - frame, y - frame, width + 2.0 * frame, height + 2.0 * frame),
        Paint::Flat(WHITE.mix(Color::hex(0xe8d8c0), 0.4)),
    );
    let pane = rect(x, y, width, height);
    if lamps_are_on(air) {
        canvas.fill(Region::Glow, &pane, down(y, y + height, Color::hex(0xffe9a0), Color::hex(0xffb95c)));
    } else {
        canvas.fill(
            Region::Glow,
            &pane,
            down(y, y + height, Color::hex(0x5f86a6).under(air.light()), Color::hex(0x8fb6cc).under(air.light())),
        );
        canvas.shade(&polygon(&[(x, y), (x + width * 0.7, y), (x, y + height * 0.7)]), Paint::Flat(WHITE.alpha(0.28)));
    }
}

/// How one cottage looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Cottage {
    /// Wall.
    pub wall: Color,
    /// Roof.
    pub roof: Color,
    /// Index into [`DOORS`].
    pub door: usize,
    /// Has a chimney.
    pub chimney: bool,
}

impl Cottage {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        let (wall, roof) = (Color::hex(dice.pick(&WALLS)), Color::hex(dice.pick(&ROOFS)));
        Self { wall, roof, door: dice.below(DOORS.len()), chimney: dice.chance(0.6) }
    }

    /// Draws it; (x, y) is the middle of its foot.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air, x: f32, y: f32, width: f32) {
        let (half, side) = (width / 2.0, air.side());
        let tall = width * 0.62;
        let (eaves, ridge) = (y - tall, y - tall - width * 0.50);
        canvas.shade(
            &polygon(&[
                (x - half, y),
                (x + half, y),
                (x + half - side * width * 0.5, y + width * 0.16),
                (x - half - side * width * 0.5, y + width * 0.16),
            ]),
            Paint::Flat(INK.alpha(0.2)),
        );
        if self.chimney {
            let at = x + side * width * 0.22;
            canvas.fill(
                Region::Wall,
                &rect(at - width * 0.06, ridge + width * 0.06, width * 0.13, width * 0.34),
                across(at - width * 0.06, at + width * 0.07, self.roof.light(0.2), self.roof.dark(0.4)),
            );
        }
        let wall = polygon(&[
            (x - half * 0.9, y),
            (x - half * 0.9, eaves),
            (x, ridge + width * 0.06),
            (x + half * 0.9, eaves),
            (x + half * 0.9, y),
        ]);
        canvas.form(Region::Wall, &wall, Paint::Flat(self.wall), |canvas| {
            canvas.shade(
                &wall,
                across(x - side * half, x + side * half, WHITE.alpha(0.18), self.wall.dark(0.7).alpha(0.38)),
            );
            canvas.shade(
                &rect(x - half, eaves - width * 0.3, width, width * 0.5),
                down(eaves, eaves + width * 0.26, self.wall.dark(0.8).alpha(0.4), self.wall.alpha(0.0)),
            );
        });
        let thick = width * 0.15;
        let (lip, drop) = (half * 1.18, width * 0.10);
        for mirror in [-1.0, 1.0] {
            let slope = polygon(&[
                (x, ridge),
                (x + mirror * lip, eaves + drop),
                (x + mirror * (lip - thick * 0.7), eaves + drop + thick * 0.55),
                (x, ridge + thick * 1.15),
            ]);
            let color = if mirror * side < 0.0 { self.roof.light(0.14) } else { self.roof.dark(0.28) };
            let color = if air.season == Season::Winter { color.mix(WHITE, 0.82) } else { color };
            canvas.fill(Region::Roof, &slope, Paint::Flat(color));
        }
        let (dw, dh) = (width * 0.26, width * 0.43);
        let door = round_rect(x - half * 0.55, y - dh, dw, dh * 1.2, dw * 0.4);
        canvas.within(&rect(0.0, 0.0, 1.0, y), |canvas| {
            let color = Color::hex(DOORS[self.door].0);
            canvas.form(Region::Object, &door, Paint::Flat(color), |canvas| {
                canvas.shade(&door, across(x - half * 0.55, x - half * 0.55 + dw, WHITE.alpha(0.16), INK.alpha(0.22)));
            });
            canvas.fill(
                Region::Object,
                &circle(x - half * 0.55 + dw * 0.76, y - dh * 0.45, width * 0.022),
                Paint::Flat(Color::hex(0xf3dc9a)),
            );
        });
        window(canvas, air, x + half * 0.16, y - tall * 0.72, width * 0.24, width * 0.24);
        if lamps_are_on(air) {
            canvas.glaze(
                &circle(x + half * 0.4, y - tall * 0.5, width * 0.5),
                halo(x + half * 0.4, y - tall * 0.5, width * 0.5, Color::hex(0xffc46a).alpha(0.34)),
            );
        }
    }
}

/// A town house in a row, from its left foot.
pub fn town(canvas: &mut Canvas, air: &Air, dice: &mut Dice, x: f32, y: f32, width: f32, height: f32) {
    let side = air.side();
    let (wall, roof) = (Color::hex(dice.pick(&WALLS)).dark(0.06), Color::hex(dice.pick(&ROOFS)));
    let top = y - height;
    let front = rect(x, top, width + 0.004, height + 0.01);
    canvas.form(Region::Wall, &front, Paint::Flat(wall), |canvas| {
        canvas.shade(&front, across(x, x + width, WHITE.alpha(0.14 * (1.0 + side)), wall.dark(0.7).alpha(0.22)));
        canvas.shade(&front, down(top, y, WHITE.alpha(0.1), wall.dark(0.6).alpha(0.28)));
    });
    let roof = if air.season == Season::Winter { roof.mix(WHITE, 0.82) } else { roof };
    let slope = if dice.chance(0.55) {
        polygon(&[(x - 0.012, top), (x + width * 0.5, top - width * 0.42), (x + width + 0.012, top)])
    } else {
        polygon(&[
            (x - 0.012, top),
            (x + width * 0.14, top - width * 0.26),
            (x + width * 0.86, top - width * 0.26),
            (x + width + 0.012, top),
        ])
    };
    canvas.form(Region::Roof, &slope, Paint::Flat(roof), |canvas| {
        canvas.shade(&slope, across(x, x + width, WHITE.alpha(0.12 + 0.1 * side), INK.alpha(0.2 - 0.1 * side)));
    });
    let (pane, tall) = (width * 0.22, width * 0.30);
    let n_floors = ((height - width * 0.5) / (tall * 1.7)).floor().clamp(1.0, 3.0) as usize;
    for floor in 0..n_floors {
        let row = top + width * 0.16 + floor as f32 * tall * 1.7;
        for column in [0.2, 0.6] {
            window(canvas, air, x + width * column, row, pane, tall);
        }
    }
}

/// A tower of the city from its left foot, `[x, y, width, height]`; windows are few and large.
pub fn tower(
    canvas: &mut Canvas,
    air: &Air,
    dice: &mut Dice,
    [x, y, width, height]: [f32; 4],
    color: Color,
    windows: bool,
) {
    let top = y - height;
    let shape = rect(x, top, width, height + 0.02);
    let side = air.side();
    canvas.form(Region::Wall, &shape, down(top, y, color, color.mix(air.haze(), 0.35)), |canvas| {
        canvas.shade(&shape, across(x, x + width, WHITE.alpha(0.1 + 0.1 * side), INK.alpha(0.16 - 0.1 * side)));
    });
    if dice.chance(0.4) {
        canvas.fill(
            Region::Wall,
            &rect(x + width * 0.25, top - width * 0.18, width * 0.5, width * 0.19),
            Paint::Flat(color),
        );
    }
    if !windows {
        return;
    }
    let pane = width * 0.2;
    let n_rows = ((height - pane) / (pane * 1.8)).floor().max(0.0) as usize;
    for row in 0..n_rows.min(6) {
        for column in 0..2 {
            let lit = dice.chance(0.66);
            let (px, py) = (x + width * (0.2 + 0.4 * column as f32), top + pane * (0.8 + 1.8 * row as f32));
            let shape = rect(px, py, pane, pane * 1.05);
            if lit && lamps_are_on(air) {
                canvas.fill(Region::Glow, &shape, Paint::Flat(Color::hex(0xffd98a)));
            } else {
                let glass = color.mix(air.sky[1], 0.55).under(air.light());
                canvas.fill(if lit { Region::Glow } else { Region::Wall }, &shape, Paint::Flat(glass));
            }
        }
    }
}
