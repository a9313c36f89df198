//! Binding a plan to columns: every SELECT is planned over empty tables of the right schemas, so that `onefold check`
//! finds an unknown column or a wrong type before any data is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::arrow::array::RecordBatchOptions;
use datafusion::common::TableReference;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;
use onefold_contract::table::{Layer, TableName};

use super::dimension::finished_schema;
use super::plan::Planned;
use super::{MartMistake, MartPart, MartPlan};
use crate::query::engine;
use crate::query::statement::Parsed;
use crate::query::words::{SqlMistake, nearest};
use crate::spec::{AccountsFor, is_plain_name};

/// A session for mart SQL. One partition: sums of floating-point numbers and functions over rows without an ORDER BY
/// then meet the rows in one order, on one core or sixteen.
pub(super) fn session() -> Result<SessionContext, SqlMistake> {
    let context = engine::session(engine::settings().with_target_partitions(1), None);
    let context = context.map_err(|error| SqlMistake::of(&error))?;
    for layer in Layer::ALL {
        engine::add_schema(&context, layer.name()).map_err(|error| SqlMistake::of(&error))?;
    }
    Ok(context)
}

/// Makes a table known to a session.
pub(super) fn register(context: &SessionContext, name: &TableName, rows: &RecordBatch) -> Result<(), SqlMistake> {
    let table = engine::table_in_memory(rows).map_err(|error| SqlMistake::of(&error))?;
    let reference = TableReference::partial(name.layer.name(), name.name.as_str());
    context.register_table(reference, table).map(|_| ()).map_err(|error| SqlMistake::of(&error))
}

/// A SELECT, ready to run, and the schema that its rows are kept in.
pub(super) struct BoundSelect {
    physical: Arc<dyn ExecutionPlan>,
    pub(super) schema: SchemaRef,
}

impl BoundSelect {
    /// Binds a SELECT to the tables of a session.
    pub(super) async fn bind(context: &SessionContext, sql: &Parsed) -> Result<Self, SqlMistake> {
        let state = context.state();
        let logical = state.statement_to_plan(sql.statement.clone()).await.map_err(|e| SqlMistake::of(&e))?;
        let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        reading.verify_plan(&logical).map_err(|e| SqlMistake::of(&e))?;
        // The names were judged when the SQL was read; this catches what an operator or a rewrite brings in.
        if let Some(function) = unstable_function(&logical) {
            return Err(SqlMistake::new(format!("`{function}` gives another value on every run")));
        }
        let physical = state.create_physical_plan(&logical).await.map_err(|e| SqlMistake::of(&e))?;
        let schema = engine::kept_schema(&physical.schema());
        Ok(Self { physical, schema })
    }

    /// Runs it.
    pub(super) async fn rows(self, context: &SessionContext) -> Result<RecordBatch, SqlMistake> {
        let batches = collect(self.physical, context.task_ctx()).await.map_err(|e| SqlMistake::of(&e))?;
        let kept = batches.iter().map(|batch| engine::cast_to(batch, &self.schema)).collect::<Result<Vec<_>, _>>();
        let kept = kept.map_err(|e| SqlMistake::of(&e))?;
        let joined = if self.schema.fields().is_empty() {
            let rows = kept.iter().map(RecordBatch::num_rows).sum();
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(Arc::clone(&self.schema), Vec::new(), &options)
        } else {
            arrow::compute::concat_batches(&self.schema, &kept)
        };
        joined.map_err(|error| SqlMistake::new(format!("the rows do not fit together: {error}")))
    }
}

fn unstable_function(plan: &LogicalPlan) -> Option<String> {
    let mut found = None;
    // Visiting cannot fail, as the visitor does not.
    let _ = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|part| match part {
                Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => {
                    found = Some(call.func.name().to_string());
                    Ok(TreeNodeRecursion::Stop)
                }
                _ => Ok(TreeNodeRecursion::Continue),
            })
        })
    });
    found
}

