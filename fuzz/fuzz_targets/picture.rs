//! Fuzz the picture loader: what is decoded has as many bytes as its sides say.
#![no_main]
use instructbrush::tensor::picture::Picture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(picture) = Picture::decode(bytes, "fuzz") {
        assert_eq!(picture.rgb.len(), picture.width * picture.height * 3);
    }
});
