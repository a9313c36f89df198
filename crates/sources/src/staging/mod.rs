//! Landed rows to a change batch: the source's contract is held against every row.
//!
//! Rows are checked block by block as they stream out of raw and kept column-wise; text columns are handed on as they came,
//! so that the original of every value is in the lake. Values are typed here only where a machine wrote them (whole and
//! decimal numbers, flags). Cleaning them here too would save a pass, and mix what was delivered with what we made of it.
//!
//! A row goes into quarantine whole, with one reject that names its first fault and lists the others. Of rows with the same
//! key the first stays and every other is rejected: neither "the last wins" nor "the first wins" without a word would be
//! the source's meaning.

mod columns;
mod control;
mod rows;
mod values;

use std::collections::BTreeSet;
use std::fs::File;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use onefold_contract::change::{ChangeCounts, CurrentHashes, Lineage, capture_full_load};
use onefold_contract::extractor::Extractor;
use onefold_contract::ledger::ControlTotal;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{ChangeBatch, ColumnContract, Failure, Outcome, Result, TableContract};

pub use self::control::ControlSum;
use self::rows::Rows;
use crate::landing::{LandedPartition, Landing};
use crate::spec::{SourceSpec, UnknownColumns};
use crate::{snapshot, suggest};

/// What staging one load of a source gave.
#[derive(Debug, Clone)]
pub struct Staging {
    /// What changed, and the rows that are in quarantine; each rejected row has exactly one reject.
    pub outcome: Outcome<ChangeBatch>,
    /// What the capture found among the accepted rows.
    pub counts: ChangeCounts,
    /// Rows delivered, as the end trailers of the landing say.
    pub delivered_rows: u64,
    /// Rows that came out of the landed files, counted here; those that could not be read included.
    pub read_rows: u64,
    /// Rows left out by a declared rule, or by one of the format, such as a worksheet's rows of totals.
    pub excluded: u64,
    /// The sums of the declared control totals, in the order of the declaration.
    pub control_totals: Vec<ControlSum>,
    /// Totals that the source states about its own rows, each beside the sum of those rows.
    pub stated_totals: Vec<ControlTotal>,
    /// Columns the source has and the spec does not name, in the order of their names.
    pub unknown_columns: Vec<String>,
    /// What the operator should know, one sentence each: how a file was read, which deletes were held back and why.
    pub notes: Vec<String>,
}

/// The contract of a source's staged rows, lineage left out: every declared column in order, text but for the kinds
/// `integer`, `decimal` and `flag`.
pub fn staged_contract(spec: &SourceSpec) -> TableContract {
    let column = |column: &crate::spec::ColumnSpec| ColumnContract {
        name: column.name.clone(),
        data_type: columns::staged_type(column.kind),
        required: column.required || spec.key.contains(&column.name),
    };
    TableContract {
        name: TableName::new(Layer::Staged, &spec.name),
        grain: spec.grain.clone(),
        columns: spec.columns.iter().map(column).collect(),
    }
}

/// Reads a landing, holds every row against the spec and captures what changed against `current`, the key and content hash
/// of every staged record that is there now.
///
/// A record whose row is in quarantine is not deleted. Where a row is so broken that its key cannot be read, no record is
/// deleted at all in this load: any of them could be the broken one.
///
/// # Errors
/// A landed file is damaged or cut off, lacks a needed column, or has columns that the spec refuses (source); it cannot be
/// opened (state).
pub fn stage(
    spec: &SourceSpec,
    extractor: &dyn Extractor,
    landing: &Landing,
    run: &str,
    current: &CurrentHashes,
) -> Result<Staging> {
    let mut rows = Rows::new(spec);
    let (mut notes, mut stated_totals) = (Vec::new(), Vec::new());
    for landed in &landing.partitions {
        stage_partition(&mut rows, extractor, landed, &mut notes, &mut stated_totals)?;
    }
    notes.extend(left_out(&rows));
    refuse_unknown(spec, &rows.unknown)?;
    let contract = staged_contract(spec);
    let schema = contract.schema();
    check_sizes(spec, &rows.blocks)?;
    let content = concat_batches(&schema, &rows.blocks)?;
    rows.blocks.clear();
    contract.check(&content)?;
    let keys = rows.keys.finish();
    hold_unseen(spec, &mut rows, current, &mut notes);
    let lineage = Lineage { source: spec.name.clone(), load_id: landing.load_id.clone(), run: run.to_string() };
    let (accepted, counts) = capture_full_load(&lineage, &keys, &content, current, &rows.held)?;
    let control_totals = rows.controls.into_iter().map(|sum| sum.close(&content)).collect::<Result<_>>()?;
    Ok(Staging {
        outcome: Outcome { accepted, rejects: rows.rejects },
        counts,
        delivered_rows: landing.partitions.iter().map(|landed| landed.trailer.rows).sum(),
        read_rows: rows.read,
        excluded: rows.excluded,
        control_totals,
        stated_totals,
        unknown_columns: rows.unknown.into_iter().collect(),
        notes,
    })
}

