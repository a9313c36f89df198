//! One file, looked at: what its columns mean, what names a row, whether its rows are records of customers.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use arrow::array::{Array, AsArray, StringArray};
use deunicode::deunicode;
use onefold_contract::{AttributeKind, ColumnProfile, Failure, Result, TableProfile};
use onefold_sources::FoundSheet;
use onefold_standardize::Dictionaries;
use onefold_standardize::profile::ProfileSettings;

use crate::cli::ReadArguments;
use crate::files::{self, Input, Table};

/// A file and what it was taken for.
pub(crate) struct Looked {
    /// The source's name.
    pub(crate) name: String,
    /// The file, as typed.
    pub(crate) file: String,
    /// The format, as configuration writes it.
    pub(crate) format: &'static str,
    /// The sheet, for a workbook.
    pub(crate) sheet: Option<FoundSheet>,
    pub(crate) rows: usize,
    /// The columns in the house, in the file's order; the profile's have the same names.
    pub(crate) columns: Vec<Column>,
    /// The names of the columns that tell rows apart.
    pub(crate) key: Vec<String>,
    pub(crate) profile: TableProfile,
}

/// A column by its name in the house and at the source.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) from: String,
}

/// Kinds whose column has a name of its own in the house, because records of several sources meet there.
const SHARED: [AttributeKind; 15] = [
    AttributeKind::GivenName,
    AttributeKind::FamilyName,
    AttributeKind::FullName,
    AttributeKind::CompanyName,
    AttributeKind::Honorific,
    AttributeKind::NameSuffix,
    AttributeKind::Gender,
    AttributeKind::BirthDate,
    AttributeKind::Email,
    AttributeKind::Phone,
    AttributeKind::Street,
    AttributeKind::City,
    AttributeKind::Region,
    AttributeKind::Postcode,
    AttributeKind::Country,
];

/// Looks at a file. `taken` are the names that other sources have.
pub(super) fn look(file: &Path, taken: &[&str], dictionaries: &Dictionaries) -> Result<Looked> {
    let input = files::read(file, &ReadArguments::default())?;
    if input.format == "parquet" {
        return Err(Failure::usage(format!("{} is Parquet, which no pipeline reads yet", file.display()))
            .hint("write it as CSV, or look at it with `onefold dedupe` and `onefold profile`"));
    }
    let keys = StringArray::from_iter_values(input.positions.iter().map(ToString::to_string));
    let sources = StringArray::from(vec!["file"; input.rows.num_rows()]);
    let table = Table { rows: input.rows.clone(), sources, keys };
    let mut profile = table.profile(ProfileSettings::default(), dictionaries)?;
    let key_places = key(&input, &profile)?;
    let is_entity = is_entity(&profile);
    let mut names = BTreeSet::new();
    let mut columns = Vec::new();
    for (place, (column, from)) in profile.columns.iter_mut().zip(&input.columns).enumerate() {
        let shared = is_entity && !key_places.contains(&place) && SHARED.contains(&column.guess.kind);
        let wanted = if shared { shared_name(column.guess.kind) } else { snake(from) };
        let own = [wanted, snake(from)].into_iter().find(|name| !names.contains(name));
        let name = own.unwrap_or_else(|| format!("{}_{}", snake(from), place + 1));
        names.insert(name.clone());
        column.name.clone_from(&name);
        columns.push(Column { name, from: from.clone() });
    }
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let own = snake(&stem);
    let name = if taken.contains(&own.as_str()) { format!("{own}_{}", taken.len() + 1) } else { own };
    Ok(Looked {
        name,
        file: input.file.clone(),
        format: if input.format == "excel" { "excel" } else { "csv" },
        sheet: input.sheet.clone(),
        rows: input.rows.num_rows(),
        key: key_places.iter().map(|place| columns[*place].name.clone()).collect(),
        columns,
        profile,
    })
}

impl Looked {
    /// Whether its rows are records of customers.
    pub(super) fn is_entity(&self) -> bool {
        is_entity(&self.profile)
    }

    /// What a row stands for, as far as the key tells.
    pub(super) fn grain(&self) -> String {
        format!("a {}", self.key.join(" and ").replace('_', " "))
    }

