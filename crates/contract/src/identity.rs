//! Durable customer ids and the events that change who they stand for.
//!
//! An id is `C-` and decimal digits in groups, the last a Damm check digit: short enough to say on the telephone, and a
//! single wrong digit or a swapped pair of neighbours is noticed. Counting upwards is deliberate; random ids would
//! differ between two runs over the same input.

use serde::{Deserialize, Serialize};

/// The totally anti-symmetric quasigroup of order 10 of H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004).
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn damm(digits: &str) -> u8 {
    digits.bytes().filter(u8::is_ascii_digit).fold(0, |state, d| DAMM[state as usize][(d - b'0') as usize])
}

/// A durable customer id, as its number; `Display` gives the speakable form `C-1000-0001-5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CustomerId(pub u64);

impl CustomerId {
    /// The number of the first id, so that all ids of the first ninety million have the same length.
    pub const FIRST: u64 = 1000_0000;

    /// Reads the speakable form; spaces, hyphens and letter case are forgiven, a wrong check digit is not.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let body = text.strip_prefix(['C', 'c']).unwrap_or(text);
        if body.chars().any(|c| !c.is_ascii_digit() && c != '-' && c != ' ') || damm(body) != 0 {
            return None;
        }
        let digits: String = body.chars().filter(char::is_ascii_digit).collect();
        let (number, _check) = digits.split_at_checked(digits.len().checked_sub(1)?)?;
        number.parse().ok().map(Self)
    }
}

impl std::fmt::Display for CustomerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:08}", self.0);
        f.write_str("C-")?;
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place) % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, "-{}", damm(&digits))
    }
}

/// A record by its address: source and key at the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRef {
    /// The source.
    pub source: String,
    /// The key at the source.
    pub source_key: String,
}

/// One change of identity. The ledger is the list of them; replayed in order it gives who is who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum IdentityEvent {
    /// A new id for a new entity; never issued again.
    Issued {
        /// The id.
        id: CustomerId,
        /// Its first records, sorted.
        records: Vec<RecordRef>,
    },
    /// Records joined an entity. A record that stood elsewhere leaves there.
    Joined {
        /// The entity.
        id: CustomerId,
        /// The records, sorted.
        records: Vec<RecordRef>,
    },
    /// Records left an entity for none: their sources no longer have them.
    Left {
        /// The entity.
        id: CustomerId,
        /// The records, sorted.
        records: Vec<RecordRef>,
    },
    /// Two entities were found to be one: `id` redirects to `into`.
    Merged {
        /// The id that redirects from now on.
        id: CustomerId,
        /// The id that stays.
        into: CustomerId,
    },
    /// Part of an entity became an entity of its own, under an id issued with it.
    Split {
        /// The entity that was split.
        from: CustomerId,
        /// The new id.
        id: CustomerId,
        /// The records that went with it, sorted.
        records: Vec<RecordRef>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_reads_as_it_is_spoken() {
        let id = CustomerId(CustomerId::FIRST + 1);
        let text = id.to_string();
        assert!(text.starts_with("C-1000-0001-"), "{text}");
        assert_eq!(CustomerId::parse(&text), Some(id));
        assert_eq!(CustomerId::parse(&text.to_lowercase().replace('-', " ")), Some(id));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_noticed(number in CustomerId::FIRST..10 * CustomerId::FIRST, place in 0usize..8, by in 1u8..10) {
            let text = CustomerId(number).to_string();
            let position = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(place).unwrap().0;
            let digit = text.as_bytes()[position] - b'0';
            let mut wrong = text.clone();
            wrong.replace_range(position..=position, &((digit + by) % 10).to_string());
            prop_assert_eq!(CustomerId::parse(&wrong), None);
        }

        #[test]
        fn swapped_neighbours_are_noticed(number in CustomerId::FIRST..10 * CustomerId::FIRST, place in 0usize..7) {
            let mut digits = CustomerId(number).to_string().chars().filter(char::is_ascii_digit).collect::<Vec<_>>();
            prop_assume!(digits[place] != digits[place + 1]);
            digits.swap(place, place + 1);
            prop_assert_eq!(CustomerId::parse(&digits.into_iter().collect::<String>()), None);
        }
    }
}
