//! `onefold epoch`: what was learned, and what is in force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use onefold_contract::file_system::{Disk, FileSystem};
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Failure, Result};
use onefold_control::{Control, RunLock};
use onefold_entity_resolution::{self as matcher, TrainedModel};
use onefold_warehouse::dictionaries::DictionaryStore;
use onefold_warehouse::epochs::EpochStore;
use onefold_warehouse::lake::Lake;
use serde_json::json;

use crate::bind::{self, BoundPipeline, Context};
use crate::cli::{EpochCommand, PipelineArguments};
use crate::output::{self, Table};
use crate::run;

/// Lists, shows, trains or adopts epochs.
pub(crate) async fn epoch(context: &Context, command: &EpochCommand) -> Result<()> {
    match command {
        EpochCommand::List => list(context, &open(context)?),
        EpochCommand::Show { epoch } => show(context, &open(context)?, epoch.as_deref()),
        EpochCommand::Train(arguments) => train(context, arguments).await,
        EpochCommand::Adopt { epoch } => adopt(context, epoch),
    }
}

fn open(context: &Context) -> Result<EpochStore> {
    let files: Arc<dyn FileSystem> = Arc::new(Disk);
    EpochStore::open(&context.state_root, files)
}

fn list(context: &Context, store: &EpochStore) -> Result<()> {
    let (epochs, adopted) = (store.list()?, store.adopted()?);
    if context.json {
        return output::json(&json!({ "adopted": adopted, "epochs": epochs }));
    }
    let mut table = Table::new(["epoch", "pipeline", "trained", "by", "code", "dictionary", "adopted"]);
    for epoch in &epochs {
        table.row([
            epoch.id.clone(),
            epoch.pipeline.clone(),
            epoch.trained_at.clone(),
            epoch.trained_by_run.clone(),
            epoch.code_version.clone(),
            epoch.dictionary.chars().take(12).collect(),
            if adopted.as_ref() == Some(&epoch.id) { "yes" } else { "" }.to_string(),
        ]);
    }
    table.print("no epoch has been trained yet; the first run trains one")
}

fn show(context: &Context, store: &EpochStore, asked: Option<&str>) -> Result<()> {
    let id = match asked {
        Some(id) => id.to_string(),
        None => store.adopted()?.ok_or_else(|| {
            Failure::state("no epoch is adopted yet").hint("the first published run trains and adopts one")
        })?,
    };
    let epoch = store.read(&id)?;
    if context.json {
        return output::json(&epoch);
    }
    output::line(&format!(
        "epoch {} of pipeline {}, trained {} by {}",
        epoch.id, epoch.pipeline, epoch.trained_at, epoch.trained_by_run
    ))?;
    output::line(&format!("code {}, dictionary {}", epoch.code_version, epoch.dictionary))?;
    for note in &epoch.notes {
        output::line(&format!("note: {note}"))?;
    }
    for (source, columns) in &epoch.decisions {
        for (column, decision) in columns.iter().filter(|(_, decision)| !decision.evidence.is_empty()) {
            output::line(&format!("{source}.{column}: {}", decision.evidence))?;
        }
    }
    match run::model_of(&epoch)? {
        Some(model) => print_model(&model),
        None => Ok(()),
    }
}

fn print_model(model: &TrainedModel) -> Result<()> {
    output::line("")?;
    let mut table = Table::new(["comparison", "level", "m", "u", "bits"]);
    for comparison in &model.comparisons {
        for level in &comparison.levels {
            table.row([
                comparison.name.clone(),
                level.name.clone(),
                format!("{:.4}", level.m),
                format!("{:.6}", level.u),
                format!("{:+.2}", level.weight.as_f64()),
            ]);
        }
    }
    table.print("the model compares nothing")
}

fn adopt(context: &Context, id: &str) -> Result<()> {
    let _lock = RunLock::take(&context.state_root)?;
    let store = open(context)?;
    let epoch = store.read(id)?;
    let in_force = store.adopted()?.as_ref() == Some(&epoch.id);
    store.adopt(&epoch.id)?;
    if context.json {
        return output::json(&json!({ "adopted": epoch.id }));
    }
    if in_force {
        return output::line(&format!("epoch {} is in force already", epoch.id));
    }
    output::line(&format!("epoch {} is adopted; the next run works by it", epoch.id))
}

