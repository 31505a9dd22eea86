//! Template: from the unique phrases of both sets to the initial instruction (method.md section 3, step 4).

/// Words the initial instruction; empty when neither set has a phrase of its own.
pub fn instruction_of(before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(x), Some(y)) => format!("turn {x} into {y}"),
        (None, Some(y)) => format!("turn it into {y}"),
        (Some(x), None) => format!("remove {x}"),
        (None, None) => String::new(),
    }
}

/// As [`instruction_of`], but never longer than the text encoder's context: phrases that each fit may not fit
/// together, and then what the after pictures show matters more than what it replaces.
pub fn fitting_instruction(before: Option<&str>, after: Option<&str>, fits: impl Fn(&str) -> bool) -> String {
    [(before, after), (None, after), (before, None)]
        .into_iter()
        .map(|(x, y)| instruction_of(x, y))
        .find(|text| fits(text))
        .unwrap_or_default()
}
