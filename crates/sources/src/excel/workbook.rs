//! A workbook: its sheets, and the rows of a sheet as a stream of cells.
//!
//! The crate `calamine` takes the file apart. Of the formats, `.xlsx` is streamed cell by cell; the others come as whole
//! sheets, because their reader has no other way. A cell that the reader cannot make sense of (an error code newer than
//! itself) is a cell with an error here and not the end of the file; only damage of the file itself ends the stream.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::rc::Rc;

use calamine::{
    Data, Dimensions, Ods, OdsError, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxCellReader, XlsxError,
};
use onefold_contract::extractor::Landed;
use onefold_contract::{Failure, Result};

use super::cell::{Cell, Shape, Value, shape};
use crate::file_kind::{FileKind, WorkbookKind, file_kind};

type Bytes = BufReader<Box<dyn Landed>>;

/// A row with its cells, in the order of their columns. Cells that hold nothing are not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// Its number, counted from 0.
    pub(super) row: u32,
    pub(super) cells: Vec<Cell>,
}

/// A sheet with cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) visible: bool,
}

/// An open workbook.
pub(super) struct Workbook {
    location: String,
    book: Book,
    pub(super) sheets: Vec<Sheet>,
    flaws: BTreeMap<String, Rc<Flaws>>,
}

enum Book {
    Xlsx(Box<Xlsx<Bytes>>),
    Xlsb(Box<Xlsb<Bytes>>),
    Xls(Box<Xls<Bytes>>),
    Ods(Box<Ods<Bytes>>),
}

/// Cells of a sheet that their values alone do not tell.
#[derive(Debug, Default)]
struct Flaws {
    /// Formulas whose result was never saved.
    unsaved: BTreeSet<(u32, u32)>,
    /// Cells that the reader refuses, by their ordinal in the stream, with their place and what they hold.
    refused: BTreeMap<u64, ((u32, u32), String)>,
}

/// What to do with each row.
pub(super) type Visit<'v> = dyn FnMut(Row) -> Result<ControlFlow<()>> + 'v;

impl Workbook {
    /// Opens a workbook.
    ///
    /// # Errors
    /// A source failure, where the bytes are no workbook, are one under a password, or are damaged.
    pub(super) fn open(location: &str, mut raw: Box<dyn Landed>) -> Result<Self> {
        let kind = file_kind(&mut raw).map_err(|e| damaged(location, &e.to_string()))?;
        let kind = workbook_kind(location, kind)?;
        let bytes = BufReader::with_capacity(1 << 16, raw);
        let book = match kind {
            WorkbookKind::Xlsx => Xlsx::new(bytes).map(|b| Book::Xlsx(Box::new(b))).map_err(|e| xlsx(location, &e)),
            WorkbookKind::Xlsb => Xlsb::new(bytes).map(|b| Book::Xlsb(Box::new(b))).map_err(|e| xlsb(location, &e)),
            WorkbookKind::Xls => Xls::new(bytes).map(|b| Book::Xls(Box::new(b))).map_err(|e| xls(location, &e)),
            WorkbookKind::Ods => Ods::new(bytes).map(|b| Book::Ods(Box::new(b))).map_err(|e| ods(location, &e)),
        }?;
        let metadata = match &book {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
        };
        let sheet = |sheet: &calamine::Sheet| Sheet {
            name: sheet.name.clone(),
            visible: sheet.visible == SheetVisible::Visible,
        };
        let sheets: Vec<Sheet> = metadata.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(sheet).collect();
        if sheets.is_empty() {
            return Err(Failure::source(format!("{location} has no sheet with cells"))
                .hint("was it saved whole? open it in Excel and save it again"));
        }
        Ok(Self { location: location.to_string(), book, sheets, flaws: BTreeMap::new() })
    }

    /// What messages call the workbook.
    pub(super) fn location(&self) -> &str {
        &self.location
    }

