//! "Did you mean": the name a user most likely had in mind.
//!
//! Edit distance with swapped neighbours (optimal string alignment, by `strsim`) after letter case and word separators
//! are evened out, and a bound that grows with the name: a guess that is far off is worse than none.

use strsim::{jaro_winkler, osa_distance};

/// The most names that a message lists.
const LONGEST_LIST: usize = 30;

/// The possible name most like the written one, where one is near enough.
pub(crate) fn did_you_mean<'a>(written: &str, possible: &[&'a str]) -> Option<&'a str> {
    let written = even(written);
    let near = |name: &&'a str| {
        let name_evened = even(name);
        let distance = osa_distance(&written, &name_evened);
        // Two slips in a word of five letters are common ("grane"); a guess about shorter words takes one.
        let bound = (written.chars().count().max(name_evened.chars().count()) * 2 / 5).max(1);
        // A beginning written in full ("delim") is an abbreviation, not a typing error.
        let abbreviated = written.chars().count() >= 3 && name_evened.starts_with(&written);
        (abbreviated || distance <= bound && distance < name_evened.chars().count()).then_some((distance, name_evened))
    };
    possible
        .iter()
        .filter_map(|name| near(name).map(|(distance, evened)| (distance, evened, *name)))
        .min_by(|(a, a_evened, a_name), (b, b_evened, b_name)| {
            let unlike = |name: &str| {
                (1.0 - jaro_winkler(&written, name), name.chars().count().abs_diff(written.chars().count()))
            };
            let ((a_unlike, a_longer), (b_unlike, b_longer)) = (unlike(a_evened), unlike(b_evened));
            a.cmp(b).then(a_longer.cmp(&b_longer)).then(a_unlike.total_cmp(&b_unlike)).then(a_name.cmp(b_name))
        })
        .map(|(_, _, name)| name)
}

/// Possible names as a message lists them: "one of a, b", or "`a`" where there is but one.
pub(crate) fn one_of(possible: &[&str]) -> String {
    match possible {
        [] => "nothing here".to_string(),
        [only] => format!("`{only}`"),
        some if some.len() <= LONGEST_LIST => format!("one of {}", some.join(", ")),
        many => format!("one of {} and {} more", many[..LONGEST_LIST].join(", "), many.len() - LONGEST_LIST),
    }
}

fn even(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEYS: [&str; 6] = ["name", "column", "columns", "date_order", "delimiter", "kind"];

    #[test]
    fn typing_errors_are_mended() {
        for (written, meant) in [
            ("colum", "column"),
            ("Column", "column"),
            ("columsn", "columns"),
            ("date-order", "date_order"),
            ("dateorder", "date_order"),
            ("delim", "delimiter"),
            ("knid", "kind"),
            ("nmae", "name"),
            ("dlimitr", "delimiter"),
            ("kinds", "kind"),
        ] {
            assert_eq!(did_you_mean(written, &KEYS), Some(meant), "{written}");
        }
    }

    #[test]
    fn what_is_far_off_is_not_guessed() {
        for written in ["", "x", "zzzzzz", "threshold", "encoding"] {
            assert_eq!(did_you_mean(written, &KEYS), None, "{written}");
        }
        assert_eq!(did_you_mean("a", &["b", "c"]), None);
    }

    proptest! {
        #[test]
        fn a_name_as_written_is_its_own_best_guess(name in "[a-z_]{1,12}", others in prop::collection::vec("[a-z_]{1,12}", 0..8)) {
            let mut possible: Vec<&str> = others.iter().map(String::as_str).collect();
            possible.push(&name);
            let guess = did_you_mean(&name, &possible).unwrap();
            prop_assert_eq!(even(guess), even(&name));
        }
    }
}
