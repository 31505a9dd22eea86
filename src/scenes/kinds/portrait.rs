//! Portrait: a person before a backdrop, perhaps with an animal or a newspaper.
use crate::scenes::air::Air;
use crate::scenes::canvas::{Canvas, across, glow};
use crate::scenes::color::{Color, WHITE};
use crate::scenes::dice::Dice;
use crate::scenes::parts::beast::Beast;
use crate::scenes::parts::person::{CLOTHES, HAIRS, Held, Mouth, Person, Who};
use crate::scenes::parts::{land, sky, tree};
use crate::scenes::region::Region;
use crate::scenes::shape::rect;

/// What is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backdrop {
    /// A wall in soft light.
    Wall,
    /// Hills and trees.
    Outdoors,
}

/// A portrait.
#[derive(Clone, Debug, PartialEq)]
pub struct Portrait {
    /// The person.
    pub person: Person,
    /// An animal beside.
    pub pet: Option<Beast>,
    /// What is behind.
    pub backdrop: Backdrop,
    /// The wall's colour, and where things stand.
    pub seed: u64,
}

impl Portrait {
    /// Any, alone.
    pub fn random(dice: &mut Dice) -> Self {
        let backdrop = if dice.chance(0.55) { Backdrop::Outdoors } else { Backdrop::Wall };
        Self { person: Person::random(dice), pet: None, backdrop, seed: dice.seed() }
    }

    /// What is to be seen.
    pub fn words(&self) -> String {
        let person = &self.person;
        let who = match person.who {
            Who::Boy => "boy",
            Who::Girl => "girl",
            Who::Man => "man",
            Who::Woman => "woman",
        };
        let mood = if person.mouth == Mouth::Smile { "smiling " } else { "" };
        let mut words = format!("a {mood}{who} with {} hair", HAIRS[person.hair].1);
        match person.held {
            Held::Nothing => words += &format!(" in {} clothes", CLOTHES[person.clothes].1),
            Held::Newspaper => words += " reading a newspaper",
            Held::Book => words += " reading a book",
        }
        if person.glasses {
            words += " wearing glasses";
        }
        if let Some(hat) = person.hat {
            words += &format!(" wearing a {} hat", CLOTHES[hat].1);
        }
        if let Some(pet) = &self.pet {
            words += &format!(" and {}", pet.words());
        }
        words
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, air: &Air) {
        let mut dice = Dice::named(self.seed, "portrait");
        let side = air.side();
        match self.backdrop {
            Backdrop::Wall => {
                let wall = Color::lch(dice.between(0.66, 0.86), dice.between(0.04, 0.09), dice.unit());
                let whole = rect(0.0, 0.0, 1.0, 1.0);
                let lit = if side > 0.0 { 0.0 } else { 1.0 };
                canvas.fill(Region::Object, &whole, across(lit, 1.0 - lit, wall.light(0.25), wall.dark(0.28)));
                canvas.shade(&whole, glow(0.5, 0.4, 0.6, WHITE.alpha(0.35)));
            }
            Backdrop::Outdoors => {
                sky::draw(canvas, air, 0.62);
                land::hill(canvas, air, &mut dice, 0.54, 0.05, air.grass(1.0).mix(air.haze(), 0.5));
                for x in [0.06, 0.9] {
                    let x = x + dice.between(-0.05, 0.05);
                    let tall = dice.between(0.26, 0.36);
                    tree::round(canvas, air, &mut dice, x, 0.72, tall);
                }
                land::hill(canvas, air, &mut dice, 0.70, 0.02, air.grass(0.3));
            }
        }
        let shift = dice.between(-0.03, 0.03);
        let held = self.person.held != Held::Nothing;
        match &self.pet {
            Some(pet) => {
                let mirror = if dice.chance(0.5) { 1.0 } else { -1.0 };
                self.person.draw(canvas, 0.5 - mirror * 0.17, 0.36, 0.21, side);
                pet.draw(canvas, 0.5 + mirror * 0.25, 0.66, 0.155, side);
            }
            None if held => self.person.draw(canvas, 0.5 + shift, 0.345, 0.235, side),
            None => self.person.draw(canvas, 0.5 + shift, 0.44, dice.between(0.265, 0.285), side),
        }
    }
}
