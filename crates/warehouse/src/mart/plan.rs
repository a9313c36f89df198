//! Which mart table reads which, and in what order they are built.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use datafusion::execution::SessionState;
use datafusion::logical_expr::Volatility;
use onefold_contract::table::{Layer, TableName};

use super::{MartMistake, MartPart, MartTable};
use crate::query::engine;
use crate::query::statement::{Name, Parsed, parse_select};
use crate::query::words::{SqlMistake, nearest};
use crate::spec::MartTableSpec;

/// Mart tables in the order in which they are built, their SQL read.
#[derive(Debug, Clone)]
pub struct MartPlan {
    pub(super) tables: Vec<Planned>,
}

/// One table of a plan.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) spec: MartTableSpec,
    pub(super) select: Parsed,
    pub(super) reads: BTreeSet<TableName>,
    pub(super) checks: Vec<(String, Parsed)>,
    pub(super) excluded: Option<Parsed>,
}

impl MartPlan {
    /// The tables' names, in the order of building.
    pub fn order(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|table| table.spec.name.as_str())
    }

    /// What a table's specification says.
    pub fn spec(&self, table: &str) -> Option<&MartTableSpec> {
        self.tables.iter().map(|t| &t.spec).find(|spec| spec.name == table)
    }

    /// The standardized and resolved tables that the plan reads, in SELECTs, checks and accounts.
    pub fn inputs(&self) -> BTreeSet<TableName> {
        let sources = self.tables.iter().filter_map(|table| table.spec.accounts_for.as_ref());
        let accounted = sources.flat_map(|accounts| &accounts.sources);
        let mut inputs: BTreeSet<TableName> =
            accounted.map(|source| TableName::new(Layer::Standardized, source)).collect();
        for table in &self.tables {
            inputs.extend(table.reads.iter().cloned());
            let beside = table.checks.iter().map(|(_, sql)| sql).chain(&table.excluded);
            inputs.extend(beside.flat_map(|sql| &sql.tables).filter_map(address));
        }
        inputs.retain(|name| name.layer != Layer::Mart);
        inputs
    }
}

