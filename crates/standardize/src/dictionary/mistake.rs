//! What is wrong with a dictionary file.

use std::fmt;

use onefold_contract::Failure;

/// One mistake in one dictionary file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DictionaryMistake {
    /// The file's name as it was handed in.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The column, where one column is to blame.
    pub column: Option<String>,
    /// What stands there.
    pub found: String,
    /// What was expected in its place.
    pub expected: String,
}

impl fmt::Display for DictionaryMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: ", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for DictionaryMistake {}

impl DictionaryMistake {
    /// All mistakes as one failure that a user can be shown.
    pub fn failure(mistakes: &[Self]) -> Failure {
        let mut failure = Failure::usage(match mistakes.len() {
            1 => "the name dictionaries have 1 mistake".to_owned(),
            count => format!("the name dictionaries have {count} mistakes"),
        });
        failure.details = mistakes.iter().map(ToString::to_string).collect();
        failure.hint("mend the files under name-dictionaries/ or build the seed anew")
    }
}
