//! Garden: large flowers before a hedge, perhaps a cottage.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, Paint, across, down};
use crate::scenes::color::{Color, INK};
use crate::scenes::dice::Dice;
use crate::scenes::parts::flower::Bloom;
use crate::scenes::parts::house::Cottage;
use crate::scenes::parts::{land, sky, tree};
use crate::scenes::region::Region;
use crate::scenes::shape::{polygon, rect};

/// Colours of petals, and their names.
pub const PETALS: [(u32, &str); 5] =
    [(0xd8394a, "red"), (0xf08fae, "pink"), (0xf6f0ea, "white"), (0x9a6cc0, "purple"), (0xf2b640, "yellow")];

/// A garden.
#[derive(Clone, Debug, PartialEq)]
pub struct Garden {
    /// The flowers in front.
    pub bloom: Bloom,
    /// Index into [`PETALS`]; sunflowers and daisies have their own colour.
    pub petals: usize,
    /// A cottage behind.
    pub cottage: Option<Cottage>,
    /// Where things stand.
    pub seed: u64,
}

impl Garden {
    /// Any.
    pub fn random(dice: &mut Dice) -> Self {
        let cottage = dice.chance(0.5).then(|| Cottage::random(dice));
        Self { bloom: dice.pick(&Bloom::ALL), petals: dice.below(PETALS.len()), cottage, seed: dice.seed() }
    }

    /// The flowers' words.
    pub fn flowers(&self) -> String {
        match self.bloom {
            Bloom::Sunflower | Bloom::Daisy => self.bloom.word().to_owned(),
            _ => format!("{} {}", PETALS[self.petals].1, self.bloom.word()),
        }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let house = if self.cottage.is_some() { " and a house" } else { "" };
        format!("a garden with {}{house}", self.flowers())
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "garden");
        let horizon = dice.between(0.46, 0.54);
        sky::draw(canvas, air, horizon + 0.05);
        land::hill(canvas, air, &mut dice, horizon - 0.05, 0.04, air.grass(1.0).mix(air.haze(), 0.5));
        for index in 0..3 {
            let x = (index as f32 + dice.between(0.1, 0.9)) / 3.0;
            tree::round(canvas, air, &mut dice, x, horizon + 0.04, 0.26);
        }
        land::hill(canvas, air, &mut dice, horizon + 0.04, 0.015, air.grass(0.5));
        if let Some(cottage) = &self.cottage {
            let x = if dice.chance(0.5) { 0.3 } else { 0.7 };
            cottage.draw(canvas, air, x, horizon + 0.14, 0.34);
        }
        fence(canvas, air, horizon + 0.06);
        land::hill(canvas, air, &mut dice, horizon + 0.20, 0.012, air.grass(0.15));
        let petals = Color::hex(PETALS[self.petals].0);
        let shift = dice.between(-0.03, 0.03);
        for (x, y, r) in
            [(0.30, 0.66, 0.085), (0.70, 0.64, 0.085), (0.08, 0.78, 0.10), (0.50, 0.75, 0.115), (0.92, 0.77, 0.10)]
        {
            let (x, y) = (x + shift + dice.between(-0.025, 0.025), y + dice.between(-0.02, 0.02));
            self.bloom.draw(canvas, x, y, r, (x + 0.01, 1.02), petals);
        }
        for x in [0.20, 0.64, 0.84] {
            let x = x + dice.between(-0.04, 0.04);
            tree::bush(canvas, air, &mut dice, x, 1.05, 0.09);
        }
        canvas.shade(&rect(0.0, 0.86, 1.0, 0.14), down(0.86, 1.0, INK.alpha(0.0), INK.alpha(0.2)));
    }
}

fn fence(canvas: &mut Canvas, air: &Air, top: f32) {
    let wood = Color::hex(0xf3eee2);
    canvas.fill(Region::Object, &rect(0.0, top + 0.045, 1.0, 0.026), Paint::Flat(wood.dark(0.14)));
    for index in 0..9 {
        let x = index as f32 * 0.125 - 0.02;
        let slat = polygon(&[
            (x, top + 0.17),
            (x, top + 0.02),
            (x + 0.033, top),
            (x + 0.066, top + 0.02),
            (x + 0.066, top + 0.17),
        ]);
        canvas.fill(
            Region::Object,
            &slat,
            across(x, x + 0.066, wood.dark(0.06 - 0.06 * air.side()), wood.dark(0.06 + 0.06 * air.side())),
        );
    }
}
