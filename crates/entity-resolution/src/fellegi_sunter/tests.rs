use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::maximisation::{Observations, Parameters, Related, maximise};
use super::*;
use crate::testing::{model, people, people_model, records};
use crate::{Bits, BlockPlan, ModelSpec, Pattern, evaluate, kernel, resolve};

/// m and u of three comparisons.
const M: [&[f64]; 3] = [&[0.9, 0.1], &[0.7, 0.2, 0.1], &[0.8, 0.1, 0.05, 0.05]];
const U: [&[f64]; 3] = [&[0.01, 0.99], &[0.05, 0.15, 0.8], &[0.002, 0.008, 0.09, 0.9]];

fn lists(figures: [&[f64]; 3]) -> Vec<Vec<f64>> {
    figures.iter().map(|levels| levels.to_vec()).collect()
}

/// How often each pattern occurs among `pairs` pairs of which `prior` are matches, rounded to whole pairs.
fn planted(prior: f64, pairs: f64) -> BTreeMap<Pattern, u64> {
    let mut counts = BTreeMap::new();
    for a in 0..2 {
        for b in 0..3 {
            for c in 0..4 {
                let share = |p: [&[f64]; 3]| p[0][a] * p[1][b] * p[2][c];
                let count = pairs * (prior * share(M) + (1.0 - prior) * share(U));
                counts.insert(Pattern::of(&[a as u8 + 1, b as u8 + 1, c as u8 + 1]), count.round() as u64);
            }
        }
    }
    counts
}

#[test]
fn maximisation_finds_planted_figures() {
    let (prior, pairs) = (0.02, 1e9);
    let counts = planted(prior, pairs);
    let assumed_m = [vec![0.6, 0.4], vec![0.5, 0.3, 0.2], vec![0.5, 0.3, 0.1, 0.1]];
    let assumed_u = [vec![0.1, 0.9], vec![0.1, 0.2, 0.7], vec![0.1, 0.1, 0.1, 0.7]];
    let seen = Observations {
        candidates: &counts,
        shared: &[false; 3],
        random: &counts,
        all_pairs: pairs,
        assumed_m: &assumed_m,
        assumed_u: &assumed_u,
    };
    let start = Parameters { prior: 0.2, m: assumed_m.to_vec(), u: assumed_u.to_vec(), related: Vec::new() };
    let found = maximise(&seen, start, 5_000, 1e-9);
    assert!(found.converged, "{} rounds, last move {}", found.rounds, found.largest_move);
    assert!((found.parameters.prior - prior).abs() < 1e-4, "{}", found.parameters.prior);
    for (found, planted) in [(&found.parameters.m, lists(M)), (&found.parameters.u, lists(U))] {
        for (found, planted) in found.iter().flatten().zip(planted.iter().flatten()) {
            assert!((found - planted).abs() < 1e-3, "{found} is not {planted}");
        }
    }
}

#[test]
fn maximisation_finds_a_planted_household() {
    // Three things a household shares, two that are a person's own; relatives share as much as matches do.
    let shared = [true, true, true, false, false];
    let (prior, household, pairs) = (0.004, 0.01, 1e10);
    let m = [0.9, 0.8, 0.7, 0.95, 0.9];
    let u = [0.01, 0.002, 0.001, 0.02, 0.005];
    let h = [0.85, 0.9, 0.6, 0.02, 0.005];
    let mut counts = BTreeMap::new();
    for pattern in 0..32u32 {
        let agrees = |place: usize| pattern >> place & 1 == 1;
        let share = |p: &[f64; 5]| (0..5).map(|c| if agrees(c) { p[c] } else { 1.0 - p[c] }).product::<f64>();
        let count = pairs * (prior * share(&m) + household * share(&h) + (1.0 - prior - household) * share(&u));
        let levels: Vec<u8> = (0..5).map(|place| if agrees(place) { 1 } else { 2 }).collect();
        counts.insert(Pattern::of(&levels), count.round() as u64);
    }
    let figures = |p: [f64; 5]| p.map(|share| vec![share, 1.0 - share]).to_vec();
    let (assumed_m, assumed_u) = (figures([0.8; 5]), figures([0.02; 5]));
    let seen = Observations {
        candidates: &counts,
        random: &counts,
        all_pairs: pairs,
        assumed_m: &assumed_m,
        assumed_u: &assumed_u,
        shared: &shared,
    };
    let related = Related { prior: 0.01, figures: figures([0.6, 0.6, 0.6, 0.02, 0.02]) };
    let start = Parameters { prior: 0.01, m: assumed_m.clone(), u: assumed_u.clone(), related: vec![related] };
    let found = maximise(&seen, start, 20_000, 1e-10).parameters;
    assert!((found.prior / prior - 1.0).abs() < 0.01, "{}", found.prior);
    assert!((found.related[0].prior / household - 1.0).abs() < 0.01, "{}", found.related[0].prior);
    for (place, (m, h)) in m.into_iter().zip(h).enumerate() {
        assert!((found.m[place][0] - m).abs() < 0.003, "m {place}: {}", found.m[place][0]);
        assert!(
            (found.related[0].figures[place][0] - h).abs() < 0.003,
            "h {place}: {}",
            found.related[0].figures[place][0]
        );
    }
}

