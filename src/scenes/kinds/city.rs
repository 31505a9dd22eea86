//! City: towers by a river.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, down};
use crate::scenes::color::Color;
use crate::scenes::dice::Dice;
use crate::scenes::parts::{house, land, sky, tree};
use crate::scenes::region::Region;
use crate::scenes::shape::rect;

/// A city.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    /// A river before it, or a park.
    pub river: bool,
    /// Where things stand.
    pub seed: u64,
}

impl City {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        Self { river: dice.chance(0.6), seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        format!("a city with towers by a {}", if self.river { "river" } else { "park" })
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "city");
        let foot = dice.between(0.68, 0.74);
        sky::draw(canvas, air, foot);
        let haze = air.haze();
        let stone = Color::hex(dice.pick(&[0x7f8fa8, 0x8a86a0, 0x6f8f9c, 0xa08f8c]));
        for (layer, (fade, tall)) in [(0.68, 0.40), (0.40, 0.36), (0.0, 0.34)].into_iter().enumerate() {
            let n = 5 - layer.min(1);
            for index in 0..n {
                let width = dice.between(0.13, 0.19) + 0.02 * layer as f32;
                let x = (index as f32 + dice.between(0.0, 0.7)) / n as f32 - 0.05;
                let height = tall * dice.between(0.55, 1.15) + if layer == 0 { 0.1 } else { 0.0 };
                let tint =
                    stone.mix(Color::hex(dice.pick(&[0xc9a58a, 0x6f86b0, 0xb58f9c, 0x8fa89c])), 0.4).mix(haze, fade);
                house::tower(canvas, air, &mut dice, [x, foot, width, height], tint, layer == 2);
            }
        }
        if self.river {
            land::water(canvas, air, foot, 1.0);
            let wall = rect(0.0, foot - 0.004, 1.0, 0.03);
            canvas.fill(Region::Wall, &wall, down(foot, foot + 0.03, Color::hex(0x8d8c98), Color::hex(0x6c6d7c)));
        } else {
            land::hill(canvas, air, &mut dice, foot + 0.03, 0.012, air.grass(0.3));
            let path = down(foot + 0.05, 1.0, land::earth(air), land::earth(air).light(0.2));
            land::winding(canvas, Region::Ground, path, 0.5, foot + 0.05, 0.06);
            for (x, y, tall) in [(0.12, 0.85, 0.26), (0.36, 0.78, 0.17), (0.72, 0.79, 0.18), (0.90, 0.88, 0.30)] {
                let x = x + dice.between(-0.03, 0.03);
                tree::round(canvas, air, &mut dice, x, y, tall);
            }
        }
    }
}
