//! Families: edits whose words say which of many they are: hair colours, animals, things that come and go, curves.
use super::locals::LOCAL;
use super::stage::{
    any, in_portrait, one_of, pet, portrait, redrawn, seasonal, set_main, street, table, turn_pet, who_word,
};
use super::tone::Tone;
use super::{After, Effect, Group, Plan};
use crate::scenes::air::{Air, Hour, Season, Weather};
use crate::scenes::dice::Dice;
use crate::scenes::kinds::garden::PETALS;
use crate::scenes::kinds::pet::Seat;
use crate::scenes::kinds::table::Thing;
use crate::scenes::parts::beast::Species;
use crate::scenes::parts::flower::Bloom;
use crate::scenes::parts::food::Fruit;
use crate::scenes::parts::house::DOORS;
use crate::scenes::parts::person::{CLOTHES, HAIRS, Who};
use crate::scenes::parts::street::CARS;
use crate::scenes::scene::{Kind, Scene, Subject};

/// What families share.
const FAMILY: Effect = Effect { family: true, ..LOCAL };

/// All families.
pub const FAMILIES: &[Effect] = &[
    Effect {
        name: "tone_curve",
        group: Group::Global,
        weight: 2.0,
        phrasings: &["change the colors"],
        plan: tone_curve,
        ..FAMILY
    },
    Effect { name: "hair_color", weight: 1.5, phrasings: &["change the hair"], plan: hair_color, ..FAMILY },
    Effect { name: "clothes_color", phrasings: &["change the clothes"], plan: clothes_color, ..FAMILY },
    Effect { name: "animal", weight: 2.0, phrasings: &["change the animal"], plan: animal, ..FAMILY },
    Effect { name: "person", phrasings: &["change the person"], plan: person, ..FAMILY },
    Effect { name: "fruit", phrasings: &["change the fruit"], plan: fruit, ..FAMILY },
    Effect { name: "flowers", phrasings: &["change the flowers"], plan: flowers, ..FAMILY },
    Effect { name: "car_color", phrasings: &["change the car"], plan: car_color, ..FAMILY },
    Effect { name: "door_color", phrasings: &["change the door"], plan: door_color, ..FAMILY },
    Effect {
        name: "lamp_on",
        phrasings: &["turn on the lamp", "light the lamp", "make the lamp bright", "turn the lamp on"],
        plan: lamp_on,
        ..LOCAL
    },
    Effect { name: "add_thing", weight: 1.5, phrasings: &["add something"], plan: add_thing, ..FAMILY },
    Effect { name: "remove_thing", weight: 1.5, phrasings: &["remove something"], plan: remove_thing, ..FAMILY },
];

/// Words that name one of several, with the plan that they belong to.
fn said(plan: Plan, phrasings: &[String]) -> Plan {
    Plan { phrasings: phrasings.to_vec(), ..plan }
}

/// Another index than `not`.
fn other(dice: &mut Dice, n: usize, not: usize) -> usize {
    (not + 1 + dice.below(n - 1)) % n
}

fn tone_curve(dice: &mut Dice) -> Plan {
    let before = any(dice);
    let tone = Tone::random(dice);
    let words = tone.words();
    let phrasings =
        vec![words.clone(), format!("with {words}"), format!("{words} style"), format!("turn the colors into {words}")];
    Plan { before, after: After::Tone(tone), phrasings }
}

fn hair_color(dice: &mut Dice) -> Plan {
    let before = portrait(dice, |dice, portrait| portrait.person.hair = dice.below(HAIRS.len()));
    let Subject::Portrait(old) = &before.subject else { return redrawn(before, |_| {}) };
    let new = other(dice, HAIRS.len(), old.person.hair);
    let (from, to) = (HAIRS[old.person.hair].1, HAIRS[new].1);
    let phrasings = [
        format!("make the hair {to}"),
        format!("{to} hair"),
        format!("turn {from} hair into {to} hair"),
        format!("turn the hair {to}"),
    ];
    said(redrawn(before, |scene| in_portrait(scene, |portrait| portrait.person.hair = new)), &phrasings)
}

