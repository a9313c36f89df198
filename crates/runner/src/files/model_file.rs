//! A model in a file: written with the reasons of its parts, and read back with every mistake at once.
//!
//! Beside what a pipeline's model says, the file says in `[reading]` what the columns were taken for, which in a pipeline its
//! source says. So the file is all that the next run needs to do the same again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use arrow::datatypes::DataType;
use onefold_contract::{AttributeKind, Failure, Result, TableProfile};
use onefold_entity_resolution::{ModelSpec, Proposal, TrainedModel};
use onefold_standardize::profile::DOUBT;

use crate::bind::mistakes_failure;
use crate::config::{self, Mistake};

/// A model file that was read.
pub(crate) struct Model {
    pub(crate) file: PathBuf,
    pub(crate) spec: ModelSpec,
    pub(crate) kinds: BTreeMap<String, AttributeKind>,
    pub(crate) region: Option<String>,
}

/// Reads a model file.
///
/// # Errors
/// Every mistake of the file.
pub(crate) fn read_model(file: &Path) -> Result<Model> {
    let (spec, reading) = config::load_model(file).map_err(|mistakes| mistakes_failure(&mistakes))?;
    let kinds = reading.columns.into_iter().map(|column| (column.name, column.kind)).collect();
    Ok(Model { file: file.to_path_buf(), spec, kinds, region: reading.region })
}

/// What is wrong with a model for a table with these clean columns, each at its place in the file.
pub(crate) fn mistakes_of(model: &Model, columns: &BTreeMap<String, DataType>) -> Vec<Mistake> {
    let mistakes = model.spec.mistakes(Some(columns));
    mistakes.into_iter().map(|(way, message)| config::mistake_at(&model.file, &way, message)).collect()
}

/// A proposed model as a file that a person can read: what was assumed, what is left out, and why each part.
///
/// # Errors
/// A bug, where a part cannot be written as TOML.
pub(crate) fn written(
    file: &str,
    profile: &TableProfile,
    proposal: &Proposal,
    trained: &TrainedModel,
) -> Result<String> {
    let mut text = String::new();
    head(&mut text, file, profile, proposal, trained);
    text.push_str(&model_text(proposal)?);
    reading(&mut text, profile);
    Ok(text)
}

