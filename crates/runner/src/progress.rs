//! What a person sees of work that takes time: counts, rates and, where it is known how much there will be, the time left.
//!
//! A terminal gets one moving line that vanishes; `--verbose` gets a line a step as it ends, wherever it goes; programs and
//! `--quiet` get nothing.

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use onefold_contract::Result;
use onefold_contract::extractor::{
    EndTrailer, ExtractionPlan, Extractor, ExtractorState, Landed, Partition, RawRows, RowStream, SnapshotToken,
};
use onefold_contract::ledger::ControlTotal;

use crate::clock::Stopwatch;
use crate::output;

/// How much is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    bars: bool,
    lines: bool,
}

impl Progress {
    /// What the command line asks for, and what standard error is.
    pub(crate) fn new(quiet: bool, verbose: bool, json: bool) -> Self {
        let shown = !quiet && !json;
        Self { bars: shown && output::shows_progress(), lines: verbose }
    }

    /// Begins a step: what is done ("reading crm"), in what unit, and how much is expected where that is known.
    pub(crate) fn step(self, what: impl Into<Cow<'static, str>>, unit: &'static str, expected: Option<u64>) -> Step {
        let what = what.into();
        let bar = self.bars.then(|| bar(what.clone(), unit, expected));
        Step { bar, what, unit, begin: Stopwatch::start(), tells: self.lines, count: 0 }
    }
}

fn bar(what: Cow<'static, str>, unit: &str, expected: Option<u64>) -> ProgressBar {
    let bar = expected.filter(|most| *most > 0).map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let template = match (bar.length(), unit) {
        (_, "") => "{spinner} {msg} {elapsed}".to_string(),
        (Some(_), unit) => format!(
            "{{spinner}} {{msg}} {{bar:20}} {{human_pos}} of about {{human_len}} {unit}, {{per_sec}}, {{eta}} left"
        ),
        (None, unit) => format!("{{spinner}} {{msg}} {{human_pos}} {unit}, {{per_sec}}, {{elapsed}}"),
    };
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A step at work; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Step {
    bar: Option<ProgressBar>,
    what: Cow<'static, str>,
    unit: &'static str,
    begin: Stopwatch,
    tells: bool,
    count: u64,
}

impl Step {
    /// So many more are done.
    pub(crate) fn add(&mut self, count: u64) {
        self.count += count;
        if let Some(bar) = &self.bar {
            bar.inc(count);
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.tells {
            let seconds = self.begin.seconds();
            let count = match (self.count, self.unit) {
                (0, _) | (_, "") => String::new(),
                (count, unit) => {
                    format!(
                        " {} {unit}, {}/s,",
                        HumanCount(count),
                        HumanCount((count as f64 / seconds.max(1e-6)) as u64)
                    )
                }
            };
            output::note(&format!("{}:{count} {seconds:.1} s", self.what));
        }
    }
}

/// An extractor whose rows are counted as they are read.
pub(crate) struct Watched {
    pub(crate) inner: Box<dyn Extractor>,
    pub(crate) progress: Progress,
    /// The source's name.
    pub(crate) source: String,
    /// How many rows the last load had, where there was one.
    pub(crate) expected: Option<u64>,
}

struct WatchedStream {
    inner: Box<dyn RowStream>,
    step: Step,
}

impl Iterator for WatchedStream {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.inner.next()?;
        if let Ok(rows) = &rows {
            self.step.add(rows.batch.num_rows() as u64);
        }
        Some(rows)
    }
}

impl RowStream for WatchedStream {
    fn trailer(&self) -> Option<EndTrailer> {
        self.inner.trailer()
    }

    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }

    fn stated_totals(&self) -> Vec<ControlTotal> {
        self.inner.stated_totals()
    }
}

impl Extractor for Watched {
    fn plan(&self, state: &ExtractorState) -> Result<ExtractionPlan> {
        self.inner.plan(state)
    }

    fn land(&self, partition: &Partition, snapshot: &SnapshotToken, raw: &mut dyn Write) -> Result<EndTrailer> {
        let _step = self.progress.step(format!("landing {}", self.source), "", None);
        self.inner.land(partition, snapshot, raw)
    }

    fn read(&self, partition: &Partition, raw: Box<dyn Landed>) -> Result<Box<dyn RowStream>> {
        let step = self.progress.step(format!("reading {}", self.source), "rows", self.expected);
        Ok(Box::new(WatchedStream { inner: self.inner.read(partition, raw)?, step }))
    }
}
