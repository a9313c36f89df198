//! A sheet to blocks of rows.
//!
//! Cells become text here, and a cell of a declared column that has none (an error, a formula without a value, a number that
//! was cut) holds its row back, with the cell's name: what such a row would be without it nobody knows. An unpivoted sheet is
//! handed on by label, a block each, so that every block has one column for each figure and a later reject can name its cell.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use onefold_contract::extractor::{LeftOut, Part, RawRows};
use onefold_contract::ledger::ControlTotal;
use onefold_contract::reject::RejectScope;
use onefold_contract::{AttributeKind, Reject, Result};

use super::block::Block;
use super::cell::{Cell, Flaw, cell_name, fifteen_digits, letters};
use super::header::Named;
use super::judge::{Checked, Verdict, mismatch_words, same};
use super::layout::Layout;
use super::merged::Filled;
use super::read::{Report, Take};
use super::signs::{Says, Signs, swapped_back};
use super::want::{Want, figures};
use crate::key::write_key;

/// What is wrong with one cell of a row.
#[derive(Debug, Clone)]
struct Fault {
    place: u32,
    column: Option<String>,
    flaw: Flaw,
}

/// A row that waits to be handed on.
struct Pending {
    row: u32,
    texts: Vec<Option<String>>,
    faults: Vec<Fault>,
    /// The cells that become rows, by label and figure.
    turned: Vec<Vec<Option<std::result::Result<String, Fault>>>>,
}

/// The rows of one sheet on their way to blocks.
pub(super) struct SheetRows<'a> {
    want: &'a Want,
    layout: &'a Layout,
    location: String,
    schema: SchemaRef,
    part: Part,
    /// The figures' declared columns.
    figures: Vec<(String, Vec<usize>)>,
    pending: Vec<Pending>,
    rejects: Vec<Reject>,
    left_out: Vec<LeftOut>,
    report: Report,
    signs: Vec<Option<Signs>>,
    /// Cells without a text, in a file of which everything is wanted: how many, and the first.
    flawed: (u64, Option<String>),
    /// Rows whose total across does not match: how many, and the first cell.
    across: (u64, Option<String>),
}

impl<'a> SheetRows<'a> {
    /// No rows yet.
    pub(super) fn new(want: &'a Want, layout: &'a Layout, location: &str) -> Self {
        let unpivot = want.excel.unpivot.as_ref();
        let by_name = |name: &str| {
            let called = want.columns.iter().enumerate().filter(|(_, column)| column.needed.name == name);
            (name.to_string(), called.map(|(at, _)| at).collect::<Vec<_>>())
        };
        let figures: Vec<(String, Vec<usize>)> =
            unpivot.map(|unpivot| figures(unpivot).map(by_name).collect()).unwrap_or_default();
        let mut names: Vec<&str> = layout.columns.iter().map(|column| column.name.as_str()).collect();
        let mut places: Vec<String> = layout.columns.iter().map(|column| letters(column.place)).collect();
        names.extend(want.excel.sheet_column.as_deref());
        names.extend(unpivot.map(|unpivot| unpivot.names_to.as_str()));
        names.extend(figures.iter().map(|(name, _)| name.as_str()));
        places.resize(names.len(), String::new());
        let fields: Vec<Field> = names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
        let dated = |column: &super::layout::Column| {
            let dated = |at: &usize| {
                let kind = want.columns[*at].kind;
                matches!(kind, AttributeKind::BirthDate | AttributeKind::Date | AttributeKind::Timestamp)
                    && want.columns[*at].mend.is_none()
            };
            (want.is_everything() || column.wanted.iter().any(dated)).then(Signs::default)
        };
        Self {
            want,
            layout,
            location: location.to_string(),
            schema: Arc::new(Schema::new(fields)),
            part: Part { name: layout.part(), places },
            figures,
            pending: Vec::new(),
            rejects: Vec::new(),
            left_out: Vec::new(),
            report: Report { notes: layout.notes.clone(), ..Report::default() },
            signs: layout.columns.iter().map(dated).collect(),
            flawed: (0, None),
            across: (0, None),
        }
    }

