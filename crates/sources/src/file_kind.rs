//! What a file is, by its content.
//!
//! Names lie: sales staff save CSV as `.xls`, and programs export HTML tables under the same ending. Every binary format that
//! matters here begins with bytes of its own, so the content is asked and the name never.

use std::io::{self, Read, Seek, SeekFrom};

/// How much of a file's start and end is looked at. A ZIP archive lists the names of its parts at its end.
const LOOKED_AT: u64 = 1 << 20;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Nothing at all.
    Empty,
    /// Text, delimited or not.
    Text,
    /// A workbook of this kind.
    Workbook(WorkbookKind),
    /// A workbook under a password.
    Encrypted,
    /// A Parquet file.
    Parquet,
    /// Something else, in words that follow "is".
    Other(&'static str),
}

/// The kinds of workbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkbookKind {
    /// Office Open XML (`.xlsx`, `.xlsm`).
    Xlsx,
    /// Binary parts in a ZIP archive (`.xlsb`).
    Xlsb,
    /// The format before 2007 (`.xls`).
    Xls,
    /// `OpenDocument` (`.ods`).
    Ods,
}

impl FileKind {
    /// The words that follow "is" in a message.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Text => "text",
            Self::Workbook(WorkbookKind::Ods) => "a workbook (OpenDocument)",
            Self::Workbook(_) => "an Excel workbook",
            Self::Encrypted => "an Excel workbook under a password",
            Self::Parquet => "a Parquet file",
            Self::Other(words) => words,
        }
    }
}

/// Looks at a file and leaves it at its start.
pub(crate) fn file_kind<R: Read + Seek + ?Sized>(file: &mut R) -> io::Result<FileKind> {
    file.seek(SeekFrom::Start(0))?;
    let start = read(file, LOOKED_AT)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let end = read(file, LOOKED_AT)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(judge(&start, &end))
}

fn judge(start: &[u8], end: &[u8]) -> FileKind {
    const OTHERS: [(&[u8], &str); 5] = [
        (b"\x1F\x8B", "compressed with gzip"),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"%PDF-", "a PDF document"),
        (b"ARROW1", "an Arrow file"),
    ];
    if start.is_empty() {
        return FileKind::Empty;
    }
    if let Some((_, words)) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return FileKind::Other(words);
    }
    match start {
        [b'P', b'A', b'R', b'1', ..] => FileKind::Parquet,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => archive(start, end),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => compound(start, end),
        _ if is_html(start) => FileKind::Other("an HTML page"),
        _ => FileKind::Text,
    }
}

fn archive(start: &[u8], end: &[u8]) -> FileKind {
    let holds = |name: &[u8]| contains(end, name) || contains(start, name);
    match () {
        () if contains(&start[..start.len().min(200)], b"opendocument.spreadsheet") => {
            FileKind::Workbook(WorkbookKind::Ods)
        }
        () if holds(b"xl/workbook.bin") => FileKind::Workbook(WorkbookKind::Xlsb),
        // The path of the workbook may be another one; the list of parts names its folder all the same.
        () if holds(b"workbook.xml") || holds(b"xl/") => FileKind::Workbook(WorkbookKind::Xlsx),
        () if holds(b"word/document.xml") => FileKind::Other("a Word document"),
        () if holds(b"ppt/presentation.xml") => FileKind::Other("a PowerPoint presentation"),
        // A file that was cut off has lost its list; what it begins with is still a workbook's.
        () if holds(b"[Content_Types].xml") => FileKind::Workbook(WorkbookKind::Xlsx),
        () => FileKind::Other("a ZIP archive without a workbook in it"),
    }
}

/// A compound file: a workbook of the old format, or the wrapping of an encrypted one.
fn compound(start: &[u8], end: &[u8]) -> FileKind {
    let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let word: Vec<u8> = "WordDocument".encode_utf16().flat_map(u16::to_le_bytes).collect();
    match () {
        () if contains(start, &wide) || contains(end, &wide) => FileKind::Encrypted,
        () if contains(start, &word) => FileKind::Other("a Word document of the old format"),
        () => FileKind::Workbook(WorkbookKind::Xls),
    }
}

fn is_html(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    begins(b"<!doctype html") || begins(b"<html") || begins(b"<table")
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn read<R: Read + ?Sized>(file: &mut R, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_what_a_file_is() {
        let kind = |bytes: &[u8]| file_kind(&mut io::Cursor::new(bytes.to_vec())).unwrap();
        assert_eq!(kind(b""), FileKind::Empty);
        assert_eq!(kind(b"a;b\n1;2\n"), FileKind::Text);
        assert_eq!(kind(b"PAR1....PAR1"), FileKind::Parquet);
        assert_eq!(kind(b"SQLite format 3\0..."), FileKind::Other("a SQLite database"));
        assert_eq!(kind(b"\xEF\xBB\xBF <TABLE><tr>"), FileKind::Other("an HTML page"));
        assert_eq!(kind(b"PK\x03\x04 something"), FileKind::Other("a ZIP archive without a workbook in it"));
        assert_eq!(kind(b"PK\x03\x04 xl/workbook.bin"), FileKind::Workbook(WorkbookKind::Xlsb));
        assert_eq!(kind(b"PK\x03\x04 xl/workbook.xml"), FileKind::Workbook(WorkbookKind::Xlsx));
        assert_eq!(kind(b"PK\x03\x04 word/document.xml"), FileKind::Other("a Word document"));
        assert_eq!(
            kind(b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
            FileKind::Workbook(WorkbookKind::Ods)
        );
        assert_eq!(kind(b"\xD0\xCF\x11\xE0 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"), FileKind::Encrypted);
        assert_eq!(kind(b"\xD0\xCF\x11\xE0 W\0o\0r\0k"), FileKind::Workbook(WorkbookKind::Xls));
    }
}
