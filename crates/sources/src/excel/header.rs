//! Where the header of a sheet stands, and the names in it.
//!
//! With declared columns the header is the row, or the rows joined, that names most of them: titles, remarks and blank rows
//! above it name none. Without declared columns it is the first row that looks like one: as wide as the rows below it, of
//! different texts. Guessing by looks where names are known would find a header in every sheet, also in the wrong one.

use std::collections::BTreeSet;

use super::cell::{Value, cell_name, letters};
use super::merged::Filled;
use super::want::Want;
use super::words::{alike, tidy};

/// How many rows with cells are searched for a header.
pub(super) const SEARCHED: usize = 100;
/// How many rows a header has at most.
pub(super) const DEEPEST: u32 = 3;

/// The header of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Its first row, counted from 0.
    pub(super) first: u32,
    /// How many rows it has.
    pub(super) rows: u32,
    /// Its columns with a name, in order.
    pub(super) columns: Vec<Named>,
}

/// A column with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Its column, counted from 0.
    pub(super) place: u32,
    /// What the rows of the header say, each once, from above.
    pub(super) parts: Vec<String>,
}

impl Named {
    /// The name: all parts.
    pub(super) fn name(&self) -> String {
        self.parts.join(" ")
    }

    /// The part that stands nearest to the rows.
    pub(super) fn last(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }
}

impl Header {
    /// The header of `rows` rows that begins at place `at` of the top rows. `spread` fills a blank cell above a name from
    /// its left, as a heading over several columns that are not merged is meant.
    pub(super) fn at(top: &[Filled], at: usize, rows: u32, spread: bool) -> Option<Self> {
        let first = top.get(at)?.row;
        let lines: Vec<&Filled> = top[at..].iter().take_while(|line| line.row < first + rows).collect();
        let places: BTreeSet<u32> = lines.iter().flat_map(|line| line.cells.iter().map(|cell| cell.place)).collect();
        let mut columns = Vec::new();
        for place in places {
            let mut parts: Vec<String> = Vec::new();
            for (depth, line) in lines.iter().enumerate() {
                let own = line.cell(place).map(|cell| tidy(&cell.shown())).filter(|text| !text.is_empty());
                let below = lines[depth + 1..].iter().any(|line| line.cell(place).is_some_and(|c| !c.value.is_blank()));
                let text = own.or_else(|| if spread && below { left_of(line, place) } else { None });
                parts.extend(text.filter(|text| parts.last() != Some(text)));
            }
            if !parts.is_empty() {
                columns.push(Named { place, parts });
            }
        }
        (!columns.is_empty()).then_some(Self { first, rows, columns })
    }

    /// The first row behind the header.
    pub(super) fn end(&self) -> u32 {
        self.first + self.rows
    }

    /// The places of the columns that go by a name of the needed one, each with what it is called. The whole name counts
    /// before its last part, so that `Contact Phone` is found by `Phone` where no other column is.
    pub(super) fn places(&self, needed: &crate::needed::Needed) -> Vec<u32> {
        let by = |name: fn(&Named) -> String| -> Vec<u32> {
            let called = self.columns.iter().filter(|column| needed.is_called(&name(column), alike));
            called.map(|column| column.place).collect()
        };
        let whole = by(Named::name);
        if whole.is_empty() { by(|column| column.last().to_string()) } else { whole }
    }

    /// What the header says above a column, for messages: `C4`.
    pub(super) fn cell(&self, place: u32) -> String {
        cell_name(self.end() - 1, place)
    }

    /// Names for all columns, each once: a name that stands twice carries its column.
    pub(super) fn unique_names(&self) -> Vec<String> {
        let names: Vec<String> = self.columns.iter().map(Named::name).collect();
        let twice = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
        let unique = |(name, column): (&String, &Named)| {
            if twice(name) { format!("{name} (column {})", letters(column.place)) } else { name.clone() }
        };
        names.iter().zip(&self.columns).map(unique).collect()
    }
}

fn left_of(line: &Filled, place: u32) -> Option<String> {
    let cells = line.cells.iter().rev().filter(|cell| cell.place < place);
    cells.map(|cell| tidy(&cell.shown())).find(|text| !text.is_empty())
}

