//! `onefold sql`: questions to the mart.

mod print;
mod shell;

use onefold_contract::Result;
use onefold_warehouse::lake::Lake;
use onefold_warehouse::query::{QueryLimits, QuerySession, QueryTable};

use crate::bind::Context;
use crate::cli::{Format, SqlArguments};
use crate::output;
use crate::stop;

/// Answers one query; without one, those that are typed, or those that standard input holds.
pub(crate) async fn sql(context: &Context, arguments: &SqlArguments) -> Result<()> {
    let lake = Lake::open_read_only(&context.state_root)?;
    let release = super::release::chosen(&lake, arguments.release)?;
    let tables: Vec<QueryTable> = lake.tables(release)?.iter().map(QueryTable::from).collect();
    let session = QuerySession::open(&tables, QueryLimits::default())?;
    let format = if context.json { Format::Json } else { arguments.format };
    let Some(query) = &arguments.query else {
        stop::listen("the query is stopped; again leaves the shell")?;
        let mut shell = shell::Shell::new(&session, format);
        return if output::talks() { shell.talk(release).await } else { shell.script().await };
    };
    let result = session.query(query).await?;
    output::paged(&print::text(&result, format, false)?)
}
