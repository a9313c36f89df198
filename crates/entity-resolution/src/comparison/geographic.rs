//! Places by their distance on the globe, by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", 1984).

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::numeric::numbers;
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::column;
use crate::spec::ComparisonSpec;

/// The mean radius of the earth in kilometres.
const RADIUS: f64 = 6_371.009;

/// Compares places given as latitude and longitude in degrees.
#[derive(Debug, Clone)]
pub struct Places {
    name: String,
    latitude: String,
    longitude: String,
    kilometres: Vec<f64>,
    levels: Vec<String>,
}

impl Places {
    /// The distances where a model writes none.
    pub const KILOMETRES: [f64; 3] = [0.1, 1.0, 10.0];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let kilometres = super::similarity::bounds(&spec.thresholds, &Self::KILOMETRES);
        let within = kilometres.iter().map(|distance| format!("within {distance} km"));
        let levels =
            [MISSING, EQUAL].map(String::from).into_iter().chain(within).chain([ALL_ELSE.to_owned()]).collect();
        let longitude = spec.partner.clone().unwrap_or_default();
        Self { name: name_of(spec).to_owned(), latitude: spec.column.clone(), longitude, kilometres, levels }
    }
}

struct Prepared {
    latitudes: Vec<f64>,
    longitudes: Vec<f64>,
    kilometres: Vec<f64>,
}

/// The distance of two places in kilometres.
fn distance(left: (f64, f64), right: (f64, f64)) -> f64 {
    let (a, b) = (left.0.to_radians(), right.0.to_radians());
    let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
    let turned = half(left.1.to_radians(), right.1.to_radians());
    2.0 * RADIUS * (half(a, b) + a.cos() * b.cos() * turned).min(1.0).sqrt().asin()
}

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        let place = |row: u32| (self.latitudes[row as usize], self.longitudes[row as usize]);
        let (a, b) = (place(left), place(right));
        if [a.0, a.1, b.0, b.1].iter().any(|degrees| degrees.is_nan()) {
            return NULL_LEVEL;
        }
        if a == b {
            return EQUAL_LEVEL;
        }
        // The sum of products depends on the order of a pair in its last digit.
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        let apart = distance(first, second);
        let reached = self.kilometres.iter().position(|most| apart <= *most);
        EQUAL_LEVEL + 1 + reached.unwrap_or(self.kilometres.len()) as Level
    }
}

impl Comparison for Places {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        column(records, &self.longitude)?;
        Ok(Box::new(Prepared {
            latitudes: numbers(records, &self.latitude)?,
            longitudes: numbers(records, &self.longitude)?,
            kilometres: self.kilometres.clone(),
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_atlas() {
        let (berlin, paris, sydney) = ((52.52, 13.405), (48.8566, 2.3522), (-33.8688, 151.2093));
        assert!((distance(berlin, paris) - 877.5).abs() < 1.0);
        assert!((distance(paris, sydney) - 16_960.0).abs() < 20.0);
        assert!(distance(berlin, berlin) < 1e-9);
    }
}
