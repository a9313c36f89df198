//! What can go wrong with the lake, and what it means to a user.
//!
//! One small enum inside the room; at the door every case becomes a [`Failure`] of kind state, since all of them say
//! that the state root is locked, unreadable or full.

use std::io;
use std::path::{Path, PathBuf};

use onefold_contract::Failure;
use parquet::errors::ParquetError;
use rusqlite::ErrorCode;

/// An error of the lake.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LakeError {
    /// SQLite refused.
    #[error("the catalogue: {0}")]
    Catalogue(#[from] rusqlite::Error),
    /// A file or folder could not be written or read.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as it stands after "could not be".
        tried: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// A data file is no Parquet, or not the one it should be.
    #[error("{path}: {source}")]
    Parquet {
        /// The data file.
        path: PathBuf,
        /// What the reader or writer says.
        source: ParquetError,
    },
    /// Already in a user's words.
    #[error("{0}")]
    Refused(#[from] Failure),
}

impl From<arrow::error::ArrowError> for LakeError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Refused(error.into())
    }
}

/// Turns an error of the operating system into one that names the path.
pub(crate) fn file_error(path: &Path, tried: &'static str) -> impl FnOnce(io::Error) -> LakeError {
    let path = path.to_path_buf();
    move |source| LakeError::File { path, tried, source }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        match error {
            LakeError::Refused(failure) => failure,
            LakeError::Catalogue(error) => catalogue_failure(&error),
            LakeError::File { path, tried, source } => file_failure(&path, tried, &source),
            LakeError::Parquet { path, source } => {
                Self::state(format!("the data file {} cannot be read: {source}", path.display()))
                    .hint("restore the state root from a backup, or publish the table anew")
            }
        }
    }
}

fn file_failure(path: &Path, tried: &str, source: &io::Error) -> Failure {
    let failure = Failure::state(format!("{} could not be {tried}: {source}", path.display()));
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            failure.hint("make room on the disk of the state root, then run again: nothing was published")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            failure.hint("give this user the right to write there, or name another state root in the configuration")
        }
        _ => failure,
    }
}

fn catalogue_failure(error: &rusqlite::Error) -> Failure {
    let failure = |what: &str| Failure::state(format!("the lake's catalogue {what}: {error}"));
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            failure("is locked by another program").hint("wait until that program has ended, then run again")
        }
        Some(ErrorCode::DiskFull) => failure("cannot grow, the disk is full")
            .hint("make room on the disk of the state root, then run again: nothing was published"),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            failure("is damaged").hint("restore the state root from a backup")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            failure("cannot be opened").hint("give this user the right to read and write the state root")
        }
        _ => failure("could not be used"),
    }
}
