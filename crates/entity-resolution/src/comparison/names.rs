//! Given and family names, each compared with an eye on the other: swaps, nicknames, initials, hyphens, several names.
//!
//! A person's two names are two comparisons, because relatives share one of them and not the other, and because
//! agreement on a rare name weighs by that name. They look at each other's column for one thing only: names in each
//! other's place, which is one piece of evidence and not two, so it is a level of the given name, and the family name is
//! then as if it were missing. The rejected alternative, one comparison of both names with a level for each combination, has twenty
//! levels to learn where there are few matches to learn from.

use arrow::array::{Array, RecordBatch, StringArray};
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};
use rapidfuzz::distance::jaro_winkler;

use super::pair_cache::PairCache;
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{ABSENT, CodedText, folded_text};
use crate::sketch::{Sketch, one_error};
use crate::spec::ComparisonSpec;

/// Jaro-Winkler similarity at and above which two names are nearly equal.
const NEAR: f64 = 0.93;
/// Jaro-Winkler similarity at and above which two names are similar.
const SIMILAR: f64 = 0.82;
/// The fewest letters of a name in which one typing error leaves it nearly equal.
const LONG_ENOUGH: usize = 5;
/// The fewest letters of a short form that is the beginning of the whole name.
const SHORT_FORM: usize = 3;

/// Which half of a person's name is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Given,
    Family,
}

/// Compares given or family names.
#[derive(Debug, Clone)]
pub struct Names {
    half: Half,
    name: String,
    column: String,
    partner: Option<String>,
    alternative: Option<String>,
    levels: Vec<String>,
}

/// The levels after "equal", in their order, for both halves; a family name has no nickname.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Relation {
    SameAlternative = EQUAL_LEVEL + 1,
    Parts,
    Near,
    Initial,
    Swapped,
    Similar,
    Different,
}

impl Names {
    /// The comparison of given names that a model file describes.
    pub fn given(spec: &ComparisonSpec) -> Self {
        Self::new(spec, Half::Given)
    }

    /// The comparison of family names that a model file describes.
    pub fn family(spec: &ComparisonSpec) -> Self {
        Self::new(spec, Half::Family)
    }

    fn new(spec: &ComparisonSpec, half: Half) -> Self {
        let alternative = if half == Half::Given { "nickname or variant" } else { "variant" };
        let levels = [
            MISSING,
            EQUAL,
            alternative,
            "some of several names in common",
            "nearly equal",
            "initial or short form",
            "in each other's place",
            "similar",
            ALL_ELSE,
        ];
        Self {
            half,
            name: name_of(spec).to_owned(),
            column: spec.column.clone(),
            partner: spec.partner.clone(),
            alternative: spec.alternative.clone(),
            levels: levels.map(String::from).to_vec(),
        }
    }
}

/// The distinct names of a column, taken apart.
struct Taken {
    /// Letters and digits alone.
    squashed: Vec<String>,
    /// The names in a value of several, sorted; empty for a value of one.
    parts: Vec<Vec<String>>,
    /// The letters alone, at a glance, and whether the value is of several names.
    sketches: Vec<(Sketch, bool)>,
}

impl Taken {
    fn new(values: &CodedText) -> Self {
        let words = |value: &str| -> Vec<String> {
            value.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
        };
        let squashed: Vec<String> = values.values().map(|value| words(value).concat()).collect();
        let parts = values.values().map(|value| {
            let mut words = words(value);
            if words.len() < 2 {
                words.clear();
            }
            words.sort_unstable();
            words
        });
        let parts: Vec<Vec<String>> = parts.collect();
        let sketches = squashed.iter().zip(&parts).map(|(name, parts)| (Sketch::of(name), !parts.is_empty())).collect();
        Self { squashed, parts, sketches }
    }

    /// Whether two names, each a single one, have so little in common that nothing can relate them. A name with one
    /// error in [`LONG_ENOUGH`] letters is similar by any bound used here.
    fn far_apart(&self, left: u32, right: u32) -> bool {
        let ((a, several_a), (b, several_b)) = (&self.sketches[left as usize], &self.sketches[right as usize]);
        !several_a && !several_b && !a.same_initial(b) && !a.may_reach(b, SIMILAR)
    }

    /// How two different names are related, on their own.
    fn relation(&self, left: u32, right: u32) -> Relation {
        let (a, b) = (self.squashed[left as usize].as_str(), self.squashed[right as usize].as_str());
        if a == b {
            return Relation::Near;
        }
        if abbreviates(a, b) || abbreviates(b, a) {
            return Relation::Initial;
        }
        let similarity = similarity(a, b);
        if similarity.is_some_and(|s| s >= NEAR) || one_error_in_many(a, b) {
            return Relation::Near;
        }
        if self.share_a_part(left, right) {
            return Relation::Parts;
        }
        if similarity.is_some() { Relation::Similar } else { Relation::Different }
    }

    fn share_a_part(&self, left: u32, right: u32) -> bool {
        let (a, b) = (&self.parts[left as usize], &self.parts[right as usize]);
        let whole = |code: u32| &self.squashed[code as usize];
        match (a.is_empty(), b.is_empty()) {
            (true, true) => false,
            (false, true) => a.contains(whole(right)),
            (true, false) => b.contains(whole(left)),
            (false, false) => a.iter().any(|part| part.len() > 1 && b.contains(part)),
        }
    }
}

/// Whether one name is the initial of another, or a short form that the other begins with.
fn abbreviates(short: &str, long: &str) -> bool {
    let letters = short.chars().count();
    (letters == 1 || letters >= SHORT_FORM) && short.len() < long.len() && long.starts_with(short)
}

