//! Weather: night, snow, fog, a purple sky and lava, as functions of a picture and its regions.
use super::raster::{PX, Raster, Rgb, blur, gradient, hex, luma, mix, ramp, saturate, scale, times};
use crate::scenes::dice::Dice;
use crate::scenes::region::{Region, Regions};
use crate::scenes::texture::Texture;
use crate::tensor::picture::Picture;

/// Soft discs (x, y, radius) that are the same for every picture.
fn dots(name: &str, rows: usize, radius: (f32, f32)) -> Vec<(f32, f32, f32)> {
    let mut dice = Dice::named(0, name);
    let place = |cell: usize, dice: &mut Dice| (cell as f32 + dice.between(0.12, 0.88)) / rows as f32;
    let mut dots = Vec::new();
    for cell in 0..rows * rows {
        dots.push((place(cell % rows, &mut dice), place(cell / rows, &mut dice), dice.between(radius.0, radius.1)));
    }
    dots
}

/// How much of each pixel soft discs cover.
fn cover_of(dots: &[(f32, f32, f32)], size: usize) -> Vec<f32> {
    let mut plane = vec![0f32; size * size];
    let pixels = size as f32;
    for &(x, y, r) in dots {
        let range = |middle: f32| {
            let low = ((middle - 1.4 * r) * pixels).floor().max(0.0) as usize;
            let high = ((middle + 1.4 * r) * pixels).ceil().max(0.0) as usize;
            low..high.min(size)
        };
        for row in range(y) {
            for column in range(x) {
                let (dx, dy) = ((column as f32 + 0.5) / pixels - x, (row as f32 + 0.5) / pixels - y);
                let part = 1.0 - ramp(0.45 * r, 1.35 * r, (dx * dx + dy * dy).sqrt());
                let place = &mut plane[row * size + column];
                *place = place.max(part);
            }
        }
    }
    plane
}

/// Deep blue night, a moon, stars, lit windows.
pub fn midnight(picture: &Picture, regions: &Regions) -> Picture {
    let before = Raster::new(picture);
    let size = before.size;
    let (sky, lamps) = (regions.cover(&[Region::Sky]), regions.cover(&[Region::Glow]));
    let signals = regions.cover(&[Region::Signal]);
    let bloom = blur(&lamps, size, 5.0 * PX);
    let stars = cover_of(&dots("stars", 7, (1.0 * PX, 1.7 * PX)), size);
    let (moon_x, moon_y, moon_r) = (0.76, 0.17, 0.075);
    before
        .map(|at, x, y, rgb| {
            let light = luma(rgb);
            let night = mix(times(rgb, [0.32, 0.38, 0.62]), scale(hex(0x3a4c8e), 0.16 + 0.62 * light), 0.42);
            let mut above = gradient(&[hex(0x0c1233), hex(0x1a2352), hex(0x333f78)], y / 0.62);
            above = scale(above, 0.80 + 0.42 * (light - 0.5));
            let away = ((x - moon_x) * (x - moon_x) + (y - moon_y) * (y - moon_y)).sqrt();
            above = mix(above, hex(0x8fa6e0), 0.5 * (1.0 - ramp(0.0, 0.30, away)));
            above = mix(above, hex(0xfdf6d8), (0.9 * stars[at]).min(1.0));
            above = mix(above, hex(0xfdf3cf), 1.0 - ramp(moon_r - 0.006, moon_r + 0.006, away));
            let ground = mix(mix(night, rgb, 0.9 * signals[at]), hex(0xffcf6e), 0.92 * lamps[at]);
            let shine = scale(hex(0xffb04a), 0.55 * bloom[at] * (1.0 - lamps[at]));
            let ground = [0, 1, 2].map(|channel| ground[channel] + shine[channel]);
            mix(ground, above, sky[at])
        })
        .picture()
}

/// Snow on the land, without flakes.
fn snow_cover(before: &Raster, regions: &Regions) -> Raster {
    let (sky, far) = (regions.cover(&[Region::Sky]), regions.cover(&[Region::Far]));
    let land = regions.cover(&[Region::Grass, Region::Ground, Region::Roof]);
    let (plants, water) = (regions.cover(&[Region::Plant, Region::Flower]), regions.cover(&[Region::Water]));
    before.map(|at, _, y, rgb| {
        let light = luma(rgb);
        let white = mix(hex(0xb9cbe2), hex(0xfbfdff), ramp(0.12, 0.72, light));
        let mut out = mix(saturate(rgb, 0.82), hex(0xcfdbe8), 0.12);
        out = mix(out, white, 0.90 * land[at]);
        out = mix(out, white, plants[at] * (0.35 + 0.55 * ramp(0.25, 0.6, light)));
        out = mix(out, mix(saturate(rgb, 0.35), hex(0xdfe8f0), 0.55), far[at]);
        out = mix(out, mix(saturate(rgb, 0.55), hex(0xc3d6e4), 0.4), water[at]);
        let above = mix(hex(0xa9b8c8), hex(0xdfe6ec), ramp(0.0, 0.6, y));
        mix(out, mix(saturate(rgb, 0.3), above, 0.72), sky[at])
    })
}

