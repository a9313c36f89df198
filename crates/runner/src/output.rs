//! What a person or a program reads: tables, JSON and failures.
//!
//! Results go to standard output, everything else to standard error, so that a pipe carries results alone.

use std::io::{IsTerminal, Write};

use console::{Term, style};
use onefold_contract::{Failure, Result};
use serde::Serialize;

use crate::environment;

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
        note(&value.to_string());
    } else {
        note(&coloured(failure));
    }
}

/// A failure as text, in colours where standard error is a terminal that shows them and `NO_COLOR` does not forbid it.
fn coloured(failure: &Failure) -> String {
    let mut text = format!("{} {}", style("error:").for_stderr().red().bold(), failure.message);
    for line in &failure.details {
        text.push_str("\n  ");
        text.push_str(line);
    }
    for hint in &failure.hints {
        // Writing to a String cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("\n{} {hint}", style("hint:").for_stderr().cyan()));
    }
    text
}

/// Prints text; where it is longer than the terminal it goes to, through `$PAGER` or `less`.
///
/// # Errors
/// As [`line()`].
pub(crate) fn paged(text: &str) -> Result<()> {
    let terminal = Term::stdout();
    let is_long = || text.lines().count() > usize::from(terminal.size().0);
    if terminal.is_term() && is_long() && page(text).is_ok() { Ok(()) } else { write_out(text) }
}

/// Whether a person sits at both ends, and can be talked to.
pub(crate) fn talks() -> bool {
    std::io::stdin().is_terminal() && Term::stdout().is_term()
}

/// Whether standard error is a terminal, which can show progress.
pub(crate) fn shows_progress() -> bool {
    Term::stderr().is_term()
}

/// Hands text to the pager. `less` is told to leave at once what fits after all, and to keep lines whole.
fn page(text: &str) -> std::io::Result<()> {
    let wanted = environment::set("PAGER").unwrap_or_else(|| "less -FRSX".into());
    let mut shell = std::process::Command::new("sh");
    let mut pager = shell.arg("-c").arg(wanted).stdin(std::process::Stdio::piped()).spawn()?;
    if let Some(input) = pager.stdin.take() {
        // A reader who has seen enough closes the pager; that is no error.
        let _ = { input }.write_all(text.as_bytes());
    }
    let ended = pager.wait()?;
    if ended.code() == Some(127) { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(()) }
}

/// Prints a line that is no result. Where nobody reads standard error any more, nobody misses it.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A number with what is counted: "1 source", "2 sources".
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
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

    /// Leaves out the columns whose every cell is the given text.
    pub(crate) fn without_columns_of(&mut self, text: &str) {
        let kept: Vec<bool> = (0..self.header.len()).map(|c| self.rows.iter().any(|row| row[c] != text)).collect();
        let keep = |cells: &mut Vec<String>| {
            let mut kept = kept.iter();
            cells.retain(|_| kept.next().copied().unwrap_or(true));
        };
        keep(&mut self.header);
        self.rows.iter_mut().for_each(keep);
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
