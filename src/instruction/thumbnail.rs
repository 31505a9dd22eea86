//! Thumbnail: a small PNG of one exemplar pair, kept in the header as a data URL.
use super::Thumbnails;
use crate::tensor::picture::Picture;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;

/// Longest side, in pixels: ModelSpec's limit.
const SIDE: u32 = 256;
const PREFIX: &str = "data:image/png;base64,";

impl Thumbnails {
    /// Thumbnails of a pair; `None` where a picture has no pixels.
    pub fn of(before: &Picture, after: &Picture) -> Option<Self> {
        let small = |picture: &Picture| {
            (!picture.rgb.is_empty()).then(|| picture.thumbnail(SIDE as usize).encode_png(&[]).ok())?
        };
        Some(Self { before: small(before)?, after: small(after)? })
    }
}

/// Makes a picture smaller, never larger, so that no side exceeds `side` pixels.
fn fit(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width() <= side && picture.height() <= side {
        return picture;
    }
    picture.resize(side, side, FilterType::Triangle)
}

fn png(picture: DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
    Some(bytes)
}

/// A PNG of at most 256 × 256 pixels.
fn open(png: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    reader.limits(limits);
    reader.decode().ok()
}

/// ModelSpec's thumbnail: before | after in one PNG of at most 256 px a side, as a data URL.
pub(super) fn side_by_side(pair: &Thumbnails) -> Option<String> {
    let [before, after] = [&pair.before, &pair.after].map(|png| Some(fit(open(png)?, SIDE / 2).into_rgb8()));
    let (before, after) = (before?, after?);
    let mut both = RgbImage::new(before.width() + after.width(), before.height().max(after.height()));
    imageops::replace(&mut both, &before, 0, 0);
    imageops::replace(&mut both, &after, i64::from(before.width()), 0);
    Some(to_url(&png(both.into())?))
}

/// PNG bytes as a data URL.
pub(super) fn to_url(png: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(png))
}

/// PNG bytes of a data URL; `None` unless it is a whole PNG of at most 256 px a side.
pub(super) fn from_url(url: &str) -> Option<Vec<u8>> {
    let png = STANDARD.decode(url.strip_prefix(PREFIX)?).ok()?;
    open(&png).map(|_| png)
}
