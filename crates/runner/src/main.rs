//! The binary `onefold`: reads the command line, hands it to one command, and ends with the exit code of what happened.
//!
//! This is the only room, with `server`, that touches terminal, environment and clock; what the rooms return as a
//! [`Failure`] is printed here once.

mod bind;
mod cli;
mod clock;
mod commands;
mod config;
mod environment;
mod failpoint;
mod files;
mod output;
mod progress;
mod run;
mod stop;

use std::process::ExitCode;

use clap::Parser;
use onefold_contract::Failure;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::explain(&error),
    };
    let json = arguments.global.json;
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::bug(format!("the async runtime cannot start: {error}")))
        .and_then(|runtime| runtime.block_on(commands::dispatch(arguments)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure, json);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}
