//! A sample of rows, drawn so that it depends on nothing but how many rows there are.
//!
//! Each row's number is hashed and the rows with the smallest hashes are kept, whole, so that what columns have to do with
//! one another can be asked of it. The rejected alternative, the first rows of the file, is often one region, one year or
//! one source.

use arrow::array::{Array, StringArray};

use super::sketch::mixed;

/// A row that was drawn: its hash, its number, its values.
struct Row {
    hash: u64,
    number: u64,
    values: Vec<Option<Box<str>>>,
}

/// Draws rows as they go by.
pub(super) struct Sampler {
    rows: Vec<Row>,
    line: u64,
    seen: u64,
    most: usize,
}

impl Sampler {
    /// A sampler of at most `most` rows.
    pub(super) fn new(most: usize) -> Self {
        Self { rows: Vec::new(), line: u64::MAX, seen: 0, most: most.max(1) }
    }

    /// Sees the next rows, column by column.
    pub(super) fn add(&mut self, columns: &[&StringArray], rows: usize) {
        for row in 0..rows {
            let number = self.seen;
            self.seen += 1;
            let hash = mixed(number);
            if hash > self.line {
                continue;
            }
            let value = |column: &&StringArray| column.is_valid(row).then(|| column.value(row).into());
            self.rows.push(Row { hash, number, values: columns.iter().map(value).collect() });
            if self.rows.len() >= 2 * self.most {
                self.prune();
            }
        }
    }

    fn prune(&mut self) {
        self.rows.sort_unstable_by_key(|row| row.hash);
        self.rows.truncate(self.most);
        self.line = self.rows.last().map_or(u64::MAX, |row| row.hash);
    }

    /// How many rows went by.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The columns of the sample, its rows in their order.
    pub(super) fn finish(mut self, columns: usize) -> Vec<StringArray> {
        if self.rows.len() > self.most {
            self.prune();
        }
        self.rows.sort_unstable_by_key(|row| row.number);
        let column = |place: usize| self.rows.iter().map(|row| row.values[place].as_deref()).collect();
        (0..columns).map(column).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sampled(rows: usize, most: usize, cuts: &[usize]) -> Vec<String> {
        let values: StringArray = (0..rows).map(|row| Some(row.to_string())).collect();
        let mut sampler = Sampler::new(most);
        let mut start = 0;
        for cut in cuts.iter().copied().chain([rows]) {
            let end = cut.clamp(start, rows);
            sampler.add(&[&values.slice(start, end - start)], end - start);
            start = end;
        }
        assert_eq!(sampler.seen(), rows as u64);
        sampler.finish(1)[0].iter().flatten().map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn batches_make_no_difference(rows in 0usize..300, most in 1usize..50, mut cuts in proptest::collection::vec(0usize..300, 0..5)) {
            cuts.sort_unstable();
            let whole = sampled(rows, most, &[]);
            prop_assert_eq!(&sampled(rows, most, &cuts), &whole);
            prop_assert_eq!(whole.len(), rows.min(most));
            let numbers: Vec<usize> = whole.iter().map(|text| text.parse().unwrap()).collect();
            prop_assert!(numbers.is_sorted());
        }
    }

    #[test]
    fn a_sample_is_spread_over_the_whole_table() {
        let numbers: Vec<usize> = sampled(100_000, 1_000, &[]).iter().map(|text| text.parse().unwrap()).collect();
        for tenth in 0..10 {
            let there = numbers.iter().filter(|number| **number / 10_000 == tenth).count();
            assert!((60..=140).contains(&there), "{there} rows of tenth {tenth}");
        }
    }
}
