//! Scenes: folders of drawn pairs as a person would ask for them, and what is refused.
use super::program::{fail, folder, succeed};
use instructbrush::platform::files::read_picture;
use instructbrush::platform::pairs::read_pairs;
use instructbrush::scenes::effect;
use instructbrush::scenes::effects::benchmark_seed;
use std::fs;

#[test]
fn a_set_is_a_folder_to_learn_from_and_to_test_on() {
    let dir = folder();
    let out = dir.path().join("midnight");
    let run = |pairs: &str| {
        let out = out.to_str().unwrap();
        let size = ["--size", "64", "--seed", "7", "--out", out];
        succeed(&[&["scenes", "--effect", "midnight", "--tests", "2", "--pairs", pairs], &size[..]].concat())
    };
    run("2");
    let test = read_pairs(&out.join("test")).unwrap();
    // More pairs: the old ones and the tests are the same.
    run("3");
    let pairs = read_pairs(&out).unwrap();
    assert_eq!((pairs.len(), test.len()), (3, 2));
    let tested = read_pairs(&out.join("test")).unwrap();
    assert!(test.iter().zip(&tested).all(|(a, b)| a.before == b.before && a.after == b.after));
    let drawn = effect("midnight").unwrap().pair(benchmark_seed(7, 2), 64);
    assert!(pairs[2].before == drawn.before && pairs[2].after == drawn.after && pairs[0].before != drawn.before);
    let text = fs::read_to_string(out.join("instruction.txt")).unwrap();
    assert_eq!(text.lines().next(), Some("make it midnight"));
    // Fewer would leave old pairs among the new ones.
    let out = out.to_str().unwrap();
    fail(2, &["scenes", "--effect", "midnight", "--pairs", "1", "--out", out], &["other files", "empty folder"]);
}

#[test]
fn the_benchmark_is_a_folder_for_each_of_25_effects() {
    let dir = folder();
    let (out, sheet) = (dir.path().join("drawn"), dir.path().join("sheet.png"));
    let [out_text, sheet_text] = [&out, &sheet].map(|path| path.to_str().unwrap());
    let arguments = ["scenes", "--all", "--pairs", "1", "--tests", "1", "--size", "64"];
    succeed(&[&arguments[..], &["--out", out_text, "--sheet", sheet_text]].concat());
    let folders: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(folders.len(), 25);
    for folder in folders {
        assert_eq!(read_pairs(&folder).unwrap().len(), 1);
        assert_eq!(read_pairs(&folder.join("test")).unwrap().len(), 1);
        assert!(fs::read_to_string(folder.join("instruction.txt")).unwrap().lines().count() >= 3);
    }
    let sheet = read_picture(&sheet).unwrap();
    assert_eq!((sheet.width, sheet.height), (4 + 132, 4 + 25 * 68));
    let list = succeed(&["scenes", "--list"]);
    assert!(list.lines().any(|line| line.starts_with("lava ") && line.contains("held out")), "{list}");
}

#[test]
fn what_cannot_be_drawn_is_refused_in_a_sentence() {
    let dir = folder();
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let check = |arguments: &[&str], words: &[&str]| fail(2, &[&["scenes"], arguments].concat(), words);
    check(&["--effect", "midnigth", "--out", out], &["midnigth", "did you mean midnight", "--list"]);
    check(&["--effect", "explosion", "--out", out], &["explosion", "--list"]);
    check(&["--effect", "hair_color", "--out", out], &["hair_color", "family"]);
    check(&["--effect", "snow", "snow", "--out", out], &["snow twice"]);
    check(&["--effect", "snow", "--size", "0", "--out", out], &["64", "1024"]);
    check(&["--effect", "snow", "--size", "4096", "--out", out], &["64", "1024"]);
    check(&["--effect", "snow", "--pairs", "0", "--out", out], &["--pairs", "from 1"]);
    check(&["--effect", "snow"], &["--out"]);
    check(&["--out", out], &["--effect"]);
    check(&["--all", "--pairs", "100", "--size", "1024", "--sheet", &format!("{out}.png")], &["16384", "fewer"]);
    check(&["--effect", "snow", "--sheet", &format!("{out}.jpg")], &[".png"]);
    fs::create_dir(out).unwrap();
    fs::write(dir.path().join("out/notes.txt"), "mine").unwrap();
    check(&["--effect", "snow", "--out", out], &["notes.txt", "empty folder"]);
    check(&["--effect", "snow", "--out", &format!("{out}/notes.txt")], &["notes.txt", "file"]);
    assert_eq!(fs::read_dir(out).unwrap().count(), 1, "nothing was written");
}
