//! The columns that a source needs, held against those that are there.
//!
//! A column may go by several names: three regions keep three sheets, and one of them writes `Mail` where the others write
//! `E-mail`. The names stand with the column (`also`), not in a table of their own, so that whoever renames the column sees
//! them; what is found under any of them is given the name that is declared, once, before anything else looks at it.

use onefold_contract::{Failure, Result};

use crate::suggest;

/// A column that a source needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needed {
    /// Its name at the source, as declared.
    pub(crate) name: String,
    /// Further names that it goes by.
    pub(crate) also: Vec<String>,
}

impl Needed {
    /// Whether a column found is this one.
    pub(crate) fn is_called(&self, found: &str, alike: fn(&str, &str) -> bool) -> bool {
        alike(&self.name, found) || self.also.iter().any(|name| alike(name, found))
    }
}

/// Whether two names are the same as written.
pub(crate) fn as_written(left: &str, right: &str) -> bool {
    left == right
}

/// Gives the columns that are found the names that they are declared with.
///
/// # Errors
/// A source failure, where two columns go by names of the same declared one.
pub(crate) fn name_as_declared(
    needed: &[Needed],
    location: &str,
    found: &mut [String],
    alike: fn(&str, &str) -> bool,
) -> Result<()> {
    let names = found.to_vec();
    for column in needed {
        let places: Vec<usize> = (0..names.len()).filter(|place| column.is_called(&names[*place], alike)).collect();
        match places[..] {
            [] => {}
            [place] => found[place].clone_from(&column.name),
            _ => {
                let both: Vec<&String> = places.iter().map(|place| &names[*place]).collect();
                let (both, name) = (suggest::list(&both), &column.name);
                return Err(Failure::source(format!(
                    "{location} has the columns {both}, and each of them is \"{name}\""
                ))
                .hint("take a name out of `also`, or one of the columns out of the source"));
            }
        }
    }
    Ok(())
}

/// Holds the columns of a file or table against those that the source needs.
///
/// # Errors
/// A source failure, naming every needed column that is not there and the one that may be meant.
pub(crate) fn needed_columns<S: AsRef<str>>(
    source: &str,
    needed: &[S],
    location: &str,
    found: &[String],
) -> Result<()> {
    let needed: Vec<&str> = needed.iter().map(AsRef::as_ref).collect();
    let is_there = |name: &str| found.iter().any(|f| f == name);
    let missing: Vec<&str> = needed.iter().copied().filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::source(format!("{location} lacks {} that source {source} needs", columns(&missing)));
    for name in missing {
        let free = found.iter().map(String::as_str).filter(|f| !needed.contains(f));
        if let Some(close) = suggest::closest(name, free) {
            failure = failure.hint(format!("column \"{name}\": did you mean \"{close}\"?"));
        }
    }
    Err(failure.hint(format!("its columns are {}", suggest::list(found))))
}

fn columns(names: &[&str]) -> String {
    let word = if names.len() == 1 { "column" } else { "columns" };
    format!("{word} {}", suggest::list(names))
}

impl AsRef<str> for Needed {
    fn as_ref(&self) -> &str {
        &self.name
    }
}
