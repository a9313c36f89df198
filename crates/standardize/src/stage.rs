//! The stage: staged rows in, standardized rows and rejects out.
//!
//! The original of every value stands beside the clean one, so a defect costs nobody anything but the clean value,
//! unless the column's contract says `strict`. Then the row is held back, in one reject however many of its values are
//! flawed, because rows in = rows out + row rejects must close.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::change::{LINEAGE, OPERATION, Operation, SOURCE_KEY, change_schema};
use onefold_contract::reject::RejectScope;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Defect, Standardized};
use onefold_contract::{Failure, Outcome, Reject, Result};

use crate::Dictionaries;
use crate::junk;
use crate::parts::Parts;
use crate::plan::{ColumnPlan, StandardizePlan, standardized_schema};
use crate::registry::Registry;
use crate::value_wise::{Distinct, text_array};

/// The stage's name in rejects.
const STAGE: &str = "standardized";

/// Standardizes a change batch: the six lineage columns, then the staged content in the order of the plan. The result
/// has the same lineage columns and the content of [`standardized_schema`]. Rows with a defect in a strict column are left
/// out and rejected; other defects leave the clean value absent and are rejected as values. Rows that delete or erase
/// pass through without content.
///
/// # Errors
/// A bug, where the batch is not laid out as the plan says.
pub fn standardize(
    plan: &StandardizePlan,
    staged: &RecordBatch,
    decisions: &BTreeMap<String, ColumnDecision>,
    dictionaries: &Dictionaries,
) -> Result<Outcome<RecordBatch>> {
    let rows = Rows::of(plan, staged)?;
    let registry = Registry::new(dictionaries);
    let no_decision = ColumnDecision::default();
    let mut columns: Vec<ArrayRef> = staged.columns()[..LINEAGE.len()].to_vec();
    let mut found: Vec<Found> = Vec::new();
    for (place, column) in plan.columns.iter().enumerate() {
        let values = staged.column(LINEAGE.len() + place);
        let decision = decisions.get(&column.name).unwrap_or(&no_decision);
        let parts = Parts::of(column, staged, dictionaries);
        let (clean, defects) = rows.column(column, values, decision, &registry, parts.as_ref())?;
        columns.extend(clean);
        found.extend(defects.into_iter().map(|defect| Found { place, defect }));
    }
    let batch = RecordBatch::try_new(change_schema(&standardized_schema(plan)), columns)?;
    let (rejects, kept) = rows.rejects(plan, staged, found);
    let accepted = if kept.true_count() == kept.len() { batch } else { filter_record_batch(&batch, &kept)? };
    Ok(Outcome { accepted, rejects })
}

/// What whole columns tell, by column: asked once, when an epoch is trained. Columns that nothing is decided about are
/// not listed. `staged` is laid out as for [`standardize`]; columns that it lacks are passed over.
pub fn decide(
    plan: &StandardizePlan,
    staged: &RecordBatch,
    dictionaries: &Dictionaries,
) -> BTreeMap<String, ColumnDecision> {
    let Ok(rows) = Rows::of(plan, staged) else { return BTreeMap::new() };
    let registry = Registry::new(dictionaries);
    let names = junk::FamilyNames::of(plan, staged, &registry);
    let mut decisions = BTreeMap::new();
    for (place, column) in plan.columns.iter().enumerate() {
        let Some(values) = staged.column(LINEAGE.len() + place).as_string_opt::<i32>() else { continue };
        let values = rows.present(values);
        let standardizer = registry.of(column.kind);
        let mut decision = match Parts::of(column, staged, dictionaries) {
            Some(parts) => parts.decide(&values, standardizer, &column.settings),
            None => standardizer.decide(&values, &column.settings),
        };
        junk::judge(column, &values, &registry, &names, &mut decision);
        if decision != ColumnDecision::default() {
            decisions.insert(column.name.clone(), decision);
        }
    }
    decisions
}

/// A defect and the place of its column in the plan.
struct Found {
    place: usize,
    defect: Defect,
}

/// The rows of a batch that obeys the plan.
struct Rows {
    /// Which rows say that a record is gone.
    removed: Vec<bool>,
}

impl Rows {
    fn of(plan: &StandardizePlan, staged: &RecordBatch) -> Result<Self> {
        let schema = staged.schema();
        let expected = LINEAGE.iter().copied().chain(plan.columns.iter().map(|c| c.name.as_str()));
        let names = schema.fields().iter().map(|f| f.name().as_str());
        if !expected.clone().eq(names.clone()) {
            return Err(Failure::bug(format!(
                "the staged rows of {} have the columns {}, expected {}",
                plan.source,
                names.collect::<Vec<_>>().join(", "),
                expected.collect::<Vec<_>>().join(", ")
            )));
        }
        let operations = text_column(staged, OPERATION)?;
        let removes = |operation: Option<&str>| {
            [Operation::Delete, Operation::Erase].iter().any(|removal| operation == Some(removal.name()))
        };
        Ok(Self { removed: operations.iter().map(removes).collect() })
    }