/// Binds every SELECT, check and account of a plan to the columns of its inputs, without data. Gives the finished
/// tables' schemas, in the order of building.
///
/// # Errors
/// Every mistake at once: unknown columns, types that do not fit, columns without a meaning and meanings without a
/// column, keys, sort columns and control totals that name no column. What reads a table with a mistake is left
/// unjudged.
pub async fn check(
    plan: &MartPlan,
    inputs: &BTreeMap<TableName, SchemaRef>,
) -> Result<Vec<(String, SchemaRef)>, Vec<MartMistake>> {
    let everywhere = |mistake: SqlMistake| {
        plan.order().map(|table| MartMistake::of(table, MartPart::Select, mistake.clone())).collect::<Vec<_>>()
    };
    let context = session().map_err(everywhere)?;
    for (name, schema) in inputs {
        register(&context, name, &RecordBatch::new_empty(Arc::clone(schema))).map_err(everywhere)?;
    }
    let mut known: BTreeSet<TableName> = inputs.keys().cloned().collect();
    let (mut mistakes, mut schemas) = (Vec::new(), Vec::new());
    for table in &plan.tables {
        let spec = &table.spec;
        let absent: Vec<&TableName> = table.reads.iter().filter(|read| !known.contains(read)).collect();
        if !absent.is_empty() {
            // A mart table that is absent was told of already.
            mistakes.extend(absent.iter().filter(|read| read.layer != Layer::Mart).map(|read| {
                MartMistake::of(&spec.name, MartPart::Select, SqlMistake::new(format!("there is no table `{read}`")))
            }));
            continue;
        }
        match BoundSelect::bind(&context, &table.select).await {
            Err(mistake) => mistakes.push(MartMistake::of(&spec.name, MartPart::Select, mistake)),
            Ok(bound) => {
                let before = mistakes.len();
                shape(table, &bound.schema, inputs, &mut mistakes);
                let name = TableName::new(Layer::Mart, &spec.name);
                let schema = finished_schema(spec, &bound.schema);
                if mistakes.len() == before {
                    register(&context, &name, &RecordBatch::new_empty(Arc::clone(&schema))).map_err(everywhere)?;
                    known.insert(name);
                    schemas.push((spec.name.clone(), schema));
                }
            }
        }
    }
    for table in &plan.tables {
        beside(&context, table, &known, &mut mistakes).await;
    }
    if mistakes.is_empty() { Ok(schemas) } else { Err(mistakes) }
}

/// Binds the checks and the account of a table, as far as what they read is known.
async fn beside(
    context: &SessionContext,
    table: &Planned,
    known: &BTreeSet<TableName>,
    mistakes: &mut Vec<MartMistake>,
) {
    let reads_known = |sql: &Parsed| sql.tables.iter().filter_map(super::plan::address).all(|t| known.contains(&t));
    for (name, sql) in table.checks.iter().filter(|(_, sql)| reads_known(sql)) {
        if let Err(mistake) = BoundSelect::bind(context, sql).await {
            mistakes.push(MartMistake::of(&table.spec.name, MartPart::Check(name.clone()), mistake));
        }
    }
    for sql in table.excluded.iter().filter(|sql| reads_known(sql)) {
        let mistake = match BoundSelect::bind(context, sql).await {
            Err(mistake) => mistake,
            Ok(bound) => match bound.schema.fields().iter().as_slice() {
                [field] if field.name() == "excluded" && field.data_type().is_integer() => continue,
                _ => SqlMistake::new("the SELECT must give one whole number in one column `excluded`")
                    .hint("write SELECT count(*) AS excluded FROM ... WHERE ..."),
            },
        };
        mistakes.push(MartMistake::of(&table.spec.name, MartPart::ExcludedSql, mistake));
    }
}

