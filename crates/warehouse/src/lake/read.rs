//! Reading a release: its tables' files, their rows, and the records that changes leave.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::{concat_batches, interleave};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use onefold_contract::change::{CurrentHashes, OPERATION, RECORD_HASH, SOURCE, SOURCE_KEY};
use onefold_contract::table::TableName;
use onefold_contract::{Failure, Operation, Result};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::error::{LakeError, file_error};
use super::state::{FileState, TableKind};

/// Rows decoded at a time: large enough that columns are copied in long runs.
const ROWS_A_BATCH: usize = 65_536;

/// A table of a release and the files that hold its rows.
#[derive(Debug, Clone)]
pub struct TableFiles {
    /// The table's address.
    pub name: TableName,
    /// What its rows are.
    pub kind: TableKind,
    /// Its columns; a file written before a column was added lacks it, and its rows are absent there.
    pub schema: SchemaRef,
    /// Its data files in the order they were published; none where it has no rows.
    pub files: Vec<PathBuf>,
    /// Its rows.
    pub rows: u64,
}

/// The rows of files under one schema, in the order of the files. Rows of older files lack what came later.
pub(crate) fn rows(data: &Path, schema: &SchemaRef, files: &[FileState]) -> Result<RecordBatch, LakeError> {
    let mut batches = Vec::new();
    for file in files {
        let path = data.join(&file.path);
        let parquet_error = |source: ParquetError| LakeError::Parquet { path: path.clone(), source };
        let open = File::open(&path).map_err(file_error(&path, "read"))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(parquet_error)?;
        let wanted = builder.schema().fields().iter().enumerate();
        let wanted =
            wanted.filter(|(_, field)| schema.column_with_name(field.name()).is_some()).map(|(place, _)| place);
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.collect::<Vec<_>>());
        let reader = builder.with_projection(mask).with_batch_size(ROWS_A_BATCH).build().map_err(parquet_error)?;
        let mut read = 0;
        for batch in reader {
            let batch = batch?;
            read += batch.num_rows() as u64;
            batches.push(aligned(&batch, schema, &path)?);
        }
        if read != file.rows {
            let source = ParquetError::General(format!("it holds {read} rows, and {} were published", file.rows));
            return Err(parquet_error(source));
        }
    }
    Ok(concat_batches(schema, &batches)?)
}

