//! Rows of SQLite as one Arrow IPC file, each value with the type it has in its row.
//!
//! Every column is a dense union of SQLite's five storage classes. Text that is not UTF-8, which SQLite stores without a
//! word, is kept as the bytes it is. Blocks are written without a dictionary or metadata, so that equal rows give equal
//! bytes.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, Float64Array, Int64Array, NullArray, RecordBatch};
use arrow::array::{StringArray, StringBuilder, UnionArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, SchemaRef, UnionFields, UnionMode};
use arrow::ipc::MetadataVersion;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions};
use onefold_contract::extractor::EndTrailer;
use onefold_contract::{Failure, Result};
use rusqlite::types::ValueRef;

use super::database::Database;

/// Rows in a block.
const BLOCK_ROWS: usize = 8192;
/// Bytes of text and blobs after which a block is full, however few its rows.
const BLOCK_BYTES: usize = 32 << 20;
/// Bytes that every part of the file is aligned to; the head of the file is as long.
pub(super) const ALIGNMENT: usize = 8;

const NULL: i8 = 0;
const INTEGER: i8 = 1;
const REAL: i8 = 2;
const TEXT: i8 = 3;
const BLOB: i8 = 4;

/// Steps through the table's rows, counts them and writes them; hashes what is written.
///
/// # Errors
/// The database cannot be read (source), or `to` cannot be written (state).
pub(super) fn write(database: &Database, to: &mut dyn Write) -> Result<EndTrailer> {
    let schema = schema(database.columns())?;
    let options = IpcWriteOptions::try_new(ALIGNMENT, false, MetadataVersion::V5)?;
    let hashed = Hashed { to, hasher: blake3::Hasher::new() };
    let mut file = FileWriter::try_new_with_options(hashed, &schema, options).map_err(unwritable)?;
    let mut statement = database.rows()?;
    let mut rows = statement.query([]).map_err(|e| database.failed(&e))?;
    let mut block = Block::new(&schema);
    let mut count = 0;
    while let Some(row) = rows.next().map_err(|e| database.failed(&e))? {
        count += 1;
        for (place, column) in block.columns.iter_mut().enumerate() {
            block.bytes += column.push(row.get_ref(place).map_err(|e| database.failed(&e))?)?;
        }
        block.rows += 1;
        if block.rows == BLOCK_ROWS || block.bytes >= BLOCK_BYTES {
            file.write(&block.finish()?).map_err(unwritable)?;
        }
    }
    if block.rows > 0 {
        file.write(&block.finish()?).map_err(unwritable)?;
    }
    file.finish().map_err(unwritable)?;
    Ok(EndTrailer { rows: count, checksum: file.get_ref().hasher.finalize().to_hex().to_string() })
}

