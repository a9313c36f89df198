//! Records of all sources of one kind of entity, folded into entities with durable ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::compute::{SortColumn, cast, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::change::{CurrentHashes, SOURCE, SOURCE_KEY, capture_full_load};
use onefold_contract::identity::IdentityEvent;
use onefold_contract::ledger::ControlTotal;
use onefold_contract::table::TableName;
use onefold_contract::{AttributeKind, Balance, ChangeBatch, Failure, Lineage, Result};
use onefold_entity_resolution::{self as matcher, Decision, GoldenColumns, IdentityState, ModelSpec, TrainedModel};
use onefold_sources::spec::SourceSpec;

use super::Stage;
use super::fold::{Standing, text};
use super::report::Resolution;
use super::work::Work;
use crate::bind;
use crate::config::matching_columns;

/// The column that tells when a record was last touched, whatever its source calls it.
const UPDATED_AT: &str = "_updated_at";

/// What resolving yields.
pub(crate) struct Resolved {
    pub(crate) xref: Layered,
    pub(crate) golden: Layered,
    pub(crate) events: Vec<IdentityEvent>,
    pub(crate) summary: Resolution,
    pub(crate) notes: Vec<String>,
}

/// A resolved table: its changes, its rows after them, its balance.
pub(crate) struct Layered {
    pub(crate) table: TableName,
    pub(crate) changes: ChangeBatch,
    pub(crate) rows: RecordBatch,
    pub(crate) balance: Balance,
}

/// The sources whose records are of the model's entity.
fn entity_sources<'a>(sources: &'a [SourceSpec], model: &'a ModelSpec) -> impl Iterator<Item = &'a SourceSpec> {
    sources.iter().filter(|source| source.entity.as_deref() == Some(model.entity.as_str()))
}

/// One table of all records of the entity, sorted by source and key. `rows` gives each source's standardized rows.
pub(crate) fn records_of(
    sources: &[SourceSpec],
    model: &ModelSpec,
    rows: &BTreeMap<&str, &RecordBatch>,
) -> Result<RecordBatch> {
    let mut types: BTreeMap<String, DataType> = BTreeMap::new();
    for source in entity_sources(sources, model) {
        types.extend(matching_columns(source));
    }
    let mut fields = vec![Field::new(SOURCE, DataType::Utf8, true), Field::new(SOURCE_KEY, DataType::Utf8, true)];
    fields.extend(types.iter().map(|(name, data_type)| Field::new(name, data_type.clone(), true)));
    fields.push(Field::new(UPDATED_AT, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields));

    let mut batches = Vec::new();
    for source in entity_sources(sources, model) {
        let Some(rows) = rows.get(source.name.as_str()) else { continue };
        let columns = schema.fields().iter().map(|field| column_of(source, rows, field));
        batches.push(RecordBatch::try_new(schema.clone(), columns.collect::<Result<Vec<_>>>()?)?);
    }
    let all = concat_batches(&schema, &batches)?;
    let order = [0, 1].map(|column| SortColumn { values: all.column(column).clone(), options: None });
    Ok(take_record_batch(&all, &lexsort_to_indices(&order, None)?)?)
}

fn column_of(source: &SourceSpec, rows: &RecordBatch, field: &Field) -> Result<ArrayRef> {
    let own = |name| source.attributes.get(name).unwrap_or(name).as_str();
    let name = if field.name() == UPDATED_AT { source.updated_at.as_deref() } else { Some(own(field.name())) };
    let values = name.and_then(|name| rows.column_by_name(name));
    let values = values.cloned().unwrap_or_else(|| new_null_array(field.data_type(), rows.num_rows()));
    Ok(if values.data_type() == field.data_type() { values } else { cast(&values, field.data_type())? })
}

/// The content columns of the golden records and of the XREF.
pub(crate) fn resolved_schemas(sources: &[SourceSpec], model: &ModelSpec) -> (Schema, Schema) {
    let mut types: BTreeMap<String, DataType> = BTreeMap::new();
    for source in entity_sources(sources, model) {
        types.extend(matching_columns(source));
    }
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let mut golden = vec![text(matcher::CUSTOMER_ID)];
    golden.extend(types.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)));
    golden.push(Field::new(matcher::RECORD_COUNT, DataType::Int64, true));
    (Schema::new(golden), Schema::new(["source", "source_key", matcher::CUSTOMER_ID].map(text).to_vec()))
}

/// Which columns of a golden record go together, and which are consents.
fn golden_columns(sources: &[SourceSpec], model: &ModelSpec) -> GoldenColumns {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut consents = Vec::new();
    let columns = || entity_sources(sources, model).flat_map(|source| &source.columns);
    // What is a column or an attribute of its own is nobody's part (`name_suffix` beside a full name called `name`).
    let mut own: BTreeSet<&str> = columns().map(|column| column.name.as_str()).collect();
    own.extend(entity_sources(sources, model).flat_map(|source| source.attributes.keys()).map(String::as_str));
    for column in columns() {
        let derived = column.kind.derived().into_iter().filter(|(suffix, _)| *suffix != "_original");
        let mut group = vec![column.name.clone()];
        let parts = derived.map(|(suffix, _)| format!("{}{suffix}", column.name));
        group.extend(parts.filter(|part| !own.contains(part.as_str()) || part.ends_with("_canonical")));
        groups.insert(column.name.clone(), group);
        if column.kind == AttributeKind::Consent && !consents.contains(&column.name) {
            consents.push(column.name.clone());
        }
    }
    for attribute in entity_sources(sources, model).flat_map(|source| source.attributes.keys()) {
        if !groups.values().flatten().any(|column| column == attribute) {
            groups.insert(attribute.clone(), vec![attribute.clone()]);
        }
    }
    GoldenColumns { groups: groups.into_values().collect(), consents, updated_at: Some(UPDATED_AT.to_string()) }
}

