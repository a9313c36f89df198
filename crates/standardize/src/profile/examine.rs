//! The second look: the values of a column read as what they were taken for.
//!
//! Shapes, lengths, ranges, what cannot be read, and what stands far from all others. It is handed either every row
//! or only a sample; what it counts says on how many rows.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, Datelike, NaiveDate};
use onefold_contract::AttributeKind;
use onefold_contract::attribute::DECIMAL_SCALE;
use onefold_contract::profile::{
    ColumnProfile, DateRange, DefectCount, Histogram, HistogramOf, LengthRange, NumberRange, PatternCount, Remark,
    ValueCount,
};
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings};

use super::shape::shape_of;
use crate::registry::Registry;
use crate::value_wise::Distinct;

/// How many shapes, words for "no value", kinds of defect and outliers a profile names.
const SHOWN: usize = 10;
/// Shapes beyond so many are counted as one.
const SHAPES: usize = 2_000;
/// The shape that stands for all shapes beyond [`SHAPES`].
const OTHER_SHAPES: &str = "(other)";
/// Bars of a histogram of numbers.
const BARS: usize = 20;
/// Years beyond so many are put together to decades.
const YEARS: usize = 40;
/// Values so many interquartile ranges beyond the quartiles stand far out (J. Tukey, "Exploratory data analysis", 1977).
const FAR: f64 = 3.0;
/// A shape on at most this share of the rows is odd where another is on nearly all.
const ODD_SHAPE: f64 = 0.002;
const USUAL_SHAPE: f64 = 0.95;

/// Where values of a column usually lie, from a sample: quartiles of its numbers or of its days.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quartiles {
    pub(super) lower: f64,
    pub(super) median: f64,
    pub(super) upper: f64,
}

impl Quartiles {
    fn of(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| figures.get(((figures.len() as f64 - 1.0) * share).round() as usize).copied();
        Some(Self { lower: at(0.25)?, median: at(0.5)?, upper: at(0.75)? })
    }

    /// Between what values are usual.
    fn fences(self) -> (f64, f64) {
        let range = (self.upper - self.lower).max(self.median.abs() * 1e-9);
        (self.lower - FAR * range, self.upper + FAR * range)
    }
}

/// What is counted of a column.
pub(super) struct Examiner<'a> {
    kind: AttributeKind,
    settings: ColumnSettings,
    decision: ColumnDecision,
    registry: &'a Registry<'a>,
    quartiles: Option<Quartiles>,
    rows: u64,
    shapes: BTreeMap<String, (u64, String)>,
    lengths: BTreeMap<u64, u64>,
    null_words: BTreeMap<String, u64>,
    defects: BTreeMap<&'static str, (u64, String, String)>,
    numbers: Numbers,
    years: BTreeMap<i32, u64>,
    days: Option<(i64, i64)>,
    far: BTreeMap<String, u64>,
}

/// Numbers as they go by.
#[derive(Default)]
struct Numbers {
    count: u64,
    sum: f64,
    range: Option<(f64, f64)>,
    bars: [u64; BARS],
}

impl<'a> Examiner<'a> {
    /// An examiner of a column taken for a kind. `sample` tells where its values usually lie.
    pub(super) fn new(
        kind: AttributeKind,
        settings: ColumnSettings,
        registry: &'a Registry<'a>,
        sample: &StringArray,
    ) -> Self {
        let distinct = Distinct::of(sample, |_| true);
        let decision = registry.of(kind).decide(sample, &settings);
        let read = registry.of(kind).standardize(kind, &distinct.values, &settings, &decision);
        let figures = figures(&read.clean);
        let over_rows =
            distinct.places.iter().flatten().filter_map(|place| figures.get(place as usize).copied().flatten());
        let quartiles = Quartiles::of(over_rows.collect());
        Self {
            kind,
            settings,
            decision,
            registry,
            quartiles,
            rows: 0,
            shapes: BTreeMap::new(),
            lengths: BTreeMap::new(),
            null_words: BTreeMap::new(),
            defects: BTreeMap::new(),
            numbers: Numbers::default(),
            years: BTreeMap::new(),
            days: None,
            far: BTreeMap::new(),
        }
    }

