//! Globals: the benchmark's fourteen effects that change all of a picture.
use super::stage::{any, filtered, one_of, outdoors, rainy, redrawn, seasonal, snowless};
use super::{After, Effect, Group, Plan, paint, tone, weather};
use crate::scenes::air::{Hour, Season, Weather};
use crate::scenes::scene::Kind;

/// What most global effects share.
pub(super) const GLOBAL: Effect = Effect {
    name: "",
    group: Group::Global,
    benchmark: false,
    held_out: false,
    family: false,
    weight: 1.0,
    phrasings: &[],
    naming: &[],
    captions: &[],
    plan: |dice| filtered(any(dice), tone::sepia),
};

/// The benchmark's.
pub const GLOBALS: &[Effect] = &[
    Effect {
        name: "midnight",
        benchmark: true,
        phrasings: &[
            "make it midnight",
            "make it nighttime",
            "make it night",
            "turn day into night",
            "turn the day into midnight",
            "at night",
            "turn it into a night scene",
        ],
        captions: &["{} at midnight", "{} at night", "a night picture of {}", "{} under the moon and stars"],
        plan: |dice| filtered(outdoors(dice), weather::midnight),
        ..GLOBAL
    },
    Effect {
        name: "sea_painting",
        benchmark: true,
        phrasings: &[
            "turn it into a sea painting",
            "make it a sea painting",
            "an old sea painting",
            "sea painting style",
            "turn the picture into an old sea painting",
        ],
        captions: &["a sea painting of {}", "an old sea painting of {}"],
        plan: |dice| {
            filtered(one_of(dice, &[Kind::Beach, Kind::Beach, Kind::Landscape, Kind::City]), paint::sea_painting)
        },
        ..GLOBAL
    },
    Effect {
        name: "sketch_style",
        benchmark: true,
        phrasings: &[
            "make it a colored pencil sketch",
            "sketch style",
            "turn it into a colored sketch",
            "turn the photo into a colored pencil sketch",
            "colored pencil style",
        ],
        captions: &["a colored pencil sketch of {}", "a colored sketch of {}", "{} in sketch style"],
        plan: |dice| filtered(any(dice), paint::sketch_style),
        ..GLOBAL
    },
    Effect {
        name: "summer",
        benchmark: true,
        phrasings: &[
            "make it summer",
            "turn it into summer",
            "turn winter into summer",
            "turn autumn into summer",
            "a summer day",
            "in summer",
        ],
        captions: &["{} in summer", "{} on a summer day"],
        plan: |dice| {
            redrawn(seasonal(dice, &[Season::Autumn, Season::Winter]), |scene| {
                (scene.air.season, scene.air.hour, scene.air.weather) = (Season::Summer, Hour::Day, Weather::Clear);
                scene.air.sky = crate::scenes::air::SUMMER;
            })
        },
        ..GLOBAL
    },
    Effect {
        name: "wallpaper",
        benchmark: true,
        phrasings: &[
            "make it a snowy wallpaper",
            "add large snowflakes",
            "turn it into a frosty wallpaper",
            "frosty wallpaper style",
            "turn the picture into a snowy wallpaper",
        ],
        captions: &["{} behind frost and large snowflakes", "a frosty wallpaper of {}"],
        plan: |dice| filtered(any(dice), weather::wallpaper),
        ..GLOBAL
    },
    Effect {
        name: "charcoal",
        benchmark: true,
        phrasings: &[
            "turn it into a charcoal drawing",
            "make it a charcoal drawing",
            "charcoal style",
            "as a charcoal drawing",
            "turn the photo into a charcoal drawing",
        ],
        captions: &["a charcoal drawing of {}", "{} in charcoal"],
        plan: |dice| filtered(any(dice), paint::charcoal),
        ..GLOBAL
    },
    Effect {
        name: "painting",
        benchmark: true,
        phrasings: &[
            "make it a painting",
            "make it an oil painting",
            "turn it into an oil painting",
            "oil painting style",
            "turn the photo into a painting",
        ],
        captions: &["an oil painting of {}", "a painting of {}"],
        plan: |dice| filtered(any(dice), paint::painting),
        ..GLOBAL
    },
    Effect {
        name: "painting_snow",
        benchmark: true,
        phrasings: &[
            "make it a painting of snow",
            "turn it into a snowy painting",
            "make it a snowy oil painting",
            "snow painting style",
            "turn the photo into a painting of snow",
        ],
        captions: &["a snowy painting of {}", "a painting of {} in the snow"],
        plan: |dice| filtered(snowless(dice), weather::painting_snow),
        ..GLOBAL
    },
    Effect {
        name: "pencil_sketch",
        benchmark: true,
        phrasings: &[
            "as a pencil sketch",
            "make it a pencil sketch",
            "turn it into a pencil sketch",
            "pencil sketch style",
            "turn the photo into a pencil sketch",
        ],
        captions: &["a pencil sketch of {}", "{} drawn with a pencil"],
        plan: |dice| filtered(any(dice), paint::pencil_sketch),
        ..GLOBAL
    },
    Effect {
        name: "purple",
        benchmark: true,
        phrasings: &[
            "make the sky a deep purple",
            "make the sky purple",
            "turn the sky purple",
            "purple sky",
            "turn the blue sky into a purple sky",
        ],
        captions: &["{} under a purple sky", "{} with a deep purple sky"],
        plan: |dice| filtered(outdoors(dice), weather::purple),
        ..GLOBAL
    },
    Effect {
        name: "snow",
        benchmark: true,
        phrasings: &[
            "have it snow",
            "make it snow",
            "add snow",
            "cover it with snow",
            "turn grass into snow",
            "in the snow",
        ],
        captions: &["{} in the snow", "{} while it snows"],
        plan: |dice| filtered(snowless(dice), weather::snow),
        ..GLOBAL
    },
    Effect {
        name: "watercolor",
        benchmark: true,
        phrasings: &[
            "as a watercolor painting",
            "make it a watercolor",
            "turn it into a watercolor",
            "watercolor style",
            "turn the photo into a watercolor",
        ],
        captions: &["a watercolor of {}", "{} in watercolor"],
        plan: |dice| filtered(any(dice), paint::watercolor),
        ..GLOBAL
    },
    Effect {
        name: "lava",
        benchmark: true,
        held_out: true,
        phrasings: &["turn it into lava", "turn the ground into lava", "make the ground lava", "add lava"],
        naming: &["lava"],
        captions: &["{} on lava", "{} and lava"],
        plan: |dice| {
            filtered(one_of(dice, &[Kind::Landscape, Kind::Beach, Kind::Village, Kind::Landscape]), weather::lava)
        },
        ..GLOBAL
    },
    Effect {
        name: "rain",
        benchmark: true,
        phrasings: &["turn the rain into snow", "turn rain into snow", "make the rain snow", "snow instead of rain"],
        captions: &["{} in the snow", "{} while it snows"],
        plan: |dice| {
            let before = rainy(dice);
            let mut after = before.clone();
            after.air.drops = false;
            Plan { before, after: After::Both(after, weather::snow), phrasings: Vec::new() }
        },
        ..GLOBAL
    },
];
