//! What a model file of a pipeline (`models/*.toml`) says: how the records of one kind of entity are matched.
//!
//! Everything here is written by hand. What is learned from data stands in a [`crate::TrainedModel`], which the epoch pins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model: what is compared, which pairs are worth it, and where the lines are drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// The model's name.
    pub name: String,
    /// The kind of entity, as sources name it.
    pub entity: String,
    /// What the model is for, in one sentence.
    #[serde(default)]
    pub description: String,
    /// The rules that make candidate pairs; a pair belongs to the first that makes it.
    pub blocking_rules: Vec<BlockingRuleSpec>,
    /// How much blocking may ask of comparing.
    #[serde(default)]
    pub blocking: BlockingSpec,
    /// What is compared.
    pub comparisons: Vec<ComparisonSpec>,
    /// Where the lines are drawn.
    #[serde(default)]
    pub thresholds: ThresholdSpec,
    /// How clusters are formed.
    #[serde(default)]
    pub clustering: ClusteringSpec,
    /// How the figures are learned.
    #[serde(default)]
    pub training: TrainingSpec,
    /// Which values become the golden record's; one entry an attribute, or `"*"` for all others.
    #[serde(default)]
    pub survivorship: Vec<SurvivorshipSpec>,
}

/// One blocking rule: records that share a key are candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockingRuleSpec {
    /// The rule's name in reports.
    pub name: String,
    /// How keys are made.
    #[serde(default)]
    pub method: BlockingMethod,
    /// The parts of the key.
    pub keys: Vec<BlockingKeySpec>,
    /// The shape of the signature, for `min_hash`.
    #[serde(default)]
    pub signature: SignatureSpec,
    /// A block of more records than this is cut to pieces; what is left out is reported.
    #[serde(default = "default_max_block")]
    pub max_block: u32,
    /// What a block that is too large is cut by: each part cuts it anew, and all the pieces count.
    #[serde(default)]
    pub refine: Vec<BlockingKeySpec>,
    /// The records of a window, for `sorted_neighbourhood`.
    #[serde(default = "default_window")]
    pub window: u32,
}

fn default_window() -> u32 {
    10
}

fn default_max_block() -> u32 {
    2_000
}

/// How a blocking rule makes keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockingMethod {
    /// One key of all parts: records that agree on every part meet.
    #[default]
    Keys,
    /// Several keys, signatures of the parts' character sequences: records whose parts are similar as a whole meet, in
    /// whatever order the parts stand and wherever they differ.
    MinHash,
    /// All records sorted by the parts: those that stand within half a window of each other meet.
    SortedNeighbourhood,
    /// Every pair, where there are no more records than `max_block`; takes no keys.
    EveryPair,
}

/// How much blocking may ask of comparing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlockingSpec {
    /// The most pairs to compare for each record. Where the rules make more, the largest blocks of the dearest rules are
    /// cut to pieces until they do not.
    pub pairs_per_record: u32,
}

impl Default for BlockingSpec {
    fn default() -> Self {
        Self { pairs_per_record: 250 }
    }
}

/// The shape of a `min_hash` signature: records meet with probability `1 - (1 - s^rows)^bands`, where `s` is the share
/// of character sequences that both have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignatureSpec {
    /// Characters a sequence.
    pub gram: u32,
    /// Keys a record.
    pub bands: u32,
    /// Sequences a key.
    pub rows: u32,
}

impl Default for SignatureSpec {
    fn default() -> Self {
        Self { gram: 3, bands: 8, rows: 3 }
    }
}

/// One part of a block key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockingKeySpec {
    /// The column.
    pub column: String,
    /// What of the value.
    #[serde(default)]
    pub part: KeyPart,
    /// How many characters, for `prefix`.
    #[serde(default)]
    pub length: Option<u32>,
}

