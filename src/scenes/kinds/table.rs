//! Table: a still life by a window: fruit, cake, juice, lamp, flowers, books.
use super::garden::PETALS;
use crate::scenes::air::Air;
use crate::scenes::canvas::Canvas;
use crate::scenes::color::Color;
use crate::scenes::dice::Dice;
use crate::scenes::parts::flower::Bloom;
use crate::scenes::parts::food::{self, Drink, Flavour, Fruit};
use crate::scenes::parts::things;

/// What stands on the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A bowl of fruit.
    Bowl(Fruit),
    /// A cake on a stand.
    Cake(Flavour),
    /// A glass.
    Glass(Drink),
    /// A lamp, on or off.
    Lamp(bool),
    /// A vase with flowers: their kind, and an index into [`PETALS`].
    Vase(Bloom, usize),
    /// A pile of books.
    Books(usize),
}

/// A still life.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The large thing in front.
    pub main: Thing,
    /// The thing beside it.
    pub second: Option<Thing>,
    /// There is a window.
    pub window: bool,
    /// Colours, and where things stand.
    pub seed: u64,
}

impl Thing {
    /// Anything that is drawn in untouched scenes: the lamp is off, the cake is pale, the drink is juice.
    fn random(dice: &mut Dice) -> Self {
        match dice.below(6) {
            0 => Thing::Bowl(dice.pick(&Fruit::ALL)),
            1 => Thing::Cake(dice.pick(&[Flavour::Vanilla, Flavour::Strawberry, Flavour::Mint])),
            2 => Thing::Glass(dice.pick(&[Drink::Orange, Drink::Berry, Drink::Grape])),
            3 => Thing::Lamp(dice.chance(0.3)),
            4 => Thing::Vase(dice.pick(&Bloom::ALL), dice.below(PETALS.len())),
            _ => Thing::Books(2 + dice.below(2)),
        }
    }

    fn words(self) -> String {
        match self {
            Thing::Bowl(fruit) => format!("a bowl of {}", fruit.word()),
            Thing::Cake(flavour) => format!("a {} cake", flavour.word()),
            Thing::Glass(drink) => format!("a glass of {}", drink.words()),
            Thing::Lamp(true) => "a bright lamp".into(),
            Thing::Lamp(false) => "a lamp".into(),
            Thing::Vase(bloom, petals) => match bloom {
                Bloom::Sunflower | Bloom::Daisy => format!("a vase of {}", bloom.word()),
                _ => format!("a vase of {} {}", PETALS[petals].1, bloom.word()),
            },
            Thing::Books(_) => "books".into(),
        }
    }

    fn draw(self, canvas: &mut Canvas, dice: &mut Dice, x: f32, y: f32, scale: f32, side: f32) {
        let glaze = Color::hex(dice.pick(&[0x4f7fa5, 0x6f9a8a, 0xe9e2d2, 0xc96f55, 0x8a7ab0]));
        match self {
            Thing::Bowl(fruit) => food::bowl(canvas, fruit, glaze, x, y, 0.25 * scale, side),
            Thing::Cake(flavour) => food::cake(canvas, flavour, x, y, 0.26 * scale, side),
            Thing::Glass(drink) => food::glass(canvas, drink, x, y, 0.46 * scale, side),
            Thing::Lamp(on) => {
                let shade = Color::hex(dice.pick(&[0xe9d9b8, 0xd98f7a, 0x9ab8a8]));
                things::lamp(canvas, shade, on, x, y, 0.56 * scale, side);
            }
            Thing::Vase(bloom, petals) => {
                things::vase(canvas, (bloom, Color::hex(PETALS[petals].0)), glaze, x, y, 0.58 * scale, side);
            }
            Thing::Books(n) => things::books(canvas, dice, x, y, 0.22 * scale, n, side),
        }
    }
}

impl Table {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        let main = Thing::random(dice);
        Self::with(dice, main)
    }

    /// This thing, and another kind of thing beside it or none.
    pub fn with(dice: &mut Dice, main: Thing) -> Self {
        let other = Thing::random(dice);
        let same = std::mem::discriminant(&main) == std::mem::discriminant(&other);
        let second = (!same && dice.chance(0.6)).then_some(other);
        Self { main, second, window: dice.chance(0.75), seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let window = if self.window { " by a window" } else { "" };
        match self.second {
            Some(second) => format!("{} and {} on a table{window}", self.main.words(), second.words()),
            None => format!("{} on a table{window}", self.main.words()),
        }
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "table");
        let wall = Color::lch(dice.between(0.74, 0.88), dice.between(0.03, 0.08), dice.unit());
        let wood = Color::hex(dice.pick(&[0xb9814f, 0x9a6a48, 0xd0a877, 0xe8e0d4, 0x7f8f98]));
        let mirror = dice.chance(0.5);
        let place = |x: f32| if mirror { 1.0 - x } else { x };
        let table = dice.between(0.66, 0.72);
        let window = self.window.then_some(if mirror { 0.10 } else { 0.50 });
        things::room(canvas, air, wall, wood, table, window);
        let side = air.side();
        let (main_x, foot) = if self.second.is_some() { (0.34, 0.89) } else { (0.42, 0.88) };
        if let Some(second) = self.second {
            second.draw(canvas, &mut Dice::named(self.seed, "second"), place(0.78), 0.82, 0.72, side);
        }
        self.main.draw(canvas, &mut Dice::named(self.seed, "main"), place(main_x), foot, 1.0, side);
    }
}
