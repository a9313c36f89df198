//! Holds a file against the shape of its kind and says what does not fit, all of it, in a user's words.
//!
//! `jsonschema` finds the mistakes; this file tells them. A key that looks like a missing one in the same table is told
//! once, as a misspelling: two messages for one slip send the reader to two places.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::paths::LocationSegment;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::document::{Document, Node, Step, Value};
use super::mistake::{Mistake, in_order, quoted};
use super::{schema, suggest};

/// Reads a document into the struct of its kind.
///
/// # Errors
/// Every place where the document does not have the struct's shape.
pub(crate) fn read<T: JsonSchema + DeserializeOwned>(document: &Document) -> Result<T, Vec<Mistake>> {
    let mistakes = check(document, &schema::schema_of::<T>());
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    serde_json::from_value(document.root.json())
        .map_err(|error| vec![Mistake::new(&document.file, format!("the file does not have its shape: {error}"))])
}

/// Every place where a document does not have the shape of a schema.
fn check(document: &Document, schema: &Json) -> Vec<Mistake> {
    let validator = match jsonschema::validator_for(schema) {
        Ok(validator) => validator,
        Err(error) => return vec![Mistake::new(&document.file, format!("the shape of this file is unknown: {error}"))],
    };
    let instance = document.root.json();
    let (mut unknown, mut missing, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
    for error in validator.iter_errors(&instance) {
        let path = steps(&error);
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                unknown.extend(unexpected.iter().map(|key| (path.clone(), key.clone())));
            }
            Kind::Required { property } => missing.push((path, property.as_str().unwrap_or_default().to_string())),
            _ => mistakes.push(wrong_value(document, schema, &path, &error)),
        }
    }
    for (path, key) in &unknown {
        let absent: Vec<&str> = missing.iter().filter(|(at, _)| at == path).map(|(_, key)| key.as_str()).collect();
        let misspelt = suggest::did_you_mean(key, &absent).map(str::to_string);
        mistakes.push(unknown_key(document, schema, path, key, misspelt.as_deref()));
        missing.retain(|(at, absent)| at != path || Some(absent) != misspelt.as_ref());
    }
    mistakes.extend(missing.iter().map(|(path, key)| missing_key(document, schema, path, key)));
    in_order(mistakes)
}

fn steps(error: &ValidationError<'_>) -> Vec<Step> {
    let step = |segment: LocationSegment<'_>| match segment {
        LocationSegment::Property(key) => Step::Key(key.into_owned()),
        LocationSegment::Index(place) => Step::Place(place),
    };
    error.instance_path().segments().map(step).collect()
}

fn unknown_key(document: &Document, schema: &Json, path: &[Step], key: &str, misspelt: Option<&str>) -> Mistake {
    let here = schema::inside(schema, path).map(schema::keys).unwrap_or_default();
    let mut full = path.to_vec();
    full.push(Step::Key(key.to_string()));
    let mistake = Mistake::new(&document.file, format!("unknown key {}{}", quoted(key), schema::in_table(path)))
        .at(document.locate_key(&full))
        .meant(key, here.iter().copied());
    if let Some(meant) = misspelt {
        return mistake.hint(format!("did you mean {}, which is missing here?", quoted(meant)));
    }
    match schema::homes(schema, key).as_slice() {
        [] => mistake,
        [top] if top == &schema::table_name(&[]) => {
            mistake.hint(format!("{} belongs to the top of the file, above the first [table]", quoted(key)))
        }
        homes => mistake.hint(format!("{} belongs to {}", quoted(key), homes.join(" or "))),
    }
}

fn missing_key(document: &Document, schema: &Json, path: &[Step], key: &str) -> Mistake {
    let mut full = path.to_vec();
    full.push(Step::Key(key.to_string()));
    let mistake = document.mistake(path, format!("key {} is missing{}", quoted(key), schema::in_table(path)));
    match schema::inside(schema, &full) {
        Some(inner) => mistake.expected(schema::meaning(inner)),
        None => mistake,
    }
}

fn wrong_value(document: &Document, schema: &Json, path: &[Step], error: &ValidationError<'_>) -> Mistake {
    let found = document.locate(path);
    let wanted = schema::inside(schema, path);
    let what = schema::value_name(path);
    let table = schema::in_table(&path[..path.iter().rposition(|step| matches!(step, Step::Key(_))).unwrap_or(0)]);
    let mistake = document.mistake(path, format!("{what}{table} holds {}", found.words()));
    let mistake = match wanted {
        Some(wanted) => mistake.expected(schema::words(wanted)),
        None => mistake,
    };
    match (error.kind(), wanted, &found.value) {
        (Kind::Enum { options }, _, Value::Text(text)) => {
            let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            mistake.meant(text, options)
        }
        (Kind::Maximum { limit }, Some(wanted), _) if limit.as_i64() == Some(i64::MAX) => {
            mistake.expected(format!("{} and at most {limit}", schema::words(wanted)))
        }
        (Kind::Type { .. }, Some(wanted), _) => match rewrite(wanted, found, path) {
            Some(hint) => mistake.hint(hint),
            None => mistake,
        },
        _ => mistake,
    }
}

/// How the value would be written so that it fits, where that is plain.
fn rewrite(wanted: &Json, found: &Node, path: &[Step]) -> Option<String> {
    let kind = wanted.get("type").and_then(Json::as_str)?;
    let item = wanted.get("items").and_then(|items| items.get("type")).and_then(Json::as_str);
    match (kind, &found.value) {
        ("string", Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Date(_) | Value::NoNumber(_)) => {
            Some("put it in quotes".to_string())
        }
        ("array", Value::Table(_)) if item == Some("object") => {
            Some(format!("write its header with two brackets: [{}]", schema::table_name(path)))
        }
        ("array", Value::Text(text)) if item == Some("string") => {
            Some(format!("put it in a list: [\"{}\"]", text.escape_debug()))
        }
        ("array", Value::Integer(_) | Value::Float(_)) if matches!(item, Some("number" | "integer")) => {
            Some("put it in a list: [ ]".to_string())
        }
        ("object", Value::List(nodes)) if nodes.iter().any(|node| matches!(node.value, Value::Table(_))) => {
            Some(format!("there is only one: write its header with one bracket: {}", schema::table_name(path)))
        }
        ("integer" | "number", Value::Text(text)) if text.trim().parse::<f64>().is_ok() => {
            Some("leave the quotes out".to_string())
        }
        ("boolean", Value::Text(text)) if matches!(text.trim(), "true" | "false") => {
            Some("leave the quotes out".to_string())
        }
        _ => None,
    }
}
