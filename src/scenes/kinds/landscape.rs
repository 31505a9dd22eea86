//! Landscape: mountains, hills, a river, a lake or a meadow under a wide sky.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, Paint, down};
use crate::scenes::color::Color;
use crate::scenes::dice::Dice;
use crate::scenes::parts::street::CARS;
use crate::scenes::parts::{land, landmark, sky, things, tree};
use crate::scenes::region::Region;
use crate::scenes::shape::rect;

/// What lies before the mountains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terrain {
    /// Hills and trees.
    Meadow,
    /// A winding river.
    River,
    /// A lake with a shore.
    Lake,
    /// Firs.
    Forest,
}

/// A landscape.
#[derive(Clone, Debug, PartialEq)]
pub struct Landscape {
    /// What lies before the mountains.
    pub terrain: Terrain,
    /// High mountains, or hills.
    pub peaks: bool,
    /// A windmill on the hill behind; only on meadows.
    pub mill: bool,
    /// A balloon of this colour of [`CARS`].
    pub balloon: Option<usize>,
    /// Where things stand.
    pub seed: u64,
}

impl Landscape {
    /// Any, without a balloon.
    pub fn random(dice: &mut Dice) -> Self {
        let terrain = dice.pick(&[Terrain::Meadow, Terrain::River, Terrain::Lake, Terrain::Forest]);
        let mill = terrain == Terrain::Meadow && dice.chance(0.5);
        Self { terrain, peaks: !mill && dice.chance(0.7), mill, balloon: None, seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let far = if self.peaks { "mountains" } else { "hills" };
        let near = match self.terrain {
            Terrain::Meadow if self.mill => "a windmill on a meadow",
            Terrain::Meadow => "a meadow with trees",
            Terrain::River => "a river",
            Terrain::Lake => "a lake",
            Terrain::Forest => "a forest",
        };
        let balloon = self.balloon.map(|color| format!(" and a {} balloon", CARS[color].1)).unwrap_or_default();
        format!("{near} and {far}{balloon}")
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "landscape");
        let horizon = dice.between(0.46, 0.58);
        sky::draw(canvas, air, horizon + 0.06);
        let haze = air.haze();
        if self.peaks {
            let rock = Color::hex(dice.pick(&[0x7a8fb0, 0x8a84a8, 0x6f93a5, 0x94899a]));
            land::mountains(canvas, air, &mut dice, horizon, 0.16, rock.mix(haze, 0.5));
            land::mountains(canvas, air, &mut dice, horizon + 0.03, dice_height(self.seed), rock);
        } else {
            land::hill(canvas, air, &mut dice, horizon - 0.08, 0.05, air.grass(1.0).mix(haze, 0.62));
            land::hill(canvas, air, &mut dice, horizon - 0.02, 0.04, air.grass(0.9).mix(haze, 0.36));
        }
        match self.terrain {
            Terrain::Lake => self.lake(canvas, air, &mut dice, horizon),
            _ => self.fields(canvas, air, &mut dice, horizon),
        }
        if let Some(color) = self.balloon {
            let mut dice = Dice::named(self.seed, "balloon");
            let x = 0.5 - air.side() * dice.between(-0.05, 0.22);
            things::balloon(canvas, Color::hex(CARS[color].0), x, dice.between(0.18, 0.22), 0.115, air.side());
        }
    }

    fn lake(&self, canvas: &mut Canvas, air: &Air, dice: &mut Dice, horizon: f32) {
        land::hill(canvas, air, dice, horizon + 0.01, 0.012, air.grass(0.9).mix(air.haze(), 0.25));
        for index in 0..4 {
            let x = (index as f32 + dice.between(0.1, 0.9)) / 4.0;
            tree::fir(canvas, air, dice, x, horizon + 0.045, dice_between(self.seed, index, 0.11, 0.17));
        }
        land::water(canvas, air, horizon + 0.05, 1.0);
        let shore = land::hill(canvas, air, dice, 0.90, 0.05, air.grass(0.2));
        let x = if air.side() > 0.0 { dice.between(0.68, 0.84) } else { dice.between(0.16, 0.32) };
        tree::round(canvas, air, dice, x, land::height_at(&shore, x) + 0.03, dice_between(self.seed, 9, 0.36, 0.46));
    }

    fn fields(&self, canvas: &mut Canvas, air: &Air, dice: &mut Dice, horizon: f32) {
        let haze = air.haze();
        let back = land::hill(canvas, air, dice, horizon + 0.06, 0.03, air.grass(0.8).mix(haze, 0.24));
        for index in 0..5 {
            let x = (index as f32 + dice.between(0.0, 0.9)) / 5.0;
            let y = land::height_at(&back, x) + 0.025;
            if self.terrain == Terrain::Forest {
                tree::fir(canvas, air, dice, x, y, 0.15);
            } else if index % 2 == 0 {
                tree::poplar(canvas, air, dice, x, y, 0.13);
            } else {
                tree::round(canvas, air, dice, x, y, 0.12);
            }
        }
        if self.mill {
            let x = dice.between(0.36, 0.64);
            landmark::windmill(canvas, air, x, land::height_at(&back, x) + 0.05, 0.46);
        }
        let front = land::hill(canvas, air, dice, horizon + 0.17, 0.035, air.grass(0.25));
        let grass = air.grass(0.9);
        land::patches(canvas, dice, horizon + 0.26, grass, 6);
        match self.terrain {
            Terrain::River => {
                let water = land::sea(air, horizon + 0.15, 1.0);
                land::winding(canvas, Region::Water, water, dice.between(0.42, 0.58), horizon + 0.13, 0.12);
            }
            Terrain::Meadow => {
                let path = down(horizon + 0.16, 1.0, land::earth(air).mix(haze, 0.2), land::earth(air));
                land::winding(canvas, Region::Ground, path, dice.between(0.4, 0.6), horizon + 0.15, 0.10);
            }
            _ => {}
        }
        let places: &[(f32, f32, f32)] = if self.terrain == Terrain::Forest {
            &[(0.12, 0.06, 0.36), (0.34, 0.12, 0.30), (0.88, 0.06, 0.42), (0.66, 0.16, 0.30)]
        } else {
            &[(0.14, 0.10, 0.34), (0.87, 0.16, 0.44)]
        };
        let mirror = dice.chance(0.5);
        for &(x, low, tall) in places {
            let x = if mirror { 1.0 - x } else { x } + dice.between(-0.07, 0.07);
            let y = land::height_at(&front, x) + low;
            if self.terrain == Terrain::Forest {
                tree::fir(canvas, air, dice, x, y, tall);
            } else {
                let tall = tall * dice.between(0.85, 1.05);
                tree::round(canvas, air, dice, x, y, tall);
            }
        }
        let x = dice.between(0.2, 0.8);
        tree::bush(canvas, air, dice, x, 0.97, 0.075);
        let stops = vec![(0.0, haze.alpha(0.0)), (0.4, haze.alpha(0.28)), (1.0, haze.alpha(0.0))];
        let (top, bottom) = (horizon - 0.02, horizon + 0.22);
        canvas.glaze(&rect(0.0, top, 1.0, bottom - top), Paint::Along((0.0, top), (0.0, bottom), stops));
    }
}

fn dice_height(seed: u64) -> f32 {
    Dice::named(seed, "height").between(0.26, 0.38)
}

fn dice_between(seed: u64, index: usize, low: f32, high: f32) -> f32 {
    Dice::named(seed.wrapping_add(index as u64), "tall").between(low, high)
}
