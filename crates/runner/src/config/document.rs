//! A TOML file as values that know where they stand.
//!
//! Text is parsed once into this tree; the shape check, the places of parameters, the typed structs and every later
//! mistake go through it, so that each can name a line. Deserializing straight from the text was rejected: it stops at
//! the first mistake, and what it says about it are a programmer's words.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::mistake::{Mistake, Position, quoted};

/// Whole numbers below this, either side of zero, fit an integer: 2^63.
const INTEGERS_END: f64 = 9_223_372_036_854_775_808.0;

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// The file, as the user would write it.
    pub(crate) file: PathBuf,
    /// The whole file as a table.
    pub(crate) root: Node,
}

/// A value and where it begins; a table under a `[header]` begins at its header.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Where it begins.
    pub(crate) at: Position,
    /// What it is.
    pub(crate) value: Value,
}

/// What a key holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A date or time, which no key takes; as written.
    Date(String),
    /// A number too large for any key, or none at all (`nan`); as written.
    NoNumber(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of its keys.
    Table(BTreeMap<String, Entry>),
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Where the key stands.
    pub(crate) key: Position,
    /// Its value.
    pub(crate) node: Node,
}

/// One step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Into a table, by key.
    Key(String),
    /// Into a list, by place from 0.
    Place(usize),
}

/// Reads a way written `columns[2].kind`; what cannot be read as a step ends it.
pub(crate) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
        match part.strip_suffix(']') {
            Some(place) => match place.parse() {
                Ok(place) => steps.push(Step::Place(place)),
                Err(_) => break,
            },
            None => steps.push(Step::Key(part.to_string())),
        }
    }
    steps
}

impl Document {
    /// Reads and parses a file.
    ///
    /// # Errors
    /// The file cannot be read, is not UTF-8, or breaks TOML's syntax: every broken line is one mistake.
    pub(crate) fn read(file: &Path) -> Result<Self, Vec<Mistake>> {
        Self::parse(file, &read_text(file)?)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// Every line that breaks TOML's syntax is one mistake.
    pub(crate) fn parse(file: &Path, text: &str) -> Result<Self, Vec<Mistake>> {
        let lines = Lines::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(syntax_mistakes(file, &lines, &errors));
        }
        let root = Node { at: Position::START, value: table_of(table.into_inner(), &lines) };
        Ok(Self { file: file.to_path_buf(), root })
    }

    /// A mistake of the value at a way; where the way leads further than the file does, of the last value on it.
    pub(crate) fn mistake(&self, path: &[Step], message: impl Into<String>) -> Mistake {
        Mistake::new(&self.file, message).at(self.locate(path).at)
    }

    /// The value at a way, or the last value on it.
    pub(crate) fn locate(&self, path: &[Step]) -> &Node {
        let mut node = &self.root;
        for step in path {
            match node.step(step) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// Where the last key on a way stands; its value where the way ends in a list, or leads further than the file does.
    pub(crate) fn locate_key(&self, path: &[Step]) -> Position {
        let Some((Step::Key(last), before)) = path.split_last() else { return self.locate(path).at };
        match &self.locate(before).value {
            Value::Table(entries) => entries.get(last).map_or(self.locate(path).at, |entry| entry.key),
            _ => self.locate(path).at,
        }
    }

    /// The text that a key at the top of the file holds.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match &self.root.step(&Step::Key(key.to_string()))?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Node {
    /// The value one step on.
    pub(crate) fn step(&self, step: &Step) -> Option<&Self> {
        match (&self.value, step) {
            (Value::Table(entries), Step::Key(key)) => entries.get(key).map(|entry| &entry.node),
            (Value::Table(entries), Step::Place(place)) => entries.get(&place.to_string()).map(|entry| &entry.node),
            (Value::List(nodes), Step::Place(place)) => nodes.get(*place),
            _ => None,
        }
    }

    /// The value as JSON. What JSON cannot say (dates, `nan`) becomes null, which no schema of ours allows; a whole
    /// number written with a point becomes one without, because `2.0` is as good as `2` wherever a number stands.
    pub(crate) fn json(&self) -> Json {
        match &self.value {
            Value::Text(text) => Json::String(text.clone()),
            Value::Integer(number) => Json::from(*number),
            Value::Float(number) if number.fract() == 0.0 && number.abs() < INTEGERS_END => Json::from(*number as i64),
            Value::Float(number) => serde_json::Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Value::Flag(flag) => Json::Bool(*flag),
            Value::Date(_) | Value::NoNumber(_) => Json::Null,
            Value::List(nodes) => Json::Array(nodes.iter().map(Self::json).collect()),
            Value::Table(entries) => {
                Json::Object(entries.iter().map(|(key, entry)| (key.clone(), entry.node.json())).collect())
            }
        }
    }

    /// What a user would call the value: "the text `x`", "the number 5".
    pub(crate) fn words(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the text {}", quoted(text)),
            Value::Integer(number) => format!("the number {number}"),
            Value::Float(number) => format!("the number {number:?}"),
            Value::Flag(flag) => format!("the word {flag}"),
            Value::Date(written) => format!("the date or time {written}"),
            Value::NoNumber(written) => format!("the number {}", quoted(written)),
            Value::List(_) => "a list".to_string(),
            Value::Table(_) => "a table".to_string(),
        }
    }
}

/// Reads a text file; the mark that some editors put at the beginning (BOM) is left out.
///
/// # Errors
/// One mistake: the file cannot be read or is not UTF-8.
pub(crate) fn read_text(file: &Path) -> Result<String, Vec<Mistake>> {
    let refused = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => vec![Mistake::new(file, "there is no such file")],
        _ => vec![Mistake::new(file, format!("the file cannot be read: {error}"))],
    };
    // Asked first, because opening a pipe that stands there would wait for its other end for ever.
    if !fs::metadata(file).map_err(|error| refused(&error))?.is_file() {
        return Err(vec![Mistake::new(file, "this is not a file").expected("a text file")]);
    }
    let bytes = fs::read(file).map_err(|error| refused(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let message = format!("the file is not UTF-8 text: byte {:#04x} stands here", error.as_bytes()[valid]);
        let at = Lines::new(&before).position(before.len());
        vec![Mistake::new(file, message).at(at).hint("save the file as UTF-8")]
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text))
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(place, _)| place + 1)).collect();
        Self { text, starts }
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let before = self.text.get(self.starts[line - 1]..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    /// The text of a line, from 1.
    fn line(&self, line: usize) -> &'a str {
        self.text[self.starts[line - 1]..].lines().next().unwrap_or_default()
    }

    /// Whether a line is the header of a table.
    fn is_header(&self, line: usize) -> bool {
        self.line(line).trim_start().starts_with('[')
    }
}

