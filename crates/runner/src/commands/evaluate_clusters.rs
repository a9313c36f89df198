//! `onefold evaluate --clusters`: the clusters of any file against a known truth.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::{Array, StringArray};
use onefold_contract::{Failure, Result};
use serde_json::json;

use crate::bind::Context;
use crate::cli::{EvaluateArguments, ReadArguments};
use crate::files::{self, Figures, Input, Record};
use crate::output::{self, Table};

/// The column of the truth that says what makes an entity hard.
pub(super) const TROUBLE: &str = "trouble";

/// The key of a record: its source, where both files tell it, and its id.
type Key = (String, String);

/// Judges the clusters of a file.
pub(crate) fn evaluate(context: &Context, arguments: &EvaluateArguments, clusters: &Path) -> Result<()> {
    let (Some(id), Some(entity)) = (&arguments.id, &arguments.truth_column) else {
        return Err(Failure::usage("--clusters needs --id and --truth-column"));
    };
    let found = files::read(clusters, &ReadArguments::default())?;
    let truth = files::read(&arguments.truth, &ReadArguments::default())?;
    let sources = match &arguments.source_column {
        Some(column) => Some(files::column_named(&truth, column, "--source-column")?),
        None => None,
    };
    // An id is unique within its source, where the clusters tell the source too.
    let found_sources =
        arguments.source_column.as_ref().and_then(|column| files::column_named(&found, column, "").ok());
    let key_sources = sources.filter(|_| found_sources.is_some());
    let labels = by_key(&found, id, &arguments.cluster_column, "--cluster-column", found_sources)?;
    let entities = by_key(&truth, id, entity, "--truth-column", key_sources)?;
    let troubles = files::column_named(&truth, TROUBLE, "").ok();
    let missing = entities.keys().filter(|key| !labels.contains_key(*key)).count();
    let unjudged = labels.keys().filter(|key| !entities.contains_key(*key)).count();
    let mut numbers = Numbers::default();
    let records: Vec<Record> = entities
        .iter()
        .map(|(key, (entity, row))| Record {
            cluster: match labels.get(key) {
                Some((label, _)) => numbers.cluster(format!("c{label}")),
                None => numbers.cluster(format!("r{}|{}", key.0, key.1)),
            },
            entity: numbers.entity(entity),
            source: sources.map(|sources| numbers.source(sources.value(*row))),
            trouble: troubles.map(|troubles| words(troubles, *row)).unwrap_or_default(),
        })
        .collect();
    let figures = files::judge(&records);
    if context.json {
        return output::json(&json!({
            "clusters": found.file, "truth": truth.file, "evaluation": figures,
            "records_not_in_clusters": missing, "records_not_in_truth": unjudged,
        }));
    }
    print(&found.file, &figures)?;
    if missing > 0 {
        output::line(&format!(
            "{missing} records of the truth are in no cluster; each is counted as apart from all others"
        ))?;
    }
    if unjudged > 0 {
        output::line(&format!("{unjudged} records of the clusters are not in the truth; they are not judged"))?;
    }
    Ok(())
}

/// The label of each record by its key, and the row it stands on.
fn by_key<'a>(
    input: &'a Input,
    id: &str,
    label: &str,
    option: &str,
    sources: Option<&StringArray>,
) -> Result<BTreeMap<Key, (&'a str, usize)>> {
    let (ids, labels) = (files::column_named(input, id, "--id")?, files::column_named(input, label, option)?);
    let mut by_key = BTreeMap::new();
    for row in 0..ids.len() {
        let at = input.positions.get(row).copied().unwrap_or(row as u64 + 1);
        if ids.is_null(row) || labels.is_null(row) {
            let column = if ids.is_null(row) { id } else { label };
            return Err(Failure::source(format!("{}: row {at} has no value in column {column}", input.file))
                .hint("every record needs its id, and what it belongs to"));
        }
        let key = (sources.map_or_else(String::new, |s| s.value(row).to_owned()), ids.value(row).to_owned());
        if by_key.insert(key, (labels.value(row), row)).is_some() {
            return Err(Failure::source(format!(
                "{}: record `{}` stands there twice, the second time on row {at}",
                input.file,
                ids.value(row)
            ))
            .hint("keep one row a record; where ids repeat from source to source, name the column of the sources with --source-column"));
        }
    }
    Ok(by_key)
}

/// The words of a record's trouble, separated by `;`.
fn words(troubles: &StringArray, row: usize) -> BTreeSet<String> {
    if troubles.is_null(row) { BTreeSet::new() } else { words_of(troubles.value(row)) }
}

/// Words separated by `;`.
pub(super) fn words_of(text: &str) -> BTreeSet<String> {
    text.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Labels as numbers, in the order they come.
#[derive(Default)]
pub(super) struct Numbers {
    clusters: BTreeMap<String, u32>,
    entities: BTreeMap<String, u32>,
    sources: BTreeMap<String, u32>,
}

fn number(numbers: &mut BTreeMap<String, u32>, label: &str) -> u32 {
    let next = numbers.len() as u32;
    *numbers.entry(label.to_owned()).or_insert(next)
}

impl Numbers {
    pub(super) fn cluster(&mut self, label: String) -> u32 {
        let next = self.clusters.len() as u32;
        *self.clusters.entry(label).or_insert(next)
    }

    pub(super) fn entity(&mut self, label: &str) -> u32 {
        number(&mut self.entities, label)
    }

    fn source(&mut self, label: &str) -> u32 {
        number(&mut self.sources, label)
    }
}

/// Prints figures; `what` names what was judged.
pub(super) fn print(what: &str, figures: &Figures) -> Result<()> {
    let all = &figures.all;
    output::line(&format!(
        "{what}: {} records of {} true entities stand in {} clusters",
        all.records, all.entities, all.clusters
    ))?;
    output::line(&format!(
        "pairwise  precision {:.4}  recall {:.4}  F1 {:.4}   ({} true pairs, {} predicted, {} correct)",
        all.precision, all.recall, all.f1, all.true_pairs, all.predicted_pairs, all.correct_pairs
    ))?;
    output::line(&format!(
        "B-cubed   precision {:.4}  recall {:.4}  F1 {:.4}",
        all.b_cubed_precision, all.b_cubed_recall, all.b_cubed_f1
    ))?;
    output::line(&format!(
        "clusters  {} entities exactly right, {} in several clusters; {} clusters of several entities; largest cluster {}, largest entity {}",
        all.exact_entities,
        figures.split_entities,
        figures.mixed_clusters,
        figures.largest_cluster,
        figures.largest_entity
    ))?;
    if figures.by_trouble.is_empty() {
        return Ok(());
    }
    output::line("")?;
    let mut table = Table::new(["trouble", "records", "precision", "recall", "F1", "B-cubed F1"]);
    for (word, figures) in &figures.by_trouble {
        table.row([
            word.clone(),
            figures.records.to_string(),
            format!("{:.4}", figures.precision),
            format!("{:.4}", figures.recall),
            format!("{:.4}", figures.f1),
            format!("{:.4}", figures.b_cubed_f1),
        ]);
    }
    table.print("the truth tells of no trouble")
}
