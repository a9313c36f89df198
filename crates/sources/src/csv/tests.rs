//! Tests of delimited text: what programs, people and broken exports write.

use std::collections::VecDeque;

use onefold_contract::change::CurrentHashes;
use onefold_contract::extractor::{ExtractorState, RawRows};
use onefold_contract::{Failure, FailureKind, Reject};
use proptest::prelude::*;

use super::count::RecordCounter;
use super::dialect::Dialect;
use super::records::Record;
use crate::testing::{Bench, column, rules, table};

fn bench(bytes: impl AsRef<[u8]>, columns: &[&str]) -> Bench {
    let bench = Bench::csv("a.csv", columns);
    bench.write("a.csv", bytes);
    bench
}

fn rows(bytes: impl AsRef<[u8]>, columns: &[&str]) -> Vec<Vec<String>> {
    bench(bytes, columns).table().unwrap()
}

fn blocks(bytes: impl AsRef<[u8]>, columns: &[&str]) -> RawRows {
    let mut blocks = bench(bytes, columns).read().unwrap();
    assert_eq!(blocks.len(), 1);
    blocks.remove(0)
}

fn refused(bytes: impl AsRef<[u8]>, columns: &[&str]) -> Failure {
    let failure = bench(bytes, columns).read().map(|_| ()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Source, "{failure}");
    assert!(failure.message.contains("a.csv"), "{failure}");
    failure
}

#[test]
fn quotes_commas_and_line_breaks_in_values() {
    let text = "id,note\n1,\"a, b\"\n2,\"line 1\nline 2\"\n3,\"say \"\"hi\"\"\"\n4,5\" pipe\n5,\"a\" \n6,\n";
    let block = blocks(text, &["id", "note"]);
    let notes: Vec<String> = table(&block).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(notes, ["a, b", "line 1\nline 2", "say \"hi\"", "5\" pipe", "a ", "∅"]);
    assert_eq!(block.positions, [2, 3, 5, 6, 7, 8]);
}

#[test]
fn every_line_end_ends_a_row() {
    let expected = vec![vec!["1", "a"], vec!["2", "b"]];
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("id,n{end}1,a{end}{end}2,b");
        assert_eq!(rows(&text, &["id", "n"]), expected, "{end:?}");
        let block = blocks(&text, &["id", "n"]);
        assert_eq!(block.positions, [2, 4], "{end:?}");
    }
}

#[test]
fn line_numbers_count_breaks_inside_values() {
    let text = "id,n\r\n1,\"x\r\ny\rz\n\"\r\n\r\n\n2,b\r\n";
    assert_eq!(blocks(text, &["id", "n"]).positions, [2, 8]);
}

#[test]
fn delimiters_are_found() {
    let expected = vec![vec!["1", "a,b;c", "1,5"], vec!["2", "x|y", "2,5"]];
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["id", "note", "price"]).unwrap();
        for row in &expected {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        assert_eq!(rows(&bytes, &["id", "note", "price"]), expected, "{}", char::from(delimiter));
        assert_eq!(rows(&bytes, &["id"]), expected, "one declared column, {}", char::from(delimiter));
    }
}

#[test]
fn an_announced_or_declared_delimiter_is_believed() {
    let block = blocks("sep=;\r\nid;n\r\n1;a,b\r\n", &["id", "n"]);
    assert_eq!((table(&block), block.positions), (vec![vec!["1".to_string(), "a,b".into()]], vec![3]));
    let mut bench = bench("id~n\n1~a,b\n", &["id", "n"]);
    bench.spec.csv.delimiter = Some("~".into());
    assert_eq!(bench.table().unwrap(), [["1", "a,b"]]);
}

#[test]
fn one_column_files() {
    assert_eq!(
        rows("name\nSmith, John\nDoe; Jane\n\"\"\n\nx\n", &["name"]),
        [["Smith, John"], ["Doe; Jane"], ["∅"], ["x"]]
    );
}

