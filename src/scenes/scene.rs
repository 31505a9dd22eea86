//! Scene: everything that is chosen for one illustration; drawing it and naming it follow from that alone.
use super::air::{Air, Hour, Season, Weather};
use super::canvas::Canvas;
use super::dice::Dice;
use super::kinds::beach::Beach;
use super::kinds::city::City;
use super::kinds::garden::Garden;
use super::kinds::landscape::Landscape;
use super::kinds::pet::{Pet, Seat};
use super::kinds::portrait::{Backdrop, Portrait};
use super::kinds::street::Street;
use super::kinds::table::Table;
use super::kinds::village::Village;
use super::parts::sky;
use super::region::Regions;
use super::style::Style;
use crate::tensor::picture::Picture;

/// What a scene shows.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // each names the struct that it holds
pub enum Subject {
    Landscape(Landscape),
    Beach(Beach),
    Village(Village),
    Street(Street),
    City(City),
    Garden(Garden),
    Portrait(Portrait),
    Pet(Pet),
    Table(Table),
}

/// The kinds of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // as above
pub enum Kind {
    Landscape,
    Beach,
    Village,
    Street,
    City,
    Garden,
    Portrait,
    Pet,
    Table,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 9] = [
        Kind::Landscape,
        Kind::Beach,
        Kind::Village,
        Kind::Street,
        Kind::City,
        Kind::Garden,
        Kind::Portrait,
        Kind::Pet,
        Kind::Table,
    ];
    /// Those under the open sky.
    pub const OUTDOORS: [Kind; 6] =
        [Kind::Landscape, Kind::Beach, Kind::Village, Kind::Street, Kind::City, Kind::Garden];
}

/// A scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Season, hour, weather.
    pub air: Air,
    /// What it shows.
    pub subject: Subject,
    /// How it is illustrated.
    pub style: Style,
    /// Which of several wordings a caption takes.
    pub wording: usize,
}

impl Scene {
    /// Any scene; the same for the same seed, for ever.
    pub fn random(seed: u64) -> Self {
        let mut dice = Dice::named(seed, "scene");
        let kind = dice.pick(&Kind::ALL);
        Self::of(&mut dice, kind)
    }

    /// Any scene of a kind.
    pub fn of(dice: &mut Dice, kind: Kind) -> Self {
        let mut air = Air::random(dice);
        let subject = match kind {
            Kind::Landscape => Subject::Landscape(Landscape::random(dice)),
            Kind::Beach => Subject::Beach(Beach::random(dice)),
            Kind::Village => Subject::Village(Village::random(dice)),
            Kind::Street => Subject::Street(Street::random(dice)),
            Kind::City => Subject::City(City::random(dice)),
            Kind::Garden => Subject::Garden(Garden::random(dice)),
            Kind::Portrait => Subject::Portrait(Portrait::random(dice)),
            Kind::Pet => Subject::Pet(Pet::random(dice)),
            Kind::Table => Subject::Table(Table::random(dice)),
        };
        // Nobody sits on a dark beach, and nothing blooms in the snow.
        let needs_sun = matches!(kind, Kind::Beach | Kind::Garden);
        if needs_sun && matches!(air.season, Season::Winter | Season::Autumn) {
            air.season = Season::Summer;
        }
        let close = matches!(kind, Kind::Portrait | Kind::Pet | Kind::Table);
        if (close || kind == Kind::Garden) && air.hour == Hour::Dusk {
            air = Air::of(dice, air.season, Hour::Day, Weather::Clear);
        }
        Self { air, subject, style: Style::random(dice), wording: dice.below(1 << 16) }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self.subject {
            Subject::Landscape(_) => Kind::Landscape,
            Subject::Beach(_) => Kind::Beach,
            Subject::Village(_) => Kind::Village,
            Subject::Street(_) => Kind::Street,
            Subject::City(_) => Kind::City,
            Subject::Garden(_) => Kind::Garden,
            Subject::Portrait(_) => Kind::Portrait,
            Subject::Pet(_) => Kind::Pet,
            Subject::Table(_) => Kind::Table,
        }
    }

    /// Draws it.
    ///
    /// # Panics
    /// When `size` is 0 or over 8192.
    pub fn draw(&self, size: usize) -> Picture {
        self.paint(size, false).0
    }

