//! More: further effects that change all of a picture: seasons, light, manners of drawing, tones.
use super::globals::GLOBAL;
use super::stage::{any, filtered, outdoors, rainy, redrawn, seasonal};
use super::{Effect, paint, tone, weather};
use crate::scenes::air::{Air, Hour, SUNSET, Season, WET, Weather};

/// More that change all of a picture.
pub const MORE: &[Effect] = &[
    Effect {
        name: "autumn",
        phrasings: &[
            "make it autumn",
            "turn it into autumn",
            "turn summer into autumn",
            "in autumn",
            "make the trees orange",
        ],
        captions: &["{} in autumn", "{} on an autumn day"],
        plan: |dice| {
            redrawn(seasonal(dice, &[Season::Spring, Season::Summer]), |scene| scene.air.season = Season::Autumn)
        },
        ..GLOBAL
    },
    Effect {
        name: "winter",
        phrasings: &["make it winter", "turn it into winter", "turn summer into winter", "a winter day", "in winter"],
        captions: &["{} in winter", "{} on a winter day"],
        plan: |dice| {
            redrawn(seasonal(dice, &[Season::Spring, Season::Summer, Season::Autumn]), |scene| {
                scene.air.season = Season::Winter
            })
        },
        ..GLOBAL
    },
    Effect {
        name: "sunset",
        phrasings: &[
            "make it a sunset",
            "turn it into a sunset",
            "turn day into evening",
            "in the evening sun",
            "at sunset",
        ],
        captions: &["{} at sunset", "{} in the evening sun"],
        plan: |dice| {
            let mut before = outdoors(dice);
            if before.air.hour == Hour::Evening || before.air.weather != Weather::Clear {
                before.air = Air::of(dice, before.air.season, Hour::Day, Weather::Clear);
            }
            redrawn(before, |scene| {
                scene.air.hour = Hour::Evening;
                scene.air.sky = SUNSET;
            })
        },
        ..GLOBAL
    },
    Effect {
        name: "rainy",
        phrasings: &["make it rain", "add rain", "turn the sun into rain", "in the rain", "make it a rainy day"],
        captions: &["{} in the rain", "{} on a rainy day"],
        plan: |dice| {
            let mut before = rainy(dice);
            before.air = Air::of(dice, before.air.season, Hour::Day, Weather::Clear);
            redrawn(before, |scene| {
                scene.air.weather = Weather::Rain;
                scene.air.sky = WET;
            })
        },
        ..GLOBAL
    },
    Effect {
        name: "fog",
        phrasings: &["make it foggy", "add fog", "turn it into a foggy day", "in the fog"],
        captions: &["{} in the fog", "{} on a foggy day"],
        plan: |dice| filtered(outdoors(dice), weather::fog),
        ..GLOBAL
    },
    Effect {
        name: "blueprint",
        phrasings: &[
            "make it a blueprint",
            "turn it into a blueprint",
            "blueprint style",
            "turn the photo into a blueprint",
        ],
        captions: &["a blueprint of {}"],
        plan: |dice| filtered(any(dice), paint::blueprint),
        ..GLOBAL
    },
    Effect {
        name: "comic",
        phrasings: &["make it a comic", "turn it into a comic", "comic style", "turn the photo into a comic"],
        captions: &["a comic of {}", "{} in comic style"],
        plan: |dice| filtered(any(dice), paint::comic),
        ..GLOBAL
    },
    Effect {
        name: "pixel_art",
        phrasings: &["make it pixel art", "turn it into pixel art", "pixel art style", "turn the photo into pixel art"],
        captions: &["pixel art of {}"],
        plan: |dice| filtered(any(dice), paint::pixel_art),
        ..GLOBAL
    },
    Effect {
        name: "sepia",
        phrasings: &[
            "make it sepia",
            "make it an old photo",
            "turn it into an old sepia photo",
            "sepia style",
            "turn the photo into a sepia photo",
        ],
        captions: &["an old photo of {}", "a sepia photo of {}"],
        ..GLOBAL
    },
    Effect {
        name: "teal_orange",
        held_out: true,
        phrasings: &["make it teal and orange", "teal and orange style", "turn the colors into teal and orange"],
        naming: &["teal"],
        captions: &["{} in teal and orange"],
        plan: |dice| filtered(any(dice), tone::teal_orange),
        ..GLOBAL
    },
    Effect {
        name: "vintage_fade",
        held_out: true,
        phrasings: &["make it a faded vintage photo", "vintage style", "turn the photo into a faded vintage photo"],
        naming: &["vintage", "faded"],
        captions: &["a faded vintage photo of {}"],
        plan: |dice| filtered(any(dice), tone::vintage_fade),
        ..GLOBAL
    },
    Effect {
        name: "high_contrast",
        phrasings: &["make it high contrast", "strong contrast", "turn the contrast up", "high contrast style"],
        captions: &["{} with strong contrast"],
        plan: |dice| filtered(any(dice), tone::high_contrast),
        ..GLOBAL
    },
    Effect {
        name: "warm",
        phrasings: &["make it warm", "warm light", "make the colors warmer", "turn the light warm"],
        captions: &["{} in warm light", "{} in warm colors"],
        plan: |dice| filtered(any(dice), tone::warm),
        ..GLOBAL
    },
    Effect {
        name: "cool",
        phrasings: &["make it cool", "cold blue light", "make the colors colder", "turn the light cold"],
        captions: &["{} in cold light", "{} in cold colors"],
        plan: |dice| filtered(any(dice), tone::cool),
        ..GLOBAL
    },
    Effect {
        name: "black_and_white",
        phrasings: &[
            "make it black and white",
            "black and white",
            "turn the photo into a black and white photo",
            "remove the color",
        ],
        captions: &["a black and white photo of {}"],
        plan: |dice| filtered(any(dice), tone::black_and_white),
        ..GLOBAL
    },
    Effect {
        name: "neon",
        phrasings: &["make it neon", "neon style", "turn the colors into neon", "neon colors"],
        captions: &["{} in neon colors"],
        plan: |dice| filtered(any(dice), tone::neon),
        ..GLOBAL
    },
    Effect {
        name: "golden",
        phrasings: &["make it golden", "turn it into gold", "golden style", "everything in gold"],
        captions: &["{} in gold", "a golden picture of {}"],
        plan: |dice| filtered(any(dice), tone::golden),
        ..GLOBAL
    },
    Effect {
        name: "pink",
        phrasings: &["make it pink", "turn it pink", "pink style", "everything in pink"],
        captions: &["{} in pink", "a pink picture of {}"],
        plan: |dice| filtered(any(dice), tone::pink),
        ..GLOBAL
    },
    Effect {
        name: "green",
        phrasings: &["make it green", "turn it green", "green style", "everything in green"],
        captions: &["{} in green", "a green picture of {}"],
        plan: |dice| filtered(any(dice), tone::green),
        ..GLOBAL
    },
    Effect {
        name: "negative",
        phrasings: &[
            "make it a negative",
            "turn it into a negative",
            "negative style",
            "turn light into dark and dark into light",
        ],
        captions: &["a negative of {}"],
        plan: |dice| filtered(any(dice), tone::negative),
        ..GLOBAL
    },
    Effect {
        name: "brighten_shadows",
        phrasings: &[
            "brighten the shadows",
            "make the shadows brighter",
            "lighter shadows",
            "turn dark shadows into bright shadows",
        ],
        captions: &["{} with bright shadows"],
        plan: |dice| filtered(any(dice), tone::brighten_shadows),
        ..GLOBAL
    },
    Effect {
        name: "vivid",
        phrasings: &["make it vivid", "make the colors stronger", "vivid colors", "turn the colors up"],
        captions: &["{} in strong colors"],
        plan: |dice| filtered(any(dice), tone::vivid),
        ..GLOBAL
    },
    Effect {
        name: "vignette",
        phrasings: &["make the corners dark", "add dark corners", "dark edges", "turn the corners dark"],
        captions: &["{} with dark corners"],
        plan: |dice| filtered(any(dice), tone::vignette),
        ..GLOBAL
    },
    Effect {
        name: "dreamy",
        phrasings: &["make it dreamy", "soft dreamy light", "dreamy style", "turn it into a dream"],
        captions: &["{} in soft dreamy light", "a dream of {}"],
        plan: |dice| filtered(any(dice), tone::dreamy),
        ..GLOBAL
    },
];
