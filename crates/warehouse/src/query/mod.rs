//! SQL over the published mart: read-only, bounded, with errors in a user's words.
//!
//! A session sees the mart tables of one release and the catalogue (`information_schema`), nothing else: the tables
//! are registered one by one over the release's own files, and no folder or file name is ever resolved. A statement
//! must be a query by its syntax tree, its tables must be among those registered, and its plan must change nothing;
//! each of the three alone has been walked around elsewhere. The rejected alternative, the engine's default session,
//! reads and writes whatever file a query names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{DataFusionError, TableReference};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Failure, Result};

pub(crate) mod engine;
pub(crate) mod functions;
pub mod script;
pub(crate) mod statement;
pub(crate) mod words;

pub use words::{Place, sql_type};

use crate::lake::TableFiles;
use statement::Name;
use words::{SqlMistake, nearest};

/// The tables of the catalogue that a query may read; the engine's settings are not among them.
const CATALOGUE: [&str; 6] = ["tables", "views", "columns", "schemata", "routines", "parameters"];
const INFORMATION_SCHEMA: &str = "information_schema";

/// One table of a release, as its files.
#[derive(Debug, Clone)]
pub struct QueryTable {
    /// Its address; only tables of the layer mart are offered to queries.
    pub name: TableName,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its Parquet files, absolute paths; none for a table without rows.
    pub files: Vec<PathBuf>,
}

impl From<&TableFiles> for QueryTable {
    fn from(table: &TableFiles) -> Self {
        Self { name: table.name.clone(), schema: Arc::clone(&table.schema), files: table.files.clone() }
    }
}

/// What a query may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueryLimits {
    /// Rows of the result; further rows are not computed and [`QueryResult::truncated`] says so.
    pub max_rows: Option<usize>,
    /// Time for planning and running together; needs a runtime with a timer.
    pub timeout: Option<Duration>,
    /// Bytes that sorts, joins and groups of the session may hold; a query that needs more fails with a message.
    pub max_memory: Option<usize>,
}

/// The rows of a query.
#[derive(Debug, Clone)]
pub struct QueryResult {
    /// The columns; text is `Utf8`, whatever the engine calculated with.
    pub schema: SchemaRef,
    /// The rows, in the query's order.
    pub batches: Vec<RecordBatch>,
    /// Whether there are more rows than [`QueryLimits::max_rows`] let through.
    pub truncated: bool,
}

