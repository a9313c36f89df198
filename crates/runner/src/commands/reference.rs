//! What is generated from the program itself: schemas of the configuration, completions, manual pages.

use std::path::Path;

use onefold_contract::{Failure, Result};

use crate::cli::{self, FileKind, SchemaArguments};
use crate::config;
use crate::output;

/// Prints the schema of a kind of configuration file, or writes those of all kinds.
pub(crate) fn schema(arguments: &SchemaArguments) -> Result<()> {
    let kinds = match arguments.kind {
        Some(kind) => vec![kind],
        None => FileKind::all().to_vec(),
    };
    let Some(folder) = &arguments.out else {
        return match kinds.as_slice() {
            [kind] => output::json(&config::editor_schema(*kind)),
            all => {
                let named = all.iter().map(|kind| (kind.name(), config::editor_schema(*kind)));
                output::json(&named.collect::<serde_json::Map<_, _>>())
            }
        };
    };
    for kind in kinds {
        let text = serde_json::to_string_pretty(&config::editor_schema(kind))
            .map_err(|error| Failure::bug(format!("a schema cannot be written as JSON: {error}")))?;
        write(folder, &format!("{}.schema.json", kind.name()), format!("{text}\n").as_bytes())?;
    }
    output::line(&format!("the schemas are in {}", folder.display()))
}

/// Prints the completions for a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "onefold", &mut script);
    output::write_out(&String::from_utf8_lossy(&script))
}

/// Writes the manual pages into a folder.
pub(crate) fn man(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    clap_mangen::generate_to(cli::command(), folder).map_err(|error| unwritable(folder, &error))?;
    output::line(&format!(
        "the manual pages are in {}; `man {}/onefold.1` shows the first",
        folder.display(),
        folder.display()
    ))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, bytes));
    written.map_err(|error| unwritable(&path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be written: {error}", path.display())).hint("name a folder that you may write to")
}
