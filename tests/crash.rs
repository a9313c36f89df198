//! Stopped at every write, fsync and rename: the release before is served, and the next run finishes the job.

use std::collections::BTreeSet;

use onefold_contract::file_system::FileOperation;

use super::support::{DESK, Workshop};

/// The file operations of a run, by name, in order.
fn operations(prepare: &dyn Fn() -> Workshop) -> Vec<String> {
    let shop = prepare();
    shop.run_tiny(&["--record-failpoints", "operations.txt"]).ok();
    let name = |line: &str| line.split(' ').nth(1).unwrap().to_string();
    shop.read("operations.txt").lines().map(name).collect()
}

/// Stops a run at each of its operations, and holds what is left against `before` and against an undisturbed run.
fn stop_everywhere(prepare: &dyn Fn() -> Workshop, effect: &str) -> BTreeSet<String> {
    let undisturbed = prepare();
    let before = served(&undisturbed);
    undisturbed.run_tiny(&[]).ok();
    let wanted = served(&undisturbed);
    let operations = operations(prepare);
    for (place, operation) in operations.iter().enumerate() {
        let shop = prepare();
        let failpoint = format!("{}:{effect}", place + 1);
        let answer = shop.run_tiny(&["--failpoint", &failpoint]);
        match effect {
            "kill" => assert_eq!(answer.code, None, "{failpoint} {operation}: {}", answer.err),
            // An operation after the commit may fail without harm; all others end with the state root's exit code.
            _ => assert!(answer.code == Some(4) || operation == "after_commit", "{failpoint} {operation}: {answer:?}"),
        }
        let left = served(&shop);
        let is_whole = left == before || left == wanted;
        assert!(is_whole, "{failpoint} {operation}: a reader sees something between two releases");
        shop.run_tiny(&[]).ok();
        assert_eq!(served(&shop), wanted, "{failpoint} {operation}: the next run finishes the job");
    }
    operations.into_iter().collect()
}

/// What readers see: the digests of all tables, and the ids.
fn served(shop: &Workshop) -> Option<(std::collections::BTreeMap<String, String>, Vec<serde_json::Value>)> {
    let releases = shop.onefold(&["release", "list", "--json"]);
    if releases.code != Some(0) || releases.json() == serde_json::json!([]) {
        return None;
    }
    Some((shop.digests(), shop.sql("SELECT customer_id, given_name FROM dim_customer ORDER BY customer_id, version")))
}

fn first_night() -> Workshop {
    Workshop::tiny()
}

/// A night after an interrupted one, whose ledger ends in a torn line: it must be cut off. It brings a change and a
/// source that is new.
fn second_night() -> Workshop {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let mut ledger = std::fs::File::options().append(true).open(shop.path("state/identity/ledger.jsonl")).unwrap();
    std::io::Write::write_all(&mut ledger, b"{\"torn").unwrap();
    shop.write("data/desk.csv", format!("{DESK}4,Eva,Stone,09/09/1999,eva@stone.example,2\n"));
    super::epochs::add_the_fair(&shop);
    shop
}

#[test]
fn killed_anywhere_a_run_leaves_whole_releases() {
    let mut hit = stop_everywhere(&first_night, "kill");
    hit.extend(stop_everywhere(&second_night, "kill"));
    let all: BTreeSet<String> = FileOperation::ALL.iter().map(|o| o.name().to_string()).collect();
    assert_eq!(hit, all, "every operation of the file system trait is stopped at once at least");
}

#[test]
fn failing_anywhere_a_run_leaves_whole_releases_and_says_so() {
    stop_everywhere(&first_night, "error");
    stop_everywhere(&second_night, "error");
}

#[test]
fn one_run_at_a_time() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let lock = std::fs::File::options().append(true).open(shop.path("state/run.lock")).unwrap();
    lock.lock().unwrap();
    let answer = shop.run_tiny(&[]);
    assert_eq!(answer.code, Some(4));
    assert!(answer.err.contains("another run is at work"), "{}", answer.err);
    drop(lock);
    shop.run_tiny(&[]).ok();
}
