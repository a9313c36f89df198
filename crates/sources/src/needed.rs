//! The columns that a source needs, held against those that are there.

use onefold_contract::{Failure, Result};

use crate::suggest;

/// Holds the columns of a file or table against those that the source needs.
///
/// # Errors
/// A source failure, naming every needed column that is not there and the one that may be meant.
pub(crate) fn needed_columns(source: &str, needed: &[String], location: &str, found: &[String]) -> Result<()> {
    let missing: Vec<&String> = needed.iter().filter(|name| !found.contains(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::source(format!("{location} lacks {} that source {source} needs", columns(&missing)));
    for name in missing {
        let free = found.iter().filter(|f| !needed.contains(f)).map(String::as_str);
        if let Some(close) = suggest::closest(name, free) {
            failure = failure.hint(format!("column \"{name}\": did you mean \"{close}\"?"));
        }
    }
    Err(failure.hint(format!("its columns are {}", suggest::list(found))))
}

fn columns(names: &[&String]) -> String {
    let word = if names.len() == 1 { "column" } else { "columns" };
    format!("{word} {}", suggest::list(names))
}
