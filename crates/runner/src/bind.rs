//! From what was typed to what a command works with: environment, pipeline, state root.
//!
//! Everything that can be wrong is looked at here, before a command acts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use chrono::NaiveDate;
use onefold_contract::change::change_schema;
use onefold_contract::standardizer::ColumnSettings;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Failure, Result};
use onefold_entity_resolution::ModelSpec;
use onefold_sources::spec::SourceSpec;
use onefold_standardize::{By, ColumnPlan, DictionaryMistake, StandardizePlan};
use onefold_warehouse::mart::{self, MartMistake, MartPart, MartPlan, MartTable};
use onefold_warehouse::spec::MartTableSpec;

use crate::cli::{Global, PipelineArguments};
use crate::clock::Now;
use crate::config::{self, Mistake, Pipeline, Refused};
use crate::progress::Progress;
use crate::run::DictionarySet;

/// What every command works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) state_root: PathBuf,
    pub(crate) now: Now,
    pub(crate) json: bool,
    pub(crate) progress: Progress,
}

impl Context {
    /// Reads the environment's configuration and the clock.
    pub(crate) fn bind(global: &Global) -> Result<Self> {
        let environment = config::load_environment(global.config.as_deref()).map_err(|m| mistakes_failure(&m))?;
        if let Some(threads) = environment.threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
            pool.map_err(|error| Failure::bug(format!("the pool of {threads} threads cannot start: {error}")))?;
        }
        let state_root = global.state_root.clone().unwrap_or(environment.state_root);
        // The query engine and DuckDB take absolute paths only.
        let state_root = std::path::absolute(&state_root)
            .map_err(|error| Failure::usage(format!("{} is no folder: {error}", state_root.display())))?;
        let progress = Progress::new(global.quiet, global.verbose, global.json);
        Ok(Self { state_root, now: Now::read(global.now.as_deref())?, json: global.json, progress })
    }

    /// The date that SCD versions are valid from.
    pub(crate) fn as_of(&self, given: Option<NaiveDate>) -> NaiveDate {
        given.unwrap_or_else(|| self.now.day())
    }
}

/// A pipeline, with its mart planned: nothing about it can be wrong any more but the data.
#[derive(Debug)]
pub(crate) struct BoundPipeline {
    pub(crate) pipeline: Pipeline,
    pub(crate) mart: MartPlan,
    /// The dictionaries that the pipeline names, as they stand now; an epoch may pin others.
    pub(crate) dictionaries: Arc<DictionarySet>,
}

/// Reads a pipeline and reports every mistake of every file at once: those of the files, and those of the SELECTs as far
/// as the files that say what they read could be read.
pub(crate) async fn pipeline(arguments: &PipelineArguments) -> Result<BoundPipeline, Vec<Mistake>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in &arguments.parameters {
        parameters.insert(name.clone(), value.clone());
    }
    let folder = folder(&arguments.pipeline);
    let pipeline = match config::load(&folder, &parameters) {
        Ok(pipeline) => pipeline,
        Err(refused) => return Err(with_those_of_sql(&folder, *refused).await),
    };
    let dictionaries = dictionaries(&folder, &pipeline);
    let inputs = mart_inputs(&pipeline.sources, pipeline.model());
    let mart = planned(&folder, &pipeline.mart, &inputs).await;
    match (dictionaries, mart) {
        (Ok(dictionaries), Ok(mart)) => Ok(BoundPipeline { pipeline, mart, dictionaries: Arc::new(dictionaries) }),
        (dictionaries, mart) => {
            let both = [dictionaries.err(), mart.err()].into_iter().flatten().flatten();
            Err(config::in_order(both.collect()))
        }
    }
}

fn dictionaries(folder: &Path, pipeline: &Pipeline) -> Result<DictionarySet, Vec<Mistake>> {
    let texts = crate::run::dictionary_texts(&pipeline.spec.dictionaries)
        .map_err(|failure| vec![Mistake::new(folder.join("pipeline.toml"), failure.message)])?;
    DictionarySet::parse(texts).map_err(|found| found.into_iter().map(dictionary_mistake).collect())
}

type MartFiles = [(MartTableSpec, String)];

async fn planned(
    folder: &Path,
    files: &MartFiles,
    inputs: &BTreeMap<TableName, SchemaRef>,
) -> Result<MartPlan, Vec<Mistake>> {
    let in_words = |mistakes: Vec<MartMistake>| -> Vec<Mistake> {
        mistakes.into_iter().map(|mistake| mart_mistake(folder, files, mistake)).collect()
    };
    let names: BTreeSet<TableName> = inputs.keys().cloned().collect();
    let mart = mart::plan(&mart_tables(files), &names).map_err(in_words)?;
    mart::check(&mart, inputs).await.map_err(in_words)?;
    Ok(mart)
}

fn mart_tables(files: &MartFiles) -> Vec<MartTable> {
    files.iter().map(|(spec, sql)| MartTable { spec: spec.clone(), sql: sql.clone() }).collect()
}

