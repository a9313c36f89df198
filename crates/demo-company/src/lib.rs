//! A seeded company with known truth: Harbour & Pine, which sells homewares and outdoor goods.
//!
//! Everything is drawn household by household from a stream of its own (`ChaCha`, keyed by the seed), and written as soon as
//! it is drawn. So the same options give the same bytes, a later night differs from the one before only where something
//! happened that night, and memory does not grow with the number of customers. The rejected alternative, one stream of
//! random numbers for all and the company held in memory, would give another company as soon as one draw is added.
//!
//! What is written stands in one list, `files`, from which the headers are taken and `docs/demo-company.md` is made
//! ([`description`]): the legacy CRM as a SQLite database, the web shop, the call centre, the campaign tool, the loyalty
//! scheme and the contracts as CSV, the sales teams' leads and finance's worksheet as workbooks; `truth.csv` and
//! `truth_relations.csv` (who is who, for `evaluate` only) and `books.json` (the generator's own totals, for tests only).
//! Every file holds the whole state of its night. Files appear under their names when all of them are complete. They go past
//! the file-system trait of `contract` on purpose: they are the world outside, not a part of a run.
//!
//! How it is made: `household` draws persons; `night` says what happened to one until a night; `note` says what a
//! system came to know of one; each system (`crm`, `shop`, `leads`, ...) turns that into rows; `writing` writes the rows and
//! books them beside the rows of the night before. All is a function of the options and the person, so that nothing but the
//! sums is kept.

mod books;
mod call_centre;
mod campaign;
mod catalogue;
mod contact;
mod contracts;
mod crm;
mod describe;
mod draw;
mod employer;
mod files;
mod finance;
mod hardness;
mod household;
mod leads;
mod lists;
mod loyalty;
mod night;
mod note;
mod observe;
mod orders;
mod payments;
mod person;
mod reference;
mod row;
mod shop;
mod sink;
mod visits;
mod world;
mod writing;

use std::fmt;
use std::path::{Path, PathBuf};

use onefold_contract::Failure;
use serde::Serialize;

pub use books::{Books, Changes, FileBooks, Sales};
pub use describe::description;
pub use hardness::{DEFAULT_HARDNESS, MOST_HARDNESS};

/// The most customers a company may have in its first night.
pub const MOST_CUSTOMERS: u64 = 10_000_000;
/// The last night that can be asked for.
pub const LAST_NIGHT: u32 = 365;

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How many persons there are in the first night, from 1 to [`MOST_CUSTOMERS`].
    pub customers: u64,
    /// The seed; the same seed gives the same company.
    pub seed: u64,
    /// How hard the records are to resolve, from 0 to [`MOST_HARDNESS`]; [`DEFAULT_HARDNESS`] where nobody asks.
    pub hardness: f64,
    /// The night, from 1: the first state, and how many nights of changes since then.
    pub night: u32,
    /// The folder to write into; made where it is not there. Files of an earlier night are replaced.
    pub out: PathBuf,
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The folder.
    pub out: PathBuf,
    /// The files written, in the order of their names; `books.json`, which only tests read, is not among them.
    pub files: Vec<WrittenFile>,
    /// The last day that the files know of, `YYYY-MM-DD`.
    pub as_of: String,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The company as of {}, in {}:", self.as_of, self.out.display())?;
        for WrittenFile { name, rows } in &self.files {
            write!(f, "\n  {name:<34}{rows:>10} rows")?;
        }
        Ok(())
    }
}

/// One file and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// The file's name.
    pub name: &'static str,
    /// The rows in it, the header left out; those that cannot be read as meant are counted too.
    pub rows: u64,
}

/// Why a company could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// An option is out of its range.
    #[error("{option} is {value}, but must be from 1 to {most}")]
    OutOfRange {
        /// The option.
        option: &'static str,
        /// What was asked for.
        value: u64,
        /// The most that is possible.
        most: u64,
    },
    /// The hardness is out of its range.
    #[error("hardness is {0}, but must be from 0 to {MOST_HARDNESS}")]
    Hardness(f64),
    /// A file could not be written.
    #[error("{} could not be written: {cause}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system or the database says.
        cause: String,
    },
    /// A list that is compiled in does not read as it should.
    #[error("the list {list} that is compiled in cannot be read at line {line}")]
    List {
        /// The list.
        list: &'static str,
        /// The line.
        line: usize,
    },
}

impl GenerateError {
    fn write(path: &Path, cause: impl fmt::Display) -> Self {
        Self::Write { path: path.to_path_buf(), cause: cause.to_string() }
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        let message = error.to_string();
        match error {
            GenerateError::OutOfRange { .. } | GenerateError::Hardness(_) => Self::usage(message),
            GenerateError::Write { .. } => {
                Self::state(message).hint("name a folder that you may write to, on a disk with room")
            }
            GenerateError::List { .. } => Self::bug(message),
        }
    }
}

/// Generates the company as it stands after a night.
///
/// # Errors
/// An option is out of its range, or a file cannot be written.
pub fn generate(options: &Options) -> Result<Summary, GenerateError> {
    check("customers", options.customers, MOST_CUSTOMERS)?;
    check("night", u64::from(options.night), u64::from(LAST_NIGHT))?;
    let hardness = hardness::Hardness::new(options.hardness).ok_or(GenerateError::Hardness(options.hardness))?;
    writing::write_company(options, hardness)
}

fn check(option: &'static str, value: u64, most: u64) -> Result<(), GenerateError> {
    if (1..=most).contains(&value) { Ok(()) } else { Err(GenerateError::OutOfRange { option, value, most }) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
