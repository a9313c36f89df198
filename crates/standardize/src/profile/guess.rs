//! What kind a column is, from its name and its values, with how sure that is and why.
//!
//! Name and values each speak for kinds with a strength from 0 to 1. Where both speak for one they add up as independent
//! hints do; where the values cannot be read as what the name says, they have the last word. Every figure here is a
//! judgement and not a measured probability, which is why each guess carries its reasons for a person to check.

use onefold_contract::AttributeKind::{
    self, BirthDate, Category, City, CompanyName, Consent, Country, Date, Decimal, Email, FamilyName, Flag, FreeText,
    FullName, Gender, GivenName, Honorific, Identifier, Integer, Money, NameSuffix, Phone, Postcode, Region, Street,
    Timestamp,
};
use onefold_contract::profile::KindGuess;

use super::column_name::kinds_of;
use super::values::Values;

/// Columns of at most this many distinct values may be categories.
const FEW_VALUES: u64 = 60;
/// How many other kinds a guess names.
const OTHERS: usize = 2;

/// A kind that something speaks for.
struct Hint {
    kind: AttributeKind,
    strength: f64,
    reason: String,
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Guesses the kind of a column. `agreement` is the probability that two of its rows have the same value.
pub(super) fn guess(name: &str, values: &Values<'_>, unique: bool, distinct: u64) -> KindGuess {
    if values.rows() == 0 {
        return only(FreeText, 0.0, format!("column {name} has no values to judge by"));
    }
    let by_name = kinds_of(name);
    let by_value = hints(values, unique, distinct);
    let mut kinds: Vec<AttributeKind> = by_name.iter().map(|(kind, _, _)| *kind).collect();
    kinds.extend(by_value.iter().map(|hint| hint.kind));
    kinds.sort_unstable();
    kinds.dedup();
    let mut judged: Vec<(AttributeKind, f64, Vec<String>)> = kinds
        .into_iter()
        .map(|kind| {
            let named = by_name.iter().find(|(named, _, _)| *named == kind).map(|(_, s, phrase)| (*s, *phrase));
            let hint =
                by_value.iter().filter(|hint| hint.kind == kind).max_by(|a, b| a.strength.total_cmp(&b.strength));
            let (confidence, reasons) = judge(kind, name, named, hint, values);
            (kind, confidence, reasons)
        })
        .collect();
    judged.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let others = judged.iter().skip(1).filter(|(_, confidence, _)| *confidence >= 0.2).take(OTHERS);
    let others = others.map(|(kind, confidence, _)| (*kind, rounded(*confidence))).collect();
    match judged.into_iter().next() {
        Some((kind, confidence, reasons)) => {
            KindGuess { kind, confidence: rounded(confidence.min(0.99)), reasons, others, date_order: None }
        }
        None => only(FreeText, 0.1, "neither the name nor the values tell of any kind".to_owned()),
    }
}

fn only(kind: AttributeKind, confidence: f64, reason: String) -> KindGuess {
    KindGuess { kind, confidence, reasons: vec![reason], others: Vec::new(), date_order: None }
}

fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}

/// How sure a kind is, and why.
fn judge(
    kind: AttributeKind,
    name: &str,
    named: Option<(f64, &str)>,
    hint: Option<&Hint>,
    values: &Values<'_>,
) -> (f64, Vec<String>) {
    let told = |phrase: &str| {
        if phrase.replace(' ', "") == name.to_lowercase().replace([' ', '_', '-'], "") {
            format!("columns called \"{name}\" usually are")
        } else {
            format!("the name \"{name}\" reads as \"{phrase}\"")
        }
    };
    let mut reasons: Vec<String> = named.iter().map(|(_, phrase)| told(phrase)).collect();
    reasons.extend(hint.map(|hint| hint.reason.clone()));
    let fit = fit_of(kind, values);
    let strength = match (named, hint) {
        (Some((named, _)), Some(hint)) => {
            let fits = fit.map_or(1.0, |(fit, _)| if fit >= 0.5 { 1.0 } else { fit });
            1.0 - (1.0 - named * fits) * (1.0 - hint.strength)
        }
        (Some((named, _)), None) => match fit {
            Some((fit, what)) => {
                reasons.push(format!("{} of the values {what}", percent(fit)));
                if fit >= 0.8 { named } else { named * fit }
            }
            None => named,
        },
        (None, Some(hint)) => hint.strength,
        (None, None) => 0.0,
    };
    (strength, reasons)
}

