//! The block plan: every block of every rule, cut into units of work, before any pair is compared.
//!
//! The plan is plain data, so that it can be handed to other processes. It names records by their row. A unit is a run
//! of small blocks, or a range of rows of one large block: parallel by block alone would leave one block on one core.
//! A range of rows of a block means the pairs of each of those rows with every later row of the block, so a plan that
//! puts new or changed records first in each block could leave all other rows out and miss no pair that touches them.

use std::ops::Range;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::BlockKeys;
use onefold_contract::identity::RecordRef;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blocking_rule;
use crate::error::ResolveError;
use crate::records::record_refs;
use crate::spec::ModelSpec;

/// The pairs that one unit of work should not exceed; large enough to hide the cost of handing it out.
const UNIT_PAIRS: u64 = 4_096;
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
}

impl RuleBlocks {
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

/// A block that is not compared because it is larger than its rule allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OversizedBlock {
    /// The records in it.
    pub records: u32,
    /// The pairs left out.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockingReport {
    /// The rules, in their order.
    pub rules: Vec<RuleReport>,
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
    /// Blocks that are too large to compare.
    pub oversized_blocks: u64,
    /// The pairs left out with them.
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
        let refs = record_refs(records)?;
        let mut rules = Vec::with_capacity(model.blocking_rules.len());
        for spec in &model.blocking_rules {
            let keys = blocking_rule(spec).keys(records)?;
            rules.push(blocks(&spec.name, &keys, spec.max_block, &refs)?);
        }
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
                oversized_blocks: rule.oversized_blocks,
                oversized_pairs: rule.oversized_pairs,
                oversized: rule.oversized.clone(),
            }
        });
        BlockingReport { rules: rules.collect() }
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

/// Groups records by key; blocks stand in the order of their keys.
fn blocks(name: &str, keys: &BlockKeys, max_block: u32, refs: &[RecordRef]) -> Result<RuleBlocks> {
    if keys.offsets.len() != refs.len() + 1 {
        let message = format!("blocking rule `{name}` gave keys for another number of records than {}", refs.len());
        return Err(ResolveError::Bug(message).into());
    }
    let of_record = |row: u32| keys.of(row).iter().map(move |key| (*key, row));
    let mut entries: Vec<(u64, u32)> = (0..refs.len() as u32).flat_map(of_record).collect();
    entries.par_sort_unstable();
    let mut rule = RuleBlocks {
        name: name.to_owned(),
        offsets: vec![0],
        members: Vec::new(),
        oversized: Vec::new(),
        oversized_blocks: 0,
        oversized_pairs: 0,
    };
    for block in entries.chunk_by(|a, b| a.0 == b.0) {
        let pairs = pairs_of(block.len() as u64);
        if block.len() > max_block as usize {
            let example = refs[block[0].1 as usize].clone();
            rule.oversized.push(OversizedBlock { records: block.len() as u32, pairs, example });
            rule.oversized_blocks += 1;
            rule.oversized_pairs += pairs;
        } else if block.len() > 1 {
            rule.members.extend(block.iter().map(|(_, row)| *row));
            rule.offsets.push(rule.members.len() as u32);
        }
    }
    rule.oversized.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.example.cmp(&b.example)));
    rule.oversized.truncate(OVERSIZED_SHOWN);
    Ok(rule)
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