fn flakes(raster: &Raster, rows: usize, radius: (f32, f32), opacity: f32) -> Raster {
    let flakes = cover_of(&dots("flakes", rows, radius), raster.size);
    raster.map(|at, _, _, rgb| mix(rgb, [1.0; 3], opacity * flakes[at]))
}

/// Snow on the land, and falling.
pub fn snow(picture: &Picture, regions: &Regions) -> Picture {
    flakes(&snow_cover(&Raster::new(picture), regions), 7, (1.6 * PX, 2.6 * PX), 0.95).picture()
}

/// Snow in a painted manner.
pub fn painting_snow(picture: &Picture, regions: &Regions) -> Picture {
    let snow = snow_cover(&Raster::new(picture), regions);
    let dim = snow.map(|_, _, _, rgb| scale(rgb, 0.965));
    let painted = super::paint::strokes(&dim, 1.3, 0.065);
    flakes(&painted, 5, (2.4 * PX, 3.6 * PX), 0.9).picture()
}

/// Large flakes, cold light and frost round the edges.
pub fn wallpaper(picture: &Picture, _: &Regions) -> Picture {
    let before = Raster::new(picture);
    let frost = Texture::new(3, 9);
    let cold = before.map(|_, x, y, rgb| {
        let edge = (2.0 * x - 1.0).abs().max((2.0 * y - 1.0).abs());
        let amount = ramp(0.60, 1.05, edge + 0.12 * frost.at(x, y));
        let cool = mix(times(saturate(rgb, 0.8), [0.84, 0.94, 1.08]), hex(0xbcd4ee), 0.2);
        mix(cool, hex(0xf2f8ff), 0.9 * amount)
    });
    flakes(&cold, 5, (2.8 * PX, 4.6 * PX), 0.92).picture()
}

/// Distance fades into white.
pub fn fog(picture: &Picture, regions: &Regions) -> Picture {
    let (sky, far) = (regions.cover(&[Region::Sky]), regions.cover(&[Region::Far]));
    let before = Raster::new(picture);
    before
        .map(|at, _, y, rgb| {
            let depth = (0.82 - 0.62 * ramp(0.45, 1.0, y)).max(0.88 * sky[at]).max(0.9 * far[at]);
            mix(saturate(rgb, 0.7), hex(0xd9dee2), depth)
        })
        .picture()
}

/// A deep purple sky.
pub fn purple(picture: &Picture, regions: &Regions) -> Picture {
    let sky = regions.cover(&[Region::Sky]);
    Raster::new(picture)
        .map(|at, _, y, rgb| {
            let above = gradient(&[hex(0x3d1c78), hex(0x7a3fb4), hex(0xc07ad8)], y / 0.62);
            let above = scale(above, 0.72 + 0.5 * luma(rgb));
            mix(times(rgb, [0.95, 0.88, 1.02]), above, sky[at])
        })
        .picture()
}

/// Ground and water become lava; the rest stands in its light.
pub fn lava(picture: &Picture, regions: &Regions) -> Picture {
    let land = regions.cover(&[Region::Grass, Region::Ground, Region::Water]);
    let sky = regions.cover(&[Region::Sky]);
    let (wide, fine) = (Texture::new(11, 6), Texture::new(12, 10));
    let ramp_of: [Rgb; 5] = [0x2e1213, 0x6e1a14, 0xd63d16, 0xff9524, 0xffe27a].map(hex);
    Raster::new(picture)
        .map(|at, x, y, rgb| {
            let light = luma(rgb);
            let (dx, dy) = (0.05 * wide.at(y, x), 0.05 * wide.at(x, 1.0 - y));
            let vein = 1.0 - (1.9 * fine.at(x + dx, y + dy)).abs().min(1.0);
            let heat = 0.16 + 0.62 * vein * vein + 0.34 * (light - 0.4) + 0.12 * wide.at(x, y);
            let glowing = gradient(&ramp_of, heat);
            let glow = ramp(0.25, 1.0, y);
            let lit = times(rgb, [1.0 - 0.06 * glow, 0.80 - 0.16 * glow, 0.72 - 0.26 * glow]);
            let smoke = mix(hex(0x45212a), hex(0xd0633a), ramp(0.0, 0.65, y));
            let out = mix(lit, mix(scale(smoke, 0.65 + 0.6 * light), lit, 0.3), sky[at]);
            mix(out, glowing, land[at])
        })
        .picture()
}
