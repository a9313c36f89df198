//! `onefold sql` without a query: asking one question after the other.
//!
//! Line editing, history and completion are rustyline's. Input that is not a terminal is read as a script, so that
//! `onefold sql < questions.sql` works as it does elsewhere.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use onefold_contract::{Failure, Result};
use onefold_warehouse::query::{QuerySession, script, sql_type};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Editor, Helper};

use super::print;
use crate::cli::Format;
use crate::clock::Stopwatch;
use crate::environment;
use crate::output::{self, Table};
use crate::stop;

const HELP: &str = "\
A statement ends with a semicolon and may run over several lines.
  \\d              the tables              \\d TABLE     its columns
  \\format FORMAT  table, csv or json      \\x           one column a line, on or off
  \\timing         time taken, on or off   \\i FILE      run the statements of a file
  \\?              this help               \\q           leave (or Ctrl-D)
Tab completes names; the arrow keys and Ctrl-R find what was asked before; Ctrl-C stops a query.
";

/// How answers are printed, as the user set it.
struct Settings {
    format: Format,
    expanded: bool,
    timing: bool,
}

/// A conversation with one release.
pub(super) struct Shell<'a> {
    session: &'a QuerySession,
    settings: Settings,
}

/// What a line asks for.
enum Next {
    Go,
    Leave,
}

impl<'a> Shell<'a> {
    pub(super) fn new(session: &'a QuerySession, format: Format) -> Self {
        Self { session, settings: Settings { format, expanded: false, timing: false } }
    }

    /// Reads standard input to its end and answers every statement; the first that fails ends it.
    pub(super) async fn script(&mut self) -> Result<()> {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::usage(format!("standard input is no text: {error}")))?;
        self.statements(&text).await
    }

    async fn statements(&self, text: &str) -> Result<()> {
        let script = script::cut(text);
        let last = Some(script.rest).filter(|rest| !rest.is_empty());
        for statement in script.statements.into_iter().chain(last) {
            self.answer(&statement).await?;
        }
        Ok(())
    }

    /// Talks until the user leaves. What is wrong with one question is told and does not end the conversation.
    pub(super) async fn talk(&mut self, release: u64) -> Result<()> {
        let mut editor = editor(self.session)?;
        let history = history_file();
        if let Some(history) = &history {
            // A history that is not there yet, or cannot be read, is no reason not to answer.
            let _ = editor.load_history(history);
        }
        output::note(&format!("Release {release}. \\d lists the tables, \\? helps, \\q leaves."));
        let mut pending = String::new();
        loop {
            let prompt = if pending.is_empty() { "onefold> " } else { "      -> " };
            match editor.readline(prompt) {
                Ok(line) => {
                    if let Next::Leave = self.line(&mut editor, &mut pending, &line).await {
                        break;
                    }
                }
                Err(ReadlineError::Interrupted) => pending.clear(),
                Err(ReadlineError::Eof) => break,
                Err(error) => return Err(Failure::state(format!("the terminal cannot be read: {error}"))),
            }
        }
        if let Some(history) = &history {
            let _ = history.parent().map(std::fs::create_dir_all);
            let _ = editor.save_history(history);
        }
        Ok(())
    }

    async fn line(&mut self, editor: &mut Editor<Names, DefaultHistory>, pending: &mut String, line: &str) -> Next {
        if pending.is_empty() && line.trim_start().starts_with('\\') {
            let _ = editor.add_history_entry(line.trim());
            return self.command(line.trim()).await;
        }
        pending.push_str(line);
        pending.push('\n');
        let script = script::cut(pending);
        for statement in &script.statements {
            let _ = editor.add_history_entry(format!("{statement};"));
            if let Err(failure) = self.answer(statement).await {
                output::failure(&failure, false);
            }
        }
        *pending = if script.rest.is_empty() { String::new() } else { format!("{}\n", script.rest) };
        Next::Go
    }

    async fn command(&mut self, line: &str) -> Next {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim().trim_end_matches(';');
        let told = match word {
            "\\q" | "\\quit" => return Next::Leave,
            "\\?" | "\\h" | "\\help" => output::write_out(HELP),
            "\\d" | "\\dt" if rest.is_empty() => self.tables(),
            "\\d" => self.columns(rest),
            "\\x" => self.switch(|settings| &mut settings.expanded, "one column a line"),
            "\\timing" => self.switch(|settings| &mut settings.timing, "timing"),
            "\\format" => self.format(rest),
            "\\i" => match std::fs::read_to_string(rest) {
                Ok(text) => self.statements(&text).await,
                Err(error) => Err(Failure::usage(format!("{rest} cannot be read: {error}"))),
            },
            _ => Err(Failure::usage(format!("there is no command {word}")).hint("\\? lists the commands")),
        };
        if let Err(failure) = told {
            output::failure(&failure, false);
        }
        Next::Go
    }

    fn switch(&mut self, of: fn(&mut Settings) -> &mut bool, what: &str) -> Result<()> {
        let setting = of(&mut self.settings);
        *setting = !*setting;
        output::line(&format!("{what} is {}", if *setting { "on" } else { "off" }))
    }

    fn format(&mut self, name: &str) -> Result<()> {
        self.settings.format = Format::named(name).ok_or_else(|| {
            Failure::usage(format!("there is no format `{name}`")).hint("table, csv and json are known")
        })?;
        Ok(())
    }

    fn tables(&self) -> Result<()> {
        let mut table = Table::new(["table", "columns"]);
        for name in self.session.tables() {
            let columns = self.session.schema(name).map_or(0, |schema| schema.fields().len());
            table.row([name.to_string(), columns.to_string()]);
        }
        table.print("the release has no mart tables")
    }

    fn columns(&self, name: &str) -> Result<()> {
        let known = name.trim_start_matches("mart.");
        let schema = self.session.schema(known).ok_or_else(|| {
            Failure::usage(format!("there is no table `{name}`")).hint("\\d lists the tables there are")
        })?;
        let mut table = Table::new(["column", "type"]);
        for field in schema.fields() {
            table.row([field.name().clone(), sql_type(field.data_type())]);
        }
        table.print("the table has no columns")
    }

    /// Answers one statement; Ctrl-C meanwhile gives it up.
    async fn answer(&self, statement: &str) -> Result<()> {
        let begin = Stopwatch::start();
        let result = tokio::select! {
            result = self.session.query(statement) => result?,
            () = stop::asked() => {
                stop::forget();
                return Err(Failure::usage("the query was stopped"));
            }
        };
        output::paged(&print::text(&result, self.settings.format, self.settings.expanded)?)?;
        if self.settings.timing {
            output::note(&format!("{:.3} s", begin.seconds()));
        }
        Ok(())
    }
}