fn stage_partition(
    rows: &mut Rows<'_>,
    extractor: &dyn Extractor,
    landed: &LandedPartition,
    notes: &mut Vec<String>,
    stated_totals: &mut Vec<ControlTotal>,
) -> Result<()> {
    let path = landed.path.display();
    let unreadable = |e: std::io::Error| {
        Failure::state(format!("the landed file {path} could not be read: {e}"))
            .hint("check that the state root is whole; running again lands the source anew")
    };
    let mut file = File::open(&landed.path).map_err(unreadable)?;
    // Looked at before it is taken apart: a format's reader need not survive every damage.
    if snapshot::checksum(&mut file).map_err(unreadable)? != landed.trailer.checksum {
        return Err(Failure::source(format!(
            "the landed file {path} is damaged or cut off: it is not what was landed"
        ))
        .hint("run again; the source is then landed anew"));
    }
    let mut stream = extractor.read(&landed.partition, Box::new(file))?;
    rows.begin(&landed.partition);
    for block in &mut stream {
        rows.take(block?)?;
    }
    notes.extend(stream.notes());
    stated_totals.extend(stream.stated_totals());
    match stream.trailer() {
        Some(trailer) if trailer == landed.trailer => Ok(()),
        Some(trailer) => Err(Failure::source(format!(
            "{}: {} rows were delivered, but {} came out of the landed file {path}",
            landed.partition.location, landed.trailer.rows, trailer.rows
        ))
        .hint("run again; if it happens again, the file is one that Onefold reads wrongly: please report it")),
        None => Err(Failure::source(format!("the stream of {} ended before its end", landed.partition.location))),
    }
}

fn refuse_unknown(spec: &SourceSpec, unknown: &BTreeSet<String>) -> Result<()> {
    if spec.unknown_columns == UnknownColumns::Report || unknown.is_empty() {
        return Ok(());
    }
    let names: Vec<&String> = unknown.iter().collect();
    Err(Failure::source(format!("source {} has columns that nobody declared: {}", spec.name, suggest::list(&names)))
        .hint("declare them, or set unknown_columns = \"report\""))
}

/// Arrow's text columns end at 2 GiB; more than that is a message and not a bug.
fn check_sizes(spec: &SourceSpec, blocks: &[RecordBatch]) -> Result<()> {
    for (place, column) in spec.columns.iter().enumerate() {
        let texts = blocks.iter().filter_map(|block| block.column(place).as_string_opt::<i32>());
        let bytes: usize = texts.map(|texts| texts.value_data().len()).sum();
        if i32::try_from(bytes).is_err() {
            return Err(Failure::source(format!(
                "column {} of source {} holds more than 2 GiB of text in one load",
                column.name, spec.name
            ))
            .hint("split the source into several, or leave the column out"));
        }
    }
    Ok(())
}

/// What rules of the format left out, one sentence a place and rule.
fn left_out(rows: &Rows<'_>) -> impl Iterator<Item = String> {
    const SHOWN: usize = 10;
    rows.left_out.iter().map(|((location, rule), rows)| {
        let mut shown: Vec<String> = rows.iter().take(SHOWN).map(u64::to_string).collect();
        if rows.len() > SHOWN {
            shown.push(format!("{} more", rows.len() - SHOWN));
        }
        let (word, shown) = (if rows.len() == 1 { "row" } else { "rows" }, shown.join(", "));
        format!("{location}: rule {rule} leaves out {word} {shown}")
    })
}

/// Holds every record that was not delivered, where a broken row may be any of them.
fn hold_unseen(spec: &SourceSpec, rows: &mut Rows<'_>, current: &CurrentHashes, notes: &mut Vec<String>) {
    if rows.keyless == 0 {
        return;
    }
    let unseen = |key: &&String| !rows.first.contains_key(key.as_str()) && !rows.held.contains(key.as_str());
    let unseen: Vec<String> = current.keys().filter(unseen).cloned().collect();
    if !unseen.is_empty() {
        notes.push(format!(
            "{} bad rows of source {} do not tell their key, so {} records that are missing from this load were not deleted",
            rows.keyless,
            spec.name,
            unseen.len()
        ));
    }
    rows.held.extend(unseen);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
