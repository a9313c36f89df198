//! The name dictionaries that epochs were trained with, kept as text.
//!
//! An epoch names its dictionaries by version, a digest of their content. The files that ship with the program change,
//! so their text is kept below the state root, `dictionary/<version>/<file>`, and an epoch can be run again as it was.
//! A list of the files with their hashes, written last, tells a whole version from one that a killed run left half
//! written, and keeps their order.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use onefold_contract::file_system::{FileSystem, write_whole};
use onefold_contract::{Failure, Result};
use serde::{Deserialize, Serialize};

use crate::lake::error::file_error;

/// The list of a version's files, as JSON.
const LIST: &str = "files.json";

/// One file of a version, as the list has it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Its name as it was handed in.
    name: String,
    /// The BLAKE3 hash of its text, 64 hexadecimal digits.
    blake3: String,
}

/// The kept versions of the dictionaries of a state root.
pub struct DictionaryStore {
    folder: PathBuf,
    files: Arc<dyn FileSystem>,
}

impl DictionaryStore {
    /// The dictionaries below a state root. Touches nothing.
    ///
    /// # Errors
    /// None today; opening may come to check what it finds.
    pub fn open(root: &Path, files: Arc<dyn FileSystem>) -> Result<Self> {
        Ok(Self { folder: root.join("dictionary"), files })
    }

    /// Keeps the files (name and text) of a version. A version that is kept already is left as it is; the names may
    /// differ then, because the same files may be handed in from another folder, the texts may not.
    ///
    /// # Errors
    /// State: the folder cannot be written, or other text is kept under the version. A bug where two files have one
    /// name.
    pub fn put(&self, version: &str, texts: &[(String, String)]) -> Result<()> {
        let folder = self.folder_of(version)?;
        let list: Vec<Kept> =
            texts.iter().map(|(name, text)| Kept { name: name.clone(), blake3: hash(text) }).collect();
        if let Some(kept) = read_list(&folder)? {
            return if hashes(&kept) == hashes(&list) { Ok(()) } else { Err(other_text(version, &folder)) };
        }
        let mut places: Vec<PathBuf> = texts.iter().map(|(name, _)| place(name)).collect();
        places.sort();
        places.dedup();
        if places.len() != texts.len() {
            return Err(Failure::bug(format!("version {version} of the dictionaries has two files of one name")));
        }
        for (name, text) in texts {
            self.put_file(&folder.join(place(name)), text)?;
        }
        let list = serde_json::to_string_pretty(&list)
            .map_err(|error| Failure::bug(format!("a list of dictionaries could not be written as JSON: {error}")))?;
        self.put_file(&folder.join(LIST), &list)?;
        let root = self.folder.parent().unwrap_or(&self.folder);
        Ok(self.files.sync_folder(root).map_err(file_error(root, "synced"))?)
    }

    /// The files (name and text) of a version, in the order they were put.
    ///
    /// # Errors
    /// State: the version is not kept, or a file of it is missing or changed.
    pub fn get(&self, version: &str) -> Result<Vec<(String, String)>> {
        let folder = self.folder_of(version)?;
        let Some(list) = read_list(&folder)? else {
            return Err(Failure::state(format!(
                "version {version} of the name dictionaries is not kept in {}",
                self.folder.display()
            ))
            .hint("restore the state root from a backup, or adopt a newer epoch"));
        };
        let mut texts = Vec::with_capacity(list.len());
        for Kept { name, blake3 } in list {
            let path = folder.join(place(&name));
            let text = read(&path)?.ok_or_else(|| changed(&path, "it is missing"))?;
            if hash(&text) != blake3 {
                return Err(changed(&path, "its hash differs"));
            }
            texts.push((name, text));
        }
        Ok(texts)
    }

    fn folder_of(&self, version: &str) -> Result<PathBuf> {
        if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return Err(Failure::bug(format!("\"{version}\" cannot be a version of the dictionaries")));
        }
        Ok(self.folder.join(version))
    }

    fn put_file(&self, path: &Path, text: &str) -> Result<()> {
        let folder = path.parent().unwrap_or(&self.folder);
        self.files.create_folder(folder).map_err(file_error(folder, "created"))?;
        write_whole(self.files.as_ref(), path, &mut |out| out.write_all(text.as_bytes()))
            .map_err(file_error(path, "written"))?;
        // The names of the folders between, each of which may be new.
        for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.folder)) {
            self.files.sync_folder(above).map_err(file_error(above, "synced"))?;
        }
        Ok(())
    }
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// The hashes of a version's files, in no order.
fn hashes(list: &[Kept]) -> Vec<&str> {
    let mut hashes: Vec<&str> = list.iter().map(|kept| kept.blake3.as_str()).collect();
    hashes.sort_unstable();
    hashes
}

