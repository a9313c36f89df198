//! One row a cluster, and the pairs that a person should look at.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::identity::CustomerId;
use onefold_contract::{AttributeKind, Result};
use onefold_entity_resolution::{self as matcher, GoldenColumns};

use super::fold::Folded;
use super::input::Keys;
use super::records::{Table, columns_of};

/// The most pairs that are written for review, the likeliest first.
const PAIRS: usize = 10_000;

/// The golden records: `cluster_id`, `records` (how many), then every column of the table. Names, texts and dates are those that
/// cleaning gives; amounts, moments and flags stand as they came.
pub(crate) fn golden(folded: &Folded, table: &Table) -> Result<RecordBatch> {
    let ids: Vec<CustomerId> = folded.clusters.iter().map(|cluster| CustomerId(u64::from(*cluster))).collect();
    let mut columns = GoldenColumns::default();
    let mut fields = vec![Field::new(SOURCE, DataType::Utf8, true), Field::new(SOURCE_KEY, DataType::Utf8, true)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(table.sources.clone()), Arc::new(table.keys.clone())];
    for column in &folded.profile.columns {
        let name = &column.name;
        let clean = folded.records.column_by_name(name).filter(|_| is_shown_clean(column.guess.kind));
        let Some(values) = clean.or_else(|| table.rows.column_by_name(name)) else { continue };
        fields.push(Field::new(name, values.data_type().clone(), true));
        arrays.push(Arc::clone(values));
        columns.groups.push(vec![name.clone()]);
    }
    let records = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    let made = matcher::golden_records(&records, &ids, &folded.model.spec, &columns)?;
    let count = made.num_columns();
    // The customer id in front becomes the cluster's number; the count of records moves to its side.
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=made.num_rows() as i64));
    let mut fields =
        vec![Field::new("cluster_id", DataType::Int64, false), Field::new("records", DataType::Int64, true)];
    let mut arrays = vec![numbers, Arc::clone(made.column(count - 1))];
    for place in 1..count - 1 {
        let field = made.schema().field(place).clone();
        let name = if ["cluster_id", "records"].contains(&field.name().as_str()) {
            in_file(field.name())
        } else {
            field.name().clone()
        };
        fields.push(field.with_name(name));
        arrays.push(Arc::clone(made.column(place)));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// What a column of the file is called where a column of ours has its name.
pub(crate) fn in_file(name: &str) -> String {
    format!("{name}_in_file")
}

/// Whether a kind's clean value is shown: one that says all that the original says.
fn is_shown_clean(kind: AttributeKind) -> bool {
    kind.clean_type() == DataType::Utf8 || matches!(kind, AttributeKind::BirthDate | AttributeKind::Date)
}

/// The pairs for review, the likeliest first: the ids, the probability that they are one, then for every column compared the
/// value of either.
pub(crate) fn review(folded: &Folded, table: &Table, keys: &Keys, across: bool) -> Result<RecordBatch> {
    let pairs = &folded.found.review[..folded.found.review.len().min(PAIRS)];
    let sides: [Vec<u32>; 2] = [pairs.iter().map(|e| e.left).collect(), pairs.iter().map(|e| e.right).collect()];
    let text = |name: String| Field::new(name, DataType::Utf8, true);
    let taken = |values: &StringArray, rows: &[u32]| -> ArrayRef {
        let value = |row: &u32| values.is_valid(*row as usize).then(|| values.value(*row as usize));
        Arc::new(rows.iter().map(value).collect::<StringArray>())
    };
    let probabilities = pairs.iter().map(|edge| (edge.probability() * 1e4).round() / 1e4);
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (side, rows) in sides.iter().enumerate() {
        if across {
            fields.push(text(format!("source_{}", side + 1)));
            arrays.push(taken(&table.sources, rows));
        }
        fields.push(text(format!("{}_{}", keys.name, side + 1)));
        arrays.push(taken(&keys.values, rows));
    }
    fields.push(Field::new("probability", DataType::Float64, false));
    arrays.push(Arc::new(Float64Array::from_iter_values(probabilities)));
    for name in compared(folded) {
        let Some(values) = table.rows.column_by_name(&name) else { continue };
        let values = cast(values, &DataType::Utf8)?;
        for (side, rows) in sides.iter().enumerate() {
            fields.push(text(format!("{name}_{}", side + 1)));
            arrays.push(taken(values.as_string::<i32>(), rows));
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// The columns of the table that the model compares, in the order of the table.
fn compared(folded: &Folded) -> Vec<String> {
    let comparisons = &folded.model.spec.comparisons;
    let is_compared = |column: &&onefold_contract::ColumnProfile| {
        let names = columns_of(&column.name, column.guess.kind);
        comparisons.iter().any(|spec| names.iter().any(|(name, _)| *name == spec.column))
    };
    folded.profile.columns.iter().filter(is_compared).map(|column| column.name.clone()).collect()
}
