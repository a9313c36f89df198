//! Folders with mistakes in them, and what a user reads about each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow::datatypes::DataType;
use proptest::prelude::*;

use super::cross_check::standardized_columns;
use super::{Environment, Mistake, Pipeline, load, load_environment};

const PIPELINE: &str = r#"name = "sales"
description = "Who bought what."
model = "customer"

[parameters.data]
description = "The folder of the source files."
default = "data"

[gates]
max_rejected_share = 0.02
"#;

const CRM: &str = r#"name = "crm"
format = "csv"
location = "{data}/crm.csv"
grain = "one row a customer"
key = ["id"]
entity = "customer"

[csv]
delimiter = ";"

[[columns]]
name = "id"
kind = "identifier"

[[columns]]
name = "name"
from = "FullName"
kind = "full_name"

[[columns]]
name = "email"
kind = "email"
"#;

const ORDERS: &str = r#"name = "orders"
format = "csv"
location = "{data}/orders.csv"
grain = "one row an order line"
key = ["id"]
control_totals = ["quantity"]

[[columns]]
name = "id"
kind = "identifier"

[[columns]]
name = "quantity"
kind = "integer"
"#;

const MODEL: &str = r#"name = "customer"
entity = "customer"

[[blocking_rules]]
name = "same e-mail"
keys = [{ column = "email" }]

[[comparisons]]
column = "email"
method = "email"
m = [0.9, 0.04, 0.03, 0.03]
u = [0.001, 0.001, 0.008, 0.99]

[thresholds]
link = 0.95
review = 0.5
"#;

const CUSTOMER: &str = r#"name = "dim_customer"
kind = "dimension"
grain = "one row a version of a customer"
description = "Who buys."
key = ["customer_id"]
scd_type = 2
surrogate_key = "customer_key"
columns = [
    { name = "customer_id", meaning = "The durable id." },
    { name = "name", meaning = "The name to address the customer by." },
]
"#;

const SALES: &str = r#"name = "fact_sales"
kind = "fact"
grain = "one row an order line"
description = "What was bought."
key = ["line"]

[[columns]]
name = "line"
meaning = "The order line."

[[columns]]
name = "quantity"
meaning = "Pieces."

[accounts_for]
sources = ["orders"]
control_totals = [{ fact = "quantity", source = "quantity" }]
"#;

const NEEDS: &str = r#"[[needs]]
question = "Who are our best customers?"
metric = "pieces by customer"
owner = "head of sales"
attributes = ["dim_customer.name", "fact_sales.quantity", "crm.name_family", "dim_customer.valid_from"]
sources = ["crm", "orders"]

[[needs]]
question = "Which territory grows?"
metric = "revenue by territory"
owner = "head of sales"
gap = "There is no file of territories."
"#;

/// A pipeline's folder in a temporary place.
struct Folder {
    root: tempfile::TempDir,
    given: BTreeMap<String, String>,
}

impl Folder {
    fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("sales")).unwrap();
        Self { root, given: BTreeMap::new() }
    }

    fn good() -> Self {
        let select = "SELECT 1 AS one\n";
        Self::empty()
            .write("pipeline.toml", PIPELINE)
            .write("sources/crm.toml", CRM)
            .write("sources/orders.toml", ORDERS)
            .write("models/customer.toml", MODEL)
            .write("mart/dim_customer.toml", CUSTOMER)
            .write("mart/dim_customer.sql", select)
            .write("mart/fact_sales.toml", SALES)
            .write("mart/fact_sales.sql", select)
            .write("needs.toml", NEEDS)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.path().join("sales").join(file)
    }

    fn write(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn replace(self, file: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{file} has {from:?} not exactly once");
        self.write(file, text.replace(from, to))
    }

    fn remove(self, file: &str) -> Self {
        fs::remove_file(self.path(file)).unwrap();
        self
    }

    fn give(mut self, name: &str, value: &str) -> Self {
        self.given.insert(name.to_string(), value.to_string());
        self
    }

    fn load(&self) -> Result<Pipeline, Vec<Mistake>> {
        load(&self.root.path().join("sales"), &self.given).map_err(|refused| refused.mistakes)
    }

    fn loaded(&self) -> Pipeline {
        self.load().unwrap_or_else(|mistakes| panic!("{}", self.rendered(&mistakes)))
    }

    /// What a user reads, with paths from the temporary place on. Of long lists only the beginning is kept: they are
    /// the rooms' own, and a new kind or method there is no change here.
    fn rendered(&self, mistakes: &[Mistake]) -> String {
        let text = mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n");
        let text = text.replace(&format!("{}/", self.root.path().display()), "");
        text.lines().map(shortened).collect::<Vec<_>>().join("\n")
    }

    fn told(&self) -> String {
        self.rendered(&self.load().unwrap_err())
    }
}

