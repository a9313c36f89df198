//! What a piece of SQL says, read from its syntax tree before anything is planned.
//!
//! Names of tables and functions are collected here and judged against what is offered, because that gives every
//! unknown name of a statement at once, with its line and column. Planning first and reading the engine's error text,
//! the rejected way, gives one name a time and its text changes from version to version.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use datafusion::sql::sqlparser::ast::{Expr, Ident, ObjectName, Query, SetExpr, TableFactor, Visit, Visitor};

use super::words::{Place, SqlMistake};

/// A name as written, its parts normalised as SQL does: small letters unless quoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// Schema and table, or only the table.
    pub(crate) parts: Vec<String>,
    /// Where it stands.
    pub(crate) place: Option<Place>,
}

impl Name {
    fn of(name: &ObjectName) -> Self {
        let idents = || name.0.iter().filter_map(|part| part.as_ident());
        let place = idents().next().map(|ident| ident.span.start).filter(|at| at.line > 0);
        Self {
            parts: idents().map(normalised).collect(),
            place: place.map(|at| Place { line: at.line, column: at.column }),
        }
    }

    /// The name with its dots.
    pub(crate) fn text(&self) -> String {
        self.parts.join(".")
    }
}

fn normalised(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// One statement.
#[derive(Debug, Clone)]
pub(crate) struct Parsed {
    /// Its syntax tree.
    pub(crate) statement: Statement,
    /// The tables it reads, each once; names of its own common table expressions are left out.
    pub(crate) tables: Vec<Name>,
    /// The functions it calls, each once.
    pub(crate) functions: Vec<Name>,
    /// The functions it reads rows from, each once.
    pub(crate) table_functions: Vec<Name>,
}

/// Reads one statement of any kind.
///
/// # Errors
/// A syntax error with its place; no statement, or more than one.
pub(crate) fn parse(sql: &str) -> Result<Parsed, SqlMistake> {
    let parsed = DFParserBuilder::new(sql).build().and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|error| SqlMistake::of(&error))?;
    match statements.len() {
        0 => return Err(SqlMistake::new("there is no SQL statement").hint("write one SELECT")),
        1 => {}
        more => return Err(SqlMistake::new(format!("there are {more} SQL statements")).hint("write one")),
    }
    let statement = statements.pop_front().ok_or_else(|| SqlMistake::new("there is no SQL statement"))?;
    let mut names = Names::default();
    names.collect(&statement);
    Ok(Parsed {
        statement,
        tables: once_each(names.tables),
        functions: once_each(names.functions),
        table_functions: once_each(names.table_functions),
    })
}

/// Reads one SELECT (or WITH, or VALUES) and nothing else.
///
/// # Errors
/// As [`parse`], and any statement that is no query.
pub(crate) fn parse_select(sql: &str) -> Result<Parsed, SqlMistake> {
    let parsed = parse(sql)?;
    if is_query(&parsed.statement) {
        return Ok(parsed);
    }
    Err(SqlMistake::new(format!("this is {}, not a SELECT", kind_of(&parsed.statement))).hint("write one SELECT"))
}

/// Whether a statement only reads: a query, a description or an explanation of one.
pub(crate) fn only_reads(statement: &Statement) -> bool {
    match statement {
        Statement::Explain(explain) => is_query(&explain.statement),
        Statement::Statement(inner) => {
            let describes = matches!(
                **inner,
                SqlStatement::ExplainTable { .. } | SqlStatement::ShowTables { .. } | SqlStatement::ShowColumns { .. }
            );
            describes || is_query(statement)
        }
        _ => false,
    }
}

/// What a statement asks of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfCatalogue {
    /// `SHOW TABLES`.
    Tables,
    /// `DESCRIBE table`.
    Columns,
}

/// Whether a statement lists tables or the columns of one; `None` for all others, and for lists that are filtered.
pub(crate) fn asks_of_catalogue(statement: &Statement) -> Option<OfCatalogue> {
    let Statement::Statement(inner) = statement else { return None };
    match **inner {
        SqlStatement::ShowTables { ref show_options, .. } if show_options.filter_position.is_none() => {
            Some(OfCatalogue::Tables)
        }
        SqlStatement::ExplainTable { .. } => Some(OfCatalogue::Columns),
        _ => None,
    }
}

/// Whether a statement is a query that yields rows and changes nothing.
pub(crate) fn is_query(statement: &Statement) -> bool {
    match statement {
        Statement::Statement(inner) => match &**inner {
            SqlStatement::Query(query) => query.visit(&mut WritesWithin).is_continue(),
            _ => false,
        },
        _ => false,
    }
}

/// The statement's first words, as a user would name it: `CREATE EXTERNAL`, `INSERT INTO`.
pub(crate) fn kind_of(statement: &Statement) -> String {
    let text = statement.to_string();
    let upper = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    let words: Vec<&str> = text.split_whitespace().take(2).take_while(upper).collect();
    if words.is_empty() { "another statement".into() } else { words.join(" ") }
}

/// Finds `SELECT ... INTO` and changes hidden in a WITH.
struct WritesWithin;

