//! What is wrong with a source's spec beyond its shape: names that refer to nothing, settings that contradict each other.
//!
//! The shape (unknown keys, wrong types) is refused by the parser, which knows the line. Everything here is found at once
//! and told with its place in the file, so that one reading mends all of it; stopping at the first mistake would make a
//! user run the check a dozen times.

use std::collections::BTreeMap;

use onefold_contract::AttributeKind;
use onefold_contract::change::LINEAGE;

use crate::csv::{one_delimiter, one_encoding};
use crate::spec::{ColumnSpec, CsvSpec, ExcelSpec, Format, SourceSpec, SqliteSpec};
use crate::suggest;

mod excel;

/// Mistakes found so far: the place in the file and what is wrong there.
type Mistakes = Vec<(String, String)>;

impl SourceSpec {
    /// Every mistake that the shape of the file does not show: its place, as a path of keys with places counted from 0
    /// (`columns[2].kind`, `csv.delimiter`), and what is wrong and what is expected, in one sentence.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let mut mistakes = Mistakes::new();
        self.check_head(&mut mistakes);
        self.check_format(&mut mistakes);
        self.check_references(&mut mistakes);
        for (place, column) in self.columns.iter().enumerate() {
            check_column(&format!("columns[{place}]"), column, &mut mistakes);
            self.check_mend(place, column, &mut mistakes);
            for (key, other) in [("date_order_by", &column.date_order_by), ("region_from", &column.region_from)] {
                if let Some(other) = other {
                    self.check_declared(&format!("columns[{place}].{key}"), other, &mut mistakes);
                }
            }
        }
        self.check_synonyms(&mut mistakes);
        self.check_names(&mut mistakes);
        self.check_exclusions(&mut mistakes);
        mistakes
    }

    fn check_head(&self, mistakes: &mut Mistakes) {
        check_name("name", "a source", &self.name, mistakes);
        for (path, text) in [("location", &self.location), ("grain", &self.grain)] {
            if text.trim().is_empty() {
                add(mistakes, path, format!("{path} is empty; it must say something"));
            }
        }
        if let Some(entity) = &self.entity {
            check_name("entity", "an entity", entity, mistakes);
        }
        check_region("region", self.region.as_deref(), mistakes);
        check_currency("currency", self.currency.as_deref(), mistakes);
        if let Some(share) = self.max_rejected_share.filter(|share| !(0.0..=1.0).contains(share)) {
            add(mistakes, "max_rejected_share", format!("{share} is no share; expected a number from 0 to 1"));
        }
        if self.columns.is_empty() {
            add(mistakes, "columns", "the source declares no column; expected at least one [[columns]]".into());
        }
    }

    fn check_format(&self, mistakes: &mut Mistakes) {
        let tables = [
            (Format::Csv, self.csv != CsvSpec::default()),
            (Format::Sqlite, self.sqlite != SqliteSpec::default()),
            (Format::Excel, self.excel != ExcelSpec::default()),
        ];
        for (format, _) in tables.into_iter().filter(|(format, is_set)| *is_set && *format != self.format) {
            let (table, this) = (format.name(), self.format.name());
            add(mistakes, table, format!("[{table}] is for sources of format {table}; this one is {this}"));
        }
        let names_no_table = self.sqlite.table.as_deref().is_none_or(|table| table.trim().is_empty());
        if self.format == Format::Sqlite && names_no_table {
            add(mistakes, "sqlite.table", "format sqlite needs the table or view to read; none is named".into());
        }
        if self.format == Format::Excel {
            self.check_excel(mistakes);
        }
        if let Some(text) = self.csv.delimiter.as_deref().filter(|text| one_delimiter(text).is_none()) {
            let expected = "expected one ASCII sign such as \",\", \";\", \"\\t\" or \"|\"";
            add(mistakes, "csv.delimiter", format!("{text:?} is no delimiter; {expected}"));
        }
        if let Some(label) = self.csv.encoding.as_deref().filter(|label| one_encoding(label).is_none()) {
            const COMMON: [&str; 8] = [
                "utf-8",
                "utf-16le",
                "utf-16be",
                "windows-1252",
                "windows-1250",
                "iso-8859-15",
                "shift_jis",
                "gb18030",
            ];
            let expected = match suggest::closest(label, COMMON) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => format!("expected a label such as {}", suggest::list(&COMMON)),
            };
            add(mistakes, "csv.encoding", format!("\"{label}\" is no known encoding; {expected}"));
        }
    }

    fn check_references(&self, mistakes: &mut Mistakes) {
        if self.key.is_empty() {
            add(mistakes, "key", "the key is empty; expected the columns that name a row uniquely".into());
        }
        for (place, name) in self.key.iter().enumerate() {
            let path = format!("key[{place}]");
            self.check_declared(&path, name, mistakes);
            check_once(&path, name, &self.key[..place], mistakes);
        }
        for (place, name) in self.control_totals.iter().enumerate() {
            let path = format!("control_totals[{place}]");
            self.check_declared(&path, name, mistakes);
            check_once(&path, name, &self.control_totals[..place], mistakes);
            let kind = self.column(name).map(|column| column.kind);
            if let Some(kind) = kind.filter(|kind| !matches!(kind, AttributeKind::Integer | AttributeKind::Decimal)) {
                let kind = kind.name();
                add(mistakes, &path, format!("column \"{name}\" is of kind {kind}; expected kind integer or decimal"));
            }
        }
        if let Some(name) = &self.updated_at {
            self.check_declared("updated_at", name, mistakes);
        }
    }

    fn check_declared(&self, path: &str, name: &str, mistakes: &mut Mistakes) {
        if self.column(name).is_some() {
            return;
        }
        let own_name = self.columns.iter().find(|column| column.source_name() == name);
        let expected = match own_name {
            Some(column) => format!("that is its name at the source, in the house it is \"{}\"", column.name),
            None => suggest::did_you_mean(name, self.columns.iter().map(|column| column.name.as_str()))
                .unwrap_or_else(|| "expected the name of a declared column".into()),
        };
        add(mistakes, path, format!("there is no column \"{name}\"; {expected}"));
    }

    /// No name at the source is that of two columns, unless they are the same one.
    fn check_synonyms(&self, mistakes: &mut Mistakes) {
        for (place, column) in self.columns.iter().enumerate() {
            for (item, name) in column.also.iter().enumerate() {
                let path = format!("columns[{place}].also[{item}]");
                if name.is_empty() || name.trim() != name {
                    let reason =
                        format!("\"{name}\" names no column: names at the source are read without space around them");
                    add(mistakes, &path, reason);
                } else if name == column.source_name() || column.also[..item].contains(name) {
                    add(mistakes, &path, format!("\"{name}\" is named twice; expected each name once"));
                } else if let Some(other) = self.other_by_name(column, name) {
                    let reason =
                        format!("\"{name}\" is a name of column \"{other}\" too; expected a name of one column");
                    add(mistakes, &path, reason);
                }
            }
        }
    }

    /// Another column that goes by a name at the source.
    fn other_by_name(&self, column: &ColumnSpec, name: &String) -> Option<&str> {
        let others = self.columns.iter().filter(|other| other.source_name() != column.source_name());
        let mut called = others.filter(|other| other.source_name() == name || other.also.contains(name));
        called.next().map(|other| other.name.as_str())
    }

    /// Every column, and every further column that cleaning it yields, has a name of its own.
    fn check_names(&self, mistakes: &mut Mistakes) {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for (place, column) in self.columns.iter().enumerate() {
            if let Some(first) = taken.get(&column.name) {
                let reason =
                    format!("\"{}\" is the name of columns[{first}] too; expected a name of its own", column.name);
                add(mistakes, &format!("columns[{place}].name"), reason);
            } else {
                taken.insert(column.name.clone(), place);
            }
        }
        let mut made: BTreeMap<String, usize> = BTreeMap::new();
        for (place, column) in self.columns.iter().enumerate() {
            for (suffix, _) in column.kind.derived() {
                let name = format!("{}{suffix}", column.name);
                let kind = column.kind.name();
                if let Some(other) = taken.get(&name) {
                    let reason = format!(
                        "\"{name}\" is also what cleaning columns[{place}], of kind {kind}, yields; expected another name"
                    );
                    add(mistakes, &format!("columns[{other}].name"), reason);
                } else if let Some(other) = made.insert(name.clone(), place).filter(|other| *other != place) {
                    let reason = format!(
                        "cleaning it, of kind {kind}, yields \"{name}\", and so does cleaning columns[{other}]; expected another name"
                    );
                    add(mistakes, &format!("columns[{place}].name"), reason);
                }
            }
        }
    }

    fn check_exclusions(&self, mistakes: &mut Mistakes) {
        for (place, rule) in self.exclude.iter().enumerate() {
            self.check_declared(&format!("exclude[{place}].column"), &rule.column, mistakes);
            if rule.values.is_empty() {
                add(mistakes, &format!("exclude[{place}].values"), "no value is named; expected at least one".into());
            }
            if rule.reason.trim().is_empty() {
                add(
                    mistakes,
                    &format!("exclude[{place}].reason"),
                    "no reason is given; it is shown where rows are left out".into(),
                );
            }
        }
    }
}

