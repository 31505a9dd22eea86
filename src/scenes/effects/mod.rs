//! Effects: named edits of scenes, each with the exact picture after it and the words for it.
//!
//! 25 of them mirror TOP-Bench's sets by name ([`Effect::benchmark`]); the others widen what a model is trained on. Those
//! held out are never trained on, and no training text has their naming words: only an inversion can find them.
pub mod families;
pub mod globals;
pub mod locals;
pub mod more;
pub mod paint;
pub mod raster;
pub mod stage;
pub mod tone;
pub mod weather;

use super::dice::Dice;
use super::region::Regions;
use super::scene::Scene;
use crate::tensor::picture::Picture;
use tone::Tone;

/// Whether all of a picture changes, or one thing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// All of it.
    Global,
    /// One thing; the rest is the same to the last bit.
    Local,
}

/// A picture after as a function of the picture before and its regions.
pub type Filter = fn(&Picture, &Regions) -> Picture;

/// How the picture after comes about.
#[derive(Clone, Debug)]
pub enum After {
    /// Another scene is drawn.
    Scene(Scene),
    /// The picture before is changed.
    Filter(Filter),
    /// Another scene is drawn, and changed.
    Both(Scene, Filter),
    /// The picture before goes through a random curve.
    Tone(Tone),
}

/// What an effect does to one scene.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scene.
    pub before: Scene,
    /// What becomes of it.
    pub after: After,
    /// The wordings, where they depend on what was drawn ("make the car blue"); else the effect's own hold.
    pub phrasings: Vec<String>,
}

/// One edit.
#[derive(Debug)]
pub struct Effect {
    /// In snake_case.
    pub name: &'static str,
    /// What part of a picture changes.
    pub group: Group,
    /// Mirrors a set of TOP-Bench.
    pub benchmark: bool,
    /// Never trained on.
    pub held_out: bool,
    /// Does something else to every scene, and says what: no set of pairs has one edit in common.
    pub family: bool,
    /// How often it is drawn in training, 1 for most.
    pub weight: f32,
    /// Texts for it; the first is the benchmark's instruction.
    pub phrasings: &'static [&'static str],
    /// Words that name a held-out effect; no training text has them.
    pub naming: &'static [&'static str],
    /// Captions of the picture after, `{}` for what the scene shows; none: the changed scene's own caption.
    pub captions: &'static [&'static str],
    /// Sets up a scene and says what becomes of it.
    pub plan: fn(&mut Dice) -> Plan,
}

/// Pictures before and after one edit, and what each shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Before.
    pub before: Picture,
    /// After.
    pub after: Picture,
    /// What the picture before shows.
    pub caption_before: String,
    /// What the picture after shows.
    pub caption_after: String,
}

/// A pair and one text for its edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Name of the effect.
    pub effect: &'static str,
    /// The pictures and captions.
    pub pair: Pair,
    /// The text.
    pub instruction: String,
}

impl Effect {
    /// The scene of a seed and what becomes of it.
    pub fn plan(&self, seed: u64) -> Plan {
        (self.plan)(&mut Dice::named(seed, self.name))
    }

    /// A pair of `size`² pixels; the same for the same seed.
    ///
    /// # Panics
    /// When `size` is 0 or over 4096.
    pub fn pair(&self, seed: u64, size: usize) -> Pair {
        let plan = self.plan(seed);
        let caption_before = plan.before.caption();
        let caption_after = self.caption_after(&plan);
        let (before, after) = match &plan.after {
            After::Scene(scene) => (plan.before.draw(size), scene.draw(size)),
            After::Filter(filter) => {
                let (before, regions) = plan.before.draw_with_regions(size);
                let after = filter(&before, &regions);
                (before, after)
            }
            After::Both(scene, filter) => {
                let (dry, regions) = scene.draw_with_regions(size);
                (plan.before.draw(size), filter(&dry, &regions))
            }
            After::Tone(tone) => {
                let before = plan.before.draw(size);
                let after = tone.apply(&before);
                (before, after)
            }
        };
        Pair { before, after, caption_before, caption_after }
    }