impl QueryResult {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// A read-only session over one release.
pub struct QuerySession {
    context: SessionContext,
    tables: BTreeMap<String, Offered>,
    limits: QueryLimits,
}

/// A table that a query may read.
struct Offered {
    schema: SchemaRef,
    files: Vec<PathBuf>,
}

impl std::fmt::Debug for QuerySession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuerySession")
            .field("tables", &self.tables.keys())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl QuerySession {
    /// Opens a session over the mart tables among `tables`; the others are left out. No file is read yet.
    ///
    /// # Errors
    /// A bug, should a table be refused by the engine (a name twice, a path that is no path).
    pub fn open(tables: &[QueryTable], limits: QueryLimits) -> Result<Self> {
        let config = engine::settings().with_information_schema(true);
        let context = engine::session(config, limits.max_memory).map_err(|e| SqlMistake::of(&e).failure())?;
        let mut offered = BTreeMap::new();
        for table in tables.iter().filter(|t| t.name.layer == Layer::Mart) {
            register(&context, table).map_err(|error| {
                Failure::bug(format!("the table {} could not be opened: {}", table.name, SqlMistake::of(&error)))
            })?;
            let there = Offered { schema: Arc::clone(&table.schema), files: table.files.clone() };
            offered.insert(table.name.name.clone(), there);
        }
        Ok(Self { context, tables: offered, limits })
    }

    /// The tables that a query may read, without their schema, sorted.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// The columns of a table, by its name without schema.
    pub fn schema(&self, table: &str) -> Option<&SchemaRef> {
        self.tables.get(table).map(|table| &table.schema)
    }

    /// Runs one query: SELECT, WITH, VALUES, EXPLAIN of these, DESCRIBE, SHOW TABLES or SHOW COLUMNS.
    ///
    /// # Errors
    /// Usage, in plain words: a syntax error with its place, a statement that would change something, an unknown table
    /// or column with the nearest name, a limit passed. State, where a file of the release cannot be read.
    pub async fn query(&self, sql: &str) -> Result<QueryResult> {
        let parsed = statement::parse(sql).map_err(SqlMistake::failure)?;
        if !statement::only_reads(&parsed.statement) {
            return Err(Failure::usage(format!(
                "queries are read-only: {} is refused",
                statement::kind_of(&parsed.statement)
            ))
            .hint("SELECT, WITH, VALUES, EXPLAIN, DESCRIBE, SHOW TABLES and SHOW COLUMNS are answered"));
        }
        for name in &parsed.tables {
            self.offered(name).map_err(SqlMistake::failure)?;
            self.files_are_there(name)?;
        }
        if let Some(answer) = self.of_the_catalogue(&parsed) {
            return answer;
        }
        // A task of its own: the time limit holds while the engine computes, and a panic in it ends the query alone.
        let work = run(self.context.clone(), parsed.statement, self.limits.max_rows);
        let finished = SpawnedTask::spawn(work).join();
        let finished = match self.limits.timeout {
            None => finished.await,
            Some(limit) => tokio::time::timeout(limit, finished).await.map_err(|_| out_of_time(limit))?,
        };
        let result = finished.map_err(|_| Failure::bug("the query engine stopped in the middle of the query"))?;
        result.map_err(|error| SqlMistake::of(&error).failure())
    }

    /// DESCRIBE and SHOW TABLES, from what is offered here: the engine's own answers hold its names of types, and tables
    /// that nobody may read.
    fn of_the_catalogue(&self, parsed: &statement::Parsed) -> Option<Result<QueryResult>> {
        let columns = match statement::asks_of_catalogue(&parsed.statement)? {
            statement::OfCatalogue::Tables => {
                let tables: Vec<&str> = self.tables().collect();
                vec![
                    ("table_schema", vec![Layer::Mart.name().to_string(); tables.len()]),
                    ("table_name", owned(&tables)),
                ]
            }
            statement::OfCatalogue::Columns => {
                let table = parsed.tables.first()?.parts.last()?;
                let fields = self.tables.get(table)?.schema.fields();
                let text = |of: fn(&Field) -> String| fields.iter().map(|field| of(field)).collect::<Vec<_>>();
                vec![("column_name", text(|f| f.name().clone())), ("data_type", text(|f| sql_type(f.data_type())))]
            }
        };
        Some(texts(columns))
    }

    /// The engine takes a file that is gone for a table that is shorter.
    fn files_are_there(&self, name: &Name) -> Result<()> {
        let table = name.parts.last().and_then(|table| self.tables.get(table));
        match table.into_iter().flat_map(|table| &table.files).find(|path| !path.is_file()) {
            Some(path) => Err(Failure::state(format!("the file {} of the release is gone", path.display()))
                .hint("run the pipeline again, or restore the state root from a backup")),
            None => Ok(()),
        }
    }

    fn offered(&self, name: &Name) -> Result<(), SqlMistake> {
        let known = match name.parts.as_slice() {
            [table] => self.tables.contains_key(table),
            [schema, table] | [_, schema, table] if schema == INFORMATION_SCHEMA => CATALOGUE.contains(&table.as_str()),
            [schema, table] => schema == Layer::Mart.name() && self.tables.contains_key(table),
            [catalog, schema, table] => {
                catalog == engine::CATALOG && schema == Layer::Mart.name() && self.tables.contains_key(table)
            }
            _ => false,
        };
        if known {
            return Ok(());
        }
        let mistake = SqlMistake::new(format!("there is no table `{}`", name.text())).at(name.place);
        let layers = Layer::ALL.iter().filter(|layer| **layer != Layer::Mart).map(|layer| layer.name());
        if name.parts.len() > 1 && layers.clone().any(|layer| layer == name.parts[0]) {
            return Err(
                mistake.hint(format!("queries see the mart only, not {}", layers.collect::<Vec<_>>().join(", ")))
            );
        }
        let wanted = name.parts.last().map_or("", String::as_str);
        Err(match nearest(wanted, self.tables()) {
            Some(near) => mistake.hint(format!("did you mean `{near}`?")),
            None if self.tables.is_empty() => mistake.hint("the release has no mart tables"),
            None => mistake.hint(format!("the tables are {}", self.tables().collect::<Vec<_>>().join(", "))),
        })
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Columns of text as an answer.
fn texts(columns: Vec<(&str, Vec<String>)>) -> Result<QueryResult> {
    let fields: Vec<Field> = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, false)).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, values)| Arc::new(StringArray::from(values)) as ArrayRef).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(QueryResult { schema, batches: vec![batch], truncated: false })
}

