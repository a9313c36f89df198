//! How a finished run becomes visible.
//!
//! One implementation is enough for now: a release is one snapshot of the DuckLake catalogue (`warehouse`), and a second
//! way to publish would be a second truth. The trait stands so that a catalogue of several machines can take its place.

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::table::TableName;

/// What a release does to one table.
#[derive(Debug, Clone)]
pub enum TableChange {
    /// Adds rows behind those that are there.
    Append(RecordBatch),
    /// Takes the place of all rows.
    Replace(RecordBatch),
}

/// The versions that a release pins with its tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// The epoch in force.
    pub epoch: String,
    /// The digest of the name dictionaries.
    pub dictionary: String,
    /// The number of events in the identity ledger.
    pub identity: u64,
    /// What each source's extractor remembers: source to state, as JSON.
    pub extractors: serde_json::Value,
}

/// All that one run wants to publish.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The pipeline.
    pub pipeline: String,
    /// The run that made it.
    pub run: String,
    /// When the run began, microseconds since 1970 UTC; the release's time, so that a repeated run dates it the same.
    pub started_at: i64,
    /// Proof of the run lock: a draft whose token is not the highest ever seen is refused.
    pub fencing_token: u64,
    /// The release the run read from; `None` before the first. Publishing onto another head is refused.
    pub base: Option<u64>,
    /// The changes, table by table. An append of no rows and a replacement by the same content are no change.
    pub tables: Vec<(TableName, TableChange)>,
    /// The versions pinned.
    pub pins: Pins,
    /// The run's balance, as JSON.
    pub balance: serde_json::Value,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// A new release.
    Release(u64),
    /// The draft equals its base; nothing was written.
    Unchanged(Option<u64>),
}

/// Makes a draft visible whole, or not at all.
pub trait Publisher {
    /// Publishes a draft.
    ///
    /// # Errors
    /// The state root cannot be written, the token is stale, or the base is not the head.
    fn publish(&self, draft: Draft) -> Result<Published>;
}
