//! The one integration binary. Each file of this folder is a module here; one that is forgotten fails the first test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A list of cases is long by nature, and a closure that breaks an input returns nothing anybody reads.
#![allow(clippy::too_many_lines, clippy::semicolon_if_nothing_returned)]

mod adventure_works;
mod architecture;
mod balance;
mod broken_inputs;
mod cli;
mod company;
mod crash;
mod demo;
mod epochs;
mod files;
mod kernel;
mod new;
mod nights;
mod one_row;
mod reference;
mod shell;
mod slt;
mod support;

use std::collections::BTreeSet;

#[test]
fn no_test_file_is_forgotten() {
    let listed: BTreeSet<String> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .map(String::from)
        .collect();
    let there: BTreeSet<String> = std::fs::read_dir(support::root().join("tests"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "main")
        .collect();
    assert_eq!(listed, there, "tests/main.rs must list every file of tests/");
}
