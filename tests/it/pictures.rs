//! Pictures against PIL and transformers (tests/golden/pictures/make.py), and everything that a picture file can be.
use image::{DynamicImage, ImageFormat, RgbImage};
use instructbrush::Error;
use instructbrush::scenes::effects;
use instructbrush::tensor::alignment::alignment;
use instructbrush::tensor::decode::{is_animated, png_text};
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::picture::Picture;
use instructbrush::tensor::readback::read;
use instructbrush::tensor::resample::Filter;
use std::io::Cursor;
use std::time::{Duration, Instant};

const CMYK: &[u8] = include_bytes!("../golden/pictures/cmyk.jpg");
const RESIZED: &[u8] = include_bytes!("../golden/pictures/resized.safetensors");
/// Red, green, blue, yellow.
const CORNERS: [[u8; 3]; 4] = [[250, 0, 0], [0, 250, 0], [0, 0, 250], [250, 250, 0]];

/// Four corners of one colour each: A B above C D, 32 × 16 pixels.
fn corners() -> Picture {
    let pixel = |at: usize| CORNERS[at / (32 * 8) * 2 + at % 32 / 16];
    Picture { width: 32, height: 16, rgb: (0..32 * 16).flat_map(pixel).collect() }
}

fn to_image(picture: &Picture) -> DynamicImage {
    let (width, height) = (picture.width as u32, picture.height as u32);
    DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, picture.rgb.clone()).unwrap())
}

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn golden(name: &str) -> (Vec<usize>, Vec<u8>) {
    let file = safetensors::SafeTensors::deserialize(RESIZED).unwrap();
    let tensor = file.tensor(name).unwrap();
    (tensor.shape().to_vec(), tensor.data().to_vec())
}

fn golden_picture(name: &str) -> Picture {
    let (shape, rgb) = golden(name);
    Picture { width: shape[1], height: shape[0], rgb }
}

#[test]
fn resizing_equals_pil_bit_for_bit() {
    let picture = golden_picture("picture");
    for name in ["lanczos.down", "lanczos.up", "lanczos.across", "bicubic.down", "bicubic.up"] {
        let expected = golden_picture(name);
        let filter = if name.starts_with("lanczos") { Filter::Lanczos } else { Filter::Bicubic };
        let resized = picture.resize_by(expected.width, expected.height, filter);
        assert!(resized == expected, "{name}: {:.1} dB", resized.psnr(&expected).unwrap());
    }
    assert_eq!(picture.resize(61, 47), picture);
}

#[test]
fn clip_sees_what_transformers_shows_it() {
    let picture = golden_picture("picture");
    // PIL's ROTATE_90 turns left, `image`'s to the right.
    let turned = to_image(&picture).rotate270();
    let turned = Picture { width: 47, height: 61, rgb: turned.into_rgb8().into_raw() };
    let small = (0..14).flat_map(|row| picture.rgb[row * 61 * 3..][..9 * 3].to_vec()).collect();
    let small = Picture { width: 9, height: 14, rgb: small };
    for (name, picture, side) in [("landscape", &picture, 32), ("portrait", &turned, 20), ("up", &small, 24)] {
        let (shape, bytes) = golden(&format!("clip.{name}"));
        assert_eq!(shape, [3, side, side]);
        let expected = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let difference =
            picture.clip_input(side).iter().zip(expected).fold(0f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(difference <= 1e-6, "{name}: differs by {difference}");
    }
    // A ribbon must not be made 1,800,000 pixels long first.
    let ribbon = Picture { width: 2, height: 16_384, rgb: vec![255; 2 * 16_384 * 3] };
    assert_eq!(ribbon.clip_input(224).len(), 3 * 224 * 224);
}

#[test]
fn every_kind_of_file_is_read() {
    let picture = corners();
    let image = to_image(&picture);
    let grey = DynamicImage::ImageLuma8(image.to_luma8());
    let grey_picture = Picture { rgb: grey.to_rgb8().into_raw(), ..picture.clone() };
    let mut faint = image.to_rgba8();
    faint.pixels_mut().for_each(|pixel| pixel.0[3] = 51); // a fifth of it, the rest is white
    let faint_picture = Picture {
        rgb: picture.rgb.iter().map(|byte| (f64::from(*byte) * 0.2 + 255.0 * 0.8).round() as u8).collect(),
        ..picture.clone()
    };
    let faint = DynamicImage::ImageRgba8(faint);
    let clear = DynamicImage::ImageRgba16(image::ImageBuffer::new(32, 16));
    let white = Picture { rgb: vec![255; picture.rgb.len()], ..picture.clone() };
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let exact: Vec<(&str, Vec<u8>, &Picture)> = vec![
        ("png", encode(&image, Png), &picture),
        ("bmp", encode(&image, Bmp), &picture),
        ("tiff", encode(&image, Tiff), &picture),
        ("webp", encode(&image, WebP), &picture),
        ("gif", encode(&DynamicImage::ImageRgba8(image.to_rgba8()), Gif), &picture),
        ("16-bit png", encode(&DynamicImage::ImageRgb16(image.to_rgb16()), Png), &picture),
        ("16-bit tiff", encode(&DynamicImage::ImageRgb16(image.to_rgb16()), Tiff), &picture),
        ("grey png", encode(&grey, Png), &grey_picture),
        ("16-bit grey png", encode(&DynamicImage::ImageLuma16(grey.to_luma16()), Png), &grey_picture),
        ("palette png", palette_png(), &picture),
        ("alpha png", encode(&faint, Png), &faint_picture),
        ("alpha webp", encode(&faint, WebP), &faint_picture),
        ("clear 16-bit png", encode(&clear, Png), &white),
        ("our png", picture.encode_png(&[]).unwrap(), &picture),
    ];
    for (kind, bytes, expected) in &exact {
        let decoded = Picture::decode(bytes, kind).unwrap();
        assert!(decoded == **expected, "{kind}: {:?} dB", decoded.psnr(expected));
    }
    for (kind, bytes, expected) in [
        ("jpeg", encode(&image, Jpeg), &picture),
        ("grey jpeg", encode(&grey, Jpeg), &grey_picture),
        ("our jpeg", picture.encode_jpeg(95).unwrap(), &picture),
    ] {
        let psnr = Picture::decode(&bytes, kind).unwrap().psnr(expected).unwrap();
        assert!(psnr > 30.0, "{kind}: {psnr} dB");
    }
    // What PIL makes of it.
    let cmyk = Picture::decode(CMYK, "cmyk.jpg").unwrap();
    for (x, expected) in [(3, [235u8, 51, 51]), (12, [42, 195, 195]), (20, [245, 235, 55])] {
        let pixel = &cmyk.rgb[(8 * 24 + x) * 3..][..3];
        assert!(
            pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3),
            "cmyk at {x}: expected {expected:?}, got {pixel:?}"
        );
    }
}

