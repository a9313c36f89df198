//! What a workbook looks like, as data: for the check of a source, for profiles, and for whoever writes a source of it.
//!
//! The same code finds header, columns and totals here as when the source is read; a preview by other rules would promise
//! what the run does not keep.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use onefold_contract::{Failure, Result};
use serde::Serialize;

use super::cell::{Cell, Value, cell_name, fifteen_digits, letters};
use super::header::Header;
use super::judge::{Checked, Verdict};
use super::layout::{Layout, layout, layouts};
use super::merged::Filled;
use super::read::walk;
use super::signs::{Says, Signs};
use super::want::Want;
use super::words::{NoLabel, alike, label, totals_word};
use super::workbook::{Workbook, guarded};
use crate::spec::{ExcelSpec, HeaderKind, SourceSpec};

/// Values shown of a column.
const SAMPLES: usize = 3;
/// Columns of months that make a sheet one to unpivot; fewer may be a table of two dates.
const FEWEST_TURNED: usize = 3;

/// A workbook as it looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkbookPreview {
    /// The file.
    pub location: String,
    /// Its sheets with cells, in order.
    pub sheets: Vec<SheetPreview>,
    /// Why the source cannot be read, where it cannot.
    pub problem: Option<String>,
    /// Visible sheets that have most of their columns in common, and may be one source.
    pub groups: Vec<SheetGroup>,
}

/// A sheet as it looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetPreview {
    /// Its name.
    pub name: String,
    /// Whether it can be seen in Excel.
    pub visible: bool,
    /// Whether the source reads it; without a source, whether it is the one read by itself.
    pub chosen: bool,
    /// Why the source cannot read it, where it cannot.
    pub problem: Option<String>,
    /// The first and the last row of the header, counted from 1.
    pub header: Option<(u32, u32)>,
    /// The columns in order.
    pub columns: Vec<ColumnPreview>,
    /// Rows behind the header, without those that are left out.
    pub rows: u64,
    /// Rows that a rule leaves out: the rule's code and their numbers.
    pub left_out: BTreeMap<String, Vec<u64>>,
    /// Totals that the sheet states.
    pub totals: Vec<TotalPreview>,
    /// What could become rows.
    pub unpivot: Option<UnpivotGuess>,
}

/// A column of a sheet as it looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnPreview {
    /// Its letters.
    pub letters: String,
    /// What the header says.
    pub name: String,
    /// The names in the house of the declared columns that it is.
    pub declared: Vec<String>,
    /// Cells with a text, a number, a date or time, yes or no, an error or no saved value.
    pub texts: u64,
    /// Cells with a number.
    pub numbers: u64,
    /// Cells with a date or a time.
    pub dates: u64,
    /// Cells with yes or no.
    pub flags: u64,
    /// Cells with an error, or a formula without a saved value.
    pub errors: u64,
    /// The first different values.
    pub samples: Vec<String>,
    /// Whether day and month were swapped on the way: no date has a day above 12, and every text has.
    pub swapped: bool,
}

/// A total as a sheet states it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TotalPreview {
    /// Its cell.
    pub cell: String,
    /// What the cell states.
    pub stated: String,
    /// What the rows above it sum to.
    pub sum: String,
    /// Whether the two are the same.
    pub matches: bool,
}

/// Columns that could become rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnpivotGuess {
    /// What their headers are.
    pub kind: HeaderKind,
    /// Their letters.
    pub columns: Vec<String>,
    /// The figures of a header of two rows; empty where there is one.
    pub measures: Vec<String>,
    /// Whether the year must be set, because no header and no title says it.
    pub needs_year: bool,
}

/// Sheets that may be one source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetGroup {
    /// Their names.
    pub sheets: Vec<String>,
    /// The columns of the first, each with what it is called on the others.
    pub columns: Vec<GroupColumn>,
}

/// A column of sheets that may be one source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupColumn {
    /// Its name on the first sheet.
    pub name: String,
    /// What it is called on the others.
    pub also: Vec<String>,
}

