//! A model for a table that nobody has described: from what its columns look like to comparisons, blocking rules, lines.
//!
//! The proposal is a [`ModelSpec`], the same that a person writes, with a sentence on each of its parts: what a program
//! assumed can be read, questioned and changed, and the next run takes the changed file. The rejected alternative, a
//! matcher of its own for tables without a model, would be a second product that nobody can look into.
//!
//! Which columns are compared depends on what they mean and on how well they tell records apart, never on what a column is
//! called. No probability is written: training learns them. Blocking is generous, many rules each with parts that cut what is
//! too large, because a pair that no rule makes is lost for good and a pair too many costs a microsecond.

mod blocking;
mod columns;
mod comparisons;

use std::collections::BTreeSet;

use onefold_contract::{Failure, Result, TableProfile};

use self::columns::Chosen;
use crate::spec::{
    BlockingSpec, ClusteringSpec, ModelSpec, SurvivorshipRuleName, SurvivorshipSpec, ThresholdSpec, TrainingSpec,
};

/// The probability from which on two records are linked. Clusters average the evidence of their pairs, so a line that
/// would be low for a single pair is not low for a cluster.
const LINK: f64 = 0.7;
/// The probability from which on a pair is worth a look.
const REVIEW: f64 = 0.1;

/// A model with the reasons of its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The model.
    pub spec: ModelSpec,
    /// What its records are taken for.
    pub entity: Entity,
    /// Why each comparison, in the order of the model's.
    pub comparison_reasons: Vec<String>,
    /// Why each blocking rule, in the order of the model's.
    pub rule_reasons: Vec<String>,
    /// Columns that are not compared, and why, in the order of the table.
    pub left_out: Vec<(String, String)>,
}

/// What the records of a table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// Persons.
    Person,
    /// Organisations.
    Organisation,
    /// Persons and organisations.
    Party,
    /// Neither, as far as the columns tell.
    Thing,
}

impl Entity {
    /// The word for it in models.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Party => "party",
            Self::Thing => "thing",
        }
    }
}

/// Proposes a model for a table. `ignored` are columns that a person has ruled out.
///
/// # Errors
/// A usage failure, where no column is left that tells records apart.
pub fn propose(profile: &TableProfile, ignored: &BTreeSet<String>) -> Result<Proposal> {
    let profile = &columns::with_likely_birth_date(profile, ignored);
    let chosen = Chosen::of(profile, ignored);
    let entity = chosen.entity();
    let (comparisons, comparison_reasons) = comparisons::proposed(&chosen);
    if comparisons.is_empty() {
        let mut failure = Failure::usage("no column tells the records of this table apart, so nothing can be matched");
        failure.details = chosen.left_out.iter().map(|(column, reason)| format!("{column}: {reason}")).collect();
        return Err(failure.hint("look at the columns with `onefold profile FILE`; `--kind COLUMN=KIND` corrects what a column was taken for"));
    }
    let (blocking_rules, rule_reasons) = blocking::proposed(&chosen, &comparisons);
    let spec = ModelSpec {
        name: "proposed".to_owned(),
        entity: entity.name().to_owned(),
        description: format!("Proposed from a table of {} rows taken for records of {}.", profile.rows, plural(entity)),
        blocking_rules,
        comparisons,
        thresholds: ThresholdSpec { link: LINK, review: REVIEW, ..ThresholdSpec::default() },
        blocking: BlockingSpec::default(),
        clustering: ClusteringSpec::default(),
        training: training(profile.rows),
        survivorship: survivorship(),
    };
    Ok(Proposal { spec, entity, comparison_reasons, rule_reasons, left_out: chosen.left_out })
}

/// What the records are about, in the plural, for sentences.
fn plural(entity: Entity) -> &'static str {
    match entity {
        Entity::Person => "persons",
        Entity::Organisation => "organisations",
        Entity::Party => "persons and organisations",
        Entity::Thing => "things of one kind",
    }
}

fn training(rows: u64) -> TrainingSpec {
    // A small table has few matches to learn from, and none to spare.
    let needed = (rows as f64 / 20.0).clamp(15.0, 50.0).round();
    TrainingSpec { prior: 0.15, min_expected_matches: needed, ..TrainingSpec::default() }
}

fn survivorship() -> Vec<SurvivorshipSpec> {
    let all =
        SurvivorshipSpec { attribute: "*".to_owned(), rule: SurvivorshipRuleName::MostFrequent, sources: Vec::new() };
    vec![all]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
