//! The rows of an answer as text.

use std::fmt::Write;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::{Failure, Result};
use onefold_warehouse::query::QueryResult;

use crate::cli::Format;

/// An answer in a format; a table, where `expanded` is set, one column a line.
pub(super) fn text(result: &QueryResult, format: Format, is_expanded: bool) -> Result<String> {
    match format {
        Format::Table if is_expanded => expanded(result),
        Format::Table => table(result),
        Format::Csv => csv(result),
        Format::Json => json(result),
    }
}

fn options() -> FormatOptions<'static> {
    FormatOptions::default().with_null("")
}

fn table(result: &QueryResult) -> Result<String> {
    let empty = RecordBatch::new_empty(result.schema.clone());
    let batches = if result.batches.is_empty() { std::slice::from_ref(&empty) } else { &result.batches };
    let table = arrow::util::pretty::pretty_format_batches_with_options(batches, &options())?;
    Ok(format!("{table}\n{}", counted(result)))
}

fn counted(result: &QueryResult) -> String {
    let rows = result.rows();
    format!("{rows} row{}\n", if rows == 1 { "" } else { "s" })
}

/// One block a row, one line a column: for rows that are wider than the screen.
fn expanded(result: &QueryResult) -> Result<String> {
    let fields = result.schema.fields();
    let width = fields.iter().map(|field| field.name().chars().count()).max().unwrap_or(0);
    let (mut text, mut number) = (String::new(), 0);
    for batch in &result.batches {
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            number += 1;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "-- row {number}");
            for (field, column) in fields.iter().zip(&columns) {
                let _ = writeln!(text, "{:<width$}  {}", field.name(), column.value(row));
            }
        }
    }
    Ok(format!("{text}{}", counted(result)))
}

fn csv(result: &QueryResult) -> Result<String> {
    let mut bytes = Vec::new();
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut bytes);
    if result.batches.is_empty() {
        writer.write(&RecordBatch::new_empty(result.schema.clone()))?;
    }
    for batch in &result.batches {
        writer.write(batch)?;
    }
    drop(writer);
    utf8(bytes)
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
    let text = utf8(bytes)?;
    Ok(if text.is_empty() { "[]\n".to_string() } else { format!("{text}\n") })
}

fn utf8(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| Failure::bug(format!("a result is not text: {error}")))
}