fn check_column(path: &str, column: &ColumnSpec, mistakes: &mut Mistakes) {
    check_name(&format!("{path}.name"), "a column", &column.name, mistakes);
    if let Some(from) = column.from.as_deref().filter(|from| from.is_empty() || from.trim() != *from) {
        let reason = format!("\"{from}\" names no column: names at the source are read without space around them");
        add(mistakes, &format!("{path}.from"), reason);
    }
    check_region(&format!("{path}.region"), column.region.as_deref(), mistakes);
    check_currency(&format!("{path}.currency"), column.currency.as_deref(), mistakes);
    let kind = column.kind.name();
    let only_for = |set: bool, key: &str, fits: bool, kinds: &str, mistakes: &mut Mistakes| {
        if set && !fits {
            add(
                mistakes,
                &format!("{path}.{key}"),
                format!("{key} is for columns of kind {kinds}; this one is {kind}"),
            );
        }
    };
    let dated = matches!(column.kind, AttributeKind::BirthDate | AttributeKind::Date | AttributeKind::Timestamp);
    only_for(column.date_order.is_some(), "date_order", dated, "birth_date, date or timestamp", mistakes);
    only_for(column.date_order_by.is_some(), "date_order_by", dated, "birth_date, date or timestamp", mistakes);
    if column.date_order.is_some() && column.date_order_by.is_some() {
        let reason = "date_order says it for all rows, and date_order_by part by part; keep one of them";
        add(mistakes, &format!("{path}.date_order_by"), reason.into());
    }
    let regional = matches!(column.kind, AttributeKind::Phone | AttributeKind::Postcode | AttributeKind::Region);
    only_for(column.region_from.is_some(), "region_from", regional, "phone, postcode or region", mistakes);
    only_for(column.currency.is_some(), "currency", column.kind == AttributeKind::Money, "money", mistakes);
    let consent = column.kind == AttributeKind::Consent;
    for (key, value) in [("channel", &column.channel), ("purpose", &column.purpose)] {
        only_for(value.is_some(), key, consent, "consent", mistakes);
        if consent && value.as_deref().is_none_or(|value| value.trim().is_empty()) {
            add(
                mistakes,
                &format!("{path}.{key}"),
                format!("a column of kind consent must name its {key}; none is named"),
            );
        }
    }
}

