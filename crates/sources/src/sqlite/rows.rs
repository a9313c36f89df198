//! The landed Arrow file of a table as a stream of blocks of rows.
//!
//! An Arrow IPC file holds an IPC stream between its head and its footer. It is read as that stream, front to back, so that
//! the checksum is of the very bytes the rows came from; the footer is only hashed.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use onefold_contract::extractor::{EndTrailer, Landed, Partition, RawRows, RowStream};
use onefold_contract::{Failure, Result};

use super::values::{ALIGNMENT, as_text};
use crate::needed::{Needed, as_written, name_as_declared};

/// What an Arrow IPC file begins with.
const HEAD: [u8; ALIGNMENT] = *b"ARROW1\0\0";

/// Rows of one landed table.
pub(super) struct SqliteRows {
    location: String,
    schema: SchemaRef,
    blocks: StreamReader<Hashed>,
    rows: u64,
    trailer: Option<EndTrailer>,
    failed: bool,
}

impl SqliteRows {
    /// Reads the schema; the rows come one block at a time.
    pub(super) fn new(partition: &Partition, needed: &[Needed], mut raw: Box<dyn Landed>) -> Result<Self> {
        let location = partition.location.clone();
        raw.seek(SeekFrom::Start(0)).map_err(|e| damaged(&location, &e.into()))?;
        let mut hashed = Hashed { from: io::BufReader::with_capacity(1 << 18, raw), hasher: blake3::Hasher::new() };
        let mut head = [0; ALIGNMENT];
        hashed.read_exact(&mut head).map_err(|e| damaged(&location, &e.into()))?;
        if head != HEAD {
            return Err(Failure::source(format!("the landed copy of {location} is no Arrow file"))
                .hint("delete it and run again; the source is then landed anew"));
        }
        let blocks = StreamReader::try_new(hashed, None).map_err(|e| damaged(&location, &e))?;
        let mut names: Vec<String> = blocks.schema().fields().iter().map(|field| field.name().clone()).collect();
        name_as_declared(needed, &location, &mut names, as_written)?;
        let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        Ok(Self { location, schema, blocks, rows: 0, trailer: None, failed: false })
    }

    fn block(&mut self, block: &RecordBatch) -> Result<RawRows> {
        let columns = block.columns().iter().map(as_text).collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        let first = self.rows + 1;
        self.rows += batch.num_rows() as u64;
        Ok(RawRows::new(batch, (first..=self.rows).collect(), Vec::new()))
    }

    /// Hashes what follows the rows, the footer.
    fn end(&mut self) -> Result<EndTrailer> {
        let hashed = self.blocks.get_mut();
        io::copy(hashed, &mut io::sink()).map_err(|e| damaged(&self.location, &e.into()))?;
        Ok(EndTrailer { rows: self.rows, checksum: hashed.hasher.finalize().to_hex().to_string() })
    }
}

impl Iterator for SqliteRows {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.trailer.is_some() {
            return None;
        }
        let rows = match self.blocks.next() {
            Some(Ok(block)) => self.block(&block).map(Some),
            Some(Err(error)) => Err(damaged(&self.location, &error)),
            None => self.end().map(|trailer| {
                self.trailer = Some(trailer);
                None
            }),
        };
        self.failed = rows.is_err();
        rows.transpose()
    }
}

impl RowStream for SqliteRows {
    fn trailer(&self) -> Option<EndTrailer> {
        self.trailer.clone()
    }
}

/// Hashes what is read through it.
struct Hashed {
    from: io::BufReader<Box<dyn Landed>>,
    hasher: blake3::Hasher,
}

impl Read for Hashed {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(block)?;
        self.hasher.update(&block[..length]);
        Ok(length)
    }
}

fn damaged(location: &str, error: &ArrowError) -> Failure {
    Failure::source(format!("the landed copy of {location} is damaged or cut off: {error}"))
        .hint("delete it and run again; the source is then landed anew")
}
