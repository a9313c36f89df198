//! A night's changes against what stands: only pairs that touch a new or changed record are scored.
//!
//! Within an epoch a pair's weight follows from its two records alone, so what was found between unchanged records holds
//! as long as blocking still brings them together. Where blocking itself moved (a block that grew too large and was cut,
//! windows that shifted, a budget that bit), its blocks are scored anew. The result is that of a full run; the rejected
//! alternative, trusting every old edge, drifts from it night by night.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

use crate::blocking::{BlockIndex, BlockPlan, Membership};
use crate::compared::ComparedRecords;
use crate::decision::Decision;
use crate::fellegi_sunter::TrainedModel;
use crate::kernel::{self, Changes, Edge, KernelOutput};
use crate::records::record_refs;
use crate::resolution::{Resolution, resolve_compared};

/// What a run leaves for the next: the edges between records, by address, and how the blocks stood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The records that edges name, sorted.
    records: Vec<RecordRef>,
    /// The edges; their rows are places in `records`.
    edges: Vec<Edge>,
    /// How the blocks stood.
    index: BlockIndex,
}

impl Standing {
    /// What a resolution leaves. `refs` are the addresses of the records resolved.
    pub fn of(refs: &[RecordRef], plan: &BlockPlan, resolution: &Resolution) -> Self {
        let rows: BTreeSet<u32> = resolution.edges.iter().flat_map(|edge| [edge.left, edge.right]).collect();
        let mut named: Vec<(&RecordRef, u32)> = rows.into_iter().map(|row| (&refs[row as usize], row)).collect();
        named.sort_unstable();
        let places: HashMap<u32, u32> =
            named.iter().enumerate().map(|(place, (_, row))| (*row, place as u32)).collect();
        let moved = |edge: &Edge| edge.between(places[&edge.left], places[&edge.right]);
        let mut edges: Vec<Edge> = resolution.edges.iter().map(moved).collect();
        edges.sort_unstable();
        let records = named.into_iter().map(|(address, _)| address.clone()).collect();
        Self { records, edges, index: plan.index() }
    }

    /// The edges between unchanged records that the plan still makes, by the rows of `refs`.
    fn carried(&self, refs: &[RecordRef], touched: &[bool], plan: &BlockPlan) -> Vec<Edge> {
        let wanted: BTreeMap<&RecordRef, u32> =
            self.records.iter().enumerate().map(|(place, address)| (address, place as u32)).collect();
        let mut rows = vec![None; self.records.len()];
        for (row, address) in refs.iter().enumerate().filter(|(row, _)| !touched[*row]) {
            if let Some(place) = wanted.get(address) {
                rows[*place as usize] = Some(row as u32);
            }
        }
        let membership = Membership::new(plan.rules(), refs.len());
        let carried = |edge: &Edge| {
            let (left, right) = (rows[edge.left as usize]?, rows[edge.right as usize]?);
            membership.made(left, right).then(|| edge.between(left, right))
        };
        self.edges.iter().filter_map(carried).collect()
    }
}