/// Folds the records into entities, and entities into golden records.
pub(crate) fn resolve(
    work: &Work<'_>,
    records: &RecordBatch,
    trained: &TrainedModel,
    ledger: &[IdentityEvent],
) -> Result<Resolved> {
    let found = matcher::resolve(records, trained, &[])?;
    let refs = matcher::record_refs(records)?;
    let mut identity = IdentityState::replay(ledger);
    let events = identity.assign(&found.cluster_refs(&refs));
    let ids = matcher::customer_ids(records, &identity)?;
    let golden_columns = golden_columns(&work.pipeline().sources, &trained.spec);
    let golden_content = matcher::golden_records(records, &ids, &trained.spec, &golden_columns)?;
    let xref_content = matcher::xref(records, &ids)?;

    let count = records.num_rows() as u64;
    let golden_keys = text(&golden_content, "customer_id")?.clone();
    let xref_keys = xref_keys(&xref_content)?;
    let mut golden = layer(work, bind::golden_table(), "one row an entity", &golden_keys, &golden_content, None)?;
    let mut xref =
        layer(work, bind::xref_table(), "one row a record", &xref_keys, &xref_content, Some(Stage::Resolved))?;
    xref.balance.control_totals.push(ControlTotal {
        name: "standardized records".to_string(),
        delivered: count.to_string(),
        accounted: xref.rows.num_rows().to_string(),
        written: None,
    });
    golden.balance.control_totals.push(ControlTotal {
        name: "records folded".to_string(),
        delivered: count.to_string(),
        accounted: folded(&golden.rows)?.to_string(),
        written: None,
    });
    let summary = Resolution {
        records: count,
        entities: golden_content.num_rows() as u64,
        candidate_pairs: found.pairs,
        links: found.edges.iter().filter(|edge| edge.weight >= trained.link.weight).count() as u64,
        pairs_to_review: found.review.len() as u64,
        identity_events: events.len() as u64,
    };
    Ok(Resolved { xref, golden, events, summary, notes: notes(&found) })
}

fn notes(found: &matcher::Resolution) -> Vec<String> {
    let mut notes = Vec::new();
    for rule in found.blocking.rules.iter().filter(|rule| rule.oversized_blocks > 0) {
        notes.push(format!(
            "blocking rule {}: {} blocks of {} pairs were too large and were compared in pieces",
            rule.name, rule.oversized_blocks, rule.oversized_pairs
        ));
    }
    for contradiction in &found.contradictions {
        let Decision { left, right, .. } = &contradiction.cannot_link;
        notes.push(format!(
            "decisions contradict each other: {} {} and {} {} are to stay apart, and to be one through {} others",
            left.source,
            left.source_key,
            right.source,
            right.source_key,
            contradiction.must_links.len()
        ));
    }
    notes
}

/// A resolved table's changes: its whole new content against what stands.
fn layer(
    work: &Work<'_>,
    table: TableName,
    grain: &str,
    keys: &StringArray,
    content: &RecordBatch,
    fault: Option<Stage>,
) -> Result<Layered> {
    let standing = Standing::read(work.lake, work.base, &table)?;
    let lineage = Lineage { source: "resolved".to_string(), load_id: work.run.clone(), run: work.run.clone() };
    let hashes: &CurrentHashes = &standing.hashes;
    let (changes, counts) =
        capture_full_load(&lineage, keys, content, hashes, &std::collections::HashSet::<String>::new())?;
    let changes = match fault {
        Some(stage) => ChangeBatch::try_new(work.faults.pass(stage, changes.into_batch()))?,
        None => changes,
    };
    let rows = standing.fold(&changes)?;
    let balance = Balance {
        table: table.to_string(),
        grain: grain.to_string(),
        before: standing.count(),
        read: counts.read,
        inserted: counts.inserted,
        updated: counts.updated,
        unchanged: counts.unchanged,
        deleted: counts.deleted,
        after: rows.num_rows() as u64,
        control_totals: vec![changes.total(&counts)],
        ..Balance::default()
    };
    Ok(Layered { table, changes, rows, balance })
}

fn xref_keys(xref: &RecordBatch) -> Result<StringArray> {
    let (sources, keys) = (text(xref, "source")?, text(xref, "source_key")?);
    let pairs = sources.iter().zip(keys);
    Ok(StringArray::from_iter_values(
        pairs.map(|(s, k)| format!("{}|{}", s.unwrap_or_default(), k.unwrap_or_default())),
    ))
}

/// How many records the golden records say they were folded from.
fn folded(golden: &RecordBatch) -> Result<i64> {
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    let counts = golden.column_by_name("_record_count").and_then(|c| c.as_primitive_opt::<Int64Type>());
    let counts = counts.ok_or_else(|| Failure::bug("golden records lack their count of records"))?;
    Ok(counts.iter().flatten().sum())
}
