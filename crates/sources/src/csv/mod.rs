//! Extractor of delimited text.
//!
//! A partition is a file. Landing copies its bytes and counts its rows as they go by; reading takes the landed bytes apart
//! in blocks of rows, so that neither holds a file in memory. A row that is too short, too long or not text is handed on as
//! a reject with its line and its text, and the stream goes on. Only a quote that swallows the rest of the file stops it:
//! how many rows it swallowed nobody can tell.

mod count;
mod dialect;
mod header;
mod records;
mod rows;
mod text;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Write};

use onefold_contract::extractor::{
    EndTrailer, ExtractionPlan, Extractor, ExtractorState, Landed, Partition, RowStream, SnapshotToken,
};
use onefold_contract::{Failure, Result};

use self::count::RecordCounter;
use self::dialect::{Dialect, Settings};
use self::records::Record;
pub(crate) use self::rows::CsvRows;
use self::text::TextReader;
use crate::needed::needed_columns;
use crate::spec::{CsvSpec, SourceSpec};
use crate::{location, snapshot};

/// Reads the files of a source.
pub(crate) struct CsvExtractor {
    source: String,
    location: String,
    key: Vec<String>,
    settings: Settings,
}

impl CsvExtractor {
    /// Binds a source; no file is opened.
    ///
    /// # Errors
    /// A usage failure, where the delimiter or the encoding is none.
    pub(crate) fn new(spec: &SourceSpec) -> Result<Self> {
        let whose = format!("source {}: ", spec.name);
        let settings = Settings { needed: spec.needed(), ..settings(&whose, &spec.csv, spec.region.as_deref())? };
        Ok(Self {
            source: spec.name.clone(),
            location: spec.location.clone(),
            key: spec.source_key_columns(),
            settings,
        })
    }

    fn open(&self, location: &str) -> Result<File> {
        let file = File::open(location).map_err(|e| self.unreadable(location, &e))?;
        let mut start = [0; 16];
        let length = (&file).read(&mut start).map_err(|e| self.unreadable(location, &e))?;
        if length == 0 {
            return Err(Failure::source(format!("{location} of source {} is empty", self.source))
                .hint("a file of a source has a header and at least one row; was the export complete?"));
        }
        if let Some(what) = dialect::other_format(&start[..length]) {
            return Err(Failure::source(format!("{location} of source {} is {what}, not delimited text", self.source))
                .hint("export it as CSV, or check the source's location and format"));
        }
        Ok(file)
    }

    fn dialect(&self, file: &mut File, location: &str) -> Result<Dialect> {
        dialect::detect(file, &self.settings).map_err(|e| self.unreadable(location, &e))
    }

    /// The column names of a file.
    fn header(&self, file: &mut File, location: &str) -> Result<Vec<String>> {
        let dialect = self.dialect(file, location)?;
        let mut record = Record::default();
        let found = dialect.records(file).and_then(|mut records| records.next(&mut record));
        if !found.map_err(|e| in_file(location, e))? {
            return Err(Failure::source(format!("{location} of source {} has no header", self.source))
                .hint("a file of a source has a header and at least one row; was the export complete?"));
        }
        header::names(&record, location, &self.settings.needed)
    }

    fn unreadable(&self, location: &str, error: &io::Error) -> Failure {
        Failure::source(format!("{location} of source {} could not be read: {error}", self.source))
    }

    fn changed(&self, location: &str) -> Failure {
        Failure::source(format!("{location} of source {} changed while it was being landed", self.source))
            .hint("run again when nobody writes to it")
    }

    /// Copies, hashes and counts in one pass; gives the trailer, its rows with the header.
    fn copy(&self, file: File, location: &str, dialect: Dialect, raw: &mut dyn Write) -> Result<EndTrailer> {
        let mut tee = Tee { from: file, to: raw, hasher: blake3::Hasher::new(), failed_write: None };
        let mut reader = TextReader::new(&mut tee, dialect.encoding, dialect.mark);
        let mut counter = RecordCounter::new(dialect.delimiter);
        let (mut text, mut undecodable) = (Vec::new(), VecDeque::new());
        let mut preamble = dialect.preamble;
        let copied = loop {
            match reader.fill(&mut text, &mut undecodable) {
                Ok(true) => {}
                other => break other,
            }
            let skipped = preamble.min(text.len());
            preamble -= skipped;
            counter.feed(&text[skipped..]);
            text.clear();
            undecodable.clear();
        };
        match (copied, tee.failed_write) {
            (_, Some(error)) => {
                Err(Failure::state(format!("the raw copy of {location} could not be written: {error}"))
                    .hint("check that the state root has room and may be written"))
            }
            (Err(error), None) => Err(self.unreadable(location, &error)),
            (Ok(_), None) => {
                Ok(EndTrailer { rows: counter.finish(), checksum: tee.hasher.finalize().to_hex().to_string() })
            }
        }
    }
}

