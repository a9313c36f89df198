//! The golden record: for every entity the values that survive, and where each comes from.
//!
//! An attribute's derived columns go with it: the canonical form, the parts and the original of a name come from the
//! record whose name survives. The rejected alternative, choosing column by column, invents people who never were.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::Result;
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::identity::CustomerId;
use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

use crate::error::ResolveError;
use crate::records::{column, printed, text};
use crate::spec::ModelSpec;
use crate::survivorship::{StricterConsent, rule_of};

/// Column of the customer id, as it is spoken.
pub const CUSTOMER_ID: &str = "customer_id";
/// Column of the number of records of an entity.
pub const RECORD_COUNT: &str = "_record_count";

/// Which columns of the records make up the golden record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoldenColumns {
    /// The attributes in order: each the column that decides, then the columns that go with it. Columns of no group do
    /// not appear.
    pub groups: Vec<Vec<String>>,
    /// The attributes that are consents, by deciding column; the stricter wins, whatever the model says.
    pub consents: Vec<String>,
    /// The column that tells when the source last touched the record.
    pub updated_at: Option<String>,
}

/// The records of each entity, by customer id.
struct Entities {
    ids: Vec<CustomerId>,
    rows: Vec<Vec<u32>>,
}

impl Entities {
    fn new(records: &RecordBatch, ids: &[CustomerId]) -> Result<Self> {
        if ids.len() != records.num_rows() {
            let message = format!("{} customer ids for {} records", ids.len(), records.num_rows());
            return Err(ResolveError::Bug(message).into());
        }
        let mut rows: BTreeMap<CustomerId, Vec<u32>> = BTreeMap::new();
        for (row, id) in ids.iter().enumerate() {
            rows.entry(*id).or_default().push(row as u32);
        }
        let (ids, rows) = rows.into_iter().unzip();
        Ok(Self { ids, rows })
    }
}

/// For every attribute and entity the row whose value survives.
struct Survivors {
    /// The deciding column of each attribute.
    attributes: Vec<String>,
    /// The name of each attribute's rule.
    rules: Vec<&'static str>,
    /// By attribute, then by entity.
    rows: Vec<Vec<Option<u32>>>,
}

/// The columns that every candidate of every attribute is judged by.
struct Context {
    sources: StringArray,
    keys: StringArray,
    updated_at: Option<StringArray>,
}

impl Context {
    fn new(records: &RecordBatch, columns: &GoldenColumns) -> Result<Self> {
        let updated_at = columns.updated_at.as_ref().map(|name| printed(records, name)).transpose()?;
        Ok(Self { sources: text(records, SOURCE)?, keys: text(records, SOURCE_KEY)?, updated_at })
    }

    fn candidate<'a>(&'a self, values: &'a StringArray, row: u32) -> Candidate<'a> {
        let row = row as usize;
        let updated_at = self.updated_at.as_ref().filter(|times| times.is_valid(row)).map(|times| times.value(row));
        Candidate {
            source: self.sources.value(row),
            source_key: self.keys.value(row),
            value: values.value(row),
            updated_at,
        }
    }
}

fn survivors(
    records: &RecordBatch,
    entities: &Entities,
    model: &ModelSpec,
    columns: &GoldenColumns,
) -> Result<Survivors> {
    let context = Context::new(records, columns)?;
    let mut found = Survivors { attributes: Vec::new(), rules: Vec::new(), rows: Vec::new() };
    for attribute in columns.groups.iter().filter_map(|group| group.first()) {
        let consent = columns.consents.contains(attribute);
        let rule = if consent { Box::new(StricterConsent) } else { rule_of(model, attribute) };
        let values = printed(records, attribute)?;
        let choose = |rows: &Vec<u32>| choose(rule.as_ref(), &context, &values, rows);
        found.rows.push(entities.rows.iter().map(choose).collect());
        found.rules.push(rule.name());
        found.attributes.push(attribute.clone());
    }
    Ok(found)
}

/// The row whose value survives, where any row has one.
fn choose(rule: &dyn SurvivorshipRule, context: &Context, values: &StringArray, rows: &[u32]) -> Option<u32> {
    let present: Vec<u32> = rows.iter().copied().filter(|row| values.is_valid(*row as usize)).collect();
    if let [only] = present[..] {
        return Some(only);
    }
    let candidates: Vec<Candidate<'_>> = present.iter().map(|row| context.candidate(values, *row)).collect();
    rule.choose(&candidates).map(|place| present[place])
}

/// The golden records, one row an entity by customer id: `customer_id`, every column of every attribute with its type,
/// and `_record_count`. `ids` gives the entity of each record.
///
/// # Errors
/// The records lack a column that is named.
pub fn golden_records(
    records: &RecordBatch,
    ids: &[CustomerId],
    model: &ModelSpec,
    columns: &GoldenColumns,
) -> Result<RecordBatch> {
    let entities = Entities::new(records, ids)?;
    let survivors = survivors(records, &entities, model, columns)?;
    let names = StringArray::from_iter_values(entities.ids.iter().map(CustomerId::to_string));
    let mut fields = vec![Field::new(CUSTOMER_ID, DataType::Utf8, true)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(names)];
    for (group, rows) in columns.groups.iter().filter(|group| !group.is_empty()).zip(&survivors.rows) {
        let rows: UInt32Array = rows.iter().copied().collect();
        for name in group {
            let values = column(records, name)?;
            fields.push(Field::new(name, values.data_type().clone(), true));
            arrays.push(take(values, &rows, None)?);
        }
    }
    fields.push(Field::new(RECORD_COUNT, DataType::Int64, true));
    arrays.push(Arc::new(entities.rows.iter().map(|rows| rows.len() as i64).collect::<Int64Array>()));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// Where every golden value comes from: one row an entity and attribute that has a value, with `customer_id`,
/// `attribute`, `source`, `source_key` and `rule`, all text, by customer id and in the order of attributes.
///
/// # Errors
/// The records lack a column that is named.
pub fn golden_provenance(
    records: &RecordBatch,
    ids: &[CustomerId],
    model: &ModelSpec,
    columns: &GoldenColumns,
) -> Result<RecordBatch> {
    let entities = Entities::new(records, ids)?;
    let survivors = survivors(records, &entities, model, columns)?;
    let (sources, keys) = (text(records, SOURCE)?, text(records, SOURCE_KEY)?);
    let mut table: [Vec<String>; 5] = Default::default();
    for (entity, id) in entities.ids.iter().enumerate() {
        for (place, attribute) in survivors.attributes.iter().enumerate() {
            let Some(row) = survivors.rows[place][entity] else { continue };
            let (source, key) = (sources.value(row as usize), keys.value(row as usize));
            let cells = [id.to_string(), attribute.clone(), source.into(), key.into(), survivors.rules[place].into()];
            table.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        }
    }
    let names = [CUSTOMER_ID, "attribute", "source", "source_key", "rule"];
    let fields: Vec<Field> = names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let arrays = table.into_iter().map(|cells| Arc::new(StringArray::from(cells)) as ArrayRef).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
