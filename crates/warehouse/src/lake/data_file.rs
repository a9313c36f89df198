//! Data files: Parquet of our own writer, the same bytes for the same rows.
//!
//! A file is named after the hash of its bytes, so that a name can never come to stand for other rows, and a run that
//! was killed finds its files again and uses them. Files are encoded in memory before anything is written: the hash
//! must be known first, and `ROWS_A_FILE` bounds what that takes. The rejected alternative, names by counter or
//! chance, makes two runs over the same input differ.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{Field, Schema};
use onefold_contract::file_system::{FileSystem, write_whole};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::WriterProperties;

use super::error::{LakeError, file_error};

/// Rows in a row group: 60 of DuckDB's vectors. Smaller groups prune better, larger ones compress better; measured on a
/// star-schema benchmark sorted by date, about 120,000 gave the fastest date filters.
const ROWS_A_GROUP: usize = 122_880;
/// Rows in a file, a whole number of row groups.
pub(crate) const ROWS_A_FILE: usize = 16 * ROWS_A_GROUP;
/// Written into each file; without a version, so that a new program writes the bytes of the old one.
const CREATED_BY: &str = "onefold";

/// A data file in memory.
pub(crate) struct Encoded {
    /// What the catalogue says of it.
    pub(crate) entry: FileEntry,
    bytes: Vec<u8>,
}

/// What the catalogue says of a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileEntry {
    /// The file's name in the folder of its table.
    pub(crate) name: String,
    /// Its rows.
    pub(crate) rows: u64,
    /// Its length.
    pub(crate) bytes: u64,
    /// The length of its Parquet footer.
    pub(crate) footer: u64,
    /// The BLAKE3 hash of its bytes, 64 hexadecimal digits.
    pub(crate) blake3: String,
    /// What is known of each column, in the order of the table.
    pub(crate) columns: Vec<ColumnEntry>,
}

/// What the catalogue says of a column in a data file. Least and greatest values are left out on purpose: they are
/// values of persons and would outlive an erased person in the catalogue; readers prune by the files' own footers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColumnEntry {
    /// The column's id in its table.
    pub(crate) id: i64,
    /// Bytes on disk.
    pub(crate) bytes: i64,
    /// Rows with a value.
    pub(crate) values: u64,
    /// Rows without one.
    pub(crate) nulls: u64,
}

/// Encodes rows, whose columns have the given ids, as a data file of the table named `table`.
pub(crate) fn encode(table: &str, rows: &RecordBatch, ids: &[i64]) -> Result<Encoded, LakeError> {
    let failed = |source: ParquetError| LakeError::Parquet { path: format!("{table}.parquet").into(), source };
    let fields =
        rows.schema().fields().iter().zip(ids).map(|(field, id)| field_with_id(field, *id)).collect::<Vec<_>>();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), rows.columns().to_vec())?;
    let options = ArrowWriterOptions::new()
        .with_properties(properties().map_err(failed)?)
        // The Arrow schema would be stored a second time, in a form that only Arrow reads.
        .with_skip_arrow_metadata(true);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut bytes, batch.schema(), options).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    let metadata = writer.close().map_err(failed)?;
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    let entry = FileEntry {
        name: format!("{}-{}.parquet", file_name(table), &blake3[..16]),
        rows: batch.num_rows() as u64,
        bytes: bytes.len() as u64,
        footer: footer_length(&bytes),
        blake3,
        columns: column_entries(&batch, ids, &metadata),
    };
    Ok(Encoded { entry, bytes })
}

/// Puts the file into its folder, where it is not there already, and makes it durable.
pub(crate) fn place(files: &dyn FileSystem, folder: &Path, file: &Encoded) -> Result<(), LakeError> {
    let path = folder.join(&file.entry.name);
    let already = std::fs::read(&path).is_ok_and(|bytes| bytes == file.bytes);
    if already {
        // A killed run may have renamed it without having made its name durable.
        return files.sync_folder(folder).map_err(file_error(folder, "synced"));
    }
    write_whole(files, &path, &mut |out: &mut dyn Write| out.write_all(&file.bytes))
        .map_err(file_error(&path, "written"))
}

