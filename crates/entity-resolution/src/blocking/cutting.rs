//! What becomes of a block that is too large: it is cut to pieces that are not.
//!
//! Each refining part cuts the block anew, and all the pieces count, so a record that lacks one part is still found by
//! another. What is too large even then is sorted by the refining parts and cut into overlapping windows. The rejected
//! alternative, leaving the block out, loses every match in it; and a value that nine records in ten have makes such a
//! block of any rule.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use rayon::prelude::*;

use super::parts::PartKeys;
use crate::hash;
use crate::records::address_hashes;
use crate::spec::BlockingRuleSpec;

/// The records of a window.
const WINDOW: usize = 16;

/// The means of cutting, taken from the records once a rule has a block to cut.
pub(super) struct Cutting {
    parts: Vec<PartKeys>,
    names: Vec<u64>,
}

impl Cutting {
    /// Takes the refining parts from the records.
    pub(super) fn new(records: &RecordBatch, spec: &BlockingRuleSpec) -> Result<Self> {
        let parts = spec.refine.par_iter().map(|part| PartKeys::new(records, part)).collect::<Result<Vec<_>>>()?;
        Ok(Self { parts, names: address_hashes(records)? })
    }

    /// The pieces of a block, each of at least two and at most `most` rows, ascending.
    pub(super) fn pieces(&self, block: &[u32], most: usize) -> Vec<Vec<u32>> {
        let mut pieces = Vec::new();
        let mut too_large = self.parts.is_empty();
        for part in &self.parts {
            let of_row = |row: &u32| part.of(*row).iter().map(move |key| (*key, *row)).collect::<Vec<_>>();
            let mut entries: Vec<(u64, u32)> = block.iter().flat_map(of_row).collect();
            entries.sort_unstable();
            for piece in entries.chunk_by(|a, b| a.0 == b.0) {
                if piece.len() > most {
                    too_large = true;
                } else if piece.len() > 1 {
                    pieces.push(piece.iter().map(|(_, row)| *row).collect());
                }
            }
        }
        if too_large {
            pieces.extend(self.windows(block, most));
        }
        pieces
    }

    /// The block in an order that brings together what agrees in the refining parts, cut into overlapping windows.
    fn windows(&self, block: &[u32], most: usize) -> Vec<Vec<u32>> {
        let place = |row: &u32| {
            let parts: Vec<u64> =
                self.parts.iter().map(|part| part.of(*row).first().copied().unwrap_or(u64::MAX)).collect();
            (parts, self.names[*row as usize], *row)
        };
        let mut order: Vec<(Vec<u64>, u64, u32)> = block.iter().map(place).collect();
        order.sort_unstable();
        let half = (WINDOW.min(most) / 2).max(1);
        let starts = (0..order.len().saturating_sub(1)).step_by(half);
        let window = |start: usize| {
            let end = (start + 2 * half).min(order.len());
            let mut rows: Vec<u32> = order[start..end].iter().map(|(_, _, row)| *row).collect();
            rows.sort_unstable();
            rows
        };
        starts.map(window).filter(|rows| rows.len() > 1).collect()
    }
}

/// Draws pairs of rows out of blocks, each pair of each block as likely as any other; the same for the same blocks.
pub(super) fn drawn_pairs(blocks: &[Vec<u32>], wanted: usize) -> Vec<(u32, u32)> {
    let pairs_of = |block: &Vec<u32>| block.len() as u64 * (block.len() as u64 - 1) / 2;
    let mut ends: Vec<u64> = Vec::with_capacity(blocks.len());
    for block in blocks {
        ends.push(ends.last().copied().unwrap_or(0) + pairs_of(block));
    }
    let total = ends.last().copied().unwrap_or(0);
    let count = if total == 0 { 0 } else { wanted as u64 };
    let pair = |number: u64| {
        let drawn = hash::below(hash::mix(number), total);
        let block = &blocks[ends.partition_point(|end| *end <= drawn)];
        let left = hash::below(hash::join(1, number), block.len() as u64);
        let right = hash::below(hash::join(2, number), block.len() as u64 - 1);
        let (left, right) = (block[left as usize], block[(right + u64::from(right >= left)) as usize]);
        (left.min(right), left.max(right))
    };
    (0..count).map(pair).collect()
}
