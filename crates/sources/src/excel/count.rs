//! Counts the rows of a workbook while it is landed, by a hand of its own: another than the one that makes rows of cells, so
//! that a row which that one loses is missed.

use std::ops::ControlFlow;

use onefold_contract::Result;

use super::judge::Verdict;
use super::layout::Layout;
use super::read::walk;
use super::want::Want;
use super::workbook::Workbook;

/// The rows of a sheet: those that a rule leaves out count one each, and so does a row of an unpivoted sheet that has no
/// figure; any other counts as many as it has labels with a figure.
///
/// # Errors
/// A source failure, where the sheet is damaged.
pub(super) fn count(workbook: &mut Workbook, want: &Want, layout: &Layout) -> Result<u64> {
    let mut rows = 0;
    walk(workbook, want, layout, &mut |row, verdict| {
        let figures = |places: &[Option<u32>]| {
            let filled = |place: &u32| row.cell(*place).is_some_and(|cell| !cell.value.is_blank());
            places.iter().flatten().any(filled)
        };
        rows += match verdict {
            Verdict::Row => layout.turned.iter().filter(|turned| figures(&turned.places)).count().max(1) as u64,
            _ => 1,
        };
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(rows)
}
