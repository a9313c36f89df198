//! How a draft becomes a release: data files first, then one transaction over the catalogue for all tables at once.
//!
//! The files are invisible until the transaction names them, and the transaction is SQLite's to make whole, so a
//! process that dies at any instruction leaves the previous release served. Files that a dead run left are used again
//! where the rows are the same and are otherwise strangers that nothing reads. Two writers are told apart twice: by
//! the fencing token of the run lock, and by the release they read from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use onefold_contract::file_system::FileSystem;
use onefold_contract::publisher::{Draft, Published};
use onefold_contract::table::Layer;
use onefold_contract::{Failure, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::catalogue::{commit, uuid};
use super::data_file::{FileEntry, ROWS_A_FILE, encode, file_name, place};
use super::error::{LakeError, file_error};
use super::plan::{Planned, Shape, plan};
use super::release::{digest_of, moment};
use super::state::{self, Column, TableState};

/// Publishes a draft, see [`onefold_contract::publisher::Publisher::publish`].
pub(crate) fn publish(
    connection: &mut Connection,
    data: &Path,
    files: &dyn FileSystem,
    draft: &Draft,
) -> Result<Published, LakeError> {
    check_turn(connection, draft)?;
    let there = match draft.base {
        Some(base) => state::tables(connection, base)?,
        None => Vec::new(),
    };
    let planned = plan_all(draft, &there)?;
    if planned.is_empty() && pins_stay(connection, draft)? {
        return Ok(Published::Unchanged(draft.base));
    }
    let mut written = Vec::with_capacity(planned.len());
    for table in &planned {
        written.push(write_files(data, files, table)?);
    }
    sync_layers(data, files, &planned)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Once more, now that nobody else can write.
    check_turn(&transaction, draft)?;
    let id = insert_all(&transaction, draft, &planned, &written)?;
    commit(transaction, files, "release")?;
    Ok(Published::Release(id))
}

/// Refuses a run that is not the last to hold the run lock, and one that read another release than the head.
fn check_turn(connection: &Connection, draft: &Draft) -> Result<(), LakeError> {
    let sql = "SELECT run, fencing_token FROM onefold_release ORDER BY fencing_token DESC, snapshot_id DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?));
    if let Some((run, token)) = connection.query_row(sql, [], row).optional()?
        && token > draft.fencing_token
    {
        return Err(Failure::state(format!(
            "run {} lost the run lock: run {run} took it over and has published since (token {token} after {})",
            draft.run, draft.fencing_token
        ))
        .hint("nothing was published; start the run again")
        .into());
    }
    let head = state::head(connection)?;
    if head != draft.base {
        let name = |release: Option<u64>| release.map_or("no release".to_string(), |id| format!("release {id}"));
        return Err(Failure::state(format!(
            "run {} read from {}, but {} was published meanwhile",
            draft.run,
            name(draft.base),
            name(head)
        ))
        .hint("nothing was published; start the run again")
        .into());
    }
    Ok(())
}

fn plan_all(draft: &Draft, there: &[TableState]) -> Result<Vec<Planned>, LakeError> {
    let mut seen = BTreeSet::new();
    let mut planned = Vec::new();
    for (name, change) in &draft.tables {
        // Schemas and tables are told apart without case, as DuckDB does.
        if !seen.insert((name.layer, name.name.to_lowercase())) {
            return Err(Failure::usage(format!("table {name} would be published twice in one release"))
                .hint("give one of the two tables another name")
                .into());
        }
        let twin = there.iter().find(|t| t.name.layer == name.layer && t.name.name.eq_ignore_ascii_case(&name.name));
        if let Some(twin) = twin.filter(|twin| &twin.name != name) {
            return Err(Failure::usage(format!(
                "table {name} and the published table {} differ in case alone",
                twin.name
            ))
            .hint("SQL takes both for one table; give the new one another name")
            .into());
        }
        planned.extend(plan(name, change, twin)?);
    }
    planned.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(planned)
}

/// Whether the draft pins what its base pins. What extractors remember may move on without a release of its own.
fn pins_stay(connection: &Connection, draft: &Draft) -> Result<bool, LakeError> {
    let Some(base) = draft.base else { return Ok(true) };
    let sql = "SELECT epoch, dictionary, identity FROM onefold_release WHERE snapshot_id = ?1";
    let pinned: (String, String, u64) =
        connection.query_row(sql, [base], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(pinned == (draft.pins.epoch.clone(), draft.pins.dictionary.clone(), draft.pins.identity))
}

/// Writes the rows of one table into as many files as they need; none for no rows.
fn write_files(data: &Path, files: &dyn FileSystem, table: &Planned) -> Result<Vec<FileEntry>, LakeError> {
    let folder = data.join(table.name.layer.name()).join(file_name(&table.name.name));
    let ids: Vec<i64> = table.columns.iter().map(|c| c.id).collect();
    let mut written = Vec::new();
    for start in (0..table.rows.num_rows()).step_by(ROWS_A_FILE) {
        if start == 0 {
            files.create_folder(&folder).map_err(file_error(&folder, "created"))?;
        }
        let rows = table.rows.slice(start, ROWS_A_FILE.min(table.rows.num_rows() - start));
        let file = encode(&table.name.name, &rows, &ids)?;
        place(files, &folder, &file)?;
        written.push(file.entry);
    }
    Ok(written)
}

/// Makes the names of the tables' folders durable. Always, not only when they are new: the run that made them may have
/// been killed before it came here.
fn sync_layers(data: &Path, files: &dyn FileSystem, planned: &[Planned]) -> Result<(), LakeError> {
    let layers: BTreeSet<Layer> = planned.iter().filter(|t| t.rows.num_rows() > 0).map(|t| t.name.layer).collect();
    for folder in layers.iter().map(|layer| data.join(layer.name())) {
        files.sync_folder(&folder).map_err(file_error(&folder, "synced"))?;
    }
    if layers.is_empty() { Ok(()) } else { files.sync_folder(data).map_err(file_error(data, "synced")) }
}

/// The counters of the catalogue as this release moves them.
struct Counters {
    release: u64,
    schema_version: i64,
    next_catalog_id: i64,
    next_file_id: i64,
}

/// What the release did, in the words of the specification, by kind in the order DuckDB lists them.
#[derive(Default)]
struct Changes {
    dropped: Vec<String>,
    schemas: Vec<String>,
    created: Vec<String>,
    inserted: Vec<String>,
    deleted: Vec<String>,
    altered: Vec<String>,
}

fn insert_all(
    transaction: &Transaction<'_>,
    draft: &Draft,
    planned: &[Planned],
    written: &[Vec<FileEntry>],
) -> Result<u64, LakeError> {
    let sql = "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id FROM ducklake_snapshot
               ORDER BY snapshot_id DESC LIMIT 1";
    let mut counters = transaction.query_row(sql, [], |row| {
        Ok(Counters {
            release: row.get::<_, u64>(0)? + 1,
            schema_version: row.get(1)?,
            next_catalog_id: row.get(2)?,
            next_file_id: row.get(3)?,
        })
    })?;
    let new_columns = |shape: &Shape| !matches!(shape, Shape::Keep { new_columns: 0, .. });
    counters.schema_version += i64::from(planned.iter().any(|t| new_columns(&t.shape)));
    let mut changes = Changes::default();
    let schemas = insert_schemas(transaction, &mut counters, &mut changes, planned)?;
    let carried = "INSERT INTO onefold_table
                   SELECT ?1, table_id, layer, name, kind, rows, files, bytes, digest, content_sum, 0
                   FROM onefold_table WHERE snapshot_id = ?2";
    transaction.execute(carried, params![counters.release, draft.base.unwrap_or(0)])?;
    for (table, files) in planned.iter().zip(written) {
        let schema = schemas.get(&table.name.layer).copied().unwrap_or_default();
        insert_table(transaction, &mut counters, &mut changes, schema, table, files)?;
    }
    insert_release(transaction, &counters, &changes, draft)?;
    Ok(counters.release)
}

/// The schema of every layer that the draft touches, created where it is not there yet.
fn insert_schemas(
    transaction: &Transaction<'_>,
    counters: &mut Counters,
    changes: &mut Changes,
    planned: &[Planned],
) -> Result<BTreeMap<Layer, i64>, LakeError> {
    let mut schemas = BTreeMap::new();
    for layer in planned.iter().map(|t| t.name.layer).collect::<BTreeSet<_>>() {
        let sql = "SELECT schema_id FROM ducklake_schema WHERE schema_name = ?1 AND end_snapshot IS NULL";
        let there: Option<i64> = transaction.query_row(sql, [layer.name()], |row| row.get(0)).optional()?;
        let id = match there {
            Some(id) => id,
            None => begin_schema(transaction, counters, changes, layer.name())?,
        };
        schemas.insert(layer, id);
    }
    Ok(schemas)
}

fn begin_schema(
    transaction: &Transaction<'_>,
    counters: &mut Counters,
    changes: &mut Changes,
    name: &str,
) -> Result<i64, LakeError> {
    let id = counters.catalog_id();
    transaction.execute(
        "INSERT INTO ducklake_schema VALUES (?1, ?2, ?3, NULL, ?4, ?5, 1)",
        params![id, uuid(&["schema", name, &id.to_string()]), counters.release, name, format!("{name}/")],
    )?;
    changes.schemas.push(quoted(name));
    Ok(id)
}

fn insert_table(
    transaction: &Transaction<'_>,
    counters: &mut Counters,
    changes: &mut Changes,
    schema: i64,
    table: &Planned,
    files: &[FileEntry],
) -> Result<(), LakeError> {
    let id = match table.shape {
        Shape::Begin { ended } => {
            if let Some(ended) = ended {
                end_table(transaction, counters, ended)?;
                changes.dropped.push(ended.to_string());
            }
            let id = begin_table(transaction, counters, schema, table)?;
            changes.created.push(format!("{}.{}", quoted(table.name.layer.name()), quoted(&table.name.name)));
            id
        }
        Shape::Keep { id, new_columns } => {
            insert_columns(transaction, counters, id, &table.columns, table.columns.len() - new_columns)?;
            if new_columns > 0 {
                changes.altered.push(id.to_string());
            }
            if table.retire && retire_files(transaction, counters, id)? > 0 {
                changes.deleted.push(id.to_string());
            }
            id
        }
    };
    if !files.is_empty() {
        changes.inserted.push(id.to_string());
    }
    insert_files(transaction, counters, id, files)?;
    insert_summary(transaction, counters, id, table)
}

fn end_table(transaction: &Transaction<'_>, counters: &Counters, id: i64) -> Result<(), LakeError> {
    for table in ["ducklake_table", "ducklake_column"] {
        let sql = format!("UPDATE {table} SET end_snapshot = ?1 WHERE table_id = ?2 AND end_snapshot IS NULL");
        transaction.execute(&sql, params![counters.release, id])?;
    }
    retire_files(transaction, counters, id).map(drop)
}

fn begin_table(
    transaction: &Transaction<'_>,
    counters: &mut Counters,
    schema: i64,
    table: &Planned,
) -> Result<i64, LakeError> {
    let id = counters.catalog_id();
    transaction.execute(
        "INSERT INTO ducklake_table VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?6, 1)",
        params![
            id,
            uuid(&["table", table.name.layer.name(), &table.name.name, &id.to_string()]),
            counters.release,
            schema,
            table.name.name,
            format!("{}/", file_name(&table.name.name)),
        ],
    )?;
    insert_columns(transaction, counters, id, &table.columns, 0)?;
    Ok(id)
}

/// Inserts the columns from the place `first` on, and the version of the schema where there are any.
fn insert_columns(
    transaction: &Transaction<'_>,
    counters: &Counters,
    table: i64,
    columns: &[Column],
    first: usize,
) -> Result<(), LakeError> {
    let sql =
        "INSERT INTO ducklake_column VALUES (?1, ?2, NULL, ?3, ?4, ?5, ?6, NULL, 'NULL', 1, NULL, 'literal', 'duckdb')";
    let mut statement = transaction.prepare_cached(sql)?;
    for (place, column) in columns.iter().enumerate().skip(first) {
        let order = place as i64 + 1;
        statement.execute(params![column.id, counters.release, table, order, column.name, column.type_name])?;
    }
    if first < columns.len() {
        let sql = "INSERT INTO ducklake_schema_versions VALUES (?1, ?2, ?3)";
        transaction.execute(sql, params![counters.release, counters.schema_version, table])?;
    }
    Ok(())
}

fn retire_files(transaction: &Transaction<'_>, counters: &Counters, table: i64) -> Result<usize, LakeError> {
    let sql = "UPDATE ducklake_data_file SET end_snapshot = ?1 WHERE table_id = ?2 AND end_snapshot IS NULL";
    Ok(transaction.execute(sql, params![counters.release, table])?)
}

fn insert_files(
    transaction: &Transaction<'_>,
    counters: &mut Counters,
    table: i64,
    files: &[FileEntry],
) -> Result<(), LakeError> {
    let sql = "SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?1";
    let there: Option<u64> = transaction.query_row(sql, [table], |row| row.get(0)).optional()?;
    let mut next_row = there.unwrap_or(0);
    for file in files {
        let id = counters.next_file_id;
        counters.next_file_id += 1;
        transaction.execute(
            "INSERT INTO ducklake_data_file
             VALUES (?1, ?2, ?3, NULL, NULL, ?4, 1, 'parquet', ?5, ?6, ?7, ?8, NULL, NULL, NULL, NULL)",
            params![id, table, counters.release, file.name, file.rows, file.bytes, file.footer, next_row],
        )?;
        transaction.execute("INSERT INTO onefold_data_file VALUES (?1, ?2)", params![id, file.blake3])?;
        let sql = "INSERT INTO ducklake_file_column_stats VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL, NULL, NULL)";
        let mut statement = transaction.prepare_cached(sql)?;
        for column in &file.columns {
            statement.execute(params![id, table, column.id, column.bytes, column.values, column.nulls])?;
        }
        next_row += file.rows;
    }
    // What is there now, not what ever was: other programs plan by it.
    let sql = "SELECT coalesce(sum(record_count), 0), coalesce(sum(file_size_bytes), 0) FROM ducklake_data_file
               WHERE table_id = ?1 AND end_snapshot IS NULL";
    let (rows, bytes): (u64, u64) = transaction.query_row(sql, [table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = if there.is_some() {
        "UPDATE ducklake_table_stats SET record_count = ?2, next_row_id = ?3, file_size_bytes = ?4 WHERE table_id = ?1"
    } else {
        "INSERT INTO ducklake_table_stats VALUES (?1, ?2, ?3, ?4)"
    };
    transaction.execute(sql, params![table, rows, next_row, bytes])?;
    Ok(())
}

fn insert_summary(
    transaction: &Transaction<'_>,
    counters: &Counters,
    id: i64,
    table: &Planned,
) -> Result<(), LakeError> {
    let sql = "SELECT coalesce(sum(record_count), 0), count(*), coalesce(sum(file_size_bytes), 0)
               FROM ducklake_data_file WHERE table_id = ?1 AND end_snapshot IS NULL";
    let counted: (u64, u64, u64) =
        transaction.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if counted.0 != table.sum.rows() {
        return Err(Failure::bug(format!(
            "the files of table {} hold {} rows, but {} were digested",
            table.name,
            counted.0,
            table.sum.rows()
        ))
        .into());
    }
    transaction.execute(
        "INSERT OR REPLACE INTO onefold_table VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)",
        params![
            counters.release,
            id,
            table.name.layer.name(),
            table.name.name,
            table.kind.name(),
            counted.0,
            counted.1,
            counted.2,
            table.digest,
            table.sum.to_text(),
        ],
    )?;
    Ok(())
}

fn insert_release(
    transaction: &Transaction<'_>,
    counters: &Counters,
    changes: &Changes,
    draft: &Draft,
) -> Result<(), LakeError> {
    let time = moment(draft.started_at)?.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string();
    let release = counters.release;
    transaction.execute(
        "INSERT INTO ducklake_snapshot VALUES (?1, ?2, ?3, ?4, ?5)",
        params![release, time, counters.schema_version, counters.next_catalog_id, counters.next_file_id],
    )?;
    let message = format!("run {} of pipeline {}", draft.run, draft.pipeline);
    transaction.execute(
        "INSERT INTO ducklake_snapshot_changes VALUES (?1, ?2, 'onefold', ?3, NULL)",
        params![release, changes.text(), message],
    )?;
    let tables = state::tables(transaction, release)?;
    let digest = digest_of(tables.iter().map(|t| (t.name.to_string(), t.digest.as_str())));
    transaction.execute(
        "INSERT INTO onefold_release VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            release,
            draft.run,
            draft.pipeline,
            draft.started_at,
            draft.fencing_token,
            draft.pins.epoch,
            draft.pins.dictionary,
            draft.pins.identity,
            draft.pins.extractors.to_string(),
            draft.balance.to_string(),
            digest,
        ],
    )?;
    Ok(())
}

impl Counters {
    fn catalog_id(&mut self) -> i64 {
        self.next_catalog_id += 1;
        self.next_catalog_id - 1
    }
}

impl Changes {
    fn text(&self) -> String {
        let kinds = [
            ("dropped_table", &self.dropped),
            ("created_schema", &self.schemas),
            ("created_table", &self.created),
            ("inserted_into_table", &self.inserted),
            ("deleted_from_table", &self.deleted),
            ("altered_table", &self.altered),
        ];
        let words = kinds.iter().flat_map(|(kind, what)| what.iter().map(move |what| format!("{kind}:{what}")));
        words.collect::<Vec<_>>().join(",")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn changes_read_as_duckdb_writes_them() {
        let changes = Changes {
            schemas: vec![quoted("mart")],
            created: vec![format!("{}.{}", quoted("mart"), quoted("a\"b"))],
            inserted: vec!["4".into(), "5".into()],
            ..Changes::default()
        };
        let text = r#"created_schema:"mart",created_table:"mart"."a""b",inserted_into_table:4,inserted_into_table:5"#;
        assert_eq!(changes.text(), text);
    }
}
