//! How good a partition is, held against the truth.
//!
//! Pairs are counted from the sizes of clusters, entities and their intersections, never listed: the figures of a million
//! records cost one sort. Pairwise figures weigh an entity by the square of its size; B-cubed (A. Bagga, B. Baldwin,
//! 1998) weighs every record once. Both are of clusters, not of edges: what a user gets is the closure.

use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

/// The figures of a partition. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The records judged.
    pub records: u64,
    /// The entities there are in truth.
    pub entities: u64,
    /// The clusters that were formed.
    pub clusters: u64,
    /// The entities that are exactly one cluster.
    pub exact_entities: u64,
    /// The pairs of records of one entity.
    pub true_pairs: u64,
    /// The pairs of records of one cluster.
    pub predicted_pairs: u64,
    /// The pairs of records of one entity in one cluster.
    pub correct_pairs: u64,
    /// Correct pairs of predicted ones; 1 where nothing is predicted.
    pub precision: f64,
    /// Correct pairs of true ones; 1 where there are none.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// B-cubed precision.
    pub b_cubed_precision: f64,
    /// B-cubed recall.
    pub b_cubed_recall: f64,
    /// The harmonic mean of both.
    pub b_cubed_f1: f64,
}

/// Numbers labels in the order they come.
fn numbered<L: Eq + Hash>(labels: &[L]) -> (Vec<u32>, Vec<u64>) {
    let mut numbers: HashMap<&L, u32> = HashMap::new();
    let mut sizes: Vec<u64> = Vec::new();
    let mut number = |label| {
        let number = *numbers.entry(label).or_insert_with(|| {
            sizes.push(0);
            sizes.len() as u32 - 1
        });
        sizes[number as usize] += 1;
        number
    };
    let of_records = labels.iter().map(&mut number).collect();
    (of_records, sizes)
}

fn pairs(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.map(|size| size * size.saturating_sub(1) / 2).sum()
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn harmonic(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

/// Judges a partition: `predicted[i]` is the cluster and `truth[i]` the entity of record `i`. Records beyond the shorter
/// of both are not judged.
pub fn evaluate<P: Eq + Hash, T: Eq + Hash>(predicted: &[P], truth: &[T]) -> Evaluation {
    let records = predicted.len().min(truth.len());
    let (clusters, cluster_sizes) = numbered(&predicted[..records]);
    let (entities, entity_sizes) = numbered(&truth[..records]);
    let mut cells: Vec<(u32, u32)> = clusters.into_iter().zip(entities).collect();
    cells.sort_unstable();
    let cells: Vec<(u64, u64, u64)> = cells
        .chunk_by(|a, b| a == b)
        .map(|cell| (cluster_sizes[cell[0].0 as usize], entity_sizes[cell[0].1 as usize], cell.len() as u64))
        .collect();
    let correct_pairs = pairs(cells.iter().map(|cell| cell.2));
    let (true_pairs, predicted_pairs) = (pairs(entity_sizes.iter().copied()), pairs(cluster_sizes.iter().copied()));
    let (precision, recall) = (share(correct_pairs, predicted_pairs), share(correct_pairs, true_pairs));
    // Each of a cell's records shares its cluster, and its entity, with the whole cell.
    let b_cubed = |size: fn(&(u64, u64, u64)) -> u64| {
        let sum: f64 = cells.iter().map(|cell| (cell.2 * cell.2) as f64 / size(cell) as f64).sum();
        if records == 0 { 1.0 } else { sum / records as f64 }
    };
    let (b_cubed_precision, b_cubed_recall) = (b_cubed(|cell| cell.0), b_cubed(|cell| cell.1));
    Evaluation {
        records: records as u64,
        entities: entity_sizes.len() as u64,
        clusters: cluster_sizes.len() as u64,
        exact_entities: cells.iter().filter(|cell| cell.0 == cell.2 && cell.1 == cell.2).count() as u64,
        true_pairs,
        predicted_pairs,
        correct_pairs,
        precision,
        recall,
        f1: harmonic(precision, recall),
        b_cubed_precision,
        b_cubed_recall,
        b_cubed_f1: harmonic(b_cubed_precision, b_cubed_recall),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pair by pair and record by record, as the definitions say.
    fn by_definition(predicted: &[u8], truth: &[u8]) -> [f64; 7] {
        let n = predicted.len();
        let (mut both, mut cluster, mut entity) = (0.0, 0.0, 0.0);
        for i in 0..n {
            for j in i + 1..n {
                cluster += f64::from(u8::from(predicted[i] == predicted[j]));
                entity += f64::from(u8::from(truth[i] == truth[j]));
                both += f64::from(u8::from(predicted[i] == predicted[j] && truth[i] == truth[j]));
            }
        }
        let (mut precision, mut recall) = (0.0, 0.0);
        for i in 0..n {
            let count = |keep: &dyn Fn(usize) -> bool| (0..n).filter(|j| keep(*j)).count() as f64;
            let shared = count(&|j| predicted[i] == predicted[j] && truth[i] == truth[j]);
            precision += shared / count(&|j| predicted[i] == predicted[j]) / n as f64;
            recall += shared / count(&|j| truth[i] == truth[j]) / n as f64;
        }
        let share = |whole: f64| if whole == 0.0 { 1.0 } else { both / whole };
        [entity, cluster, both, share(cluster), share(entity), precision, recall]
    }

    proptest! {
        #[test]
        fn the_figures_are_those_of_the_definitions(labels in proptest::collection::vec((0u8..6, 0u8..6), 1..60)) {
            let (predicted, truth): (Vec<u8>, Vec<u8>) = labels.into_iter().unzip();
            let e = evaluate(&predicted, &truth);
            let found = [e.true_pairs as f64, e.predicted_pairs as f64, e.correct_pairs as f64, e.precision, e.recall,
                e.b_cubed_precision, e.b_cubed_recall];
            for (found, expected) in found.into_iter().zip(by_definition(&predicted, &truth)) {
                prop_assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
            }
        }
    }

    #[test]
    fn nothing_predicted_is_nothing_wrong() {
        let e = evaluate(&[1, 2, 3], &["a", "a", "b"]);
        assert_eq!((e.precision, e.recall, e.f1, e.exact_entities), (1.0, 0.0, 0.0, 1));
        let perfect = evaluate(&["x", "x", "y"], &[7, 7, 8]);
        assert_eq!((perfect.f1, perfect.b_cubed_f1, perfect.exact_entities), (1.0, 1.0, 2));
        assert!(evaluate::<u8, u8>(&[], &[]).precision >= 1.0);
    }
}
