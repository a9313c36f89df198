//! Running the program as its users do, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A temporary working folder with pipelines, dictionaries and state of its own.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    /// What a process that ended has said.
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What was printed, if the command succeeded.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self.out
    }

    /// What was printed, as JSON, if the command succeeded.
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}

impl Workshop {
    /// An empty workshop, with the shipped dictionaries.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pipelines")).unwrap();
        copy(&root().join("name-dictionaries/seed"), &folder.path().join("name-dictionaries/seed"));
        Self { folder }
    }

    /// A workshop with one of the project's pipelines.
    pub(crate) fn with_pipeline(name: &str) -> Self {
        let shop = Self::empty();
        copy(&root().join("pipelines").join(name), &shop.path("pipelines").join(name));
        shop
    }

    /// A path in the workshop.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// Runs the program here.
    pub(crate) fn onefold(&self, arguments: &[&str]) -> Answer {
        Answer::of(&self.command(arguments).output().unwrap())
    }

    /// The program, to be run here, with an environment that no user's settings reach.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        command.current_dir(self.folder.path()).env_clear().env("PATH", "/usr/bin:/bin").args(arguments);
        command
    }

    /// The rows of a query, as JSON.
    pub(crate) fn sql(&self, query: &str) -> Vec<serde_json::Value> {
        self.onefold(&["sql", "--format", "json", "-c", query]).json().as_array().unwrap().clone()
    }

    /// The digest of every table of the newest release.
    pub(crate) fn digests(&self) -> std::collections::BTreeMap<String, String> {
        let release = self.onefold(&["release", "show", "--json"]).json();
        let tables = release["tables"].as_array().unwrap().iter();
        let name = |table: &serde_json::Value| table["name"].as_str().unwrap().to_string();
        tables.map(|table| (name(table), table["digest"].as_str().unwrap().to_string())).collect()
    }
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The files of the pipeline `tiny`: three people, one of them known to both, one under another name.
pub(crate) const DESK: &str = "\
number,given_name,family_name,birth_date,email,visits
1,ROBERT,SMITH,12/31/1980,bob@smith.example,3
2,Anna,Jones,02/14/1975,anna@jones.example,1
3,Cid,Moor,05/05/1990,cid@moor.example,7
";
pub(crate) const SHOP: &str = "\
id,first,last,born,mail
a,Bob,Smith,1980-12-31,bob@smith.example
b,Dora,Lake,1969-07-20,dora@lake.example
";
pub(crate) const ORDERS: &str = "\
order_number,line,order_date,customer,quantity,price
O1,1,2024-01-05,a,2,$10.00
O1,2,2024-01-05,a,1,$5.50
O2,1,2024-02-01,b,4,\"$1,000.25\"
";

impl Workshop {
    /// The pipeline `tiny` with its files.
    pub(crate) fn tiny() -> Self {
        let shop = Self::empty();
        copy(&root().join("tests/pipelines/tiny"), &shop.path("pipelines/tiny"));
        shop.write("data/desk.csv", DESK);
        shop.write("data/shop.csv", SHOP);
        shop.write("data/orders.csv", ORDERS);
        shop
    }

    /// Runs the pipeline `tiny` as of a fixed date.
    pub(crate) fn run_tiny(&self, further: &[&str]) -> Answer {
        let mut arguments = vec!["run", "tiny", "--as-of", "2026-01-15", "--now", "2026-01-15T22:00:00Z"];
        arguments.extend(further);
        self.onefold(&arguments)
    }
}
