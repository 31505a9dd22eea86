//! The drawn benchmark on the model that ships, a small part of it: what anyone's first edit is must stay as good as it is.
use super::bench::json;
use super::program::{folder, program, root, text};
use std::path::Path;

fn size(folder: &Path) -> u64 {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { size(&path) } else { path.metadata().unwrap().len() }).sum()
}

#[test]
fn the_shipped_model_edits_in_words_and_learns_what_it_has_no_words_for() {
    let folder = folder();
    let [drawn, out] = ["drawn", "out"].map(|name| folder.path().join(name));
    let shipped = |arguments: &[&str]| {
        let done = program(arguments).env_remove("INSTRUCTBRUSH_MODEL").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    for effect in ["lava", "midnight"] {
        let to = drawn.join(effect);
        shipped(&["scenes", "--effect", effect, "--pairs", "3", "--tests", "1", "--out", text(&to)]);
    }
    let methods = ["--methods", "nothing,vae,ip2p,instructbrush", "--shots", "3", "--steps", "15"];
    shipped(&[&["bench", "--root", text(&drawn), "--out", text(&out)], &methods[..]].concat());
    let results = json(&out.join("results.json"));
    let psnr = |effect: &str, method: &str| {
        let of = |record: &&serde_json::Value| record["effect"] == effect && record["method"] == method;
        results["records"].as_array().unwrap().iter().find(of).unwrap()["scores"]["psnr"].as_f64().unwrap()
    };
    let of = |effect: &str| ["nothing", "vae", "ip2p", "instructbrush"].map(|method| psnr(effect, method));
    let ([nothing, vae, words, learned], lava) = (of("midnight"), of("lava"));
    assert!(vae > 31.0 && words > vae - 3.0 && learned > nothing + 15.0, "{results}");
    assert!(lava[2] < lava[0] + 1.0 && lava[3] > lava[2] + 2.5, "{results}");
}

#[test]
fn the_shipped_model_is_small() {
    let shipped = size(&root().join("web/models/demo"));
    assert!(shipped <= 12_000_000, "{shipped} bytes");
}
