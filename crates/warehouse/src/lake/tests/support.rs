//! What the tests of the lake share: drafts, tables in memory, and a file system that can stop.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::change::LINEAGE;
use onefold_contract::file_system::{Disk, FileOperation, FileSystem, WritableFile};
use onefold_contract::publisher::{Draft, Pins, Published, Publisher, TableChange};
use onefold_contract::table::{Layer, TableName};

use crate::lake::Lake;

pub(super) fn mart(name: &str) -> TableName {
    TableName::new(Layer::Mart, name)
}

pub(super) fn staged(name: &str) -> TableName {
    TableName::new(Layer::Staged, name)
}

pub(super) fn open(root: &Path) -> Lake {
    Lake::open(root, Arc::new(Disk)).unwrap()
}

/// A draft of the `number`-th run onto `base`.
pub(super) fn draft(number: u64, base: Option<u64>, tables: Vec<(TableName, TableChange)>) -> Draft {
    Draft {
        pipeline: "demo".into(),
        run: format!("run-{number:04}"),
        started_at: 1_700_000_000_000_000 + number as i64 * 1_000_001,
        fencing_token: number,
        base,
        tables,
        pins: Pins {
            epoch: "E0001".into(),
            dictionary: "d1".into(),
            identity: 0,
            extractors: serde_json::json!({ "crm": number }),
        },
        balance: serde_json::json!([{ "table": "staged.crm", "read": number }]),
    }
}

pub(super) fn publish(lake: &Lake, draft: Draft) -> u64 {
    match lake.publish(draft).unwrap() {
        Published::Release(id) => id,
        Published::Unchanged(_) => panic!("the draft was taken for its base"),
    }
}

/// Text columns; an absent value is `-`.
pub(super) fn texts(columns: &[&str], rows: &[&[&str]]) -> RecordBatch {
    let schema = Schema::new(columns.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect::<Vec<_>>());
    let column = |place: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(row[place]).filter(|v| *v != "-")).collect::<StringArray>())
    };
    RecordBatch::try_new(Arc::new(schema), (0..columns.len()).map(column).collect()).unwrap()
}

/// Changes of source `crm`: operation, key and value, with a column `value` and any further ones, filled alike.
pub(super) fn changes(run: &str, rows: &[(&str, &str, &str)], further: &[&str]) -> RecordBatch {
    let names: Vec<&str> = LINEAGE.iter().copied().chain(["value"]).chain(further.iter().copied()).collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|(operation, key, value)| {
            let hash = if *operation == "delete" { "-".to_string() } else { format!("h{value}") };
            let lineage =
                [operation.to_string(), hash, format!("load-{run}"), run.into(), "crm".into(), key.to_string()];
            lineage.into_iter().chain(std::iter::repeat_n(value.to_string(), 1 + further.len())).collect()
        })
        .collect();
    let rows: Vec<Vec<&str>> = cells.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    texts(&names, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The rows as text, absent values left out, in their order: `name=value` in the order of the columns.
pub(super) fn printed(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let printers: Vec<ArrayFormatter<'_>> =
        batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options).unwrap()).collect();
    let cell = |row: usize, place: usize| {
        let there = !batch.column(place).is_null(row);
        there.then(|| format!("{}={}", schema.field(place).name(), printers[place].value(row)))
    };
    let line = |row| (0..batch.num_columns()).filter_map(|place| cell(row, place)).collect::<Vec<_>>().join(" ");
    (0..batch.num_rows()).map(line).collect()
}

/// Every table of a release with its rows in no order, and its digest.
pub(super) fn content(lake: &Lake, release: u64) -> Vec<(String, Vec<String>, String)> {
    let summaries = lake.release(release).unwrap().tables;
    let table = |summary: crate::lake::TableSummary| {
        let batch = lake.read(release, &summary.name).unwrap().unwrap();
        assert_eq!(batch.num_rows() as u64, summary.rows);
        assert_eq!(crate::digest::table_digest(&batch).unwrap(), summary.digest, "{}", summary.name);
        let mut rows = printed(&batch);
        rows.sort();
        (summary.name.to_string(), rows, summary.digest)
    };
    summaries.into_iter().map(table).collect()
}

/// All files below a folder, by their paths.
pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// When an operation is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Nothing of it is done; an error given here stands for it.
    Before,
    /// Half of a write's bytes are in the file.
    Half,
    /// All of it is done.
    After,
}

type Watcher = Box<dyn FnMut(FileOperation, Moment) -> io::Result<()> + Send>;

/// The disk, with somebody watching each operation.
#[derive(Clone)]
pub(super) struct Watched(Arc<Mutex<Watcher>>);

impl Watched {
    pub(super) fn new(watcher: impl FnMut(FileOperation, Moment) -> io::Result<()> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(watcher))))
    }

    /// Fails the `at`-th operation, half done if it is a write, and everything after it, as for a process that died.
    pub(super) fn dying(at: usize) -> Self {
        let mut number = 0;
        Self::new(move |_, moment| {
            number += usize::from(moment == Moment::Before);
            let dead = number > at || number == at && moment != Moment::Before;
            if dead { Err(io::Error::other("the process died here")) } else { Ok(()) }
        })
    }

    fn see(&self, operation: FileOperation, moment: Moment) -> io::Result<()> {
        (self.0.lock().unwrap())(operation, moment)
    }

    fn around<T>(&self, operation: FileOperation, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.see(operation, Moment::Before)?;
        let done = act()?;
        self.see(operation, Moment::After)?;
        Ok(done)
    }

    fn file(&self, file: Box<dyn WritableFile>) -> Box<dyn WritableFile> {
        Box::new(WatchedFile { file, watched: self.clone() })
    }
}

struct WatchedFile {
    file: Box<dyn WritableFile>,
    watched: Watched,
}

impl Write for WatchedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watched.see(FileOperation::Write, Moment::Before)?;
        let (half, rest) = bytes.split_at(bytes.len() / 2);
        self.file.write_all(half)?;
        self.watched.see(FileOperation::Write, Moment::Half)?;
        self.file.write_all(rest)?;
        self.watched.see(FileOperation::Write, Moment::After)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl WritableFile for WatchedFile {
    fn sync(&mut self) -> io::Result<()> {
        let file = &mut self.file;
        self.watched.around(FileOperation::SyncFile, || file.sync())
    }
}

impl FileSystem for Watched {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.around(FileOperation::CreateFolder, || Disk.create_folder(path))
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.around(FileOperation::CreateFile, || Disk.create_file(path)).map(|file| self.file(file))
    }

    fn open_to_append(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.around(FileOperation::OpenToAppend, || Disk.open_to_append(path)).map(|file| self.file(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.around(FileOperation::Rename, || Disk.rename(from, to))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.around(FileOperation::SyncFolder, || Disk.sync_folder(path))
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.around(FileOperation::Truncate, || Disk.truncate(path, length))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.around(FileOperation::Remove, || Disk.remove(path))
    }

    fn commit(&self, operation: FileOperation, what: &str) -> io::Result<()> {
        self.around(operation, || Disk.commit(operation, what))
    }
}
