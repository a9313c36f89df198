//! The file system that fails on purpose, chosen by a hidden flag of `run`.
//!
//! It stands in the binary and not in a test, because a test must see what a whole process leaves behind. Operations are
//! counted in the order the run asks for them; the run's writes are made by one thread, so a number names one operation.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use onefold_contract::file_system::{Disk, FileOperation, FileSystem, WritableFile};
use onefold_contract::{Failure, Result};

/// What happens at the failpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// The operation returns an error.
    Error,
    /// The process is killed, as by `kill -9`.
    Kill,
}

/// Counts operations, and stops at one of them.
#[derive(Debug, Default)]
struct Counter {
    seen: usize,
    stop: Option<(usize, Effect)>,
    record: Option<PathBuf>,
}

impl Counter {
    fn pass(&mut self, operation: FileOperation, path: &str) -> io::Result<()> {
        self.seen += 1;
        if let Some(record) = &self.record {
            let mut file = std::fs::File::options().create(true).append(true).open(record)?;
            writeln!(file, "{} {} {path}", self.seen, operation.name())?;
        }
        match self.stop {
            Some((number, Effect::Error)) if number == self.seen => {
                Err(io::Error::other(format!("failpoint {number} ({})", operation.name())))
            }
            Some((number, Effect::Kill)) if number == self.seen => {
                // SIGKILL leaves no chance to tidy up; nothing in std sends it to oneself.
                let me = std::process::id().to_string();
                let _ = std::process::Command::new("kill").args(["-9", &me]).status();
                loop {
                    std::thread::park();
                }
            }
            _ => Ok(()),
        }
    }
}

/// [`Disk`], with failpoints before every operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct FailingFileSystem {
    counter: Arc<Mutex<Counter>>,
}

impl FailingFileSystem {
    /// `failpoint` is `NUMBER:error` or `NUMBER:kill`; `record` receives one line an operation.
    pub(crate) fn new(failpoint: Option<&str>, record: Option<PathBuf>) -> Result<Self> {
        let stop = failpoint.map(parse).transpose()?;
        Ok(Self { counter: Arc::new(Mutex::new(Counter { seen: 0, stop, record })) })
    }

    fn pass(&self, operation: FileOperation, path: &Path) -> io::Result<()> {
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        counter.pass(operation, &path.display().to_string())
    }
}

fn parse(text: &str) -> Result<(usize, Effect)> {
    let bad = || Failure::usage(format!("`{text}` is no failpoint")).hint("write NUMBER:error or NUMBER:kill");
    let (number, effect) = text.split_once(':').ok_or_else(bad)?;
    let effect = match effect {
        "error" => Effect::Error,
        "kill" => Effect::Kill,
        _ => return Err(bad()),
    };
    Ok((number.parse().map_err(|_| bad())?, effect))
}

struct FailingFile {
    inner: Box<dyn WritableFile>,
    path: PathBuf,
    files: FailingFileSystem,
}

impl Write for FailingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.pass(FileOperation::Write, &self.path)?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl WritableFile for FailingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.files.pass(FileOperation::SyncFile, &self.path)?;
        self.inner.sync()
    }
}

impl FailingFileSystem {
    fn wrap(&self, inner: Box<dyn WritableFile>, path: &Path) -> Box<dyn WritableFile> {
        Box::new(FailingFile { inner, path: path.to_path_buf(), files: self.clone() })
    }
}

impl FileSystem for FailingFileSystem {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.pass(FileOperation::CreateFolder, path)?;
        Disk.create_folder(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.pass(FileOperation::CreateFile, path)?;
        Ok(self.wrap(Disk.create_file(path)?, path))
    }

    fn open_to_append(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.pass(FileOperation::OpenToAppend, path)?;
        Ok(self.wrap(Disk.open_to_append(path)?, path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass(FileOperation::Rename, to)?;
        Disk.rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.pass(FileOperation::SyncFolder, path)?;
        Disk.sync_folder(path)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.pass(FileOperation::Truncate, path)?;
        Disk.truncate(path, length)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.pass(FileOperation::Remove, path)?;
        Disk.remove(path)
    }

    fn commit(&self, operation: FileOperation, what: &str) -> io::Result<()> {
        self.pass(operation, Path::new(what))
    }
}
