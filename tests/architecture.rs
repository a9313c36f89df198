//! The walls of the house: which room may know which, and who may touch what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::support::root;

/// The rooms each room may import, besides `contract`.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("contract", &[]),
    ("sources", &[]),
    ("standardize", &[]),
    ("entity-resolution", &[]),
    ("control", &[]),
    ("warehouse", &[]),
    ("demo-company", &[]),
    ("testkit", &[]),
    ("runner", &["sources", "standardize", "entity-resolution", "control", "warehouse", "demo-company"]),
];

/// Words that only some places may say, with the reason.
struct Ban {
    words: &'static [&'static str],
    allowed: &'static [&'static str],
    reason: &'static str,
}

const BANS: [Ban; 6] = [
    Ban {
        words: &["datafusion::", "datafusion_", "use datafusion"],
        allowed: &["crates/warehouse/src/mart", "crates/warehouse/src/query"],
        reason: "only the mart and the query sessions of the warehouse name DataFusion",
    },
    Ban {
        words: &["clap::", "use clap"],
        allowed: &["crates/runner/src/main.rs", "crates/runner/src/cli.rs", "crates/runner/src/run/faults.rs"],
        reason: "the command line is read in one place",
    },
    Ban {
        words: &["SystemTime::now", "Utc::now", "Local::now", "Instant::now"],
        allowed: &["crates/runner/src/clock.rs"],
        reason: "a clock is handed in",
    },
    Ban {
        words: &["std::env::", "env::var"],
        allowed: &["crates/testkit/src", "crates/runner/src/environment.rs"],
        reason: "rooms are told what they need",
    },
    Ban {
        words: &["std::fs", "fs::File", "File::open", "File::create"],
        allowed: &[
            "crates/contract/src/file_system.rs",
            "crates/sources/src",
            "crates/control/src/run_lock.rs",
            "crates/warehouse/src",
            "crates/runner/src",
            "crates/demo-company/src",
            "crates/testkit/src",
        ],
        reason: "pure rooms touch no file",
    },
    Ban {
        words: &["println!", "eprintln!", "stdout()", "stderr()"],
        allowed: &["crates/runner/src/output.rs", "crates/testkit/src"],
        reason: "only the runner speaks to the terminal, in one place",
    },
];

/// Writes that go past the file system trait; a crash test cannot stop at them.
const DIRECT_WRITES: [&str; 8] = [
    "fs::write",
    "fs::rename",
    "fs::remove",
    "fs::create_dir",
    "File::create",
    "File::options",
    "OpenOptions::new",
    "set_len",
];

fn rooms() -> BTreeMap<String, toml::Table> {
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let folders = crates.map(|entry| entry.unwrap().path());
    folders
        .map(|folder| {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
            (folder.file_name().unwrap().to_string_lossy().into_owned(), manifest.parse().unwrap())
        })
        .collect()
}

/// The modules of a file that are compiled for tests only, as paths without extension.
fn test_modules(file: &Path, text: &str) -> Vec<PathBuf> {
    let is_root = file.file_name().is_some_and(|name| name == "lib.rs" || name == "main.rs" || name == "mod.rs");
    let home = if is_root { file.parent().unwrap().to_path_buf() } else { file.with_extension("") };
    let mut after_cfg = false;
    let mut modules = Vec::new();
    for line in text.lines().map(str::trim) {
        let name = line.trim_start_matches("pub(crate) ").strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
        match name {
            Some(name) if after_cfg => modules.push(home.join(name)),
            _ => {}
        }
        after_cfg = line == "#[cfg(test)]" || (after_cfg && line.starts_with("#["));
    }
    modules
}