/// The share of values that can be of a kind, where that can be tested, and how that is said.
fn fit_of(kind: AttributeKind, values: &Values<'_>) -> Option<(f64, &'static str)> {
    let lettered = || values.share(|text| text.contains(char::is_alphabetic) && !text.contains('@'));
    let plain_words =
        || values.share(|t| t.contains(char::is_alphabetic) && !t.contains(|c: char| c.is_numeric() || c == '@'));
    Some(match kind {
        Email => (values.fit(kind), "are e-mail addresses"),
        Phone => (
            values.share(|t| (6..=15).contains(&t.chars().filter(|c| c.is_numeric()).count())),
            "have as many digits as telephone numbers",
        ),
        BirthDate | Date | Timestamp => (values.fit(kind), "can be read as dates"),
        Money | Integer | Decimal => (values.fit(kind), "can be read as numbers"),
        Flag | Consent => (values.fit(kind), "say yes or no"),
        Country => (values.fit(kind), "are known countries"),
        Gender => {
            let clean = values.clean(kind);
            let known = clean.iter().filter(|word| ["female", "male"].contains(&word.as_str())).count();
            (if clean.is_empty() { 0.0 } else { known as f64 / clean.len() as f64 }, "say female or male")
        }
        Honorific => (values.share(|t| values.dictionaries().honorific(t).is_some()), "are known titles"),
        NameSuffix => (values.share(|t| values.dictionaries().name_suffix(t).is_some()), "are known suffixes"),
        GivenName | FamilyName | City | Region => (plain_words(), "are words without digits"),
        FullName => {
            let (known, like) = (values.known_full_names(), values.like_full_names());
            (known.max(if like >= 0.8 { like } else { like / 2.0 }), "read as names of persons")
        }
        CompanyName => (values.with_letter(), "have letters"),
        Street => (lettered(), "have letters"),
        Postcode => {
            let fits = |t: &str| (3..=10).contains(&t.trim().chars().count()) && t.contains(|c: char| c.is_numeric());
            (values.share(fits), "are as short as postcodes and have digits")
        }
        Identifier | Category | FreeText => return None,
    })
}

/// What the values alone speak for.
fn hints(values: &Values<'_>, unique: bool, distinct: u64) -> Vec<Hint> {
    let mut hints = Vec::new();
    let mut add = |kind, strength: f64, reason: String| hints.push(Hint { kind, strength, reason });
    contacts(values, &mut add);
    moments(values, &mut add);
    names(values, &mut add);
    places(values, &mut add);
    codes(values, unique, distinct, &mut add);
    hints
}