/// Looks at a workbook, with the eyes of a source where one is given.
///
/// # Errors
/// A source failure, where the file is no workbook or is damaged. What keeps the source from reading it is part of the preview.
pub fn preview_workbook(path: &Path, spec: Option<&SourceSpec>) -> Result<WorkbookPreview> {
    let location = path.display().to_string();
    let file = File::open(path).map_err(|e| Failure::source(format!("{location} could not be read: {e}")))?;
    guarded(&location, || {
        let mut workbook = Workbook::open(&location, Box::new(file))?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let want = spec.map_or_else(|| Want::everything(&name, ExcelSpec::default()), Want::of);
        let (chosen, problem) = match layouts(&mut workbook, &want) {
            Ok(layouts) => (layouts.into_iter().map(|layout| layout.sheet).collect(), None),
            Err(failure) => (Vec::new(), Some(failure.to_string())),
        };
        let names: Vec<String> = workbook.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let sheets: Vec<SheetPreview> =
            names.iter().map(|name| sheet(&mut workbook, &want, name, &chosen)).collect::<Result<_>>()?;
        let groups = groups(&sheets);
        Ok(WorkbookPreview { location: location.clone(), sheets, problem, groups })
    })
}

fn sheet(workbook: &mut Workbook, want: &Want, name: &str, chosen: &[String]) -> Result<SheetPreview> {
    let visible = workbook.sheets.iter().any(|sheet| sheet.name == name && sheet.visible);
    let mut preview = SheetPreview {
        name: name.to_string(),
        visible,
        chosen: chosen.iter().any(|chosen| chosen == name),
        problem: None,
        header: None,
        columns: Vec::new(),
        rows: 0,
        left_out: BTreeMap::new(),
        totals: Vec::new(),
        unpivot: None,
    };
    let everything = Want::everything(&want.source, ExcelSpec::default());
    let (layout, want) = match layout(workbook, want, name) {
        Ok(layout) => (layout, want),
        Err(failure) => {
            preview.problem = Some(failure.message);
            match layout(workbook, &everything, name) {
                Ok(layout) => (layout, &everything),
                // An empty sheet has nothing to show.
                Err(_) => return Ok(preview),
            }
        }
    };
    preview.header = Some((layout.header.first + 1, layout.header.end()));
    preview.columns = columns(&layout, want);
    preview.unpivot = unpivot(&layout.header, layout.year);
    fill(workbook, want, &layout, &mut preview)?;
    Ok(preview)
}

fn columns(layout: &Layout, want: &Want) -> Vec<ColumnPreview> {
    let column = |named: &super::header::Named| {
        let bound = layout.columns.iter().find(|column| column.place == named.place);
        let wanted = bound.map(|column| column.wanted.as_slice()).unwrap_or_default();
        ColumnPreview {
            letters: letters(named.place),
            name: named.name(),
            declared: wanted.iter().map(|at| want.columns[*at].name.clone()).collect(),
            texts: 0,
            numbers: 0,
            dates: 0,
            flags: 0,
            errors: 0,
            samples: Vec::new(),
            swapped: false,
        }
    };
    layout.header.columns.iter().map(column).collect()
}

