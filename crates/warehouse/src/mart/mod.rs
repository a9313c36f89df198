//! The mart builder: each table of the star schema is one SELECT of its own, kept in a file beside its specification.
//!
//! A SELECT is pure: it says what the table holds now, from standardized and resolved tables and from mart tables
//! built before it. What needs memory, that is surrogate keys and versions, is the warehouse's work and the same for
//! every dimension, so that no author of a mart writes it again. The rejected alternative, a SELECT that reads the
//! published table and merges, makes the mart depend on how often it was built.
//!
//! [`plan()`] reads the SELECTs and orders them, [`check()`] binds them to columns without a row of data, [`build()`]
//! runs them.
//!
//! **Facts and dimensions of type 2.** A fact finds the version of a member that held on the fact's day by the durable
//! key and the half-open interval of the version; a day before the first version belongs to the first:
//!
//! ```sql
//! LEFT JOIN mart.dim_customer c ON c.customer_id = x.customer_id
//!   AND s.order_date >= CASE WHEN c.version = 1 THEN DATE '0001-01-01' ELSE c.valid_from END
//!   AND s.order_date < c.valid_to
//! ```
//!
//! A member that left keeps its last version, closed, so a later fact of it finds none by date; a fact that must find
//! one all the same joins `OR` the last version.

mod balance;
mod bind;
mod build;
mod dimension;
mod gate;
mod plan;
mod rows;

pub use bind::check;
pub use build::{MartBuild, build};
pub use plan::{MartPlan, plan};

use crate::query::Place;
use crate::query::words::SqlMistake;
use crate::spec::MartTableSpec;

/// A mart table as its two files say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MartTable {
    /// What `mart/<name>.toml` says.
    pub spec: MartTableSpec,
    /// What `mart/<name>.sql` says.
    pub sql: String,
}

/// The part of a mart table's files that a mistake stands in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MartPart {
    /// The SELECT, in the `.sql` file.
    Select,
    /// The check of this name, in the `.toml` file.
    Check(String),
    /// `accounts_for.excluded_sql`, in the `.toml` file.
    ExcludedSql,
    /// Another place of the `.toml` file, as a path of keys.
    Specification(String),
}

/// A mistake in a mart table's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MartMistake {
    /// The table.
    pub table: String,
    /// The part of its files.
    pub part: MartPart,
    /// Line and column in that part's SQL.
    pub place: Option<Place>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl MartMistake {
    fn of(table: &str, part: MartPart, mistake: SqlMistake) -> Self {
        let SqlMistake { message, hint, place, .. } = mistake;
        Self { table: table.to_string(), part, place, message, hint }
    }

    fn specification(table: &str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::of(table, MartPart::Specification(path.into()), SqlMistake::new(message))
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for MartMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.part {
            MartPart::Select => write!(f, "{}.sql", self.table)?,
            MartPart::Check(name) => write!(f, "{}.toml, check \"{name}\"", self.table)?,
            MartPart::ExcludedSql => write!(f, "{}.toml, accounts_for.excluded_sql", self.table)?,
            MartPart::Specification(path) => write!(f, "{}.toml, {path}", self.table)?,
        }
        if let Some(place) = self.place {
            write!(f, ", line {}, column {}", place.line, place.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

#[cfg(test)]
mod tests;
