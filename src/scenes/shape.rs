//! Shape: an outline in unit coordinates, x to the right and y down.
use tiny_skia::{Path, PathBuilder, Rect, Transform};

/// An outline; what cannot be drawn (no area, a number that is none) is empty.
#[derive(Clone)]
pub struct Shape(pub(super) Option<Path>);

fn build(draw: impl FnOnce(&mut PathBuilder)) -> Shape {
    let mut builder = PathBuilder::new();
    draw(&mut builder);
    Shape(builder.finish())
}

/// A circle round (x, y).
pub fn circle(x: f32, y: f32, radius: f32) -> Shape {
    ellipse(x, y, radius, radius)
}

/// An ellipse round (x, y).
pub fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> Shape {
    Shape(Rect::from_ltrb(x - rx, y - ry, x + rx, y + ry).and_then(PathBuilder::from_oval))
}

/// A rectangle from its left top.
pub fn rect(x: f32, y: f32, width: f32, height: f32) -> Shape {
    Shape(Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect))
}

/// A rectangle with round corners.
pub fn round_rect(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Shape {
    let r = radius.min(width / 2.0).min(height / 2.0);
    let (right, bottom) = (x + width, y + height);
    build(|path| {
        path.move_to(x + r, y);
        path.line_to(right - r, y);
        path.quad_to(right, y, right, y + r);
        path.line_to(right, bottom - r);
        path.quad_to(right, bottom, right - r, bottom);
        path.line_to(x + r, bottom);
        path.quad_to(x, bottom, x, bottom - r);
        path.line_to(x, y + r);
        path.quad_to(x, y, x + r, y);
        path.close();
    })
}

/// Straight lines from point to point and back.
pub fn polygon(points: &[(f32, f32)]) -> Shape {
    build(|path| {
        for (at, &(x, y)) in points.iter().enumerate() {
            if at == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
    })
}

/// A smooth closed line through the points (Catmull–Rom).
pub fn blob(points: &[(f32, f32)]) -> Shape {
    let n = points.len();
    let at = |index: usize| points[index % n];
    build(|path| {
        if n < 3 {
            return;
        }
        path.move_to(at(0).0, at(0).1);
        for index in 0..n {
            let (before, from, to, then) = (at(index + n - 1), at(index), at(index + 1), at(index + 2));
            curve(path, before, from, to, then);
        }
        path.close();
    })
}

/// A smooth open line through the points.
pub fn line(points: &[(f32, f32)]) -> Shape {
    build(|path| trace(path, points))
}

/// The area between a smooth line from left to right and `bottom`.
pub fn below(points: &[(f32, f32)], bottom: f32) -> Shape {
    build(|path| {
        trace(path, points);
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            path.line_to(last.0, bottom);
            path.line_to(first.0, bottom);
            path.close();
        }
    })
}

fn trace(path: &mut PathBuilder, points: &[(f32, f32)]) {
    let n = points.len();
    for index in 0..n {
        if index == 0 {
            path.move_to(points[0].0, points[0].1);
        } else {
            let then = points[(index + 1).min(n - 1)];
            curve(path, points[index.saturating_sub(2)], points[index - 1], points[index], then);
        }
    }
}

fn curve(path: &mut PathBuilder, before: (f32, f32), from: (f32, f32), to: (f32, f32), then: (f32, f32)) {
    let first = (from.0 + (to.0 - before.0) / 6.0, from.1 + (to.1 - before.1) / 6.0);
    let second = (to.0 - (then.0 - from.0) / 6.0, to.1 - (then.1 - from.1) / 6.0);
    path.cubic_to(first.0, first.1, second.0, second.1, to.0, to.1);
}

/// A heart in a box of this half-width round (x, y).
pub fn heart(x: f32, y: f32, r: f32) -> Shape {
    build(|path| {
        path.move_to(x, y + r);
        path.cubic_to(x - 1.5 * r, y - 0.05 * r, x - 1.0 * r, y - 1.15 * r, x, y - 0.42 * r);
        path.cubic_to(x + 1.0 * r, y - 1.15 * r, x + 1.5 * r, y - 0.05 * r, x, y + r);
        path.close();
    })
}

impl Shape {
    /// Both outlines as one.
    pub fn and(self, other: Shape) -> Shape {
        build(|path| {
            for part in [&self.0, &other.0].into_iter().flatten() {
                path.push_path(part);
            }
        })
    }

    /// Turned round (x, y), clockwise in degrees.
    pub fn turn(self, degrees: f32, x: f32, y: f32) -> Shape {
        Shape(self.0.and_then(|path| path.transform(Transform::from_rotate_at(degrees, x, y))))
    }
}

/// Several circles (x, y, radius) as one outline.
pub fn circles(parts: &[(f32, f32, f32)]) -> Shape {
    build(|path| {
        for &(x, y, r) in parts {
            if let Some(part) = Rect::from_ltrb(x - r, y - r, x + r, y + r) {
                path.push_oval(part);
            }
        }
    })
}
