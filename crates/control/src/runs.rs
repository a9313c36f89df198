//! The list of runs, in `control.sqlite` of the state root.

use std::path::Path;
use std::str::FromStr;

use onefold_contract::{Failure, Result};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, migrate::Migrator};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// A run's id, `R000001`; ids sort in the order of their runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub u64);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "R{:06}", self.0)
    }
}

impl FromStr for RunId {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let digits = text.strip_prefix(['R', 'r']).unwrap_or(text);
        digits.parse().map(Self).map_err(|_| {
            Failure::usage(format!("`{text}` is no run id"))
                .hint("run ids look like R000001; `onefold runs list` shows them")
        })
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// At work.
    Running,
    /// Ended with a new release.
    Published,
    /// Ended; nothing had changed.
    Unchanged,
    /// A gate refused to publish.
    Refused,
    /// Ended by an error.
    Failed,
    /// Stopped by its user, or the process ended without a word and was found by the next run.
    Interrupted,
}

impl RunStatus {
    /// The status' word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Published => "published",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    fn read(name: &str) -> Result<Self> {
        [Self::Running, Self::Published, Self::Unchanged, Self::Refused, Self::Failed, Self::Interrupted]
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or_else(|| Failure::state(format!("the list of runs holds the unknown status `{name}`")))
    }
}

/// What a run that has begun holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The run.
    pub run: RunId,
    /// Proof of the lock, higher than any before.
    pub fencing_token: u64,
}

/// One run, as listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRecord {
    /// The run's id.
    pub run: String,
    /// The pipeline.
    pub pipeline: String,
    /// The date that its SCD versions are valid from.
    pub as_of: String,
    /// Begin, microseconds since 1970 UTC.
    pub started_at: i64,
    /// End, microseconds since 1970 UTC.
    pub ended_at: Option<i64>,
    /// How it stands.
    pub status: RunStatus,
    /// The release it published or found unchanged.
    pub release: Option<u64>,
    /// Why it was refused or failed.
    pub message: Option<String>,
    /// The ledger: balances, notes and figures, as JSON; absent until it ends.
    pub report: Option<serde_json::Value>,
}

/// The control database of a state root.
#[derive(Debug, Clone)]
pub struct Control {
    pool: SqlitePool,
}

impl Control {
    /// Opens the database, makes it where it is missing and brings it up to date.
    ///
    /// # Errors
    /// The state root cannot be written or the database is damaged.
    pub async fn open(root: &Path) -> Result<Self> {
        let control = Self::connect(root, true).await?;
        MIGRATIONS.run(&control.pool).await.map_err(|error| unreadable(root, &error))?;
        Ok(control)
    }

    /// Opens the database to read.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub async fn open_read_only(root: &Path) -> Result<Self> {
        if !root.join("control.sqlite").exists() {
            return Err(Failure::state(format!("there is no state in {}", root.display()))
                .hint("run a pipeline first (`onefold run PIPELINE`), or name the state root with --state-root"));
        }
        Self::connect(root, false).await
    }

    async fn connect(root: &Path, write: bool) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(root.join("control.sqlite"))
            .create_if_missing(write)
            .read_only(!write)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(std::time::Duration::from_secs(10));
        // The journal mode is kept in the file; a reader must not try to change it.
        let options = if write { options.journal_mode(SqliteJournalMode::Wal) } else { options };
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        pool.map(|pool| Self { pool }).map_err(|error| unreadable(root, &error))
    }

    /// Closes the database, so that nothing of it is left in side files.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// The pipeline that the state root belongs to: the one given if none was before, otherwise the one that was.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn owner(&self, pipeline: &str) -> Result<String> {
        sqlx::query("INSERT INTO owner (one, pipeline) VALUES (1, ?) ON CONFLICT DO NOTHING")
            .bind(pipeline)
            .execute(&self.pool)
            .await
            .map_err(|error| failed(&error))?;
        let row =
            sqlx::query("SELECT pipeline FROM owner").fetch_one(&self.pool).await.map_err(|error| failed(&error))?;
        Ok(row.get(0))
    }

    /// Begins a run. To be called under the [`crate::RunLock`], which proves that no other run is alive: runs that are
    /// still listed as at work were interrupted, and are marked so. Returns their ids.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn begin_run(&self, pipeline: &str, as_of: &str, started_at: i64) -> Result<(Ticket, Vec<RunId>)> {
        let mut transaction = self.pool.begin().await.map_err(|error| failed(&error))?;
        let dead = sqlx::query("UPDATE run SET status = 'interrupted' WHERE status = 'running' RETURNING number")
            .fetch_all(&mut *transaction)
            .await
            .map_err(|error| failed(&error))?;
        let number: i64 = sqlx::query(
            "INSERT INTO run (pipeline, as_of, started_at, status) VALUES (?, ?, ?, 'running') RETURNING number",
        )
        .bind(pipeline)
        .bind(as_of)
        .bind(started_at)
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| failed(&error))?
        .get(0);
        transaction.commit().await.map_err(|error| failed(&error))?;
        let run = RunId(number as u64);
        let dead = dead.iter().map(|row| RunId(row.get::<i64, _>(0) as u64)).collect();
        Ok((Ticket { run, fencing_token: run.0 }, dead))
    }

    /// Ends a run.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn end_run(
        &self,
        run: RunId,
        status: RunStatus,
        ended_at: i64,
        release: Option<u64>,
        message: Option<&str>,
        report: &serde_json::Value,
    ) -> Result<()> {
        sqlx::query("UPDATE run SET status = ?, ended_at = ?, release = ?, message = ?, report = ? WHERE number = ?")
            .bind(status.name())
            .bind(ended_at)
            .bind(release.map(|r| r as i64))
            .bind(message)
            .bind(report.to_string())
            .bind(run.0 as i64)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }

    /// All runs, the oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn runs(&self) -> Result<Vec<RunRecord>> {
        let rows = sqlx::query("SELECT * FROM run ORDER BY number").fetch_all(&self.pool).await;
        rows.map_err(|error| failed(&error))?.iter().map(record).collect()
    }

    /// One run.
    ///
    /// # Errors
    /// There is no such run, or the database cannot be read.
    pub async fn run(&self, run: RunId) -> Result<RunRecord> {
        let row = sqlx::query("SELECT * FROM run WHERE number = ?").bind(run.0 as i64).fetch_optional(&self.pool).await;
        match row.map_err(|error| failed(&error))? {
            Some(row) => record(&row),
            None => Err(Failure::usage(format!("there is no run {run}")).hint("`onefold runs list` shows the runs")),
        }
    }
}

