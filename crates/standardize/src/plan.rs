//! What is to be standardized: one source's columns with their kinds and settings.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::ColumnSettings;

/// How one source's staged table is standardized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandardizePlan {
    /// The source's name.
    pub source: String,
    /// Its columns, in the order of the staged table.
    pub columns: Vec<ColumnPlan>,
}

/// How one column is standardized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPlan {
    /// The column's name.
    pub name: String,
    /// What it means.
    pub kind: AttributeKind,
    /// What configuration says about it.
    pub settings: ColumnSettings,
    /// Whether a row whose value cannot be cleaned is a bad row; else it goes on without the value.
    pub strict: bool,
    /// What of the settings another column of the row says.
    pub by: Option<By>,
}

/// What another column says about a column's values, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The country whose conventions hold, in a column of that name; the settings' region where it has none.
    Region(String),
    /// The part (a sheet, a branch) that writes dates in its own order, in a column of that name.
    DateOrder(String),
}

/// The content columns of the standardized table: each staged column under its name with its kind's clean type,
/// followed by the columns that its kind yields.
pub fn standardized_schema(plan: &StandardizePlan) -> SchemaRef {
    let fields = plan.columns.iter().flat_map(|column| {
        let derived = column.kind.derived().into_iter();
        let derived =
            derived.map(|(suffix, data_type)| Field::new(format!("{}{suffix}", column.name), data_type, true));
        std::iter::once(Field::new(&column.name, column.kind.clean_type(), true)).chain(derived)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
