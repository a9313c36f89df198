//! How a sheet is laid out: its header, which column is which, what becomes rows.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use calamine::Dimensions;
use onefold_contract::{Failure, Result};

use super::cell::letters;
use super::header::{self, Header, Named, SEARCHED};
use super::merged::{Fill, Filled};
use super::want::{Turn, Want, figures, matches, turn};
use super::words::{tidy, years};
use super::workbook::Workbook;
use crate::suggest;

/// How a sheet is laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The sheet.
    pub(super) sheet: String,
    /// Its merged areas.
    pub(super) merged: Vec<Dimensions>,
    /// Its header.
    pub(super) header: Header,
    /// The columns that are handed on as they are, in order.
    pub(super) columns: Vec<Column>,
    /// What becomes rows, in the order of the columns; empty where nothing does.
    pub(super) turned: Vec<Turned>,
    /// Columns that sum others which become rows.
    pub(super) totals: Vec<u32>,
    /// The one year that the titles, or the sheet's name, say.
    pub(super) year: Option<i32>,
    /// What the operator should know of how it was found, one sentence each.
    pub(super) notes: Vec<String>,
}

/// A column that is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its column, counted from 0.
    pub(super) place: u32,
    /// Its name: the declared one, where it is declared.
    pub(super) name: String,
    /// Its places among the declared columns.
    pub(super) wanted: Vec<usize>,
}

/// Columns that become one row: a month with its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turned {
    /// What the row says of them.
    pub(super) label: String,
    /// The column of each figure, where it has one.
    pub(super) places: Vec<Option<u32>>,
}

impl Layout {
    /// What messages call the sheet.
    pub(super) fn part(&self) -> String {
        format!("sheet '{}'", self.sheet)
    }
}

/// The layouts of all sheets that are wanted of a workbook, in the order of the workbook.
///
/// # Errors
/// A source failure, where a sheet is not there, or has no header that names what is needed.
pub(super) fn layouts(workbook: &mut Workbook, want: &Want) -> Result<Vec<Layout>> {
    if want.excel.sheets.is_empty() {
        return found(workbook, want).map(|layout| vec![layout]);
    }
    let names = named_sheets(workbook, want)?;
    names.iter().map(|name| layout(workbook, want, name)).collect()
}

/// The sheets that are named or match a pattern. A hidden sheet is read only by its exact name.
fn named_sheets(workbook: &Workbook, want: &Want) -> Result<Vec<String>> {
    for pattern in &want.excel.sheets {
        let is_there = workbook.sheets.iter().any(|s| s.name == *pattern || (s.visible && matches(pattern, &s.name)));
        if !is_there {
            let names: Vec<&str> = workbook.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
            let location = workbook.location();
            let who = if want.is_everything() { String::new() } else { format!(" that source {} reads", want.source) };
            let failure = Failure::source(format!("{location} has no sheet \"{pattern}\"{who}"));
            let failure = match suggest::did_you_mean(pattern, names.iter().copied()) {
                Some(hint) => failure.hint(hint),
                None => failure,
            };
            return Err(failure.hint(format!("its sheets are {}", suggest::list(&names))));
        }
    }
    let wanted = |sheet: &&super::workbook::Sheet| {
        let mut patterns = want.excel.sheets.iter();
        patterns.any(|pattern| *pattern == sheet.name || (sheet.visible && matches(pattern, &sheet.name)))
    };
    Ok(workbook.sheets.iter().filter(wanted).map(|sheet| sheet.name.clone()).collect())
}

/// The one visible sheet that has what is wanted. Two that have it are not chosen between: a copy of last year is no row of
/// this one.
fn found(workbook: &mut Workbook, want: &Want) -> Result<Layout> {
    let visible: Vec<String> = workbook.sheets.iter().filter(|s| s.visible).map(|s| s.name.clone()).collect();
    let (mut fitting, mut failures) = (Vec::new(), Vec::new());
    for name in &visible {
        match layout(workbook, want, name) {
            Ok(layout) => fitting.push(layout),
            Err(failure) => failures.push(failure),
        }
        if want.is_everything() && !fitting.is_empty() {
            break;
        }
    }
    let location = workbook.location();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(layout), true) => Ok(layout),
        (Some(last), false) => {
            let names: Vec<&str> = fitting.iter().chain([&last]).map(|layout| layout.sheet.as_str()).collect();
            let names = suggest::list(&names);
            Err(Failure::source(format!("{location} has several sheets that source {} may mean: {names}", want.source))
                .hint("name one, or all that are its rows, with sheets in [excel]"))
        }
        (None, _) if failures.len() == 1 => Err(failures.remove(0)),
        (None, _) if want.is_everything() => {
            Err(Failure::source(format!("{location} has no visible sheet with cells"))
                .hint("was the workbook saved before it was filled? a hidden sheet must be named"))
        }
        (None, _) => {
            let mut failure =
                Failure::source(format!("{location} has no visible sheet with the columns of source {}", want.source));
            failure.details = failures.into_iter().map(|failure| failure.message).collect();
            Err(failure.hint("name the sheet with sheets in [excel], and its other names of columns with `also`"))
        }
    }
}

