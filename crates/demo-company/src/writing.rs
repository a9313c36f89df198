//! Writes all files of a company in one pass over its persons, and keeps the books meanwhile.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::books::{Books, FileBooks, SalesLedger};
use crate::catalogue::{Product, products};
use crate::crm::{self, Database};
use crate::household::{Person, Population};
use crate::lists::Lists;
use crate::night::{History, as_of, history};
use crate::observe::Observed;
use crate::orders::{self, Till, money};
use crate::shop::{self, Account};
use crate::{GenerateError, Options, Summary, WrittenFile};

const CRM: &str = "crm.sqlite";
const CUSTOMERS: &str = "webshop_customers.csv";
const ORDERS: &str = "webshop_orders.csv";
const PRODUCTS: &str = "products.csv";
const TRUTH: &str = "truth.csv";
const BOOKS: &str = "books.json";

/// The files by name; `books.json` is last to appear, so that where it stands the others are of its night.
const FILES: [&str; 6] = [CRM, PRODUCTS, TRUTH, CUSTOMERS, ORDERS, BOOKS];

/// A file that has another name until all files are complete.
fn aside(out: &Path, name: &str) -> PathBuf {
    out.join(format!("{name}.partial"))
}

/// Writes the company and returns what was written.
pub(crate) fn write_company(options: &Options) -> Result<Summary, GenerateError> {
    let lists = Lists::read()?;
    let catalogue = products()?;
    let out = options.out.as_path();
    fs::create_dir_all(out).map_err(|error| GenerateError::write(out, error))?;
    for name in FILES {
        remove_if_there(&aside(out, name))?;
    }
    let mut company = Company::create(options, &lists, &catalogue)?;
    for person in Population::new(&lists, options.seed, options.customers, options.night) {
        company.write(&person)?;
    }
    let books = company.finish()?;
    for name in FILES {
        let path = out.join(name);
        fs::rename(aside(out, name), &path).map_err(|error| GenerateError::write(&path, error))?;
    }
    let files = books.files.iter().filter_map(|(name, file)| {
        FILES.iter().find(|known| *known == name).map(|name| WrittenFile { name, rows: file.rows })
    });
    Ok(Summary { out: options.out.clone(), files: files.collect(), as_of: as_of(options.night).to_string() })
}

fn remove_if_there(path: &Path) -> Result<(), GenerateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(GenerateError::write(path, error)),
        _ => Ok(()),
    }
}

/// A CSV file that is being written.
struct Table {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl Table {
    /// Opens the file and writes its header. Some exports begin with a byte order mark, some use semicolons.
    fn create(out: &Path, name: &str, header: &[&str], delimiter: u8, mark: bool) -> Result<Self, GenerateError> {
        let path = aside(out, name);
        let file = File::create(&path).map_err(|error| GenerateError::write(&path, error))?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        if mark {
            file.write_all("\u{feff}".as_bytes()).map_err(|error| GenerateError::write(&path, error))?;
        }
        // Flexible, because some rows are ragged on purpose.
        let writer = csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(file);
        let mut table = Self { path, writer };
        table.row(header)?;
        Ok(table)
    }

    fn row<I: IntoIterator<Item = T>, T: AsRef<[u8]>>(&mut self, fields: I) -> Result<(), GenerateError> {
        self.writer.write_record(fields).map_err(|error| GenerateError::write(&self.path, error))
    }

    fn finish(mut self) -> Result<(), GenerateError> {
        self.writer.flush().map_err(|error| GenerateError::write(&self.path, error))
    }
}

/// The company on its way to disk.
struct Company<'a> {
    options: &'a Options,
    lists: &'a Lists,
    catalogue: &'a [Product],
    till: Till<'a>,
    database: Database,
    customers: Table,
    orders: Table,
    truth: Table,
    books: Books,
    crm: FileBooks,
    shop: FileBooks,
    lines: FileBooks,
    truth_rows: FileBooks,
    sales: SalesLedger,
}

impl<'a> Company<'a> {
    fn create(options: &'a Options, lists: &'a Lists, catalogue: &'a [Product]) -> Result<Self, GenerateError> {
        let out = options.out.as_path();
        let books = Books {
            seed: options.seed,
            night: options.night,
            as_of: as_of(options.night).to_string(),
            ..Books::default()
        };
        Ok(Self {
            options,
            lists,
            catalogue,
            till: Till::new(options.seed, catalogue),
            database: Database::create(&aside(out, CRM))?,
            customers: Table::create(out, CUSTOMERS, &shop::COLUMNS, b',', true)?,
            orders: Table::create(out, ORDERS, &orders::COLUMNS, b',', false)?,
            truth: Table::create(out, TRUTH, &["source", "source_key", "true_id", "trouble"], b',', false)?,
            books,
            crm: FileBooks::default(),
            shop: FileBooks::default(),
            lines: FileBooks::default(),
            truth_rows: FileBooks::default(),
            sales: SalesLedger::default(),
        })
    }

    /// Writes all that the files have about one person.
    fn write(&mut self, person: &Person) -> Result<(), GenerateError> {
        let Options { seed, night, .. } = *self.options;
        let now = history(self.lists, seed, person, night);
        // Who came tonight has no yesterday.
        let before = (person.since < night).then(|| history(self.lists, seed, person, night - 1));
        let in_crm = self.write_crm(person, &now, before.as_ref())?;
        let in_shop = self.write_shop(person, &now, before.as_ref())?;
        self.books.persons_in_crm += u64::from(in_crm);
        self.books.persons_in_shop += u64::from(in_shop);
        self.books.persons_in_both += u64::from(in_crm && in_shop);
        self.books.persons += u64::from(in_crm || in_shop);
        Ok(())
    }

