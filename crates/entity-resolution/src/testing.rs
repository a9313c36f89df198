//! Tables of records for the tests of this room.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::identity::RecordRef;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::ModelSpec;

/// Records of source `s` with keys `000000`, `000001`, ...; columns by name, an empty text for an absent value. A name
/// that ends in `:date` or `:flag` makes a column of that type.
pub(crate) fn records<S: AsRef<str>>(columns: &[(&str, &[S])]) -> RecordBatch {
    let rows = columns.first().map_or(0, |(_, values)| values.len());
    let keys = StringArray::from_iter_values((0..rows).map(|row| format!("{row:06}")));
    let sources = StringArray::from_iter_values(std::iter::repeat_n("s", rows));
    let mut all: Vec<(String, ArrayRef)> =
        vec![(SOURCE.to_owned(), Arc::new(sources)), (SOURCE_KEY.to_owned(), Arc::new(keys))];
    for (name, values) in columns {
        let text: StringArray = values.iter().map(|v| Some(v.as_ref()).filter(|v| !v.is_empty())).collect();
        let (name, data_type) = match name.rsplit_once(':') {
            Some((name, "date")) => (name, DataType::Date32),
            Some((name, "flag")) => (name, DataType::Boolean),
            _ => (*name, DataType::Utf8),
        };
        all.push((name.to_owned(), cast(&text, &data_type).unwrap()));
    }
    let fields: Vec<Field> = all.iter().map(|(n, a)| Field::new(n, a.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), all.into_iter().map(|(_, a)| a).collect()).unwrap()
}

/// The address of a row of [`records`].
pub(crate) fn address(row: usize) -> RecordRef {
    RecordRef { source: "s".into(), source_key: format!("{row:06}") }
}

/// A model from its JSON.
pub(crate) fn model(json: &serde_json::Value) -> ModelSpec {
    serde_json::from_value(json.clone()).unwrap()
}

/// The columns of [`people`].
const COLUMNS: [&str; 7] = ["given", "given_canonical", "family", "born:date", "email", "phone", "city"];
const SYLLABLES: [&str; 24] = [
    "an", "bel", "cor", "da", "el", "fen", "gar", "hol", "im", "jo", "kas", "lin", "mor", "ned", "os", "pra", "ri",
    "sto", "tul", "ver", "wes", "yar", "zim", "ber",
];
const NICKNAMES: [(&str, &str); 6] = [
    ("Robert", "Bob"),
    ("William", "Bill"),
    ("Elizabeth", "Liz"),
    ("Margaret", "Peggy"),
    ("Richard", "Dick"),
    ("James", "Jim"),
];

