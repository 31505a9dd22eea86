//! Plans: what they count against what containers and allocators have.
use super::reference::{self, checkpoint};
use burn::tensor::Device;
use instructbrush::models::config::ClipTextConfig;
use instructbrush::models::packed::pack::Precision;
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::service::plan::{Allowance, Kept, Planner, Work};
use instructbrush::{Error, Result};

const GB: u64 = 1_000_000_000;

/// InstructPix2Pix's configs, as its repository has them, and CLIP ViT-L/14's where it is wanted.
struct FullSize {
    clip: bool,
}

const CLIP: &[u8] = br#"{"model_type": "clip", "projection_dim": 768,
    "text_config": {"vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
        "num_attention_heads": 12, "max_position_embeddings": 77, "hidden_act": "quick_gelu"},
    "vision_config": {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
        "num_attention_heads": 16, "image_size": 224, "patch_size": 14, "hidden_act": "quick_gelu"}}"#;

impl WeightSource for FullSize {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let text: &[u8] = match path {
            "unet/config.json" => include_bytes!("../../benches/full_size_unet.json"),
            "vae/config.json" => include_bytes!("../../benches/full_size_vae.json"),
            "text_encoder/config.json" => include_bytes!("../../benches/full_size_text_encoder.json"),
            "clip/config.json" if self.clip => CLIP,
            _ => return Ok(None),
        };
        Ok(Some(text.to_vec()))
    }

    async fn fill(&mut self, _: Part, _: &mut Weights) -> Result<()> {
        unreachable!("a plan needs no weights")
    }
}

fn full_size(precision: Precision) -> Planner {
    planner(FullSize { clip: false }, precision)
}

fn planner(mut configs: FullSize, precision: Precision) -> Planner {
    pollster::block_on(Planner::new(&mut configs, Kept::In(precision), &Device::flex())).unwrap()
}

/// The figures of the issue, and a plan that follows from them; `cargo bench --bench gpu` has the allocator's.
#[test]
fn a_full_size_model_edits_in_2_gb_and_learns_in_4_where_there_is_room() {
    let planner = full_size(Precision::Q8);
    let plan = planner.plan(512);
    assert!(
        (1_500_000_000..=2 * GB).contains(&plan.edit) && plan.learn <= 4 * GB && plan.largest <= 128 << 20,
        "{plan:?}"
    );
    assert!((256..=1024).step_by(64).map(|side| planner.plan(side).edit).is_sorted());

    let gives = |memory, buffer| Allowance { memory, buffer };
    let tight = gives(Some(2 * GB), Some(128 << 20));
    planner.check(512, Work::Edit, tight).unwrap();
    let largest = planner.fits(1024, Work::Edit, tight).unwrap();
    planner.check(largest, Work::Edit, tight).unwrap();
    let said = |checked: Result<()>| {
        let error = checked.unwrap_err();
        assert!(matches!(error, Error::Usage(_)), "{error:?}");
        error.to_string()
    };
    let sentence = said(planner.check(largest + 64, Work::Edit, tight));
    assert!(sentence.contains("gives 2.0 GB") && sentence.contains(&format!("choose {largest} pixels")), "{sentence}");
    let learns = planner.fits(1024, Work::LEARN, tight).unwrap();
    assert!(learns <= largest, "learning at {learns}, editing at {largest}");
    let sentence = said(full_size(Precision::F32).check(512, Work::Edit, gives(Some(4 << 30), None)));
    assert!(sentence.contains("4.6 GB") && sentence.contains("fewer bits"), "{sentence}");
    let sentence = said(planner.check(512, Work::LEARN, gives(None, Some(16 << 20))));
    assert!(sentence.contains("takes buffers of 4") && sentence.contains("17 MB"), "{sentence}");
    // the last up block's 960 channels of three rows
    assert!(planner.plan(896).largest > 128 << 20);
    planner.check(832, Work::Edit, gives(None, Some(128 << 20))).unwrap();
    let sentence = said(planner.check(1024, Work::Edit, gives(None, Some(128 << 20))));
    assert!(sentence.contains("choose 832 pixels"), "{sentence}");
}

/// The phrase search has CLIP's 428 million numbers beside everything else: that counts where pictures are small.
#[test]
fn a_plan_counts_the_clip_that_looks_for_a_start() {
    let (without, with) = (full_size(Precision::Q8), planner(FullSize { clip: true }, Precision::Q8));
    let more = with.plan(64).learn - without.plan(64).learn;
    assert!((100_000_000..600_000_000).contains(&more), "{more}");
    assert_eq!(with.plan(64).edit, without.plan(64).edit);
    assert_eq!(with.plan(768), without.plan(768), "the UNet takes more by then");
    let largest_text = 77 * ClipTextConfig::parse(CLIP).unwrap().texts_at_once(77) * 3072 * 4;
    assert!(largest_text <= 32 << 20, "a batch of texts is no large buffer: {largest_text}");
}

/// Weights are counted as they lie on the device, be it from a container's table or from what `convert` would do.
#[test]
fn a_plan_counts_the_bytes_that_weights_take() {
    let planned = |precision: Precision| {
        let (mut source, device) = (checkpoint("demo"), reference::device());
        let planner = Planner::new(&mut source, Kept::In(precision), &device);
        pollster::block_on(planner).unwrap().plan(64).edit
    };
    let taken = |precision: Precision| -> u64 {
        let folder = super::packed::converted("demo", precision);
        let mut source = super::packed::open(&folder).unwrap();
        let (index, device) = (source.index().clone(), reference::device());
        let planner = Planner::new(&mut source, Kept::As(&index), &device);
        assert_eq!(pollster::block_on(planner).unwrap().plan(64).edit, planned(precision), "{precision:?}");
        let parts = [Part::UNet, Part::Vae, Part::TextEncoder].map(|part| {
            let mut weights = Weights::new(part.folder(), &device);
            pollster::block_on(source.fill(part, &mut weights)).unwrap();
            weights.bytes()
        });
        parts.iter().sum()
    };
    for precision in [Precision::Q8, Precision::Q4, Precision::F16] {
        let (planned, taken) = (planned(Precision::F32) - planned(precision), taken(Precision::F32) - taken(precision));
        // a tensor of several pieces is rounded up to whole words in each
        assert!(planned.abs_diff(taken) < 1000, "{precision:?}: {planned} planned, {taken} taken");
    }
}