fn clothes_color(dice: &mut Dice) -> Plan {
    let before = portrait(dice, |_, _| {});
    let Subject::Portrait(old) = &before.subject else { return redrawn(before, |_| {}) };
    let new = other(dice, CLOTHES.len(), old.person.clothes);
    let (from, to) = (CLOTHES[old.person.clothes].1, CLOTHES[new].1);
    let phrasings =
        [format!("make the clothes {to}"), format!("{to} clothes"), format!("turn {from} clothes into {to} clothes")];
    said(redrawn(before, |scene| in_portrait(scene, |portrait| portrait.person.clothes = new)), &phrasings)
}

fn animal(dice: &mut Dice) -> Plan {
    let before = pet(dice, None, &[Seat::Meadow, Seat::Room, Seat::Cloud]);
    let Subject::Pet(old) = &before.subject else { return redrawn(before, |_| {}) };
    let at = Species::ALL.iter().position(|&species| species == old.beast.species).unwrap_or_default();
    let new = Species::ALL[other(dice, Species::ALL.len(), at)];
    let (from, to) = (old.beast.species.word(), new.word());
    let article = if to.starts_with('o') { "an" } else { "a" };
    let phrasings = [
        format!("turn the {from} into {article} {to}"),
        format!("make the {from} into {article} {to}"),
        format!("turn {from} into {to}"),
        format!("replace the {from} with {article} {to}"),
    ];
    said(redrawn(before, |scene| turn_pet(scene, new)), &phrasings)
}

fn person(dice: &mut Dice) -> Plan {
    let (from, to) =
        dice.pick(&[(Who::Man, Who::Woman), (Who::Woman, Who::Man), (Who::Girl, Who::Boy), (Who::Boy, Who::Girl)]);
    let before = portrait(dice, |_, portrait| portrait.person.who = from);
    let (a, b) = (who_word(from), who_word(to));
    let phrasings = [format!("turn the {a} into a {b}"), format!("make the {a} a {b}"), format!("turn {a} into {b}")];
    said(redrawn(before, |scene| in_portrait(scene, |portrait| portrait.person.who = to)), &phrasings)
}

fn fruit(dice: &mut Dice) -> Plan {
    let at = dice.below(Fruit::ALL.len());
    let (from, to) = (Fruit::ALL[at], Fruit::ALL[other(dice, Fruit::ALL.len(), at)]);
    let before = table(dice, Thing::Bowl(from));
    let (a, b) = (from.word(), to.word());
    let phrasings = [
        format!("turn the {a} into {b}"),
        format!("turn {a} into {b}"),
        format!("make the {a} {b}"),
        format!("{b} instead of {a}"),
    ];
    said(redrawn(before, |scene| set_main(scene, Thing::Bowl(to))), &phrasings)
}

fn flowers(dice: &mut Dice) -> Plan {
    let before = one_of(dice, &[Kind::Garden]);
    let Subject::Garden(old) = &before.subject else { return redrawn(before, |_| {}) };
    let (mut garden, from) = (old.clone(), old.flowers());
    let at = Bloom::ALL.iter().position(|&bloom| bloom == old.bloom).unwrap_or_default();
    garden.bloom = Bloom::ALL[other(dice, Bloom::ALL.len(), at)];
    garden.petals = dice.below(PETALS.len());
    let (a, b) = (from, garden.flowers());
    let phrasings = [
        format!("turn the {a} into {b}"),
        format!("turn {a} into {b}"),
        format!("make the flowers {b}"),
        format!("{b} instead of {a}"),
    ];
    said(redrawn(before, |scene| scene.subject = Subject::Garden(garden)), &phrasings)
}

