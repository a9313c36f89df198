//! Epochs: what the figures of a run rest on, trained once and kept (law 4).
//!
//! One JSON file an epoch, `models/epoch-0001.json` below the state root, written whole and never changed; the file
//! `models/adopted` names the one in force. An epoch is known by the digest of its content without run, time and notes,
//! so that a run that was killed after training finds its epoch again instead of making a second one, and training twice
//! on the same records makes one epoch.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onefold_contract::file_system::{FileSystem, write_whole};
use onefold_contract::standardizer::ColumnDecision;
use onefold_contract::{Failure, Result};
use serde::{Deserialize, Serialize};

use crate::lake::error::file_error;

const ADOPTED: &str = "adopted";

/// What moves from epoch to epoch: the model and all that was decided once over whole columns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// `E0001` and so on, in the order of training. Given by [`EpochStore::write`].
    pub id: String,
    /// The pipeline it was trained for.
    pub pipeline: String,
    /// The run that trained it.
    pub trained_by_run: String,
    /// When that run began, RFC 3339.
    pub trained_at: String,
    /// The version of the program that trained it.
    pub code_version: String,
    /// The digest of the name dictionaries it was trained with.
    pub dictionary: String,
    /// The trained model; null where a pipeline resolves nothing.
    pub model: serde_json::Value,
    /// What each column told as a whole: source, then column.
    pub decisions: BTreeMap<String, BTreeMap<String, ColumnDecision>>,
    /// What a steward should know, each in one sentence.
    pub notes: Vec<String>,
    /// The digest of all of the above but id, run, time and notes, 64 hexadecimal digits. Given by
    /// [`EpochStore::write`].
    pub digest: String,
}

/// The epochs of a state root.
pub struct EpochStore {
    folder: PathBuf,
    files: Arc<dyn FileSystem>,
}

impl EpochStore {
    /// The epochs below a state root. Touches nothing; the folder is made with the first epoch.
    ///
    /// # Errors
    /// None today; opening may come to check what it finds.
    pub fn open(root: &Path, files: Arc<dyn FileSystem>) -> Result<Self> {
        Ok(Self { folder: root.join("models"), files })
    }

    /// All epochs, oldest first.
    ///
    /// # Errors
    /// State: a file cannot be read or is no epoch.
    pub fn list(&self) -> Result<Vec<Epoch>> {
        self.ids()?.iter().map(|id| self.read(id)).collect()
    }

    /// One epoch, by its id as it is written (`E0001`) or as people write it (`e1`, `1`).
    ///
    /// # Errors
    /// Usage where there is no such epoch, naming those there are; state where its file cannot be read.
    pub fn read(&self, id: &str) -> Result<Epoch> {
        let ids = self.ids()?;
        let written = typed_number(id).map_or_else(|| id.to_string(), epoch_id);
        let id = written.as_str();
        if !ids.iter().any(|there| there == id) {
            let failure = Failure::usage(format!("there is no epoch {id}"));
            return Err(if ids.is_empty() {
                failure.hint("the first run of a pipeline trains one: `onefold run PIPELINE`")
            } else {
                failure.hint(format!("the epochs there are: {}", ids.join(", ")))
            });
        }
        let path = self.path(id);
        let text = std::fs::read_to_string(&path).map_err(file_error(&path, "read"))?;
        let epoch: Epoch = serde_json::from_str(&text).map_err(|error| damaged(&path, &error.to_string()))?;
        if epoch.id != id {
            return Err(damaged(&path, &format!("it holds epoch {}", epoch.id)));
        }
        Ok(epoch)
    }

    /// Keeps an epoch and gives its id. Its own id and digest are set here, whatever it carries. Where an epoch with
    /// the same content is there already, nothing is written and its id is given.
    ///
    /// A run must go on with the epoch as [`Self::read`] gives it, the run that trained it too: JSON may give a figure
    /// back with another last bit, and all runs of an epoch must use the same figures.
    ///
    /// # Errors
    /// State: the folder cannot be read or written.
    pub fn write(&self, mut epoch: Epoch) -> Result<String> {
        epoch.digest = content_digest(&epoch)?;
        let there = self.list()?;
        if let Some(same) = there.iter().find(|known| known.digest == epoch.digest) {
            // The run that wrote it may have been killed before the folder was synced.
            self.files.sync_folder(&self.folder).map_err(file_error(&self.folder, "synced"))?;
            return Ok(same.id.clone());
        }
        let last = there.last().and_then(|epoch| number(&epoch.id)).unwrap_or(0);
        epoch.id = epoch_id(last + 1);
        let mut text = json(&epoch)?;
        text.push('\n');
        self.put(&self.path(&epoch.id), &text)?;
        Ok(epoch.id)
    }

    /// Puts an epoch in force.
    ///
    /// # Errors
    /// Those of [`Self::read`], and state where the pointer cannot be written.
    pub fn adopt(&self, id: &str) -> Result<()> {
        let epoch = self.read(id)?;
        if self.adopted()?.as_ref() == Some(&epoch.id) {
            return Ok(());
        }
        self.put(&self.folder.join(ADOPTED), &format!("{}\n", epoch.id))
    }