/// Holds a SELECT's columns against the specification.
fn shape(table: &Planned, select: &Schema, inputs: &BTreeMap<TableName, SchemaRef>, mistakes: &mut Vec<MartMistake>) {
    let spec = &table.spec;
    let mut add = |part: MartPart, mistake: SqlMistake| mistakes.push(MartMistake::of(&spec.name, part, mistake));
    for mistake in columns_of(select) {
        add(MartPart::Select, mistake);
    }
    let added = spec.added_columns();
    for (name, _) in added.iter().filter(|(name, _)| select.column_with_name(name).is_some()) {
        add(
            MartPart::Select,
            SqlMistake::new(format!("the column `{name}` is added by the warehouse, so the SELECT must not have it")),
        );
    }
    let own: Vec<&str> = select.fields().iter().map(|field| field.name().as_str()).collect();
    let all: Vec<&str> = own.iter().copied().chain(added.iter().map(|(name, _)| *name)).collect();
    for (list, names, offered) in [("key", &spec.key, &own), ("sort_by", &spec.sort_by, &all)] {
        for (row, name) in names.iter().enumerate().filter(|(_, name)| !offered.contains(&name.as_str())) {
            add(MartPart::Specification(format!("{list}[{row}]")), no_column(name, offered));
        }
    }
    for (row, column) in spec.columns.iter().enumerate().filter(|(_, c)| !all.contains(&c.name.as_str())) {
        add(MartPart::Specification(format!("columns[{row}].name")), no_column(&column.name, &all));
    }
    // A column whose name must change first needs no meaning yet.
    let stays = |name: &str| is_plain_name(name) && !added.iter().any(|(other, _)| *other == name);
    let has_meaning = |name: &str| spec.columns.iter().any(|column| column.name == name);
    for name in own.iter().filter(|name| stays(name) && !has_meaning(name)) {
        let mistake = SqlMistake::new(format!("the column `{name}` has no meaning"));
        add(
            MartPart::Specification("columns".into()),
            mistake.hint("add a [[columns]] entry with its name and meaning"),
        );
    }
    if let Some(accounts) = &spec.accounts_for {
        for (path, mistake) in control_totals(accounts, select, inputs) {
            add(MartPart::Specification(path), mistake);
        }
    }
}

fn columns_of(select: &Schema) -> Vec<SqlMistake> {
    let mut seen = BTreeSet::new();
    let mut mistakes = Vec::new();
    for field in select.fields() {
        let name = field.name();
        if !seen.insert(name) {
            let mistake = SqlMistake::new(format!("two columns are named `{name}`"));
            mistakes.push(mistake.hint("give one of them another name with AS"));
        } else if !is_plain_name(name) {
            let mistake = SqlMistake::new(format!("`{name}` is no column name"));
            mistakes.push(mistake.hint("give it one with AS: small letters, digits and underscores, a letter first"));
        }
        if field.data_type() == &DataType::Null {
            let mistake = SqlMistake::new(format!("the column `{name}` has no type, because it is always NULL"));
            mistakes.push(mistake.hint("write CAST(NULL AS VARCHAR), or the type it is to have"));
        } else if engine::kept_type(field.data_type()).is_none() {
            let mistake =
                SqlMistake::new(format!("the column `{name}` holds lists or spans of time, which no mart column can"));
            mistakes.push(mistake.hint("take it apart into columns or rows of single values"));
        }
    }
    mistakes
}

fn control_totals(
    accounts: &AccountsFor,
    select: &Schema,
    inputs: &BTreeMap<TableName, SchemaRef>,
) -> Vec<(String, SqlMistake)> {
    let mut found = Vec::new();
    let mut judge = |path: String, name: &str, schema: &Schema, of: &str| match schema.field_with_name(name) {
        Err(_) => {
            let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            found.push((path, no_column(name, &names)));
        }
        Ok(field) if field.data_type().is_integer() || field.data_type().is_decimal() => {}
        Ok(_) => {
            let mistake = SqlMistake::new(format!("the column `{name}` of {of} is no whole number and no decimal"));
            found.push((path, mistake.hint("a control total is exact; cast the column to DECIMAL")));
        }
    };
    for (row, total) in accounts.control_totals.iter().enumerate() {
        judge(format!("accounts_for.control_totals[{row}].fact"), &total.fact, select, "this table");
        for source in &accounts.sources {
            let name = TableName::new(Layer::Standardized, source);
            if let Some(schema) = inputs.get(&name) {
                let path = format!("accounts_for.control_totals[{row}].source");
                judge(path, &total.source, schema, &name.to_string());
            }
        }
    }
    found
}

fn no_column(name: &str, offered: &[&str]) -> SqlMistake {
    let mistake = SqlMistake::new(format!("the table has no column `{name}`"));
    match nearest(name, offered.iter().copied()) {
        Some(near) => mistake.hint(format!("did you mean `{near}`?")),
        None => mistake.hint(format!("its columns are {}", offered.join(", "))),
    }
}
