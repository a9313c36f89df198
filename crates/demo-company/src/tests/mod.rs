//! The company is read back from its files, by other code than wrote them, and held against the books.

mod nights;
mod reading;
mod reconcile;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::files::{SPECS, Table};
use reading::{Rows, by_key, read};

/// A company on disk, with its books.
struct Company {
    _folder: tempfile::TempDir,
    summary: Summary,
    books: Books,
}

impl Company {
    fn rows(&self, table: Table) -> Rows {
        read(&self.summary.out, table)
    }

    fn by_key(&self, table: Table) -> BTreeMap<String, Vec<String>> {
        by_key(&self.summary.out, table)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.summary.out.join(name)).unwrap()
    }

    fn file(&self, table: Table) -> &FileBooks {
        &self.books.files[table.spec().label()]
    }
}

fn options(customers: u64, seed: u64, night: u32) -> Options {
    Options { customers, seed, hardness: DEFAULT_HARDNESS, night, out: PathBuf::new() }
}

fn company_of(options: &Options) -> Company {
    let folder = tempfile::tempdir().unwrap();
    let summary = generate(&Options { out: folder.path().join("a").join("b"), ..options.clone() }).unwrap();
    let books = serde_json::from_str(&std::fs::read_to_string(summary.out.join("books.json")).unwrap()).unwrap();
    Company { _folder: folder, summary, books }
}

fn company(customers: u64, seed: u64, night: u32) -> Company {
    company_of(&options(customers, seed, night))
}

fn names() -> BTreeSet<&'static str> {
    SPECS.iter().map(|spec| spec.file).chain(["books.json"]).collect()
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let (first, second) = (company(600, 3, 4), company(600, 3, 4));
    let other = company(600, 4, 4);
    let same_for_all = ["products.csv", "product_prices.csv", "geography.csv", "campaign_campaigns.csv"];
    for name in names() {
        assert!(first.bytes(name) == second.bytes(name), "{name}");
        assert!(same_for_all.contains(&name) || first.bytes(name) != other.bytes(name), "{name}");
    }
    let there = std::fs::read_dir(&first.summary.out).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<_>>(), names().into_iter().map(String::from).collect());
}

#[test]
fn a_night_replaces_the_files_of_the_one_before() {
    let first = company(300, 1, 1);
    generate(&Options { out: first.summary.out.clone(), ..options(300, 1, 2) }).unwrap();
    let fresh = company(300, 1, 2);
    for name in names() {
        assert!(first.bytes(name) == fresh.bytes(name), "{name}");
    }
}

#[test]
fn the_truth_names_every_record_that_can_be_loaded_once() {
    let company = company(2000, 2, 3);
    let truth = company.rows(Table::Truth);
    let named: BTreeSet<(String, String)> = truth.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(named.len(), truth.len());
    let mut records = BTreeSet::new();
    for spec in &SPECS {
        let Some(system) = spec.system else { continue };
        records.extend(company.by_key(spec.table).into_keys().map(|key| (system.source().to_string(), key)));
    }
    assert_eq!(named, records);
    let mut persons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &truth {
        persons.entry(&row[2]).or_default().insert(&row[0]);
    }
    let books = &company.books;
    assert_eq!(persons.len() as u64, books.persons_in_any_source);
    for (source, count) in &books.persons_by_source {
        assert_eq!(*count, persons.values().filter(|known| known.contains(source.as_str())).count() as u64);
    }
    assert_eq!(books.persons_by_source.len(), 7);
    let both = persons.values().filter(|known| known.contains("crm") && known.contains("web_customers")).count();
    assert_eq!(both as u64, books.persons_in_both);
    troubles_are_those_of_the_books(&truth, books);
    groups_are_of_persons_in_the_truth(&company.rows(Table::Relation), &persons);
}

fn troubles_are_those_of_the_books(truth: &Rows, books: &Books) {
    let mut persons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in truth {
        for word in row[3].split(';') {
            persons.entry(word).or_default().insert(&row[2]);
        }
    }
    assert!(persons.remove("plain").is_some_and(|plain| plain.len() > 100));
    let counts: BTreeMap<String, u64> =
        persons.into_iter().map(|(word, of)| (word.to_string(), of.len() as u64)).collect();
    assert_eq!(counts, books.persons_by_trouble);
    assert_eq!(counts.len(), person::Trouble::ALL.len(), "{counts:?}");
}

fn groups_are_of_persons_in_the_truth(relations: &Rows, persons: &BTreeMap<&str, BTreeSet<&str>>) {
    let mut groups: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in relations {
        assert!(persons.contains_key(row[0].as_str()));
        *groups.entry((&row[1], &row[2])).or_default() += 1;
    }
    for relation in ["household", "works_for"] {
        assert!(groups.iter().filter(|((name, _), members)| *name == relation && **members > 1).count() > 10);
    }
}

