//! Configuration: TOML files in, typed structs out, and every mistake of every file at once.
//!
//! A file goes four steps: text to values that know their line ([`document`]), places filled ([`parameters`]), held
//! against the shape of its kind ([`shape`], from a schema made of the typed struct: [`schema`]), read into the struct;
//! then the files are held against one another ([`cross_check`]). A mistake stops its own file and nothing else.
//! Deserializing each file by itself was rejected: it reports one mistake a run, and the fifth run finds the fifth.

mod cross_check;
mod document;
mod folder;
mod mistake;
mod model;
mod parameters;
mod schema;
mod shape;
mod spec;
mod suggest;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use onefold_entity_resolution::spec::ModelSpec;
use onefold_sources::spec::SourceSpec;
use onefold_warehouse::spec::MartTableSpec;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use cross_check::{Files, Loaded};
use document::Document;
use folder::{Listing, Named};
use parameters::Parameters;
use spec::PipelineSpec;

use crate::cli::FileKind;

pub(crate) use cross_check::matching_columns;
pub(crate) use mistake::{Mistake, in_order};
pub(crate) use model::load_model;
pub(crate) use spec::{Environment, Needs};
pub(crate) use suggest::did_you_mean;

/// Where the environment's configuration stands unless another file is named.
const ENVIRONMENT: &str = "config/onefold.toml";

/// A pipeline whose files hold together. What only a look at the SQL can tell is still to be judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pipeline {
    /// What belongs to the run as a whole.
    pub(crate) spec: PipelineSpec,
    /// The sources, in the order of their names.
    pub(crate) sources: Vec<SourceSpec>,
    /// The models, in the order of their names.
    pub(crate) models: Vec<ModelSpec>,
    /// The mart tables, each with its SELECT, in the order of their names.
    pub(crate) mart: Vec<(MartTableSpec, String)>,
    /// The register of information needs.
    pub(crate) needs: Needs,
    /// BLAKE3, in hexadecimal, of what the files say: their values with all places filled and the SELECTs' texts. Comments
    /// and layout of TOML do not count, nor does the register of needs, which no row depends on.
    pub(crate) settings_digest: String,
}

impl Pipeline {
    /// The model that folds records into entities.
    pub(crate) fn model(&self) -> Option<&ModelSpec> {
        let name = self.spec.model.as_ref()?;
        self.models.iter().find(|model| &model.name == name)
    }
}

/// A pipeline that has mistakes, with as much of it as could be read, so that its SQL is judged all the same.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    /// The mistakes, in the order of files and lines.
    pub(crate) mistakes: Vec<Mistake>,
    /// The sources that could be read.
    pub(crate) sources: Vec<SourceSpec>,
    /// The models that could be read.
    pub(crate) models: Vec<ModelSpec>,
    /// The mart tables that could be read, each with its SELECT.
    pub(crate) mart: Vec<(MartTableSpec, String)>,
    /// The names of the sources and of the mart tables that could not be read.
    pub(crate) unread: Unread,
}

/// Names of files that are there and could not be read.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    pub(crate) sources: Vec<String>,
    pub(crate) models: Vec<String>,
    pub(crate) mart: Vec<String>,
}

impl From<Vec<Mistake>> for Refused {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self { mistakes: in_order(mistakes), ..Self::default() }
    }
}

/// Reads a pipeline's folder. `given` fills its parameters.
///
/// # Errors
/// Every mistake of every file, in the order of files and lines.
pub(crate) fn load(folder: &Path, given: &BTreeMap<String, String>) -> Result<Pipeline, Box<Refused>> {
    let (listing, mistakes) = Listing::of(folder).map_err(|mistakes| Box::new(Refused::from(mistakes)))?;
    let mut reader = Reader { mistakes, parameters: None, unread: false, settings: BTreeMap::new() };
    let pipeline = reader.pipeline(&listing, given);
    let sources: Vec<Loaded<SourceSpec>> = reader.files(&listing.sources);
    let models: Vec<Loaded<ModelSpec>> = reader.files(&listing.models);
    let mart: Vec<Loaded<MartTableSpec>> = reader.files(&listing.mart);
    let selects = reader.selects(&listing.selects);
    let needs =
        listing.needs.as_ref().map(|file| reader.file(&Named { name: "needs".to_string(), file: file.clone() }));
    reader.unused_parameters(&pipeline);
    listing.needs.iter().for_each(|file| drop(reader.settings.remove(file)));
    let files = Files {
        folder,
        pipeline: &pipeline,
        sources: &sources,
        models: &models,
        mart: &mart,
        selects: &listing.selects,
        needs: needs.as_ref(),
    };
    reader.mistakes.extend(files.mistakes());
    let settings_digest = reader.settings_digest(folder);
    let needs = needs.and_then(|needs| needs.spec).unwrap_or_default();
    let unread = Unread { sources: unread(&sources), models: unread(&models), mart: unread(&mart) };
    let (sources, models) = (specs(sources), specs(models));
    // Without a mistake every file has its spec, and every table its SELECT.
    let with_select = |table: MartTableSpec| {
        let select = selects.get(&table.name)?.clone();
        Some((table, select))
    };
    let mart = specs(mart).into_iter().filter_map(with_select).collect();
    match pipeline.spec {
        Some(spec) if reader.mistakes.is_empty() => {
            Ok(Pipeline { spec, sources, models, mart, needs, settings_digest })
        }
        _ => Err(Box::new(Refused { mistakes: in_order(reader.mistakes), sources, models, mart, unread })),
    }
}