/// The batch with exactly the columns of the schema.
fn aligned(batch: &RecordBatch, schema: &SchemaRef, path: &Path) -> Result<RecordBatch, LakeError> {
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        Some(values) if values.data_type() == field.data_type() => Ok(values.clone()),
        Some(values) => Err(LakeError::Parquet {
            path: path.to_path_buf(),
            source: ParquetError::General(format!(
                "its column {} is {}, and {} was published",
                field.name(),
                values.data_type(),
                field.data_type()
            )),
        }),
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// The columns that tell which records are there.
pub(crate) fn hash_schema() -> SchemaRef {
    let names = [OPERATION, RECORD_HASH, SOURCE, SOURCE_KEY];
    Arc::new(Schema::new(names.map(|name| Field::new(name, DataType::Utf8, true)).to_vec()))
}

/// The key and content hash of the records that changes leave, of one source or of all.
pub(crate) fn hashes(changes: &RecordBatch, source: Option<&str>) -> Result<CurrentHashes, Failure> {
    let (operations, hashes) = (text(changes, OPERATION)?, text(changes, RECORD_HASH)?);
    let (sources, keys) = (text(changes, SOURCE)?, text(changes, SOURCE_KEY)?);
    let mut current = HashMap::new();
    for row in 0..changes.num_rows() {
        if source.is_some_and(|source| source != sources.value(row)) {
            continue;
        }
        if removes(operations.value(row)) {
            current.remove(keys.value(row));
        } else {
            current.insert(keys.value(row).to_string(), hashes.value(row).to_string());
        }
    }
    Ok(current)
}

/// The records that batches of changes leave, the batches in the order they were or will be published: of each
/// (`_source`, `_source_key`) the last change, left out where it removes, sorted by these two as bytes. The columns
/// are those of the first batch, then those that later batches add; absent where a row's batch lacks them.
///
/// # Errors
/// A bug, where there is no batch, a batch lacks the lineage columns, or two batches disagree on a column's type.
pub fn current_of(batches: &[RecordBatch]) -> Result<RecordBatch> {
    let schema = union(batches)?;
    let mut last: HashMap<(&str, &str), (usize, usize)> = HashMap::new();
    for (place, batch) in batches.iter().enumerate() {
        let operations = text(batch, OPERATION)?;
        let (sources, keys) = (text(batch, SOURCE)?, text(batch, SOURCE_KEY)?);
        for row in 0..batch.num_rows() {
            let record = (sources.value(row), keys.value(row));
            if removes(operations.value(row)) {
                last.remove(&record);
            } else {
                last.insert(record, (place, row));
            }
        }
    }
    let mut records: Vec<_> = last.into_iter().collect();
    records.sort_unstable();
    let rows: Vec<(usize, usize)> = records.into_iter().map(|(_, row)| row).collect();
    let columns = schema.fields().iter().map(|field| pick(batches, field, &rows)).collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn removes(operation: &str) -> bool {
    [Operation::Delete, Operation::Erase].iter().any(|o| o.name() == operation && o.removes())
}

/// All columns of all batches, in the order they first come.
fn union(batches: &[RecordBatch]) -> Result<SchemaRef> {
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for batch in batches {
        for field in batch.schema().fields() {
            match fields.iter().find(|known| known.name() == field.name()) {
                None => fields.push(Arc::new(Field::new(field.name(), field.data_type().clone(), true))),
                Some(known) if known.data_type() == field.data_type() => {}
                Some(known) => {
                    return Err(Failure::bug(format!(
                        "column {} is {} in one batch of changes and {} in another",
                        field.name(),
                        known.data_type(),
                        field.data_type()
                    )));
                }
            }
        }
    }
    if fields.is_empty() {
        return Err(Failure::bug("there is no batch of changes to take the current records of"));
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn pick(batches: &[RecordBatch], field: &Field, rows: &[(usize, usize)]) -> Result<ArrayRef> {
    let column = |batch: &RecordBatch| match batch.column_by_name(field.name()) {
        Some(values) => values.clone(),
        None => new_null_array(field.data_type(), batch.num_rows()),
    };
    let columns: Vec<ArrayRef> = batches.iter().map(column).collect();
    let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
    Ok(interleave(&columns, rows)?)
}

fn text<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let column = batch.column_by_name(name).and_then(|values| values.as_string_opt::<i32>());
    column.ok_or_else(|| Failure::bug(format!("a batch of changes lacks its lineage column {name}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use onefold_contract::change::LINEAGE;

    fn changes(rows: &[(&str, &str, &str)], further: Option<&str>) -> RecordBatch {
        let mut names: Vec<&str> = LINEAGE.to_vec();
        names.push("v");
        names.extend(further);
        let schema = Schema::new(names.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect::<Vec<_>>());
        let value = |name: &str, row: &(&str, &str, &str)| match name {
            "_operation" => row.0.to_string(),
            "_source_key" => row.1.to_string(),
            _ => row.2.to_string(),
        };
        let columns = names
            .iter()
            .map(|name| Arc::new(rows.iter().map(|row| Some(value(name, row))).collect::<StringArray>()) as ArrayRef);
        RecordBatch::try_new(Arc::new(schema), columns.collect()).unwrap()
    }

    fn column(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
        text(batch, name).unwrap().iter().map(|v| v.map(String::from)).collect()
    }

    #[test]
    fn the_last_change_of_each_record_stays_sorted() {
        let published = changes(&[("insert", "b", "1"), ("insert", "a", "1"), ("delete", "c", "1")], None);
        let pending = changes(&[("update", "b", "1"), ("delete", "a", "1"), ("insert", "a2", "1")], Some("w"));
        let current = current_of(&[published, pending]).unwrap();
        assert_eq!(column(&current, SOURCE_KEY), [Some("a2".into()), Some("b".into())]);
        assert_eq!(column(&current, OPERATION), [Some("insert".into()), Some("update".into())]);
        assert_eq!(column(&current, "w"), [Some("1".into()), Some("1".into())]);
    }

    #[test]
    fn a_record_that_comes_back_is_there() {
        let batch = changes(&[("insert", "a", "1"), ("erase", "a", "1"), ("insert", "a", "1")], None);
        assert_eq!(current_of(std::slice::from_ref(&batch)).unwrap().num_rows(), 1);
        assert_eq!(hashes(&batch, None).unwrap().len(), 1);
        assert_eq!(hashes(&batch, Some("other")).unwrap().len(), 0);
    }

    #[test]
    fn no_batch_and_batches_that_disagree_are_bugs() {
        assert!(current_of(&[]).is_err());
        let narrow = changes(&[("insert", "a", "1")], None);
        let mut columns = narrow.columns().to_vec();
        let mut fields: Vec<Field> = narrow.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
        columns[6] = new_null_array(&DataType::Int64, 1);
        fields[6] = Field::new("v", DataType::Int64, true);
        let other = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        assert!(current_of(&[narrow, other]).unwrap_err().message.contains("column v"));
    }
}