#[test]
fn bad_rows_stay_well_below_the_loss_threshold_at_any_size() {
    for customers in [1, 10, 100, 240, 251, 312, 500, 1001, 3000] {
        for (name, file) in &company(customers, 1, 1).books.files {
            let bad = file.rows - file.good_rows;
            assert!(bad * 200 <= file.rows, "{name} of {customers} customers: {bad} bad rows of {}", file.rows);
        }
    }
    let large = company(20_000, 1, 1);
    for table in [
        Table::Customer,
        Table::ShopCustomer,
        Table::Order,
        Table::Payment,
        Table::Caller,
        Table::LeadAmericas,
        Table::Interaction,
        Table::Reward,
    ] {
        assert!(large.file(table).rows > large.file(table).good_rows, "{} has no bad row", table.spec().label());
    }
}

#[test]
fn a_harder_company_has_more_defects_and_more_troubles() {
    let at = |hardness| company_of(&Options { hardness, ..options(1500, 5, 1) }).books;
    let count = |books: &Books| {
        let defects: u64 = books.files.values().flat_map(|file| file.defects.values()).sum();
        let records: u64 = SPECS.iter().filter(|s| s.system.is_some()).map(|s| books.files[s.label()].rows).sum();
        (defects as f64 / records as f64, books.persons_by_trouble.values().sum::<u64>())
    };
    let all = [0.0, 0.5, 1.0, 1.5, 2.0].map(|hardness| count(&at(hardness)));
    for pair in all.windows(2) {
        assert!(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1, "{all:?}");
    }
}

#[test]
fn other_scripts_stand_where_the_system_can_write_them() {
    let company = company_of(&Options { hardness: 1.0, ..options(3000, 1, 1) });
    let has = |rows: &Rows, from: char, to: char| {
        rows.iter().any(|row| row.iter().any(|cell| cell.chars().any(|c| (from..=to).contains(&c))))
    };
    for table in [Table::ShopCustomer, Table::Contact] {
        let rows = company.rows(table);
        assert!(has(&rows, 'अ', 'ह') && has(&rows, 'Α', 'ω') && has(&rows, 'А', 'я'), "{table:?}");
    }
    assert!(has(&company.rows(Table::LeadIndia), 'अ', 'ह'));
    let members = company.rows(Table::Member);
    assert!(has(&members, 'ä', 'ü'), "Windows-1252 has these");
    assert!(members.iter().flatten().all(|cell| !cell.contains("&#")), "and nothing else was in the way");
    let capitals = company.rows(Table::Customer);
    assert!(capitals.iter().all(|row| row[2].is_ascii() && row[2] == row[2].to_ascii_uppercase()));
}

#[test]
fn the_page_about_the_company_is_that_of_the_generator() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/demo-company.md");
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page == description(), "docs/demo-company.md is out of date: print it anew with the example `describe`");
}

#[test]
fn every_file_has_the_columns_that_the_page_names() {
    let company = company(300, 1, 2);
    for spec in &SPECS {
        let header = reading::header(&company.summary.out, spec.table);
        let expected = spec.header();
        if spec.table == Table::Profitability {
            assert_eq!((&header[..5], header.last().unwrap().as_str()), (&expected[..5].map_into()[..], "Total"));
            assert_eq!(header.len(), 4 + 37 + 1, "the months from January 2023 to January 2026");
        } else {
            assert_eq!(header, expected, "{}", spec.label());
        }
    }
}

/// Texts as owned ones.
trait MapInto {
    fn map_into(&self) -> Vec<String>;
}

impl MapInto for [&'static str] {
    fn map_into(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_string()).collect()
    }
}

#[test]
fn options_out_of_range_are_the_users_to_mend() {
    let refused = |customers, night, hardness| {
        let out = std::env::temp_dir();
        generate(&Options { hardness, out, ..options(customers, 1, night) }).unwrap_err()
    };
    assert_eq!(refused(0, 1, 0.5).to_string(), "customers is 0, but must be from 1 to 10000000");
    assert_eq!(refused(1, 0, 0.5).to_string(), "night is 0, but must be from 1 to 365");
    assert_eq!(refused(1, 1, 2.5).to_string(), "hardness is 2.5, but must be from 0 to 2");
    assert_eq!(Failure::from(refused(1, 1, f64::NAN)).kind.exit_code(), 2);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, "").unwrap();
    let error = generate(&Options { out: file.clone(), ..options(1, 1, 1) }).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{} could not be written", file.display())), "{error}");
    assert_eq!(Failure::from(error).kind.exit_code(), 4);
}
