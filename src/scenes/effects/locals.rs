//! Locals: the benchmark's eleven effects that change one thing and leave the rest as it is.
use super::stage::{as_toy, in_portrait, pet, portrait, redrawn, set_main, street, table, turn_pet};
use super::{Effect, Group};
use crate::scenes::kinds::pet::Seat;
use crate::scenes::kinds::table::Thing;
use crate::scenes::parts::beast::{Beast, Species};
use crate::scenes::parts::food::{Drink, Flavour, Fruit};
use crate::scenes::parts::person::{Held, Mouth, Who};
use crate::scenes::scene::Subject;

/// What local effects share.
pub(super) const LOCAL: Effect = Effect {
    name: "",
    group: Group::Local,
    benchmark: false,
    held_out: false,
    family: false,
    weight: 1.0,
    phrasings: &[],
    naming: &[],
    captions: &[],
    plan: |dice| redrawn(portrait(dice, |_, _| {}), |_| {}),
};

/// The benchmark's.
pub const LOCALS: &[Effect] = &[
    Effect {
        name: "boy2girl",
        benchmark: true,
        phrasings: &[
            "make boy and dog into a girl and cat",
            "turn the boy and the dog into a girl and a cat",
            "turn boy and dog into girl and cat",
            "a girl and a cat instead of a boy and a dog",
        ],
        plan: |dice| {
            let before = portrait(dice, |dice, portrait| {
                portrait.person.who = Who::Boy;
                portrait.pet = Some(Beast::random(dice, Species::Dog));
            });
            redrawn(before, |scene| {
                in_portrait(scene, |portrait| {
                    portrait.person.who = Who::Girl;
                    portrait.pet = portrait.pet.as_ref().map(|pet| pet.turned_into(Species::Cat));
                });
            })
        },
        ..LOCAL
    },
    Effect {
        name: "glasses",
        benchmark: true,
        held_out: true,
        phrasings: &["add a pair of glasses", "add glasses", "make the person wear glasses", "wearing glasses"],
        naming: &["glasses"],
        plan: |dice| {
            redrawn(portrait(dice, |_, _| {}), |scene| in_portrait(scene, |portrait| portrait.person.glasses = true))
        },
        ..LOCAL
    },
    Effect {
        name: "4dboy",
        benchmark: true,
        phrasings: &[
            "turn the boy into a girl",
            "make the boy a girl",
            "turn boy into girl",
            "a girl instead of a boy",
        ],
        plan: |dice| {
            let mut before = portrait(dice, |_, portrait| portrait.person.who = Who::Boy);
            as_toy(dice, &mut before);
            redrawn(before, |scene| in_portrait(scene, |portrait| portrait.person.who = Who::Girl))
        },
        ..LOCAL
    },
    Effect {
        name: "apple",
        benchmark: true,
        phrasings: &[
            "turn peaches into apples",
            "turn the peaches into apples",
            "make the peaches apples",
            "apples instead of peaches",
        ],
        plan: |dice| {
            redrawn(table(dice, Thing::Bowl(Fruit::Peach)), |scene| set_main(scene, Thing::Bowl(Fruit::Apple)))
        },
        ..LOCAL
    },
    Effect {
        name: "cake",
        benchmark: true,
        held_out: true,
        phrasings: &["make it a chocolate cake", "turn the cake into a chocolate cake", "chocolate cake"],
        naming: &["chocolate"],
        plan: |dice| {
            let flavour = dice.pick(&[Flavour::Vanilla, Flavour::Strawberry, Flavour::Mint]);
            redrawn(table(dice, Thing::Cake(flavour)), |scene| set_main(scene, Thing::Cake(Flavour::Chocolate)))
        },
        ..LOCAL
    },
    Effect {
        name: "cloud_kitty",
        benchmark: true,
        phrasings: &[
            "make the cat into a bear",
            "turn the cat into a bear",
            "turn cat into bear",
            "a bear on a cloud instead of a cat",
        ],
        plan: |dice| redrawn(pet(dice, Some(Species::Cat), &[Seat::Cloud]), |scene| turn_pet(scene, Species::Bear)),
        ..LOCAL
    },
    Effect {
        name: "dog2cat",
        benchmark: true,
        phrasings: &[
            "make the dog into a cat",
            "turn the dog into a cat",
            "turn dog into cat",
            "replace the dog with a cat",
        ],
        plan: |dice| {
            let before = pet(dice, Some(Species::Dog), &[Seat::Meadow, Seat::Room]);
            redrawn(before, |scene| turn_pet(scene, Species::Cat))
        },
        ..LOCAL
    },
    Effect {
        name: "juice",
        benchmark: true,
        phrasings: &[
            "make it a lemonade",
            "turn the juice into lemonade",
            "turn juice into lemonade",
            "lemonade instead of juice",
        ],
        plan: |dice| {
            let drink = dice.pick(&[Drink::Orange, Drink::Berry, Drink::Grape]);
            redrawn(table(dice, Thing::Glass(drink)), |scene| set_main(scene, Thing::Glass(Drink::Lemonade)))
        },
        ..LOCAL
    },
    Effect {
        name: "read_books",
        benchmark: true,
        phrasings: &[
            "make newspapers into books",
            "turn the newspaper into a book",
            "turn newspaper into book",
            "a book instead of a newspaper",
        ],
        plan: |dice| {
            let before = portrait(dice, |_, portrait| portrait.person.held = Held::Newspaper);
            redrawn(before, |scene| in_portrait(scene, |portrait| portrait.person.held = Held::Book))
        },
        ..LOCAL
    },
    Effect {
        name: "smile",
        benchmark: true,
        phrasings: &["add a smile", "make the person smile", "turn it into a smile", "smiling", "a happy smile"],
        plan: |dice| {
            let before = portrait(dice, |_, portrait| portrait.person.mouth = Mouth::Calm);
            redrawn(before, |scene| in_portrait(scene, |portrait| portrait.person.mouth = Mouth::Smile))
        },
        ..LOCAL
    },
    Effect {
        name: "traffic_lights",
        benchmark: true,
        phrasings: &[
            "make it a heart shaped light",
            "turn the traffic lights into hearts",
            "heart shaped traffic lights",
            "turn circles into hearts",
        ],
        plan: |dice| {
            let before = street(dice, |dice, street| street.lights = Some(dice.below(3)));
            redrawn(before, |scene| {
                if let Subject::Street(street) = &mut scene.subject {
                    street.hearts = true;
                }
            })
        },
        ..LOCAL
    },
];
