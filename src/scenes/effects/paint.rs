//! Paint: sketches and paintings, as functions of a picture alone.
use super::raster::{PX, Raster, edges, gradient, hex, luma, mix, ramp, saturate, scale};
use crate::scenes::region::Regions;
use crate::scenes::texture::Texture;
use crate::tensor::picture::Picture;

/// Soft parallel strokes of this period, from 0 to 1, slanting.
fn hatch(x: f32, y: f32, period: f32, slope: f32) -> f32 {
    let phase = (x + slope * y) / period;
    0.5 + 0.5 * (phase * std::f32::consts::TAU).sin()
}

/// Grey graphite on white paper.
pub fn pencil_sketch(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let (light, size) = (before.luma(), before.size);
    let lines = edges(&light, size, 1.0 * PX);
    before
        .map(|at, x, y, _| {
            let dark = 1.0 - light[at];
            let shading = 0.36 * dark + 0.26 * ramp(0.25, 0.85, dark) * hatch(x, y, 6.0 * PX, 0.8);
            let line = 0.85 * ramp(0.05, 0.40, lines[at]);
            scale([0.97, 0.97, 0.96], 1.0 - (shading + line).min(0.86))
        })
        .picture()
}

/// Coloured pencils on cream paper.
pub fn sketch_style(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let (light, size) = (before.luma(), before.size);
    let lines = edges(&light, size, 1.0 * PX);
    let paper = hex(0xf7efdc);
    before
        .map(|at, x, y, rgb| {
            let pigment = mix(saturate(rgb, 1.25), [1.0; 3], 0.18);
            let amount = 0.46 + 0.34 * hatch(x, y, 7.0 * PX, -0.9) * ramp(0.0, 0.5, 1.0 - light[at]);
            let out = mix(paper, pigment, amount);
            mix(out, hex(0x4a3a4a), 0.8 * ramp(0.06, 0.42, lines[at]))
        })
        .picture()
}

/// Black charcoal in broad strokes, smudged, on grey paper.
pub fn charcoal(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let (light, size) = (before.luma(), before.size);
    let lines = edges(&light, size, 1.0 * PX);
    let (broad, fine) = (Texture::new(21, 20), Texture::new(22, 16));
    let (paper, coal) = (hex(0xe2ddd3), hex(0x17161a));
    before
        .map(|at, x, y, _| {
            let dark = ramp(0.16, 0.80, 1.0 - light[at]);
            // Strokes run down to the left; where much coal lies they close.
            let stroke = broad.at(0.22 * (x + y), 0.5 + 0.5 * (x - y));
            let smudge =
                0.06 + 0.82 * dark + (0.20 * stroke + 0.05 * fine.at(x, y)) * (0.35 + 0.65 * (1.0 - dark) * dark * 4.0);
            let line = 0.85 * ramp(0.06, 0.34, lines[at]);
            mix(paper, coal, (smudge.max(0.0) + line * (1.0 - smudge.max(0.0))).clamp(0.0, 0.97))
        })
        .picture()
}

/// Brush strokes: a picture in a few soft tones, with the relief of a brush.
pub fn strokes(before: &Raster, saturation: f32, relief: f32) -> Raster {
    let smooth = before.blurred(1.0 * PX);
    let (long, short) = (Texture::new(31, 22), Texture::new(32, 12));
    smooth.map(|at, x, y, rgb| {
        let rgb = mix(rgb, before.rgb[at], 0.6);
        let light = luma(rgb);
        let tone = light * 5.0;
        let stepped = (tone.floor() + ramp(0.2, 0.8, tone.fract())) / 5.0;
        let by = 1.0 + 0.55 * (stepped - light) / light.max(0.10);
        // Strokes are long one way and short the other, and lie across each other in light and dark.
        let (u, v) =
            if light > 0.5 { (0.5 * x + 0.12 * y, 0.8 * y + 0.2 * x) } else { (0.5 * y + 0.12 * x, 0.8 * x + 0.2 * y) };
        let (stroke, tint) = (long.at(u, v) + 0.3 * short.at(x, y), 0.22 * relief * long.at(v, u));
        let [r, g, b] = saturate(scale(rgb, by * (1.0 + relief * stroke)), saturation);
        [r + tint, g, b - tint]
    })
}