fn palette_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 32, 16);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(CORNERS.as_flattened().to_vec());
    let rows = [[0x00, 0x55], [0xaa, 0xff]].map(|[left, right]| [[left; 4], [right; 4]].concat().repeat(8));
    encoder.write_header().unwrap().write_image_data(&rows.concat()).unwrap();
    bytes
}

#[test]
fn exif_turns_a_photo_upright() {
    let jpeg = corners().encode_jpeg(95).unwrap();
    // Orientation → which corner shows top left, top right, bottom left, bottom right.
    for (orientation, expected) in [
        (1, [0, 1, 2, 3]),
        (2, [1, 0, 3, 2]),
        (3, [3, 2, 1, 0]),
        (4, [2, 3, 0, 1]),
        (5, [0, 2, 1, 3]),
        (6, [2, 0, 3, 1]),
        (7, [3, 1, 2, 0]),
        (8, [1, 3, 0, 2]),
    ] {
        let tiff =
            [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0, 0]].concat();
        let length = (2 + 6 + tiff.len() as u16).to_be_bytes();
        let turned = [&jpeg[..2], &[0xff, 0xe1], &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat();
        let picture = Picture::decode(&turned, "photo.jpg").unwrap();
        let sides = if orientation < 5 { (32, 16) } else { (16, 32) };
        assert_eq!((picture.width, picture.height), sides, "orientation {orientation}");
        let (right, bottom) = (picture.width - 3, picture.height - 3);
        for ((x, y), corner) in [(2, 2), (right, 2), (2, bottom), (right, bottom)].into_iter().zip(expected) {
            let pixel = &picture.rgb[(y * picture.width + x) * 3..][..3];
            let near = pixel.iter().zip(CORNERS[corner]).all(|(a, b)| a.abs_diff(b) < 20);
            assert!(near, "orientation {orientation} at {x},{y}: expected {:?}, got {pixel:?}", CORNERS[corner]);
        }
    }
}

/// One valid file of every format, of a picture that does not compress to nothing.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let image = to_image(&golden_picture("picture"));
    let rgba = DynamicImage::ImageRgba8(image.to_rgba8());
    vec![
        ("a.png", encode(&image, ImageFormat::Png)),
        ("a.jpg", encode(&image, ImageFormat::Jpeg)),
        ("cmyk.jpg", CMYK.to_vec()),
        ("a.webp", encode(&image, ImageFormat::WebP)),
        ("a.bmp", encode(&image, ImageFormat::Bmp)),
        ("a.gif", encode(&rgba, ImageFormat::Gif)),
        ("a.tiff", encode(&image, ImageFormat::Tiff)),
        ("palette.png", palette_png()),
    ]
}

