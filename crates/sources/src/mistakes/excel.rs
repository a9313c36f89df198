//! Mistakes in the settings of worksheets.

use onefold_contract::AttributeKind;

use super::{Mistakes, add, check_once};
use crate::excel::one_pattern;
use crate::spec::{ColumnSpec, Format, HeaderKind, SourceSpec, UnpivotSpec};
use crate::suggest;

impl SourceSpec {
    pub(super) fn check_excel(&self, mistakes: &mut Mistakes) {
        for (place, name) in self.excel.sheets.iter().enumerate() {
            let path = format!("excel.sheets[{place}]");
            check_once(&path, name, &self.excel.sheets[..place], mistakes);
            check_pattern(&path, name, "a sheet", mistakes);
        }
        if self.excel.header_row == Some(0) {
            add(mistakes, "excel.header_row", "0 is no row; expected a row counted from 1".into());
        }
        if self.excel.header_rows.is_some_and(|rows| !(1..=3).contains(&rows)) {
            add(mistakes, "excel.header_rows", "a header has 1 to 3 rows; expected 1, 2 or 3".into());
        }
        for (place, word) in self.excel.totals_words.iter().enumerate().filter(|(_, word)| word.trim().is_empty()) {
            add(mistakes, &format!("excel.totals_words[{place}]"), format!("\"{word}\" is no word; expected one"));
        }
        for (place, name) in self.excel.unchecked_totals.iter().enumerate() {
            self.check_declared(&format!("excel.unchecked_totals[{place}]"), name, mistakes);
        }
        if let Some(name) = &self.excel.sheet_column {
            self.check_made("excel.sheet_column", name, mistakes);
        }
        if let Some(unpivot) = &self.excel.unpivot {
            self.check_unpivot(unpivot, mistakes);
        }
        let made = self.excel_made();
        if !self.columns.is_empty() && self.columns.iter().all(|column| made.contains(&column.source_name())) {
            let reason = "every column is one that reading makes; expected at least one that the header names";
            add(mistakes, "columns", reason.into());
        }
    }

    /// The names at the source of columns that reading makes.
    fn excel_made(&self) -> Vec<&str> {
        let unpivot = self.excel.unpivot.iter();
        let turned = unpivot.flat_map(|unpivot| {
            let figures = unpivot.values_to.iter().chain(&unpivot.measures);
            std::iter::once(&unpivot.names_to).chain(figures)
        });
        self.excel.sheet_column.iter().chain(turned).map(String::as_str).collect()
    }

    fn check_unpivot(&self, unpivot: &UnpivotSpec, mistakes: &mut Mistakes) {
        match (unpivot.columns.is_empty(), unpivot.kind) {
            (true, None) => {
                let reason =
                    "nothing says which columns become rows; expected `kind` (month, quarter, year, rest) or `columns`";
                add(mistakes, "excel.unpivot", reason.into());
            }
            (false, Some(_)) => {
                let reason = "`kind` and `columns` both say which columns become rows; expected one of them";
                add(mistakes, "excel.unpivot.columns", reason.into());
            }
            _ => {}
        }
        for (place, name) in unpivot.columns.iter().enumerate() {
            check_pattern(&format!("excel.unpivot.columns[{place}]"), name, "a column", mistakes);
        }
        match (&unpivot.values_to, unpivot.measures.is_empty()) {
            (None, true) => {
                let reason = "no column takes the cells; expected `values_to`, or `measures` for several figures";
                add(mistakes, "excel.unpivot", reason.into());
            }
            (Some(_), false) => {
                let reason = "`values_to` is for one figure and `measures` for several; expected one of them";
                add(mistakes, "excel.unpivot.values_to", reason.into());
            }
            _ => {}
        }
        let timed = matches!(unpivot.kind, Some(HeaderKind::Month | HeaderKind::Quarter));
        if unpivot.year.is_some() && !timed {
            add(
                mistakes,
                "excel.unpivot.year",
                "year is for headers of kind month or quarter; these are others".into(),
            );
        }
        self.check_made("excel.unpivot.names_to", &unpivot.names_to, mistakes);
        if let Some(name) = &unpivot.values_to {
            self.check_made("excel.unpivot.values_to", name, mistakes);
        }
        for (place, name) in unpivot.measures.iter().enumerate() {
            let path = format!("excel.unpivot.measures[{place}]");
            check_once(&path, name, &unpivot.measures[..place], mistakes);
            self.check_made(&path, name, mistakes);
        }
    }

    /// A column that reading makes is declared under its name at the source, and made once.
    fn check_made(&self, path: &str, name: &str, mistakes: &mut Mistakes) {
        if name.trim().is_empty() {
            add(mistakes, path, format!("\"{name}\" is no name of a column; expected one"));
            return;
        }
        if self.excel_made().iter().filter(|made| **made == name).count() > 1 {
            add(mistakes, path, format!("\"{name}\" is made twice; expected a name of its own"));
        }
        if self.columns.iter().any(|column| column.source_name() == name) {
            return;
        }
        let known = self.columns.iter().map(ColumnSpec::source_name);
        let expected = suggest::did_you_mean(name, known)
            .unwrap_or_else(|| format!("expected a [[columns]] with from = \"{name}\""));
        add(mistakes, path, format!("no declared column takes \"{name}\"; {expected}"));
    }

