//! Reading a sheet: its rows in order with what each of them is, and the columns that are mended on the way.

use std::ops::ControlFlow;

use onefold_contract::extractor::RawRows;
use onefold_contract::ledger::ControlTotal;
use onefold_contract::{Failure, Result};

use super::judge::{Judge, Verdict};
use super::layout::Layout;
use super::merged::{Fill, Filled};
use super::sheet_rows::SheetRows;
use super::signs::{Says, Signs};
use super::want::Want;
use super::workbook::Workbook;

/// Rows in a block.
const BLOCK_ROWS: usize = 8192;

/// Takes blocks, and says when it has had enough.
pub(super) type Take<'t> = dyn FnMut(RawRows) -> Result<ControlFlow<()>> + 't;

/// What reading a sheet found besides its rows.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Rows, those left out and held back included.
    pub(super) rows: u64,
    /// One sentence each.
    pub(super) notes: Vec<String>,
    /// The totals that matched.
    pub(super) totals: Vec<ControlTotal>,
}

/// Hands each row behind the header, merged cells filled and blank ones left out, to `visit` with what it is.
///
/// # Errors
/// A source failure, where the sheet is damaged; and what `visit` fails with.
pub(super) fn walk(
    workbook: &mut Workbook,
    want: &Want,
    layout: &Layout,
    visit: &mut dyn FnMut(&Filled, Verdict) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let (mut fill, mut judge) = (Fill::new(&layout.merged), Judge::new(layout, want));
    let inside: Vec<u32> = layout.header.columns.iter().map(|column| column.place).collect();
    workbook.rows(&layout.sheet, &mut |row| {
        let mut filled = fill.fill(row);
        if filled.row < layout.header.end() {
            return Ok(ControlFlow::Continue(()));
        }
        // What stands beside the table is no part of its rows.
        filled.cells.retain(|cell| inside.binary_search(&cell.place).is_ok());
        if filled.is_blank() {
            return Ok(ControlFlow::Continue(()));
        }
        let verdict = judge.judge(&filled);
        visit(&filled, verdict)
    })
}

/// Reads a sheet.
///
/// # Errors
/// A source failure, where the sheet is damaged or a declared mend does not fit; and what `take` fails with.
pub(super) fn read(workbook: &mut Workbook, want: &Want, layout: &Layout, take: &mut Take<'_>) -> Result<Report> {
    let location = workbook.location().to_string();
    let mut sheet = SheetRows::new(want, layout, &location);
    check_mends(workbook, want, layout, &location)?;
    walk(workbook, want, layout, &mut |row, verdict| {
        sheet.row(row, verdict);
        if sheet.waiting() < BLOCK_ROWS {
            return Ok(ControlFlow::Continue(()));
        }
        sheet.flush(take)
    })?;
    sheet.flush(take).map(|_| sheet.report())
}

/// Holds the columns that are to be mended against the damage that the mend undoes.
fn check_mends(workbook: &mut Workbook, want: &Want, layout: &Layout, location: &str) -> Result<()> {
    let mended = |wanted: &Vec<usize>| wanted.iter().any(|at| want.columns[*at].mend.is_some());
    let mut signs: Vec<(usize, Signs)> = (0..layout.columns.len())
        .filter(|at| mended(&layout.columns[*at].wanted))
        .map(|at| (at, Signs::default()))
        .collect();
    if signs.is_empty() {
        return Ok(());
    }
    walk(workbook, want, layout, &mut |row, verdict| {
        if verdict == Verdict::Row {
            for (at, signs) in &mut signs {
                row.cell(layout.columns[*at].place).into_iter().for_each(|cell| signs.take(row.row, cell));
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (at, signs) in signs {
        if let (Says::NotSwapped, Some(cell)) = (signs.says(), &signs.against) {
            let name = &layout.columns[at].name;
            return Err(Failure::source(format!(
                "{location}, {}: column \"{name}\" is declared with swapped days and months, but no swap can have made cell {cell}",
                layout.part()
            ))
            .hint("was the workbook exported anew, or mended in part? take `mend` out of the column if it is right now"));
        }
    }
    Ok(())
}
