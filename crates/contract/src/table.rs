//! Declared tables: what a stage promises to hand on, and the check that it does.

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::{Failure, Result};

/// One column of a table contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnContract {
    /// The column's name.
    pub name: String,
    /// Its Arrow type.
    pub data_type: DataType,
    /// Whether a row without a value breaks the contract.
    pub required: bool,
}

/// The rows a stage hands on: name, grain, key and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableContract {
    /// The table's address.
    pub name: TableName,
    /// What one row stands for, in words ("one row an order line").
    pub grain: String,
    /// The columns in order.
    pub columns: Vec<ColumnContract>,
}

impl TableContract {
    /// The Arrow schema of the contract. Every field is nullable there: whether a value is required is judged by
    /// [`Self::check`], because a delete carries a key and nothing else.
    pub fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|c| Field::new(&c.name, c.data_type.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// Holds a batch against the contract: same columns, same order, same types, no required value missing.
    ///
    /// # Errors
    /// A bug, naming the table and every column that differs: stages check inputs, so a batch that breaks its
    /// contract was built wrongly.
    pub fn check(&self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        let mut breaches = Vec::new();
        if schema.fields().len() != self.columns.len() {
            breaches.push(format!("{} columns, expected {}", schema.fields().len(), self.columns.len()));
        }
        for (field, column) in schema.fields().iter().zip(&self.columns) {
            if field.name() != &column.name || field.data_type() != &column.data_type {
                breaches.push(format!(
                    "{} {}, expected {} {}",
                    field.name(),
                    field.data_type(),
                    column.name,
                    column.data_type
                ));
            }
        }
        for (values, column) in batch.columns().iter().zip(&self.columns) {
            if column.required && values.null_count() > 0 {
                breaches.push(format!("{} values missing in {}", values.null_count(), column.name));
            }
        }
        if breaches.is_empty() {
            return Ok(());
        }
        let mut failure = Failure::bug(format!("a batch breaks the contract of table {}", self.name));
        failure.details = breaches;
        Err(failure)
    }
}

/// A layer of the house, which is also the schema a table stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Typed rows under a source's contract.
    Staged,
    /// Clean values with the original beside them.
    Standardized,
    /// Entities, golden records, XREF.
    Resolved,
    /// The star schema.
    Mart,
    /// What did not go through, with its reason.
    Quarantine,
}

impl Layer {
    /// Every layer, in the order data walks through them.
    pub const ALL: [Self; 5] = [Self::Staged, Self::Standardized, Self::Resolved, Self::Mart, Self::Quarantine];

    /// The schema's name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Standardized => "standardized",
            Self::Resolved => "resolved",
            Self::Mart => "mart",
            Self::Quarantine => "quarantine",
        }
    }
}

/// The address of a table: layer and name, written `layer.name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// The layer.
    pub layer: Layer,
    /// The name in the layer.
    pub name: String,
}

impl TableName {
    /// `layer.name`.
    pub fn new(layer: Layer, name: impl Into<String>) -> Self {
        Self { layer, name: name.into() }
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.layer.name(), self.name)
    }
}
