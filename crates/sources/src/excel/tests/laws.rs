//! What holds of every worksheet.

use proptest::prelude::*;

use super::*;

/// A word that is no month, number, or word of totals.
fn word() -> impl Strategy<Value = String> {
    "[bcdfghk]{1,2}[aeiou][bcdfghk]{2,4}".prop_map(|word| format!("x{word}"))
}

fn distinct(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(word(), count).prop_map(|words| words.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Unpivoting keeps every figure: their sum, their number, and each under its product and month.
    #[test]
    fn unpivoting_keeps_every_figure(
        products in distinct(1..6),
        cells in proptest::collection::vec(proptest::collection::vec(proptest::option::of(-9999i32..9999), 12), 6),
        months in 1usize..12,
    ) {
        let mut rows = vec![row!["Plan of 2024"], row!["Product"]];
        rows[1].extend((1..=months).map(|month| Put::Text(format!("2024-{month:02}"))));
        let mut expected: Vec<Vec<String>> = Vec::new();
        for (product, cells) in products.iter().zip(&cells) {
            let mut row = row![product.as_str()];
            for (month, cell) in cells.iter().take(months).enumerate() {
                row.push(cell.map_or(Put::Nothing, |cents| Put::Number(f64::from(cents) / 100.0)));
                let figure = cell.map(|cents| super::super::cell::fifteen_digits(f64::from(cents) / 100.0));
                expected.extend(figure.map(|figure| vec![product.clone(), format!("2024-{:02}-01", month + 1), figure]));
            }
            rows.push(row);
        }
        let unpivot = json!({ "unpivot": { "kind": "month", "names_to": "Month", "values_to": "Amount" } });
        let mut table = source(&one(&rows), unpivot, &["Product", "Month:date", "Amount:decimal"]).table().unwrap();
        table.sort();
        expected.sort();
        prop_assert_eq!(table, expected);
    }

    /// A header is found below any titles, wherever it begins, and every row below it is read.
    #[test]
    fn a_header_is_found_below_any_titles(
        names in distinct(2..6),
        titles in proptest::collection::vec(proptest::collection::vec("[A-Z][a-z ]{0,12}", 0..3), 0..8),
        left in 0usize..4,
        count in 1usize..30,
        declared in any::<bool>(),
    ) {
        let indent = |cells: Vec<Put>| [vec![Put::Nothing; left], cells].concat();
        let mut rows: Vec<Vec<Put>> = titles.iter().map(|t| indent(t.iter().take(1).map(|t| Put::from(t.trim())).collect())).collect();
        let header = names.iter().map(|name| Put::from(name.as_str())).collect();
        rows.push(indent(header));
        for row in 0..count {
            rows.push(indent((0..names.len()).map(|place| Put::from(format!("r{row}c{place}"))).collect()));
        }
        let bytes = one(&rows);
        let table = if declared {
            let columns: Vec<&str> = names.iter().map(String::as_str).collect();
            read(&bytes, &columns)
        } else {
            // Without names, more rows than titles tell where the table begins.
            prop_assume!(count > titles.len() + 1);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x.xlsx");
            std::fs::write(&path, &bytes).unwrap();
            let file = crate::open_any(&path, &crate::OpenOptions::default()).unwrap();
            prop_assert_eq!(file.columns(), &names[..]);
            file.flat_map(|block| crate::testing::table(&block.unwrap())).collect()
        };
        let expected: Vec<Vec<String>> =
            (0..count).map(|row| (0..names.len()).map(|place| format!("r{row}c{place}")).collect()).collect();
        prop_assert_eq!(table, expected);
    }
}
