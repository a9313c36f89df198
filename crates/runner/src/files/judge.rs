//! How good clusters are, held against the truth: all of them, and by what made an entity hard.
//!
//! Pairs across sources, and pairs that touch records of one kind of trouble, are differences of counts over all records
//! and over parts of them, so no pair is ever listed.

use std::collections::{BTreeMap, BTreeSet};

use onefold_entity_resolution::{Evaluation, evaluate};
use serde::Serialize;

/// A record with what was found and what is true.
pub(crate) struct Record {
    /// The cluster found.
    pub(crate) cluster: u32,
    /// The entity in truth.
    pub(crate) entity: u32,
    /// The source, where only pairs across sources count.
    pub(crate) source: Option<u32>,
    /// What made its entity hard (household, twin, move), in words.
    pub(crate) trouble: BTreeSet<String>,
}

/// The figures of a clustering.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Figures {
    /// Over all records.
    #[serde(flatten)]
    pub(crate) all: Evaluation,
    /// The records of the largest cluster.
    pub(crate) largest_cluster: u64,
    /// The records of the largest entity.
    pub(crate) largest_entity: u64,
    /// Clusters that hold records of more than one entity.
    pub(crate) mixed_clusters: u64,
    /// Entities whose records stand in more than one cluster.
    pub(crate) split_entities: u64,
    /// By kind of trouble; absent where the truth tells none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) by_trouble: BTreeMap<String, TroubleFigures>,
}

/// The figures of records of one kind of trouble: pairs that touch such a record; B-cubed over such records.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct TroubleFigures {
    pub(crate) records: u64,
    pub(crate) true_pairs: u64,
    pub(crate) predicted_pairs: u64,
    pub(crate) correct_pairs: u64,
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
    pub(crate) b_cubed_precision: f64,
    pub(crate) b_cubed_recall: f64,
    pub(crate) b_cubed_f1: f64,
}

/// The word for records without any trouble.
const NONE: &str = "none";

/// Judges a clustering.
pub(crate) fn judge(records: &[Record]) -> Figures {
    let all: Vec<&Record> = records.iter().collect();
    let clusters: Vec<u32> = all.iter().map(|record| record.cluster).collect();
    let entities: Vec<u32> = all.iter().map(|record| record.entity).collect();
    let mut evaluation = evaluate(&clusters, &entities);
    let counts = Pairs::of(&all);
    (evaluation.true_pairs, evaluation.predicted_pairs, evaluation.correct_pairs) =
        (counts.truth, counts.found, counts.both);
    (evaluation.precision, evaluation.recall) = (share(counts.both, counts.found), share(counts.both, counts.truth));
    evaluation.f1 = harmonic(evaluation.precision, evaluation.recall);
    let sizes = Sizes::of(&all);
    Figures {
        largest_cluster: sizes.clusters.values().copied().max().unwrap_or(0),
        largest_entity: sizes.entities.values().copied().max().unwrap_or(0),
        mixed_clusters: sizes.several(|(cluster, _)| cluster),
        split_entities: sizes.several(|(_, entity)| entity),
        by_trouble: by_trouble(&all, counts, &sizes),
        all: evaluation,
    }
}

fn by_trouble(all: &[&Record], counts: Pairs, sizes: &Sizes) -> BTreeMap<String, TroubleFigures> {
    let mut words: BTreeSet<&str> = all.iter().flat_map(|record| &record.trouble).map(String::as_str).collect();
    if words.is_empty() {
        return BTreeMap::new();
    }
    words.insert(NONE);
    let has = |record: &Record, word: &str| {
        if word == NONE { record.trouble.is_empty() } else { record.trouble.contains(word) }
    };
    let of_word = |word: &str| {
        let (inside, outside): (Vec<&Record>, Vec<&Record>) = all.iter().partition(|record| has(record, word));
        let apart = Pairs::of(&outside);
        let pairs = Pairs {
            truth: counts.truth - apart.truth,
            found: counts.found - apart.found,
            both: counts.both - apart.both,
        };
        let mean = |size: &dyn Fn(&Record) -> u64| {
            let sum: f64 = inside.iter().map(|record| sizes.cell(record) as f64 / size(record) as f64).sum();
            if inside.is_empty() { 1.0 } else { sum / inside.len() as f64 }
        };
        let (b_cubed_precision, b_cubed_recall) =
            (mean(&|record| sizes.clusters[&record.cluster]), mean(&|record| sizes.entities[&record.entity]));
        let (precision, recall) = (share(pairs.both, pairs.found), share(pairs.both, pairs.truth));
        TroubleFigures {
            records: inside.len() as u64,
            true_pairs: pairs.truth,
            predicted_pairs: pairs.found,
            correct_pairs: pairs.both,
            precision,
            recall,
            f1: harmonic(precision, recall),
            b_cubed_precision,
            b_cubed_recall,
            b_cubed_f1: harmonic(b_cubed_precision, b_cubed_recall),
        }
    };
    words.into_iter().map(|word| (word.to_owned(), of_word(word))).filter(|(_, figures)| figures.records > 0).collect()
}

