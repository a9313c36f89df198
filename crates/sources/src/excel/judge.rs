//! What each row behind the header is: a row, a total of the rows above it, or nothing of the kind.
//!
//! A row of totals is known by its label, or by figures and nothing else, and its figures are held against the rows above it:
//! since the last totals, or all of them. A labelled one that does not match is not taken for a row all the same, but told as
//! an error: either a row was lost since the total was written, or the total was never right. Trusting formulas instead
//! would miss the totals that people type, which are the ones that go wrong.

use std::collections::BTreeMap;

use onefold_contract::AttributeKind;

use super::cell::{Cell, Shape, Value, cell_name, fifteen_digits};
use super::layout::Layout;
use super::merged::Filled;
use super::want::Want;
use super::words::{TotalsWord, tidy, totals_word};
use crate::spec::Totals;

/// What a row is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// A row.
    Row,
    /// A heading across the table.
    Banner,
    /// The header again, as on every printed page.
    Header,
    /// Totals that match; the figures that were checked.
    Totals(Vec<Checked>),
    /// Totals of which at least one does not match.
    Mismatch(Vec<Checked>),
}

/// A stated total beside the sum of its rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checked {
    /// Its column, counted from 0.
    pub(super) place: u32,
    /// What the cell states.
    pub(super) stated: f64,
    /// What the rows above sum to.
    pub(super) sum: f64,
    /// How many rows were summed.
    pub(super) rows: u64,
    /// Whether the two are the same, within what doubles can tell.
    pub(super) matches: bool,
}

/// Judges the rows of one sheet, in their order.
#[derive(Debug)]
pub(super) struct Judge {
    keep_totals: bool,
    words: Vec<String>,
    /// The names of the header, by column.
    names: BTreeMap<u32, Vec<String>>,
    /// The first column of the table.
    first: Option<u32>,
    /// The columns of which totals are checked; all of them where it is `None`.
    checked: Option<Vec<u32>>,
    width: usize,
    sums: BTreeMap<u32, Sums>,
    rows: Rows,
}

#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    since: f64,
    all: f64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Rows {
    since: u64,
    all: u64,
}

impl Judge {
    /// A judge of the rows of a sheet.
    pub(super) fn new(layout: &Layout, want: &Want) -> Self {
        let names = layout.header.columns.iter().map(|column| {
            let whole = column.name();
            (column.place, column.parts.iter().cloned().chain([whole]).collect())
        });
        Self {
            keep_totals: want.excel.totals == Totals::Keep,
            words: want.excel.totals_words.clone(),
            names: names.collect(),
            first: layout.columns.first().map(|column| column.place),
            checked: (!want.is_everything()).then(|| checked(layout, want)),
            width: layout.header.columns.len(),
            sums: BTreeMap::new(),
            rows: Rows::default(),
        }
    }

    /// What a row that is not blank is; its figures are summed where it is a row.
    pub(super) fn judge(&mut self, row: &Filled) -> Verdict {
        if row.widest as usize * 2 > self.width && self.width > 1 && row.own().count() == 1 {
            return Verdict::Banner;
        }
        if self.is_header(row) {
            return Verdict::Header;
        }
        let Some(verdict) = (!self.keep_totals).then(|| self.totals(row)).flatten() else {
            self.add(row);
            return Verdict::Row;
        };
        self.sums.values_mut().for_each(|sums| sums.since = 0.0);
        self.rows.since = 0;
        verdict
    }

    fn add(&mut self, row: &Filled) {
        for (cell, number) in row.own().filter_map(|cell| Some((cell, cell.number()?))) {
            let sums = self.sums.entry(cell.place).or_default();
            sums.since += number;
            sums.all += number;
        }
        self.rows.since += 1;
        self.rows.all += 1;
    }

    fn is_header(&self, row: &Filled) -> bool {
        let mut same = 0;
        for cell in row.own() {
            let Some(names) = self.names.get(&cell.place) else { return false };
            let text = tidy(&cell.shown());
            if !names.contains(&text) {
                return false;
            }
            same += 1;
        }
        same > 1 && same * 2 > self.width
    }

