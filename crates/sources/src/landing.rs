//! Raw landing: what a source delivers, copied as received and hashed before anything is read from it.
//!
//! Raw files are named by their content, so a source that did not change leaves the folder as it was; naming them by load
//! would store the same bytes every night. The manifest of a load is written only where it says something new. A file is
//! written aside under a fixed name, made durable and given its name last, so a crash leaves at most a file that the next
//! load of the source clears away.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use onefold_contract::extractor::{EndTrailer, Extractor, ExtractorState, Partition, SnapshotToken};
use onefold_contract::file_system::{FileSystem, WritableFile, write_whole};
use onefold_contract::{Failure, Result};
use serde::{Deserialize, Serialize};

use crate::registry::raw_extension;
use crate::spec::SourceSpec;

/// What a file is called while it is being landed.
const ASIDE: &str = "landing";
/// What `write_whole` calls a file that it is writing.
const PARTIAL: &str = "partial";
/// Digits of the checksum that a raw file's name carries.
const NAME_DIGITS: usize = 16;

/// One load of a source as it stands in raw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// The extraction.
    pub load_id: String,
    /// The state of the source that was landed.
    pub snapshot: SnapshotToken,
    /// What was landed, in the order of the plan.
    pub partitions: Vec<LandedPartition>,
}

/// One partition as it stands in raw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandedPartition {
    /// The partition.
    pub partition: Partition,
    /// The file that holds it. A manifest has the name alone, so that raw can be moved as a whole.
    pub path: PathBuf,
    /// What was delivered.
    pub trailer: EndTrailer,
}

/// Lands a source under `raw_root/<source>/`: one file a partition, `<partition>-<16 digits of its checksum>.<extension>`,
/// and `<load_id>.json`, the manifest. Where the bytes are there already nothing is stored anew, but the file that is
/// there is read and hashed again, and replaced where it is damaged; where the newest manifest names the same files, no
/// other is written. Load ids sort in the order of their loads.
///
/// # Errors
/// The source cannot be read or changes meanwhile (source), or raw cannot be written (state).
pub fn land(
    spec: &SourceSpec,
    extractor: &dyn Extractor,
    state: &ExtractorState,
    raw_root: &Path,
    files: &dyn FileSystem,
    load_id: &str,
) -> Result<Landing> {
    let plan = extractor.plan(state)?;
    let folder = raw_root.join(safe_name(&spec.name));
    files.create_folder(&folder).map_err(|e| unwritable(&folder, &e))?;
    clear_leftovers(files, &folder).map_err(|e| unwritable(&folder, &e))?;
    let mut partitions = Vec::with_capacity(plan.partitions.len());
    for partition in plan.partitions {
        let landed = land_partition(spec, extractor, &plan.snapshot, partition, &folder, files)?;
        partitions.push(landed);
    }
    let landing = Landing { load_id: load_id.to_string(), snapshot: plan.snapshot, partitions };
    let newest = newest_landing(raw_root, &spec.name)?;
    if newest.is_none_or(|newest| newest.partitions != landing.partitions) {
        write_manifest(files, &folder, &landing)?;
    }
    Ok(landing)
}

/// The load that the newest manifest of a source describes; `None` before the first.
///
/// # Errors
/// A state failure, where the manifest cannot be read.
pub fn newest_landing(raw_root: &Path, source: &str) -> Result<Option<Landing>> {
    let folder = raw_root.join(safe_name(source));
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(&folder, &e)),
    };
    let paths = entries.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>();
    let paths = paths.map_err(|e| unreadable(&folder, &e))?;
    let Some(path) = paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "json")).max() else {
        return Ok(None);
    };
    let text = fs::read(&path).map_err(|e| unreadable(&path, &e))?;
    let mut landing: Landing = serde_json::from_slice(&text).map_err(|e| {
        Failure::state(format!("the manifest {} is damaged: {e}", path.display()))
            .hint("delete it and run again; the source is then landed anew")
    })?;
    for landed in &mut landing.partitions {
        landed.path = folder.join(&landed.path);
    }
    Ok(Some(landing))
}

