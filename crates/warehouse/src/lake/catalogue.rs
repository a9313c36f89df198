//! The catalogue: one SQLite file with the tables of DuckLake 1.0 and three of our own.
//!
//! Write-ahead logging, each commit synced: a reader is never blocked by a release and sees the one before until the
//! commit, and after a kill any reader, DuckDB too, finds the last commit. The rejected alternative, a rollback
//! journal, leaves after a kill a journal that a read-only reader may not roll back, so that nobody could read until
//! the next run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use onefold_contract::Failure;
use onefold_contract::file_system::{FileOperation, FileSystem};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::error::{LakeError, file_error};

/// The catalogue's file in the folder of the lake.
pub(crate) const CATALOGUE: &str = "catalogue.sqlite";
/// The folder of data files in the folder of the lake.
pub(crate) const DATA: &str = "data";
/// The form of our own tables, in `PRAGMA user_version`.
const FORM: i64 = 1;
/// How long a statement waits for another program's transaction. Longer than any commit, shorter than patience.
const BUSY: Duration = Duration::from_secs(10);

const DUCKLAKE_TABLES: &str = include_str!("ducklake.sql");
const ONEFOLD_TABLES: &str = include_str!("onefold.sql");

/// Opens the catalogue for writing and creates it where there is none.
pub(crate) fn open(folder: &Path, data: &Path, files: &dyn FileSystem) -> Result<Connection, LakeError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(folder.join(CATALOGUE), flags)?;
    connection.busy_timeout(BUSY)?;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        if mode != "wal" {
            return Err(Failure::state(format!(
                "the disk of {} cannot hold the lake's catalogue: it lacks what write-ahead logging needs",
                folder.display()
            ))
            .hint("put the state root on a local disk, not on a network share")
            .into());
        }
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    let data_path = data_path(data)?;
    if !exists(&connection)? {
        create(&mut connection, &data_path, files)?;
    }
    check_form(&connection)?;
    follow_move(&mut connection, &data_path, files)?;
    Ok(connection)
}

/// Opens the catalogue for reading only.
pub(crate) fn open_read_only(folder: &Path) -> Result<Connection, LakeError> {
    let path = folder.join(CATALOGUE);
    let nothing = || {
        Failure::state(format!("there is no lake at {}", folder.display()))
            .hint("publish a first release with `onefold run PIPELINE`, or name the right state root")
    };
    if !path.is_file() {
        return Err(nothing().into());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags)?;
    connection.busy_timeout(BUSY)?;
    let connection = match exists(&connection) {
        Ok(true) => connection,
        Ok(false) => return Err(nothing().into()),
        Err(error) if cannot_write(&error) => open_immutable(folder, error)?,
        Err(error) => return Err(error),
    };
    check_form(&connection)?;
    Ok(connection)
}

fn cannot_write(error: &LakeError) -> bool {
    let LakeError::Catalogue(error) = error else { return false };
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

/// Opens a catalogue on a medium that cannot be written. SQLite wants a shared-memory file beside a write-ahead log;
/// where it cannot make one and nothing lies in a log, the main file alone is the truth.
fn open_immutable(folder: &Path, error: LakeError) -> Result<Connection, LakeError> {
    let log = folder.join(format!("{CATALOGUE}-wal"));
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Err(error);
    }
    let name = folder.join(CATALOGUE).to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?;
    if exists(&connection)? { Ok(connection) } else { Err(error) }
}

fn exists(connection: &Connection) -> Result<bool, LakeError> {
    let sql = "SELECT count(*) FROM sqlite_master WHERE name IN ('ducklake_metadata', 'onefold_release')";
    Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 2)
}

fn check_form(connection: &Connection) -> Result<(), LakeError> {
    let form: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let sql = "SELECT value FROM ducklake_metadata WHERE key = 'version'";
    let version: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    if form == FORM && version.as_deref() == Some("1.0") {
        return Ok(());
    }
    Err(Failure::state(format!(
        "the lake's catalogue has form {form} of DuckLake {}, and this program writes form {FORM} of DuckLake 1.0",
        version.as_deref().unwrap_or("unknown")
    ))
    .hint("use the version of onefold that wrote it, or a newer one")
    .into())
}