fn shortened(line: &str) -> String {
    match line.split_once("one of ") {
        Some((before, list)) if list.matches(", ").count() > 4 => {
            format!("{before}one of {}, …", list.split(", ").take(3).collect::<Vec<_>>().join(", "))
        }
        _ => line.to_string(),
    }
}

#[test]
fn a_pipeline_without_a_mistake_is_loaded() {
    let pipeline = Folder::good().loaded();
    assert_eq!(pipeline.spec.name, "sales");
    assert_eq!((pipeline.spec.gates.max_rejected_share, pipeline.spec.gates.max_deleted_share), (0.02, 0.5));
    assert_eq!(pipeline.spec.dictionaries, ["name-dictionaries/seed", "name-dictionaries/approved"]);
    let sources: Vec<(&str, &str)> =
        pipeline.sources.iter().map(|source| (source.name.as_str(), source.location.as_str())).collect();
    assert_eq!(sources, [("crm", "data/crm.csv"), ("orders", "data/orders.csv")]);
    assert_eq!(pipeline.model().unwrap().name, "customer");
    let tables: Vec<&str> = pipeline.mart.iter().map(|(table, _)| table.name.as_str()).collect();
    assert_eq!(tables, ["dim_customer", "fact_sales"]);
    assert_eq!(pipeline.mart[0].1, "SELECT 1 AS one\n");
    assert_eq!(pipeline.needs.needs[1].gap.as_deref(), Some("There is no file of territories."));
}

#[test]
fn the_smallest_pipeline_is_a_name_and_a_source() {
    let folder = Folder::empty()
        .write("pipeline.toml", "name = 'sales'")
        .write("sources/orders.toml", ORDERS.replace("{data}/", ""));
    let pipeline = folder.loaded();
    assert_eq!((pipeline.sources.len(), pipeline.models.len(), pipeline.mart.len()), (1, 0, 0));
    assert_eq!((pipeline.model(), pipeline.needs.needs.len()), (None, 0));
}

#[test]
fn a_given_parameter_wins_over_its_default() {
    let pipeline = Folder::good().give("data", "C:\\\"x\"").loaded();
    assert_eq!(pipeline.sources[0].location, "C:\\\"x\"/crm.csv");
}

#[test]
fn the_digest_follows_what_the_files_say_and_not_how() {
    let digest = |folder: Folder| folder.loaded().settings_digest;
    let good = digest(Folder::good());
    assert_eq!(good.len(), 64);
    assert_eq!(
        good,
        digest(Folder::good().replace("sources/crm.toml", "[csv]\ndelimiter = \";\"", "# why\n[csv]\ndelimiter = ';'"))
    );
    assert_eq!(good, digest(Folder::good().give("data", "data")));
    assert_eq!(
        good,
        digest(Folder::good().replace("needs.toml", "head of sales\"\nattributes", "sales\"\nattributes"))
    );
    let changed = [
        Folder::good().replace("sources/crm.toml", "\";\"", "\",\""),
        Folder::good().replace("mart/fact_sales.sql", "one", "two"),
        Folder::good().replace("models/customer.toml", "0.95", "0.96"),
        Folder::good().give("data", "elsewhere"),
    ];
    for folder in changed {
        assert_ne!(good, digest(folder));
    }
}

#[test]
fn files_saved_with_a_byte_order_mark_and_windows_line_ends_are_read() {
    let crm = format!("\u{feff}{}", CRM.replace('\n', "\r\n"));
    let pipeline = Folder::good().write("sources/crm.toml", crm).loaded();
    assert_eq!(pipeline.sources[0].columns.len(), 3);
}

#[test]
fn hidden_files_and_notes_are_left_alone() {
    Folder::good()
        .write(".gitignore", "x")
        .write("README.md", "x")
        .write("sources/.crm.toml.swp", "x")
        .write("mart/NOTES.MD", "x")
        .loaded();
}

