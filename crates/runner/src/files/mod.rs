//! Files without a pipeline: any file in, what a command makes of it out.
//!
//! What a person tries first must not ask for configuration, so everything that a pipeline declares is guessed here and
//! told: kinds of columns, region, model. The same rooms do the work as in a pipeline; only what is declared differs. Nothing of
//! the state root is read or written.

mod fold;
mod golden;
mod input;
mod judge;
mod model_file;
mod output;
mod records;

pub(crate) use fold::{Folded, Matching, fold};
pub(crate) use golden::{golden, in_file, review};
pub(crate) use input::{Input, Keys, column_named, dictionaries, open, read, read_profile_settings, said_columns};
pub(crate) use judge::{Figures, Record, judge};
pub(crate) use model_file::{model_text, read_model, to_check, written};
pub(crate) use output::{Sheet, check_place, check_writable, write, write_text};
pub(crate) use records::Table;