    /// What the column as a whole tells.
    pub(super) fn decision(&self) -> &ColumnDecision {
        &self.decision
    }

    /// Sees the next rows.
    pub(super) fn add(&mut self, column: &StringArray) {
        self.rows += column.len() as u64;
        let distinct = Distinct::of(column, |row| !column.value(row).trim().is_empty());
        let read = self.registry.of(self.kind).standardize(self.kind, &distinct.values, &self.settings, &self.decision);
        let counts = distinct.counts();
        let flawed: BTreeSet<usize> = read.defects.iter().map(|defect| defect.row).collect();
        for (place, text) in distinct.values.iter().enumerate() {
            let text = text.unwrap_or_default();
            self.shape(text, counts[place]);
            *self.lengths.entry(text.trim().chars().count() as u64).or_default() += counts[place];
            if read.clean.is_null(place) && !flawed.contains(&place) {
                *self.null_words.entry(text.trim().to_owned()).or_default() += counts[place];
            }
        }
        for defect in read.defects {
            let example = || (0, distinct.values.value(defect.row).to_owned(), defect.reason.clone());
            self.defects.entry(defect.rule).or_insert_with(example).0 += counts[defect.row];
        }
        let figures = figures(&read.clean);
        for place in distinct.places.iter().flatten() {
            if let Some(figure) = figures.get(place as usize).copied().flatten() {
                self.figure(figure, distinct.values.value(place as usize));
            }
        }
    }

    fn shape(&mut self, text: &str, count: u64) {
        let shape = shape_of(text);
        let known = self.shapes.len() < SHAPES || self.shapes.contains_key(&shape);
        let shape = if known { shape } else { OTHER_SHAPES.to_owned() };
        self.shapes.entry(shape).or_insert_with(|| (0, text.trim().to_owned())).0 += count;
    }

    /// Counts a number, or a day since 1970-01-01.
    fn figure(&mut self, figure: f64, text: &str) {
        let (least, most) = self.quartiles.unwrap_or_default().fences();
        if (figure < least || figure > most) && (self.far.len() < SHOWN || self.far.contains_key(text)) {
            *self.far.entry(text.to_owned()).or_default() += 1;
        }
        if is_moment(&self.kind.clean_type()) {
            let day = figure as i64;
            if let Some(date) = date_of(day) {
                *self.years.entry(date.year()).or_default() += 1;
            }
            self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
            return;
        }
        let numbers = &mut self.numbers;
        numbers.count += 1;
        numbers.sum += figure;
        numbers.range = Some(numbers.range.map_or((figure, figure), |(a, b)| (a.min(figure), b.max(figure))));
        let width = (most - least) / BARS as f64;
        let bar = if width > 0.0 { ((figure - least) / width).clamp(0.0, BARS as f64 - 1.0) as usize } else { 0 };
        numbers.bars[bar] += 1;
    }

