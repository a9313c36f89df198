//! What can be said of a text at a glance: enough to know, nearly always, that two texts are not similar.
//!
//! Most pairs of values have little in common, and to compare them letter by letter only to find that out is most of
//! what a matcher would do. A sketch of sixteen bytes bounds the Jaro-Winkler similarity from above: letters of one text
//! that the other lacks altogether match nothing. The bound is sure, so no result depends on it; the rejected
//! alternative, a hash of the letters that is right nearly always, would make results depend on it.

/// A text's letters, beginning and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// One bit for each six low bits that some byte has.
    letters: u64,
    /// The first four bytes, zeros behind a shorter text.
    head: [u8; 4],
    length: u16,
    ascii: bool,
}

/// How far a bound may err by rounding.
const ROUNDING: f64 = 1e-9;

impl Sketch {
    /// Looks at a text.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut head = [0; 4];
        let first = bytes.len().min(4);
        head[..first].copy_from_slice(&bytes[..first]);
        Self {
            letters: bytes.iter().fold(0, |letters, byte| letters | 1 << (byte & 63)),
            head,
            length: u16::try_from(bytes.len()).unwrap_or(u16::MAX),
            // A text too long for its length to be kept is looked at as a whole.
            ascii: text.is_ascii() && bytes.len() < usize::from(u16::MAX),
        }
    }

    /// Whether all that is said counts letters, and not parts of them.
    pub(crate) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Whether two texts begin with the same letter.
    pub(crate) fn same_initial(&self, other: &Self) -> bool {
        self.head[0] == other.head[0]
    }

    /// Whether the Jaro-Winkler similarity of two texts may reach a bound; yes, where nothing can be told.
    pub(crate) fn may_reach(&self, other: &Self, bound: f64) -> bool {
        if !self.ascii || !other.ascii || self.length == 0 || other.length == 0 {
            return true;
        }
        let matched = |a: &Self, b: &Self| u32::from(a.length).saturating_sub((a.letters & !b.letters).count_ones());
        let most = f64::from(matched(self, other).min(matched(other, self)));
        let jaro = (most / f64::from(self.length) + most / f64::from(other.length) + 1.0) / 3.0;
        let differing = u32::from_le_bytes(self.head) ^ u32::from_le_bytes(other.head);
        let prefix = f64::from(differing.trailing_zeros() / 8).min(4.0);
        jaro + prefix * 0.1 * (1.0 - jaro) >= bound - ROUNDING
    }
}

/// Whether one byte too many, too few or wrong, or two neighbours in each other's place, is all that differs: whether
/// the optimal string alignment distance is at most 1.
pub(crate) fn one_error(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - suffix], &b[..b.len() - suffix]) {
        ([] | [_], [] | [_]) => true,
        ([first, second], [third, fourth]) => first == fourth && second == third,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rapidfuzz::distance::{jaro_winkler, osa};

    proptest! {
        #[test]
        fn no_similar_pair_is_ruled_out(a in "[a-e0-2 é]{0,9}", b in "[a-e0-2 é]{0,9}", bound in 0.5f64..1.0) {
            let similarity = jaro_winkler::similarity(a.chars(), b.chars());
            if similarity >= bound {
                prop_assert!(Sketch::of(&a).may_reach(&Sketch::of(&b), bound), "{similarity}");
            }
        }

        #[test]
        fn one_error_is_a_distance_of_one(a in "[abc]{0,7}", b in "[abc]{0,7}") {
            prop_assert_eq!(one_error(&a, &b), osa::distance(a.bytes(), b.bytes()) <= 1);
        }
    }

    #[test]
    fn what_has_no_letters_in_common_is_ruled_out() {
        assert!(!Sketch::of("miller").may_reach(&Sketch::of("vaughan"), 0.8));
        assert!(Sketch::of("miller").may_reach(&Sketch::of("muller"), 0.9));
        assert!(!one_error("ab", "cd") && one_error("1234567", "1235467"));
    }
}