    /// One of the texts for the pair of this seed.
    pub fn instruction(&self, seed: u64) -> String {
        let plan = self.plan(seed);
        let mut dice = Dice::named(seed, "instruction");
        if plan.phrasings.is_empty() {
            dice.pick(self.phrasings).to_owned()
        } else {
            let at = dice.below(plan.phrasings.len());
            plan.phrasings.into_iter().nth(at).unwrap_or_default()
        }
    }

    /// What the pictures before and after show, without drawing them.
    pub fn captions_of(&self, seed: u64) -> (String, String) {
        let plan = self.plan(seed);
        (plan.before.caption(), self.caption_after(&plan))
    }

    fn caption_after(&self, plan: &Plan) -> String {
        let shown = match &plan.after {
            After::Scene(scene) if self.captions.is_empty() => return scene.caption(),
            After::Tone(tone) => return format!("{} with {}", plan.before.words(), tone.words()),
            After::Scene(scene) => scene,
            After::Filter(_) | After::Both(..) => &plan.before,
        };
        if self.captions.is_empty() {
            return shown.caption();
        }
        let pattern = self.captions[plan.before.wording % self.captions.len()];
        pattern.replace("{}", &shown.subject_words())
    }
}

/// All effects: the benchmark's global and local ones in the paper's order, then the others.
pub fn effects() -> impl Iterator<Item = &'static Effect> + Clone {
    globals::GLOBALS.iter().chain(locals::LOCALS).chain(more::MORE).chain(families::FAMILIES)
}

/// The effect of a name.
pub fn effect(name: &str) -> Option<&'static Effect> {
    effects().find(|effect| effect.name == name)
}

/// Seeds below this are for training, seeds from here on for the benchmark.
const BENCHMARK: u64 = 1 << 63;

/// The seed of a pair of the benchmark: training never draws it.
pub fn benchmark_seed(seed: u64, index: u64) -> u64 {
    BENCHMARK | Dice::named(seed, "benchmark").seed().wrapping_add(index)
}

/// A trained effect, drawn by weight.
fn trained(dice: &mut Dice) -> &'static Effect {
    let trained = || effects().filter(|effect| !effect.held_out);
    let mut left = dice.unit() * trained().map(|effect| effect.weight).sum::<f32>();
    for effect in trained() {
        left -= effect.weight;
        if left < 0.0 {
            return effect;
        }
    }
    &globals::GLOBALS[0]
}

/// A pair and a text to train a base model on: effects by weight, held-out ones never.
///
/// # Panics
/// When `size` is 0 or over 4096.
pub fn training_sample(seed: u64, size: usize) -> Sample {
    let seed = seed & !BENCHMARK;
    let effect = trained(&mut Dice::named(seed, "effect"));
    Sample { effect: effect.name, pair: effect.pair(seed, size), instruction: effect.instruction(seed) }
}

/// The text of [`training_sample`], without drawing.
pub fn training_instruction(seed: u64) -> String {
    let seed = seed & !BENCHMARK;
    trained(&mut Dice::named(seed, "effect")).instruction(seed)
}

/// A picture and its caption to train a VAE or CLIP on: untouched scenes, and pictures after trained effects.
///
/// # Panics
/// When `size` is 0 or over 4096.
pub fn training_picture(seed: u64, size: usize) -> (Picture, String) {
    match captioned(seed & !BENCHMARK) {
        Captioned::Scene(scene) => (scene.draw(size), scene.caption()),
        Captioned::After(effect, seed) => {
            let pair = effect.pair(seed, size);
            (pair.after, pair.caption_after)
        }
    }
}

/// The caption of [`training_picture`], without drawing.
pub fn training_caption(seed: u64) -> String {
    match captioned(seed & !BENCHMARK) {
        Captioned::Scene(scene) => scene.caption(),
        Captioned::After(effect, seed) => effect.captions_of(seed).1,
    }
}

/// What is drawn for a seed.
enum Captioned {
    Scene(Box<Scene>),
    After(&'static Effect, u64),
}

fn captioned(seed: u64) -> Captioned {
    let mut dice = Dice::named(seed, "picture");
    match dice.chance(0.4) {
        true => Captioned::Scene(Box::new(Scene::random(dice.seed()))),
        false => Captioned::After(trained(&mut dice), seed),
    }
}
