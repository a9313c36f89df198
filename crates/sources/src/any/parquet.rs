//! Parquet as columns of text.
//!
//! Types are written out so that nothing is lost: numbers in the fewest digits that give them back, dates and moments as ISO
//! 8601, bytes as `\x` and hexadecimal digits, lists and structures as JSON-like text. A whole number that stands as a double,
//! as pandas keeps a column of integers with a gap, is written without `.0`: it is a key more often than a measure.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::extractor::{EndTrailer, RawRows, RowStream};
use onefold_contract::{Failure, Result};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

/// Rows in a block.
const BLOCK_ROWS: usize = 8192;

/// Rows of a Parquet file.
pub(super) struct ParquetRows {
    location: String,
    schema: SchemaRef,
    blocks: ParquetRecordBatchReader,
    rows: u64,
    ended: bool,
}

/// Opens a Parquet file.
///
/// # Errors
/// A source failure, where it is damaged or has two columns of one name.
pub(super) fn open(location: &str, file: File) -> Result<ParquetRows> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(location, &e.to_string()))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    if let Some(name) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)).map(|(_, n)| n) {
        return Err(Failure::source(format!("{location} has more than one column \"{name}\""))
            .hint("give every column a name of its own"));
    }
    let blocks = builder.with_batch_size(BLOCK_ROWS).build().map_err(|e| damaged(location, &e.to_string()))?;
    let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    Ok(ParquetRows { location: location.into(), schema: Arc::new(Schema::new(fields)), blocks, rows: 0, ended: false })
}

impl ParquetRows {
    /// The names of the columns.
    pub(super) fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn block(&mut self, block: &RecordBatch) -> Result<RawRows> {
        let columns = block.columns().iter().map(as_text).collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        let first = self.rows + 1;
        self.rows += batch.num_rows() as u64;
        Ok(RawRows::new(batch, (first..=self.rows).collect(), Vec::new()))
    }
}

impl Iterator for ParquetRows {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let rows = match self.blocks.next() {
            Some(Ok(block)) => Some(self.block(&block)),
            Some(Err(error)) => Some(Err(damaged(&self.location, &error.to_string()))),
            None => None,
        };
        self.ended = !matches!(rows, Some(Ok(_)));
        rows
    }
}

impl RowStream for ParquetRows {
    /// Nothing was landed, so there is nothing to prove.
    fn trailer(&self) -> Option<EndTrailer> {
        None
    }
}

fn as_text(column: &ArrayRef) -> Result<ArrayRef> {
    let text = match column.data_type() {
        DataType::Utf8 => return Ok(column.clone()),
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => return Ok(cast(column, &DataType::Utf8)?),
        DataType::Dictionary(_, values) => return as_text(&cast(column, values)?),
        DataType::Float64 => each(column, |row| column.as_primitive::<Float64Type>().value(row).to_string()),
        DataType::Float32 => each(column, |row| column.as_primitive::<Float32Type>().value(row).to_string()),
        DataType::Binary => each(column, |row| hexadecimal(column.as_binary::<i32>().value(row))),
        DataType::LargeBinary => each(column, |row| hexadecimal(column.as_binary::<i64>().value(row))),
        DataType::FixedSizeBinary(_) => each(column, |row| hexadecimal(column.as_fixed_size_binary().value(row))),
        _ => {
            let options = FormatOptions::default();
            let shown = ArrayFormatter::try_new(column, &options)?;
            each(column, |row| shown.value(row).to_string())
        }
    };
    Ok(text)
}

fn each(column: &ArrayRef, text: impl Fn(usize) -> String) -> ArrayRef {
    let mut texts = StringBuilder::with_capacity(column.len(), column.len() * 8);
    for row in 0..column.len() {
        texts.append_option(column.is_valid(row).then(|| text(row)));
    }
    Arc::new(texts.finish())
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::from("\\x"), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn damaged(location: &str, cause: &str) -> Failure {
    Failure::source(format!("{location} is damaged or cut off: {cause}"))
        .hint("was it copied whole? write it again where it came from")
}
