//! Bytes of any encoding to UTF-8, as a stream that remembers where bytes were no text.
//!
//! Everything behind this module sees UTF-8 only, so that a delimiter is a byte whatever the file's encoding: in `Shift_JIS`
//! or GBK the second byte of a sign may look like `|`. What cannot be decoded becomes U+FFFD, and its place is kept, so that
//! the row it stands in can be rejected and no other.

use std::collections::VecDeque;
use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// How much is read at a time.
const BLOCK: usize = 1 << 16;

/// A place where the bytes are no text of the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable {
    /// The place of its U+FFFD in the decoded text, in bytes from the start of the text.
    pub(super) at: u64,
    /// The first byte of it, where it is known.
    pub(super) byte: Option<u8>,
}

/// Decodes a stream.
pub(super) struct TextReader<R> {
    from: R,
    decoder: Decoder,
    block: Vec<u8>,
    skip: usize,
    decoded: u64,
    ended: bool,
}

impl<R: Read> TextReader<R> {
    /// Decodes `from`; its first `mark` bytes, the byte order mark, are no text.
    pub(super) fn new(from: R, encoding: &'static Encoding, mark: usize) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { from, decoder, block: vec![0; BLOCK], skip: mark, decoded: 0, ended: false }
    }

    /// Appends decoded text, and the places of what could not be decoded. False when the stream has ended.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>, undecodable: &mut VecDeque<Undecodable>) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let length = loop {
            match self.from.read(&mut self.block) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.ended = length == 0;
        let skipped = self.skip.min(length);
        self.skip -= skipped;
        self.decode(skipped, length, text, undecodable);
        Ok(true)
    }

    /// What is decoded.
    pub(super) fn source(&self) -> &R {
        &self.from
    }

    fn decode(&mut self, from: usize, to: usize, text: &mut Vec<u8>, undecodable: &mut VecDeque<Undecodable>) {
        let mut source = &self.block[from..to];
        loop {
            let start = text.len();
            // Room for a few signs even where nothing came in: the end of a stream may still yield some.
            text.resize(start + source.len().max(16) * 3, 0);
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(source, &mut text[start..], self.ended);
            text.truncate(start + written);
            self.decoded += written as u64;
            let (before, after) = source.split_at(read);
            source = after;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, behind) => {
                    // The bad bytes may lie in the block before, which is gone.
                    let place = before.len().checked_sub(usize::from(length) + usize::from(behind));
                    undecodable.push_back(Undecodable { at: self.decoded, byte: place.map(|p| before[p]) });
                    text.extend_from_slice("\u{FFFD}".as_bytes());
                    self.decoded += '\u{FFFD}'.len_utf8() as u64;
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, so that every sign is cut in pieces.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            to[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn decode(bytes: impl Read, encoding: &'static Encoding, mark: usize) -> (String, Vec<Undecodable>) {
        let (mut text, mut bad) = (Vec::new(), VecDeque::new());
        let mut reader = TextReader::new(bytes, encoding, mark);
        while reader.fill(&mut text, &mut bad).unwrap() {}
        (String::from_utf8(text).unwrap(), bad.into())
    }

    #[test]
    fn a_sign_cut_by_the_end_of_a_block_is_whole() {
        let utf16: Vec<u8> = "\u{FEFF}añ😀\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(Trickle(&utf16), encoding_rs::UTF_16LE, 2), ("añ😀\n".to_string(), vec![]));
        assert_eq!(decode(Trickle("añ😀\n".as_bytes()), encoding_rs::UTF_8, 0), ("añ😀\n".to_string(), vec![]));
    }

    #[test]
    fn what_is_no_text_is_marked_where_it_stands() {
        let (text, bad) = decode(&b"ab\xE9\nc\xFF"[..], encoding_rs::UTF_8, 0);
        assert_eq!(text, "ab\u{FFFD}\nc\u{FFFD}");
        assert_eq!(bad, [Undecodable { at: 2, byte: Some(0xE9) }, Undecodable { at: 7, byte: Some(0xFF) }]);
        let (text, bad) = decode(&b"a\0b"[..], encoding_rs::UTF_16LE, 0);
        assert_eq!((text.as_str(), bad.len(), bad[0].at), ("a\u{FFFD}", 1, 1));
    }
}
