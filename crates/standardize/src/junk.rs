//! Values that stand on so many rows that they name nobody: a switchboard's number, nobody@example.com, 1 January 1900.
//!
//! Judged by frequency in the column, once, and pinned by the epoch. A value is junk when it stands on more rows than
//! one household can have ([`most_rows`]), unless the names on those rows say that it is one household after all: the same
//! person, entered thirty times, keeps her telephone. The rejected alternative, a list of known bad values, does not
//! know this company's switchboard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::nullif;
use onefold_contract::change::LINEAGE;
use onefold_contract::standardizer::{ColumnDecision, Defect, Standardized};
use onefold_contract::{AttributeKind, Result};

use crate::plan::{ColumnPlan, StandardizePlan};
use crate::registry::Registry;
use crate::stage::printed;
use crate::text::key;
use crate::value_wise::Distinct;

/// The rule's code. Junk never holds a row back, however strict its column: the value is well formed.
pub(crate) const RULE: &str = "junk-value";

/// This many rows or fewer may share a value, whatever the size of the column.
const FEW_ROWS: u64 = 20;
/// Where no column tells who is behind the rows, one row in so many may share a value,
const SHARE: u64 = 1_000;
/// and never more than this.
const MANY_ROWS: u64 = 200;
/// Rows that bear at most this many different family names may be one household.
const HOUSEHOLD_NAMES: usize = 3;

/// Dates that programs write where they have none: the zero of Excel, of the Macintosh, of Unix and of SQL Server.
pub(crate) const PLACEHOLDER_DATES: [&str; 7] =
    ["0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1970-01-01"];

/// How many of `rows` may share a value before it names nobody.
pub(crate) fn most_rows(kind: AttributeKind, rows: u64, names_tell: bool) -> u64 {
    match kind {
        // Some people were born on 1 January 1970: about one in twenty thousand.
        AttributeKind::BirthDate | AttributeKind::Date => (rows / SHARE).max(FEW_ROWS),
        _ if names_tell => FEW_ROWS,
        _ => (rows / SHARE).clamp(FEW_ROWS, MANY_ROWS),
    }
}

/// Adds to a column's decision the clean values that are junk, and why. Only telephone numbers and e-mail addresses are
/// judged by frequency alone; of dates only those that programs are known to write where they have none.
pub(crate) fn judge(
    column: &ColumnPlan,
    values: &StringArray,
    registry: &Registry<'_>,
    names: &FamilyNames<'_>,
    decision: &mut ColumnDecision,
) {
    let kind = column.kind;
    let dates = matches!(kind, AttributeKind::BirthDate | AttributeKind::Date);
    if !dates && !matches!(kind, AttributeKind::Phone | AttributeKind::Email) {
        return;
    }
    let distinct = Distinct::of(values, |_| true);
    let clean = registry.of(kind).standardize(kind, &distinct.values, &column.settings, decision).clean;
    let Ok(clean) = printed(&clean) else { return };
    let clean = clean.as_string::<i32>();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (value, count) in clean.iter().zip(distinct.counts()) {
        if let Some(value) = value.filter(|value| !dates || PLACEHOLDER_DATES.contains(value)) {
            *counts.entry(value).or_default() += count;
        }
    }
    let rows = (distinct.places.len() - distinct.places.null_count()) as u64;
    let most = most_rows(kind, rows, names.column.is_some());
    counts.retain(|_, count| *count > most);
    if !dates && !counts.is_empty() {
        let rows_of = rows_by_value(&counts, clean, &distinct);
        counts.retain(|value, _| !names.one_household(&rows_of[value]));
    }
    add(decision, &counts, most, rows);
}

/// The rows on which each of the counted values stands.
fn rows_by_value<'a>(
    counts: &BTreeMap<&'a str, u64>,
    clean: &StringArray,
    distinct: &Distinct,
) -> BTreeMap<&'a str, Vec<usize>> {
    let counted = |value: Option<&str>| counts.get_key_value(value?).map(|(value, _)| *value);
    let value_of: Vec<Option<&'a str>> = clean.iter().map(counted).collect();
    let mut rows: BTreeMap<&'a str, Vec<usize>> = counts.keys().map(|value| (*value, Vec::new())).collect();
    for (row, place) in distinct.places.iter().enumerate() {
        if let Some(rows) = place.and_then(|place| value_of[place as usize]).and_then(|value| rows.get_mut(value)) {
            rows.push(row);
        }
    }
    rows
}