/// A name as a file or folder name: what is not a letter, a digit or one of `_.-` is written as its bytes' codes.
pub(crate) fn file_name(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => safe.push(byte as char),
            b'.' if !safe.is_empty() => safe.push('.'),
            other => {
                let _ = write!(safe, "%{other:02x}");
            }
        }
    }
    safe
}

fn properties() -> Result<WriterProperties, ParquetError> {
    Ok(WriterProperties::builder()
        .set_created_by(CREATED_BY.to_string())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROWS_A_GROUP))
        .build())
}

fn field_with_id(field: &Field, id: i64) -> Field {
    let metadata = [(PARQUET_FIELD_ID_META_KEY.to_string(), id.to_string())];
    Field::new(field.name(), field.data_type().clone(), true).with_metadata(metadata.into())
}

/// The length stands in the four bytes before the closing `PAR1`.
fn footer_length(bytes: &[u8]) -> u64 {
    let end = bytes.len().saturating_sub(4);
    let start = end.saturating_sub(4);
    bytes[start..end].iter().rev().fold(0, |length, byte| length << 8 | u64::from(*byte))
}

fn column_entries(batch: &RecordBatch, ids: &[i64], metadata: &ParquetMetaData) -> Vec<ColumnEntry> {
    let entry = |(place, (values, id)): (usize, (&Arc<dyn Array>, &i64))| ColumnEntry {
        id: *id,
        bytes: metadata.row_groups().iter().map(|group| group.column(place).compressed_size()).sum(),
        values: (values.len() - values.null_count()) as u64,
        nulls: values.null_count() as u64,
    };
    batch.columns().iter().zip(ids).enumerate().map(entry).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::DataType;
    use onefold_contract::file_system::Disk;

    fn rows(values: std::ops::Range<i64>) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("n", DataType::Int64, true), Field::new("t", DataType::Utf8, true)]);
        let numbers = Int64Array::from_iter_values(values.clone());
        let texts: StringArray = values.map(|n| (n % 3 > 0).then(|| format!("é{n}"))).collect();
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(numbers), Arc::new(texts)]).unwrap()
    }

    #[test]
    fn same_rows_same_bytes_other_rows_other_name() {
        let (one, two) = (encode("t", &rows(0..9), &[1, 2]).unwrap(), encode("t", &rows(0..9), &[1, 2]).unwrap());
        assert_eq!(one.bytes, two.bytes);
        assert_eq!(one.entry, two.entry);
        assert_ne!(one.entry.name, encode("t", &rows(0..8), &[1, 2]).unwrap().entry.name);
        assert_ne!(one.entry.name, encode("t", &rows(0..9), &[1, 3]).unwrap().entry.name, "a column's id is content");
        assert_eq!((one.entry.columns[1].values, one.entry.columns[1].nulls), (6, 3));
        assert!(one.entry.footer > 0 && one.entry.footer < one.entry.bytes);
    }

    #[test]
    fn a_torn_file_of_the_same_name_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = encode("t", &rows(0..9), &[1, 2]).unwrap();
        let path = folder.path().join(&file.entry.name);
        std::fs::write(&path, &file.bytes[..20]).unwrap();
        place(&Disk, folder.path(), &file).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), file.bytes);
    }

    #[test]
    fn no_table_name_leaves_its_folder() {
        assert_eq!(file_name("dim_customer"), "dim_customer");
        assert_eq!(file_name("../a/b c.d"), "%2e%2e%2fa%2fb%20c.d".replace("%2e%2e", "%2e."));
        assert_eq!(file_name(".."), "%2e.");
        assert_ne!(file_name("é"), file_name("è"));
    }
}