    /// Takes a row with what it is.
    pub(super) fn row(&mut self, row: &Filled, verdict: Verdict) {
        let rule = match verdict {
            Verdict::Row => return self.pend(row),
            Verdict::Mismatch(checked) => {
                self.report.rows += 1;
                return self.rejects.push(self.mismatch(row.row, &checked));
            }
            Verdict::Totals(checked) => {
                self.state(row.row, &checked);
                "totals-row"
            }
            Verdict::Banner => "banner-row",
            Verdict::Header => "repeated-header",
        };
        self.leave_out(row.row, rule);
    }

    fn leave_out(&mut self, row: u32, rule: &'static str) {
        self.report.rows += 1;
        self.left_out.push(LeftOut { row: u64::from(row) + 1, rule });
    }

    /// How many rows wait, those that are not handed on as rows included.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len() + self.rejects.len() + self.left_out.len()
    }

    /// Takes the texts of a row.
    fn pend(&mut self, row: &Filled) {
        let mut pending = Pending { row: row.row, texts: Vec::new(), faults: Vec::new(), turned: Vec::new() };
        for (at, column) in self.layout.columns.iter().enumerate() {
            let cell = row.cell(column.place);
            if let (Some(cell), Some(signs)) = (cell, &mut self.signs[at]) {
                signs.take(row.row, cell);
            }
            let mended = column.wanted.iter().any(|at| self.want.columns[*at].mend.is_some());
            match cell.map(|cell| text(cell, mended)) {
                None => pending.texts.push(None),
                Some(Ok(text)) => pending.texts.push(Some(text)),
                Some(Err(flaw)) => {
                    pending.texts.push(self.flawed(row.row, column.place, &flaw));
                    let column = column.wanted.first().map(|at| self.want.columns[*at].name.clone());
                    pending.faults.extend(column.map(|name| Fault {
                        place: column_place(cell),
                        column: Some(name),
                        flaw,
                    }));
                }
            }
        }
        if !self.layout.turned.is_empty() {
            self.turn(row, &mut pending);
            if pending.turned.iter().all(|figures| figures.iter().all(Option::is_none)) {
                return self.leave_out(row.row, "row-without-figures");
            }
        }
        self.pending.push(pending);
    }

    /// Takes the cells of a row that become rows.
    fn turn(&mut self, row: &Filled, pending: &mut Pending) {
        for turned in &self.layout.turned {
            let figure = |(at, place): (usize, &Option<u32>)| {
                let cell = row.cell((*place)?).filter(|cell| !cell.value.is_blank())?;
                let column = self.figures.get(at).and_then(|(_, wanted)| wanted.first());
                let column = column.map(|wanted| self.want.columns[*wanted].name.clone());
                Some(text(cell, false).map_err(|flaw| Fault { place: cell.place, column, flaw }))
            };
            pending.turned.push(turned.places.iter().enumerate().map(figure).collect());
        }
        if let ([place], 1) = (&self.layout.totals[..], self.figures.len()) {
            let places = self.layout.turned.iter().flat_map(|turned| turned.places.iter().flatten());
            let sum: f64 = places.filter_map(|place| row.cell(*place)?.number()).sum();
            if row.cell(*place).and_then(Cell::number).is_some_and(|stated| !same(stated, sum)) {
                self.across.0 += 1;
                self.across.1.get_or_insert_with(|| cell_name(row.row, *place));
            }
        }
    }

    /// In a file of which everything is wanted, a cell without a text has the one it shows.
    fn flawed(&mut self, row: u32, place: u32, flaw: &Flaw) -> Option<String> {
        if !self.want.is_everything() {
            return None;
        }
        self.flawed.0 += 1;
        self.flawed.1.get_or_insert_with(|| format!("{} {}", cell_name(row, place), flaw.reason));
        // A cut number still tells most of itself; an error is no value.
        flaw.raw.clone().filter(|_| flaw.rule == "number-cut")
    }

    /// Hands on what waits.
    pub(super) fn flush(&mut self, take: &mut Take<'_>) -> Result<ControlFlow<()>> {
        let pending = std::mem::take(&mut self.pending);
        if self.layout.turned.is_empty() {
            let mut block = Block::new(&self.schema);
            for row in &pending {
                self.one(row, &mut block)?;
            }
            return self.hand_on(block, self.part.clone(), take);
        }
        for (at, turned) in self.layout.turned.iter().enumerate() {
            let mut block = Block::new(&self.schema);
            for row in &pending {
                self.one_turned(row, at, &mut block)?;
            }
            let mut part = self.part.clone();
            let first = part.places.len() - self.figures.len();
            for (place, figure) in part.places[first..].iter_mut().zip(&turned.places) {
                *place = figure.map(letters).unwrap_or_default();
            }
            if self.hand_on(block, part, take)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn hand_on(&mut self, block: Block, part: Part, take: &mut Take<'_>) -> Result<ControlFlow<()>> {
        let (rejects, left_out) = (std::mem::take(&mut self.rejects), std::mem::take(&mut self.left_out));
        if block.positions.is_empty() && rejects.is_empty() && left_out.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let (batch, positions) = block.finish(&self.schema)?;
        take(RawRows { batch, positions, rejects, left_out, part: Some(part) })
    }

    fn one(&mut self, row: &Pending, block: &mut Block) -> Result<()> {
        self.report.rows += 1;
        if !row.faults.is_empty() {
            let reject = self.reject(row, &row.faults, None);
            self.rejects.push(reject);
            return Ok(());
        }
        block.push(row.row, row.texts.iter().map(Option::as_deref).chain(self.sheet_name()))
    }

    /// One label of an unpivoted row; nothing where it has no figure.
    fn one_turned(&mut self, row: &Pending, at: usize, block: &mut Block) -> Result<()> {
        let figures = &row.turned[at];
        if figures.iter().all(Option::is_none) {
            return Ok(());
        }
        self.report.rows += 1;
        let label = self.layout.turned[at].label.as_str();
        let flawed = figures.iter().flatten().filter_map(|figure| figure.as_ref().err().cloned());
        let faults: Vec<Fault> = row.faults.iter().cloned().chain(flawed).collect();
        if !faults.is_empty() {
            let reject = self.reject(row, &faults, Some(label));
            self.rejects.push(reject);
            return Ok(());
        }
        let figures = figures.iter().map(|figure| figure.as_ref().and_then(|text| text.as_deref().ok()));
        let texts = row.texts.iter().map(Option::as_deref).chain(self.sheet_name()).chain([Some(label)]).chain(figures);
        block.push(row.row, texts)
    }

    fn sheet_name(&self) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
        self.want.excel.sheet_column.iter().map(|_| Some(self.layout.sheet.as_str()))
    }

    fn reject(&self, row: &Pending, faults: &[Fault], label: Option<&str>) -> Reject {
        let words = |fault: &Fault| format!("cell {} {}", cell_name(row.row, fault.place), fault.flaw.reason);
        let reasons: Vec<String> = faults.iter().map(words).collect();
        let first = faults.first();
        Reject {
            source_key: self.key(row, label),
            column: first.and_then(|fault| fault.column.clone()),
            rule: first.map(|fault| fault.flaw.rule.to_string()).unwrap_or_default(),
            raw_value: first.and_then(|fault| fault.flaw.raw.clone()),
            reason: reasons.join("; also, "),
            ..self.blank_reject(row.row)
        }
    }

    fn mismatch(&self, row: u32, checked: &[Checked]) -> Reject {
        let (place, reason) = mismatch_words(row, checked);
        let stated = checked.iter().find(|total| !total.matches).map(|total| fifteen_digits(total.stated));
        let column = self.layout.columns.iter().find(|column| column.place == place);
        let column = column.and_then(|column| column.wanted.first()).map(|at| self.want.columns[*at].name.clone());
        Reject { column, rule: "total-does-not-match".into(), raw_value: stated, reason, ..self.blank_reject(row) }
    }

    fn blank_reject(&self, row: u32) -> Reject {
        Reject {
            scope: RejectScope::Row,
            stage: "raw".into(),
            source: self.want.source.clone(),
            source_key: None,
            location: format!("{}, {}", self.location, self.part.name),
            row: Some(u64::from(row) + 1),
            column: None,
            rule: String::new(),
            raw_value: None,
            reason: String::new(),
        }
    }

    /// The key of a row that is held back, where its cells tell it.
    fn key(&self, row: &Pending, label: Option<&str>) -> Option<String> {
        let unpivot = self.want.excel.unpivot.as_ref();
        let value = |wanted: &usize| {
            let name = self.want.columns[*wanted].needed.name.as_str();
            if self.want.excel.sheet_column.as_deref() == Some(name) {
                return Some(self.layout.sheet.as_str());
            }
            if unpivot.is_some_and(|unpivot| unpivot.names_to == name) {
                return label;
            }
            let at = self.layout.columns.iter().position(|column| column.wanted.contains(wanted))?;
            row.texts[at].as_deref()
        };
        let mut key = String::new();
        write_key(&mut key, self.want.key.iter().map(value)).map(|()| key)
    }

    /// Keeps totals that matched.
    fn state(&mut self, row: u32, checked: &[Checked]) {
        for total in checked {
            let name = |place: u32| self.layout.header.columns.iter().find(|c| c.place == place).map(Named::name);
            let (column, cell) = (name(total.place).unwrap_or_default(), cell_name(row, total.place));
            let name = format!("total of {column} that cell {cell} of {}, {} states", self.location, self.part.name);
            let delivered = cents(total.stated);
            // Two sums that are the same may round apart.
            let accounted = if total.matches { delivered.clone() } else { cents(total.sum) };
            self.report.totals.push(ControlTotal { name, delivered, accounted, written: None });
        }
    }

    /// What was found besides the rows.
    pub(super) fn report(self) -> Report {
        let mut report = self.report;
        let place = format!("{}, {}", self.location, self.part.name);
        for (column, signs) in self.layout.columns.iter().zip(&self.signs) {
            let Some(signs) = signs.as_ref().filter(|signs| signs.says() == Says::Swapped) else { continue };
            let (name, letter) = (&column.name, letters(column.place));
            report.notes.push(format!(
                "{place}: none of the {} dates in column {letter} (\"{name}\") has a day above 12, and all {} that stayed text \
                 have one, so a locale of the other order swapped day and month; set mend = \"swap_day_and_month\" on the column",
                signs.dates, signs.texts
            ));
        }
        if let (count, Some(first)) = &self.flawed {
            report.notes.push(format!("{place}: {count} cells have no value that can be trusted; the first, {first}"));
        }
        if let (count, Some(first)) = &self.across {
            report.notes.push(format!(
                "{place}: {count} totals across do not match the cells beside them, the first of them in {first}; the cells are read"
            ));
        }
        report
    }
}

fn column_place(cell: Option<&Cell>) -> u32 {
    cell.map_or(0, |cell| cell.place)
}

/// The text of a cell; of a mended column, with day and month as they were.
fn text(cell: &Cell, mended: bool) -> std::result::Result<String, Flaw> {
    match mended.then(|| swapped_back(cell)).flatten() {
        Some(text) => Ok(text),
        None => cell.text().map(std::borrow::Cow::into_owned),
    }
}

/// A sum to the fourth digit behind the point, which is as exact as two sums of doubles are the same.
fn cents(sum: f64) -> String {
    fifteen_digits((sum * 1e4).round() / 1e4)
}
