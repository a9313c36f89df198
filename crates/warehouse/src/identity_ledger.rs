//! The identity ledger: every change of who is who, appended and never rewritten.
//!
//! Plain JSON lines, one event each, in `identity/ledger.jsonl` below the state root. Nothing else in the state root is
//! like it: the lake can be built again from its sources, but an id that stands on an invoice cannot be found out
//! again. So it is text that any program can read and any backup can copy, and each line carries a hash over the line
//! before it and itself, so that a line that was lost, changed or moved is noticed. The events of one call of
//! [`IdentityLedger::append`] stand or fall together: a line says with which number its batch closes, and a batch whose
//! end is missing, because the machine stopped in the middle of it, is cut off when the ledger is next opened for
//! writing. The rejected alternative, a table in the lake's catalogue, would be gone with the lake.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onefold_contract::file_system::FileSystem;
use onefold_contract::identity::IdentityEvent;
use onefold_contract::{Failure, Result};
use serde::{Deserialize, Serialize};

use crate::lake::error::{LakeError, file_error};

/// The ledger's file in the folder `identity` of the state root.
const LEDGER: &str = "ledger.jsonl";
/// What stands between a line's content and its hash.
const HASH: &str = ",\"hash\":\"";

/// A line without its hash, which follows as the last member.
#[derive(Serialize, Deserialize)]
struct Line<E> {
    /// Counted from 1.
    sequence: u64,
    /// The number of the last event of the batch.
    closes: u64,
    /// The run that appended it.
    run: String,
    event: E,
}

/// The events, oldest first, and the file that holds them.
pub struct IdentityLedger {
    folder: PathBuf,
    /// What may write; `None` for a ledger that is only read.
    files: Option<Arc<dyn FileSystem>>,
    events: Vec<IdentityEvent>,
    /// The hash of the last line.
    last: String,
    /// The length of the file up to the end of the last whole batch.
    length: u64,
}

impl IdentityLedger {
    /// Opens the ledger of a state root for appending; one that is not there is empty. What a stopped machine left
    /// unfinished at its end is cut off.
    ///
    /// # Errors
    /// State: a line in the middle is broken (the message names it), or the file cannot be read or cut.
    pub fn open(root: &Path, files: Arc<dyn FileSystem>) -> Result<Self> {
        let mut ledger = Self::open_read_only(root)?;
        ledger.cut_torn_end(files.as_ref())?;
        ledger.settle(files.as_ref())?;
        ledger.files = Some(files);
        Ok(ledger)
    }

    /// Opens the ledger for reading only. An unfinished end is left out and left alone.
    ///
    /// # Errors
    /// State: a line in the middle is broken, or the file cannot be read.
    pub fn open_read_only(root: &Path) -> Result<Self> {
        let folder = root.join("identity");
        let path = folder.join(LEDGER);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(file_error(&path, "read")(error).into()),
        };
        let whole = parse(&bytes, &path)?;
        Ok(Self { folder, files: None, events: whole.events, last: whole.last, length: whole.length })
    }

    /// All events, oldest first.
    pub fn events(&self) -> &[IdentityEvent] {
        &self.events
    }

    /// The number of events, which a release pins.
    pub fn len(&self) -> u64 {
        self.events.len() as u64
    }

    /// Whether nothing was ever appended.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The first `count` events: the ledger as a release that pins `count` saw it.
    ///
    /// # Errors
    /// State: the ledger is shorter than that, so part of it was lost.
    pub fn events_at(&self, count: u64) -> Result<&[IdentityEvent]> {
        usize::try_from(count).ok().and_then(|count| self.events.get(..count)).ok_or_else(|| {
            Failure::state(format!(
                "the identity ledger {} holds {} events, and a release pins {count}: part of it was lost",
                self.folder.join(LEDGER).display(),
                self.len()
            ))
            .hint("restore it from a backup; no new id may be issued before, because lost ids would be issued again")
        })
    }

    /// Appends events as one batch: after a return without error they are durable, after any other end of the process
    /// either all of them are there or none.
    ///
    /// # Errors
    /// State: the file cannot be written. A bug where the ledger was opened for reading only.
    pub fn append(&mut self, events: &[IdentityEvent], run: &str) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let Some(files) = self.files.clone() else {
            return Err(Failure::bug("an identity ledger that was opened for reading only was asked to append"));
        };
        let (text, last) = self.lines(events, run)?;
        let path = self.folder.join(LEDGER);
        files.create_folder(&self.folder).map_err(file_error(&self.folder, "created"))?;
        // An append before this one may have failed in the middle.
        self.cut_torn_end(files.as_ref())?;
        let mut file = files.open_to_append(&path).map_err(file_error(&path, "opened"))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync()).map_err(file_error(&path, "written"))?;
        if self.length == 0 {
            self.sync_folders(files.as_ref())?;
        }
        self.events.extend_from_slice(events);
        self.last = last;
        self.length += text.len() as u64;
        Ok(())
    }

    fn lines(&self, events: &[IdentityEvent], run: &str) -> Result<(String, String)> {
        let (mut text, mut last) = (String::new(), self.last.clone());
        let closes = self.len() + events.len() as u64;
        for (sequence, event) in (self.len() + 1..).zip(events) {
            let line = Line { sequence, closes, run: run.to_string(), event };
            let content = serde_json::to_string(&line)
                .map_err(|error| Failure::bug(format!("an identity event could not be written as JSON: {error}")))?;
            let content = content.strip_suffix('}').unwrap_or(&content);
            last = chain(&last, content);
            for part in [content, HASH, &last, "\"}\n"] {
                text.push_str(part);
            }
        }
        Ok((text, last))
    }

    /// Makes durable what is there. A killed run may have written events without having synced them; the next release
    /// pins them all the same, and nothing may be pinned that a power cut can still take.
    fn settle(&self, files: &dyn FileSystem) -> Result<(), LakeError> {
        if self.length == 0 {
            return Ok(());
        }
        let path = self.folder.join(LEDGER);
        let mut file = files.open_to_append(&path).map_err(file_error(&path, "opened"))?;
        file.sync().map_err(file_error(&path, "synced"))?;
        self.sync_folders(files)
    }

    fn sync_folders(&self, files: &dyn FileSystem) -> Result<(), LakeError> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        for made in [self.folder.as_path(), root] {
            files.sync_folder(made).map_err(file_error(made, "synced"))?;
        }
        Ok(())
    }

    fn cut_torn_end(&self, files: &dyn FileSystem) -> Result<(), LakeError> {
        let path = self.folder.join(LEDGER);
        match std::fs::metadata(&path) {
            Ok(there) if there.len() > self.length => {
                files.truncate(&path, self.length).map_err(file_error(&path, "cut after its last whole batch"))
            }
            _ => Ok(()),
        }
    }
}

