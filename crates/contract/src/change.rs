//! Change batches: what flows between rooms, and how a full load becomes one.
//!
//! A batch carries, before its content, the six lineage columns of [`LINEAGE`]. Content hashes leave out absent
//! values, so that a source that gains an empty column does not turn every record into an update.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::{Deserialize, Serialize};

use crate::{Failure, Result};

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The record is new.
    Insert,
    /// The record was there, with other content.
    Update,
    /// The source no longer has the record.
    Delete,
    /// The record must be forgotten, in every older release too.
    Erase,
}

impl Operation {
    /// The word for the operation in column `_operation`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Erase => "erase",
        }
    }

    /// Whether the record is gone afterwards.
    pub fn removes(self) -> bool {
        matches!(self, Self::Delete | Self::Erase)
    }
}

/// Column of the operation's name.
pub const OPERATION: &str = "_operation";
/// Column of the content's hash, 32 hexadecimal digits.
pub const RECORD_HASH: &str = "_record_hash";
/// Column of the extraction that brought the record.
pub const LOAD_ID: &str = "_load_id";
/// Column of the run that wrote the row.
pub const RUN: &str = "_run";
/// Column of the source's name.
pub const SOURCE: &str = "_source";
/// Column of the record's key at its source.
pub const SOURCE_KEY: &str = "_source_key";

/// The lineage columns, in order, all text; they precede the content in every change batch.
pub const LINEAGE: [&str; 6] = [OPERATION, RECORD_HASH, LOAD_ID, RUN, SOURCE, SOURCE_KEY];
/// The columns that tell when and by whom a row was written; digests leave them out.
pub const RUN_AUDIT: [&str; 2] = [LOAD_ID, RUN];

/// Where a batch comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The source's name.
    pub source: String,
    /// One extraction of one source.
    pub load_id: String,
    /// The run; run ids sort in the order of their runs.
    pub run: String,
}

/// Rows with their operation and lineage.
#[derive(Debug, Clone)]
pub struct ChangeBatch {
    batch: RecordBatch,
}

/// The schema of a change batch over the given content columns.
pub fn change_schema(content: &Schema) -> SchemaRef {
    let lineage = LINEAGE.iter().map(|name| Arc::new(Field::new(*name, DataType::Utf8, true)));
    Arc::new(Schema::new(lineage.chain(content.fields().iter().cloned()).collect::<Vec<_>>()))
}

impl ChangeBatch {
    /// Takes a batch that has the lineage columns.
    ///
    /// # Errors
    /// A bug, where a lineage column is missing or is not text.
    pub fn try_new(batch: RecordBatch) -> Result<Self> {
        for (place, name) in LINEAGE.iter().enumerate() {
            let schema = batch.schema();
            let fits = schema.fields().get(place).is_some_and(|f| f.name() == name && f.data_type() == &DataType::Utf8);
            if !fits {
                return Err(Failure::bug(format!("a change batch lacks its lineage column {name} at place {place}")));
            }
        }
        Ok(Self { batch })
    }

    /// The rows, lineage first.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// The rows, lineage first.
    pub fn into_batch(self) -> RecordBatch {
        self.batch
    }

    /// The number of changes.
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// The changes of this batch against what its stage counted: a control total, since a lost update changes no count of
    /// records.
    pub fn total(&self, counts: &ChangeCounts) -> crate::ledger::ControlTotal {
        let found = [Operation::Insert, Operation::Update, Operation::Delete].map(|operation| self.count(operation));
        let words = |[inserted, updated, deleted]: [u64; 3]| format!("{inserted} + {updated} + {deleted}");
        crate::ledger::ControlTotal {
            name: "changes".to_string(),
            delivered: words([counts.inserted, counts.updated, counts.deleted]),
            accounted: words(found),
            written: None,
        }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A lineage column.
    pub fn lineage(&self, name: &str) -> &StringArray {
        let place = LINEAGE.iter().position(|l| *l == name).unwrap_or(0);
        self.batch.column(place).as_string::<i32>()
    }

    /// The content columns alone.
    ///
    /// # Errors
    /// A bug, should the projection fail.
    pub fn content(&self) -> Result<RecordBatch> {
        let columns: Vec<usize> = (LINEAGE.len()..self.batch.num_columns()).collect();
        Ok(self.batch.project(&columns)?)
    }

    /// The number of changes of one operation.
    pub fn count(&self, operation: Operation) -> u64 {
        self.lineage(OPERATION).iter().filter(|o| *o == Some(operation.name())).count() as u64
    }
}

/// The key and content hash of every record that is there now.
pub type CurrentHashes = HashMap<String, String>;

/// What a capture found; `read` is what was handed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Rows handed in.
    pub read: u64,
    /// Keys that were not there.
    pub inserted: u64,
    /// Keys that were there with other content.
    pub updated: u64,
    /// Keys that were there with the same content.
    pub unchanged: u64,
    /// Keys that were there and were not handed in.
    pub deleted: u64,
}

