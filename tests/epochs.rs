//! What an epoch pins, how a new one comes into force, and what a source that comes late does to it.

use super::support::{DESK, Workshop};

/// A third source of persons: Anna again, and somebody new; its dates are written day first, which only a look at the
/// whole column tells.
const FAIR: &str = "\
card,first,last,born,mail
f1,Anna,Jones,14/02/1975,anna@jones.example
f2,Emil,Stone,09/08/1991,emil@stone.example
";

/// Adds the third source to the pipeline.
pub(crate) fn add_the_fair(shop: &Workshop) {
    let source = shop.read("pipelines/tiny/sources/shop.toml");
    let source = source.replace("name = \"shop\"", "name = \"fair\"").replace("shop.csv", "fair.csv");
    shop.write("pipelines/tiny/sources/fair.toml", source.replace("from = \"id\"", "from = \"card\""));
    shop.write("data/fair.csv", FAIR);
}

fn ids(shop: &Workshop) -> Vec<serde_json::Value> {
    shop.sql("SELECT customer_id, given_name FROM dim_customer WHERE is_current AND given_name <> 'Emil' ORDER BY 1")
}

#[test]
fn a_source_that_comes_late_is_loaded_and_moves_nothing_else() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let (before, known) = (shop.digests(), ids(&shop));
    add_the_fair(&shop);
    // A training before the first load goes by what there is, and says what is not.
    let said = shop.onefold(&["epoch", "train", "tiny"]).ok();
    assert!(said.contains("source fair has not been loaded yet"), "{said}");

    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    assert!(said.contains("epoch E0001 with the columns of fair decided; all else is as it was"), "{said}");
    assert!(said.contains("published release 2"), "{said}");
    let epoch = shop.onefold(&["epoch", "show", "--json"]).json();
    let first = shop.onefold(&["epoch", "show", "e1", "--json"]).json();
    assert_eq!(epoch["decisions"]["fair"]["birth_date"]["date_order"], "day_month_year", "{epoch}");
    assert_eq!((&epoch["model"], &epoch["dictionary"]), (&first["model"], &first["dictionary"]));
    for source in ["desk", "shop", "orders"] {
        assert_eq!(epoch["decisions"][source], first["decisions"][source], "{source}");
    }
    let release = shop.onefold(&["release", "show", "--json"]).json();
    assert_eq!(release["pins"]["epoch"], epoch["id"]);

    assert_eq!(ids(&shop), known, "no id changes");
    let after = shop.digests();
    for table in ["staged.desk", "standardized.desk", "staged.shop", "standardized.shop", "mart.fact_sales"] {
        assert_eq!(before[table], after[table], "{table}");
    }
    let people = shop.sql("SELECT given_name FROM dim_customer WHERE is_current ORDER BY 1");
    let people: Vec<&str> = people.iter().filter_map(|row| row["given_name"].as_str()).collect();
    assert_eq!(people, ["Anna", "Bob", "Cid", "Dora", "Emil"], "the fair's Anna is the desk's");
    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-01-17"]).ok();
    assert!(said.contains("found nothing new; release 2 stays"), "{said}");
}

#[test]
fn training_twice_on_the_same_records_makes_one_epoch() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let trained = || shop.onefold(&["epoch", "train", "tiny", "--json"]).json();
    let (first, second) = (trained(), trained());
    assert_eq!(first, second);
    assert_eq!((&first["epoch"], &first["records_that_move"]), (&"E0001".into(), &0.into()), "nothing is new to learn");
}

#[test]
fn an_epoch_is_not_trained_in_the_state_root_of_another_pipeline() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    super::support::copy(&shop.path("pipelines/tiny"), &shop.path("pipelines/other"));
    let spec = shop.read("pipelines/other/pipeline.toml").replace("name = \"tiny\"", "name = \"other\"");
    shop.write("pipelines/other/pipeline.toml", spec);
    let answer = shop.onefold(&["epoch", "train", "other"]);
    assert_eq!(answer.code, Some(2), "{}", answer.out);
    assert!(answer.err.contains("belongs to pipeline tiny"), "{}", answer.err);
}

#[test]
fn other_dictionaries_hold_once_their_epoch_is_adopted() {
    let shop = Workshop::tiny();
    shop.write("data/desk.csv", format!("{DESK}4,Eva,Stone,weiss nicht genau,eva@stone.example,2\n"));
    let select = shop.read("pipelines/tiny/mart/dim_customer.sql");
    let select = select.replace(", given_name,", ", given_name_canonical AS given_name,");
    shop.write("pipelines/tiny/mart/dim_customer.sql", select);
    shop.run_tiny(&[]).ok();
    let people = || {
        let rows = shop.sql("SELECT given_name FROM dim_customer WHERE is_current ORDER BY 1");
        rows.iter().map(|row| row["given_name"].as_str().unwrap().to_lowercase()).collect::<Vec<_>>()
    };
    assert_eq!(people(), ["anna", "cid", "dorothy", "robert"], "Eva is held back");
    assert_eq!(shop.onefold(&["rejects", "show", "--json"]).json().as_array().unwrap().len(), 1);

    shop.write(
        "name-dictionaries/approved/names.csv",
        "# origin: a steward\n# licence: none needed\n\
         name,kind,canonical,variants,script,culture,gender,frequency,source,licence,status,since\n\
         weiss nicht genau,null_word,null,,Latn,de,,,steward,none,approved,2026-01-16\n\
         cid,nickname,sidney,,Latn,en,male,1,steward,none,approved,2026-01-16\n",
    );
    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    assert!(said.contains("found nothing new"), "a dictionary holds from the epoch that pins it on: {said}");
    let trained = shop.onefold(&["epoch", "train", "tiny", "--json"]).json();
    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    assert!(said.contains("found nothing new"), "a training adopts nothing: {said}");

    shop.onefold(&["epoch", "adopt", trained["epoch"].as_str().unwrap()]).ok();
    let said = shop.onefold(&["run", "tiny", "--as-of", "2026-01-16"]).ok();
    assert!(said.contains("published release 2"), "{said}");
    assert_eq!(
        people(),
        ["anna", "dorothy", "eva", "robert", "sidney"],
        "what was held back is healed, and all is cleaned anew"
    );
    assert_eq!(shop.onefold(&["rejects", "show", "--json"]).json(), serde_json::json!([]));
    let release = shop.onefold(&["release", "show", "--json"]).json();
    assert_eq!(release["pins"]["epoch"], trained["epoch"]);
}
