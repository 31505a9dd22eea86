//! Recall: a plan in a picture's text chunk, and back; the worker's, so that the page needs no JSON.
use crate::numbers::{self, AMOUNT, SCALE, SEED, STEPS};
use crate::protocol::{MOST_TEXT, Named, Order, Plan, Sampler, sampler_name, sampler_named};
use serde_json::{Map, Value, json};

/// Longer settings are of no page: they are not read.
const MOST_JSON: usize = 100_000;
/// Segments of an instruction, as the file format has it.
const MOST_SEGMENTS: usize = 1000;

/// Of the page's own words. The first had no sampler of the model's: it said Euler ancestral where nothing was chosen.
const VERSION: u64 = 2;

/// The plan in words of the page's own, for a picture's text chunk.
pub fn note(plan: &Plan) -> String {
    let instruction =
        plan.instruction.as_ref().map(|Named { id, hash, title }| json!({ "id": id, "hash": hash, "title": title }));
    json!({
        "version": VERSION,
        "instruction": instruction,
        "text": plan.text,
        "order": plan.order.name(),
        "amount": plan.amount,
        "steps": plan.steps,
        "guidance_scale": plan.guidance_scale,
        "image_guidance_scale": plan.image_guidance_scale,
        "sampler": plan.sampler.map(sampler_name),
        "seed": plan.seed,
        "size": plan.size,
        "segments": plan.segments,
    })
    .to_string()
}

/// The plan by which a picture was made, from its text chunk: the page's own words where there are any, else the
/// settings that the worker or the program wrote. Whatever it says, no number leaves its range.
pub fn plan_of(settings: &str) -> Option<Plan> {
    let all = object(settings)?;
    let own = all.get("page").and_then(Value::as_str).and_then(object);
    let plan = own.map_or_else(|| of_engine(&all), |own| of_page(&own));
    (!plan.is_empty()).then_some(plan)
}

fn object(text: &str) -> Option<Map<String, Value>> {
    if text.len() > MOST_JSON {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn words(value: Option<&Value>) -> String {
    let letters = value.and_then(Value::as_str).unwrap_or_default().chars();
    letters.filter(|letter| !letter.is_control()).take(MOST_TEXT).collect::<String>().trim().to_owned()
}

fn named(value: Option<&Value>) -> Option<Named> {
    let value = value?.as_object()?;
    let part = |name: &str| words(value.get(name));
    Some(Named { id: part("id"), hash: part("hash"), title: part("title") })
}

/// What page and engine write alike.
fn shared(all: &Map<String, Value>) -> Plan {
    let number = |name: &str| all.get(name).and_then(Value::as_f64);
    let scale = |name: &str| number(name).and_then(|scale| numbers::clamped(scale, &SCALE));
    let segments = all.get("segments").and_then(Value::as_array).filter(|all| all.len() <= MOST_SEGMENTS);
    Plan {
        steps: number("steps").and_then(|steps| numbers::whole(steps, &STEPS)).map(|steps| steps as usize),
        guidance_scale: scale("guidance_scale"),
        image_guidance_scale: scale("image_guidance_scale"),
        sampler: sampler_named(&words(all.get("sampler"))),
        seed: number("seed").and_then(|seed| numbers::whole(seed, &SEED)).unwrap_or_default() as u64,
        size: number("size").and_then(numbers::side).map(|size| size as usize),
        segments: segments.into_iter().flatten().map(|on| on.as_bool().unwrap_or(true)).collect(),
        ..Plan::default()
    }
}

fn of_page(own: &Map<String, Value>) -> Plan {
    let plan = shared(own);
    let chosen = own.get("version").and_then(Value::as_u64) != Some(1) || plan.sampler != Some(Sampler::EulerAncestral);
    Plan {
        sampler: plan.sampler.filter(|_| chosen),
        instruction: named(own.get("instruction")),
        text: words(own.get("text")),
        order: Order::named(&words(own.get("order"))),
        amount: own.get("amount").and_then(Value::as_f64).and_then(|amount| numbers::clamped(amount, &AMOUNT)),
        ..plan
    }
}

/// The settings of the last edit, with those of an edit before it.
fn of_engine(all: &Map<String, Value>) -> Plan {
    let before = all.get("before").and_then(Value::as_array).and_then(|edits| edits.last()).and_then(Value::as_object);
    let (last_text, last_named) = (words(all.get("text")), named(all.get("instruction")));
    let before_text = before.map(|edit| words(edit.get("text"))).unwrap_or_default();
    let before_named = before.and_then(|edit| named(edit.get("instruction")));
    let strength = all.get("strength").and_then(Value::as_f64);
    Plan {
        order: if last_named.is_some() { Order::WordsFirst } else { Order::InstructionFirst },
        instruction: last_named.or(before_named),
        text: if last_text.is_empty() { before_text } else { last_text },
        amount: strength.and_then(|strength| numbers::clamped(strength * 100.0, &AMOUNT)),
        ..shared(all)
    }
}

#[cfg(test)]
mod tests;
