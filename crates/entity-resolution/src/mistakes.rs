//! What is wrong with a model file, all of it at once, each with its place.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use rapidfuzz::distance::damerau_levenshtein;

use crate::Pattern;
use crate::blocking::{self, RuleSet};
use crate::comparison;
use crate::spec::{
    BlockingKeySpec, BlockingMethod, BlockingRuleSpec, ComparisonMethod, ComparisonSpec, KeyPart, ModelSpec,
    SurvivorshipRuleName,
};

/// How far from 1 the sum of written probabilities may be.
const SUM_TOLERANCE: f64 = 0.01;

/// The known name that an unknown one is likely to mean: the nearest within a third of its length.
pub(crate) fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &str| damerau_levenshtein::distance(unknown.chars(), name.chars());
    let most = (unknown.chars().count() / 3).max(1);
    let near = known.into_iter().map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= most);
    near.min().map(|(_, name)| name)
}

/// Mistakes as they are found.
struct Mistakes<'a> {
    columns: Option<&'a BTreeMap<String, DataType>>,
    found: Vec<(String, String)>,
}

impl ModelSpec {
    /// Everything that is wrong: the place in the TOML file (`comparisons[1].m`) and a sentence that says what would be
    /// right. Columns are checked where they are known: names and types of the standardized attributes.
    pub fn mistakes(&self, columns: Option<&BTreeMap<String, DataType>>) -> Vec<(String, String)> {
        let mut mistakes = Mistakes { columns, found: Vec::new() };
        mistakes.blocking_rules(&self.blocking_rules);
        mistakes.comparisons(&self.comparisons);
        mistakes.thresholds(self);
        mistakes.training(self);
        mistakes.survivorship(self);
        mistakes.found
    }
}