    /// Writes what was counted into a profile.
    pub(super) fn finish(self, profile: &mut ColumnProfile) {
        profile.examined = self.rows;
        profile.null_words = counted(&self.null_words);
        profile.lengths = self.length_range();
        profile.numbers = self.number_range();
        profile.dates = self.days.and_then(|(first, last)| {
            Some(DateRange { first: date_of(first)?.to_string(), last: date_of(last)?.to_string() })
        });
        profile.histogram = self.histogram();
        profile.outliers = self.outliers();
        profile.patterns = self.patterns();
        let mut defects: Vec<DefectCount> = self
            .defects
            .into_iter()
            .map(|(rule, (count, example, reason))| DefectCount { rule: rule.to_owned(), count, example, reason })
            .collect();
        defects.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.rule.cmp(&b.rule)));
        profile.defects = defects;
    }

    fn length_range(&self) -> Option<LengthRange> {
        let rows: u64 = self.lengths.values().sum();
        let sum: u64 = self.lengths.iter().map(|(length, count)| length * count).sum();
        let (shortest, longest) = (*self.lengths.keys().next()?, *self.lengths.keys().next_back()?);
        Some(LengthRange { shortest, longest, mean: plain(sum as f64 / rows as f64) })
    }

    fn number_range(&self) -> Option<NumberRange> {
        let ((smallest, largest), quartiles) = (self.numbers.range?, self.quartiles?);
        Some(NumberRange {
            smallest,
            largest,
            mean: plain(self.numbers.sum / self.numbers.count as f64),
            lower_quartile: quartiles.lower,
            median: quartiles.median,
            upper_quartile: quartiles.upper,
        })
    }

    fn histogram(&self) -> Option<Histogram> {
        if !self.years.is_empty() {
            return Some(Histogram { of: HistogramOf::Years, bars: years(&self.years) });
        }
        if let Some((smallest, largest)) = self.numbers.range {
            return Some(Histogram { of: HistogramOf::Numbers, bars: self.number_bars(smallest, largest) });
        }
        let bars: Vec<(String, u64)> =
            self.lengths.iter().map(|(length, count)| (length.to_string(), *count)).collect();
        (!bars.is_empty()).then_some(Histogram { of: HistogramOf::Lengths, bars: short(bars) })
    }

    fn number_bars(&self, smallest: f64, largest: f64) -> Vec<(String, u64)> {
        let (least, most) = self.quartiles.unwrap_or_default().fences();
        let width = (most - least) / BARS as f64;
        let bars = &self.numbers.bars;
        let first = bars.iter().position(|count| *count > 0).unwrap_or(0);
        let final_bar = bars.iter().rposition(|count| *count > 0).unwrap_or(0);
        let label = |place: usize| {
            let from = if place == 0 { smallest } else { (least + width * place as f64).max(smallest) };
            let to = if place + 1 == BARS { largest } else { (least + width * (place + 1) as f64).min(largest) };
            format!("{} to {}", brief(from), brief(to))
        };
        (first..=final_bar).map(|place| (label(place), bars[place])).collect()
    }

    fn outliers(&self) -> Vec<Remark> {
        let quartiles = self.quartiles.unwrap_or_default();
        let said = |figure: f64| {
            if is_moment(&self.kind.clean_type()) {
                date_of(figure as i64).map_or_else(|| brief(figure), |date| date.to_string())
            } else {
                brief(figure)
            }
        };
        let reason = format!(
            "far from the others, half of which lie between {} and {}",
            said(quartiles.lower),
            said(quartiles.upper)
        );
        let far = self.far.iter().map(|(value, count)| Remark {
            value: value.clone(),
            count: *count,
            reason: reason.clone(),
        });
        let mut outliers: Vec<Remark> = far.collect();
        if self.quartiles.is_some() {
            // Numbers and dates are judged by what they say and not by how they are written.
            return outliers;
        }
        let shaped: u64 = self.shapes.values().map(|(count, _)| count).sum();
        let usual = self.shapes.iter().max_by(|a, b| a.1.0.cmp(&b.1.0).then_with(|| b.0.cmp(a.0)));
        let Some((usual, (count, _))) = usual.filter(|(_, (count, _))| *count as f64 >= USUAL_SHAPE * shaped as f64)
        else {
            return outliers;
        };
        let share = percent(*count, shaped);
        let odd = self
            .shapes
            .iter()
            .filter(|(shape, (count, _))| *shape != usual && (*count as f64) <= (ODD_SHAPE * shaped as f64).max(1.0));
        outliers.extend(odd.take(SHOWN.saturating_sub(outliers.len())).map(|(shape, (count, example))| Remark {
            value: example.clone(),
            count: *count,
            reason: format!("of the shape {shape}, where {share} of the values are of {usual}"),
        }));
        outliers
    }

    fn patterns(&self) -> Vec<PatternCount> {
        let mut patterns: Vec<PatternCount> = self
            .shapes
            .iter()
            .map(|(pattern, (count, example))| PatternCount {
                pattern: pattern.clone(),
                count: *count,
                example: example.clone(),
            })
            .collect();
        patterns.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.pattern.cmp(&b.pattern)));
        patterns.truncate(SHOWN);
        patterns
    }
}

