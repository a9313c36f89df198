//! What only tests use: where real data lies, how a skip is told.
//!
//! The failing file system is not here but in the runner, behind a hidden flag: a test of crashes must kill the process
//! that users run.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder or file of the shared real data, or `None` after telling that the test was skipped for want of it.
/// The place is `$ONEFOLD_SHARED`, by default `../shared` beside the project.
#[allow(clippy::disallowed_methods)]
pub fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("ONEFOLD_SHARED").map_or_else(beside, PathBuf::from);
    let found = root.join("data").join(path);
    if found.exists() {
        return Some(found);
    }
    skip(test, &format!("{path} is not among the shared data"));
    None
}

/// The Python with the independent reader, or `None` after telling that the test was skipped for want of it.
#[allow(clippy::disallowed_methods)]
pub fn python(test: &str) -> Option<PathBuf> {
    let python = std::env::var_os("ONEFOLD_PYTHON").map(PathBuf::from).filter(|path| path.exists());
    if python.is_none() {
        skip(test, "ONEFOLD_PYTHON names no Python with DuckDB; `make test` sets it");
    }
    python
}

/// Tells that a test was skipped: on standard error, and in the file `$ONEFOLD_SKIPPED` that `make test` ends with.
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
pub fn skip(test: &str, reason: &str) {
    eprintln!("skipped: {test}: {reason}");
    let Some(path) = std::env::var_os("ONEFOLD_SKIPPED") else { return };
    if let Ok(mut file) = std::fs::File::options().create(true).append(true).open(path) {
        // A list that cannot be written loses a line of a report, no test.
        let _ = writeln!(file, "{test}: {reason}");
    }
}