fn out_of_time(limit: Duration) -> Failure {
    Failure::usage(format!("the query was stopped after {} seconds", limit.as_secs_f64()))
        .hint("ask for less, or raise the time limit")
}

/// Plans and runs a statement that was found to read only; the plan is judged once more.
async fn run(
    context: SessionContext,
    statement: Statement,
    max_rows: Option<usize>,
) -> Result<QueryResult, DataFusionError> {
    let yields_rows = statement::is_query(&statement);
    let state = context.state();
    let plan = state.statement_to_plan(statement).await?;
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false).verify_plan(&plan)?;
    let mut frame = DataFrame::new(state, plan);
    let most = max_rows.unwrap_or(usize::MAX);
    if yields_rows && most < usize::MAX {
        // Told to the plan, so that a sort keeps only what is asked for; one row more shows that there are more.
        frame = frame.limit(0, Some(most + 1))?;
    }
    let mut stream = frame.execute_stream().await?;
    let schema = engine::plain_schema(&stream.schema());
    let (mut batches, mut rows, mut truncated) = (Vec::new(), 0, false);
    while let Some(batch) = stream.next().await {
        let batch = engine::cast_to(&batch?, &schema)?;
        let room = most - rows;
        truncated = batch.num_rows() > room;
        let batch = if truncated { batch.slice(0, room) } else { batch };
        rows += batch.num_rows();
        batches.push(batch);
        if truncated {
            break;
        }
    }
    Ok(QueryResult { schema, batches, truncated })
}

/// Registers a table over its files. Their sort order is not declared to the engine: the gain comes from the files'
/// statistics, and an order declared wrongly would give wrong rows without an error.
fn register(context: &SessionContext, table: &QueryTable) -> Result<(), DataFusionError> {
    let name = TableReference::partial(table.name.layer.name(), table.name.name.as_str());
    if table.files.is_empty() {
        let none = engine::table_in_memory(&RecordBatch::new_empty(Arc::clone(&table.schema)))?;
        context.register_table(name, none)?;
        return Ok(());
    }
    let paths = table.files.iter().map(|path| ListingTableUrl::parse(file_url(path)));
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("");
    let config = ListingTableConfig::new_with_multi_paths(paths.collect::<Result<Vec<_>, _>>()?)
        .with_listing_options(options)
        .with_schema(with_string_views(&table.schema));
    let cache = context.runtime_env().cache_manager.get_file_statistic_cache();
    context.register_table(name, Arc::new(ListingTable::try_new(config)?.with_cache(cache)))?;
    Ok(())
}

/// A path as a URL. Given a plain path, the engine would read `*`, `?` and `[` in it as a pattern.
fn file_url(path: &Path) -> String {
    let mut url = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

fn with_string_views(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let kind = if field.data_type() == &DataType::Utf8 { DataType::Utf8View } else { field.data_type().clone() };
        Field::new(field.name(), kind, field.is_nullable())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests;
