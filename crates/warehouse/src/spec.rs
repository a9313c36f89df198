//! What a mart file of a pipeline (`mart/*.toml`, with its `.sql` beside it) says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One table of the star schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MartTableSpec {
    /// The table's name; its SELECT stands in `mart/<name>.sql`.
    pub name: String,
    /// What kind of table it is.
    pub kind: MartTableKind,
    /// What one row stands for ("one row an order line").
    pub grain: String,
    /// What the table is for, in one sentence.
    pub description: String,
    /// The columns of the SELECT that name a row: the durable key of a dimension, the key of a fact.
    pub key: Vec<String>,
    /// For dimensions: 1 overwrites, 2 keeps versions.
    #[serde(default)]
    pub scd_type: Option<u8>,
    /// For dimensions: the integer key that the warehouse adds in front, stable from run to run.
    #[serde(default)]
    pub surrogate_key: Option<String>,
    /// The columns that rows are sorted by in the file.
    #[serde(default)]
    pub sort_by: Vec<String>,
    /// The columns' meanings; every column of the table has one.
    #[serde(default)]
    pub columns: Vec<ColumnMeaning>,
    /// Queries that must return no rows; one that does refuses the release.
    #[serde(default)]
    pub checks: Vec<MartCheck>,
    /// The standardized table whose rows this fact accounts for, one row each.
    #[serde(default)]
    pub accounts_for: Option<AccountsFor>,
}

impl MartTableSpec {
    /// What is wrong with the file, without a look at its SELECT: the place in the file (`key`, `columns[2].name`) and
    /// what to change, in the order of the file.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let mut found = Mistakes::default();
        if !is_plain_name(&self.name) {
            found.add("name", format!("`{}` is no table name: {PLAIN_NAME}", self.name));
        }
        for (place, text) in [("grain", &self.grain), ("description", &self.description)] {
            if text.trim().is_empty() {
                found.add(place, format!("`{place}` is empty; say it in one sentence"));
            }
        }
        match self.kind {
            MartTableKind::Dimension => self.dimension_mistakes(&mut found),
            MartTableKind::Fact | MartTableKind::Bridge => self.fact_mistakes(&mut found),
        }
        if self.key.is_empty() {
            found.add("key", "`key` names no column; name the columns of the SELECT that tell one row from another");
        }
        let added: Vec<&str> = self.added_columns().into_iter().map(|(name, _)| name).collect();
        for (place, names) in [("key", &self.key), ("sort_by", &self.sort_by)] {
            found.repeated(place, "", names.iter().map(String::as_str));
        }
        for (row, name) in self.key.iter().enumerate().filter(|(_, name)| added.contains(&name.as_str())) {
            found.add(
                format!("key[{row}]"),
                format!("`{name}` is added by the warehouse and cannot be part of the key"),
            );
        }
        self.column_and_check_mistakes(&mut found);
        found.0
    }

    fn dimension_mistakes(&self, found: &mut Mistakes) {
        match self.scd_type {
            Some(1 | 2) => {}
            Some(other) => found
                .add("scd_type", format!("`scd_type` is {other}; a dimension overwrites (1) or keeps versions (2)")),
            None => found.add("scd_type", "a dimension needs `scd_type`: 1 overwrites, 2 keeps versions"),
        }
        match &self.surrogate_key {
            None => found.add(
                "surrogate_key",
                "a dimension needs `surrogate_key`, the name of the integer key that facts refer to",
            ),
            Some(name) if !is_plain_name(name) => {
                found.add("surrogate_key", format!("`{name}` is no column name: {PLAIN_NAME}"));
            }
            Some(name) if VERSION_COLUMNS.iter().chain(&DELETED_COLUMN).any(|(column, _)| column == name) => {
                found
                    .add("surrogate_key", format!("`{name}` is a column that the warehouse adds; choose another name"));
            }
            Some(_) => {}
        }
        if self.accounts_for.is_some() {
            found.add("accounts_for", "a dimension accounts for no source rows; only a fact or a bridge does");
        }
    }

    fn fact_mistakes(&self, found: &mut Mistakes) {
        if self.scd_type.is_some() {
            found.add("scd_type", "only a dimension has `scd_type`; leave it out");
        }
        if self.surrogate_key.is_some() {
            found.add("surrogate_key", "only a dimension has `surrogate_key`; leave it out");
        }
        let Some(accounts) = &self.accounts_for else { return };
        if accounts.sources.is_empty() {
            found.add(
                "accounts_for.sources",
                "`sources` names no source; name those whose rows this table accounts for",
            );
        }
        found.repeated("accounts_for.sources", "", accounts.sources.iter().map(String::as_str));
        found.repeated("accounts_for.control_totals", ".fact", accounts.control_totals.iter().map(|t| t.fact.as_str()));
    }

    fn column_and_check_mistakes(&self, found: &mut Mistakes) {
        found.repeated("columns", ".name", self.columns.iter().map(|c| c.name.as_str()));
        for (row, column) in self.columns.iter().enumerate().filter(|(_, c)| c.meaning.trim().is_empty()) {
            found.add(
                format!("columns[{row}].meaning"),
                format!("`{}` has no meaning; say it in one sentence", column.name),
            );
        }
        found.repeated("checks", ".name", self.checks.iter().map(|c| c.name.as_str()));
        for (row, check) in self.checks.iter().enumerate() {
            if check.name.trim().is_empty() {
                found.add(format!("checks[{row}].name"), "a check needs a name that says what must hold");
            }
        }
    }

    /// The columns that the warehouse adds to the SELECT's, each with its meaning: the surrogate key stands in front,
    /// the others behind.
    pub fn added_columns(&self) -> Vec<(&str, &'static str)> {
        let Some(surrogate) = self.surrogate_key.as_deref().filter(|_| self.kind == MartTableKind::Dimension) else {
            return Vec::new();
        };
        let front = (surrogate, "The warehouse's key of this row, stable from run to run; facts refer to it.");
        let behind: &[(&'static str, &'static str)] =
            if self.scd_type == Some(2) { &VERSION_COLUMNS } else { &DELETED_COLUMN };
        std::iter::once(front).chain(behind.iter().copied()).collect()
    }
}

