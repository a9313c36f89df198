//! Reads dictionary files: CSV below comment lines that carry origin and licence.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{DictionaryMistake, EntryKind, EntryStatus};

/// The columns of a dictionary file; a file has all of them, in any order, and no other.
pub(crate) const COLUMNS: [&str; 12] = [
    "name",
    "kind",
    "canonical",
    "variants",
    "script",
    "culture",
    "gender",
    "frequency",
    "source",
    "licence",
    "status",
    "since",
];

/// One row of a dictionary file. Source, licence and date are checked and then left behind: they say where a row
/// comes from, and nothing that is looked up depends on them.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) name: String,
    pub(crate) canonical: String,
    pub(crate) variants: Vec<String>,
    pub(crate) script: String,
    pub(crate) culture: String,
    pub(crate) gender: String,
    pub(crate) frequency: Option<f64>,
    pub(crate) status: EntryStatus,
}

/// Reads one file; mistakes are added to `mistakes`, and the rows that have none are returned.
pub(crate) fn read(file: &str, text: &str, mistakes: &mut Vec<DictionaryMistake>) -> Vec<Entry> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (comment_lines, table) = skip_comments(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_bytes());
    let mut places: Option<Vec<usize>> = None;
    let mut entries = Vec::new();
    for record in reader.records() {
        let mut page = Page { file, line: 0, mistakes };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                page.line = comment_lines + error.position().map_or(1, csv::Position::line);
                page.mistake(None, "bytes that are not UTF-8 text", "UTF-8");
                continue;
            }
        };
        page.line = comment_lines + record.position().map_or(1, csv::Position::line);
        match &places {
            None => places = Some(page.header(&record)),
            Some(places) if places.len() == COLUMNS.len() => entries.extend(page.entry(&record, places)),
            // A header that lacks a column makes every row wrong in the same way; it has been reported once.
            Some(_) => break,
        }
    }
    if places.is_none() {
        let mut page = Page { file, line: comment_lines + 1, mistakes };
        page.mistake(None, "no header", &format!("a header with the columns {}", COLUMNS.join(", ")));
    }
    entries
}

fn skip_comments(text: &str) -> (u64, &str) {
    let mut rest = text;
    let mut lines = 0;
    while rest.starts_with('#') {
        lines += 1;
        rest = rest.split_once('\n').map_or("", |(_, below)| below);
    }
    (lines, rest)
}

/// Where in which file the reader is.
struct Page<'a> {
    file: &'a str,
    line: u64,
    mistakes: &'a mut Vec<DictionaryMistake>,
}

impl Page<'_> {
    fn mistake(&mut self, column: Option<&str>, found: &str, expected: &str) {
        self.mistakes.push(DictionaryMistake {
            file: self.file.to_owned(),
            line: self.line,
            column: column.map(str::to_owned),
            found: found.to_owned(),
            expected: expected.to_owned(),
        });
    }

    /// Where each of [`COLUMNS`] stands; shorter than that where the header has mistakes.
    fn header(&mut self, record: &csv::StringRecord) -> Vec<usize> {
        let names: Vec<&str> = record.iter().map(str::trim).collect();
        let mut sound = true;
        for name in names.iter().collect::<BTreeSet<_>>() {
            let times = names.iter().filter(|other| *other == name).count();
            if times > 1 || !COLUMNS.contains(name) {
                let found = if times > 1 { format!("the column \"{name}\" twice") } else { format!("\"{name}\"") };
                self.mistake(None, &found, &format!("each of the columns {} once", COLUMNS.join(", ")));
                sound = false;
            }
        }
        let mut places = Vec::new();
        for column in COLUMNS {
            match names.iter().position(|name| *name == column) {
                Some(place) => places.push(place),
                None => self.mistake(None, &format!("no column \"{column}\""), &format!("a column \"{column}\"")),
            }
        }
        if sound { places } else { Vec::new() }
    }

    fn entry(&mut self, record: &csv::StringRecord, places: &[usize]) -> Option<Entry> {
        if record.len() != COLUMNS.len() {
            self.mistake(None, &format!("{} values", record.len()), &format!("{} values", COLUMNS.len()));
            return None;
        }
        let before = self.mistakes.len();
        let value = |column: &str| {
            let place = COLUMNS.iter().position(|c| *c == column).unwrap_or(0);
            record.get(places[place]).unwrap_or_default().trim()
        };
        let kind = self.word("kind", value("kind"), &EntryKind::ALL, EntryKind::name);
        let status = self.word("status", value("status"), &EntryStatus::ALL, EntryStatus::name);
        self.required("name", value("name"));
        self.required("source", value("source"));
        self.required("licence", value("licence"));
        if kind.is_some_and(EntryKind::needs_canonical) {
            self.required("canonical", value("canonical"));
        }
        let frequency = self.frequency(value("frequency"));
        if NaiveDate::parse_from_str(value("since"), "%Y-%m-%d").is_err() {
            self.mistake(Some("since"), &quoted(value("since")), "a date such as 2026-11-01");
        }
        let (kind, status) = (kind?, status?);
        (self.mistakes.len() == before).then(|| Entry {
            kind,
            name: value("name").to_owned(),
            canonical: value("canonical").to_owned(),
            variants: value("variants").split('|').map(str::trim).filter(|v| !v.is_empty()).map(String::from).collect(),
            script: value("script").to_owned(),
            culture: value("culture").to_owned(),
            gender: value("gender").to_owned(),
            frequency,
            status,
        })
    }

    fn word<T: Copy>(&mut self, column: &str, text: &str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let found = all.iter().copied().find(|one| name(*one) == text);
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            self.mistake(Some(column), &quoted(text), &format!("one of {}", names.join(", ")));
        }
        found
    }

    fn required(&mut self, column: &str, text: &str) {
        if text.is_empty() {
            self.mistake(Some(column), "nothing", "a value");
        }
    }

    fn frequency(&mut self, text: &str) -> Option<f64> {
        if text.is_empty() {
            return None;
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.mistake(Some("frequency"), &quoted(text), "a number that is not negative, or nothing");
        }
        number
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { format!("\"{text}\"") }
}