impl Extractor for CsvExtractor {
    fn plan(&self, _state: &ExtractorState) -> Result<ExtractionPlan> {
        let partitions = location::files(&self.source, &self.location)?;
        let mut checksums = Vec::with_capacity(partitions.len());
        let mut first: Option<(&str, Vec<String>)> = None;
        for partition in &partitions {
            let location = partition.location.as_str();
            let mut file = self.open(location)?;
            let names = self.header(&mut file, location)?;
            needed_columns(&self.source, &self.settings.needed, location, &names)?;
            match &first {
                Some((first, columns)) => header::same_columns((first, columns), (location, &names))?,
                None => first = Some((location, names)),
            }
            let checksum = snapshot::checksum(&mut file).map_err(|e| self.unreadable(location, &e))?;
            checksums.push((partition, checksum));
        }
        let snapshot = snapshot::token(checksums.iter().map(|(partition, checksum)| (*partition, checksum.as_str())));
        Ok(ExtractionPlan { snapshot, partitions })
    }

    fn land(&self, partition: &Partition, snapshot: &SnapshotToken, raw: &mut dyn Write) -> Result<EndTrailer> {
        let location = partition.location.as_str();
        let mut file = self.open(location)?;
        let before = file.metadata().map_err(|e| self.unreadable(location, &e))?;
        let dialect = self.dialect(&mut file, location)?;
        let mut trailer = self.copy(file, location, dialect, raw)?;
        // The name is looked up again: an export that replaces the file leaves the open one as it was.
        let after = fs::metadata(location).map_err(|e| self.unreadable(location, &e))?;
        let same = before.len() == after.len() && before.modified().ok() == after.modified().ok();
        if !same || !snapshot::pins(snapshot, partition, &trailer.checksum) {
            return Err(self.changed(location));
        }
        trailer.rows = trailer.rows.saturating_sub(1);
        if trailer.rows == 0 {
            return Err(Failure::source(format!("{location} of source {} has a header and no rows", self.source))
                .hint("was the export complete? a full load without rows would delete every record of the source"));
        }
        Ok(trailer)
    }

    fn read(&self, partition: &Partition, raw: Box<dyn Landed>) -> Result<Box<dyn RowStream>> {
        Ok(Box::new(CsvRows::new(&self.source, &self.key, partition, raw, &self.settings)?))
    }
}

/// The settings of a file of which no column is declared; `whose` begins a message about them.
fn settings(whose: &str, csv: &CsvSpec, region: Option<&str>) -> Result<Settings> {
    let delimiter = csv
        .delimiter
        .as_deref()
        .map(|d| one_delimiter(d).ok_or_else(|| Failure::usage(format!("{whose}\"{d}\" is no delimiter"))));
    let encoding = csv.encoding.as_deref().map(|label| {
        one_encoding(label).ok_or_else(|| Failure::usage(format!("{whose}\"{label}\" is no known encoding")))
    });
    Ok(Settings {
        delimiter: delimiter.transpose()?,
        encoding: encoding.transpose()?,
        country: region.and_then(top_level_domain),
        needed: Vec::new(),
    })
}

/// Opens a file of delimited text with all its columns.
///
/// # Errors
/// A usage failure, where a setting is none; a source failure, where the file has no header.
pub(crate) fn open_text(partition: &Partition, file: File, csv: &CsvSpec, region: Option<&str>) -> Result<CsvRows> {
    CsvRows::new(&partition.name, &[], partition, Box::new(file), &settings("", csv, region)?)
}

/// Names the file in a failure that only knows the line.
fn in_file(location: &str, mut failure: Failure) -> Failure {
    failure.message = format!("{location}: {}", failure.message);
    failure
}

/// The delimiter that a setting names, where it names one.
pub(crate) fn one_delimiter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if dialect::is_delimiter(*byte) => Some(*byte),
        _ => None,
    }
}

/// The encoding that a label names, where it names one that files are written in.
pub(crate) fn one_encoding(label: &str) -> Option<&'static encoding_rs::Encoding> {
    encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
}

/// The top-level domain of a region; they differ for one country only.
fn top_level_domain(region: &str) -> Option<String> {
    let letters = region.len() == 2 && region.bytes().all(|b| b.is_ascii_alphabetic());
    letters.then(|| if region.eq_ignore_ascii_case("gb") { "uk".to_string() } else { region.to_ascii_lowercase() })
}

/// Writes and hashes what is read through it.
struct Tee<'a, R> {
    from: R,
    to: &'a mut dyn Write,
    hasher: blake3::Hasher,
    failed_write: Option<io::Error>,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(block)?;
        self.hasher.update(&block[..length]);
        if let Err(error) = self.to.write_all(&block[..length]) {
            self.failed_write = Some(error);
            return Err(io::Error::other("the copy could not be written"));
        }
        Ok(length)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
