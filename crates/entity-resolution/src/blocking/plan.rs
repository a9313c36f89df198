//! The block plan: every block of every rule, cut into units of work, before any pair is compared.
//!
//! The plan is plain data, so that it can be handed to other processes. It names records by their row. A unit is a run
//! of small blocks, or a range of rows of one large block: parallel by block alone would leave one block on one core.
//! A range of rows of a block means the pairs of each of those rows with every later row of the block, so a plan that
//! puts new or changed records first in each block could leave all other rows out and miss no pair that touches them.

use std::ops::Range;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::identity::RecordRef;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blocking_rule;
use super::cutting::{Cutting, drawn_pairs};
use crate::error::ResolveError;
use crate::records::text;
use crate::spec::{BlockingMethod, BlockingRuleSpec, ModelSpec};

/// The pairs that one unit of work should not exceed; large enough to hide the cost of handing it out.
const UNIT_PAIRS: u64 = 4_096;
/// Pairs that are allowed whatever the budget a record is: comparing them takes about a second.
const ALWAYS_ALLOWED: u64 = 2_000_000;
/// How many pairs of oversized blocks a plan keeps for each rule, to estimate what cutting loses.
const SAMPLED: usize = 2_048;
/// How many oversized blocks a report names for each rule; all are counted.
const OVERSIZED_SHOWN: usize = 20;

/// The blocks to compare, and those that are too large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockPlan {
    records: u32,
    rules: Vec<RuleBlocks>,
    units: Vec<Unit>,
}

/// The blocks of one rule: block `i` holds the rows `members[offsets[i]..offsets[i + 1]]`, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleBlocks {
    name: String,
    offsets: Vec<u32>,
    members: Vec<u32>,
    oversized: Vec<OversizedBlock>,
    oversized_blocks: u64,
    oversized_pairs: u64,
    /// Pairs drawn at random out of the oversized blocks.
    sample: Vec<(u32, u32)>,
    /// The largest block that is compared whole: as written, or less where the budget demanded it.
    max_block: u32,
    /// The keys of the blocks that are compared whole; the pieces of oversized blocks come after those.
    whole: Vec<u64>,
    /// The keys of the oversized blocks, sorted.
    cut: Vec<u64>,
    /// Whether a record more or less can move other records to other blocks.
    shifting: bool,
}

/// How the blocks of a plan stood, for the plan of another night.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockIndex {
    rules: Vec<RuleIndex>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RuleIndex {
    max_block: u32,
    cut: Vec<u64>,
}

impl RuleBlocks {
    /// The rule's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The pairs of all blocks.
    fn pairs(&self) -> u64 {
        self.offsets.windows(2).map(|ends| pairs_of(u64::from(ends[1] - ends[0]))).sum()
    }

    /// The number of blocks.
    pub(crate) fn blocks(&self) -> u32 {
        self.offsets.len() as u32 - 1
    }

    /// The rows of a block.
    pub(crate) fn block(&self, block: u32) -> &[u32] {
        &self.members[self.offsets[block as usize] as usize..self.offsets[block as usize + 1] as usize]
    }

    /// The rows of all blocks.
    pub(crate) fn members(&self) -> &[u32] {
        &self.members
    }
}

/// A block that is larger than its rule allows and is cut to pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OversizedBlock {
    /// The records in it.
    pub records: u32,
    /// Its pairs, of which only those of its pieces are compared.
    pub pairs: u64,
    /// One of its records, to look at.
    pub example: RecordRef,
}

/// A piece of work: some blocks of a rule, of each the rows in a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Unit {
    rule: u32,
    blocks: Range<u32>,
    rows: Range<u32>,
    pairs: u64,
}

/// Rows of a block, each to be paired with every later row of it.
pub(crate) struct Rows<'a> {
    /// The rule's place.
    pub(crate) rule: usize,
    /// The block's number under its rule.
    pub(crate) block: u32,
    /// All rows of the block.
    pub(crate) members: &'a [u32],
    /// The places in `members` of the rows to pair.
    pub(crate) places: Range<usize>,
}

