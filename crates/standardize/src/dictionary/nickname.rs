//! Nicknames and the names they stand for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::file::Entry;
use super::{EntryKind, EntryStatus};
use crate::text::key;

/// Nicknames by key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nicknames {
    candidates: HashMap<String, Vec<String>>,
    canonical: HashMap<String, String>,
}

/// How good a candidate is, the best first: approved before seed; the likelier first, those without a figure behind
/// those with one; then by the alphabet.
type Rank = (bool, Reverse<Option<u64>>, String);

fn rank(entry: &Entry) -> Rank {
    // Frequencies are finite and not negative, so their bits sort as they do.
    let likely = entry.frequency.map(|frequency| (frequency + 0.0).to_bits());
    (entry.status != EntryStatus::Approved, Reverse(likely), key(&entry.canonical))
}

/// Whether a candidate says that it is never the canonical form.
fn is_never(rank: &Rank) -> bool {
    rank.1.0 == Some(0)
}

impl Nicknames {
    /// Takes the nicknames from entries in force.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut pairs: BTreeMap<String, Vec<Rank>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Nickname) {
            for name in std::iter::once(&entry.name).chain(&entry.variants).map(|name| key(name)) {
                if name != key(&entry.canonical) {
                    pairs.entry(name).or_default().push(rank(entry));
                }
            }
        }
        let mut made = Self::default();
        let mut best: BTreeMap<String, String> = BTreeMap::new();
        for (name, mut ranks) in pairs {
            ranks.sort();
            if let Some((_, _, canonical)) = ranks.iter().find(|rank| !is_never(rank)) {
                best.insert(name.clone(), canonical.clone());
            }
            let candidates = made.candidates.entry(name).or_default();
            for (_, _, canonical) in ranks {
                if !candidates.contains(&canonical) {
                    candidates.push(canonical);
                }
            }
        }
        made.canonical = best.keys().map(|name| (name.clone(), follow(name, &best))).collect();
        made
    }

    /// What a nickname may stand for, the likeliest first.
    pub(crate) fn of_name(&self, key: &str) -> &[String] {
        self.candidates.get(key).map_or(&[], Vec::as_slice)
    }

    /// The canonical form, where the name is a nickname.
    pub(crate) fn canonical(&self, key: &str) -> Option<&str> {
        self.canonical.get(key).map(String::as_str)
    }
}

/// Follows a nickname to where it stands still; of names that stand for one another in a ring, the first in the alphabet.
fn follow(name: &str, best: &BTreeMap<String, String>) -> String {
    let mut seen = vec![name];
    let mut here = name;
    while let Some(next) = best.get(here) {
        if let Some(start) = seen.iter().position(|s| s == next) {
            return seen[start..].iter().min().copied().unwrap_or(here).to_owned();
        }
        seen.push(next);
        here = next;
    }
    here.to_owned()
}
