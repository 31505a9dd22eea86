//! Scenes: drawn pictures that stay the same, edits that are seen and leave the rest alone, words that a model knows.
use super::reference::path;
use instructbrush::platform::files::read_picture;
use instructbrush::platform::pairs::read_pairs;
use instructbrush::scenes::effects::{After, benchmark_seed};
use instructbrush::scenes::region::{Region, Regions};
use instructbrush::scenes::scene::{Kind, Scene};
use instructbrush::scenes::{Effect, Group, effect, effects, training_picture, training_sample, vocabulary};
use instructbrush::tensor::picture::Picture;
use std::collections::{BTreeSet, HashSet};

/// `instructbrush scenes --effect midnight watercolor lava rain boy2girl glasses juice traffic_lights --pairs 3 --size 64
/// --sheet tests/golden/scenes.png`; sines and powers differ in the last bit between platforms, so that a few pixels may
/// differ by one.
#[test]
fn pictures_stay_the_same() {
    let golden = read_picture(&path("tests/golden/scenes.png")).unwrap();
    let names = ["midnight", "watercolor", "lava", "rain", "boy2girl", "glasses", "juice", "traffic_lights"];
    for (row, name) in names.into_iter().enumerate() {
        for column in 0..3 {
            let pair = effect(name).unwrap().pair(benchmark_seed(0, column as u64), 64);
            for (side, picture) in [&pair.before, &pair.after].into_iter().enumerate() {
                let wanted = golden.crop(4 + column * 132 + side * 64, 4 + row * 68, 64, 64).unwrap();
                let psnr = picture.psnr(&wanted).unwrap();
                assert!(psnr > 50.0, "{name}, pair {column}, side {side}: {psnr:.1} dB from tests/golden/scenes.png");
            }
        }
    }
}

/// `instructbrush scenes --effect midnight --pairs 10 --tests 5 --seed 4 --out web/samples/midnight`, and so on.
#[test]
fn the_pages_samples_are_drawn() {
    let samples = path("web/samples");
    for name in std::fs::read_dir(&samples).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let effect = effect(&name).unwrap();
        for (folder, first) in [("", 0), ("test", 1 << 32)] {
            let pairs = read_pairs(&samples.join(&name).join(folder)).unwrap();
            for (i, pair) in pairs.iter().enumerate() {
                let drawn = effect.pair(benchmark_seed(4, first + i as u64), 128);
                for (ours, theirs) in [(&drawn.before, &pair.before), (&drawn.after, &pair.after)] {
                    let psnr = ours.psnr(theirs).unwrap();
                    assert!(psnr > 50.0, "{name}, {folder} {}: {psnr:.1} dB from the sample", pair.name);
                }
            }
        }
    }
}

#[test]
fn a_seed_decides_everything_and_a_size_only_the_size() {
    for seed in 0..18 {
        let scene = Scene::random(seed);
        assert_eq!(scene, Scene::random(seed));
        let small = scene.draw(64);
        assert_eq!(small, scene.draw(64));
        assert_eq!(small, scene.draw_with_regions(64).0, "asking for regions changes no pixel");
        let psnr = scene.draw(256).resize(64, 64).psnr(&small).unwrap();
        assert!(psnr > 27.0, "{}: drawn at 256 and reduced it differs: {psnr:.1} dB", scene.caption());
        assert_eq!(training_sample(seed, 64), training_sample(seed, 64));
        assert_eq!(training_picture(seed, 64), training_picture(seed, 64));
    }
    let kinds: HashSet<Kind> = (0..200).map(|seed| Scene::random(seed).kind()).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "every kind is drawn");
}

