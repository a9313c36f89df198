//! Inputs that are broken, each in its own way: the message and the exit code, as snapshots.

use super::support::{DESK, Workshop};

/// Breaks a workshop, runs a command in it, and holds all that it printed against a snapshot.
fn broken(name: &str, code: i32, break_it: impl Fn(&Workshop), command: &[&str]) {
    let shop = Workshop::tiny();
    break_it(&shop);
    let answer = shop.onefold(command);
    let place = shop.path("").display().to_string();
    let said = format!(
        "onefold {}\nexit code {}\n--- stdout\n{}--- stderr\n{}",
        command.join(" "),
        answer.code.unwrap_or(-1),
        answer.out,
        answer.err
    );
    let said = said.replace(place.trim_end_matches('/'), "PLACE");
    assert_eq!(answer.code, Some(code), "{said}");
    for leak in ["panicked", "RUST_BACKTRACE", "Some(", "Err(", "::"] {
        assert!(!said.contains(leak), "a user must not read {leak}:\n{said}");
    }
    insta::assert_snapshot!(name, said);
}

const RUN: [&str; 6] = ["run", "tiny", "--as-of", "2026-01-15", "--now", "2026-01-15T22:00:00Z"];

/// Replaces text in a file that must hold it.
fn edit(shop: &Workshop, file: &str, from: &str, to: &str) {
    let text = shop.read(file);
    assert!(text.contains(from), "{file} has no {from}");
    shop.write(file, text.replace(from, to));
}

