//! Columns whose rows are not all of one mind: each sheet writes dates in its own order, each country its own numbers.
//!
//! The rows are parted by another column of theirs, and each part is cleaned as a column of its own. Deciding value by value
//! was rejected: 03/04/2025 says nothing by itself, and its neighbours of another sheet say the wrong thing.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::interleave;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, DateOrder, Standardized, Standardizer};
use onefold_contract::{AttributeKind, Result};

use crate::Dictionaries;
use crate::country::Countries;
use crate::plan::{By, ColumnPlan};

/// The parts of a column.
pub(crate) struct Parts {
    by: By,
    /// The parts' names: countries as two letters, or the other column's values; the empty one is of rows that name none.
    names: Vec<String>,
    /// The part of each row.
    of: Vec<usize>,
}

impl Parts {
    /// The parts of a column; `None` where it is of one mind, or the other column is not there.
    pub(crate) fn of(column: &ColumnPlan, staged: &RecordBatch, dictionaries: &Dictionaries) -> Option<Self> {
        let by = column.by.as_ref()?;
        let (By::Region(other) | By::DateOrder(other)) = by;
        let values = staged.column_by_name(other)?.as_string_opt::<i32>()?;
        let countries = Countries::new(dictionaries);
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let (mut names, mut of) = (Vec::new(), Vec::with_capacity(values.len()));
        for value in values.iter().map(Option::unwrap_or_default) {
            let part = *known.entry(value).or_insert_with(|| {
                let name = match by {
                    By::Region(_) => country(&countries, value),
                    By::DateOrder(_) => value.trim().to_owned(),
                };
                names.iter().position(|there| *there == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                })
            });
            of.push(part);
        }
        Some(Self { by: by.clone(), names, of })
    }

    /// What the whole column tells, part by part.
    pub(crate) fn decide(
        &self,
        values: &StringArray,
        standardizer: &dyn Standardizer,
        settings: &ColumnSettings,
    ) -> ColumnDecision {
        let whole = standardizer.decide(values, settings);
        if !matches!(self.by, By::DateOrder(_)) {
            return whole;
        }
        let (mut orders, mut evidence) = (BTreeMap::new(), Vec::new());
        for (part, name) in self.names.iter().enumerate() {
            let of_part = values.iter().zip(&self.of).map(|(value, of)| value.filter(|_| *of == part));
            let decided = standardizer.decide(&of_part.collect(), settings);
            if let Some(order) = decided.date_order {
                orders.insert(name.clone(), order);
                evidence.push(format!("{name}: {}", decided.evidence));
            }
        }
        evidence.sort();
        let evidence = if evidence.is_empty() { whole.evidence } else { evidence.join("; ") };
        ColumnDecision { date_orders: orders, evidence, ..whole }
    }

    /// Cleans each part by its own settings and decision. `clean` is given these and which rows count.
    pub(crate) fn standardize(
        &self,
        settings: &ColumnSettings,
        decision: &ColumnDecision,
        clean: impl Fn(&ColumnSettings, &ColumnDecision, &dyn Fn(usize) -> bool) -> Result<Standardized>,
    ) -> Result<Standardized> {
        let mut parts = Vec::with_capacity(self.names.len());
        for (part, name) in self.names.iter().enumerate() {
            let (settings, decision) = self.own(name, settings, decision);
            parts.push(clean(&settings, &decision, &|row| self.of[row] == part)?);
        }
        if parts.is_empty() {
            return clean(settings, decision, &|_| true);
        }
        let rows: Vec<(usize, usize)> = self.of.iter().enumerate().map(|(row, part)| (*part, row)).collect();
        let joined = |column: &dyn Fn(&Standardized) -> ArrayRef| -> Result<ArrayRef> {
            let columns: Vec<ArrayRef> = parts.iter().map(column).collect();
            let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
            Ok(interleave(&columns, &rows)?)
        };
        let derived = (0..parts[0].derived.len()).map(|place| joined(&|part| part.derived[place].clone()));
        let derived = derived.collect::<Result<Vec<_>>>()?;
        let clean = joined(&|part| part.clean.clone())?;
        let mut defects: Vec<_> = parts.into_iter().flat_map(|part| part.defects).collect();
        defects.sort_by_key(|defect| defect.row);
        Ok(Standardized { clean, derived, defects })
    }

    /// A part's own settings and decision.
    fn own(
        &self,
        name: &str,
        settings: &ColumnSettings,
        decision: &ColumnDecision,
    ) -> (ColumnSettings, ColumnDecision) {
        let (mut settings, mut decision) = (settings.clone(), decision.clone());
        match &self.by {
            By::Region(_) if name.is_empty() => {}
            By::Region(_) => settings.region = Some(name.to_owned()),
            By::DateOrder(_) => {
                let own: Option<DateOrder> = decision.date_orders.get(name).copied();
                decision.date_order = own.or(decision.date_order);
            }
        }
        (settings, decision)
    }
}