impl Visitor for WritesWithin {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if body_writes(&query.body) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn body_writes(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.into.is_some(),
        SetExpr::SetOperation { left, right, .. } => body_writes(left) || body_writes(right),
        SetExpr::Query(_) | SetExpr::Values(_) | SetExpr::Table(_) => false,
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => true,
    }
}

fn once_each(mut names: Vec<Name>) -> Vec<Name> {
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.parts.clone()));
    names
}

#[derive(Default)]
struct Names {
    tables: Vec<Name>,
    functions: Vec<Name>,
    table_functions: Vec<Name>,
    common: Vec<String>,
    next_is_function: bool,
}

impl Names {
    fn collect(&mut self, statement: &Statement) {
        // The visitor never breaks.
        let _ = match statement {
            Statement::Statement(inner) => inner.visit(self),
            Statement::Explain(explain) => {
                self.collect(&explain.statement);
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Continue(()),
        };
    }
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { args, .. } => self.next_is_function = args.is_some(),
            TableFactor::Function { name, .. } => self.table_functions.push(Name::of(name)),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = Name::of(relation);
        if std::mem::take(&mut self.next_is_function) {
            self.table_functions.push(name);
        } else if name.parts.len() != 1 || !self.common.contains(&name.parts[0]) {
            self.tables.push(name);
        }
        ControlFlow::Continue(())
    }

    // A common table expression does not see itself, unless it is recursive: it is walked once before its name counts.
    // The walk of the whole query passes it a second time, which adds nothing new.
    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for expression in query.with.iter().flat_map(|with| &with.cte_tables) {
            if query.with.as_ref().is_some_and(|with| !with.recursive) {
                expression.visit(self)?;
            }
            self.common.push(normalised(&expression.alias.name));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let own = query.with.as_ref().map_or(0, |with| with.cte_tables.len());
        self.common.truncate(self.common.len().saturating_sub(own));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expression {
            self.functions.push(Name::of(&function.name));
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn tables(sql: &str) -> Vec<String> {
        parse_select(sql).unwrap().tables.iter().map(Name::text).collect()
    }

    #[test]
    fn tables_are_found_wherever_they_stand() {
        let sql = "SELECT (SELECT max(x) FROM standardized.a) FROM mart.b JOIN (SELECT * FROM C) c ON EXISTS (SELECT 1 FROM \"D\")
                   WHERE b.y IN (SELECT y FROM e UNION ALL SELECT y FROM resolved.f)";
        let mut found = tables(sql);
        found.sort();
        assert_eq!(found, ["D", "c", "e", "mart.b", "resolved.f", "standardized.a"]);
    }

    #[test]
    fn a_common_table_expression_is_no_table() {
        assert_eq!(tables("WITH c AS (SELECT * FROM a), d AS (SELECT * FROM c) SELECT * FROM d"), ["a"]);
        assert_eq!(tables("WITH c AS (SELECT * FROM c) SELECT * FROM c"), ["c"]);
        assert_eq!(
            tables("WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n"),
            Vec::<String>::new()
        );
        assert_eq!(tables("(WITH t AS (SELECT 1) SELECT * FROM t) UNION (SELECT * FROM t)"), ["t"]);
    }

    #[test]
    fn functions_that_give_rows_are_no_tables() {
        let parsed = parse_select("SELECT value FROM generate_series(1, (SELECT max(x) FROM t)) AS s, u").unwrap();
        assert_eq!(parsed.tables.iter().map(Name::text).collect::<Vec<_>>(), ["t", "u"]);
        assert_eq!(parsed.table_functions[0].text(), "generate_series");
        assert_eq!(parsed.functions[0].text(), "max");
    }

    #[test]
    fn a_name_knows_its_place() {
        let parsed = parse_select("SELECT *\n  FROM mart.x").unwrap();
        assert_eq!(parsed.tables[0].place, Some(Place { line: 2, column: 8 }));
    }

    #[test]
    fn a_syntax_error_names_line_and_column() {
        let mistake = parse_select("SELECT a\nFROM t WHERE )").unwrap_err();
        assert!(mistake.place.is_some_and(|p| p.line == 2), "{mistake:?}");
        assert!(mistake.to_string().contains("line 2"), "{mistake}");
    }

    #[test]
    fn only_queries_are_selects() {
        let others = [
            "INSERT INTO t VALUES (1)",
            "SELECT 1 INTO t",
            "WITH c AS (SELECT 1) INSERT INTO t SELECT * FROM c",
            "",
            "SELECT 1; SELECT 2",
            "EXPLAIN SELECT 1",
            "COPY t TO 'f'",
            "SET a = 1",
            "CREATE VIEW v AS SELECT 1",
        ];
        for sql in others {
            assert!(parse_select(sql).is_err(), "{sql}");
        }
        for sql in ["SELECT 1", "VALUES (1)", "WITH c AS (SELECT 1 AS x) SELECT x FROM c;"] {
            assert!(parse_select(sql).is_ok(), "{sql}");
        }
    }
}
