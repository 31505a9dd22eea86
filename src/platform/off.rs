//! Off: how far a device's numbers are from those that are known.

/// The largest difference, relative to the largest number that is known; infinite where a number is none, or one is missing.
pub fn off(found: &[f32], known: &[f32]) -> f32 {
    if found.len() != known.len() || found.iter().any(|number| !number.is_finite()) {
        return f32::INFINITY;
    }
    let most = |numbers: &mut dyn Iterator<Item = f32>| numbers.fold(0f32, |most, number| most.max(number.abs()));
    let difference = most(&mut found.iter().zip(known).map(|(found, known)| found - known));
    difference / most(&mut known.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::off;

    #[test]
    fn what_is_no_number_or_not_there_is_far_off() {
        assert_eq!(off(&[1.0, -3.5], &[1.0, -4.0]), 0.125);
        assert_eq!(off(&[f32::NAN, -4.0], &[1.0, -4.0]), f32::INFINITY);
        assert_eq!(off(&[f32::NAN; 2], &[1.0, -4.0]), f32::INFINITY);
        assert_eq!(off(&[1.0], &[1.0, -4.0]), f32::INFINITY);
    }
}
