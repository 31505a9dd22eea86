//! Bad input: exit code 1, one sentence that says what and what to do, and nothing is lost.
use super::program::{fail, folder, program, sample, text};
use std::path::Path;

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    text(&path).to_owned()
}

#[test]
fn a_model_that_is_not_there_or_no_model() {
    let folder = folder();
    let picture = sample("snow/0_0.png");
    let out = folder.path().join("out.png");
    let edit = |model: &str, words: &[&str]| {
        fail(1, &["edit", "--picture", text(&picture), "--out", text(&out), "--model", model], words);
    };
    edit("/no/such/model", &["/no/such/model"]);
    edit(text(folder.path()), &[]);
    write(folder.path(), "pickle/model_index.json", b"{}");
    let pickle = write(folder.path(), "pickle/unet/diffusion_pytorch_model.bin", b"\x80\x02}q");
    edit(text(Path::new(&pickle).parent().unwrap().parent().unwrap()), &[]);
    assert!(!out.exists());
}

#[test]
fn pictures_that_cannot_be_read() {
    let folder = folder();
    let png = std::fs::read(sample("snow/0_0.png")).unwrap();
    let out = folder.path().join("out.png");
    let edit = |picture: &str, words: &[&str]| {
        fail(1, &["edit", "--picture", picture, "--out", text(&out)], words);
        assert!(!out.exists());
    };
    edit("/no/such.png", &["/no/such.png"]);
    edit(&write(folder.path(), "empty.png", b""), &["empty.png"]);
    edit(&write(folder.path(), "text.png", b"this is no picture"), &["text.png"]);
    edit(&write(folder.path(), "cut.png", &png[..png.len() / 2]), &["cut.png"]);
    #[cfg(target_os = "linux")]
    edit("/dev/zero", &["/dev/zero", "larger than 1 GiB"]);
    let nothing = folder.path().join("nothing");
    std::fs::create_dir(&nothing).unwrap();
    edit(text(&nothing), &["nothing"]);
}

#[test]
fn an_out_that_cannot_be_written_is_known_before_the_work() {
    let folder = folder();
    let (picture, pairs) = (sample("snow/0_0.png"), sample("snow"));
    let nowhere = folder.path().join("no/such/out.png");
    let start = ["edit", "--picture", text(&picture), "--out", text(&nowhere)];
    fail(1, &start, &["no/such", "make it first"]);
    fail(1, &["invert", "--pairs", text(&pairs), "--out", text(&nowhere)], &["no/such"]);
    let slash = format!("{}/new/", text(folder.path()));
    fail(2, &["invert", "--pairs", text(&pairs), "--out", &slash], &["new/ is a folder; name a file in it"]);
    let curve = folder.path().join("none/losses.csv");
    let out = folder.path().join("out.safetensors");
    fail(1, &["invert", "--pairs", text(&pairs), "--out", text(&out), "--losses", text(&curve)], &["none"]);
    let locked = write(folder.path(), "locked.safetensors", b"old");
    let mut rights = std::fs::metadata(&locked).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&locked, rights).unwrap();
    fail(1, &["invert", "--pairs", text(&pairs), "--out", &locked], &["locked", "read-only"]);
    assert_eq!(std::fs::read(locked).unwrap(), b"old");
    // A name that no file can have.
    let long = format!("{}/{}.safetensors", text(folder.path()), "x".repeat(300));
    fail(1, &["invert", "--pairs", text(&pairs), "--out", &long], &["the name is too long"]);
    // What would be lost: another file, or the instruction under its own learning curve.
    let kept = write(folder.path(), "kept.png", b"a picture");
    fail(2, &["invert", "--pairs", text(&pairs), "--out", &kept], &["kept.png", "no instruction file"]);
    assert_eq!(std::fs::read(kept).unwrap(), b"a picture");
    let both = ["invert", "--pairs", text(&pairs), "--out", text(&out), "--losses", text(&out)];
    fail(2, &both, &["--losses", "name another file"]);
    // A file where a folder is needed.
    let file = write(folder.path(), "file", b"");
    let start = ["edit", "--picture", text(&picture), "--out", &format!("{file}/out.png")];
    fail(1, &start, &["file", "not a folder"]);
}

