//! Names: what downloads are called.

/// Letters of each part of a name; file systems take 255 bytes in all.
const LONGEST: usize = 60;

/// A name without what file systems refuse.
fn safe(text: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() || "-_.,()+ ".contains(letter) { letter } else { ' ' };
    let spaced: String = text.chars().take(LONGEST).map(letter).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches('.').to_owned()
}

/// A file's name without its ending.
pub fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (1..=5).contains(&ending.len()) => stem,
        _ => name,
    }
}

/// Name of a download, from the photo's and what was done to it.
pub fn download(photo: &str, done: &str, ending: &str) -> String {
    let parts = [safe(stem(photo)), safe(done)];
    let name = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
    format!("{}.{ending}", if name.is_empty() { "picture" } else { &name })
}

/// Names of which no two are the same, not even to a file system that ignores case.
pub fn distinct(names: Vec<String>) -> Vec<String> {
    let mut used = std::collections::HashSet::new();
    let mut free = |name: String| {
        let numbered = |n: usize| match name.rsplit_once('.') {
            Some((stem, ending)) if n > 1 => format!("{stem} ({n}).{ending}"),
            None if n > 1 => format!("{name} ({n})"),
            _ => name.clone(),
        };
        let first = (1..).map(numbered).find(|name| used.insert(name.to_lowercase()));
        first.unwrap_or(name)
    };
    names.into_iter().map(&mut free).collect()
}

#[cfg(test)]
mod tests {
    use super::{distinct, download};

    #[test]
    fn names_say_photo_and_edit() {
        assert_eq!(download("Holiday 1.JPG", "Midnight", "png"), "Holiday 1 Midnight.png");
        assert_eq!(download("写真.heic", "make it snow!", "webp"), "写真 make it snow.webp");
        assert_eq!(download(".png", "", "png"), "png.png");
        assert_eq!(download("", "", "jpg"), "picture.jpg");
    }

    #[test]
    fn names_are_fit_for_a_file_system() {
        let name = download("../../etc/pass\u{0}wd\r\n<b>.png", &"é/\\:*?\"|".repeat(100), "png");
        assert!(!name.chars().any(|letter| "/\\:*?\"<>|".contains(letter) || letter.is_control()), "{name}");
        assert!(name.len() < 255 && !name.starts_with('.'), "{name}");
    }

    #[test]
    fn no_two_are_the_same() {
        let names = ["a.png", "A.png", "a (2).png", "a.png", "b"].map(str::to_owned).to_vec();
        assert_eq!(distinct(names), ["a.png", "A (2).png", "a (2) (2).png", "a (3).png", "b"]);
    }
}
