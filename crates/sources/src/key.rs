//! The key of a record at its source: one text for one or several columns.
//!
//! Values are trimmed, because a key that a legacy system pads to a fixed width is the same key; they are joined by `|`
//! with `\` before every `|` and `\` of a value, so that different keys never give the same text.

/// Writes the key of the given values to `key`, emptied first. `None` where a value is empty: such a row names no record.
pub(crate) fn write_key<'a>(key: &mut String, values: impl IntoIterator<Item = Option<&'a str>>) -> Option<()> {
    key.clear();
    for (place, value) in values.into_iter().enumerate() {
        let value = value?.trim();
        if value.is_empty() {
            return None;
        }
        if place > 0 {
            key.push('|');
        }
        for c in value.chars() {
            if c == '|' || c == '\\' {
                key.push('\\');
            }
            key.push(c);
        }
    }
    (!key.is_empty()).then_some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(values: &[String]) -> Option<String> {
        let mut text = String::new();
        write_key(&mut text, values.iter().map(|v| Some(v.as_str()))).map(|()| text)
    }

    #[test]
    fn values_are_trimmed_and_an_empty_one_is_no_key() {
        assert_eq!(key(&[" 12 ".into(), "a|b".into()]).as_deref(), Some(r"12|a\|b"));
        assert_eq!(key(&["12".into(), "  ".into()]), None);
        assert_eq!(key(&[]), None);
    }

    proptest! {
        #[test]
        fn different_values_give_different_keys(
            a in proptest::collection::vec("[a|\\\\]{1,3}", 1..4),
            b in proptest::collection::vec("[a|\\\\]{1,3}", 1..4),
        ) {
            prop_assert_eq!(a == b, key(&a) == key(&b));
        }
    }
}
