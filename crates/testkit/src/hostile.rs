//! Files as they should not be, and as they come.

/// Bytes that a CSV reader must not stumble over or must refuse in words, each under the name of what is wrong.
pub fn csv_files() -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |text: &str, little: bool| -> Vec<u8> {
        let mark = if little { [0xff, 0xfe] } else { [0xfe, 0xff] };
        let units = text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() });
        mark.into_iter().chain(units).collect()
    };
    vec![
        ("empty", Vec::new()),
        ("only a byte order mark", vec![0xef, 0xbb, 0xbf]),
        ("only a header", b"id,name\n".to_vec()),
        ("only blank lines", b"\n\n\r\n".to_vec()),
        ("utf-8 with mark", b"\xef\xbb\xbfid,name\n1,Ann\n".to_vec()),
        ("utf-16 little end first", utf16("id,name\n1,J\u{fc}rgen\n", true)),
        ("utf-16 big end first", utf16("id,name\n1,J\u{fc}rgen\n", false)),
        ("windows-1252", b"id,name\n1,J\xfcrgen\n2,Ren\xe9e\n".to_vec()),
        ("ragged", b"id,name\n1,Ann,extra\n2\n3,Bob\n".to_vec()),
        ("a quote that never ends", b"id,name\n1,\"Ann\n2,Bob\n3,Cid\n".to_vec()),
        ("a header twice", b"id,name,name\n1,Ann,Bob\n".to_vec()),
        ("a header without names", b",,\n1,2,3\n".to_vec()),
        ("newlines inside quotes", b"id,name\n1,\"Ann\nLee\"\n2,\"Bob\r\nMay\"\n".to_vec()),
        ("zero bytes", b"id,name\n1,A\0nn\n".to_vec()),
        ("invalid utf-8 in one row", b"\xef\xbb\xbfid,name\n1,A\xffnn\n2,Bob\n".to_vec()),
        ("a spreadsheet renamed", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0b\xee\x9dh".to_vec()),
    ]
}
