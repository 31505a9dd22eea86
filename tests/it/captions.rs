//! Captions: rows behind the words of a start begin as the words of the after pictures' caption.
use super::inversion::{START, check_bits, latent_pairs, run, sample, settings};
use super::reference::{base, engine};
use instructbrush::instruction::course::Course;
use instructbrush::instruction::file::Precision;
use instructbrush::instruction::inversion::{Inversion, Settings};
use instructbrush::instruction::{Rows, Space};
use instructbrush::service::job::{Event, InvertJob, Reply, Start};

/// As many as there is room for; the rest stays the start text's.
#[test]
fn the_rows_behind_the_words_are_the_captions() {
    let base = base("demo");
    let caption = "a cat and a snowy field and a house";
    let (start, heard) = (base.hear(START).unwrap(), base.hear(caption).unwrap());
    let [text, of_caption] = [&start, &heard].map(|heard| base.unet().unwrap().project(heard.context.clone()));
    let (behind, all) = (1 + start.words, start.words + heard.words);
    let pairs = latent_pairs(&base, "dog2cat", 64);
    for (rows, tokens, room) in [(Rows::AfterBos, all + 2, heard.words), (Rows::First, all - 2, heard.words - 3)] {
        let settings = Settings { segments: 3, at_once: 2, rows, tokens, ..settings() };
        let learned = |settings: Settings| {
            let inversion = Inversion::new(&base, pairs.clone(), START, settings).unwrap();
            inversion.with_caption(caption).unwrap().heard().segments
        };
        for (layer, (text, caption)) in learned(settings).iter().flat_map(|layers| {
            assert_eq!(layers.len(), text.len());
            layers.iter().zip(text.iter().zip(&of_caption))
        }) {
            for (got, text, caption) in
                [(&layer.key, &text.key, &caption.key), (&layer.value, &text.value, &caption.value)]
            {
                let [_, tokens, _] = got.dims();
                let part = |x: &burn::tensor::Tensor<3>, from: usize, to: usize| x.clone().narrow(1, from, to - from);
                check_bits(&part(got, 0, behind), &part(text, 0, behind));
                check_bits(&part(got, behind, behind + room), &part(caption, 1, 1 + room));
                check_bits(&part(got, behind + room, tokens), &part(text, behind + room, tokens));
            }
        }
        // learned as text, the same rows are heard
        let by_text = learned(Settings { space: Space::Text, ..settings });
        for (by_text, by_rows) in by_text.iter().flatten().zip(learned(settings).iter().flatten()) {
            let numbers = |x: &burn::tensor::Tensor<3>| super::reference::read(x.clone());
            assert!(super::reference::relative(&numbers(&by_text.key), &numbers(&by_rows.key)) < 1e-5);
        }
    }
}

#[test]
fn three_pairs_are_learned_from_with_their_caption() {
    let mut engine = engine();
    let of = |effect: &str, pairs: usize| InvertJob {
        steps_per_segment: Some(2),
        segments: 2,
        course: Some(Course::Quick),
        size: Some(64),
        ..InvertJob::new(sample(effect).into_iter().take(pairs).collect())
    };
    let job = |pairs: usize| of("midnight", pairs);
    let mut began = |job: InvertJob| {
        let (mut told, mut state) = (None, None);
        let learned = run(&mut engine, job, |event| {
            match event {
                Event::Started { text, caption, tokens } => told = Some((text.clone(), caption.clone(), *tokens)),
                Event::State { bytes, .. } => state = Some(bytes.clone()),
                Event::Learned { step: 1, .. } => return Reply::SaveState,
                _ => {}
            }
            Reply::Continue
        });
        (learned.unwrap().instruction, told.unwrap(), state)
    };
    let (whole, (text, caption, tokens), state) = began(job(3));
    assert!(state.is_some());
    let words = |text: &str| text.split_whitespace().count(); // the golden model has a token for each
    assert!(words(&text) > 0 && words(&caption) > 4, "\"{text}\" and \"{caption}\"");
    assert_eq!((tokens, whole.about.tokens), (words(&text) + words(&caption), tokens));
    assert_eq!(whole.about.start, text, "the caption is a beginning, not the start text");
    let (resumed, told, _) = began(InvertJob { resume: state, ..job(3) });
    assert_eq!(told, (text, String::new(), tokens), "a run that goes on needs no caption");
    assert!(resumed.encode(Precision::F32).unwrap() == whole.encode(Precision::F32).unwrap());
    // a start without words, in which its pads would be learned, and BOS, which is one row more where it is learned
    let (_, (text, caption, rows), _) = began(of("dog2cat", 3));
    assert_eq!((text.as_str(), rows), ("", words(&caption)));
    let (_, (.., first), _) = began(InvertJob { rows: Rows::First, ..job(3) });
    assert_eq!(first, tokens + 1);
    for (without, rows) in [
        (job(2), Course::Quick.pace().least_rows),
        (InvertJob { start: Start::Text(START.into()), ..job(3) }, Course::Quick.pace().least_rows),
        (InvertJob { start: Start::Nothing, tokens: 4, ..job(3) }, 4),
    ] {
        let (_, (_, caption, tokens), _) = began(without);
        assert_eq!((caption.as_str(), tokens), ("", rows));
    }
}
