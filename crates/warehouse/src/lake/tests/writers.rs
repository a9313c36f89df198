//! Several writers and readers at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use onefold_contract::FailureKind;
use onefold_contract::file_system::FileOperation;
use onefold_contract::publisher::{Draft, Published, Publisher, TableChange};

use super::support::*;
use crate::lake::Lake;

fn rows(value: &str) -> TableChange {
    TableChange::Append(texts(&["a"], &[&[value]]))
}

fn writes(number: u64, base: Option<u64>, value: &str) -> Draft {
    draft(number, base, vec![(mart("t"), rows(value))])
}

#[test]
fn the_second_of_two_writers_is_refused_and_leaves_nothing_visible() {
    let root = tempfile::tempdir().unwrap();
    let (one, other) = (open(root.path()), open(root.path()));
    publish(&one, writes(1, None, "0"));
    publish(&one, writes(2, Some(1), "1"));
    let failure = other.publish(writes(2, Some(1), "2")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::State);
    assert_eq!(failure.message, "run run-0002 read from release 1, but release 2 was published meanwhile");
    assert_eq!(other.head().unwrap(), Some(2));
    assert_eq!(printed(&other.read(2, &mart("t")).unwrap().unwrap()), ["a=0", "a=1"]);
    publish(&other, writes(3, Some(2), "2"));
}

#[test]
fn a_writer_that_was_overtaken_while_it_wrote_its_files_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let overtaking = open(root.path());
    publish(&overtaking, writes(1, None, "0"));
    let done = AtomicBool::new(false);
    let files = Watched::new(move |operation, moment| {
        let late = operation == FileOperation::Rename && moment == Moment::After;
        if late && !done.swap(true, Ordering::SeqCst) {
            publish(&overtaking, writes(2, Some(1), "1"));
        }
        Ok(())
    });
    let lake = Lake::open(root.path(), Arc::new(files)).unwrap();
    let failure = lake.publish(writes(2, Some(1), "2")).unwrap_err();
    assert!(failure.message.contains("release 2 was published meanwhile"), "{failure}");
    assert_eq!(printed(&lake.read(2, &mart("t")).unwrap().unwrap()), ["a=0", "a=1"]);
    assert_eq!(lake.releases().unwrap().len(), 2);
}

#[test]
fn of_two_threads_one_publishes() {
    let root = tempfile::tempdir().unwrap();
    publish(&open(root.path()), writes(1, None, "0"));
    for round in 1..=8u64 {
        let barrier = Barrier::new(2);
        let outcomes = std::thread::scope(|scope| {
            let attempts = ["x", "y"].map(|value| {
                let (barrier, root) = (&barrier, root.path());
                scope.spawn(move || {
                    let lake = open(root);
                    barrier.wait();
                    lake.publish(writes(round + 1, Some(round), &format!("{value}{round}")))
                })
            });
            attempts.map(|attempt| attempt.join().unwrap())
        });
        let won = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Published::Release(id)) if *id == round + 1));
        assert_eq!(won.count(), 1, "{outcomes:?}");
        let lost = outcomes.iter().find_map(|outcome| outcome.as_ref().err()).unwrap();
        assert_eq!(lost.kind, FailureKind::State);
        let lake = open(root.path());
        assert_eq!(lake.read(round + 1, &mart("t")).unwrap().unwrap().num_rows() as u64, round + 1);
    }
}

#[test]
fn a_stale_token_is_refused_and_an_equal_one_is_not() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    publish(&lake, writes(7, None, "0"));
    let failure = lake.publish(writes(6, Some(1), "1")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::State);
    assert!(failure.message.contains("token 7 after 6"), "{failure}");
    assert_eq!(lake.head().unwrap(), Some(1));
    publish(&lake, writes(7, Some(1), "1"));
}

#[test]
fn a_reader_keeps_its_release_while_others_are_published() {
    let root = tempfile::tempdir().unwrap();
    let writer = open(root.path());
    publish(&writer, writes(1, None, "0"));
    let reader = Lake::open_read_only(root.path()).unwrap();
    let replaced = TableChange::Replace(texts(&["b"], &[&["9"]]));
    publish(&writer, draft(2, Some(1), vec![(mart("t"), replaced)]));
    assert_eq!(printed(&reader.read(1, &mart("t")).unwrap().unwrap()), ["a=0"]);
    assert_eq!(reader.head().unwrap(), Some(2));
    assert_eq!(printed(&reader.read(2, &mart("t")).unwrap().unwrap()), ["b=9"]);
    assert!(reader.publish(writes(3, Some(2), "1")).is_err(), "a lake opened for reading published");
}

#[test]
fn a_snapshot_of_another_program_is_noticed() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    publish(&lake, writes(1, None, "0"));
    let catalogue = rusqlite::Connection::open(root.path().join("lake/catalogue.sqlite")).unwrap();
    catalogue.execute("INSERT INTO ducklake_snapshot VALUES (2, '2024-01-01 00:00:00+00', 1, 9, 9)", []).unwrap();
    let failure = lake.publish(writes(2, Some(1), "1")).unwrap_err();
    assert!(failure.message.contains("snapshot 2 is no release"), "{failure}");
}

#[test]
fn a_moved_root_is_read_at_once_and_names_its_new_place_after_the_next_opening() {
    let root = tempfile::tempdir().unwrap();
    let (before, after) = (root.path().join("before"), root.path().join("after"));
    std::fs::create_dir(&before).unwrap();
    publish(&open(&before), writes(1, None, "0"));
    std::fs::rename(&before, &after).unwrap();
    assert_eq!(printed(&Lake::open_read_only(&after).unwrap().read(1, &mart("t")).unwrap().unwrap()), ["a=0"]);
    drop(open(&after));
    let catalogue = rusqlite::Connection::open(after.join("lake/catalogue.sqlite")).unwrap();
    let sql = "SELECT value FROM ducklake_metadata WHERE key = 'data_path'";
    let path: String = catalogue.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(path, format!("{}/lake/data/", after.display()));
}
