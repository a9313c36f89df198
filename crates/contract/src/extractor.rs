//! How a source delivers rows.
//!
//! Two steps, because raw is landed before anything is read from it: [`Extractor::land`] copies what the source
//! delivers, byte for byte or row for row, and [`Extractor::read`] reads the landed copy, never the source. Both end
//! with an [`EndTrailer`]; a stream that ends without one, or with another than was landed, is a truncated stream.
//! An extractor is a blocking iterator of batches: async drivers are wrapped inside `sources`.

use std::io::{Read, Seek, Write};

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::ledger::ControlTotal;
use crate::{Reject, Result};

/// A part of a source that can be landed by itself: one file, one range of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// The name, unique in the source and stable from night to night ("orders-2017.csv", "customer").
    pub name: String,
    /// Where it stands: a path, or a place in a database.
    pub location: String,
}

/// What pins the state of a source that one load reads: a digest, a transaction number, a modification mark. Equal
/// tokens mean equal content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotToken(pub String);

/// What an extractor remembers from the last published load. Committed with the data it describes, never before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractorState {
    /// The snapshot that was read.
    pub snapshot: Option<SnapshotToken>,
    /// What the contract and reader settings were when it was read; content is read anew when they change.
    pub settings: String,
}

/// What there is to land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractionPlan {
    /// The state of the source that the partitions belong to.
    pub snapshot: SnapshotToken,
    /// The partitions, in a stable order.
    pub partitions: Vec<Partition>,
}

/// The end of a stream: proof that all of it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndTrailer {
    /// Rows delivered, those that could not be read included.
    pub rows: u64,
    /// BLAKE3 of the landed bytes, in hexadecimal.
    pub checksum: String,
}

/// A block of rows as landed.
#[derive(Debug, Clone)]
pub struct RawRows {
    /// The rows, every column text, under the source's own column names.
    pub batch: RecordBatch,
    /// For each row, its line in the file or its ordinal in the table, counted from 1.
    pub positions: Vec<u64>,
    /// Rows that could not be read at all.
    pub rejects: Vec<Reject>,
    /// Rows that are no records, such as the totals below a worksheet's rows; they are counted as excluded.
    pub left_out: Vec<LeftOut>,
    /// The part of the partition that the rows stand in; `None` where a partition has no parts.
    pub part: Option<Part>,
}

impl RawRows {
    /// Rows of a partition without parts, none of them left out.
    pub fn new(batch: RecordBatch, positions: Vec<u64>, rejects: Vec<Reject>) -> Self {
        Self { batch, positions, rejects, left_out: Vec::new(), part: None }
    }
}

/// A row that a rule of the format leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its line or ordinal, counted from 1.
    pub row: u64,
    /// The rule's code, in `kebab-case`.
    pub rule: &'static str,
}

/// A part of a partition, such as a sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What messages call it: `sheet 'North'`.
    pub name: String,
    /// For each column of the rows, what the source calls it by place, such as `E`; empty where it has no place.
    pub places: Vec<String>,
}

/// Rows read from a landed partition.
pub trait RowStream: Iterator<Item = Result<RawRows>> {
    /// The trailer; `None` until the stream has ended.
    fn trailer(&self) -> Option<EndTrailer>;

    /// What the operator should know about how the rows were read (the encoding and delimiter found), one sentence each.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Totals that the source states about its own rows, each held against the rows it is about; whole once the stream has
    /// ended.
    fn stated_totals(&self) -> Vec<ControlTotal> {
        Vec::new()
    }
}

/// Landed bytes that can be read.
pub trait Landed: Read + Seek + Send {}
impl<T: Read + Seek + Send> Landed for T {}

/// A source of one format or wire.
pub trait Extractor: Send + Sync {
    /// Looks at the source and says what there is to land. `state` is what the last published load left.
    ///
    /// # Errors
    /// The source cannot be reached or read.
    fn plan(&self, state: &ExtractorState) -> Result<ExtractionPlan>;

    /// Copies one partition as received into `raw` and returns its trailer.
    ///
    /// # Errors
    /// The source cannot be read, changed since the plan, or `raw` cannot be written.
    fn land(&self, partition: &Partition, snapshot: &SnapshotToken, raw: &mut dyn Write) -> Result<EndTrailer>;

    /// Reads rows from a landed partition.
    ///
    /// # Errors
    /// The landed bytes are not of this extractor's format.
    fn read(&self, partition: &Partition, raw: Box<dyn Landed>) -> Result<Box<dyn RowStream>>;
}
