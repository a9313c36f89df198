//! One file a command.

mod check;
mod dedupe;
mod demo;
mod doctor;
mod epoch;
mod evaluate;
mod evaluate_clusters;
mod kernel;
mod link;
mod new;
mod profile;
mod profile_page;
mod reference;
mod rejects;
mod release;
mod run;
mod runs;
mod sql;

use onefold_contract::{Failure, Result};
use onefold_control::Control;

use crate::bind::Context;
use crate::cli::{Arguments, Command};

/// Hands the command line to its command.
pub(crate) async fn dispatch(arguments: Arguments) -> Result<()> {
    let context = Context::bind(&arguments.global)?;
    match arguments.command {
        Command::Check(arguments) => check::check(&context, &arguments).await,
        Command::Run(arguments) => run::run(&context, &arguments).await,
        Command::Runs(command) => runs::runs(&context, &command).await,
        Command::Rejects(command) => rejects::rejects(&context, &command).await,
        Command::Release(command) => release::release(&context, &command),
        Command::Epoch(command) => epoch::epoch(&context, &command).await,
        Command::Sql(arguments) => sql::sql(&context, &arguments).await,
        Command::Dedupe(arguments) => dedupe::dedupe(&context, &arguments),
        Command::Link(arguments) => link::link(&context, &arguments),
        Command::Profile(arguments) => profile::profile(&context, &arguments),
        Command::Evaluate(arguments) => evaluate::evaluate(&context, &arguments),
        Command::Demo(command) => demo::demo(&context, &command),
        Command::New(arguments) => new::new(&context, &arguments).await,
        Command::Doctor(arguments) => doctor::doctor(&context, &arguments).await,
        Command::Schema(arguments) => reference::schema(&arguments),
        Command::Completions { shell } => reference::completions(shell),
        Command::Man { out } => reference::man(&out),
        Command::Kernel(command) => kernel::kernel(&context, &command).await,
    }
}

/// Makes a state root that nobody owns the pipeline's, and refuses that of another.
async fn belongs(context: &Context, control: &Control, pipeline: &str) -> Result<()> {
    let owner = control.owner(pipeline).await?;
    if owner == pipeline {
        return Ok(());
    }
    Err(Failure::usage(format!("the state root {} belongs to pipeline {owner}", context.state_root.display()))
        .hint(format!("give pipeline {pipeline} a state root of its own: --state-root FOLDER")))
}
