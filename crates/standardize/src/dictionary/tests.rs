//! Tests of dictionaries.

use super::*;
use crate::testing::{SEED, seed_files};
use proptest::prelude::*;

const HEADER: &str = "name,kind,canonical,variants,script,culture,gender,frequency,source,licence,status,since";

fn file(rows: &[&str]) -> Vec<(String, String)> {
    vec![("names.csv".to_owned(), format!("# origin: a test\n# licence: none\n{HEADER}\n{}\n", rows.join("\n")))]
}

fn parse(rows: &[&str]) -> Dictionaries {
    Dictionaries::parse(&file(rows)).unwrap()
}

fn mistakes(rows: &[&str]) -> Vec<String> {
    Dictionaries::parse(&file(rows)).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_seed_answers() {
    for (nickname, canonical) in [("Bob", "robert"), ("Bill", "william"), ("Peggy", "margaret"), ("BILLY", "william")] {
        assert_eq!(SEED.canonical_given(nickname), canonical);
    }
    assert!(SEED.nickname("bob").len() > 1);
    assert_eq!(SEED.nickname("bob")[0], "robert");
    assert!(SEED.nickname("zzyzx").is_empty());
    assert_eq!(
        SEED.honorific("MRS.").map(|h| (h.canonical.as_str(), h.gender.as_deref())),
        Some(("Mrs", Some("female")))
    );
    assert_eq!(SEED.name_suffix("Ph.D."), Some("PhD"));
    assert_eq!(SEED.legal_form("private limited"), Some("Pvt Ltd"));
    assert_eq!(SEED.street_type("AVENUE"), Some("Ave"));
    assert_eq!(SEED.null_word("N/A"), Some(NullWord::Never));
    assert_eq!(SEED.null_word("Unknown"), Some(NullWord::Unknown));
    assert_eq!(SEED.null_word("Ann"), None);
    assert_eq!(SEED.family_frequency("SMITH"), Some(10_060.0));
    assert_eq!(SEED.given_frequency("José").map(|f| f > 0.0), Some(true));
    assert_eq!(SEED.given_frequency("zzyzx"), None);
    assert!(SEED.len() > 30_000 && !SEED.is_empty());
}

#[test]
fn a_canonical_form_is_its_own() {
    let names = seed_files().iter().flat_map(|(_, text)| text.lines().map(str::to_owned)).collect::<Vec<_>>();
    let nicknames = names.iter().filter(|line| line.contains(",nickname,"));
    let mut seen = 0;
    for name in nicknames.filter_map(|line| line.split(',').next()) {
        let canonical = SEED.canonical_given(name);
        assert_eq!(SEED.canonical_given(&canonical), canonical, "{name}");
        seen += 1;
    }
    assert!(seen > 2_000);
}

#[test]
fn the_likeliest_candidate_is_chosen_unless_a_person_chose() {
    let seed = [
        "ted,nickname,edward,,,,,50,s,l,seed,2026-11-01",
        "ted,nickname,theodore,,,,,20,s,l,seed,2026-11-01",
        "ted,nickname,thaddeus,,,,,,s,l,seed,2026-11-01",
        "ted,nickname,lee,,,,,0,s,l,seed,2026-11-01",
    ];
    assert_eq!(parse(&seed).nickname("Ted"), ["edward", "theodore", "lee", "thaddeus"]);
    assert_eq!(parse(&seed[3..]).canonical_given("ted"), "ted", "frequency 0 is never chosen");
    let mut approved = seed.to_vec();
    approved.push("ted,nickname,theodore,,,,,,s,l,approved,2026-11-02");
    assert_eq!(parse(&approved).canonical_given("ted"), "theodore");
    let mut rejected = seed.to_vec();
    rejected.push("TED,nickname,Edward,,,,,,s,l,rejected,2026-11-02");
    assert_eq!(parse(&rejected).canonical_given("ted"), "theodore");
    assert!(!parse(&rejected).nickname("ted").contains(&"edward".to_owned()));
    let learned = ["ted,nickname,edward,,,,,50,s,l,learned,2026-11-01"];
    assert!(parse(&learned).is_empty(), "what nobody approved decides nothing");
}

#[test]
fn nicknames_of_one_another_come_to_rest() {
    let ring = [
        "ann,nickname,anna,,,,,1,s,l,seed,2026-11-01",
        "anna,nickname,hannah,,,,,1,s,l,seed,2026-11-01",
        "hannah,nickname,ann,,,,,1,s,l,seed,2026-11-01",
        "nan,nickname,hannah,,,,,1,s,l,seed,2026-11-01",
    ];
    for name in ["ann", "anna", "hannah", "nan"] {
        assert_eq!(parse(&ring).canonical_given(name), "ann");
    }
}

#[test]
fn all_mistakes_are_reported_at_once_by_line() {
    let found = mistakes(&[
        "bob,nickname,robert,,,,,,s,l,seed,2026-11-01",
        "bob,nikname,robert,,,,,,s,l,seed,2026-11-01",
        ",given,,,,,,many,s,,seed,yesterday",
        "bob,nickname,,,,,,-1,s,l,sed,2026-11-01",
        "bob,given",
    ]);
    let expected = [
        "names.csv line 5: column kind: found \"nikname\", expected one of given, family, nickname, honorific, suffix, \
         legal_form, street_type, null_word",
        "names.csv line 6: column frequency: found \"many\", expected a number that is not negative, or nothing",
        "names.csv line 6: column licence: found nothing, expected a value",
        "names.csv line 6: column name: found nothing, expected a value",
        "names.csv line 6: column since: found \"yesterday\", expected a date such as 2026-11-01",
        "names.csv line 7: column canonical: found nothing, expected a value",
        "names.csv line 7: column frequency: found \"-1\", expected a number that is not negative, or nothing",
        "names.csv line 7: column status: found \"sed\", expected one of seed, learned, approved, rejected",
        "names.csv line 8: found 2 values, expected 12 values",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_header_is_held_against_the_columns() {
    let parse = |text: &str| Dictionaries::parse(&[("x.csv".to_owned(), text.to_owned())]).unwrap_err();
    let empty = parse("# only a comment");
    assert_eq!((empty.len(), empty[0].line), (1, 2));
    let odd = parse(&format!("# a comment\n{HEADER},colour\n"));
    assert_eq!((odd.len(), odd[0].found.as_str()), (1, "\"colour\""));
    let short = parse("name,kind\nbob,given\n");
    assert_eq!(short.len(), 10, "one mistake for each column that is missing, none for the rows below");
    let failure = DictionaryMistake::failure(&short).to_string();
    assert!(
        failure.starts_with("the name dictionaries have 10 mistakes\n  x.csv line 1: found no column"),
        "{failure}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), rows in prop::collection::vec("[a-z0,\"|\n]{0,40}", 0..5)) {
        let _ = Dictionaries::parse(&[("any.csv".to_owned(), text)]);
        let _ = Dictionaries::parse(&[("any.csv".to_owned(), format!("{HEADER}\n{}", rows.join("\n")))]);
    }

    #[test]
    fn the_order_of_files_and_rows_makes_no_difference(seed in any::<u64>()) {
        let rows = [
            "ted,nickname,edward,,,,,50,s,l,seed,2026-11-01",
            "ted,nickname,theodore,,,,,50,s,l,approved,2026-11-01",
            "ted,given,,teddy|teddie,,us,male,5,s,l,seed,2026-11-01",
            "ted,given,,,,uk,male,7,t,l,seed,2026-12-01",
            "st,street_type,St,street,,,,,s,l,seed,2026-11-01",
            "st,street_type,Saint,,,,,,s,l,seed,2026-11-01",
            "st,street_type,Saint,,,,,,other,l,seed,2026-11-01",
        ];
        let mut shuffled = rows.to_vec();
        shuffled.sort_by_key(|row| blake3::hash(format!("{seed}{row}").as_bytes()).as_bytes().to_owned());
        let (one, other) = shuffled.split_at((seed % 8) as usize % rows.len());
        let split = Dictionaries::parse(&[file(one), file(other)].concat()).unwrap();
        let whole = parse(&rows);
        prop_assert_eq!(split.version(), whole.version());
        prop_assert_eq!(split.nickname("ted"), whole.nickname("ted"));
        prop_assert_eq!(split.street_type("St."), whole.street_type("St."));
        prop_assert_eq!(split.given_frequency("Teddy"), Some(5.0));
        prop_assert_eq!(split.given_frequency("Ted"), Some(7.0));
    }
}

#[test]
fn the_version_follows_what_is_in_force() {
    let row = "ted,nickname,edward,,,,,50,s,l,seed,2026-11-01";
    let version = |rows: &[&str]| parse(rows).version().to_owned();
    assert_eq!(version(&[row]), version(&[row, row]));
    assert_eq!(version(&[row]), version(&["ted,nickname,edward,,,,,50,elsewhere,MIT,seed,2027-01-01"]));
    assert_ne!(version(&[row]), version(&["ted,nickname,edward,,,,,51,s,l,seed,2026-11-01"]));
    assert_ne!(version(&[row]), version(&[]));
    assert_eq!(version(&[row]).len(), 32);
}
