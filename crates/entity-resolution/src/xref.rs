//! The cross-reference: which customer each source's record belongs to.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::Result;
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::identity::CustomerId;

use crate::error::ResolveError;
use crate::golden_record::CUSTOMER_ID;
use crate::identity::IdentityState;
use crate::records::{record_refs, text};

/// The customer id of every record, in the order of rows.
///
/// # Errors
/// A bug, where a record was assigned to no entity.
pub fn customer_ids(records: &RecordBatch, identity: &IdentityState) -> Result<Vec<CustomerId>> {
    let id_of = |record: onefold_contract::identity::RecordRef| {
        identity.id_of(&record).ok_or_else(|| {
            let message = format!("record {} of source {} belongs to no entity", record.source_key, record.source);
            ResolveError::Bug(message).into()
        })
    };
    record_refs(records)?.into_iter().map(id_of).collect()
}

/// The cross-reference table: `source`, `source_key`, `customer_id`, all text, a row a record. How long a row holds is
/// told by the change batches it is written with.
///
/// # Errors
/// The records lack their lineage columns, or the ids are of other records.
pub fn xref(records: &RecordBatch, ids: &[CustomerId]) -> Result<RecordBatch> {
    let (sources, keys) = (text(records, SOURCE)?, text(records, SOURCE_KEY)?);
    let spoken = StringArray::from_iter_values(ids.iter().map(CustomerId::to_string));
    let fields = ["source", "source_key", CUSTOMER_ID].map(|name| Field::new(name, DataType::Utf8, true));
    let columns: Vec<ArrayRef> = vec![Arc::new(sources), Arc::new(keys), Arc::new(spoken)];
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns)?)
}
