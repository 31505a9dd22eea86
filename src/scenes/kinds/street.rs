//! Street: town houses, a road, a car and traffic lights.
use crate::scenes::air::{Air, Season};
use crate::scenes::canvas::Canvas;
use crate::scenes::color::Color;
use crate::scenes::dice::Dice;
use crate::scenes::parts::street::{self, CARS};
use crate::scenes::parts::{house, land, sky, tree};

/// A street.
#[derive(Clone, Debug, PartialEq)]
pub struct Street {
    /// A car of this colour of [`CARS`].
    pub car: Option<usize>,
    /// Which of three traffic lights is on, where there are any.
    pub lights: Option<usize>,
    /// The lights have the shape of hearts.
    pub hearts: bool,
    /// Where things stand.
    pub seed: u64,
}

impl Street {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        let lights = dice.chance(0.6).then(|| dice.below(3));
        let car = (lights.is_none() || dice.chance(0.7)).then(|| dice.below(CARS.len()));
        Self { car, lights, hearts: false, seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let lights = if self.hearts { "heart shaped traffic lights" } else { "traffic lights" };
        match (self.car, self.lights) {
            (Some(car), Some(_)) => format!("a street with a {} car and {lights}", CARS[car].1),
            (Some(car), None) => format!("a street with a {} car", CARS[car].1),
            (None, _) => format!("a street with {lights}"),
        }
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "street");
        sky::draw(canvas, air, 0.62);
        land::hill(canvas, air, &mut dice, 0.48, 0.03, air.grass(1.0).mix(air.haze(), 0.5));
        let foot = 0.70;
        let mut x = dice.between(-0.10, 0.0);
        let gap = dice.below(3);
        for index in 0..4 {
            let width = dice.between(0.24, 0.32);
            let height = dice.between(0.30, 0.46);
            if index == gap + 1 {
                tree::round(canvas, air, &mut dice, x + 0.14, foot + 0.005, 0.40);
                x += 0.27;
            } else {
                house::town(canvas, air, &mut dice, x, foot, width, height);
                x += width;
            }
        }
        street::road(canvas, 0.74, 1.0, air.season == Season::Winter);
        let mirror = dice.chance(0.5);
        let place = |x: f32| if mirror { 1.0 - x } else { x };
        if let Some(car) = self.car {
            let x = if self.lights.is_some() { 0.62 } else { dice.between(0.4, 0.6) };
            street::car(canvas, Color::hex(CARS[car].0), place(x), 0.93, 0.52, air.side());
        }
        if let Some(on) = self.lights {
            street::traffic_lights(canvas, self.hearts, on, [place(0.21), 0.05, 0.255, 0.99], air.side());
        }
    }
}
