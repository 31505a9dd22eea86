//! Beach: sand, sea, a boat, an umbrella or a palm.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, Paint, down, glow};
use crate::scenes::color::{Color, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::parts::street::{self, CARS};
use crate::scenes::parts::{land, landmark, sky, things, tree};
use crate::scenes::region::Region;
use crate::scenes::shape::{below, rect};

/// A beach.
#[derive(Clone, Debug, PartialEq)]
pub struct Beach {
    /// A boat on the sea, its hull of this colour of [`CARS`].
    pub boat: Option<usize>,
    /// The umbrella's colour of [`CARS`].
    pub umbrella: Option<usize>,
    /// A lighthouse on the island.
    pub lighthouse: bool,
    /// A palm.
    pub palm: bool,
    /// Where things stand.
    pub seed: u64,
}

impl Beach {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        let boat = dice.chance(0.7).then(|| dice.below(CARS.len()));
        let lighthouse = dice.chance(0.4);
        let umbrella = dice.chance(0.55).then(|| dice.below(CARS.len()));
        Self { boat, umbrella, lighthouse, palm: umbrella.is_none() || dice.chance(0.3), seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let mut things = vec!["the sea".to_owned()];
        things.extend(self.lighthouse.then(|| "a lighthouse".to_owned()));
        things.extend(self.boat.map(|color| format!("a {} boat", CARS[color].1)));
        things.extend(self.umbrella.map(|color| format!("a {} umbrella", CARS[color].1)));
        things.extend(self.palm.then(|| "a palm".to_owned()));
        let last = things.pop().unwrap_or_default();
        if things.is_empty() {
            format!("a beach by {last}")
        } else {
            format!("a beach with {} and {last}", things.join(", "))
        }
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "beach");
        let horizon = dice.between(0.40, 0.50);
        sky::draw(canvas, air, horizon);
        let isle = Color::hex(0x7a9aa8).mix(air.haze(), 0.45);
        let x = 0.5 + air.side() * 0.3;
        let points: Vec<_> = [(-0.5, 0.02), (-0.22, -0.045), (0.0, -0.075), (0.2, -0.03), (0.5, 0.02)]
            .map(|(dx, dy)| (x + dx * 0.7, horizon + dy))
            .to_vec();
        canvas.fill(Region::Far, &below(&points, horizon + 0.03), Paint::Flat(isle));
        if self.lighthouse {
            landmark::lighthouse(canvas, air, x, horizon - 0.035, 0.33);
        }
        land::water(canvas, air, horizon, 0.92);
        let boat_x = 0.5 + air.side() * dice.between(0.08, 0.24);
        if let Some(color) = self.boat {
            things::boat(
                canvas,
                Color::hex(CARS[color].0),
                boat_x,
                horizon + 0.13,
                dice.between(0.26, 0.34),
                air.side(),
            );
        }
        let (low, high) = (dice.between(0.80, 0.86), dice.between(0.66, 0.72));
        let (left, right) = if air.side() > 0.0 { (high, low) } else { (low, high) };
        let coast = |shift: f32| {
            [
                (-0.05, left + shift),
                (0.3, left * 0.6 + right * 0.4 + 0.015 + shift),
                (0.66, left * 0.3 + right * 0.7 - 0.012 + shift),
                (1.05, right + shift),
            ]
        };
        canvas.fill(Region::Water, &below(&coast(-0.025), 1.05), Paint::Flat(WHITE.alpha(0.55)));
        let sand = Color::hex(0xf0d9a8);
        let beach = below(&coast(0.0), 1.05);
        canvas.form(Region::Ground, &beach, down(0.66, 1.0, sand.dark(0.10), sand.light(0.15)), |canvas| {
            canvas
                .shade(&below(&coast(0.0), 1.05), down(0.66, 0.80, Color::hex(0xb99a72).alpha(0.35), sand.alpha(0.0)));
            canvas.shade(&rect(0.0, 0.6, 1.0, 0.4), glow(air.sun.0, 1.0, 0.5, WHITE.alpha(0.25)));
        });
        let x = if air.side() > 0.0 { 0.20 } else { 0.80 };
        if self.palm {
            tree::palm(canvas, air, x, 0.92, 0.56);
        }
        if let Some(color) = self.umbrella {
            let x = if self.palm { 1.0 - x } else { x + air.side() * 0.06 };
            street::umbrella(canvas, Color::hex(CARS[color].0), x, 0.93, 0.38, air.side());
        }
    }
}
