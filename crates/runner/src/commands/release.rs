//! `onefold release`: what readers see.

use onefold_contract::{Failure, Result};
use onefold_warehouse::lake::Lake;

use crate::bind::Context;
use crate::cli::ReleaseCommand;
use crate::output::{self, Table};

/// Lists or shows releases.
pub(crate) fn release(context: &Context, command: &ReleaseCommand) -> Result<()> {
    let lake = Lake::open_read_only(&context.state_root)?;
    match command {
        ReleaseCommand::List => list(context, &lake),
        ReleaseCommand::Show { release } => show(context, &lake, chosen(&lake, *release)?),
    }
}

/// The release asked for, or the newest.
pub(crate) fn chosen(lake: &Lake, asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(release) => Ok(release),
        None => lake.head()?.ok_or_else(|| {
            Failure::state("no release has been published yet")
                .hint("run a pipeline (`onefold run PIPELINE`); `onefold runs list` shows how runs ended")
        }),
    }
}

fn list(context: &Context, lake: &Lake) -> Result<()> {
    let releases = lake.releases()?;
    if context.json {
        return output::json(&releases);
    }
    let mut table = Table::new(["release", "published", "run", "pipeline", "epoch", "tables", "changed", "digest"]);
    for release in &releases {
        table.row([
            release.id.to_string(),
            release.published_at.clone(),
            release.run.clone(),
            release.pipeline.clone(),
            release.pins.epoch.clone(),
            release.tables.len().to_string(),
            release.tables.iter().filter(|t| t.changed).count().to_string(),
            release.digest.chars().take(12).collect(),
        ]);
    }
    table.print("no release has been published yet")
}

fn show(context: &Context, lake: &Lake, id: u64) -> Result<()> {
    let release = lake.release(id)?;
    if context.json {
        return output::json(&release);
    }
    output::line(&format!("release {} of pipeline {}", release.id, release.pipeline))?;
    output::line(&format!("published {} by run {}", release.published_at, release.run))?;
    output::line(&format!(
        "pins epoch {}, dictionary {}, identity ledger at event {}",
        release.pins.epoch,
        release.pins.dictionary.chars().take(12).collect::<String>(),
        release.pins.identity
    ))?;
    output::line("")?;
    let mut table = Table::new(["table", "rows", "files", "bytes", "changed", "digest"]);
    for summary in &release.tables {
        table.row([
            summary.name.to_string(),
            summary.rows.to_string(),
            summary.files.to_string(),
            summary.bytes.to_string(),
            if summary.changed { "yes" } else { "no" }.to_string(),
            summary.digest.chars().take(12).collect(),
        ]);
    }
    table.print("no table")
}
