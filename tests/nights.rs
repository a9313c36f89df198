//! The second night: what may change, and that nothing else does.

use std::collections::BTreeSet;

use super::support::{DESK, Workshop};

#[test]
fn the_same_input_publishes_nothing_new_and_says_so() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let (before, files) = (shop.digests(), tree(&shop, "state"));
    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-03-01"]).ok();
    assert!(said.contains("found nothing new; release 1 stays"), "{said}");
    assert_eq!(shop.digests(), before);
    let new: BTreeSet<_> = tree(&shop, "state").difference(&files).cloned().collect();
    assert_eq!(new, BTreeSet::new(), "a night without news leaves no file behind");
    assert_eq!(shop.onefold(&["release", "list", "--json"]).json().as_array().unwrap().len(), 1);
}

/// The files below a folder, those of databases and locks left out: they hold the list of runs.
fn tree(shop: &Workshop, folder: &str) -> BTreeSet<String> {
    fn walk(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found)
            } else {
                found.insert(path.display().to_string());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&shop.path(folder), &mut found);
    found.retain(|path| !path.contains("sqlite") && !path.ends_with("run.lock"));
    found
}

#[test]
fn one_changed_row_changes_what_it_must_and_nothing_else() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let before = shop.digests();
    let ids = shop.sql("SELECT customer_id, given_name FROM dim_customer ORDER BY customer_id");
    let files = tree(&shop, "state");

    shop.write("data/desk.csv", DESK.replace("anna@jones.example", "anna.jones@new.example"));
    shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();

    let after = shop.digests();
    let changed: Vec<&str> =
        after.iter().filter(|(name, digest)| before.get(*name) != Some(digest)).map(|(n, _)| n.as_str()).collect();
    assert_eq!(
        changed,
        ["mart.dim_customer", "resolved.golden_record", "staged.desk", "standardized.desk"],
        "the record, its clean form, its golden record and a new version of the customer"
    );
    let new: Vec<String> = tree(&shop, "state").difference(&files).map(|path| kind_of_file(&shop, path)).collect();
    assert_eq!(
        new,
        [
            "lake/data/mart/dim_customer/dim_customer-*.parquet",
            "lake/data/resolved/golden_record/golden_record-*.parquet",
            "lake/data/staged/desk/desk-*.parquet",
            "lake/data/standardized/desk/desk-*.parquet",
            "raw/desk/*.json",
            "raw/desk/desk-*.csv",
        ],
        "the changed file as received, its manifest, and one data file a changed table"
    );
    let still = shop.sql("SELECT DISTINCT customer_id, given_name FROM dim_customer ORDER BY customer_id");
    assert_eq!(still, ids, "no id changes");
    let versions = shop.sql(
        "SELECT email, CAST(valid_from AS VARCHAR) AS valid_from, CAST(valid_to AS VARCHAR) AS valid_to, is_current \
         FROM dim_customer WHERE given_name = 'Anna' ORDER BY version",
    );
    let expected = serde_json::json!([
        { "email": "anna@jones.example", "valid_from": "2026-01-15", "valid_to": "2026-01-16", "is_current": false },
        { "email": "anna.jones@new.example", "valid_from": "2026-01-16", "valid_to": "9999-12-31", "is_current": true },
    ]);
    assert_eq!(serde_json::Value::Array(versions), expected);
}

/// A file's path in the state root, its hash or run replaced by a star.
fn kind_of_file(shop: &Workshop, path: &str) -> String {
    let state = shop.path("state").display().to_string();
    let short = path.trim_start_matches(&state).trim_start_matches('/').to_string();
    let (folder, name) = short.rsplit_once('/').unwrap();
    let (stem, extension) = name.rsplit_once('.').unwrap();
    match stem.rsplit_once('-') {
        Some((name, _)) => format!("{folder}/{name}-*.{extension}"),
        None => format!("{folder}/*.{extension}"),
    }
}

#[test]
fn a_deleted_row_leaves_and_its_id_is_not_given_to_another() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let cid = shop.sql("SELECT customer_id FROM dim_customer WHERE given_name = 'Cid'")[0]["customer_id"].clone();
    let without = DESK.lines().filter(|line| !line.starts_with('3')).collect::<Vec<_>>().join("\n");
    shop.write("data/desk.csv", format!("{without}\n4,Eva,Stone,09/09/1999,eva@stone.example,2\n"));
    shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    let gone =
        shop.sql("SELECT is_current, CAST(valid_to AS VARCHAR) AS valid_to FROM dim_customer WHERE given_name = 'Cid'");
    assert_eq!(serde_json::Value::Array(gone), serde_json::json!([{ "is_current": false, "valid_to": "2026-01-16" }]));
    let eva = shop.sql("SELECT customer_id FROM dim_customer WHERE given_name = 'Eva'")[0]["customer_id"].clone();
    assert_ne!(cid, eva);
}

#[test]
fn threads_do_not_change_content() {
    let digests = ["1", "3", "16"].map(|threads| {
        let shop = Workshop::tiny();
        shop.write("config/onefold.toml", format!("state_root = \"state\"\nthreads = {threads}\n"));
        shop.run_tiny(&[]).ok();
        shop.digests()
    });
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);
}

