//! The files of a new pipeline, as text with its reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use onefold_contract::{AttributeKind, ColumnProfile, Failure, Result};
use onefold_entity_resolution::proposal::propose;

use super::look::Looked;
use crate::files;

/// The entity and the model of a new pipeline.
const ENTITY: &str = "customer";

/// A pipeline's files by their names in its folder.
pub(super) struct Draft {
    files: BTreeMap<String, String>,
}

impl Draft {
    /// The files of a pipeline over these sources.
    ///
    /// # Errors
    /// The records say nothing that could be compared.
    pub(super) fn of(name: &str, sources: &[Looked]) -> Result<Self> {
        let mut draft = Self { files: BTreeMap::new() };
        let entity: Vec<&Looked> = sources.iter().filter(|source| source.is_entity()).collect();
        draft.add("pipeline.toml", pipeline(name, sources, !entity.is_empty()));
        for source in sources {
            draft.add(&format!("sources/{}.toml", source.name), source_file(source));
            if !source.is_entity() {
                draft.table(&format!("fact_{}", source.name), fact(source));
            }
        }
        if let Some(largest) = entity.iter().max_by_key(|source| source.rows) {
            draft.add(&format!("models/{ENTITY}.toml"), model(largest)?);
            draft.table("dim_customer", dimension(&entity));
            draft.table("customer_xref", xref(&entity));
            draft.add("needs.toml", needs(&entity));
        }
        Ok(draft)
    }