/// The hash of a line: over the hash of the line before and the line's content without its own hash.
fn chain(before: &str, content: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before.as_bytes());
    hasher.update(content.as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// The whole batches of a ledger.
struct Whole {
    events: Vec<IdentityEvent>,
    last: String,
    length: u64,
}

fn parse(bytes: &[u8], path: &Path) -> Result<Whole> {
    let mut whole = Whole { events: Vec::new(), last: String::new(), length: 0 };
    let (mut pending, mut last, mut end) = (Vec::new(), String::new(), 0);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (place, line) in lines.iter().enumerate() {
        let number = whole.events.len() + pending.len() + 1;
        let Some((parsed, hash)) = read_line(line, &last, number as u64) else {
            // Only the last line can be one that was being written when the machine stopped.
            if place + 1 == lines.len() {
                break;
            }
            return Err(broken(path, place + 1));
        };
        end += line.len() as u64;
        last = hash;
        pending.push(parsed.event);
        if parsed.closes == parsed.sequence {
            whole.events.append(&mut pending);
            whole.last.clone_from(&last);
            whole.length = end;
        }
    }
    Ok(whole)
}

/// The line and its hash, where it is what its writer wrote and where it was written.
fn read_line(line: &[u8], before: &str, number: u64) -> Option<(Line<IdentityEvent>, String)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix("\"}\n")?;
    let (content, hash) = text.rsplit_once(HASH)?;
    if chain(before, content) != hash {
        return None;
    }
    let parsed: Line<IdentityEvent> = serde_json::from_str(&format!("{content}}}")).ok()?;
    (parsed.sequence == number && parsed.closes >= number).then(|| (parsed, hash.to_string()))
}

