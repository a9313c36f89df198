//! The one door to files that Onefold writes.
//!
//! Every write, fsync and rename of a run goes through [`FileSystem`], so that a test can stop the process at each of
//! them. Reading is not here: a read cannot tear anything. Commits of a database pass through [`FileSystem::commit`],
//! which stands before and after the transaction.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// What the file system was asked to do; a failpoint is one of these and its ordinal in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileOperation {
    /// Make a folder and its parents.
    CreateFolder,
    /// Open a new file.
    CreateFile,
    /// Open a file at its end.
    OpenToAppend,
    /// Write bytes.
    Write,
    /// Make a file's bytes durable.
    SyncFile,
    /// Give a file its final name.
    Rename,
    /// Make a folder's entries durable.
    SyncFolder,
    /// Cut a file's torn end off.
    Truncate,
    /// Delete a file.
    Remove,
    /// About to commit a database transaction.
    BeforeCommit,
    /// Just committed a database transaction.
    AfterCommit,
}

impl FileOperation {
    /// Every operation.
    pub const ALL: [Self; 11] = [
        Self::CreateFolder,
        Self::CreateFile,
        Self::OpenToAppend,
        Self::Write,
        Self::SyncFile,
        Self::Rename,
        Self::SyncFolder,
        Self::Truncate,
        Self::Remove,
        Self::BeforeCommit,
        Self::AfterCommit,
    ];

    /// The operation's name in failpoints.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateFolder => "create_folder",
            Self::CreateFile => "create_file",
            Self::OpenToAppend => "open_to_append",
            Self::Write => "write",
            Self::SyncFile => "sync_file",
            Self::Rename => "rename",
            Self::SyncFolder => "sync_folder",
            Self::Truncate => "truncate",
            Self::Remove => "remove",
            Self::BeforeCommit => "before_commit",
            Self::AfterCommit => "after_commit",
        }
    }
}

/// A file that is being written.
pub trait WritableFile: Write + Send {
    /// Makes the bytes written so far durable (fsync).
    ///
    /// # Errors
    /// What the operating system says.
    fn sync(&mut self) -> io::Result<()>;
}

/// The operations a room may ask of the file system.
pub trait FileSystem: Send + Sync {
    /// Makes a folder and its parents; one that is there is no error.
    ///
    /// # Errors
    /// What the operating system says.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Opens a new file; one that is there is emptied.
    ///
    /// # Errors
    /// What the operating system says.
    fn create_file(&self, path: &Path) -> io::Result<Box<dyn WritableFile>>;
    /// Opens a file at its end; one that is not there is made.
    ///
    /// # Errors
    /// What the operating system says.
    fn open_to_append(&self, path: &Path) -> io::Result<Box<dyn WritableFile>>;
    /// Gives a file its final name, in one step.
    ///
    /// # Errors
    /// What the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a folder's entries durable (fsync of the folder).
    ///
    /// # Errors
    /// What the operating system says.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Cuts a file to `length` bytes and makes that durable.
    ///
    /// # Errors
    /// What the operating system says.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;
    /// Deletes a file.
    ///
    /// # Errors
    /// What the operating system says.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Stands before (`BeforeCommit`) and after (`AfterCommit`) the commit of a database transaction named `what`.
    ///
    /// # Errors
    /// Only a failpoint's.
    fn commit(&self, operation: FileOperation, what: &str) -> io::Result<()>;
}

/// Writes a whole file so that it appears with all of its bytes or not at all: aside, fsync, rename, fsync of the
/// folder. `path` must have a parent.
///
/// # Errors
/// What the operating system says.
pub fn write_whole(
    files: &dyn FileSystem,
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("a file without a folder"))?;
    let aside = path.with_added_extension("partial");
    let mut written = files.create_file(&aside)?;
    {
        // Buffered here, so that one failpoint is one block of bytes and not one of a thousand small writes.
        let mut buffered = io::BufWriter::with_capacity(1 << 20, &mut written);
        fill(&mut buffered)?;
        buffered.flush()?;
    }
    written.sync()?;
    drop(written);
    files.rename(&aside, path)?;
    files.sync_folder(folder)
}

/// The file system of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

struct DiskFile(fs::File);

impl Write for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl WritableFile for DiskFile {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

impl FileSystem for Disk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        Ok(Box::new(DiskFile(fs::File::create(path)?)))
    }

    fn open_to_append(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        Ok(Box::new(DiskFile(fs::File::options().create(true).append(true).open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        fs::File::open(path)?.sync_all()
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let file = fs::File::options().write(true).open(path)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn commit(&self, _: FileOperation, _: &str) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_whole(&Disk, &path, &mut |w| w.write_all(b"text")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"text");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
