//! What a table holds after a change batch that is not yet published.

use arrow::array::{AsArray, RecordBatch};
use onefold_contract::change::{CurrentHashes, RECORD_HASH, SOURCE_KEY};
use onefold_contract::table::TableName;
use onefold_contract::{ChangeBatch, Failure, Result};
use onefold_warehouse::lake::{self, Lake};

/// A table as published: its rows and their hashes.
pub(crate) struct Standing {
    pub(crate) rows: Option<RecordBatch>,
    pub(crate) hashes: CurrentHashes,
}

impl Standing {
    /// The table as of `base`; empty before the first release.
    pub(crate) fn read(lake: &Lake, base: Option<u64>, table: &TableName) -> Result<Self> {
        let rows = match base {
            Some(base) => lake.current(base, table)?,
            None => None,
        };
        let mut hashes = CurrentHashes::new();
        if let Some(rows) = &rows {
            let (keys, row_hashes) = (text(rows, SOURCE_KEY)?, text(rows, RECORD_HASH)?);
            hashes.extend(
                keys.iter().zip(row_hashes).map(|(k, h)| (k.unwrap_or_default().into(), h.unwrap_or_default().into())),
            );
        }
        Ok(Self { rows, hashes })
    }

    /// How many records stand.
    pub(crate) fn count(&self) -> u64 {
        self.rows.as_ref().map_or(0, RecordBatch::num_rows) as u64
    }

    /// The rows after the changes, sorted by source and key.
    pub(crate) fn fold(&self, changes: &ChangeBatch) -> Result<RecordBatch> {
        let mut batches: Vec<RecordBatch> = self.rows.iter().cloned().collect();
        batches.push(changes.batch().clone());
        lake::current_of(&batches)
    }
}

/// A text column of a batch.
pub(crate) fn text<'a>(batch: &'a RecordBatch, column: &str) -> Result<&'a arrow::array::StringArray> {
    batch
        .column_by_name(column)
        .and_then(|values| values.as_string_opt::<i32>())
        .ok_or_else(|| Failure::bug(format!("a table lacks its text column {column}")))
}
