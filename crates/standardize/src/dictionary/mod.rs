//! Name dictionaries: what is known about words before any record is seen.
//!
//! They are parsed from text that is handed in, all mistakes of all files at once; this crate opens no file. Only rows
//! of status `seed` and `approved` are in force: what was learned and not yet approved by a person decides nothing, and
//! a `rejected` row takes the row with the same kind, name and canonical form out of force. The rejected alternative,
//! lists compiled into the program, cannot grow.

mod file;
mod mistake;
mod nickname;

use std::collections::{BTreeSet, HashMap};

pub use self::mistake::DictionaryMistake;

use self::file::Entry;
use self::nickname::Nicknames;
use crate::text::{key, with_key};

/// What kind of word an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum EntryKind {
    Given,
    Family,
    Nickname,
    Honorific,
    Suffix,
    LegalForm,
    StreetType,
    NullWord,
}

impl EntryKind {
    const ALL: [Self; 8] = [
        Self::Given,
        Self::Family,
        Self::Nickname,
        Self::Honorific,
        Self::Suffix,
        Self::LegalForm,
        Self::StreetType,
        Self::NullWord,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Family => "family",
            Self::Nickname => "nickname",
            Self::Honorific => "honorific",
            Self::Suffix => "suffix",
            Self::LegalForm => "legal_form",
            Self::StreetType => "street_type",
            Self::NullWord => "null_word",
        }
    }

    fn needs_canonical(self) -> bool {
        !matches!(self, Self::Given | Self::Family)
    }
}

/// Where an entry stands between being proposed and being trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum EntryStatus {
    Seed,
    Learned,
    Approved,
    Rejected,
}

impl EntryStatus {
    const ALL: [Self; 4] = [Self::Seed, Self::Learned, Self::Approved, Self::Rejected];

    fn name(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Learned => "learned",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// How much a null word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NullWord {
    /// It never is a value of anything ("NULL", "#N/A"); canonical form `null` in the dictionary.
    Never,
    /// It says that the value is not known, which a category or a text may well say on purpose ("unknown", "none");
    /// any other canonical form in the dictionary.
    Unknown,
}

/// A title before a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Honorific {
    /// How it is written ("Mr").
    pub canonical: String,
    /// `female` or `male`, where the title tells.
    pub gender: Option<String>,
}

/// The dictionaries in force. All look-ups fold case, accents and punctuation: "JOSÉ" finds "jose".
#[derive(Debug, Clone, Default)]
pub struct Dictionaries {
    version: String,
    entries: usize,
    given: HashMap<String, f64>,
    family: HashMap<String, f64>,
    nicknames: Nicknames,
    honorifics: HashMap<String, Honorific>,
    suffixes: HashMap<String, String>,
    legal_forms: HashMap<String, String>,
    street_types: HashMap<String, String>,
    null_words: HashMap<String, NullWord>,
    longest_null_word: usize,
}

impl Dictionaries {
    /// Reads dictionary files, given as pairs of the file's name (for messages) and its text. Their order, and the
    /// order of rows in them, make no difference; a row that stands twice counts once.
    ///
    /// # Errors
    /// Every mistake of every file, by file and line.
    pub fn parse(files: &[(String, String)]) -> Result<Self, Vec<DictionaryMistake>> {
        let mut mistakes = Vec::new();
        let mut entries = Vec::new();
        for (name, text) in files {
            entries.extend(file::read(name, text, &mut mistakes));
        }
        if mistakes.is_empty() {
            return Ok(Self::of(entries));
        }
        mistakes.sort();
        Err(mistakes)
    }

    fn of(entries: Vec<Entry>) -> Self {
        let mut entries = in_force(entries);
        entries.sort_by_cached_key(digest_line);
        entries.dedup_by_key(|entry| digest_line(entry));
        let mut made = Self { version: version_of(&entries), entries: entries.len(), ..Self::default() };
        for entry in &entries {
            made.add(entry);
        }
        made.nicknames = Nicknames::of(&entries);
        made
    }

    fn add(&mut self, entry: &Entry) {
        let keys = std::iter::once(&entry.name).chain(&entry.variants);
        match entry.kind {
            EntryKind::Given => keys.for_each(|name| keep_highest(&mut self.given, name, entry.frequency)),
            EntryKind::Family => keys.for_each(|name| keep_highest(&mut self.family, name, entry.frequency)),
            EntryKind::Nickname => {}
            EntryKind::Honorific => {
                let gender = Some(entry.gender.clone()).filter(|gender| !gender.is_empty());
                let honorific = Honorific { canonical: entry.canonical.clone(), gender };
                keys.for_each(|name| {
                    self.honorifics.entry(key(name)).or_insert_with(|| honorific.clone());
                });
            }
            EntryKind::NullWord => {
                let word = if entry.canonical == "null" { NullWord::Never } else { NullWord::Unknown };
                keys.for_each(|name| {
                    let name = name.to_lowercase();
                    self.longest_null_word = self.longest_null_word.max(name.len());
                    self.null_words.entry(name).or_insert(word);
                });
            }
            EntryKind::Suffix => add_spellings(&mut self.suffixes, keys, &entry.canonical),
            EntryKind::LegalForm => add_spellings(&mut self.legal_forms, keys, &entry.canonical),
            EntryKind::StreetType => add_spellings(&mut self.street_types, keys, &entry.canonical),
        }
    }

