//! Folding a table without a pipeline: profile, propose, standardize, train, match, cluster.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::DataType;
use onefold_contract::{Failure, Reject, Result, TableProfile};
use onefold_entity_resolution::{self as matcher, BlockPlan, ModelSpec, Proposal, Resolution, TrainedModel, kernel};
use onefold_standardize::Dictionaries;
use onefold_standardize::profile::ProfileSettings;

use super::model_file::{Model, mistakes_of};
use super::records::{Table, columns_of, prepare};
use crate::bind::mistakes_failure;

/// How a table is to be folded.
pub(crate) struct Matching {
    /// What was said about columns and region.
    pub(crate) settings: ProfileSettings,
    /// Columns that are not to be compared.
    pub(crate) ignored: BTreeSet<String>,
    /// The model, where one was given.
    pub(crate) model: Option<Model>,
    /// Whether only records of different sources may be linked.
    pub(crate) across: bool,
    /// Whether all columns are wanted clean, for golden records.
    pub(crate) all_columns: bool,
}

/// A table whose records were folded.
pub(crate) struct Folded {
    pub(crate) profile: TableProfile,
    /// Absent where a model was given.
    pub(crate) proposal: Option<Proposal>,
    /// The clean records, in the order of the table.
    pub(crate) records: RecordBatch,
    /// What cleaning found wrong.
    pub(crate) rejects: Vec<Reject>,
    pub(crate) model: TrainedModel,
    pub(crate) found: Resolution,
    /// The cluster of every row, numbered from 1 in the order of their first rows.
    pub(crate) clusters: Vec<u32>,
}

impl Folded {
    /// The number of clusters.
    pub(crate) fn count(&self) -> usize {
        self.clusters.iter().max().map_or(0, |last| *last as usize)
    }

    /// The sizes of clusters: how many there are of each size.
    pub(crate) fn sizes(&self) -> BTreeMap<u32, u32> {
        let mut members = vec![0u32; self.count()];
        for cluster in &self.clusters {
            members[*cluster as usize - 1] += 1;
        }
        let mut sizes = BTreeMap::new();
        for size in members {
            *sizes.entry(size).or_default() += 1;
        }
        sizes
    }
}

/// Folds a table.
///
/// # Errors
/// Nothing can be matched, or the model given does not fit the table.
pub(crate) fn fold(table: &Table, matching: Matching, dictionaries: &Dictionaries) -> Result<Folded> {
    let Matching { mut settings, ignored, model, across, all_columns } = matching;
    if let Some(model) = &model {
        let said = model.kinds.iter().map(|(column, kind)| (column.clone(), *kind));
        settings.kinds = said.chain(std::mem::take(&mut settings.kinds)).collect();
        settings.region = settings.region.or_else(|| model.region.clone());
    }
    let profile = table.profile(settings, dictionaries)?;
    let (spec, proposal) = if let Some(model) = model {
        fits(&model, &profile)?;
        (model.spec, None)
    } else {
        let proposal = matcher::propose(&profile, &ignored)?;
        (proposal.spec.clone(), Some(proposal))
    };
    let wanted = if all_columns {
        profile.columns.iter().map(|column| column.name.clone()).collect()
    } else {
        columns_wanted(&spec, &profile)?
    };
    let (records, rejects) = prepare(table, &profile, &wanted, dictionaries)?;
    let model = matcher::train(&records, &spec)?;
    let found = resolved(&records, &model, across.then_some(&table.sources))?;
    let clusters = numbered(&found.clusters.labels);
    Ok(Folded { profile, proposal, records, rejects, model, found, clusters })
}

/// Resolves the records; across sources, edges within one are left out.
fn resolved(records: &RecordBatch, model: &TrainedModel, across: Option<&StringArray>) -> Result<Resolution> {
    let Some(sources) = across else { return matcher::resolve(records, model, &[]) };
    let plan = BlockPlan::new(records, &model.spec)?;
    let mut output = kernel::run(&plan, 0..plan.unit_count(), records, &model.spec, Some(model))?;
    output.edges.retain(|edge| sources.value(edge.left as usize) != sources.value(edge.right as usize));
    matcher::resolve_from(records, model, &plan, output, &[])
}

/// The clusters numbered from 1, in the order of their first rows.
fn numbered(labels: &[u32]) -> Vec<u32> {
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let number = |label: &u32| {
        let next = numbers.len() as u32 + 1;
        *numbers.entry(*label).or_insert(next)
    };
    labels.iter().map(number).collect()
}

/// The columns of a table with the types they have when clean.
fn clean_columns(profile: &TableProfile) -> BTreeMap<String, DataType> {
    profile.columns.iter().flat_map(|column| columns_of(&column.name, column.guess.kind)).collect()
}

/// Whether a model given fits the table: it names columns that are there, of types that it can compare.
fn fits(model: &Model, profile: &TableProfile) -> Result<()> {
    let mistakes = mistakes_of(model, &clean_columns(profile));
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes_failure(&mistakes)) }
}

/// The columns that a model needs: every text of it that is the name of a column, or of one derived of it.
fn columns_wanted(spec: &ModelSpec, profile: &TableProfile) -> Result<BTreeSet<String>> {
    let written = serde_json::to_value(spec)
        .map_err(|error| Failure::bug(format!("a model cannot be written as JSON: {error}")))?;
    let mut texts = BTreeSet::new();
    texts_of(&written, &mut texts);
    let named = |column: &&onefold_contract::ColumnProfile| {
        columns_of(&column.name, column.guess.kind).iter().any(|(name, _)| texts.contains(name))
    };
    Ok(profile.columns.iter().filter(named).map(|column| column.name.clone()).collect())
}

fn texts_of(value: &serde_json::Value, texts: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => drop(texts.insert(text.clone())),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts_of(item, texts)),
        serde_json::Value::Object(entries) => entries.values().for_each(|item| texts_of(item, texts)),
        _ => {}
    }
}