fn table_of(table: DeTable<'_>, lines: &Lines<'_>) -> Value {
    let entries = table.into_iter().map(|(key, value)| {
        let at = lines.position(key.span().start);
        (key.into_inner().into_owned(), Entry { key: at, node: node_of(value, lines) })
    });
    Value::Table(entries.collect())
}

fn node_of(value: Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let span = value.span();
    let written = || lines.text.get(span.clone()).unwrap_or_default().to_string();
    let found = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => integer(&number).map_or_else(|| Value::NoNumber(written()), Value::Integer),
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) if f64::is_finite(number) => Value::Float(number),
            _ => Value::NoNumber(written()),
        },
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(_) => Value::Date(written()),
        DeValue::Array(nodes) => Value::List(nodes.into_iter().map(|node| node_of(node, lines)).collect()),
        DeValue::Table(table) => table_of(table, lines),
    };
    Node { at: lines.position(span.start), value: found }
}

fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// One mistake a line: what follows the first on a line is mostly its echo. So are the keys below a header that is
/// written twice.
fn syntax_mistakes(file: &Path, lines: &Lines<'_>, errors: &[toml::de::Error]) -> Vec<Mistake> {
    let mut errors: Vec<(Range<usize>, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut told: BTreeMap<usize, Mistake> = BTreeMap::new();
    for (span, message) in errors {
        let position = lines.position(span.start);
        let header = (1..position.line).rev().find(|line| lines.is_header(*line));
        let echo =
            message == DUPLICATE && !lines.is_header(position.line) && header.is_some_and(|h| told.contains_key(&h));
        if !echo {
            told.entry(position.line).or_insert_with(|| syntax_mistake(file, lines, &span, message).at(position));
        }
    }
    told.into_values().collect()
}

/// The parser's words for a key that is there twice.
const DUPLICATE: &str = "duplicate key";

/// The parser's words, told as what is wrong and what was expected, and ours where the parser's name the symptom only.
fn syntax_mistake(file: &Path, lines: &Lines<'_>, span: &Range<usize>, message: &str) -> Mistake {
    let (what, expected) = message.split_once(", expected ").map_or((message, None), |(a, b)| (a, Some(b)));
    let written = lines.text.get(span.clone()).unwrap_or_default();
    if what == DUPLICATE {
        let line = lines.position(span.start).line;
        let hint = if lines.is_header(line) {
            format!(
                "a table that may be repeated is written [[{}]] every time",
                lines.line(line).trim_matches(['[', ']', ' '])
            )
        } else {
            "keep one of the two".to_string()
        };
        return Mistake::new(file, format!("{} is written twice", quoted(written))).hint(hint);
    }
    let mistake = Mistake::new(file, format!("this is not TOML: {what}"));
    match expected {
        Some("literal string") => mistake.expected("a text in quotes, a number, true, false, a [list] or a { table }"),
        Some(expected) => mistake.expected(expected),
        None => mistake,
    }
}