/// The layout of one sheet.
///
/// # Errors
/// A source failure, where it is empty or has no header that names what is needed.
pub(super) fn layout(workbook: &mut Workbook, want: &Want, sheet: &str) -> Result<Layout> {
    let merged = workbook.merged(sheet)?;
    let top = top(workbook, want, sheet, &merged)?;
    let place = format!("{}, sheet '{sheet}'", workbook.location());
    if top.is_empty() {
        let settings = if want.is_everything() { "" } else { " with sheets in [excel]" };
        return Err(Failure::source(format!("{place} is empty"))
            .hint(format!("was the workbook saved before it was filled? name another sheet{settings}")));
    }
    let header = if want.is_everything() { header::find_by_looks(&top, want) } else { header::find_named(&top, want) };
    let Some(header) = header else {
        let row = want.excel.header_row.unwrap_or(1);
        return Err(Failure::source(format!("{place} has no header in row {row}: the row is empty"))
            .hint("set header_row in [excel] to the header's first row, or leave it out and the header is found"));
    };
    let columns = bind(&header, want, &place)?;
    let year = title_year(&header, sheet, &top);
    let mut layout = Layout {
        sheet: sheet.to_string(),
        merged,
        header,
        columns,
        turned: Vec::new(),
        totals: Vec::new(),
        year,
        notes: Vec::new(),
    };
    if want.unpivots() {
        unpivot(&mut layout, want, &place)?;
    }
    Ok(layout)
}

