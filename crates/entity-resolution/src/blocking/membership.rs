//! Which blocks a record stands in: what decides which rule, and which block, a pair belongs to.

use super::plan::RuleBlocks;

/// No block.
const NONE: u32 = u32::MAX;

/// The blocks of every record under one rule; blocks that are not compared do not count.
pub(crate) enum Membership {
    /// Every record stands in one block at most.
    One(Vec<u32>),
    /// Record `i` stands in `blocks[offsets[i]..offsets[i + 1]]`, sorted.
    Many {
        /// Where each record's blocks begin.
        offsets: Vec<u32>,
        /// The blocks.
        blocks: Vec<u32>,
    },
}

impl Membership {
    /// Reads the blocks of a rule.
    pub(crate) fn new(rule: &RuleBlocks, records: usize) -> Self {
        let mut counts = vec![0u32; records + 1];
        for member in rule.members() {
            counts[*member as usize + 1] += 1;
        }
        if counts.iter().all(|count| *count <= 1) {
            let mut of_record = vec![NONE; records];
            for block in 0..rule.blocks() {
                for member in rule.block(block) {
                    of_record[*member as usize] = block;
                }
            }
            return Self::One(of_record);
        }
        for place in 1..counts.len() {
            counts[place] += counts[place - 1];
        }
        let mut next = counts.clone();
        let mut blocks = vec![NONE; rule.members().len()];
        // Blocks are visited in their order, so each record's list comes out sorted.
        for block in 0..rule.blocks() {
            for member in rule.block(block) {
                let place = &mut next[*member as usize];
                blocks[*place as usize] = block;
                *place += 1;
            }
        }
        Self::Many { offsets: counts, blocks }
    }

    /// Whether two records, both in `block`, stand together in an earlier block too.
    pub(crate) fn makes_earlier(&self, block: u32, left: u32, right: u32) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many { .. } => self.first_shared(left, right) != Some(block),
        }
    }

    /// The first block in which both records stand.
    pub(crate) fn first_shared(&self, left: u32, right: u32) -> Option<u32> {
        match self {
            Self::One(of_record) => {
                let block = of_record[left as usize];
                (block != NONE && block == of_record[right as usize]).then_some(block)
            }
            Self::Many { offsets, blocks } => {
                let of = |row: u32| &blocks[offsets[row as usize] as usize..offsets[row as usize + 1] as usize];
                first_common(of(left), of(right))
            }
        }
    }
}

fn first_common(left: &[u32], right: &[u32]) -> Option<u32> {
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            std::cmp::Ordering::Equal => return Some(left[i]),
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    None
}
