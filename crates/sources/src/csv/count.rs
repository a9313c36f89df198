//! Counts the rows of a file while it is landed, by the state machine of `csv-core`: another hand than the one that reads
//! the landed file, so that a row which that reader loses is missed.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Counts records in decoded text that comes in pieces.
pub(super) struct RecordCounter {
    reader: Reader,
    fields: Vec<u8>,
    ends: Vec<usize>,
    records: u64,
}

impl RecordCounter {
    /// A counter of records whose fields are separated by `delimiter`.
    pub(super) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, fields: vec![0; 1 << 14], ends: vec![0; 1 << 10], records: 0 }
    }

    /// Takes in a piece.
    pub(super) fn feed(&mut self, mut text: &[u8]) {
        // An empty piece would tell the state machine that the text has ended.
        while !text.is_empty() {
            text = &text[self.step(text).1..];
        }
    }

    /// The number of records; the text has ended.
    pub(super) fn finish(mut self) -> u64 {
        while !matches!(self.step(&[]).0, ReadRecordResult::End) {}
        self.records
    }

    fn step(&mut self, text: &[u8]) -> (ReadRecordResult, usize) {
        let (result, read, _, _) = self.reader.read_record(text, &mut self.fields, &mut self.ends);
        self.records += u64::from(matches!(result, ReadRecordResult::Record));
        (result, read)
    }
}
