//! Village: cottages on a hill, trees and a path.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, down};
use crate::scenes::color::Color;
use crate::scenes::dice::Dice;
use crate::scenes::parts::house::{Cottage, DOORS};
use crate::scenes::parts::{land, sky, tree};
use crate::scenes::region::Region;

/// A village.
#[derive(Clone, Debug, PartialEq)]
pub struct Village {
    /// The houses; the first stands in front.
    pub cottages: Vec<Cottage>,
    /// Where things stand.
    pub seed: u64,
}

impl Village {
    /// Any, of one to three houses.
    pub fn random(dice: &mut Dice) -> Self {
        let n = 1 + dice.below(3);
        Self { cottages: (0..n).map(|_| Cottage::random(dice)).collect(), seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let door = self.cottages.first().map_or("brown", |cottage| DOORS[cottage.door].1);
        if self.cottages.len() == 1 {
            format!("a house with a {door} door and trees")
        } else {
            format!("a village with a {door} door and trees")
        }
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "village");
        let horizon = dice.between(0.50, 0.58);
        sky::draw(canvas, air, horizon + 0.05);
        let haze = air.haze();
        if dice.chance(0.5) {
            let rock = Color::hex(dice.pick(&[0x7a8fb0, 0x8a84a8, 0x6f93a5]));
            land::mountains(canvas, air, &mut dice, horizon, 0.24, rock.mix(haze, 0.3));
        } else {
            land::hill(canvas, air, &mut dice, horizon - 0.07, 0.05, air.grass(1.0).mix(haze, 0.55));
        }
        let back = land::hill(canvas, air, &mut dice, horizon, 0.03, air.grass(0.8).mix(haze, 0.2));
        for index in 0..4 {
            let x = (index as f32 + dice.between(0.1, 0.9)) / 4.0;
            tree::round(canvas, air, &mut dice, x, land::height_at(&back, x) + 0.02, 0.15);
        }
        let mirror = dice.chance(0.5);
        let place = |x: f32| if mirror { 1.0 - x } else { x };
        let far: [(f32, f32, f32); 2] = [(0.80, 0.075, 0.23), (0.56, 0.035, 0.19)];
        for (cottage, (x, low, width)) in self.cottages.iter().skip(1).zip(far).rev().collect::<Vec<_>>() {
            cottage.draw(canvas, air, place(x), horizon + low + 0.02, width);
        }
        land::hill(canvas, air, &mut dice, horizon + 0.16, 0.025, air.grass(0.2));
        land::patches(canvas, &mut dice, horizon + 0.24, air.grass(0.9), 5);
        let path = down(horizon + 0.15, 1.0, land::earth(air).mix(haze, 0.15), land::earth(air));
        land::winding(canvas, Region::Ground, path, place(0.42), horizon + 0.20, 0.08);
        tree::round(canvas, air, &mut dice, place(0.90), 0.86, 0.40);
        let foot = horizon + 0.25;
        if let Some(cottage) = self.cottages.first() {
            let wide = if self.cottages.len() == 1 { 0.46 } else { 0.40 };
            cottage.draw(canvas, air, place(0.32), foot, wide);
        }
        tree::bush(canvas, air, &mut dice, place(0.06), foot + 0.03, 0.085);
        tree::bush(canvas, air, &mut dice, place(0.62), 0.95, 0.08);
    }
}