fn check_refused(name: &str, bytes: &[u8], expected: &str) {
    let error = Picture::decode(bytes, name).expect_err(name);
    let sentence = error.to_string();
    assert!(matches!(error, Error::Picture(_)), "{name}: {error:?}");
    assert!(sentence.starts_with(name) && sentence.contains(expected), "{name}: expected “{expected}” in “{sentence}”");
}

#[test]
fn bad_files_are_refused_in_a_sentence() {
    check_refused("nothing.png", b"", "0 bytes");
    check_refused("text.png", b"To be, or not to be: that is the question", "not a picture that can be read");
    check_refused("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "not a picture that can be read");
    check_refused("short.png", b"\x89PNG\r\n\x1a\n", "cut off");
    for (name, bytes) in files() {
        for percent in [10, 60, 95] {
            check_refused(name, &bytes[..bytes.len() * percent / 100], "cut off");
        }
    }
    let dot = |width, height| encode(&DynamicImage::new_rgb8(width, height), ImageFormat::Png);
    check_refused("dot.png", &dot(1, 1), "1×1 pixels are too few");
    check_refused("line.png", &dot(1, 50), "1×50 pixels are too few");
    assert!(Picture::decode(&dot(2, 2), "2×2").is_ok());
    // Headers alone: nothing of that size may be allocated.
    for (width, height) in [(30_000, 30_000), (30_000, 10), (16_000, 16_000)] {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().unwrap().write_chunk(png::chunk::IDAT, &[0x78, 0x9c, 0, 0]).unwrap();
        check_refused("huge.png", &png, &format!("{width}×{height} pixels are too many"));
    }
    let mut gif = encode(&DynamicImage::new_rgba8(3, 3), ImageFormat::Gif);
    gif[6..10].fill(0xff);
    check_refused("huge.gif", &gif, "65535×65535 pixels are too many");
    let mut jpeg = corners().encode_jpeg(90).unwrap();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[30_000u16.to_be_bytes(); 2].concat());
    check_refused("huge.jpg", &jpeg, "30000×30000 pixels are too many");
}

#[test]
fn damaged_files_never_panic() {
    let mut noise = Noise::new(1);
    let files = files();
    let started = Instant::now();
    let (mut tried, mut refused) = (0, 0);
    while started.elapsed() < Duration::from_secs(2) {
        let (name, bytes) = &files[tried % files.len()];
        let mut bytes = bytes.clone();
        for _ in 0..=noise.below(8) {
            // Headers are where it hurts.
            let reach = if noise.below(2) == 0 { bytes.len().min(64) } else { bytes.len() };
            bytes[noise.below(reach as u32) as usize] = noise.below(256) as u8;
        }
        if noise.below(8) == 0 {
            bytes.truncate(noise.below(bytes.len() as u32) as usize);
        }
        match Picture::decode(&bytes, name) {
            Ok(picture) => assert_eq!(picture.rgb.len(), picture.width * picture.height * 3),
            Err(error) => {
                assert!(matches!(error, Error::Picture(_)), "{error:?}");
                refused += 1;
            }
        }
        tried += 1;
    }
    assert!(refused > 0 && refused < tried, "{refused} of {tried} were refused");
}

#[test]
fn values_become_a_picture_as_in_diffusers() {
    let picture = golden_picture("picture");
    let tensor = picture.to_tensor(&burn::tensor::Device::default());
    assert_eq!(tensor.dims(), [1, 3, 47, 61]);
    let values = pollster::block_on(read(tensor)).unwrap();
    assert_eq!(values[47 * 61], f32::from(picture.rgb[1]) / 255.0 * 2.0 - 1.0);
    assert_eq!(Picture::from_values(&values, 61, 47).unwrap(), picture);
    // numpy: ((np.float32([-7, -0.4, 0, -0.384_313_73, 1, 9]) / 2 + 0.5).clip(0, 1) * 255).round()
    let halves = Picture::from_values(&[-7.0, -0.4, 0.0, -0.384_313_73, 1.0, 9.0], 1, 2).unwrap();
    assert_eq!(halves.rgb, [0, 128, 255, 76, 78, 255]);
    for bad in [f32::NAN, f32::INFINITY] {
        let error = Picture::from_values(&[0.0, bad, 0.0], 1, 1).unwrap_err();
        assert!(matches!(&error, Error::Computation(what) if what.contains("no number")), "{error}");
    }
    assert!(Picture::from_values(&[0.0], 1, 1).is_err());
}