/// Reads the tables' SQL and orders the tables so that each is built after those it reads; where several could be
/// next, by name. `inputs` are the standardized and resolved tables there are, and mart tables that are not given.
///
/// # Errors
/// Every mistake of every table at once: SQL that is no SELECT, unknown tables and functions, functions that give
/// another value on every run, tables that read one another in a ring.
pub fn plan(tables: &[MartTable], inputs: &BTreeSet<TableName>) -> Result<MartPlan, Vec<MartMistake>> {
    let mut mistakes = Vec::new();
    let session = engine::session(engine::settings(), None);
    let reader = match &session {
        Ok(session) => Reader { offered: offered(tables, inputs), state: session.state() },
        Err(error) => {
            let what = SqlMistake::of(error);
            return Err(tables.iter().map(|t| MartMistake::of(&t.spec.name, MartPart::Select, what.clone())).collect());
        }
    };
    let mut planned = BTreeMap::new();
    for table in tables {
        let name = &table.spec.name;
        if planned.contains_key(name) {
            mistakes.push(MartMistake::specification(name, "name", format!("two mart tables are named `{name}`")));
        }
        if let Some(table) = reader.read(table, &mut mistakes) {
            planned.insert(name.clone(), table);
        }
    }
    let order = order(&planned, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(MartPlan { tables: order.iter().filter_map(|name| planned.remove(name)).collect() })
}

fn offered(tables: &[MartTable], inputs: &BTreeSet<TableName>) -> BTreeSet<TableName> {
    let mart = tables.iter().map(|table| TableName::new(Layer::Mart, &table.spec.name));
    inputs.iter().cloned().chain(mart).collect()
}

/// The address that a name in SQL means; a name without a schema is the mart's.
pub(super) fn address(name: &Name) -> Option<TableName> {
    match name.parts.as_slice() {
        [table] => Some(TableName::new(Layer::Mart, table)),
        [schema, table] => {
            let layer = Layer::ALL.into_iter().find(|layer| layer.name() == schema)?;
            Some(TableName::new(layer, table))
        }
        _ => None,
    }
}

struct Reader {
    offered: BTreeSet<TableName>,
    state: SessionState,
}

impl Reader {
    fn read(&self, table: &MartTable, mistakes: &mut Vec<MartMistake>) -> Option<Planned> {
        let spec = &table.spec;
        let select = self.sql(&spec.name, &MartPart::Select, &table.sql, mistakes);
        let mut checks = Vec::new();
        for check in &spec.checks {
            let sql = self.sql(&spec.name, &MartPart::Check(check.name.clone()), &check.sql, mistakes);
            checks.extend(sql.map(|sql| (check.name.clone(), sql)));
        }
        let accounts = spec.accounts_for.as_ref();
        let excluded = accounts.and_then(|accounts| accounts.excluded_sql.as_ref());
        let excluded = excluded.and_then(|sql| self.sql(&spec.name, &MartPart::ExcludedSql, sql, mistakes));
        for (row, source) in accounts.iter().flat_map(|accounts| accounts.sources.iter().enumerate()) {
            let name = Name { parts: vec![Layer::Standardized.name().into(), source.clone()], place: None };
            if let Err(mistake) = self.resolve(&name, "") {
                let part = MartPart::Specification(format!("accounts_for.sources[{row}]"));
                mistakes.push(MartMistake::of(&spec.name, part, mistake));
            }
        }
        let select = select?;
        let reads = select.tables.iter().filter_map(address).filter(|name| self.offered.contains(name)).collect();
        Some(Planned { spec: spec.clone(), select, reads, checks, excluded })
    }

    fn sql(&self, table: &str, part: &MartPart, sql: &str, mistakes: &mut Vec<MartMistake>) -> Option<Parsed> {
        let parsed = match parse_select(sql) {
            Ok(parsed) => parsed,
            Err(mistake) => {
                mistakes.push(MartMistake::of(table, part.clone(), mistake));
                return None;
            }
        };
        // Nobody means the very table that a SELECT is to make; its checks read it.
        let made = if *part == MartPart::Select { table } else { "" };
        let unknown = parsed.tables.iter().filter_map(|name| self.resolve(name, made).err());
        let functions = parsed.functions.iter().filter_map(|name| self.judge(name).err());
        let series = parsed.table_functions.iter().filter_map(|name| self.judge_table_function(name).err());
        let found = unknown.chain(functions).chain(series);
        mistakes.extend(found.map(|mistake| MartMistake::of(table, part.clone(), mistake)));
        Some(parsed)
    }

    /// Whether a name is that of a table there is; `made` is never offered for another.
    fn resolve(&self, name: &Name, made: &str) -> Result<(), SqlMistake> {
        if address(name).is_some_and(|address| self.offered.contains(&address)) {
            return Ok(());
        }
        let text = name.text();
        let mistake = SqlMistake::new(format!("there is no table `{text}`")).at(name.place);
        if name.parts.len() > 1 && name.parts[0] == "previous" {
            return Err(mistake.hint("a SELECT says what holds now; versions are kept by the warehouse"));
        }
        let wanted = name.parts.last().map_or("", String::as_str);
        let others = || self.offered.iter().filter(|table| table.layer != Layer::Mart || table.name != made);
        if let Some(same) = others().find(|table| table.name == wanted) {
            return Err(mistake.hint(format!("did you mean `{same}`?")));
        }
        let full: Vec<String> = others().map(ToString::to_string).collect();
        let by_full_name = nearest(&text, full.iter().map(String::as_str)).map(str::to_string);
        let by_table = || {
            let near = nearest(wanted, others().map(|table| table.name.as_str()))?;
            others().find(|table| table.name == near).map(ToString::to_string)
        };
        Err(match by_full_name.or_else(by_table) {
            Some(near) => mistake.hint(format!("did you mean `{near}`?")),
            None if full.is_empty() => mistake.hint("the pipeline has no tables to read yet"),
            None => mistake.hint(format!("the tables are {}", full.join(", "))),
        })
    }

    fn judge(&self, name: &Name) -> Result<(), SqlMistake> {
        let function = name.parts.last().map_or("", String::as_str);
        if let Some(known) = self.state.scalar_functions().get(function) {
            if known.signature().volatility == Volatility::Immutable {
                return Ok(());
            }
            let why =
                format!("`{function}` gives another value on every run, so the same input would give another mart");
            return Err(SqlMistake::new(why).at(name.place).hint("take the value from a column of the tables"));
        }
        let state = &self.state;
        // The engine plans these two itself, they are in no register.
        let known = ["unnest", "unnest_outer"].contains(&function)
            || state.aggregate_functions().contains_key(function)
            || state.window_functions().contains_key(function)
            || state.higher_order_functions().contains_key(function);
        if known {
            return Ok(());
        }
        let scalar = state.scalar_functions().keys();
        let all = scalar.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys());
        let mut all: Vec<&str> = all.map(String::as_str).collect();
        all.sort_unstable();
        Err(unknown_function(name, &all))
    }

    fn judge_table_function(&self, name: &Name) -> Result<(), SqlMistake> {
        let known = self.state.table_functions();
        if name.parts.last().is_some_and(|function| known.contains_key(function)) {
            return Ok(());
        }
        let mut all: Vec<&str> = known.keys().map(String::as_str).collect();
        all.sort_unstable();
        Err(unknown_function(name, &all))
    }
}

