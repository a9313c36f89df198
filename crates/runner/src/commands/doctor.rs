//! `onefold doctor`: whether what Onefold needs is there, reachable and whole. It changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use console::style;
use onefold_contract::extractor::ExtractorState;
use onefold_contract::{Failure, FailureKind, Result};
use onefold_control::{Control, RunLock};
use onefold_warehouse::epochs::EpochStore;
use onefold_warehouse::identity_ledger::IdentityLedger;
use onefold_warehouse::lake::Lake;
use serde::Serialize;
use serde_json::json;

use crate::bind::{self, BoundPipeline, Context};
use crate::cli::{DoctorArguments, PipelineArguments};
use crate::output;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    /// As it should be.
    Good,
    /// Not there yet, or busy; nothing to mend.
    Note,
    /// To be mended.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    health: Health,
    said: String,
    hints: Vec<String>,
    #[serde(skip)]
    kind: Option<FailureKind>,
}

impl Finding {
    fn good(what: &str, said: impl Into<String>) -> Self {
        Self { what: what.to_string(), health: Health::Good, said: said.into(), hints: Vec::new(), kind: None }
    }

    fn note(what: &str, said: impl Into<String>) -> Self {
        Self { health: Health::Note, ..Self::good(what, said) }
    }

    fn bad(what: &str, failure: Failure) -> Self {
        let said = std::iter::once(failure.message).chain(failure.details).collect::<Vec<_>>().join("; ");
        Self { health: Health::Bad, hints: failure.hints, kind: Some(failure.kind), ..Self::good(what, said) }
    }

    fn of(what: &str, result: Result<String>) -> Self {
        match result {
            Ok(said) => Self::good(what, said),
            Err(failure) => Self::bad(what, failure),
        }
    }
}

/// Looks at the program, the state root and, where one is named, a pipeline with its sources.
pub(crate) async fn doctor(context: &Context, arguments: &DoctorArguments) -> Result<()> {
    let threads = rayon::current_num_threads();
    let mut findings =
        vec![Finding::good("program", format!("version {}, {threads} threads", env!("CARGO_PKG_VERSION")))];
    findings.extend(state_root(context).await);
    if let Some(pipeline) = &arguments.pipeline {
        let asked = PipelineArguments { pipeline: pipeline.clone(), parameters: arguments.parameters.clone() };
        findings.extend(of_pipeline(&asked).await);
    }
    tell(context, &findings)?;
    let bad: Vec<&Finding> = findings.iter().filter(|finding| finding.health == Health::Bad).collect();
    match bad.first().and_then(|finding| finding.kind) {
        None => Ok(()),
        Some(kind) => Err(Failure::new(kind, format!("{} of {} things are to be mended", bad.len(), findings.len()))),
    }
}

fn tell(context: &Context, findings: &[Finding]) -> Result<()> {
    if context.json {
        return output::json(&json!({ "findings": findings }));
    }
    let width = findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or(0);
    for finding in findings {
        let sign = match finding.health {
            Health::Good => style("ok  ").green(),
            Health::Note => style("note").yellow(),
            Health::Bad => style("bad ").red().bold(),
        };
        output::line(&format!("{sign}  {:<width$}  {}", finding.what, finding.said))?;
        for hint in &finding.hints {
            output::line(&format!("      {:<width$}  {} {hint}", "", style("hint:").cyan()))?;
        }
    }
    Ok(())
}

async fn state_root(context: &Context) -> Vec<Finding> {
    let root = &context.state_root;
    if !root.exists() {
        return vec![Finding::note("state root", format!("{} is not there; the first run makes it", root.display()))];
    }
    let mut findings = vec![Finding::of("state root", writable(root)), lock(root)];
    findings.push(Finding::of("list of runs", runs(root).await));
    let lake = match Lake::open_read_only(root).and_then(|lake| Ok((lake.head()?, lake))) {
        Ok((Some(head), lake)) => Some((head, lake)),
        Ok((None, _)) => {
            findings.push(Finding::note("releases", "nothing is published yet"));
            None
        }
        Err(failure) => {
            findings.push(Finding::bad("releases", failure));
            None
        }
    };
    if let Some((head, lake)) = lake {
        findings.push(Finding::of("releases", releases(&lake, head)));
        findings.push(Finding::of("identity ledger", ledger(root, &lake, head)));
        findings.push(Finding::of("epochs", epochs(root)));
    }
    findings
}

