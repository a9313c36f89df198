//! What a source file of a pipeline (`sources/*.toml`) says.
//!
//! Settings of one format stand in a table of that format's name, so that the file reads flat and every mistake in it
//! can be reported with its place.

use std::collections::BTreeMap;

use onefold_contract::AttributeKind;
use onefold_contract::standardizer::DateOrder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::excel::{ExcelSpec, HeaderKind, Totals, UnpivotSpec};
use crate::needed::Needed;

mod excel;

/// One source: where it is, what its rows mean, and what to do with those that do not fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The source's name in tables and reports, in `snake_case`.
    pub name: String,
    /// What the source is, in one sentence.
    #[serde(default)]
    pub description: String,
    /// The format or wire.
    pub format: Format,
    /// Where it is: a path, relative to the working directory; `*` and `?` match several files in the order of their names.
    pub location: String,
    /// What one row stands for ("one row a customer").
    pub grain: String,
    /// The columns, under their own names in the house, that name a row uniquely.
    pub key: Vec<String>,
    /// The kind of entity whose records these rows are; rows without an entity are facts or reference data.
    #[serde(default)]
    pub entity: Option<String>,
    /// The column that tells when the source last touched the row, for survivorship.
    #[serde(default)]
    pub updated_at: Option<String>,
    /// The region whose conventions hold where a value does not say (ISO 3166-1 alpha-2).
    #[serde(default)]
    pub region: Option<String>,
    /// The currency of amounts that do not name one (ISO 4217).
    #[serde(default)]
    pub currency: Option<String>,
    /// Columns whose sums are balanced from source to mart; each of kind `integer` or `decimal`.
    #[serde(default)]
    pub control_totals: Vec<String>,
    /// The largest share of rows that may be in quarantine before the run is refused; the pipeline's where absent.
    #[serde(default)]
    pub max_rejected_share: Option<f64>,
    /// What to do about columns the source has and this file does not name.
    #[serde(default)]
    pub unknown_columns: UnknownColumns,
    /// Settings of format `csv`.
    #[serde(default)]
    pub csv: CsvSpec,
    /// Settings of format `sqlite`.
    #[serde(default)]
    pub sqlite: SqliteSpec,
    /// Settings of format `excel`.
    #[serde(default)]
    pub excel: ExcelSpec,
    /// The columns.
    pub columns: Vec<ColumnSpec>,
    /// Attributes of the entity that stand in columns of other names here: attribute = column, where the column may be one
    /// that cleaning adds (`given_name = "name_given"`).
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Rows to leave out, by rule; they are counted as excluded.
    #[serde(default)]
    pub exclude: Vec<ExcludeSpec>,
}

impl SourceSpec {
    /// The source's own names of the declared columns, each once, in the order of the declaration.
    pub fn source_columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            if !names.iter().any(|name| name == column.source_name()) {
                names.push(column.source_name().to_string());
            }
        }
        names
    }

    /// The declared columns under the source's own names, each once, with the further names they go by there.
    pub(crate) fn needed(&self) -> Vec<Needed> {
        let mut needed: Vec<Needed> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let place = needed.iter().position(|n| n.name == column.source_name()).unwrap_or_else(|| {
                needed.push(Needed { name: column.source_name().to_string(), also: Vec::new() });
                needed.len() - 1
            });
            needed[place].also.extend(column.also.iter().cloned());
        }
        needed
    }

    /// The source's own names of the key's columns.
    pub fn source_key_columns(&self) -> Vec<String> {
        let own = |name: &String| self.column(name).map_or_else(|| name.clone(), |c| c.source_name().to_string());
        self.key.iter().map(own).collect()
    }

    /// A column by its name in the house.
    pub fn column(&self, name: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl ColumnSpec {
    /// The column's name at the source.
    pub fn source_name(&self) -> &str {
        self.from.as_deref().unwrap_or(&self.name)
    }
}

/// A format or wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text.
    Csv,
    /// A table or view of a SQLite database.
    Sqlite,
    /// Sheets of workbooks.
    Excel,
}

impl Format {
    /// The name of the format as configuration writes it; its settings stand in a table of this name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Sqlite => "sqlite",
            Self::Excel => "excel",
        }
    }
}

/// What to do about columns that no one declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownColumns {
    /// Leave them in raw and say so in the run's report.
    #[default]
    Report,
    /// Refuse the load.
    Refuse,
}

/// How delimited text is read; what is absent is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvSpec {
    /// The delimiter, one character.
    #[serde(default)]
    pub delimiter: Option<String>,
    /// The encoding, by its WHATWG label ("utf-8", "windows-1252").
    #[serde(default)]
    pub encoding: Option<String>,
}

/// Which rows of a SQLite database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqliteSpec {
    /// The table or view.
    #[serde(default)]
    pub table: Option<String>,
}

/// One column of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// The name in the house, in `snake_case`.
    pub name: String,
    /// The name at the source; the same as `name` where absent.
    #[serde(default)]
    pub from: Option<String>,
    /// Further names that the column goes by at the source, in other files or sheets of it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What the column means.
    pub kind: AttributeKind,
    /// Whether a row without a value is a bad row.
    #[serde(default)]
    pub required: bool,
    /// Whether a row whose value cannot be cleaned is a bad row; else it goes on without the value.
    #[serde(default)]
    pub strict: bool,
    /// The only values that may stand here.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// Further texts that mean "no value" in this column.
    #[serde(default)]
    pub null_words: Vec<String>,
    /// The order of day, month and year; decided from the column where absent.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// The column of this source, of another kind, whose every value writes dates in its own order: the sheet, the branch.
    #[serde(default)]
    pub date_order_by: Option<String>,
    /// The column of this source that holds each row's country, whose conventions hold where a value does not say; the
    /// region where a row has none.
    #[serde(default)]
    pub region_from: Option<String>,
    /// What was done to the column on its way, and is undone when it is read; format `excel` only.
    #[serde(default)]
    pub mend: Option<Mend>,
    /// The region, where it is not the source's.
    #[serde(default)]
    pub region: Option<String>,
    /// The currency, where it is not the source's.
    #[serde(default)]
    pub currency: Option<String>,
    /// The channel a consent is for; kind `consent` only.
    #[serde(default)]
    pub channel: Option<String>,
    /// The purpose a consent is for; kind `consent` only.
    #[serde(default)]
    pub purpose: Option<String>,
}

/// A known damage of a column that reading undoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// Dates were read in a locale of the other order of day and month: those that it could read came out as dates with
    /// the two swapped, the others stayed text.
    SwapDayAndMonth,
}

/// A declared rule that leaves rows out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExcludeSpec {
    /// The column looked at, by its name in the house.
    pub column: String,
    /// The values, as received, that leave a row out.
    pub values: Vec<String>,
    /// Why.
    pub reason: String,
}