/// Names in the house become names of tables, columns and files.
fn check_name(path: &str, of: &str, name: &str, mistakes: &mut Mistakes) {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let reason = if name.starts_with('_') {
        let reserved = if LINEAGE.contains(&name) { "is a column of the house" } else { "begins with _" };
        format!("\"{name}\" {reserved}; names that begin with _ are the house's own")
    } else if letters && name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return;
    } else {
        let better = snake_case(name).map(|better| format!(", such as \"{better}\"")).unwrap_or_default();
        format!("\"{name}\" is no name of {of}; expected snake_case (a to z, 0 to 9 and _, a letter first){better}")
    };
    add(mistakes, path, reason);
}

/// A name in `snake_case`, where its letters allow it.
fn snake_case(name: &str) -> Option<String> {
    let mut snake = String::new();
    let mut before = '_';
    for c in name.chars() {
        let starts_word = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if starts_word || (!c.is_ascii_alphanumeric() && !snake.ends_with('_')) {
            snake.push('_');
        }
        if c.is_ascii_alphanumeric() {
            snake.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    let snake = snake.trim_matches('_').to_string();
    snake.starts_with(|c: char| c.is_ascii_lowercase()).then_some(snake)
}

fn check_once(path: &str, name: &String, before: &[String], mistakes: &mut Mistakes) {
    if before.contains(name) {
        add(mistakes, path, format!("\"{name}\" is named twice; expected each column once"));
    }
}

fn check_region(path: &str, region: Option<&str>, mistakes: &mut Mistakes) {
    if let Some(region) = region.filter(|r| r.len() != 2 || !r.bytes().all(|b| b.is_ascii_uppercase())) {
        add(
            mistakes,
            path,
            format!("\"{region}\" is no region; expected two capital letters (ISO 3166-1) such as \"DE\""),
        );
    }
}

fn check_currency(path: &str, currency: Option<&str>, mistakes: &mut Mistakes) {
    if let Some(currency) = currency.filter(|c| c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase())) {
        let expected = "expected three capital letters (ISO 4217) such as \"EUR\"";
        add(mistakes, path, format!("\"{currency}\" is no currency; {expected}"));
    }
}

fn add(mistakes: &mut Mistakes, path: &str, reason: String) {
    mistakes.push((path.to_string(), reason));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        json!({
            "name": "crm", "format": "csv", "location": "crm.csv", "grain": "one row a customer", "key": ["customer"],
            "control_totals": ["children"], "updated_at": "changed",
            "columns": [
                { "name": "customer", "from": "CustomerKey", "kind": "identifier" },
                { "name": "children", "kind": "integer" },
                { "name": "changed", "kind": "timestamp" },
                { "name": "news", "kind": "consent", "channel": "email", "purpose": "marketing" },
            ],
        })
    }

    /// The mistakes of the good spec with one change.
    fn mistakes(pointer: &str, value: Value) -> Vec<(String, String)> {
        let mut spec = good();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = spec.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items.push(value),
            parent => parent[key] = value,
        }
        serde_json::from_value::<SourceSpec>(spec).unwrap().mistakes()
    }

    #[test]
    fn a_good_spec_has_none() {
        assert_eq!(serde_json::from_value::<SourceSpec>(good()).unwrap().mistakes(), vec![]);
    }

    #[test]
    fn each_mistake_is_told_with_its_place() {
        let column = |name: &str, kind: &str| json!({ "name": name, "kind": kind });
        let cases = [
            ("/name", json!("CRM System"), "name", "\"crm_system\""),
            ("/location", json!(" "), "location", "empty"),
            ("/grain", json!(""), "grain", "empty"),
            ("/entity", json!("Customer"), "entity", "snake_case"),
            ("/region", json!("de"), "region", "two capital letters"),
            ("/currency", json!("Euro"), "currency", "three capital letters"),
            ("/max_rejected_share", json!(1.5), "max_rejected_share", "from 0 to 1"),
            ("/key", json!([]), "key", "empty"),
            ("/key", json!(["custmer"]), "key[0]", "did you mean \"customer\"?"),
            ("/key", json!(["CustomerKey"]), "key[0]", "in the house it is \"customer\""),
            ("/key", json!(["customer", "customer"]), "key[1]", "twice"),
            ("/control_totals", json!(["customer"]), "control_totals[0]", "expected kind integer or decimal"),
            ("/control_totals", json!(["nothing"]), "control_totals[0]", "no column"),
            ("/updated_at", json!("nothing"), "updated_at", "no column"),
            ("/csv", json!({ "delimiter": "ab" }), "csv.delimiter", "no delimiter"),
            ("/csv", json!({ "delimiter": "\"" }), "csv.delimiter", "no delimiter"),
            ("/csv", json!({ "encoding": "utf9" }), "csv.encoding", "did you mean \"utf-8\"?"),
            ("/csv", json!({ "encoding": "iso-2022-kr" }), "csv.encoding", "no known encoding"),
            ("/sqlite", json!({ "table": "t" }), "sqlite", "format sqlite"),
            ("/format", json!("sqlite"), "sqlite.table", "needs the table"),
            ("/columns/-", column("Customer", "identifier"), "columns[4].name", "snake_case"),
            ("/columns/-", column("_load_id", "identifier"), "columns[4].name", "a column of the house"),
            ("/columns/-", column("customer", "identifier"), "columns[4].name", "columns[0]"),
            ("/columns/-", column("changed_original", "free_text"), "columns[4].name", "columns[2]"),
            ("/columns/-", column("other", "consent"), "columns[4].channel", "must name its channel"),
            ("/columns/1/purpose", json!("marketing"), "columns[1].purpose", "kind consent"),
            ("/columns/1/currency", json!("EUR"), "columns[1].currency", "kind money"),
            ("/columns/1/date_order", json!("day_month_year"), "columns[1].date_order", "timestamp"),
            ("/columns/1/from", json!(" Children"), "columns[1].from", "without space"),
            ("/exclude", json!([{ "column": "x", "values": ["1"], "reason": "r" }]), "exclude[0].column", "no column"),
            (
                "/exclude",
                json!([{ "column": "news", "values": [], "reason": "r" }]),
                "exclude[0].values",
                "at least one",
            ),
            ("/exclude", json!([{ "column": "news", "values": ["1"], "reason": "" }]), "exclude[0].reason", "reason"),
        ];
        for (pointer, value, path, part) in cases {
            let found = mistakes(pointer, value.clone());
            let hit = found.iter().any(|(place, reason)| place == path && reason.contains(part));
            assert!(hit, "{pointer} = {value}: expected \"{part}\" at {path}, found {found:?}");
        }
    }

    #[test]
    fn two_columns_may_not_yield_the_same_column() {
        let mut spec = good();
        let more = json!([{ "name": "a", "kind": "full_name" }, { "name": "a_given", "kind": "given_name" }]);
        spec["columns"].as_array_mut().unwrap().extend(more.as_array().unwrap().iter().cloned());
        let found = serde_json::from_value::<SourceSpec>(spec).unwrap().mistakes();
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["columns[5].name", "columns[5].name"], "{found:?}");
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut spec = good();
        spec["name"] = json!("A");
        spec["key"] = json!(["b"]);
        spec["columns"] = json!([]);
        let found = serde_json::from_value::<SourceSpec>(spec).unwrap().mistakes();
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["name", "columns", "key[0]", "control_totals[0]", "updated_at"]);
    }
}