/// Resolves records of which only those at `changed` addresses are new or differ from when `standing` was left. Records
/// that are gone need no mention. The clusters, edges and reviews are those of [`crate::resolve`].
///
/// # Errors
/// The records lack a column of the model.
pub fn resolve_changes(
    records: &RecordBatch,
    model: &TrainedModel,
    decisions: &[Decision],
    standing: &Standing,
    changed: &BTreeSet<RecordRef>,
) -> Result<(Resolution, Standing)> {
    let refs = record_refs(records)?;
    let touched: Vec<bool> = refs.iter().map(|address| changed.contains(address)).collect();
    let plan = BlockPlan::new(records, &model.spec)?;
    let night = Changes { touched: &touched, before: &standing.index };
    let compared = ComparedRecords::new(records, &model.spec)?;
    let found = kernel::run_changes(&plan, &compared, model, &night)?;
    let carried = KernelOutput { edges: standing.carried(&refs, &touched, &plan), ..KernelOutput::default() };
    let resolution = resolve_compared(records, &compared, model, &plan, found.merge(carried), decisions)?;
    let left = Standing::of(&refs, &plan, &resolution);
    Ok((resolution, left))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::testing::{people, people_model};
    use crate::{ModelSpec, resolve, train};
    use arrow::array::{AsArray, StringArray, UInt32Array};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// A model whose blocks are cut, shift and fill up.
    fn restless() -> ModelSpec {
        let mut spec = people_model();
        spec.training.min_expected_matches = 1.0;
        spec.blocking_rules[0].max_block = 3;
        let more = serde_json::json!([
            {"name": "city", "keys": [{"column": "city"}], "max_block": 4, "refine": [{"column": "born", "part": "year"}]},
            {"name": "sorted", "method": "sorted_neighbourhood", "keys": [{"column": "family"}], "window": 6},
        ]);
        spec.blocking_rules.extend(serde_json::from_value::<Vec<_>>(more).unwrap());
        spec
    }

    fn taken(records: &RecordBatch, rows: &[u32]) -> RecordBatch {
        arrow::compute::take_record_batch(records, &UInt32Array::from(rows.to_vec())).unwrap()
    }

    /// The table with another family name in one row.
    fn renamed(records: &RecordBatch, row: usize, name: &str) -> RecordBatch {
        let place = records.schema().index_of("family").unwrap();
        let names = records.column(place).as_string::<i32>();
        let names: StringArray =
            names.iter().enumerate().map(|(at, old)| if at == row { Some(name) } else { old }).collect();
        let mut columns = records.columns().to_vec();
        columns[place] = Arc::new(names);
        RecordBatch::try_new(records.schema(), columns).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn nights_of_changes_end_where_a_full_run_does(
            seed in 0u64..500,
            first in 20usize..60,
            nights in proptest::collection::vec((1usize..12, 0usize..4, any::<prop::sample::Index>()), 1..5),
        ) {
            let (all, _) = people(seed, 70, 0.6);
            let model = train(&all, &restless()).unwrap();
            let mut rows: Vec<u32> = (0..first.min(all.num_rows()) as u32).collect();
            let mut next = rows.len() as u32;
            let mut all = all;
            let (_, mut standing) =
                resolve_changes(&taken(&all, &rows), &model, &[], &Standing::default(), &record_refs(&taken(&all, &rows)).unwrap().into_iter().collect()).unwrap();
            for (arrive, leave, pick) in nights {
                for _ in 0..leave.min(rows.len() - 2) {
                    rows.remove(pick.index(rows.len()));
                }
                let renamed_row = rows[pick.index(rows.len())];
                all = renamed(&all, renamed_row as usize, "Corbel");
                let new: Vec<u32> = (next..(next + arrive as u32).min(all.num_rows() as u32)).collect();
                next += new.len() as u32;
                rows.extend(&new);
                let touched: Vec<u32> = new.into_iter().chain([renamed_row]).collect();
                let changed: BTreeSet<RecordRef> = record_refs(&taken(&all, &touched)).unwrap().into_iter().collect();
                let now = taken(&all, &rows);
                let (found, left) = resolve_changes(&now, &model, &[], &standing, &changed).unwrap();
                let full = resolve(&now, &model, &[]).unwrap();
                prop_assert_eq!(&found.edges, &full.edges);
                prop_assert_eq!(&found.clusters, &full.clusters);
                prop_assert_eq!(&found.review, &full.review);
                prop_assert!(found.pairs <= full.pairs);
                standing = left;
            }
        }
    }

    #[test]
    fn a_night_without_changes_scores_next_to_nothing() {
        let (records, _) = people(4, 400, 0.5);
        let model = train(&records, &people_model()).unwrap();
        let refs = record_refs(&records).unwrap();
        let everything: BTreeSet<RecordRef> = refs.iter().cloned().collect();
        let (first, standing) = resolve_changes(&records, &model, &[], &Standing::default(), &everything).unwrap();
        assert!(first.pairs > 1_000);
        let text = serde_json::to_string(&standing).unwrap();
        let standing: Standing = serde_json::from_str(&text).unwrap();
        let (again, _) = resolve_changes(&records, &model, &[], &standing, &BTreeSet::new()).unwrap();
        assert_eq!((again.pairs, &again.edges, &again.clusters), (0, &first.edges, &first.clusters));
    }
}
