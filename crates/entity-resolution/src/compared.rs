//! The records as a model's comparisons see them, taken from the table once.
//!
//! Counting, training, scoring and clustering all compare, and to take a million records apart for comparing costs more
//! than to compare some of them. The rejected alternative, each step taking them apart for itself, did it four times.

use std::sync::Arc;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::PreparedComparison;
use rayon::prelude::*;

use crate::comparison::{prepare, term_values};
use crate::error::ResolveError;
use crate::records::{CodedText, address_hashes};
use crate::spec::{ComparisonSpec, ModelSpec};

/// Records bound to the comparisons of a model.
pub struct ComparedRecords {
    specs: Vec<ComparisonSpec>,
    comparisons: Vec<Arc<dyn PreparedComparison>>,
    /// By comparison, the values whose frequency counts.
    terms: Vec<Option<CodedText>>,
    /// A number for every record that follows from its address.
    names: Vec<u64>,
}

impl ComparedRecords {
    /// Takes from the records what a model compares.
    ///
    /// # Errors
    /// The records lack a column of the model, or it is of another type.
    pub fn new(records: &RecordBatch, model: &ModelSpec) -> Result<Self> {
        let terms = |spec: &ComparisonSpec| {
            let values = spec.term_frequency.then(|| term_values(spec, records)).transpose()?;
            Ok(values.as_ref().map(CodedText::new))
        };
        Ok(Self {
            specs: model.comparisons.clone(),
            comparisons: prepare(model, records)?.into_iter().map(Arc::from).collect(),
            terms: model.comparisons.par_iter().map(terms).collect::<Result<_>>()?,
            names: address_hashes(records)?,
        })
    }

    /// The number of records.
    pub fn record_count(&self) -> usize {
        self.names.len()
    }

    /// Refuses a model with other comparisons than those the records were taken apart for.
    pub(crate) fn refuse_others(&self, model: &ModelSpec) -> Result<()> {
        if model.comparisons == self.specs {
            return Ok(());
        }
        let message = format!("the records were prepared for other comparisons than those of model `{}`", model.name);
        Err(ResolveError::Bug(message).into())
    }

    /// The comparisons, in the model's order.
    pub(crate) fn comparisons(&self) -> &[Arc<dyn PreparedComparison>] {
        &self.comparisons
    }

    /// The values of a comparison whose frequency counts.
    pub(crate) fn terms(&self, place: usize) -> Option<&CodedText> {
        self.terms.get(place)?.as_ref()
    }

    /// A number for every record that follows from its address and not from its row.
    pub(crate) fn names(&self) -> &[u64] {
        &self.names
    }
}