/// A share as people write it; never 100 % where something is left.
fn percent(part: u64, whole: u64) -> String {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    if part < whole && share >= 99.95 { "over 99.9 %".to_owned() } else { format!("{share:.1} %") }
}

fn is_moment(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Timestamp(_, _))
}

/// Clean values as numbers; dates and moments as days since 1970-01-01.
fn figures(clean: &ArrayRef) -> Vec<Option<f64>> {
    match clean.data_type() {
        DataType::Date32 => clean.as_primitive::<Date32Type>().iter().map(|day| day.map(f64::from)).collect(),
        DataType::Int64 => clean.as_primitive::<Int64Type>().iter().map(|n| n.map(|n| n as f64)).collect(),
        DataType::Decimal128(_, _) => {
            let scale = 10f64.powi(i32::from(DECIMAL_SCALE));
            clean.as_primitive::<Decimal128Type>().iter().map(|n| n.map(|n| n as f64 / scale)).collect()
        }
        DataType::Timestamp(_, _) => {
            let moments = clean.as_primitive_opt::<TimestampMicrosecondType>();
            let day = |micros: i64| {
                DateTime::from_timestamp_micros(micros).map(|moment| (moment.timestamp() / 86_400) as f64)
            };
            moments.map_or_else(Vec::new, |all| all.iter().map(|micros| micros.and_then(day)).collect())
        }
        _ => Vec::new(),
    }
}

fn date_of(day: i64) -> Option<NaiveDate> {
    Date32Type::to_naive_date_opt(i32::try_from(day).ok()?)
}

fn counted(words: &BTreeMap<String, u64>) -> Vec<ValueCount> {
    let mut counted: Vec<ValueCount> =
        words.iter().map(|(value, count)| ValueCount { value: value.clone(), count: *count }).collect();
    counted.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    counted.truncate(SHOWN);
    counted
}

fn years(counts: &BTreeMap<i32, u64>) -> Vec<(String, u64)> {
    let span = counts.keys().next_back().zip(counts.keys().next()).map_or(0, |(last, first)| last - first) as usize;
    let step = if span > YEARS { 10 } else { 1 };
    let mut bars: BTreeMap<i32, u64> = BTreeMap::new();
    for (year, count) in counts {
        *bars.entry(year.div_euclid(step) * step).or_default() += count;
    }
    let label = |year: i32| if step == 1 { year.to_string() } else { format!("{year}s") };
    short(bars.into_iter().map(|(year, count)| (label(year), count)).collect())
}

/// At most so many bars that they can be drawn; what is beyond is put together at the end.
fn short(mut bars: Vec<(String, u64)>) -> Vec<(String, u64)> {
    if bars.len() > YEARS {
        let rest: u64 = bars[YEARS - 1..].iter().map(|(_, count)| count).sum();
        let from = bars[YEARS - 1].0.clone();
        bars.truncate(YEARS - 1);
        bars.push((format!("{from} and more"), rest));
    }
    bars
}

/// A figure with six significant digits.
fn plain(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(figure)
}

/// A figure as a person reads it.
fn brief(figure: f64) -> String {
    let rounded = plain(figure);
    if rounded.fract().abs() < 1e-9 { format!("{rounded:.0}") } else { format!("{rounded}") }
}