fn unknown_function(name: &Name, known: &[&str]) -> SqlMistake {
    let mistake = SqlMistake::new(format!("there is no function `{}`", name.text())).at(name.place);
    match nearest(name.parts.last().map_or("", String::as_str), known.iter().copied()) {
        Some(near) => mistake.hint(format!("did you mean `{near}`?")),
        None => mistake,
    }
}

/// The names in an order in which each stands behind those it reads.
fn order(planned: &BTreeMap<String, Planned>, mistakes: &mut Vec<MartMistake>) -> Vec<String> {
    let reads: BTreeMap<&str, BTreeSet<&str>> = planned
        .iter()
        .map(|(name, table)| {
            let mart = table.reads.iter().filter(|read| read.layer == Layer::Mart && planned.contains_key(&read.name));
            (name.as_str(), mart.map(|read| read.name.as_str()).collect())
        })
        .collect();
    let mut order: Vec<&str> = Vec::new();
    let mut left: BTreeSet<&str> = reads.keys().copied().collect();
    while let Some(next) = left.iter().copied().find(|name| reads[name].iter().all(|read| order.contains(read))) {
        left.remove(next);
        order.push(next);
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for name in &left {
        if told.contains(name) {
            continue;
        }
        if let Some(ring) = ring_through(name, &reads) {
            told.extend(&ring);
            let text = ring.iter().chain(std::iter::once(name)).copied().collect::<Vec<_>>().join(" reads ");
            let mistake = SqlMistake::new(format!("the tables read one another in a ring: {text}"));
            let hint = "let one of them read standardized or resolved tables instead";
            mistakes.push(MartMistake::of(name, MartPart::Select, mistake).hint(hint));
        }
    }
    order.into_iter().map(String::from).collect()
}

/// The shortest way from a table back to itself, without its return.
fn ring_through<'a>(start: &'a str, reads: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in way.last().and_then(|last| reads.get(last)).into_iter().flatten() {
            if *next == start {
                return Some(way);
            }
            if seen.insert(*next) {
                ways.push_back(way.iter().copied().chain([*next]).collect());
            }
        }
    }
    None
}
