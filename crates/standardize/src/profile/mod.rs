//! Profiles of tables that nobody has declared anything about.
//!
//! A table goes by once, or twice: [`Profiler::observe`] counts and draws a sample, [`Profiler::guess`] takes each column
//! for a kind, and the kinds are then examined, either on the sample ([`Guessed::finish_on_sample`]) or on all rows, which go by
//! a second time ([`Guessed::finish`]). Memory is bounded by the number of columns, not of rows, and the result
//! does not depend on how rows are cut into batches. The rejected alternative, one pass that reads each value as every kind that
//! it could be, costs ten times as much and still cannot tell the order of a date's parts.

mod column_name;
mod compound;
mod examine;
mod guess;
mod sample;
mod shape;
mod sketch;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use onefold_contract::profile::{ColumnProfile, Distinct, KindGuess, Remark, TableProfile};
use onefold_contract::standardizer::ColumnSettings;
use onefold_contract::{AttributeKind, Failure, Result};

use self::examine::Examiner;
use self::sample::Sampler;
use self::sketch::{DistinctCounter, ValueCounter, hash_of};
use self::values::Values;
use crate::registry::Registry;
use crate::{ColumnPlan, Dictionaries, StandardizePlan, junk};

/// Rows of the sample.
const SAMPLE: usize = 20_000;
/// Up to so many distinct values are counted exactly.
const DISTINCT: usize = 1 << 20;
/// Values that are counted one by one; twice as many at times.
const COUNTED: usize = 1 << 15;
/// The most frequent values that a profile names.
const TOP: usize = 10;
/// Below this confidence a column's kind is told as a doubt.
pub const DOUBT: f64 = 0.6;

/// What is known before a table is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileSettings {
    /// Kinds that a person has said, by column; nothing is guessed there.
    pub kinds: BTreeMap<String, AttributeKind>,
    /// The region whose conventions hold; guessed where absent.
    pub region: Option<String>,
}

/// Sees a table go by.
pub struct Profiler {
    columns: Vec<Seen>,
    sampler: Sampler,
    settings: ProfileSettings,
}

/// What is counted of a column at the first look.
struct Seen {
    name: String,
    rows: u64,
    nulls: u64,
    blanks: u64,
    distinct: DistinctCounter,
    values: ValueCounter,
}

impl Profiler {
    /// A profiler of a table with these columns, each of text.
    pub fn new(columns: &[String], settings: ProfileSettings) -> Self {
        let seen = |name: &String| Seen {
            name: name.clone(),
            rows: 0,
            nulls: 0,
            blanks: 0,
            distinct: DistinctCounter::new(DISTINCT),
            values: ValueCounter::new(COUNTED),
        };
        Self { columns: columns.iter().map(seen).collect(), sampler: Sampler::new(SAMPLE), settings }
    }

    /// Sees the next rows.
    ///
    /// # Errors
    /// A bug, where the batch has other columns than were named, or one that is not text.
    pub fn observe(&mut self, batch: &RecordBatch) -> Result<()> {
        let texts = text_columns(batch, self.columns.iter().map(|column| column.name.as_str()))?;
        for (seen, column) in self.columns.iter_mut().zip(&texts) {
            seen.rows += column.len() as u64;
            for text in *column {
                match text {
                    None => seen.nulls += 1,
                    Some(text) if text.trim().is_empty() => seen.blanks += 1,
                    Some(text) => {
                        let hash = hash_of(text);
                        seen.distinct.add(hash);
                        seen.values.add(hash, text);
                    }
                }
            }
        }
        self.sampler.add(&texts, batch.num_rows());
        Ok(())
    }

    /// Takes each column for a kind.
    pub fn guess(self, dictionaries: &Dictionaries) -> Guessed<'_> {
        let registry = Registry::new(dictionaries);
        let rows = self.sampler.seen();
        let sample = self.sampler.finish(self.columns.len());
        let mut columns: Vec<ColumnProfile> = Vec::with_capacity(self.columns.len());
        for (seen, values) in self.columns.iter().zip(&sample) {
            let said = self.settings.kinds.get(&seen.name).copied();
            columns.push(first_look(seen, values, said, &registry, dictionaries));
        }
        let (region, region_reason) = match self.settings.region {
            Some(region) => (Some(region), "it was given".to_owned()),
            None => region_of(&columns, &sample, &registry, dictionaries),
        };
        let table = TableProfile { rows, columns, compounds: Vec::new(), region, region_reason };
        Guessed { table, sample, dictionaries }
    }
}

