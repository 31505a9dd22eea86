//! Begin: what learning starts from, and how many rows are learned.
use super::engine::{Engine, OnEvent, tell};
use super::job::{Event, InvertJob, PhraseSettings, Start};
use crate::Result;
use crate::instruction::phrases::PhraseReport;
use crate::models::weights::WeightSource;

/// What learning begins with.
pub(super) struct Beginning {
    /// The initial instruction.
    pub(super) text: String,
    /// What the rows behind its words begin as; may be empty.
    pub(super) caption: String,
    /// How many rows are learned.
    pub(super) tokens: usize,
}

impl InvertJob {
    /// Whether rows begin as the after pictures' caption: see
    /// [`Pace::captioned_from`](crate::instruction::course::Pace::captioned_from).
    pub(super) fn is_captioned(&self) -> bool {
        let from = self.course.unwrap_or_default().pace().captioned_from;
        self.start == Start::Auto && from.is_some_and(|from| self.pairs.len() >= from)
    }
}

impl<S: WeightSource> Engine<S> {
    /// Finds it.
    pub(super) async fn begin(&mut self, job: &InvertJob, on_event: OnEvent<'_>) -> Result<Beginning> {
        let (mut text, mut caption) = (String::new(), String::new());
        match &job.start {
            Start::Nothing => {}
            Start::Text(typed) => text.clone_from(typed),
            Start::Auto if self.has_clip().await? => {
                let report = self.phrases(&job.pairs, &job.phrases, on_event).await?;
                if job.is_captioned() {
                    caption = self.caption(&report, &job.phrases);
                }
                text = report.instruction;
            }
            Start::Caption => {
                let phrases = PhraseSettings { direct: false, ..job.phrases.clone() };
                let report = self.phrases(&job.pairs, &phrases, on_event).await?;
                text = self.caption(&report, &phrases);
            }
            Start::Auto => {
                let why = "the base model has no clip/ folder to find phrases with (--clip names one)";
                tell(on_event, Event::Warning(format!("{why}: learning starts from the empty prompt")))?;
            }
        }
        self.listen(&["", &text, &caption], on_event).await?;
        let (heard, of_caption) = (self.base.hear(&text)?, self.base.hear(&caption)?.words);
        let [_, all, _] = heard.context.dims();
        let first = job.rows.first();
        // the caption's words come behind the text's own, and behind BOS where that is learned too
        let with_caption = if of_caption == 0 { 0 } else { 1 - first + heard.words + of_caption };
        let least = match heard.words {
            0 => job.tokens,
            words => words.max(job.course.unwrap_or_default().pace().least_rows.min(all - first)),
        };
        Ok(Beginning { text, caption, tokens: least.max(with_caption.min(all - first)) })
    }

    /// The caption of the after pictures, as far as the base model hears it.
    fn caption(&self, report: &PhraseReport, phrases: &PhraseSettings) -> String {
        let separator = phrases.search(self.recommended.phrase_separator.as_deref()).separator;
        report.caption_after(&separator, |text| self.base.tokenizer.encode(text).is_ok_and(|text| !text.truncated))
    }
}
