//! Building the mart: one SELECT after the other, each result made into its table before the next may read it.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, SchemaRef};
use chrono::NaiveDate;
use datafusion::prelude::SessionContext;
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Balance, Failure, Result};

use super::balance::{Sides, of_dimension, of_fact};
use super::bind::{BoundSelect, check, register, session};
use super::gate::{could_not_run, hold};
use super::plan::Planned;
use super::rows::{sorted, sorted_by, unique_keys};
use super::{MartPart, MartPlan, dimension};
use crate::query::words::SqlMistake;
use crate::spec::{MartTableKind, MartTableSpec};

/// A mart that was built and held against its checks.
#[derive(Debug, Clone)]
pub struct MartBuild {
    /// The tables in the order of building, each sorted by `sort_by` and then by all its columns.
    pub tables: Vec<(String, RecordBatch)>,
    /// One balance a fact or bridge; two a dimension, of its rows and of its members that hold now. Whether they close
    /// is for the caller to ask.
    pub balances: Vec<Balance>,
    /// What changed in the dimensions, a sentence each; empty when nothing did.
    pub notes: Vec<String>,
}

/// Builds the mart. `inputs` hold the current rows of the tables that the plan reads, lineage columns included;
/// `previous` holds the published mart tables, which give surrogate keys and versions their memory; `as_of` is the day
/// that new versions are valid from. The same arguments give the same tables, whatever the order of the inputs' rows.
///
/// # Errors
/// Usage: the plan does not fit the inputs' columns, a SELECT fails on its rows, `as_of` lies before the latest change
/// of a dimension that changes. Gate: a key on several rows or without a value, a check that found rows.
pub async fn build(
    plan: &MartPlan,
    mut inputs: BTreeMap<TableName, RecordBatch>,
    previous: BTreeMap<String, RecordBatch>,
    as_of: NaiveDate,
) -> Result<MartBuild> {
    let needed = plan.inputs();
    inputs.retain(|name, _| needed.contains(name));
    let schemas: BTreeMap<TableName, SchemaRef> =
        inputs.iter().map(|(name, rows)| (name.clone(), rows.schema())).collect();
    if let Err(mistakes) = check(plan, &schemas).await {
        let mut failure = Failure::usage("the mart's SQL does not fit the tables it reads");
        for mistake in mistakes {
            failure.details.push(mistake.to_string());
            failure.hints.extend(mistake.hint);
        }
        return Err(failure);
    }
    let context = session().map_err(SqlMistake::failure)?;
    for (name, rows) in &inputs {
        register(&context, name, &in_one_order(rows)?).map_err(SqlMistake::failure)?;
    }
    let mut build = MartBuild { tables: Vec::new(), balances: Vec::new(), notes: Vec::new() };
    for table in &plan.tables {
        let rows = run(&context, table, MartPart::Select, &table.select).await?;
        let published = previous.get(&table.spec.name);
        let finished = finish(&context, table, &rows, &inputs, published, as_of, &mut build).await?;
        let name = TableName::new(Layer::Mart, &table.spec.name);
        register(&context, &name, &finished).map_err(SqlMistake::failure)?;
        build.tables.push((table.spec.name.clone(), finished));
    }
    hold(&context, plan).await?;
    Ok(build)
}

async fn run(
    context: &SessionContext,
    table: &Planned,
    part: MartPart,
    sql: &crate::query::statement::Parsed,
) -> Result<RecordBatch> {
    let rows = async { BoundSelect::bind(context, sql).await?.rows(context).await }.await;
    rows.map_err(|mistake| could_not_run(&table.spec.name, part, mistake))
}

/// Makes a SELECT's rows into the table, with its balance.
async fn finish(
    context: &SessionContext,
    table: &Planned,
    rows: &RecordBatch,
    inputs: &BTreeMap<TableName, RecordBatch>,
    published: Option<&RecordBatch>,
    as_of: NaiveDate,
    build: &mut MartBuild,
) -> Result<RecordBatch> {
    let spec = &table.spec;
    unique_keys(&spec.name, rows, &spec.key)?;
    let sides =
        |finished, excluded| Sides { spec, inputs, published, selected: rows.num_rows() as u64, excluded, finished };
    if spec.kind == MartTableKind::Dimension {
        let grown = dimension::grow(spec, rows, published, as_of)?;
        let finished = sorted(&grown.batch, &spec.sort_by)?;
        build.balances.extend(of_dimension(&sides(&finished, 0), &grown)?);
        build.notes.extend(note(spec, &grown.members));
        return Ok(finished);
    }
    let finished = sorted(rows, &spec.sort_by)?;
    let excluded = match &table.excluded {
        None => 0,
        Some(sql) => excluded_rows(spec, &run(context, table, MartPart::ExcludedSql, sql).await?)?,
    };
    build.balances.push(of_fact(&sides(&finished, excluded))?);
    Ok(finished)
}

fn excluded_rows(spec: &MartTableSpec, counted: &RecordBatch) -> Result<u64> {
    let refused = || {
        Failure::usage(format!(
            "{}.toml, accounts_for.excluded_sql: the SELECT must give one row with one count",
            spec.name
        ))
        .hint("write SELECT count(*) AS excluded FROM ... WHERE ...")
    };
    if counted.num_rows() != 1 || counted.num_columns() != 1 {
        return Err(refused());
    }
    let counts = cast(counted.column(0), &DataType::Int64)?;
    let counts = counts.as_primitive::<Int64Type>();
    if counts.is_null(0) {
        return Err(refused());
    }
    u64::try_from(counts.value(0)).map_err(|_| refused())
}

fn note(spec: &MartTableSpec, members: &super::rows::Difference) -> Option<String> {
    let parts = [(members.inserted, "came"), (members.updated, "changed"), (members.deleted, "left")];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    (!told.is_empty()).then(|| format!("{}: {}", spec.name, told.join(", ")))
}

/// Rows in an order of their own: by source and source key where they have them, else by all columns. What an SQL
/// function makes of rows without an ORDER BY then does not depend on the order in which they arrived.
fn in_one_order(rows: &RecordBatch) -> Result<RecordBatch> {
    let lineage = [SOURCE, SOURCE_KEY];
    if lineage.iter().all(|name| rows.column_by_name(name).is_some()) {
        return sorted_by(rows, &lineage);
    }
    sorted(rows, &[])
}
