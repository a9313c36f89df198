//! What no file can know alone: names that two files share, names that refer to nothing.
//!
//! A file that could not be read still exists: its name counts as known and its columns as unknown, so that one broken
//! file does not make mistakes of all that refer to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::datatypes::DataType;
use onefold_entity_resolution::spec::ModelSpec;
use onefold_sources::spec::SourceSpec;
use onefold_warehouse::spec::MartTableSpec;

use super::document::{Document, Step, steps};
use super::folder::Named;
use super::mistake::{Mistake, quoted};
use super::spec::{Need, Needs, PipelineSpec};
use super::suggest;

/// A file as far as it could be read.
#[derive(Debug)]
pub(crate) struct Loaded<T> {
    /// The file and its name without the extension.
    pub(crate) named: Named,
    /// Its values; absent where it is no TOML.
    pub(crate) document: Option<Document>,
    /// What it says; absent where it does not have its shape.
    pub(crate) spec: Option<T>,
}

/// The files of one pipeline.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    /// The pipeline's folder.
    pub(crate) folder: &'a Path,
    /// `pipeline.toml`.
    pub(crate) pipeline: &'a Loaded<PipelineSpec>,
    /// `sources/*.toml`.
    pub(crate) sources: &'a [Loaded<SourceSpec>],
    /// `models/*.toml`.
    pub(crate) models: &'a [Loaded<ModelSpec>],
    /// `mart/*.toml`.
    pub(crate) mart: &'a [Loaded<MartTableSpec>],
    /// `mart/*.sql`.
    pub(crate) selects: &'a [Named],
    /// `needs.toml`.
    pub(crate) needs: Option<&'a Loaded<Needs>>,
}

/// A document with the spec that was read from it.
fn whole<T>(loaded: &Loaded<T>) -> Option<(&Document, &T)> {
    Some((loaded.document.as_ref()?, loaded.spec.as_ref()?))
}

/// The columns of a source's standardized table with their types: each declared column and what cleaning adds to it.
pub(crate) fn standardized_columns(source: &SourceSpec) -> BTreeMap<String, DataType> {
    columns_but(source, None)
}

/// The columns of a source's records that the matcher sees: the standardized ones, the originals left out, and the
/// attributes that stand in columns of other names.
pub(crate) fn matching_columns(source: &SourceSpec) -> BTreeMap<String, DataType> {
    let mut columns = columns_but(source, Some("_original"));
    let of = |column: &String| columns.get(column).cloned();
    let attributes: Vec<(String, DataType)> =
        source.attributes.iter().filter_map(|(name, column)| Some((name.clone(), of(column)?))).collect();
    columns.extend(attributes);
    columns
}

fn columns_but(source: &SourceSpec, left_out: Option<&str>) -> BTreeMap<String, DataType> {
    let columns = source.columns.iter().flat_map(|column| {
        let derived = column.kind.derived().into_iter().filter(move |(suffix, _)| Some(*suffix) != left_out);
        let derived = derived.map(|(suffix, data_type)| (format!("{}{suffix}", column.name), data_type));
        std::iter::once((column.name.clone(), column.kind.clean_type())).chain(derived)
    });
    columns.collect()
}