/// The header of a sheet, found in its top rows by the names that are wanted: the one that names most of them; among equals
/// the one of fewest rows, then the first.
pub(super) fn find_named(top: &[Filled], want: &Want) -> Option<Header> {
    let mut best: Option<(Header, (usize, usize, usize))> = None;
    for rows in depths(want) {
        for at in starts(top, want) {
            let Some(header) = Header::at(top, at, rows, want.unpivots()) else { continue };
            let found = score(&header, want);
            if best.as_ref().is_none_or(|(_, most)| found > *most) {
                best = Some((header, found));
            }
        }
    }
    best.map(|(header, _)| header)
}

/// How many of the needed columns a header names, how many columns become rows, and how many of these say all of their
/// label, the year included.
fn score(header: &Header, want: &Want) -> (usize, usize, usize) {
    let named: Vec<Vec<u32>> = want.in_header().map(|needed| header.places(needed)).collect();
    let taken: BTreeSet<u32> = named.iter().flatten().copied().collect();
    let free = header.columns.iter().filter(|column| !taken.contains(&column.place));
    let turns: Vec<bool> = free.filter_map(|column| want.turns(column)).collect();
    let whole = turns.iter().filter(|whole| **whole).count();
    (named.iter().filter(|places| !places.is_empty()).count(), turns.len(), whole)
}

fn depths(want: &Want) -> std::ops::RangeInclusive<u32> {
    match want.excel.header_rows {
        Some(rows) => rows..=rows,
        None => 1..=2,
    }
}

fn starts(top: &[Filled], want: &Want) -> Vec<usize> {
    match want.excel.header_row {
        Some(row) => top.iter().position(|line| line.row + 1 == row).into_iter().collect(),
        None => (0..top.len().min(SEARCHED)).collect(),
    }
}

/// The header of a sheet by its looks; its first row where none looks like one.
pub(super) fn find_by_looks(top: &[Filled], want: &Want) -> Option<Header> {
    let at = match want.excel.header_row {
        Some(_) => starts(top, want).first().copied()?,
        None => looks_like_header(top),
    };
    let rows = want.excel.header_rows.unwrap_or_else(|| if is_two_rows(top, at) { 2 } else { 1 });
    Header::at(top, at, rows, false)
}

fn looks_like_header(top: &[Filled]) -> usize {
    let filled = |line: &Filled| line.cells.iter().filter(|cell| !cell.value.is_blank()).count();
    let mut widths: Vec<usize> = top.iter().map(filled).collect();
    widths.sort_unstable();
    // The rows of a table are more than its titles and remarks, so that the middle one is a row of the table.
    let width = widths.get(widths.len() / 2).copied().unwrap_or(0);
    let candidates = top.iter().take(SEARCHED.min(top.len().saturating_sub(1).max(1)));
    let mut found = candidates.enumerate().filter(|(_, line)| {
        let count = filled(line);
        let covers = line.widest as usize * 2 > width && width > 1;
        count * 10 >= width * 6 && !covers && names(line, count)
    });
    found.next().map_or(0, |(at, _)| at)
}

/// Whether the cells of a row are names: texts but for years and months, none twice.
fn names(line: &Filled, count: usize) -> bool {
    let mut texts = BTreeSet::new();
    let mut named = 0;
    for cell in line.cells.iter().filter(|cell| !cell.value.is_blank()) {
        let fits = match &cell.value {
            Value::Text(text) => {
                cell.number().is_none() && texts.insert(tidy(text)) || line.copied.contains(&cell.place)
            }
            Value::Number(number) => number.fract() == 0.0 && (1900.0..2200.0).contains(number),
            Value::Serial(_) => true,
            _ => false,
        };
        named += usize::from(fits);
    }
    !texts.is_empty() && named * 10 >= count * 9
}

/// Whether a header goes on in the next row: headings over several columns stand above names.
fn is_two_rows(top: &[Filled], at: usize) -> bool {
    let (Some(upper), Some(lower), Some(first)) = (top.get(at), top.get(at + 1), top.get(at + 2)) else { return false };
    let count = |line: &Filled| line.cells.iter().filter(|cell| !cell.value.is_blank()).count();
    let heads = upper.widest > 1 && lower.row == upper.row + 1;
    let figures = first.cells.iter().any(|cell| cell.number().is_some() || matches!(cell.value, Value::Serial(_)));
    let texts = lower.cells.iter().all(|cell| cell.value.as_text().is_some() && cell.number().is_none());
    heads && figures && texts && count(lower) > 0
}