fn capitalised(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

fn word(rng: &mut ChaCha8Rng, syllables: usize) -> String {
    capitalised(&(0..syllables).map(|_| *SYLLABLES.choose(rng).unwrap()).collect::<String>())
}

/// One letter or digit wrong.
fn mistyped(rng: &mut ChaCha8Rng, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let place = rng.random_range(1..letters.len());
    if letters[place].is_ascii_digit() {
        letters[place] = char::from(b'0' + rng.random_range(0..10u8));
    } else {
        match rng.random_range(0..3) {
            0 => letters[place] = char::from(b'a' + rng.random_range(0..26u8)),
            1 => drop(letters.remove(place)),
            _ => letters.swap(place, place - 1),
        }
    }
    letters.into_iter().collect()
}

/// A new person: the values of [`COLUMNS`].
fn person(rng: &mut ChaCha8Rng) -> [String; 7] {
    let given = if rng.random_bool(0.2) { NICKNAMES.choose(rng).unwrap().0.to_owned() } else { word(rng, 2) };
    let family = word(rng, 3);
    let born =
        format!("{}-{:02}-{:02}", rng.random_range(1940..2005), rng.random_range(1..13), rng.random_range(1..29));
    let email = format!("{given}.{family}{}@{}.example", rng.random_range(1..100), SYLLABLES.choose(rng).unwrap());
    let phone = format!("+49{}", rng.random_range(1_000_000_000u64..9_999_999_999));
    let city = word(&mut ChaCha8Rng::seed_from_u64(rng.random_range(0..60)), 2);
    [given.clone(), given, family, born, email.to_lowercase(), phone, city]
}

/// The same person as another source knows it.
fn seen_again(rng: &mut ChaCha8Rng, person: &[String; 7]) -> [String; 7] {
    let mut again = person.clone();
    let nickname = NICKNAMES.iter().find(|(given, _)| *given == person[0]);
    if let Some((_, nickname)) = nickname.filter(|_| rng.random_bool(0.5)) {
        again[0] = (*nickname).to_owned();
    }
    for place in [0, 2, 5] {
        if rng.random_bool(0.12) {
            again[place] = mistyped(rng, &again[place].clone());
        }
    }
    if rng.random_bool(0.1) {
        let (year, day) = (&person[3][..8], rng.random_range(1..29));
        again[3] = format!("{year}{day:02}");
    }
    if rng.random_bool(0.25) {
        again[4] = format!("{}@other.example", again[4].split('@').next().unwrap());
    }
    if rng.random_bool(0.2) {
        again[6] = word(rng, 2);
    }
    for place in [3, 4, 5, 6] {
        if rng.random_bool(0.1) {
            again[place].clear();
        }
    }
    again
}

/// About `entities` people, some of them recorded two to four times with errors, in no order, and which person each
/// record is of.
pub(crate) fn people(seed: u64, entities: usize, repeated: f64) -> (RecordBatch, Vec<usize>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rows: Vec<(u64, usize, [String; 7])> = Vec::new();
    for entity in 0..entities {
        let original = person(&mut rng);
        let copies = if rng.random_bool(repeated) { rng.random_range(1..4) } else { 0 };
        for _ in 0..copies {
            let again = seen_again(&mut rng, &original);
            rows.push((rng.random(), entity, again));
        }
        rows.push((rng.random(), entity, original));
    }
    rows.sort();
    let columns: Vec<Vec<&str>> = (0..7).map(|c| rows.iter().map(|row| row.2[c].as_str()).collect()).collect();
    let named: Vec<(&str, &[&str])> = COLUMNS.iter().zip(&columns).map(|(n, c)| (*n, c.as_slice())).collect();
    (records(&named), rows.iter().map(|row| row.1).collect())
}

/// A model of [`people`].
pub(crate) fn people_model() -> ModelSpec {
    model(&serde_json::json!({
        "name": "people", "entity": "person",
        "blocking_rules": [
            {"name": "family and birth date", "keys": [{"column": "family", "part": "phonetic"}, {"column": "born"}]},
            {"name": "email", "keys": [{"column": "email"}]},
            {"name": "given and year", "keys": [{"column": "given_canonical"}, {"column": "born", "part": "year"}]},
            {"name": "similar name", "method": "min_hash", "keys": [{"column": "given"}, {"column": "family"}]},
        ],
        "comparisons": [
            {"column": "given", "method": "jaro_winkler", "alternative": "given_canonical", "term_frequency": true},
            {"column": "family", "method": "jaro_winkler", "thresholds": [0.9, 0.8], "term_frequency": true},
            {"column": "born", "method": "date"},
            {"column": "email", "method": "email"},
            {"column": "phone", "method": "damerau_levenshtein"},
            {"column": "city", "method": "exact"},
        ],
        "thresholds": {"link": 0.9, "review": 0.5},
    }))
}

/// The rows of a table, printed; `-` for an absent value.
pub(crate) fn record_table(table: &RecordBatch) -> Vec<Vec<String>> {
    let names: Vec<String> = table.schema().fields().iter().map(|f| f.name().clone()).collect();
    let columns: Vec<StringArray> = names.iter().map(|name| crate::records::printed(table, name).unwrap()).collect();
    let cell = |column: &StringArray, row: usize| column.iter().nth(row).flatten().unwrap_or("-").to_owned();
    (0..table.num_rows()).map(|row| columns.iter().map(|c| cell(c, row)).collect()).collect()
}
