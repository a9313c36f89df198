//! Releases as a user meets them: what each pins and holds.

use chrono::{DateTime, SecondsFormat, Utc};
use onefold_contract::publisher::Pins;
use onefold_contract::table::TableName;
use onefold_contract::{Failure, Result};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Serialize, Serializer};

use super::error::LakeError;
use super::state::{self, TableKind, foreign};

/// One release: all tables at one moment, and the versions pinned with them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Release {
    /// The release's number, which is the DuckLake snapshot's: `AT (VERSION => id)`. The first is 1.
    pub id: u64,
    /// The run that published it.
    pub run: String,
    /// The pipeline.
    pub pipeline: String,
    /// When its run began, RFC 3339 in UTC with microseconds.
    pub published_at: String,
    /// The versions pinned.
    pub pins: Pins,
    /// The run's balance.
    pub balance: serde_json::Value,
    /// Proof of the run lock.
    pub fencing_token: u64,
    /// Over the digests of all tables, 64 hexadecimal digits: equal releases hold equal content.
    pub digest: String,
    /// The tables, by layer and name.
    pub tables: Vec<TableSummary>,
}

/// One table of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSummary {
    /// The table's address, written `layer.name`.
    #[serde(serialize_with = "as_text")]
    pub name: TableName,
    /// What its rows are.
    pub kind: TableKind,
    /// Its rows; for a table of changes, all changes.
    pub rows: u64,
    /// Its data files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The digest of its content, see [`crate::digest`].
    pub digest: String,
    /// Whether this release changed it.
    pub changed: bool,
}

fn as_text<S: Serializer>(name: &TableName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(name)
}

/// A moment in microseconds since 1970 UTC.
pub(crate) fn moment(micros: i64) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Failure::bug(format!("a run began {micros} microseconds after 1970, which is no moment")))
}

/// The digest over the digests of all tables, given by name.
pub(crate) fn digest_of<'a>(tables: impl Iterator<Item = (String, &'a str)>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, digest) in tables {
        hasher.update(name.as_bytes());
        hasher.update(b"\0");
        hasher.update(digest.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex().to_string()
}

const COLUMNS: &str =
    "snapshot_id, run, pipeline, started_at, fencing_token, epoch, dictionary, identity, extractors, balance, digest";

/// One release; usage where there is none of that number, naming those there are.
pub(crate) fn one(connection: &Connection, id: u64) -> Result<Release, LakeError> {
    let sql = format!("SELECT {COLUMNS} FROM onefold_release WHERE snapshot_id = ?1");
    let found = connection.query_row(&sql, [id], |row| Ok(release(row))).optional()?;
    let mut release = match found {
        Some(found) => found?,
        None => return Err(unknown(connection, id)?.into()),
    };
    release.tables = state::tables(connection, id)?.into_iter().map(summary).collect();
    Ok(release)
}

/// Fails where there is no release of that number.
pub(crate) fn check(connection: &Connection, id: u64) -> Result<(), LakeError> {
    let sql = "SELECT count(*) FROM onefold_release WHERE snapshot_id = ?1";
    match connection.query_row(sql, [id], |row| row.get::<_, i64>(0))? {
        0 => Err(unknown(connection, id)?.into()),
        _ => Ok(()),
    }
}

fn unknown(connection: &Connection, id: u64) -> Result<Failure, LakeError> {
    let failure = Failure::usage(format!("there is no release {id}"));
    let there = state::release_ids(connection)?;
    Ok(match spans(&there) {
        spans if spans.is_empty() => failure.hint("nothing was published yet: `onefold run PIPELINE` makes release 1"),
        spans => failure.hint(format!("the releases there are: {spans}")),
    })
}

/// Numbers in words: `1-3, 5`.
fn spans(ids: &[u64]) -> String {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for id in ids {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *id => *last = *id,
            _ => spans.push((*id, *id)),
        }
    }
    let text = |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    spans.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn release(row: &Row<'_>) -> Result<Release, LakeError> {
    let id: u64 = row.get(0)?;
    let json = |place: usize| -> Result<serde_json::Value, LakeError> {
        let text: String = row.get(place)?;
        serde_json::from_str(&text)
            .map_err(|error| foreign(&format!("release {id} holds text that is no JSON: {error}")))
    };
    Ok(Release {
        id,
        run: row.get(1)?,
        pipeline: row.get(2)?,
        published_at: moment(row.get(3)?)?.to_rfc3339_opts(SecondsFormat::Micros, true),
        fencing_token: row.get(4)?,
        pins: Pins { epoch: row.get(5)?, dictionary: row.get(6)?, identity: row.get(7)?, extractors: json(8)? },
        balance: json(9)?,
        digest: row.get(10)?,
        tables: Vec::new(),
    })
}

fn summary(table: state::TableState) -> TableSummary {
    TableSummary {
        name: table.name,
        kind: table.kind,
        rows: table.rows,
        files: table.files,
        bytes: table.bytes,
        digest: table.digest,
        changed: table.changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_spans() {
        assert_eq!(spans(&[]), "");
        assert_eq!(spans(&[1, 2, 3, 5, 7, 8]), "1-3, 5, 7-8");
    }
}