/// The difference between a full load and what is there: inserts and updates in the order of the load, then
/// deletes in the order of their keys. `keys` are unique and stand row by row beside `content`; a key in `held`
/// (its row is in quarantine) is neither deleted nor touched, because a bad row is no message that a record is gone.
///
/// # Errors
/// A bug, where keys and content differ in length.
pub fn capture_full_load<S: std::hash::BuildHasher>(
    lineage: &Lineage,
    keys: &StringArray,
    content: &RecordBatch,
    current: &CurrentHashes,
    held: &std::collections::HashSet<String, S>,
) -> Result<(ChangeBatch, ChangeCounts)> {
    if keys.len() != content.num_rows() {
        return Err(Failure::bug(format!("{} keys for {} rows of {}", keys.len(), content.num_rows(), lineage.source)));
    }
    let hashes = record_hashes(content)?;
    let mut counts = ChangeCounts { read: keys.len() as u64, ..ChangeCounts::default() };
    let mut seen: std::collections::HashSet<&str> = std::collections::HashSet::with_capacity(keys.len());
    let (mut rows, mut operations): (Vec<u32>, Vec<Operation>) = (Vec::new(), Vec::new());
    for (row, key) in keys.iter().enumerate() {
        let key = key.unwrap_or_default();
        seen.insert(key);
        let operation = match current.get(key) {
            None => Operation::Insert,
            Some(hash) if hash != hashes.value(row) => Operation::Update,
            Some(_) => {
                counts.unchanged += 1;
                continue;
            }
        };
        if operation == Operation::Insert {
            counts.inserted += 1;
        } else {
            counts.updated += 1;
        }
        rows.push(row as u32);
        operations.push(operation);
    }
    let gone = |key: &&String| !seen.contains(key.as_str()) && !held.contains(key.as_str());
    let mut deleted: Vec<&String> = current.keys().filter(gone).collect();
    deleted.sort_unstable();
    counts.deleted = deleted.len() as u64;

    let rows = UInt32Array::from(rows);
    let total = rows.len() + deleted.len();
    let constant =
        |value: &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, total))) };
    let taken_keys = take(keys, &rows, None)?;
    let taken_hashes = take(&hashes, &rows, None)?;
    let operation_names = operations.iter().map(|o| o.name()).chain(deleted.iter().map(|_| Operation::Delete.name()));
    let all_keys = taken_keys.as_string::<i32>().iter().flatten().chain(deleted.iter().map(|k| k.as_str()));
    let all_hashes = taken_hashes.as_string::<i32>().iter().chain(deleted.iter().map(|_| None));
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(operation_names)),
        Arc::new(all_hashes.collect::<StringArray>()),
        constant(&lineage.load_id),
        constant(&lineage.run),
        constant(&lineage.source),
        Arc::new(StringArray::from_iter_values(all_keys)),
    ];
    for values in content.columns() {
        let kept = take(values, &rows, None)?;
        let absent = new_null_array(values.data_type(), deleted.len());
        columns.push(arrow::compute::concat(&[kept.as_ref(), absent.as_ref()])?);
    }
    let batch = RecordBatch::try_new(change_schema(&content.schema()), columns)?;
    Ok((ChangeBatch::try_new(batch)?, counts))
}

/// The difference that rows of a stage make to the next stage's table. `removed` marks, row by row, the messages that a
/// record is gone; a message about a record that is not there changes nothing. Operations are decided anew: a record that
/// the stage before updates is an insert here when it stood in quarantine until now. Keys are unique.
///
/// # Errors
/// A bug, where the columns differ in length.
pub fn capture_messages(
    lineage: &LineageColumns<'_>,
    removed: &[bool],
    content: &RecordBatch,
    current: &CurrentHashes,
) -> Result<(ChangeBatch, ChangeCounts, u64)> {
    if lineage.keys.len() != content.num_rows() || removed.len() != content.num_rows() {
        return Err(Failure::bug(format!("{} keys for {} rows", lineage.keys.len(), content.num_rows())));
    }
    let hashes = record_hashes(content)?;
    let mut counts = ChangeCounts { read: removed.len() as u64, ..ChangeCounts::default() };
    let mut messages = 0;
    let (mut rows, mut operations): (Vec<u32>, Vec<Operation>) = (Vec::new(), Vec::new());
    for (row, gone) in removed.iter().enumerate() {
        let there = current.get(lineage.keys.value(row));
        messages += u64::from(*gone);
        let operation = match (gone, there) {
            (true, None) => continue,
            (true, Some(_)) => Operation::Delete,
            (false, None) => Operation::Insert,
            (false, Some(hash)) if hash != hashes.value(row) => Operation::Update,
            (false, Some(_)) => {
                counts.unchanged += 1;
                continue;
            }
        };
        match operation {
            Operation::Insert => counts.inserted += 1,
            Operation::Update => counts.updated += 1,
            _ => counts.deleted += 1,
        }
        rows.push(row as u32);
        operations.push(operation);
    }
    let hashes_left = rows.iter().zip(&operations).map(|(row, o)| (!o.removes()).then(|| hashes.value(*row as usize)));
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(operations.iter().map(|o| o.name()))),
        Arc::new(hashes_left.collect::<StringArray>()),
    ];
    let rows = UInt32Array::from(rows);
    let run: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(lineage.run, rows.len())));
    columns.push(take(lineage.load_ids, &rows, None)?);
    columns.push(run);
    columns.push(take(lineage.sources, &rows, None)?);
    columns.push(take(lineage.keys, &rows, None)?);
    for values in content.columns() {
        columns.push(take(values, &rows, None)?);
    }
    let batch = RecordBatch::try_new(change_schema(&content.schema()), columns)?;
    Ok((ChangeBatch::try_new(batch)?, counts, messages))
}

