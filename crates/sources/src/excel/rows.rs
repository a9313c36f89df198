//! A landed workbook as a stream of blocks of rows.
//!
//! A thread reads the workbook and hands blocks over, two at most ahead: the reader of cells borrows the open workbook, and a
//! stream that owned both would have to keep whole sheets in memory.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use onefold_contract::extractor::{EndTrailer, Landed, Partition, RawRows, RowStream};
use onefold_contract::ledger::ControlTotal;
use onefold_contract::{Failure, Result};

use super::layout::layouts;
use super::read::read;
use super::want::Want;
use super::workbook::{Workbook, damaged, guarded};
use crate::snapshot;

/// Blocks that wait to be taken.
const AHEAD: usize = 2;

/// Rows of the wanted sheets of one landed workbook.
pub(crate) struct ExcelRows {
    location: String,
    from: Receiver<Result<Message>>,
    end: Option<End>,
    failed: bool,
}

enum Message {
    Block(RawRows),
    End(End),
}

struct End {
    trailer: EndTrailer,
    notes: Vec<String>,
    totals: Vec<ControlTotal>,
}

impl ExcelRows {
    /// Begins to read.
    ///
    /// # Errors
    /// A state failure, where the system has no thread left.
    pub(super) fn new(want: &Want, partition: &Partition, raw: Box<dyn Landed>) -> Result<Self> {
        let (to, from) = sync_channel(AHEAD);
        let (want, location) = (want.clone(), partition.location.clone());
        let read = move || {
            let end = guarded(&location, || read_all(&want, &location, raw, &to));
            // Nobody may be listening any more.
            let _ = to.send(end.map(Message::End));
        };
        thread::Builder::new().name("workbook".into()).spawn(read).map_err(|e| {
            Failure::state(format!("a workbook could not be read, for the system has no thread left: {e}"))
        })?;
        Ok(Self { location: partition.location.clone(), from, end: None, failed: false })
    }
}

fn read_all(want: &Want, location: &str, mut raw: Box<dyn Landed>, to: &SyncSender<Result<Message>>) -> Result<End> {
    let checksum = snapshot::checksum(&mut raw).map_err(|e| damaged(location, &e.to_string()))?;
    let mut workbook = Workbook::open(location, raw)?;
    let mut end = End { trailer: EndTrailer { rows: 0, checksum }, notes: Vec::new(), totals: Vec::new() };
    for layout in layouts(&mut workbook, want)? {
        let report = read(&mut workbook, want, &layout, &mut |rows| {
            let gone = to.send(Ok(Message::Block(rows))).is_err();
            Ok(if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        end.trailer.rows += report.rows;
        end.notes.extend(report.notes);
        end.totals.extend(report.totals);
    }
    Ok(end)
}

impl Iterator for ExcelRows {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.end.is_some() {
            return None;
        }
        match self.from.recv() {
            Ok(Ok(Message::Block(rows))) => Some(Ok(rows)),
            Ok(Ok(Message::End(end))) => {
                self.end = Some(end);
                None
            }
            Ok(Err(failure)) => {
                self.failed = true;
                Some(Err(failure))
            }
            Err(_) => {
                self.failed = true;
                Some(Err(damaged(&self.location, "its reader gave up")))
            }
        }
    }
}

impl RowStream for ExcelRows {
    fn trailer(&self) -> Option<EndTrailer> {
        self.end.as_ref().map(|end| end.trailer.clone())
    }

    fn notes(&self) -> Vec<String> {
        self.end.as_ref().map(|end| end.notes.clone()).unwrap_or_default()
    }

    fn stated_totals(&self) -> Vec<ControlTotal> {
        self.end.as_ref().map(|end| end.totals.clone()).unwrap_or_default()
    }
}
