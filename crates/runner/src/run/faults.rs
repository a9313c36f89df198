//! Losing one row on purpose, to prove that the balance notices.

use std::io::Write;

use arrow::array::RecordBatch;
use clap::ValueEnum;
use onefold_contract::Result;
use onefold_contract::extractor::{
    EndTrailer, ExtractionPlan, Extractor, ExtractorState, Landed, Partition, RawRows, RowStream, SnapshotToken,
};
use onefold_contract::ledger::ControlTotal;

/// A stage of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// Between the landed bytes and staging.
    Raw,
    /// The staged change batch.
    Staged,
    /// The standardized change batch.
    Standardized,
    /// The XREF.
    Resolved,
    /// A fact table.
    Mart,
}

/// Which stage loses a row; by default none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) lose_row: Option<Stage>,
}

impl Faults {
    /// The batch, without its last row where this is the stage that loses one.
    pub(crate) fn pass(self, stage: Stage, batch: RecordBatch) -> RecordBatch {
        match batch.num_rows() {
            0 => batch,
            rows if self.lose_row == Some(stage) => batch.slice(0, rows - 1),
            _ => batch,
        }
    }

    /// The extractor, losing a row where raw is the stage that loses one.
    pub(crate) fn extractor(self, inner: Box<dyn Extractor>) -> Box<dyn Extractor> {
        if self.lose_row == Some(Stage::Raw) { Box::new(Losing(inner)) } else { inner }
    }
}

/// An extractor that loses the first row of what it reads, and claims that nothing happened.
struct Losing(Box<dyn Extractor>);

struct LosingStream {
    inner: Box<dyn RowStream>,
    lost: bool,
}

impl Iterator for LosingStream {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut rows = match self.inner.next()? {
            Ok(rows) => rows,
            Err(failure) => return Some(Err(failure)),
        };
        if !self.lost && rows.batch.num_rows() > 0 {
            rows.batch = rows.batch.slice(1, rows.batch.num_rows() - 1);
            rows.positions.remove(0);
            self.lost = true;
        }
        Some(Ok(rows))
    }
}

impl RowStream for LosingStream {
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

impl Extractor for Losing {
    fn plan(&self, state: &ExtractorState) -> Result<ExtractionPlan> {
        self.0.plan(state)
    }

    fn land(&self, partition: &Partition, snapshot: &SnapshotToken, raw: &mut dyn Write) -> Result<EndTrailer> {
        self.0.land(partition, snapshot, raw)
    }

    fn read(&self, partition: &Partition, raw: Box<dyn Landed>) -> Result<Box<dyn RowStream>> {
        Ok(Box::new(LosingStream { inner: self.0.read(partition, raw)?, lost: false }))
    }
}
