//! Texts that mean "no value".
//!
//! How much is believed depends on what a word could mean in the column. "NULL" is no telephone number in any case; but
//! Null is a family name, "none" may be a category on purpose, and NA is a continent. So:
//!
//! - every kind: nothing but punctuation ("-", "..."), and the column's own null words, in any case;
//! - contact details, places, dates, numbers: every null word of the dictionary, in any case;
//! - names: null words that stand in all-lower or all-upper case ("null", "UNKNOWN"), but not those that the dictionary
//!   also knows as a name ("NA", "nan"); "Null" is left to be a name, "NULL" is not, whoever bears it;
//! - codes, categories and free text: only words that say `null` outright, because there "unknown" is a statement.

use onefold_contract::AttributeKind;
use onefold_contract::standardizer::ColumnSettings;

use crate::text::tidy;
use crate::{Dictionaries, NullWord};

/// Whether a text of a column of this kind means that there is no value.
pub(crate) fn is_null(text: &str, kind: AttributeKind, settings: &ColumnSettings, dictionaries: &Dictionaries) -> bool {
    let text = tidy(text);
    if text.is_empty() || settings.null_words.iter().any(|word| tidy(word).to_lowercase() == text.to_lowercase()) {
        return true;
    }
    let word = dictionaries.null_word(&text);
    match kind {
        AttributeKind::Identifier | AttributeKind::Category | AttributeKind::FreeText => word == Some(NullWord::Never),
        _ if !text.chars().any(char::is_alphanumeric) => true,
        AttributeKind::GivenName | AttributeKind::FamilyName | AttributeKind::FullName => {
            let one_case = *text == *text.to_lowercase() || *text == *text.to_uppercase();
            let known =
                || dictionaries.given_frequency(&text).is_some() || dictionaries.family_frequency(&text).is_some();
            let is_name = || text.chars().all(char::is_alphabetic) && known();
            word.is_some() && one_case && (text.eq_ignore_ascii_case("null") || !is_name())
        }
        _ => word.is_some(),
    }
}
