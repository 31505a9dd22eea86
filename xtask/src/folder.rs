//! Folder: the page as any host can serve it: no inline script, its policy inside, and, in a release, what it needs to
//! work without a network.
use crate::shell::{Result, root};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// What a host should send with every file; Netlify and Cloudflare Pages read it as it is.
const HEADERS: &str = "web/_headers";
/// Headers that a page cannot say of itself.
const NOT_INSIDE: &str = "frame-ancestors";
const WORKER: &str = "service-worker.js";

/// The headers of `web/_headers`, name and value.
pub fn headers() -> Result<Vec<(String, String)>> {
    let text = read(&root().join(HEADERS))?;
    let lines = text.lines().filter_map(|line| line.trim().split_once(": "));
    Ok(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Finishes what Trunk has built.
pub fn finish(folder: &Path, is_release: bool) -> Result<()> {
    let index = folder.join("index.html");
    let mut page = take_scripts_out(&read(&index)?, folder)?;
    let policy = headers()?.into_iter().find(|(name, _)| name == "Content-Security-Policy");
    let policy = policy.ok_or_else(|| format!("{HEADERS} has no Content-Security-Policy"))?.1;
    let inside: Vec<&str> = policy.split("; ").filter(|part| !part.starts_with(NOT_INSIDE)).collect();
    page =
        put_in_head(&page, &format!(r#"<meta http-equiv="Content-Security-Policy" content="{}">"#, inside.join("; ")))?;
    if is_release {
        page = put_in_head(&page, &format!(r#"<meta name="service-worker" content="{WORKER}">"#))?;
    }
    write(&index, &page)?;
    if is_release { write_worker(folder) } else { Ok(()) }
}

/// Moves every inline script into a file of its own, so that the policy can forbid inline scripts.
fn take_scripts_out(page: &str, folder: &Path) -> Result<String> {
    const BEGIN: &str = "<script type=\"module\"";
    let (mut done, mut rest, mut count) = (String::new(), page, 0);
    while let Some(at) = rest.find(BEGIN) {
        let (before, script) = rest.split_at(at);
        let no_end = || "index.html has a script without an end".to_owned();
        let (tag, body) = script.split_once('>').ok_or_else(no_end)?;
        let (body, after) = body.split_once("</script>").ok_or_else(no_end)?;
        done.push_str(before);
        if body.trim().is_empty() {
            done.push_str(&format!("{tag}></script>"));
        } else {
            let name = format!("start{}.js", if count == 0 { String::new() } else { count.to_string() });
            write(&folder.join(&name), body.trim_start())?;
            done.push_str(&format!("{BEGIN} src=\"./{name}\"></script>"));
            count += 1;
        }
        rest = after;
    }
    done.push_str(rest);
    Ok(done)
}

/// Before everything that the head loads.
fn put_in_head(page: &str, tag: &str) -> Result<String> {
    const CHARSET: &str = "<meta charset=\"utf-8\">";
    let (before, after) =
        page.split_once(CHARSET).ok_or_else(|| format!("index.html does not say {CHARSET} in its head"))?;
    Ok(format!("{before}{CHARSET}\n        {tag}{after}"))
}

/// The service worker knows every file of its version, and its version is what they hold.
fn write_worker(folder: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.retain(|file| file != "_headers" && file != WORKER);
    files.sort();
    // Say whether anything changed; nobody's safety hangs on them.
    let mut all = DefaultHasher::new();
    let mut list = Vec::new();
    for file in &files {
        let path = folder.join(file);
        let mut own = DefaultHasher::new();
        std::fs::read(&path).map_err(|error| fail(&path, &error))?.hash(&mut own);
        (file, own.finish()).hash(&mut all);
        list.push(format!("\"{file}\": \"{:016x}\"", own.finish()));
    }
    let worker = read(&root().join("web").join(WORKER))?
        .replace("const VERSION = \"\";", &format!("const VERSION = \"page-{:016x}\";", all.finish()))
        .replace("const FILES = {};", &format!("const FILES = {{ {} }};", list.join(", ")));
    write(&folder.join(WORKER), &worker)
}

/// Every file below, relative, with slashes.
fn collect(folder: &Path, root: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(|error| fail(folder, &error))? {
        let path: PathBuf = entry.map_err(|error| fail(folder, &error))?.path();
        if path.is_dir() {
            collect(&path, root, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| fail(path, &error))
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|error| fail(path, &error))
}

fn fail(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
