//! Durable customer ids: who is who, and how clusters of a new run become events.
//!
//! The state is what the ledger's events say, replayed in order; assigning clusters only ever produces further events
//! and replays them, so there is one truth. The rejected alternative, an id computed from a cluster's content, changes
//! with every record that joins.
//!
//! The rules. Unchanged membership keeps its id. An id stays with the cluster that holds most of its records (then most
//! of those it held formerly, then the smallest record); a cluster to which several ids stay keeps the one with the most
//! of its records (then formerly held ones, then the lowest) and the others redirect to it; a cluster to which none
//! stays gets a new one. New ids are issued in the order of the clusters' smallest records, upwards, and never twice. A
//! record that left and comes back is known again.
//!
//! Events are ordered so that any beginning of them, replayed before assigning the same clusters again, ends in the same
//! state: records leave, new ids take their records, records move between ids, ids merge, records join. Each step leaves
//! every later choice as it was.

use std::collections::{BTreeMap, HashMap};

use onefold_contract::identity::{CustomerId, IdentityEvent, RecordRef};

/// Who is who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityState {
    /// The id that each record was last given, by itself or by its entity; ids may redirect since.
    given: BTreeMap<RecordRef, Given>,
    /// Ids that were merged into others.
    redirects: BTreeMap<CustomerId, CustomerId>,
    /// The number of the next id.
    next: u64,
}

/// The id a record was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Given {
    id: CustomerId,
    /// Whether its source still has the record.
    present: bool,
}

impl Default for IdentityState {
    fn default() -> Self {
        Self { given: BTreeMap::new(), redirects: BTreeMap::new(), next: CustomerId::FIRST }
    }
}

/// How many records of an id stand in a cluster, present ones before former ones, and the smallest of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claim<'a> {
    present: u32,
    former: u32,
    smallest: &'a RecordRef,
}

impl Claim<'_> {
    fn strength(&self) -> (u32, u32) {
        (self.present, self.former)
    }
}

/// A cluster and what it has to do with ids.
struct Party<'a> {
    records: Vec<&'a RecordRef>,
    claims: BTreeMap<CustomerId, Claim<'a>>,
    /// The ids that stay with this cluster.
    stay: Vec<CustomerId>,
    /// The id it has in the end.
    id: CustomerId,
}

impl IdentityState {
    /// The state after the events of a ledger, in their order.
    pub fn replay(events: &[IdentityEvent]) -> Self {
        let mut state = Self::default();
        for event in events {
            state.apply(event);
        }
        state
    }

    /// The id of a record that its source has; redirects are followed.
    pub fn id_of(&self, record: &RecordRef) -> Option<CustomerId> {
        self.given.get(record).filter(|given| given.present).map(|given| self.resolve_redirect(given.id))
    }

    /// The id that an id stands for today: itself, unless it was merged.
    pub fn resolve_redirect(&self, id: CustomerId) -> CustomerId {
        let mut at = id;
        while let Some(into) = self.redirects.get(&at) {
            at = *into;
        }
        at
    }

    /// Whether an id was ever issued.
    pub fn is_known(&self, id: CustomerId) -> bool {
        (CustomerId::FIRST..self.next).contains(&id.0)
    }

    /// Every record that its source has with its id, by record; redirects are followed.
    pub fn assignment(&self) -> impl Iterator<Item = (&RecordRef, CustomerId)> {
        let present = self.given.iter().filter(|(_, given)| given.present);
        present.map(|(record, given)| (record, self.resolve_redirect(given.id)))
    }

    /// Every merged id with the id it stands for today.
    pub fn redirects(&self) -> impl Iterator<Item = (CustomerId, CustomerId)> {
        self.redirects.keys().map(|id| (*id, self.resolve_redirect(*id)))
    }

    /// The number of the next id to be issued.
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// Changes the state by one event.
    fn apply(&mut self, event: &IdentityEvent) {
        match event {
            IdentityEvent::Issued { id, records } | IdentityEvent::Split { id, records, .. } => {
                self.next = self.next.max(id.0 + 1);
                self.give(*id, records);
            }
            IdentityEvent::Joined { id, records } => self.give(*id, records),
            IdentityEvent::Left { records, .. } => {
                for record in records {
                    if let Some(given) = self.given.get_mut(record) {
                        given.present = false;
                    }
                }
            }
            IdentityEvent::Merged { id, into } => {
                let into = self.resolve_redirect(*into);
                if into != *id {
                    self.redirects.insert(*id, into);
                }
            }
        }
    }

    fn give(&mut self, id: CustomerId, records: &[RecordRef]) {
        for record in records {
            self.given.insert(record.clone(), Given { id, present: true });
        }
    }

    /// Gives every cluster its id and returns what changed, already applied. `clusters` is a partition of all records
    /// that there are; the order of clusters and of records in them does not matter. Without a change no event comes.
    pub fn assign(&mut self, clusters: &[Vec<RecordRef>]) -> Vec<IdentityEvent> {
        let mut parties: Vec<Party<'_>> = clusters.iter().filter(|c| !c.is_empty()).map(|c| self.party(c)).collect();
        parties.sort_by_key(|party| party.records[0]);
        let keepers = keepers(&parties);
        let mut next = self.next;
        for (place, party) in parties.iter_mut().enumerate() {
            party.stay = party.claims.keys().filter(|id| keepers[*id] == place).copied().collect();
            party.id = party.survivor().unwrap_or_else(|| {
                next += 1;
                CustomerId(next - 1)
            });
        }
        let mut events = self.left(&parties);
        events.extend(parties.iter().filter(|party| party.stay.is_empty()).flat_map(|party| self.founded(party)));
        events.extend(parties.iter().filter_map(|party| self.joined(party, Joining::FromElsewhere)));
        events.extend(parties.iter().flat_map(Party::merged));
        events.extend(parties.iter().filter_map(|party| self.joined(party, Joining::FromNowhere)));
        drop(parties);
        for event in &events {
            self.apply(event);
        }
        events
    }

