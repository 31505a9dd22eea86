//! Serve: a folder on loopback, with the headers that a host of the page should send.
use crate::folder;
use crate::shell::Result;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};

/// The first port that is tried.
pub const PORT: u16 = 8080;
/// How many more are tried when it is taken.
const MORE_PORTS: u16 = 20;

/// Serves until stopped.
///
/// # Errors
/// A sentence when no port is free.
pub fn run(folder: &Path, port: u16) -> Result<()> {
    let listener = (port..=port.saturating_add(MORE_PORTS))
        .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .ok_or_else(|| format!("ports {port} to {} are taken: name another with --port", port + MORE_PORTS))?;
    let address = listener.local_addr().map_err(|error| format!("cannot listen: {error}"))?;
    let headers: String = folder::headers()?.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    println!("the page is at http://{address}/ (Ctrl-C ends it)");
    for stream in listener.incoming().flatten() {
        let (folder, headers) = (folder.to_owned(), headers.clone());
        // A browser that goes away in the middle is no failure of ours.
        std::thread::spawn(move || answer(stream, &folder, &headers).ok());
    }
    Ok(())
}

fn answer(stream: TcpStream, folder: &Path, headers: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut header = String::new();
        while reader.read_line(&mut header)? > 2 {
            header.clear();
        }
        let mut words = request.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let found = file(folder, target).and_then(|path| Some((std::fs::read(&path).ok()?, path)));
        let (status, mime, body) = match &found {
            Some((bytes, path)) => ("200 OK", mime(path), bytes.as_slice()),
            None => ("404 Not Found", "text/plain; charset=utf-8", b"there is no such file".as_slice()),
        };
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        stream.write_all(head.as_bytes())?;
        if method != "HEAD" {
            stream.write_all(body)?;
        }
    }
}

/// The file that a request means, which never lies outside the folder.
fn file(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.trim_start_matches('/');
    let path = Path::new(path);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let path = folder.join(path);
    Some(if path.is_dir() { path.join("index.html") } else { path })
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::file;
    use std::path::Path;

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = Path::new("/no/such/folder");
        assert_eq!(file(folder, "/a/b.js?version=1"), Some(folder.join("a/b.js")));
        for outside in ["/../secret", "/a/../../secret", "//etc/passwd/..", "/./x/../.."] {
            assert_eq!(file(folder, outside), None, "{outside}");
        }
    }
}