#[test]
fn byte_order_marks_and_encodings() {
    let text = "id,näme\n1,Jürgen 😀\n2,Ωmega\n";
    let expected = vec![vec!["1", "Jürgen 😀"], vec!["2", "Ωmega"]];
    let utf16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let cases = [
        text.as_bytes().to_vec(),
        format!("\u{FEFF}{text}").into_bytes(),
        format!("\u{FEFF}\u{FEFF}{text}").into_bytes(),
        utf16(true, u16::to_le_bytes),
        utf16(true, u16::to_be_bytes),
        utf16(false, u16::to_le_bytes),
        utf16(false, u16::to_be_bytes),
    ];
    for (place, bytes) in cases.iter().enumerate() {
        assert_eq!(rows(bytes, &["id", "näme"]), expected, "case {place}");
    }
}

#[test]
fn a_mark_outranks_a_declared_encoding() {
    let mut bench = bench("\u{FEFF}id,n\n1,é\n", &["id", "n"]);
    bench.spec.csv.encoding = Some("windows-1252".into());
    assert_eq!(bench.table().unwrap(), [["1", "é"]]);
}

#[test]
fn legacy_encodings_are_guessed_or_declared() {
    let text = "id,name,city\n1,François Müller,Zürich\n2,José Peña,Málaga\n3,Renée Lefèvre,Orléans\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let block = blocks(&bytes, &["id", "name", "city"]);
    assert_eq!(table(&block)[1], ["2", "José Peña", "Málaga"]);
    // In Shift_JIS the second byte of some signs is that of a pipe or a backslash.
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("id|n\n1|表ポ予\n");
    assert!(bytes.rsplit(|b| *b == b'|').count() > 3);
    let mut bench = bench(&bytes, &["id", "n"]);
    bench.spec.csv.encoding = Some("shift_jis".into());
    assert_eq!(bench.table().unwrap(), [["1", "表ポ予"]]);
}

