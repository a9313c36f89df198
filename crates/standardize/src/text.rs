//! Text made plain before its meaning is looked at: one Unicode form, one kind of space, hyphen and apostrophe.
//!
//! Nothing is transliterated here: a clean value keeps its script and accents. Only [`key`], which dictionaries are
//! looked up by and which never becomes a clean value, drops accents. The rejected alternative, compatibility normalisation (NFKC), also rewrites what people mean: it turns "²" into "2" and "™" into "TM".

use std::borrow::Cow;

use deunicode::deunicode_char;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text in NFC, full-width forms made plain, every odd space one space, no space at either end, and no
/// invisible character. Applying it twice is applying it once.
pub(crate) fn tidy(text: &str) -> Cow<'_, str> {
    if is_tidy(text) {
        return Cow::Borrowed(text);
    }
    let keep_joiners = text.chars().any(joins_letters);
    let plain = nfc(text).chars().filter(|c| !is_invisible(*c, keep_joiners)).map(plain_character).collect::<String>();
    Cow::Owned(one_space(&nfc(&plain)))
}

/// Like [`tidy`], and every dash is a hyphen and every curly quotation mark or apostrophe a straight one; for
/// values that are names of something, not for prose.
pub(crate) fn tidy_name(text: &str) -> Cow<'_, str> {
    let text = tidy(text);
    if text.is_ascii() || !text.chars().any(|c| plain_punctuation(c) != c) {
        return text;
    }
    Cow::Owned(text.chars().map(plain_punctuation).collect())
}

/// What a word is looked up by: letters and digits only, in lower case, and Latin letters without accents, so that "Ph.D.",
/// "PHD" and "Ph. D" are one word and so are "José" and "JOSE". Other scripts stay themselves: spelled in Latin letters,
/// a Chinese name would be mistaken for every short word that it sounds like. A text without letters is its own key.
pub(crate) fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() => key.push(c.to_ascii_lowercase()),
            _ if c.is_ascii() || matches!(c, '\u{0300}'..='\u{036F}') => {}
            _ if is_latin(c) => {
                let folded = deunicode_char(c).unwrap_or_default().chars();
                key.extend(folded.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
            }
            _ if c.is_alphanumeric() || is_combining_mark(c) => key.extend(c.to_lowercase()),
            _ => {}
        }
    }
    if key.is_empty() { tidy(text).to_lowercase() } else { key }
}

/// Letters with accents, ligatures, and the full-width forms of plain letters.
fn is_latin(c: char) -> bool {
    matches!(c, '\u{00AA}'..='\u{02AF}' | '\u{1E00}'..='\u{1EFF}' | '\u{FB00}'..='\u{FB06}' | '\u{FF10}'..='\u{FF5A}')
}

/// Looks something up by a text's [`key`]; short texts in plain letters need no memory of their own for it.
pub(crate) fn with_key<R>(text: &str, look_up: impl FnOnce(&str) -> R) -> R {
    let mut letters = [0_u8; 48];
    if text.len() > letters.len() || !text.is_ascii() {
        return look_up(&key(text));
    }
    let mut length = 0;
    for letter in text.bytes().filter(u8::is_ascii_alphanumeric) {
        letters[length] = letter.to_ascii_lowercase();
        length += 1;
    }
    match std::str::from_utf8(&letters[..length]) {
        Ok(key) if length > 0 => look_up(key),
        _ => look_up(&key(text)),
    }
}

/// Decimal digits of other scripts as 0 to 9.
pub(crate) fn western_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(western_digit).collect()) }
}

/// Zeros of the scripts whose digits are met in customer data: Arabic, Persian, and Devanagari to Malayalam.
const ZEROS: [u32; 11] = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66];

fn western_digit(c: char) -> char {
    let digit = ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero).filter(|digit| *digit < 10));
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
}

fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|b| (b' '..=b'~').contains(b))
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
}

/// A text in NFC.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

fn one_space(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Letters of scripts in which the zero-width joiner and non-joiner change what is read (Arabic to Malayalam).
fn joins_letters(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{0DFF}')
}

fn is_invisible(c: char, keep_joiners: bool) -> bool {
    match c {
        '\u{200C}' | '\u{200D}' => !keep_joiners,
        '\t' | '\n' | '\u{0B}' | '\u{0C}' | '\r' | '\u{85}' => false,
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{FEFF}'
        | '\u{FFFC}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' => true,
        _ => c.is_control(),
    }
}

fn plain_character(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ if c.is_whitespace() => ' ',
        _ => c,
    }
}

fn plain_punctuation(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2032}' | '\u{02BC}' | '\u{02B9}' | '\u{00B4}' | '`' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => '-',
        _ => c,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn odd_characters_become_plain() {
        for (text, expected) in [
            ("  Ann\u{00A0}\u{3000} Lee\t", "Ann Lee"),
            ("ＡＢＣ－１２３", "ABC-123"),
            ("Jose\u{0301}", "José"),
            ("\u{FEFF}Ann\u{200B}a", "Anna"),
            ("line\r\nbreak", "line break"),
            ("क्\u{200D}ष", "क्\u{200D}ष"),
            ("a\u{200D}b", "ab"),
        ] {
            assert_eq!(tidy(text), expected, "{text:?}");
        }
        assert_eq!(tidy_name("O’Brien–Smith"), "O'Brien-Smith");
    }

    #[test]
    fn a_key_forgets_accents_dots_and_case() {
        for (text, expected) in
            [("Ph.D.", "phd"), ("José", "jose"), ("O'Brien", "obrien"), ("Straße", "strasse"), ("-", "-")]
        {
            assert_eq!(key(text), expected);
        }
        assert_eq!(key("राम"), "राम");
        assert_eq!(key("马"), "马");
    }

    proptest! {
        #[test]
        fn tidying_twice_is_tidying_once(text in any::<String>()) {
            let once = tidy(&text).into_owned();
            prop_assert_eq!(tidy(&once), once.as_str());
            let once = tidy_name(&text).into_owned();
            prop_assert_eq!(tidy_name(&once), once.as_str());
        }
    }
}
