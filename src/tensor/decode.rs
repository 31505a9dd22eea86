//! Decode: from the bytes of a file to a [`Picture`], whatever camera or program wrote them.
use super::picture::Picture;
use crate::{Error, Result};
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// What is read; the content decides, not the name's ending.
const FORMATS: [ImageFormat; 6] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Tiff];
/// Fewer pixels a side are not a picture.
const SHORTEST: usize = 2;
/// More pixels a side are refused from the header, before memory is taken.
const LONGEST: usize = 16_384;
/// More pixels in all are refused likewise.
const MOST: usize = 100_000_000;
/// Bytes a decoder may take: [`MOST`] pixels of 16-bit RGBA and its working space.
const MEMORY: u64 = 1 << 30;
/// Bytes that text chunks may take.
const TEXT: usize = 64 << 20;

impl Picture {
    /// Decodes PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF; `name` stands in messages.
    ///
    /// The EXIF orientation is applied. Grey, palette, 16-bit (rounded to 8) and CMYK become RGB; what is transparent
    /// is laid over white. Colour profiles are not applied, as in PIL.
    ///
    /// # Errors
    /// [`Error::Picture`]: no such format, damaged, cut off, a side below 2 or above 16,384 pixels, or more than 100
    /// million pixels.
    pub fn decode(bytes: &[u8], name: &str) -> Result<Picture> {
        let fail = |what: String| Err(Error::Picture(format!("{name}: {what}")));
        if bytes.is_empty() {
            return fail("the file is empty (0 bytes); copy or download it again".into());
        }
        let Some(format) = image::guess_format(bytes).ok().filter(|format| FORMATS.contains(format)) else {
            return fail(
                "this is not a picture that can be read; give a PNG, JPEG, WebP, BMP, GIF or TIFF file".into(),
            );
        };
        // The JPEG decoder paints what is missing grey.
        if format == ImageFormat::Jpeg && !jpeg_ends(bytes) {
            return fail("the JPEG file is cut off; copy or download it again".into());
        }
        let decoded = open(bytes, format).and_then(|mut decoder| {
            let (width, height) = decoder.dimensions();
            if let Err(what) = check_size(width as usize, height as usize) {
                return Ok(Err(what));
            }
            let mut limits = limits();
            limits.reserve(decoder.total_bytes())?;
            decoder.set_limits(limits)?;
            let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
            let mut image = DynamicImage::from_decoder(decoder)?;
            image.apply_orientation(orientation);
            Ok(Ok(image))
        });
        match decoded {
            Ok(Ok(image)) => Ok(flatten(image)),
            Ok(Err(what)) => fail(what),
            Err(error) => fail(describe(&error, format)),
        }
    }
}

fn open(bytes: &[u8], format: ImageFormat) -> image::ImageResult<impl ImageDecoder> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    reader.into_decoder()
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MEMORY);
    limits
}

fn check_size(width: usize, height: usize) -> Result<(), String> {
    if width.min(height) < SHORTEST {
        return Err(format!("{width}×{height} pixels are too few; the smallest picture is {SHORTEST}×{SHORTEST}"));
    }
    if width.max(height) > LONGEST {
        return Err(format!("{width}×{height} pixels are too many; make its longer side {LONGEST} pixels or less"));
    }
    if width * height > MOST {
        return Err(format!("{width}×{height} pixels are too many; make it 100 million pixels or less"));
    }
    Ok(())
}

fn describe(error: &ImageError, format: ImageFormat) -> String {
    let kind = format!("{format:?}").to_uppercase();
    match error {
        ImageError::Limits(_) => {
            format!("decoding this {kind} file takes more than 1 GiB; make it smaller or save it with 8 bits a channel")
        }
        ImageError::Unsupported(what) => format!("this kind of {kind} file cannot be read ({what}); save it as PNG"),
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            format!("the {kind} file is cut off; copy or download it again")
        }
        error => format!("the {kind} file is damaged or cut off ({error}); copy or download it again"),
    }
}

/// To RGB8, transparent parts over white.
fn flatten(image: DynamicImage) -> Picture {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if !image.color().has_alpha() {
        return Picture { width, height, rgb: image.into_rgb8().into_raw() };
    }
    let rgba = image.into_rgba8().into_raw();
    let (pixels, _) = rgba.as_chunks::<4>();
    let over_white = |&[r, g, b, alpha]: &[u8; 4]| {
        let alpha = u32::from(alpha);
        [r, g, b].map(|byte| ((u32::from(byte) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
    };
    Picture { width, height, rgb: pixels.iter().flat_map(over_white).collect() }
}

/// Whether a JPEG stream reaches its end marker. Segments are skipped by their length, since the thumbnail within one
/// has an end marker too.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    // Stuffed bytes, fill bytes and restarts are no segments.
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0x01 | 0xff | 0xd0..=0xd7);
    while let Some(at) = rest.windows(2).position(is_marker) {
        if rest[at + 1] == 0xd9 {
            return true;
        }
        rest = &rest[at + 2..];
        let length = rest.first_chunk().map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
        rest = rest.get(length..).unwrap_or_default();
    }
    false
}

/// Whether a file holds more than one frame: an animated GIF, WebP or PNG. [`Picture::decode`] reads the first.
pub fn is_animated(bytes: &[u8]) -> bool {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Gif) => image::codecs::gif::GifDecoder::new(Cursor::new(bytes))
            .is_ok_and(|decoder| decoder.into_frames().take(2).filter(Result::is_ok).count() > 1),
        Ok(ImageFormat::WebP) => {
            bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
        }
        Ok(ImageFormat::Png) => png::Decoder::new(Cursor::new(bytes))
            .read_info()
            .is_ok_and(|reader| reader.info().animation_control.is_some_and(|control| control.num_frames > 1)),
        _ => false,
    }
}

/// What a PNG's text chunk of that keyword says, if it is a PNG and has one.
pub fn png_text(bytes: &[u8], keyword: &str) -> Option<String> {
    if !matches!(image::guess_format(bytes), Ok(ImageFormat::Png)) {
        return None;
    }
    let reader = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: TEXT }).read_info().ok()?;
    let info = reader.info();
    let latin =
        info.uncompressed_latin1_text.iter().find(|chunk| chunk.keyword == keyword).map(|chunk| chunk.text.clone());
    let international = || info.utf8_text.iter().find(|chunk| chunk.keyword == keyword);
    latin.or_else(|| international().and_then(|chunk| chunk.get_text().ok()))
}