#[test]
fn standardized_columns_are_those_declared_and_what_cleaning_adds() {
    let columns = standardized_columns(&Folder::good().loaded().sources[0]);
    let names: Vec<&str> = columns.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "email",
            "email_original",
            "id",
            "name",
            "name_family",
            "name_given",
            "name_given_canonical",
            "name_honorific",
            "name_original",
            "name_suffix"
        ]
    );
    assert!(columns.values().all(|data_type| *data_type == DataType::Utf8));
}

/// One broken folder and what is told about it.
macro_rules! broken {
    ($($name:ident: $folder:expr => $told:expr;)*) => {
        $(#[test]
        fn $name() {
            let folder: Folder = $folder;
            let told = folder.told();
            assert_eq!(told, $told.trim(), "\n{told}");
        })*
    };
}

broken! {
    an_unknown_key_is_told_with_its_likeness: Folder::good().replace("sources/crm.toml", "delimiter", "delimeter") => r"
sales/sources/crm.toml:9:1: unknown key `delimeter` in [csv]
  expected: one of delimiter, encoding
  hint: did you mean `delimiter`?
";
    a_misspelt_required_key_is_told_once: Folder::good().replace("sources/crm.toml", "grain", "grian") => r"
sales/sources/crm.toml:4:1: unknown key `grian`
  expected: one of name, description, format, …
  hint: did you mean `grain`, which is missing here?
";
    a_key_in_the_wrong_table_is_sent_home: Folder::good().replace("sources/crm.toml", "delimiter = \";\"", "delimiter = \";\"\nregion = \"IN\"\nstrict = true") => r"
sales/sources/crm.toml:10:1: unknown key `region` in [csv]
  expected: one of delimiter, encoding
  hint: `region` belongs to the top of the file or [[columns]]
sales/sources/crm.toml:11:1: unknown key `strict` in [csv]
  expected: one of delimiter, encoding
  hint: `strict` belongs to [[columns]]
";
    a_missing_key_is_told_with_its_meaning: Folder::good().replace("sources/crm.toml", "kind = \"email\"\n", "") => r"
sales/sources/crm.toml:20:1: key `kind` is missing in [[columns]]
  expected: What the column means; one of given_name, family_name, full_name, …
";
    an_empty_file_misses_every_key: Folder::good().write("sources/crm.toml", "") => r#"
sales/sources/crm.toml:1:1: key `columns` is missing
  expected: The columns; a list of tables
sales/sources/crm.toml:1:1: key `format` is missing
  expected: The format or wire; one of csv, sqlite, excel
sales/sources/crm.toml:1:1: key `grain` is missing
  expected: What one row stands for ("one row a customer"); a text
sales/sources/crm.toml:1:1: key `key` is missing
  expected: The columns, under their own names in the house, that name a row uniquely; a list of texts
sales/sources/crm.toml:1:1: key `location` is missing
  expected: Where it is: a path, relative to the working directory; `*` and `?` match several files in the order of their names; a text
sales/sources/crm.toml:1:1: key `name` is missing
  expected: The source's name in tables and reports, in `snake_case`; a text
"#;
    a_wrong_type_is_told_with_what_was_found: Folder::good().replace("sources/crm.toml", "\"one row a customer\"", "5").replace("sources/orders.toml", "[\"id\"]", "\"id\"") => r#"
sales/sources/crm.toml:4:9: key `grain` holds the number 5
  expected: a text
  hint: put it in quotes
sales/sources/orders.toml:5:7: key `key` holds the text `id`
  expected: a list of texts
  hint: put it in a list: ["id"]
"#;
    every_type_has_its_words: Folder::good()
        .replace("sources/crm.toml", "\"one row a customer\"", "2020-01-01")
        .replace("sources/crm.toml", "entity = \"customer\"", "entity = true\nmax_rejected_share = \"0.5\"\nregion = nan\ncurrency = 99999999999999999999\ncontrol_totals = [1, \"x\", []]")
        .replace("models/customer.toml", "name = \"same e-mail\"", "name = \"same e-mail\"\nmax_block = 2.5") => r"
sales/models/customer.toml:6:13: key `max_block` in [[blocking_rules]] holds the number 2.5
  expected: a whole number from 0 to 4294967295
sales/sources/crm.toml:4:9: key `grain` holds the date or time 2020-01-01
  expected: a text
  hint: put it in quotes
sales/sources/crm.toml:6:10: key `entity` holds the word true
  expected: a text
  hint: put it in quotes
sales/sources/crm.toml:7:22: key `max_rejected_share` holds the text `0.5`
  expected: a number
  hint: leave the quotes out
sales/sources/crm.toml:8:10: key `region` holds the number `nan`
  expected: a text
  hint: put it in quotes
sales/sources/crm.toml:9:12: key `currency` holds the number `99999999999999999999`
  expected: a text
  hint: put it in quotes
sales/sources/crm.toml:10:19: item 1 of `control_totals` holds the number 1
  expected: a text
  hint: put it in quotes
sales/sources/crm.toml:10:27: item 3 of `control_totals` holds a list
  expected: a text
";
    single_and_double_brackets_are_told_apart: Folder::good()
        .replace("sources/crm.toml", "[csv]", "[[csv]]")
        .replace("sources/orders.toml", "[[columns]]\nname = \"id\"\nkind = \"identifier\"\n\n[[columns]]", "[columns]") => r"
sales/sources/crm.toml:8:1: key `csv` holds a list
  expected: a table
  hint: there is only one: write its header with one bracket: [csv]
sales/sources/orders.toml:8:1: key `columns` holds a table
  expected: a list of tables
  hint: write its header with two brackets: [[columns]]
";
    a_table_written_twice_is_told_where: Folder::good().write("sources/orders.toml", ORDERS.replace("[[columns]]", "[columns]")) => r"
sales/sources/orders.toml:12:2: `columns` is written twice
  hint: a table that may be repeated is written [[columns]] every time
";
    an_unknown_word_is_told_with_the_known: Folder::good()
        .replace("sources/crm.toml", "format = \"csv\"", "format = \"cvs\"")
        .replace("sources/crm.toml", "kind = \"email\"", "kind = \"e_mail\"")
        .replace("models/customer.toml", "method = \"email\"", "method = \"soundex\"") => r"
sales/models/customer.toml:10:10: key `method` in [[comparisons]] holds the text `soundex`
  expected: one of exact, jaro_winkler, damerau_levenshtein, …
sales/sources/crm.toml:2:10: key `format` holds the text `cvs`
  expected: one of csv, sqlite, excel
  hint: did you mean `csv`?
sales/sources/crm.toml:22:8: key `kind` in [[columns]] holds the text `e_mail`
  expected: one of given_name, family_name, full_name, …
  hint: did you mean `email`?
";
    a_number_out_of_range_is_told_with_the_range: Folder::good()
        .replace("pipeline.toml", "0.02", "2")
        .replace("models/customer.toml", "[thresholds]", "[training]\nseed = -1\nrandom_pairs = 99999999999\n\n[thresholds]")
        .replace("mart/dim_customer.toml", "scd_type = 2", "scd_type = 256") => r"
sales/mart/dim_customer.toml:6:12: key `scd_type` holds the number 256
  expected: a whole number from 0 to 255
sales/models/customer.toml:15:8: key `seed` in [training] holds the number -1
  expected: a whole number from 0 up
sales/models/customer.toml:16:16: key `random_pairs` in [training] holds the number 99999999999
  expected: a whole number from 0 to 4294967295
sales/pipeline.toml:10:22: key `max_rejected_share` in [gates] holds the number 2
  expected: a number from 0 to 1
";
    broken_syntax_is_told_line_by_line_and_stops_no_other_file: Folder::good()
        .write("sources/crm.toml", "name = \"crm\nformat = csv\n[columns\nkey = [\n")
        .replace("sources/orders.toml", "grain", "gain") => r#"
sales/sources/crm.toml:1:12: this is not TOML: invalid basic string
  expected: `"`
sales/sources/crm.toml:2:10: this is not TOML: string values must be quoted
  expected: a text in quotes, a number, true, false, a [list] or a { table }
sales/sources/crm.toml:3:9: this is not TOML: unclosed table
  expected: `]`
sales/sources/crm.toml:4:8: this is not TOML: unclosed array
  expected: `]`
sales/sources/orders.toml:4:1: unknown key `gain`
  expected: one of name, description, format, …
  hint: did you mean `grain`, which is missing here?
"#;
    bytes_that_are_no_text_are_told_where: Folder::good().write("sources/crm.toml", b"name = \"crm\"\ngrain = \"caf\xe9\"\n") => r"
sales/sources/crm.toml:2:13: the file is not UTF-8 text: byte 0xe9 stands here
  hint: save the file as UTF-8
";
    a_missing_pipeline_file_is_told_with_its_likeness: Folder::good().write("pipline.toml", PIPELINE).remove("pipeline.toml") => r"
sales/pipeline.toml: the file is missing, so this is not the folder of a pipeline
  expected: the file that names the pipeline, its model, gates and parameters
  hint: is it `pipline.toml`? then rename it
";
    attributes_stand_for_columns_of_the_source: Folder::good()
        .replace("sources/crm.toml", "[csv]", "[attributes]\ngiven_name = \"name_gven\"\nemail = \"name_given\"\nfamily_name = \"name_family\"\n\n[csv]")
        .replace("sources/orders.toml", "control_totals = [\"quantity\"]", "control_totals = [\"quantity\"]\nattributes = { given_name = \"id\" }") => r"
sales/sources/crm.toml:9:14: there is no column `name_gven`
  expected: one of email, id, name, …
  hint: did you mean `name_given`?
sales/sources/crm.toml:10:9: `email` is a column of this source itself
  hint: leave it out here, or rename the column
sales/sources/orders.toml:7:29: attributes are those of an entity, and source `orders` has none
  hint: name the entity with the key `entity`
";
    stray_files_are_told: Folder::good()
        .write("sources/crm.tml", "")
        .write("sources/crm.csv", "")
        .write("mart/x.sql.bak", "")
        .write("metric.toml", "")
        .write("source/a.toml", "")
        .write("models/old/customer.toml", "")
        .write("models/dir.toml/x", "")
        .write("questions/best.txt", "") => r"
sales/mart/x.sql.bak: nothing of this name is read here
  expected: files that end in `.toml` or `.sql`
  hint: move it elsewhere
sales/metric.toml: nothing of this name is read here
  expected: one of pipeline.toml, needs.toml, sources, …
sales/models/dir.toml: this is not a file
  expected: a text file
sales/models/old: nothing of this name is read here
  expected: files that end in `.toml`
  hint: move it elsewhere
sales/questions/best.txt: nothing of this name is read here
  expected: files that end in `.sql`
  hint: move it elsewhere
sales/source: nothing of this name is read here
  expected: one of pipeline.toml, needs.toml, sources, …
  hint: did you mean `sources`?
sales/sources/crm.csv: nothing of this name is read here
  expected: files that end in `.toml`
  hint: move it elsewhere
sales/sources/crm.tml: nothing of this name is read here
  expected: files that end in `.toml`
  hint: rename it to `crm.toml`
";
    a_table_without_select_and_a_select_without_table: Folder::good()
        .remove("mart/fact_sales.sql").write("mart/fact_sale.sql", "SELECT 1").write("mart/dim_customer.sql", " \n") => r"
sales/mart/dim_customer.sql: the file is empty
  expected: a SELECT
sales/mart/fact_sale.sql: no table is described for this SELECT
  expected: a file fact_sale.toml beside this one
sales/mart/fact_sales.toml: the SELECT of this table is missing
  expected: a file fact_sales.sql beside this one
  hint: is it fact_sale.sql? then give both the same name
";
    names_are_the_files_and_taken_once: Folder::good()
        .write("sources/shop.toml", ORDERS)
        .replace("sources/crm.toml", "name = \"crm\"", "name = \"CRM\"")
        .replace("pipeline.toml", "name = \"sales\"", "name = \"sale\"") => r#"
sales/pipeline.toml:1:8: the pipeline is named `sale`, and its folder `sales`
  expected: the folder's name
sales/sources/crm.toml:1:8: "CRM" is no name of a source
  expected: snake_case (a to z, 0 to 9 and _, a letter first), such as "crm"
sales/sources/crm.toml:1:8: the name `CRM` is not the file's
  expected: `crm`, as the file is called
sales/sources/shop.toml:1:8: the name `orders` is taken by sales/sources/orders.toml
  expected: `shop`, as the file is called
"#;
    no_source_at_all: Folder::empty().write("pipeline.toml", "name = \"sales\"\n") => r"
sales/sources: the pipeline has no source
  expected: one .toml file a source
";
    an_unknown_model_is_told: Folder::good().replace("pipeline.toml", "\"customer\"", "\"models/custmer.toml\"") => r"
sales/pipeline.toml:3:9: there is no model `models/custmer.toml`
  expected: `customer`
  hint: did you mean `customer`?
";
    a_model_that_no_one_chose_is_told: Folder::good().replace("pipeline.toml", "model = \"customer\"\n", "") => r#"
sales/pipeline.toml:1:1: no model is chosen, so nothing is resolved, and there is models/customer.toml
  hint: write model = "customer" above the first [table]
"#;
    an_unknown_entity_is_told: Folder::good()
        .replace("models/customer.toml", "entity = \"customer\"", "entity = \"custmer\"") => r"
sales/models/customer.toml:2:10: no source has records of entity `custmer`
  expected: `customer`
  hint: did you mean `customer`?
";
    an_unknown_survivor_source_is_told: Folder::good()
        .replace("models/customer.toml", "[thresholds]", "[[survivorship]]\nattribute = \"*\"\nrule = \"source_priority\"\nsources = [\"crm\", \"order\"]\n\n[thresholds]") => r"
sales/models/customer.toml:17:19: no source `order` has records of entity `customer`
  expected: `crm`
";
    one_column_of_two_kinds_is_told: Folder::good()
        .write("sources/shop.toml", CRM.replace("\"crm\"", "\"shop\"").replace("\"full_name\"", "\"integer\"")) => r"
sales/sources/shop.toml:18:8: column `name` is of kind integer here and of kind full_name in sales/sources/crm.toml, and both are records of one entity
  hint: give both the same kind, or one of them another name
";
    a_fact_that_accounts_for_nothing_is_told: Folder::good()
        .replace("mart/fact_sales.toml", "sources = [\"orders\"]", "sources = [\"order\"]")
        .write("mart/fact_more.toml", SALES.replace("fact_sales", "fact_more").replace("source = \"quantity\"", "source = \"qantity\""))
        .write("mart/fact_more.sql", "SELECT 1") => r"
sales/mart/fact_more.toml:17:49: source `orders` has no column `qantity`
  expected: one of id, quantity
  hint: did you mean `quantity`?
sales/mart/fact_sales.toml:16:12: there is no source `order`
  expected: one of crm, orders
  hint: did you mean `orders`?
";
    needs_refer_to_what_is_there: Folder::good()
        .replace("needs.toml", "\"crm.name_family\"", "\"crm.family\", \"dim_custmer.name\", \"name\"")
        .replace("needs.toml", "\"orders\"]", "\"order\"]")
        .replace("needs.toml", "gap = \"There is no file of territories.\"", "") => r"
sales/needs.toml:5:59: `crm` has no column `family`
  expected: one of email, email_original, id, …
sales/needs.toml:5:73: there is no mart table or source `dim_custmer`
  expected: one of dim_customer, fact_sales, crm, orders
  hint: did you mean `dim_customer`?
sales/needs.toml:5:93: `name` names no column of a table
  expected: table.column, as in dim_customer.name
sales/needs.toml:6:19: there is no source `order`
  expected: one of crm, orders
  hint: did you mean `orders`?
sales/needs.toml:8:1: the need `Which territory grows?` has no gap, and `attributes` names nothing
  hint: fill `attributes`, or say with `gap` what is missing for an answer
sales/needs.toml:8:1: the need `Which territory grows?` has no gap, and `sources` names nothing
  hint: fill `sources`, or say with `gap` what is missing for an answer
";
    parameters_are_declared_given_and_used: Folder::good()
        .replace("pipeline.toml", "default = \"data\"", "\n[parameters.region]\ndescription = \"The region.\"\ndefault = \"IN\"\n[parameters.\"a b\"]\ndescription = \"x\"\ndefault = 5")
        .replace("sources/crm.toml", "{data}", "{dta}")
        .give("regions", "x") => r#"
sales/pipeline.toml: --param regions: the pipeline has no parameter `regions`
  expected: one of data, region
  hint: did you mean `region`?
sales/pipeline.toml:5:1: parameter `data` has no value
  hint: give it one with --param data=VALUE, or write a `default`
sales/pipeline.toml:8:1: parameter `region` is declared and no text has a place {region} for it
  hint: use it or take it out
sales/pipeline.toml:11:1: `a b` is no name of a parameter
  expected: a letter, then letters, digits, `_` or `-`
sales/pipeline.toml:13:11: key `default` in [parameters."a b"] holds the number 5
  expected: a text
  hint: put it in quotes
sales/sources/crm.toml:3:12: no parameter `{dta}` is declared for this place
  expected: one of data, region
  hint: did you mean `data`?
"#;
    columns_of_a_broken_source_are_not_guessed_at: Folder::good()
        .write("sources/crm.toml", "name = ")
        .replace("models/customer.toml", "column = \"email\" }", "column = \"phone\" }") => r"
sales/sources/crm.toml:1:8: this is not TOML: string values must be quoted
  expected: a text in quotes, a number, true, false, a [list] or a { table }
";
    a_list_nested_beyond_reason_is_told: Folder::good().write("sources/crm.toml", format!("name = {}", "[".repeat(100_000))) => r"
sales/sources/crm.toml:1:88: this is not TOML: cannot recurse further; max recursion depth met
";
    mistakes_of_all_files_come_at_once_in_order: Folder::good()
        .replace("needs.toml", "owner = \"head of sales\"\nattributes", "ower = \"head of sales\"\nattributes")
        .replace("sources/orders.toml", "kind = \"integer\"", "kind = \"integre\"")
        .replace("sources/orders.toml", "format = \"csv\"", "format = 1")
        .replace("mart/dim_customer.toml", "scd_type = 2", "scd_typ = 2")
        .replace("pipeline.toml", "[gates]", "[gate]")
        .replace("models/customer.toml", "link = 0.95", "link = \"high\"")
        .write("sources/crm.toml", "name = ") => r"
sales/mart/dim_customer.toml:6:1: unknown key `scd_typ`
  expected: one of name, kind, grain, …
  hint: did you mean `scd_type`?
sales/models/customer.toml:15:8: key `link` in [thresholds] holds the text `high`
  expected: a number
sales/needs.toml:4:1: unknown key `ower` in [[needs]]
  expected: one of question, metric, owner, …
  hint: did you mean `owner`, which is missing here?
sales/pipeline.toml:9:2: unknown key `gate`
  expected: one of name, description, model, …
  hint: did you mean `gates`?
sales/sources/crm.toml:1:8: this is not TOML: string values must be quoted
  expected: a text in quotes, a number, true, false, a [list] or a { table }
sales/sources/orders.toml:2:10: key `format` holds the number 1
  expected: one of csv, sqlite, excel
sales/sources/orders.toml:14:8: key `kind` in [[columns]] holds the text `integre`
  expected: one of given_name, family_name, full_name, …
  hint: did you mean `integer`?
";
}

