//! Where the lines are drawn, out of what the model expects.
//!
//! A threshold that was right for a hundred thousand records is wrong for a million, because pairs grow faster than
//! matches; the odds of the trained model follow the data, so a line drawn by expected precision, or by how many pairs
//! people can look at, stays where it should. The rejected alternative, one match weight for ever, is what users forget
//! to move.

use std::collections::BTreeMap;

use super::maximisation::Parameters;
use crate::Pattern;
use crate::spec::ThresholdSpec;

/// The lines of a trained model, as probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OperatingPoint {
    /// At or above: linked.
    pub(super) link: f64,
    /// At or above, and below `link`: for review.
    pub(super) review: f64,
    /// The share of right links that is expected.
    pub(super) precision: f64,
}

/// The lowest line that may be drawn: below it no pair is worth a steward's look.
const LOWEST: f64 = 0.001;
/// The highest line that may be drawn.
const HIGHEST: f64 = 0.999_999;

impl OperatingPoint {
    /// The lines as written or, where a precision or the stewards' capacity is written, where those put them.
    pub(super) fn of(spec: &ThresholdSpec, candidates: &BTreeMap<Pattern, u64>, model: &Parameters) -> Self {
        let mut judged: Vec<(f64, f64)> =
            candidates.iter().map(|(pattern, count)| (model.probability(*pattern), *count as f64)).collect();
        judged.sort_by(|a, b| b.0.total_cmp(&a.0));
        let link = spec.precision.map_or(spec.link, |wanted| line_of_precision(&judged, wanted));
        let review = match spec.steward_pairs {
            Some(pairs) => line_of_capacity(&judged, link, pairs as f64),
            None => spec.review.min(link),
        };
        Self { link, review, precision: precision(&judged, link) }
    }
}

/// The share of matches among the pairs at or above a line; 1 where there are none.
fn precision(judged: &[(f64, f64)], line: f64) -> f64 {
    let (right, all) = judged
        .iter()
        .filter(|(probability, _)| *probability >= line)
        .fold((0.0, 0.0), |(right, all), (probability, pairs)| (right + probability * pairs, all + pairs));
    if all > 0.0 { right / all } else { 1.0 }
}

/// The lowest line with the wanted precision. A line is never drawn where the next pair is more likely wrong than right.
fn line_of_precision(judged: &[(f64, f64)], wanted: f64) -> f64 {
    let (mut right, mut all, mut line) = (0.0, 0.0, HIGHEST);
    for (probability, pairs) in judged {
        right += probability * pairs;
        all += pairs;
        if right / all < wanted || *probability < 0.5 {
            break;
        }
        line = *probability;
    }
    line.clamp(0.5, HIGHEST)
}

/// The line down to which there are about as many pairs below the link line as people can look at.
fn line_of_capacity(judged: &[(f64, f64)], link: f64, capacity: f64) -> f64 {
    let (mut pairs, mut lowest) = (0.0, link);
    for (probability, count) in judged.iter().filter(|(probability, _)| *probability < link) {
        pairs += count;
        if pairs > capacity {
            break;
        }
        lowest = *probability;
    }
    lowest.clamp(LOWEST.min(link), link)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const JUDGED: [(f64, f64); 5] = [(0.99, 1_000.0), (0.9, 100.0), (0.6, 100.0), (0.3, 50.0), (0.01, 10_000.0)];

    #[test]
    fn a_precision_draws_the_line_as_low_as_it_allows() {
        assert!((line_of_precision(&JUDGED, 0.985) - 0.99).abs() < 1e-9);
        assert!((line_of_precision(&JUDGED, 0.98) - 0.9).abs() < 1e-9);
        assert!((line_of_precision(&JUDGED, 0.95) - 0.6).abs() < 1e-9);
        assert!((line_of_precision(&JUDGED, 0.1) - 0.6).abs() < 1e-9, "never below even odds");
        assert!(line_of_precision(&JUDGED, 0.999) > 0.99);
        assert!((precision(&JUDGED, 0.9) - 1_080.0 / 1_100.0).abs() < 1e-9);
    }

    #[test]
    fn a_capacity_draws_the_line_where_it_is_used_up() {
        assert!((line_of_capacity(&JUDGED, 0.9, 120.0) - 0.6).abs() < 1e-9);
        assert!((line_of_capacity(&JUDGED, 0.9, 150.0) - 0.3).abs() < 1e-9);
        assert!((line_of_capacity(&JUDGED, 0.9, 1.0) - 0.9).abs() < 1e-9);
    }
}