    /// Draws it, and says what each place belongs to.
    ///
    /// # Panics
    /// When `size` is 0 or over 4096.
    pub fn draw_with_regions(&self, size: usize) -> (Picture, Regions) {
        let (picture, regions) = self.paint(size, true);
        (picture, regions.unwrap_or_default())
    }

    fn paint(&self, size: usize, regions: bool) -> (Picture, Option<Regions>) {
        let mut canvas = Canvas::new(size, regions);
        canvas.light = self.light();
        canvas.relief = self.style.relief;
        let air = &self.air;
        match &self.subject {
            Subject::Landscape(subject) => subject.draw(&mut canvas, air),
            Subject::Beach(subject) => subject.draw(&mut canvas, air),
            Subject::Village(subject) => subject.draw(&mut canvas, air),
            Subject::Street(subject) => subject.draw(&mut canvas, air),
            Subject::City(subject) => subject.draw(&mut canvas, air),
            Subject::Garden(subject) => subject.draw(&mut canvas, air),
            Subject::Portrait(subject) => subject.draw(&mut canvas, air),
            Subject::Pet(subject) => subject.draw(&mut canvas, air),
            Subject::Table(subject) => subject.draw(&mut canvas, air),
        }
        if air.weather == Weather::Rain && air.drops && self.is_outdoors() {
            sky::rain(&mut canvas);
        }
        let (mut picture, regions) = canvas.finish();
        self.style.finish(&mut picture);
        (picture, regions)
    }

    fn light(&self) -> super::color::Color {
        let light = self.air.light();
        if self.is_outdoors() { light } else { light.light(0.5) }
    }

    /// Under the open sky.
    pub fn is_outdoors(&self) -> bool {
        match &self.subject {
            Subject::Table(_) => false,
            Subject::Portrait(portrait) => portrait.backdrop == Backdrop::Outdoors,
            Subject::Pet(pet) => pet.seat != Seat::Room,
            _ => true,
        }
    }

    /// What it shows, in words, with season and hour, without style.
    pub fn words(&self) -> String {
        let (subject, air) = (self.subject_words(), self.air_words());
        if air.is_empty() { subject } else { format!("{subject} {air}") }
    }

    /// What it shows, in words, without season, hour and style.
    pub fn subject_words(&self) -> String {
        match &self.subject {
            Subject::Landscape(subject) => subject.words(),
            Subject::Beach(subject) => subject.words(),
            Subject::Village(subject) => subject.words(),
            Subject::Street(subject) => subject.words(),
            Subject::City(subject) => subject.words(),
            Subject::Garden(subject) => subject.words(),
            Subject::Portrait(subject) => subject.words(),
            Subject::Pet(subject) => subject.words(),
            Subject::Table(subject) => subject.words(),
        }
    }

    fn air_words(&self) -> String {
        let close = matches!(self.kind(), Kind::Portrait | Kind::Pet | Kind::Table);
        if close {
            return String::new();
        }
        let season = match self.air.season {
            Season::Spring => "in spring",
            Season::Summer => "in summer",
            Season::Autumn => "in autumn",
            Season::Winter => "in winter",
        };
        let hour = match (self.air.weather, self.air.hour) {
            (Weather::Rain, _) => "in the rain",
            (Weather::Cloudy, Hour::Morning | Hour::Day | Hour::Evening) => "under a cloudy sky",
            (_, Hour::Morning) => "in the morning",
            (_, Hour::Day) => "in the sun",
            (_, Hour::Evening) => "in the evening",
            (_, Hour::Dusk) => "at dusk",
        };
        match self.wording % 4 {
            0 => season.to_owned(),
            1 => hour.to_owned(),
            2 => format!("{season} {hour}"),
            _ if self.air.weather == Weather::Rain => hour.to_owned(),
            _ => String::new(),
        }
    }

    /// A caption: style, what is to be seen, season and hour, in one of several wordings.
    pub fn caption(&self) -> String {
        let looks = self.style.look.words();
        let look = looks[(self.wording / 4) % looks.len()];
        format!("{look} {}", self.words()).trim_start().to_owned()
    }
}