/// The columns behind those of a dimension of type 2.
pub(crate) const VERSION_COLUMNS: [(&str, &str); 4] = [
    ("valid_from", "The first day on which this version holds."),
    ("valid_to", "The first day on which this version no longer holds; 9999-12-31 while it holds."),
    ("is_current", "Whether this version holds now."),
    ("version", "The number of this version of the member, counted from 1."),
];
/// The column behind those of a dimension of type 1.
pub(crate) const DELETED_COLUMN: [(&str, &str); 1] = [(
    "is_deleted",
    "Whether the member has left its sources; it stays as it was last known, because facts refer to it.",
)];

const PLAIN_NAME: &str = "write small letters, digits and underscores, a letter first";

/// Whether SQL reads the name as written, without quotes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(rest)
}

#[derive(Default)]
struct Mistakes(Vec<(String, String)>);

impl Mistakes {
    fn add(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.0.push((place.into(), message.into()));
    }

    fn repeated<'a>(&mut self, list: &str, field: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = std::collections::BTreeSet::new();
        for (row, name) in names.enumerate() {
            if !seen.insert(name) {
                self.add(format!("{list}[{row}]{field}"), format!("`{name}` stands in `{list}` twice"));
            }
        }
    }
}

/// A kind of mart table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MartTableKind {
    /// Who, what, where, when.
    Dimension,
    /// A transaction fact.
    Fact,
    /// A bridge between a fact or dimension and many members.
    Bridge,
}

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnMeaning {
    /// The column.
    pub name: String,
    /// What it means, in one sentence.
    pub meaning: String,
}

/// A check of a mart table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MartCheck {
    /// What must hold, in words.
    pub name: String,
    /// A SELECT that returns the rows that break it.
    pub sql: String,
}

/// The rows a fact accounts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountsFor {
    /// The standardized tables, by their sources' names.
    pub sources: Vec<String>,
    /// Pairs of a column of the fact and the source's column whose sums must be equal.
    #[serde(default)]
    pub control_totals: Vec<TotalPair>,
    /// A SELECT of the number of source rows left out on purpose, one column `excluded`.
    #[serde(default)]
    pub excluded_sql: Option<String>,
}

/// Two columns whose sums must be equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TotalPair {
    /// The fact's column.
    pub fact: String,
    /// The source's column.
    pub source: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn table(kind: MartTableKind) -> MartTableSpec {
        let dimension = kind == MartTableKind::Dimension;
        MartTableSpec {
            name: "t".into(),
            kind,
            grain: "one row a thing".into(),
            description: "Things.".into(),
            key: vec!["id".into()],
            scd_type: dimension.then_some(2),
            surrogate_key: dimension.then(|| "t_key".into()),
            sort_by: Vec::new(),
            columns: vec![ColumnMeaning { name: "id".into(), meaning: "The key.".into() }],
            checks: Vec::new(),
            accounts_for: None,
        }
    }

    fn places(spec: &MartTableSpec) -> Vec<String> {
        spec.mistakes().into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn a_right_file_has_no_mistake() {
        for kind in [MartTableKind::Dimension, MartTableKind::Fact, MartTableKind::Bridge] {
            assert_eq!(table(kind).mistakes(), Vec::new());
        }
    }

    #[test]
    fn a_dimension_needs_type_and_surrogate_and_a_fact_has_neither() {
        let bare = MartTableSpec { scd_type: None, surrogate_key: None, ..table(MartTableKind::Dimension) };
        assert_eq!(places(&bare), ["scd_type", "surrogate_key"]);
        let dressed = MartTableSpec { kind: MartTableKind::Fact, ..table(MartTableKind::Dimension) };
        assert_eq!(places(&dressed), ["scd_type", "surrogate_key"]);
        assert_eq!(places(&MartTableSpec { scd_type: Some(3), ..table(MartTableKind::Dimension) }), ["scd_type"]);
    }

    #[test]
    fn every_mistake_is_reported_at_its_place() {
        let mut spec = table(MartTableKind::Dimension);
        spec.name = "Dim Customer".into();
        spec.grain = " ".into();
        spec.key = vec!["id".into(), "id".into(), "valid_from".into()];
        spec.columns.push(ColumnMeaning { name: "id".into(), meaning: String::new() });
        spec.accounts_for = Some(AccountsFor { sources: vec![], control_totals: vec![], excluded_sql: None });
        let expected = ["name", "grain", "accounts_for", "key[1]", "key[2]", "columns[1].name", "columns[1].meaning"];
        assert_eq!(places(&spec), expected);
        assert_eq!(places(&MartTableSpec { key: Vec::new(), ..table(MartTableKind::Fact) }), ["key"]);
    }

    #[test]
    fn the_warehouse_adds_columns_by_kind() {
        let names =
            |spec: &MartTableSpec| spec.added_columns().iter().map(|(n, _)| (*n).to_string()).collect::<Vec<_>>();
        let two = table(MartTableKind::Dimension);
        assert_eq!(names(&two), ["t_key", "valid_from", "valid_to", "is_current", "version"]);
        assert_eq!(names(&MartTableSpec { scd_type: Some(1), ..two }), ["t_key", "is_deleted"]);
        assert_eq!(names(&table(MartTableKind::Fact)), Vec::<String>::new());
    }
}