#[test]
fn notes_say_how_a_file_was_read() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode("id;n\n1;Zürich, Genève, Besançon\n");
    let bench = bench(&bytes, &["id", "n"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(
        staging.notes,
        [format!("{}: found encoding windows-1252 and delimiter semicolon", bench.spec.location)]
    );
    bench.write("a.csv", "id,n\n1,é\n");
    assert!(bench.stage("l", &CurrentHashes::new()).unwrap().notes.is_empty());
}

#[test]
fn rows_that_are_no_text_are_rejected_alone() {
    let mut bytes = "id,n\n1,é\n2,ü\n3,à\n4,ö\n5,ñ\n6,ç\n7,ê\n8,å\n9,ø\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"10,caf\xE9\n11,ok\n");
    let block = blocks(&bytes, &["id", "n"]);
    assert_eq!(table(&block).last().unwrap(), &["11", "ok"]);
    assert_eq!(rules(&block.rejects), [(11, "undecodable-text")]);
    let reject = &block.rejects[0];
    assert!(reject.reason.contains("0xE9") && reject.reason.contains("UTF-8"), "{}", reject.reason);
    assert_eq!((reject.source_key.as_deref(), reject.raw_value.as_deref()), (Some("10"), Some("10,caf\u{FFFD}")));
    assert_eq!(block.positions.last(), Some(&12));
}

#[test]
fn ragged_rows_are_rejected_and_the_rest_goes_on() {
    let block = blocks("id,a,b\n1,x,y\n2,x\n3,x,y,z\n4,\"p\nq\"\nTotal: 4\n5,x,y\n", &["id", "a", "b"]);
    assert_eq!(table(&block), [["1", "x", "y"], ["5", "x", "y"]]);
    assert_eq!(block.positions, [2, 8]);
    assert_eq!(rules(&block.rejects), [(3, "ragged-row"), (4, "ragged-row"), (5, "ragged-row"), (7, "ragged-row")]);
    let Reject { stage, source_key, raw_value, reason, .. } = &block.rejects[1];
    assert_eq!((stage.as_str(), source_key.as_deref(), raw_value.as_deref()), ("raw", Some("3"), Some("3,x,y,z")));
    assert!(reason.contains("4 fields") && reason.contains("has 3"), "{reason}");
    assert!(block.rejects[2].reason.contains("runs on to line 6"), "{}", block.rejects[2].reason);
    assert_eq!(block.rejects[2].source_key, None, "other rows may be in it");
}

#[test]
fn a_long_rejected_row_is_shortened() {
    let block = blocks(format!("id,n\n1,{},xyz\n2,y\n", "é".repeat(5000)), &["id", "n"]);
    let raw = block.rejects[0].raw_value.clone().unwrap();
    assert!(raw.chars().count() < 600 && raw.ends_with("(5006 characters in all)"), "{raw}");
}

#[test]
fn one_trailing_delimiter_is_forgiven() {
    let expected = [["1", "a"], ["2", "b"]];
    assert_eq!(rows("id,n,\n1,a,\n2,b\n", &["id", "n"]), expected);
    assert_eq!(rows("id,n\n1,a,\n2,b,\n", &["id", "n"]), expected);
    let block = blocks("id,n\n1,a,\"\"\n2,b,,\n3,c\n", &["id", "n"]);
    assert_eq!(rules(&block.rejects), [(2, "ragged-row"), (3, "ragged-row")]);
}

#[test]
fn headers_are_trimmed_and_unnamed_columns_get_a_name() {
    let bench = bench(" Customer Key ,,\"n\"\n1,x,y\n", &["Customer Key", "n"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(staging.unknown_columns, ["column_2"]);
    assert_eq!(staging.counts.inserted, 1);
}

#[test]
fn nul_bytes_are_text() {
    assert_eq!(rows("id,n\n1,a\0b\n\0,\0\0\n", &["id", "n"]), [["1", "a\0b"], ["\0", "\0\0"]]);
}

#[test]
fn files_without_rows_or_header_are_refused() {
    assert!(refused("", &["id"]).message.contains("is empty"));
    assert!(refused("\n\r\n", &["id"]).message.contains("no header"));
    assert!(refused("\u{FEFF}", &["id"]).message.contains("no header"));
    assert!(refused("id,n\n", &["id"]).message.contains("header and no rows"));
    assert!(refused("id,n,id\n1,2,3\n", &["id"]).message.contains("names \"id\" more than once"));
    assert!(refused("id,\"n\n1,2\n", &["id"]).message.contains("line 1: a quote in the header is never closed"));
    assert!(refused("PK\x03\x04 and so on", &["id"]).message.contains("Excel workbook"));
}

#[test]
fn a_missing_column_is_named_with_its_like() {
    let failure = refused("CustomerKey,Name\n1,a\n", &["Customer Key", "Name"]);
    assert!(failure.message.contains("lacks column \"Customer Key\""), "{failure}");
    assert_eq!(failure.hints[0], "column \"Customer Key\": did you mean \"CustomerKey\"?");
}

#[test]
fn an_unclosed_quote_is_a_bad_row_or_a_failure() {
    let block = blocks("id,n\n1,a\n2,\"b\n\n", &["id", "n"]);
    assert_eq!(rules(&block.rejects), [(3, "unclosed-quote")]);
    assert_eq!(block.rejects[0].source_key.as_deref(), Some("2"));
    let failure = refused("id,n\n1,\"x\ny\"\n2,\"b\n3,c\n4,d\n", &["id", "n"]);
    assert!(failure.message.contains("opened on line 4 is never closed and swallows 2 further lines"), "{failure}");
}

#[test]
fn a_quote_that_swallows_rows_makes_a_bad_row() {
    let block = blocks("id,n\n1,\"b\n2,c\n3,\"d\"\n4,e\n5,\"f\"g\n", &["id", "n"]);
    assert_eq!(table(&block), [["4", "e"]]);
    assert_eq!(rules(&block.rejects), [(2, "misplaced-quote"), (6, "misplaced-quote")]);
    assert!(block.rejects[0].reason.contains("runs on to line 4"), "{}", block.rejects[0].reason);
    assert_eq!((block.rejects[0].source_key.as_deref(), block.rejects[1].source_key.as_deref()), (None, Some("5")));
}

#[test]
fn an_endless_quote_needs_no_endless_memory() {
    let mut text = "id,n\n1,\"b\n".to_string();
    text.push_str(&"2,cccccccccccccccccccccccccccccc\n".repeat(1 << 20));
    let failure = refused(text, &["id", "n"]);
    assert!(failure.message.contains("opened on line 2 is not closed within 16 MiB"), "{failure}");
}

#[test]
fn files_of_one_source_share_their_columns_in_any_order() {
    let bench = Bench::csv("s*.csv", &["id", "n"]);
    bench.write("s1.csv", "id,n\n1,a\n").write("s2.csv", "n;id\nb;2\n").write("other.csv", "x\n");
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(column(&staging.outcome.accepted, "n"), ["a", "b"]);
    bench.write("s3.csv", "id,n,more\n3,c,x\n");
    let failure = bench.land("l2").unwrap_err();
    assert!(failure.details[0].contains("s1.csv lacks \"more\""), "{failure}");
    bench.write("s3.csv", "id\n3\n");
    assert!(bench.land("l3").unwrap_err().message.contains("s3.csv lacks column \"n\""));
}

#[test]
fn a_file_that_changes_after_the_plan_is_refused() {
    let bench = bench("id,n\n1,a\n", &["id", "n"]);
    let extractor = bench.extractor();
    let plan = extractor.plan(&ExtractorState::default()).unwrap();
    assert_eq!(plan, extractor.plan(&ExtractorState::default()).unwrap());
    bench.write("a.csv", "id,n\n1,b\n");
    let failure = extractor.land(&plan.partitions[0], &plan.snapshot, &mut Vec::new()).unwrap_err();
    assert!(failure.message.contains("changed while it was being landed"), "{failure}");
    assert_ne!(plan.snapshot, extractor.plan(&ExtractorState::default()).unwrap().snapshot);
}

#[test]
fn a_cut_off_copy_has_another_trailer() {
    let bench = bench(format!("id,n\n{}", "1,a\n".repeat(100)), &["id", "n"]);
    let landed = bench.land("l").unwrap().partitions.remove(0);
    let bytes = std::fs::read(&landed.path).unwrap();
    for length in [bytes.len() - 1, bytes.len() / 2, 6] {
        let cut = std::io::Cursor::new(bytes[..length].to_vec());
        let mut stream = bench.extractor().read(&landed.partition, Box::new(cut)).unwrap();
        assert_eq!(stream.trailer(), None);
        let read = (&mut stream).map(|block| block.unwrap().positions.len()).sum::<usize>();
        assert_ne!(stream.trailer().unwrap(), landed.trailer, "{length} bytes, {read} rows");
    }
}

/// Records by our reader, and by the state machine that counts at landing.
fn both_ways(text: &str, delimiter: u8, piece: usize) -> (Vec<Vec<String>>, u64) {
    let dialect = Dialect { encoding: encoding_rs::UTF_8, mark: 0, preamble: 0, delimiter };
    let mut records = dialect.records(Pieces(text.as_bytes(), piece)).unwrap();
    let (mut record, mut found) = (Record::default(), Vec::new());
    while records.next(&mut record).unwrap() {
        found.push(record.fields().map(String::from).collect());
    }
    let mut counter = RecordCounter::new(delimiter);
    text.as_bytes().chunks(piece).for_each(|piece| counter.feed(piece));
    (found, counter.finish())
}

/// Hands bytes out in pieces, so that every rule is cut in two somewhere.
struct Pieces<'a>(&'a [u8], usize);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let length = self.0.len().min(self.1).min(to.len());
        to[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

/// A physical line a character begins on, counted the slow way.
fn line_of(text: &str, at: usize) -> u64 {
    let before: VecDeque<char> = text[..at].replace("\r\n", "\n").replace('\r', "\n").chars().collect();
    before.iter().filter(|c| **c == '\n').count() as u64 + 1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_readers_agree_on_any_text(text in "[a\",;\r\n é]{0,40}", piece in 1usize..7) {
        let (ours, counted) = both_ways(&text, b',', piece);
        let mut theirs = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> =
            theirs.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect();
        prop_assert_eq!(counted, ours.len() as u64);
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_record_knows_its_line(text in "[a\",\r\n]{0,40}", piece in 1usize..7) {
        let dialect = Dialect { encoding: encoding_rs::UTF_8, mark: 0, preamble: 0, delimiter: b',' };
        let mut records = dialect.records(Pieces(text.as_bytes(), piece)).unwrap();
        let (mut record, mut at) = (Record::default(), 0);
        while records.next(&mut record).unwrap() {
            at += text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len();
            prop_assert!(text[at..].starts_with(&record.received), "{:?} is not at {} of {:?}", record.received, at, text);
            prop_assert_eq!(record.line, line_of(&text, at), "{:?}", text);
            at += record.received.len();
        }
        prop_assert!(text[at..].trim_start_matches(['\r', '\n']).is_empty());
    }
}

/// A value of anything that goes into files: signs of the format, line ends, letters of many scripts, NUL.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 ]{0,8}",
        2 => "[\",;\t|\r\n'x ]{0,6}",
        1 => "\\PC{0,6}",
        1 => Just("\0".to_string()),
    ]
}

fn western() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z \",;|\n]{0,8}", 1 => "[äöüéèñçßÀØ€]{0,5}"]
}

