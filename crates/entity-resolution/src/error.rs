//! What can go wrong in this room, turned into a [`Failure`] at its door.

use onefold_contract::Failure;

/// A mistake in what the room was handed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResolveError {
    /// A column that a model names is not there.
    #[error("the model names column `{column}`, which the records do not have")]
    MissingColumn {
        /// The column.
        column: String,
        /// The columns there are.
        known: Vec<String>,
    },
    /// A column has another type than is needed.
    #[error("column `{column}` is of type {found}, but {needed} is needed")]
    WrongType {
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What the method takes, in words.
        needed: &'static str,
    },
    /// A model that was not validated.
    #[error("model `{model}` is not usable: {mistake}")]
    BadModel {
        /// The model.
        model: String,
        /// The first mistake.
        mistake: String,
    },
    /// A table or index was handed over that does not belong to the rest.
    #[error("{0}")]
    Bug(String),
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        let message = error.to_string();
        match error {
            ResolveError::MissingColumn { column, known } => {
                let failure = Self::usage(message);
                match crate::mistakes::nearest(&column, known.iter().map(String::as_str)) {
                    Some(name) => failure.hint(format!("Did you mean `{name}`?")),
                    None => failure.hint("Name a column that standardization hands on."),
                }
            }
            ResolveError::WrongType { .. } => Self::usage(message).hint("Choose a method that takes this type."),
            ResolveError::BadModel { .. } => Self::usage(message).hint("Run `onefold check` on the pipeline."),
            ResolveError::Bug(_) => Self::bug(message),
        }
    }
}
