//! The shape of each kind of file, as JSON Schema made from the typed structs, and the words for it.
//!
//! The schema comes from the same struct that the file is read into, so the two cannot drift, and its doc comments are
//! what a user reads as "expected". Optional values and enumerations are rewritten on the way: as the generator writes
//! them (`anyOf` with null, `oneOf` of constants) a validator can only say that no alternative fits, not which value does.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use super::document::Step;
use super::mistake::quoted;
use super::suggest;

/// The schema of one kind of file: no references, no alternatives.
pub(crate) fn schema_of<T: JsonSchema>() -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    simplify(&mut schema);
    schema
}

fn simplify(schema: &mut Json) {
    let Json::Object(object) = schema else { return };
    take_the_only_alternative(object);
    if let Some(Json::Array(options)) = object.remove("oneOf") {
        let constants: Vec<Json> = options.iter().flat_map(constants).collect();
        object.insert("enum".to_string(), Json::Array(constants));
    }
    if let Some(Json::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_string(), only);
        }
    }
    if let Some(Json::Array(options)) = object.get_mut("enum") {
        options.retain(|option| !option.is_null());
        // The options say it all; with the type beside them one wrong value would be two mistakes.
        object.remove("type");
    }
    bound_by_format(object);
    for inner in ["items", "additionalProperties"] {
        object.get_mut(inner).into_iter().for_each(simplify);
    }
    if let Some(Json::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().for_each(simplify);
    }
}

/// `anyOf [X, null]` is X under the outer description.
fn take_the_only_alternative(object: &mut Map<String, Json>) {
    let Some(Json::Array(options)) = object.get("anyOf") else { return };
    let mut real = options.iter().filter(|option| option.get("type") != Some(&json!("null")));
    let (Some(Json::Object(only)), None) = (real.next(), real.next()) else { return };
    let only = only.clone();
    object.remove("anyOf");
    for (keyword, value) in only {
        object.entry(keyword).or_insert(value);
    }
}

fn constants(option: &Json) -> Vec<Json> {
    match (option.get("const"), option.get("enum")) {
        (Some(constant), _) => vec![constant.clone()],
        (None, Some(Json::Array(several))) => several.clone(),
        _ => Vec::new(),
    }
}

/// The generator names the width of a number and leaves its bounds to the reader.
fn bound_by_format(object: &mut Map<String, Json>) {
    let highest = match object.get("format").and_then(Json::as_str) {
        Some("uint16") => json!(u16::MAX),
        Some("uint32") => json!(u32::MAX),
        Some("int32") => json!(i32::MAX),
        Some("uint" | "uint64" | "int64") => json!(i64::MAX),
        _ => return,
    };
    object.entry("maximum").or_insert(highest);
}

/// The schema of the value at a way.
pub(crate) fn inside<'a>(schema: &'a Json, path: &[Step]) -> Option<&'a Json> {
    path.iter().try_fold(schema, |schema, step| match step {
        Step::Key(key) => schema
            .get("properties")
            .and_then(|properties| properties.get(key))
            .or_else(|| schema.get("additionalProperties").filter(|rest| rest.is_object())),
        Step::Place(_) => schema.get("items"),
    })
}

/// The keys that a table may have.
pub(crate) fn keys(schema: &Json) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Json::as_object);
    properties.into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

/// What a value must be, in words: "text", "a whole number from 1", "one of csv, sqlite, excel".
pub(crate) fn words(schema: &Json) -> String {
    if let Some(options) = schema.get("enum").and_then(Json::as_array) {
        return suggest::one_of(&options.iter().filter_map(Json::as_str).collect::<Vec<_>>());
    }
    match schema.get("type").and_then(Json::as_str) {
        Some("string") => "a text".to_string(),
        Some("boolean") => "true or false".to_string(),
        Some("integer") => format!("a whole number{}", bounds(schema)),
        Some("number") => format!("a number{}", bounds(schema)),
        Some("array") => match schema.get("items").map(words) {
            Some(item) if item == "a table" => "a list of tables".to_string(),
            Some(item) if item == "a text" => "a list of texts".to_string(),
            Some(item) if item.starts_with("a number") => item.replacen("a number", "a list of numbers", 1),
            Some(item) => format!("a list, each {item}"),
            None => "a list".to_string(),
        },
        _ => "a table".to_string(),
    }
}

/// What a value must be and what it is for.
pub(crate) fn meaning(schema: &Json) -> String {
    let kind = words(schema);
    match schema.get("description").and_then(Json::as_str) {
        Some(text) => {
            let line = text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
            format!("{}; {kind}", line.trim_end_matches('.'))
        }
        None => kind,
    }
}

fn bounds(schema: &Json) -> String {
    // The end of all integers is no bound that anyone set.
    let told = |bound: &&Json| bound.as_i64() != Some(i64::MAX);
    let bound = |keyword: &str| schema.get(keyword).filter(told).and_then(Json::as_f64);
    match (bound("minimum"), bound("maximum")) {
        (Some(lowest), Some(highest)) => format!(" from {lowest} to {highest}"),
        (Some(lowest), None) => format!(" from {lowest} up"),
        (None, Some(highest)) => format!(" up to {highest}"),
        (None, None) => String::new(),
    }
}

/// The name of a table as its header is written: `[[columns]]`, `[csv]`, "the top of the file".
pub(crate) fn table_name(path: &[Step]) -> String {
    let names: Vec<String> = path.iter().filter_map(header_part).collect();
    match path.last() {
        None => "the top of the file".to_string(),
        Some(Step::Key(_)) => format!("[{}]", names.join(".")),
        Some(Step::Place(_)) => format!("[[{}]]", names.join(".")),
    }
}

/// A key as a header writes it: bare, or in quotes where it has other signs than letters, digits, `_` and `-`.
fn header_part(step: &Step) -> Option<String> {
    let Step::Key(key) = step else { return None };
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    Some(if is_bare { key.clone() } else { format!("\"{}\"", key.escape_debug()) })
}

/// " in [csv]", as a message goes on after a key's name; nothing for a key at the top of the file.
pub(crate) fn in_table(path: &[Step]) -> String {
    if path.is_empty() { String::new() } else { format!(" in {}", table_name(path)) }
}

/// The name of a value in a message: "key `kind`", "item 2 of `key`".
pub(crate) fn value_name(path: &[Step]) -> String {
    match path {
        [] => "the file".to_string(),
        [.., Step::Key(key)] => format!("key {}", quoted(key)),
        [.., Step::Key(list), Step::Place(place)] => format!("item {} of {}", place + 1, quoted(list)),
        [.., Step::Place(place)] => format!("item {}", place + 1),
    }
}

/// The tables of a file that have a key, each by its name.
pub(crate) fn homes(schema: &Json, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect_homes(schema, key, &mut Vec::new(), &mut found);
    found
}

fn collect_homes(schema: &Json, key: &str, path: &mut Vec<Step>, found: &mut Vec<String>) {
    if keys(schema).contains(&key) {
        found.push(table_name(path));
    }
    for (name, inner) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        path.push(Step::Key(name.clone()));
        collect_homes(inner, key, path, found);
        if let Some(items) = inner.get("items") {
            path.push(Step::Place(0));
            collect_homes(items, key, path, found);
            path.pop();
        }
        path.pop();
    }
}
