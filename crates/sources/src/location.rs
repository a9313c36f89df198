//! Which files the location of a source names.
//!
//! A location is a path, or a pattern whose `*` and `?` match within one part of the path. A file whose name holds such a
//! sign is still found by its exact name: the path as written is tried first.

use std::path::{Component, Path, PathBuf};

use glob::MatchOptions;
use onefold_contract::extractor::Partition;
use onefold_contract::{Failure, Result};

use crate::suggest;

/// The files of a location, in the order of their names; a name is the path below the last folder without a wildcard.
pub(crate) fn files(source: &str, location: &str) -> Result<Vec<Partition>> {
    let path = Path::new(location);
    if path.is_file() {
        let name = path.file_name().map_or_else(|| location.to_string(), |n| n.to_string_lossy().into_owned());
        return Ok(vec![Partition { name, location: location.to_string() }]);
    }
    if path.is_dir() {
        return Err(Failure::source(format!("the location of source {source} is a folder: {location}"))
            .hint(format!("name its files, such as {}", path.join("*.csv").display())));
    }
    if !location.contains(['*', '?']) {
        return Err(missing(&format!("source {source}: "), path));
    }
    let found = matching(source, location)?;
    if found.is_empty() {
        return Err(Failure::source(format!("no file matches the location of source {source}: {location}"))
            .hint("check the path and the pattern; it is relative to the working directory"));
    }
    Ok(found)
}

fn matching(source: &str, location: &str) -> Result<Vec<Partition>> {
    // Brackets are ordinary signs of file names here, not classes.
    let pattern = location.replace('[', "[[]");
    let options =
        MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let paths = glob::glob_with(&pattern, options).map_err(|e| {
        Failure::usage(format!("the location of source {source} is no pattern: {location} ({})", e.msg))
    })?;
    let base = fixed_part(Path::new(location));
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|e| Failure::source(format!("a folder of source {source} could not be read: {e}")))?;
        if !path.is_file() {
            continue;
        }
        found.push(partition(source, &base, &path)?);
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn partition(source: &str, base: &Path, path: &Path) -> Result<Partition> {
    let below = path.strip_prefix(base).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
    match (parts, path.to_str()) {
        (Some(parts), Some(location)) => Ok(Partition { name: parts.join("/"), location: location.to_string() }),
        _ => Err(Failure::source(format!("source {source}: the name of file {} is not Unicode", path.display()))
            .hint("give the file another name")),
    }
}

/// The folders of a pattern before the first part with a wildcard.
fn fixed_part(location: &Path) -> PathBuf {
    let plain = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?']);
    location.components().take_while(plain).collect()
}

/// A file that is not there; `whose` begins the message.
pub(crate) fn missing(whose: &str, path: &Path) -> Failure {
    let failure = Failure::source(format!("{whose}there is no file {}", path.display()));
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return failure.hint(format!("there is no folder {} either; check the location", folder.display()));
    }
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort_unstable();
    let wanted = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // What two files of one kind share says nothing about which of them is meant.
    let stem = |name: &str| Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let near = |name: &&String| suggest::closest(&stem(&wanted).unwrap_or_default(), stem(name).as_deref()).is_some();
    match suggest::did_you_mean(&wanted, names.iter().filter(near).map(String::as_str)) {
        Some(hint) => failure.hint(hint),
        None => failure.hint(format!("check the location; folder {} holds no such file", folder.display())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use onefold_contract::FailureKind;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "a\n1\n").unwrap();
        }
        folder
    }

    fn names(folder: &tempfile::TempDir, location: &str) -> Vec<String> {
        let location = folder.path().join(location);
        files("s", location.to_str().unwrap()).unwrap().into_iter().map(|p| p.name).collect()
    }

    #[test]
    fn a_pattern_finds_files_in_the_order_of_their_names() {
        let folder =
            folder(&["sales_2.csv", "sales_1.csv", "sales_10.csv", ".sales_0.csv", "other.csv", "sub/sales_3.csv"]);
        assert_eq!(names(&folder, "sales_*.csv"), ["sales_1.csv", "sales_10.csv", "sales_2.csv"]);
        assert_eq!(names(&folder, "sales_?.csv"), ["sales_1.csv", "sales_2.csv"]);
        assert_eq!(names(&folder, "*/sales_3.csv"), ["sub/sales_3.csv"]);
    }

    #[test]
    fn signs_of_patterns_may_stand_in_names() {
        let folder = folder(&["a [1].csv", "a [2].csv", "b*.csv", "bb.csv"]);
        assert_eq!(names(&folder, "a [1].csv"), ["a [1].csv"]);
        assert_eq!(names(&folder, "a [*].csv"), ["a [1].csv", "a [2].csv"]);
        assert_eq!(names(&folder, "b*.csv"), ["b*.csv"]);
    }

    #[test]
    fn what_is_missing_is_named_with_its_neighbour() {
        let folder = folder(&["customers.csv", "x/y.csv"]);
        let failure = |name: &str| files("crm", folder.path().join(name).to_str().unwrap()).unwrap_err();
        let missing = failure("custmers.csv");
        assert_eq!(missing.kind, FailureKind::Source);
        assert!(missing.message.contains("custmers.csv"));
        assert_eq!(missing.hints, ["did you mean \"customers.csv\"?"]);
        assert!(failure("nowhere/customers.csv").hints[0].contains("no folder"));
        assert!(failure("x").message.contains("is a folder"));
        assert!(failure("*.txt").message.contains("no file matches"));
    }
}
