//! What the catalogue says: the head, the tables of a release, their columns and files.

use std::collections::BTreeMap;

use arrow::datatypes::{Field, Schema, SchemaRef};
use onefold_contract::Failure;
use onefold_contract::table::{Layer, TableName};
use rusqlite::{Connection, Row, params};
use serde::Serialize;
use std::sync::Arc;

use super::error::LakeError;
use super::types::arrow_type;
use crate::digest::ContentSum;

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Changes of records, the lineage columns first; the records that are there now are what the changes leave.
    Changes,
    /// Rows that stand for themselves.
    Rows,
}

impl TableKind {
    /// The kind's word in the catalogue.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Rows => "rows",
        }
    }

    /// The kind that a schema shows.
    pub fn of(schema: &Schema) -> Self {
        let lineage = onefold_contract::change::LINEAGE;
        let names = schema.fields().iter().map(|f| f.name().as_str());
        if names.take(lineage.len()).eq(lineage) { Self::Changes } else { Self::Rows }
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// The name of its type in the catalogue.
    pub(crate) type_name: String,
}

/// A table as one release has it.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    pub(crate) id: i64,
    pub(crate) name: TableName,
    pub(crate) kind: TableKind,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: u64,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) digest: String,
    pub(crate) sum: ContentSum,
    pub(crate) changed: bool,
}

impl TableState {
    /// The Arrow schema of the table.
    pub(crate) fn schema(&self) -> Result<SchemaRef, LakeError> {
        let field = |column: &Column| match arrow_type(&column.type_name) {
            Some(data_type) => Ok(Field::new(&column.name, data_type, true)),
            None => Err(foreign(&format!(
                "column {} of table {} has the type {}, which this program does not write",
                column.name, self.name, column.type_name
            ))),
        };
        Ok(Arc::new(Schema::new(self.columns.iter().map(field).collect::<Result<Vec<_>, _>>()?)))
    }
}

/// A data file of a table.
#[derive(Debug, Clone)]
pub(crate) struct FileState {
    /// The path below the folder of data files.
    pub(crate) path: String,
    pub(crate) rows: u64,
}

/// Something in the catalogue that is not ours.
pub(crate) fn foreign(what: &str) -> LakeError {
    Failure::state(format!("the lake's catalogue was changed by another program: {what}"))
        .hint("restore the state root from a backup; let other programs attach the lake for reading only")
        .into()
}

/// The newest release.
pub(crate) fn head(connection: &Connection) -> Result<Option<u64>, LakeError> {
    let newest = |table: &str| {
        connection.query_row(&format!("SELECT max(snapshot_id) FROM {table}"), [], |row| row.get::<_, Option<u64>>(0))
    };
    let (release, snapshot) = (newest("onefold_release")?, newest("ducklake_snapshot")?);
    if release.unwrap_or(0) != snapshot.unwrap_or(0) {
        return Err(foreign(&format!("snapshot {} is no release", snapshot.unwrap_or(0))));
    }
    Ok(release)
}

/// All releases, oldest first.
pub(crate) fn release_ids(connection: &Connection) -> Result<Vec<u64>, LakeError> {
    let mut statement = connection.prepare("SELECT snapshot_id FROM onefold_release ORDER BY snapshot_id")?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

/// The tables of a release, by name.
pub(crate) fn tables(connection: &Connection, release: u64) -> Result<Vec<TableState>, LakeError> {
    let mut columns = columns(connection, release)?;
    let sql = "SELECT table_id, layer, name, kind, rows, files, bytes, digest, content_sum, changed
               FROM onefold_table WHERE snapshot_id = ?1";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([release])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        let mut table = table(row)?;
        table.columns = columns.remove(&table.id).unwrap_or_default();
        tables.push(table);
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tables)
}

fn table(row: &Row<'_>) -> Result<TableState, LakeError> {
    let (layer, name): (String, String) = (row.get(1)?, row.get(2)?);
    let (kind, sum): (String, String) = (row.get(3)?, row.get(8)?);
    let Some(layer) = Layer::ALL.into_iter().find(|l| l.name() == layer) else {
        return Err(foreign(&format!("table {name} stands in schema {layer}, which is no layer")));
    };
    let Some(sum) = ContentSum::from_text(&sum) else {
        return Err(foreign(&format!("table {name} has the content sum {sum:?}")));
    };
    Ok(TableState {
        id: row.get(0)?,
        name: TableName::new(layer, name),
        kind: if kind == TableKind::Changes.name() { TableKind::Changes } else { TableKind::Rows },
        columns: Vec::new(),
        rows: row.get(4)?,
        files: row.get(5)?,
        bytes: row.get(6)?,
        digest: row.get(7)?,
        sum,
        changed: row.get(9)?,
    })
}

/// The columns of every table that there is in a release, by the table's id, in their order.
fn columns(connection: &Connection, release: u64) -> Result<BTreeMap<i64, Vec<Column>>, LakeError> {
    let sql = "SELECT table_id, column_id, column_name, column_type FROM ducklake_column
               WHERE begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1) AND parent_column IS NULL
               ORDER BY table_id, column_order";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([release])?;
    let mut columns: BTreeMap<i64, Vec<Column>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let column = Column { id: row.get(1)?, name: row.get(2)?, type_name: row.get(3)? };
        columns.entry(row.get(0)?).or_default().push(column);
    }
    Ok(columns)
}

/// The data files of a table in a release, in the order they were published.
pub(crate) fn files(connection: &Connection, table: &TableState, release: u64) -> Result<Vec<FileState>, LakeError> {
    let sql = "SELECT s.path || t.path || f.path, f.record_count
               FROM ducklake_data_file f JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
               WHERE f.table_id = ?1 AND f.begin_snapshot <= ?2 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?2)
               ORDER BY f.data_file_id";
    let mut statement = connection.prepare(sql)?;
    let file = |row: &Row<'_>| Ok(FileState { path: row.get(0)?, rows: row.get(1)? });
    let files = statement.query_map(params![table.id, release], file)?.collect::<Result<Vec<_>, _>>()?;
    let rows: u64 = files.iter().map(|f| f.rows).sum();
    if rows != table.rows {
        return Err(foreign(&format!("the files of table {} hold {rows} rows, not {}", table.name, table.rows)));
    }
    Ok(files)
}