#[test]
fn sides_inside_the_model_are_multiples_of_64() {
    for ((width, height), longer, expected) in [
        ((512, 512), 512, (512, 512)),
        ((768, 512), 512, (512, 320)),
        ((3000, 4000), 512, (384, 512)),
        ((1920, 1080), 500, (512, 320)),
        ((100, 100), 64, (64, 64)),
        ((2, 2), 0, (64, 64)),
        ((16_384, 2), 512, (512, 64)),
        ((2, 16_384), 1000, (64, 1024)),
    ] {
        let picture = Picture { width, height, rgb: Vec::new() };
        assert_eq!(picture.fit(longer), expected, "{width}×{height} to {longer}");
    }
    let small = corners().thumbnail(8);
    assert_eq!((small.width, small.height), (8, 4));
    assert_eq!(corners().thumbnail(100), corners());
}

#[test]
fn psnr_is_that_of_the_definition() {
    let [black, grey] = [0, 16].map(|byte| Picture { width: 2, height: 2, rgb: vec![byte; 12] });
    assert_eq!(black.psnr(&black).unwrap(), f64::INFINITY);
    assert!((black.psnr(&grey).unwrap() - 24.048_4).abs() < 1e-4);
    let sentence = black.psnr(&corners()).unwrap_err().to_string();
    assert!(sentence.contains("2×2") && sentence.contains("32×16"), "{sentence}");
}

#[test]
fn a_png_tells_how_it_was_made() {
    let texts = [("parameters", "make it snow\nSteps: 20"), ("Title", "Café"), ("Comment", "雪")];
    let chunks = texts.map(|(keyword, text)| (keyword.to_string(), text.to_string()));
    let png = corners().encode_png(&chunks).unwrap();
    let reader = png::Decoder::new(Cursor::new(&png)).read_info().unwrap();
    let latin: Vec<_> = reader.info().uncompressed_latin1_text.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(latin, [texts[0].1, texts[1].1]);
    assert_eq!(reader.info().utf8_text[0].get_text().unwrap(), "雪");
    assert!(corners().encode_png(&[("k".repeat(80), String::new())]).is_err());
}

#[test]
fn a_crop_is_that_part() {
    let cut = corners().crop(16, 8, 16, 8).unwrap();
    assert_eq!((cut.size(), cut.rgb), ("16×8".to_owned(), CORNERS[3].repeat(16 * 8)));
    let error = corners().crop(17, 8, 16, 8).unwrap_err().to_string();
    assert!(error.contains("16×8 pixels from (17, 8) does not lie in a picture of 32×16"), "{error}");
    assert!(corners().crop(0, 0, 0, 8).is_err() && corners().crop(usize::MAX, 0, 2, 2).is_err());
}

#[test]
fn settings_in_a_png_come_back() {
    for said in ["{\"seed\":7}", "{\"text\":\"schnee ❄\"}"] {
        let png = corners().encode_png(&[("instructbrush".to_owned(), said.to_owned())]).unwrap();
        assert_eq!(png_text(&png, "instructbrush").as_deref(), Some(said));
        assert_eq!(png_text(&png, "other"), None);
        assert_eq!(png_text(&png[..40], "instructbrush"), None);
    }
    assert_eq!(png_text(CMYK, "instructbrush"), None);
}

#[test]
fn an_animation_is_known() {
    let frames = |n: usize| {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        encoder.encode_frames((0..n).map(|_| image::Frame::new(to_image(&corners()).into_rgba8()))).unwrap();
        drop(encoder);
        bytes
    };
    assert!(is_animated(&frames(3)) && !is_animated(&frames(1)) && !is_animated(CMYK) && !is_animated(b"GIF89a"));
}

#[test]
fn two_sides_that_do_not_fit_are_noticed() {
    for effect in effects().filter(|effect| effect.benchmark) {
        for seed in 0..10 {
            let pair = effect.pair(seed, 128);
            let found = alignment(&pair.before, &pair.after);
            assert!(found.aligned, "{} {seed}: {found:?}", effect.name);
        }
    }
    let read =
        |path: &str| Picture::decode(&std::fs::read(format!("tests/golden/pairs/{path}.png")).unwrap(), path).unwrap();
    let samples =
        ["dog2cat", "hair_blonde", "lava", "midnight", "pencil", "purple", "sepia", "snow", "teal", "watercolor"];
    for effect in samples {
        for idx in 0..10 {
            let found = alignment(&read(&format!("{effect}/{idx}_0")), &read(&format!("{effect}/{idx}_1")));
            assert!(found.aligned, "{effect}/{idx}: {found:?}");
        }
        let before = read(&format!("{effect}/0_0"));
        let moved = read(&format!("{effect}/0_1")).crop(10, 0, 118, 128).unwrap();
        let found = alignment(&before.crop(0, 0, 118, 128).unwrap(), &moved);
        assert!(found.shift.is_some_and(|(x, y)| (-12..=-5).contains(&x) && y == 0), "{effect}: {found:?}");
    }
}