#[test]
fn pairs_that_are_none() {
    let folder = folder();
    let png = std::fs::read(sample("snow/0_0.png")).unwrap();
    let out = folder.path().join("out.safetensors");
    for command in ["invert", "phrases"] {
        let check = |pairs: &str, words: &[&str]| {
            let mut arguments = vec![command, "--pairs", pairs];
            if command == "invert" {
                arguments.extend(["--out", text(&out)]);
            }
            fail(1, &arguments, words);
            assert!(!out.exists());
        };
        check("/no/such/pairs", &["/no/such/pairs"]);
        let empty = folder.path().join("empty");
        std::fs::create_dir_all(&empty).unwrap();
        check(text(&empty), &["empty", "0_0"]);
        let lonely = write(folder.path(), "lonely/0_0.png", &png);
        check(text(Path::new(&lonely).parent().unwrap()), &["0_0.png", "after"]);
    }
    let pairs = sample("snow");
    let arguments = ["invert", "--pairs", text(&pairs), "--out", text(&out), "--held-out", "/no/such/test"];
    fail(1, &arguments, &["/no/such/test"]);
}

#[test]
fn instructions_that_are_none() {
    let folder = folder();
    let picture = sample("snow/0_0.png");
    let out = folder.path().join("out.png");
    let files = [
        write(folder.path(), "empty.safetensors", b""),
        write(folder.path(), "text.safetensors", b"no instruction at all"),
        write(folder.path(), "lying.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\x7f{}"),
        text(&super::program::root().join("tests/golden/demo/vae/diffusion_pytorch_model.safetensors")).to_owned(),
        "/no/such.safetensors".to_owned(),
    ];
    for file in &files {
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        fail(1, &["inspect", file], &[name]);
        fail(1, &["edit", "--picture", text(&picture), "--out", text(&out), "--instruction", file], &[name]);
    }
    assert!(!out.exists());
}

#[test]
fn vocabularies_that_are_none() {
    let folder = folder();
    let pairs = sample("snow");
    let empty = write(folder.path(), "empty.txt", b"\n\n");
    fail(2, &["phrases", "--pairs", text(&pairs), "--vocabulary", &empty], &["empty.txt"]);
    fail(1, &["phrases", "--pairs", text(&pairs), "--vocabulary", "/no/such.txt"], &["/no/such.txt", "check the path"]);
    let long = write(folder.path(), "long.txt", "snow ".repeat(100).as_bytes());
    fail(2, &["phrases", "--pairs", text(&pairs), "--vocabulary", &long], &["none of the 1 phrases fits"]);
    let picture = sample("snow/0_0.png");
    fail(2, &["phrases", "--pairs", text(&pairs), "--vocabulary", text(&picture)], &["0_0.png", "UTF-8"]);
}

#[test]
fn a_state_that_is_none_or_was_forgotten() {
    let folder = folder();
    let pairs = sample("snow");
    let out = folder.path().join("out.safetensors");
    let state = write(folder.path(), "out.safetensors.state", b"no state");
    for more in [&[][..], &["--resume"]] {
        let mut arguments = vec!["invert", "--pairs", text(&pairs), "--out", text(&out)];
        arguments.extend(more);
        fail(1, &arguments, &["out.safetensors.state", "--restart"]);
    }
    assert_eq!(std::fs::read(state).unwrap(), b"no state", "a state that is not understood is left alone");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_sentence() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = super::program::Ended::from(program(&["devices"]).stdout(full).output().unwrap());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("error: stdout: cannot write"), "{}", ended.stderr);
}