impl Files<'_> {
    /// Every mistake that takes more than one file, or more than the shape of one, to see.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        self.pipeline_name(&mut mistakes);
        self.model_choice(&mut mistakes);
        names(self.sources, &mut mistakes);
        names(self.models, &mut mistakes);
        names(self.mart, &mut mistakes);
        if self.sources.is_empty() {
            let folder = self.folder.join("sources");
            mistakes.push(Mistake::new(folder, "the pipeline has no source").expected("one .toml file a source"));
        }
        for (document, source) in self.sources.iter().filter_map(whole) {
            mistakes.extend(told(document, source.mistakes()));
            attributes(document, source, &mut mistakes);
        }
        for (document, model) in self.models.iter().filter_map(whole) {
            self.model(document, model, &mut mistakes);
        }
        self.selects(&mut mistakes);
        for (document, table) in self.mart.iter().filter_map(whole) {
            mistakes.extend(told(document, table.mistakes()));
            self.accounts_for(document, table, &mut mistakes);
        }
        if let Some((document, needs)) = self.needs.and_then(whole) {
            for (place, need) in needs.needs.iter().enumerate() {
                self.need(document, place, need, &mut mistakes);
            }
        }
        mistakes
    }

    fn pipeline_name(&self, mistakes: &mut Vec<Mistake>) {
        // A folder given as `.` has its name elsewhere.
        let folder =
            self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).or_else(|| {
                self.folder.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned())
            });
        let Some(((document, name), folder)) = self.pipeline.name().zip(folder) else { return };
        if name != folder {
            let message = format!("the pipeline is named {}, and its folder {}", quoted(name), quoted(&folder));
            mistakes.push(document.mistake(&steps("name"), message).expected("the folder's name"));
        }
    }

    fn model_choice(&self, mistakes: &mut Vec<Mistake>) {
        let Some((document, pipeline)) = whole(self.pipeline) else { return };
        let known: Vec<&str> = self.models.iter().map(|model| model.named.name.as_str()).collect();
        match &pipeline.model {
            Some(name) if !known.contains(&name.as_str()) => {
                let mistake = document.mistake(&steps("model"), format!("there is no model {}", quoted(name)));
                let bare = name.rsplit('/').next().unwrap_or(name);
                mistakes.push(if known.is_empty() {
                    mistake.expected(format!("a file models/{}.toml", bare.trim_end_matches(".toml")))
                } else {
                    mistake.meant(bare.trim_end_matches(".toml"), known)
                });
            }
            None if !known.is_empty() => {
                let message =
                    format!("no model is chosen, so nothing is resolved, and there is models/{}.toml", known[0]);
                let mistake = document.mistake(&[], message);
                mistakes.push(mistake.hint(format!("write model = \"{}\" above the first [table]", known[0])));
            }
            _ => {}
        }
    }

    fn model(&self, document: &Document, model: &ModelSpec, mistakes: &mut Vec<Mistake>) {
        let all_read = self.sources.iter().all(|source| source.spec.is_some());
        let of_entity: Vec<(&Document, &SourceSpec)> =
            self.sources.iter().filter_map(whole).filter(|(_, s)| s.entity.as_ref() == Some(&model.entity)).collect();
        if all_read && of_entity.is_empty() {
            let entities: BTreeSet<&str> =
                self.sources.iter().filter_map(|s| s.spec.as_ref()?.entity.as_deref()).collect();
            let message = format!("no source has records of entity {}", quoted(&model.entity));
            let mistake = document.mistake(&steps("entity"), message).meant(&model.entity, entities);
            mistakes.push(match &mistake.hint {
                Some(_) => mistake,
                None => mistake.hint("a source says of which entity its rows are records with the key `entity`"),
            });
        }
        let columns = columns_of(&of_entity, mistakes);
        let judged = all_read && !of_entity.is_empty();
        mistakes.extend(told(document, model.mistakes(judged.then_some(&columns))));
        for (rule, survivorship) in model.survivorship.iter().enumerate() {
            for (place, name) in survivorship.sources.iter().enumerate() {
                let path = steps(&format!("survivorship[{rule}].sources[{place}]"));
                if all_read && !of_entity.iter().any(|(_, source)| &source.name == name) {
                    let message = format!("no source {} has records of entity {}", quoted(name), quoted(&model.entity));
                    let known = of_entity.iter().map(|(_, source)| source.name.as_str());
                    mistakes.push(document.mistake(&path, message).meant(name, known));
                }
            }
        }
    }

    fn selects(&self, mistakes: &mut Vec<Mistake>) {
        let tables: Vec<&str> = self.mart.iter().map(|table| table.named.name.as_str()).collect();
        let selects: Vec<&str> = self.selects.iter().map(|select| select.name.as_str()).collect();
        for table in self.mart.iter().filter(|table| !selects.contains(&table.named.name.as_str())) {
            let name = &table.named.name;
            let orphans = selects.iter().copied().filter(|select| !tables.contains(select));
            let mistake = Mistake::new(&table.named.file, "the SELECT of this table is missing")
                .expected(format!("a file {name}.sql beside this one"));
            mistakes.push(match suggest::did_you_mean(name, &orphans.collect::<Vec<_>>()) {
                Some(orphan) => mistake.hint(format!("is it {orphan}.sql? then give both the same name")),
                None => mistake,
            });
        }
        for select in self.selects.iter().filter(|select| !tables.contains(&select.name.as_str())) {
            let mistake = Mistake::new(&select.file, "no table is described for this SELECT");
            mistakes.push(mistake.expected(format!("a file {}.toml beside this one", select.name)));
        }
    }

    fn accounts_for(&self, document: &Document, table: &MartTableSpec, mistakes: &mut Vec<Mistake>) {
        let Some(accounts) = &table.accounts_for else { return };
        for (place, name) in accounts.sources.iter().enumerate() {
            let path = steps(&format!("accounts_for.sources[{place}]"));
            let Some(source) = self.source(document, &path, name, mistakes) else { continue };
            let columns = standardized_columns(source);
            for (total, pair) in
                accounts.control_totals.iter().enumerate().filter(|(_, p)| !columns.contains_key(&p.source))
            {
                let path = steps(&format!("accounts_for.control_totals[{total}].source"));
                let message = format!("source {} has no column {}", quoted(name), quoted(&pair.source));
                mistakes.push(document.mistake(&path, message).meant(&pair.source, columns.keys().map(String::as_str)));
            }
        }
    }

    /// The source of a name, where it could be read; a name of no file is a mistake.
    fn source(
        &self,
        document: &Document,
        path: &[Step],
        name: &str,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<&SourceSpec> {
        let found = self.sources.iter().find(|source| source.is_called(name));
        if found.is_none() {
            let known = self.sources.iter().map(|source| source.named.name.as_str());
            mistakes.push(document.mistake(path, format!("there is no source {}", quoted(name))).meant(name, known));
        }
        found?.spec.as_ref()
    }

    fn need(&self, document: &Document, place: usize, need: &Need, mistakes: &mut Vec<Mistake>) {
        for (item, name) in need.sources.iter().enumerate() {
            self.source(document, &steps(&format!("needs[{place}].sources[{item}]")), name, mistakes);
        }
        for (item, attribute) in need.attributes.iter().enumerate() {
            let path = steps(&format!("needs[{place}].attributes[{item}]"));
            mistakes.extend(self.attribute(document, &path, attribute));
        }
        if need.gap.is_some() {
            return;
        }
        for (key, names) in [("attributes", &need.attributes), ("sources", &need.sources)] {
            if names.is_empty() {
                let message = format!("the need {} has no gap, and `{key}` names nothing", quoted(&need.question));
                let mistake = document.mistake(&steps(&format!("needs[{place}].{key}")), message);
                mistakes.push(mistake.hint(format!("fill `{key}`, or say with `gap` what is missing for an answer")));
            }
        }
    }

    fn attribute(&self, document: &Document, path: &[Step], attribute: &str) -> Option<Mistake> {
        let Some((table, column)) = attribute.split_once('.') else {
            let message = format!("{} names no column of a table", quoted(attribute));
            return Some(document.mistake(path, message).expected("table.column, as in dim_customer.name"));
        };
        let tables = self.mart.iter().filter(|mart| mart.is_called(table));
        let sources = self.sources.iter().filter(|source| source.is_called(table));
        let readers: Vec<Option<BTreeSet<String>>> = tables
            .map(|mart| mart.spec.as_ref().filter(|spec| spec.mistakes().is_empty()).map(mart_columns))
            .chain(sources.map(|source| Some(standardized_columns(source.spec.as_ref()?).into_keys().collect())))
            .collect();
        if readers.is_empty() {
            let mart = self.mart.iter().map(|mart| mart.named.name.as_str());
            let known = mart.chain(self.sources.iter().map(|source| source.named.name.as_str()));
            let message = format!("there is no mart table or source {}", quoted(table));
            return Some(document.mistake(path, message).meant(table, known));
        }
        // A table that has a mistake of its own may be meant to have any column.
        let columns: BTreeSet<String> =
            readers.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        (!columns.contains(column)).then(|| {
            let message = format!("{} has no column {}", quoted(table), quoted(column));
            document.mistake(path, message).meant(column, columns.iter().map(String::as_str))
        })
    }
}

