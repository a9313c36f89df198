//! "Did you mean": the known name closest to a name that is not there.

/// Below this similarity (0 to 1) a suggestion would be a guess that leads astray.
const CLOSE_ENOUGH: f64 = 0.6;

/// The known name closest to `wanted`: one that differs only in case, spaces and signs wins, else the most similar by
/// Damerau-Levenshtein, the first of equals. `None` where nothing is close.
pub(crate) fn closest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(wanted);
    let mut best: Option<(f64, &str)> = None;
    for name in known {
        let candidate = fold(name);
        let score = if candidate == folded && !folded.is_empty() {
            1.0
        } else {
            strsim::normalized_damerau_levenshtein(&folded, &candidate) * 0.99
        };
        if score >= CLOSE_ENOUGH && best.is_none_or(|(found, _)| score > found) {
            best = Some((score, name));
        }
    }
    best.map(|(_, name)| name)
}

/// "did you mean `x`?" as a hint, where something is close.
pub(crate) fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(wanted, known).map(|name| format!("did you mean \"{name}\"?"))
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The first names of a list, quoted, with a count of the rest: a message must stay readable.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("\"{}\"", n.as_ref())).collect();
    let rest = names.len().saturating_sub(SHOWN);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_case_do_not_count() {
        assert_eq!(closest("customer_key", ["Customer", "CustomerKey", "Key"]), Some("CustomerKey"));
        assert_eq!(closest("E-mail", ["mail", "email"]), Some("email"));
    }

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        assert_eq!(closest("custmers.csv", ["orders.csv", "customers.csv"]), Some("customers.csv"));
        assert_eq!(closest("quantity", ["colour", "price"]), None);
        assert_eq!(closest("", ["colour", "price"]), None);
    }
}
