//! How a file of delimited text is written: its encoding, what stands before its header, its delimiter.
//!
//! All of it is found from the bytes alone, so that a landed file is read as it was counted when it was landed. The whole
//! file is looked at for its encoding: a name with an accent may come in the last row. A declared setting is believed,
//! except that a byte order mark outranks a declared encoding, because a mark is never there by chance.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::records::{Records, sample_widths};
use super::text::TextReader;
use crate::needed::{Needed, as_written};

/// How much decoded text the delimiter is judged by.
const SAMPLE: usize = 256 << 10;
/// How many bytes, from the first that is no ASCII on, a legacy encoding is guessed from.
const GUESSED_FROM: u64 = 8 << 20;
/// The delimiters looked for, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What is declared about a file, and what helps to judge it.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// The declared delimiter.
    pub(super) delimiter: Option<u8>,
    /// The declared encoding.
    pub(super) encoding: Option<&'static Encoding>,
    /// The country whose legacy encoding is the likelier one, as a top-level domain.
    pub(super) country: Option<String>,
    /// The columns that the file must have.
    pub(super) needed: Vec<Needed>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The encoding.
    pub(super) encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub(super) mark: usize,
    /// Bytes of decoded text before the header: further marks, a line `sep=;`.
    pub(super) preamble: usize,
    /// The delimiter.
    pub(super) delimiter: u8,
}

impl Dialect {
    /// Reads the records of a file of this dialect, from its first byte on.
    pub(super) fn records<R: Read>(&self, from: R) -> onefold_contract::Result<Records<R>> {
        Records::new(TextReader::new(from, self.encoding, self.mark), self.delimiter, self.preamble)
    }

    /// The delimiter's name in messages.
    pub(super) fn delimiter_name(&self) -> String {
        match self.delimiter {
            b',' => "comma".into(),
            b';' => "semicolon".into(),
            b'\t' => "tab".into(),
            b'|' => "pipe".into(),
            other => format!("\"{}\"", char::from(other)),
        }
    }
}

/// Looks at a file and leaves it at its start.
pub(super) fn detect<R: Read + Seek>(raw: &mut R, settings: &Settings) -> io::Result<Dialect> {
    raw.seek(SeekFrom::Start(0))?;
    let (encoding, mark) = encoding(raw, settings)?;
    raw.seek(SeekFrom::Start(0))?;
    let (text, whole) = sample(raw, encoding, mark)?;
    raw.seek(SeekFrom::Start(0))?;
    let (preamble, announced) = preamble(&text);
    let delimiter = match settings.delimiter.or(announced) {
        Some(delimiter) => delimiter,
        None => delimiter(&text[preamble..], whole, &settings.needed),
    };
    Ok(Dialect { encoding, mark, preamble, delimiter })
}

/// What a file is that is no text at all, by its first bytes.
pub(super) fn other_format(start: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
        (b"\xD0\xCF\x11\xE0", "an Excel workbook of the old format"),
        (b"\x1F\x8B", "compressed with gzip"),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"%PDF-", "a PDF document"),
    ];
    KNOWN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, what)| *what)
}

fn encoding<R: Read + Seek>(raw: &mut R, settings: &Settings) -> io::Result<(&'static Encoding, usize)> {
    let mut start = [0; 4096];
    let length = read_full(raw, &mut start)?;
    let start = &start[..length];
    if let Some(marked) = Encoding::for_bom(start) {
        return Ok(marked);
    }
    let found = match settings.encoding.or_else(|| unmarked_utf16(start)) {
        Some(encoding) => encoding,
        None => by_content(raw, settings.country.as_deref())?,
    };
    Ok((found, 0))
}

/// UTF-16 without a mark: western text has a zero in every second byte, and no other text has.
fn unmarked_utf16(start: &[u8]) -> Option<&'static Encoding> {
    let zeros = |parity: usize| start.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = start.len() * 2 / 5;
    match start.len() >= 4 {
        true if odd > most && even * 10 < odd => Some(UTF_16LE),
        true if even > most && odd * 10 < even => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8 where the bytes are UTF-8, else a guess. A file of UTF-8 with a few broken signs is UTF-8 with a few bad rows:
/// guessing another encoding for it would turn every good accent into two wrong signs, without a word.
fn by_content<R: Read + Seek>(raw: &mut R, country: Option<&str>) -> io::Result<&'static Encoding> {
    let survey = Survey::of(raw)?;
    match survey.first_foreign {
        None => Ok(UTF_8),
        Some(_) if survey.broken == 0 || survey.signs >= survey.broken * 9 => Ok(UTF_8),
        Some(from) => guess(raw, from, country),
    }
}

fn guess<R: Read + Seek>(raw: &mut R, from: u64, country: Option<&str>) -> io::Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    raw.seek(SeekFrom::Start(from))?;
    let (mut block, mut left) = (vec![0; 1 << 16], GUESSED_FROM);
    while left > 0 {
        let length = read_full(raw, &mut block)?;
        if length == 0 {
            break;
        }
        detector.feed(&block[..length], false);
        left = left.saturating_sub(length as u64);
    }
    Ok(detector.guess(country.map(str::as_bytes), Utf8Detection::Deny))
}

