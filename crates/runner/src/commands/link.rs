//! `onefold link`: which records of different sources are one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::{AttributeKind, Failure, Result, TableProfile};
use onefold_standardize::profile::ProfileSettings;

use super::dedupe::{Job, check_outputs, source_name, without};
use crate::bind::Context;
use crate::cli::{LinkArguments, MatchArguments};
use crate::files::{self, Input, Keys, Table};

/// The output's column of the sources, where two files were given.
const SOURCE: &str = "source";

/// Links two files, or the sources in one.
pub(crate) fn link(context: &Context, arguments: &LinkArguments) -> Result<()> {
    check_outputs(&arguments.matching)?;
    match (&arguments.other, &arguments.source_column) {
        (_, Some(column)) => one_file(context, arguments, column),
        (Some(other), None) => two_files(context, arguments, other),
        (None, None) => Err(Failure::usage("link needs two files, or one file and --source-column")),
    }
}

fn one_file(context: &Context, arguments: &LinkArguments, column: &str) -> Result<()> {
    let matching = &arguments.matching;
    let input = files::read(&arguments.file, &matching.read)?;
    let sources = files::column_named(&input, column, "--source-column")?.clone();
    let distinct: BTreeSet<Option<&str>> = sources.iter().collect();
    if distinct.contains(&None) {
        return Err(Failure::usage(format!("{}: some rows have no value in the source column {column}", input.file))
            .hint("every record must say which source it is of"));
    }
    if distinct.len() < 2 {
        return Err(Failure::usage(format!("{}: all rows are of one source by column {column}", input.file))
            .hint("`onefold dedupe` finds duplicates within one source"));
    }
    let keys = match &matching.id {
        Some(id) => {
            let values = files::column_named(&input, id, "--id")?.clone();
            let keys = Keys { name: id.clone(), values, are_rows: false };
            keys.check(&input, Some(&sources))?;
            keys
        }
        None => Keys::of(&input, None)?,
    };
    let rows = without(&input.rows, &[matching.id.as_deref(), Some(column)])?;
    let table = Table { rows, sources, keys: keys.values.clone() };
    let job = Job { input: &input, keys: &keys, table, across: true, source_column: Some(column.to_owned()) };
    job.finish(context, matching)
}

fn two_files(context: &Context, arguments: &LinkArguments, other: &Path) -> Result<()> {
    let matching = &arguments.matching;
    let inputs = [files::read(&arguments.file, &matching.read)?, files::read(other, &matching.read)?];
    let mut names = [source_name(&arguments.file), source_name(other)];
    if names[0] == names[1] {
        names = [format!("{}_1", names[0]), format!("{}_2", names[1])];
    }
    let keys = [Keys::of(&inputs[0], matching.id.as_deref())?, Keys::of(&inputs[1], matching.id.as_deref())?];
    let id = matching.id.as_deref();
    let rows = [without(&inputs[0].rows, &[id])?, without(&inputs[1].rows, &[id])?];
    let pairs = paired(&inputs, &rows, matching)?;
    let rows = joined(&rows, &pairs)?;
    let sources: StringArray = inputs
        .iter()
        .zip(&names)
        .flat_map(|(input, name)| std::iter::repeat_n(Some(name.as_str()), input.rows.num_rows()))
        .collect();
    let values: StringArray = keys.iter().flat_map(|keys| keys.values.iter()).collect();
    let [first, second] = inputs;
    let columns = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut notes: Vec<String> = first.notes.iter().map(|note| format!("{}: {note}", first.file)).collect();
    notes.extend(second.notes.iter().map(|note| format!("{}: {note}", second.file)));
    notes.extend(pairs.iter().filter(|(own, name)| own != name).map(|(own, name)| {
        format!(
            "column {own} of {} is taken for column {name} of {}: both are the only ones of their kind",
            second.file, first.file
        )
    }));
    let [mut all_keys, _] = keys;
    all_keys.values = values;
    let input = Input {
        sheet: None,
        file: format!("{} and {}", first.file, second.file),
        format: first.format,
        columns,
        positions: first.positions.iter().chain(&second.positions).copied().collect(),
        rows: rows.clone(),
        notes,
    };
    let table = Table { rows, sources, keys: all_keys.values.clone() };
    let job = Job { input: &input, keys: &all_keys, table, across: true, source_column: Some(SOURCE.to_owned()) };
    job.finish(context, matching)
}

