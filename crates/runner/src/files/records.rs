//! From a table of texts to records that can be matched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::change::{LINEAGE, OPERATION, Operation, SOURCE, SOURCE_KEY, change_schema};
use onefold_contract::{AttributeKind, Reject, Result, TableProfile};
use onefold_standardize::profile::{ProfileSettings, Profiler, standardize_plan};
use onefold_standardize::{Dictionaries, StandardizePlan};

/// How many rows are profiled and standardized at a time.
const ROWS: usize = 8_192;

/// A table of texts whose rows are records of one or of several sources.
pub(crate) struct Table {
    /// The columns that may be matched and make up the golden record, every one text.
    pub(crate) rows: RecordBatch,
    /// The source of each row.
    pub(crate) sources: StringArray,
    /// The key of each row at its source.
    pub(crate) keys: StringArray,
}

impl Table {
    /// What its columns look like and may mean, from a sample.
    pub(crate) fn profile(&self, settings: ProfileSettings, dictionaries: &Dictionaries) -> Result<TableProfile> {
        let columns: Vec<String> = self.rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        let mut profiler = Profiler::new(&columns, settings);
        for start in (0..self.rows.num_rows()).step_by(ROWS) {
            profiler.observe(&self.rows.slice(start, ROWS.min(self.rows.num_rows() - start)))?;
        }
        Ok(profiler.guess(dictionaries).finish_on_sample())
    }
}

/// Standardizes columns of a table: `_source`, `_source_key`, then each clean column with what cleaning derives of it, the
/// originals left out. A text that cannot be read as one of its kind stands as it came, in lower case: two records that say the
/// same odd thing still say the same. Gives what cleaning found wrong as well.
pub(crate) fn prepare(
    table: &Table,
    profile: &TableProfile,
    wanted: &BTreeSet<String>,
    dictionaries: &Dictionaries,
) -> Result<(RecordBatch, Vec<Reject>)> {
    let mut plan = standardize_plan(profile, "file");
    plan.columns.retain(|column| wanted.contains(&column.name));
    let staged = staged(table, &plan)?;
    let decisions = onefold_standardize::decide(&plan, &staged, dictionaries);
    let outcome = onefold_standardize::standardize(&plan, &staged, &decisions, dictionaries)?;
    let flawed = flawed_rows(&outcome.rejects);
    let mut fields = vec![Field::new(SOURCE, DataType::Utf8, true), Field::new(SOURCE_KEY, DataType::Utf8, true)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(table.sources.clone()), Arc::new(table.keys.clone())];
    for column in &plan.columns {
        for (name, data_type) in columns_of(&column.name, column.kind) {
            let Some(values) = outcome.accepted.column_by_name(&name) else { continue };
            let values = match flawed.get(column.name.as_str()) {
                Some(rows) if name == column.name && data_type == DataType::Utf8 => {
                    mended(values.as_string::<i32>(), table.rows.column_by_name(&name), rows)
                }
                _ => Arc::clone(values),
            };
            fields.push(Field::new(&name, data_type, true));
            arrays.push(values);
        }
    }
    Ok((RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?, outcome.rejects))
}

/// The clean column of a kind and the columns derived of it, with their types.
pub(super) fn columns_of(name: &str, kind: AttributeKind) -> Vec<(String, DataType)> {
    let derived = kind.derived().into_iter().filter(|(suffix, _)| *suffix != "_original");
    let derived = derived.map(|(suffix, data_type)| (format!("{name}{suffix}"), data_type));
    std::iter::once((name.to_owned(), kind.clean_type())).chain(derived).collect()
}

/// The table as a change batch; a row's number stands for its key, so that what is wrong with it can be found again.
fn staged(table: &Table, plan: &StandardizePlan) -> Result<RecordBatch> {
    let rows = table.rows.num_rows();
    let numbers: ArrayRef = Arc::new(StringArray::from_iter_values((0..rows).map(|row| row.to_string())));
    let same = |text: &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows))) };
    let (insert, empty) = (same(Operation::Insert.name()), same(""));
    let mut arrays: Vec<ArrayRef> = LINEAGE
        .iter()
        .map(|name| match *name {
            OPERATION => Arc::clone(&insert),
            SOURCE_KEY => Arc::clone(&numbers),
            _ => Arc::clone(&empty),
        })
        .collect();
    let mut fields = Vec::new();
    for column in &plan.columns {
        if let Some(values) = table.rows.column_by_name(&column.name) {
            fields.push(Field::new(&column.name, DataType::Utf8, true));
            arrays.push(Arc::clone(values));
        }
    }
    Ok(RecordBatch::try_new(change_schema(&Schema::new(fields)), arrays)?)
}

/// The rows whose value could not be read, by column; junk was read, and left out on purpose.
fn flawed_rows(rejects: &[Reject]) -> BTreeMap<&str, BTreeSet<usize>> {
    let mut flawed: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for reject in rejects.iter().filter(|reject| reject.rule != "junk-value") {
        let row = reject.source_key.as_deref().and_then(|key| key.parse().ok());
        if let (Some(column), Some(row)) = (reject.column.as_deref(), row) {
            flawed.entry(column).or_default().insert(row);
        }
    }
    flawed
}

fn mended(clean: &StringArray, raw: Option<&ArrayRef>, rows: &BTreeSet<usize>) -> ArrayRef {
    let raw = raw.and_then(|raw| raw.as_string_opt::<i32>());
    let value = |row: usize| {
        if clean.is_valid(row) {
            return Some(clean.value(row).to_owned());
        }
        let raw = raw.filter(|raw| rows.contains(&row) && raw.is_valid(row))?;
        Some(raw.value(row).trim().to_lowercase()).filter(|text| !text.is_empty())
    };
    Arc::new((0..clean.len()).map(value).collect::<StringArray>())
}
