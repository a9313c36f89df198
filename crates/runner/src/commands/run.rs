//! `onefold run`: one night.

use std::sync::Arc;

use onefold_contract::file_system::FileSystem;
use onefold_contract::publisher::Published;
use onefold_contract::table::Layer;
use onefold_contract::{Failure, FailureKind, Reject, Result};
use onefold_control::{Control, RunId, RunLock, RunStatus, Ticket};
use onefold_warehouse::lake::{Lake, Release};
use serde_json::json;

use crate::bind::{self, BoundPipeline, Context};
use crate::cli::RunArguments;
use crate::clock;
use crate::failpoint::FailingFileSystem;
use crate::output;
use crate::run::{self, Faults, Report, Work};
use crate::stop;

/// Checks the pipeline, takes the run lock, runs, and keeps the ledger, however the run ends.
pub(crate) async fn run(context: &Context, arguments: &RunArguments) -> Result<()> {
    let bound = bind::pipeline(&arguments.pipeline).await.map_err(|mistakes| bind::mistakes_failure(&mistakes))?;
    let files: Arc<dyn FileSystem> =
        Arc::new(FailingFileSystem::new(arguments.failpoint.as_deref(), arguments.record_failpoints.clone())?);
    let root = &context.state_root;
    files.create_folder(root).map_err(|error| {
        Failure::state(format!("the state root {} cannot be made: {error}", root.display()))
            .hint("name another with --state-root, or mend the rights of the folder above it")
    })?;
    let _lock = RunLock::take(root)?;
    stop::listen("stopping at the next safe place; again stops at once, which loses nothing either")?;
    let control = Control::open(root).await?;
    let name = &bound.pipeline.spec.name;
    super::belongs(context, &control, name).await?;
    let as_of = context.as_of(arguments.as_of);
    let started_at = context.now.micros();
    let (ticket, interrupted) = control.begin_run(name, &as_of.to_string(), started_at).await?;
    let mut report = Report::default();
    for dead in interrupted {
        report.notes.push(bury(context, &control, dead).await?);
    }

    let result = execute(context, arguments, &bound, files, ticket, &mut report).await;
    let (status, release, failure) = match result {
        Ok(Published::Release(release)) => (RunStatus::Published, Some(release), None),
        Ok(Published::Unchanged(release)) => (RunStatus::Unchanged, release, None),
        Err(failure) if failure.kind == FailureKind::Gate => (RunStatus::Refused, None, Some(failure)),
        Err(failure) if failure.kind == FailureKind::Stopped => (RunStatus::Interrupted, None, Some(failure)),
        Err(failure) => match released_by(context, ticket.run).ok().flatten() {
            Some(release) => (RunStatus::Published, Some(release.id), Some(too_late(failure, release.id))),
            None => (RunStatus::Failed, None, Some(failure)),
        },
    };
    let ledger = serde_json::to_value(&report)
        .map_err(|error| Failure::bug(format!("the ledger cannot be written as JSON: {error}")))?;
    let message = failure.as_ref().map(ToString::to_string);
    let kept = control.end_run(ticket.run, status, clock::micros_now(), release, message.as_deref(), &ledger).await;
    control.close().await;
    let told = tell(context, ticket, status, release, &report);
    match failure {
        // What went wrong first is what the user must read; what else did stands below it.
        Some(failure) => Err(match kept {
            Ok(()) => failure,
            Err(second) => failure.detail(format!("also, the run's ledger was not kept: {}", second.message)),
        }),
        None => kept.and(told),
    }
}

/// Ends the list's entry of a run whose process died, and says what is known of it: killed between its release and the end
/// of its entry, it did publish.
async fn bury(context: &Context, control: &Control, dead: RunId) -> Result<String> {
    let Some(release) = released_by(context, dead)? else {
        return Ok(format!("run {dead} was interrupted; this run does its work"));
    };
    let report = json!({ "balances": release.balance, "resolution": null, "rejects": 0,
        "notes": ["the process ended after the release was published and before the run was"] });
    let ended_at = context.now.micros();
    control.end_run(dead, RunStatus::Published, ended_at, Some(release.id), None, &report).await?;
    Ok(format!("run {dead} was interrupted after it had published release {}", release.id))
}

/// The release that a run published, where it came so far.
fn released_by(context: &Context, run: RunId) -> Result<Option<Release>> {
    let releases = match Lake::open_read_only(&context.state_root) {
        Ok(lake) => lake.releases()?,
        Err(_) => Vec::new(),
    };
    Ok(releases.into_iter().find(|release| release.run == run.to_string()))
}

/// What went wrong after the commit; the release is out all the same, and the operator must know that first.
fn too_late(failure: Failure, release: u64) -> Failure {
    let mut told =
        Failure::new(failure.kind, format!("release {release} is published; after that: {}", failure.message));
    (told.details, told.hints) = (failure.details, failure.hints);
    told.hint("readers are served the new release; the next run tidies up what is left to do")
}

async fn execute(
    context: &Context,
    arguments: &RunArguments,
    bound: &BoundPipeline,
    files: Arc<dyn FileSystem>,
    ticket: Ticket,
    report: &mut Report,
) -> Result<Published> {
    let root = &context.state_root;
    let lake = Lake::open(root, files.clone())?;
    let base = lake.head()?;
    let base_pins = base.map(|base| lake.release(base)).transpose()?.map(|release| release.pins);
    let base_rejects = match base {
        Some(base) => lake.read(base, &bind::reject_table())?.map(|table| Reject::read_table(&table)).transpose()?,
        None => None,
    };
    let work = Work {
        bound,
        root,
        files,
        lake: &lake,
        base,
        base_pins,
        base_rejects: base_rejects.unwrap_or_default(),
        run: ticket.run.to_string(),
        fencing_token: ticket.fencing_token,
        started_at: context.now.micros(),
        as_of: context.as_of(arguments.as_of),
        faults: Faults { lose_row: arguments.lose_row },
        progress: context.progress,
    };
    run::execute(&work, report).await
}

/// Prints how the run went; what went wrong is printed after it, as every failure is.
fn tell(context: &Context, ticket: Ticket, status: RunStatus, release: Option<u64>, report: &Report) -> Result<()> {
    if context.json {
        return output::json(&json!({
            "run": ticket.run.to_string(), "status": status, "release": release, "report": report,
        }));
    }
    super::runs::print_report(report)?;
    output::line("")?;
    if report.rejects > 0 {
        output::line(&format!("{} rejects: `onefold rejects list` says why", report.rejects))?;
    }
    let release = release.map_or_else(|| "none".to_string(), |release| release.to_string());
    output::line(&match status {
        RunStatus::Published => format!("run {} published release {release}", ticket.run),
        RunStatus::Unchanged => format!("run {} found nothing new; release {release} stays", ticket.run),
        _ => format!("run {} published nothing; {} tables stay as they were", ticket.run, Layer::Mart.name()),
    })
}
