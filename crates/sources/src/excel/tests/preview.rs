use super::*;
use crate::preview_workbook;
use crate::spec::HeaderKind;

fn regions() -> Vec<u8> {
    book(&mut [
        ("North", &mut |sheet| {
            fill(sheet, 0, &[row!["Leads North"], row![""], row!["Id", "E-mail", "Amount"]]);
            fill(sheet, 3, &[row![1, "a@x.org", 10], row![2, "", 20], row!["Total", "", 31]]);
        }),
        ("South", &mut |sheet| {
            fill(sheet, 0, &[row!["Id", "Mail address", "Amount"], row![3, "b@x.org", 5], row![4, "c@x.org", 6]]);
        }),
        ("Plan", &mut |sheet| {
            let header = row!["Product", "Jan", "Feb", "Mar", "Total"];
            fill(sheet, 0, &[header, row!["Road", 1, 2, 3, 6], row!["Cap", 1, "", 3, 4]]);
        }),
        ("Empty", &mut |_| {}),
    ])
}

#[test]
fn a_workbook_is_shown_as_it_looks() {
    let bench = source(&regions(), json!({}), &["Id"]);
    let preview = preview_workbook(&bench.path("leads.xlsx"), None).unwrap();
    let names: Vec<(&str, bool)> = preview.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.chosen)).collect();
    assert_eq!(names, [("North", true), ("South", false), ("Plan", false), ("Empty", false)]);
    let north = &preview.sheets[0];
    assert_eq!((north.header, north.rows), (Some((3, 3)), 2));
    assert_eq!(
        (north.totals[0].cell.as_str(), north.totals[0].sum.as_str(), north.totals[0].matches),
        ("C6", "30", false)
    );
    let mail = &north.columns[1];
    assert_eq!((mail.letters.as_str(), mail.texts, &mail.samples[..]), ("B", 1, &["a@x.org".to_string()][..]));
    assert_eq!(north.columns[2].numbers, 2);
    let guess = preview.sheets[2].unpivot.as_ref().unwrap();
    assert_eq!((guess.kind, &guess.columns[..]), (HeaderKind::Month, &["B", "C", "D"].map(String::from)[..]));
    assert!(guess.needs_year && guess.measures.is_empty());
    assert!(preview.sheets[3].problem.as_ref().unwrap().ends_with("sheet 'Empty' is empty"));
    assert_eq!(preview.groups.len(), 1);
    assert_eq!(preview.groups[0].sheets, ["North", "South"]);
    let also: Vec<&[String]> = preview.groups[0].columns.iter().map(|column| &column.also[..]).collect();
    assert_eq!(also, [&[][..], &["Mail address".to_string()][..], &[][..]]);
    assert!(serde_json::to_value(&preview).unwrap()["sheets"][2]["unpivot"]["kind"] == "month");
}

#[test]
fn and_with_the_eyes_of_a_source() {
    let bench = source(&regions(), json!({ "sheets": ["North", "South"] }), &["Id", "E-mail"]);
    let preview = preview_workbook(&bench.path("leads.xlsx"), Some(&bench.spec)).unwrap();
    assert!(preview.problem.as_ref().unwrap().contains("sheet 'South' lacks column \"E-mail\""));
    assert_eq!(preview.sheets[0].columns[1].declared, ["e_mail"]);
    assert!(preview.sheets[1].problem.as_ref().unwrap().contains("lacks column \"E-mail\""));
    let mut spec = bench.spec.clone();
    spec.columns[1].also = vec!["Mail address".into()];
    let preview = preview_workbook(&bench.path("leads.xlsx"), Some(&spec)).unwrap();
    assert_eq!(preview.problem, None);
    assert_eq!(preview.sheets.iter().filter(|sheet| sheet.chosen).count(), 2);
    assert_eq!(preview.sheets[1].columns[1].declared, ["e_mail"]);
}