fn add(decision: &mut ColumnDecision, counts: &BTreeMap<&str, u64>, most: u64, rows: u64) {
    if counts.is_empty() {
        return;
    }
    let mut listed: Vec<(&&str, &u64)> = counts.iter().collect();
    listed.sort_by_key(|(value, count)| (std::cmp::Reverse(**count), **value));
    let shown: Vec<String> = listed.iter().take(3).map(|(value, count)| format!("{value} on {count}")).collect();
    let more = if listed.len() > shown.len() { " ..." } else { "" };
    let (values, stand, name) =
        if counts.len() == 1 { ("value", "stands", "names") } else { ("values", "stand", "name") };
    let sentence = format!(
        "{} {values} {stand} on more than {most} of {rows} rows and {name} nobody: {}{more}",
        counts.len(),
        shown.join(", ")
    );
    decision.evidence =
        if decision.evidence.is_empty() { sentence } else { format!("{}; {sentence}", decision.evidence) };
    decision.junk.extend(counts.keys().map(|value| (*value).to_owned()));
}

/// The family names of a table's rows, read only for rows that share a suspicious value.
pub(crate) struct FamilyNames<'a> {
    registry: &'a Registry<'a>,
    column: Option<(&'a ColumnPlan, &'a StringArray)>,
}

impl<'a> FamilyNames<'a> {
    /// Finds the column of family names, else of full names, else of companies' names.
    pub(crate) fn of(plan: &'a StandardizePlan, staged: &'a RecordBatch, registry: &'a Registry<'a>) -> Self {
        let kinds = [AttributeKind::FamilyName, AttributeKind::FullName, AttributeKind::CompanyName];
        let place = kinds.iter().find_map(|kind| plan.columns.iter().position(|column| column.kind == *kind));
        let column = place.and_then(|place| {
            Some((&plan.columns[place], staged.column(LINEAGE.len() + place).as_string_opt::<i32>()?))
        });
        Self { registry, column }
    }

    /// Whether the rows bear so few names that they may be one household. Rows without names tell nothing.
    fn one_household(&self, rows: &[usize]) -> bool {
        let Some((column, texts)) = self.column else { return false };
        let distinct: BTreeSet<&str> =
            rows.iter().filter(|row| texts.is_valid(**row)).map(|row| texts.value(*row)).collect();
        let distinct = StringArray::from_iter_values(distinct);
        let standardizer = self.registry.of(column.kind);
        let clean = standardizer.standardize(column.kind, &distinct, &column.settings, &ColumnDecision::default());
        let suffixes = column.kind.derived();
        let family = suffixes.iter().position(|(suffix, _)| *suffix == "_family").and_then(|p| clean.derived.get(p));
        let names = family.unwrap_or(&clean.clean).as_string::<i32>();
        let names: BTreeSet<String> = names.iter().flatten().map(key).collect();
        !names.is_empty() && names.len() <= HOUSEHOLD_NAMES
    }
}

/// Leaves out the clean values that the decision calls junk; each is a defect.
///
/// # Errors
/// A bug, where the clean values cannot be printed.
pub(crate) fn leave_out(results: Standardized, decision: &ColumnDecision) -> Result<Standardized> {
    if decision.junk.is_empty() {
        return Ok(results);
    }
    let Standardized { clean, derived, mut defects } = results;
    let texts = printed(&clean)?;
    let junk: BTreeSet<&str> = decision.junk.iter().map(String::as_str).collect();
    let is_junk: Vec<bool> = texts.as_string::<i32>().iter().map(|t| t.is_some_and(|t| junk.contains(t))).collect();
    for (row, text) in texts.as_string::<i32>().iter().enumerate().filter(|(row, _)| is_junk[*row]) {
        let reason = format!("{} stands on so many rows that it names nobody", text.unwrap_or_default());
        defects.push(Defect { row, rule: RULE, reason });
    }
    defects.sort_by_key(|defect| defect.row);
    Ok(Standardized { clean: Arc::clone(&nullif(&clean, &BooleanArray::from(is_junk))?), derived, defects })
}
