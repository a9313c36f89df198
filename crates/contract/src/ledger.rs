//! The run's ledger: one balance a table, grain and control total. A run whose balance does not close is not published.
//!
//! Counters come from both sides independently: what a stage says it did, and what the next stage or the written
//! file is found to hold. A balance that only restated one counter twice could never fail.

use serde::{Deserialize, Serialize};

/// The bookkeeping of one table in one run. Rows unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// The table, `layer.name`.
    pub table: String,
    /// What one row stands for.
    pub grain: String,
    /// What was there before the run.
    pub before: u64,
    /// What was read, counted on the delivering side.
    pub read: u64,
    /// New records.
    pub inserted: u64,
    /// Records with other content than before.
    pub updated: u64,
    /// Records with the same content as before.
    pub unchanged: u64,
    /// Messages that a record is gone which were among the rows read. A full load has none: its deletes are absences.
    pub delete_messages: u64,
    /// Records that left, by message or by absence.
    pub deleted: u64,
    /// Records forgotten on demand.
    pub erased: u64,
    /// Rows held back with a reason.
    pub quarantined: u64,
    /// Rows left out by a declared rule.
    pub excluded: u64,
    /// What is there after the run, counted in what was written.
    pub after: u64,
    /// Sums that must be equal on both sides.
    pub control_totals: Vec<ControlTotal>,
}

/// A sum that two sides must agree on, as exact decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotal {
    /// What is summed ("sum of quantity").
    pub name: String,
    /// The figure on the delivering side.
    pub delivered: String,
    /// The figure in what was written plus what is in quarantine.
    pub accounted: String,
    /// The part of it that was written, where rows are held back or left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
}

impl Balance {
    /// What does not add up, in words; empty when the balance closes.
    pub fn breaches(&self) -> Vec<String> {
        let mut breaches = Vec::new();
        let explained =
            self.inserted + self.updated + self.unchanged + self.delete_messages + self.quarantined + self.excluded;
        if self.read != explained {
            breaches.push(format!(
                "{}: read {} rows, but inserted {} + updated {} + unchanged {} + delete messages {} + quarantined {} + excluded {} = {explained}",
                self.table, self.read, self.inserted, self.updated, self.unchanged, self.delete_messages,
                self.quarantined, self.excluded,
            ));
        }
        let expected =
            i128::from(self.before) + i128::from(self.inserted) - i128::from(self.deleted) - i128::from(self.erased);
        if expected != i128::from(self.after) {
            breaches.push(format!(
                "{}: before {} + inserted {} - deleted {} - erased {} = {expected}, but {} rows were found afterwards",
                self.table, self.before, self.inserted, self.deleted, self.erased, self.after,
            ));
        }
        for total in self.control_totals.iter().filter(|t| t.delivered != t.accounted) {
            breaches.push(format!(
                "{}: {} is {} as delivered, but {} is accounted for",
                self.table, total.name, total.delivered, total.accounted,
            ));
        }
        breaches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed() -> Balance {
        Balance {
            table: "staged.t".into(),
            before: 10,
            read: 12,
            inserted: 3,
            updated: 2,
            unchanged: 5,
            deleted: 1,
            quarantined: 2,
            after: 12,
            ..Balance::default()
        }
    }

    #[test]
    fn a_closed_balance_has_no_breach() {
        assert_eq!(closed().breaches(), Vec::<String>::new());
    }

    #[test]
    fn one_row_less_on_either_side_is_found() {
        let changes: [fn(&mut Balance); 4] =
            [|b| b.read -= 1, |b| b.after -= 1, |b| b.unchanged -= 1, |b| b.inserted += 1];
        for change in changes {
            let mut balance = closed();
            change(&mut balance);
            assert!(!balance.breaches().is_empty());
        }
    }

    #[test]
    fn a_control_total_is_compared_as_text() {
        let mut balance = closed();
        balance.control_totals.push(ControlTotal {
            name: "sum of quantity".into(),
            delivered: "10.50".into(),
            accounted: "10.49".into(),
            written: None,
        });
        assert_eq!(balance.breaches().len(), 1);
    }
}
