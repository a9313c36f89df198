//! Landed delimited text as a stream of blocks of rows.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use onefold_contract::extractor::{EndTrailer, Landed, Partition, RawRows, RowStream};
use onefold_contract::reject::RejectScope;
use onefold_contract::{Failure, Reject, Result};

use super::dialect::{self, Dialect, Settings};
use super::header;
use super::in_file;
use super::records::{OpenQuote, Record, Records};
use crate::key::write_key;

/// Rows in a block.
const BLOCK_ROWS: usize = 8192;
/// Bytes of text after which a block is full, however few its rows.
const BLOCK_BYTES: usize = 32 << 20;
/// Signs of a rejected row that are kept.
const SHOWN: usize = 500;

/// Rows of one landed file.
pub(crate) struct CsvRows {
    source: String,
    location: String,
    dialect: Dialect,
    /// Whether the encoding and the delimiter were found, and are not the usual ones.
    guessed: (bool, bool),
    schema: SchemaRef,
    /// Where the key's columns stand in the header; empty where one of them does not.
    key: Vec<usize>,
    records: Records<Hashed>,
    record: Record,
    rows: u64,
    trailer: Option<EndTrailer>,
    failed: bool,
}

impl CsvRows {
    /// Reads the header; the rows come one block at a time.
    pub(super) fn new(
        source: &str,
        key: &[String],
        partition: &Partition,
        mut raw: Box<dyn Landed>,
        settings: &Settings,
    ) -> Result<Self> {
        let location = partition.location.clone();
        let unreadable = |e: io::Error| Failure::state(format!("the landed copy of {location} could not be read: {e}"));
        let dialect = dialect::detect(&mut raw, settings).map_err(unreadable)?;
        raw.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let hashed = Hashed { from: raw, hasher: blake3::Hasher::new() };
        let mut records = dialect.records(hashed).map_err(|e| in_file(&location, e))?;
        let mut record = Record::default();
        if !records.next(&mut record).map_err(|e| in_file(&location, e))? {
            return Err(Failure::source(format!("the landed copy of {location} has no header")));
        }
        let names = header::names(&record, &location, &settings.needed)?;
        let key: Option<Vec<usize>> = key.iter().map(|name| names.iter().position(|n| n == name)).collect();
        let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        Ok(Self {
            source: source.to_string(),
            location,
            dialect,
            guessed: (
                settings.encoding.is_none() && dialect.encoding != encoding_rs::UTF_8,
                settings.delimiter.is_none() && dialect.delimiter != b',',
            ),
            schema: Arc::new(Schema::new(fields)),
            key: key.unwrap_or_default(),
            records,
            record,
            rows: 0,
            trailer: None,
            failed: false,
        })
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn block(&mut self) -> Result<Option<RawRows>> {
        let width = self.schema.fields().len();
        let mut columns: Vec<StringBuilder> = (0..width).map(|_| StringBuilder::new()).collect();
        let (mut positions, mut rejects, mut bytes) = (Vec::new(), Vec::new(), 0);
        while positions.len() + rejects.len() < BLOCK_ROWS && bytes < BLOCK_BYTES {
            if !self.records.next(&mut self.record).map_err(|e| in_file(&self.location, e))? {
                break;
            }
            self.rows += 1;
            bytes += self.record.received.len();
            if let Some(reject) = self.fault(width)? {
                rejects.push(reject);
                continue;
            }
            positions.push(self.record.line);
            for (place, column) in columns.iter_mut().enumerate() {
                // Delimited text writes an empty text and no value the same way.
                let value = self.record.field(place);
                column.append_option((!value.is_empty()).then_some(value));
            }
        }
        if positions.is_empty() && rejects.is_empty() {
            return Ok(None);
        }
        let columns = columns.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        Ok(Some(RawRows::new(batch, positions, rejects)))
    }

    /// What keeps the record from being a row.
    fn fault(&self, width: usize) -> Result<Option<Reject>> {
        let record = &self.record;
        if let Some(quote) = record.open_quote {
            return self.unclosed(quote).map(Some);
        }
        if let Some(place) = record.undecodable {
            let byte = place.byte.map_or_else(|| "a byte".to_string(), |b| format!("byte 0x{b:02X}"));
            let encoding = self.dialect.encoding.name();
            let reason = format!("{byte} of the row is no {encoding} text; mend it, or set csv.encoding");
            return Ok(Some(self.reject("undecodable-text", reason)));
        }
        if record.misplaced_quote {
            let reason = "text follows a closing quote, so a quote is missing or not doubled".to_string();
            return Ok(Some(self.reject("misplaced-quote", reason + &self.run_on())));
        }
        // One delimiter at the end of a row has nothing behind it, so nothing is lost with it.
        let trailing = record.len() == width + 1
            && record.field(width).is_empty()
            && record.received.ends_with(char::from(self.dialect.delimiter));
        if record.len() == width || trailing {
            return Ok(None);
        }
        let mut reason = format!("the row has {} fields, but the header has {width}", record.len());
        if record.len() > width {
            reason.push_str("; a value that holds the delimiter must stand in quotes");
        }
        Ok(Some(self.reject("ragged-row", reason + &self.run_on())))
    }

    /// Words for a bad row of several lines: the rows between may be others that an open quote swallowed.
    fn run_on(&self) -> String {
        let record = &self.record;
        if record.last_line == record.line {
            return String::new();
        }
        format!("; it runs on to line {}, and may have swallowed the rows between", record.last_line)
    }

    /// A quote that is never closed: one bad row where it stands on the last line; else nobody can tell how many rows.
    fn unclosed(&self, quote: OpenQuote) -> Result<Reject> {
        let line = quote.line;
        if quote.swallowed == 0 {
            let reason = format!("the quote opened on line {line} is never closed; close it, or double it");
            return Ok(self.reject("unclosed-quote", reason));
        }
        let (location, swallowed) = (&self.location, quote.swallowed);
        Err(Failure::source(format!(
            "{location}: the quote opened on line {line} is never closed and swallows {swallowed} further lines to the end of the file"
        ))
        .hint("close the quote, or double it where it belongs to the value"))
    }

    /// The key of a bad row, where it can be trusted: in a row of the right width it stands where it belongs; in any other
    /// only at the row's start, before what broke it. A row of several lines may hold other records' keys.
    fn key(&self) -> Option<String> {
        let record = &self.record;
        let leading = self.key.iter().all(|place| *place < self.key.len());
        let placed = record.len() == self.schema.fields().len() && !record.misplaced_quote;
        if record.last_line != record.line || !(placed || leading) {
            return None;
        }
        let mut key = String::new();
        let parts = self.key.iter().map(|place| Some(record.field(*place)).filter(|v| !v.contains('\u{FFFD}')));
        write_key(&mut key, parts).map(|()| key)
    }

    fn reject(&self, rule: &str, reason: String) -> Reject {
        let record = &self.record;
        Reject {
            scope: RejectScope::Row,
            stage: "raw".into(),
            source: self.source.clone(),
            source_key: self.key(),
            location: self.location.clone(),
            row: Some(record.line),
            column: None,
            rule: rule.into(),
            raw_value: Some(shortened(&record.received)),
            reason,
        }
    }
}

impl Iterator for CsvRows {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.trailer.is_some() {
            return None;
        }
        match self.block() {
            Ok(Some(rows)) => Some(Ok(rows)),
            Ok(None) => {
                let checksum = self.records.source().hasher.finalize().to_hex().to_string();
                self.trailer = Some(EndTrailer { rows: self.rows, checksum });
                None
            }
            Err(failure) => {
                self.failed = true;
                Some(Err(failure))
            }
        }
    }
}

impl RowStream for CsvRows {
    fn trailer(&self) -> Option<EndTrailer> {
        self.trailer.clone()
    }

    fn notes(&self) -> Vec<String> {
        let (encoding, delimiter) = (self.dialect.encoding.name(), self.dialect.delimiter_name());
        // What is declared, and what everybody expects, is no news.
        let encoding = self.guessed.0.then(|| format!("encoding {encoding}"));
        let delimiter = self.guessed.1.then(|| format!("delimiter {delimiter}"));
        let found: Vec<String> = encoding.into_iter().chain(delimiter).collect();
        if found.is_empty() { Vec::new() } else { vec![format!("{}: found {}", self.location, found.join(" and "))] }
    }
}

/// Hashes what is read through it.
pub(super) struct Hashed {
    from: Box<dyn Landed>,
    hasher: blake3::Hasher,
}

impl Read for Hashed {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(block)?;
        self.hasher.update(&block[..length]);
        Ok(length)
    }
}

/// The start of a text, and how long it is in all where that is longer.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_string(),
        Some((end, _)) => format!("{}… ({} characters in all)", &text[..end], text.chars().count()),
    }
}
