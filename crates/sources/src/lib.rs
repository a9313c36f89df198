//! Source to staged: extractors, raw landing, contracts and change capture.
//!
//! Three steps, each of which can be looked at by itself. [`extractor`] binds a [`spec::SourceSpec`] to the format or
//! wire it names. [`land`] copies what the source delivers into raw, hashed, before anything is read from it. [`stage`]
//! reads the landed copy, holds every row against the source's contract and yields only what changed. Reading the source
//! straight into typed rows would save a copy, and lose the proof of what was delivered.

mod any;
mod csv;
mod excel;
mod file_kind;
mod key;
mod landing;
mod location;
mod mistakes;
mod needed;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
mod real_data;
mod registry;
mod snapshot;
pub mod spec;
mod sqlite;
mod staging;
mod suggest;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod testing;

pub use any::{AnyFile, FileFormat, OpenOptions, open_any};
pub use excel::FoundSheet;
pub use excel::{
    ColumnPreview, GroupColumn, SheetGroup, SheetPreview, TotalPreview, UnpivotGuess, WorkbookPreview, preview_workbook,
};
pub use landing::{LandedPartition, Landing, land, newest_landing};
pub use registry::extractor;
pub use spec::SourceSpec;
pub use staging::{ControlSum, Staging, stage, staged_contract};
