//! How hard the company's records are to resolve: one number that every rate of trouble and defect depends on.
//!
//! A rate is a straight line through its values at hardness 0 and 1, so that each can be stated, tested and compared; the
//! rejected alternative, profiles of rates ("easy", "hard"), would leave nothing between them to measure with. At hardness 1
//! an ordinary configuration of Splink 5 reaches on 100,000 records what it reaches on a shared set of customers, F1 .844;
//! how that is measured stands in `benches/demo_company_hardness.py`.

/// The hardness where none is asked for.
pub const DEFAULT_HARDNESS: f64 = 0.5;
/// The hardest company.
pub const MOST_HARDNESS: f64 = 2.0;

/// Hardness in thousandths, so that no rate depends on how a platform rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hardness(u64);

impl Hardness {
    /// From a number between 0 and [`MOST_HARDNESS`]; `None` for any other.
    pub(crate) fn new(hardness: f64) -> Option<Self> {
        (0.0..=MOST_HARDNESS).contains(&hardness).then(|| Self((hardness * 1000.0).round() as u64))
    }

    /// A rate in a thousand.
    pub(crate) fn rate(self, rate: Rate) -> u64 {
        (rate.0 + rate.1.saturating_sub(rate.0) * self.0 / 1000).min(950)
    }
}

/// A rate in a thousand at hardness 0 and at hardness 1; it never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate(pub(crate) u64, pub(crate) u64);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_straight_lines_below_certainty() {
        let at = |hardness| Hardness::new(hardness).unwrap().rate(Rate(100, 300));
        assert_eq!([at(0.0), at(0.5), at(1.0), at(2.0)], [100, 200, 300, 500]);
        assert_eq!(Hardness::new(2.0).unwrap().rate(Rate(0, 600)), 950);
        for refused in [-0.1, 2.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Hardness::new(refused), None);
        }
    }
}
