//! E-mail addresses.
//!
//! The clean value is the whole address in lower case. The standard lets the user part tell case apart; no provider in use
//! does, and people type it as they like. Dots and "+tags" stay: leaving them out is a comparison's business, not the
//! value's. International users and domains (RFC 6531) stay in their own script. A stuttered "@@" or ".." is mended. Where a cell holds several addresses,
//! separated by ";", "," or "|", the first one counts; the original beside it still has all.

use std::borrow::Cow;

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::tidy_name;
use crate::value_wise::{Cleaned, Flaw, clean_texts};

/// The longest user part, domain and domain label, in bytes (RFC 5321 and 1035).
const LONGEST_USER: usize = 64;
const LONGEST_DOMAIN: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Cleans e-mail addresses.
pub(crate) struct Emails<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Emails<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<String> {
        if is_null(text, AttributeKind::Email, settings, self.dictionaries) {
            return Ok(None);
        }
        let lower = tidy_name(text).to_lowercase();
        let lower = tidy_name(&lower);
        check(&without_repeats(bare(&lower))).map(Some)
    }
}

impl Standardizer for Emails<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Email]
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

/// The first address of a text without what mail programs put around it.
fn bare(text: &str) -> &str {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    let mut address = inside.unwrap_or(text);
    address = address.split([';', ',', '|']).map(str::trim).find(|part| !part.is_empty()).unwrap_or(address);
    loop {
        let ends = |c: char| matches!(c, ' ' | '.' | '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ':');
        let inner = address.trim_matches(ends);
        let inner = inner.strip_prefix("mailto:").or_else(|| inner.strip_prefix("smtp:")).unwrap_or(inner);
        let inner =
            inner.split_once('?').filter(|(before, _)| before.contains('@')).map_or(inner, |(before, _)| before);
        if inner == address {
            return address;
        }
        address = inner;
    }
}

/// A stuttered "@@" or ".." as one: no address has either, and neither can mean anything else.
fn without_repeats(address: &str) -> Cow<'_, str> {
    if !address.contains("@@") && !address.contains("..") {
        return Cow::Borrowed(address);
    }
    let mut once = String::with_capacity(address.len());
    for c in address.chars() {
        if !(matches!(c, '@' | '.') && once.ends_with(c)) {
            once.push(c);
        }
    }
    Cow::Owned(once)
}

fn check(address: &str) -> Result<String, Flaw> {
    let Some((user, domain)) = address.rsplit_once('@') else {
        return Err(Flaw::new("no-at-sign", format!("{address} has no @; an address is user@domain")));
    };
    let (user, domain) = (user.trim_end(), domain.trim_start());
    let flaw = |rule, why: &str| Err(Flaw::new(rule, format!("{address} {why}")));
    if user.contains('@') {
        return flaw("several-at-signs", "has more than one @");
    }
    if address.contains(char::is_whitespace) && (user.contains(' ') || domain.contains(' ')) {
        return flaw("space-in-address", "has a space in it");
    }
    if user.is_empty() || user.len() > LONGEST_USER || !user.chars().all(in_user) || user.starts_with('.') {
        return flaw("bad-user", "has no valid name before the @");
    }
    if user.ends_with('.') {
        return flaw("bad-user", "has a stray dot before the @");
    }
    if !is_domain(domain) {
        return flaw("bad-domain", "has no valid domain behind the @, such as example.com");
    }
    Ok(format!("{user}@{domain}"))
}

/// What may stand in a user part without quotation marks (RFC 5322 atoms, RFC 6531 letters).
fn in_user(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c)
    } else {
        c.is_alphanumeric() || is_mark(c)
    }
}

/// Vowel signs and accents that stand apart from their letter, as in Devanagari.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{200C}' | '\u{200D}')
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| {
                if c.is_ascii() { c.is_ascii_alphanumeric() || c == '-' } else { c.is_alphanumeric() || is_mark(c) }
            })
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.len() <= LONGEST_DOMAIN
        && domain.split('.').all(label)
        && top.chars().count() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
}
