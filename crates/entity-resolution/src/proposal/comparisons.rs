//! What is compared, and by which method: the kind of a column decides.

use onefold_contract::AttributeKind::{
    self, BirthDate, Category, City, CompanyName, Country, Date, Decimal, Email, FamilyName, FreeText, FullName,
    Gender, GivenName, Identifier, Integer, Money, NameSuffix, Phone, Postcode, Region, Street,
};
use onefold_contract::ColumnProfile;

use super::Entity;
use super::columns::{Chosen, Names};
use crate::spec::{ComparisonMethod, ComparisonSpec};

/// The most comparisons; a table of more columns that can be compared is compared by those that tell most.
const MOST: usize = 16;
/// Categories that agree more often than this at random have no rare values to speak of.
const HAS_RARE_VALUES: f64 = 0.2;

/// An identifier that agrees more often than this at random numbers houses, branches or groups.
const GROUPS: f64 = 2e-3;

/// A comparison with its reason, and how much its agreement tells.
struct Made {
    spec: ComparisonSpec,
    reason: String,
    tells: f64,
}

/// The comparisons with their reasons, in the order of the table.
pub(super) fn proposed(chosen: &Chosen<'_>) -> (Vec<ComparisonSpec>, Vec<String>) {
    let names = chosen.names();
    let mut made: Vec<Made> = Vec::new();
    for column in &chosen.columns {
        if column.guess.kind == FullName {
            made.extend(parts_of_name(column));
        } else if let Some(spec) = compared(chosen, &names, column) {
            made.push(Made {
                spec,
                reason: reason(column),
                tells: column.filled() * -(column.agreement + 1e-9).log2(),
            });
        }
    }
    while made.len() > MOST {
        let least = (0..made.len()).min_by(|a, b| made[*a].tells.total_cmp(&made[*b].tells));
        if let Some(place) = least {
            made.remove(place);
        }
    }
    made.into_iter().map(|made| (made.spec, made.reason)).unzip()
}

fn spec(column: &str, method: ComparisonMethod) -> ComparisonSpec {
    ComparisonSpec {
        name: None,
        column: column.to_owned(),
        method,
        thresholds: Vec::new(),
        alternative: None,
        partner: None,
        term_frequency: false,
        shared_in_household: None,
        m: Vec::new(),
        u: Vec::new(),
    }
}

/// How a column is compared, if it is.
fn compared(chosen: &Chosen<'_>, names: &Names<'_>, column: &ColumnProfile) -> Option<ComparisonSpec> {
    let name = column.name.as_str();
    let rare = |method| ComparisonSpec { term_frequency: true, ..spec(name, method) };
    // What people of one household, or firms under one roof, have in common.
    let common = |method| ComparisonSpec { shared_in_household: Some(true), ..rare(method) };
    let of_persons = matches!(chosen.entity(), Entity::Person | Entity::Party);
    Some(match column.guess.kind {
        GivenName | FamilyName => person_name(names, column),
        CompanyName if of_persons && !chosen.company_is_entity() => common(ComparisonMethod::Words),
        CompanyName => rare(ComparisonMethod::Words),
        BirthDate => rare(ComparisonMethod::BirthDate),
        Email => rare(ComparisonMethod::Email),
        Phone => rare(ComparisonMethod::Phone),
        Street => rare(ComparisonMethod::Address),
        City => common(ComparisonMethod::JaroWinkler),
        Postcode => common(ComparisonMethod::Code),
        Region | Country => {
            ComparisonSpec { term_frequency: has_rare_values(column), ..common(ComparisonMethod::Exact) }
        }
        Gender | NameSuffix => spec(name, ComparisonMethod::Exact),
        Category if !of_persons && many_words(column) => rare(ComparisonMethod::Words),
        Category => ComparisonSpec { term_frequency: has_rare_values(column), ..spec(name, ComparisonMethod::Exact) },
        Identifier if column.agreement > GROUPS => common(ComparisonMethod::Code),
        Identifier => rare(ComparisonMethod::Code),
        // A text beside persons is likelier the name of a place or of a group than their own.
        FreeText if of_persons => common(text_method(column)),
        FreeText => rare(text_method(column)),
        Integer | Decimal | Money => spec(name, ComparisonMethod::Numeric),
        Date => spec(name, ComparisonMethod::Date),
        _ => return None,
    })
}

