//! Files: from the blobs of a message to pictures, pairs and instructions.
use super::host::failure;
use super::wire::bytes;
use crate::protocol::{Card, Crop, Failure, PairRef, PictureRef};
use instructbrush::instruction::Instruction;
use instructbrush::service::job::ExemplarPair;
use instructbrush::tensor::picture::Picture;
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;

/// Bytes that a picture file may have.
pub const MOST_PICTURE: f64 = 256e6;
/// Bytes that an instruction file may have: 5 segments of Stable Diffusion's layers with 77 rows are 60 MB.
pub const MOST_INSTRUCTION: f64 = 256e6;

/// The picture that is meant, at its own size.
pub async fn picture(files: &[JsValue], picture: &PictureRef) -> Result<Picture, Failure> {
    let bytes = bytes(files, picture.file, MOST_PICTURE).await?;
    let decoded = Picture::decode(&bytes, &picture.name).map_err(failure)?;
    match picture.crop {
        None => Ok(decoded),
        Some(Crop { x, y, width, height }) => decoded.crop(x, y, width, height).map_err(failure),
    }
}

/// The pairs that are meant; an after picture gets the size of its before picture.
pub async fn pairs(files: &[JsValue], pairs: &[PairRef]) -> Result<Vec<ExemplarPair>, Failure> {
    let mut read = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let before = picture(files, &pair.before).await?;
        let after = picture(files, &pair.after).await?.resize(before.width, before.height);
        read.push(ExemplarPair { name: pair.name.clone(), before, after });
    }
    Ok(read)
}

/// An instruction file and what it holds.
pub async fn instruction(files: &[JsValue], file: usize) -> Result<(Vec<u8>, Instruction), Failure> {
    let bytes = bytes(files, file, MOST_INSTRUCTION).await?;
    let instruction = Instruction::decode(&bytes).map_err(failure)?;
    instruction.check().map_err(failure)?;
    Ok((bytes, instruction))
}

/// What the page shows of an instruction, and its thumbnails, which come after `first` other files.
pub fn card(instruction: &Instruction, bytes: &[u8], first: usize) -> (Card, Vec<Vec<u8>>) {
    let about = &instruction.about;
    let thumbnails = about.thumbnails.as_ref().map(|both| vec![both.before.clone(), both.after.clone()]);
    let tags = about.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    // a .safetensors file begins with the length of its header
    let header = bytes.first_chunk().map_or(0, |len| u64::from_le_bytes(*len) as usize).saturating_add(8);
    let card = Card {
        title: about.title.clone(),
        start: about.start.clone(),
        tokens: about.tokens,
        segments: instruction.segments.len(),
        base_model: about.base_model.clone(),
        base_model_title: about.base_model_title.clone(),
        resolution: about.resolution,
        guidance_scale: about.guidance_scale,
        image_guidance_scale: about.image_guidance_scale,
        steps: about.steps,
        strength: about.strength,
        steps_per_segment: about.steps_per_segment,
        pairs: about.pairs,
        date: about.date.clone(),
        tags: tags.map(str::to_owned).collect(),
        thumbnails: thumbnails.as_ref().map(|_| (first, first + 1)),
        hash: hex(bytes),
        numbers: hex(bytes.get(header..).unwrap_or_default()),
    };
    (card, thumbnails.unwrap_or_default())
}