/// A proposed model with the reason of each part.
///
/// # Errors
/// A bug, where a part cannot be written as TOML.
pub(crate) fn model_text(proposal: &Proposal) -> Result<String> {
    let mut text = String::new();
    let spec = toml::Table::try_from(&proposal.spec).map_err(|error| bug(&error))?;
    for name in ["name", "entity", "description"] {
        if let Some(value) = spec.get(name) {
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    text.push_str("\n# Which pairs are worth comparing: two records that share a key of one of these rules. A block of more records than\n");
    text.push_str("# `max_block` is cut to pieces by each part of `refine`.\n");
    list(&mut text, &spec, "blocking_rules", &proposal.rule_reasons, &["name", "method", "keys"]);
    text.push_str("\n# What is compared. How much each agreement tells is learned from the records.\n");
    text.push_str("# `term_frequency`: agreement on a rare value tells more. `shared_in_household`: relatives have it in common.\n");
    list(&mut text, &spec, "comparisons", &proposal.comparison_reasons, &["name", "column", "method"]);
    text.push_str("\n# Where the lines are drawn, as probabilities. Pairs at `link` and above become one; those between the lines are for\n");
    text.push_str("# a person to look at. A higher `link` makes fewer wrong merges and misses more right ones.\n");
    for (name, table) in spec.iter().filter_map(|(name, value)| Some((name, value.as_table()?))) {
        let mut part = String::new();
        entries(&mut part, table, &["link", "review", "seed"]);
        if !part.is_empty() {
            let _ = write!(text, "\n[{name}]\n{part}");
        }
    }
    text.push_str("\n# Which value of an attribute becomes the golden record's.\n");
    list(&mut text, &spec, "survivorship", &[], &["attribute", "rule"]);
    Ok(text)
}

fn bug(error: &dyn std::error::Error) -> Failure {
    Failure::bug(format!("a model cannot be written as TOML: {error}"))
}

fn head(text: &mut String, file: &str, profile: &TableProfile, proposal: &Proposal, trained: &TrainedModel) {
    let _ = writeln!(
        text,
        "# The model that onefold made for {file}: {} rows, taken for records of one {} each.",
        profile.rows,
        proposal.entity.name()
    );
    text.push_str("# Change what is wrong and run again with --model and the name of this file.\n#\n");
    for note in to_check(profile) {
        let _ = writeln!(text, "# Check: {note}");
    }
    for (column, reason) in &proposal.left_out {
        let _ = writeln!(text, "# Not compared: {column}, because {reason}");
    }
    let report = &trained.report;
    match &report.degenerate {
        Some(reason) => {
            let _ = writeln!(
                text,
                "# Training learned nothing that can be believed, because {reason}; the figures below hold as they stand."
            );
        }
        None => {
            let _ = writeln!(
                text,
                "# Training looked at {} candidate pairs and expects {:.0} of them to be matches.",
                report.candidate_pairs, report.expected_matches
            );
        }
    }
    text.push('\n');
}

/// What a person should look at before trusting the result, one sentence each.
pub(crate) fn to_check(profile: &TableProfile) -> Vec<String> {
    let mut notes = Vec::new();
    for column in &profile.columns {
        let guess = &column.guess;
        let reasons = guess.reasons.join("; ");
        let kind = guess.kind.name();
        if column.present() > 0 && guess.confidence < DOUBT && !column.unique {
            let others: Vec<&str> = guess.others.iter().map(|(kind, _)| kind.name()).collect();
            let or = if others.is_empty() { String::new() } else { format!(", or may be {}", others.join(" or ")) };
            notes.push(format!("column {} is taken for {kind}{or} ({reasons})", column.name));
        }
        if column.defect_share() > 0.05 {
            let example = column.defects.first().map_or("", |defect| defect.example.as_str());
            notes.push(format!(
                "{:.0} % of column {} cannot be read as {kind}, such as `{example}`",
                column.defect_share() * 100.0,
                column.name
            ));
        }
        if let Some(junk) = column.junk.first() {
            notes.push(format!(
                "`{}` stands on {} rows of column {} and is taken to name nobody",
                junk.value, junk.count, column.name
            ));
        }
    }
    if let Some(region) = &profile.region {
        notes.push(format!(
            "telephone numbers and postcodes are read as those of {region}, because {}",
            profile.region_reason
        ));
    }
    notes
}

/// The entries of a table that say something, the named ones first, each on a line of its own.
fn entries(text: &mut String, table: &toml::Table, first: &[&str]) {
    let named = first.iter().filter_map(|name| table.get_key_value(*name));
    let others = table.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    // A rule's keys are written even where there are none: every rule must say them.
    for (name, value) in named.chain(others).filter(|(name, value)| *name == "keys" || !is_default(value)) {
        let _ = writeln!(text, "{name} = {value}");
    }
}

/// Whether a value says nothing that leaving it out would not say.
fn is_default(value: &toml::Value) -> bool {
    match value {
        toml::Value::Array(items) => items.is_empty(),
        toml::Value::String(text) => text.is_empty(),
        toml::Value::Boolean(flag) => !flag,
        _ => false,
    }
}

/// A list of tables, each with its reason above.
fn list(text: &mut String, spec: &toml::Table, name: &str, reasons: &[String], first: &[&str]) {
    let items = spec.get(name).and_then(toml::Value::as_array);
    for (place, item) in items.into_iter().flatten().enumerate() {
        let Some(table) = item.as_table() else { continue };
        text.push('\n');
        if let Some(reason) = reasons.get(place) {
            let _ = writeln!(text, "# {reason}");
        }
        let _ = writeln!(text, "[[{name}]]");
        entries(text, &without_defaults(table), first);
    }
}

/// A blocking rule without what only other methods take and what goes without saying; any other table as it is.
fn without_defaults(table: &toml::Table) -> toml::Table {
    let mut table = table.clone();
    let is = |method: &str, table: &toml::Table| table.get("method").and_then(toml::Value::as_str) == Some(method);
    if !is("min_hash", &table) {
        table.remove("signature");
    }
    if !is("sorted_neighbourhood", &table) {
        table.remove("window");
    }
    if is("keys", &table) {
        table.remove("method");
    }
    for parts in ["keys", "refine"] {
        let parts = table.get_mut(parts).and_then(toml::Value::as_array_mut);
        for part in parts.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
            if part.get("part").and_then(toml::Value::as_str) == Some("whole") {
                part.remove("part");
            }
        }
    }
    table
}

/// What the columns were taken for.
fn reading(text: &mut String, profile: &TableProfile) {
    text.push_str("\n# What the columns were taken for. In a pipeline the source's file says this; leave it out there.\n[reading]\n");
    if let Some(region) = &profile.region {
        let _ = writeln!(text, "region = {}", toml::Value::from(region.as_str()));
    }
    for column in &profile.columns {
        let _ = writeln!(text, "\n[[reading.columns]]");
        let _ = writeln!(text, "name = {}", toml::Value::from(column.name.as_str()));
        let _ = writeln!(
            text,
            "kind = {} # {:.0} % sure",
            toml::Value::from(column.guess.kind.name()),
            column.guess.confidence * 100.0
        );
    }
}