/// Attributes of other names stand for columns that are there, and for none that has their name.
fn attributes(document: &Document, source: &SourceSpec, mistakes: &mut Vec<Mistake>) {
    let columns = columns_but(source, Some("_original"));
    for (attribute, column) in &source.attributes {
        let path = steps(&format!("attributes.{attribute}"));
        if source.entity.is_none() {
            let message = format!("attributes are those of an entity, and source {} has none", quoted(&source.name));
            mistakes.push(document.mistake(&path, message).hint("name the entity with the key `entity`"));
        } else if !columns.contains_key(column) {
            let message = format!("there is no column {}", quoted(column));
            mistakes.push(document.mistake(&path, message).meant(column, columns.keys().map(String::as_str)));
        } else if columns.contains_key(attribute) {
            let message = format!("{} is a column of this source itself", quoted(attribute));
            mistakes.push(document.mistake(&path, message).hint("leave it out here, or rename the column"));
        }
    }
}

impl<T> Loaded<T> {
    /// The name the file gives itself.
    fn name(&self) -> Option<(&Document, &str)> {
        let document = self.document.as_ref()?;
        Some((document, document.text("name")?))
    }

    /// Whether a reference means this file. Where its own name is not the file's, that is one mistake already, and
    /// what refers to either is none.
    fn is_called(&self, name: &str) -> bool {
        self.named.name == name || self.name().is_some_and(|(_, own)| own == name)
    }
}

