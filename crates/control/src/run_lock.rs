//! One run at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use onefold_contract::{Failure, Result};

/// Held while a run works; the operating system lets go of it when the process ends, even by `kill -9`.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock of a state root, or says that another run holds it.
    ///
    /// # Errors
    /// Another process holds the lock, or the state root cannot be written.
    pub fn take(root: &Path) -> Result<Self> {
        let path = root.join("run.lock");
        let file = File::options().create(true).append(true).open(&path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                return Failure::state(format!("there is no state in {}", root.display()))
                    .hint("run a pipeline first (`onefold run PIPELINE`), or name the state root with --state-root");
            }
            Failure::state(format!("the run lock {} cannot be opened: {error}", path.display()))
                .hint("check that the state root exists and that you may write to it")
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(Failure::state(format!("another run is at work in {}", root.display()))
                    .hint("wait for it to end; `onefold runs list` shows it"))
            }
            Err(TryLockError::Error(error)) => {
                Err(Failure::state(format!("the run lock {} cannot be taken: {error}", path.display()))
                    .hint("put the state root on a local disk: some network file systems do not lock"))
            }
        }
    }

    /// Whether a run is at work. A lock that cannot be looked at counts as held: a run that lives must not be told dead.
    pub fn is_held(root: &Path) -> bool {
        let Ok(file) = File::open(root.join("run.lock")) else { return false };
        file.try_lock_shared().is_err()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_cannot_hold_the_lock() {
        let root = tempfile::tempdir().unwrap();
        let first = RunLock::take(root.path()).unwrap();
        let second = RunLock::take(root.path()).unwrap_err();
        assert_eq!(second.kind.exit_code(), 4);
        assert!(RunLock::is_held(root.path()));
        drop(first);
        assert!(!RunLock::is_held(root.path()));
        RunLock::take(root.path()).unwrap();
    }
}
