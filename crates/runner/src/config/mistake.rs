//! One mistake in one configuration file, in the words a user meets it in.
//!
//! The form is a compiler's, `file:line:column: message`, because every editor and terminal makes such a line a link.
//! The rejected alternative, a drawn excerpt of the file below each message, makes ten mistakes fill three screens.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::suggest;

/// The longest piece of a user's text that a message repeats, in characters.
const LONGEST_QUOTE: usize = 60;

/// A place in a file, both counted from 1; columns are characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// The line.
    pub(crate) line: usize,
    /// The character in the line.
    pub(crate) column: usize,
}

impl Position {
    /// Where something that is missing from a file as a whole would have to be added.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// A mistake: where it is, what it is, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The file, as the user would write it.
    #[serde(serialize_with = "as_text")]
    pub(crate) file: PathBuf,
    /// The line, from 1; absent where the file or folder as a whole is meant.
    pub(crate) line: Option<usize>,
    /// The character in the line, from 1.
    pub(crate) column: Option<usize>,
    /// What is wrong, one sentence.
    pub(crate) message: String,
    /// What would be right.
    pub(crate) expected: Option<String>,
    /// What to do, where there is a guess ("did you mean").
    pub(crate) hint: Option<String>,
}

fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

impl Mistake {
    /// A mistake of a file as a whole.
    pub(crate) fn new(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None, message: message.into(), expected: None, hint: None }
    }

    /// Says where in the file.
    pub(crate) fn at(mut self, position: Position) -> Self {
        (self.line, self.column) = (Some(position.line), Some(position.column));
        self
    }

    /// Whether another mistake is of the same place.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        (&self.file, self.line, self.column) == (&other.file, other.line, other.column)
    }

    /// Says what would be right.
    pub(crate) fn expected(mut self, what: impl Into<String>) -> Self {
        self.expected = Some(what.into());
        self
    }

    /// Says what to do.
    pub(crate) fn hint(mut self, sentence: impl Into<String>) -> Self {
        self.hint = Some(sentence.into());
        self
    }

    /// Says which of the possible names may have been meant: those like it as a hint, all of them as what is expected.
    pub(crate) fn meant<'a>(mut self, written: &str, possible: impl IntoIterator<Item = &'a str>) -> Self {
        let possible: Vec<&str> = possible.into_iter().collect();
        if !possible.is_empty() {
            self.expected = Some(suggest::one_of(&possible));
        }
        self.hint = suggest::did_you_mean(written, &possible).map(|name| format!("did you mean {}?", quoted(name)));
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, "\n  expected: {expected}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// Puts mistakes in the order a reader works through them: file by file, top to bottom; a repeated one goes once.
pub(crate) fn in_order(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort_by(|a, b| {
        let key = |m: &Mistake| (m.file.clone(), m.line, m.column);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    mistakes.dedup();
    mistakes
}

/// A user's text between backticks: control characters made visible, and long texts cut, so that a message stays one
/// line whatever the file holds.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == LONGEST_QUOTE {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    format!("`{shown}`")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_reads_like_a_compilers() {
        let mistake = Mistake::new("a/b.toml", "unknown key `colum`")
            .at(Position { line: 12, column: 3 })
            .meant("colum", ["column", "name"]);
        assert_eq!(
            mistake.to_string(),
            "a/b.toml:12:3: unknown key `colum`\n  expected: one of column, name\n  hint: did you mean `column`?"
        );
        assert_eq!(Mistake::new("a", "is missing").to_string(), "a: is missing");
    }

    #[test]
    fn a_mistake_is_flat_in_json() {
        let mistake = Mistake::new("a/b.toml", "m").at(Position { line: 2, column: 1 });
        let json = serde_json::to_string(&mistake).unwrap();
        assert_eq!(json, r#"{"file":"a/b.toml","line":2,"column":1,"message":"m","expected":null,"hint":null}"#);
    }

    #[test]
    fn a_quote_stays_on_one_line() {
        assert_eq!(quoted("a\nb\u{1b}"), "`a\\nb\\u{1b}`");
        assert_eq!(quoted(&"x".repeat(100)), format!("`{}…`", "x".repeat(60)));
    }
}
