//! Reading a file of any format as columns of text.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use onefold_contract::{AttributeKind, Failure, Result};
use onefold_sources::{AnyFile, FoundSheet, OpenOptions, open_any};
use onefold_standardize::profile::ProfileSettings;
use onefold_standardize::{Dictionaries, DictionaryMistake};

use crate::cli::{AssumeArguments, ReadArguments};
use crate::config::did_you_mean;

/// A file, read whole.
pub(crate) struct Input {
    /// The file, as the user wrote it.
    pub(crate) file: String,
    /// What it turned out to be: `csv`, `excel`, `parquet`.
    pub(crate) format: &'static str,
    /// The sheet that the rows are on, for a workbook.
    pub(crate) sheet: Option<FoundSheet>,
    /// Its columns.
    pub(crate) columns: Vec<String>,
    /// Its rows, every column text.
    pub(crate) rows: RecordBatch,
    /// Where each row stands in the file: a line, a row of a worksheet, an ordinal.
    pub(crate) positions: Vec<u64>,
    /// What was found about the file, and what was noticed on the way, one sentence each.
    pub(crate) notes: Vec<String>,
}

/// Opens a file.
pub(crate) fn open(file: &Path, arguments: &ReadArguments) -> Result<AnyFile> {
    let options = OpenOptions {
        sheet: arguments.sheet.clone(),
        header_row: arguments.header_row,
        delimiter: arguments.delimiter.clone(),
        encoding: arguments.encoding.clone(),
        ..OpenOptions::default()
    };
    open_any(file, &options)
}

/// Reads a file whole.
pub(crate) fn read(file: &Path, arguments: &ReadArguments) -> Result<Input> {
    let mut opened = open(file, arguments)?;
    let (schema, columns, format) = (opened.schema(), opened.columns().to_vec(), opened.format().name());
    let sheet = opened.sheet().cloned();
    let (mut batches, mut positions, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    for rows in opened.by_ref() {
        let rows = rows?;
        batches.push(rows.batch);
        positions.extend(rows.positions);
        rejects.extend(rows.rejects);
    }
    let rows = concat_batches(&schema, &batches)?;
    let mut notes = opened.settings().to_vec();
    notes.extend(opened.notes());
    if let Some(first) = rejects.first() {
        let place = first.row.map_or(String::new(), |row| format!(" (the first is row {row}: {})", first.reason));
        notes.push(format!("{} rows could not be read and are left out{place}", rejects.len()));
    }
    let name = file.display().to_string();
    if rows.num_rows() == 0 {
        return Err(Failure::source(format!("{name} has no rows below its header"))
            .hint("was the export complete? name the sheet or the header's row if the table stands elsewhere"));
    }
    Ok(Input { file: name, format, sheet, columns, rows, positions, notes })
}

/// The names by which rows are told apart.
pub(crate) struct Keys {
    /// The column's name: the id column's own, or `row`.
    pub(crate) name: String,
    /// The id of each row.
    pub(crate) values: StringArray,
    /// Whether they are numbers of rows and not ids of the file.
    pub(crate) are_rows: bool,
}

impl Keys {
    /// The ids in a column, or the numbers of the rows, from 1, below the header.
    ///
    /// # Errors
    /// A usage failure: there is no such column, a row has no id, or two have the same.
    pub(crate) fn of(input: &Input, column: Option<&str>) -> Result<Self> {
        let Some(column) = column else {
            let numbers = (1..=input.rows.num_rows()).map(|row| Some(row.to_string()));
            return Ok(Self { name: "row".to_owned(), values: numbers.collect(), are_rows: true });
        };
        let values = column_named(input, column, "--id")?.clone();
        let keys = Self { name: column.to_owned(), values, are_rows: false };
        keys.check(input, None)?;
        Ok(keys)
    }

    /// Whether every row has an id, and within each source another one.
    pub(crate) fn check(&self, input: &Input, sources: Option<&StringArray>) -> Result<()> {
        let at = |row: usize| input.positions.get(row).map_or(row as u64 + 1, |place| *place);
        let mut seen: HashMap<(&str, &str), usize> = HashMap::with_capacity(self.values.len());
        for row in 0..self.values.len() {
            let id = if self.values.is_valid(row) { self.values.value(row).trim() } else { "" };
            if id.is_empty() {
                return Err(Failure::usage(format!(
                    "{}: row {} has no value in the id column {}",
                    input.file,
                    at(row),
                    self.name
                ))
                .hint(
                    "name a column that is always filled, or leave --id out: rows are then told apart by their number",
                ));
            }
            let source = sources.map_or("", |sources| sources.value(row));
            if let Some(first) = seen.insert((source, id), row) {
                return Err(Failure::usage(format!(
                    "{}: the id column {} is not unique: `{id}` stands on rows {} and {}",
                    input.file,
                    self.name,
                    at(first),
                    at(row)
                ))
                .hint("name a column whose every value differs (`onefold profile FILE` shows which do), or leave --id out"));
            }
        }
        Ok(())
    }
}

/// A column by its name.
///
/// # Errors
/// A usage failure that names the option and the columns there are.
pub(crate) fn column_named<'a>(input: &'a Input, name: &str, option: &str) -> Result<&'a StringArray> {
    let column = input.rows.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| unknown_column(input, name, option))
}

