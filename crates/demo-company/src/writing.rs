//! Writes all files of a company in one pass over its persons, and keeps the books meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::books::{Books, FileBooks};
use crate::catalogue::products;
use crate::employer::Employer;
use crate::files::{BOOKS, SPECS, Table, Unit};
use crate::finance::{Figures, Ledger};
use crate::hardness::Hardness;
use crate::household::Population;
use crate::lists::Lists;
use crate::night::{History, as_of, history};
use crate::person::{Person, System, Trouble};
use crate::row::{Row, money};
use crate::sink::{Sinks, aside, write_profitability};
use crate::world::{Facts, World, rows};
use crate::{GenerateError, Options, Summary, WrittenFile, reference};

/// The files; `books.json` is last to appear, so that where it stands the others are of its night.
fn files() -> Vec<&'static str> {
    let mut names: Vec<&str> = SPECS.iter().map(|spec| spec.file).collect();
    names.dedup();
    names.push(BOOKS);
    names
}

/// Writes the company and returns what was written.
pub(crate) fn write_company(options: &Options, hardness: Hardness) -> Result<Summary, GenerateError> {
    let lists = Lists::read()?;
    let catalogue = products()?;
    let out = options.out.as_path();
    fs::create_dir_all(out).map_err(|error| GenerateError::write(out, error))?;
    for name in files() {
        remove_if_there(&aside(out, name))?;
    }
    let world = World::new(&lists, &catalogue, options.seed, options.customers, hardness);
    let mut company = Company::create(options, &world)?;
    for person in Population::new(world.origin(), options.night) {
        company.write(&person)?;
    }
    let books = company.finish()?;
    for name in files() {
        let path = out.join(name);
        fs::rename(aside(out, name), &path).map_err(|error| GenerateError::write(&path, error))?;
    }
    let mut written: Vec<WrittenFile> = SPECS
        .iter()
        .filter_map(|spec| {
            books.files.get(spec.label()).map(|file| WrittenFile { name: spec.label(), rows: file.rows })
        })
        .collect();
    written.sort_by_key(|file| file.name);
    Ok(Summary { out: options.out.clone(), files: written, as_of: as_of(options.night).to_string() })
}

fn remove_if_there(path: &Path) -> Result<(), GenerateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(GenerateError::write(path, error)),
        _ => Ok(()),
    }
}

/// The company on its way to disk.
struct Company<'a> {
    options: &'a Options,
    world: &'a World<'a>,
    sinks: Sinks,
    books: Books,
    /// In the order of the tables.
    files: Vec<FileBooks>,
    totals: Vec<Vec<i64>>,
    ledger: Ledger,
    /// What the ledger was the night before.
    ledger_before: Ledger,
}

impl<'a> Company<'a> {
    fn create(options: &'a Options, world: &'a World<'a>) -> Result<Self, GenerateError> {
        let today = as_of(options.night);
        let books = Books {
            seed: options.seed,
            hardness: options.hardness,
            night: options.night,
            as_of: today.to_string(),
            ..Books::default()
        };
        let mut company = Self {
            options,
            world,
            sinks: Sinks::create(&options.out, today)?,
            books,
            files: vec![FileBooks::default(); SPECS.len()],
            totals: SPECS.iter().map(|spec| vec![0; spec.totals.len()]).collect(),
            ledger: Ledger::default(),
            ledger_before: Ledger::default(),
        };
        let now = reference::rows(world, options.night);
        let before = if options.night > 1 { reference::rows(world, options.night - 1) } else { Vec::new() };
        company.take(&now, &before)?;
        Ok(company)
    }

    /// Writes rows, and books them beside what they were the night before.
    fn take(&mut self, now: &[Row], before: &[Row]) -> Result<(), GenerateError> {
        for row in now {
            self.sinks.write(row)?;
            self.book(row);
        }
        self.compare(now, before);
        Ok(())
    }

    fn book(&mut self, row: &Row) {
        let table = row.table as usize;
        self.files[table].row(row);
        if row.is_good() {
            self.totals[table].iter_mut().zip(&row.totals).for_each(|(sum, part)| *sum += part);
        }
    }

    fn compare(&mut self, now: &[Row], before: &[Row]) {
        if self.options.night == 1 {
            return;
        }
        let good = |row: &&Row| row.is_good();
        let mut keys: BTreeMap<(Table, &str), [Option<&Row>; 2]> = BTreeMap::new();
        for (side, rows) in [before, now].into_iter().enumerate() {
            for row in rows.iter().filter(good) {
                keys.entry((row.table, &row.key)).or_default()[side] = Some(row);
            }
        }
        for ((table, _), [before, now]) in keys {
            self.files[table as usize].change(before, now);
        }
    }

    /// Writes all that the files have about one person.
    fn write(&mut self, person: &Person) -> Result<(), GenerateError> {
        let Options { seed, night, .. } = *self.options;
        let now = history(self.world.lists, seed, person, night);
        let facts = Facts::new(self.world, person, &now);
        let mut written = rows(self.world, &facts);
        self.identify(person, &now, &mut written);
        // Who came tonight has no yesterday.
        let before = if person.since < night {
            let then = history(self.world.lists, seed, person, night - 1);
            let facts = Facts::new(self.world, person, &then);
            let mut rows = rows(self.world, &facts);
            truth(person, &then, &mut rows);
            self.sum(&facts, true);
            rows
        } else {
            Vec::new()
        };
        self.sum(&facts, false);
        self.book_lines(&facts);
        self.take(&written, &before)
    }