/// A mistake of the value at a way (`columns[2].kind`) in a file that was read before; of the file where it is gone.
pub(crate) fn mistake_at(file: &Path, way: &str, message: String) -> Mistake {
    match Document::read(file) {
        Ok(document) => document.mistake(&document::steps(way), message),
        Err(_) => Mistake::new(file, message),
    }
}

fn unread<T>(files: &[Loaded<T>]) -> Vec<String> {
    files.iter().filter(|file| file.spec.is_none()).map(|file| file.named.name.clone()).collect()
}

fn specs<T>(files: Vec<Loaded<T>>) -> Vec<T> {
    files.into_iter().filter_map(|file| file.spec).collect()
}

/// The JSON Schema of a kind of configuration file, as editors want it.
pub(crate) fn editor_schema(kind: FileKind) -> serde_json::Value {
    match kind {
        FileKind::Pipeline => schema::schema_of::<PipelineSpec>(),
        FileKind::Source => schema::schema_of::<SourceSpec>(),
        FileKind::Model => schema::schema_of::<ModelSpec>(),
        FileKind::Mart => schema::schema_of::<MartTableSpec>(),
        FileKind::Needs => schema::schema_of::<Needs>(),
        FileKind::Environment => schema::schema_of::<Environment>(),
    }
}

/// Reads the environment's configuration: the named file, or `config/onefold.toml` where there is one, or the defaults.
///
/// # Errors
/// Every mistake of the file; a named file that is not there.
pub(crate) fn load_environment(path: Option<&Path>) -> Result<Environment, Vec<Mistake>> {
    let file = path.unwrap_or(Path::new(ENVIRONMENT));
    if path.is_none() && !file.exists() {
        return Ok(Environment::default());
    }
    shape::read(&Document::read(file)?)
}

/// Reads files and keeps what is wrong with them.
struct Reader {
    mistakes: Vec<Mistake>,
    /// Absent where `pipeline.toml` could not be read: then no place is judged.
    parameters: Option<Parameters>,
    /// Whether a file is no TOML.
    unread: bool,
    /// What each file says, for the digest.
    settings: BTreeMap<PathBuf, String>,
}

impl Reader {
    fn keep<T>(&mut self, result: Result<T, Vec<Mistake>>) -> Option<T> {
        result.map_err(|mistakes| self.mistakes.extend(mistakes)).ok()
    }

    fn document(&mut self, file: &Path) -> Option<Document> {
        let document = self.keep(Document::read(file));
        self.unread |= document.is_none();
        document
    }

    fn pipeline(&mut self, listing: &Listing, given: &BTreeMap<String, String>) -> Loaded<PipelineSpec> {
        let named = Named { name: "pipeline".to_string(), file: listing.pipeline.clone() };
        let document = self.document(&named.file);
        if let Some(document) = &document {
            let (parameters, mistakes) = Parameters::declared(document, given);
            self.parameters = Some(parameters);
            self.mistakes.extend(mistakes);
        }
        self.shaped(named, document)
    }

    fn files<T: JsonSchema + DeserializeOwned>(&mut self, files: &[Named]) -> Vec<Loaded<T>> {
        files.iter().map(|named| self.file(named)).collect()
    }

    fn file<T: JsonSchema + DeserializeOwned>(&mut self, named: &Named) -> Loaded<T> {
        let document = self.document(&named.file);
        self.shaped(named.clone(), document)
    }

    /// Fills the places of a document and reads it into its struct.
    fn shaped<T: JsonSchema + DeserializeOwned>(&mut self, named: Named, document: Option<Document>) -> Loaded<T> {
        let Some(mut document) = document else { return Loaded { named, document: None, spec: None } };
        if let Some(parameters) = &mut self.parameters {
            self.mistakes.extend(parameters.fill(&mut document));
        }
        self.settings.insert(named.file.clone(), document.root.json().to_string());
        let spec = self.keep(shape::read(&document));
        Loaded { named, document: Some(document), spec }
    }

    fn selects(&mut self, files: &[Named]) -> BTreeMap<String, String> {
        let mut selects = BTreeMap::new();
        for named in files {
            match document::read_text(&named.file) {
                Ok(text) if text.trim().is_empty() => {
                    self.mistakes.push(Mistake::new(&named.file, "the file is empty").expected("a SELECT"));
                }
                Ok(text) => {
                    self.settings.insert(named.file.clone(), text.clone());
                    selects.insert(named.name.clone(), text);
                }
                Err(mistakes) => self.mistakes.extend(mistakes),
            }
        }
        selects
    }

    /// A parameter is unused only where every file that could use it was read.
    fn unused_parameters(&mut self, pipeline: &Loaded<PipelineSpec>) {
        if let (false, Some(parameters), Some(document)) = (self.unread, &self.parameters, &pipeline.document) {
            self.mistakes.extend(parameters.unused(document));
        }
    }

    fn settings_digest(&self, folder: &Path) -> String {
        let mut hasher = blake3::Hasher::new();
        for (file, text) in &self.settings {
            let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy();
            for part in [name.as_ref(), text.as_str()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}
