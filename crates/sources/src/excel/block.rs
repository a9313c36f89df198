//! A block of rows on its way.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::SchemaRef;
use onefold_contract::{Failure, Result};

/// A block of rows on its way.
pub(super) struct Block {
    columns: Vec<StringBuilder>,
    /// The numbers of its rows, counted from 1.
    pub(super) positions: Vec<u64>,
}

impl Block {
    /// No rows.
    pub(super) fn new(schema: &SchemaRef) -> Self {
        Self { columns: schema.fields().iter().map(|_| StringBuilder::new()).collect(), positions: Vec::new() }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// A bug, where it has more values than the block has columns.
    pub(super) fn push<'v>(&mut self, row: u32, values: impl Iterator<Item = Option<&'v str>>) -> Result<()> {
        let mut columns = self.columns.iter_mut();
        for value in values {
            let column = columns.next().ok_or_else(|| Failure::bug("a row of a sheet is wider than its block"))?;
            // An empty text and no value are the same to a person who looks at a sheet.
            column.append_option(value.filter(|value| !value.is_empty()));
        }
        self.positions.push(u64::from(row) + 1);
        Ok(())
    }

    /// The rows and their numbers.
    ///
    /// # Errors
    /// A bug, where they are no batch.
    pub(super) fn finish(mut self, schema: &SchemaRef) -> Result<(RecordBatch, Vec<u64>)> {
        let columns = self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        Ok((RecordBatch::try_new(schema.clone(), columns)?, self.positions))
    }
}