/// Counts what the rows hold.
fn fill(workbook: &mut Workbook, want: &Want, layout: &Layout, preview: &mut SheetPreview) -> Result<()> {
    let places: Vec<u32> = layout.header.columns.iter().map(|column| column.place).collect();
    let mut signs = vec![Signs::default(); places.len()];
    walk(workbook, want, layout, &mut |row, verdict| {
        let number = u64::from(row.row) + 1;
        let mut leave_out = |rule: &str| preview.left_out.entry(rule.to_string()).or_default().push(number);
        match verdict {
            Verdict::Banner => leave_out("banner-row"),
            Verdict::Header => leave_out("repeated-header"),
            Verdict::Totals(checked) => {
                leave_out("totals-row");
                preview.totals.extend(totals(row.row, &checked));
            }
            Verdict::Mismatch(checked) => preview.totals.extend(totals(row.row, &checked)),
            Verdict::Row => {
                preview.rows += 1;
                look(row, &places, &mut preview.columns, &mut signs);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (column, signs) in preview.columns.iter_mut().zip(&signs) {
        column.swapped = signs.says() == Says::Swapped;
    }
    Ok(())
}

fn look(row: &Filled, places: &[u32], columns: &mut [ColumnPreview], signs: &mut [Signs]) {
    for ((place, column), signs) in places.iter().zip(columns).zip(signs) {
        let Some(cell) = row.cell(*place).filter(|cell| !cell.value.is_blank()) else { continue };
        signs.take(row.row, cell);
        count(column, cell);
        if column.samples.len() < SAMPLES {
            let text = cell.shown().into_owned();
            if !text.is_empty() && !column.samples.contains(&text) {
                column.samples.push(text);
            }
        }
    }
}

fn count(column: &mut ColumnPreview, cell: &Cell) {
    let counter = match cell.value {
        Value::Text(_) => &mut column.texts,
        Value::Number(_) => &mut column.numbers,
        Value::Serial(_) => &mut column.dates,
        Value::Flag(_) => &mut column.flags,
        Value::Error(_) | Value::Unsaved => &mut column.errors,
    };
    *counter += 1;
}

fn totals(row: u32, checked: &[Checked]) -> Vec<TotalPreview> {
    let total = |total: &Checked| TotalPreview {
        cell: cell_name(row, total.place),
        stated: fifteen_digits(total.stated),
        sum: fifteen_digits(total.sum),
        matches: total.matches,
    };
    checked.iter().map(total).collect()
}

/// The columns whose headers are months, quarters or years, where they are several.
fn unpivot(header: &Header, year: Option<i32>) -> Option<UnpivotGuess> {
    let kinds = [HeaderKind::Month, HeaderKind::Quarter, HeaderKind::Year];
    kinds.into_iter().find_map(|kind| {
        let (mut columns, mut measures, mut needs_year) = (Vec::new(), Vec::<String>::new(), false);
        for column in &header.columns {
            if column.parts.iter().any(|part| totals_word(part, &[]).is_some()) {
                continue;
            }
            let Some((rest, no_year)) = labelled(kind, &column.parts, year) else { continue };
            columns.push(letters(column.place));
            needs_year |= no_year;
            measures.extend(rest.filter(|rest| !measures.contains(rest)));
        }
        (columns.len() >= FEWEST_TURNED).then_some(UnpivotGuess { kind, columns, measures, needs_year })
    })
}

/// Whether the parts of a header are a label of a kind: all of them, or all but one, which is a figure's name.
fn labelled(kind: HeaderKind, parts: &[String], year: Option<i32>) -> Option<(Option<String>, bool)> {
    let is = |text: &str| match label(kind, text, year) {
        Ok(_) => Some(false),
        Err(NoLabel::NoYear) => Some(true),
        Err(NoLabel::Other) => None,
    };
    if let Some(no_year) = is(&parts.join(" ")) {
        return Some((None, no_year));
    }
    (0..parts.len()).filter(|_| parts.len() > 1).find_map(|at| {
        let others: Vec<&str> =
            parts.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, part)| part.as_str()).collect();
        is(&others.join(" ")).map(|no_year| (Some(parts[at].clone()), no_year))
    })
}

/// Visible sheets of which each has at least half of its columns in common with the first of its group.
fn groups(sheets: &[SheetPreview]) -> Vec<SheetGroup> {
    let mut groups: Vec<(&SheetPreview, SheetGroup)> = Vec::new();
    for sheet in sheets.iter().filter(|sheet| sheet.visible && sheet.rows > 0) {
        let home = groups.iter_mut().find(|(first, _)| {
            let common = sheet.columns.iter().filter(|c| first.columns.iter().any(|f| alike(&f.name, &c.name))).count();
            common * 2 >= sheet.columns.len().max(first.columns.len())
        });
        if let Some((first, group)) = home {
            join(first, group, sheet);
        } else {
            let column = |column: &ColumnPreview| GroupColumn { name: column.name.clone(), also: Vec::new() };
            let columns = sheet.columns.iter().map(column).collect();
            groups.push((sheet, SheetGroup { sheets: vec![sheet.name.clone()], columns }));
        }
    }
    groups.into_iter().map(|(_, group)| group).filter(|group| group.sheets.len() > 1).collect()
}

/// Adds a sheet to a group: a column that has no fellow by name has the one that stands at its place, or is called most like
/// it, among those without a fellow of their own.
fn join(first: &SheetPreview, group: &mut SheetGroup, sheet: &SheetPreview) {
    group.sheets.push(sheet.name.clone());
    let has = |columns: &[ColumnPreview], name: &str| columns.iter().any(|column| alike(&column.name, name));
    let free: Vec<&ColumnPreview> = sheet.columns.iter().filter(|c| !has(&first.columns, &c.name)).collect();
    let mut taken: Vec<&str> = Vec::new();
    for (place, column) in group.columns.iter_mut().enumerate().filter(|(_, c)| !has(&sheet.columns, &c.name)) {
        let at_place = sheet.columns.get(place).filter(|c| free.contains(c)).map(|c| c.name.as_str());
        let names = free.iter().map(|c| c.name.as_str()).filter(|name| !taken.contains(name));
        let fellow = crate::suggest::closest(&column.name, names).or(at_place.filter(|name| !taken.contains(name)));
        if let Some(name) = fellow {
            taken.push(name);
            if !column.also.iter().any(|also| also == name) {
                column.also.push(name.to_string());
            }
        }
    }
}
