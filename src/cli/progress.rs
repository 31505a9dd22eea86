//! Progress: what is going on and how long it will take, on stderr: a bar for a person, a line now and then for a log.
use super::print;
use crate::service::job::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often a log hears of steps.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Shows events.
pub struct Progress {
    view: View,
    /// What the steps belong to: a picture's name, or nothing.
    subject: String,
    /// When and after which step the counting of time began: a resumed run does not begin with 0.
    began: Option<(Instant, usize)>,
    /// Whether the bar belongs to learning: then sampling steps are those of a trial on the held-out pairs.
    learning: bool,
    /// Whether a log hears only of what is learned and said: a benchmark does the small things hundreds of times.
    terse: bool,
    loss: Option<f64>,
    psnr: Option<f64>,
}

enum View {
    Bar(ProgressBar),
    /// When steps were last heard of, and what else was said last.
    Log {
        said: Option<Instant>,
        sentence: String,
    },
    Nothing,
}

impl Progress {
    /// A bar if stderr is a terminal, lines if it is not, nothing if the user wants quiet.
    pub fn new(quiet: bool) -> Self {
        let view = if quiet {
            View::Nothing
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(spinner());
            bar.enable_steady_tick(Duration::from_millis(150));
            View::Bar(bar)
        } else {
            View::Log { said: None, sentence: String::new() }
        };
        Self { view, subject: String::new(), began: None, learning: false, terse: false, loss: None, psnr: None }
    }

    /// The same, but a log hears only of what is learned and said.
    pub fn terse(mut self) -> Self {
        self.terse = true;
        self
    }

    /// Begins something new, which the steps to come belong to: "photo.jpg (3 of 20)".
    pub fn begin(&mut self, subject: String) {
        self.subject = subject;
        self.began = None;
        if let View::Log { said, .. } = &mut self.view {
            *said = None;
        }
        let subject = self.subject.clone();
        self.show_sentence(&subject);
    }

    /// Shows what happened.
    pub fn show(&mut self, event: &Event) {
        let is_small = matches!(event, Event::Loading { .. } | Event::Doing(_) | Event::Step { .. });
        if self.terse && is_small && matches!(self.view, View::Log { .. }) {
            self.learning &= !matches!(event, Event::Doing(_));
            return;
        }
        match event {
            // a log of many pictures does not say of each what came and went
            Event::Loading { .. } if !self.subject.is_empty() && matches!(self.view, View::Log { .. }) => {}
            Event::Loading { part } => self.show_sentence(&format!("loading {part}")),
            Event::Doing(sentence) => {
                // While learning nothing else is done: what comes now is another thing.
                (self.learning, self.loss, self.began) = (false, None, None);
                self.show_sentence(sentence);
            }
            Event::Warning(sentence) => self.say(&format!("warning: {sentence}")),
            Event::Started { text, caption, tokens } => {
                self.learning = true;
                let mut start = if text.is_empty() { "the empty prompt".to_owned() } else { format!("\"{text}\"") };
                if !caption.is_empty() {
                    start.push_str(&format!(" with \"{caption}\" behind it"));
                }
                self.say(&format!("learning starts from {start}, {}", counted(*tokens, "token")));
            }
            Event::Step { step, steps } if self.learning => self.show_trial(*step, *steps),
            Event::Step { step, steps } => self.show_step(*step, *steps),
            Event::Learned { step, steps, loss } => {
                self.loss = Some(*loss);
                self.show_step(*step, *steps);
            }
            Event::HeldOut { step, psnr, best } => {
                self.psnr = Some(*psnr);
                let best = if *best { ", the best so far" } else { "" };
                self.say(&format!("step {step}: {psnr:.2} dB on the held-out pairs{best}"));
            }
            Event::State { .. } | Event::Preview { .. } => {}
        }
    }

    /// Says something that stays on the screen, even to a user who wants quiet: warnings and errors.
    pub fn warn(&self, sentence: &str) {
        match &self.view {
            View::Bar(bar) => bar.suspend(|| print::note(sentence)),
            _ => print::note(sentence),
        }
    }

    /// Says something that stays on the screen, unless the user wants quiet.
    pub fn say(&self, sentence: &str) {
        match &self.view {
            View::Bar(bar) => bar.suspend(|| print::note(sentence)),
            View::Log { .. } => print::note(sentence),
            View::Nothing => {}
        }
    }

    /// Clears the way for a result on stdout, which may be the same terminal.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.view {
            View::Bar(bar) => bar.suspend(print),
            _ => print(),
        }
    }

    fn show_sentence(&mut self, sentence: &str) {
        match &mut self.view {
            View::Bar(bar) => {
                bar.set_style(spinner());
                bar.set_message(sentence.to_owned());
            }
            // What is done again and again is said once.
            View::Log { sentence: last, .. } if last != sentence => {
                print::note(sentence);
                sentence.clone_into(last);
            }
            View::Log { .. } | View::Nothing => {}
        }
    }

    /// The bar stays where it is.
    fn show_trial(&self, step: usize, steps: usize) {
        if let View::Bar(bar) = &self.view {
            bar.set_message(format!("trying it on the held-out pairs, step {step} of {steps}"));
        }
    }

    fn show_step(&mut self, step: usize, steps: usize) {
        let now = Instant::now();
        // The first step in sight is no measure: it pays for compiling kernels.
        let (since, first) = *self.began.get_or_insert((now, step));
        let left = time_left(now.duration_since(since), step.saturating_sub(first), steps.saturating_sub(step));
        let figures = [
            self.loss.map(|loss| format!("loss {loss:.4}")),
            self.psnr.map(|psnr| format!("held-out {psnr:.2} dB")),
            left.map(|left| format!("{} left", in_words(left))),
        ];
        let figures = figures.into_iter().flatten().collect::<Vec<_>>().join(", ");
        match &mut self.view {
            View::Bar(bar) => {
                // The style last: what stood there before would show in it.
                bar.set_message(figures);
                bar.set_prefix(self.subject.clone());
                bar.set_length(steps as u64);
                bar.set_position(step as u64);
                bar.set_style(steps_bar());
            }
            View::Log { said, .. } => {
                // An edit of a second is told by its result.
                let first = said.is_none() && self.learning;
                let due = now.duration_since(said.unwrap_or(since)) >= LOG_EVERY;
                if first || due || (step == steps && said.is_some()) {
                    *said = Some(now);
                    let separator = if figures.is_empty() { "" } else { ": " };
                    print::note(&format!("step {step} of {steps}{separator}{figures}"));
                }
            }
            View::Nothing => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
    }
}

/// Time left when `done` steps took `spent`; none before there is a measure.
fn time_left(spent: Duration, done: usize, left: usize) -> Option<Duration> {
    (done > 0 && left > 0).then(|| Duration::from_secs_f64(spent.as_secs_f64() / done as f64 * left as f64))
}

/// "40 s", "12 min", "2 h 05 min".
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// "1 token", "5 tokens".
pub fn counted(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn spinner() -> ProgressStyle {
    style("{spinner} {wide_msg}")
}

fn steps_bar() -> ProgressStyle {
    style("{spinner} {prefix} {bar:24} {pos}/{len}  {wide_msg}")
}

/// The templates above are constants; were one wrong, the default style would still show progress.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_left_in_proportion_and_said_in_words() {
        assert_eq!(time_left(Duration::from_secs(9), 0, 5), None);
        assert_eq!(time_left(Duration::from_secs(9), 3, 4), Some(Duration::from_secs(12)));
        for (seconds, words) in [(1, "1 s"), (119, "119 s"), (121, "3 min"), (7500, "2 h 05 min")] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