#[test]
fn every_effect_is_seen_on_every_scene() {
    for effect in effects() {
        for seed in 0..24 {
            let pair = effect.pair(seed, 64);
            let psnr = pair.before.psnr(&pair.after).unwrap();
            let (name, caption) = (effect.name, &pair.caption_before);
            assert!((3.0..38.0).contains(&psnr), "{name}, seed {seed} ({caption}): {psnr:.1} dB of change");
            if effect.group == Group::Local {
                let (width, height) = changed_box(&pair.before, &pair.after);
                assert!(width.min(height) >= 6, "{name}, seed {seed}: {width}×{height} of 64² pixels change");
            }
        }
    }
}

/// Width and height of what differs visibly.
fn changed_box(a: &Picture, b: &Picture) -> (usize, usize) {
    let differs = |at: &usize| (0..3).any(|channel| a.rgb[3 * at + channel].abs_diff(b.rgb[3 * at + channel]) > 12);
    let changed: Vec<usize> = (0..a.width * a.height).filter(differs).collect();
    let extent = |of: fn(usize, usize) -> usize| {
        let places = || changed.iter().map(|&at| of(at, a.width));
        places().max().zip(places().min()).map_or(0, |(most, least)| most - least + 1)
    };
    (extent(|at, width| at % width), extent(|at, width| at / width))
}