    /// Returns whether a record of the person can be loaded.
    fn write_crm(&mut self, person: &Person, now: &History, before: Option<&History>) -> Result<bool, GenerateError> {
        let seed = self.options.seed;
        let rows = crm::rows(seed, person, now);
        let mut found = false;
        for (key, row) in &rows {
            let path = aside(&self.options.out, CRM);
            self.database.write(row).map_err(|error| GenerateError::write(&path, error))?;
            self.crm.row(row.bad, &row.flaws);
            if row.is_good() {
                found = true;
                self.truth(crm::SOURCE, key, person)?;
            }
        }
        let before = before.map(|history| crm::rows(seed, person, history)).unwrap_or_default();
        if self.options.night > 1 {
            let good = |rows: &[(String, crm::Row)], slot: usize| {
                rows.get(slot).filter(|(_, row)| row.is_good()).map(|(_, row)| row.clone())
            };
            for slot in 0..rows.len().max(before.len()) {
                self.crm.change(good(&before, slot).as_ref(), good(&rows, slot).as_ref());
            }
        }
        Ok(found)
    }

    /// Returns whether an account of the person can be loaded.
    fn write_shop(&mut self, person: &Person, now: &History, before: Option<&History>) -> Result<bool, GenerateError> {
        let seed = self.options.seed;
        let mut found = false;
        for (slot, account) in shop::accounts(seed, person, now).iter().enumerate() {
            let open = now.left_shop.is_none();
            if open {
                self.customers.row(account.written())?;
                self.shop.row(account.row.bad, &account.row.flaws);
            }
            if open && account.row.is_good() {
                found = true;
                self.truth(shop::SOURCE, &account.key, person)?;
            }
            if self.options.night > 1 {
                let yesterday = before.filter(|h| h.left_shop.is_none());
                let yesterday = yesterday.and_then(|h| shop::accounts(seed, person, h).into_iter().nth(slot));
                let yesterday = yesterday.map(|account| account.row).filter(Observed::is_good);
                self.shop.change(yesterday.as_ref(), Some(&account.row).filter(|row| open && row.is_good()));
            }
            self.write_orders(person, now, account)?;
        }
        Ok(found)
    }

    fn write_orders(&mut self, person: &Person, now: &History, account: &Account) -> Result<(), GenerateError> {
        let night = self.options.night;
        let lines = self.till.lines(person, now, account, night);
        let mut orders = BTreeSet::new();
        for line in &lines {
            self.orders.row(line.written(self.catalogue))?;
            self.lines.row(line.bad, &[]);
            if line.bad.is_some() {
                continue;
            }
            orders.insert(line.order.as_str());
            self.sales.add(line);
            self.lines.changes.inserted += u64::from(night > 1 && line.night == night);
            self.books.lines_of_retired_products += u64::from(self.catalogue[line.product].retired);
            let standing = match (&line.account, now.left_shop, account.row.is_good()) {
                (None, _, _) => &mut self.books.guest_lines,
                (Some(_), Some(_), _) => &mut self.books.lines_of_closed_accounts,
                (Some(_), None, false) => &mut self.books.lines_of_unreadable_accounts,
                (Some(_), None, true) => continue,
            };
            *standing += 1;
        }
        self.books.orders += orders.len() as u64;
        Ok(())
    }

    fn truth(&mut self, source: &str, key: &str, person: &Person) -> Result<(), GenerateError> {
        self.truth_rows.row(None, &[]);
        self.truth.row([source, key, person.true_id().as_str(), person.trouble.name()])
    }

    /// Completes every file.
    fn finish(mut self) -> Result<Books, GenerateError> {
        let out = self.options.out.as_path();
        let product_rows = write_products(out, self.catalogue)?;
        let path = aside(out, CRM);
        self.database.finish().map_err(|error| GenerateError::write(&path, error))?;
        for table in [self.customers, self.orders, self.truth] {
            table.finish()?;
        }
        self.sales.close(self.catalogue, &mut self.books);
        let files = [
            (CRM, self.crm),
            (CUSTOMERS, self.shop),
            (ORDERS, self.lines),
            (PRODUCTS, product_rows),
            (TRUTH, self.truth_rows),
        ];
        self.books.files = files.into_iter().map(|(name, file)| (name.to_string(), file)).collect();
        let path = aside(out, BOOKS);
        let text = serde_json::to_string_pretty(&self.books).map_err(|error| GenerateError::write(&path, error))?;
        fs::write(&path, text + "\n").map_err(|error| GenerateError::write(&path, error))?;
        Ok(self.books)
    }
}

/// Writes the product file, as another system exports it: semicolons, money with its sign, retired products left out.
fn write_products(out: &Path, catalogue: &[Product]) -> Result<FileBooks, GenerateError> {
    let header = ["product_code", "product_name", "category", "list_price", "unit_cost"];
    let mut table = Table::create(out, PRODUCTS, &header, b';', false)?;
    let mut books = FileBooks::default();
    for product in catalogue.iter().filter(|p| !p.retired) {
        let (price, cost) = (format!("${}", money(product.price)), format!("${}", money(product.cost)));
        table.row([&product.code, &product.name, &product.category, &price, &cost])?;
        books.row(None, &[]);
    }
    table.finish()?;
    Ok(books)
}
