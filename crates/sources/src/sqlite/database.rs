//! A SQLite database, opened so that nothing of it can change: read-only, in one read transaction, and without the files
//! that SQLite would make beside it.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use onefold_contract::{Failure, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::suggest;

/// How long a writer may hold the database before we give up.
const PATIENCE: Duration = Duration::from_secs(3);
/// How every SQLite database begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// One table of an open database, as it was when the transaction began.
pub(super) struct Database {
    connection: Connection,
    source: String,
    path: String,
    /// The statement that reads the rows in their order.
    query: String,
    columns: Vec<String>,
    /// The file as it was, where it is read without locks.
    unlocked: Option<Metadata>,
}

impl Database {
    /// Opens a database, begins its read transaction and looks the table up.
    ///
    /// # Errors
    /// A source failure that says what the file is or which table may be meant.
    pub(super) fn open(source: &str, path: &str, table: &str) -> Result<Self> {
        let journal = check_file(source, path)?;
        let (uri, unlocked) = address(source, path, journal)?;
        let failed = |e: rusqlite::Error| unreadable(source, path, &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(uri, flags).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        // The transaction's snapshot is taken by the first read in it.
        connection.execute_batch("BEGIN; SELECT count(*) FROM main.sqlite_schema;").map_err(failed)?;
        let table = find_table(&connection, source, path, table)?;
        let query = table.query(&connection).map_err(failed)?;
        let columns: Vec<String> = {
            let statement = connection.prepare(&query).map_err(failed)?;
            statement.column_names().into_iter().map(str::to_string).collect()
        };
        let database = Self { connection, source: source.into(), path: path.into(), query, columns, unlocked };
        database.check_columns(&table.name)?;
        Ok(database)
    }

    /// The names of the table's columns.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The statement that reads all rows in order.
    ///
    /// # Errors
    /// A source failure, where SQLite refuses it.
    pub(super) fn rows(&self) -> Result<rusqlite::Statement<'_>> {
        self.connection.prepare(&self.query).map_err(|e| self.failed(&e))
    }

    /// What SQLite says, in words.
    pub(super) fn failed(&self, error: &rusqlite::Error) -> Failure {
        unreadable(&self.source, &self.path, error)
    }

    /// The failure of a database that does not hold still.
    pub(super) fn changed(&self) -> Failure {
        Failure::source(format!("{} of source {} changed while it was being landed", self.path, self.source))
            .hint("run again when nobody writes to it")
    }

    /// Holds a file that is read without locks against what it was.
    ///
    /// # Errors
    /// A source failure, where it changed.
    pub(super) fn unchanged(&self) -> Result<()> {
        let Some(before) = &self.unlocked else { return Ok(()) };
        let same = fs::metadata(&self.path)
            .is_ok_and(|after| after.len() == before.len() && after.modified().ok() == before.modified().ok());
        if same { Ok(()) } else { Err(self.changed()) }
    }

    fn check_columns(&self, table: &str) -> Result<()> {
        for (place, name) in self.columns.iter().enumerate() {
            if self.columns[..place].contains(name) {
                return Err(Failure::source(format!(
                    "{}, table {table}: two columns are called \"{name}\"",
                    self.path
                ))
                .hint("give one of them another name in the view"));
            }
        }
        Ok(())
    }
}

/// How a database keeps what is not yet committed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Journal {
    Rollback,
    WriteAhead,
}

/// Looks at the file before SQLite does: SQLite would make a missing file, and would call an empty one a database.
fn check_file(source: &str, path: &str) -> Result<Journal> {
    let failed = |e: std::io::Error| Failure::source(format!("{path} of source {source} could not be read: {e}"));
    let mut start = [0; 20];
    let mut file = File::open(path).map_err(failed)?;
    let mut length = 0;
    while length < start.len() {
        match file.read(&mut start[length..]).map_err(failed)? {
            0 => break,
            read => length += read,
        }
    }
    if length == 0 {
        return Err(Failure::source(format!("{path} of source {source} is empty, so it is no SQLite database")));
    }
    if length < start.len() || !start.starts_with(MAGIC) {
        return Err(Failure::source(format!("{path} of source {source} is no SQLite database, or it is encrypted"))
            .hint("check the source's location and format; an encrypted database must be decrypted first"));
    }
    // Byte 19 of the header is the format's read version: 2 stands for a write-ahead log.
    Ok(if start[19] == 2 { Journal::WriteAhead } else { Journal::Rollback })
}