/// People, animals and things apart from whatever stands behind them: no shadow, so no change, falls there.
#[test]
fn a_local_effect_leaves_the_rest_alone() {
    const BEHIND: [Region; 5] = [Region::Sky, Region::Far, Region::Grass, Region::Plant, Region::Wall];
    let mut n_compared = 0;
    for effect in effects().filter(|effect| effect.benchmark && effect.group == Group::Local) {
        for seed in 0..12 {
            let plan = effect.plan(seed);
            let After::Scene(after) = &plan.after else {
                panic!("{}: a local effect draws another scene", effect.name)
            };
            let ((a, a_regions), (b, b_regions)) = (plan.before.draw_with_regions(128), after.draw_with_regions(128));
            let alone = |regions: &Regions| regions.cover(&BEHIND);
            let (a_alone, b_alone) = (alone(&a_regions), alone(&b_regions));
            for at in 0..128 * 128usize {
                // A pixel and its neighbours: an outline may be soft on one that no quarter of it belongs to.
                let near = [at, at.saturating_sub(1), (at + 1) % 16384, at.saturating_sub(128), (at + 128) % 16384];
                if near.iter().all(|&at| a_alone[at] == 1.0 && b_alone[at] == 1.0) {
                    let [x, y] = [&a, &b].map(|picture| &picture.rgb[3 * at..][..3]);
                    assert_eq!(x, y, "{}, seed {seed}: pixel ({}, {})", effect.name, at % 128, at / 128);
                    n_compared += 1;
                }
            }
            let same = a.rgb.chunks(3).zip(b.rgb.chunks(3)).filter(|(a, b)| a == b).count();
            assert!(same > 128 * 128 / 2, "{}, seed {seed}: only {same} pixels stay", effect.name);
        }
    }
    assert!(n_compared > 400_000, "{n_compared}");
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// All that is said of and about an effect's pairs.
fn texts(effect: &Effect, seeds: u64) -> Vec<String> {
    let mut texts: Vec<String> = effect.phrasings.iter().map(ToString::to_string).collect();
    for seed in 0..seeds {
        let (before, after) = effect.captions_of(seed);
        texts.extend([before, after, effect.instruction(seed)]);
    }
    texts
}

#[test]
fn every_word_is_in_the_vocabulary_and_every_word_of_it_is_used() {
    let known: BTreeSet<&str> = vocabulary::words().collect();
    assert!(known.len() <= 350 && vocabulary::words().is_sorted() && known.len() == vocabulary::words().count());
    let mut said: Vec<String> = effects().flat_map(|effect| texts(effect, 250)).collect();
    said.extend((0..4000).map(|seed| Scene::random(seed).caption()));
    for text in &said {
        let listed: Vec<&str> = words(text).collect();
        let wrong = |pair: &[&str]| {
            let vowel = pair[1].starts_with(['a', 'e', 'i', 'o', 'u']);
            (pair[0] == "a" && vowel) || (pair[0] == "an" && !vowel) || pair[0] == pair[1]
        };
        assert!(!listed.windows(2).any(wrong), "{text}");
    }
    let said: BTreeSet<&str> = said.iter().flat_map(|text| words(text)).collect();
    let unknown: Vec<_> = said.difference(&known).collect();
    assert!(unknown.is_empty(), "add to src/scenes/vocabulary.rs: {unknown:?}");
    let unused: Vec<_> = known.difference(&said).collect();
    assert!(unused.is_empty(), "nothing says {unused:?}: take them out of src/scenes/vocabulary.rs");
}

#[test]
fn what_is_held_out_is_never_named_in_training() {
    let held_out: Vec<&Effect> = effects().filter(|effect| effect.held_out).collect();
    let names: Vec<_> = held_out.iter().map(|effect| effect.name).collect();
    assert_eq!(names, ["lava", "glasses", "cake", "teal_orange", "vintage_fade"]);
    let naming: HashSet<&str> = held_out.iter().flat_map(|effect| effect.naming).copied().collect();
    for effect in &held_out {
        let named = |text: &&str| words(text).any(|word| effect.naming.contains(&word));
        assert!(effect.phrasings.iter().all(named), "{}: every phrasing names it", effect.name);
    }
    let mut trained: Vec<String> =
        effects().filter(|effect| !effect.held_out).flat_map(|effect| texts(effect, 120)).collect();
    trained.extend((0..2000).map(|seed| Scene::random(seed).caption()));
    for text in &trained {
        assert!(!words(text).any(|word| naming.contains(word)), "a training text names a held-out effect: {text}");
    }
    let shipped = include_str!("../../web/models/demo/phrases.json");
    let shipped = words(shipped).find(|word| naming.contains(word));
    assert_eq!(shipped, None, "a phrase of the shipped model names a held-out effect");
    for seed in 0..400 {
        let sample = training_sample(seed, 8);
        assert!(!names.contains(&sample.effect));
        let (_, caption) = training_picture(seed, 8);
        for text in [&sample.instruction, &sample.pair.caption_before, &sample.pair.caption_after, &caption] {
            assert!(!words(text).any(|word| naming.contains(word)), "seed {seed}: {text}");
        }
    }
}

#[test]
fn the_benchmark_has_the_papers_effects_and_seeds_of_its_own() {
    let of = |group: Group| effects().filter(|effect| effect.benchmark && effect.group == group).count();
    assert_eq!((of(Group::Global), of(Group::Local)), (14, 11));
    let names: HashSet<&str> = effects().map(|effect| effect.name).collect();
    assert_eq!(names.len(), effects().count(), "names are unique");
    let firsts: HashSet<&str> = effects().filter(|effect| effect.benchmark).map(|effect| effect.phrasings[0]).collect();
    assert_eq!(firsts.len(), 25, "an instruction means one effect");
    for effect in effects().filter(|effect| effect.benchmark) {
        assert!((3..=8).contains(&effect.phrasings.len()), "{}: {} phrasings", effect.name, effect.phrasings.len());
    }
    let trained: HashSet<&str> = (0..3000).map(|seed| training_sample(seed, 1).effect).collect();
    let wanted: HashSet<&str> = effects().filter(|effect| !effect.held_out).map(|effect| effect.name).collect();
    assert_eq!(trained, wanted, "every effect that is not held out is trained on");
    for seed in [0, 1, u64::MAX] {
        let benchmark = benchmark_seed(seed, 3);
        assert!(benchmark >> 63 == 1 && benchmark != benchmark_seed(seed, 4));
        // Training never draws from a benchmark's seed, not even when it is asked to.
        assert_eq!(training_sample(benchmark, 8), training_sample(benchmark & (u64::MAX >> 1), 8));
    }
}