fn unknown_column(input: &Input, name: &str, option: &str) -> Failure {
    let known: Vec<&str> = input.columns.iter().map(String::as_str).collect();
    let failure = Failure::usage(format!("{} has no column `{name}` ({option})", input.file));
    let failure = match did_you_mean(name, &known) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure,
    };
    failure.hint(format!("its columns are {}", known.join(", ")))
}

/// The columns that an option names, each of which must be there.
pub(crate) fn said_columns(input: &Input, names: &[String], option: &str) -> Result<BTreeSet<String>> {
    for name in names {
        column_named(input, name, option)?;
    }
    Ok(names.iter().cloned().collect())
}

/// What the command line says about kinds and region; each column must be there.
pub(crate) fn read_profile_settings(
    columns: &[String],
    file: &str,
    arguments: &AssumeArguments,
) -> Result<ProfileSettings> {
    let mut kinds = BTreeMap::new();
    for (column, kind) in &arguments.kinds {
        if !columns.contains(column) {
            let known: Vec<&str> = columns.iter().map(String::as_str).collect();
            let near = did_you_mean(column, &known).map(|near| format!("did you mean `{near}`?"));
            let mut failure = Failure::usage(format!("{file} has no column `{column}` (--kind)"));
            failure.hints.extend(near);
            return Err(failure.hint(format!("its columns are {}", known.join(", "))));
        }
        kinds.insert(column.clone(), kind_named(kind)?);
    }
    let region = arguments.region.as_ref().map(|region| region.to_uppercase());
    Ok(ProfileSettings { kinds, region })
}

fn kind_named(name: &str) -> Result<AttributeKind> {
    AttributeKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        let known: Vec<&str> = AttributeKind::ALL.iter().map(|kind| kind.name()).collect();
        let mut failure = Failure::usage(format!("`{name}` is no kind of column (--kind)"));
        failure.hints.extend(did_you_mean(name, &known).map(|near| format!("did you mean `{near}`?")));
        failure.hint(format!("kinds are {}", known.join(", ")))
    })
}

/// A dictionary file of the repository, by its name.
macro_rules! shipped {
    ($name:literal) => {
        (concat!($name, ".csv"), include_str!(concat!("../../../../name-dictionaries/seed/", $name, ".csv")))
    };
}

/// The dictionaries that ship; compiled in, so that a file can be matched wherever the program runs.
const SHIPPED: &[(&str, &str)] = &[
    shipped!("family_india"),
    shipped!("family_indian"),
    shipped!("family_south_asia"),
    shipped!("family_us"),
    shipped!("given_indian"),
    shipped!("given_south_asia"),
    shipped!("given_us"),
    shipped!("honorifics"),
    shipped!("legal_forms"),
    shipped!("nicknames"),
    shipped!("null_words"),
    shipped!("street_types"),
    shipped!("suffixes"),
];

/// The name dictionaries: those of the folders named, else those of `name-dictionaries/` where the command runs, else
/// those that ship with the program.
pub(crate) fn dictionaries(folders: &[PathBuf]) -> Result<Dictionaries> {
    let mut named: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let here = Path::new("name-dictionaries");
    if named.is_empty() && here.join("seed").is_dir() {
        named = ["seed", "approved"].iter().map(|part| here.join(part).display().to_string()).collect();
    }
    let texts = if named.is_empty() {
        SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    } else {
        crate::run::dictionary_texts(&named)?
    };
    Dictionaries::parse(&texts).map_err(|mistakes| DictionaryMistake::failure(&mistakes))
}
