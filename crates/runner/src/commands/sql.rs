//! `onefold sql`: a question to the mart.

use onefold_contract::{Failure, Result};
use onefold_warehouse::lake::Lake;
use onefold_warehouse::query::{QueryLimits, QueryResult, QuerySession, QueryTable};

use crate::bind::Context;
use crate::cli::{Format, SqlArguments};
use crate::output;

/// Answers one query.
pub(crate) async fn sql(context: &Context, arguments: &SqlArguments) -> Result<()> {
    let lake = Lake::open_read_only(&context.state_root)?;
    let release = super::release::chosen(&lake, arguments.release)?;
    let tables: Vec<QueryTable> = lake.tables(release)?.iter().map(QueryTable::from).collect();
    let session = QuerySession::open(&tables, QueryLimits::default())?;
    let result = session.query(&arguments.query).await?;
    let format = if context.json { Format::Json } else { arguments.format };
    output::write_out(&print(&result, format)?)
}

fn print(result: &QueryResult, format: Format) -> Result<String> {
    match format {
        Format::Table => table(result),
        Format::Csv => csv(result),
        Format::Json => json(result),
    }
}

fn table(result: &QueryResult) -> Result<String> {
    let rows: usize = result.batches.iter().map(arrow::array::RecordBatch::num_rows).sum();
    let options = arrow::util::display::FormatOptions::default().with_null("");
    let empty = arrow::array::RecordBatch::new_empty(result.schema.clone());
    let batches = if result.batches.is_empty() { std::slice::from_ref(&empty) } else { &result.batches };
    let table = arrow::util::pretty::pretty_format_batches_with_options(batches, &options)?;
    Ok(format!("{table}\n{rows} row{}\n", if rows == 1 { "" } else { "s" }))
}

fn csv(result: &QueryResult) -> Result<String> {
    let mut bytes = Vec::new();
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut bytes);
    if result.batches.is_empty() {
        writer.write(&arrow::array::RecordBatch::new_empty(result.schema.clone()))?;
    }
    for batch in &result.batches {
        writer.write(batch)?;
    }
    drop(writer);
    text(bytes)
}

fn json(result: &QueryResult) -> Result<String> {
    let mut bytes = Vec::new();
    let builder = arrow::json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, arrow::json::writer::JsonArray>(&mut bytes);
    for batch in &result.batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    drop(writer);
    let text = text(bytes)?;
    Ok(if text.is_empty() { "[]\n".to_string() } else { format!("{text}\n") })
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| Failure::bug(format!("a result is not text: {error}")))
}
