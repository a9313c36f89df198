//! What the tests of this room share: a source in a folder of its own, landed and staged as a run would.

use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray};
use onefold_contract::change::{CurrentHashes, LINEAGE, RECORD_HASH, SOURCE_KEY, record_hashes};
use onefold_contract::extractor::{Extractor, ExtractorState, RawRows};
use onefold_contract::file_system::Disk;
use onefold_contract::{ChangeBatch, Reject, Result};
use serde_json::{Value, json};

use crate::extractor;
use crate::landing::{Landing, land};
use crate::spec::SourceSpec;
use crate::staging::{Staging, stage};

/// A source in a folder that goes away with it.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) spec: SourceSpec,
}

impl Bench {
    /// A source of CSV files; `columns` are names, the first is the key, all of kind `free_text` unless written `name:kind`.
    pub(crate) fn csv(pattern: &str, columns: &[&str]) -> Self {
        Self::new("csv", pattern, columns, &json!({}))
    }

    /// A source of one SQLite table.
    pub(crate) fn sqlite(file: &str, table: &str, columns: &[&str]) -> Self {
        Self::new("sqlite", file, columns, &json!({ "sqlite": { "table": table } }))
    }

    /// A source of worksheets with these settings and columns (as [`Self::csv`] takes them).
    pub(crate) fn excel(pattern: &str, settings: &Value, columns: &[&str]) -> Self {
        Self::new("excel", pattern, columns, &json!({ "excel": settings }))
    }

    fn new(format: &str, location: &str, columns: &[&str], more: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let columns: Vec<Value> = columns
            .iter()
            .map(|column| {
                let (name, kind) = column.split_once(':').unwrap_or((column, "free_text"));
                let own: String = name
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
                    .collect();
                json!({ "name": own, "from": name, "kind": kind })
            })
            .collect();
        let mut spec = json!({
            "name": "crm", "format": format, "location": folder.path().join(location), "grain": "one row a thing",
            "key": [columns[0]["name"].clone()], "columns": columns,
        });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let spec: SourceSpec = serde_json::from_value(spec).unwrap();
        assert_eq!(spec.mistakes(), vec![]);
        Self { folder, spec }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the source.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path(name), bytes).unwrap();
        self
    }

    pub(crate) fn extractor(&self) -> Box<dyn Extractor> {
        extractor(&self.spec).unwrap()
    }

    pub(crate) fn raw(&self) -> PathBuf {
        self.path("raw")
    }

    pub(crate) fn land(&self, load_id: &str) -> Result<Landing> {
        let extractor = self.extractor();
        land(&self.spec, extractor.as_ref(), &ExtractorState::default(), &self.raw(), &Disk, load_id)
    }

    /// Lands and gives the rows that come out of raw; the trailer is checked.
    pub(crate) fn read(&self) -> Result<Vec<RawRows>> {
        let (extractor, mut blocks) = (self.extractor(), Vec::new());
        for landed in self.land("load-1")?.partitions {
            let raw = std::fs::File::open(&landed.path).unwrap();
            let mut stream = extractor.read(&landed.partition, Box::new(raw))?;
            for block in &mut stream {
                blocks.push(block?);
            }
            assert_eq!(stream.trailer(), Some(landed.trailer));
        }
        Ok(blocks)
    }

    /// The same without raw in between, in memory: for tests of thousands of files.
    pub(crate) fn read_in_memory(&self) -> Result<Vec<RawRows>> {
        let extractor = self.extractor();
        let plan = extractor.plan(&ExtractorState::default())?;
        let mut blocks = Vec::new();
        for partition in &plan.partitions {
            let mut raw = Vec::new();
            let landed = extractor.land(partition, &plan.snapshot, &mut raw)?;
            let mut stream = extractor.read(partition, Box::new(std::io::Cursor::new(raw)))?;
            for block in &mut stream {
                blocks.push(block?);
            }
            assert_eq!(stream.trailer(), Some(landed));
        }
        Ok(blocks)
    }

    /// The same as lists of lists; a missing value is "∅".
    pub(crate) fn table(&self) -> Result<Vec<Vec<String>>> {
        Ok(self.read()?.iter().flat_map(table).collect())
    }

    pub(crate) fn stage(&self, load_id: &str, current: &CurrentHashes) -> Result<Staging> {
        stage(&self.spec, self.extractor().as_ref(), &self.land(load_id)?, "run-1", current)
    }
}

/// The rows of a block as lists.
pub(crate) fn table(block: &RawRows) -> Vec<Vec<String>> {
    let cell = |column: &dyn Array, row: usize| {
        let text = (!column.is_null(row)).then(|| column.as_string::<i32>().value(row));
        text.unwrap_or("∅").to_string()
    };
    let row = |row: usize| block.batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect();
    (0..block.batch.num_rows()).map(row).collect()
}

/// What would be current once a change batch of inserts is applied to nothing.
pub(crate) fn applied(changes: &ChangeBatch) -> CurrentHashes {
    let hashes = record_hashes(&changes.content().unwrap()).unwrap();
    assert_eq!(changes.lineage(RECORD_HASH), &hashes);
    let keys = changes.lineage(SOURCE_KEY).iter().flatten().map(String::from);
    keys.zip(hashes.iter().flatten().map(String::from)).collect()
}

/// The rejects as (row, rule).
pub(crate) fn rules(rejects: &[Reject]) -> Vec<(u64, &str)> {
    rejects.iter().map(|reject| (reject.row.unwrap(), reject.rule.as_str())).collect()
}

/// A content column of a change batch, printed.
pub(crate) fn column(changes: &ChangeBatch, name: &str) -> Vec<String> {
    let place = changes.batch().schema().index_of(name).unwrap();
    assert!(place >= LINEAGE.len());
    let values = changes.batch().column(place);
    (0..values.len()).map(|row| arrow::util::display::array_value_to_string(values, row).unwrap()).collect()
}

/// Every file below a folder with its bytes and time of change, in order.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
