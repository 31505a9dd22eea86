//! Pet: an animal, large, on a meadow, in a room or on a cloud.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, across, down, glow};
use crate::scenes::color::{Color, INK, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::parts::beast::{Beast, Species};
use crate::scenes::parts::{land, sky, tree};
use crate::scenes::region::Region;
use crate::scenes::shape::{circles, ellipse, rect};

/// Where it sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// On a meadow.
    Meadow,
    /// On a rug in a room.
    Room,
    /// On a cloud in the sky.
    Cloud,
}

/// An animal's portrait.
#[derive(Clone, Debug, PartialEq)]
pub struct Pet {
    /// The animal.
    pub beast: Beast,
    /// Where it sits.
    pub seat: Seat,
    /// Where things stand.
    pub seed: u64,
}

impl Pet {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        let species = dice.pick(&Species::ALL);
        let seat = dice.pick(&[Seat::Meadow, Seat::Meadow, Seat::Room, Seat::Room, Seat::Cloud]);
        Self { beast: Beast::random(dice, species), seat, seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let seat = match self.seat {
            Seat::Meadow => "on a meadow",
            Seat::Room => "in a room",
            Seat::Cloud => "on a cloud",
        };
        format!("{} {seat}", self.beast.words())
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "pet");
        let (x, r) = (0.5 + dice.between(-0.05, 0.05), dice.between(0.205, 0.225));
        let y = if self.beast.species == Species::Rabbit { 0.46 } else { 0.40 };
        match self.seat {
            Seat::Meadow => {
                sky::draw(canvas, air, 0.66);
                land::hill(canvas, air, &mut dice, 0.58, 0.05, air.grass(1.0).mix(air.haze(), 0.5));
                for x in [0.08, 0.92] {
                    let x = x + dice.between(-0.05, 0.05);
                    let tall = dice.between(0.26, 0.4);
                    tree::round(canvas, air, &mut dice, x, 0.76, tall);
                }
                land::hill(canvas, air, &mut dice, 0.74, 0.02, air.grass(0.3));
                canvas.shade(&ellipse(x - air.side() * 0.06, 0.98, 0.34, 0.07), INK.alpha(0.22));
            }
            Seat::Room => {
                let wall = Color::lch(dice.between(0.72, 0.88), dice.between(0.04, 0.08), dice.unit());
                let floor = Color::hex(dice.pick(&[0xc99b6c, 0xb5835a, 0xd6b48c]));
                let whole = rect(0.0, 0.0, 1.0, 1.0);
                let lit = if air.side() > 0.0 { 0.0 } else { 1.0 };
                canvas.fill(Region::Object, &whole, across(lit, 1.0 - lit, wall.light(0.2), wall.dark(0.25)));
                canvas.shade(&whole, glow(0.35 + 0.3 * lit, 0.3, 0.5, WHITE.alpha(0.3)));
                canvas.fill(
                    Region::Object,
                    &rect(0.0, 0.76, 1.0, 0.24),
                    down(0.76, 1.0, floor.dark(0.1), floor.light(0.2)),
                );
                let rug = Color::lch(0.62, 0.10, dice.unit());
                canvas.fill(
                    Region::Object,
                    &ellipse(0.5, 0.95, 0.52, 0.13),
                    across(0.0, 1.0, rug.light(0.15), rug.dark(0.1)),
                );
                canvas.shade(&ellipse(x - air.side() * 0.04, 0.97, 0.32, 0.07), INK.alpha(0.22));
            }
            Seat::Cloud => {
                sky::draw(canvas, air, 1.1);
            }
        }
        self.beast.draw(canvas, x, y, r, air.side());
        if self.seat == Seat::Cloud {
            let puffs = circles(&[
                (0.0, 0.98, 0.20),
                (0.24, 1.0, 0.19),
                (0.5, 1.03, 0.20),
                (0.76, 1.0, 0.19),
                (1.0, 0.97, 0.21),
            ]);
            canvas.form(Region::Sky, &puffs, down(0.78, 1.0, WHITE, air.sky[1].light(0.55)), |_| {});
        }
    }
}