#[test]
fn files_of_sources() {
    broken("missing_file", 3, |s| std::fs::remove_file(s.path("data/shop.csv")).unwrap(), &RUN);
    broken("empty_file", 3, |s| s.write("data/shop.csv", ""), &RUN);
    broken("header_only", 3, |s| s.write("data/shop.csv", "id,first,last,born,mail\n"), &RUN);
    broken(
        "a_spreadsheet_renamed",
        3,
        |s| s.write("data/shop.csv", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0b\xee\x9dh"),
        &RUN,
    );
    broken("header_twice", 3, |s| s.write("data/shop.csv", "id,first,first,born,mail\na,b,c,d,e\n"), &RUN);
    broken(
        "renamed_column",
        3,
        |s| edit(s, "data/shop.csv", "id,first,last,born,mail", "id,first,last,born,e_mail"),
        &RUN,
    );
    broken("quote_that_never_ends", 3, |s| edit(s, "data/shop.csv", "a,Bob", "a,\"Bob"), &RUN);
    broken(
        "two_sources_at_once",
        3,
        |s| {
            std::fs::remove_file(s.path("data/shop.csv")).unwrap();
            s.write("data/desk.csv", "");
        },
        &RUN,
    );
}

#[test]
fn rows_beyond_what_may_be_lost() {
    broken(
        "ragged_rows",
        1,
        |s| s.write("data/desk.csv", format!("{DESK}4,Eva\n5,Finn,Gale,01/01/1980,f@g.example,1,2\n")),
        &RUN,
    );
    broken(
        "bytes_of_another_encoding",
        1,
        |s| {
            s.write("data/shop.csv", b"\xef\xbb\xbfid,first,last,born,mail\na,B\xffb,Smith,1980-12-31,b@s.example\nb,Dora,Lake,1969-07-20,d@l.example\n")
        },
        &RUN,
    );
    broken(
        "impossible_dates_in_a_strict_column",
        1,
        |s| edit(s, "data/desk.csv", "02/14/1975", "02/30/1975"),
        &["run", "tiny", "--now", "2026-01-15T22:00:00Z", "--param", "data=data", "--as-of", "2026-01-15", "--json"],
    );
    broken(
        "the_same_key_twice",
        1,
        |s| {
            s.write(
                "data/desk.csv",
                format!("{DESK}1,Eve,Other,01/01/1980,e@o.example,1\n2,Eve,Other,01/01/1980,e@o.example,1\n"),
            )
        },
        &RUN,
    );
    broken(
        "a_check_that_fails",
        1,
        |s| edit(s, "data/orders.csv", "O1,2,2024-01-05,a,1", "O1,2,2024-01-05,a,-1"),
        &RUN,
    );
}

#[test]
fn configuration() {
    broken(
        "toml_that_is_none",
        2,
        |s| edit(s, "pipelines/tiny/sources/desk.toml", "name = \"desk\"", "name = \"desk"),
        &["check", "tiny"],
    );
    broken(
        "wrong_types",
        2,
        |s| edit(s, "pipelines/tiny/sources/desk.toml", "strict = true", "strict = \"yes\""),
        &["check", "tiny"],
    );
    broken("unknown_key", 2, |s| edit(s, "pipelines/tiny/sources/shop.toml", "grain =", "grane ="), &["check", "tiny"]);
    broken(
        "unknown_kind",
        2,
        |s| edit(s, "pipelines/tiny/sources/shop.toml", "kind = \"email\"", "kind = \"e_mail\""),
        &["check", "tiny"],
    );
    broken(
        "thresholds_that_cross",
        2,
        |s| edit(s, "pipelines/tiny/models/person.toml", "review = 0.5", "review = 0.99"),
        &["check", "tiny"],
    );
    broken("unknown_parameter", 2, |_| (), &["check", "tiny", "--param", "dat=elsewhere"]);
    broken(
        "no_pipeline_here",
        2,
        |s| std::fs::remove_file(s.path("pipelines/tiny/pipeline.toml")).unwrap(),
        &["check", "tiny"],
    );
    broken(
        "mistakes_of_toml_and_sql_at_once",
        2,
        |s| {
            edit(s, "pipelines/tiny/sources/desk.toml", "strict = true", "strict = \"yes\"");
            edit(s, "pipelines/tiny/pipeline.toml", "max_deleted_share", "max_deletd_share");
            edit(s, "pipelines/tiny/mart/fact_sales.sql", "FROM", "FORM");
            edit(s, "pipelines/tiny/mart/dim_customer.sql", "resolved.golden_record", "resolved.golden_recrod");
        },
        &["check", "tiny"],
    );
    broken(
        "columns_of_sql_beside_a_wrong_name",
        2,
        |s| {
            edit(s, "pipelines/tiny/pipeline.toml", "name = \"tiny\"", "name = \"tyni\"");
            edit(s, "pipelines/tiny/mart/fact_sales.sql", "quantity", "quantitty");
        },
        &["check", "tiny"],
    );
    broken("unknown_pipeline", 2, |_| (), &["check", "tyni"]);
    broken(
        "cyclic_mart",
        2,
        |s| {
            s.write("pipelines/tiny/mart/dim_customer.sql", "SELECT 'x' AS customer_id, 'y' AS given_name, 'z' AS family_name, order_number AS email FROM mart.fact_sales")
        },
        &["check", "tiny"],
    );
    broken(
        "mart_of_an_unknown_table",
        2,
        |s| edit(s, "pipelines/tiny/mart/fact_sales.sql", "standardized.orders", "standardized.order"),
        &["check", "tiny"],
    );
    broken(
        "mart_of_an_unknown_column",
        2,
        |s| edit(s, "pipelines/tiny/mart/dim_customer.sql", "family_name,", "familyname AS family_name,"),
        &["check", "tiny"],
    );
    broken(
        "mart_that_asks_the_clock",
        2,
        |s| edit(s, "pipelines/tiny/mart/dim_customer.sql", "given_name,", "CAST(now() AS VARCHAR) AS given_name,"),
        &["check", "tiny"],
    );
    broken(
        "a_dictionary_that_is_none",
        2,
        |s| s.write("name-dictionaries/seed/zz.csv", "name,kind\nBob,given\n"),
        &RUN,
    );
    broken(
        "many_mistakes_at_once",
        2,
        |s| {
            edit(s, "pipelines/tiny/sources/desk.toml", "strict = true", "strict = 1");
            edit(s, "pipelines/tiny/sources/shop.toml", "key = [\"number\"]", "key = [\"nummer\"]");
            edit(s, "pipelines/tiny/models/person.toml", "method = \"date\"", "method = \"dates\"");
            edit(s, "pipelines/tiny/mart/dim_customer.toml", "scd_type = 2", "scd_type = 3");
        },
        &["check", "tiny"],
    );
}

#[test]
fn state_and_questions() {
    broken("a_state_root_that_is_a_file", 4, |s| s.write("state", "not a folder"), &RUN);
    broken("no_state_yet", 4, |_| (), &["sql", "-c", "SELECT 1"]);
    let ran = |s: &Workshop| drop(s.run_tiny(&[]).ok());
    broken("an_unknown_table", 2, ran, &["sql", "-c", "SELECT * FROM dim_custmer"]);
    broken("a_question_that_writes", 2, ran, &["sql", "-c", "COPY dim_customer TO 'out.csv'"]);
    broken("a_question_beyond_the_mart", 2, ran, &["sql", "-c", "SELECT * FROM '/etc/passwd'"]);
    broken("an_unknown_release", 2, ran, &["release", "show", "7"]);
    broken(
        "a_truth_of_another_shape",
        3,
        |s| {
            ran(s);
            s.write("truth.csv", "id,person\n1,2\n");
        },
        &["evaluate", "--truth", "truth.csv"],
    );
    broken(
        "a_date_before_the_last",
        2,
        |s| {
            ran(s);
            edit(s, "data/shop.csv", "Dora", "Doris");
        },
        &["run", "tiny", "--as-of", "2025-01-01", "--now", "2026-01-16T22:00:00Z"],
    );
    broken(
        "a_damaged_control_database",
        4,
        |s| {
            ran(s);
            s.write("state/control.sqlite", "not a database, but long enough to be looked at as one");
        },
        &RUN,
    );
    broken(
        "a_damaged_ledger",
        4,
        |s| {
            ran(s);
            edit(s, "state/identity/ledger.jsonl", "\"issued\"", "\"forged\"");
        },
        &RUN,
    );
    broken(
        "a_state_root_of_another_pipeline",
        2,
        |s| {
            ran(s);
            super::support::copy(&s.path("pipelines/tiny"), &s.path("pipelines/other"));
            edit(s, "pipelines/other/pipeline.toml", "name = \"tiny\"", "name = \"other\"");
        },
        &["run", "other"],
    );
}
