//! Inspect: what an instruction file says about itself, for people and for programs.
use super::args::read_instruction;
use super::print;
use crate::Result;
use crate::instruction::Instruction;
use serde_json::{Value, json};
use std::path::Path;

/// Prints a table (or JSON) about the instruction file at `path`. A closed pipe is no error.
///
/// # Errors
/// The file cannot be read, or is no instruction file.
pub fn run(path: &Path, json: bool) -> Result<()> {
    let instruction = read_instruction(path)?;
    let text = match json {
        true => format!("{:#}\n", to_json(&instruction)),
        false => describe(&instruction),
    };
    print::text(&text)
}

/// A table of two columns. Control characters are replaced: the words may be a stranger's, the terminal is ours.
pub fn describe(instruction: &Instruction) -> String {
    let about = &instruction.about;
    let widths: Vec<String> = instruction.widths().iter().map(usize::to_string).collect();
    let start = if about.start.is_empty() { "(the empty prompt)".to_string() } else { format!("\"{}\"", about.start) };
    let rows = [
        ("title", about.title.clone()),
        ("description", about.description.clone()),
        ("author", about.author.clone()),
        ("license", about.license.clone()),
        ("date", about.date.clone()),
        ("tags", about.tags.clone()),
        ("base model", format!("{} ({})", about.base_model_title, about.base_model)),
        ("resolution", format!("{0} × {0} px", about.resolution)),
        ("use with", format!("strength {}, {} steps", about.strength, about.steps)),
        ("guidance scale", about.guidance_scale.to_string()),
        ("image guidance scale", about.image_guidance_scale.to_string()),
        ("segments", instruction.segments.len().to_string()),
        ("layers", format!("{} ({} wide)", widths.len(), widths.join(", "))),
        ("tokens", format!("{} ({})", about.tokens, about.rows.name())),
        ("numbers", instruction.numbers().to_string()),
        ("space", about.space.name().to_string()),
        ("start", start),
        ("pairs", about.pairs.to_string()),
        ("steps per segment", about.steps_per_segment.to_string()),
        ("learning rate", about.learning_rate.to_string()),
        ("seed", about.seed.to_string()),
        ("thumbnails", if about.thumbnails.is_some() { "yes" } else { "none" }.to_string()),
    ];
    rows.iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:<20}  {}\n", value.replace(char::is_control, "\u{fffd}")))
        .collect()
}

/// The same for programs: the header's values, and what is counted from the numbers.
pub fn to_json(instruction: &Instruction) -> Value {
    let mut all = json!({
        "segments": instruction.segments.len(),
        "layers": instruction.widths(),
        "numbers": instruction.numbers(),
        "thumbnails": instruction.about.thumbnails.is_some(),
    });
    if let (Some(all), Ok(Value::Object(about))) = (all.as_object_mut(), serde_json::to_value(&instruction.about)) {
        all.extend(about);
    }
    all
}