    /// The merged areas of a sheet, by their first row. `OpenDocument` and `.xlsb` do not tell theirs.
    ///
    /// # Errors
    /// A source failure, where the sheet is damaged.
    pub(super) fn merged(&mut self, sheet: &str) -> Result<Vec<Dimensions>> {
        let mut areas = match &mut self.book {
            Book::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).map_err(|e| xlsx(&self.location, &e))?,
            Book::Xls(book) => book.merge_cells_by_sheet_name(sheet).map_err(|e| xls(&self.location, &e))?,
            Book::Xlsb(_) | Book::Ods(_) => Vec::new(),
        };
        areas.sort_unstable_by_key(|area| (area.start, area.end));
        Ok(areas)
    }

    /// Hands the first rows of a sheet to `visit`, in order, until it has seen enough. Formulas without a saved value are not
    /// told from empty cells, for which all of the sheet would have to be looked through first.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub(super) fn first_rows(&mut self, sheet: &str, most: usize, visit: &mut Visit<'_>) -> Result<()> {
        let mut first = Vec::new();
        let read = match &mut self.book {
            Book::Xlsx(book) => stream(book, sheet, &Flaws::default(), &self.location, &mut |row| {
                first.push(row);
                Ok(if first.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            }),
            _ => return self.rows(sheet, visit),
        };
        if read.is_err() {
            // A cell that the reader refuses stands among them, and must be looked for.
            return self.rows(sheet, visit);
        }
        for row in first {
            if visit(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Hands the rows of a sheet to `visit`, in order, until it has seen enough. Rows without a cell are not handed on.
    ///
    /// # Errors
    /// A source failure, where the sheet is damaged; and what `visit` fails with.
    pub(super) fn rows(&mut self, sheet: &str, visit: &mut Visit<'_>) -> Result<()> {
        match &mut self.book {
            Book::Xlsx(book) => {
                let flaws = if let Some(flaws) = self.flaws.get(sheet) {
                    flaws.clone()
                } else {
                    let flaws = Rc::new(flaws_of(book, sheet).map_err(|e| xlsx(&self.location, &e))?);
                    self.flaws.insert(sheet.to_string(), flaws.clone());
                    flaws
                };
                stream(book, sheet, &flaws, &self.location, visit)
            }
            Book::Xlsb(book) => {
                let formulas = book.worksheet_formula(sheet).map_err(|e| xlsb(&self.location, &e))?;
                let from_1904 = book.has_1904_epoch();
                let cells = book.worksheet_range(sheet).map_err(|e| xlsb(&self.location, &e))?;
                whole(&cells, &formulas, from_1904, visit)
            }
            Book::Xls(book) => {
                let formulas = book.worksheet_formula(sheet).map_err(|e| xls(&self.location, &e))?;
                let from_1904 = book.has_1904_epoch();
                let cells = book.worksheet_range(sheet).map_err(|e| xls(&self.location, &e))?;
                whole(&cells, &formulas, from_1904, visit)
            }
            Book::Ods(book) => {
                let formulas = book.worksheet_formula(sheet).map_err(|e| ods(&self.location, &e))?;
                let cells = book.worksheet_range(sheet).map_err(|e| ods(&self.location, &e))?;
                whole(&cells, &formulas, false, visit)
            }
        }
    }
}

fn workbook_kind(location: &str, kind: FileKind) -> Result<WorkbookKind> {
    let failure = Failure::source(format!("{location} is {}, not a workbook", kind.words()));
    Err(match kind {
        FileKind::Workbook(kind) => return Ok(kind),
        FileKind::Encrypted => password(location),
        FileKind::Empty => Failure::source(format!("{location} is empty"))
            .hint("was it copied whole? open it in Excel and save it again"),
        FileKind::Text => failure.hint("delimited text is of format csv, whatever the file is called"),
        FileKind::Other("an HTML page") => failure
            .hint("some programs export a page under the ending .xls; open it in Excel and save it as a workbook"),
        FileKind::Parquet | FileKind::Other(_) => failure.hint("check the source's location and format"),
    })
}

/// Hands on the rows of a sheet of an `.xlsx` file.
fn stream(book: &mut Xlsx<Bytes>, sheet: &str, flaws: &Flaws, location: &str, visit: &mut Visit<'_>) -> Result<()> {
    let from_1904 = book.has_1904_epoch();
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|e| xlsx(location, &e))?;
    let format = |style: &calamine::Style| style.number_format.as_ref().map(|f| shape(&f.format_code));
    let shapes: Vec<Shape> = cells.styles().iter().map(|style| format(style).unwrap_or_default()).collect();
    let (mut row, mut ordinal) = (Row::default(), 0u64);
    loop {
        let ((at, place), value, style) = match next_cell(&mut cells, ordinal, flaws) {
            Ok(Some(found)) => found,
            Ok(None) => break,
            Err(error) => return Err(xlsx(location, &error)),
        };
        ordinal += 1;
        if at < row.row {
            return Err(out_of_order(location, sheet, at));
        }
        if at > row.row && finish(&mut row, at, visit)?.is_break() {
            return Ok(());
        }
        let value = match value {
            None if flaws.unsaved.contains(&(at, place)) => Some(Value::Unsaved),
            Some(Read::Refused(text)) => Some(Value::Error(text)),
            Some(Read::Data(data)) => Value::of(data, from_1904),
            None => None,
        };
        if let Some(value) = value {
            if row.cells.last().is_some_and(|last| last.place >= place) {
                return Err(out_of_order(location, sheet, at));
            }
            let shape = shapes.get(style).copied().unwrap_or_default();
            row.cells.push(Cell { place, value, shape });
        }
    }
    finish(&mut row, u32::MAX, visit).map(|_| ())
}

enum Read<'a> {
    Data(calamine::DataRef<'a>),
    Refused(String),
}

type Placed<'a> = ((u32, u32), Option<Read<'a>>, usize);

fn next_cell<'a>(
    cells: &mut XlsxCellReader<'a, Bytes>,
    ordinal: u64,
    flaws: &Flaws,
) -> std::result::Result<Option<Placed<'a>>, XlsxError> {
    match cells.next_cell_with_style_id() {
        Ok(None) => Ok(None),
        Ok(Some((cell, style))) => {
            let at = cell.get_position();
            let data = cell.get_value().clone();
            let read = if data == calamine::DataRef::Empty { None } else { Some(Read::Data(data)) };
            Ok(Some((at, read, style)))
        }
        Err(error) => match flaws.refused.get(&ordinal) {
            Some((at, text)) => Ok(Some((*at, Some(Read::Refused(text.clone())), 0))),
            None => Err(error),
        },
    }
}

