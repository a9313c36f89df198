//! `onefold runs`: the ledger of runs.

use onefold_contract::{Balance, Failure, Result};
use onefold_control::{Control, RunLock, RunRecord, RunStatus};

use crate::bind::Context;
use crate::cli::RunsCommand;
use crate::clock;
use crate::output::{self, Table};
use crate::run::Report;

/// Lists or shows runs.
pub(crate) async fn runs(context: &Context, command: &RunsCommand) -> Result<()> {
    let control = Control::open_read_only(&context.state_root).await?;
    match command {
        RunsCommand::List => list(context, &control).await,
        RunsCommand::Show { run } => {
            let run = chosen(&control, run.as_deref()).await?;
            told(context, vec![run]).iter().try_for_each(|run| show(context, run))
        }
    }
}

/// The run asked for, or the last.
pub(crate) async fn chosen(control: &Control, asked: Option<&str>) -> Result<RunRecord> {
    match asked {
        Some(run) => control.run(run.parse()?).await,
        None => control.runs().await?.pop().ok_or_else(|| {
            Failure::state("nothing has been run yet").hint("run a pipeline first: `onefold run PIPELINE`")
        }),
    }
}

/// The runs as they stand: one that is listed as at work while nobody holds the lock died without a word.
fn told(context: &Context, mut runs: Vec<RunRecord>) -> Vec<RunRecord> {
    if runs.iter().any(|run| run.status == RunStatus::Running) && !RunLock::is_held(&context.state_root) {
        for run in runs.iter_mut().filter(|run| run.status == RunStatus::Running) {
            run.status = RunStatus::Interrupted;
        }
    }
    runs
}

/// A run with its moments as everybody writes them.
fn as_json(run: &RunRecord) -> serde_json::Value {
    serde_json::json!({
        "run": run.run, "pipeline": run.pipeline, "as_of": run.as_of, "started_at": clock::moment(run.started_at),
        "ended_at": run.ended_at.map(clock::moment), "status": run.status, "release": run.release,
        "message": run.message, "report": run.report,
    })
}

async fn list(context: &Context, control: &Control) -> Result<()> {
    let runs = told(context, control.runs().await?);
    if context.json {
        return output::json(&runs.iter().map(as_json).collect::<Vec<_>>());
    }
    let mut table = Table::new(["run", "pipeline", "as of", "started", "seconds", "status", "release", "message"]);
    for run in &runs {
        let seconds = run.ended_at.map(|end| format!("{:.1}", (end - run.started_at) as f64 / 1e6));
        table.row([
            run.run.clone(),
            run.pipeline.clone(),
            run.as_of.clone(),
            clock::moment(run.started_at),
            seconds.unwrap_or_default(),
            run.status.name().to_string(),
            run.release.map(|r| r.to_string()).unwrap_or_default(),
            run.message.as_deref().and_then(|m| m.lines().next()).unwrap_or_default().to_string(),
        ]);
    }
    table.print("nothing has been run yet")
}

fn show(context: &Context, run: &RunRecord) -> Result<()> {
    if context.json {
        return output::json(&as_json(run));
    }
    output::line(&format!("run {} of pipeline {}, as of {}", run.run, run.pipeline, run.as_of))?;
    let release = run.release.map(|release| format!(", release {release}")).unwrap_or_default();
    output::line(&format!("started {}, {}{release}", clock::moment(run.started_at), run.status.name()))?;
    if let Some(message) = &run.message {
        output::line(message)?;
    }
    let report = run.report.clone().and_then(|report| serde_json::from_value::<Report>(report).ok());
    match report {
        Some(report) => print_report(&report),
        None => output::line("the run left no ledger"),
    }
}

/// Prints what a run has to say of itself.
pub(crate) fn print_report(report: &Report) -> Result<()> {
    output::line("")?;
    print_balances(&report.balances)?;
    if let Some(resolution) = &report.resolution {
        output::line("")?;
        output::line(&format!(
            "{} records are {} entities ({} candidate pairs, {} links, {} pairs to review)",
            resolution.records,
            resolution.entities,
            resolution.candidate_pairs,
            resolution.links,
            resolution.pairs_to_review
        ))?;
    }
    if !report.notes.is_empty() {
        output::line("")?;
    }
    for note in &report.notes {
        output::line(&format!("note: {note}"))?;
    }
    Ok(())
}

fn print_balances(balances: &[Balance]) -> Result<()> {
    let mut table = Table::new([
        "table",
        "grain",
        "before",
        "read",
        "inserted",
        "updated",
        "unchanged",
        "delete messages",
        "quarantined",
        "excluded",
        "deleted",
        "after",
        "control totals",
    ]);
    for balance in balances {
        let totals = balance.control_totals.iter().map(|total| {
            let agree = total.delivered == total.accounted;
            let differing = if agree { String::new() } else { format!(" != {}", total.accounted) };
            let written = total.written.as_ref().map(|part| format!(", {part} of it here and the rest held back"));
            format!("{} {}{differing}{}", total.name, total.delivered, written.unwrap_or_default())
        });
        table.row([
            balance.table.clone(),
            balance.grain.clone(),
            balance.before.to_string(),
            balance.read.to_string(),
            balance.inserted.to_string(),
            balance.updated.to_string(),
            balance.unchanged.to_string(),
            balance.delete_messages.to_string(),
            balance.quarantined.to_string(),
            balance.excluded.to_string(),
            balance.deleted.to_string(),
            balance.after.to_string(),
            totals.collect::<Vec<_>>().join("; "),
        ]);
    }
    // What did not happen to any table takes no room.
    table.without_columns_of("0");
    table.print("no balance")
}
