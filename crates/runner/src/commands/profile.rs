//! `onefold profile`: what a file's columns look like and may mean.

use onefold_contract::{ColumnProfile, Failure, Result, TableProfile};
use onefold_sources::AnyFile;
use onefold_standardize::profile::{DOUBT, Profiler};
use serde_json::json;

use super::profile_page;
use crate::bind::Context;
use crate::cli::ProfileArguments;
use crate::files;
use crate::output::{self, Table};

/// A file that was profiled.
struct Profiled {
    format: &'static str,
    notes: Vec<String>,
    profile: TableProfile,
}

/// Profiles a file.
pub(crate) fn profile(context: &Context, arguments: &ProfileArguments) -> Result<()> {
    if let Some(page) = &arguments.html {
        check_page(page)?;
    }
    let profiled = profiled(arguments)?;
    let file = arguments.file.display().to_string();
    if let Some(page) = &arguments.html {
        files::write_text(page, &profile_page::page(&file, &profiled.notes, &profiled.profile)?)?;
    }
    if context.json {
        return output::json(&json!({
            "file": file, "format": profiled.format, "notes": profiled.notes, "profile": profiled.profile,
        }));
    }
    print(&file, &profiled)?;
    match &arguments.html {
        Some(page) => output::line(&format!("\nwrote {}", page.display())),
        None => Ok(()),
    }
}

fn check_page(page: &std::path::Path) -> Result<()> {
    let is_page = page.extension().is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    if is_page {
        return files::check_place(page, "--html");
    }
    Err(Failure::usage(format!("{} cannot be written (--html): its ending tells no page", page.display()))
        .hint("end it in .html"))
}

/// Reads the file twice: to guess what its columns are, and to look at their values as that.
fn profiled(arguments: &ProfileArguments) -> Result<Profiled> {
    let dictionaries = files::dictionaries(&arguments.assume.dictionaries)?;
    let file = arguments.file.display().to_string();
    let mut opened = files::open(&arguments.file, &arguments.read)?;
    let settings = files::read_profile_settings(opened.columns(), &file, &arguments.assume)?;
    let mut profiler = Profiler::new(opened.columns(), settings);
    let mut rejected = 0;
    for rows in opened.by_ref() {
        let rows = rows?;
        rejected += rows.rejects.len();
        profiler.observe(&rows.batch)?;
    }
    let notes = notes(&opened, rejected);
    let format = opened.format().name();
    drop(opened);
    let again = files::open(&arguments.file, &arguments.read)?;
    let profile = profiler.guess(&dictionaries).finish(again.map(|rows| rows.map(|rows| rows.batch)))?;
    Ok(Profiled { format, notes, profile })
}

fn notes(opened: &AnyFile, rejected: usize) -> Vec<String> {
    let mut notes = opened.settings().to_vec();
    notes.extend(opened.notes());
    if rejected > 0 {
        notes.push(format!("{rejected} rows could not be read and are left out"));
    }
    notes
}

fn print(file: &str, profiled: &Profiled) -> Result<()> {
    let profile = &profiled.profile;
    output::line(&format!("{file}: {} rows, {} columns", profile.rows, profile.columns.len()))?;
    for note in &profiled.notes {
        output::note(&format!("note: {note}"));
    }
    output::line("")?;
    let mut table =
        Table::new(["column", "kind", "sure", "filled", "distinct", "pattern", "from", "to", "most frequent"]);
    for column in &profile.columns {
        let (from, to) = range(column);
        table.row([
            column.name.clone(),
            column.guess.kind.name().to_owned(),
            percent(column.guess.confidence),
            percent(column.filled()),
            distinct(column),
            column.patterns.first().map(|pattern| pattern.pattern.clone()).unwrap_or_default(),
            from,
            to,
            column
                .top
                .first()
                .filter(|top| top.count > 1)
                .map_or_else(String::new, |top| format!("{} ({})", short(&top.value), top.count)),
        ]);
    }
    table.print("the file has no column")?;
    findings(profile)
}

/// What a person should look at.
fn findings(profile: &TableProfile) -> Result<()> {
    let mut lines = Vec::new();
    let keys: Vec<&str> = profile.keys().map(|column| column.name.as_str()).collect();
    match keys[..] {
        [] => lines.push("no column is a key: none is filled in every row with a value of its own".to_owned()),
        _ => lines.push(format!("likely key: {}", keys.join(", "))),
    }
    for compound in &profile.compounds {
        lines.push(format!("{} says again what {} say", compound.column, compound.parts.join(" and ")));
    }
    for column in &profile.columns {
        lines.extend(remarks(column));
    }
    if let Some(region) = &profile.region {
        lines.push(format!("region {region}: {}", profile.region_reason));
    }
    output::line("")?;
    lines.iter().try_for_each(|line| output::line(line))
}

/// What is odd about a column, one sentence each.
pub(super) fn remarks(column: &ColumnProfile) -> Vec<String> {
    let name = &column.name;
    let mut lines = Vec::new();
    if column.guess.confidence < DOUBT && column.present() > 0 {
        lines.push(format!("{name}: unsure what it is ({})", column.guess.reasons.join("; ")));
    }
    for defect in column.defects.iter().take(2) {
        lines.push(format!(
            "{name}: {} values cannot be read, such as `{}`: {}",
            defect.count,
            short(&defect.example),
            defect.reason
        ));
    }
    if !column.null_words.is_empty() {
        let words: Vec<String> =
            column.null_words.iter().take(3).map(|word| format!("`{}` ({})", short(&word.value), word.count)).collect();
        lines.push(format!("{name}: words for \"no value\": {}", words.join(", ")));
    }
    for remark in column.junk.iter().chain(&column.outliers).take(4) {
        lines.push(format!("{name}: `{}` {}", short(&remark.value), remark.reason));
    }
    lines
}

/// The range that tells most about a column: of its dates, its numbers, else its lengths.
pub(super) fn range(column: &ColumnProfile) -> (String, String) {
    if let Some(dates) = &column.dates {
        return (dates.first.clone(), dates.last.clone());
    }
    if let Some(numbers) = &column.numbers {
        return (figure(numbers.smallest), figure(numbers.largest));
    }
    match column.lengths {
        Some(lengths) => (format!("{} long", lengths.shortest), format!("{} long", lengths.longest)),
        None => (String::new(), String::new()),
    }
}

pub(super) fn figure(number: f64) -> String {
    if number.fract().abs() < 1e-9 { format!("{number:.0}") } else { format!("{number:.2}") }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// How many values differ, and how sure that is.
pub(super) fn distinct(column: &ColumnProfile) -> String {
    let count = column.distinct.count;
    match (column.distinct.is_exact(), column.unique) {
        (true, true) => format!("{count} (all)"),
        (true, false) => count.to_string(),
        (false, _) => format!("about {count} (+-{:.1} %)", column.distinct.error * 200.0),
    }
}

/// A value cut to what a line holds.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 32;
    let plain: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if plain.chars().count() <= MOST { plain } else { format!("{}…", plain.chars().take(MOST).collect::<String>()) }
}
