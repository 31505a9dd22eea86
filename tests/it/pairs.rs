//! Folders of exemplar pairs, lists of pictures, and files that are replaced whole or not at all.
use instructbrush::platform::files::{expand_pictures, read_picture, write_atomically};
use instructbrush::platform::pairs::read_pairs;
use instructbrush::tensor::picture::Picture;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with pictures of these names and sizes.
fn folder(pictures: &[(&str, usize, usize)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for &(name, width, height) in pictures {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let picture = Picture { width, height, rgb: vec![7; width * height * 3] };
        fs::write(path, picture.encode_png(&[]).unwrap()).unwrap();
    }
    dir
}

fn names(dir: &Path) -> Vec<String> {
    read_pairs(dir).unwrap().into_iter().map(|pair| pair.name).collect()
}

#[test]
fn both_layouts_are_read_in_natural_order() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pairs/dog2cat");
    let pairs = read_pairs(&samples).unwrap();
    assert_eq!(pairs.len(), 10);
    assert!(pairs.iter().all(|pair| pair.before != pair.after));
    assert_eq!(read_picture(&samples.join("3_1.png")).unwrap(), pairs[3].after);

    let all =
        ["10_0.png", "10_1.jpeg", "2_0.png", "2_1.PNG", "b_0.png", "b_1.png", "test/0_0.png", "readme.png", ".9_0.png"];
    let dir = folder(&all.map(|name| (name, 4, 3)));
    assert_eq!(names(dir.path()), ["2", "10", "b"]);
    let all = ["before/house 10.png", "before/house 9.png", "after/house 9.webp", "after/house 10.png", "other/x.png"];
    let dir = folder(&all.map(|name| (name, 4, 3)));
    assert_eq!(names(dir.path()), ["house 9", "house 10"]);
}

#[test]
fn bad_folders_are_refused_in_a_sentence() {
    let check = |pictures: &[(&str, usize, usize)], expected: &[&str]| {
        let dir = folder(pictures);
        let sentence = read_pairs(dir.path()).unwrap_err().to_string();
        assert!(sentence.starts_with(dir.path().to_str().unwrap()), "{sentence}");
        assert!(expected.iter().all(|part| sentence.contains(part)), "expected {expected:?} in “{sentence}”");
    };
    check(&[], &["no pairs", "0_0.png"]);
    check(&[("test/0_0.png", 4, 4), ("test/0_1.png", 4, 4), ("cat.png", 4, 4)], &["no pairs"]);
    check(&[("0_0.png", 4, 4), ("0_1.png", 4, 4), ("1_0.png", 4, 4)], &["pair 1", "1_0.png", "no picture after"]);
    check(&[("0_1.png", 4, 4)], &["0_1.png", "no picture before"]);
    check(&[("before/a.png", 4, 4)], &["no folder after"]);
    check(&[("after/a.png", 4, 4)], &["no folder before"]);
    check(&[("before/a.png", 4, 4), ("after/b.png", 4, 4)], &["pair a", "no picture after"]);
    check(&[("0_0.png", 4, 5), ("0_1.png", 6, 7)], &["pair 0", "4×5", "6×7"]);
    check(&[("0_0.png", 4, 4), ("0_0.jpg", 4, 4), ("0_1.png", 4, 4)], &["0_0.jpg", "0_0.png", "same side"]);
    check(&[("0_0.png", 4, 4), ("before/a.png", 4, 4), ("after/a.png", 4, 4)], &["both"]);

    let dir = folder(&[("0_0.png", 4, 4), ("0_1.png", 4, 4)]);
    fs::write(dir.path().join("0_1.png"), "no picture").unwrap();
    assert!(read_pairs(dir.path()).unwrap_err().to_string().contains("0_1.png: this is not a picture"));
    assert!(read_pairs(&dir.path().join("none")).unwrap_err().to_string().contains("no such folder"));
    assert!(read_pairs(&dir.path().join("0_0.png")).unwrap_err().to_string().contains("this is a file"));
}

#[test]
fn a_folder_stands_for_its_pictures() {
    let dir = folder(&["10.png", "9.png", "a/1.png", ".hidden.png"].map(|name| (name, 4, 4)));
    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    let at = |name: &str| dir.path().join(name);
    let expanded = expand_pictures(&[at("notes.txt"), dir.path().into(), at("9.png")]).unwrap();
    assert_eq!(expanded, [at("notes.txt"), at("9.png"), at("10.png"), at("9.png")]);
    let check = |path: PathBuf, expected: &str| {
        let sentence = expand_pictures(&[path]).unwrap_err().to_string();
        assert!(sentence.contains(expected), "{sentence}");
    };
    check(at("none.png"), "none.png: no such file");
    fs::create_dir(at("empty")).unwrap();
    check(at("empty"), "no picture in this folder");
    assert!(read_picture(&at("none.png")).unwrap_err().to_string().contains("no such file"));
    assert!(read_picture(dir.path()).unwrap_err().to_string().contains("this is a folder"));
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    write_atomically(&at("a"), b"old").unwrap();
    write_atomically(&at("a"), b"new").unwrap();
    assert_eq!(fs::read(at("a")).unwrap(), b"new");
    let check = |path: &Path, expected: &str| {
        let sentence = write_atomically(path, b"bytes").unwrap_err().to_string();
        assert!(sentence.contains("cannot write") && sentence.contains(expected), "{sentence}");
    };
    check(&at("none/a"), "make it first");
    check(dir.path(), "this is a folder");
    let mut rights = fs::metadata(at("a")).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(at("a"), rights).unwrap();
    check(&at("a"), "read-only");
    assert_eq!(fs::read(at("a")).unwrap(), b"new");
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a"]);
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_rights_and_links() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let rights = |name: &str| fs::metadata(at(name)).unwrap().mode() & 0o777;
    write_atomically(&at("new"), b"x").unwrap();
    fs::write(at("ordinary"), b"x").unwrap();
    assert_eq!(rights("new"), rights("ordinary"));
    fs::set_permissions(at("new"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink(at("new"), at("link")).unwrap();
    write_atomically(&at("link"), b"y").unwrap();
    assert_eq!((rights("new"), fs::read(at("new")).unwrap()), (0o640, b"y".to_vec()));
    assert!(at("link").is_symlink());
    write_atomically(Path::new("/dev/null"), b"x").unwrap();
}