/// The path of a file below the folder of its version, wherever its name leads: what would lead out of the folder, or
/// onto the list, is written as a code.
fn place(name: &str) -> PathBuf {
    let part = |part: Component<'_>| match part {
        Component::Normal(part) if part == LIST => PathBuf::from("%66iles.json"),
        Component::Normal(part) => PathBuf::from(part),
        Component::ParentDir => PathBuf::from("%2e%2e"),
        Component::CurDir => PathBuf::from("%2e"),
        Component::RootDir | Component::Prefix(_) => PathBuf::from("%2f"),
    };
    Path::new(name).components().map(part).collect()
}

fn read_list(folder: &Path) -> Result<Option<Vec<Kept>>> {
    let path = folder.join(LIST);
    let Some(text) = read(&path)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| changed(&path, &error.to_string()))
}

/// The file's text; `None` where it is not there.
fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(path, "read")(error).into()),
    }
}

fn changed(path: &Path, why: &str) -> Failure {
    Failure::state(format!("the kept dictionary {} is not as it was written: {why}", path.display()))
        .hint("restore the state root from a backup, or adopt a newer epoch")
}

fn other_text(version: &str, folder: &Path) -> Failure {
    Failure::state(format!("other name dictionaries are kept under version {version} in {}", folder.display()))
        .hint("restore the state root from a backup")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use onefold_contract::FailureKind;
    use onefold_contract::file_system::Disk;

    fn texts() -> Vec<(String, String)> {
        vec![("nickname.csv".into(), "name\nBob\n".into()), ("seed/given.csv".into(), "name\nÉloïse\n".into())]
    }

    #[test]
    fn a_version_comes_back_as_it_was_kept() {
        let root = tempfile::tempdir().unwrap();
        let store = DictionaryStore::open(root.path(), Arc::new(Disk)).unwrap();
        store.put("v1", &texts()).unwrap();
        store.put("v1", &texts()).unwrap();
        assert_eq!(store.get("v1").unwrap(), texts());
        assert!(root.path().join("dictionary/v1/seed/given.csv").is_file());
        let failure = store.get("v2").unwrap_err();
        assert_eq!(failure.kind, FailureKind::State);
        assert!(store.put("v1", &texts()[..1]).is_err(), "other text under a version that is kept");
    }

    #[test]
    fn a_version_without_its_list_is_not_there_and_can_be_put_again() {
        let root = tempfile::tempdir().unwrap();
        let store = DictionaryStore::open(root.path(), Arc::new(Disk)).unwrap();
        store.put("v1", &texts()).unwrap();
        std::fs::remove_file(root.path().join("dictionary/v1").join(LIST)).unwrap();
        assert!(store.get("v1").is_err());
        store.put("v1", &texts()).unwrap();
        assert_eq!(store.get("v1").unwrap(), texts());
    }

    #[test]
    fn a_changed_or_missing_file_is_named() {
        let root = tempfile::tempdir().unwrap();
        let store = DictionaryStore::open(root.path(), Arc::new(Disk)).unwrap();
        store.put("v1", &texts()).unwrap();
        let path = root.path().join("dictionary/v1/nickname.csv");
        std::fs::write(&path, "name\nRob\n").unwrap();
        assert!(store.get("v1").unwrap_err().message.contains("nickname.csv"));
        std::fs::remove_file(&path).unwrap();
        assert!(store.get("v1").unwrap_err().message.contains("it is missing"));
    }

    #[test]
    fn no_name_leaves_its_folder() {
        let root = tempfile::tempdir().unwrap();
        let store = DictionaryStore::open(root.path(), Arc::new(Disk)).unwrap();
        let names = ["../x.csv", "/x.csv", "./x.csv", "x.csv", LIST];
        let texts: Vec<(String, String)> =
            names.iter().map(|name| (name.to_string(), format!("text of {name}"))).collect();
        store.put("v1", &texts).unwrap();
        assert_eq!(store.get("v1").unwrap(), texts, "in the order they were put");
        assert!(std::fs::read_dir(root.path()).unwrap().all(|entry| entry.unwrap().file_name() == "dictionary"));
        assert!(store.put("../v", &texts).is_err());
        assert!(store.put("v2", &[texts[0].clone(), texts[0].clone()]).is_err());
    }

    #[test]
    fn the_same_texts_under_other_names_are_the_same_version() {
        let root = tempfile::tempdir().unwrap();
        let store = DictionaryStore::open(root.path(), Arc::new(Disk)).unwrap();
        store.put("v1", &texts()).unwrap();
        let elsewhere: Vec<_> =
            texts().into_iter().rev().map(|(name, text)| (format!("/elsewhere/{name}"), text)).collect();
        store.put("v1", &elsewhere).unwrap();
        assert_eq!(store.get("v1").unwrap(), texts());
    }
}
