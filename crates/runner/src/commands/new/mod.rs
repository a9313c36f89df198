//! `onefold new`: a pipeline that runs, made from a look at its sources.
//!
//! What a profile can tell is written down with its reason beside it; what it cannot, a person mends in files that are
//! theirs from then on. Asking question after question was rejected: the files say more, and stay.

mod draft;
mod look;

use std::path::{Path, PathBuf};

use dialoguer::Input;
use onefold_contract::{Failure, Result};
use serde_json::json;

use self::draft::Draft;
use self::look::{Looked, look};
use crate::bind::{self, Context};
use crate::cli::{NewArguments, PipelineArguments};
use crate::files;
use crate::output;

/// Makes the folder of a pipeline, checks it, and says what to do next.
pub(crate) async fn new(context: &Context, arguments: &NewArguments) -> Result<()> {
    let folder = place(&arguments.pipeline)?;
    let sources = sources(&arguments.sources)?;
    let dictionaries = files::dictionaries(&[])?;
    let mut looked: Vec<Looked> = Vec::new();
    for file in &sources {
        let step = context.progress.step(format!("looking at {}", file.display()), "", None);
        let taken: Vec<&str> = looked.iter().map(|there| there.name.as_str()).collect();
        looked.push(look(file, &taken, &dictionaries)?);
        drop(step);
    }
    let draft = Draft::of(&arguments.pipeline, &looked)?;
    for (name, text) in draft.files() {
        write(&folder.join(name), text)?;
    }
    let asked = PipelineArguments { pipeline: folder.display().to_string(), parameters: Vec::new() };
    if let Err(mistakes) = bind::pipeline(&asked).await {
        let mut failure = bind::mistakes_failure(&mistakes);
        failure.message = format!("{} is written, and has {}", folder.display(), failure.message);
        return Err(failure.hint("mend the files named; `onefold check` tells when they are right"));
    }
    tell(context, &arguments.pipeline, &folder, &looked, &draft)
}

fn place(name: &str) -> Result<PathBuf> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_plain) {
        return Err(Failure::usage(format!("`{name}` is no name of a pipeline"))
            .hint("write small letters, digits, - and _, a letter first"));
    }
    let folder = Path::new("pipelines").join(name);
    if folder.exists() {
        return Err(Failure::usage(format!("{} is there already, and is left as it is", folder.display()))
            .hint("take another name, or delete the folder first"));
    }
    Ok(folder)
}

/// The files to read: those given, or those that a person at a terminal names one by one.
fn sources(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    if !output::talks() {
        return Err(Failure::usage("no source is named")
            .hint("name the files after the pipeline: onefold new mine customers.csv orders.xlsx"));
    }
    let mut named = Vec::new();
    loop {
        let prompt = if named.is_empty() { "A file to read" } else { "Another one (Enter ends the list)" };
        let typed: String = Input::new()
            .with_prompt(prompt)
            .allow_empty(true)
            .interact_text()
            .map_err(|error| Failure::usage(format!("the terminal cannot be read: {error}")))?;
        match typed.trim() {
            "" if named.is_empty() => return Err(Failure::usage("no source is named; nothing is written")),
            "" => return Ok(named),
            file if Path::new(file).is_file() => named.push(PathBuf::from(file)),
            file => output::note(&format!("there is no file {file}")),
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| {
        Failure::usage(format!("{} cannot be written: {error}", path.display()))
            .hint("run this where you may make the folder pipelines/")
    })
}

fn tell(context: &Context, name: &str, folder: &Path, looked: &[Looked], draft: &Draft) -> Result<()> {
    let written: Vec<String> = draft.files().map(|(file, _)| folder.join(file).display().to_string()).collect();
    let notes: Vec<String> = looked.iter().flat_map(Looked::to_check).collect();
    if context.json {
        return output::json(&json!({ "pipeline": name, "files": written, "to_check": notes }));
    }
    for source in looked {
        output::line(&format!("{}: {}, one row {}", source.file, output::counted(source.rows, "row"), source.grain()))?;
    }
    output::line("")?;
    for note in &notes {
        output::line(&format!("check: {note}"))?;
    }
    output::line(&format!("\n{} files are in {}; all of them are yours to change.", written.len(), folder.display()))?;
    output::line(&format!("\nNext:\n  onefold check {name}\n  onefold run {name}\n  onefold sql"))
}
