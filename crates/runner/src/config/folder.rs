//! The files of a pipeline's folder, each in its place; what has no place there is a mistake, because a file that looks
//! like configuration and is not read is the kind of mistake nobody finds.
//!
//! Hidden files and `*.md` are anybody's and are left alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::mistake::{Mistake, quoted};
use super::suggest;

/// What may stand in a pipeline's folder.
const PLACES: [&str; 6] = ["pipeline.toml", "needs.toml", "sources", "models", "mart", "questions"];

/// A file by its name without the extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The name.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: PathBuf,
}

/// The files of a pipeline, each group in the order of names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// `pipeline.toml`.
    pub(crate) pipeline: PathBuf,
    /// `needs.toml`, where there is one.
    pub(crate) needs: Option<PathBuf>,
    /// `sources/*.toml`.
    pub(crate) sources: Vec<Named>,
    /// `models/*.toml`.
    pub(crate) models: Vec<Named>,
    /// `mart/*.toml`.
    pub(crate) mart: Vec<Named>,
    /// `mart/*.sql`.
    pub(crate) selects: Vec<Named>,
}

/// An entry of a folder.
struct Found {
    name: String,
    path: PathBuf,
}

impl Listing {
    /// Lists a pipeline's folder.
    ///
    /// # Errors
    /// The folder is not there, cannot be read, or has no `pipeline.toml`.
    pub(crate) fn of(folder: &Path) -> Result<(Self, Vec<Mistake>), Vec<Mistake>> {
        if !folder.is_dir() {
            return Err(vec![no_such_folder(folder)]);
        }
        let mut listing = Self { pipeline: folder.join(PLACES[0]), ..Self::default() };
        let mut mistakes = Vec::new();
        let entries = entries(folder, &mut mistakes)?;
        if !entries.iter().any(|found| found.name == PLACES[0]) {
            // Then this is no pipeline's folder, and what else lies there is no mistake.
            let mistake =
                Mistake::new(&listing.pipeline, "the file is missing, so this is not the folder of a pipeline");
            let mistake = mistake.expected("the file that names the pipeline, its model, gates and parameters");
            let names: Vec<&str> = entries.iter().map(|found| found.name.as_str()).collect();
            return Err(vec![match suggest::did_you_mean(PLACES[0], &names) {
                Some(near) => mistake.hint(format!("is it {}? then rename it", quoted(near))),
                None => mistake,
            }]);
        }
        for found in &entries {
            match found.name.as_str() {
                "pipeline.toml" => {}
                "needs.toml" => listing.needs = Some(found.path.clone()),
                "sources" => listing.sources = group(&found.path, &["toml"], &mut mistakes).remove(0),
                "models" => listing.models = group(&found.path, &["toml"], &mut mistakes).remove(0),
                "mart" => {
                    let mut groups = group(&found.path, &["toml", "sql"], &mut mistakes);
                    (listing.selects, listing.mart) = (groups.remove(1), groups.remove(0));
                }
                // Questions to ask of the mart; no part of the pipeline, so only looked over.
                "questions" => drop(group(&found.path, &["sql"], &mut mistakes)),
                name => mistakes.push(stray(found).meant(name, PLACES)),
            }
        }
        Ok((listing, mistakes))
    }
}

fn stray(found: &Found) -> Mistake {
    Mistake::new(&found.path, "nothing of this name is read here")
}

/// The entries of a folder in the order of their names.
fn entries(folder: &Path, mistakes: &mut Vec<Mistake>) -> Result<Vec<Found>, Vec<Mistake>> {
    let unreadable = |error: std::io::Error| vec![Mistake::new(folder, format!("the folder cannot be read: {error}"))];
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if name.starts_with('.') || has_extension(name, "md") => {}
            Some(name) => found.push(Found { name: name.to_string(), path }),
            None => mistakes.push(Mistake::new(path, "the name of this file is not UTF-8").hint("rename it")),
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case(extension))
}

/// The files of a folder by extension, in the order of `extensions`.
fn group(folder: &Path, extensions: &[&str], mistakes: &mut Vec<Mistake>) -> Vec<Vec<Named>> {
    let mut groups = vec![Vec::new(); extensions.len()];
    let entries = entries(folder, mistakes).unwrap_or_else(|found| {
        mistakes.extend(found);
        Vec::new()
    });
    for found in entries {
        let (stem, extension) = found.name.rsplit_once('.').unwrap_or((&found.name, ""));
        match extensions.iter().position(|known| *known == extension) {
            Some(place) if !stem.is_empty() => groups[place].push(Named { name: stem.to_string(), file: found.path }),
            _ => mistakes.push(stray_in_group(&found, stem, extension, extensions)),
        }
    }
    groups
}

fn stray_in_group(found: &Found, stem: &str, extension: &str, extensions: &[&str]) -> Mistake {
    let wanted: Vec<String> = extensions.iter().map(|extension| format!("`.{extension}`")).collect();
    let mistake = stray(found).expected(format!("files that end in {}", wanted.join(" or ")));
    match suggest::did_you_mean(extension, extensions) {
        Some(meant) => mistake.hint(format!("rename it to {}", quoted(&format!("{stem}.{meant}")))),
        None => mistake.hint("move it elsewhere"),
    }
}

/// A pipeline's folder that is not there, with the pipelines beside it.
fn no_such_folder(folder: &Path) -> Mistake {
    let mistake = if folder.exists() {
        Mistake::new(folder, "this is not a folder").expected("the folder of a pipeline")
    } else {
        let here = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        Mistake::new(folder, format!("there is no such pipeline; it was looked for at {}", here.display()))
    };
    let beside = folder.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let siblings = beside.and_then(|parent| entries(parent, &mut Vec::new()).ok()).unwrap_or_default();
    let pipelines: Vec<&str> =
        siblings.iter().filter(|found| found.path.join(PLACES[0]).is_file()).map(|found| found.name.as_str()).collect();
    match folder.file_name().and_then(|name| name.to_str()) {
        Some(name) if !pipelines.is_empty() => mistake.meant(name, pipelines),
        _ => mistake,
    }
}