/// A table whose columns were each taken for a kind.
pub struct Guessed<'d> {
    table: TableProfile,
    sample: Vec<StringArray>,
    dictionaries: &'d Dictionaries,
}

impl Guessed<'_> {
    /// The profile, its columns examined on the sample.
    pub fn finish_on_sample(self) -> TableProfile {
        let registry = Registry::new(self.dictionaries);
        let mut examiners = self.examiners(&registry);
        for (examiner, values) in examiners.iter_mut().zip(&self.sample) {
            examiner.add(values);
        }
        self.finished(examiners)
    }

    /// The profile, its columns examined on all rows, which go by a second time.
    ///
    /// # Errors
    /// What reading the rows fails with; a bug, where they have other columns than at the first time.
    pub fn finish(self, rows: impl Iterator<Item = Result<RecordBatch>>) -> Result<TableProfile> {
        let registry = Registry::new(self.dictionaries);
        let mut examiners = self.examiners(&registry);
        for batch in rows {
            let batch = batch?;
            let texts = text_columns(&batch, self.table.columns.iter().map(|column| column.name.as_str()))?;
            for (examiner, values) in examiners.iter_mut().zip(texts) {
                examiner.add(values);
            }
        }
        Ok(self.finished(examiners))
    }

    fn examiners<'a>(&self, registry: &'a Registry<'a>) -> Vec<Examiner<'a>> {
        let columns = self.table.columns.iter().zip(&self.sample);
        let examiner = |(column, sample): (&ColumnProfile, &StringArray)| {
            Examiner::new(column.guess.kind, settings_of(&self.table, column), registry, sample)
        };
        columns.map(examiner).collect()
    }

    fn finished(self, examiners: Vec<Examiner<'_>>) -> TableProfile {
        let Self { mut table, sample, .. } = self;
        for (column, examiner) in table.columns.iter_mut().zip(examiners) {
            column.guess.date_order = examiner.decision().date_order;
            let evidence = &examiner.decision().evidence;
            if !evidence.is_empty() {
                column.guess.reasons.push(evidence.clone());
            }
            examiner.finish(column);
            column.junk = junk_of(column);
            column.looks_like_key = looks_like_key(column);
        }
        table.compounds = compound::compounds(&table.columns, &sample);
        table
    }
}

/// How a table with this profile is standardized: every column under its own name as what it was taken for, none strict.
pub fn standardize_plan(profile: &TableProfile, source: &str) -> StandardizePlan {
    let column = |column: &ColumnProfile| ColumnPlan {
        name: column.name.clone(),
        kind: column.guess.kind,
        settings: settings_of(profile, column),
        strict: false,
        by: None,
    };
    StandardizePlan { source: source.to_owned(), columns: profile.columns.iter().map(column).collect() }
}

fn settings_of(table: &TableProfile, column: &ColumnProfile) -> ColumnSettings {
    ColumnSettings { region: table.region.clone(), date_order: column.guess.date_order, ..ColumnSettings::default() }
}

fn text_columns<'a, 'n>(batch: &'a RecordBatch, names: impl Iterator<Item = &'n str>) -> Result<Vec<&'a StringArray>> {
    let text = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    names
        .map(|name| text(name).ok_or_else(|| Failure::bug(format!("a table to profile lacks its text column {name}"))))
        .collect()
}

/// What the first look tells of a column.
fn first_look(
    seen: &Seen,
    sample: &StringArray,
    said: Option<AttributeKind>,
    registry: &Registry<'_>,
    dictionaries: &Dictionaries,
) -> ColumnProfile {
    let distinct = seen.distinct.count();
    let present = seen.rows - seen.nulls - seen.blanks;
    let unique = present > 0 && !seen.distinct.repeated();
    let guess = if let Some(kind) = said {
        let reasons = vec!["it was given".to_owned()];
        KindGuess { kind, confidence: 1.0, reasons, others: Vec::new(), date_order: None }
    } else {
        let values = Values::new(sample, registry, dictionaries, ColumnSettings::default());
        guess::guess(&seen.name, &values, unique, distinct.count)
    };
    ColumnProfile {
        name: seen.name.clone(),
        guess,
        rows: seen.rows,
        nulls: seen.nulls,
        blanks: seen.blanks,
        null_words: Vec::new(),
        distinct: Distinct { error: (distinct.error * 1e6).round() / 1e6, ..distinct },
        top: seen.values.top(TOP),
        top_error: seen.values.error(),
        agreement: seen.values.agreement(present, distinct.count),
        examined: 0,
        patterns: Vec::new(),
        lengths: None,
        numbers: None,
        dates: None,
        histogram: None,
        outliers: Vec::new(),
        junk: Vec::new(),
        defects: Vec::new(),
        of_record: column_name::is_of_record(&seen.name),
        unique,
        looks_like_key: false,
    }
}

