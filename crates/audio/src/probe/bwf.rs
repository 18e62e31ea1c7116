//! What a Broadcast Wave file says of itself: the first `bext` chunk (EBU Tech 3285) and the first `iXML` chunk (ixml.info).

use super::read_at;
use super::tag_fields::Found;
use std::io::{self, Read, Seek};

/// More chunks than any file has; each costs a seek.
const CHUNKS_MAX: usize = 65_536;

/// Bytes of `bext` that are text of fixed length, and longest iXML that is read.
const BEXT_BYTES: usize = 256 + 32 + 32 + 10 + 8;
const IXML_BYTES_MAX: u64 = 1 << 20;

/// Adds what the chunks say to `found`.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64, found: &mut Found) -> io::Result<()> {
    let (mut at, mut has_bext, mut has_xml) = (12u64, false, false);
    for _ in 0..CHUNKS_MAX {
        let mut head = [0; 8];
        if at >= bytes || read_at(file, at, &mut head)? < head.len() {
            break;
        }
        let [.., a, b, c, d] = head;
        let size = u64::from(u32::from_le_bytes([a, b, c, d]));
        match &head[..4] {
            b"bext" if size >= BEXT_BYTES as u64 && !has_bext => {
                has_bext = true;
                let mut bext = [0; BEXT_BYTES];
                if read_at(file, at + 8, &mut bext)? == BEXT_BYTES {
                    say_bext(&bext, found);
                }
            }
            b"iXML" if size <= IXML_BYTES_MAX && !has_xml => {
                has_xml = true;
                let mut xml = vec![0; size as usize];
                let filled = read_at(file, at + 8, &mut xml)?;
                found.say("IXML", &text(&xml[..filled]));
            }
            // To the end of the file, or said elsewhere.
            b"data" if size == 0 || size == u64::from(u32::MAX) => break,
            _ => {}
        }
        at = at.saturating_add(8 + size + (size & 1));
    }
    Ok(())
}

fn say_bext(bext: &[u8; BEXT_BYTES], found: &mut Found) {
    let mut rest = bext.as_slice();
    let fields = [
        ("DESCRIPTION", 256),
        ("ORIGINATOR", 32),
        ("ORIGINATORREFERENCE", 32),
        ("ORIGINATIONDATE", 10),
        ("ORIGINATIONTIME", 8),
    ];
    for (key, length) in fields {
        let (field, behind) = rest.split_at(length);
        rest = behind;
        found.say(key, &text(field));
    }
}

/// Up to the first zero byte. ASCII by the book, UTF-8 in many files, and Latin-1 in some.
fn text(field: &[u8]) -> String {
    let field = field.split(|byte| *byte == 0).next().unwrap_or_default();
    match std::str::from_utf8(field) {
        Ok(text) => text.to_owned(),
        Err(_) => field.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut chunk = kind.to_vec();
        chunk.extend((data.len() as u32).to_le_bytes());
        chunk.extend(data);
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    }

    #[test]
    fn bext_and_ixml_are_read() {
        let mut bext = vec![0; 602];
        bext[..13].copy_from_slice(b"Take 3, caf\xe9\0");
        bext[256..263].copy_from_slice(b"Studio7");
        bext[320..330].copy_from_slice(b"2019-05-04");
        let chunks =
            [chunk(b"JUNK", &[1; 27]), chunk(b"bext", &bext), chunk(b"iXML", b"<BWFXML/>")];
        let bytes = [b"RIFF\0\0\0\0WAVE".to_vec(), chunks.concat()].concat();
        let mut found = Found::default();
        read(&mut Cursor::new(&bytes), bytes.len() as u64, &mut found).unwrap();
        let (tags, _) = found.into_tags(&mut Vec::new());
        let said = |key: &str| {
            let mut values = tags.said.iter().filter(|(found, _)| found == key);
            values.next().map(|(_, value)| value.as_str())
        };
        assert_eq!(said("DESCRIPTION"), Some("Take 3, café"));
        assert_eq!(said("ORIGINATOR"), Some("Studio7"));
        assert_eq!(said("ORIGINATIONDATE"), Some("2019-05-04"));
        assert_eq!(said("IXML"), Some("<BWFXML/>"));
    }
}