/// The lineage of rows that may come from several loads.
#[derive(Debug, Clone, Copy)]
pub struct LineageColumns<'a> {
    /// The load of each row.
    pub load_ids: &'a StringArray,
    /// The run that writes the rows.
    pub run: &'a str,
    /// The source of each row.
    pub sources: &'a StringArray,
    /// The key of each row.
    pub keys: &'a StringArray,
}

/// The hash of each row: BLAKE3 over the name and printed value of every present value, cut to 32 hexadecimal digits.
///
/// # Errors
/// A bug, where a column's type cannot be printed.
pub fn record_hashes(content: &RecordBatch) -> Result<StringArray> {
    let schema = content.schema();
    let options = FormatOptions::default();
    let printers = content
        .columns()
        .iter()
        .map(|values| ArrayFormatter::try_new(values.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()?;
    let mut text = String::new();
    let hash_of = |row: usize| {
        let mut hasher = blake3::Hasher::new();
        for ((field, values), printer) in schema.fields().iter().zip(content.columns()).zip(&printers) {
            if values.is_null(row) {
                continue;
            }
            text.clear();
            // Printing to a String cannot fail once the type is known to print.
            let _ = printer.value(row).write(&mut text);
            for part in [field.name().as_str(), text.as_str()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex()[..32].to_string()
    };
    Ok(StringArray::from_iter_values((0..content.num_rows()).map(hash_of)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, HashSet};

    type Table = BTreeMap<u8, Option<u8>>;

    fn load(table: &Table) -> (StringArray, RecordBatch) {
        let keys = StringArray::from_iter_values(table.keys().map(u8::to_string));
        let values: StringArray = table.values().map(|v| v.map(|v| v.to_string())).collect();
        let schema = Arc::new(Schema::new(vec![Field::new("v", DataType::Utf8, true)]));
        (keys, RecordBatch::try_new(schema, vec![Arc::new(values)]).unwrap())
    }

    fn hashes(table: &Table) -> CurrentHashes {
        let (keys, content) = load(table);
        let hashes = record_hashes(&content).unwrap();
        keys.iter().flatten().map(String::from).zip(hashes.iter().flatten().map(String::from)).collect()
    }

    proptest! {
        #[test]
        fn applying_the_changes_gives_the_load(before: Table, after: Table) {
            let lineage = Lineage { source: "s".into(), load_id: "l".into(), run: "r".into() };
            let (keys, content) = load(&after);
            let current = hashes(&before);
            let none: HashSet<String> = HashSet::new();
            let (changes, counts) = capture_full_load(&lineage, &keys, &content, &current, &none).unwrap();
            let mut applied = current.clone();
            let (operations, keys, hashed) = (changes.lineage(OPERATION), changes.lineage(SOURCE_KEY), changes.lineage(RECORD_HASH));
            for row in 0..changes.len() {
                match operations.value(row) {
                    "delete" => { applied.remove(keys.value(row)); }
                    _ => { applied.insert(keys.value(row).into(), hashed.value(row).into()); }
                }
            }
            prop_assert_eq!(applied, hashes(&after));
            prop_assert_eq!(counts.read, counts.inserted + counts.updated + counts.unchanged);
            prop_assert_eq!(before.len() as u64 + counts.inserted - counts.deleted, after.len() as u64);
        }
    }

    #[test]
    fn an_empty_new_column_changes_no_hash() {
        let (_, narrow) = load(&BTreeMap::from([(1, Some(2))]));
        let mut fields: Vec<Field> = narrow.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
        fields.push(Field::new("w", DataType::Int64, true));
        let mut columns = narrow.columns().to_vec();
        columns.push(new_null_array(&DataType::Int64, 1));
        let wide = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        assert_eq!(record_hashes(&narrow).unwrap(), record_hashes(&wide).unwrap());
    }

    #[test]
    fn a_held_key_is_not_deleted() {
        let lineage = Lineage { source: "s".into(), load_id: "l".into(), run: "r".into() };
        let (keys, content) = load(&BTreeMap::new());
        let held = HashSet::from(["1".to_string()]);
        let current = hashes(&BTreeMap::from([(1, None), (2, None)]));
        let (changes, counts) = capture_full_load(&lineage, &keys, &content, &current, &held).unwrap();
        assert_eq!((changes.len(), counts.deleted), (1, 1));
        assert_eq!(changes.lineage(SOURCE_KEY).value(0), "2");
    }
}
