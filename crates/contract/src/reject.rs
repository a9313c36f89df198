//! What did not go through, and why. A bad row is output, with a reason, never an absence.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use serde::{Deserialize, Serialize};

use crate::{Failure, Result};

/// Whether a reject holds back its row or only one value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectScope {
    /// The row is in quarantine.
    Row,
    /// The row went on without this value.
    Value,
}

impl RejectScope {
    /// The word for the scope in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Value => "value",
        }
    }
}

/// One row, or one value of a row, that did not go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Row or value.
    pub scope: RejectScope,
    /// The stage that rejected it: `raw`, `staged`, `standardized`, `mart`.
    pub stage: String,
    /// The source.
    pub source: String,
    /// The row's key at the source, where it could be read.
    pub source_key: Option<String>,
    /// Where the row stands: the file or table as received.
    pub location: String,
    /// The line of a file or the ordinal of a row, counted from 1.
    pub row: Option<u64>,
    /// The column, where one column is to blame.
    pub column: Option<String>,
    /// The rule's code, in `kebab-case`.
    pub rule: String,
    /// The value as received.
    pub raw_value: Option<String>,
    /// Why, and what would be right, in one sentence.
    pub reason: String,
}

/// What a stage hands on and what it holds back.
#[derive(Debug, Clone)]
pub struct Outcome<T> {
    /// What goes on.
    pub accepted: T,
    /// What does not, each with its reason.
    pub rejects: Vec<Reject>,
}

impl Reject {
    /// The schema of a table of rejects.
    pub fn schema() -> SchemaRef {
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        Arc::new(Schema::new(vec![
            text("_run"),
            text("scope"),
            text("stage"),
            text("source"),
            text("source_key"),
            text("location"),
            Field::new("row", DataType::UInt64, true),
            text("column"),
            text("rule"),
            text("raw_value"),
            text("reason"),
        ]))
    }

    /// The rejects of one run as a table of [`Self::schema`].
    ///
    /// # Errors
    /// A bug, should the columns not fit the schema.
    pub fn table(run: &str, rejects: &[Self]) -> Result<RecordBatch> {
        fn text<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
            Arc::new(values.collect::<StringArray>())
        }
        let all = || rejects.iter();
        let columns: Vec<ArrayRef> = vec![
            text(all().map(|_| Some(run))),
            text(all().map(|r| Some(r.scope.name()))),
            text(all().map(|r| Some(r.stage.as_str()))),
            text(all().map(|r| Some(r.source.as_str()))),
            text(all().map(|r| r.source_key.as_deref())),
            text(all().map(|r| Some(r.location.as_str()))),
            Arc::new(all().map(|r| r.row).collect::<UInt64Array>()),
            text(all().map(|r| r.column.as_deref())),
            text(all().map(|r| Some(r.rule.as_str()))),
            text(all().map(|r| r.raw_value.as_deref())),
            text(all().map(|r| Some(r.reason.as_str()))),
        ];
        debug_assert!(columns.iter().all(|c| c.len() == rejects.len()));
        Ok(RecordBatch::try_new(Self::schema(), columns)?)
    }

    /// Reads back what [`Self::table`] wrote.
    ///
    /// # Errors
    /// A bug, where the batch is not of [`Self::schema`].
    pub fn read_table(batch: &RecordBatch) -> Result<Vec<Self>> {
        if batch.schema().fields() != Self::schema().fields() {
            return Err(Failure::bug("a table of rejects has other columns than rejects have"));
        }
        let text = |column: usize, row: usize| {
            let values = batch.column(column).as_string::<i32>();
            values.is_valid(row).then(|| values.value(row).to_string())
        };
        let rows = batch.column(6).as_primitive::<UInt64Type>();
        let read = |row: usize| Self {
            scope: if text(1, row).as_deref() == Some("value") { RejectScope::Value } else { RejectScope::Row },
            stage: text(2, row).unwrap_or_default(),
            source: text(3, row).unwrap_or_default(),
            source_key: text(4, row),
            location: text(5, row).unwrap_or_default(),
            row: rows.is_valid(row).then(|| rows.value(row)),
            column: text(7, row),
            rule: text(8, row).unwrap_or_default(),
            raw_value: text(9, row),
            reason: text(10, row).unwrap_or_default(),
        };
        Ok((0..batch.num_rows()).map(read).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_rejects_reads_back() {
        let reject = Reject {
            scope: RejectScope::Value,
            stage: "standardized".into(),
            source: "crm".into(),
            source_key: Some("7".into()),
            location: "crm.csv".into(),
            row: None,
            column: Some("phone".into()),
            rule: "not-a-phone".into(),
            raw_value: Some("x".into()),
            reason: "no digits".into(),
        };
        let rejects = vec![reject.clone(), Reject { scope: RejectScope::Row, row: Some(3), column: None, ..reject }];
        let table = Reject::table("R000001", &rejects).unwrap();
        assert_eq!(Reject::read_table(&table).unwrap(), rejects);
    }
}