    /// Says who the records are, and counts persons.
    fn identify(&mut self, person: &Person, history: &History, rows: &mut Vec<Row>) {
        let sources = truth(person, history, rows);
        let known = |system: System| sources.contains(&system);
        let [crm, shop] = [known(System::Crm), known(System::Shop)];
        self.books.persons_in_crm += u64::from(crm);
        self.books.persons_in_shop += u64::from(shop);
        self.books.persons_in_both += u64::from(crm && shop);
        self.books.persons += u64::from(crm || shop);
        if sources.is_empty() {
            return;
        }
        self.books.persons_in_any_source += 1;
        for system in sources {
            *self.books.persons_by_source.entry(system.source().to_string()).or_default() += 1;
        }
        let troubles = history.troubles(person);
        for trouble in Trouble::ALL.into_iter().filter(|trouble| troubles.has(*trouble)) {
            *self.books.persons_by_trouble.entry(trouble.word().to_string()).or_default() += 1;
        }
    }

    /// Adds orders and returns to the ledger, or to that of the night before.
    fn sum(&mut self, facts: &Facts<'_>, before: bool) {
        let ledger = if before { &mut self.ledger_before } else { &mut self.ledger };
        for order in &facts.orders {
            for line in order.lines.iter().filter(|line| line.bad.is_none()) {
                let cost = line.quantity * self.world.catalogue[line.product].cost_on(order.date);
                let (units, revenue) = (line.quantity, line.total());
                ledger.add(line.product, order.date, Figures { lines: 1, units, revenue, cost, refunds: 0 });
            }
            for back in crate::payments::returns(self.world, facts, order) {
                ledger.add(back.product, back.arrived, Figures { refunds: back.refund, ..Figures::default() });
            }
        }
    }

    fn book_lines(&mut self, facts: &Facts<'_>) {
        let closed = facts.history.left(System::Shop).is_some();
        let mut orders = BTreeSet::new();
        for order in &facts.orders {
            let readable = |key: &String| facts.accounts.iter().any(|a| a.key == *key && a.row.is_good());
            for line in order.lines.iter().filter(|line| line.bad.is_none()) {
                orders.insert(order.number.as_str());
                self.books.lines_of_retired_products += u64::from(self.world.catalogue[line.product].retired);
                let standing = match &order.account {
                    None => &mut self.books.guest_lines,
                    Some(_) if closed => &mut self.books.lines_of_closed_accounts,
                    Some(key) if !readable(key) => &mut self.books.lines_of_unreadable_accounts,
                    Some(_) => continue,
                };
                *standing += 1;
            }
        }
        self.books.orders += orders.len() as u64;
    }

    /// Completes every file.
    fn finish(mut self) -> Result<Books, GenerateError> {
        let out = self.options.out.as_path();
        let today = as_of(self.options.night);
        let sheet = self.ledger.rows(self.world.catalogue, today);
        write_profitability(out, &sheet, today)?;
        for row in &sheet {
            self.book(row);
        }
        if self.options.night > 1 {
            let before = self.ledger_before.rows(self.world.catalogue, as_of(self.options.night - 1));
            self.compare(&sheet, &before);
        }
        self.sinks.finish()?;
        self.books.close(&self.ledger, self.world.catalogue);
        for (spec, (mut file, totals)) in SPECS.iter().zip(self.files.into_iter().zip(self.totals)) {
            for ((column, unit), total) in spec.totals.iter().zip(totals) {
                let total = if *unit == Unit::Dollars { money(total) } else { total.to_string() };
                file.totals.insert((*column).to_string(), total);
            }
            self.books.files.insert(spec.label().to_string(), file);
        }
        let path = aside(out, BOOKS);
        let text = serde_json::to_string_pretty(&self.books).map_err(|error| GenerateError::write(&path, error))?;
        fs::write(&path, text + "\n").map_err(|error| GenerateError::write(&path, error))?;
        Ok(self.books)
    }
}

/// Adds to a person's rows who the records are; returns the systems with a record that can be loaded.
fn truth(person: &Person, history: &History, rows: &mut Vec<Row>) -> BTreeSet<System> {
    let (id, words) = (person.true_id(), history.troubles(person).words());
    let mut sources = BTreeSet::new();
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| row.is_good()) {
        let Some(system) = row.table.spec().system else { continue };
        sources.insert(system);
        let source = system.source();
        let cells = vec![source.into(), (&row.key).into(), (&id).into(), (&words).into()];
        found.push(Row::new(Table::Truth, format!("{source}/{}", row.key), cells));
    }
    if !sources.is_empty() {
        let household = person.has(Trouble::Household).then(|| (format!("H{:012}", person.household), String::new()));
        let firm = |firm: &Employer| (format!("F{:06}", firm.index), firm.name.clone());
        let groups = [("household", household), ("works_for", person.employer.as_deref().map(firm))];
        for (relation, group) in groups {
            let Some((group, name)) = group else { continue };
            let cells = vec![(&id).into(), relation.into(), group.into(), name.into()];
            found.push(Row::new(Table::Relation, format!("{id}/{relation}"), cells));
        }
    }
    rows.append(&mut found);
    sources
}
