//! Snapshot tokens that are made of content: a short digest for each partition of a plan.
//!
//! A digest for all partitions together would be shorter, but then one partition by itself could not be held against it,
//! and landing one by one must notice a partition that changed since the plan.

use std::io::{self, Read, Seek, SeekFrom};

use onefold_contract::extractor::{Partition, SnapshotToken};

const DIGITS: usize = 16;

/// The token of partitions and the checksums of what they hold.
pub(crate) fn token<'a>(partitions: impl Iterator<Item = (&'a Partition, &'a str)>) -> SnapshotToken {
    let digests: Vec<String> = partitions.map(|(partition, checksum)| digest(partition, checksum)).collect();
    SnapshotToken(digests.join("-"))
}

/// Whether a partition with this checksum belongs to the snapshot.
pub(crate) fn pins(token: &SnapshotToken, partition: &Partition, checksum: &str) -> bool {
    let digest = digest(partition, checksum);
    token.0.split('-').any(|part| part == digest)
}

/// The BLAKE3 checksum of all bytes of a file, in hexadecimal.
pub(crate) fn checksum<R: Read + Seek>(raw: &mut R) -> io::Result<String> {
    raw.seek(SeekFrom::Start(0))?;
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 1 << 18];
    loop {
        match raw.read(&mut block) {
            Ok(0) => return Ok(hasher.finalize().to_hex().to_string()),
            Ok(length) => {
                hasher.update(&block[..length]);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn digest(partition: &Partition, checksum: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [partition.name.as_str(), checksum] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..DIGITS].to_string()
}
