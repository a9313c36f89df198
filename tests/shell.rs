//! `onefold sql` without a query, and Ctrl-C.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use super::support::{Answer, Workshop};

/// Runs the program with standard input from a text.
fn fed(shop: &Workshop, arguments: &[&str], input: &str) -> Answer {
    let mut command = shop.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Answer::of(&child.wait_with_output().unwrap())
}

#[test]
fn a_script_is_answered_statement_by_statement() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let script = "-- who; what\nSELECT given_name FROM dim_customer\nWHERE given_name = 'Anna';\n\nSELECT 'a;b' AS x";
    let said = fed(&shop, &["sql", "--format", "csv"], script).ok();
    assert_eq!(said, "given_name\nAnna\nx\na;b\n");
    let answer = fed(&shop, &["sql"], "SELECT 1 AS one; SELECT nothing FROM dim_customer; SELECT 3 AS three;");
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(answer.out.contains("one") && !answer.out.contains("three"), "the first mistake ends a script: {answer:?}");
    assert!(answer.err.contains("there is no column"), "{}", answer.err);
}

#[test]
fn a_conversation_on_a_terminal() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let program = shop.command(&[]).get_program().to_string_lossy().into_owned();
    let mut command = Command::new("script");
    command.args(["-qec", &format!("{program} sql"), "/dev/null"]).current_dir(shop.path(""));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm")
        .env("HOME", shop.path("home"))
        .env("PAGER", "cat")
        .env("LANG", "C.UTF-8");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut said = Vec::new();
    // What is typed before the shell asks is thrown away, as on any terminal; it asks with the bracketed-paste sequence.
    let mut wait_for_prompts = |count: usize| {
        let mut block = [0; 4096];
        while String::from_utf8_lossy(&said).matches("\u{1b}[?2004h").count() < count {
            let read = output.read(&mut block).unwrap();
            assert!(read > 0, "the shell ended early:\n{}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&block[..read]);
        }
    };
    let lines = [
        "\\d",
        "\\d dim_customer",
        "SELECT count(*)",
        "AS people FROM dim_customer;",
        "\\x",
        "SELECT given_name FROM dim_customer WHERE given_name = 'Cid';",
        "SELECT x FROM nowhere;",
        "\\nothing",
        "\\q",
    ];
    for (number, line) in lines.iter().enumerate() {
        wait_for_prompts(number + 1);
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
    let ended = child.wait().unwrap();
    output.read_to_end(&mut said).unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    for expected in [
        "Release 1.",
        "fact_sales",
        "valid_from",
        "people",
        "-- row 1",
        "given_name  Cid",
        "there is no table `nowhere`",
        "there is no command \\nothing",
    ] {
        assert!(said.contains(expected), "{expected} is missing:\n{said}");
    }
    assert_eq!(ended.code(), Some(0), "{said}");
    let history = shop.read("home/.local/state/onefold/history");
    assert!(history.contains("AS people FROM dim_customer;"), "{history}");
}

#[test]
fn ctrl_c_stops_a_run_between_two_steps() {
    let shop = Workshop::with_pipeline("demo");
    shop.onefold(&["demo", "generate", "--customers", "3000", "--out", "demo/data"]).ok();
    let mut child =
        shop.command(&["run", "demo", "--verbose"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let first = told.next().unwrap();
    assert!(first.starts_with("landing "), "{first}");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let rest: Vec<String> = told.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:#?}");
    assert!(rest.iter().any(|line| line.contains("stopped by Ctrl-C; nothing was published")), "{rest:#?}");
    let runs = shop.onefold(&["runs", "list", "--json"]).json();
    assert_eq!(runs[0]["status"], "interrupted");
    shop.onefold(&["run", "demo"]).ok();
}
