//! Held: what a person holds before the chest, in the person's coordinates.
use crate::scenes::canvas::{Canvas, Paint, across};
use crate::scenes::color::{Color, INK};
use crate::scenes::region::Region;
use crate::scenes::shape::{Shape, line, polygon, rect};

/// A newspaper, open.
pub fn newspaper(canvas: &mut Canvas) {
    let paper = Color::hex(0xe9e6dc);
    let side =
        |mirror: f32| -> Shape { polygon(&[(0.0, 1.18), (mirror * 1.45, 1.06), (mirror * 1.52, 2.75), (0.0, 2.9)]) };
    for mirror in [-1.0, 1.0] {
        let page = side(mirror);
        canvas.form(Region::Object, &page, across(0.0, mirror * 1.5, paper.dark(0.16), paper), |canvas| {
            let grey = Color::hex(0x8f9199);
            let (a, b) = (mirror * 0.2, mirror * 1.26);
            let (left, wide) = (a.min(b), (a - b).abs());
            canvas.fill(Region::Object, &rect(left, 1.28, wide, 0.26), Paint::Flat(Color::hex(0x555763)));
            canvas.fill(Region::Object, &rect(left, 1.70, wide * 0.44, 0.52), Paint::Flat(grey.light(0.15)));
            canvas.fill(
                Region::Object,
                &rect(left + wide * 0.54, 1.70, wide * 0.46, 0.16),
                Paint::Flat(grey.light(0.35)),
            );
            canvas.fill(
                Region::Object,
                &rect(left + wide * 0.54, 2.02, wide * 0.46, 0.16),
                Paint::Flat(grey.light(0.35)),
            );
            canvas.fill(Region::Object, &rect(left, 2.36, wide, 0.16), Paint::Flat(grey.light(0.35)));
        });
    }
}

/// A book, open, its cover towards us.
pub fn book(canvas: &mut Canvas) {
    let cover = Color::hex(0xb5433f);
    canvas.shade(&rect(-1.25, 1.2, 2.5, 1.9), Paint::Flat(INK.alpha(0.15)));
    for mirror in [-1.0, 1.0] {
        let board = polygon(&[(0.0, 1.22), (mirror * 1.16, 1.10), (mirror * 1.20, 2.62), (0.0, 2.76)]);
        canvas.form(Region::Object, &board, across(0.0, mirror * 1.2, cover.dark(0.4), cover.light(0.08)), |canvas| {
            let plate =
                polygon(&[(mirror * 0.34, 1.42), (mirror * 0.94, 1.36), (mirror * 0.97, 1.82), (mirror * 0.35, 1.90)]);
            canvas.fill(Region::Object, &plate, Paint::Flat(Color::hex(0xf1d58e)));
        });
    }
    canvas.stroke(Region::Object, &line(&[(0.0, 1.24), (0.0, 2.74)]), 0.12, cover.dark(0.5));
}