fn record(row: &SqliteRow) -> Result<RunRecord> {
    let report: Option<String> = row.get("report");
    Ok(RunRecord {
        run: RunId(row.get::<i64, _>("number") as u64).to_string(),
        pipeline: row.get("pipeline"),
        as_of: row.get("as_of"),
        started_at: row.get("started_at"),
        ended_at: row.get("ended_at"),
        status: RunStatus::read(row.get("status"))?,
        release: row.get::<Option<i64>, _>("release").map(|r| r as u64),
        message: row.get("message"),
        report: report.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

fn unreadable(root: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::state(format!("the control database {} cannot be opened: {error}", root.join("control.sqlite").display()))
        .hint("check that the disk is not full, that you may write there, and that the file was not changed by hand")
}

fn failed(error: &sqlx::Error) -> Failure {
    // The driver's own words begin with its name and a code.
    let cause = match error {
        sqlx::Error::Database(error) => error.message().to_string(),
        other => other.to_string(),
    };
    Failure::state(format!("the control database failed: {cause}"))
        .hint("check that the disk is not full and that no other program holds control.sqlite")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn a_run_is_begun_ended_and_listed() {
        let root = tempfile::tempdir().unwrap();
        let control = Control::open(root.path()).await.unwrap();
        let (ticket, dead) = control.begin_run("p", "2026-01-01", 5).await.unwrap();
        assert_eq!((ticket.run, dead), (RunId(1), vec![]));
        control.end_run(ticket.run, RunStatus::Published, 9, Some(1), None, &json!({"balances": []})).await.unwrap();
        let reader = Control::open_read_only(root.path()).await.unwrap();
        let run = reader.run(RunId(1)).await.unwrap();
        assert_eq!((run.status, run.release, run.ended_at), (RunStatus::Published, Some(1), Some(9)));
        assert_eq!(run.report, Some(json!({"balances": []})));
    }

    #[tokio::test]
    async fn a_dead_run_is_found_and_tokens_only_grow() {
        let root = tempfile::tempdir().unwrap();
        let control = Control::open(root.path()).await.unwrap();
        let (first, _) = control.begin_run("p", "2026-01-01", 5).await.unwrap();
        let (second, dead) = control.begin_run("p", "2026-01-02", 6).await.unwrap();
        assert_eq!(dead, vec![first.run]);
        assert!(second.fencing_token > first.fencing_token);
        assert_eq!(control.run(first.run).await.unwrap().status, RunStatus::Interrupted);
    }

    #[tokio::test]
    async fn a_state_root_keeps_its_owner() {
        let root = tempfile::tempdir().unwrap();
        let control = Control::open(root.path()).await.unwrap();
        assert_eq!(control.owner("a").await.unwrap(), "a");
        assert_eq!(control.owner("b").await.unwrap(), "a");
    }

    #[tokio::test]
    async fn a_reader_finds_no_state() {
        let root = tempfile::tempdir().unwrap();
        let failure = Control::open_read_only(root.path()).await.unwrap_err();
        assert_eq!(failure.kind.exit_code(), 4);
    }
}