    /// The verdict on a row of totals; `None` where it is none.
    fn totals(&self, row: &Filled) -> Option<Verdict> {
        let own: Vec<&Cell> = row.own().collect();
        let label = own.first().and_then(|cell| totals_word(cell.value.as_text()?, &self.words));
        let texts = own.iter().filter(|cell| cell.value.as_text().is_some() && cell.number().is_none()).count();
        let unsaved = own.iter().any(|cell| cell.value == Value::Unsaved);
        let checked: Vec<Checked> = own.iter().filter_map(|cell| self.check(cell)).collect();
        let all = !checked.is_empty() && checked.iter().all(|total| total.matches);
        match label {
            Some(TotalsWord::Exactly) if texts == 1 && (all || unsaved || own.len() == 1) => {
                Some(Verdict::Totals(checked))
            }
            Some(TotalsWord::Exactly) if texts == 1 && !checked.is_empty() => Some(self.mismatch(checked)),
            Some(TotalsWord::Exactly) if texts == 1 => Some(Verdict::Totals(checked)),
            Some(_) if all => Some(Verdict::Totals(checked)),
            Some(_) => None,
            None => self.unlabelled(row, &own, texts, checked),
        }
    }

    /// Without declared columns nobody says which figures are sums: where one is, the others need not be.
    fn mismatch(&self, checked: Vec<Checked>) -> Verdict {
        if self.checked.is_none() && checked.iter().any(|total| total.matches) {
            return Verdict::Totals(checked.into_iter().filter(|total| total.matches).collect());
        }
        Verdict::Mismatch(checked)
    }

    /// A row of nothing but figures is one of totals where all of them match and none stands where rows begin.
    fn unlabelled(&self, row: &Filled, own: &[&Cell], texts: usize, checked: Vec<Checked>) -> Option<Verdict> {
        let begins = self.first.is_some_and(|first| row.cell(first).is_some_and(|cell| !cell.value.is_blank()));
        let figures = texts == 0 && own.len() == checked.len() && self.rows.since > 1;
        let matches = checked.iter().all(|total| total.matches) && checked.iter().any(|total| total.stated != 0.0);
        (!begins && figures && matches).then_some(Verdict::Totals(checked))
    }

    /// A figure beside the sum that it is nearest to.
    fn check(&self, cell: &Cell) -> Option<Checked> {
        let checked = self.checked.as_ref().is_none_or(|places| places.contains(&cell.place));
        let stated = cell.number().filter(|_| checked && cell.shape != Shape::Percent)?;
        let sums = self.sums.get(&cell.place).copied().unwrap_or_default();
        let of_all = (sums.all, self.rows.all);
        let since = (sums.since, self.rows.since);
        let (sum, rows) = if same(stated, sums.all) || self.rows.since == 0 { of_all } else { since };
        Some(Checked { place: cell.place, stated, sum, rows, matches: same(stated, sum) })
    }
}

/// The columns whose totals are checked: those that hold amounts and numbers, unless they are named otherwise.
fn checked(layout: &Layout, want: &Want) -> Vec<u32> {
    let is_checked = |wanted: &usize| {
        let column = &want.columns[*wanted];
        let number = matches!(column.kind, AttributeKind::Integer | AttributeKind::Decimal | AttributeKind::Money);
        number && !want.excel.unchecked_totals.contains(&column.name)
    };
    let plain = layout.columns.iter().filter(|column| column.wanted.iter().any(is_checked)).map(|column| column.place);
    let turned = layout.turned.iter().flat_map(|turned| {
        let figures = turned.places.iter().enumerate();
        figures.filter(|(figure, _)| !is_unchecked(want, *figure)).filter_map(|(_, place)| *place)
    });
    plain.chain(turned).chain(layout.totals.iter().copied()).collect()
}

/// Whether the totals of a figure of an unpivoted sheet are named as no sums.
fn is_unchecked(want: &Want, figure: usize) -> bool {
    let name = want.excel.unpivot.as_ref().and_then(|unpivot| super::want::figures(unpivot).nth(figure));
    let column = want.columns.iter().find(|column| Some(column.needed.name.as_str()) == name);
    column.is_some_and(|column| want.excel.unchecked_totals.contains(&column.name))
}

/// Whether two sums are the same: a worksheet adds doubles, in an order of its own, and a million of them are right to the
/// tenth digit at the least.
pub(super) fn same(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 + 1e-11 * left.abs().max(right.abs())
}

/// What does not match, for a reject: the first cell, and a sentence.
pub(super) fn mismatch_words(row: u32, checked: &[Checked]) -> (u32, String) {
    let wrong: Vec<&Checked> = checked.iter().filter(|total| !total.matches).collect();
    let each = |total: &&Checked| {
        let (cell, stated) = (cell_name(row, total.place), fifteen_digits(total.stated));
        format!(
            "cell {cell} states a total of {stated}, but the {} rows above it sum to {}",
            total.rows,
            fifteen_digits(total.sum)
        )
    };
    let words: Vec<String> = wrong.iter().map(each).collect();
    let place = wrong.first().map_or(0, |total| total.place);
    (place, format!("{}; a row was lost or changed since, so mend the total or the rows", words.join("; ")))
}