    /// A digest of what is in force, 32 hexadecimal digits; it changes when a look-up could.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The number of entries in force.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether nothing is in force.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// The names that a nickname may stand for, the likeliest first, as keys ("robert"); none where it is not known as
    /// a nickname.
    pub fn nickname(&self, name: &str) -> &[String] {
        with_key(name, |key| self.nicknames.of_name(key))
    }

    /// The one canonical form of a given name, as a key: the name itself where it is nobody's nickname.
    ///
    /// Of several candidates the choice is: approved by a person before seed, then the one that the dictionary gives the
    /// highest frequency, then one without a figure, then the first in the alphabet. A candidate of frequency 0 is known but
    /// never chosen (few men called Lee are a Leroy, and no Erin is an Aaron). Followed until it stands still, so that the
    /// canonical form of a canonical form is itself.
    pub fn canonical_given(&self, name: &str) -> String {
        let name = key(name);
        self.nicknames.canonical(&name).map_or(name, str::to_owned)
    }

    /// A title, by one of its spellings.
    pub fn honorific(&self, word: &str) -> Option<&Honorific> {
        with_key(word, |key| self.honorifics.get(key))
    }

    /// How a name's suffix ("jnr.") is written ("Jr").
    pub fn name_suffix(&self, word: &str) -> Option<&str> {
        with_key(word, |key| self.suffixes.get(key).map(String::as_str))
    }

    /// How a company's legal form ("Private Limited") is written ("Pvt Ltd").
    pub fn legal_form(&self, words: &str) -> Option<&str> {
        with_key(words, |key| self.legal_forms.get(key).map(String::as_str))
    }

    /// How a street's type ("Avenue") is written ("Ave").
    pub fn street_type(&self, word: &str) -> Option<&str> {
        with_key(word, |key| self.street_types.get(key).map(String::as_str))
    }

    /// Whether a text, in whatever case, is a word for "no value".
    pub fn null_word(&self, text: &str) -> Option<NullWord> {
        // Lower case is never shorter than half of what it was, so a long text is none without a look.
        if text.len() > 2 * self.longest_null_word {
            return None;
        }
        self.null_words.get(&text.to_lowercase()).copied()
    }

    /// Bearers of a given name in a million of the source's population, the highest of its entries; 0 for a name
    /// that is known without a figure, nothing for one that is not known.
    pub fn given_frequency(&self, name: &str) -> Option<f64> {
        with_key(name, |key| self.given.get(key).copied())
    }

    /// Bearers of a family name in a million of the source's population, the highest of its entries; 0 for a name
    /// that is known without a figure, nothing for one that is not known.
    pub fn family_frequency(&self, name: &str) -> Option<f64> {
        with_key(name, |key| self.family.get(key).copied())
    }
}

fn add_spellings<'a>(spellings: &mut HashMap<String, String>, keys: impl Iterator<Item = &'a String>, canonical: &str) {
    for name in keys {
        spellings.entry(key(name)).or_insert_with(|| canonical.to_owned());
    }
}

fn keep_highest(frequencies: &mut HashMap<String, f64>, name: &str, frequency: Option<f64>) {
    let known = frequencies.entry(key(name)).or_default();
    *known = known.max(frequency.unwrap_or_default());
}

/// The entries that decide something: seed and approved ones that no one rejected.
fn in_force(entries: Vec<Entry>) -> Vec<Entry> {
    let address = |entry: &Entry| (entry.kind, key(&entry.name), key(&entry.canonical));
    let rejected: BTreeSet<_> =
        entries.iter().filter(|entry| entry.status == EntryStatus::Rejected).map(address).collect();
    let decides = |entry: &Entry| matches!(entry.status, EntryStatus::Seed | EntryStatus::Approved);
    entries.into_iter().filter(|entry| decides(entry) && !rejected.contains(&address(entry))).collect()
}

/// An entry as one line: two entries with the same line are one. Approved entries come first, so that theirs is the
/// spelling that stands where two entries disagree about a word.
fn digest_line(entry: &Entry) -> String {
    let rank = if entry.status == EntryStatus::Approved { "0" } else { "1" };
    let mut variants = entry.variants.clone();
    variants.sort();
    let frequency = entry.frequency.map_or(String::new(), |frequency| frequency.to_string());
    let variants = variants.join("|");
    [
        rank,
        entry.kind.name(),
        &entry.name,
        &entry.canonical,
        &variants,
        &entry.script,
        &entry.culture,
        &entry.gender,
        &frequency,
    ]
    .join("\u{1F}")
}

fn version_of(entries: &[Entry]) -> String {
    let mut hasher = blake3::Hasher::new();
    for entry in entries {
        hasher.update(digest_line(entry).as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