/// Oil: strong colours, visible strokes, a dark varnish at the edges.
pub fn painting(picture: &Picture, _: &Regions) -> Picture {
    let painted = strokes(&Raster::new(picture), 1.45, 0.17);
    painted
        .map(|_, x, y, rgb| {
            let edge = (2.0 * x - 1.0).powi(2) + (2.0 * y - 1.0).powi(2);
            let varnished = [rgb[0] * 1.04, rgb[1] * 0.97, rgb[2] * 0.84];
            scale(varnished, 1.0 - 0.22 * ramp(0.6, 2.0, edge))
        })
        .picture()
}

/// An old seascape: blue shadows, golden light, wide waves of the brush.
pub fn sea_painting(picture: &Picture, _: &Regions) -> Picture {
    let painted = strokes(&Raster::new(picture), 0.9, 0.10);
    let colors = [0x122440, 0x28557c, 0x5c95ae, 0xbdd2bf, 0xfff0cc].map(hex);
    painted
        .map(|_, x, y, rgb| {
            let wave = 0.026 * ((y * 11.0 + 0.12 * (x * 9.0).sin()) * std::f32::consts::TAU).sin();
            mix(rgb, gradient(&colors, luma(rgb) + wave), 0.72)
        })
        .picture()
}

/// Thin pigment on white paper, darker where it dried at an edge.
pub fn watercolor(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let size = before.size;
    let lines = edges(&before.luma(), size, 1.0 * PX);
    let (blots, rim) = (Texture::new(41, 8), Texture::new(42, 10));
    let smooth = before.blurred(1.0 * PX);
    smooth
        .map(|at, x, y, rgb| {
            let rgb = mix(rgb, before.rgb[at], 0.55);
            let pigment = saturate(rgb, 1.35).map(|value| (1.0 - value).clamp(0.0, 1.0));
            let amount = 0.72 + 0.22 * blots.at(x, y) + 0.40 * ramp(0.08, 0.5, lines[at]);
            let border = x.min(1.0 - x).min(y.min(1.0 - y)) + 0.028 * rim.at(x, y);
            let wet = ramp(0.030, 0.075, border);
            let pool = 1.0 + 0.5 * (1.0 - ramp(0.07, 0.11, border));
            pigment.map(|value| 0.99 - value * amount * wet * pool)
        })
        .picture()
}

/// White lines on blue paper.
pub fn blueprint(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let (light, size) = (before.luma(), before.size);
    let lines = edges(&light, size, 1.0 * PX);
    before
        .map(|at, _, _, _| {
            let paper = mix(hex(0x1d3f8a), hex(0x3d68b8), light[at]);
            mix(paper, hex(0xf0f6ff), ramp(0.05, 0.36, lines[at]))
        })
        .picture()
}

/// Flat tones and dark outlines.
pub fn comic(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let (light, size) = (before.luma(), before.size);
    let lines = edges(&light, size, 1.0 * PX);
    before
        .map(|at, _, _, rgb| {
            let tone = light[at] * 4.0;
            let stepped = (tone.floor() + ramp(0.35, 0.65, tone.fract())) / 4.0;
            let flat = scale(rgb, (0.15 + stepped) / (0.15 + light[at]));
            mix(saturate(flat, 1.5), hex(0x1c1826), ramp(0.09, 0.38, lines[at]))
        })
        .picture()
}

/// Squares of 8 pixels of 128.
pub fn pixel_art(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let (size, n) = (before.size, 16);
    let cell = |at: usize| (at * n / size).min(n - 1);
    let mut sums = vec![[0f32; 4]; n * n];
    for (at, rgb) in before.rgb.iter().enumerate() {
        let sum = &mut sums[cell(at / size) * n + cell(at % size)];
        *sum = [sum[0] + rgb[0], sum[1] + rgb[1], sum[2] + rgb[2], sum[3] + 1.0];
    }
    before
        .map(|at, _, _, _| {
            let [r, g, b, count] = sums[cell(at / size) * n + cell(at % size)];
            saturate(scale([r, g, b], 1.0 / count.max(1.0)), 1.25)
        })
        .picture()
}