fn similarity(a: &str, b: &str) -> Option<f64> {
    let cutoff = jaro_winkler::Args::default().score_cutoff(SIMILAR);
    if a.is_ascii() && b.is_ascii() {
        jaro_winkler::similarity_with_args(a.bytes(), b.bytes(), &cutoff)
    } else {
        jaro_winkler::similarity_with_args(a.chars(), b.chars(), &cutoff)
    }
}

fn one_error_in_many(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= LONG_ENOUGH && one_error(a, b)
}

/// Names of both halves under one numbering, to find those in each other's place.
struct Partners {
    own: Vec<u32>,
    partner: Vec<u32>,
    values: CodedText,
}

impl Partners {
    fn new(own: &StringArray, partner: &StringArray) -> Self {
        let rows = own.len();
        let both: StringArray = own.iter().chain(partner).collect();
        let values = CodedText::new(&both);
        let (own, partner) = (values.codes()[..rows].to_vec(), values.codes()[rows..].to_vec());
        Self { own, partner, values }
    }

    /// Whether two records' names stand in each other's place: one of them exactly, the other similar.
    fn swapped(&self, left: u32, right: u32) -> bool {
        let (left, right) = (left as usize, right as usize);
        let (a, b) = ((self.own[left], self.partner[right]), (self.own[right], self.partner[left]));
        if [a.0, a.1, b.0, b.1].contains(&ABSENT) || (a.0 != a.1 && b.0 != b.1) {
            return false;
        }
        let near = |(x, y): (u32, u32)| {
            let (a, b) = (self.values.sketch(x), self.values.sketch(y));
            x == y || (a.may_reach(b, SIMILAR) && similarity(self.values.value(x), self.values.value(y)).is_some())
        };
        near(a) && near(b)
    }
}

struct Prepared {
    half: Half,
    codes: Vec<u32>,
    taken: Taken,
    alternatives: Option<Vec<u32>>,
    partners: Option<Partners>,
    cache: PairCache,
}

impl Prepared {
    fn same_alternative(&self, left: u32, right: u32) -> bool {
        self.alternatives
            .as_ref()
            .is_some_and(|codes| codes[left as usize] != ABSENT && codes[left as usize] == codes[right as usize])
    }
}

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.codes[left as usize], self.codes[right as usize]);
        if a == ABSENT || b == ABSENT {
            return NULL_LEVEL;
        }
        if a == b {
            return EQUAL_LEVEL;
        }
        if self.same_alternative(left, right) {
            return Relation::SameAlternative as Level;
        }
        let (a, b) = (a.min(b), a.max(b));
        let level = if self.taken.far_apart(a, b) {
            Relation::Different as Level
        } else {
            self.cache.get(a, b, || self.taken.relation(a, b) as Level)
        };
        let weak = level == Relation::Similar as Level || level == Relation::Different as Level;
        if weak && self.partners.as_ref().is_some_and(|partners| partners.swapped(left, right)) {
            return if self.half == Half::Given { Relation::Swapped as Level } else { NULL_LEVEL };
        }
        level
    }
}

impl Comparison for Names {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let own = folded_text(records, &self.column)?;
        let partners = match &self.partner {
            Some(column) => Some(Partners::new(&own, &folded_text(records, column)?)),
            None => None,
        };
        let alternatives = match &self.alternative {
            Some(column) => Some(CodedText::new(&folded_text(records, column)?).codes().to_vec()),
            None => None,
        };
        let values = CodedText::new(&own);
        let taken = Taken::new(&values);
        Ok(Box::new(Prepared {
            half: self.half,
            codes: values.codes().to_vec(),
            taken,
            alternatives,
            partners,
            cache: PairCache::new(),
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::spec::ComparisonMethod;
    use crate::testing::{model, records};

    fn level(left: [&str; 3], right: [&str; 3]) -> String {
        let column = |place: usize| [left[place], right[place]];
        let (given, family, canonical) = (column(0), column(1), column(2));
        let table = records(&[("given", &given[..]), ("family", &family[..]), ("canonical", &canonical[..])]);
        let spec = model(&serde_json::json!({
            "name": "m", "entity": "e", "blocking_rules": [],
            "comparisons": [{"column": "given", "method": "given_name", "partner": "family", "alternative": "canonical"}],
        }));
        assert_eq!(spec.comparisons[0].method, ComparisonMethod::GivenName);
        let names = Names::given(&spec.comparisons[0]);
        let prepared = names.prepare(&table).unwrap();
        assert_eq!(prepared.level(0, 1), prepared.level(1, 0));
        names.levels()[usize::from(prepared.level(0, 1))].clone()
    }

    #[test]
    fn names_are_related_as_people_write_them() {
        let plain = |a, b| level([a, "", ""], [b, "", ""]);
        assert_eq!(plain("Anna", "ANNA"), "equal");
        assert_eq!(plain("Anna", ""), "missing");
        assert_eq!(plain("Mary-Ann", "Maryann"), "nearly equal");
        assert_eq!(plain("Katherine", "Kathrine"), "nearly equal");
        assert_eq!(plain("Anna Maria", "Maria"), "some of several names in common");
        assert_eq!(plain("R", "Roberto"), "initial or short form");
        assert_eq!(plain("Fred", "Frederick"), "initial or short form");
        assert_eq!(plain("Jo", "Joseph"), "similar");
        assert_eq!(plain("Ann", "Robert"), "all else");
        assert_eq!(level(["Bob", "Li", "robert"], ["Robert", "Li", "robert"]), "nickname or variant");
        assert_eq!(level(["Smith", "John", ""], ["John", "Smith", ""]), "in each other's place");
        assert_eq!(level(["Smith", "John", ""], ["John", "Smyth", ""]), "in each other's place");
        assert_eq!(level(["Smith", "John", ""], ["John", "Brown", ""]), "all else");
    }
}