fn create(connection: &mut Connection, data_path: &str, files: &dyn FileSystem) -> Result<(), LakeError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another program may have been first while we waited.
    if exists(&transaction)? {
        return Ok(());
    }
    transaction.execute_batch(DUCKLAKE_TABLES)?;
    transaction.execute_batch(ONEFOLD_TABLES)?;
    transaction.execute(
        "INSERT INTO ducklake_schema VALUES (0, ?1, 0, NULL, 'main', 'main/', 1)",
        [uuid(&["schema", "main", "0"])],
    )?;
    transaction.execute("INSERT INTO ducklake_metadata VALUES ('data_path', ?1, NULL, NULL)", [data_path])?;
    transaction.pragma_update(None, "user_version", FORM)?;
    commit(transaction, files, "catalogue")
}

/// Writes the data path anew after the state root was moved, so that DuckDB finds the files without being told.
fn follow_move(connection: &mut Connection, data_path: &str, files: &dyn FileSystem) -> Result<(), LakeError> {
    let sql = "SELECT value FROM ducklake_metadata WHERE key = 'data_path'";
    let written: String = connection.query_row(sql, [], |row| row.get(0))?;
    // Another name of the same folder (a link) is no move.
    let place = |path: &str| std::fs::canonicalize(path).ok();
    if written == data_path || place(&written).is_some_and(|there| place(data_path) == Some(there)) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path'", [data_path])?;
    commit(transaction, files, "data path")
}

/// Commits between the two calls that tests stop at.
pub(crate) fn commit(transaction: Transaction<'_>, files: &dyn FileSystem, what: &str) -> Result<(), LakeError> {
    let path = transaction.path().map(PathBuf::from).unwrap_or_default();
    files.commit(FileOperation::BeforeCommit, what).map_err(file_error(&path, "committed"))?;
    transaction.commit()?;
    files.commit(FileOperation::AfterCommit, what).map_err(file_error(&path, "closed after its commit"))
}

/// DuckDB wants the data folder absolute and with a slash at its end.
fn data_path(data: &Path) -> Result<String, LakeError> {
    let absolute = std::path::absolute(data).map_err(file_error(data, "found"))?;
    match absolute.to_str() {
        Some(text) => Ok(format!("{text}/")),
        None => Err(Failure::usage(format!("the state root's path {} is not valid UTF-8", absolute.display()))
            .hint("name a state root whose path is plain text")
            .into()),
    }
}

/// A UUID of version 8 from names alone: two runs over the same input write the same catalogue.
pub(crate) fn uuid(names: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for name in names {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
    }
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use onefold_contract::file_system::Disk;

    #[test]
    fn a_medium_that_cannot_be_written_is_read_where_no_log_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(folder.path(), &folder.path().join(DATA), &Disk).unwrap();
        let refused = || LakeError::from(Failure::state("the medium cannot be written"));
        // While a writer is there, its log holds what the main file does not.
        connection.execute("UPDATE ducklake_metadata SET value = 'x' WHERE key = 'created_by'", []).unwrap();
        assert!(open_immutable(folder.path(), refused()).is_err());
        drop(connection);
        let connection = open_immutable(folder.path(), refused()).unwrap();
        let sql = "SELECT value FROM ducklake_metadata WHERE key = 'created_by'";
        let value: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(value, "x");
    }

    #[test]
    fn a_catalogue_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join(DATA);
        open(folder.path(), &data, &Disk).unwrap().pragma_update(None, "user_version", FORM + 1).unwrap();
        for outcome in [open(folder.path(), &data, &Disk), open_read_only(folder.path())] {
            let failure = Failure::from(outcome.unwrap_err());
            assert!(failure.message.contains("has form 2"), "{failure}");
        }
    }

    #[test]
    fn a_file_that_is_no_catalogue_is_named_as_damage() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CATALOGUE), "no database at all, but longer than a header".repeat(9))
            .unwrap();
        for outcome in [open(folder.path(), &folder.path().join(DATA), &Disk), open_read_only(folder.path())] {
            let failure = Failure::from(outcome.unwrap_err());
            assert_eq!(failure.kind, onefold_contract::FailureKind::State);
            assert!(failure.message.contains("is damaged"), "{failure}");
        }
    }

    #[test]
    fn a_uuid_is_a_function_of_its_names() {
        let one = uuid(&["table", "a"]);
        assert_eq!(one, uuid(&["table", "a"]));
        assert_ne!(one, uuid(&["tablea", ""]));
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&one[14..15], "8");
    }
}
