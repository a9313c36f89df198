//! The balance of each mart table: what was read, what became of it, and sums that must agree.
//!
//! Each figure is counted on its own side: the source's rows in the source, the table's rows in the table, the
//! differences by key against what is published. A fact that accounts for source rows closes only if every row is in
//! it or excluded by a declared rule; a join that drops a row is found here.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{cast, sum};
use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType, Decimal256Type, DecimalType, i256};
use onefold_contract::ledger::ControlTotal;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Balance, Failure, Result};

use super::dimension::{Grown, members_in};
use super::rows::{conformed, difference};
use crate::spec::{MartTableSpec, TotalPair};

/// The grain of a dimension's second balance.
const MEMBERS: &str = "one member that holds now";

/// What a table's balance is made of.
pub(super) struct Sides<'a> {
    pub(super) spec: &'a MartTableSpec,
    pub(super) inputs: &'a BTreeMap<TableName, RecordBatch>,
    pub(super) published: Option<&'a RecordBatch>,
    /// Rows of the SELECT.
    pub(super) selected: u64,
    /// Source rows left out by the declared rule.
    pub(super) excluded: u64,
    pub(super) finished: &'a RecordBatch,
}

impl Sides<'_> {
    fn table(&self) -> String {
        TableName::new(Layer::Mart, &self.spec.name).to_string()
    }

    fn rows(&self, key: &[String]) -> Result<Balance> {
        let schema = self.finished.schema();
        // A fact is built anew each time: published rows without today's key have simply gone.
        let has_key = |rows: &&RecordBatch| key.iter().all(|name| rows.column_by_name(name).is_some());
        let comparable = self.published.filter(has_key);
        let before = match comparable.map(|rows| conformed(&self.spec.name, rows, &schema)) {
            Some(Ok(rows)) => rows,
            _ => RecordBatch::new_empty(schema),
        };
        let found = difference(&before, self.finished, key)?;
        let held = self.published.map_or(0, |rows| rows.num_rows() as u64);
        Ok(Balance {
            table: self.table(),
            grain: self.spec.grain.clone(),
            before: held,
            inserted: found.inserted,
            updated: found.updated,
            unchanged: found.unchanged,
            deleted: found.deleted + held - before.num_rows() as u64,
            after: self.finished.num_rows() as u64,
            ..Balance::default()
        })
    }
}

/// The balance of a fact or a bridge.
pub(super) fn of_fact(sides: &Sides<'_>) -> Result<Balance> {
    let balance = sides.rows(&sides.spec.key)?;
    let Some(accounts) = &sides.spec.accounts_for else {
        return Ok(Balance { read: sides.selected, ..balance });
    };
    let sources: Vec<&RecordBatch> = accounts.sources.iter().filter_map(|source| sides.source(source)).collect();
    let totals = accounts.control_totals.iter().map(|pair| total(pair, &sources, sides.finished));
    Ok(Balance {
        read: sources.iter().map(|rows| rows.num_rows() as u64).sum(),
        excluded: sides.excluded,
        control_totals: totals.collect::<Result<Vec<_>>>()?,
        ..balance
    })
}

impl Sides<'_> {
    fn source(&self, name: &str) -> Option<&RecordBatch> {
        self.inputs.get(&TableName::new(Layer::Standardized, name))
    }
}

/// The two balances of a dimension: its rows, where closed versions and members that left are read again as history,
/// and its members that hold now, where those that left are deleted.
pub(super) fn of_dimension(sides: &Sides<'_>, grown: &Grown) -> Result<[Balance; 2]> {
    let surrogate: Vec<String> = sides.spec.surrogate_key.iter().cloned().collect();
    let rows = Balance { read: sides.selected + grown.history, ..sides.rows(&surrogate)? };
    let members = Balance {
        table: sides.table(),
        grain: MEMBERS.to_string(),
        before: grown.members_before,
        read: sides.selected,
        inserted: grown.members.inserted,
        updated: grown.members.updated,
        unchanged: grown.members.unchanged,
        deleted: grown.members.deleted,
        after: members_in(sides.spec, sides.finished),
        ..Balance::default()
    };
    Ok([rows, members])
}

fn total(pair: &TotalPair, sources: &[&RecordBatch], fact: &RecordBatch) -> Result<ControlTotal> {
    let delivered: Vec<&dyn Array> =
        sources.iter().filter_map(|rows| rows.column_by_name(&pair.source)).map(AsRef::as_ref).collect();
    let accounted: Vec<&dyn Array> = fact.column_by_name(&pair.fact).map(AsRef::as_ref).into_iter().collect();
    Ok(ControlTotal {
        name: format!("sum of {}", pair.fact),
        delivered: exact_sum(&delivered)?,
        accounted: exact_sum(&accounted)?,
        written: None,
    })
}

/// The sum of whole numbers and decimals as exact text, without zeros at the end of the fraction.
fn exact_sum(columns: &[&dyn Array]) -> Result<String> {
    let scale_of = |values: &&dyn Array| match values.data_type() {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => (*scale).max(0),
        _ => 0,
    };
    let scale = columns.iter().map(scale_of).max().unwrap_or(0);
    let kind = DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale);
    let mut all = i256::ZERO;
    for values in columns {
        let wide = cast(*values, &kind)?;
        let part = sum(wide.as_primitive::<Decimal256Type>()).unwrap_or(i256::ZERO);
        all = all.checked_add(part).ok_or_else(|| Failure::bug("a control total is too large to be added up"))?;
    }
    let text = Decimal256Type::format_decimal(all, DECIMAL256_MAX_PRECISION, scale);
    Ok(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use arrow::array::{Decimal128Array, Int64Array};

    use super::*;

    #[test]
    fn sums_are_exact_and_written_one_way() {
        let cents =
            |values: Vec<i128>, scale| Decimal128Array::from(values).with_precision_and_scale(28, scale).unwrap();
        let (a, b, c) = (cents(vec![10, 25], 2), cents(vec![1_000, 2_500], 4), Int64Array::from(vec![Some(2), None]));
        assert_eq!(exact_sum(&[&a]).unwrap(), "0.35");
        assert_eq!(exact_sum(&[&b]).unwrap(), "0.35");
        assert_eq!(exact_sum(&[&a, &b, &c]).unwrap(), "2.7");
        assert_eq!(exact_sum(&[&cents(vec![-100], 2)]).unwrap(), "-1");
        assert_eq!(exact_sum(&[]).unwrap(), "0");
    }
}