/// The values of a union as text, exactly: integers in digits, reals in the fewest digits that give the same number back,
/// blobs as `\x` and hexadecimal digits.
///
/// # Errors
/// A source failure, where the column is not of the kind that [`write()`] writes.
pub(super) fn as_text(column: &ArrayRef) -> Result<ArrayRef> {
    let expected = union_type()?;
    let union = column.as_any().downcast_ref::<UnionArray>().filter(|union| union.data_type() == &expected);
    let Some(union) = union else {
        return Err(Failure::source("a landed column is not one of SQLite's values")
            .hint("delete the landed file and run again; the source is then landed anew"));
    };
    let integers = union.child(INTEGER).as_primitive::<Int64Type>();
    let reals = union.child(REAL).as_primitive::<Float64Type>();
    let texts = union.child(TEXT).as_string::<i32>();
    let blobs = union.child(BLOB).as_binary::<i32>();
    let mut out = StringBuilder::with_capacity(union.len(), union.len() * 8);
    for row in 0..union.len() {
        let at = union.value_offset(row);
        match union.type_id(row) {
            INTEGER => out.append_value(integers.value(at).to_string()),
            REAL => out.append_value(real_text(reals.value(at))),
            TEXT => out.append_value(texts.value(at)),
            BLOB => out.append_value(blob_text(blobs.value(at))),
            _ => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn real_text(value: f64) -> String {
    match value {
        f64::INFINITY => "Inf".into(),
        f64::NEG_INFINITY => "-Inf".into(),
        value => value.to_string(),
    }
}

fn blob_text(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2 + 2);
    text.push_str("\\x");
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    text
}

fn schema(columns: &[String]) -> Result<SchemaRef> {
    let kind = union_type()?;
    let fields: Vec<Field> = columns.iter().map(|name| Field::new(name, kind.clone(), false)).collect();
    Ok(Arc::new(Schema::new(fields)))
}

fn union_fields() -> Result<UnionFields> {
    let field = |name: &str, kind: DataType| Field::new(name, kind, name == "null");
    let fields = [
        field("null", DataType::Null),
        field("integer", DataType::Int64),
        field("real", DataType::Float64),
        field("text", DataType::Utf8),
        field("blob", DataType::Binary),
    ];
    Ok(UnionFields::try_new([NULL, INTEGER, REAL, TEXT, BLOB], fields)?)
}

fn union_type() -> Result<DataType> {
    Ok(DataType::Union(union_fields()?, UnionMode::Dense))
}

/// The rows of one block.
struct Block {
    schema: SchemaRef,
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

impl Block {
    fn new(schema: &SchemaRef) -> Self {
        let columns = schema.fields().iter().map(|_| Values::default()).collect();
        Self { schema: schema.clone(), columns, rows: 0, bytes: 0 }
    }

    fn finish(&mut self) -> Result<RecordBatch> {
        let columns = self.columns.iter_mut().map(|c| std::mem::take(c).finish()).collect::<Result<Vec<_>>>()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

/// The values of one column in one block.
#[derive(Default)]
struct Values {
    types: Vec<i8>,
    offsets: Vec<i32>,
    nulls: usize,
    integers: Vec<i64>,
    reals: Vec<f64>,
    texts: StringBuilder,
    blobs: BinaryBuilder,
}

impl Values {
    /// Takes a value in; gives the bytes it takes up beside its place.
    fn push(&mut self, value: ValueRef<'_>) -> Result<usize> {
        let (kind, at, bytes) = match value {
            ValueRef::Null => {
                self.nulls += 1;
                (NULL, self.nulls, 0)
            }
            ValueRef::Integer(value) => {
                self.integers.push(value);
                (INTEGER, self.integers.len(), 0)
            }
            ValueRef::Real(value) => {
                self.reals.push(value);
                (REAL, self.reals.len(), 0)
            }
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => {
                    self.texts.append_value(text);
                    (TEXT, self.texts.offsets_slice().len() - 1, bytes.len())
                }
                Err(_) => self.blob(bytes),
            },
            ValueRef::Blob(bytes) => self.blob(bytes),
        };
        let at = i32::try_from(at - 1).map_err(|_| Failure::bug("a block of rows is too long"))?;
        self.types.push(kind);
        self.offsets.push(at);
        Ok(bytes)
    }

    fn blob(&mut self, bytes: &[u8]) -> (i8, usize, usize) {
        self.blobs.append_value(bytes);
        (BLOB, self.blobs.offsets_slice().len() - 1, bytes.len())
    }

    fn finish(mut self) -> Result<ArrayRef> {
        let children: Vec<ArrayRef> = vec![
            Arc::new(NullArray::new(self.nulls)),
            Arc::new(Int64Array::from(self.integers)),
            Arc::new(Float64Array::from(self.reals)),
            Arc::new(self.texts.finish()) as Arc<StringArray>,
            Arc::new(self.blobs.finish()),
        ];
        let union = UnionArray::try_new(union_fields()?, self.types.into(), Some(self.offsets.into()), children)?;
        Ok(Arc::new(union))
    }
}

/// Hashes what is written through it.
struct Hashed<'a> {
    to: &'a mut dyn Write,
    hasher: blake3::Hasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn unwritable(error: arrow::error::ArrowError) -> Failure {
    match error {
        arrow::error::ArrowError::IoError(_, error) => {
            Failure::state(format!("the raw copy of a table could not be written: {error}"))
                .hint("check that the state root has room and may be written")
        }
        other => Failure::bug(format!("rows could not be written as an Arrow file: {other}")),
    }
}
