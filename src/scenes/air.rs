//! Air: season, hour and weather, and the colours that follow from them.
use super::color::Color;
use super::dice::Dice;

/// Time of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Blossom and young green.
    Spring,
    /// Full green.
    Summer,
    /// Orange and red.
    Autumn,
    /// Bare and white.
    Winter,
}

/// Time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hour {
    /// Pale gold.
    Morning,
    /// White light.
    Day,
    /// Low, warm sun.
    Evening,
    /// Blue, after the sun.
    Dusk,
}

/// What falls from the sky, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Sun and a few clouds.
    Clear,
    /// A closed, grey sky.
    Cloudy,
    /// Rain.
    Rain,
}

/// The state of the air over a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Air {
    /// Time of the year.
    pub season: Season,
    /// Time of the day.
    pub hour: Hour,
    /// Weather.
    pub weather: Weather,
    /// Sky overhead, half-way down, and at the horizon.
    pub sky: [Color; 3],
    /// Where the sun stands.
    pub sun: (f32, f32),
    /// Number of clouds.
    pub n_clouds: usize,
    /// Drops fall, when it rains.
    pub drops: bool,
    /// Where the clouds are.
    pub seed: u64,
}

/// The sky of a summer's day.
pub const SUMMER: [Color; 3] = [Color::hex(0x4a97e0), Color::hex(0x9fd4f4), Color::hex(0xeaf5ee)];
/// The sky of a sunset.
pub const SUNSET: [Color; 3] = [Color::hex(0x6a5aa8), Color::hex(0xee8f78), Color::hex(0xffd28c)];
/// The sky of a rainy day.
pub const WET: [Color; 3] = [Color::hex(0x6d8096), Color::hex(0x93a3b1), Color::hex(0xbac4ca)];

const DAY: [[u32; 3]; 5] = [
    [0x4a90d9, 0x9fd0f2, 0xe6f3f2],
    [0x58aee0, 0xade0ee, 0xf5f2e0],
    [0x3f83c8, 0x88bfe8, 0xdbeaf0],
    [0x52b2c8, 0xa6ddda, 0xf6efd6],
    [0x6a9fe0, 0xb4d0f0, 0xf3e6ea],
];
const MORNING: [[u32; 3]; 3] =
    [[0x8cb6e0, 0xf0d8cb, 0xfde8c4], [0xa3c6e6, 0xf5d9d4, 0xffefd2], [0x93c6d4, 0xe5e2c6, 0xffe3b8]];
const EVENING: [[u32; 3]; 4] = [
    [0x5d6fb4, 0xee9f80, 0xffd596],
    [0x7a6cb4, 0xec8c88, 0xffcb90],
    [0x4a7db4, 0xefb384, 0xffe2a2],
    [0xb0628a, 0xf09a72, 0xffd88a],
];
const DUSK: [[u32; 3]; 3] =
    [[0x2b3a68, 0x6c5c95, 0xe39a90], [0x2d4270, 0x5172a2, 0xc9a2b8], [0x234063, 0x437491, 0xd9b79c]];
const CLOUDY: [[u32; 3]; 2] = [[0x8fa4b6, 0xb7c5cf, 0xe0e4e3], [0x9aa5b8, 0xbfc5d0, 0xe5e2dc]];
const RAIN: [[u32; 3]; 2] = [[0x6d8096, 0x93a3b1, 0xbac4ca], [0x74809a, 0x979fb2, 0xc0c2c9]];

impl Air {
    /// Any air; rain only where an effect asks for it.
    pub fn random(dice: &mut Dice) -> Self {
        use {Hour::*, Season::*};
        let season = dice.pick(&[Spring, Summer, Summer, Autumn, Winter]);
        let hour = dice.pick(&[Day, Day, Day, Morning, Evening, Evening, Dusk]);
        let cloudy = dice.chance(0.10);
        Self::of(dice, season, hour, if cloudy { Weather::Cloudy } else { Weather::Clear })
    }

    /// This season, hour and weather; the rest is random.
    pub fn of(dice: &mut Dice, season: Season, hour: Hour, weather: Weather) -> Self {
        let sky = match (weather, hour) {
            (Weather::Rain, _) => dice.pick(&RAIN),
            (_, Hour::Dusk) => dice.pick(&DUSK),
            (Weather::Cloudy, _) => dice.pick(&CLOUDY),
            (_, Hour::Day) => dice.pick(&DAY),
            (_, Hour::Morning) => dice.pick(&MORNING),
            (_, Hour::Evening) => dice.pick(&EVENING),
        };
        let height = match hour {
            Hour::Day => dice.between(0.08, 0.24),
            _ => dice.between(0.24, 0.40),
        };
        let x = if dice.chance(0.5) { dice.between(0.10, 0.34) } else { dice.between(0.66, 0.90) };
        let n_clouds = if weather == Weather::Clear { dice.below(4) } else { 4 };
        Self {
            season,
            hour,
            weather,
            sky: sky.map(Color::hex),
            sun: (x, height),
            n_clouds,
            drops: true,
            seed: dice.seed(),
        }
    }

    /// The light under which everything but the sky is seen.
    pub fn light(&self) -> Color {
        match (self.hour, self.weather) {
            (_, Weather::Rain) => Color::hex(0xcbd5de),
            (Hour::Dusk, _) => Color::hex(0xa2a4d2),
            (Hour::Evening, _) => Color::hex(0xffe0c0),
            (_, Weather::Cloudy) => Color::hex(0xeaf0f4),
            (Hour::Morning, _) => Color::hex(0xfff6ea),
            (Hour::Day, _) => super::color::WHITE,
        }
    }

    /// What distance fades into.
    pub fn haze(&self) -> Color {
        self.sky[1].mix(self.sky[2], 0.55)
    }

    /// 1 when the light comes from the left, −1 from the right.
    pub fn side(&self) -> f32 {
        if self.sun.0 < 0.5 { 1.0 } else { -1.0 }
    }

    /// Leaves of this season; `shift` from 0 to 1 tells one tree from another.
    pub fn leaf(&self, shift: f32) -> Color {
        let (from, to) = match self.season {
            Season::Spring => (0x9ccb62, 0x6fae6a),
            Season::Summer => (0x6aa84f, 0x3f8a55),
            Season::Autumn => (0xe8a13c, 0xc9553a),
            Season::Winter => (0xb9ccd6, 0x8fa9b8),
        };
        Color::hex(from).mix(Color::hex(to), shift)
    }

    /// Meadows of this season, in the light and further away.
    pub fn grass(&self, shift: f32) -> Color {
        let (from, to) = match self.season {
            Season::Spring => (0xb5d66b, 0x8fc46a),
            Season::Summer => (0x9cc65a, 0x6fae58),
            Season::Autumn => (0xd9bd62, 0xb59a52),
            Season::Winter => (0xf2f6fa, 0xd5e3ee),
        };
        Color::hex(from).mix(Color::hex(to), shift)
    }
}
