//! The engine's errors in a user's words.

use arrow::datatypes::DataType;
use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::common::{Column, DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use onefold_contract::{Failure, FailureKind};

/// A line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// What is wrong with a piece of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqlMistake {
    /// Whose move it is.
    pub(crate) kind: FailureKind,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// Where, in the SQL's text.
    pub(crate) place: Option<Place>,
}

impl SqlMistake {
    /// A mistake in the SQL itself.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Usage, message: message.into(), hint: None, place: None }
    }

    /// Adds what to do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds where.
    #[must_use]
    pub(crate) fn at(mut self, place: Option<Place>) -> Self {
        self.place = place.or(self.place);
        self
    }

    /// The engine's error in words.
    pub(crate) fn of(error: &DataFusionError) -> Self {
        let place = error
            .diagnostic()
            .and_then(|diagnostic| diagnostic.span)
            .map(|span| Place { line: span.start.line, column: span.start.column });
        let first = error.iter().next().unwrap_or(error);
        in_words(first.find_root()).at(place)
    }

    /// The failure that says it.
    pub(crate) fn failure(self) -> Failure {
        let failure = Failure::new(self.kind, self.to_string());
        match self.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl std::fmt::Display for SqlMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Some(place) => write!(f, "{} (line {}, column {})", self.message, place.line, place.column),
            None => f.write_str(&self.message),
        }
    }
}

fn in_words(error: &DataFusionError) -> SqlMistake {
    match error {
        DataFusionError::SQL(error, _) => syntax(error),
        DataFusionError::SchemaError(error, _) => names(error),
        DataFusionError::ResourcesExhausted(_) => {
            SqlMistake::new("the query needs more memory than it may use").hint("filter or group its rows earlier")
        }
        DataFusionError::ArrowError(error, _) => SqlMistake::new(plain(&error.to_string())),
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => {
            SqlMistake {
                kind: FailureKind::State,
                ..SqlMistake::new(format!("a file of the release could not be read: {}", plain(&error.message())))
            }
        }
        DataFusionError::NotImplemented(text) => SqlMistake::new(format!("this SQL is not supported: {}", plain(text))),
        DataFusionError::Internal(text) => {
            SqlMistake::new(format!("the query engine could not carry this out: {}", plain(text)))
                .hint("write the query another way")
        }
        other => in_other_words(plain(&other.message())),
    }
}

/// The engine's sentences that no user can read, said another way.
fn in_other_words(text: String) -> SqlMistake {
    let coerced =
        text.strip_prefix("Cannot coerce arithmetic expression ").and_then(|t| t.strip_suffix(" to valid types"));
    match coerced {
        Some(expression) => SqlMistake::new(format!("{expression} cannot be calculated: the two are not of one kind"))
            .hint("turn one of them into the other's kind with CAST(... AS ...)"),
        None => SqlMistake::new(text),
    }
}

fn syntax(error: &ParserError) -> SqlMistake {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => {
            return SqlMistake::new("the SQL is nested too deeply").hint("name its parts in a WITH");
        }
    };
    let (what, place) = match text.rsplit_once(" at Line: ") {
        Some((what, place)) => (what, read_place(place)),
        None => (text, None),
    };
    let what = what.replace("Expected: ", "expected ").replace(", found: ", " but found ");
    SqlMistake::new(format!("syntax error: {}", what.replace("found EOF", "found the end of the text"))).at(place)
}

fn read_place(text: &str) -> Option<Place> {
    let (line, column) = text.split_once(", Column: ")?;
    let digits = column.find(|c: char| !c.is_ascii_digit()).unwrap_or(column.len());
    Some(Place { line: line.parse().ok()?, column: column[..digits].parse().ok()? })
}