/// Mistakes that a room found in its own spec, with their places in the file. A room says in one sentence what is wrong
/// and, after a semicolon, what is expected or may have been meant; a reader of JSON wants these apart.
fn told(document: &Document, mistakes: Vec<(String, String)>) -> impl Iterator<Item = Mistake> {
    mistakes.into_iter().map(|(path, message)| {
        let at = |message: &str| document.mistake(&steps(&path), message);
        if let Some((what, meant)) = message.split_once("; did you mean ") {
            return at(what).hint(format!("did you mean {meant}"));
        }
        if let Some((what, known)) = message.split_once("; there are: ") {
            return at(what).expected(format!("one of {known}"));
        }
        match message.split_once("; expected ") {
            Some((what, expected)) => at(what).expected(expected),
            None => at(&message),
        }
    })
}

/// A file is found by its name, so it says the same name inside; no two files say the same.
fn names<T>(files: &[Loaded<T>], mistakes: &mut Vec<Mistake>) {
    let mut taken: BTreeMap<&str, &Path> = BTreeMap::new();
    for file in files {
        let stem = file.named.name.as_str();
        let Some((document, name)) = file.name() else { continue };
        let owner = taken.get(name).copied().or_else(|| {
            files
                .iter()
                .find(|other| other.named.name == name && other.named != file.named)
                .map(|other| other.named.file.as_path())
        });
        let at = |message: String| document.mistake(&steps("name"), message);
        match owner {
            Some(owner) if stem != name => {
                let message = format!("the name {} is taken by {}", quoted(name), owner.display());
                mistakes.push(at(message).expected(format!("{}, as the file is called", quoted(stem))));
            }
            None if stem != name => {
                let message = format!("the name {} is not the file's", quoted(name));
                mistakes.push(at(message).expected(format!("{}, as the file is called", quoted(stem))));
            }
            _ => {}
        }
        taken.entry(name).or_insert(&file.named.file);
    }
}

/// The columns that records of one entity have, over all of its sources; a column of two types is a mistake, because
/// its values could not stand in one column.
fn columns_of(sources: &[(&Document, &SourceSpec)], mistakes: &mut Vec<Mistake>) -> BTreeMap<String, DataType> {
    let mut columns: BTreeMap<String, DataType> = BTreeMap::new();
    let mut first: BTreeMap<&str, (&Path, &'static str)> = BTreeMap::new();
    for (document, source) in sources {
        for (place, column) in source.columns.iter().enumerate() {
            let (file, kind) = *first.entry(&column.name).or_insert((&document.file, column.kind.name()));
            let known = columns.get(&column.name);
            if known.is_some_and(|known| *known != column.kind.clean_type()) && file != document.file {
                let message = format!(
                    "column {} is of kind {} here and of kind {kind} in {}, and both are records of one entity",
                    quoted(&column.name),
                    column.kind.name(),
                    file.display()
                );
                let mistake = document.mistake(&steps(&format!("columns[{place}].kind")), message);
                mistakes.push(mistake.hint("give both the same kind, or one of them another name"));
            }
        }
        for (name, data_type) in standardized_columns(source).into_iter().chain(matching_columns(source)) {
            columns.entry(name).or_insert(data_type);
        }
    }
    columns
}

fn mart_columns(table: &MartTableSpec) -> BTreeSet<String> {
    let described = table.columns.iter().map(|column| column.name.clone());
    let added = table.added_columns().into_iter().map(|(name, _)| name.to_string());
    described.chain(table.key.iter().cloned()).chain(added).collect()
}