/// A value that agrees with probability `m`, else is another of `values`.
fn again(rng: &mut ChaCha8Rng, value: &str, m: f64, values: u32) -> String {
    if rng.random_bool(m) { value.to_owned() } else { rng.random_range(0..values).to_string() }
}

/// Twins: `entities` entities of two records each, in groups of 20. The chance to agree by
/// accident is 1 in the number of values.
fn twins(entities: u32) -> RecordBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut columns: [Vec<String>; 4] = Default::default();
    for entity in 0..entities {
        let values = [50, 200, 1_000].map(|count| (rng.random_range(0..count).to_string(), count));
        let group = (entity / 10).to_string();
        for copy in 0..2 {
            columns[3].push(group.clone());
            for (place, m) in [0.9, 0.8, 0.95].into_iter().enumerate() {
                let (value, count) = &values[place];
                columns[place].push(if copy == 0 { value.clone() } else { again(&mut rng, value, m, *count) });
            }
        }
    }
    let named: Vec<(&str, &[String])> =
        ["a", "b", "c", "group"].into_iter().zip(columns.iter().map(Vec::as_slice)).collect();
    records(&named)
}

fn twins_model() -> ModelSpec {
    model(&serde_json::json!({
        "name": "twins", "entity": "e",
        "blocking_rules": [{"name": "group", "keys": [{"column": "group"}]}],
        "comparisons": [
            {"column": "a", "method": "exact"}, {"column": "b", "method": "exact"}, {"column": "c", "method": "exact"},
            {"column": "group", "method": "exact"},
        ],
        "thresholds": {"link": 0.9, "review": 0.5},
        "training": {"tolerance": 1e-7, "max_rounds": 1000},
    }))
}

#[test]
fn training_finds_planted_m_and_u_in_records() {
    let trained = train(&twins(5_000), &twins_model()).unwrap();
    let report = &trained.report;
    assert!(report.converged && report.degenerate.is_none(), "{report:?}");
    // A second record that was redrawn may agree by accident.
    for (place, (m, values)) in [(0.9, 50.0), (0.8, 200.0), (0.95, 1_000.0)].into_iter().enumerate() {
        let (planted_m, planted_u) = (m + (1.0 - m) / values, 1.0 / values);
        let level = &trained.comparisons[place].levels[0];
        assert!((level.m - planted_m).abs() < 0.015, "m {} is not {planted_m}", level.m);
        assert!((level.u / planted_u - 1.0).abs() < 0.1, "u {} is not {planted_u}", level.u);
        assert_eq!(level.weight, Bits::from_ratio(level.m, level.u));
    }
    let planted_prior = 5_000.0 / (10_000.0 * 9_999.0 / 2.0);
    assert!((trained.prior / planted_prior - 1.0).abs() < 0.03, "{} is not {planted_prior}", trained.prior);
    assert!((report.expected_matches - 5_000.0).abs() < 150.0, "{}", report.expected_matches);
}

#[test]
fn matches_among_random_pairs_are_not_taken_for_coincidence() {
    // 100 records of 50 entities: one random pair in a hundred is a match, and a value in a thousand agrees by accident.
    let trained = train(
        &twins(50),
        &ModelSpec {
            training: crate::TrainingSpec { min_expected_matches: 20.0, ..twins_model().training },
            ..twins_model()
        },
    )
    .unwrap();
    assert_eq!(trained.report.degenerate, None);
    let u = trained.comparisons[2].levels[0].u;
    assert!(u < 0.004, "{u}");
}

#[test]
fn a_base_without_duplicates_keeps_the_written_figures_and_says_so() {
    let (records, _) = people(5, 600, 0.0);
    let mut spec = people_model();
    spec.comparisons[5].m = vec![0.7, 0.3];
    spec.comparisons[5].u = vec![0.02, 0.98];
    let trained = train(&records, &spec).unwrap();
    let reason = trained.report.degenerate.as_deref().unwrap();
    assert!(reason.contains("are expected to be matches that can be linked"), "{reason}");
    let city: Vec<(f64, f64)> = trained.comparisons[5].levels.iter().map(|level| (level.m, level.u)).collect();
    assert_eq!(city, [(0.7, 0.02), (0.3, 0.98)]);
    let resolution = resolve(&records, &trained, &[]).unwrap();
    assert_eq!(resolution.clusters.count(), 600);
}

#[test]
fn a_model_that_would_take_everything_is_refused() {
    // All records agree on the one thing compared, and the written figures say that hardly a stranger does.
    let names: Vec<&str> = vec!["same"; 200];
    let records = records(&[("a", &names)]);
    let spec = model(&serde_json::json!({
        "name": "m", "entity": "e", "blocking_rules": [{"name": "a", "keys": [{"column": "a"}]}],
        "comparisons": [{"column": "a", "method": "exact", "m": [0.9, 0.1], "u": [0.001, 0.999]}],
        "thresholds": {"link": 0.9, "review": 0.5}, "training": {"prior": 0.9},
    }));
    let trained = train(&records, &spec).unwrap();
    assert!(trained.report.degenerate.is_some(), "{:?}", trained.report);
}

