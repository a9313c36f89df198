//! What a draft means for each table, decided before anything is written.
//!
//! Rows are brought to the lake's types and to the columns of the table that is there; then the draft is compared with
//! the published content by digest. What equals it is left out, so that a draft without a change publishes nothing.

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use onefold_contract::Failure;
use onefold_contract::publisher::TableChange;
use onefold_contract::table::TableName;

use super::error::LakeError;
use super::state::{Column, TableKind, TableState};
use super::types::{canonical, canonical_schema, lake_type};
use crate::digest::ContentSum;

/// What happens to the table in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A new table; one of the same name that was there, by its id, ends.
    Begin { ended: Option<i64> },
    /// The table stays; the last so many of its columns are new.
    Keep { id: i64, new_columns: usize },
}

/// One table that a release changes.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) name: TableName,
    pub(crate) kind: TableKind,
    pub(crate) shape: Shape,
    /// Whether the files that are there end.
    pub(crate) retire: bool,
    /// All columns of the table.
    pub(crate) columns: Vec<Column>,
    /// The rows to write, with those columns.
    pub(crate) rows: RecordBatch,
    /// The content afterwards.
    pub(crate) sum: ContentSum,
    /// Its digest.
    pub(crate) digest: String,
}

/// What becomes of one table; `None` where nothing does.
pub(crate) fn plan(
    name: &TableName,
    change: &TableChange,
    there: Option<&TableState>,
) -> Result<Option<Planned>, LakeError> {
    match (change, there) {
        (TableChange::Append(rows) | TableChange::Replace(rows), None) => begin(name, rows, None).map(Some),
        (TableChange::Append(rows), Some(there)) => append(rows, there),
        (TableChange::Replace(rows), Some(there)) => replace(rows, there),
    }
}

/// A new table. Created even when it has no rows: SQL over a source that sent nothing must find its table.
fn begin(name: &TableName, rows: &RecordBatch, ended: Option<i64>) -> Result<Planned, LakeError> {
    let rows = canonical(name, rows)?;
    if rows.num_columns() == 0 {
        return Err(Failure::usage(format!("table {name} has no columns"))
            .hint("name at least one in its SELECT")
            .into());
    }
    let mut sum = ContentSum::default();
    sum.add(&rows)?;
    Ok(Planned {
        name: name.clone(),
        kind: TableKind::of(&rows.schema()),
        shape: Shape::Begin { ended },
        retire: ended.is_some(),
        columns: new_columns(rows.schema().fields().iter().map(AsRef::as_ref), 1)?,
        digest: sum.digest(&rows.schema()),
        sum,
        rows,
    })
}

/// Other content in place of what is there. Other columns begin the table anew under its name: the old columns stay
/// what they were for everyone who reads an older release.
fn replace(rows: &RecordBatch, there: &TableState) -> Result<Option<Planned>, LakeError> {
    let planned = begin(&there.name, rows, Some(there.id))?;
    if planned.digest == there.digest {
        return Ok(None);
    }
    if planned.rows.schema() != there.schema()? {
        return Ok(Some(planned));
    }
    let shape = Shape::Keep { id: there.id, new_columns: 0 };
    Ok(Some(Planned { shape, retire: true, columns: there.columns.clone(), ..planned }))
}

/// Rows behind those that are there, perhaps with further columns.
fn append(rows: &RecordBatch, there: &TableState) -> Result<Option<Planned>, LakeError> {
    let rows = canonical(&there.name, rows)?;
    let schema = there.schema()?;
    let mut places = Vec::with_capacity(rows.num_columns());
    for field in schema.fields() {
        places.push(fitting(&rows.schema(), field, &there.name)?);
    }
    let further: Vec<usize> = (0..rows.num_columns()).filter(|place| !places.contains(place)).collect();
    let added = further.len();
    if rows.num_rows() == 0 && added == 0 {
        return Ok(None);
    }
    places.extend(further);
    let rows = rows.project(&places)?;
    // Once more over all: a new column may differ from an old one in case alone.
    let schema = canonical_schema(&there.name, &rows.schema())?;
    let next = there.columns.iter().map(|c| c.id).max().unwrap_or(0) + 1;
    let mut columns = there.columns.clone();
    columns.extend(new_columns(schema.fields()[places.len() - added..].iter().map(AsRef::as_ref), next)?);
    let mut sum = there.sum;
    sum.add(&rows)?;
    Ok(Some(Planned {
        name: there.name.clone(),
        kind: there.kind,
        shape: Shape::Keep { id: there.id, new_columns: added },
        retire: false,
        columns,
        digest: sum.digest(&schema),
        sum,
        rows,
    }))
}

/// The place of a column of the table among the rows to append.
fn fitting(rows: &Schema, wanted: &Field, table: &TableName) -> Result<usize, Failure> {
    let hint = "keep the column as it was, or give the table another name and fill it anew";
    let Some((place, field)) = rows.column_with_name(wanted.name()) else {
        return Err(Failure::usage(format!(
            "the rows to append to table {table} lack its column {} ({})",
            wanted.name(),
            type_name(wanted)
        ))
        .hint(hint));
    };
    if field.data_type() != wanted.data_type() {
        return Err(Failure::usage(format!(
            "column {} of table {table} is {} and the rows to append have {}",
            wanted.name(),
            type_name(wanted),
            type_name(field)
        ))
        .hint(hint));
    }
    Ok(place)
}

/// The name that SQL knows a column's type by.
fn type_name(field: &Field) -> String {
    lake_type(field.data_type()).map_or_else(|| field.data_type().to_string(), |(name, _)| name)
}

fn new_columns<'a>(fields: impl Iterator<Item = &'a Field>, first: i64) -> Result<Vec<Column>, Failure> {
    let column = |(place, field): (usize, &Field)| match lake_type(field.data_type()) {
        Some((type_name, _)) => Ok(Column { id: first + place as i64, name: field.name().clone(), type_name }),
        None => Err(Failure::bug(format!("column {} was not brought to a type of the lake", field.name()))),
    };
    fields.enumerate().map(column).collect()
}
