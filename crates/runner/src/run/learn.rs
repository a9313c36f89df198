//! The rules of a run: those of the epoch in force, or, before the first release, those learned from the data.
//!
//! An epoch is in force once a release pins it, or once somebody adopted it on purpose. What a first run learned and
//! could not publish is learned again.

use std::collections::BTreeMap;
use std::path::Path;

use onefold_contract::standardizer::ColumnDecision;
use onefold_contract::{Failure, Result};
use onefold_entity_resolution::TrainedModel;
use onefold_standardize::{Dictionaries, DictionaryMistake};
use onefold_warehouse::dictionaries::DictionaryStore;
use onefold_warehouse::epochs::{Epoch, EpochStore};

use super::work::Work;
use crate::clock;

/// The decisions on columns, source by source.
pub(crate) type Decisions = BTreeMap<String, BTreeMap<String, ColumnDecision>>;

/// What a run cleans and matches by.
pub(crate) struct Rules {
    /// The epoch in force; absent while the first is being learned.
    pub(crate) epoch: Option<Epoch>,
    pub(crate) dictionaries: Dictionaries,
    /// The text of the dictionaries, file by file.
    pub(crate) texts: Vec<(String, String)>,
    /// The trained model of the epoch.
    pub(crate) model: Option<TrainedModel>,
}

impl Rules {
    /// The rules in force.
    pub(crate) fn in_force(work: &Work<'_>, epochs: &EpochStore) -> Result<Self> {
        let adopted = if work.base.is_some() { epochs.adopted()? } else { None };
        let Some(id) = adopted else {
            let texts = dictionary_texts(&work.pipeline().spec.dictionaries)?;
            let dictionaries = dictionaries(&texts)?;
            return Ok(Self { epoch: None, dictionaries, texts, model: None });
        };
        let epoch = epochs.read(&id)?;
        let texts = DictionaryStore::open(work.root, work.files.clone())?.get(&epoch.dictionary)?;
        let dictionaries = dictionaries(&texts)?;
        let model = model_of(&epoch)?;
        Ok(Self { epoch: Some(epoch), dictionaries, texts, model })
    }

    /// What the epoch decided for the columns of a source.
    pub(crate) fn decisions(&self, source: &str) -> Result<Option<&BTreeMap<String, ColumnDecision>>> {
        let Some(epoch) = &self.epoch else { return Ok(None) };
        match epoch.decisions.get(source) {
            Some(decisions) => Ok(Some(decisions)),
            None => Err(Failure::gate(format!(
                "source {source} is new: epoch {} has never seen its columns",
                epoch.id
            ))
            .hint("train an epoch that has (`onefold epoch train PIPELINE`) and adopt it (`onefold epoch adopt ID`)")),
        }
    }
}

/// The trained model in an epoch.
pub(crate) fn model_of(epoch: &Epoch) -> Result<Option<TrainedModel>> {
    serde_json::from_value(epoch.model.clone()).map_err(|error| {
        Failure::state(format!("the model of epoch {} cannot be read: {error}", epoch.id))
            .hint("restore models/ of the state root from a backup")
    })
}

/// An epoch made of what was learned.
pub(crate) fn new_epoch(
    pipeline: &str,
    run: &str,
    started_at: i64,
    dictionaries: &Dictionaries,
    decisions: Decisions,
    model: Option<&TrainedModel>,
) -> Result<Epoch> {
    let model = serde_json::to_value(model)
        .map_err(|error| Failure::bug(format!("a trained model cannot be written as JSON: {error}")))?;
    Ok(Epoch {
        id: String::new(),
        pipeline: pipeline.to_string(),
        trained_by_run: run.to_string(),
        trained_at: clock::moment(started_at),
        code_version: env!("CARGO_PKG_VERSION").to_string(),
        dictionary: dictionaries.version().to_string(),
        model,
        decisions,
        notes: Vec::new(),
        digest: String::new(),
    })
}

/// The dictionaries in the given texts.
pub(crate) fn dictionaries(texts: &[(String, String)]) -> Result<Dictionaries> {
    Dictionaries::parse(texts).map_err(|mistakes| DictionaryMistake::failure(&mistakes))
}

/// The text of every CSV file of the folders that exist, in the order of folders and names. A name is the path as
/// configured, so that a mistake can name it.
pub(crate) fn dictionary_texts(folders: &[String]) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for folder in folders.iter().map(Path::new) {
        // Nothing may have been approved yet; any other folder that is named must be there.
        if !folder.is_dir() && folder.ends_with("approved") {
            continue;
        }
        let unreadable =
            |error| Failure::usage(format!("the dictionaries in {} cannot be read: {error}", folder.display()));
        let entries = std::fs::read_dir(folder).map_err(unreadable)?;
        let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(unreadable)?;
            texts.push((path.display().to_string(), text));
        }
    }
    Ok(texts)
}
