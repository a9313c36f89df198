//! A process that dies at any operation of a publish.
//!
//! Two ways to look at it: the operation fails and all after it (what the program itself sees), and the state root is
//! copied as it lies on disk before, in the middle of and after each operation of an undisturbed publish (what the
//! next process finds after a kill -9).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use onefold_contract::file_system::FileOperation;
use onefold_contract::publisher::{Draft, Published, Publisher, TableChange};

use super::support::*;
use crate::lake::Lake;

/// Two tables, before.
fn first() -> Draft {
    let rows = changes("run-0001", &[("insert", "a", "1"), ("insert", "b", "2")], &[]);
    draft(
        1,
        None,
        vec![(staged("crm"), TableChange::Append(rows)), (mart("dim"), TableChange::Replace(texts(&["x"], &[&["1"]])))],
    )
}

/// Everything that can happen to a table at once: an append with a new column, a replacement, a replacement with other
/// columns, a new table in a new schema, an empty one.
fn second() -> Draft {
    let rows = changes("run-0002", &[("delete", "a", "1"), ("update", "b", "3")], &["later"]);
    let rejects = onefold_contract::table::TableName::new(onefold_contract::table::Layer::Quarantine, "rejects");
    draft(
        2,
        Some(1),
        vec![
            (staged("crm"), TableChange::Append(rows)),
            (mart("dim"), TableChange::Replace(texts(&["x", "y"], &[&["1", "-"], &["2", "é"]]))),
            (mart("fact"), TableChange::Append(texts(&["x"], &[]))),
            (rejects, TableChange::Append(texts(&["rule"], &[&["bad-date"]]))),
        ],
    )
}

/// A root with the first release, and the content of both releases where nothing goes wrong.
fn prepared(root: &Path) -> [Vec<(String, Vec<String>, String)>; 2] {
    let lake = open(root);
    publish(&lake, first());
    drop(lake);
    let undisturbed = tempfile::tempdir().unwrap();
    copy_folder(root, undisturbed.path());
    let lake = open(undisturbed.path());
    publish(&lake, second());
    [content(&lake, 1), content(&lake, 2)]
}

/// The previous release or the new one is served whole; the repeated run completes the job.
fn check_recovery(root: &Path, expected: &[Vec<(String, Vec<String>, String)>; 2], what: &str) -> u64 {
    let reader = Lake::open_read_only(root).unwrap_or_else(|failure| panic!("{what}: {failure}"));
    let served = reader.head().unwrap().unwrap();
    assert_eq!(&content(&reader, served), &expected[served as usize - 1], "{what}");
    drop(reader);
    let lake = open(root);
    assert_eq!(lake.head().unwrap(), Some(served), "{what}: opening for writing changed what is served");
    if served == 1 {
        assert_eq!(lake.publish(second()).unwrap(), Published::Release(2), "{what}");
    }
    assert_eq!(&content(&lake, 2), &expected[1], "{what}");
    assert_eq!(&content(&lake, 1), &expected[0], "{what}");
    served
}

#[test]
fn whatever_operation_fails_the_previous_release_is_served_and_a_repeat_completes() {
    let before = tempfile::tempdir().unwrap();
    let expected = prepared(before.path());
    let mut failed = 0;
    for at in 1.. {
        let root = tempfile::tempdir().unwrap();
        copy_folder(before.path(), root.path());
        // Opening passes operations as well; a lake that fails to open is a run that fails.
        let outcome = Lake::open(root.path(), Arc::new(Watched::dying(at))).and_then(|lake| lake.publish(second()));
        if outcome == Ok(Published::Release(2)) {
            break;
        }
        failed += 1;
        let failure = outcome.unwrap_err();
        assert_eq!(failure.kind, onefold_contract::FailureKind::State, "{failure}");
        assert!(failure.message.contains("the process died here"), "{failure}");
        check_recovery(root.path(), &expected, &format!("operation {at} failed"));
    }
    assert!(failed > 20, "only {failed} operations were met");
}

#[test]
fn a_kill_at_any_operation_leaves_one_release_whole() {
    let before = tempfile::tempdir().unwrap();
    let expected = prepared(before.path());
    let (root, images) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_folder(before.path(), root.path());
    let (source, target) = (root.path().to_path_buf(), images.path().to_path_buf());
    let taken = Arc::new(AtomicUsize::new(0));
    let met = Arc::new(Mutex::new(BTreeSet::new()));
    let (counter, seen) = (taken.clone(), met.clone());
    let files = Watched::new(move |operation, moment| {
        seen.lock().unwrap().insert(operation);
        let number = counter.fetch_add(1, Ordering::SeqCst);
        copy_folder(&source, &target.join(format!("{number:03} {} {moment:?}", operation.name())));
        Ok(())
    });
    let lake = Lake::open(root.path(), Arc::new(files)).unwrap();
    publish(&lake, second());
    let mut served = BTreeSet::new();
    for image in std::fs::read_dir(images.path()).unwrap() {
        let image = image.unwrap().path();
        served.insert(check_recovery(&image, &expected, &image.display().to_string()));
    }
    assert_eq!(served, BTreeSet::from([1, 2]), "images before and after the commit");
    assert!(taken.load(Ordering::SeqCst) > 40);
    // What a publish never does: it appends to no file, cuts none and deletes none.
    let other = [FileOperation::OpenToAppend, FileOperation::Truncate, FileOperation::Remove];
    let wanted: BTreeSet<_> = FileOperation::ALL.into_iter().filter(|o| !other.contains(o)).collect();
    assert_eq!(*met.lock().unwrap(), wanted);
}

#[test]
fn a_kill_while_the_lake_is_made_leaves_a_root_that_can_be_opened() {
    for at in 1.. {
        let root = tempfile::tempdir().unwrap();
        let outcome = Lake::open(root.path(), Arc::new(Watched::dying(at)));
        let made = outcome.is_ok();
        drop(outcome);
        let lake = open(root.path());
        assert_eq!(lake.head().unwrap(), None);
        publish(&lake, first());
        assert_eq!(content(&lake, 1).len(), 2);
        if made {
            assert!(at > 4, "opening passes the folder, two commits and two syncs");
            return;
        }
    }
}

#[test]
fn files_that_a_killed_run_left_are_used_again() {
    let before = tempfile::tempdir().unwrap();
    let expected = prepared(before.path());
    let root = tempfile::tempdir().unwrap();
    copy_folder(before.path(), root.path());
    // The copy is a moved root; opening it writes its new place, which is no part of the run.
    drop(open(root.path()));
    let files = Watched::new(|operation, _| match operation {
        FileOperation::BeforeCommit => Err(std::io::Error::other("killed")),
        _ => Ok(()),
    });
    let lake = Lake::open(root.path(), Arc::new(files)).unwrap();
    lake.publish(second()).unwrap_err();
    drop(lake);
    let left = files_below(&root.path().join("lake/data"));
    let created = Arc::new(AtomicUsize::new(0));
    let counter = created.clone();
    let files = Watched::new(move |operation, _| {
        counter.fetch_add(usize::from(operation == FileOperation::CreateFile), Ordering::SeqCst);
        Ok(())
    });
    let lake = Lake::open(root.path(), Arc::new(files)).unwrap();
    publish(&lake, second());
    assert_eq!(created.load(Ordering::SeqCst), 0, "files were written a second time");
    assert_eq!(files_below(&root.path().join("lake/data")), left);
    assert_eq!(content(&lake, 2), expected[1]);
}
