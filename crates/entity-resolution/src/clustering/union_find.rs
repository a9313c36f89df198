//! Disjoint sets: near-constant time a union, four bytes a record (R. Tarjan, 1975).

/// Sets of numbers, each named by its smallest member.
#[derive(Debug, Clone)]
pub(crate) struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    /// Every number in a set of its own.
    pub(crate) fn new(count: usize) -> Self {
        Self { parents: (0..count as u32).collect() }
    }

    /// The smallest member of a number's set.
    pub(crate) fn find(&mut self, number: u32) -> u32 {
        let mut at = number;
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    /// The smallest member of a number's set, found without shortening the way to it.
    pub(crate) fn root(&self, number: u32) -> u32 {
        let mut at = number;
        while self.parents[at as usize] != at {
            at = self.parents[at as usize];
        }
        at
    }

    /// Unites two sets and returns the name that goes out of use, if they were two. The smaller name stays, which keeps
    /// names independent of the order of unions; path halving alone bounds the cost to O(log n) amortised.
    pub(crate) fn union(&mut self, left: u32, right: u32) -> Option<u32> {
        let (left, right) = (self.find(left), self.find(right));
        let (stays, goes) = (left.min(right), left.max(right));
        self.parents[goes as usize] = stays;
        (stays != goes).then_some(goes)
    }

    /// The name of every number's set.
    pub(crate) fn labels(mut self) -> Vec<u32> {
        (0..self.parents.len() as u32).map(|number| self.find(number)).collect()
    }
}
