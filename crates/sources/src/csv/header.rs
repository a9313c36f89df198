//! The header of a file: the names of its columns.

use onefold_contract::{Failure, Result};

use super::records::Record;
use crate::needed::{Needed, as_written, name_as_declared};
use crate::suggest;

/// The names in a header record, those of needed columns as they are declared.
///
/// # Errors
/// A source failure, where the header cannot be read or names a column twice.
pub(super) fn names(record: &Record, location: &str, needed: &[Needed]) -> Result<Vec<String>> {
    let mut names = written(record, location)?;
    name_as_declared(needed, location, &mut names, as_written)?;
    Ok(names)
}

/// The names as they are written: trimmed; a column without a name is called `column_N`; nothing behind the last delimiter
/// is no column.
fn written(record: &Record, location: &str) -> Result<Vec<String>> {
    let line = record.line;
    if record.undecodable.is_some() {
        return Err(Failure::source(format!("{location} line {line}: the header is not text of the file's encoding"))
            .hint("set csv.encoding to the encoding of the file"));
    }
    if let Some(quote) = record.open_quote {
        let line = quote.line;
        return Err(Failure::source(format!("{location} line {line}: a quote in the header is never closed")));
    }
    let mut names: Vec<String> = record.fields().map(|field| field.trim().to_string()).collect();
    if names.len() > 1 && names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    for (place, name) in names.iter_mut().enumerate().filter(|(_, name)| name.is_empty()) {
        *name = format!("column_{}", place + 1);
    }
    let mut twice: Vec<&str> = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) && !twice.contains(&name.as_str()) {
            twice.push(name);
        }
    }
    if twice.is_empty() {
        return Ok(names);
    }
    Err(Failure::source(format!("{location} line {line}: the header names {} more than once", suggest::list(&twice)))
        .hint("give every column a name of its own, or drop the column that is there twice"))
}

/// Holds the header of one file against that of the first file of the source.
///
/// # Errors
/// A source failure, naming the columns that differ.
pub(super) fn same_columns(first: (&str, &[String]), other: (&str, &[String])) -> Result<()> {
    let lacking = |of: &[String], from: &[String]| -> Vec<String> {
        from.iter().filter(|name| !of.contains(name)).cloned().collect()
    };
    let (missing, more) = (lacking(other.1, first.1), lacking(first.1, other.1));
    if missing.is_empty() && more.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::source(format!(
        "the files of one source must have the same columns, but {} differs from {}",
        other.0, first.0
    ));
    if !missing.is_empty() {
        failure = failure.detail(format!("{} lacks {}", other.0, suggest::list(&missing)));
    }
    if !more.is_empty() {
        failure = failure.detail(format!("{} lacks {}", first.0, suggest::list(&more)));
    }
    Err(failure.hint("mend the file, or make it a source of its own"))
}
