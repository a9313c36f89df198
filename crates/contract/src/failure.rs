//! What can go wrong, in the five ways a user can act on.
//!
//! Rooms keep small typed errors of their own and turn them into a [`Failure`] at their door; `runner` prints it once
//! and exits with [`FailureKind::exit_code`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose move it is, which is all that an exit code can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A gate refused to publish: a balance that does not close, a loss threshold passed, a check that failed.
    Gate,
    /// The command line or the configuration is wrong.
    Usage,
    /// A source could not be read.
    Source,
    /// The state root is locked, unreadable or full.
    State,
    /// The user stopped the command.
    Stopped,
    /// Our own bug.
    Bug,
}

impl FailureKind {
    /// The exit code that `onefold` ends with; a stopped command's is the shell's for an interrupt.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Gate => 1,
            Self::Usage => 2,
            Self::Source => 3,
            Self::State => 4,
            Self::Stopped => 130,
            Self::Bug => 255,
        }
    }
}

/// An error as a user meets it: what happened, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose move it is.
    pub kind: FailureKind,
    /// What happened, in a user's words, one sentence, naming the thing it happened to.
    pub message: String,
    /// Further lines that belong to the message (a list of mistakes, the cause below).
    pub details: Vec<String>,
    /// What to do next; each is one sentence.
    pub hints: Vec<String>,
}

impl Failure {
    /// A failure without details or hints.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    /// A gate refused to publish.
    pub fn gate(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Gate, message)
    }

    /// The command line or the configuration is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// A source could not be read.
    pub fn source(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Source, message)
    }

    /// The state root is locked, unreadable or full.
    pub fn state(message: impl Into<String>) -> Self {
        Self::new(FailureKind::State, message)
    }

    /// Our own bug.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Bug, message)
    }

    /// Adds a line below the message.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Adds a sentence that says what to do next.
    #[must_use]
    pub fn hint(mut self, sentence: impl Into<String>) -> Self {
        self.hints.push(sentence.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for line in &self.details {
            write!(f, "\n  {line}")?;
        }
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// A batch that Arrow refuses to build is a bug of ours: inputs are checked before a batch is made of them.
impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::bug(format!("a table could not be built: {error}"))
    }
}
