use onefold_contract::change::CurrentHashes;
use rust_xlsxwriter::Format;

use super::*;
use crate::testing::{column, rules};

fn serials(days: &[f64], format: &str) -> Vec<u8> {
    book(&mut [("Leads", &mut |sheet| {
        fill(sheet, 0, &[row!["Id", "Since"]]);
        let format = Format::new().set_num_format(format);
        for (at, days) in days.iter().enumerate() {
            let row = at as u32 + 1;
            sheet.write_number(row, 0, f64::from(row)).unwrap();
            sheet.write_number_with_format(row, 1, *days, &format).unwrap();
        }
    })])
}

fn since(bytes: &[u8]) -> Vec<String> {
    let table = read(bytes, &["Id", "Since:date"]);
    table.into_iter().map(|mut row| row.remove(1)).collect()
}

#[test]
fn serials_are_dates_where_the_format_says_so() {
    let days = [1.0, 59.0, 61.0, 42_736.0, 42_736.75];
    let expected = ["1900-01-01", "1900-02-28", "1900-03-01", "2017-01-01", "2017-01-01 18:00:00"];
    for format in ["dd/mm/yyyy", "yyyy-mm-dd", "mmm yy", "[$-407]d. mmmm yyyy", "m/d/yy h:mm"] {
        assert_eq!(since(&serials(&days, format)), expected, "{format}");
    }
    for format in ["General", "0", "#,##0.00", "\"day \"0"] {
        assert_eq!(since(&serials(&days, format)), ["1", "59", "61", "42736", "42736.75"], "{format}");
    }
    assert_eq!(since(&serials(&[0.5, 1.25], "[h]:mm")), ["12:00:00", "30:00:00"]);
    assert_eq!(since(&serials(&[0.5], "h:mm")), ["12:00:00"]);
}

#[test]
fn a_workbook_may_count_from_1904() {
    let bytes = serials(&[0.0, 60.0, 41_274.0], "yyyy-mm-dd");
    let bytes = patched(&bytes, "xl/workbook.xml", "<workbookPr ", "<workbookPr date1904=\"1\" ");
    assert_eq!(since(&bytes), ["1904-01-01", "1904-03-01", "2017-01-01"]);
}

#[test]
fn days_that_never_were_hold_their_rows_back() {
    let bytes = serials(&[60.0, 0.0, -3.0, 3_000_000.0, 61.0], "yyyy-mm-dd");
    let staging = source(&bytes, json!({}), &["Id", "Since:date"]).stage("l", &CurrentHashes::new()).unwrap();
    let rejects = &staging.outcome.rejects;
    assert_eq!(rules(rejects), [2, 3, 4, 5].map(|row| (row, "no-such-date")));
    assert!(rejects[0].reason.contains("cell B2 is day 60 of the workbook's calendar, 29 February 1900"));
    assert_eq!(rejects[0].raw_value.as_deref(), Some("60"));
    assert_eq!(column(&staging.outcome.accepted, "since"), ["1900-03-01"]);
}

/// What a day-first locale makes of month/day/year.
fn day_first(months_and_days: &[(u32, u32)]) -> Vec<Vec<Put>> {
    let mut rows = vec![row!["Id", "Ordered"]];
    for (at, (month, day)) in months_and_days.iter().enumerate() {
        let cell = if *day > 12 {
            Put::Text(format!("{month}/{day}/2017"))
        } else {
            // Read as day `month` of month `day`.
            Put::Day(Box::leak(format!("2017-{day:02}-{month:02}").into_boxed_str()))
        };
        rows.push(vec![Put::Number(f64::from(at as u32)), cell]);
    }
    rows
}

fn year() -> Vec<(u32, u32)> {
    (1..=12).flat_map(|month| [1, 5, 12, 13, 20, 28].map(|day| (month, day))).collect()
}

#[test]
fn swapped_days_and_months_are_told() {
    let bench = source(&one(&day_first(&year())), json!({}), &["Id", "Ordered:date"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(staging.notes.len(), 1);
    let note = &staging.notes[0];
    assert!(note.contains("none of the 36 dates in column B (\"Ordered\") has a day above 12"), "{note}");
    assert!(note.contains("all 36 that stayed text") && note.contains("mend = \"swap_day_and_month\""), "{note}");
}

#[test]
fn and_mended_where_that_is_declared() {
    let mut bench = source(&one(&day_first(&year())), json!({}), &["Id", "Ordered:date"]);
    bench.spec.columns[1].mend = Some(crate::spec::Mend::SwapDayAndMonth);
    assert_eq!(bench.spec.mistakes(), vec![]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    let expected: Vec<String> = year().iter().map(|(month, day)| format!("2017-{month:02}-{day:02}")).collect();
    assert_eq!(column(&staging.outcome.accepted, "ordered"), expected);
    assert_eq!(staging.notes, Vec::<String>::new());
    // A short file, all of whose dates could be read, is mended too.
    bench.write("leads.xlsx", one(&day_first(&[(5, 12), (6, 1)])));
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(column(&staging.outcome.accepted, "ordered"), ["2017-05-12", "2017-06-01"]);
}

#[test]
fn a_mend_that_no_longer_fits_is_refused() {
    let mut rows = day_first(&year());
    rows.push(vec![Put::Number(99.0), Put::Day("2017-03-25")]);
    let mut bench = source(&one(&rows), json!({}), &["Id", "Ordered:date"]);
    assert_eq!(bench.stage("l", &CurrentHashes::new()).unwrap().notes, Vec::<String>::new());
    bench.spec.columns[1].mend = Some(crate::spec::Mend::SwapDayAndMonth);
    let failure = bench.stage("l", &CurrentHashes::new()).unwrap_err();
    assert!(failure.message.contains("no swap can have made cell B74"), "{failure}");
    assert_eq!(failure.kind.exit_code(), 3);
}