/// Hands a row on and begins the next.
fn finish(row: &mut Row, next: u32, visit: &mut Visit<'_>) -> Result<ControlFlow<()>> {
    let done = std::mem::replace(row, Row { row: next, cells: Vec::new() });
    if done.cells.is_empty() { Ok(ControlFlow::Continue(())) } else { visit(done) }
}

/// Looks through a sheet for what its values do not tell.
fn flaws_of(book: &mut Xlsx<Bytes>, sheet: &str) -> std::result::Result<Flaws, XlsxError> {
    let (mut flaws, mut refused, mut ordinal) = (Flaws::default(), BTreeMap::new(), 0u64);
    let mut cells = book.worksheet_cells_reader(sheet)?;
    loop {
        match cells.next_cell_with_formula_metadata() {
            Ok(None) => break,
            Ok(Some(cell)) => {
                if cell.formula.is_some() && cell.value == calamine::DataRef::Empty {
                    flaws.unsaved.insert(cell.pos);
                }
            }
            Err(error) => {
                refused.insert(ordinal, refused_cell(error)?);
            }
        }
        ordinal += 1;
    }
    drop(cells);
    if refused.is_empty() {
        return Ok(flaws);
    }
    // The reader that refused a cell does not say where it stands; the one of formulas does, and refuses none.
    let mut formulas = book.worksheet_cells_reader(sheet)?;
    let mut ordinal = 0;
    while let Some(cell) = formulas.next_formula()? {
        if let Some(text) = refused.remove(&ordinal) {
            flaws.refused.insert(ordinal, (cell.get_position(), text));
        }
        ordinal += 1;
    }
    Ok(flaws)
}

/// What a refused cell holds, where only the cell is bad and not the file.
fn refused_cell(error: XlsxError) -> std::result::Result<String, XlsxError> {
    match error {
        XlsxError::CellError(text) => Ok(text),
        XlsxError::Unrecognized { val, .. } => Ok(val),
        XlsxError::CellTAttribute(kind) => Ok(format!("a value of the unknown kind {kind}")),
        XlsxError::ParseFloat(_) => Ok("a number that is none".into()),
        XlsxError::Unexpected("Cell string index not found in shared strings table") => {
            Ok("a text that is not there".into())
        }
        other => Err(other),
    }
}

/// Hands on the rows of a sheet that comes as a whole.
fn whole(
    cells: &calamine::Range<Data>,
    formulas: &calamine::Range<String>,
    from_1904: bool,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let Some((first_row, first_place)) = cells.start().or(formulas.start()) else { return Ok(()) };
    for (offset, values) in cells.rows().enumerate() {
        let mut row = Row { row: first_row + offset as u32, cells: Vec::new() };
        for (place, data) in values.iter().enumerate() {
            let place = first_place + place as u32;
            let value = Value::of_owned(data, from_1904).or_else(|| {
                let formula = formulas.get_value((row.row, place)).is_some_and(|formula| !formula.is_empty());
                (formula && *data == Data::Empty).then_some(Value::Unsaved)
            });
            if let Some(value) = value {
                row.cells.push(Cell { place, value, shape: Shape::Plain });
            }
        }
        if !row.cells.is_empty() && visit(row)?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn xlsx(location: &str, error: &XlsxError) -> Failure {
    match error {
        XlsxError::Password => password(location),
        error => damaged(location, &error.to_string()),
    }
}

fn xlsb(location: &str, error: &XlsbError) -> Failure {
    match error {
        XlsbError::Password => password(location),
        error => damaged(location, &error.to_string()),
    }
}

fn xls(location: &str, error: &XlsError) -> Failure {
    match error {
        XlsError::Password => password(location),
        error => damaged(location, &error.to_string()),
    }
}

fn ods(location: &str, error: &OdsError) -> Failure {
    match error {
        OdsError::Password => password(location),
        error => damaged(location, &error.to_string()),
    }
}

fn password(location: &str) -> Failure {
    Failure::source(format!("{location} is a workbook under a password"))
        .hint("open it in Excel, take the password away (File, Info, Protect Workbook), and save it")
}

/// A workbook that is one, and cannot be read.
pub(super) fn damaged(location: &str, cause: &str) -> Failure {
    Failure::source(format!("{location} is damaged or cut off: {cause}"))
        .hint("was it copied whole? open it in Excel, which may mend it, and save it again")
}

fn out_of_order(location: &str, sheet: &str, row: u32) -> Failure {
    Failure::source(format!("{location}, sheet '{sheet}': the cells of row {} are out of order", u64::from(row) + 1))
        .hint("open it in Excel and save it again")
}

/// Runs what reads a workbook; a defect of the reader that damage brings out is the workbook's failure, and not the program's
/// end.
///
/// # Errors
/// What `read` fails with; a source failure, where it panics.
pub(super) fn guarded<T>(location: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(damaged(location, "its parts contradict each other")))
}
