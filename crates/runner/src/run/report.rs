//! What a run says of itself, and the file of its rejects.

use std::io::Write;
use std::path::{Path, PathBuf};

use onefold_contract::file_system::{FileSystem, write_whole};
use onefold_contract::{Balance, Failure, Reject, Result};
use serde::{Deserialize, Serialize};

/// The ledger of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// One balance a table.
    pub(crate) balances: Vec<Balance>,
    /// How records folded into entities; absent where the pipeline resolves nothing.
    pub(crate) resolution: Option<Resolution>,
    /// How many rows and values were rejected.
    pub(crate) rejects: u64,
    /// What an operator should know.
    pub(crate) notes: Vec<String>,
}

/// How records folded into entities. Folding is no loss and is counted apart from the balance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Resolution {
    pub(crate) records: u64,
    pub(crate) entities: u64,
    pub(crate) candidate_pairs: u64,
    pub(crate) links: u64,
    pub(crate) pairs_to_review: u64,
    pub(crate) identity_events: u64,
}

fn path(root: &Path, run: &str) -> PathBuf {
    root.join("quarantine").join(format!("{run}.jsonl"))
}

/// Writes the rejects of a run, one JSON line each; refused runs have them too. A run without rejects writes nothing.
pub(crate) fn write_rejects(files: &dyn FileSystem, root: &Path, run: &str, rejects: &[Reject]) -> Result<()> {
    if rejects.is_empty() {
        return Ok(());
    }
    let path = path(root, run);
    let fill = &mut |out: &mut dyn Write| {
        rejects.iter().try_for_each(|reject| {
            serde_json::to_writer(&mut *out, reject)?;
            out.write_all(b"\n")
        })
    };
    files.create_folder(&root.join("quarantine")).and_then(|()| write_whole(files, &path, fill)).map_err(|error| {
        Failure::state(format!("the rejects of run {run} cannot be written to {}: {error}", path.display()))
            .hint("make room on the disk or mend the rights of the state root, and run again")
    })
}

/// The rejects of a run; none where it wrote no file.
pub(crate) fn read_rejects(root: &Path, run: &str) -> Result<Vec<Reject>> {
    let path = path(root, run);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::state(format!("{} cannot be read: {error}", path.display()))),
    };
    let line = |(number, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|error| Failure::state(format!("{} is damaged in line {}: {error}", path.display(), number + 1)))
    };
    text.lines().enumerate().map(line).collect()
}