#[test]
fn a_model_with_mistakes_is_not_trained() {
    let mut spec = people_model();
    spec.comparisons.clear();
    let failure = train(&people(1, 10, 0.0).0, &spec).unwrap_err();
    assert!(failure.message.contains("comparisons: a model needs at least one comparison"), "{failure}");
}

#[test]
fn a_model_reads_back_as_written_and_is_the_same_each_time() {
    let (records, _) = people(7, 400, 0.4);
    let text = serde_json::to_string_pretty(&train(&records, &people_model()).unwrap()).unwrap();
    let read: TrainedModel = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), text);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let again = pool.install(|| train(&records, &people_model()).unwrap());
    assert_eq!(serde_json::to_string_pretty(&again).unwrap(), text);
}

#[test]
fn people_with_errors_are_found_again() {
    let (records, truth) = people(42, 1_300, 0.3);
    assert!((1_900..2_200).contains(&records.num_rows()), "{}", records.num_rows());
    let trained = train(&records, &people_model()).unwrap();
    assert_eq!(trained.report.degenerate, None);
    let resolution = resolve(&records, &trained, &[]).unwrap();
    let figures = evaluate(&resolution.clusters.labels, &truth);
    assert!(figures.f1 > 0.9 && figures.precision > 0.97 && figures.b_cubed_f1 > 0.95, "{figures:?}");
    let rules = &resolution.blocking.rules;
    assert_eq!(rules.iter().map(|rule| rule.new_pairs.unwrap()).sum::<u64>(), resolution.pairs);
    assert!(resolution.review.iter().all(|edge| edge.probability() < 0.9 && edge.probability() >= 0.5));
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let (records, _) = people(21, 400, 0.5);
    let trained = train(&records, &people_model()).unwrap();
    let rows: Vec<u32> = (0..records.num_rows() as u32).collect();
    let mut shuffled = rows.clone();
    shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
    // Who is with whom, and how sure that is, by address.
    let found = |rows: Vec<u32>| {
        let records = arrow::compute::take_record_batch(&records, &arrow::array::UInt32Array::from(rows)).unwrap();
        let (refs, resolution) = (crate::record_refs(&records).unwrap(), resolve(&records, &trained, &[]).unwrap());
        let mut clusters = resolution.cluster_refs(&refs);
        for cluster in &mut clusters {
            cluster.sort();
        }
        clusters.sort();
        let address = |row: u32| refs[row as usize].clone();
        let pair =
            |e: &kernel::Edge| (address(e.left).min(address(e.right)), address(e.left).max(address(e.right)), e.weight);
        let mut edges: Vec<_> = resolution.edges.iter().map(pair).collect();
        edges.sort();
        (clusters, edges, resolution.pairs)
    };
    assert_eq!(found(shuffled), found(rows));
}

#[test]
fn contributions_sum_exactly_to_the_kernel_weight() {
    let (records, _) = people(9, 400, 0.5);
    let trained = train(&records, &people_model()).unwrap();
    let plan = BlockPlan::new(&records, &trained.spec).unwrap();
    let edges = kernel::run(&plan, 0..plan.unit_count(), &records, &trained.spec, Some(&trained)).unwrap().edges;
    assert!(edges.len() > 200);
    let mut adjusted = 0;
    for edge in edges {
        for (left, right) in [(edge.left, edge.right), (edge.right, edge.left)] {
            let explained = explain(&records, left, right, &trained).unwrap();
            let parts: Bits =
                explained.contributions.iter().map(|c| c.level_weight + c.term_frequency_adjustment).sum();
            assert_eq!(explained.prior + parts + explained.relation, edge.weight);
            assert_eq!(explained.weight, edge.weight);
            adjusted += explained.contributions.iter().filter(|c| c.term_frequency_adjustment != Bits::ZERO).count();
        }
    }
    assert!(adjusted > 0);
    assert!(explain(&records, 0, 1_000_000, &trained).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn stopping_early_loses_no_edge(seed in 0u64..1_000) {
        let (records, _) = people(seed, 60, 0.5);
        let mut spec = people_model();
        spec.training.min_expected_matches = 1.0;
        let trained = train(&records, &spec).unwrap();
        let plan = BlockPlan::new(&records, &spec).unwrap();
        let edges = kernel::run(&plan, 0..plan.unit_count(), &records, &spec, Some(&trained)).unwrap().edges;
        let scorer = Scorer::new(&trained, &crate::ComparedRecords::new(&records, &spec).unwrap()).unwrap();
        let rows = records.num_rows() as u32;
        for (left, right) in (0..rows).flat_map(|left| (left + 1..rows).map(move |right| (left, right))) {
            let weight = explain(&records, left, right, &trained).unwrap().weight;
            let scored = scorer.score(left, right).map(|(_, weight)| weight);
            prop_assert_eq!(scored, (weight >= trained.review.weight).then_some(weight));
        }
        prop_assert!(edges.iter().all(|e| scorer.score(e.left, e.right) == Some((e.pattern, e.weight))));
    }
}