/// Writes and removes an empty file: rights, a full disk and a read-only mount all show in it.
fn writable(root: &Path) -> Result<String> {
    let probe = root.join(format!(".doctor-{}", std::process::id()));
    let tried = std::fs::write(&probe, b"can this be written?").and_then(|()| std::fs::remove_file(&probe));
    tried.map_err(|error| {
        Failure::state(format!("{} cannot be written: {error}", root.display()))
            .hint("free some room, or mend the rights of the folder")
    })?;
    Ok(format!("{} can be written", root.display()))
}

fn lock(root: &Path) -> Finding {
    match RunLock::take(root) {
        Ok(_) => Finding::good("run lock", "free"),
        Err(failure) => Finding::note("run lock", failure.message),
    }
}

async fn runs(root: &Path) -> Result<String> {
    let runs = Control::open_read_only(root).await?.runs().await?;
    Ok(match runs.last() {
        Some(last) => format!("{} runs, the last {} ({})", runs.len(), last.run, last.status.name()),
        None => "no run yet".to_string(),
    })
}

fn releases(lake: &Lake, head: u64) -> Result<String> {
    let releases = lake.releases()?;
    let mut files = BTreeSet::new();
    for release in &releases {
        files.extend(lake.tables(release.id)?.into_iter().flat_map(|table| table.files));
    }
    let gone: Vec<&std::path::PathBuf> = files.iter().filter(|file| !file.is_file()).collect();
    match gone.first() {
        None => Ok(format!("{}, the newest {head}; all {} files are there", releases.len(), files.len())),
        Some(first) => Err(Failure::state(format!("{} files are gone, {} among them", gone.len(), first.display()))
            .hint("restore the state root from a backup")),
    }
}

fn ledger(root: &Path, lake: &Lake, head: u64) -> Result<String> {
    let (found, pinned) = (IdentityLedger::open_read_only(root)?.len(), lake.release(head)?.pins.identity);
    if found < pinned {
        return Err(Failure::state(format!("{found} events can be read, but release {head} pins {pinned}"))
            .hint("restore identity/ledger.jsonl of the state root from a backup: customer ids cannot be rebuilt"));
    }
    Ok(format!("{found} events, the chain of their hashes is whole"))
}

fn epochs(root: &Path) -> Result<String> {
    let store = EpochStore::open(root, std::sync::Arc::new(onefold_contract::file_system::Disk))?;
    let (epochs, adopted) = (store.list()?, store.adopted()?);
    Ok(format!("{}, {} is adopted", epochs.len(), adopted.as_deref().unwrap_or("none")))
}

async fn of_pipeline(asked: &PipelineArguments) -> Vec<Finding> {
    match bind::pipeline(asked).await {
        Ok(bound) => {
            let sources_said = output::counted(bound.pipeline.sources.len(), "source");
            let tables = output::counted(bound.pipeline.mart.len(), "mart table");
            let said = format!("{}: {sources_said}, {tables}, no mistake", asked.pipeline);
            std::iter::once(Finding::good("pipeline", said)).chain(sources(&bound)).collect()
        }
        Err(mistakes) => {
            let failure = Failure::usage(format!("{}: {} mistakes", asked.pipeline, mistakes.len()))
                .hint(format!("`onefold check {}` shows them all", asked.pipeline));
            vec![Finding::bad("pipeline", failure)]
        }
    }
}

/// Looks for what each source would land, and lands nothing.
fn sources(bound: &BoundPipeline) -> Vec<Finding> {
    let reached = |source| {
        let plan = onefold_sources::extractor(source)?.plan(&ExtractorState::default())?;
        let names: Vec<&str> = plan.partitions.iter().map(|partition| partition.name.as_str()).collect();
        Ok(names.join(", "))
    };
    let sources = bound.pipeline.sources.iter();
    sources.map(|source| Finding::of(&format!("source {}", source.name), reached(source))).collect()
}
