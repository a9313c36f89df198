//! Rows by their keys: duplicates, differences, order.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{CastOptions, cast_with_options, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::row::{Row, RowConverter, Rows, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::{Failure, Result};

/// Reads some columns of batches of one schema as comparable rows.
pub(super) struct RowReader {
    converter: RowConverter,
    columns: Vec<usize>,
}

impl RowReader {
    /// Over the columns of these names; a name that is not there is a bug, as the plan was checked.
    pub(super) fn of(schema: &SchemaRef, names: &[String]) -> Result<Self> {
        let columns = names.iter().map(|name| schema.index_of(name)).collect::<Result<Vec<_>, _>>()?;
        Self::at(schema, columns)
    }

    /// Over the columns at these places.
    pub(super) fn at(schema: &SchemaRef, columns: Vec<usize>) -> Result<Self> {
        let fields = columns.iter().map(|place| SortField::new(schema.field(*place).data_type().clone()));
        Ok(Self { converter: RowConverter::new(fields.collect())?, columns })
    }

    /// The rows of a batch.
    pub(super) fn read(&self, batch: &RecordBatch) -> Result<Rows> {
        let columns: Vec<ArrayRef> = self.columns.iter().map(|place| Arc::clone(batch.column(*place))).collect();
        if columns.is_empty() {
            return Ok(self.converter.empty_rows(0, 0));
        }
        Ok(self.converter.convert_columns(&columns)?)
    }
}

/// Where each row stands; of equal rows the last.
pub(super) fn places(rows: &Rows) -> HashMap<Row<'_>, usize> {
    rows.iter().enumerate().map(|(place, row)| (row, place)).collect()
}

/// The rows' places in the order of the rows.
pub(super) fn sorted_places(rows: &Rows) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rows.num_rows()).collect();
    places.sort_by(|a, b| rows.row(*a).cmp(&rows.row(*b)).then(a.cmp(b)));
    places
}

/// The batch in the order of `first`, then of all columns from left to right, so that equal content has one order.
pub(super) fn sorted(batch: &RecordBatch, first: &[String]) -> Result<RecordBatch> {
    let schema = batch.schema();
    let mut columns = first.iter().map(|name| schema.index_of(name)).collect::<Result<Vec<_>, _>>()?;
    columns.extend((0..batch.num_columns()).filter(|place| !columns.contains(place)).collect::<Vec<_>>());
    in_order_of(batch, columns)
}

/// The batch in the order of these columns alone; rows that are equal in them keep their order.
pub(super) fn sorted_by(batch: &RecordBatch, names: &[&str]) -> Result<RecordBatch> {
    let schema = batch.schema();
    in_order_of(batch, names.iter().map(|name| schema.index_of(name)).collect::<Result<Vec<_>, _>>()?)
}

fn in_order_of(batch: &RecordBatch, columns: Vec<usize>) -> Result<RecordBatch> {
    if columns.is_empty() {
        return Ok(batch.clone());
    }
    let rows = RowReader::at(&batch.schema(), columns)?.read(batch)?;
    let places: UInt32Array = sorted_places(&rows).into_iter().map(|place| place as u32).collect();
    Ok(take_record_batch(batch, &places)?)
}

/// Refuses rows without a key and rows with the same key.
///
/// # Errors
/// A gate that names the table and the first keys.
pub(super) fn unique_keys(table: &str, batch: &RecordBatch, key: &[String]) -> Result<()> {
    for name in key {
        let missing = batch.column_by_name(name).map_or(0, Array::null_count);
        if missing > 0 {
            return Err(Failure::gate(format!("{table}: {missing} rows have no value in the key column `{name}`"))
                .hint("leave such rows out in the SELECT by a declared rule, or give them a value with COALESCE"));
        }
    }
    let rows = RowReader::of(&batch.schema(), key)?.read(batch)?;
    let places = sorted_places(&rows);
    let repeated: Vec<&[usize]> =
        places.chunk_by(|a, b| rows.row(*a) == rows.row(*b)).filter(|group| group.len() > 1).collect();
    if repeated.is_empty() {
        return Ok(());
    }
    let key_columns = batch.project(&RowReader::of(&batch.schema(), key)?.columns)?;
    let mut failure = Failure::gate(format!(
        "{table}: {} keys stand on more than one row, and the key ({}) must name one",
        repeated.len(),
        key.join(", ")
    ));
    for group in repeated.iter().take(3) {
        failure = failure.detail(format!("{} stands on {} rows", printed(&key_columns, group[0])?, group.len()));
    }
    Err(failure.hint("join on a whole key, group, or add the column that tells the rows apart to `key`"))
}

/// A row as `column = value, ...`.
pub(super) fn printed(batch: &RecordBatch, row: usize) -> Result<String> {
    let options = FormatOptions::default().with_null("NULL");
    let mut parts = Vec::with_capacity(batch.num_columns());
    for (field, values) in batch.schema().fields().iter().zip(batch.columns()) {
        let printer = ArrayFormatter::try_new(values.as_ref(), &options)?;
        parts.push(format!("{} = {}", field.name(), printer.value(row)));
    }
    Ok(parts.join(", "))
}

/// Rows of a published table in the columns of today: a new column is empty, a column that is gone is left out, another
/// type is cast.
///
/// # Errors
/// Usage, where a value does not fit the new type.
pub(super) fn conformed(table: &str, published: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let columns = schema.fields().iter().map(|field| match published.column_by_name(field.name()) {
        None => Ok(new_null_array(field.data_type(), published.num_rows())),
        Some(values) if values.data_type() == field.data_type() => Ok(Arc::clone(values)),
        Some(values) => cast_with_options(values, field.data_type(), &strict).map_err(|_| {
            Failure::usage(format!(
                "{table}: the column `{}` has another type than in the published mart, and its published values do not fit it",
                field.name()
            ))
            .hint("keep the type with a CAST, or give the column another name")
        }),
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<Vec<_>>>()?)?)
}

/// How the rows of a table differ from the published ones, by key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) deleted: u64,
}

/// Compares by key and by all columns; both batches have one schema.
pub(super) fn difference(before: &RecordBatch, after: &RecordBatch, key: &[String]) -> Result<Difference> {
    let schema = after.schema();
    let keys = RowReader::of(&schema, key)?;
    let whole = RowReader::at(&schema, (0..schema.fields().len()).collect())?;
    let (keys_before, keys_after) = (keys.read(before)?, keys.read(after)?);
    let (rows_before, rows_after) = (whole.read(before)?, whole.read(after)?);
    let there = places(&keys_before);
    let mut found = Difference::default();
    for place in 0..after.num_rows() {
        match there.get(&keys_after.row(place)) {
            None => found.inserted += 1,
            Some(old) if rows_before.row(*old) == rows_after.row(place) => found.unchanged += 1,
            Some(_) => found.updated += 1,
        }
    }
    let stays = places(&keys_after);
    found.deleted = keys_before.iter().filter(|key| !stays.contains_key(key)).count() as u64;
    Ok(found)
}