/// The first rows of a sheet, merged cells filled.
fn top(workbook: &mut Workbook, want: &Want, sheet: &str, merged: &[Dimensions]) -> Result<Vec<Filled>> {
    let mut fill = Fill::new(merged);
    let mut top: Vec<Filled> = Vec::new();
    let last = want.excel.header_row.unwrap_or(0) + header::DEEPEST;
    // More than are searched, because some may hold nothing but space.
    let most = SEARCHED * 2 + last as usize;
    workbook.first_rows(sheet, most, &mut |row| {
        let enough = top.len() >= SEARCHED + header::DEEPEST as usize && row.row > last;
        if enough {
            return Ok(ControlFlow::Break(()));
        }
        let filled = fill.fill(row);
        if !filled.is_blank() {
            top.push(filled);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(top)
}

/// Which column is which.
fn bind(header: &Header, want: &Want, place: &str) -> Result<Vec<Column>> {
    let names = header.unique_names();
    let mut columns: Vec<Column> = header
        .columns
        .iter()
        .zip(names)
        .map(|(column, name)| Column { place: column.place, name, wanted: Vec::new() })
        .collect();
    let mut missing = Vec::new();
    for (wanted, column) in want.columns.iter().enumerate().filter(|(_, column)| !want.is_made(&column.needed.name)) {
        match header.places(&column.needed)[..] {
            [] => missing.push(column.needed.name.as_str()),
            [at] => {
                if let Some(bound) = columns.iter_mut().find(|bound| bound.place == at) {
                    bound.name.clone_from(&column.needed.name);
                    bound.wanted.push(wanted);
                }
            }
            ref several => return Err(twice(header, place, &column.needed.name, several)),
        }
    }
    if !missing.is_empty() {
        return Err(lacks(header, want, place, &missing));
    }
    distinct(&mut columns);
    Ok(columns)
}

/// A column that no one declared may bear the name of a declared one that was found under another.
fn distinct(columns: &mut [Column]) {
    let declared: Vec<String> = columns.iter().filter(|c| !c.wanted.is_empty()).map(|c| c.name.clone()).collect();
    for column in columns.iter_mut().filter(|c| c.wanted.is_empty() && declared.contains(&c.name)) {
        column.name = format!("{} (column {})", column.name, letters(column.place));
    }
}

fn twice(header: &Header, place: &str, name: &str, several: &[u32]) -> Failure {
    let cells: Vec<String> = several.iter().map(|at| header.cell(*at)).collect();
    let called = |at: &u32| header.columns.iter().find(|c| c.place == *at).map(Named::name).unwrap_or_default();
    let texts: Vec<String> = several.iter().map(called).collect();
    let cells = cells.join(" and ");
    Failure::source(format!(
        "{place} has column \"{name}\" more than once: the header cells {cells} say {}",
        suggest::list(&texts)
    ))
    .hint("give one of the columns another name, or take a name out of `also`")
}

fn lacks(header: &Header, want: &Want, place: &str, missing: &[&str]) -> Failure {
    let word = if missing.len() == 1 { "column" } else { "columns" };
    let found = header.unique_names();
    let wanted = want.in_header().count();
    let message = if missing.len() == wanted {
        format!(
            "{place} has no header: no row of its first {SEARCHED} names a column that source {} needs",
            want.source
        )
    } else {
        let row = header.end();
        let missing = suggest::list(missing);
        format!("{place} lacks {word} {missing} that source {} needs; its header stands in row {row}", want.source)
    };
    let mut failure = Failure::source(message);
    let needed: Vec<&str> = want.in_header().map(|needed| needed.name.as_str()).collect();
    for name in missing {
        let free = found.iter().map(String::as_str).filter(|f| !needed.contains(f));
        if let Some(close) = suggest::closest(name, free) {
            failure =
                failure.hint(format!("column \"{name}\": did you mean \"{close}\"? add it to `also` of the column"));
        }
    }
    if missing.len() == wanted {
        return failure
            .hint("check sheets in [excel] and the names of the columns; header_row says where the header is");
    }
    failure.hint(format!("its columns are {}", suggest::list(&found)))
}

/// Parts the columns of an unpivoted sheet into those that stay and those that become rows.
fn unpivot(layout: &mut Layout, want: &Want, place: &str) -> Result<()> {
    let Some(unpivot) = &want.excel.unpivot else { return Ok(()) };
    let year = unpivot.year.or(layout.year);
    let figures = figures(unpivot).count().max(1);
    let (mut turned, mut order): (Vec<Turned>, BTreeMap<String, usize>) = (Vec::new(), BTreeMap::new());
    let (mut gone, mut totals) = (Vec::new(), Vec::new());
    for column in &layout.header.columns {
        if layout.columns.iter().any(|bound| bound.place == column.place && !bound.wanted.is_empty()) {
            continue;
        }
        match turn(unpivot, column, &want.excel.totals_words, year) {
            Turn::Stays => continue,
            Turn::Total => totals.push(column.place),
            Turn::NoYear => return Err(no_year(&layout.header, column, place)),
            Turn::Becomes { label, figure } => {
                let at = *order.entry(label.clone()).or_insert_with(|| {
                    turned.push(Turned { label: label.clone(), places: vec![None; figures] });
                    turned.len() - 1
                });
                if let Some(before) = turned[at].places[figure].replace(column.place) {
                    return Err(twice(&layout.header, place, &label, &[before, column.place]));
                }
            }
        }
        gone.push(column.place);
    }
    if turned.is_empty() {
        return Err(nothing_turns(layout, place));
    }
    layout.columns.retain(|column| !gone.contains(&column.place));
    let places: Vec<String> = totals.iter().map(|place| letters(*place)).collect();
    if !places.is_empty() {
        layout.notes.push(format!("{place}: columns {} sum others and are no rows", places.join(", ")));
    }
    (layout.turned, layout.totals) = (turned, totals);
    Ok(())
}

/// The one year that the titles above a header, or the sheet's name, say.
fn title_year(header: &Header, sheet: &str, top: &[Filled]) -> Option<i32> {
    let titles = top.iter().take_while(|line| line.row < header.first);
    let texts = titles.flat_map(|line| line.own().map(|cell| tidy(&cell.shown())).collect::<Vec<_>>());
    let mut found = texts.chain([sheet.to_string()]).filter_map(|text| years(&text));
    let first = found.next()?;
    found.all(|year| year == first).then_some(first)
}

fn no_year(header: &Header, column: &Named, place: &str) -> Failure {
    let (cell, name) = (header.cell(column.place), column.name());
    Failure::source(format!("{place}: \"{name}\" in {cell} does not say its year, nor does a title above it"))
        .hint("set year in [excel.unpivot]")
}

fn nothing_turns(layout: &Layout, place: &str) -> Failure {
    let free = layout.columns.iter().filter(|column| column.wanted.is_empty());
    let free: Vec<&str> = free.map(|column| column.name.as_str()).collect();
    Failure::source(format!("{place} has no column that [excel.unpivot] turns into rows")).hint(format!(
        "columns that nobody declared are {}",
        if free.is_empty() { "none".into() } else { suggest::list(&free) }
    ))
}
