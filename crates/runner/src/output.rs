//! What a person or a program reads: tables, JSON and failures.
//!
//! Results go to standard output, everything else to standard error, so that a pipe carries results alone.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::Write;

use onefold_contract::{Failure, Result};
use serde::Serialize;

/// Prints a failure: as text on standard error or, for programs, as JSON there.
pub(crate) fn failure(failure: &Failure, json: bool) {
    if json {
        let value = serde_json::json!({
            "error": {
                "kind": failure.kind,
                "exit_code": failure.kind.exit_code(),
                "message": failure.message,
                "details": failure.details,
                "hints": failure.hints,
            }
        });
        eprintln!("{value}");
    } else {
        eprintln!("error: {failure}");
    }
}

/// Prints a line that is no result.
pub(crate) fn note(line: &str) {
    eprintln!("{line}");
}

/// Prints a line of a result.
///
/// # Errors
/// Only where standard output is gone; a reader that has seen enough (`| head`) is no error.
pub(crate) fn line(line: &str) -> Result<()> {
    write_out(&format!("{line}\n"))
}

/// Prints a value as indented JSON.
///
/// # Errors
/// As [`line()`].
pub(crate) fn json<T: Serialize>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::bug(format!("a result cannot be written as JSON: {error}")))?;
    line(&text)
}

/// Prints text as it is.
///
/// # Errors
/// As [`line()`].
pub(crate) fn write_out(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::state(format!("the result cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Rows of text with a header, columns aligned; columns whose every value is a number stand to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the given header.
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(String::from).to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Vec::from(cells));
    }

    /// Prints the table; one without rows prints `nothing`.
    ///
    /// # Errors
    /// As [`line()`].
    pub(crate) fn print(&self, nothing: &str) -> Result<()> {
        if self.rows.is_empty() {
            return line(nothing);
        }
        let numeric: Vec<bool> = (0..self.header.len())
            .map(|c| self.rows.iter().all(|row| row[c].chars().all(|ch| ch.is_ascii_digit() || "-.,".contains(ch))))
            .collect();
        let widths: Vec<usize> =
            (0..self.header.len()).map(|c| self.all().map(|row| row[c].chars().count()).max().unwrap_or(0)).collect();
        let mut text = String::new();
        for row in self.all() {
            let cells = row.iter().enumerate().map(|(c, cell)| {
                let width = widths[c];
                if numeric[c] { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        write_out(&text)
    }

    fn all(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.header).chain(&self.rows)
    }
}