/// The region that most telephone numbers and postcodes follow; where there is a column of countries, the one that most
/// rows name.
fn region_of(
    columns: &[ColumnProfile],
    sample: &[StringArray],
    registry: &Registry<'_>,
    dictionaries: &Dictionaries,
) -> (Option<String>, String) {
    let of_kind = |kind: AttributeKind| columns.iter().zip(sample).filter(move |(column, _)| column.guess.kind == kind);
    let values = |sample: &StringArray| Values::new(sample, registry, dictionaries, ColumnSettings::default());
    for (column, _) in of_kind(AttributeKind::Country) {
        let named = column.top.first().map(|top| StringArray::from(vec![top.value.as_str()]));
        let clean = named.map(|named| values(&named).clean(AttributeKind::Country)).unwrap_or_default();
        if let Some(region) = clean.into_iter().next().filter(|code| code.len() == 2) {
            return (Some(region), format!("most rows name it in column {}", column.name));
        }
    }
    let tested: Vec<(AttributeKind, Values<'_>)> = [AttributeKind::Phone, AttributeKind::Postcode]
        .into_iter()
        .flat_map(|kind| of_kind(kind).map(move |(_, sample)| (kind, sample)))
        .map(|(kind, sample)| (kind, values(sample)))
        .collect();
    if tested.is_empty() {
        return (None, String::new());
    }
    let fit = |region: &str| {
        let settings = ColumnSettings { region: Some(region.to_owned()), ..ColumnSettings::default() };
        tested.iter().map(|(kind, values)| values.fit_with(*kind, &settings)).sum::<f64>() / tested.len() as f64
    };
    let mut best: Option<(f64, &str)> = None;
    for region in REGIONS {
        let fit = fit(region);
        if fit >= 0.8 && best.is_none_or(|(known, _)| fit > known + 0.01) {
            best = Some((fit, region));
        }
    }
    match best {
        Some((share, region)) => (
            Some(region.to_owned()),
            format!("{:.0} % of the telephone numbers and postcodes have the form of that region's", share * 100.0),
        ),
        None => (None, String::new()),
    }
}

/// Regions that are tried, the likeliest first: of two that fit as well, the earlier holds.
const REGIONS: [&str; 12] = ["US", "GB", "IN", "DE", "FR", "AU", "CA", "ES", "IT", "NL", "BR", "JP"];

/// Frequent values that name nobody.
fn junk_of(column: &ColumnProfile) -> Vec<Remark> {
    let kind = column.guess.kind;
    if !matches!(kind, AttributeKind::Phone | AttributeKind::Email | AttributeKind::BirthDate | AttributeKind::Date) {
        return Vec::new();
    }
    let most = junk::most_rows(kind, column.present(), true);
    let dates = matches!(kind, AttributeKind::BirthDate | AttributeKind::Date);
    let is_junk = |value: &str| !dates || junk::PLACEHOLDER_DATES.contains(&value);
    let reason = format!("stands on more than {most} of {} rows, so it names nobody", column.present());
    let junk = column.top.iter().filter(|top| top.count > most && is_junk(&top.value));
    junk.map(|top| Remark { value: top.value.clone(), count: top.count, reason: reason.clone() }).collect()
}

/// Unique, in every row, and of a kind that can be a key.
fn looks_like_key(column: &ColumnProfile) -> bool {
    use AttributeKind::{Email, FreeText, Identifier, Integer};
    let can_be = matches!(column.guess.kind, Identifier | Email | Integer | FreeText);
    let short = column.lengths.is_some_and(|lengths| lengths.longest <= 64);
    can_be && short && column.rows > 1 && column.unique && column.present() == column.rows
}