    /// The files with their texts, in the order of their names.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    fn add(&mut self, name: &str, text: String) {
        self.files.insert(name.to_string(), text);
    }

    fn table(&mut self, name: &str, (toml, sql): (String, String)) {
        self.add(&format!("mart/{name}.toml"), toml);
        self.add(&format!("mart/{name}.sql"), sql);
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

fn pipeline(name: &str, sources: &[Looked], has_entity: bool) -> String {
    let files: Vec<&str> = sources.iter().map(|source| source.file.as_str()).collect();
    let mut text =
        format!("name = {}\ndescription = {}\n", quoted(name), quoted(&format!("From {}.", files.join(", "))));
    if has_entity {
        let _ = writeln!(
            text,
            "\n# Folds the records of all sources of the entity into customers: models/{ENTITY}.toml.\nmodel = \"{ENTITY}\""
        );
    }
    text.push_str(
        "\n# A run that passes one of these is refused, and the release before it stays.\n[gates]\n\
         # Rows of a source that may be in quarantine, as a share.\nmax_rejected_share = 0.05\n\
         # Rows of a source that may be gone since the last release, as a share.\nmax_deleted_share = 0.1\n",
    );
    text
}

fn source_file(source: &Looked) -> String {
    let mut text = format!(
        "name = {}\ndescription = {}\nformat = \"{}\"\nlocation = {}\ngrain = {}\n",
        quoted(&source.name),
        quoted(&format!("What {} holds; {} rows when it was looked at.", source.file, source.rows)),
        source.format,
        quoted(&source.file),
        quoted(&format!("one row {}", source.grain())),
    );
    let _ = writeln!(
        text,
        "# What tells one row from another, and must stay the same from night to night.\nkey = [{}]",
        list(&source.key)
    );
    if source.is_entity() {
        let _ = writeln!(text, "# Its rows are records of customers.\nentity = \"{ENTITY}\"");
    }
    if let Some(region) = &source.profile.region {
        let _ = writeln!(
            text,
            "# For telephone numbers and postcodes that name no country: {}.\nregion = \"{region}\"",
            source.profile.region_reason
        );
    }
    if let Some(sheet) = &source.sheet {
        let _ = write!(
            text,
            "\n# Name further sheets here whose rows are of the same kind; a column that they call otherwise says so with `also`.\n\
             [excel]\nsheets = [{}]\nheader_rows = {}\n",
            quoted(&sheet.name),
            sheet.header_rows
        );
    }
    for (column, profile) in source.columns.iter().zip(&source.profile.columns) {
        text.push('\n');
        reasons(&mut text, profile);
        let _ = writeln!(text, "[[columns]]\nname = {}", quoted(&column.name));
        if column.from != column.name {
            let _ = writeln!(text, "from = {}", quoted(&column.from));
        }
        let _ = writeln!(text, "kind = \"{}\"", kind_of(source, &column.name, profile).name());
        if source.key.contains(&column.name) {
            text.push_str("required = true\n");
        }
        if profile.guess.kind == AttributeKind::Consent {
            text.push_str("# What is agreed to: the channel and the purpose, which no file says of itself.\n");
            text.push_str("channel = \"email\"\npurpose = \"marketing\"\n");
        }
    }
    text
}

/// A key names something and is not calculated with, whatever its values look like.
fn kind_of(source: &Looked, name: &str, profile: &ColumnProfile) -> AttributeKind {
    let is_number = matches!(profile.guess.kind, AttributeKind::Integer | AttributeKind::Flag | AttributeKind::Phone);
    if source.key.contains(&name.to_string()) && is_number { AttributeKind::Identifier } else { profile.guess.kind }
}

fn reasons(text: &mut String, profile: &ColumnProfile) {
    let guess = &profile.guess;
    if !guess.reasons.is_empty() {
        let _ = writeln!(text, "# {:.0} % sure: {}.", guess.confidence * 100.0, guess.reasons.join("; "));
    }
    if let Some(defect) = profile.defects.first() {
        let share = profile.defect_share() * 100.0;
        let _ =
            writeln!(text, "# {share:.1} % of the values cannot be read as this, such as {}.", quoted(&defect.example));
    }
}

fn model(source: &Looked) -> Result<String> {
    let ignored: BTreeSet<String> = source.key.iter().cloned().collect();
    let mut proposal = propose(&source.profile, &ignored)
        .map_err(|failure| Failure { message: format!("{}: {}", source.file, failure.message), ..failure })?;
    proposal.spec.name = ENTITY.to_string();
    proposal.spec.entity = ENTITY.to_string();
    proposal.spec.description = format!("Folds records into customers; proposed from a look at {}.", source.file);
    files::model_text(&proposal)
}

/// The columns of the entity's sources that say something about a customer, each with a kind.
fn attributes(sources: &[&Looked]) -> BTreeMap<String, AttributeKind> {
    let of = |source: &&Looked| {
        let columns = source.columns.iter().zip(&source.profile.columns);
        let own = columns.filter(|(column, _)| !source.key.contains(&column.name));
        own.map(|(column, profile)| (column.name.clone(), profile.guess.kind)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(of).collect()
}

fn dimension(sources: &[&Looked]) -> (String, String) {
    let columns = attributes(sources);
    let mut toml = String::from(
        "name = \"dim_customer\"\nkind = \"dimension\"\ngrain = \"one row a version of a customer\"\n\
         description = \"Customers, each folded from the records of every source, with their history.\"\n\
         key = [\"customer_id\"]\n# 2 keeps a version for every change; 1 overwrites.\nscd_type = 2\n\
         surrogate_key = \"customer_key\"\nsort_by = [\"customer_id\"]\n\n\
         [[columns]]\nname = \"customer_id\"\nmeaning = \"The customer's durable number.\"\n",
    );
    let mut sql = String::from(
        "-- One row a customer: of each attribute the value that survives (models/customer.toml).\nSELECT\n    customer_id",
    );
    for (name, kind) in &columns {
        let meaning = format!("The customer's {}.", kind.name().replace('_', " "));
        let _ = write!(toml, "\n[[columns]]\nname = {}\nmeaning = {}\n", quoted(name), quoted(&meaning));
        let _ = write!(sql, ",\n    {name}");
    }
    toml.push_str(
        "\n[[checks]]\nname = \"every customer has at most one current version\"\n\
         sql = \"SELECT customer_id FROM mart.dim_customer WHERE is_current GROUP BY customer_id HAVING count(*) > 1\"\n",
    );
    sql.push_str("\nFROM resolved.golden_record\n");
    (toml, sql)
}

fn xref(sources: &[&Looked]) -> (String, String) {
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let toml = format!(
        "name = \"customer_xref\"\nkind = \"bridge\"\ngrain = \"one row a record of a source\"\n\
         description = \"Which customer each record of each source belongs to.\"\nkey = [\"source_name\", \"source_key\"]\n\
         sort_by = [\"source_name\", \"source_key\"]\n\n\
         [[columns]]\nname = \"source_name\"\nmeaning = \"The source.\"\n\n\
         [[columns]]\nname = \"source_key\"\nmeaning = \"The record's key at its source.\"\n\n\
         [[columns]]\nname = \"customer_id\"\nmeaning = \"The customer's durable number; joins dim_customer.\"\n\n\
         # Every record of these sources must be here.\n[accounts_for]\nsources = [{}]\n",
        list(&names)
    );
    (toml, "SELECT source AS source_name, source_key, customer_id FROM resolved.xref\n".to_string())
}

fn fact(source: &Looked) -> (String, String) {
    let name = format!("fact_{}", source.name);
    let mut toml = format!(
        "name = {}\nkind = \"fact\"\ngrain = {}\ndescription = {}\nkey = [{}]\n",
        quoted(&name),
        quoted(&format!("one row {}", source.grain())),
        quoted(&format!("The rows of {}, as they are; join and calculate what is needed.", source.file)),
        list(&source.key),
    );
    for column in &source.columns {
        let meaning = format!("{} of the source.", column.from);
        let _ = write!(toml, "\n[[columns]]\nname = {}\nmeaning = {}\n", quoted(&column.name), quoted(&meaning));
    }
    let _ = write!(
        toml,
        "\n# Every row of the source must be here.\n[accounts_for]\nsources = [{}]\n",
        quoted(&source.name)
    );
    let columns: Vec<&str> = source.columns.iter().map(|column| column.name.as_str()).collect();
    (toml, format!("SELECT\n    {}\nFROM standardized.{}\n", columns.join(",\n    "), source.name))
}

fn needs(sources: &[&Looked]) -> String {
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    format!(
        "# The questions that the mart is for. One that nothing answers yet says so with `gap`.\n[[needs]]\n\
         question = \"How many customers do we have, whichever system knows them?\"\nmetric = \"customers\"\nowner = \"sales\"\n\
         attributes = [\"dim_customer.customer_id\"]\nsources = [{}]\n",
        list(&names)
    )
}
