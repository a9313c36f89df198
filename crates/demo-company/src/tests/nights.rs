//! From one night to the next: what the books say has changed, and nothing else.

use std::collections::BTreeMap;

use super::*;

/// The keys that came, changed and went between two states of a table.
fn difference(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Changes {
    let there = |key: &String| before.contains_key(key);
    Changes {
        inserted: after.keys().filter(|key| !there(key)).count() as u64,
        updated: after.iter().filter(|(key, row)| before.get(*key).is_some_and(|b| b != *row)).count() as u64,
        deleted: before.keys().filter(|key| !after.contains_key(*key)).count() as u64,
    }
}

/// Rows by key; a new month is a column that finance's rows did not have, and a sum over all is no news by itself.
fn state(company: &Company, table: Table) -> BTreeMap<String, Vec<String>> {
    let mut rows = company.by_key(table);
    if table == Table::Profitability {
        for row in rows.values_mut() {
            row.truncate(row.len() - 1);
            row.drain(1..3);
        }
    }
    rows
}

#[test]
fn a_night_changes_what_its_books_say_and_nothing_else() {
    let mut seen: BTreeMap<&str, Changes> = BTreeMap::new();
    let (mut before, mut late) = (company(1500, 1, 1), 0);
    assert!(before.books.files.values().all(|file| file.changes == Changes::default()));
    for night in 2..=5 {
        let after = company(1500, 1, night);
        for spec in &SPECS {
            let changes = difference(&state(&before, spec.table), &state(&after, spec.table));
            assert_eq!(changes, after.file(spec.table).changes, "{} in night {night}", spec.label());
            let all = seen.entry(spec.label()).or_default();
            all.inserted += changes.inserted;
            all.updated += changes.updated;
            all.deleted += changes.deleted;
        }
        late += late_orders(&before, &after);
        before = after;
    }
    assert!(late > 0, "no order came late");
    every_kind_of_change_is_seen(&seen);
}

fn every_kind_of_change_is_seen(seen: &BTreeMap<&str, Changes>) {
    let table = |table: Table| seen[table.spec().label()];
    for system in [Table::Customer, Table::ShopCustomer, Table::Contact, Table::Member] {
        let Changes { inserted, updated, deleted } = table(system);
        assert!(inserted > 0 && updated > 0 && deleted > 0, "{system:?}: {:?}", table(system));
    }
    for grows in [
        Table::Order,
        Table::Payment,
        Table::Return,
        Table::Event,
        Table::Caller,
        Table::Case,
        Table::Interaction,
        Table::Campaign,
        Table::Message,
        Table::Click,
        Table::Consent,
        Table::Reward,
        Table::Contract,
        Table::Subscription,
        Table::Assignment,
        Table::MergedNumber,
        Table::Price,
    ] {
        assert!(table(grows).inserted > 0, "{grows:?}: {:?}", table(grows));
    }
    for moves in [Table::Payment, Table::Case, Table::LeadAmericas, Table::Contract, Table::Product, Table::Truth] {
        assert!(table(moves).updated > 0, "{moves:?}: {:?}", table(moves));
    }
    for stays in [Table::Order, Table::Return, Table::Event, Table::Interaction, Table::Click, Table::Reward] {
        assert_eq!((table(stays).updated, table(stays).deleted), (0, 0), "{stays:?}");
    }
    assert_eq!(table(Table::Geography), Changes::default());
}

/// Order lines that are new and dated before the night.
fn late_orders(before: &Company, after: &Company) -> usize {
    let (known, lines) = (before.by_key(Table::Order), after.by_key(Table::Order));
    let new = || lines.iter().filter(|(key, _)| !known.contains_key(*key)).map(|(_, row)| row[2].as_str());
    assert!(new().any(|date| date == after.books.as_of));
    new().filter(|date| *date < after.books.as_of.as_str()).count()
}

#[test]
fn rows_without_a_readable_key_are_mended_after_the_first_night() {
    let (before, after) = (company(20_000, 1, 1), company(20_000, 1, 2));
    assert!(after.file(Table::Response).changes.inserted > 0, "responses come in every night");
    for table in [Table::Customer, Table::ShopCustomer, Table::Caller, Table::LeadAmericas] {
        assert!(before.file(table).rows > before.file(table).good_rows, "{table:?}");
        assert_eq!(after.file(table).rows, after.file(table).good_rows, "{table:?}");
    }
}