/// Non-test source lines of all rooms, by file and number.
fn source_lines() -> Vec<(PathBuf, usize, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    for room in rooms().keys() {
        walk(&root().join("crates").join(room).join("src"), &mut files);
    }
    files.sort();
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let for_tests: Vec<PathBuf> = files.iter().zip(&texts).flat_map(|(file, text)| test_modules(file, text)).collect();
    let is_test =
        |file: &Path| for_tests.iter().any(|test| file.starts_with(test) || file == test.with_extension("rs"));
    let mut lines = Vec::new();
    for (file, text) in files.iter().zip(&texts).filter(|(file, _)| !is_test(file)) {
        // A module of tests stands at the end of its file.
        let code = text.lines().take_while(|line| !line.starts_with("mod tests {"));
        let short = file.strip_prefix(root()).unwrap().to_path_buf();
        lines.extend(
            code.enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .map(|(number, line)| (short.clone(), number + 1, line.to_string())),
        );
    }
    lines
}

#[test]
fn rooms_import_only_what_they_may() {
    let rooms = rooms();
    let known: BTreeSet<&str> = ALLOWED.iter().map(|(room, _)| *room).collect();
    assert_eq!(known, rooms.keys().map(String::as_str).collect(), "every room has its line in ALLOWED");
    for (room, allowed) in ALLOWED {
        let Some(dependencies) = rooms[room].get("dependencies").and_then(|d| d.as_table()) else { continue };
        for dependency in dependencies.keys().filter_map(|name| name.strip_prefix("onefold-")) {
            assert!(
                dependency == "contract" && room != "testkit" || allowed.contains(&dependency),
                "{room} must not import {dependency}: the rooms meet as tables declared in contract"
            );
        }
    }
}

#[test]
fn only_tests_import_the_testkit() {
    for (room, manifest) in rooms() {
        let dependencies = manifest.get("dependencies").and_then(|d| d.as_table());
        assert!(
            dependencies.is_none_or(|d| !d.contains_key("onefold-testkit")),
            "{room} imports the testkit outside its tests"
        );
    }
}

#[test]
fn only_the_warehouse_depends_on_datafusion() {
    for (room, manifest) in rooms() {
        for table in ["dependencies", "dev-dependencies"] {
            let Some(dependencies) = manifest.get(table).and_then(|d| d.as_table()) else { continue };
            let knows = dependencies.keys().any(|name| name.starts_with("datafusion"));
            assert!(!knows || room == "warehouse", "{room} depends on DataFusion");
        }
    }
}

#[test]
fn every_version_stands_in_the_workspace_once() {
    for (room, manifest) in rooms() {
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(table).and_then(|d| d.as_table()) else { continue };
            for (name, value) in dependencies {
                let inherits =
                    value.as_table().is_some_and(|t| t.get("workspace") == Some(&toml::Value::Boolean(true)));
                assert!(inherits, "{room}: {name} must be `workspace = true`");
            }
        }
    }
}

#[test]
fn banned_words_stay_where_they_belong() {
    let mut breaches = Vec::new();
    for (file, number, line) in source_lines() {
        for ban in &BANS {
            let place_allowed = ban.allowed.iter().any(|place| file.starts_with(place));
            if !place_allowed && ban.words.iter().any(|word| line.contains(word)) {
                breaches.push(format!("{}:{number}: {} ({})", file.display(), line.trim(), ban.reason));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn rooms_that_write_state_write_through_the_file_system_trait() {
    let mut breaches = Vec::new();
    for (file, number, line) in source_lines() {
        let writes_state = file.starts_with("crates/sources") || file.starts_with("crates/warehouse");
        if writes_state && DIRECT_WRITES.iter().any(|word| line.contains(word)) {
            breaches.push(format!("{}:{number}: {}", file.display(), line.trim()));
        }
    }
    assert!(
        breaches.is_empty(),
        "go through FileSystem, so that a crash test can stop there:\n{}",
        breaches.join("\n")
    );
}

#[test]
fn no_file_grows_out_of_hand() {
    let mut lines: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (file, _, _) in source_lines() {
        *lines.entry(file).or_default() += 1;
    }
    let long: Vec<_> = lines.iter().filter(|(_, count)| **count > 600).collect();
    assert!(long.is_empty(), "files of more than 600 lines of code want a second room: {long:?}");
}