/// Counts of pairs: of one entity, of one cluster, of both.
#[derive(Clone, Copy)]
struct Pairs {
    truth: u64,
    found: u64,
    both: u64,
}

impl Pairs {
    /// The pairs among records; where they have sources, only pairs of two sources.
    fn of(records: &[&Record]) -> Self {
        let count = |with_source: bool| {
            let label = |record: &&Record, of: u32| (of, with_source.then_some(record.source).flatten());
            let clusters: Vec<_> = records.iter().map(|record| label(record, record.cluster)).collect();
            let entities: Vec<_> = records.iter().map(|record| label(record, record.entity)).collect();
            evaluate(&clusters, &entities)
        };
        let all = count(false);
        let mut pairs = Self { truth: all.true_pairs, found: all.predicted_pairs, both: all.correct_pairs };
        if records.iter().any(|record| record.source.is_some()) {
            let within = count(true);
            pairs.truth -= within.true_pairs;
            pairs.found -= within.predicted_pairs;
            pairs.both -= within.correct_pairs;
        }
        pairs
    }
}

/// How many records each cluster, each entity, and each pair of both has.
struct Sizes {
    clusters: BTreeMap<u32, u64>,
    entities: BTreeMap<u32, u64>,
    cells: BTreeMap<(u32, u32), u64>,
}

impl Sizes {
    fn of(records: &[&Record]) -> Self {
        let mut sizes = Self { clusters: BTreeMap::new(), entities: BTreeMap::new(), cells: BTreeMap::new() };
        for record in records {
            *sizes.clusters.entry(record.cluster).or_default() += 1;
            *sizes.entities.entry(record.entity).or_default() += 1;
            *sizes.cells.entry((record.cluster, record.entity)).or_default() += 1;
        }
        sizes
    }

    fn cell(&self, record: &Record) -> u64 {
        self.cells.get(&(record.cluster, record.entity)).copied().unwrap_or_default()
    }

    /// How many clusters, or entities, share records with several of the other.
    fn several(&self, label: impl Fn((u32, u32)) -> u32) -> u64 {
        let mut others: BTreeMap<u32, u64> = BTreeMap::new();
        for cell in self.cells.keys() {
            *others.entry(label(*cell)).or_default() += 1;
        }
        others.values().filter(|count| **count > 1).count() as u64
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn harmonic(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(cluster: u32, entity: u32, source: Option<u32>, trouble: &[&str]) -> Record {
        Record { cluster, entity, source, trouble: trouble.iter().map(|word| (*word).to_owned()).collect() }
    }

    #[test]
    fn figures_by_trouble_are_those_counted_by_hand() {
        // Entity 1: records a, b, c, of which a and b were found; entity 2: d and e, of which e was put to f of entity 3.
        let records = [
            record(1, 1, None, &["move"]),
            record(1, 1, None, &["move"]),
            record(2, 1, None, &["move"]),
            record(3, 2, None, &["household", "twin"]),
            record(4, 2, None, &["household", "twin"]),
            record(4, 3, None, &["household"]),
            record(5, 4, None, &[]),
        ];
        let figures = judge(&records);
        assert_eq!((figures.all.true_pairs, figures.all.predicted_pairs, figures.all.correct_pairs), (4, 2, 1));
        let moved = figures.by_trouble["move"];
        assert_eq!((moved.records, moved.true_pairs, moved.predicted_pairs, moved.correct_pairs), (3, 3, 1, 1));
        assert!((moved.b_cubed_recall - (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0) / 3.0).abs() < 1e-12);
        let twin = figures.by_trouble["twin"];
        assert_eq!((twin.true_pairs, twin.predicted_pairs, twin.correct_pairs), (1, 1, 0));
        assert!((twin.b_cubed_precision - 0.75).abs() < 1e-12);
        assert_eq!(figures.by_trouble["none"].records, 1);
        assert_eq!((figures.mixed_clusters, figures.split_entities, figures.largest_cluster), (1, 2, 2));
    }

    proptest! {
        #[test]
        fn pairs_across_sources_are_those_listed(labels in proptest::collection::vec((0u32..5, 0u32..5, 0u32..2), 1..40)) {
            let records: Vec<Record> = labels.iter().map(|(c, e, s)| record(*c, *e, Some(*s), &[])).collect();
            let (mut truth, mut found, mut both) = (0, 0, 0);
            for (place, a) in labels.iter().enumerate() {
                for b in labels[place + 1..].iter().filter(|b| b.2 != a.2) {
                    truth += u64::from(a.1 == b.1);
                    found += u64::from(a.0 == b.0);
                    both += u64::from(a.1 == b.1 && a.0 == b.0);
                }
            }
            let figures = judge(&records).all;
            prop_assert_eq!((figures.true_pairs, figures.predicted_pairs, figures.correct_pairs), (truth, found, both));
        }
    }
}