fn write_manifest(files: &dyn FileSystem, folder: &Path, landing: &Landing) -> Result<()> {
    let mut manifest = landing.clone();
    for landed in &mut manifest.partitions {
        landed.path = landed.path.file_name().map(PathBuf::from).unwrap_or_default();
    }
    let mut text = serde_json::to_vec_pretty(&manifest)
        .map_err(|e| Failure::bug(format!("a manifest could not be written: {e}")))?;
    text.push(b'\n');
    let path = folder.join(format!("{}.json", safe_name(&landing.load_id)));
    write_whole(files, &path, &mut |to| to.write_all(&text)).map_err(|e| unwritable(&path, &e))
}

fn land_partition(
    spec: &SourceSpec,
    extractor: &dyn Extractor,
    snapshot: &SnapshotToken,
    partition: Partition,
    folder: &Path,
    files: &dyn FileSystem,
) -> Result<LandedPartition> {
    let extension = raw_extension(spec.format);
    let stem = safe_name(partition.name.strip_suffix(&format!(".{extension}")).unwrap_or(&partition.name));
    let aside = folder.join(format!("{stem}.{ASIDE}"));
    let mut file = files.create_file(&aside).map_err(|e| unwritable(&aside, &e))?;
    let (trailer, written) = match fill(extractor, snapshot, &partition, file.as_mut(), &aside) {
        Ok(filled) => filled,
        Err(failure) => {
            drop(file);
            // A failed load leaves raw as it was; should this fail too, the next load clears it away.
            let _ = files.remove(&aside);
            return Err(failure);
        }
    };
    if written != trailer.checksum {
        return Err(Failure::bug(format!("the extractor of {} hashed other bytes than it wrote", partition.location)));
    }
    let path = folder.join(format!("{stem}-{}.{extension}", &trailer.checksum[..NAME_DIGITS]));
    if holds(&path, &trailer.checksum)? {
        drop(file);
        files.remove(&aside).map_err(|e| unwritable(&aside, &e))?;
    } else {
        file.sync().map_err(|e| unwritable(&aside, &e))?;
        drop(file);
        files.rename(&aside, &path).map_err(|e| unwritable(&path, &e))?;
        files.sync_folder(folder).map_err(|e| unwritable(folder, &e))?;
    }
    Ok(LandedPartition { partition, path, trailer })
}

/// Has the extractor write; gives its trailer and the checksum of what went through.
fn fill(
    extractor: &dyn Extractor,
    snapshot: &SnapshotToken,
    partition: &Partition,
    file: &mut dyn WritableFile,
    path: &Path,
) -> Result<(EndTrailer, String)> {
    // Buffered here, so that one failpoint is one block of bytes and not one of a thousand small writes.
    let mut to = BufWriter::with_capacity(1 << 20, Hashed { to: file, hasher: blake3::Hasher::new() });
    let trailer = extractor.land(partition, snapshot, &mut to)?;
    let hashed = to.into_inner().map_err(|e| unwritable(path, e.error()))?;
    Ok((trailer, hashed.hasher.finalize().to_hex().to_string()))
}

struct Hashed<'a> {
    to: &'a mut dyn WritableFile,
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

/// Whether a file is there and holds the bytes of a checksum.
fn holds(path: &Path, checksum: &str) -> Result<bool> {
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(unreadable(path, &e)),
    };
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 1 << 18];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hasher.finalize().to_hex().as_str() == checksum),
            Ok(length) => {
                hasher.update(&block[..length]);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(path, &e)),
        }
    }
}

/// Removes what a killed load left. Only one load of a source runs at a time, so nobody is writing these.
fn clear_leftovers(files: &dyn FileSystem, folder: &Path) -> io::Result<()> {
    let mut leftovers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == ASIDE || e == PARTIAL) {
            leftovers.push(path);
        }
    }
    leftovers.sort_unstable();
    leftovers.iter().try_for_each(|path| files.remove(path))
}

/// A name as part of a file name on any system: what is not a letter, digit, `-`, `_` or `.` becomes `_`.
fn safe_name(name: &str) -> String {
    const LONGEST: usize = 100;
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().map(safe).take(LONGEST).collect();
    match name.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None if name.is_empty() => "_".to_string(),
        None => name,
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::state(format!("raw could not be written at {}: {error}", path.display()))
        .hint("check that the state root has room and may be written")
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::state(format!("raw could not be read at {}: {error}", path.display()))
        .hint("check that the state root is whole and may be read")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
