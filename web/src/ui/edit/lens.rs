//! Lens: which part of a picture the stage shows, and how large.

/// Nearer than this shows nothing new.
const NEAREST: f64 = 16.0;
/// How much a press of a key or button changes.
pub const STEP: f64 = 1.5;

/// How a picture lies on the stage; lengths are parts of the stage, the picture fills it at scale 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// 1 and above.
    pub scale: f64,
    /// Where the picture's left edge lies, 0 or less.
    pub x: f64,
    /// Where the picture's upper edge lies, 0 or less.
    pub y: f64,
}

impl Lens {
    /// The whole picture.
    pub const WHOLE: Self = Self { scale: 1.0, x: 0.0, y: 0.0 };

    /// Whether all of the picture is seen.
    pub fn is_whole(self) -> bool {
        self.scale <= 1.0
    }

    /// Whether it cannot come nearer.
    pub fn is_nearest(self) -> bool {
        self.scale >= NEAREST
    }

    /// Nearer by a factor; what lies at that point of the stage stays there.
    pub fn zoomed(self, by: f64, (at_x, at_y): (f64, f64)) -> Self {
        let scale = if by.is_finite() { (self.scale * by).clamp(1.0, NEAREST) } else { self.scale };
        let kept = |start: f64, at: f64| at - (at - start) / self.scale * scale;
        Self { scale, x: kept(self.x, at_x), y: kept(self.y, at_y) }.bounded()
    }

    /// Moved by a part of the stage.
    pub fn moved(self, x: f64, y: f64) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }.bounded()
    }

    /// No edge of the picture comes into the stage.
    fn bounded(self) -> Self {
        let bound = |start: f64| if start.is_finite() { start.clamp(1.0 - self.scale, 0.0) } else { 0.0 };
        Self { x: bound(self.x), y: bound(self.y), ..self }
    }

    /// Which part of the picture lies left of a point of the stage, 0 to 1.
    pub fn left_of(self, at: f64) -> f64 {
        ((at - self.x) / self.scale).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Lens;

    #[test]
    fn the_point_under_the_finger_stays() {
        let lens = Lens::WHOLE.zoomed(3.0, (0.7, 0.4)).zoomed(1.3, (0.2, 0.9));
        let at = (0.35, 0.6);
        let near = lens.zoomed(2.0, at);
        assert!((lens.left_of(at.0) - near.left_of(at.0)).abs() < 1e-12);
    }

    #[test]
    fn the_picture_covers_the_stage() {
        let mut lens = Lens::WHOLE;
        for (by, x, y) in
            [(4.0, 3.0, -9.0), (0.3, 0.1, 0.2), (f64::NAN, f64::NAN, 1.0), (1e9, -5.0, 5.0), (0.0, 1.0, 1.0)]
        {
            lens = lens.zoomed(by, (0.5, 0.1)).moved(x, y);
            let covers = |start: f64| start <= 0.0 && start + lens.scale >= 1.0 - 1e-12;
            assert!(covers(lens.x) && covers(lens.y) && (1.0..=16.0).contains(&lens.scale), "{lens:?}");
        }
        assert_eq!(lens, Lens::WHOLE);
        assert_eq!((Lens::WHOLE.left_of(-2.0), Lens::WHOLE.left_of(0.25), Lens::WHOLE.left_of(9.0)), (0.0, 0.25, 1.0));
    }
}
