//! `onefold rejects`: what did not go through.

use std::collections::{BTreeMap, BTreeSet};

use onefold_contract::{Failure, Reject, Result};
use onefold_control::Control;

use crate::bind::Context;
use crate::cli::RejectsCommand;
use crate::config::did_you_mean;
use crate::output::{self, Table};
use crate::run;

/// Lists or shows the rejects of a run.
pub(crate) async fn rejects(context: &Context, command: &RejectsCommand) -> Result<()> {
    let control = Control::open_read_only(&context.state_root).await?;
    match command {
        RejectsCommand::List { run } => {
            let run = super::runs::chosen(&control, run.as_deref()).await?.run;
            list(context, &run, &run::read_rejects(&context.state_root, &run)?)
        }
        RejectsCommand::Show { run, source, rule, limit } => {
            let run = super::runs::chosen(&control, run.as_deref()).await?.run;
            let mut rejects = run::read_rejects(&context.state_root, &run)?;
            known(&run, &rejects, "source", source.as_deref(), |reject| &reject.source)?;
            known(&run, &rejects, "rule", rule.as_deref(), |reject| &reject.rule)?;
            rejects.retain(|r| {
                source.as_ref().is_none_or(|s| *s == r.source) && rule.as_ref().is_none_or(|s| *s == r.rule)
            });
            show(context, &run, &rejects, *limit)
        }
    }
}

/// A filter that no reject of the run bears is more often mistyped than meant; those there are, are named. A run without
/// rejects has none of any name.
fn known(run: &str, rejects: &[Reject], what: &str, asked: Option<&str>, of: fn(&Reject) -> &String) -> Result<()> {
    let there: BTreeSet<&str> = rejects.iter().map(|reject| of(reject).as_str()).collect();
    let there: Vec<&str> = there.into_iter().collect();
    match asked {
        Some(asked) if !there.is_empty() && !there.contains(&asked) => {
            let failure = Failure::usage(format!("run {run} has no reject of {what} {asked}"));
            Err(match did_you_mean(asked, &there) {
                Some(meant) => failure.hint(format!("did you mean {meant}?")),
                None => failure.hint(format!("it has rejects of {}", there.join(", "))),
            })
        }
        _ => Ok(()),
    }
}

fn list(context: &Context, run: &str, rejects: &[Reject]) -> Result<()> {
    type Group<'a> = (&'a str, &'a str, &'a str, &'a str, &'static str);
    let mut groups: BTreeMap<Group<'_>, (u64, &Reject)> = BTreeMap::new();
    for reject in rejects {
        let column = reject.column.as_deref().unwrap_or_default();
        let group = (reject.source.as_str(), reject.stage.as_str(), column, reject.rule.as_str(), reject.scope.name());
        groups.entry(group).or_insert((0, reject)).0 += 1;
    }
    if context.json {
        let groups = groups.iter().map(|((source, stage, column, rule, scope), (count, example))| {
            serde_json::json!({ "source": source, "stage": stage, "column": column, "rule": rule, "scope": scope,
                "count": count, "example": example })
        });
        return output::json(&serde_json::json!({ "run": run, "rejects": groups.collect::<Vec<_>>() }));
    }
    let mut table = Table::new(["source", "stage", "column", "rule", "held back", "count", "example"]);
    for ((source, stage, column, rule, scope), (count, example)) in &groups {
        table.row([
            (*source).to_string(),
            (*stage).to_string(),
            (*column).to_string(),
            (*rule).to_string(),
            (*scope).to_string(),
            count.to_string(),
            example.reason.clone(),
        ]);
    }
    table.print(&format!("run {run} rejected nothing"))
}

fn show(context: &Context, run: &str, rejects: &[Reject], limit: usize) -> Result<()> {
    if context.json {
        return output::json(&rejects.iter().take(limit).collect::<Vec<_>>());
    }
    let mut table = Table::new(["source", "location", "row", "key", "column", "value", "reason"]);
    for reject in rejects.iter().take(limit) {
        table.row([
            reject.source.clone(),
            reject.location.clone(),
            reject.row.map(|row| row.to_string()).unwrap_or_default(),
            reject.source_key.clone().unwrap_or_default(),
            reject.column.clone().unwrap_or_default(),
            reject.raw_value.as_deref().unwrap_or_default().escape_debug().to_string(),
            reject.reason.clone(),
        ]);
    }
    if limit > 0 {
        table.print(&format!("run {run} rejected nothing of the kind"))?;
    }
    if rejects.len() > limit {
        let more = if limit > 0 { " more" } else { "" };
        output::note(&format!("{}{more} to show; --limit says how many are shown", rejects.len() - limit));
    }
    Ok(())
}