fn has_rare_values(column: &ColumnProfile) -> bool {
    column.distinct.count > 10 && column.agreement < HAS_RARE_VALUES
}

/// Texts of several words are compared word by word; codes and single words letter by letter.
fn text_method(column: &ColumnProfile) -> ComparisonMethod {
    let long = column.lengths.is_some_and(|lengths| lengths.mean > 12.0);
    if long || many_words(column) { ComparisonMethod::Words } else { ComparisonMethod::JaroWinkler }
}

/// Whether many values are of several words.
fn many_words(column: &ColumnProfile) -> bool {
    let spaced = column.patterns.iter().filter(|shape| shape.pattern.contains(' '));
    let seen: u64 = column.patterns.iter().map(|shape| shape.count).sum();
    spaced.map(|shape| shape.count).sum::<u64>() * 3 > seen
}

/// The main given and family name look at each other; a further one (a second given name, a maiden name) stands alone.
fn person_name(names: &Names<'_>, column: &ColumnProfile) -> ComparisonSpec {
    let is = |named: &Option<super::columns::NameColumn<'_>>| named.as_ref().is_some_and(|n| n.name == column.name);
    let other = |named: &Option<super::columns::NameColumn<'_>>| named.as_ref().map(|n| n.name.clone());
    let given = column.guess.kind == GivenName;
    let method = if given { ComparisonMethod::GivenName } else { ComparisonMethod::FamilyName };
    let (own, partner) = if given { (&names.given, &names.family) } else { (&names.family, &names.given) };
    let partner = if is(own) { other(partner) } else { None };
    ComparisonSpec {
        partner,
        alternative: given.then(|| format!("{}_canonical", column.name)),
        term_frequency: true,
        ..spec(&column.name, method)
    }
}

/// A whole name is compared by the parts that cleaning takes out of it.
fn parts_of_name(column: &ColumnProfile) -> [Made; 3] {
    let name = &column.name;
    let (given, family) = (format!("{name}_given"), format!("{name}_family"));
    let made = |kind: AttributeKind, spec| Made {
        spec,
        reason: format!("the {} in {name}, {}", in_words(kind), reason(column)),
        // Never left out for want of room.
        tells: f64::INFINITY,
    };
    let of_given = ComparisonSpec {
        partner: Some(family.clone()),
        alternative: Some(format!("{name}_given_canonical")),
        term_frequency: true,
        ..spec(&given, ComparisonMethod::GivenName)
    };
    let of_family =
        ComparisonSpec { partner: Some(given), term_frequency: true, ..spec(&family, ComparisonMethod::FamilyName) };
    let of_suffix = spec(&format!("{name}_suffix"), ComparisonMethod::Exact);
    [made(GivenName, of_given), made(FamilyName, of_family), made(NameSuffix, of_suffix)]
}

fn reason(column: &ColumnProfile) -> String {
    let told = if column.agreement > 0.0 {
        format!("two records drawn at random agree in it {}", one_in(column.agreement))
    } else {
        "hardly any two records agree in it by chance".to_owned()
    };
    format!(
        "taken for {} ({:.0} % sure), filled in {:.0} % of the rows; {told}",
        in_words(column.guess.kind),
        column.guess.confidence * 100.0,
        column.filled() * 100.0,
    )
}

/// A probability in words.
fn one_in(probability: f64) -> String {
    let times = (1.0 / probability).round();
    if times < 1.5 { "nearly always".to_owned() } else { format!("once in {} times", grouped(times as u64)) }
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A kind as a person says it.
fn in_words(kind: AttributeKind) -> String {
    kind.name().replace('_', " ")
}
