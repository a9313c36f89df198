//! The places of a pipeline: `{name}` in a text of any of its TOML files, filled before the text means anything.
//!
//! Filling happens in parsed values, never in the file's text, so that a value with a quote in it cannot become
//! configuration. Braces around anything but a name are left as they are, `{{name}}` stands for `{name}`, and SQL files
//! have no places: a query that depends on who runs it is no definition.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Node, Step, Value};
use super::mistake::{Mistake, quoted};

/// The table of `pipeline.toml` that declares places.
const TABLE: &str = "parameters";

/// The declared places with their values.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    values: BTreeMap<String, Option<String>>,
    used: BTreeSet<String>,
}

impl Parameters {
    /// Reads the declarations in `pipeline.toml` and gives each its value: the given one, or its default.
    pub(crate) fn declared(pipeline: &Document, given: &BTreeMap<String, String>) -> (Self, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let mut values = BTreeMap::new();
        let declared = pipeline.root.step(&Step::Key(TABLE.to_string())).map(|node| &node.value);
        if let Some(Value::Table(entries)) = declared {
            for (name, entry) in entries {
                let at = |message: String| Mistake::new(&pipeline.file, message).at(entry.node.at);
                if !is_name(name) {
                    mistakes.push(at(format!("{} is no name of a parameter", quoted(name))).expected(NAME));
                    continue;
                }
                let default = entry.node.step(&Step::Key("default".to_string())).map(|node| &node.value);
                let value = match (given.get(name), default) {
                    (Some(value), _) | (None, Some(Value::Text(value))) => Some(value.clone()),
                    // A default of another type is a mistake of shape, told there.
                    (None, Some(_)) => None,
                    (None, None) => {
                        let mistake = at(format!("parameter {} has no value", quoted(name)));
                        mistakes
                            .push(mistake.hint(format!("give it one with --param {name}=VALUE, or write a `default`")));
                        None
                    }
                };
                values.insert(name.clone(), value);
            }
        }
        for name in given.keys().filter(|name| !values.contains_key(*name)) {
            let message = format!("--param {name}: the pipeline has no parameter {}", quoted(name));
            mistakes.push(Mistake::new(&pipeline.file, message).meant(name, values.keys().map(String::as_str)));
        }
        (Self { values, used: BTreeSet::new() }, mistakes)
    }

    /// Fills the places of a document; a place of no declared name is a mistake.
    pub(crate) fn fill(&mut self, document: &mut Document) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if let Value::Table(entries) = &mut document.root.value {
            // The declarations describe places; they have none.
            for (_, entry) in entries.iter_mut().filter(|(key, _)| *key != TABLE) {
                self.fill_node(&mut entry.node, &document.file, &mut mistakes);
            }
        }
        mistakes
    }

    fn fill_node(&mut self, node: &mut Node, file: &std::path::Path, mistakes: &mut Vec<Mistake>) {
        match &mut node.value {
            Value::Text(text) => {
                let (filled, unknown) = self.fill_text(text);
                for name in unknown {
                    let message = format!("no parameter {} is declared for this place", quoted(&format!("{{{name}}}")));
                    let mistake =
                        Mistake::new(file, message).at(node.at).meant(&name, self.values.keys().map(String::as_str));
                    mistakes.push(match &mistake.hint {
                        Some(_) => mistake,
                        None => mistake.hint(format!("declare it in pipeline.toml, under [{TABLE}.{name}]")),
                    });
                }
                *text = filled;
            }
            Value::List(nodes) => {
                for node in nodes {
                    self.fill_node(node, file, mistakes);
                }
            }
            Value::Table(entries) => {
                for entry in entries.values_mut() {
                    self.fill_node(&mut entry.node, file, mistakes);
                }
            }
            _ => {}
        }
    }

    /// The text with its places filled, and the names of places that no one declared.
    fn fill_text(&mut self, text: &str) -> (String, Vec<String>) {
        let (mut filled, mut unknown) = (String::with_capacity(text.len()), Vec::new());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            let (written, place) = next_place(rest);
            match place {
                Place::Literal(literal) => filled.push_str(literal),
                Place::Named(name) => {
                    let value = self.values.get(name);
                    if value.is_some() {
                        self.used.insert(name.to_string());
                    } else {
                        unknown.push(name.to_string());
                    }
                    filled.push_str(value.and_then(Option::as_deref).unwrap_or(written));
                }
            }
            rest = &rest[written.len()..];
        }
        filled.push_str(rest);
        (filled, unknown)
    }

    /// Declared names that no text has a place for.
    pub(crate) fn unused(&self, pipeline: &Document) -> Vec<Mistake> {
        let unused = self.values.keys().filter(|name| !self.used.contains(*name));
        let mistake = |name: &String| {
            let path = [Step::Key(TABLE.to_string()), Step::Key(name.clone())];
            let message = format!("parameter {} is declared and no text has a place {{{name}}} for it", quoted(name));
            pipeline.mistake(&path, message).hint("use it or take it out")
        };
        unused.map(mistake).collect()
    }
}

const NAME: &str = "a letter, then letters, digits, `_` or `-`";

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

enum Place<'a> {
    Literal(&'a str),
    Named(&'a str),
}

/// What stands at an opening brace, as written and as meant.
fn next_place(text: &str) -> (&str, Place<'_>) {
    let braced = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?;
        let end = inner.find(close)?;
        let name = inner[..end].trim();
        is_name(name).then_some((open.len() + end + close.len(), name))
    };
    if let Some((length, _)) = braced("{{", "}}") {
        return (&text[..length], Place::Literal(&text[1..length - 1]));
    }
    match braced("{", "}") {
        Some((length, name)) => (&text[..length], Place::Named(name)),
        None => (&text[..1], Place::Literal(&text[..1])),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parameters() -> Parameters {
        let values =
            BTreeMap::from([("data".to_string(), Some("x/{data}\"y".to_string())), ("none".to_string(), None)]);
        Parameters { values, used: BTreeSet::new() }
    }

    #[test]
    fn a_place_is_filled_once_and_other_braces_stay() {
        let mut parameters = parameters();
        for (text, filled, unknown) in [
            ("{data}/a.csv", "x/{data}\"y/a.csv", vec![]),
            ("{ data }{data}", "x/{data}\"yx/{data}\"y", vec![]),
            ("{{data}}", "{data}", vec![]),
            ("{dta}", "{dta}", vec!["dta"]),
            ("{none}", "{none}", vec![]),
            ("{'a': 1} {3} {} { {", "{'a': 1} {3} {} { {", vec![]),
            ("ünï{data", "ünï{data", vec![]),
        ] {
            let (got, missing) = parameters.fill_text(text);
            assert_eq!((got.as_str(), missing), (filled, unknown.into_iter().map(String::from).collect()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_without_an_opening_brace_is_left_as_it_is(text in "[^{]{0,40}") {
            prop_assert_eq!(parameters().fill_text(&text), (text, vec![]));
        }

        #[test]
        fn any_text_can_be_filled(text in "[{}a-zé \"]{0,40}") {
            parameters().fill_text(&text);
        }
    }
}
