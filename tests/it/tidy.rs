//! Tidy: what we believe about the code, as tests. Each message says what to do; the reasons are in ARCHITECTURE.md.
mod source;

use source::{Source, code_of, root, sources, words};

/// Floors from the ground up; a floor uses lower floors only.
const FLOORS: [&str; 6] = ["tensor", "models", "diffusion", "instruction", "service", "cli"];

/// Everything that we wrote in Rust.
const OURS: [&str; 7] = ["src", "tests", "xtask", "examples", "benches", "fuzz", "web"];

#[track_caller]
fn check(rule: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{rule}\n  {}", wrong.join("\n  "));
}

fn check_lines(rule: &str, sources: &[Source], wrong: impl Fn(&Source, &str) -> bool) {
    check(rule, sources.iter().flat_map(|source| source.lines_where(|line| wrong(source, line))).collect());
}

fn is_below_service(source: &Source) -> bool {
    matches!(source.module(), Some("error" | "tensor" | "models" | "diffusion" | "instruction" | "scenes" | "bench"))
}

/// Whether code in module `from` may name module `to`.
fn may_use(from: &str, to: &str) -> bool {
    // A folder of pairs is read into the plain types that a job is made of.
    if to == "job" {
        return from == "platform" || may_use(from, "service");
    }
    let floor =
        |name: &str| FLOORS.iter().position(|floor| *floor == name || (*floor == "instruction" && beside(name)));
    match (from, to) {
        _ if from == to || to == "error" => true,
        ("main", _) => to == "cli",
        ("lib", _) => true,
        (_, "platform") => from == "service" || from == "cli",
        ("platform", _) => matches!(to, "tensor" | "models"),
        _ => floor(to).is_some_and(|to| Some(to) < floor(from)),
    }
}

/// Modules that stand on the instruction's floor.
fn beside(name: &str) -> bool {
    matches!(name, "scenes" | "bench")
}

/// The crate's modules that a line names, after `crate::` or, in the binary, after `instructbrush::`.
fn modules_named(line: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for (at, prefix) in ["crate::", "instructbrush::"].iter().flat_map(|prefix| line.match_indices(prefix)) {
        let rest = &line[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            named.extend(module(rest));
            continue;
        };
        let mut depth = 0;
        for item in list.split_inclusive(['{', '}', ',']) {
            if depth == 0 {
                named.extend(module(item));
            }
            depth += i32::from(item.ends_with('{')) - i32::from(item.ends_with('}'));
            if depth < 0 {
                break;
            }
        }
    }
    named
}

/// `models::unet::UNet` → `models`; `service::job` stands for itself.
fn module(path: &str) -> Option<&str> {
    let end = path.find([',', '}', ';']).unwrap_or(path.len());
    let mut path = words(&path[..end]);
    match (path.next()?, path.next()) {
        ("service", Some("job")) => Some("job"),
        (first, _) => Some(first),
    }
}

/// The modules above its floor that a source names.
fn too_high(source: &Source) -> Vec<String> {
    let Some(from) = source.module() else { return Vec::new() };
    // A `use` list may span lines: one line per statement is enough to see it whole.
    let statements = source.code.replace('\n', " ");
    let named = modules_named(&statements).into_iter().map(|word| match word {
        "Error" | "Result" => "error",
        other => other,
    });
    let wrong = named.filter(|to| !may_use(from, to)).map(|to| format!("{}: names crate::{to}", source.path));
    wrong.collect()
}

#[test]
fn a_floor_uses_lower_floors_only() {
    let upward = Source::new("src/models/unet.rs", "use crate::{Error, tensor::{noise, x}, service::job::Job};");
    assert_eq!(too_high(&upward), ["src/models/unet.rs: names crate::job"]);
    let beside = Source::new("src/diffusion/mod.rs", "use crate::{\n    models,\n    platform::files,\n};");
    assert_eq!(too_high(&beside), ["src/diffusion/mod.rs: names crate::platform"]);
    let plain =
        Source::new("src/platform/pairs.rs", "use crate::service::job::ExemplarPair; use crate::service::engine;");
    assert_eq!(too_high(&plain), ["src/platform/pairs.rs: names crate::service"]);
    let rule = format!(
        "a floor uses lower floors only ({}; platform serves service and cli; error serves all): move the code down, or pass in what it needs",
        FLOORS.join(" < ")
    );
    check(&rule, sources(&["src"]).iter().flat_map(too_high).collect());
}

#[test]
fn other_floors_are_named_from_the_root() {
    let climbs = |line: &str| line.contains("super::super::");
    let rule = "super::super:: hides which floor is meant: write crate::…";
    check_lines(rule, &sources(&["src"]), |_, line| climbs(line));
    let leaves = |source: &Source, line: &str| {
        let floors = FLOORS.iter().chain(&["platform", "error"]);
        source.path.ends_with("mod.rs") && floors.into_iter().any(|floor| line.contains(&format!("super::{floor}")))
    };
    check_lines("a mod.rs reaches another floor through super:: : write crate::…", &sources(&["src"]), leaves);
}

#[test]
fn below_the_service_floor_there_is_no_world() {
    const WORLD: [&str; 15] = [
        "std::fs",
        "std::time",
        "std::thread",
        "std::env",
        "std::net",
        "std::process",
        "std::io::stdin",
        "Instant::",
        "SystemTime",
        "memmap2",
        "tempfile::",
        "indicatif",
        "ctrlc",
        "log::",
        "tracing::",
    ];
    let sources: Vec<_> = sources(&["src"]).into_iter().filter(is_below_service).collect();
    let rule = "floors below service know no files, clock, threads, environment or logs: take bytes, numbers or a closure instead";
    check_lines(rule, &sources, |_, line| WORLD.iter().any(|word| line.contains(word)));
}

