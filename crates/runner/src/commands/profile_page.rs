//! The page of a profile: one HTML file that needs nothing but a browser.
//!
//! Plots are SVG in the page, drawn here; the page names no script, no font and no other file, so that it can be sent to a
//! colleague, opened without a network, and read under any content policy. Colours follow the reader's light or dark setting.

use askama::Template;
use onefold_contract::profile::{ColumnProfile, HistogramOf};
use onefold_contract::{Failure, Result, TableProfile};

use super::profile::{distinct, percent, range, remarks, short};

/// Sizes of a plot, in the units of its view box.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 120.0;
/// How many values and shapes a column shows.
const SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "profile.html")]
struct Page<'a> {
    file: &'a str,
    rows: u64,
    notes: &'a [String],
    keys: Vec<&'a str>,
    compounds: Vec<String>,
    region: Option<String>,
    columns: Vec<Column>,
}

/// One column as the page shows it.
struct Column {
    anchor: String,
    name: String,
    kind: String,
    sure: String,
    doubtful: bool,
    reasons: Vec<String>,
    filled: f64,
    filled_percent: String,
    missing: u64,
    distinct: String,
    from: String,
    to: String,
    top: Vec<Bar>,
    top_title: &'static str,
    patterns: Vec<Pattern>,
    plot: Option<Plot>,
    remarks: Vec<String>,
}

/// A value with its share of the rows.
struct Bar {
    label: String,
    count: u64,
    width: f64,
}

#[allow(clippy::struct_field_names)]
struct Pattern {
    pattern: String,
    count: u64,
    example: String,
}

/// A histogram, ready to be drawn.
struct Plot {
    title: &'static str,
    first: String,
    last: String,
    bars: Vec<PlotBar>,
    most: u64,
}

struct PlotBar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    label: String,
    count: u64,
}

/// The page of a profile.
///
/// # Errors
/// A bug, where the page cannot be put together.
pub(super) fn page(file: &str, notes: &[String], profile: &TableProfile) -> Result<String> {
    let compounds =
        profile.compounds.iter().map(|c| format!("{} says again what {} say", c.column, c.parts.join(" and ")));
    let page = Page {
        file,
        rows: profile.rows,
        notes,
        keys: profile.keys().map(|column| column.name.as_str()).collect(),
        compounds: compounds.collect(),
        region: profile.region.as_ref().map(|region| format!("{region}: {}", profile.region_reason)),
        columns: profile.columns.iter().enumerate().map(|(place, column)| shown(place, column)).collect(),
    };
    page.render().map_err(|error| Failure::bug(format!("the page cannot be put together: {error}")))
}

fn shown(place: usize, column: &ColumnProfile) -> Column {
    let (from, to) = range(column);
    let most = column.top.first().map_or(1, |top| top.count).max(1) as f64;
    let bar = |label: &str, count: u64| Bar {
        label: short(label),
        count,
        width: (count as f64 / most * 1000.0).round() / 10.0,
    };
    Column {
        anchor: format!("c{place}"),
        name: column.name.clone(),
        kind: column.guess.kind.name().replace('_', " "),
        sure: percent(column.guess.confidence),
        doubtful: column.guess.confidence < onefold_standardize::profile::DOUBT,
        reasons: column.guess.reasons.clone(),
        filled: (column.filled() * 1000.0).round() / 10.0,
        filled_percent: percent(column.filled()),
        missing: column.rows - column.present(),
        distinct: distinct(column),
        from,
        to,
        top: column.top.iter().take(SHOWN).filter(|top| top.count > 1).map(|top| bar(&top.value, top.count)).collect(),
        top_title: if column.top_error == 0 {
            "Most frequent values"
        } else {
            "Most frequent values (counts are lower bounds)"
        },
        patterns: column
            .patterns
            .iter()
            .take(SHOWN)
            .map(|p| Pattern { pattern: p.pattern.clone(), count: p.count, example: short(&p.example) })
            .collect(),
        plot: plot(column),
        remarks: remarks(column),
    }
}

fn plot(column: &ColumnProfile) -> Option<Plot> {
    let histogram = column.histogram.as_ref().filter(|histogram| histogram.bars.len() > 1)?;
    let most = histogram.bars.iter().map(|(_, count)| *count).max()?.max(1);
    let step = WIDTH / histogram.bars.len() as f64;
    let tenth = |figure: f64| (figure * 10.0).round() / 10.0;
    let bar = |(place, (label, count)): (usize, &(String, u64))| {
        let height = tenth(*count as f64 / most as f64 * HEIGHT);
        PlotBar {
            x: tenth(place as f64 * step),
            y: tenth(HEIGHT - height),
            width: tenth((step - 1.0).max(0.5)),
            height,
            label: label.clone(),
            count: *count,
        }
    };
    Some(Plot {
        title: match histogram.of {
            HistogramOf::Years => "Rows by year",
            HistogramOf::Numbers => "Rows by value",
            HistogramOf::Lengths => "Rows by length in characters",
        },
        first: histogram.bars.first()?.0.clone(),
        last: histogram.bars.last()?.0.clone(),
        bars: histogram.bars.iter().enumerate().map(bar).collect(),
        most,
    })
}
