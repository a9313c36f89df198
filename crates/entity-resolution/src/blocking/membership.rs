//! Which blocks a record stands in: what decides which rule, and which block, a pair belongs to.
//!
//! Every candidate pair is asked for each earlier rule whether that rule made it. So the blocks of a record stand in one
//! row, rule by rule; the rejected alternative, a column for each rule, is a visit to memory for each rule and pair.

use std::ops::Range;

use rayon::prelude::*;

use super::plan::RuleBlocks;

/// No block.
const NONE: u32 = u32::MAX;
/// Marks a place in the list of a record that stands in several blocks of a rule.
const SEVERAL: u32 = 1 << 31;

/// The blocks of every record under every rule; blocks that are not compared do not count.
pub(crate) struct Membership {
    rules: usize,
    /// The block of record `i` under rule `j` is `rows[i * rules + j]`: one block, none, or a place in `lists`.
    rows: Vec<u32>,
    /// By rule, where a record stands in several blocks: how many, and then the blocks, sorted.
    lists: Vec<Vec<u32>>,
}

/// The blocks of every record under one rule.
struct Column {
    of_record: Vec<u32>,
    list: Vec<u32>,
}

impl Column {
    fn new(rule: &RuleBlocks, records: usize) -> Self {
        let mut counts = vec![0u32; records];
        for member in rule.members() {
            counts[*member as usize] += 1;
        }
        let (mut of_record, mut list) = (vec![NONE; records], Vec::new());
        for (row, count) in counts.iter().enumerate().filter(|(_, count)| **count > 1) {
            of_record[row] = SEVERAL | list.len() as u32;
            list.push(0);
            list.resize(list.len() + *count as usize, NONE);
        }
        // Blocks are visited in their order, so each record's list comes out sorted.
        for block in 0..rule.blocks() {
            for member in rule.block(block) {
                let place = &mut of_record[*member as usize];
                if *place == NONE {
                    *place = block;
                } else {
                    let start = (*place & !SEVERAL) as usize;
                    list[start] += 1;
                    let next = start + list[start] as usize;
                    list[next] = block;
                }
            }
        }
        Self { of_record, list }
    }
}

impl Membership {
    /// Reads the blocks of rules.
    pub(crate) fn new(rules: &[RuleBlocks], records: usize) -> Self {
        let columns: Vec<Column> = rules.par_iter().map(|rule| Column::new(rule, records)).collect();
        let mut rows = Vec::with_capacity(records * rules.len());
        for record in 0..records {
            rows.extend(columns.iter().map(|column| column.of_record[record]));
        }
        Self { rules: rules.len(), rows, lists: columns.into_iter().map(|column| column.list).collect() }
    }

    fn of(&self, record: u32) -> &[u32] {
        &self.rows[record as usize * self.rules..][..self.rules]
    }

    /// Whether an earlier rule than `rule`, or an earlier block of it than `block`, brings two records together.
    pub(crate) fn made_before(&self, rule: usize, block: u32, left: u32, right: u32) -> bool {
        let (left, right) = (self.of(left), self.of(right));
        let earlier = |rule: usize| self.shared(rule, left[rule], right[rule]).is_some();
        // A record that stands in one block of the rule stands with others in that one.
        let own = || left[rule] & SEVERAL != 0 && self.shared(rule, left[rule], right[rule]) != Some(block);
        (0..rule).any(earlier) || own()
    }

    /// Whether any rule brings two records together.
    pub(crate) fn made(&self, left: u32, right: u32) -> bool {
        let (left, right) = (self.of(left), self.of(right));
        (0..self.rules).any(|rule| self.shared(rule, left[rule], right[rule]).is_some())
    }

    /// The first block of a rule in which two records stand.
    #[inline]
    fn shared(&self, rule: usize, left: u32, right: u32) -> Option<u32> {
        if left.max(right) < SEVERAL {
            return (left == right).then_some(left);
        }
        if left == NONE || right == NONE { None } else { self.shared_of_several(rule, left, right) }
    }

    fn shared_of_several(&self, rule: usize, left: u32, right: u32) -> Option<u32> {
        let list = &self.lists[rule];
        let of = |place: &u32| -> Range<usize> {
            let start = (place & !SEVERAL) as usize;
            start + 1..start + 1 + list[start] as usize
        };
        let blocks = |place: &u32| place & SEVERAL != 0;
        let of_left = if blocks(&left) { &list[of(&left)] } else { std::slice::from_ref(&left) };
        let of_right = if blocks(&right) { &list[of(&right)] } else { std::slice::from_ref(&right) };
        first_common(of_left, of_right)
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
