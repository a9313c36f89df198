use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn record(number: u8) -> RecordRef {
    RecordRef {
        source: if number.is_multiple_of(2) { "crm" } else { "shop" }.into(),
        source_key: format!("{number:03}"),
    }
}

/// Clusters out of the label of each of up to 12 records; label 0 is a record that its source does not have.
fn clusters(labels: &[u8]) -> Vec<Vec<RecordRef>> {
    let mut clusters: BTreeMap<u8, Vec<RecordRef>> = BTreeMap::new();
    for (number, label) in labels.iter().enumerate().filter(|(_, label)| **label > 0) {
        clusters.entry(*label).or_default().push(record(number as u8));
    }
    clusters.into_values().rev().collect()
}

/// What counts of a state: who is who, what redirects, what comes next.
#[derive(Debug, PartialEq)]
struct Essence(Vec<(RecordRef, CustomerId)>, Vec<(CustomerId, CustomerId)>, u64);

fn essence(state: &IdentityState) -> Essence {
    Essence(
        state.assignment().map(|(record, id)| (record.clone(), id)).collect(),
        state.redirects().collect(),
        state.next_number(),
    )
}

fn issued(events: &[IdentityEvent]) -> Vec<CustomerId> {
    let new = events.iter().filter_map(|event| match event {
        IdentityEvent::Issued { id, .. } | IdentityEvent::Split { id, .. } => Some(*id),
        _ => None,
    });
    new.collect()
}

fn first(number: u64) -> CustomerId {
    CustomerId(CustomerId::FIRST + number)
}

fn of(state: &IdentityState, number: u8) -> CustomerId {
    state.id_of(&record(number)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn ids_are_promises_over_any_history(history in proptest::collection::vec(proptest::collection::vec(0u8..5, 12), 1..8)) {
        let mut state = IdentityState::default();
        let mut ledger: Vec<IdentityEvent> = Vec::new();
        for labels in &history {
            let (clusters, before) = (clusters(labels), state.clone());
            let events = state.assign(&clusters);

            // Every cluster has one id, which is current, and no two have the same.
            let mut ids = BTreeSet::new();
            for cluster in &clusters {
                let of_records: BTreeSet<_> = cluster.iter().map(|r| state.id_of(r).unwrap()).collect();
                prop_assert_eq!(of_records.len(), 1);
                let id = of_records.into_iter().next().unwrap();
                prop_assert_eq!(state.resolve_redirect(id), id);
                prop_assert!(ids.insert(id) && state.is_known(id));
            }
            let present: usize = clusters.iter().map(Vec::len).sum();
            prop_assert_eq!(state.assignment().count(), present);

            // Unchanged membership keeps its id.
            let members = |state: &IdentityState| {
                let mut members: BTreeMap<CustomerId, BTreeSet<RecordRef>> = BTreeMap::new();
                for (record, id) in state.assignment() {
                    members.entry(id).or_default().insert(record.clone());
                }
                members
            };
            let now = members(&state);
            for (id, was) in members(&before) {
                if now.values().any(|is| *is == was) {
                    prop_assert_eq!(now.get(&id), Some(&was), "{} lost its members", id);
                }
                // What was issued stays known, and leads to an entity of one of its records as long as one is there.
                prop_assert!(state.is_known(id));
            }

            // No id is issued twice, and the same clusters again change nothing, in whatever order.
            prop_assert!(issued(&events).iter().all(|id| !before.is_known(*id)));
            prop_assert_eq!(issued(&events).len(), issued(&events).iter().collect::<BTreeSet<_>>().len());
            let mut reversed: Vec<Vec<RecordRef>> = clusters.iter().rev().cloned().collect();
            for cluster in &mut reversed {
                cluster.reverse();
            }
            prop_assert_eq!(state.clone().assign(&reversed), vec![]);
            prop_assert_eq!(before.clone().assign(&reversed), events.clone());

            // A crash after any event: replayed, and assigned again, it ends in the same state.
            for survived in 0..=events.len() {
                let mut torn = IdentityState::replay(&[&ledger[..], &events[..survived]].concat());
                let rest = torn.assign(&clusters);
                prop_assert_eq!(essence(&torn), essence(&state), "after {} of {:?}, then {:?}", survived, &events, rest);
            }
            ledger.extend(events);
            prop_assert_eq!(&IdentityState::replay(&ledger), &state);
        }
    }
}

#[test]
fn new_ids_follow_the_smallest_record() {
    let mut state = IdentityState::default();
    let events = state.assign(&[vec![record(5)], vec![record(4), record(1)], vec![record(0)]]);
    assert_eq!(issued(&events), [first(0), first(1), first(2)]);
    assert_eq!([0, 4, 5].map(|n| of(&state, n)), [first(0), first(1), first(2)]);
}

#[test]
fn a_merge_keeps_the_larger_and_redirects_the_other() {
    let mut state = IdentityState::default();
    state.assign(&[vec![record(0)], vec![record(2), record(4)], vec![record(6)]]);
    let events = state.assign(&[vec![record(0), record(2), record(4)], vec![record(6)]]);
    assert_eq!(events, [IdentityEvent::Merged { id: first(0), into: first(1) }]);
    // A chain of redirects ends at the last.
    state.assign(&[vec![record(0), record(2), record(4), record(6)]]);
    let events = state.assign(&[vec![record(0), record(2), record(4), record(6), record(8), record(10)]]);
    assert_eq!(events, [IdentityEvent::Joined { id: first(1), records: vec![record(8), record(10)] }]);
    assert_eq!([0, 1, 2].map(|n| state.resolve_redirect(first(n))), [first(1); 3]);
}

#[test]
fn equal_claims_go_to_the_lowest_id_and_the_smallest_record() {
    let mut state = IdentityState::default();
    state.assign(&[vec![record(0)], vec![record(2)]]);
    assert_eq!(state.assign(&[vec![record(0), record(2)]]), [IdentityEvent::Merged { id: first(1), into: first(0) }]);
    let events = state.assign(&[vec![record(2)], vec![record(0)]]);
    assert_eq!(events, [IdentityEvent::Split { from: first(0), id: first(2), records: vec![record(2)] }]);
    // The id that redirects is not brought back to life: it went to customers as an alias of the other.
    assert_eq!(state.resolve_redirect(first(1)), first(0));
}

#[test]
fn a_split_leaves_the_id_with_most_of_its_records() {
    let mut state = IdentityState::default();
    state.assign(&[vec![record(0), record(2), record(4)]]);
    let events = state.assign(&[vec![record(0)], vec![record(2), record(4), record(6)]]);
    assert_eq!(
        events,
        [
            IdentityEvent::Split { from: first(0), id: first(1), records: vec![record(0)] },
            IdentityEvent::Joined { id: first(0), records: vec![record(6)] },
        ]
    );
}

#[test]
fn records_that_come_back_are_known_again() {
    let mut state = IdentityState::default();
    state.assign(&[vec![record(0)], vec![record(2)]]);
    let events = state.assign(&[vec![record(2)]]);
    assert_eq!(events, [IdentityEvent::Left { id: first(0), records: vec![record(0)] }]);
    assert_eq!((state.id_of(&record(0)), state.is_known(first(0))), (None, true));
    // Meanwhile another record comes; it gets a number of its own.
    state.assign(&[vec![record(2)], vec![record(4)]]);
    assert_eq!(of(&state, 4), first(2));
    let events = state.assign(&[vec![record(0)], vec![record(2)], vec![record(4)]]);
    assert_eq!(events, [IdentityEvent::Joined { id: first(0), records: vec![record(0)] }]);
    assert_eq!(of(&state, 0), first(0));
}