/// What blocking does, rule by rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockingReport {
    /// The rules, in their order.
    pub rules: Vec<RuleReport>,
    /// What cutting oversized blocks is estimated to lose; absent where nothing was cut, or nothing is scored yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<RecallLoss>,
}

/// What cutting oversized blocks is estimated to lose, from pairs drawn out of them and scored. Matches that no rule
/// would have made are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RecallLoss {
    /// The pairs of oversized blocks, one that several hold counted for each.
    pub pairs: u64,
    /// The pairs drawn and scored.
    pub sampled: u64,
    /// The share of matches lost: of those lost and those found.
    pub share: f64,
    /// The lower end of its interval of 95 %.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What one blocking rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// The rule.
    pub name: String,
    /// Blocks of two records and more that are compared.
    pub blocks: u64,
    /// The records of the largest of them.
    pub largest_block: u64,
    /// The pairs of its blocks, whether or not an earlier rule makes them too.
    pub pairs: u64,
    /// The pairs that no earlier rule makes; known once they were compared.
    pub new_pairs: Option<u64>,
    /// The largest block that is compared whole: as written, or less where the budget demanded it.
    pub max_block: u32,
    /// Blocks that are too large for that and are cut to pieces.
    pub oversized_blocks: u64,
    /// Their pairs, of which only those of the pieces are compared.
    pub oversized_pairs: u64,
    /// The largest of them, largest first.
    pub oversized: Vec<OversizedBlock>,
}

fn pairs_of(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}

impl BlockPlan {
    /// Plans the blocks of a model over records.
    ///
    /// # Errors
    /// A blocking rule names a column that is not there or is of another type.
    pub fn new(records: &RecordBatch, model: &ModelSpec) -> Result<Self> {
        let mut rules = Vec::with_capacity(model.blocking_rules.len());
        for spec in &model.blocking_rules {
            rules.push(RuleBlocks::new(records, spec, spec.max_block)?);
        }
        keep_to_budget(&mut rules, records, model)?;
        let units = rules.iter().enumerate().flat_map(|(place, rule)| units(place as u32, rule)).collect();
        Ok(Self { records: records.num_rows() as u32, rules, units })
    }

    /// The number of records planned over.
    pub fn record_count(&self) -> usize {
        self.records as usize
    }

    /// The number of blocks to compare.
    pub fn block_count(&self) -> usize {
        self.rules.iter().map(|rule| rule.blocks() as usize).sum()
    }

    /// The number of units of work; the kernel takes a range of them.
    pub fn unit_count(&self) -> usize {
        self.units.len()
    }

    /// The pairs of all blocks: the most that will be compared. A pair that several rules make counts for each.
    pub fn pair_count(&self) -> u64 {
        self.units.iter().map(|unit| unit.pairs).sum()
    }

    /// Cuts the units into `parts` ranges of about as many pairs each, some of them empty where there is little to do.
    pub fn partition(&self, parts: usize) -> Vec<Range<usize>> {
        let (total, parts) = (u128::from(self.pair_count()), parts.max(1));
        let (mut ranges, mut start, mut done) = (Vec::with_capacity(parts), 0, 0u128);
        for part in 1..=parts {
            let goal = total * part as u128 / parts as u128;
            let mut end = start;
            while end < self.units.len() && (done < goal || part == parts) {
                done += u128::from(self.units[end].pairs);
                end += 1;
            }
            ranges.push(start..end);
            start = end;
        }
        ranges
    }

