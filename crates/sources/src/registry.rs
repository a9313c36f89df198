//! The one place where formats are registered.

use onefold_contract::Result;
use onefold_contract::extractor::Extractor;

use crate::csv::CsvExtractor;
use crate::excel::ExcelExtractor;
use crate::spec::{Format, SourceSpec};
use crate::sqlite::SqliteExtractor;

/// Binds a source to the extractor of its format. Nothing is opened yet; a spec that [`SourceSpec::mistakes`] finds fault
/// with is refused here only where the extractor cannot be built of it.
///
/// # Errors
/// A usage failure, where a setting that the format needs is missing or unknown.
pub fn extractor(spec: &SourceSpec) -> Result<Box<dyn Extractor>> {
    Ok(match spec.format {
        Format::Csv => Box::new(CsvExtractor::new(spec)?),
        Format::Sqlite => Box::new(SqliteExtractor::new(spec)?),
        Format::Excel => Box::new(ExcelExtractor::new(spec)),
    })
}

/// The extension of a landed file of a format.
pub(crate) fn raw_extension(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Sqlite => "arrow",
        Format::Excel => "xlsx",
    }
}