#[test]
fn one_place_prints() {
    let prints =
        |line: &str| words(line).any(|word| matches!(word, "println" | "eprintln" | "print" | "eprint" | "dbg"));
    let rule = "only the terminal's door (src/cli) prints: return an Error or an Event";
    check_lines(rule, &sources(&["src"]), |source, line| {
        !matches!(source.module(), Some("cli" | "main")) && prints(line) && line.contains('!')
    });
}

#[test]
fn the_platform_is_one_folder() {
    let gate = |source: &Source| matches!(source.path.as_str(), "src/lib.rs" | "src/main.rs" | "src/cli/mod.rs");
    let sources = sources(&["src"]);
    let targets = |line: &str| {
        line.contains("cfg") && ["target_", "wasm", "unix", "windows"].iter().any(|word| line.contains(word))
    };
    check_lines(
        "cfg(target_arch, target_family, target_os, wasm) belongs into src/platform: two bodies, one signature",
        &sources,
        |source, line| source.module() != Some("platform") && !gate(source) && targets(line),
    );
    check_lines(
        "cfg(feature) belongs into src/platform, or into src/tensor where an operation is written for one backend",
        &sources,
        |source, line| {
            !matches!(source.module(), Some("platform" | "tensor"))
                && line.contains("cfg")
                && line.contains("feature =")
        },
    );
}

#[test]
fn words_are_the_house_words() {
    const BANNED: [(&str, &str); 22] = [
        ("c_concat", "image_latents"),
        ("bitmap", "picture"),
        ("image_tensor", "picture or latents"),
        ("noise_level", "sigma"),
        ("t_idx", "timestep"),
        ("x0_hat", "denoised"),
        ("x0", "denoised"),
        ("pred_original_sample", "denoised"),
        ("encoder_hidden_states", "context"),
        ("prompt_embeds", "context"),
        ("kv_cache", "layers"),
        ("cfg_scale", "guidance_scale"),
        ("cfg_img", "image_guidance_scale"),
        ("source_picture", "before"),
        ("target_picture", "after"),
        ("prompt", "phrase or text"),
        ("negative_prompt", "the null text"),
        ("num_inference_steps", "steps"),
        ("num_steps", "steps"),
        ("iteration", "step"),
        ("utils", "a word for what it does"),
        ("helpers", "a word for what it does"),
    ];
    let rule = "house words (house.md, Vocabulary); use instead:";
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        for (banned, instead) in BANNED {
            let found = source.lines_where(|line| words(line).any(|word| word == banned));
            wrong.extend(found.into_iter().map(|line| format!("{instead} instead of {banned}: {line}")));
        }
    }
    check(rule, wrong);
}

#[test]
fn functions_are_verbs_and_types_are_nouns() {
    let rule = "no get_ (say the noun), no Manager, Helper, Util (say what it is), no train, generate, infer (learn and edit are the words)";
    check_lines(rule, &sources(&["src", "xtask"]), |_, line| {
        let listed: Vec<_> = words(line).collect();
        listed.windows(2).any(|pair| match pair {
            ["fn", name] => name.starts_with("get_") || matches!(*name, "train" | "generate" | "infer"),
            ["struct" | "enum" | "trait", name] => {
                ["Manager", "Helper", "Util", "Utils"].iter().any(|end| name.ends_with(end))
                    || matches!(*name, "Task" | "Message")
            }
            _ => false,
        })
    });
}

#[test]
fn a_file_opens_with_a_sentence_and_is_short() {
    let all = sources(&OURS);
    assert!(all.len() > 10, "the tidy test sees only {} files: is it run from the project?", all.len());
    let silent =
        all.iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path.clone()).collect();
    check("a file opens with `//! ` and a sentence that defines its word", silent);
    let long = all.iter().filter(|source| source.text.lines().count() > 450);
    let long = long.map(|source| format!("{}: {} lines", source.path, source.text.lines().count())).collect();
    check("a file has about 150 lines, 400 at most (450 fail): split it along the paper's boxes", long);
}

#[test]
fn nothing_is_left_for_later() {
    let later = |line: &str| line.contains("todo!") || line.contains("unimplemented!") || line.contains("#[ignore");
    check_lines("no todo!, unimplemented! or #[ignore]: finish it or leave it out", &sources(&OURS), |_, line| {
        later(line)
    });
}

#[test]
fn every_dependency_has_its_reason() {
    let mut wrong = Vec::new();
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml", "web/Cargo.toml", "xtask/Cargo.toml"] {
        let text = std::fs::read_to_string(root().join(manifest)).unwrap();
        let (mut inside, mut above) = (false, "");
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.ends_with("dependencies]");
            } else if inside
                && line.contains(" = ")
                && !line.starts_with('#')
                && !above.starts_with('#')
                && !line.contains(" # ")
            {
                wrong.push(format!("{manifest}: {line}"));
            }
            above = line;
        }
    }
    check("a dependency has its reason in a comment on the line above or beside it", wrong);
}

#[test]
fn comments_and_strings_are_no_code() {
    let text = "a // b\nc /* d /* e */ f */ g \"h \\\" i\" j r#\"k\"# 'l' '\\'' &'m n r#type \"\\\\\" o";
    let code = code_of(text);
    assert_eq!(code.lines().count(), text.lines().count());
    assert_eq!(words(&code).collect::<Vec<_>>(), ["a", "c", "g", "j", "m", "n", "r", "type", "o"]);
}
