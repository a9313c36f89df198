//! Tests of landing.

use std::path::Path;
use std::sync::Mutex;

use onefold_contract::FailureKind;
use onefold_contract::file_system::{Disk, FileOperation};

use super::*;
use crate::testing::{Bench, contents};

fn bench() -> Bench {
    let bench = Bench::csv("*.csv", &["id", "n"]);
    bench.write("orders 2017.csv", "id,n\n1,a\n2,b\n").write("orders 2018.csv", "id,n\n3,c\n");
    bench
}

#[test]
fn files_are_copied_as_received_under_the_name_of_their_content() {
    let bench = bench();
    let landing = bench.land("load-1").unwrap();
    let [first, second] = &landing.partitions[..] else { panic!("{landing:?}") };
    assert_eq!(first.partition.name, "orders 2017.csv");
    assert_eq!((first.trailer.rows, second.trailer.rows), (2, 1));
    assert_eq!(fs::read(&first.path).unwrap(), fs::read(bench.path("orders 2017.csv")).unwrap());
    assert_eq!(first.trailer.checksum, blake3::hash(&fs::read(&first.path).unwrap()).to_hex().to_string());
    let name = format!("orders_2017-{}.csv", &first.trailer.checksum[..16]);
    assert_eq!(first.path, bench.raw().join("crm").join(name));
    let names: Vec<_> = contents(&bench.raw()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(names.len(), 3);
    assert_eq!(newest_landing(&bench.raw(), "crm").unwrap(), Some(landing));
}

#[test]
fn landing_the_same_again_stores_nothing() {
    let bench = bench();
    let first = bench.land("load-1").unwrap();
    let before = contents(&bench.raw());
    let second = bench.land("load-2").unwrap();
    assert_eq!(contents(&bench.raw()), before);
    assert_eq!((second.load_id.as_str(), &second.partitions), ("load-2", &first.partitions));
    bench.write("orders 2018.csv", "id,n\n3,d\n");
    let third = bench.land("load-3").unwrap();
    assert_eq!(third.partitions[0], first.partitions[0]);
    assert_ne!(third.partitions[1].path, first.partitions[1].path);
    assert_eq!(contents(&bench.raw()).len(), before.len() + 2);
    assert_eq!(newest_landing(&bench.raw(), "crm").unwrap().unwrap().load_id, "load-3");
    // Back to what it was: the bytes are there, but the newest manifest names others.
    bench.write("orders 2018.csv", "id,n\n3,c\n");
    bench.land("load-4").unwrap();
    assert_eq!(contents(&bench.raw()).len(), before.len() + 3);
}

#[test]
fn a_failed_load_leaves_raw_as_it_was() {
    let bench = bench();
    bench.land("load-1").unwrap();
    let before = contents(&bench.raw());
    bench.write("orders 2017.csv", "id,n\n");
    assert!(bench.land("load-2").unwrap_err().message.contains("no rows"));
    assert_eq!(contents(&bench.raw()), before);
}

#[test]
fn a_damaged_raw_file_is_replaced() {
    let bench = bench();
    let path = bench.land("load-1").unwrap().partitions[0].path.clone();
    let whole = fs::read(&path).unwrap();
    for damage in [b"id,n\n1,a\n2,c\n".as_slice(), b"id"] {
        fs::write(&path, damage).unwrap();
        bench.land("load-2").unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn a_damaged_manifest_is_a_failure_of_the_state() {
    let bench = bench();
    bench.land("load-1").unwrap();
    fs::write(bench.raw().join("crm/load-1.json"), "{").unwrap();
    let failure = bench.land("load-2").unwrap_err();
    assert_eq!(failure.kind, FailureKind::State);
    assert!(failure.message.contains("load-1.json"), "{failure}");
}

#[test]
fn names_are_made_safe() {
    assert_eq!(safe_name("orders 2017/é.csv"), "orders_2017__.csv");
    assert_eq!(safe_name("../x"), "_._x");
    assert_eq!(safe_name(""), "_");
    assert_eq!(safe_name(&"a".repeat(300)).len(), 100);
}

/// The disk, until the operation of the given ordinal; it and all that follow fail, as if the process were gone.
struct Dying {
    left: Mutex<usize>,
    seen: Mutex<Vec<FileOperation>>,
}

impl Dying {
    fn after(operations: usize) -> Self {
        Self { left: Mutex::new(operations), seen: Mutex::new(Vec::new()) }
    }

    fn step(&self, operation: FileOperation) -> io::Result<()> {
        let mut left = self.left.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| io::Error::other("gone"))?;
        self.seen.lock().unwrap().push(operation);
        Ok(())
    }
}

struct DyingFile<'a>(&'a Dying, Box<dyn WritableFile>);

impl Write for DyingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.step(FileOperation::Write)?;
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.flush()
    }
}

impl WritableFile for DyingFile<'_> {
    fn sync(&mut self) -> io::Result<()> {
        self.0.step(FileOperation::SyncFile)?;
        self.1.sync()
    }
}

/// `FileSystem::create_file` gives a file that outlives the borrow, so the tests leak one small value a point.
impl FileSystem for &'static Dying {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step(FileOperation::CreateFolder)?;
        Disk.create_folder(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.step(FileOperation::CreateFile)?;
        Ok(Box::new(DyingFile(self, Disk.create_file(path)?)))
    }

    fn open_to_append(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.step(FileOperation::OpenToAppend)?;
        Disk.open_to_append(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(FileOperation::Rename)?;
        Disk.rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step(FileOperation::SyncFolder)?;
        Disk.sync_folder(path)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.step(FileOperation::Truncate)?;
        Disk.truncate(path, length)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(FileOperation::Remove)?;
        Disk.remove(path)
    }

    fn commit(&self, operation: FileOperation, what: &str) -> io::Result<()> {
        Disk.commit(operation, what)
    }
}

fn land_with(bench: &Bench, files: &dyn FileSystem, load_id: &str) -> Result<Landing> {
    let extractor = bench.extractor();
    land(&bench.spec, extractor.as_ref(), &ExtractorState::default(), &bench.raw(), files, load_id)
}

#[test]
fn a_crash_at_any_operation_leaves_nothing_that_the_next_load_minds() {
    let undisturbed = bench();
    land_with(&undisturbed, &Disk, "load-1").unwrap();
    let strip = |bench: &Bench| -> Vec<_> {
        contents(&bench.raw())
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(bench.raw()).unwrap().to_path_buf(), bytes))
            .collect()
    };
    let raw_files = |bench: &Bench| -> Vec<_> {
        strip(bench).into_iter().filter(|(path, _)| path.extension().unwrap() != "json").collect()
    };
    let mut crashes = 0;
    loop {
        let bench = bench();
        let dying: &'static Dying = Box::leak(Box::new(Dying::after(crashes)));
        let outcome = land_with(&bench, &dying, "load-1");
        if outcome.is_ok() {
            let seen = dying.seen.lock().unwrap();
            for operation in
                [FileOperation::CreateFile, FileOperation::Write, FileOperation::SyncFile, FileOperation::Rename]
            {
                assert!(seen.contains(&operation), "{}", operation.name());
            }
            break;
        }
        assert_eq!(outcome.unwrap_err().kind, FailureKind::State);
        land_with(&bench, &Disk, "load-1").unwrap();
        assert_eq!(raw_files(&bench), raw_files(&undisturbed), "crash after {crashes} operations");
        assert_eq!(strip(&bench).len(), strip(&undisturbed).len(), "crash after {crashes} operations");
        crashes += 1;
    }
    assert!(crashes > 10, "{crashes}");
}
