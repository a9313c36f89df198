//! The shape of a value: what stands where, with letters and digits made alike.
//!
//! Digits are kept one by one, because how many there are is what tells a postcode from a telephone number; runs of
//! three letters and more become one sign with `+`, or every name would have a shape of its own. "SW1A 2AA" is
//! `AA9A 9AA`, "Robert" is `Aa+`, "2026-11-22" is `9999-99-99`.

/// Shapes are cut off behind this many characters.
const LONGEST: usize = 40;

/// The shape of a value.
pub(super) fn shape_of(text: &str) -> String {
    let mut shape = String::with_capacity(text.len().min(LONGEST) + 4);
    let mut rest = text.trim().chars().peekable();
    let mut length = 0;
    while let Some(first) = rest.next() {
        if length >= LONGEST {
            shape.push('…');
            break;
        }
        let before = shape.len();
        if first.is_alphabetic() {
            let mut word = vec![first];
            while let Some(letter) = rest.next_if(|c| c.is_alphabetic()) {
                word.push(letter);
            }
            word_shape(&word, &mut shape);
        } else if first.is_numeric() {
            shape.push('9');
        } else if first.is_whitespace() {
            shape.push(' ');
        } else {
            shape.push(first);
        }
        length += shape[before..].chars().count();
    }
    shape
}

fn word_shape(word: &[char], shape: &mut String) {
    let signs = word.iter().map(|c| if c.is_lowercase() { 'a' } else { 'A' });
    if word.len() < 3 {
        shape.extend(signs);
        return;
    }
    let (upper, lower) = (word.iter().any(|c| !c.is_lowercase()), word.iter().any(|c| c.is_lowercase()));
    shape.push_str(match (upper, lower) {
        (true, false) => "A+",
        (false, _) => "a+",
        _ if word[1..].iter().all(|c| c.is_lowercase()) => "Aa+",
        _ => "AaA+",
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shapes_read_as_values_do() {
        for (text, expected) in [
            ("SW1A 2AA", "AA9A 9AA"),
            ("Robert", "Aa+"),
            ("Bob", "Aa+"),
            ("McDonald", "AaA+"),
            ("12/31/1980", "99/99/9999"),
            ("(769) 947-4117", "(999) 999-9999"),
            ("  o'brien ", "a'a+"),
            ("", ""),
            ("王芳", "AA"),
            ("१२३", "999"),
        ] {
            assert_eq!(shape_of(text), expected, "{text}");
        }
        assert_eq!(shape_of(&"12 ".repeat(40)).chars().count(), LONGEST + 1);
    }

    proptest! {
        #[test]
        fn a_shape_is_short_and_the_same_for_other_letters_and_digits(text in "[a-c0-4 -]{0,60}") {
            let other: String = text.chars().map(|c| match c { 'a'..='c' => 'z', '0'..='4' => '7', c => c }).collect();
            prop_assert_eq!(shape_of(&text), shape_of(&other));
            prop_assert!(shape_of(&text).chars().count() <= LONGEST + 3);
        }
    }
}