    /// What blocking does, with the new pairs of each rule where they were counted.
    pub fn report(&self, new_pairs: Option<&[u64]>) -> BlockingReport {
        let rules = self.rules.iter().enumerate().map(|(place, rule)| {
            let sizes = || (0..rule.blocks()).map(|block| rule.block(block).len() as u64);
            RuleReport {
                name: rule.name.clone(),
                blocks: u64::from(rule.blocks()),
                largest_block: sizes().max().unwrap_or(0),
                pairs: sizes().map(pairs_of).sum(),
                new_pairs: new_pairs.and_then(|pairs| pairs.get(place).copied()),
                max_block: rule.max_block,
                oversized_blocks: rule.oversized_blocks,
                oversized_pairs: rule.oversized_pairs,
                oversized: rule.oversized.clone(),
            }
        });
        BlockingReport { rules: rules.collect(), loss: None }
    }

    /// How the blocks stand, for the plan of another night.
    pub fn index(&self) -> BlockIndex {
        let of_rule = |rule: &RuleBlocks| RuleIndex { max_block: rule.max_block, cut: rule.cut.clone() };
        BlockIndex { rules: self.rules.iter().map(of_rule).collect() }
    }

    /// Whether a block made the pairs of those of its records that have not changed since an index was taken.
    pub(crate) fn settled(&self, rule: usize, block: u32, before: &BlockIndex) -> bool {
        let (now, Some(before)) = (&self.rules[rule], before.rules.get(rule)) else { return false };
        let Some(key) = now.whole.get(block as usize) else { return false };
        !now.shifting && now.max_block == before.max_block && before.cut.binary_search(key).is_err()
    }

    /// Pairs of oversized blocks, drawn at random, rule by rule, with how many pairs the rule's stand for.
    pub(crate) fn samples(&self) -> impl Iterator<Item = (u64, &[(u32, u32)])> {
        self.rules.iter().map(|rule| (rule.oversized_pairs, rule.sample.as_slice()))
    }

    /// The rules' blocks.
    pub(crate) fn rules(&self) -> &[RuleBlocks] {
        &self.rules
    }

    /// The rows that a unit pairs, block by block.
    pub(crate) fn rows(&self, unit: usize) -> impl Iterator<Item = Rows<'_>> {
        let unit = &self.units[unit];
        let rule = &self.rules[unit.rule as usize];
        unit.blocks.clone().map(move |block| {
            let members = rule.block(block);
            let places = unit.rows.start as usize..(unit.rows.end as usize).min(members.len());
            Rows { rule: unit.rule as usize, block, members, places }
        })
    }
}

impl RuleBlocks {
    /// Groups records by key; blocks stand in the order of their keys, the pieces of oversized ones after all others.
    fn new(records: &RecordBatch, spec: &BlockingRuleSpec, max_block: u32) -> Result<Self> {
        let rows = records.num_rows();
        let keys = blocking_rule(spec).keys(records)?;
        if keys.offsets.len() != rows + 1 {
            let name = &spec.name;
            let message = format!("blocking rule `{name}` gave keys for another number of records than {rows}");
            return Err(ResolveError::Bug(message).into());
        }
        let of_record = |row: u32| keys.of(row).iter().map(move |key| (*key, row));
        let mut entries: Vec<(u64, u32)> = Vec::with_capacity(keys.keys.len());
        (0..rows as u32).for_each(|row| entries.extend(of_record(row)));
        drop(keys);
        entries.par_sort_unstable();
        let mut rule = Self {
            name: spec.name.clone(),
            offsets: vec![0],
            members: Vec::new(),
            oversized: Vec::new(),
            oversized_blocks: 0,
            oversized_pairs: 0,
            sample: Vec::new(),
            max_block,
            whole: Vec::new(),
            cut: Vec::new(),
            shifting: matches!(spec.method, BlockingMethod::SortedNeighbourhood | BlockingMethod::EveryPair),
        };
        let mut oversized: Vec<Vec<u32>> = Vec::new();
        for block in entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            let rows = block.iter().map(|(_, row)| *row);
            if block.len() > max_block as usize {
                rule.cut.push(block[0].0);
                oversized.push(rows.collect());
            } else {
                rule.whole.push(block[0].0);
                rule.push(rows);
            }
        }
        rule.cut(records, spec, &oversized)?;
        Ok(rule)
    }

    fn push(&mut self, rows: impl Iterator<Item = u32>) {
        self.members.extend(rows);
        self.offsets.push(self.members.len() as u32);
    }

    /// Cuts the oversized blocks to pieces, and remembers them for the report.
    fn cut(&mut self, records: &RecordBatch, spec: &BlockingRuleSpec, oversized: &[Vec<u32>]) -> Result<()> {
        if oversized.is_empty() {
            return Ok(());
        }
        let (cutting, most) = (Cutting::new(records, spec)?, self.max_block as usize);
        let pieces: Vec<Vec<Vec<u32>>> = oversized.par_iter().map(|block| cutting.pieces(block, most)).collect();
        for piece in pieces.into_iter().flatten() {
            self.push(piece.into_iter());
        }
        let (sources, keys) = (text(records, SOURCE)?, text(records, SOURCE_KEY)?);
        let address = |row: usize| RecordRef { source: sources.value(row).into(), source_key: keys.value(row).into() };
        for block in oversized {
            let pairs = pairs_of(block.len() as u64);
            let example = address(block[0] as usize);
            self.oversized.push(OversizedBlock { records: block.len() as u32, pairs, example });
            self.oversized_pairs += pairs;
        }
        self.oversized_blocks = oversized.len() as u64;
        self.sample = drawn_pairs(oversized, SAMPLED);
        self.oversized.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.example.cmp(&b.example)));
        self.oversized.truncate(OVERSIZED_SHOWN);
        Ok(())
    }
}

