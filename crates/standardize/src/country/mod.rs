//! Countries, as the two-letter code of ISO 3166-1.
//!
//! A code of two or three letters or a name is looked up, in English and in the country's own language for the common ones. A
//! name that is not known is a defect and not kept, because a column in which "Germany", "DE" and "Deutshland" stand side by
//! side compares with nothing.

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use self::table::COUNTRIES;
use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::{key, tidy_name};
use crate::value_wise::{Cleaned, Flaw, clean_texts};

/// Codes by key of code and name. "and" and "the" are left out of names, so that "The Bahamas" is Bahamas.
static CODES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let spellings = COUNTRIES.iter().flat_map(|(code, long, names)| {
        let names = names.iter().map(|name| country_key(name));
        [key(code), key(long)].into_iter().chain(names).map(|spelling| (spelling, *code))
    });
    spellings.collect()
});

/// The key of a name; of several words "and" and "the" do not count, but AND alone is Andorra.
fn country_key(name: &str) -> String {
    let counts = |word: &&str| !matches!(word.to_ascii_lowercase().as_str(), "and" | "the" | "&");
    let words: String = name.split(' ').filter(counts).collect();
    key(if words.is_empty() { name } else { &words })
}

/// Cleans countries.
pub(crate) struct Countries<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Countries<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<String> {
        let tidy = tidy_name(text);
        // Namibia's code is a word for "not available" as well; in capitals it is the country here.
        if &*tidy != "NA" && is_null(text, AttributeKind::Country, settings, self.dictionaries) {
            return Ok(None);
        }
        let code = CODES.get(&country_key(&tidy));
        let flaw = || Flaw::new("unknown-country", format!("{tidy} is no country's name or ISO 3166 code"));
        code.map(|code| Some((*code).to_owned())).ok_or_else(flaw)
    }
}

impl Standardizer for Countries<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Country]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts(column, |text| self.clean(text, settings))
    }
}