#[test]
fn what_the_rooms_find_has_its_line() {
    let folder = Folder::good()
        .replace("sources/crm.toml", "key = [\"id\"]", "key = [\"id\", \"ident\"]\nupdated_at = \"emial\"")
        .replace("models/customer.toml", "[{ column = \"email\" }]", "[{ column = \"email\" }, { column = \"emali\" }]")
        .replace("models/customer.toml", "review = 0.5", "review = 0.99")
        .replace("mart/dim_customer.toml", "scd_type = 2", "scd_type = 3")
        .replace("mart/fact_sales.toml", "meaning = \"Pieces.\"", "meaning = \"\"");
    let mistakes = folder.load().unwrap_err();
    // The sentences are the rooms' own and tested there.
    let places: Vec<String> = mistakes
        .iter()
        .map(|m| format!("{} {} {}", m.file.file_name().unwrap().display(), m.line.unwrap(), m.column.unwrap()))
        .collect();
    assert_eq!(
        places,
        [
            "dim_customer.toml 6 12",
            "fact_sales.toml 13 11",
            "customer.toml 6 42",
            "customer.toml 16 10",
            "crm.toml 5 14",
            "crm.toml 6 14"
        ]
    );
    let hinted = mistakes.iter().filter(|mistake| mistake.hint.as_deref().is_some_and(|hint| hint.contains("email")));
    assert_eq!(hinted.count(), 2);
}