    /// The clean column, the derived ones and the original, with the defects.
    fn column(
        &self,
        column: &ColumnPlan,
        values: &ArrayRef,
        decision: &ColumnDecision,
        registry: &Registry<'_>,
        parts: Option<&Parts>,
    ) -> Result<(Vec<ArrayRef>, Vec<Defect>)> {
        let kind = column.kind;
        if let Some(texts) = values.as_string_opt::<i32>() {
            let clean = |settings: &ColumnSettings, decision: &ColumnDecision, counts: &dyn Fn(usize) -> bool| {
                let distinct = Distinct::of(texts, |row| !self.removed[row] && counts(row));
                let results = registry.of(kind).standardize(kind, &distinct.values, settings, decision);
                distinct.spread(&junk::leave_out(results, decision)?)
            };
            let Standardized { clean, derived, defects } = match parts {
                Some(parts) => parts.standardize(&column.settings, decision, clean)?,
                None => clean(&column.settings, decision, &|_| true)?,
            };
            let mut columns = vec![clean];
            columns.extend(derived);
            if kind.keeps_original() {
                columns.push(Arc::new(self.present(texts)));
            }
            return Ok((columns, defects));
        }
        if values.data_type() == &kind.clean_type() {
            return Ok((self.typed(column, values)?, Vec::new()));
        }
        let expected =
            if kind.clean_type() == DataType::Utf8 { String::new() } else { format!(" or {}", kind.clean_type()) };
        let found = values.data_type();
        Err(Failure::bug(format!("column {} is staged as {found}, expected Utf8{expected}", column.name)))
    }

    /// A column that staging typed already: it is clean, its original is its printed value, and nothing is derived.
    fn typed(&self, column: &ColumnPlan, values: &ArrayRef) -> Result<Vec<ArrayRef>> {
        let removed = BooleanArray::from(self.removed.clone());
        let clean = arrow::compute::nullif(values, &removed)?;
        let mut columns = vec![Arc::clone(&clean)];
        for (suffix, data_type) in column.kind.derived() {
            columns.push(match suffix {
                "_original" => printed(&clean)?,
                _ => arrow::array::new_null_array(&data_type, clean.len()),
            });
        }
        Ok(columns)
    }

    /// The texts of rows that are there.
    fn present(&self, texts: &StringArray) -> StringArray {
        if !self.removed.contains(&true) {
            return texts.clone();
        }
        texts.iter().zip(&self.removed).map(|(text, removed)| text.filter(|_| !removed)).collect()
    }

    /// The rejects by row and column, and which rows stay.
    fn rejects(
        &self,
        plan: &StandardizePlan,
        staged: &RecordBatch,
        mut found: Vec<Found>,
    ) -> (Vec<Reject>, BooleanArray) {
        found.sort_by_key(|f| (f.defect.row, f.place));
        let mut kept = vec![true; self.removed.len()];
        let mut rejects = Vec::new();
        for flaws in found.chunk_by(|a, b| a.defect.row == b.defect.row) {
            let bad = flaws.iter().position(|f| plan.columns[f.place].strict && f.defect.rule != junk::RULE);
            if let Some(first) = bad {
                kept[flaws[first].defect.row] = false;
                rejects.push(row_reject(plan, staged, flaws, first));
            } else {
                rejects.extend(flaws.iter().map(|f| reject(plan, staged, f, RejectScope::Value)));
            }
        }
        (rejects, BooleanArray::from(kept))
    }
}

/// One reject for a row: the first strict column is to blame, and the reason names what else is wrong with the row.
fn row_reject(plan: &StandardizePlan, staged: &RecordBatch, flaws: &[Found], first: usize) -> Reject {
    let mut rejected = reject(plan, staged, &flaws[first], RejectScope::Row);
    for (place, flaw) in flaws.iter().enumerate() {
        if place != first {
            let column = &plan.columns[flaw.place].name;
            rejected.reason = format!("{}; also {column}: {}", rejected.reason, flaw.defect.reason);
        }
    }
    rejected
}

fn reject(plan: &StandardizePlan, staged: &RecordBatch, found: &Found, scope: RejectScope) -> Reject {
    let row = found.defect.row;
    let text = |column: &dyn Array| {
        let texts = column.as_any().downcast_ref::<StringArray>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    };
    let key_place = LINEAGE.iter().position(|name| *name == SOURCE_KEY).unwrap_or_default();
    Reject {
        scope,
        stage: STAGE.to_owned(),
        source: plan.source.clone(),
        source_key: text(staged.column(key_place)),
        location: format!("staged.{}", plan.source),
        row: None,
        column: Some(plan.columns[found.place].name.clone()),
        rule: found.defect.rule.to_owned(),
        raw_value: text(staged.column(LINEAGE.len() + found.place)),
        reason: found.defect.reason.clone(),
    }
}

fn text_column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| Failure::bug(format!("a change batch lacks its text column {name}")))
}

/// A column's values as text. Arrow prints no time zone by name unless it is built with all of them, and the only one here
/// is UTC, so moments are printed from the same instants without a zone, and the zone is added.
pub(crate) fn printed(values: &ArrayRef) -> Result<ArrayRef> {
    let is_moment = matches!(values.data_type(), DataType::Timestamp(_, Some(_)));
    let plain = match values.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(moments) if is_moment => Arc::new(moments.clone().with_timezone_opt(None::<Arc<str>>)) as ArrayRef,
        _ => Arc::clone(values),
    };
    let options = FormatOptions::default();
    let printer = ArrayFormatter::try_new(plain.as_ref(), &options)?;
    let zone = if is_moment { "Z" } else { "" };
    let text = |row: usize| plain.is_valid(row).then(|| format!("{}{zone}", printer.value(row)));
    let texts: Vec<Option<String>> = (0..plain.len()).map(text).collect();
    Ok(text_array(texts.iter().map(Option::as_deref)))
}
