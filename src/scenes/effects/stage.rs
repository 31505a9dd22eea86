//! Stage: sets up scenes that an effect fits.
use super::{After, Filter, Plan};
use crate::scenes::air::{Air, Hour, Season, Weather};
use crate::scenes::dice::Dice;
use crate::scenes::kinds::pet::{Pet, Seat};
use crate::scenes::kinds::portrait::{Backdrop, Portrait};
use crate::scenes::kinds::street::Street;
use crate::scenes::kinds::table::{Table, Thing};
use crate::scenes::parts::beast::{Beast, Species};
use crate::scenes::parts::person::Who;
use crate::scenes::scene::{Kind, Scene, Subject};
use crate::scenes::style::{Look, Style};

/// A scene that a filter changes.
pub fn filtered(before: Scene, filter: Filter) -> Plan {
    Plan { before, after: After::Filter(filter), phrasings: Vec::new() }
}

/// A scene, and the scene that it becomes.
pub fn redrawn(before: Scene, change: impl FnOnce(&mut Scene)) -> Plan {
    let mut after = before.clone();
    change(&mut after);
    Plan { before, after: After::Scene(after), phrasings: Vec::new() }
}

/// Any scene.
pub fn any(dice: &mut Dice) -> Scene {
    let kind = dice.pick(&Kind::ALL);
    Scene::of(dice, kind)
}

/// A scene of one of these kinds.
pub fn one_of(dice: &mut Dice, kinds: &[Kind]) -> Scene {
    let kind = dice.pick(kinds);
    Scene::of(dice, kind)
}

/// A scene under the open sky, by day.
pub fn outdoors(dice: &mut Dice) -> Scene {
    let mut scene = match dice.below(8) {
        0 => pet(dice, None, &[Seat::Meadow]),
        1 => {
            let mut scene = Scene::of(dice, Kind::Portrait);
            if let Subject::Portrait(portrait) = &mut scene.subject {
                portrait.backdrop = Backdrop::Outdoors;
            }
            scene
        }
        index => Scene::of(dice, Kind::OUTDOORS[index - 2]),
    };
    if scene.air.hour == Hour::Dusk {
        scene.air = Air::of(dice, scene.air.season, Hour::Day, scene.air.weather);
    }
    scene
}

/// A scene under the open sky without snow.
pub fn snowless(dice: &mut Dice) -> Scene {
    let mut scene = outdoors(dice);
    if scene.air.season == Season::Winter {
        scene.air.season = Season::Summer;
    }
    scene
}

/// A land that shows its season: no beach, no garden, no portrait.
pub fn seasonal(dice: &mut Dice, seasons: &[Season]) -> Scene {
    let mut scene = one_of(dice, &[Kind::Landscape, Kind::Village]);
    let hour = if scene.air.hour == Hour::Dusk { Hour::Day } else { scene.air.hour };
    let season = dice.pick(seasons);
    scene.air = Air::of(dice, season, hour, scene.air.weather);
    scene
}

/// An animal's portrait.
pub fn pet(dice: &mut Dice, species: Option<Species>, seats: &[Seat]) -> Scene {
    let mut scene = Scene::of(dice, Kind::Pet);
    let species = species.unwrap_or_else(|| dice.pick(&Species::ALL));
    let pet = Pet { beast: Beast::random(dice, species), seat: dice.pick(seats), seed: dice.seed() };
    scene.subject = Subject::Pet(pet);
    scene
}

/// A portrait, changed before it is drawn.
pub fn portrait(dice: &mut Dice, change: impl FnOnce(&mut Dice, &mut Portrait)) -> Scene {
    let mut scene = Scene::of(dice, Kind::Portrait);
    let mut portrait = Portrait::random(dice);
    change(dice, &mut portrait);
    scene.subject = Subject::Portrait(portrait);
    scene
}

/// A still life with this thing in front.
pub fn table(dice: &mut Dice, main: Thing) -> Scene {
    let mut scene = Scene::of(dice, Kind::Table);
    scene.subject = Subject::Table(Table::with(dice, main));
    scene
}

/// A street.
pub fn street(dice: &mut Dice, change: impl FnOnce(&mut Dice, &mut Street)) -> Scene {
    let mut scene = Scene::of(dice, Kind::Street);
    let mut street = Street::random(dice);
    change(dice, &mut street);
    scene.subject = Subject::Street(street);
    scene
}

/// Rain over a scene.
pub fn rainy(dice: &mut Dice) -> Scene {
    let mut scene = one_of(dice, &[Kind::Landscape, Kind::Village, Kind::Street, Kind::City, Kind::Village]);
    let season = dice.pick(&[Season::Spring, Season::Summer, Season::Autumn]);
    scene.air = Air::of(dice, season, Hour::Day, Weather::Rain);
    scene
}

/// The toy look.
pub fn as_toy(dice: &mut Dice, scene: &mut Scene) {
    scene.style = Style::of(dice, Look::Toy);
}

/// Changes the thing in front of a still life.
pub fn set_main(scene: &mut Scene, thing: Thing) {
    if let Subject::Table(table) = &mut scene.subject {
        table.main = thing;
    }
}

/// Changes a portrait.
pub fn in_portrait(scene: &mut Scene, change: impl FnOnce(&mut Portrait)) {
    if let Subject::Portrait(portrait) = &mut scene.subject {
        change(portrait);
    }
}

/// Changes the animal of a pet's portrait.
pub fn turn_pet(scene: &mut Scene, species: Species) {
    if let Subject::Pet(pet) = &mut scene.subject {
        pet.beast = pet.beast.turned_into(species);
    }
}

/// The word for a person.
pub fn who_word(who: Who) -> &'static str {
    match who {
        Who::Boy => "boy",
        Who::Girl => "girl",
        Who::Man => "man",
        Who::Woman => "woman",
    }
}