#[test]
fn a_bad_row_goes_to_quarantine_and_the_run_goes_on() {
    let shop = Workshop::tiny();
    shop.write(
        "data/desk.csv",
        format!("{DESK}4,Eva,Stone,02/30/1999,eva@stone.example,2\n5,Finn\n,Gil,Hay,01/01/1980,,1\n"),
    );
    assert_eq!(shop.onefold(&["run", "tiny", "--as-of", "2026-01-15"]).code, Some(1), "more than the threshold");
    let spec = shop.read("pipelines/tiny/pipeline.toml").replace("0.3", "0.6");
    shop.write("pipelines/tiny/pipeline.toml", spec);
    shop.onefold(&["run", "tiny", "--as-of", "2026-01-15"]).ok();
    let rejects = shop.onefold(&["rejects", "show", "--json"]).json();
    let field = |reject: &serde_json::Value, name: &str| reject[name].to_string().replace('"', "");
    let mut seen: Vec<String> = rejects
        .as_array()
        .unwrap()
        .iter()
        .map(|r| [field(r, "stage"), field(r, "rule"), field(r, "row"), field(r, "source_key")].join(" "))
        .collect();
    seen.sort();
    assert_eq!(seen, ["raw ragged-row 6 5", "staged empty-key 7 null", "standardized impossible-date null 4"]);
    for reject in rejects.as_array().unwrap() {
        assert!(!reject["reason"].as_str().unwrap().is_empty() && !reject["rule"].as_str().unwrap().is_empty());
    }
    // Another night with the same file: the same rejects stand, and nothing new is published.
    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    assert!(said.contains("found nothing new"), "{said}");
    assert_eq!(shop.onefold(&["rejects", "show", "--json"]).json(), rejects);
}

#[test]
fn changed_settings_clean_every_record_anew() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let source = shop.read("pipelines/tiny/sources/desk.toml");
    let name = "name = \"given_name\"\nkind = \"given_name\"\n";
    assert!(source.contains(name));
    shop.write("pipelines/tiny/sources/desk.toml", source.replace(name, &format!("{name}null_words = [\"Cid\"]\n")));
    shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    assert_eq!(
        shop.sql("SELECT 1 AS one FROM dim_customer WHERE given_name = 'Cid' AND is_current"),
        Vec::<serde_json::Value>::new()
    );
    assert_eq!(shop.sql("SELECT 1 AS one FROM dim_customer WHERE family_name = 'Moor' AND is_current").len(), 1);
}

#[test]
fn a_run_killed_after_its_release_is_listed_as_published() {
    let shop = Workshop::tiny();
    shop.run_tiny(&["--record-failpoints", "operations.txt"]).ok();
    let number = shop
        .read("operations.txt")
        .lines()
        .find(|line| line.ends_with("after_commit release"))
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_string();
    let shop = Workshop::tiny();
    assert_eq!(shop.run_tiny(&["--failpoint", &format!("{number}:kill")]).code, None);
    let said = shop.run_tiny(&[]).ok();
    assert!(said.contains("run R000001 was interrupted after it had published release 1"), "{said}");
    let runs = shop.onefold(&["runs", "list", "--json"]).json();
    assert_eq!((runs[0]["status"].as_str(), runs[0]["release"].as_u64()), (Some("published"), Some(1)));
    assert_eq!(runs[1]["status"], "unchanged");
}

#[test]
fn a_column_that_changes_its_kind_is_refused_in_words() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let source = shop.read("pipelines/tiny/sources/desk.toml").replace("control_totals = [\"visits\"]\n", "");
    shop.write("pipelines/tiny/sources/desk.toml", source.replace("kind = \"integer\"", "kind = \"free_text\""));
    let answer = shop.run_tiny(&[]);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(answer.err.contains("column visits is loaded with a kind of another type"), "{}", answer.err);
}

#[test]
fn an_error_after_the_commit_says_that_the_release_is_out() {
    let shop = Workshop::tiny();
    shop.run_tiny(&["--record-failpoints", "operations.txt"]).ok();
    let operations = shop.read("operations.txt");
    let number = operations.lines().find(|line| line.ends_with("after_commit release")).unwrap();
    let number = number.split(' ').next().unwrap();
    let shop = Workshop::tiny();
    let answer = shop.run_tiny(&["--failpoint", &format!("{number}:error")]);
    assert_eq!(answer.code, Some(4), "{}", answer.err);
    assert!(answer.err.contains("release 1 is published; after that:"), "{}", answer.err);
    assert!(answer.out.contains("run R000001 published release 1"), "{}", answer.out);
    let runs = shop.onefold(&["runs", "list", "--json"]).json();
    assert_eq!((runs[0]["status"].as_str(), runs[0]["release"].as_u64()), (Some("published"), Some(1)));
    assert!(shop.run_tiny(&[]).ok().contains("found nothing new; release 1 stays"));
}