fn names(error: &SchemaError) -> SqlMistake {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let mistake = SqlMistake::new(format!("there is no column `{}`", field.flat_name()));
            let offered: Vec<&str> = valid_fields.iter().map(|column| column.name.as_str()).collect();
            match nearest(&field.name, offered.iter().copied()) {
                Some(near) if near.eq_ignore_ascii_case(&field.name) => {
                    let written = valid_fields.iter().find(|c| c.name == near).map(Column::quoted_flat_name);
                    mistake.hint(format!("write `{}`", written.unwrap_or_else(|| near.to_string())))
                }
                Some(near) => mistake.hint(format!("did you mean `{near}`?")),
                None if offered.is_empty() => mistake,
                None => mistake.hint(format!("the columns are {}", offered.join(", "))),
            }
        }
        SchemaError::AmbiguousReference { field } => {
            SqlMistake::new(format!("the column `{}` is in more than one of the tables", field.name))
                .hint("write the table's name before it, with a dot")
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            SqlMistake::new(format!("two columns are named `{name}`")).hint("give one of them another name with AS")
        }
    }
}

/// The engine's text without its prefixes, its hints to its own developers and its names of types.
fn plain(text: &str) -> String {
    const PREFIXES: [&str; 12] = [
        "DataFusion error: ",
        "Error during planning: ",
        "Execution error: ",
        "Arrow error: ",
        "Cast error: ",
        "Compute error: ",
        "Invalid argument error: ",
        "External error: ",
        "Optimizer rule ",
        "Parser error: ",
        "This feature is not implemented: ",
        "Arithmetic overflow: ",
    ];
    let text = text.split("\n\nbacktrace").next().unwrap_or(text);
    let mut text = text.split(".\nThis issue was likely caused").next().unwrap_or(text).trim();
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut words = String::with_capacity(one_line.len());
    let mut word = String::new();
    for letter in one_line.chars().chain(std::iter::once('\n')) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        words.push_str(type_in_words(&word).unwrap_or(&word));
        word.clear();
        if letter != '\n' {
            words.push(letter);
        }
    }
    words
}

/// What SQL calls the engine's type.
fn type_in_words(word: &str) -> Option<&'static str> {
    Some(match word {
        "Utf8" | "Utf8View" | "LargeUtf8" => "VARCHAR",
        "Int8" => "TINYINT",
        "Int16" => "SMALLINT",
        "Int32" => "INTEGER",
        "Int64" => "BIGINT",
        "UInt8" | "UInt16" | "UInt32" | "UInt64" => "BIGINT UNSIGNED",
        "Float32" => "REAL",
        "Float64" => "DOUBLE",
        "Decimal32" | "Decimal64" | "Decimal128" | "Decimal256" => "DECIMAL",
        "Date32" | "Date64" => "DATE",
        "Time32" | "Time64" => "TIME",
        "Timestamp" => "TIMESTAMP",
        "Interval" => "INTERVAL",
        "Boolean" => "BOOLEAN",
        "Binary" | "BinaryView" | "LargeBinary" => "BYTEA",
        _ => return None,
    })
}

/// What SQL calls the type of a column.
pub fn sql_type(kind: &DataType) -> String {
    match kind {
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        DataType::Timestamp(_, Some(_)) => "TIMESTAMP WITH TIME ZONE".to_string(),
        DataType::Timestamp(_, None) => "TIMESTAMP".to_string(),
        other => plain(&other.to_string()),
    }
}

/// The candidate that a misspelt word most likely meant; the first of equals. `None` where nothing is near.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let allowed = wanted.chars().count().div_ceil(3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = levenshtein(&wanted, &candidate.to_lowercase());
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let names = ["customer_id", "city", "country"];
        assert_eq!(nearest("custmer_id", names.into_iter()), Some("customer_id"));
        assert_eq!(nearest("CITY", names.into_iter()), Some("city"));
        assert_eq!(nearest("revenue", names.into_iter()), None);
    }

    #[test]
    fn prefixes_and_types_of_the_engine_are_left_out() {
        let text = plain("Error during planning: Cannot coerce arithmetic expression Utf8 + Int64 to valid types");
        assert_eq!(text, "Cannot coerce arithmetic expression VARCHAR + BIGINT to valid types");
    }

    #[test]
    fn a_place_is_read_from_the_parsers_text() {
        let mistake =
            syntax(&ParserError::ParserError("Expected: an expression, found: FROM at Line: 3, Column: 14".into()));
        assert_eq!(mistake.place, Some(Place { line: 3, column: 14 }));
        assert_eq!(mistake.to_string(), "syntax error: expected an expression but found FROM (line 3, column 14)");
    }
}