#[test]
fn a_missing_folder_is_told_with_the_pipelines_beside_it() {
    let folder = Folder::good();
    let mistakes = load(&folder.root.path().join("sals"), &BTreeMap::new()).unwrap_err().mistakes;
    assert_eq!(
        folder.rendered(&mistakes),
        "sals: there is no such pipeline; it was looked for at sals\n  expected: `sales`\n  hint: did you mean `sales`?"
    );
    let mistakes = load(&folder.path("pipeline.toml"), &BTreeMap::new()).unwrap_err().mistakes;
    let told = "sales/pipeline.toml: this is not a folder\n  expected: the folder of a pipeline";
    assert_eq!(folder.rendered(&mistakes), told);
}

#[test]
fn an_environment_is_read_or_has_its_defaults() {
    let folder =
        Folder::empty().write("onefold.toml", "state_root = \"/var/onefold\"\nthreads = 4\n").write("empty.toml", "");
    let read = load_environment(Some(&folder.path("onefold.toml"))).unwrap();
    assert_eq!(read, Environment { state_root: PathBuf::from("/var/onefold"), threads: Some(4) });
    assert_eq!(load_environment(Some(&folder.path("empty.toml"))).unwrap(), Environment::default());
    assert_eq!(Environment::default().state_root, Path::new("state"));
}