/// Halves the largest block of the dearest rule until all rules together keep to the budget.
fn keep_to_budget(rules: &mut [RuleBlocks], records: &RecordBatch, model: &ModelSpec) -> Result<()> {
    let budget = (u64::from(model.blocking.pairs_per_record) * records.num_rows() as u64).max(ALWAYS_ALLOWED);
    loop {
        let pairs: Vec<u64> = rules.iter().map(RuleBlocks::pairs).collect();
        let dearest = (0..rules.len()).filter(|place| rules[*place].max_block > 2).max_by_key(|place| pairs[*place]);
        let Some(dearest) = dearest.filter(|_| pairs.iter().sum::<u64>() > budget) else { return Ok(()) };
        let largest = rules[dearest].offsets.windows(2).map(|ends| ends[1] - ends[0]).max().unwrap_or(2);
        let most = (largest.min(rules[dearest].max_block) / 2).max(2);
        rules[dearest] = RuleBlocks::new(records, &model.blocking_rules[dearest], most)?;
    }
}

/// Cuts the blocks of a rule into units.
fn units(rule: u32, blocks: &RuleBlocks) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut open: Option<Unit> = None;
    for block in 0..blocks.blocks() {
        let size = blocks.block(block).len() as u64;
        let pairs = pairs_of(size);
        if pairs > UNIT_PAIRS {
            units.extend(open.take());
            units.extend(row_ranges(size).map(|(rows, pairs)| Unit { rule, blocks: block..block + 1, rows, pairs }));
            continue;
        }
        let unit = open.get_or_insert(Unit { rule, blocks: block..block, rows: 0..u32::MAX, pairs: 0 });
        unit.blocks.end = block + 1;
        unit.pairs += pairs;
        if unit.pairs >= UNIT_PAIRS {
            units.extend(open.take());
        }
    }
    units.extend(open);
    units
}

/// Cuts a large block into ranges of rows of about [`UNIT_PAIRS`] pairs.
fn row_ranges(size: u64) -> impl Iterator<Item = (Range<u32>, u64)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let (from, mut pairs) = (start, 0);
        while start < size && (pairs < UNIT_PAIRS || start + 1 == size) {
            pairs += size - 1 - start;
            start += 1;
        }
        (from < start).then_some((from as u32..start as u32, pairs))
    })
}
