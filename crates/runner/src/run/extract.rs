//! One source: landed as received, then staged as changes.

use arrow::array::RecordBatch;
use onefold_contract::change::LINEAGE;
use onefold_contract::extractor::ExtractorState;
use onefold_contract::ledger::ControlTotal;
use onefold_contract::reject::RejectScope;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Balance, ChangeBatch, Failure, Reject, Result};
use onefold_sources::ControlSum;
use onefold_sources::spec::SourceSpec;

use super::fold::Standing;
use super::work::Work;
use super::{Stage, totals};
use crate::progress::Watched;

/// A source after staging.
pub(crate) struct Extracted {
    pub(crate) table: TableName,
    pub(crate) changes: ChangeBatch,
    /// The staged rows after the changes.
    pub(crate) rows: RecordBatch,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) delivered: u64,
    pub(crate) balance: Balance,
    pub(crate) notes: Vec<String>,
    pub(crate) state: ExtractorState,
}

/// Lands and stages one source.
pub(crate) fn extract(work: &Work<'_>, source: &SourceSpec) -> Result<Extracted> {
    let table = TableName::new(Layer::Staged, &source.name);
    let standing = Standing::read(work.lake, work.base, &table)?;
    same_columns(source, &standing)?;
    let extractor = work.faults.extractor(onefold_sources::extractor(source)?);
    let expected = Some(standing.count()).filter(|rows| *rows > 0);
    let extractor = Watched { inner: extractor, progress: work.progress, source: source.name.clone(), expected };
    let remembered = work.extractor_state(&source.name);
    let load_id = format!("{}.{}", work.run, source.name);
    let raw = work.root.join("raw");
    let landing = onefold_sources::land(source, &extractor, &remembered, &raw, work.files.as_ref(), &load_id)?;
    let staging = onefold_sources::stage(source, &extractor, &landing, &work.run, &standing.hashes)?;

    let counts = staging.counts;
    let quarantined = count_rows(&staging.outcome.rejects);
    let changes = ChangeBatch::try_new(work.faults.pass(Stage::Staged, staging.outcome.accepted.into_batch()))?;
    let rows = standing.fold(&changes)?;
    let mut balance = Balance {
        table: table.to_string(),
        grain: source.grain.clone(),
        before: standing.count(),
        read: staging.delivered_rows,
        inserted: counts.inserted,
        updated: counts.updated,
        unchanged: counts.unchanged,
        deleted: counts.deleted,
        quarantined,
        excluded: staging.excluded,
        after: rows.num_rows() as u64,
        ..Balance::default()
    };
    balance.control_totals.push(changes.total(&counts));
    balance.control_totals.extend(staging.control_totals.iter().map(ControlSum::total));
    balance.control_totals.extend(staging.stated_totals);
    let mut notes = staging.notes;
    if !staging.unknown_columns.is_empty() {
        notes.push(format!(
            "source {} has columns that nobody declared: {}",
            source.name,
            staging.unknown_columns.join(", ")
        ));
    }
    let state =
        ExtractorState { snapshot: Some(landing.snapshot.clone()), settings: work.pipeline().settings_digest.clone() };
    let rejects = staging.outcome.rejects;
    Ok(Extracted { table, changes, rows, rejects, delivered: staging.delivered_rows, balance, notes, state })
}

/// Columns may come; one that leaves or changes its type would change what the lake's older rows mean.
fn same_columns(source: &SourceSpec, standing: &Standing) -> Result<()> {
    let Some(rows) = &standing.rows else { return Ok(()) };
    let declared = onefold_sources::staged_contract(source).schema();
    let schema = rows.schema();
    let breach = |field: &arrow::datatypes::FieldRef| match declared.field_with_name(field.name()) {
        Ok(now) if now.data_type() == field.data_type() => None,
        Ok(_) => Some(format!("column {} is loaded with a kind of another type", field.name())),
        Err(_) => Some(format!("column {} is loaded, but no longer declared", field.name())),
    };
    let breaches: Vec<String> = schema.fields().iter().skip(LINEAGE.len()).filter_map(breach).collect();
    if breaches.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::usage(format!("the columns of source {} do not fit what is loaded", source.name))
        .hint("declare the column as it was, under another name if its meaning changed")
        .hint("or begin a new state root; ids of customers begin anew with it");
    failure.details = breaches;
    Err(failure)
}

/// How many rejects hold back a row.
pub(crate) fn count_rows(rejects: &[Reject]) -> u64 {
    rejects.iter().filter(|reject| reject.scope == RejectScope::Row).count() as u64
}

/// The control totals of a source's staged rows against what standardizing made of them: `held` are the keys of rows
/// that were held back.
pub(crate) fn totals_between(
    source: &SourceSpec,
    staged: &RecordBatch,
    standardized: &RecordBatch,
    held: &std::collections::HashSet<&str>,
) -> Result<Vec<ControlTotal>> {
    let total = |column: &String| {
        let (written, held) = (totals::sum(standardized, column, None)?, totals::sum(staged, column, Some(held))?);
        Ok(ControlTotal {
            name: format!("sum of {column}"),
            delivered: totals::text(totals::sum(staged, column, None)?),
            accounted: totals::text(written + held),
            written: (held != 0).then(|| totals::text(written)),
        })
    };
    source.control_totals.iter().map(total).collect()
}
