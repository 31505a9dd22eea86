//! Icons: the drawings of the edit panel's buttons.

/// An arrow back.
pub const UNDO: &str = "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6v1";
/// An arrow forth.
pub const REDO: &str = "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6v1";
/// A plus.
pub const PLUS: &str = "M12 5v14M5 12h14";
/// A minus.
pub const MINUS: &str = "M5 12h14";
/// An eye.
pub const EYE: &str = "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z";
/// A picture on its way onwards.
pub const ONWARDS: &str = "M4 5h9v14H4zM13 12h8M18 9l3 3-3 3";
/// A tick.
pub const DONE: &str = "M5 12.5l4.5 4.5L19 7.5";
/// An exclamation mark.
pub const FAILED: &str = "M12 5v9M12 18v.5";
/// A clock.
pub const WAITS: &str = "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2";