    /// What a person should look at.
    pub(super) fn to_check(&self) -> Vec<String> {
        files::to_check(&self.profile).into_iter().map(|note| format!("{}: {note}", self.file)).collect()
    }
}

/// Records of persons or firms say at least two things that tell one from another, a name or a mail address among them.
fn is_entity(profile: &TableProfile) -> bool {
    use AttributeKind::{BirthDate, CompanyName, Email, FamilyName, FullName, GivenName, Phone, Street};
    let has = |kinds: &[AttributeKind]| profile.columns.iter().filter(|c| kinds.contains(&c.guess.kind)).count();
    has(&[GivenName, FamilyName, FullName, CompanyName, Email]) > 0
        && has(&[GivenName, FamilyName, FullName, CompanyName, BirthDate, Email, Phone, Street]) > 1
}

fn shared_name(kind: AttributeKind) -> String {
    if kind == AttributeKind::FullName { "name".to_string() } else { kind.name().to_string() }
}

/// A header as a name in the house: small letters, digits and underscores, a letter first.
fn snake(header: &str) -> String {
    let mut name = String::new();
    for letter in deunicode(header).chars() {
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "column".to_string(),
        Some(first) if first.is_ascii_digit() => format!("c_{name}"),
        Some(_) => name.to_string(),
    }
}

/// The fewest columns, up to three, that tell all rows apart: those that look like keys first.
fn key(input: &Input, profile: &TableProfile) -> Result<Vec<usize>> {
    const TRIED: usize = 8;
    let fits = |column: &ColumnProfile| {
        let is_amount = matches!(column.guess.kind, AttributeKind::Decimal | AttributeKind::Money);
        column.present() == column.rows && !is_amount
    };
    let mut places: Vec<usize> = (0..profile.columns.len()).filter(|place| fits(&profile.columns[*place])).collect();
    places.sort_by_key(|place| {
        let column = &profile.columns[*place];
        let likely = match column.guess.kind {
            AttributeKind::Identifier | AttributeKind::Integer => 0,
            AttributeKind::FreeText => 2,
            _ => 1,
        };
        (!column.looks_like_key, likely, u64::MAX - column.distinct.count, *place)
    });
    places.truncate(TRIED);
    let sets = (0..places.len()).flat_map(|a| {
        let pairs = (a + 1..places.len()).flat_map(move |b| {
            let triples = (b + 1..TRIED).map(move |c| vec![a, b, c]);
            std::iter::once(vec![a, b]).chain(triples)
        });
        std::iter::once(vec![a]).chain(pairs)
    });
    let mut sets: Vec<Vec<usize>> = sets.filter(|set| set.iter().all(|at| *at < places.len())).collect();
    sets.sort_by_key(Vec::len);
    for set in sets {
        let mut columns: Vec<usize> = set.iter().map(|at| places[*at]).collect();
        if is_key(input, &columns) {
            columns.sort_unstable();
            return Ok(columns);
        }
    }
    Err(Failure::usage(format!("no three columns of {} tell its rows apart", input.file)).hint(
        "rows that are wholly alike cannot be told from one another tomorrow: add a number to them at the source",
    ))
}

fn is_key(input: &Input, columns: &[usize]) -> bool {
    let texts: Vec<&StringArray> = columns.iter().map(|place| input.rows.column(*place).as_string::<i32>()).collect();
    let mut seen = HashSet::new();
    (0..input.rows.num_rows()).all(|row| {
        let key: Vec<&str> = texts.iter().map(|text| if text.is_valid(row) { text.value(row) } else { "" }).collect();
        !key.contains(&"") && seen.insert(key)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_names() {
        for (header, name) in [
            ("First Name", "first_name"),
            ("E-Mail", "e_mail"),
            ("  Größe (cm) ", "grosse_cm"),
            ("2024", "c_2024"),
            ("Prénom", "prenom"),
            ("名前", "ming_qian"),
            ("№", "no"),
            ("!!", "column"),
        ] {
            assert_eq!(snake(header), name, "{header}");
        }
    }
}
