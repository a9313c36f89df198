//! One source: standardized, as changes to what stands.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use onefold_contract::change::{LOAD_ID, LineageColumns, OPERATION, Operation, SOURCE, SOURCE_KEY, capture_messages};
use onefold_contract::ledger::ControlTotal;
use onefold_contract::reject::RejectScope;
use onefold_contract::standardizer::ColumnDecision;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Balance, ChangeBatch, Reject, Result};
use onefold_sources::spec::SourceSpec;
use onefold_standardize::Dictionaries;

use super::Stage;
use super::extract::{self, Extracted};
use super::fold::{Standing, text};
use super::work::Work;
use crate::bind;

/// A source after standardizing.
pub(crate) struct Cleaned {
    pub(crate) source: String,
    pub(crate) table: TableName,
    pub(crate) changes: ChangeBatch,
    /// The standardized rows after the changes.
    pub(crate) rows: RecordBatch,
    /// All rejects of this stage that stand, those of earlier runs included.
    pub(crate) rejects: Vec<Reject>,
    pub(crate) balance: Balance,
}

/// Standardizes what changed; everything, where `anew` says that the rules are others than those of the last release.
pub(crate) fn clean(
    work: &Work<'_>,
    source: &SourceSpec,
    staged: &Extracted,
    decisions: &BTreeMap<String, ColumnDecision>,
    dictionaries: &Dictionaries,
    anew: bool,
) -> Result<Cleaned> {
    let table = TableName::new(Layer::Standardized, &source.name);
    let standing = Standing::read(work.lake, work.base, &table)?;
    let earlier = work.standing_rejects(&source.name);
    let held_before: HashSet<&str> =
        earlier.iter().filter(|r| r.scope == RejectScope::Row).filter_map(|r| r.source_key.as_deref()).collect();
    let input = input(staged, &held_before, anew)?;

    let plan = bind::standardize_plan(source);
    let outcome = onefold_standardize::standardize(&plan, &input, decisions, dictionaries)?;
    let accepted = &outcome.accepted;
    let removed: Vec<bool> = text(accepted, OPERATION)?
        .iter()
        .map(|o| o == Some(Operation::Delete.name()) || o == Some(Operation::Erase.name()))
        .collect();
    let lineage = LineageColumns {
        load_ids: text(accepted, LOAD_ID)?,
        run: &work.run,
        sources: text(accepted, SOURCE)?,
        keys: text(accepted, SOURCE_KEY)?,
    };
    let content = ChangeBatch::try_new(accepted.clone())?.content()?;
    let (changes, counts, messages) = capture_messages(&lineage, &removed, &content, &standing.hashes)?;
    let changes = ChangeBatch::try_new(work.faults.pass(Stage::Standardized, changes.into_batch()))?;
    let rows = standing.fold(&changes)?;

    let rejects = standing_rejects(earlier, &outcome.rejects, &input, &staged.rows)?;
    let quarantined = extract::count_rows(&outcome.rejects);
    let kept: HashSet<&str> = text(&rows, SOURCE_KEY)?.iter().flatten().collect();
    let row_keys = rejects.iter().filter(|r| r.scope == RejectScope::Row).filter_map(|r| r.source_key.as_deref());
    let held: HashSet<&str> = row_keys.filter(|key| !kept.contains(key)).collect();
    let records = ControlTotal {
        name: "staged records".to_string(),
        delivered: staged.rows.num_rows().to_string(),
        accounted: (rows.num_rows() + held.len()).to_string(),
        written: None,
    };
    let mut control_totals = vec![changes.total(&counts), records];
    // A changed row that is held back leaves its older version standing, whose sums are others by right.
    if rejects
        .iter()
        .all(|r| r.scope == RejectScope::Value || r.source_key.as_deref().is_some_and(|k| held.contains(k)))
    {
        control_totals.extend(extract::totals_between(source, &staged.rows, &rows, &held)?);
    }
    let balance = Balance {
        table: table.to_string(),
        grain: source.grain.clone(),
        before: standing.count(),
        read: input.num_rows() as u64,
        inserted: counts.inserted,
        updated: counts.updated,
        unchanged: counts.unchanged,
        delete_messages: messages,
        deleted: counts.deleted,
        quarantined,
        after: rows.num_rows() as u64,
        control_totals,
        ..Balance::default()
    };
    Ok(Cleaned { source: source.name.clone(), table, changes, rows, rejects, balance })
}

/// The rows to standardize: the changes; and what did not go through before, since a better dictionary may heal it.
fn input(staged: &Extracted, held_before: &HashSet<&str>, anew: bool) -> Result<RecordBatch> {
    let changes = staged.changes.batch();
    let touched: HashSet<&str> = text(changes, SOURCE_KEY)?.iter().flatten().collect();
    let again = |key: Option<&str>| {
        let key = key.unwrap_or_default();
        !touched.contains(key) && (anew || held_before.contains(key))
    };
    let mask: BooleanArray = text(&staged.rows, SOURCE_KEY)?.iter().map(|key| Some(again(key))).collect();
    let others = filter_record_batch(&staged.rows, &mask)?;
    Ok(concat_batches(&changes.schema(), [changes, &others])?)
}

/// The rejects that stand after this run: new ones, and earlier ones of rows that were not looked at again and are still
/// there.
fn standing_rejects(
    earlier: &[Reject],
    new: &[Reject],
    input: &RecordBatch,
    staged: &RecordBatch,
) -> Result<Vec<Reject>> {
    let looked_at: HashSet<&str> = text(input, SOURCE_KEY)?.iter().flatten().collect();
    let there: HashSet<&str> = text(staged, SOURCE_KEY)?.iter().flatten().collect();
    let stands = |reject: &&Reject| {
        let key = reject.source_key.as_deref().unwrap_or_default();
        there.contains(key) && !looked_at.contains(key)
    };
    let mut rejects: Vec<Reject> = earlier.iter().filter(stands).chain(new).cloned().collect();
    rejects.sort_by(|a, b| (&a.source_key, &a.column, &a.rule).cmp(&(&b.source_key, &b.column, &b.rule)));
    Ok(rejects)
}