#[test]
fn mistakes_of_an_environment_are_told() {
    let folder = Folder::empty().write("onefold.toml", "stateroot = \"s\"\nthreads = 0\n");
    let told = |file: &str| folder.rendered(&load_environment(Some(&folder.path(file))).unwrap_err());
    assert_eq!(
        told("onefold.toml"),
        "sales/onefold.toml:1:1: unknown key `stateroot`\n  expected: one of state_root, threads\n  hint: did you mean \
         `state_root`?\nsales/onefold.toml:2:11: key `threads` holds the number 0\n  expected: a whole number from 1 up"
    );
    assert_eq!(told("other.toml"), "sales/other.toml: there is no such file");
}

/// The files that a random text takes the place of.
const FILES: [&str; 6] = [
    "pipeline.toml",
    "needs.toml",
    "sources/crm.toml",
    "models/customer.toml",
    "mart/dim_customer.toml",
    "mart/dim_customer.sql",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bytes_of_any_kind_are_told_and_never_a_panic(file in 0..FILES.len(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Folder::good().write(FILES[file], bytes).load();
    }

    #[test]
    fn almost_toml_is_told_and_never_a_panic(
        file in 0..FILES.len(),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "name", "columns", "key", "parameters", " = ", "[", "]", "[[", "]]", "{", "}", "\"", "\"\"\"", "'", "\n", "\r", "#", ".", ",",
            "1", "-", "1.5", "1e400", "nan", "true", "2020-01-01", "é", "\u{feff}", "\0", "{data}", "\\u", "0x", "needs",
        ]), 0..60),
    ) {
        let folder = Folder::good().write(FILES[file], pieces.concat());
        if let Err(mistakes) = folder.load() {
            prop_assert!(!mistakes.is_empty());
            prop_assert!(mistakes.iter().all(|mistake| !mistake.message.contains('\n')));
        }
    }

    #[test]
    fn a_number_of_any_size_is_taken_or_told(number in prop_oneof![
        any::<f64>().prop_map(|n| format!("{n:?}")),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| format!("{:?}", n as f64)),
        any::<u128>().prop_map(|n| n.to_string()),
        (-400i32..400).prop_map(|n| format!("1e{n}")),
    ]) {
        let folder = Folder::good()
            .replace("models/customer.toml", "[thresholds]", &format!("[training]\nseed = {number}\nmax_rounds = {number}\ntolerance = {number}\n\n[thresholds]"))
            .replace("mart/dim_customer.toml", "scd_type = 2", &format!("scd_type = {number}"));
        if let Err(mistakes) = folder.load() {
            let text = folder.rendered(&mistakes);
            prop_assert!(!text.contains("does not have its shape"), "{}", text);
        }
    }

    #[test]
    fn a_line_taken_out_or_doubled_is_told_and_never_a_panic(file in 0..FILES.len(), line in 0usize..40, double: bool) {
        let folder = Folder::good();
        let text = fs::read_to_string(folder.path(FILES[file])).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        let line = line % lines.len();
        if double { lines.insert(line, lines[line]) } else { lines.remove(line); }
        let folder = folder.write(FILES[file], lines.join("\n"));
        if let Err(mistakes) = folder.load() {
            let text = folder.rendered(&mistakes);
            prop_assert!(!text.contains("does not have its shape"), "{}", text);
        }
    }
}
