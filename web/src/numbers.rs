//! Numbers: what the user may type, and the size that a photo is edited at.
use std::ops::RangeInclusive;

/// Whole numbers that JavaScript keeps exactly.
pub const MOST_SEED: u64 = (1 << 53) - 1;
/// Sides inside the model are multiples of this.
const SIDE_STEP: usize = 64;
/// A longer side takes more memory than a tab has.
pub const MOST_SIDE: usize = 1024;

/// Range of the amount, in percent.
pub const AMOUNT: RangeInclusive<f64> = 0.0..=150.0;
/// Range of the sampling steps.
pub const STEPS: RangeInclusive<f64> = 1.0..=1000.0;
/// Range of both guidance scales.
pub const SCALE: RangeInclusive<f64> = 0.0..=100.0;
/// Range of the seed.
pub const SEED: RangeInclusive<f64> = 0.0..=MOST_SEED as f64;
/// Range of the longer side inside the model.
pub const SIDE: RangeInclusive<f64> = SIDE_STEP as f64..=MOST_SIDE as f64;

/// A number within a range; `None` for what is none.
pub fn clamped(number: f64, range: &RangeInclusive<f64>) -> Option<f64> {
    (!number.is_nan()).then(|| number.clamp(*range.start(), *range.end()))
}

/// Likewise, whole.
pub fn whole(number: f64, range: &RangeInclusive<f64>) -> Option<f64> {
    clamped(number, range).map(f64::round)
}

/// A longer side inside the model: a multiple of 64.
pub fn side(number: f64) -> Option<f64> {
    let step = SIDE_STEP as f64;
    clamped((number / step).round() * step, &SIDE)
}

/// The size of what comes out of a photo: its aspect ratio, and no larger than the model works.
pub fn size_out((width, height): (usize, usize), longer: usize) -> (usize, usize) {
    let longer = ((longer + SIDE_STEP / 2) / SIDE_STEP * SIDE_STEP).max(SIDE_STEP);
    let longest = width.max(height);
    if longest <= longer {
        return (width, height);
    }
    let side = |side: usize| ((side * longer + longest / 2) / longest).max(1);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::{AMOUNT, SEED, STEPS, clamped, side, size_out, whole};

    #[test]
    fn what_is_out_of_range_is_clamped() {
        assert_eq!(clamped(-3.0, &AMOUNT), Some(0.0));
        assert_eq!(clamped(f64::INFINITY, &AMOUNT), Some(150.0));
        assert_eq!(clamped(f64::NAN, &AMOUNT), None);
        assert_eq!(whole(0.2, &STEPS), Some(1.0));
        assert_eq!(whole(1e300, &SEED).map(|seed| seed as u64), Some(super::MOST_SEED));
    }

    #[test]
    fn sides_are_multiples_of_64() {
        assert_eq!([-1.0, 1.0, 95.0, 96.0, 500.0, 1e9].map(side), [64.0, 64.0, 64.0, 128.0, 512.0, 1024.0].map(Some));
        assert_eq!(side(f64::NAN), None);
    }

    #[test]
    fn a_photo_keeps_its_shape() {
        assert_eq!(size_out((4000, 3000), 128), (128, 96));
        assert_eq!(size_out((3000, 4000), 512), (384, 512));
        assert_eq!(size_out((100, 80), 128), (100, 80));
        assert_eq!(size_out((16384, 2), 128), (128, 1));
    }
}