/// Learns a new epoch from the published records, and says what adopting it would change.
async fn train(context: &Context, arguments: &PipelineArguments) -> Result<()> {
    let bound = bind::pipeline(arguments).await.map_err(|mistakes| bind::mistakes_failure(&mistakes))?;
    let lake = Lake::open_read_only(&context.state_root)?;
    let release = super::release::chosen(&lake, None)?;
    let _lock = RunLock::take(&context.state_root)?;
    let control = Control::open(&context.state_root).await?;
    super::belongs(context, &control, &bound.pipeline.spec.name).await?;
    control.close().await;
    let files: Arc<dyn FileSystem> = Arc::new(Disk);

    let Anew { decisions, rows, not_loaded } = standardize_anew(&bound, &lake, release)?;
    let by_source: BTreeMap<&str, &RecordBatch> = rows.iter().map(|(name, rows)| (name.as_str(), rows)).collect();
    let mut trained = None;
    let mut moved = 0;
    if let Some(spec) = bound.pipeline.model() {
        let records = run::records_of(&bound.pipeline.sources, spec, &by_source)?;
        let model = matcher::train(&records, spec)?;
        moved = records_that_move(&lake, release, &records, &run::as_kept(&model)?)?;
        trained = Some(model);
    }
    let dictionaries = &bound.dictionaries;
    DictionaryStore::open(&context.state_root, files.clone())?
        .put(dictionaries.parsed.version(), &dictionaries.texts)?;
    let by = format!("release {release}");
    let mut epoch = run::new_epoch(
        &bound.pipeline.spec.name,
        &by,
        context.now.micros(),
        &dictionaries.parsed,
        decisions,
        trained.as_ref(),
    )?;
    epoch.notes = not_loaded.iter().map(|source| not_loaded_yet(source)).collect();
    let effect = match moved {
        0 => format!("adopting it would leave every record of release {release} with the records it stands with"),
        _ => format!("adopting it would put {moved} records of release {release} together with other records"),
    };
    epoch.notes.push(effect.clone());
    let store = EpochStore::open(&context.state_root, files)?;
    let id = store.write(epoch)?;
    let in_force = store.adopted()?.as_ref() == Some(&id);
    if context.json {
        return output::json(&json!({ "epoch": id, "release": release, "records_that_move": moved,
            "sources_not_loaded": not_loaded, "in_force": in_force }));
    }
    for source in &not_loaded {
        output::line(&not_loaded_yet(source))?;
    }
    if in_force {
        return output::line(&format!("nothing new was learned: epoch {id}, which is in force, says the same"));
    }
    output::line(&format!("epoch {id} is trained; {effect}"))?;
    output::line(&format!("`onefold epoch adopt {id}` puts it in force"))
}

fn not_loaded_yet(source: &str) -> String {
    format!("source {source} has not been loaded yet, and the run that first loads it decides its columns")
}

/// What a release's staged records are by other dictionaries.
struct Anew {
    decisions: run::Decisions,
    /// The standardized rows of each source.
    rows: Vec<(String, RecordBatch)>,
    /// The sources that no release has.
    not_loaded: Vec<String>,
}

/// Decides every column and standardizes every staged record of a release by the pipeline's dictionaries.
fn standardize_anew(bound: &BoundPipeline, lake: &Lake, release: u64) -> Result<Anew> {
    let mut anew = Anew { decisions: run::Decisions::new(), rows: Vec::new(), not_loaded: Vec::new() };
    let dictionaries = &bound.dictionaries.parsed;
    for source in &bound.pipeline.sources {
        let Some(staged) = lake.current(release, &TableName::new(Layer::Staged, &source.name))? else {
            anew.not_loaded.push(source.name.clone());
            continue;
        };
        let plan = bind::standardize_plan(source);
        let decided = onefold_standardize::decide(&plan, &staged, dictionaries);
        let outcome = onefold_standardize::standardize(&plan, &staged, &decided, dictionaries)?;
        anew.decisions.insert(source.name.clone(), decided);
        anew.rows.push((source.name.clone(), outcome.accepted));
    }
    Ok(anew)
}

/// How many records of a release would stand with other records than they do. Records that the release has not resolved
/// do not move: they come.
fn records_that_move(lake: &Lake, release: u64, records: &RecordBatch, model: &TrainedModel) -> Result<u64> {
    let Some(xref) = lake.current(release, &bind::xref_table())? else { return Ok(0) };
    let ids = super::evaluate::assignment(&xref)?;
    let clusters = matcher::resolve(records, model, &[])?.clusters.labels;
    let mut before: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut after: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let refs = matcher::record_refs(records)?;
    for (place, record) in refs.iter().enumerate() {
        if let Some(id) = ids.get(&(record.source.clone(), record.source_key.clone())) {
            before.entry(id).or_default().push(place);
            after.entry(clusters[place]).or_default().push(place);
        }
    }
    let stays: BTreeSet<&Vec<usize>> = before.values().collect();
    Ok(after.values().filter(|members| !stays.contains(members)).map(|members| members.len() as u64).sum())
}
