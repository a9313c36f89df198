//! One row on its way into a file.

use chrono::NaiveDate;

use crate::files::Table;

/// A value. CSV and SQLite know text only; a worksheet knows more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    /// A whole number.
    Number(i64),
    /// Hundredths, of money.
    Cents(i64),
    Day(NaiveDate),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl Cell {
    /// The value as text; `None` where it is absent.
    pub(crate) fn text(&self) -> Option<std::borrow::Cow<'_, str>> {
        match self {
            Self::Empty => None,
            Self::Text(text) => Some(text.into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Cents(cents) => Some(money(*cents).into()),
            Self::Day(day) => Some(day.to_string().into()),
        }
    }
}

/// Cents as dollars and cents.
pub(crate) fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) table: Table,
    /// The key, also where the file has lost it.
    pub(crate) key: String,
    /// One a column, but for ragged rows.
    pub(crate) cells: Vec<Cell>,
    /// What is so wrong with the row that it cannot be loaded.
    pub(crate) bad: Option<&'static str>,
    /// Single values that cannot be read, of a row that can be loaded.
    pub(crate) flaws: Vec<&'static str>,
    /// What is wrong with the record beside that: absent, abbreviated, outdated, mistyped.
    pub(crate) defects: Vec<&'static str>,
    /// What the row adds to the control totals of its table, in their order.
    pub(crate) totals: Vec<i64>,
}

impl Row {
    /// A row with nothing wrong.
    pub(crate) fn new(table: Table, key: impl Into<String>, cells: Vec<Cell>) -> Self {
        let key = key.into();
        Self { table, key, cells, bad: None, flaws: Vec::new(), defects: Vec::new(), totals: Vec::new() }
    }

    /// With its share of the control totals.
    pub(crate) fn totals(mut self, totals: impl Into<Vec<i64>>) -> Self {
        self.totals = totals.into();
        self
    }

    /// With what went wrong when the record was noted down.
    pub(crate) fn defects(mut self, defects: &[&'static str]) -> Self {
        self.defects = defects.to_vec();
        self
    }

    /// Whether the row can be loaded.
    pub(crate) fn is_good(&self) -> bool {
        self.bad.is_none()
    }

    /// Spoils the row, so that it cannot be loaded.
    pub(crate) fn spoil(&mut self, kind: &'static str, spoil: impl FnOnce(&mut Vec<Cell>)) {
        spoil(&mut self.cells);
        self.bad = Some(kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_digits_behind_the_point() {
        assert_eq!((money(5), money(12_345), money(-99)), ("0.05".into(), "123.45".into(), "-0.99".into()));
    }
}
