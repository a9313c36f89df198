//! Letter case of names.
//!
//! Only words that carry no case of their own are changed: a value all in capitals or all in small letters, and within a
//! mixed value a word of three or more capitals ("SMITH, John") or a word in small letters that is no particle ("jon
//! Yang"). What is in mixed case was written by someone who knew how (`DeShawn`, `LaToya`, `McDonald`) and stays. The
//! rejected alternative, proper case for everything, spoils those to please none.

use crate::text::nfc;

/// Particles of family names, which stay small inside a name: Dutch, German, Romance and Arabic ones.
const PARTICLES: [&str; 33] = [
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "das", "dos", "du", "la", "las", "los", "le", "ter",
    "ten", "te", "zu", "zum", "zur", "af", "av", "bin", "bint", "binti", "ibn", "al", "el", "ul", "y", "vom",
];

/// Particles that are joined to a name by a hyphen.
const JOINED_PARTICLES: [&str; 7] = ["al", "el", "ul", "ur", "ad", "ash", "as"];

/// Names in Mac that are written with a second capital; the others ("Mack", "Macias", "Machado") are not.
const MAC_NAMES: [&str; 34] = [
    "alister", "allister", "andrew", "arthur", "askill", "aulay", "bean", "beth", "callum", "cormick", "diarmid",
    "donald", "donnell", "dougall", "duff", "fadyen", "farlane", "gregor", "innes", "intosh", "intyre", "kay",
    "kenzie", "kinnon", "lachlan", "laren", "lean", "leod", "millan", "nab", "neil", "pherson", "quarrie", "rae",
];

/// Whether a word is a particle of family names. `word` may be in any case.
pub(crate) fn is_particle(word: &str) -> bool {
    word.len() <= 5 && PARTICLES.iter().any(|particle| particle.eq_ignore_ascii_case(word))
}

/// What kind of case the letters of a text are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// No letter has case.
    None,
    /// All letters that have case are capitals.
    Upper,
    /// All letters that have case are small.
    Lower,
    /// Both stand in it.
    Mixed,
}

/// The case of a text.
pub(crate) fn case_of(text: &str) -> Case {
    let upper = text.chars().any(char::is_uppercase);
    let lower = text.chars().any(char::is_lowercase);
    match (upper, lower) {
        (false, false) => Case::None,
        (true, false) => Case::Upper,
        (false, true) => Case::Lower,
        (true, true) => Case::Mixed,
    }
}

/// The words of a name in proper case, where they carry none of their own.
pub(crate) fn name_words(words: &[&str]) -> Vec<String> {
    let whole = case_of(&words.concat());
    let last = words.len().saturating_sub(1);
    let cased: Vec<String> =
        words.iter().enumerate().map(|(place, word)| name_word(word, whole, place < last)).collect();
    // "LE a" is mixed and becomes "LE A", which is not: what follows from that is done at once.
    if whole == Case::Mixed && case_of(&cased.concat()) == Case::Upper {
        return name_words(&cased.iter().map(String::as_str).collect::<Vec<_>>());
    }
    cased
}

fn name_word(word: &str, whole: Case, inside: bool) -> String {
    let particle = inside && is_particle(word);
    match (whole, case_of(word)) {
        (_, Case::None | Case::Mixed) => word.to_owned(),
        (Case::Mixed, Case::Upper) if word.chars().count() < 3 => word.to_owned(),
        (_, Case::Upper) if is_initials(word) => word.to_owned(),
        (_, Case::Lower) if particle => word.to_owned(),
        // A single capital is an initial, even where it is the Spanish "and".
        (Case::Upper, _) if particle && word.len() > 1 => word.to_lowercase(),
        _ => proper(word),
    }
}

/// Two or three capitals without a vowel: "JD" is no word.
fn is_initials(word: &str) -> bool {
    let letters = word.chars().count();
    (2..=3).contains(&letters) && word.chars().all(|c| c.is_ascii_uppercase() && !"AEIOUY".contains(c))
}

/// A word with a capital where a name has one: at its beginning, behind a hyphen, behind a single letter and an
/// apostrophe (O'Brien), behind Mc, and behind Mac in the names known for it.
pub(crate) fn proper(word: &str) -> String {
    let lower = word.to_lowercase();
    let parts: Vec<&str> = lower.split('-').collect();
    let last = parts.len() - 1;
    let cased = parts.iter().enumerate().map(|(place, part)| {
        if place < last && JOINED_PARTICLES.contains(part) { (*part).to_owned() } else { proper_part(part) }
    });
    nfc(&cased.collect::<Vec<_>>().join("-")).into_owned()
}

fn proper_part(part: &str) -> String {
    if let Some((prefix, rest)) = part.split_once('\'')
        && prefix.chars().count() == 1
        && rest.chars().count() > 1
    {
        return format!("{}'{}", capital(prefix), proper_part(rest));
    }
    if let Some(rest) = part.strip_prefix("mc").filter(|rest| rest.chars().count() > 1) {
        return format!("Mc{}", capital(rest));
    }
    if let Some(rest) = part.strip_prefix("mac").filter(|rest| MAC_NAMES.contains(rest)) {
        return format!("Mac{}", capital(rest));
    }
    capital(part)
}

/// A word with its first letter a capital; punctuation before it stays. A word that begins with a digit ("5onia", a typing
/// error) and a letter without a capital of its own ("ß", the ligature "ﬁ") stay as they are.
pub(crate) fn capital(word: &str) -> String {
    let Some((place, first)) = word.char_indices().find(|(_, c)| c.is_alphanumeric()) else { return word.to_owned() };
    let mut upper = first.to_uppercase();
    let (Some(upper), None) = (upper.next(), upper.next()) else { return word.to_owned() };
    format!("{}{upper}{}", &word[..place], &word[place + first.len_utf8()..])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cased_as_their_bearers_write_them() {
        for (text, expected) in [
            ("JON", "Jon"),
            ("mary-ann", "Mary-Ann"),
            ("O'BRIEN", "O'Brien"),
            ("d'angelo", "D'Angelo"),
            ("MCDONALD", "McDonald"),
            ("macdonald", "MacDonald"),
            ("MACHADO", "Machado"),
            ("DeShawn", "DeShawn"),
            ("VAN DER BERG", "van der Berg"),
            ("van der Berg", "van der Berg"),
            ("Van Dyke", "Van Dyke"),
            ("SMITH John", "Smith John"),
            ("jon Yang", "Jon Yang"),
            ("JD SMITH", "JD Smith"),
            ("JD Smith", "JD Smith"),
            ("AL-RAHMAN", "al-Rahman"),
            ("ANDRÉS", "Andrés"),
            ("SA'ID", "Sa'id"),
            ("DE", "De"),
            ("राम", "राम"),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(name_words(&words).join(" "), expected);
            assert_eq!(name_words(&expected.split(' ').collect::<Vec<_>>()).join(" "), expected, "twice");
        }
    }
}
