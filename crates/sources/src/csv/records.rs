//! Decoded text to records: fields, the line each record begins on, and what is wrong with it.
//!
//! The rules are those of RFC 4180 as programs live them: a quote opens a quoted field only at the field's start, a doubled
//! quote stands for one, text behind a closing quote belongs to the field, a record ends at `\n`, `\r\n` or `\r`, lines
//! without a sign are no records. The crate `csv` has the same rules, but tells neither where a quote was opened that is
//! never closed, nor a record's text as received; and the landing counts with its state machine, so a reader of our own
//! makes two independent counts of every file.

use std::collections::VecDeque;
use std::io::Read;

use onefold_contract::{Failure, Result};

use super::text::{TextReader, Undecodable};

/// The longest record that is read, in bytes of UTF-8. Longer ones are quotes that are never closed.
const LONGEST: usize = 16 << 20;

/// A quote that is never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenQuote {
    /// Its line.
    pub(super) line: u64,
    /// The further lines that it swallows, blank ones at the end left out.
    pub(super) swallowed: u64,
}

/// One record.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The line it begins on, counted from 1.
    pub(super) line: u64,
    /// The line it ends on.
    pub(super) last_line: u64,
    /// The quote that the end of the file leaves open.
    pub(super) open_quote: Option<OpenQuote>,
    /// Whether text follows a closing quote, which no program writes: a quote is missing or too many.
    pub(super) misplaced_quote: bool,
    /// The first place where the bytes were no text.
    pub(super) undecodable: Option<Undecodable>,
    /// The record as received, decoded, without its line end.
    pub(super) received: String,
    fields: Fields,
}

impl Record {
    /// The number of fields.
    pub(super) fn len(&self) -> usize {
        self.fields.ends.len()
    }

    /// A field, without its quotes; empty behind the last one.
    pub(super) fn field(&self, place: usize) -> &str {
        let Some(end) = self.fields.ends.get(place) else { return "" };
        let start = if place == 0 { 0 } else { self.fields.ends[place - 1] };
        self.fields.text.get(start..*end).unwrap_or_default()
    }

    /// The fields in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.field(place))
    }
}

/// The fields of one record, one behind the other.
#[derive(Debug, Default)]
struct Fields {
    text: String,
    ends: Vec<usize>,
}

/// What splitting found besides the fields.
#[derive(Debug, Default)]
struct Split {
    values: Vec<u8>,
    ends: Vec<usize>,
    /// Where the text of the record ends, its line end left out.
    end: usize,
    /// Where the quote stands that was open when the input ended.
    open_quote: Option<usize>,
    quoted: bool,
    misplaced_quote: bool,
}

impl Split {
    fn clear(&mut self) {
        self.values.clear();
        self.ends.clear();
        self.open_quote = None;
        self.quoted = false;
        self.misplaced_quote = false;
    }

    /// Splits the first record off `input` and gives the bytes it takes up, line end included. `None` where `input` may end
    /// inside the record; never where `whole` says that nothing follows. `input` is not empty.
    fn record(&mut self, input: &[u8], delimiter: u8, whole: bool) -> Option<usize> {
        self.clear();
        let mut at = 0;
        loop {
            let quoted = input.get(at) == Some(&b'"');
            if quoted {
                at = self.quoted(input, at, whole)?;
            }
            let rest = &input[at..];
            let length = rest.iter().position(|b| *b == delimiter || *b == b'\n' || *b == b'\r');
            let length = match length {
                Some(length) => length,
                None if whole => rest.len(),
                None => return None,
            };
            self.misplaced_quote |= quoted && !rest[..length].trim_ascii().is_empty();
            self.values.extend_from_slice(&rest[..length]);
            self.ends.push(self.values.len());
            at += length;
            self.end = at;
            match rest.get(length) {
                None => return Some(at),
                Some(b'\n') => return Some(at + 1),
                Some(b'\r') => match input.get(at + 1) {
                    Some(b'\n') => return Some(at + 2),
                    None if !whole => return None,
                    _ => return Some(at + 1),
                },
                Some(_) => at += 1,
            }
        }
    }

    /// Reads the quoted part of a field whose quote stands at `opened`; gives the place behind the closing quote.
    fn quoted(&mut self, input: &[u8], opened: usize, whole: bool) -> Option<usize> {
        self.quoted = true;
        self.open_quote = Some(opened);
        let mut at = opened + 1;
        loop {
            let rest = &input[at..];
            let Some(length) = rest.iter().position(|b| *b == b'"') else {
                self.values.extend_from_slice(rest);
                return whole.then_some(input.len());
            };
            self.values.extend_from_slice(&rest[..length]);
            at += length + 1;
            match input.get(at) {
                Some(b'"') => {
                    self.values.push(b'"');
                    at += 1;
                }
                None if !whole => return None,
                _ => {
                    self.open_quote = None;
                    return Some(at);
                }
            }
        }
    }
}

/// Reads records from a stream, as many bytes in memory as the longest record needs.
pub(super) struct Records<R> {
    text: TextReader<R>,
    delimiter: u8,
    buffer: Vec<u8>,
    /// Where the next record begins in the buffer.
    start: usize,
    /// Where the buffer begins in the text.
    base: u64,
    line: u64,
    ended: bool,
    undecodable: VecDeque<Undecodable>,
    split: Split,
}

