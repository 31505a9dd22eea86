//! Encode: from a [`Picture`] to the bytes of a file.
use super::picture::Picture;
use crate::{Error, Result};

impl Picture {
    /// PNG, with text chunks (keyword, text) as PIL writes them: `tEXt` where Latin-1 has the letters, else `iTXt`.
    ///
    /// # Errors
    /// [`Error::Picture`]: a keyword that is empty, longer than 79 letters or not Latin-1.
    pub fn encode_png(&self, text_chunks: &[(String, String)]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let written = text_chunks
            .iter()
            .try_for_each(|(keyword, text)| {
                if text.chars().all(|letter| u32::from(letter) < 256) {
                    encoder.add_text_chunk(keyword.clone(), text.clone())
                } else {
                    encoder.add_itxt_chunk(keyword.clone(), text.clone())
                }
            })
            .and_then(|()| encoder.write_header()?.write_image_data(&self.rgb));
        written.map_err(|error| self.encoding("PNG", &error))?;
        Ok(bytes)
    }

    /// JPEG of a quality in 1..=100 (what lies outside is moved there), without chroma subsampling.
    ///
    /// # Errors
    /// [`Error::Picture`]: a side above 65,535 pixels.
    pub fn encode_jpeg(&self, quality: u8) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100))
            .encode(&self.rgb, self.width as u32, self.height as u32, image::ExtendedColorType::Rgb8)
            .map_err(|error| self.encoding("JPEG", &error))?;
        Ok(bytes)
    }

    fn encoding(&self, kind: &str, error: &dyn std::error::Error) -> Error {
        Error::Picture(format!(
            "a picture of {}×{} pixels cannot be written as {kind}: {error}",
            self.width, self.height
        ))
    }
}