/// How SQLite is to open the file. A write-ahead log makes even a reader create files beside the database, unless they are
/// there already; so a database whose log is empty is read as one that does not change, and is held against its size and
/// time afterwards.
fn address(source: &str, path: &str, journal: Journal) -> Result<(String, Option<Metadata>)> {
    // Two slashes at the start would make the first folder a host.
    let uri = match path.strip_prefix("//") {
        Some(rest) => format!("file:/{}", percent_encoded(rest.trim_start_matches('/'))),
        None => format!("file:{}", percent_encoded(path)),
    };
    let log = fs::metadata(beside(path, "-wal"));
    let index = beside(path, "-shm").exists();
    if journal == Journal::Rollback || (log.is_ok() && index) {
        return Ok((uri, None));
    }
    if log.is_ok_and(|log| log.len() > 0) {
        return Err(Failure::source(format!(
            "{path} of source {source} has a write-ahead log ({path}-wal) whose changes are not yet in it, and reading them would write files beside it"
        ))
        .hint("open it once with the program that writes it, or run `PRAGMA wal_checkpoint(TRUNCATE)` on it"));
    }
    let unlocked =
        fs::metadata(path).map_err(|e| Failure::source(format!("{path} of source {source} could not be read: {e}")))?;
    Ok((format!("{uri}?immutable=1"), Some(unlocked)))
}

/// A path as part of a URI.
fn percent_encoded(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            uri.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
        uri
    })
}

fn beside(path: &str, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{path}{suffix}"))
}

/// A table or view.
struct Table {
    name: String,
    kind: String,
    without_rowid: bool,
}

impl Table {
    fn query(&self, connection: &Connection) -> rusqlite::Result<String> {
        let columns: Vec<(String, i64)> = connection
            .prepare("SELECT name, pk FROM pragma_table_xinfo(?1)")?
            .query_map([&self.name], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut query = format!("SELECT * FROM main.{}", quoted(&self.name));
        if self.without_rowid {
            let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, place)| *place > 0).collect();
            key.sort_by_key(|(_, place)| *place);
            let key: Vec<String> = key.iter().map(|(name, _)| quoted(name)).collect();
            query = format!("{query} ORDER BY {}", key.join(", "));
        } else if self.kind == "table" {
            let taken = |word: &&str| !columns.iter().any(|(name, _)| name.eq_ignore_ascii_case(word));
            if let Some(word) = ["_rowid_", "rowid", "oid"].into_iter().find(taken) {
                query = format!("{query} ORDER BY {word}");
            }
        }
        Ok(query)
    }
}

fn find_table(connection: &Connection, source: &str, path: &str, wanted: &str) -> Result<Table> {
    let failed = |e: rusqlite::Error| unreadable(source, path, &e);
    let mut statement = connection
        .prepare("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name")
        .map_err(failed)?;
    let tables = statement
        .query_map([], |row| Ok(Table { name: row.get(0)?, kind: row.get(1)?, without_rowid: row.get(2)? }))
        .and_then(|rows| rows.collect::<rusqlite::Result<Vec<Table>>>())
        .map_err(failed)?;
    let names: Vec<String> = tables.iter().map(|t| t.name.clone()).collect();
    if let Some(table) = tables.into_iter().find(|t| t.name.eq_ignore_ascii_case(wanted)) {
        return Ok(table);
    }
    let failure = Failure::source(format!("{path} of source {source} has no table or view \"{wanted}\""));
    Err(match suggest::did_you_mean(wanted, names.iter().map(String::as_str)) {
        Some(hint) => failure.hint(hint),
        None if names.is_empty() => failure.hint("the database has no tables at all"),
        None => failure.hint(format!("its tables are {}", suggest::list(&names))),
    })
}

/// A name as SQL writes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn unreadable(source: &str, path: &str, error: &rusqlite::Error) -> Failure {
    let what = format!("{path} of source {source}");
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let seconds = PATIENCE.as_secs();
            Failure::source(format!("{what} is locked by a writer, and was still locked after {seconds} seconds"))
                .hint("run again when the other program has finished writing")
        }
        Some(ErrorCode::NotADatabase) => Failure::source(format!("{what} is no SQLite database, or it is encrypted"))
            .hint("check the source's location; an encrypted database must be decrypted first"),
        Some(ErrorCode::DatabaseCorrupt) => Failure::source(format!("{what} is damaged: {error}"))
            .hint("restore it from a backup, or recover it with the sqlite3 shell's .recover"),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) if Path::new(&beside(path, "-journal")).exists() => {
            Failure::source(format!("{what} has an unfinished transaction that only a writer can roll back"))
                .hint("open it once with the program that writes it, and run again")
        }
        _ => Failure::source(format!("{what} could not be read: {error}")),
    }
}