    pub(super) fn check_mend(&self, place: usize, column: &ColumnSpec, mistakes: &mut Mistakes) {
        if column.mend.is_none() {
            return;
        }
        let path = format!("columns[{place}].mend");
        if self.format != Format::Excel {
            let this = self.format.name();
            add(mistakes, &path, format!("mend is for columns of sources of format excel; this one is {this}"));
        }
        if !matches!(column.kind, AttributeKind::BirthDate | AttributeKind::Date | AttributeKind::Timestamp) {
            let kind = column.kind.name();
            let reason = format!("mend is for columns of kind birth_date, date or timestamp; this one is {kind}");
            add(mistakes, &path, reason);
        }
        if self.excel_made().contains(&column.source_name()) {
            add(mistakes, &path, "reading makes this column, so nothing in it can be mended".into());
        }
    }
}

fn check_pattern(path: &str, pattern: &str, of: &str, mistakes: &mut Mistakes) {
    if pattern.trim().is_empty() {
        add(mistakes, path, format!("\"{pattern}\" is no name of {of}; expected one, or a pattern of * and ?"));
    } else if !one_pattern(pattern) {
        add(mistakes, path, format!("\"{pattern}\" is no pattern; expected * alone and not beside another *"));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        json!({
            "name": "profit", "format": "excel", "location": "p.xlsx", "grain": "one row a product and month",
            "key": ["product", "month"],
            "excel": {
                "sheets": ["North", "South *"], "sheet_column": "Region",
                "unpivot": { "kind": "month", "names_to": "Month", "values_to": "Amount" },
            },
            "columns": [
                { "name": "product", "from": "Product", "also": ["Item"], "kind": "identifier" },
                { "name": "region", "from": "Region", "kind": "category" },
                { "name": "month", "from": "Month", "kind": "date" },
                { "name": "amount", "from": "Amount", "kind": "decimal" },
                { "name": "changed", "from": "Changed", "kind": "date", "mend": "swap_day_and_month" },
            ],
        })
    }

    fn mistakes(pointer: &str, value: Value) -> Vec<(String, String)> {
        let mut spec = good();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match spec.pointer_mut(parent).unwrap() {
            Value::Array(items) => items.push(value),
            parent => parent[key] = value,
        }
        serde_json::from_value::<SourceSpec>(spec).unwrap().mistakes()
    }

    #[test]
    fn a_good_spec_has_none() {
        assert_eq!(mistakes("/description", json!("")), vec![]);
    }

    #[test]
    fn each_mistake_is_told_with_its_place() {
        let cases = [
            ("/excel/sheets", json!(["A", "A"]), "excel.sheets[1]", "twice"),
            ("/excel/sheets", json!([" "]), "excel.sheets[0]", "no name of a sheet"),
            ("/excel/sheets", json!(["A***"]), "excel.sheets[0]", "no pattern"),
            ("/excel/header_row", json!(0), "excel.header_row", "counted from 1"),
            ("/excel/header_rows", json!(4), "excel.header_rows", "1, 2 or 3"),
            ("/excel/totals_words", json!([""]), "excel.totals_words[0]", "no word"),
            ("/excel/unchecked_totals", json!(["amont"]), "excel.unchecked_totals[0]", "did you mean \"amount\"?"),
            ("/excel/sheet_column", json!("Regin"), "excel.sheet_column", "did you mean \"Region\"?"),
            ("/excel/sheet_column", json!("Month"), "excel.sheet_column", "made twice"),
            ("/excel/unpivot/names_to", json!("When"), "excel.unpivot.names_to", "from = \"When\""),
            ("/excel/unpivot/columns", json!(["Jan"]), "excel.unpivot.columns", "one of them"),
            ("/excel/unpivot/kind", json!(null), "excel.unpivot", "which columns become rows"),
            ("/excel/unpivot/kind", json!("rest"), "", ""),
            ("/excel/unpivot/values_to", json!(null), "excel.unpivot", "takes the cells"),
            ("/excel/unpivot/measures", json!(["Changed"]), "excel.unpivot.values_to", "one of them"),
            ("/columns/0/also", json!(["Region"]), "columns[0].also[0]", "column \"region\" too"),
            ("/columns/0/also", json!(["Product"]), "columns[0].also[0]", "twice"),
            ("/columns/0/also", json!([" x"]), "columns[0].also[0]", "without space"),
            ("/columns/0/mend", json!("swap_day_and_month"), "columns[0].mend", "birth_date, date or timestamp"),
            ("/columns/2/mend", json!("swap_day_and_month"), "columns[2].mend", "reading makes"),
            ("/format", json!("csv"), "excel", "format excel"),
            ("/format", json!("csv"), "columns[4].mend", "format excel"),
        ];
        for (pointer, value, path, part) in cases {
            let found = mistakes(pointer, value.clone());
            if path.is_empty() {
                assert_eq!(found, vec![], "{pointer} = {value}");
                continue;
            }
            let hit = found.iter().any(|(place, reason)| place == path && reason.contains(part));
            assert!(hit, "{pointer} = {value}: expected \"{part}\" at {path}, found {found:?}");
        }
        let year = json!({ "kind": "year", "names_to": "Month", "values_to": "Amount", "year": 2024 });
        assert_eq!(mistakes("/excel/unpivot", year)[0].0, "excel.unpivot.year");
    }
}
