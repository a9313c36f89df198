//! The rules of a run: those of the epoch in force, or, before the first release, those learned from the data.
//!
//! An epoch is in force once a release pins it, or once somebody adopted it on purpose. What a first run learned and
//! could not publish is learned again. A source that came after the epoch was trained has its columns decided by the run
//! that first loads it, in an epoch that adds these decisions and changes nothing else; asking for a training instead
//! was rejected, because a training moves what holds for all other sources too.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

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

/// Name dictionaries, as parsed and as text.
#[derive(Debug)]
pub(crate) struct DictionarySet {
    pub(crate) parsed: Dictionaries,
    /// The text, file by file.
    pub(crate) texts: Vec<(String, String)>,
}

impl DictionarySet {
    /// The dictionaries in the given texts.
    pub(crate) fn parse(texts: Vec<(String, String)>) -> Result<Self, Vec<DictionaryMistake>> {
        Ok(Self { parsed: Dictionaries::parse(&texts)?, texts })
    }
}

/// What a run cleans and matches by.
pub(crate) struct Rules {
    /// The epoch in force; absent while the first is being learned.
    pub(crate) epoch: Option<Epoch>,
    pub(crate) dictionaries: Arc<DictionarySet>,
    /// The trained model of the epoch.
    pub(crate) model: Option<TrainedModel>,
}

impl Rules {
    /// The rules in force.
    pub(crate) fn in_force(work: &Work<'_>, epochs: &EpochStore) -> Result<Self> {
        let adopted = if work.base.is_some() { epochs.adopted()? } else { None };
        let Some(id) = adopted else {
            return Ok(Self { epoch: None, dictionaries: work.bound.dictionaries.clone(), model: None });
        };
        let epoch = epochs.read(&id)?;
        let texts = DictionaryStore::open(work.root, work.files.clone())?.get(&epoch.dictionary)?;
        let dictionaries = DictionarySet::parse(texts).map_err(|mistakes| DictionaryMistake::failure(&mistakes))?;
        let model = model_of(&epoch)?;
        Ok(Self { epoch: Some(epoch), dictionaries: Arc::new(dictionaries), model })
    }

    /// What the epoch decided for the columns of a source; absent where it never saw the source.
    pub(crate) fn decisions(&self, source: &str) -> Option<&BTreeMap<String, ColumnDecision>> {
        self.epoch.as_ref()?.decisions.get(source)
    }

    /// The epoch in force with the decisions that it lacks; absent where it lacks none, or where none is in force.
    pub(crate) fn extended(&self, run: &str, started_at: i64, decisions: &Decisions) -> Option<Epoch> {
        let epoch = self.epoch.as_ref()?;
        let new = decisions.iter().filter(|(source, _)| !epoch.decisions.contains_key(*source));
        let new: Decisions = new.map(|(source, columns)| (source.clone(), columns.clone())).collect();
        if new.is_empty() {
            return None;
        }
        let names: Vec<&str> = new.keys().map(String::as_str).collect();
        let mut extended = epoch.clone();
        extended.trained_by_run = run.to_string();
        extended.trained_at = clock::moment(started_at);
        extended.notes = vec![format!("epoch {} with the columns of {} decided", epoch.id, names.join(", "))];
        extended.decisions.extend(new);
        Some(extended)
    }
}

/// A model with its figures as an epoch's file gives them back: JSON may change the last bit of one, and the run that
/// trains must match by the same figures as all that follow.
pub(crate) fn as_kept(model: &TrainedModel) -> Result<TrainedModel> {
    let kept = serde_json::to_string(model).and_then(|text| serde_json::from_str(&text));
    kept.map_err(|error| Failure::bug(format!("a trained model does not survive JSON: {error}")))
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