impl<R: Read> Records<R> {
    /// Reads from `text`; its first `preamble` bytes are no records.
    pub(super) fn new(text: TextReader<R>, delimiter: u8, preamble: usize) -> Result<Self> {
        let mut records = Self {
            text,
            delimiter,
            buffer: Vec::new(),
            start: 0,
            base: 0,
            line: 1,
            ended: false,
            undecodable: VecDeque::new(),
            split: Split::default(),
        };
        while records.buffer.len() < preamble && !records.ended {
            records.fill()?;
        }
        let preamble = preamble.min(records.buffer.len());
        records.line += breaks(&records.buffer[..preamble]);
        records.start = preamble;
        Ok(records)
    }

    /// Reads the next record; false at the end.
    ///
    /// # Errors
    /// The stream cannot be read, or a record is longer than [`LONGEST`].
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool> {
        self.skip_blank_lines()?;
        loop {
            let input = &self.buffer[self.start..];
            if input.is_empty() {
                return Ok(false);
            }
            if let Some(length) = self.split.record(input, self.delimiter, self.ended) {
                self.finish(length, record)?;
                return Ok(true);
            }
            if input.len() > LONGEST {
                return Err(self.too_long());
            }
            self.fill()?;
        }
    }

    /// What the text is decoded from.
    pub(super) fn source(&self) -> &R {
        self.text.source()
    }

    fn skip_blank_lines(&mut self) -> Result<()> {
        loop {
            match (self.buffer.get(self.start), self.buffer.get(self.start + 1)) {
                (Some(b'\r'), None) | (None, _) if !self.ended => self.fill()?,
                (Some(b'\r'), Some(b'\n')) => self.start += 1,
                (Some(b'\r' | b'\n'), _) => {
                    self.start += 1;
                    self.line += 1;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Reads on; the more, the longer the record at hand is, so that a long one is not scanned over and over.
    fn fill(&mut self) -> Result<()> {
        self.buffer.drain(..self.start);
        self.base += self.start as u64;
        self.start = 0;
        let wanted = self.buffer.len() * 2 + 1;
        while self.buffer.len() < wanted && !self.ended {
            let more = self.text.fill(&mut self.buffer, &mut self.undecodable);
            self.ended = !more.map_err(|e| Failure::source(format!("reading stopped at line {}: {e}", self.line)))?;
        }
        Ok(())
    }

    fn finish(&mut self, length: usize, record: &mut Record) -> Result<()> {
        let input = &self.buffer[self.start..self.start + length];
        let (text, line_end) = input.split_at(self.split.end);
        record.line = self.line;
        // Blank lines at the end of the file are no part of what an open quote holds.
        let spanned = if self.split.open_quote.is_some() { text.trim_ascii_end() } else { text };
        record.last_line = self.line + if self.split.quoted { breaks(spanned) } else { 0 };
        record.open_quote = self.split.open_quote.map(|at| OpenQuote {
            line: self.line + breaks(&text[..at]),
            swallowed: breaks(text[at..].trim_ascii_end()),
        });
        record.misplaced_quote = self.split.misplaced_quote;
        refill(&mut record.received, text)?;
        refill(&mut record.fields.text, &self.split.values)?;
        record.fields.ends.clone_from(&self.split.ends);
        self.line = record.last_line + u64::from(!line_end.is_empty());
        let from = self.base + self.start as u64;
        let to = from + length as u64;
        record.undecodable = None;
        while let Some(place) = self.undecodable.pop_front_if(|place| place.at < to) {
            if record.undecodable.is_none() && place.at >= from {
                record.undecodable = Some(place);
            }
        }
        self.start += length;
        Ok(())
    }

    fn too_long(&self) -> Failure {
        let opened = self.split.open_quote.map(|at| self.line + breaks(&self.buffer[self.start..self.start + at]));
        let limit = LONGEST >> 20;
        match opened {
            Some(line) => Failure::source(format!("the quote opened on line {line} is not closed within {limit} MiB"))
                .hint("close the quote, or double it where it belongs to the value"),
            None => Failure::source(format!("the row on line {} is longer than {limit} MiB", self.line)),
        }
    }
}

/// The line ends in a text: `\n`, `\r\n` and `\r` count one each.
fn breaks(text: &[u8]) -> u64 {
    let ends = |(place, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && text.get(place + 1) != Some(&b'\n'));
    text.iter().enumerate().filter(|b| ends(*b)).count() as u64
}

fn refill(text: &mut String, bytes: &[u8]) -> Result<()> {
    let valid = std::str::from_utf8(bytes).map_err(|e| Failure::bug(format!("decoded text is no UTF-8: {e}")))?;
    text.clear();
    text.push_str(valid);
    Ok(())
}

/// Splits the whole records off the start of a text; the last one is left out where the text may go on behind it.
pub(super) fn sample_widths(text: &[u8], delimiter: u8, whole: bool) -> Vec<usize> {
    let (mut split, mut widths, mut at) = (Split::default(), Vec::new(), 0);
    while at < text.len() {
        if matches!(text[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        let Some(length) = split.record(&text[at..], delimiter, whole) else { break };
        widths.push(split.ends.len());
        at += length;
    }
    widths
}
