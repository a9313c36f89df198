//! The gates: what a run must show before anything of it is published.

use onefold_contract::{Balance, Failure, Result};
use onefold_sources::spec::SourceSpec;

use super::clean::Cleaned;
use super::extract::{self, Extracted};
use super::report::Report;
use super::work::Work;

/// No source lost more rows, to deletion or to quarantine, than it may.
pub(crate) fn rejects(work: &Work<'_>, extracted: &[Extracted], cleaned: &[Cleaned]) -> Result<()> {
    for ((source, staged), clean) in work.pipeline().sources.iter().zip(extracted).zip(cleaned) {
        let bad = extract::count_rows(&staged.rejects) + extract::count_rows(&clean.rejects);
        deletes(work, source, &staged.balance)?;
        rejected(work, source, bad, staged.delivered)?;
    }
    Ok(())
}

/// A source that suddenly lost much of its rows is more often broken than right.
fn deletes(work: &Work<'_>, source: &SourceSpec, balance: &Balance) -> Result<()> {
    let most = work.pipeline().spec.gates.max_deleted_share;
    if balance.before == 0 || (balance.deleted as f64) <= most * balance.before as f64 {
        return Ok(());
    }
    Err(Failure::gate(format!(
        "source {} lost {} of its {} rows since the last release; at most {} of them may go in one run",
        source.name,
        balance.deleted,
        balance.before,
        percent(most)
    ))
    .hint("look whether the delivery is complete")
    .hint("if the rows are gone for good, raise `max_deleted_share` in pipeline.toml for one run"))
}

/// A source that loses more rows to quarantine than it may is not published.
fn rejected(work: &Work<'_>, source: &SourceSpec, rejected: u64, delivered: u64) -> Result<()> {
    let most = source.max_rejected_share.unwrap_or(work.pipeline().spec.gates.max_rejected_share);
    if rejected == 0 || (rejected as f64) <= most * delivered as f64 {
        return Ok(());
    }
    Err(Failure::gate(format!(
        "source {} has {rejected} bad rows among {delivered}; at most {} may be bad",
        source.name,
        percent(most)
    ))
    .hint(format!("`onefold rejects show --run {} --source {}` shows each row with its reason", work.run, source.name))
    .hint("mend the rows at the source, or raise `max_rejected_share` if the loss is meant"))
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}

/// A run whose balance does not close is not published.
pub(crate) fn balances(report: &Report) -> Result<()> {
    let breaches: Vec<String> = report.balances.iter().flat_map(Balance::breaches).collect();
    if breaches.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::gate("the balance does not close; nothing was published")
        .hint("`onefold runs show` shows the ledger of the run; the release before it is still served")
        .hint("rows that vanish without a reason are a bug of ours: please report it with the ledger");
    failure.details = breaches;
    Err(failure)
}