/// The mistakes of a pipeline's files with those of its SQL. Where a file could not be read, columns are not judged, and
/// its name counts as that of a table.
async fn with_those_of_sql(folder: &Path, refused: Refused) -> Vec<Mistake> {
    let Refused { mut mistakes, sources, models, mart, unread } = refused;
    let inputs = mart_inputs(&sources, models.first());
    if unread.sources.is_empty() && unread.models.is_empty() && unread.mart.is_empty() {
        // A specification's own mistakes are among those found already.
        let mut found = planned(folder, &mart, &inputs).await.err().unwrap_or_default();
        found.retain(|mistake| !mistakes.iter().any(|known| known.same_place(mistake)));
        mistakes.extend(found);
        return config::in_order(mistakes);
    }
    let mut names: BTreeSet<TableName> = inputs.into_keys().collect();
    names.extend([golden_table(), xref_table()]);
    names.extend(unread.sources.iter().map(|name| TableName::new(Layer::Standardized, name)));
    names.extend(unread.mart.iter().map(|name| TableName::new(Layer::Mart, name)));
    let found = mart::plan(&mart_tables(&mart), &names).err().unwrap_or_default();
    let of_sql = found.into_iter().filter(|mistake| !matches!(mistake.part, MartPart::Specification(_)));
    mistakes.extend(of_sql.map(|mistake| mart_mistake(folder, &mart, mistake)));
    config::in_order(mistakes)
}

/// A mistake of a name dictionary.
fn dictionary_mistake(mistake: DictionaryMistake) -> Mistake {
    let mut found = Mistake::new(mistake.file, format!("found {}", mistake.found));
    found.line = Some(mistake.line as usize);
    found.expected = Some(mistake.expected);
    found
}

/// A mistake of the mart, at its place in the file it stands in.
fn mart_mistake(folder: &Path, files: &MartFiles, mistake: MartMistake) -> Mistake {
    let file = |extension: &str| folder.join("mart").join(&mistake.table).with_extension(extension);
    let found = match &mistake.part {
        MartPart::Select => {
            let mut found = Mistake::new(file("sql"), mistake.message);
            found.line = mistake.place.map(|place| place.line as usize);
            found.column = mistake.place.map(|place| place.column as usize);
            found
        }
        MartPart::Check(name) => {
            let spec = files.iter().map(|(spec, _)| spec).find(|spec| spec.name == mistake.table);
            let place = spec.and_then(|spec| spec.checks.iter().position(|check| &check.name == name)).unwrap_or(0);
            config::mistake_at(&file("toml"), &format!("checks[{place}].sql"), mistake.message)
        }
        MartPart::ExcludedSql => config::mistake_at(&file("toml"), "accounts_for.excluded_sql", mistake.message),
        MartPart::Specification(path) => config::mistake_at(&file("toml"), path, mistake.message),
    };
    Mistake { hint: mistake.hint, ..found }
}

/// The folder of a pipeline: the name's in `pipelines/`, unless a path was typed.
fn folder(typed: &str) -> PathBuf {
    let path = Path::new(typed);
    let is_path = path.components().count() > 1 || typed.starts_with('.');
    if is_path { path.to_path_buf() } else { Path::new("pipelines").join(typed) }
}

/// The tables that mart SELECTs may read, with their columns.
fn mart_inputs(sources: &[SourceSpec], model: Option<&ModelSpec>) -> BTreeMap<TableName, SchemaRef> {
    let standardized = sources.iter().map(|source| {
        let content = onefold_standardize::standardized_schema(&standardize_plan(source));
        (TableName::new(Layer::Standardized, &source.name), change_schema(&content))
    });
    let mut inputs: BTreeMap<TableName, SchemaRef> = standardized.collect();
    if let Some(model) = model {
        let (golden, xref) = crate::run::resolved_schemas(sources, model);
        inputs.insert(golden_table(), change_schema(&golden));
        inputs.insert(xref_table(), change_schema(&xref));
    }
    inputs
}

/// `resolved.golden_record`.
pub(crate) fn golden_table() -> TableName {
    TableName::new(Layer::Resolved, "golden_record")
}

/// `resolved.xref`.
pub(crate) fn xref_table() -> TableName {
    TableName::new(Layer::Resolved, "xref")
}

/// `quarantine.reject`.
pub(crate) fn reject_table() -> TableName {
    TableName::new(Layer::Quarantine, "reject")
}

/// What `standardize` is told about a source.
pub(crate) fn standardize_plan(source: &SourceSpec) -> StandardizePlan {
    let columns = source.columns.iter().map(|column| ColumnPlan {
        name: column.name.clone(),
        kind: column.kind,
        strict: column.strict,
        by: match (&column.region_from, &column.date_order_by) {
            (Some(country), _) => Some(By::Region(country.clone())),
            (None, Some(part)) => Some(By::DateOrder(part.clone())),
            (None, None) => None,
        },
        settings: ColumnSettings {
            region: column.region.clone().or_else(|| source.region.clone()),
            currency: column.currency.clone().or_else(|| source.currency.clone()),
            date_order: column.date_order,
            null_words: column.null_words.clone(),
        },
    });
    StandardizePlan { source: source.name.clone(), columns: columns.collect() }
}

/// All mistakes as one failure.
pub(crate) fn mistakes_failure(mistakes: &[Mistake]) -> Failure {
    let count = mistakes.len();
    let mut failure = Failure::usage(match count {
        1 => "1 mistake in the configuration".to_string(),
        _ => format!("{count} mistakes in the configuration"),
    });
    for mistake in mistakes {
        failure.details.extend(mistake.to_string().lines().map(String::from));
    }
    failure
}
