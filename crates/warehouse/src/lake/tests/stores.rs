//! The other files of the state root under the same faults: the identity ledger, epochs and dictionaries.

use std::path::Path;
use std::sync::Arc;

use onefold_contract::file_system::{Disk, FileSystem};
use onefold_contract::identity::{CustomerId, IdentityEvent};
use onefold_contract::{Failure, FailureKind};

use super::support::*;
use crate::dictionaries::DictionaryStore;
use crate::epochs::{Epoch, EpochStore};
use crate::identity_ledger::IdentityLedger;

/// Lets `act` die at each of its operations in turn, in a new root each time, and hands the root to `check`.
fn dying_everywhere(
    prepare: impl Fn(&Path),
    act: impl Fn(&Path, Arc<dyn FileSystem>) -> Result<(), Failure>,
    check: impl Fn(&Path, usize),
) {
    for at in 1.. {
        let root = tempfile::tempdir().unwrap();
        prepare(root.path());
        let outcome = act(root.path(), Arc::new(Watched::dying(at)));
        check(root.path(), at);
        match outcome {
            Ok(()) => {
                assert!(at > 5, "only {} operations were met", at - 1);
                return;
            }
            Err(failure) => assert_eq!(failure.kind, FailureKind::State, "{failure}"),
        }
    }
}

fn issued(numbers: std::ops::Range<u64>) -> Vec<IdentityEvent> {
    numbers.map(|number| IdentityEvent::Issued { id: CustomerId(number), records: Vec::new() }).collect()
}

#[test]
fn events_are_appended_all_or_none() {
    for there in [0, 2] {
        dying_everywhere(
            |root| IdentityLedger::open(root, Arc::new(Disk)).unwrap().append(&issued(0..there), "r1").unwrap(),
            |root, files| IdentityLedger::open(root, files)?.append(&issued(there..there + 3), "r2"),
            |root, at| {
                let mut ledger = IdentityLedger::open(root, Arc::new(Disk)).unwrap();
                assert!([there, there + 3].contains(&ledger.len()), "operation {at} left {} events", ledger.len());
                if ledger.len() == there {
                    ledger.append(&issued(there..there + 3), "r2").unwrap();
                }
                assert_eq!(IdentityLedger::open_read_only(root).unwrap().events(), issued(0..there + 3));
            },
        );
    }
}

#[test]
fn an_epoch_is_written_and_adopted_whole_or_not_at_all() {
    let epoch = || Epoch { pipeline: "demo".into(), ..Epoch::default() };
    let train = |root: &Path, files: Arc<dyn FileSystem>| {
        let store = EpochStore::open(root, files)?;
        let id = store.write(epoch())?;
        store.adopt(&id)
    };
    dying_everywhere(
        |_| {},
        train,
        |root, at| {
            let store = EpochStore::open(root, Arc::new(Disk)).unwrap();
            let there = store.list().unwrap_or_else(|failure| panic!("operation {at}: {failure}"));
            assert!(store.adopted().unwrap().is_none_or(|id| there.iter().any(|epoch| epoch.id == id)));
            train(root, Arc::new(Disk)).unwrap();
            assert_eq!(store.list().unwrap().len(), 1, "operation {at} made a second epoch");
            assert_eq!(store.adopted().unwrap().as_deref(), Some("E0001"));
        },
    );
}

#[test]
fn dictionaries_are_kept_whole_or_not_at_all() {
    let texts = vec![("a.csv".to_string(), "name\na\n".to_string()), ("b/b.csv".to_string(), "name\nb\n".to_string())];
    dying_everywhere(
        |_| {},
        |root, files| DictionaryStore::open(root, files)?.put("v1", &texts),
        |root, _| {
            let store = DictionaryStore::open(root, Arc::new(Disk)).unwrap();
            if let Ok(kept) = store.get("v1") {
                assert_eq!(kept, texts);
            }
            store.put("v1", &texts).unwrap();
            assert_eq!(store.get("v1").unwrap(), texts);
        },
    );
}
