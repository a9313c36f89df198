//! A model in a file of its own, as `dedupe` and `link` write and take it.

use std::path::Path;

use onefold_contract::AttributeKind;
use onefold_entity_resolution::ModelSpec;
use schemars::JsonSchema;
use serde::Deserialize;

use super::document::{Document, Value};
use super::mistake::{Mistake, in_order};
use super::shape;

/// The table of the file that tells what the columns of its table are.
const READING: &str = "reading";

/// How the table is read that the model is for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reading {
    /// The region whose conventions hold where a value does not say (ISO 3166-1 alpha-2).
    pub(crate) region: Option<String>,
    /// What columns mean; what is not named is guessed.
    pub(crate) columns: Vec<ReadingColumn>,
}

/// What a column means.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadingColumn {
    /// The column.
    pub(crate) name: String,
    /// Its kind.
    pub(crate) kind: AttributeKind,
}

/// Reads a model file: the model, and in `[reading]`, where it is there, what the columns are.
///
/// # Errors
/// Every mistake of the file that can be seen without the table.
pub(crate) fn load_model(file: &Path) -> Result<(ModelSpec, Reading), Vec<Mistake>> {
    let mut document = Document::read(file)?;
    let mut reading = Ok(Reading::default());
    if let Value::Table(entries) = &mut document.root.value
        && let Some(entry) = entries.remove(READING)
    {
        reading = shape::read(&Document { file: document.file.clone(), root: entry.node });
    }
    match (shape::read(&document), reading) {
        (Ok(spec), Ok(reading)) => Ok((spec, reading)),
        (spec, reading) => Err(in_order(spec.err().into_iter().chain(reading.err()).flatten().collect())),
    }
}
