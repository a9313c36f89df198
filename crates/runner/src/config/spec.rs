//! What `pipeline.toml`, `needs.toml` and `config/onefold.toml` say.
//!
//! Source, model and mart files are described where they are used, in their rooms; these three belong to no room.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pipeline: what belongs to its run as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PipelineSpec {
    /// The pipeline's name, the same as its folder's.
    pub(crate) name: String,
    /// What the pipeline is for, in one sentence.
    #[serde(default)]
    pub(crate) description: String,
    /// The model that folds records into entities, by the name of its file in `models/`; nothing is resolved where absent.
    #[serde(default)]
    pub(crate) model: Option<String>,
    /// The folders of name dictionaries, relative to the working directory; later ones win.
    #[serde(default = "default_dictionaries")]
    pub(crate) dictionaries: Vec<String>,
    /// What refuses a run.
    #[serde(default)]
    pub(crate) gates: GateSpec,
    /// The places in texts of the pipeline's files, written `{name}`, that are filled when it is run.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, ParameterSpec>,
}

fn default_dictionaries() -> Vec<String> {
    vec!["name-dictionaries/seed".to_string(), "name-dictionaries/approved".to_string()]
}

/// What refuses a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GateSpec {
    /// The largest share of a source's rows that may be in quarantine, where the source does not say.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) max_rejected_share: f64,
    /// The largest share of a source's records that may be gone at once: a source that lost half its rows overnight is
    /// more often broken than honest.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) max_deleted_share: f64,
}

impl Default for GateSpec {
    fn default() -> Self {
        Self { max_rejected_share: 0.01, max_deleted_share: 0.5 }
    }
}

/// A place that is filled when the pipeline is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParameterSpec {
    /// What belongs there, in one sentence.
    pub(crate) description: String,
    /// What stands there where `--param` says nothing.
    #[serde(default)]
    pub(crate) default: Option<String>,
}

/// The register of information needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needs {
    /// The needs.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
}

/// One thing that someone needs to know, and whether the mart can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Need {
    /// The question, as it is asked.
    pub(crate) question: String,
    /// The metric that answers it, with its unit.
    pub(crate) metric: String,
    /// Who asks.
    pub(crate) owner: String,
    /// What it is made of, each `table.column`: a column of a mart table or of a source.
    #[serde(default)]
    pub(crate) attributes: Vec<String>,
    /// The sources it comes from.
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    /// What is missing for an answer; a need with a gap may name no source.
    #[serde(default)]
    pub(crate) gap: Option<String>,
}

/// Where and how much, the same for every pipeline; no business rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Environment {
    /// The folder that holds all state, relative to the working directory.
    pub(crate) state_root: PathBuf,
    /// How many threads to work with; all of the machine's where absent.
    #[schemars(range(min = 1))]
    pub(crate) threads: Option<usize>,
}

impl Default for Environment {
    fn default() -> Self {
        Self { state_root: PathBuf::from("state"), threads: None }
    }
}
