use std::collections::BTreeSet;

use onefold_contract::comparison::BlockKeys;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::blocking::blocking_rule;
use crate::comparison::prepare;
use crate::testing::{model, people, people_model, records};
use crate::train;

fn whole(plan: &BlockPlan, records: &RecordBatch, spec: &ModelSpec, scoring: Option<&TrainedModel>) -> KernelOutput {
    run(plan, 0..plan.unit_count(), records, spec, scoring).unwrap()
}

/// The kernel's output of `parts` partitions, merged in a shuffled order, plan and outputs handed over as JSON.
fn in_parts(
    parts: usize,
    plan: &BlockPlan,
    records: &RecordBatch,
    spec: &ModelSpec,
    scoring: Option<&TrainedModel>,
) -> KernelOutput {
    let plan: BlockPlan = serde_json::from_str(&serde_json::to_string(plan).unwrap()).unwrap();
    let mut ranges = plan.partition(parts);
    assert_eq!(ranges.len(), parts);
    ranges.shuffle(&mut ChaCha8Rng::seed_from_u64(parts as u64));
    let outputs = ranges.into_iter().map(|range| {
        let output = run(&plan, range, records, spec, scoring).unwrap();
        serde_json::from_str(&serde_json::to_string(&output).unwrap()).unwrap()
    });
    outputs.fold(KernelOutput::default(), KernelOutput::merge)
}

#[test]
fn any_number_of_partitions_and_threads_gives_the_same() {
    let (records, _) = people(3, 700, 0.4);
    let spec = people_model();
    let trained = train(&records, &spec).unwrap();
    let plan = BlockPlan::new(&records, &spec).unwrap();
    for scoring in [None, Some(&trained)] {
        let expected = whole(&plan, &records, &spec, scoring);
        assert!(expected.pairs > 1_000);
        assert_eq!(expected.edges.is_empty(), scoring.is_none());
        for parts in [1, 7, 64] {
            assert_eq!(in_parts(parts, &plan, &records, &spec, scoring), expected, "{parts} partitions");
        }
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| whole(&plan, &records, &spec, scoring));
            assert_eq!(found, expected, "{threads} threads");
        }
    }
}

/// Every pair that shares a key whose block is not too large, by listing all pairs.
fn listed(records: &RecordBatch, spec: &ModelSpec) -> BTreeSet<(u32, u32)> {
    let mut pairs: BTreeSet<(u32, u32)> = BTreeSet::new();
    for rule in &spec.blocking_rules {
        let keys: BlockKeys = blocking_rule(rule).keys(records).unwrap();
        let size = |key: u64| keys.keys.iter().filter(|other| **other == key).count() as u32;
        for right in 0..records.num_rows() as u32 {
            for left in 0..right {
                let mut shared = keys.of(left).iter().filter(|key| keys.of(right).contains(key));
                if shared.any(|key| size(*key) <= rule.max_block) {
                    pairs.insert((left, right));
                }
            }
        }
    }
    pairs
}

/// Every pair that stands in one block of the plan, pieces of oversized ones included.
fn planned(plan: &BlockPlan) -> BTreeSet<(u32, u32)> {
    let mut pairs = BTreeSet::new();
    for rule in plan.rules() {
        for block in (0..rule.blocks()).map(|block| rule.block(block)) {
            assert!(block.is_sorted_by(|a, b| a < b));
            for (place, left) in block.iter().enumerate() {
                pairs.extend(block[place + 1..].iter().map(|right| (*left, *right)));
            }
        }
    }
    pairs
}