    /// The epoch in force; `None` before one was adopted.
    ///
    /// # Errors
    /// State: the pointer cannot be read.
    pub fn adopted(&self) -> Result<Option<String>> {
        let path = self.folder.join(ADOPTED);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_string()).filter(|id| !id.is_empty())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error(&path, "read")(error).into()),
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("epoch-{}.json", id.trim_start_matches('E')))
    }

    fn put(&self, path: &Path, text: &str) -> Result<()> {
        self.files.create_folder(&self.folder).map_err(file_error(&self.folder, "created"))?;
        write_whole(self.files.as_ref(), path, &mut |out| out.write_all(text.as_bytes()))
            .map_err(file_error(path, "written"))?;
        let root = self.folder.parent().unwrap_or(&self.folder);
        Ok(self.files.sync_folder(root).map_err(file_error(root, "synced"))?)
    }

    /// The ids of the files there are, in the order of their numbers.
    fn ids(&self) -> Result<Vec<String>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file_error(&self.folder, "read")(error).into()),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(file_error(&self.folder, "read"))?.file_name();
            let id = name.to_str().and_then(|name| name.strip_prefix("epoch-")?.strip_suffix(".json"));
            ids.extend(id.map(|id| format!("E{id}")).filter(|id| number(id).is_some()));
        }
        ids.sort_by_key(|id| number(id));
        Ok(ids)
    }
}

fn epoch_id(number: u64) -> String {
    format!("E{number:04}")
}

fn number(id: &str) -> Option<u64> {
    id.strip_prefix('E')?.parse().ok()
}

/// The number in an id that a person typed.
fn typed_number(id: &str) -> Option<u64> {
    id.strip_prefix(['E', 'e']).unwrap_or(id).parse().ok()
}

fn damaged(path: &Path, why: &str) -> Failure {
    Failure::state(format!("{} is no epoch: {why}", path.display())).hint("restore the file from a backup")
}

fn json(epoch: &Epoch) -> Result<String> {
    serde_json::to_string_pretty(epoch)
        .map_err(|error| Failure::bug(format!("an epoch could not be written as JSON: {error}")))
}

fn content_digest(epoch: &Epoch) -> Result<String> {
    let mut content = epoch.clone();
    for left_out in [&mut content.id, &mut content.trained_by_run, &mut content.trained_at, &mut content.digest] {
        left_out.clear();
    }
    content.notes.clear();
    Ok(blake3::hash(json(&content)?.as_bytes()).to_hex().to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use onefold_contract::FailureKind;
    use onefold_contract::file_system::Disk;
    use serde_json::json;

    fn trained(run: &str, m: f64) -> Epoch {
        let decision = ColumnDecision { evidence: "31 of 40 dates".into(), ..ColumnDecision::default() };
        Epoch {
            pipeline: "demo".into(),
            trained_by_run: run.into(),
            trained_at: "2024-01-01T00:00:00Z".into(),
            code_version: "0.1.0".into(),
            dictionary: "d".into(),
            model: json!({ "m": m, "a": [1, null] }),
            decisions: BTreeMap::from([("crm".into(), BTreeMap::from([("born".into(), decision)]))]),
            notes: vec!["too few expected matches".into()],
            ..Epoch::default()
        }
    }

    #[test]
    fn epochs_are_numbered_listed_and_read() {
        let root = tempfile::tempdir().unwrap();
        let store = EpochStore::open(root.path(), Arc::new(Disk)).unwrap();
        assert_eq!(store.list().unwrap(), []);
        assert_eq!(store.write(trained("r1", 0.9)).unwrap(), "E0001");
        assert_eq!(store.write(trained("r2", 0.8)).unwrap(), "E0002");
        let listed = store.list().unwrap();
        assert_eq!(listed.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["E0001", "E0002"]);
        let read = store.read("E0001").unwrap();
        assert_eq!(read, listed[0]);
        for typed in ["e0001", "E1", "1"] {
            assert_eq!(store.read(typed).unwrap().id, "E0001", "{typed}");
        }
        assert_eq!(read.decisions["crm"]["born"].evidence, "31 of 40 dates");
        assert_ne!(listed[0].digest, listed[1].digest);
        assert!(root.path().join("models/epoch-0001.json").is_file());
    }

    #[test]
    fn the_same_content_is_one_epoch_whoever_trained_it() {
        let root = tempfile::tempdir().unwrap();
        let store = EpochStore::open(root.path(), Arc::new(Disk)).unwrap();
        // A figure that a careless reader of JSON gives back with another last bit.
        let figure = 0.000_123_456_789_012_345_67;
        store.write(trained("r1", 0.5)).unwrap();
        assert_eq!(store.write(trained("r1", figure)).unwrap(), "E0002");
        let again = Epoch {
            id: "E0009".into(),
            digest: "x".into(),
            trained_at: "later".into(),
            notes: vec!["of another release".into()],
            ..trained("r7", figure)
        };
        assert_eq!(store.write(again).unwrap(), "E0002");
        assert_eq!(store.read("E0002").unwrap().trained_by_run, "r1");
    }

    #[test]
    fn one_epoch_is_in_force() {
        let root = tempfile::tempdir().unwrap();
        let store = EpochStore::open(root.path(), Arc::new(Disk)).unwrap();
        assert_eq!(store.adopted().unwrap(), None);
        let failure = store.adopt("E0001").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage);
        let id = store.write(trained("r1", 0.9)).unwrap();
        store.write(trained("r2", 0.7)).unwrap();
        assert_eq!(store.adopted().unwrap(), None, "training adopts nothing");
        store.adopt(&id).unwrap();
        assert_eq!(store.adopted().unwrap(), Some(id));
        let failure = store.adopt("E0003").unwrap_err();
        assert!(failure.hints[0].contains("E0001, E0002"), "{failure}");
    }

    #[test]
    fn a_damaged_file_is_named() {
        let root = tempfile::tempdir().unwrap();
        let store = EpochStore::open(root.path(), Arc::new(Disk)).unwrap();
        store.write(trained("r1", 0.9)).unwrap();
        std::fs::write(root.path().join("models/epoch-0001.json"), "{").unwrap();
        let failure = store.read("E0001").unwrap_err();
        assert_eq!(failure.kind, FailureKind::State);
        assert!(failure.message.contains("epoch-0001.json"), "{failure}");
    }
}