/// What of a value goes into a block key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPart {
    /// The whole value.
    #[default]
    Whole,
    /// The first `length` characters.
    Prefix,
    /// Its Double Metaphone code.
    Phonetic,
    /// The year of a date.
    Year,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSpec {
    /// The comparison's name in reports; the column's where absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The column compared.
    pub column: String,
    /// How values are compared.
    pub method: ComparisonMethod,
    /// The lower bounds of similarity of the levels between "exact" and "all else", descending; the method's own where absent.
    #[serde(default)]
    pub thresholds: Vec<f64>,
    /// Another column whose agreement is a level of its own just below exact (a nickname's canonical form).
    #[serde(default)]
    pub alternative: Option<String>,
    /// The column of the other half of what is compared: the family name for a given name and the given name for a family
    /// name, where names stand in each other's place; the longitude for a latitude.
    #[serde(default)]
    pub partner: Option<String>,
    /// Whether agreement on a rare value weighs more.
    #[serde(default)]
    pub term_frequency: bool,
    /// Whether people of one household, or firms under one roof, share the value. Agreement on it may then mean no more
    /// than that. Where absent, the method decides: telephone, e-mail, address and family name are shared.
    #[serde(default)]
    pub shared_in_household: Option<bool>,
    /// The written probabilities that a match falls on each level after the null level; the start of training, and what
    /// holds where training has too little to learn from.
    #[serde(default)]
    pub m: Vec<f64>,
    /// The written probabilities that two different entities fall on each level after the null level.
    #[serde(default)]
    pub u: Vec<f64>,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonMethod {
    /// Equal or not.
    Exact,
    /// Jaro-Winkler similarity.
    JaroWinkler,
    /// Similarity by Damerau-Levenshtein distance over the longer length.
    DamerauLevenshtein,
    /// Jaccard similarity of the sets of words.
    Jaccard,
    /// Dates: equal, one typing error or day and month swapped, same year, all else.
    Date,
    /// E-mail addresses: equal, same user part, similar user part, all else.
    Email,
    /// Dates of birth: as `date`, with a level for the first of January that stands for an unknown day, and one for the
    /// same day of another year.
    BirthDate,
    /// Given names: nicknames (`alternative`), typing errors, initials, several names, a swap with the `partner` column.
    GivenName,
    /// Family names: hyphens and double names, typing errors, initials, a swap with the `partner` column.
    FamilyName,
    /// Names of firms and other texts of several words: the share of words in common, spelled alike or shortened.
    Words,
    /// Telephone numbers: equal, one digit wrong, same but for the area code, all else.
    Phone,
    /// Street addresses: house numbers and words apart.
    Address,
    /// Codes such as postcodes and identifiers: equal, one character wrong, same beginning, all else.
    Code,
    /// Similarity of the bags of pairs of characters.
    QGram,
    /// Numbers: 1 - difference / larger magnitude.
    Numeric,
    /// Places, `column` the latitude and `partner` the longitude in degrees: `thresholds` are kilometres, ascending.
    Geographic,
}

/// Where the lines are drawn, as probabilities that a pair is a match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdSpec {
    /// At or above: linked.
    pub link: f64,
    /// At or above, and below `link`: a pair for review.
    pub review: f64,
    /// The share of links that should be right. Where written, training draws the link line there, by what the model
    /// expects of the candidate pairs, and `link` is not asked.
    pub precision: Option<f64>,
    /// How many pairs the stewards can look at. Where written, training draws the review line so that about as many pairs
    /// lie between the lines, and `review` is not asked.
    pub steward_pairs: Option<u64>,
}

impl Default for ThresholdSpec {
    fn default() -> Self {
        Self { link: 0.9, review: 0.5, precision: None, steward_pairs: None }
    }
}

/// How clusters are formed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClusteringSpec {
    /// Sources that hold every entity once at most: two of its records are never one entity.
    pub one_per_source: Vec<String>,
}

/// How the figures are learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingSpec {
    /// Seeds the choice of random pairs.
    pub seed: u64,
    /// How many random pairs u is estimated from.
    pub random_pairs: u32,
    /// The most rounds of expectation-maximisation.
    pub max_rounds: u32,
    /// Training stops when no probability moves by more than this.
    pub tolerance: f64,
    /// The written share of matches among candidate pairs, the start of training.
    pub prior: f64,
    /// Fewer expected matches than this are too few to learn from: the written figures hold, and the report says so.
    pub min_expected_matches: f64,
}

impl Default for TrainingSpec {
    fn default() -> Self {
        Self {
            seed: 1,
            random_pairs: 1_000_000,
            max_rounds: 500,
            tolerance: 1e-5,
            prior: 0.1,
            min_expected_matches: 50.0,
        }
    }
}

/// Which value of an attribute survives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurvivorshipSpec {
    /// The attribute, or `"*"`.
    pub attribute: String,
    /// The rule.
    pub rule: SurvivorshipRuleName,
    /// Sources, most trusted first, for `source_priority`.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// A survivorship rule's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurvivorshipRuleName {
    /// The value that most records have.
    MostFrequent,
    /// The value of the record touched last.
    MostRecent,
    /// The value of the most trusted source that has one.
    SourcePriority,
    /// The longest value.
    Longest,
}