fn three_rules(max_block: u32) -> ModelSpec {
    model(&serde_json::json!({
        "name": "m", "entity": "e",
        "blocking_rules": [
            {"name": "a", "keys": [{"column": "a"}], "max_block": max_block},
            {"name": "b", "method": "min_hash", "keys": [{"column": "b"}], "signature": {"gram": 1, "bands": 3, "rows": 1},
             "max_block": max_block},
            {"name": "a and b", "keys": [{"column": "a", "part": "prefix", "length": 1}, {"column": "b"}],
             "max_block": max_block},
        ],
        "comparisons": [{"column": "a", "method": "exact"}, {"column": "b", "method": "jaro_winkler"}],
        "thresholds": {"link": 0.9, "review": 0.5},
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_pair_of_a_block_is_compared_once(
        values in proptest::collection::vec(("[a-c]{0,2}", "[x-z]{0,3}"), 2..60),
        max_block in 2u32..30,
        parts in 1usize..9,
    ) {
        let (a, b): (Vec<String>, Vec<String>) = values.into_iter().unzip();
        let records = records(&[("a", &a), ("b", &b)]);
        let spec = three_rules(max_block);
        let plan = BlockPlan::new(&records, &spec).unwrap();
        let output = whole(&plan, &records, &spec, None);
        let expected = planned(&plan);
        prop_assert!(listed(&records, &spec).is_subset(&expected));
        prop_assert_eq!(output.pairs, expected.len() as u64);
        prop_assert!(plan.pair_count() >= output.pairs);
        let comparisons = prepare(&spec, &records).unwrap();
        let mut counts = PatternCounts::new();
        for (left, right) in expected {
            *counts.entry(pattern(&comparisons, left, right)).or_default() += 1;
        }
        prop_assert_eq!(&output.pattern_counts, &counts);
        prop_assert_eq!(in_parts(parts, &plan, &records, &spec, None), output);
    }

    #[test]
    fn strongest_edges_outlive_every_merge(
        weights in proptest::collection::vec((0u32..12, 0u32..12, 0u8..4), 0..80),
        parts in 1usize..6,
        most in 1usize..5,
    ) {
        let of_pair: BTreeMap<(u32, u32), u8> = weights.into_iter().filter(|(l, r, _)| l < r).map(|(l, r, w)| ((l, r), w)).collect();
        let edges: Vec<Edge> = of_pair
            .iter()
            .map(|((left, right), w)| Edge { left: *left, right: *right, weight: Bits::new(f64::from(*w)), pattern: Pattern::default() })
            .collect();
        let expected = strongest(edges.clone(), most);
        let merged = (0..parts).fold(Vec::new(), |mut merged: Vec<Edge>, part| {
            merged.extend(strongest(edges.iter().skip(part).step_by(parts).copied().collect(), most));
            strongest(merged, most)
        });
        prop_assert_eq!(&merged, &expected);
        // By definition: an edge stays where fewer than `most` edges of one of its records are stronger.
        let stronger = |a: &Edge, b: &Edge| (std::cmp::Reverse(a.weight), a.left, a.right) < (std::cmp::Reverse(b.weight), b.left, b.right);
        let rank = |edge: &Edge, row: u32| edges.iter().filter(|o| (o.left == row || o.right == row) && stronger(o, edge)).count();
        let kept: Vec<Edge> = edges.iter().filter(|e| rank(e, e.left) < most || rank(e, e.right) < most).copied().collect();
        prop_assert_eq!(kept, expected);
    }
}

#[test]
fn a_giant_block_is_cut_and_an_oversized_one_is_reported() {
    let values: Vec<String> =
        (0..900).map(|row| if row < 600 { "same".into() } else { format!("other {row}") }).collect();
    let records = records(&[("a", &values), ("b", &values)]);
    let mut spec = three_rules(1_000);
    spec.blocking_rules.truncate(1);
    let plan = BlockPlan::new(&records, &spec).unwrap();
    assert_eq!((plan.block_count(), plan.pair_count()), (1, 600 * 599 / 2));
    let shares: Vec<u64> =
        plan.partition(4).into_iter().map(|part| run(&plan, part, &records, &spec, None).unwrap().pairs).collect();
    assert_eq!(shares.iter().sum::<u64>(), plan.pair_count());
    assert!(shares.iter().all(|pairs| (40_000..50_000).contains(pairs)), "{shares:?}");

    spec.blocking_rules[0].max_block = 599;
    let plan = BlockPlan::new(&records, &spec).unwrap();
    let report = &plan.report(None).rules[0];
    assert_eq!(report.oversized_blocks, 1);
    assert_eq!((report.oversized[0].records, report.oversized_pairs), (600, 600 * 599 / 2));
    assert_eq!(report.oversized[0].example, crate::testing::address(0));
    // Windows are what is left of it: every record has some neighbours.
    assert!((600 * 7..600 * 16).contains(&report.pairs), "{}", report.pairs);
}

#[test]
fn a_hub_keeps_its_strongest_edges() {
    let edge = |left: u32, right: u32, weight: f64| Edge {
        left,
        right,
        weight: Bits::new(weight),
        pattern: Pattern::default(),
    };
    let hub: Vec<Edge> = (1..=300).map(|row| edge(0, row, f64::from(row))).collect();
    // Each of the other records has this edge alone, so it is among its strongest.
    assert_eq!(strongest(hub.clone(), 100).len(), 300);
    let busy: Vec<Edge> = (1..300).map(|row| edge(row, row + 1, 1_000.0)).collect();
    let kept = strongest([hub, busy].concat(), 2);
    assert_eq!(kept.iter().filter(|e| e.left == 0).map(|e| e.right).collect::<Vec<_>>(), [1, 299, 300]);
}

#[test]
fn a_plan_of_other_records_is_refused() {
    let plan = BlockPlan::new(&records(&[("a", &["x", "x"]), ("b", &["y", "y"])]), &three_rules(9)).unwrap();
    let three = records(&[("a", &["x", "x", "x"]), ("b", &["y", "y", "y"])]);
    assert!(run(&plan, 0..1, &three, &three_rules(9), None).is_err());
}
