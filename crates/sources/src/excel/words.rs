//! Words on worksheets: names in headers, words of totals, months and quarters.

use crate::spec::HeaderKind;

/// Words that a row or column of totals is labelled with, in the languages whose worksheets are met most.
const TOTALS: [&str; 28] = [
    "total",
    "totals",
    "grand total",
    "sub total",
    "subtotal",
    "sub-total",
    "sum",
    "overall",
    "summe",
    "summen",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "insgesamt",
    "endsumme",
    "total général",
    "total general",
    "sous-total",
    "somme",
    "totale",
    "subtotale",
    "somma",
    "suma",
    "totaal",
    "subtotaal",
    "razem",
    "итого",
    "合计",
];

/// Months in English, German, French, Spanish, Italian and Dutch, in full; the first three letters are enough where they
/// are no other month's.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jänner", "janvier", "enero", "ene", "gennaio", "gen", "januari", "janv"],
    &["february", "februar", "février", "fevrier", "fév", "febrero", "febbraio", "februari", "févr"],
    &["march", "märz", "maerz", "mär", "mrz", "mars", "marzo", "maart", "mrt"],
    &["april", "avril", "avr", "abril", "abr", "aprile"],
    &["may", "mai", "mayo", "maggio", "mag", "mei"],
    &["june", "juni", "juin", "junio", "giugno", "giu"],
    &["july", "juli", "juillet", "juil", "julio", "luglio", "lug"],
    &["august", "août", "aout", "aoû", "agosto", "ago", "augustus"],
    &["september", "septembre", "septiembre", "settembre", "set", "sept"],
    &["october", "oktober", "okt", "octobre", "octubre", "ottobre", "ott"],
    &["november", "novembre", "noviembre"],
    &["december", "dezember", "dez", "décembre", "decembre", "déc", "diciembre", "dic", "dicembre"],
];

/// A name of a header as it is compared and shown: without space around it, one space between words, whatever the cell
/// wraps its lines with.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{200B}').filter(|word| !word.is_empty()) {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

/// Whether two names of columns are the same to a person: case, space and the marks behind a name (`E-mail *`) do not count.
pub(super) fn alike(left: &str, right: &str) -> bool {
    fold(left) == fold(right)
}

fn fold(name: &str) -> String {
    tidy(name).trim_end_matches(['*', ':', ' ']).to_lowercase()
}

/// How a text labels totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TotalsWord {
    /// It is a word of totals.
    Exactly,
    /// It begins or ends with one: `Total North`.
    Partly,
}

/// Whether a text labels totals; `more` are further words.
pub(super) fn totals_word(text: &str, more: &[String]) -> Option<TotalsWord> {
    let text = tidy(text).to_lowercase();
    let text = text.trim_end_matches([':', '.', ' ', '=']).trim_start_matches(['σ', '∑', ' ']);
    let more: Vec<String> = more.iter().map(|word| tidy(word).to_lowercase()).collect();
    let mut words = TOTALS.into_iter().chain(more.iter().map(String::as_str));
    let mut partly = false;
    let exactly = words.any(|word| {
        let rest = text.strip_prefix(word).or_else(|| text.strip_suffix(word));
        partly |= rest.is_some_and(|rest| rest.starts_with(' ') || rest.ends_with(' '));
        text == word
    });
    match (exactly, partly) {
        (true, _) => Some(TotalsWord::Exactly),
        (false, true) => Some(TotalsWord::Partly),
        (false, false) => None,
    }
}

/// Why a header is no label of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLabel {
    /// It is something else.
    Other,
    /// It is a month or quarter and nobody says of which year.
    NoYear,
}

/// What the header of a column that becomes rows is written as.
///
/// # Errors
/// Why it is no label of that kind.
pub(super) fn label(kind: HeaderKind, header: &str, year: Option<i32>) -> Result<String, NoLabel> {
    match kind {
        HeaderKind::Rest => Ok(header.to_string()),
        HeaderKind::Year => {
            years(header).filter(|_| words(header).len() == 1).map(|y| y.to_string()).ok_or(NoLabel::Other)
        }
        HeaderKind::Month => {
            let (month, said) = month(header).ok_or(NoLabel::Other)?;
            let year = said.or(year).ok_or(NoLabel::NoYear)?;
            Ok(format!("{year:04}-{month:02}-01"))
        }
        HeaderKind::Quarter => {
            let (quarter, said) = quarter(header).ok_or(NoLabel::Other)?;
            let year = said.or(year).ok_or(NoLabel::NoYear)?;
            Ok(format!("{year:04}-{:02}-01", quarter * 3 - 2))
        }
    }
}

/// The year that a title says, where it says one.
pub(super) fn years(text: &str) -> Option<i32> {
    let mut found = words(text).into_iter().filter_map(|word| full_year(&word));
    let first = found.next()?;
    found.all(|year| year == first).then_some(first)
}

fn month(header: &str) -> Option<(u32, Option<i32>)> {
    if let Some(found) = numbered_month(header) {
        return Some(found);
    }
    let words = words(header);
    let (mut month, mut year) = (None, None);
    for word in &words {
        match (month_word(word), full_year(word).or_else(|| short_year(word))) {
            (Some(m), _) if month.is_none() => month = Some(m),
            (None, Some(y)) if year.is_none() => year = Some(y),
            _ => return None,
        }
    }
    month.map(|month| (month, year))
}