fn broken(path: &Path, line: usize) -> Failure {
    Failure::state(format!("line {line} of the identity ledger {} is not as it was written", path.display()))
        .hint("restore the ledger from a backup; nothing was changed, and no new id may be issued before")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use onefold_contract::FailureKind;
    use onefold_contract::file_system::Disk;
    use onefold_contract::identity::{CustomerId, RecordRef};
    use proptest::prelude::*;
    use std::fs;

    fn issued(number: u64) -> IdentityEvent {
        let record = RecordRef { source: "crm".into(), source_key: format!("é\"{number}") };
        IdentityEvent::Issued { id: CustomerId(number), records: vec![record] }
    }

    fn open(root: &Path) -> IdentityLedger {
        IdentityLedger::open(root, Arc::new(Disk)).unwrap()
    }

    /// A ledger of batches of one, two and three events.
    fn written(root: &Path) -> PathBuf {
        let mut ledger = open(root);
        ledger.append(&[issued(1)], "r1").unwrap();
        ledger.append(&[issued(2), IdentityEvent::Merged { id: CustomerId(2), into: CustomerId(1) }], "r2").unwrap();
        ledger.append(&[issued(4), issued(5), issued(6)], "r3").unwrap();
        root.join("identity").join(LEDGER)
    }

    #[test]
    fn what_was_appended_is_there_again() {
        let root = tempfile::tempdir().unwrap();
        written(root.path());
        let ledger = open(root.path());
        assert_eq!(ledger.len(), 6);
        assert_eq!(ledger.events()[0], issued(1));
        assert_eq!(ledger.events_at(4).unwrap().len(), 4);
        let failure = ledger.events_at(7).unwrap_err();
        assert_eq!(failure.kind, FailureKind::State);
        assert!(failure.message.contains("holds 6 events"), "{failure}");
    }

    #[test]
    fn nothing_appended_makes_no_file() {
        let root = tempfile::tempdir().unwrap();
        open(root.path()).append(&[], "r1").unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        assert!(open(root.path()).is_empty());
    }

    #[test]
    fn a_ledger_cut_anywhere_gives_whole_batches_and_can_be_continued() {
        let root = tempfile::tempdir().unwrap();
        let path = written(root.path());
        let bytes = fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            let read_only = IdentityLedger::open_read_only(root.path()).unwrap();
            assert!([0, 1, 3].contains(&read_only.len()), "{} events of {length} bytes", read_only.len());
            assert_eq!(fs::read(&path).unwrap(), bytes[..length], "reading changed the file");
            // Each append is synced, which takes its time: continue after some of the cuts.
            if length % 29 != 0 {
                continue;
            }
            let mut ledger = open(root.path());
            assert_eq!(ledger.events(), read_only.events());
            let batches: [&[IdentityEvent]; 3] = [
                &[issued(1)],
                &[issued(2), IdentityEvent::Merged { id: CustomerId(2), into: CustomerId(1) }],
                &[issued(4), issued(5), issued(6)],
            ];
            let there = [0, 1, 3].iter().position(|count| *count == ledger.len()).unwrap();
            for (place, batch) in batches.iter().enumerate().skip(there) {
                ledger.append(batch, &format!("r{}", place + 1)).unwrap();
            }
            assert_eq!(fs::read(&path).unwrap(), bytes, "continued after a cut at {length}");
        }
    }

    #[test]
    fn zeros_after_a_power_cut_are_cut_off() {
        let root = tempfile::tempdir().unwrap();
        let path = written(root.path());
        let mut bytes = fs::read(&path).unwrap();
        let length = bytes.len();
        bytes.extend([0; 300]);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(open(root.path()).len(), 6);
        assert_eq!(fs::metadata(&path).unwrap().len(), length as u64);
    }

    #[test]
    fn a_failed_append_leaves_the_ledger_usable() {
        let root = tempfile::tempdir().unwrap();
        let path = written(root.path());
        let mut ledger = open(root.path());
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(b"{\"sequence\":7,\"clo");
        fs::write(&path, &bytes).unwrap();
        ledger.append(&[issued(7)], "r4").unwrap();
        assert_eq!(open(root.path()).len(), 7);
    }

    proptest! {
        #[test]
        fn a_changed_byte_in_the_middle_is_refused_by_line(place: prop::sample::Index, by in 1u8..=255) {
            let root = tempfile::tempdir().unwrap();
            let path = written(root.path());
            let mut bytes = fs::read(&path).unwrap();
            let last_line = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1;
            // A changed line end joins two lines; the last line's own is left to the tests above.
            let place = place.index(last_line - 1);
            bytes[place] = bytes[place].wrapping_add(by);
            let line = bytes[..place].split(|b| *b == b'\n').count();
            fs::write(&path, &bytes).unwrap();
            let failure = IdentityLedger::open(root.path(), Arc::new(Disk)).err().expect("a broken line was read");
            prop_assert_eq!(failure.kind, FailureKind::State);
            prop_assert!(failure.message.contains(&format!("line {line} ")), "{} for line {}", failure.message, line);
            prop_assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn a_line_left_out_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let path = written(root.path());
        let text = fs::read_to_string(&path).unwrap();
        let without: String = text.split_inclusive('\n').enumerate().filter(|(p, _)| *p != 2).map(|(_, l)| l).collect();
        fs::write(&path, without).unwrap();
        assert!(IdentityLedger::open(root.path(), Arc::new(Disk)).err().unwrap().message.contains("line 3 "));
    }
}
