//! Merged cells: each cell of a merged area has the value of its first.
//!
//! A worksheet stores the value once, in the area's first cell. Filling keeps what a person sees: `North` beside three rows
//! is the region of all three. A heading across most of the table is no value of any column, so a row that has only such a
//! one is told apart.

use calamine::Dimensions;

use super::cell::Cell;
use super::workbook::Row;

/// A row with merged cells filled.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    /// Its number, counted from 0.
    pub(super) row: u32,
    /// Its cells in the order of their columns.
    pub(super) cells: Vec<Cell>,
    /// The columns whose cells are filled from another.
    pub(super) copied: Vec<u32>,
    /// The columns that the widest merged area of this one row covers; 0 where there is none.
    pub(super) widest: u32,
}

impl Filled {
    /// The cell in a column.
    pub(super) fn cell(&self, place: u32) -> Option<&Cell> {
        self.cells.binary_search_by_key(&place, |cell| cell.place).ok().map(|at| &self.cells[at])
    }

    /// The cells that hold something of their own.
    pub(super) fn own(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| !self.copied.contains(&cell.place) && !cell.value.is_blank())
    }

    /// Whether the row holds nothing of its own.
    pub(super) fn is_blank(&self) -> bool {
        self.own().next().is_none()
    }
}

/// Fills the rows of a sheet, which come in their order.
#[derive(Debug)]
pub(super) struct Fill {
    /// The areas that begin in rows to come, the last first.
    ahead: Vec<Dimensions>,
    /// The areas that the rows are in, with their values.
    within: Vec<(Dimensions, Option<Cell>)>,
}

impl Fill {
    /// Fills these areas, which are in the order of their first rows.
    pub(super) fn new(areas: &[Dimensions]) -> Self {
        Self { ahead: areas.iter().rev().copied().collect(), within: Vec::new() }
    }

    /// Fills one row.
    pub(super) fn fill(&mut self, row: Row) -> Filled {
        let mut filled = Filled { row: row.row, cells: row.cells, copied: Vec::new(), widest: 0 };
        self.within.retain(|(area, _)| area.end.0 >= filled.row);
        while let Some(area) = self.ahead.pop_if(|area| area.start.0 <= filled.row) {
            if area.end.0 < filled.row {
                continue;
            }
            // An area whose first row has no cell has no value.
            let value = (area.start.0 == filled.row).then(|| filled.cell(area.start.1).cloned()).flatten();
            if area.start.0 == area.end.0 && value.is_some() {
                filled.widest = filled.widest.max(area.end.1.saturating_sub(area.start.1) + 1);
            }
            self.within.push((area, value));
        }
        for (area, value) in &self.within {
            let Some(value) = value else { continue };
            for place in area.start.1..=area.end.1.min(LAST_PLACE) {
                if let Err(at) = filled.cells.binary_search_by_key(&place, |cell| cell.place) {
                    filled.cells.insert(at, Cell { place, ..value.clone() });
                    filled.copied.push(place);
                }
            }
        }
        filled
    }
}

/// The last column of a worksheet.
const LAST_PLACE: u32 = 16_383;
