//! The human-paced state: for now the runs, the run lock and its fencing tokens.
//!
//! Kept apart from the lake because its pace and its writers differ: a steward's click must not wait for a release, and
//! nothing here can be rebuilt from the sources. Nothing bulky stands here, and nothing that a rebuild could derive.
//! A file lock tells the living from the dead (the operating system drops it with the process, however it died); the
//! fencing token tells the late from the current (a process that lost its lock cannot publish with an old token).

mod run_lock;
mod runs;

pub use run_lock::RunLock;
pub use runs::{Control, RunId, RunRecord, RunStatus, Ticket};
