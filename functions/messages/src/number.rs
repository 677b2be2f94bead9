//! Which JSON numbers a DynamoDB number can hold.

/// Most significant digits that a DynamoDB number keeps.
/// Source: DynamoDB developer guide, supported data types, Number (read 2026-11-23).
const MAX_DIGITS: usize = 38;

/// Exponent of the leading digit in scientific notation, smallest and largest.
/// Source: as above: 1E-130 to 9.9999999999999999999999999999999999999E+125.
const EXPONENTS: std::ops::RangeInclusive<i64> = -130..=125;

/// The significant digits of a JSON number and the exponent of the first of them; none for zero.
struct Magnitude {
    digits: usize,
    exponent: i64,
}

/// True when DynamoDB can hold the JSON number `text` without loss.
pub(crate) fn is_storable(text: &str) -> bool {
    magnitude(text)
        .is_none_or(|magnitude| magnitude.digits <= MAX_DIGITS && EXPONENTS.contains(&magnitude.exponent))
}

/// True when the JSON number `text` is zero, however it is written.
pub(crate) fn is_zero(text: &str) -> bool {
    magnitude(text).is_none()
}

/// Bytes that the JSON number `text` takes in an item: one per two significant digits, plus one.
/// Source: DynamoDB developer guide, item sizes and formats (read 2026-11-23).
pub(crate) fn stored_size(text: &str) -> usize {
    magnitude(text).map_or(1, |magnitude| magnitude.digits.div_ceil(2) + 2)
}

fn magnitude(text: &str) -> Option<Magnitude> {
    let unsigned = text.trim_start_matches('-');
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: String = [whole, fraction].concat();
    let leading_zeros = all.bytes().take_while(|digit| *digit == b'0').count();
    let digits = all.trim_matches('0').len();
    if digits == 0 {
        return None;
    }
    let point = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    let zeros = i64::try_from(leading_zeros).unwrap_or(i64::MAX);
    let exponent = saturating_exponent(exponent).saturating_add(point - zeros - 1);
    Some(Magnitude { digits, exponent })
}

fn saturating_exponent(text: &str) -> i64 {
    let limit = if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    // Half of the range leaves room for adding the place of the decimal point.
    text.trim_start_matches('+').parse::<i64>().unwrap_or(limit).clamp(i64::MIN / 2, i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_eight_digits_fit_and_thirty_nine_do_not() {
        assert!(is_storable(&"9".repeat(38)));
        assert!(!is_storable(&"9".repeat(39)));
        assert!(is_storable(&format!("-0.{}", "9".repeat(38))));
    }

    #[test]
    fn zeros_around_the_significant_digits_do_not_count() {
        assert!(is_storable(&format!("1{}", "0".repeat(100))));
        assert!(is_storable(&format!("0.{}1", "0".repeat(100))));
    }

    #[test]
    fn exponents_at_the_edges_fit_and_beyond_do_not() {
        for (text, fits) in [("1e125", true), ("9.9E+125", true), ("1e126", false), ("10e125", false)] {
            assert_eq!(is_storable(text), fits, "{text}");
        }
        for (text, fits) in [("1e-130", true), ("0.1e-129", true), ("1e-131", false), ("0.1e-130", false)] {
            assert_eq!(is_storable(text), fits, "{text}");
        }
    }

    #[test]
    fn zero_fits_however_it_is_written() {
        for text in ["0", "-0", "0.000", "0e999999999999999999999", "-0.0E-7"] {
            assert!(is_storable(text) && is_zero(text), "{text}");
        }
    }

    #[test]
    fn absurd_exponents_are_refused_without_overflow() {
        assert!(!is_storable("1e99999999999999999999999"));
        assert!(!is_storable("1e-99999999999999999999999"));
        assert!(!is_storable("0.001e9223372036854775807"));
        assert!(!is_storable("1e-9223372036854775808"));
    }
}