impl Mistakes<'_> {
    fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.found.push((path.into(), message.into()));
    }

    /// A column must be there and of a type that fits.
    fn column(&mut self, path: &str, name: &str, fits: impl Fn(&DataType) -> bool, needed: &str) {
        let Some(columns) = self.columns else { return };
        match columns.get(name) {
            None => {
                let known = || columns.keys().map(String::as_str);
                let message = if let Some(near) = nearest(name, known()) {
                    format!("there is no column `{name}`; did you mean `{near}`?")
                } else {
                    format!("there is no column `{name}`; there are: {}", known().collect::<Vec<_>>().join(", "))
                };
                self.add(path, message);
            }
            Some(found) if !fits(found) => {
                self.add(path, format!("column `{name}` is of type {found}, but {needed} is needed here"));
            }
            Some(_) => {}
        }
    }

    fn unique<'n>(&mut self, list: &str, names: impl Iterator<Item = &'n str>, key: &str) {
        let mut seen = BTreeSet::new();
        for (place, name) in names.enumerate() {
            if !seen.insert(name) {
                self.add(
                    format!("{list}[{place}]{key}"),
                    format!("`{name}` stands here a second time; names must differ"),
                );
            }
        }
    }

    fn blocking_rules(&mut self, rules: &[BlockingRuleSpec]) {
        if rules.is_empty() {
            self.add("blocking_rules", "a model needs at least one blocking rule, or no pair is ever compared");
        }
        if rules.len() > RuleSet::MAX_RULES {
            let most = RuleSet::MAX_RULES;
            self.add("blocking_rules", format!("{} blocking rules are more than the {most} possible", rules.len()));
        }
        self.unique("blocking_rules", rules.iter().map(|rule| rule.name.as_str()), ".name");
        for (place, rule) in rules.iter().enumerate() {
            let path = format!("blocking_rules[{place}]");
            let every_pair = rule.method == BlockingMethod::EveryPair;
            if every_pair && !rule.keys.is_empty() {
                self.add(format!("{path}.keys"), "an `every_pair` rule takes no keys; write `keys = []`");
            }
            if rule.keys.is_empty() && !every_pair {
                self.add(format!("{path}.keys"), format!("blocking rule `{}` needs at least one key", rule.name));
            }
            if rule.max_block < 2 {
                self.add(format!("{path}.max_block"), "a block of fewer than 2 records makes no pair; write 2 or more");
            }
            for (key_place, key) in rule.keys.iter().enumerate() {
                self.blocking_key(&format!("{path}.keys[{key_place}]"), key, rule.method);
            }
            for (key_place, key) in rule.refine.iter().enumerate() {
                self.blocking_key(&format!("{path}.refine[{key_place}]"), key, BlockingMethod::Keys);
            }
            if rule.window < 2 {
                self.add(format!("{path}.window"), "a window of fewer than 2 records makes no pair; write 2 or more");
            }
            self.signature(&path, rule);
        }
    }

    fn blocking_key(&mut self, path: &str, key: &BlockingKeySpec, method: BlockingMethod) {
        if method == BlockingMethod::MinHash && key.part != KeyPart::Whole {
            self.add(format!("{path}.part"), "a `min_hash` rule takes whole values; leave `part` out");
        }
        if method == BlockingMethod::SortedNeighbourhood && !matches!(key.part, KeyPart::Whole | KeyPart::Prefix) {
            self.add(format!("{path}.part"), "a `sorted_neighbourhood` rule takes whole values or prefixes");
        }
        if key.part == KeyPart::Prefix && key.length.is_none_or(|length| length == 0) {
            self.add(format!("{path}.length"), "part `prefix` needs `length`, the number of characters, 1 or more");
        }
        if key.part != KeyPart::Prefix && key.length.is_some() {
            self.add(format!("{path}.length"), "only part `prefix` has a `length`; leave it out");
        }
        let part = if method == BlockingMethod::MinHash { KeyPart::Prefix } else { key.part };
        let needed = blocking::needed(part);
        self.column(&format!("{path}.column"), &key.column, |found| blocking::accepts(part, found), needed);
    }

    fn signature(&mut self, path: &str, rule: &BlockingRuleSpec) {
        let shape = &rule.signature;
        for (name, figure, most) in [("gram", shape.gram, 16), ("bands", shape.bands, 64), ("rows", shape.rows, 16)] {
            if !(1..=most).contains(&figure) {
                self.add(format!("{path}.signature.{name}"), format!("{figure} is not between 1 and {most}"));
            }
        }
    }

    fn comparisons(&mut self, comparisons: &[ComparisonSpec]) {
        if comparisons.is_empty() {
            self.add("comparisons", "a model needs at least one comparison");
        }
        if comparisons.len() > Pattern::MAX_COMPARISONS {
            let most = Pattern::MAX_COMPARISONS;
            self.add("comparisons", format!("{} comparisons are more than the {most} possible", comparisons.len()));
        }
        self.unique("comparisons", comparisons.iter().map(comparison::name_of), ".name");
        for (place, spec) in comparisons.iter().enumerate() {
            self.comparison(&format!("comparisons[{place}]"), spec);
        }
    }

    fn comparison(&mut self, path: &str, spec: &ComparisonSpec) {
        let needed = comparison::needed(spec.method);
        self.column(&format!("{path}.column"), &spec.column, |t| comparison::accepts(spec.method, t), needed);
        if let Some(alternative) = &spec.alternative {
            self.column(&format!("{path}.alternative"), alternative, |t| !t.is_nested(), "a simple value");
            if alternative == &spec.column {
                self.add(format!("{path}.alternative"), "the alternative must be another column than the one compared");
            }
        }
        self.partner(path, spec);
        self.bounds(path, spec);
        let levels = comparison::comparison(spec).levels().to_vec();
        if levels.len() > Pattern::MAX_LEVELS {
            let most = Pattern::MAX_LEVELS;
            self.add(
                format!("{path}.thresholds"),
                format!("{} levels are more than the {most} possible", levels.len()),
            );
        }
        self.probabilities(&format!("{path}.m"), &spec.m, &levels);
        self.probabilities(&format!("{path}.u"), &spec.u, &levels);
    }

    fn partner(&mut self, path: &str, spec: &ComparisonSpec) {
        let path = format!("{path}.partner");
        let geographic = spec.method == ComparisonMethod::Geographic;
        match &spec.partner {
            Some(_) if !comparison::takes_partner(spec.method) => {
                self.add(path, "this method looks at one column; leave `partner` out");
            }
            Some(partner) => {
                let needed = comparison::needed(spec.method);
                self.column(&path, partner, |t| comparison::accepts(spec.method, t), needed);
                if partner == &spec.column {
                    self.add(path, "the partner must be another column than the one compared");
                }
            }
            None if geographic => self.add(path, "method `geographic` needs `partner`, the column of the longitude"),
            None => {}
        }
    }

    fn bounds(&mut self, path: &str, spec: &ComparisonSpec) {
        let path = format!("{path}.thresholds");
        if spec.method == ComparisonMethod::Geographic {
            if spec.thresholds.iter().any(|bound| !(*bound > 0.0 && bound.is_finite())) {
                self.add(path.clone(), "distances are kilometres, more than 0");
            }
            if spec.thresholds.windows(2).any(|pair| pair[0] >= pair[1]) {
                self.add(path, "distances must ascend, the shortest first");
            }
            return;
        }
        if !spec.thresholds.is_empty() && !comparison::takes_thresholds(spec.method) {
            self.add(path, "this method has no levels of similarity; leave `thresholds` out");
            return;
        }
        if let Some(bound) = spec.thresholds.iter().find(|bound| !(0.0 < **bound && **bound < 1.0)) {
            self.add(path.clone(), format!("{bound} is not between 0 and 1"));
        }
        if spec.thresholds.windows(2).any(|pair| pair[0] <= pair[1]) {
            self.add(path, "thresholds must descend, the strictest first");
        }
    }

    /// Written m or u: one for each level after the null level, each a probability, together 1.
    fn probabilities(&mut self, path: &str, written: &[f64], levels: &[String]) {
        if written.is_empty() {
            return;
        }
        if written.len() + 1 != levels.len() {
            let names = levels[1..].join(", ");
            let message = format!("{} figures for the {} levels: {names}", written.len(), levels.len() - 1);
            self.add(path, message);
        }
        if let Some(figure) = written.iter().find(|figure| !(0.0 < **figure && **figure < 1.0)) {
            self.add(path, format!("{figure} is no probability between 0 and 1, both excluded"));
        }
        let sum: f64 = written.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            self.add(path, format!("the figures add up to {sum:.3}, not to 1"));
        }
    }

    fn thresholds(&mut self, model: &ModelSpec) {
        let (link, review) = (model.thresholds.link, model.thresholds.review);
        let precision = model.thresholds.precision.map(|figure| ("thresholds.precision", figure));
        for (path, figure) in [("thresholds.link", link), ("thresholds.review", review)].into_iter().chain(precision) {
            if !(0.0 < figure && figure < 1.0) {
                self.add(path, format!("{figure} is no probability between 0 and 1, both excluded"));
            }
        }
        if link < review {
            self.add("thresholds.review", format!("{review} is above `link` ({link}); pairs for review lie below it"));
        }
    }

    fn training(&mut self, model: &ModelSpec) {
        let training = &model.training;
        if !(0.0 < training.prior && training.prior < 1.0) {
            let message = format!("{} is no probability between 0 and 1, both excluded", training.prior);
            self.add("training.prior", message);
        }
        for (path, figure) in [("random_pairs", training.random_pairs), ("max_rounds", training.max_rounds)] {
            if figure == 0 {
                self.add(format!("training.{path}"), "0 is too few; write 1 or more");
            }
        }
        for (path, figure) in
            [("tolerance", training.tolerance), ("min_expected_matches", training.min_expected_matches)]
        {
            if !(figure >= 0.0 && figure.is_finite()) {
                self.add(format!("training.{path}"), format!("{figure} is not 0 or more"));
            }
        }
    }

    fn survivorship(&mut self, model: &ModelSpec) {
        self.unique("survivorship", model.survivorship.iter().map(|spec| spec.attribute.as_str()), ".attribute");
        for (place, spec) in model.survivorship.iter().enumerate() {
            let path = format!("survivorship[{place}]");
            if spec.attribute != crate::survivorship::ALL_OTHERS {
                self.column(&format!("{path}.attribute"), &spec.attribute, |_| true, "a column");
            }
            let by_source = spec.rule == SurvivorshipRuleName::SourcePriority;
            if by_source && spec.sources.is_empty() {
                self.add(format!("{path}.sources"), "rule `source_priority` needs `sources`, the most trusted first");
            }
            if !by_source && !spec.sources.is_empty() {
                self.add(format!("{path}.sources"), "only rule `source_priority` has `sources`; leave them out");
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
