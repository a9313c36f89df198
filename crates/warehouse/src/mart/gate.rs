//! Checks: queries over the built tables that must find nothing.

use datafusion::prelude::SessionContext;
use onefold_contract::{Failure, Result};

use super::bind::BoundSelect;
use super::rows::printed;
use super::{MartMistake, MartPart, MartPlan};
use crate::query::words::SqlMistake;

/// Runs every check of every table.
///
/// # Errors
/// A gate that names every check that found rows, how many, and the first three. A check that cannot run (a cast that
/// its rows do not fit) fails too: what was not checked is not published.
pub(super) async fn hold(context: &SessionContext, plan: &MartPlan) -> Result<()> {
    let mut failed = 0;
    let mut details = Vec::new();
    for table in &plan.tables {
        for (name, sql) in &table.checks {
            let found = async { BoundSelect::bind(context, sql).await?.rows(context).await }.await;
            let rows = match found {
                Ok(rows) => rows,
                Err(mistake) => return Err(could_not_run(&table.spec.name, MartPart::Check(name.clone()), mistake)),
            };
            if rows.num_rows() == 0 {
                continue;
            }
            failed += 1;
            details.push(format!("{}: \"{name}\" does not hold for {} rows", table.spec.name, rows.num_rows()));
            for row in 0..rows.num_rows().min(3) {
                details.push(format!("  {}", printed(&rows, row)?));
            }
        }
    }
    if failed == 0 {
        return Ok(());
    }
    let checks = if failed == 1 { "1 check".to_string() } else { format!("{failed} checks") };
    let mut failure = Failure::gate(format!("{checks} of the mart failed, so nothing was published"));
    failure.details = details;
    Err(failure.hint("correct the rows at their source or the SELECT; `onefold rejects list` shows what is held back"))
}

/// The failure of SQL that is well written but does not go through with the data at hand.
pub(super) fn could_not_run(table: &str, part: MartPart, mistake: SqlMistake) -> Failure {
    let kind = mistake.kind;
    let mistake = MartMistake::of(table, part, mistake);
    let failure = Failure::new(kind, mistake.to_string());
    match mistake.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