/// The file of what was asked before, below the user's own folder for such things.
fn history_file() -> Option<PathBuf> {
    let set = |name: &str| environment::set(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("onefold/history"))
}

fn editor(session: &QuerySession) -> Result<Editor<Names, DefaultHistory>> {
    let failed = |error: ReadlineError| Failure::state(format!("the terminal cannot be opened: {error}"));
    let config = Config::builder().auto_add_history(false).build();
    let mut editor = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(Names::of(session)));
    Ok(editor)
}

/// The words that Tab completes.
const WORDS: [&str; 36] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "USING",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS NULL",
    "IS NOT NULL",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "DISTINCT",
    "COUNT(",
    "SUM(",
    "AVG(",
    "MIN(",
    "MAX(",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "WITH",
    "UNION ALL",
    "OVER",
    "PARTITION BY",
    "EXPLAIN",
];

/// Completes tables, their columns, SQL's words and the shell's commands.
struct Names {
    tables: BTreeMap<String, Vec<String>>,
}

impl Names {
    fn of(session: &QuerySession) -> Self {
        let columns = |table: &str| -> Vec<String> {
            let schema = session.schema(table);
            schema.iter().flat_map(|schema| schema.fields()).map(|field| field.name().clone()).collect()
        };
        Self { tables: session.tables().map(|table| (table.to_string(), columns(table))).collect() }
    }

    /// What may stand for the last word of a line, which begins at the given byte.
    fn candidates(&self, line: &str) -> (usize, Vec<String>) {
        if line.starts_with('\\') && !line.contains(' ') {
            let commands = ["\\d", "\\x", "\\timing", "\\format", "\\i", "\\?", "\\q"];
            return (0, commands.iter().filter(|c| c.starts_with(line)).map(ToString::to_string).collect());
        }
        let begin = line.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').map_or(0, |at| at + 1);
        let word = &line[begin..];
        if let Some((table, column)) = word.rsplit_once('.') {
            let columns = self.tables.get(table.trim_start_matches("mart.")).map_or(&[][..], Vec::as_slice);
            let matching = columns.iter().filter(|name| name.starts_with(&column.to_lowercase()));
            return (begin + table.len() + 1, matching.cloned().collect());
        }
        let lower = word.to_lowercase();
        if lower.is_empty() {
            return (begin, self.tables.keys().cloned().collect());
        }
        let mut found: Vec<String> = self.tables.keys().filter(|name| name.starts_with(&lower)).cloned().collect();
        // Columns of the tables that the line names; of all tables before it names one.
        let named: Vec<&Vec<String>> =
            self.tables.iter().filter(|(table, _)| line.contains(table.as_str())).map(|(_, columns)| columns).collect();
        let columns = if named.is_empty() { self.tables.values().collect() } else { named };
        let mut columns: Vec<String> =
            columns.into_iter().flatten().filter(|name| name.starts_with(&lower)).cloned().collect();
        columns.sort();
        columns.dedup();
        found.append(&mut columns);
        found.extend(WORDS.iter().filter(|w| w.to_lowercase().starts_with(&lower)).map(ToString::to_string));
        (begin, found)
    }
}

impl Completer for Names {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &rustyline::Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (begin, found) = self.candidates(&line[..at]);
        let pairs = found.into_iter().map(|name| Pair { display: name.clone(), replacement: name });
        Ok((begin, pairs.collect()))
    }
}

impl Hinter for Names {
    type Hint = String;
}

impl Highlighter for Names {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Borrowed(hint)
    }
}

impl Validator for Names {}

impl Helper for Names {}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn names() -> Names {
        let columns = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Names {
            tables: BTreeMap::from([
                ("dim_customer".into(), columns(&["customer_key", "city", "country"])),
                ("dim_date".into(), columns(&["date_key", "calendar_year"])),
            ]),
        }
    }

    #[test]
    fn tab_knows_tables_columns_words_and_commands() {
        let names = names();
        assert_eq!(names.candidates("SELECT * FROM dim_c"), (14, vec!["dim_customer".into()]));
        assert_eq!(names.candidates("SELECT dim_date.cal"), (16, vec!["calendar_year".into()]));
        assert_eq!(
            names.candidates("SELECT c"),
            (7, ["calendar_year", "city", "country", "customer_key", "COUNT(", "CASE"].map(String::from).to_vec())
        );
        let (_, of_one_table) = names.candidates("SELECT * FROM dim_date WHERE c");
        assert_eq!(of_one_table[0], "calendar_year");
        assert!(!of_one_table.contains(&"city".to_string()));
        assert_eq!(names.candidates("\\tim"), (0, vec!["\\timing".into()]));
        assert_eq!(names.candidates("SELECT * FROM dim_date dé"), (23, vec![]));
    }
}