/// A country as two letters; nothing where the text names none.
fn country(countries: &Countries<'_>, text: &str) -> String {
    let one = StringArray::from(vec![text]);
    let none = (ColumnSettings::default(), ColumnDecision::default());
    let clean = countries.standardize(AttributeKind::Country, &one, &none.0, &none.1).clean;
    let codes = clean.as_string_opt::<i32>();
    codes.filter(|codes| codes.is_valid(0)).map(|codes| codes.value(0).to_owned()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use onefold_contract::change::{LINEAGE, change_schema};
    use onefold_contract::standardizer::ColumnSettings;

    use super::*;
    use crate::plan::StandardizePlan;

    fn column(name: &str, kind: AttributeKind, by: Option<By>) -> ColumnPlan {
        let settings = ColumnSettings { region: Some("US".into()), ..ColumnSettings::default() };
        ColumnPlan { name: name.into(), kind, settings, strict: false, by }
    }

    fn staged(names: &[&str], columns: &[Vec<&str>]) -> RecordBatch {
        let fields: Vec<_> =
            names.iter().map(|n| arrow::datatypes::Field::new(*n, arrow::datatypes::DataType::Utf8, true)).collect();
        let schema = change_schema(&arrow::datatypes::Schema::new(fields));
        let rows = columns[0].len();
        let text = |values: Vec<String>| Arc::new(StringArray::from(values)) as ArrayRef;
        let lineage = LINEAGE.iter().map(|name| {
            text(
                (0..rows)
                    .map(|row| if *name == "_operation" { "insert".to_string() } else { format!("{row}") })
                    .collect(),
            )
        });
        let content = columns.iter().map(|values| text(values.iter().map(ToString::to_string).collect()));
        RecordBatch::try_new(schema, lineage.chain(content).collect()).unwrap()
    }

    #[test]
    fn each_sheet_has_its_own_order_of_dates() {
        let plan = StandardizePlan {
            source: "leads".into(),
            columns: vec![
                column("sheet", AttributeKind::Category, None),
                column("created", AttributeKind::Date, Some(By::DateOrder("sheet".into()))),
            ],
        };
        let rows = staged(
            &["sheet", "created"],
            &[vec!["US", "EU", "US", "EU"], vec!["03/04/2025", "03/04/2025", "12/31/2024", "31/12/2024"]],
        );
        let dictionaries = Dictionaries::default();
        let decisions = crate::decide(&plan, &rows, &dictionaries);
        assert_eq!(decisions["created"].date_orders["US"], DateOrder::MonthDayYear);
        assert_eq!(decisions["created"].date_orders["EU"], DateOrder::DayMonthYear);
        let outcome = crate::standardize(&plan, &rows, &decisions, &dictionaries).unwrap();
        assert!(outcome.rejects.is_empty(), "{:?}", outcome.rejects);
        let clean = outcome.accepted.column_by_name("created").unwrap();
        let shown: Vec<String> =
            (0..4).map(|row| arrow::util::display::array_value_to_string(clean, row).unwrap()).collect();
        assert_eq!(shown, ["2025-03-04", "2025-04-03", "2024-12-31", "2024-12-31"]);
    }

    #[test]
    fn each_row_has_its_own_country_and_rows_without_one_have_the_sources() {
        let plan = StandardizePlan {
            source: "crm".into(),
            columns: vec![
                column("country", AttributeKind::Country, None),
                column("phone", AttributeKind::Phone, Some(By::Region("country".into()))),
            ],
        };
        let rows = staged(
            &["country", "phone"],
            &[
                vec!["India", "United Kingdom", "", "nowhere"],
                vec!["09876543210", "020 7946 0958", "(212) 555-0143", "212-555-0144"],
            ],
        );
        let outcome = crate::standardize(&plan, &rows, &BTreeMap::new(), &Dictionaries::default()).unwrap();
        let phones = outcome.accepted.column_by_name("phone").unwrap();
        let phones: Vec<&str> = phones.as_string::<i32>().iter().map(Option::unwrap_or_default).collect();
        assert_eq!(phones, ["+919876543210", "+442079460958", "+12125550143", "+12125550144"]);
    }
}
