//! Texts to typed values, exactly as machines write them.
//!
//! Staging takes plain numbers only: `1`, `-2`, `+3`, ` 4 `, `0.5`. It knows no thousands separator, no decimal comma, no
//! exponent and no currency sign: whether `1,234` is a thousand or a little more than one is not for this stage to guess. A
//! column written so is of kind `money`, which standardization reads.

use onefold_contract::attribute::{DECIMAL_PRECISION, DECIMAL_SCALE};

/// Why a text is not of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoValue {
    /// The rule's code.
    pub(super) rule: &'static str,
    /// What the text is not, and what would be right.
    pub(super) why: &'static str,
}

const NOT_AN_INTEGER: NoValue = NoValue {
    rule: "not-an-integer",
    why: "is not a whole number; write digits with an optional sign, such as 1234 or -5, without separators",
};
const INTEGER_TOO_LARGE: NoValue = NoValue {
    rule: "integer-too-large",
    why: "is beyond 19 digits; a number that names something is of kind identifier",
};
const NOT_A_DECIMAL: NoValue = NoValue {
    rule: "not-a-decimal",
    why: "is not a plain decimal number; write digits with a point, such as 1234.5, without separators or signs of money",
};
const DECIMAL_TOO_LARGE: NoValue = NoValue {
    rule: "decimal-too-large",
    why: "has more than 24 digits before the point, which no exact decimal here holds",
};
const DECIMAL_TOO_FINE: NoValue = NoValue {
    rule: "decimal-too-fine",
    why: "has more than 4 digits behind the point, and rounding it would change it; round it at the source",
};
const NOT_A_FLAG: NoValue =
    NoValue { rule: "not-a-flag", why: "is neither yes nor no; write y, n, yes, no, true, false, t, f, 1 or 0" };

/// A whole number.
pub(super) fn integer(text: &str) -> Result<i64, NoValue> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NOT_AN_INTEGER);
    }
    text.parse().map_err(|_| INTEGER_TOO_LARGE)
}

/// A decimal number, in units of its last digit.
pub(super) fn decimal(text: &str) -> Result<i128, NoValue> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !plain(whole) || !plain(fraction) {
        return Err(NOT_A_DECIMAL);
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if fraction.len() > DECIMAL_SCALE as usize {
        return Err(DECIMAL_TOO_FINE);
    }
    if whole.len() > usize::from(DECIMAL_PRECISION) - DECIMAL_SCALE as usize {
        return Err(DECIMAL_TOO_LARGE);
    }
    let padding = std::iter::repeat_n(b'0', DECIMAL_SCALE as usize - fraction.len());
    let units = whole.bytes().chain(fraction.bytes()).chain(padding).fold(0, |n, b| n * 10 + i128::from(b - b'0'));
    Ok(if negative { -units } else { units })
}

/// Yes or no.
pub(super) fn flag(text: &str) -> Result<bool, NoValue> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
    match () {
        () if is(&["y", "yes", "true", "t", "1"]) => Ok(true),
        () if is(&["n", "no", "false", "f", "0"]) => Ok(false),
        () => Err(NOT_A_FLAG),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, value) in [("1", 1), ("-2", -2), ("+3", 3), (" 4 ", 4), ("007", 7), ("-0", 0)] {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
        assert_eq!(integer("9223372036854775807"), Ok(i64::MAX));
        assert_eq!(integer("9223372036854775808"), Err(INTEGER_TOO_LARGE));
        for text in ["1,234", "1.0", "1e3", "", "-", "+-1", "1 2", "٣", "0x1", "$5"] {
            assert_eq!(integer(text), Err(NOT_AN_INTEGER), "{text}");
        }
    }

    #[test]
    fn decimals() {
        let cases =
            [("1", 10_000), ("-2.5", -25_000), ("+.5", 5_000), ("5.", 50_000), (" 0.0001 ", 1), ("1.50000", 15_000)];
        for (text, units) in cases {
            assert_eq!(decimal(text), Ok(units), "{text}");
        }
        let largest = "9".repeat(24) + ".9999";
        assert_eq!(decimal(&largest), Ok(10i128.pow(28) - 1));
        assert_eq!(decimal(&("0".repeat(40) + "1")), Ok(10_000));
        assert_eq!(decimal(&"9".repeat(25)), Err(DECIMAL_TOO_LARGE));
        assert_eq!(decimal("0.00001"), Err(DECIMAL_TOO_FINE));
        for text in ["1,5", "1.2.3", ".", "", "1e3", "NaN", "Inf", "$1", "1 000"] {
            assert_eq!(decimal(text), Err(NOT_A_DECIMAL), "{text}");
        }
    }

    #[test]
    fn flags() {
        for text in ["y", "YES", "True", "t", "1", " Y "] {
            assert_eq!(flag(text), Ok(true), "{text}");
        }
        for text in ["n", "No", "FALSE", "F", "0"] {
            assert_eq!(flag(text), Ok(false), "{text}");
        }
        assert_eq!(flag("maybe"), Err(NOT_A_FLAG));
    }
}