fn car_color(dice: &mut Dice) -> Plan {
    let old = dice.below(CARS.len());
    let new = other(dice, CARS.len(), old);
    let before = street(dice, |_, street| street.car = Some(old));
    let (from, to) = (CARS[old].1, CARS[new].1);
    let phrasings = [
        format!("make the car {to}"),
        format!("{to} car"),
        format!("turn the {from} car into a {to} car"),
        format!("turn the car {to}"),
    ];
    said(
        redrawn(before, |scene| {
            if let Subject::Street(street) = &mut scene.subject {
                street.car = Some(new);
            }
        }),
        &phrasings,
    )
}

fn door_color(dice: &mut Dice) -> Plan {
    let mut before = one_of(dice, &[Kind::Village]);
    before.air = Air::of(dice, before.air.season, Hour::Day, Weather::Clear);
    // One house alone stands large enough for its door.
    if let Subject::Village(village) = &mut before.subject {
        village.cottages.truncate(1);
    }
    let Subject::Village(village) = &before.subject else { return redrawn(before, |_| {}) };
    let old = village.cottages.first().map_or(0, |cottage| cottage.door);
    let new = other(dice, DOORS.len(), old);
    let (from, to) = (DOORS[old].1, DOORS[new].1);
    let phrasings = [
        format!("make the door {to}"),
        format!("{to} door"),
        format!("turn the {from} door into a {to} door"),
        format!("turn the door {to}"),
    ];
    said(
        redrawn(before, |scene| {
            if let Subject::Village(village) = &mut scene.subject
                && let Some(cottage) = village.cottages.first_mut()
            {
                cottage.door = new;
            }
        }),
        &phrasings,
    )
}

fn lamp_on(dice: &mut Dice) -> Plan {
    redrawn(table(dice, Thing::Lamp(false)), |scene| set_main(scene, Thing::Lamp(true)))
}

/// A scene without a thing, the scene with it, and the thing's words.
fn thing(dice: &mut Dice) -> (Scene, Scene, String) {
    let color = dice.below(CARS.len());
    let word = CARS[color].1;
    let (mut without, named) = match dice.below(5) {
        0 => (seasonal_landscape(dice), format!("a {word} balloon")),
        1 => (one_of(dice, &[Kind::Beach]), format!("a {word} boat")),
        2 => {
            let hat = dice.below(CLOTHES.len());
            let before =
                portrait(dice, |_, portrait| portrait.person.held = crate::scenes::parts::person::Held::Nothing);
            let mut with = before.clone();
            in_portrait(&mut with, |portrait| portrait.person.hat = Some(hat));
            return (before, with, format!("a {} hat", CLOTHES[hat].1));
        }
        3 => (one_of(dice, &[Kind::Beach]), format!("a {word} umbrella")),
        _ => (street(dice, |dice, street| street.lights = Some(dice.below(3))), format!("a {word} car")),
    };
    let mut with = without.clone();
    for (scene, here) in [(&mut without, None), (&mut with, Some(color))] {
        match &mut scene.subject {
            Subject::Landscape(landscape) => landscape.balloon = here,
            Subject::Beach(beach) if named.ends_with("boat") => beach.boat = here,
            Subject::Beach(beach) => beach.umbrella = here,
            Subject::Street(street) => street.car = here,
            _ => {}
        }
    }
    (without, with, named)
}

fn seasonal_landscape(dice: &mut Dice) -> Scene {
    loop {
        let scene = seasonal(dice, &[Season::Spring, Season::Summer, Season::Autumn]);
        if scene.kind() == Kind::Landscape {
            return scene;
        }
    }
}

fn add_thing(dice: &mut Dice) -> Plan {
    let (before, after, words) = thing(dice);
    let phrasings = vec![format!("add {words}"), format!("with {words}"), format!("put {words} there")];
    Plan { before, after: After::Scene(after), phrasings }
}

fn remove_thing(dice: &mut Dice) -> Plan {
    let (after, before, words) = thing(dice);
    let thing = words.rsplit(' ').next().unwrap_or_default().to_owned();
    let phrasings = vec![format!("remove the {thing}"), format!("remove {words}"), format!("no {thing}")];
    Plan { before, after: After::Scene(after), phrasings }
}