/// `2024-01`, `2024-01-01`, `01/2024`, `1.2024`.
fn numbered_month(header: &str) -> Option<(u32, Option<i32>)> {
    let date = header.split([' ', 'T']).next().filter(|_| header.len() <= 19)?;
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let number = |text: &str, digits: usize| text.parse::<u32>().ok().filter(|_| text.len() <= digits);
    let (year, month) = match parts[..] {
        [year, month] if year.len() == 4 => (year, month),
        [month, year] if year.len() == 4 => (year, month),
        [year, month, day] if year.len() == 4 && number(day, 2) == Some(1) => (year, month),
        _ => return None,
    };
    let month = number(month, 2).filter(|month| (1..=12).contains(month))?;
    full_year(year).map(|year| (month, Some(year)))
}

fn month_word(word: &str) -> Option<u32> {
    let same = |name: &&str| *name == word || (word.chars().count() == 3 && name.starts_with(word));
    let place = MONTHS.iter().position(|names| names.iter().any(same))?;
    Some(place as u32 + 1)
}

fn quarter(header: &str) -> Option<(u32, Option<i32>)> {
    let (mut quarter, mut year) = (None, None);
    for word in words(header) {
        let digits = word.strip_prefix(['q', 't']).or_else(|| word.strip_suffix(['q', 't'])).unwrap_or(&word);
        match digits.parse::<u32>() {
            Ok(number) if (1..=4).contains(&number) && quarter.is_none() => quarter = Some(number),
            _ if full_year(&word).is_some() && year.is_none() => year = full_year(&word),
            _ if ["quarter", "quartal", "trimestre", "qtr", "kwartaal"].contains(&word.as_str()) => {}
            _ => return None,
        }
    }
    // A digit by itself is a quarter only where something says so.
    let said = header.chars().any(char::is_alphabetic);
    quarter.filter(|_| said).map(|quarter| (quarter, year))
}

fn full_year(word: &str) -> Option<i32> {
    let digits = word.strip_prefix("fy").unwrap_or(word);
    let year: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    (1900..=2199).contains(&year).then_some(year)
}

/// `24` and `'24` behind a month.
fn short_year(word: &str) -> Option<i32> {
    let digits = word.strip_prefix(['\'', '’']).unwrap_or(word);
    let year: i32 = digits.parse().ok().filter(|_| digits.len() == 2)?;
    Some(if year < 70 { 2000 + year } else { 1900 + year })
}

fn words(text: &str) -> Vec<String> {
    let apart = |c: char| !(c.is_alphanumeric() || c == '\'' || c == '’');
    text.split(apart).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_to_a_person() {
        assert!(alike("E-mail *", "e-mail"));
        assert!(alike(" First\nname ", "first name"));
        assert!(alike("Phone\u{a0}number:", "Phone number"));
        assert!(!alike("E-mail", "Email"));
    }

    #[test]
    fn words_of_totals() {
        let word = |text: &str| totals_word(text, &["Ergebnis".into()]);
        for text in ["Total", "TOTAL:", "Grand  total", "Summe", "Gesamtsumme:", "ergebnis", "Σ Total"] {
            assert_eq!(word(text), Some(TotalsWord::Exactly), "{text}");
        }
        for text in ["Total North", "North total", "Summe Nord"] {
            assert_eq!(word(text), Some(TotalsWord::Partly), "{text}");
        }
        for text in ["TotalEnergies", "Customer", "Sumner", "", "Totally new"] {
            assert_eq!(word(text), None, "{text}");
        }
    }

    #[test]
    fn headers_of_time_are_written_as_dates() {
        let month = |text: &str| label(HeaderKind::Month, text, Some(2020));
        let cases = [
            ("Jan", "2020-01-01"),
            ("January 2024", "2024-01-01"),
            ("2024 Jan", "2024-01-01"),
            ("Mrz 24", "2024-03-01"),
            ("Sep-23", "2023-09-01"),
            ("2024-05", "2024-05-01"),
            ("05/2024", "2024-05-01"),
            ("2024-05-01", "2024-05-01"),
            ("déc. '99", "1999-12-01"),
            ("Mai", "2020-05-01"),
            ("JUIL", "2020-07-01"),
            ("2024-12-01 00:00:00", "2024-12-01"),
        ];
        for (text, expected) in cases {
            assert_eq!(month(text), Ok(expected.into()), "{text}");
        }
        for text in ["Product", "2024", "Total", "January sales", "13/2024", "Marketing", "2024-05-17"] {
            assert_eq!(month(text), Err(NoLabel::Other), "{text}");
        }
        assert_eq!(label(HeaderKind::Month, "Jan", None), Err(NoLabel::NoYear));
        let quarter = |text: &str| label(HeaderKind::Quarter, text, None);
        assert_eq!(quarter("Q1 2024"), Ok("2024-01-01".into()));
        assert_eq!(quarter("2024-Q4"), Ok("2024-10-01".into()));
        assert_eq!(quarter("3. Quartal 2024"), Ok("2024-07-01".into()));
        assert_eq!(quarter("Q2"), Err(NoLabel::NoYear));
        assert_eq!(quarter("Q5 2024"), Err(NoLabel::Other));
        assert_eq!(label(HeaderKind::Year, "2024", None), Ok("2024".into()));
        assert_eq!(label(HeaderKind::Year, "2024 plan", None), Err(NoLabel::Other));
    }

    #[test]
    fn a_title_tells_its_year() {
        assert_eq!(years("Profitability Analysis 2024"), Some(2024));
        assert_eq!(years("2023 against 2024"), None);
        assert_eq!(years("Leads"), None);
    }
}