fn contacts(values: &Values<'_>, add: &mut impl FnMut(AttributeKind, f64, String)) {
    if values.share(|text| text.contains('@')) >= 0.5 {
        let share = values.fit(Email);
        add(Email, 0.95 * share, format!("{} of the values are e-mail addresses", percent(share)));
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let looks = |text: &str| {
        (7..=15).contains(&digits(text)) && !text.contains(|c: char| c.is_alphabetic() && !"extEXT".contains(c))
    };
    let written = |text: &str| {
        looks(text) && text.trim().starts_with(['+', '('])
            || (looks(text) && digits(text) >= 9 && text.contains(['-', ' ', '/', '.']))
    };
    let share = values.share(written);
    if share >= 0.5 && values.fit(Date) < 0.5 && values.share(|t| t.contains(':')) < 0.1 {
        add(Phone, 0.8 * share, format!("{} of the values are written as telephone numbers are", percent(share)));
    }
}

fn moments(values: &Values<'_>, add: &mut impl FnMut(AttributeKind, f64, String)) {
    let length = values.mean(|text| text.chars().count() as f64);
    if values.with_digit() < 0.9 || !(6.0..=32.0).contains(&length) {
        return;
    }
    let bare = values.all_digits() >= 0.5;
    if bare && values.share(|text| text.trim().len() == 8) < 0.9 {
        return;
    }
    let share = values.fit(Date);
    if share < 0.6 {
        return;
    }
    let strength = if bare { 0.55 } else { 0.85 } * share;
    let reason = format!("{} of the values can be read as dates", percent(share));
    if values.share(|text| text.contains(':')) >= 0.5 {
        add(Timestamp, strength, format!("{reason} with a time of day"));
    } else {
        add(Date, strength, reason.clone());
        // Never on its own: any date may be a birthday to look at.
        add(BirthDate, strength * 0.5, reason);
    }
}

fn names(values: &Values<'_>, add: &mut impl FnMut(AttributeKind, f64, String)) {
    if values.share(|text| text.contains(|c: char| c.is_numeric() || c == '@')) > 0.2 {
        return;
    }
    let (given, family) = values.name_parts();
    if given + family >= 0.5 && values.distinct() > 2 {
        let known = given + family;
        let (kind, what, share) =
            if given >= family { (GivenName, "given", given) } else { (FamilyName, "family", family) };
        let reason =
            format!("{} of the values are likelier {what} names than not, by the name dictionaries", percent(share));
        add(kind, (0.75 * share / known * known.min(1.0)).min(0.75), reason);
    }
    let known = values.known_full_names();
    if known >= 0.3 {
        add(
            FullName,
            (0.4 + 0.5 * known).min(0.8),
            format!("{} of the values hold a known given and a known family name", percent(known)),
        );
    }
    let formed = values.with_legal_form();
    if formed >= 0.1 {
        add(
            CompanyName,
            (0.4 + formed).min(0.85),
            format!("{} of the values end in a legal form such as Ltd", percent(formed)),
        );
    }
}

fn places(values: &Values<'_>, add: &mut impl FnMut(AttributeKind, f64, String)) {
    let streets = values.like_streets();
    if streets >= 0.3 {
        add(
            Street,
            (0.4 + 0.5 * streets).min(0.85),
            format!("{} of the values have a number and a word for a street", percent(streets)),
        );
    }
    if values.with_letter() >= 0.95 && values.with_digit() < 0.05 && values.distinct() <= 260 {
        let share = values.fit(Country);
        if share >= 0.9 {
            add(Country, 0.7 * share, format!("{} of the values are known countries", percent(share)));
        }
    }
    let telling = ["GB", "CA", "NL"].map(|region| {
        let settings =
            onefold_contract::standardizer::ColumnSettings { region: Some(region.to_owned()), ..Default::default() };
        (
            values.share(|t| t.contains(char::is_alphabetic) && t.contains(|c: char| c.is_numeric()))
                * values.fit_with(Postcode, &settings),
            region,
        )
    });
    if let Some((share, region)) =
        telling.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(share, _)| *share >= 0.6)
    {
        add(Postcode, 0.85 * share, format!("{} of the values have the form of postcodes of {region}", percent(share)));
    }
}

fn codes(values: &Values<'_>, unique: bool, distinct: u64, add: &mut impl FnMut(AttributeKind, f64, String)) {
    let number = values.share(|text| text.trim().parse::<f64>().is_ok_and(f64::is_finite));
    if number >= 0.95 {
        let whole = values.share(|text| text.trim().parse::<i64>().is_ok());
        let zeros = values.share(|text| text.trim().len() > 1 && text.trim().starts_with('0') && !text.contains('.'));
        match (zeros >= 0.05, whole >= 0.95) {
            (true, _) => {
                add(Identifier, 0.6, format!("{} of the values are digits with leading zeros", percent(zeros)));
            }
            (_, true) => add(Integer, 0.45, format!("{} of the values are whole numbers", percent(whole))),
            (_, false) => add(Decimal, 0.6, format!("{} of the values are numbers", percent(number))),
        }
    }
    let currency =
        values.share(|text| text.contains(['$', '€', '£', '¥', '₹']) && text.contains(|c: char| c.is_numeric()));
    if currency >= 0.5 {
        add(Money, 0.9 * currency, format!("{} of the values have a sign of currency", percent(currency)));
    }
    if distinct <= 4 && values.fit(Flag) >= 0.98 {
        add(Flag, 0.6, "all values say yes or no".to_owned());
    }
    if distinct <= 6 && fit_of(Gender, values).is_some_and(|(share, _)| share >= 0.99) && values.with_letter() >= 0.9 {
        add(Gender, 0.8, "all values say female or male".to_owned());
    }
    if unique && values.rows() > 20 {
        let strength = if values.with_digit() >= 0.9 && values.mean_words() < 1.5 { 0.55 } else { 0.15 };
        add(Identifier, strength, "no value stands twice".to_owned());
    }
    if distinct <= FEW_VALUES && values.rows() >= 5 * distinct {
        add(Category, 0.4, format!("there are only {distinct} different values"));
    } else if values.mean_words() >= 6.0 {
        add(FreeText, 0.5, "the values are sentences rather than names".to_owned());
    }
    add(FreeText, 0.1, "nothing else fits".to_owned());
}