/// What the bytes of a file are, taken as UTF-8.
#[derive(Debug, Default)]
struct Survey {
    /// Signs beyond ASCII.
    signs: u64,
    /// Byte sequences that are no sign.
    broken: u64,
    /// The place of the first block that is not all ASCII.
    first_foreign: Option<u64>,
}

impl Survey {
    fn of<R: Read + Seek>(raw: &mut R) -> io::Result<Self> {
        raw.seek(SeekFrom::Start(0))?;
        let mut survey = Self::default();
        let (mut block, mut kept, mut at) = (vec![0; 1 << 16], 0, 0u64);
        loop {
            let read = read_full(raw, &mut block[kept..])?;
            let length = kept + read;
            if length == 0 {
                return Ok(survey);
            }
            let (place, last) = (at, read == 0);
            kept = survey.block(&block[..length], place, last);
            block.copy_within(length - kept..length, 0);
            at += (length - kept) as u64;
        }
    }

    /// Takes in a block; gives the number of bytes at its end that begin a sign and belong to the next block.
    fn block(&mut self, block: &[u8], place: u64, last: bool) -> usize {
        if block.is_ascii() {
            return 0;
        }
        self.first_foreign.get_or_insert(place);
        let mut rest = block;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.signs += signs(text.as_bytes());
                    return 0;
                }
                Err(error) => {
                    let (valid, behind) = rest.split_at(error.valid_up_to());
                    self.signs += signs(valid);
                    match error.error_len() {
                        Some(length) => {
                            self.broken += 1;
                            rest = &behind[length..];
                        }
                        None if last => {
                            self.broken += 1;
                            return 0;
                        }
                        None => return behind.len(),
                    }
                }
            }
        }
    }
}

/// The signs beyond ASCII in valid UTF-8: each has one leading byte.
fn signs(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b >= 0xC0).count() as u64
}

/// The start of the text, and whether that is all of it.
fn sample<R: Read>(raw: &mut R, encoding: &'static Encoding, mark: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut reader = TextReader::new(raw, encoding, mark);
    let (mut text, mut undecodable) = (Vec::new(), VecDeque::new());
    while text.len() < SAMPLE {
        if !reader.fill(&mut text, &mut undecodable)? {
            return Ok((text, true));
        }
    }
    Ok((text, false))
}

/// The length of what stands before the header, and the delimiter that an Excel line `sep=;` announces.
fn preamble(text: &[u8]) -> (usize, Option<u8>) {
    const MARK: &[u8] = "\u{FEFF}".as_bytes();
    let mut at = 0;
    while text[at..].starts_with(MARK) {
        at += MARK.len();
    }
    let rest = &text[at..];
    let Some((announcement, tail)) = rest.split_at_checked(5) else { return (at, None) };
    let line_end = match tail {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => return (at, None),
    };
    let delimiter = announcement[4];
    if announcement[..4].eq_ignore_ascii_case(b"sep=") && is_delimiter(delimiter) {
        (at + announcement.len() + line_end, Some(delimiter))
    } else {
        (at, None)
    }
}

/// Whether a byte can separate fields.
pub(super) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) && !byte.is_ascii_alphanumeric()
}

/// The thousandths of rows that have as many fields as the header, from which on a delimiter is believed.
const MOSTLY_EVEN: usize = 600;

/// The delimiter under which the header names most of the needed columns; among equals the one under which most rows are
/// as wide as the header; then the wider one; then the likelier one.
fn delimiter(text: &[u8], whole: bool, needed: &[Needed]) -> u8 {
    let score = |delimiter: u8| {
        let widths = sample_widths(text, delimiter, whole);
        let width = widths.first().copied().unwrap_or(0);
        let even = widths.iter().filter(|w| **w == width).count();
        let evenness = if widths.is_empty() { 0 } else { even * 1000 / widths.len() };
        // A sign that stands nowhere parts every row alike, into one; a ragged row or two are no reason to believe it.
        let parts = width > 1 && evenness >= MOSTLY_EVEN;
        (named(text, delimiter, needed), parts, evenness, width)
    };
    let mut best = (DELIMITERS[0], score(DELIMITERS[0]));
    for delimiter in &DELIMITERS[1..] {
        let found = score(*delimiter);
        if found > best.1 {
            best = (*delimiter, found);
        }
    }
    best.0
}

fn named(text: &[u8], delimiter: u8, needed: &[Needed]) -> usize {
    let dialect = Dialect { encoding: UTF_8, mark: 0, preamble: 0, delimiter };
    let Ok(mut records) = dialect.records(text) else { return 0 };
    let mut header = super::records::Record::default();
    match records.next(&mut header) {
        Ok(true) => {
            let is_there = |column: &&Needed| header.fields().any(|field| column.is_called(field.trim(), as_written));
            needed.iter().filter(is_there).count()
        }
        _ => 0,
    }
}

/// Reads until the block is full or the stream ends.
fn read_full<R: Read>(from: &mut R, block: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < block.len() {
        match from.read(&mut block[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(length)
}