/// What each column of the second file is called in the first: the same where both have it; else the only column of its kind in
/// the first, where it is the only one of its kind in the second.
fn paired(
    inputs: &[Input; 2],
    rows: &[RecordBatch; 2],
    arguments: &MatchArguments,
) -> Result<BTreeMap<String, String>> {
    let dictionaries = files::dictionaries(&arguments.assume.dictionaries)?;
    let profile = |place: usize| -> Result<TableProfile> {
        let rows = &rows[place];
        let texts = |text: &str| StringArray::from_iter_values(std::iter::repeat_n(text, rows.num_rows()));
        let table = Table { rows: rows.clone(), sources: texts(""), keys: texts("") };
        table.profile(ProfileSettings::default(), &dictionaries)
    };
    let (first, second) = (profile(0)?, profile(1)?);
    let mut pairs = BTreeMap::new();
    for column in &second.columns {
        let same = first.column(&column.name).is_some();
        let kind = column.guess.kind;
        let name =
            if same { Some(column.name.clone()) } else { only(&first, kind).filter(|_| only(&second, kind).is_some()) };
        // A column of the first that the second has under its own name is taken.
        let name = name.filter(|name| same || second.column(name).is_none()).unwrap_or_else(|| column.name.clone());
        pairs.insert(column.name.clone(), name);
    }
    let common = pairs.values().filter(|name| first.column(name).is_some()).count();
    if common == 0 {
        return Err(Failure::usage(format!("{} and {} have no column in common", inputs[0].file, inputs[1].file))
            .detail(format!("{}: {}", inputs[0].file, inputs[0].columns.join(", ")))
            .detail(format!("{}: {}", inputs[1].file, inputs[1].columns.join(", ")))
            .hint("give the columns to be compared the same names in both"));
    }
    Ok(pairs)
}

/// The only column of a kind, where the kind tells what is compared.
fn only(profile: &TableProfile, kind: AttributeKind) -> Option<String> {
    use AttributeKind::{Category, Date, Decimal, Flag, FreeText, Identifier, Integer, Money, Timestamp};
    if matches!(kind, Category | Date | Decimal | Flag | FreeText | Identifier | Integer | Money | Timestamp) {
        return None;
    }
    let mut of_kind = profile.columns.iter().filter(|column| column.guess.kind == kind);
    let only = of_kind.next()?;
    of_kind.next().is_none().then(|| only.name.clone())
}

/// The rows of both files in one table, the second's columns under their names in the first.
fn joined(rows: &[RecordBatch; 2], pairs: &BTreeMap<String, String>) -> Result<RecordBatch> {
    let mut names: Vec<String> = rows[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut own: BTreeMap<&str, &str> = BTreeMap::new();
    for field in rows[1].schema().fields() {
        if let Some((written, name)) = pairs.get_key_value(field.name()) {
            own.insert(name, written);
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(names.len());
    for name in &names {
        let part = |rows: &RecordBatch, name: Option<&str>| {
            let values = name.and_then(|name| rows.column_by_name(name)).cloned();
            values.unwrap_or_else(|| new_null_array(&DataType::Utf8, rows.num_rows()))
        };
        let (first, second) = (part(&rows[0], Some(name)), part(&rows[1], own.get(name.as_str()).copied()));
        arrays.push(concat(&[first.as_ref(), second.as_ref()])?);
    }
    let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}