    /// The id a record was last given, redirects followed, and whether the record was present since.
    fn known(&self, record: &RecordRef) -> Option<Given> {
        let given = self.given.get(record)?;
        Some(Given { id: self.resolve_redirect(given.id), present: given.present })
    }

    fn party<'a>(&self, cluster: &'a [RecordRef]) -> Party<'a> {
        let mut records: Vec<&RecordRef> = cluster.iter().collect();
        records.sort_unstable();
        let mut claims: BTreeMap<CustomerId, Claim<'a>> = BTreeMap::new();
        for record in &records {
            let Some(given) = self.known(record) else { continue };
            let claim = claims.entry(given.id).or_insert(Claim { present: 0, former: 0, smallest: record });
            *(if given.present { &mut claim.present } else { &mut claim.former }) += 1;
        }
        Party { records, claims, stay: Vec::new(), id: CustomerId(0) }
    }

    /// Records that no cluster holds any more, by id.
    fn left(&self, parties: &[Party<'_>]) -> Vec<IdentityEvent> {
        let mut here: Vec<&RecordRef> = parties.iter().flat_map(|party| party.records.iter().copied()).collect();
        here.sort_unstable();
        let mut gone: BTreeMap<CustomerId, Vec<RecordRef>> = BTreeMap::new();
        for (record, id) in self.assignment().filter(|(record, _)| here.binary_search(record).is_err()) {
            gone.entry(id).or_default().push(record.clone());
        }
        gone.into_iter().map(|(id, records)| IdentityEvent::Left { id, records }).collect()
    }

    /// A cluster to which no id stays gets its new one; with it come its records from the id that had most of them.
    fn founded(&self, party: &Party<'_>) -> Vec<IdentityEvent> {
        let id = party.id;
        let Some(from) = strongest(&party.claims, party.claims.keys()) else {
            return vec![IdentityEvent::Issued { id, records: party.records.iter().copied().cloned().collect() }];
        };
        let is_from = |record: &RecordRef| self.known(record).is_some_and(|given| given.id == from);
        let records = party.records.iter().filter(|record| is_from(record)).copied().cloned().collect();
        vec![IdentityEvent::Split { from, id, records }]
    }

    /// Records that come to a cluster's id: from another id that does not stay here, or from none that holds them.
    fn joined(&self, party: &Party<'_>, joining: Joining) -> Option<IdentityEvent> {
        // What a split took along is there already.
        let founder = if party.stay.is_empty() { strongest(&party.claims, party.claims.keys()) } else { None };
        let comes = |record: &RecordRef| match self.known(record) {
            Some(given) if Some(given.id) == founder => false,
            Some(given) if given.present => !party.stay.contains(&given.id) && joining == Joining::FromElsewhere,
            Some(_) => joining == Joining::FromNowhere,
            // A cluster of new records alone was issued its id with them.
            None => joining == Joining::FromNowhere && !party.claims.is_empty(),
        };
        let records: Vec<RecordRef> = party.records.iter().filter(|r| comes(r)).copied().cloned().collect();
        (!records.is_empty()).then_some(IdentityEvent::Joined { id: party.id, records })
    }
}

/// Where joining records come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// Another id holds them.
    FromElsewhere,
    /// They are new, or were away.
    FromNowhere,
}

/// The id of the strongest claim, the lowest where several are equally strong.
fn strongest<'i>(
    claims: &BTreeMap<CustomerId, Claim<'_>>,
    among: impl Iterator<Item = &'i CustomerId>,
) -> Option<CustomerId> {
    among.max_by_key(|id| (claims.get(id).map(Claim::strength), std::cmp::Reverse(**id))).copied()
}

impl Party<'_> {
    /// The id that this cluster keeps, if one stays with it.
    fn survivor(&self) -> Option<CustomerId> {
        strongest(&self.claims, self.stay.iter())
    }

    /// The ids that stay with this cluster and give way to its own.
    fn merged(&self) -> Vec<IdentityEvent> {
        let others = self.stay.iter().filter(|id| **id != self.id);
        others.map(|id| IdentityEvent::Merged { id: *id, into: self.id }).collect()
    }
}

/// The place of the cluster that each id stays with.
fn keepers(parties: &[Party<'_>]) -> HashMap<CustomerId, usize> {
    let mut keepers: HashMap<CustomerId, usize> = HashMap::new();
    for (place, party) in parties.iter().enumerate() {
        for (id, claim) in &party.claims {
            let keeper = keepers.entry(*id).or_insert(place);
            let held = parties[*keeper].claims[id];
            let stronger = claim.strength().cmp(&held.strength()).then_with(|| held.smallest.cmp(claim.smallest));
            if stronger.is_gt() {
                *keeper = place;
            }
        }
    }
    keepers
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
