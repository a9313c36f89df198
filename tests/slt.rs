//! SQL over the demonstration mart, as text files that need no Rust: `tests/mart/*.slt`.

use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};

use super::support::{Workshop, root};

/// Asks the program, as a user does.
struct Asked<'a>(&'a Workshop);

#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl DB for Asked<'_> {
    type Error = Refused;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Refused> {
        let answer = self.0.onefold(&["sql", "--format", "csv", "-c", sql]);
        if answer.code != Some(0) {
            return Err(Refused(answer.err));
        }
        let mut reader = csv::Reader::from_reader(answer.out.as_bytes());
        let types = vec![DefaultColumnType::Text; reader.headers().unwrap().len()];
        let text = |value: &str| if value.is_empty() { "NULL".to_string() } else { value.to_string() };
        let rows = reader.records().map(|row| row.unwrap().iter().map(text).collect()).collect();
        Ok(DBOutput::Rows { types, rows })
    }
}

#[test]
fn the_demonstration_mart_answers_as_written() {
    let shop = Workshop::with_pipeline("demo");
    shop.onefold(&["demo", "generate", "--customers", "300", "--seed", "11", "--out", "demo/data"]).ok();
    shop.onefold(&["run", "demo", "--as-of", "2026-01-15"]).ok();
    let mut files: Vec<_> =
        std::fs::read_dir(root().join("tests/mart")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let tables = std::fs::read_dir(root().join("pipelines/demo/mart")).unwrap();
    for table in tables.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "sql")) {
        let slt = root().join("tests/mart").join(table.file_stem().unwrap()).with_extension("slt");
        assert!(files.contains(&slt), "a mart table comes with its .slt: {}", slt.display());
    }
    for file in files {
        let mut runner = Runner::new(|| async { Ok(Asked(&shop)) });
        runner.run_file(&file).unwrap_or_else(|error| panic!("{error}"));
    }
}
