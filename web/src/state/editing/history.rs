//! History: what came out of a photo, one result after another; it can be gone back through.
use std::collections::VecDeque;

/// Older results are forgotten: each holds a picture in memory.
pub const MOST: usize = 20;

/// Results, and which of them is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct History<T> {
    kept: VecDeque<T>,
    /// How many of them are done; those after it were undone.
    at: usize,
}

impl<T> History<T> {
    /// Nothing done.
    pub fn new() -> Self {
        Self { kept: VecDeque::new(), at: 0 }
    }

    /// Adds a result and shows it; what was undone is forgotten.
    pub fn push(&mut self, result: T) {
        self.kept.truncate(self.at);
        self.kept.push_back(result);
        while self.kept.len() > MOST {
            self.kept.pop_front();
        }
        self.at = self.kept.len();
    }

    /// The result that is shown; `None`: the photo as it was.
    pub fn shown(&self) -> Option<&T> {
        self.kept.get(self.at.checked_sub(1)?)
    }

    /// Whether there is anything, undone or not.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        self.at > 0
    }

    /// Whether something was taken back.
    pub fn can_redo(&self) -> bool {
        self.at < self.kept.len()
    }

    /// Which result is shown, from 1, and how many there are.
    pub fn place(&self) -> (usize, usize) {
        (self.at, self.kept.len())
    }

    /// Takes one back.
    pub fn undo(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Brings one back.
    pub fn redo(&mut self) {
        self.at = (self.at + 1).min(self.kept.len());
    }
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{History, MOST};

    #[test]
    fn goes_back_and_forth() {
        let mut history = History::new();
        assert_eq!((history.shown(), history.can_undo(), history.can_redo()), (None, false, false));
        history.push('a');
        history.push('b');
        history.undo();
        assert_eq!((history.shown(), history.can_redo(), history.place()), (Some(&'a'), true, (1, 2)));
        history.undo();
        history.undo();
        assert_eq!((history.shown(), history.can_undo(), history.is_empty()), (None, false, false));
        history.redo();
        history.redo();
        history.redo();
        assert_eq!((history.shown(), history.can_redo()), (Some(&'b'), false));
    }

    #[test]
    fn a_new_result_ends_what_was_undone() {
        let mut history = History::new();
        ['a', 'b', 'c'].into_iter().for_each(|result| history.push(result));
        history.undo();
        history.undo();
        history.push('d');
        assert_eq!((history.shown(), history.place(), history.can_redo()), (Some(&'d'), (2, 2), false));
    }

    #[test]
    fn keeps_no_more_than_it_may() {
        let held = std::rc::Rc::new(());
        let mut history = History::new();
        (0..10 * MOST).for_each(|_| history.push(held.clone()));
        assert_eq!((history.place(), std::rc::Rc::strong_count(&held)), ((MOST, MOST), MOST + 1));
        (0..2 * MOST).for_each(|_| history.undo());
        assert!(history.shown().is_none());
    }
}