fn written(rows: &[Vec<String>], delimiter: u8, always_quote: bool, crlf: bool) -> String {
    let style = if always_quote { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
    let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new();
    writer.delimiter(delimiter).quote_style(style).terminator(end);
    let mut writer = writer.from_writer(Vec::new());
    let width = rows[0].len();
    let header = (0..width).map(|place| format!("c{place}"));
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-8" => text.as_bytes().to_vec(),
        "utf-8 with mark" => format!("\u{FEFF}{text}").into_bytes(),
        "utf-16le" => format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

fn comes_back(
    rows: Vec<Vec<String>>,
    bytes: &[u8],
    encoding: Option<&str>,
    delimiter: Option<u8>,
) -> Result<(), TestCaseError> {
    let columns: Vec<String> = (0..rows[0].len()).map(|place| format!("c{place}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut bench = bench(bytes, &columns);
    bench.spec.csv.encoding = encoding.map(String::from);
    bench.spec.csv.delimiter = delimiter.map(|d| char::from(d).to_string());
    let blocks = bench.read_in_memory().unwrap();
    prop_assert!(blocks.iter().all(|block| block.rejects.is_empty()));
    let expected: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| row.into_iter().map(|v| if v.is_empty() { "∅".into() } else { v }).collect())
        .collect();
    prop_assert_eq!(blocks.iter().flat_map(table).collect::<Vec<_>>(), expected);
    Ok(())
}

fn tables(value: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Vec<Vec<String>>> {
    (1usize..5)
        .prop_flat_map(move |width| proptest::collection::vec(proptest::collection::vec(value.clone(), width), 1..12))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_written_is_read(
        rows in tables(value().boxed()),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
        encoding in proptest::sample::select(vec!["utf-8", "utf-8 with mark", "utf-16le", "utf-16be"]),
        always_quote: bool,
        crlf: bool,
    ) {
        let text = written(&rows, delimiter, always_quote, crlf);
        // Two columns and more tell their delimiter by the header; one column may be anything.
        let declared = (rows[0].len() == 1).then_some(delimiter);
        comes_back(rows, &encoded(&text, encoding), None, declared)?;
    }

    #[test]
    fn what_is_written_in_a_legacy_encoding_is_read(rows in tables(western().boxed()), always_quote: bool) {
        let text = written(&rows, b';', always_quote, true);
        comes_back(rows, &encoded(&text, "windows-1252"), Some("windows-1252"), Some(b';'))?;
    }

    #[test]
    fn any_bytes_at_all_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), head: bool) {
        let mut file = if head { b"id,n\n1,a\n".to_vec() } else { Vec::new() };
        file.extend(bytes);
        match bench(&file, &["id", "n"]).read_in_memory() {
            Ok(blocks) => prop_assert!(!blocks.is_empty()),
            Err(failure) => prop_assert_eq!(failure.kind, FailureKind::Source),
        }
    }
}

#[test]
fn a_column_may_go_by_other_names() {
    let mut bench = Bench::csv("crm_*.csv", &["Id", "E-mail"]);
    bench.spec.columns[1].also = vec!["Mail".into(), "Email".into()];
    assert_eq!(bench.spec.mistakes(), vec![]);
    bench.write("crm_1.csv", "Id,E-mail\n1,a@x.org\n").write("crm_2.csv", "Mail;Id\nb@x.org;2\n");
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(column(&staging.outcome.accepted, "e_mail"), ["a@x.org", "b@x.org"]);
    bench.write("crm_2.csv", "Id,Mail,E-mail\n2,b@x.org,b@x.org\n");
    let failure = bench.stage("l", &CurrentHashes::new()).unwrap_err();
    assert!(failure.message.contains("columns \"Mail\", \"E-mail\", and each of them is \"E-mail\""), "{failure}");
    bench.write("crm_2.csv", "Id,mail\n2,b@x.org\n");
    let failure = bench.stage("l", &CurrentHashes::new()).unwrap_err();
    assert!(failure.message.contains("lacks column \"E-mail\""), "{failure}");
}
