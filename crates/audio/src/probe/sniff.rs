//! The container, from the first bytes. What is not audio is named, because "it is a JPEG image"
//! tells a person what to do and "unknown format" does not.

use super::{Container, ProbeError, adts, mp4, mpeg, read_at};
use crate::ogg::{Page, PageRead};
use std::io::{Read, Seek};

/// How much of the head is looked at. A sparse file of zeros is answered from this alone.
const HEAD_BYTES: usize = 64 * 1024;

/// How far into a file that begins as nothing known an audio file may begin: downloads have the server's answer in front,
/// recovered files the end of another, and whole sectors of zeros.
const BURIED_BYTES: usize = 1024 * 1024;

/// What a file is, and from where on: what is in front of it is some other thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) container: Container,
    pub(super) start: u64,
}

/// The container of a file of `bytes` bytes.
pub(super) fn container(file: &mut (impl Read + Seek), bytes: u64) -> Result<Found, ProbeError> {
    if bytes == 0 {
        return Err(ProbeError::Empty);
    }
    let mut head = vec![0; HEAD_BYTES];
    let filled = read_at(file, 0, &mut head)?;
    head.truncate(filled);
    // An ID3v2 tag in front belongs to MP3, but FLAC, AIFF and others are found behind one as well. Its length may be a lie.
    let tag = match mpeg::id3v2_bytes(&head) {
        tag if tag < bytes => tag,
        _ => {
            return buried(file, bytes)?.ok_or(ProbeError::Unreadable {
                kind: "an MP3 file",
                why: "the ID3v2 tag in front claims all of it and no audio follows".to_owned(),
            });
        }
    };
    if tag > 0 {
        let filled = {
            head.resize(HEAD_BYTES, 0);
            read_at(file, tag, &mut head)?
        };
        head.truncate(filled);
    }
    if let Some(container) = by_magic(&head) {
        let takes_a_tag = matches!(container, Container::Flac | Container::WavPack);
        return Ok(Found { container, start: if takes_a_tag { 0 } else { tag } });
    }
    if let Some(what) = other_audio(&head) {
        return Err(ProbeError::NotRead { what });
    }
    if mpeg::first_frame(&head, bytes - tag).is_some() {
        return Ok(Found { container: Container::Mp3, start: 0 });
    }
    if adts::is_adts(&head, bytes - tag) {
        return Ok(Found { container: Container::Adts, start: 0 });
    }
    if is_picture(&head) && mp4::has_sound(file, bytes) {
        return Ok(Found { container: Container::Mp4, start: 0 });
    }
    if let Some(found) = buried(file, bytes)? {
        return Ok(found);
    }
    if tag > 0 {
        return Err(ProbeError::Unreadable {
            kind: "an MP3 file",
            why: "no MPEG audio frame follows its ID3v2 tag".to_owned(),
        });
    }
    match not_audio(&head) {
        Some(what) => Err(ProbeError::NotAudio { what }),
        None => Err(ProbeError::Unknown),
    }
}

/// An audio file that begins within this one. A magic number alone is no sign of it: what follows has to fit.
fn buried(file: &mut (impl Read + Seek), bytes: u64) -> Result<Option<Found>, ProbeError> {
    let mut head = vec![0; BURIED_BYTES];
    let filled = read_at(file, 0, &mut head)?;
    head.truncate(filled);
    let begins = |at: usize| {
        let rest = &head[at..];
        let container = by_magic(rest).filter(|container| begins_well(*container, rest))?;
        Some((container, at))
    };
    let found = (1..head.len())
        .find_map(begins)
        .or_else(|| Some((Container::Mp3, mpeg::first_frame(&head, bytes)?.0)))
        .or_else(|| Some((Container::Adts, adts::first_frame(&head, bytes)?.0)));
    Ok(found.map(|(container, start)| Found { container, start: start as u64 }))
}

/// Whether what has a container's magic number goes on like one.
fn begins_well(container: Container, head: &[u8]) -> bool {
    match container {
        Container::Ogg => {
            let mut page = Page::reserve();
            matches!(page.read(&mut &head[..]), Ok(PageRead::Page)) && page.crc_is_right()
        }
        // STREAMINFO and its length.
        Container::Flac => head.get(5..8) == Some(&[0, 0, 34]) && head[4] & 0x7F == 0,
        Container::Wav | Container::Aiff => {
            head.get(12..16).is_some_and(|id| id.iter().all(|byte| (0x20..0x7F).contains(byte)))
        }
        Container::Mp4 => head[..2] == [0, 0] && matches!(&head[4..8], b"ftyp" | b"moov"),
        Container::WavPack => head.get(9) == Some(&4),
        Container::Mp3 | Container::Adts => false,
    }
}

fn by_magic(head: &[u8]) -> Option<Container> {
    let form = head.get(8..12).unwrap_or_default();
    match head.get(..4)? {
        b"OggS" => Some(Container::Ogg),
        b"fLaC" => Some(Container::Flac),
        b"wvpk" => Some(Container::WavPack),
        b"RIFF" | b"RF64" | b"BW64" if form == b"WAVE" => Some(Container::Wav),
        b"FORM" if form == b"AIFF" || form == b"AIFC" => Some(Container::Aiff),
        size => match head.get(4..8)? {
            b"ftyp" if !is_picture(head) => Some(Container::Mp4),
            // As QuickTime wrote them before there was `ftyp`; the others are the first in no other kind of file.
            b"moov" | b"mdat" | b"wide" | b"free" if size[..2] == [0, 0] => Some(Container::Mp4),
            _ => None,
        },
    }
}

/// HEIF and AVIF share the container of MP4.
fn is_picture(head: &[u8]) -> bool {
    let brands = [b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx "];
    head.get(4..8) == Some(b"ftyp") && brands.iter().any(|it| head.get(8..12) == Some(&it[..]))
}

/// Audio (or video) that other programs read and this crate does not.
fn other_audio(head: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"MAC ", "a Monkey's Audio file"),
        (b"MPCK", "a Musepack file"),
        (b"MP+", "a Musepack file"),
        (b"TTA1", "a True Audio file"),
        (b"OFR ", "an OptimFROG file"),
        (b"DSD ", "a DSF file"),
        (b"FRM8", "a DSDIFF file"),
        (b"caff", "a Core Audio file"),
        (b".snd", "an AU file"),
        (b"#!AMR", "an AMR file"),
        (b"MThd", "a MIDI file"),
        (b"\x1a\x45\xdf\xa3", "a Matroska or WebM file"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a WMA or ASF file"),
        (b"ADIF", "an AAC file without a container"),
        (b"Extended Module: ", "a tracker module"),
        (b"IMPM", "a tracker module"),
    ];
    KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what)
}

fn not_audio(head: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"GIF87a", "a GIF image"),
        (b"GIF89a", "a GIF image"),
        (b"BM", "a BMP image"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive (or an office document)"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"BZh", "a bzip2 file"),
        (b"\xfd7zXZ\0", "an xz file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a Windows program"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"d8:announce", "a torrent"),
        (b"{\\rtf", "an RTF document"),
    ];
    if head.get(4..8) == Some(b"ftyp") {
        return Some("a HEIF or AVIF image");
    }
    match (head.get(..4), head.get(8..12)) {
        (Some(b"RIFF"), Some(b"WEBP")) => return Some("a WebP image"),
        (Some(b"RIFF"), Some(b"AVI ")) => return Some("an AVI video"),
        _ => {}
    }
    if let Some((_, what)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(what);
    }
    if head.iter().all(|&byte| byte == 0) {
        return Some("nothing but zero bytes as far as it was read");
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some("a tar archive");
    }
    let start = head.trim_ascii_start();
    let begins = |text: &str| {
        start.len() >= text.len() && start[..text.len()].eq_ignore_ascii_case(text.as_bytes())
    };
    if begins("<!doctype html") || begins("<html") {
        return Some("a web page");
    }
    is_text(head).then_some("a text file")
}

/// UTF-8 (a character may be cut by the end of the head) without control characters.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty()
        && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn say(bytes: &[u8]) -> String {
        match container(&mut Cursor::new(bytes), bytes.len() as u64) {
            Ok(Found { container, start: 0 }) => container.as_str().to_owned(),
            Ok(Found { container, start }) => format!("{container} from byte {start}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn names_what_is_not_audio() {
        assert!(say(b"").starts_with("the file is empty"));
        assert!(say(b"\xff\xd8\xff\xe0\0\x10JFIF").starts_with("it is a JPEG image, not audio"));
        assert!(say(b"%PDF-1.7").contains("a PDF document"));
        assert!(say(b"just words, caf\xc3\xa9\n").contains("a text file"));
        assert!(say(&[0; 4096]).contains("nothing but zero bytes"));
        assert!(say(b"  <!DOCTYPE HTML><html>").contains("a web page"));
        assert!(say(b"MAC 1234").contains("a Monkey's Audio file, which is not read yet"));
        assert!(say(b"\x01\x02\x03\x80\xfe").contains("no known kind of audio"));
        assert!(say(b"ID3\x04\0\0\0\0\x7f\x7f").contains("no audio follows"));
        assert!(say(b"\0\0\0\x18ftypheic\0\0").contains("HEIF"));
    }

    #[test]
    fn finds_what_is_buried() {
        let flac = b"fLaC\0\0\0\x22";
        assert_eq!(say(&[b"\xaa", &flac[..]].concat()), "flac from byte 1");
        assert_eq!(say(&[&[0; 70_000], &flac[..]].concat()), "flac from byte 70000");
        assert_eq!(say(&[b"HTTP/1.1 200 OK\r\n\r\n", &flac[..]].concat()), "flac from byte 19");
        // Words alone are none.
        assert!(say(b"a text about OggS and fLaC, which begin files").contains("a text file"));
        assert!(say(b"\x01OggS\0\x02 but no page").contains("no known kind of audio"));
        let frames = b"\xff\xfb\x90\x64".iter().copied().chain([0; 413]);
        let frames: Vec<u8> = std::iter::repeat_n(frames, 4).flatten().collect();
        assert_eq!(say(&[vec![0; 66_000], frames].concat()), "mp3 from byte 66000");
    }

    #[test]
    fn knows_containers_by_content() {
        assert_eq!(say(b"OggS\0\x02"), "ogg");
        assert_eq!(say(b"RIFF\0\0\0\0WAVEfmt "), "wav");
        assert_eq!(say(b"ID3\x04\0\0\0\0\0\x02xxfLaC\0"), "flac");
        assert_eq!(say(b"\0\0\0\x18ftypM4A \0\0"), "mp4");
        assert_eq!(say(b"wvpk1234"), "wavpack");
        assert_eq!(say(b"ID3\x04\0\0\0\0\0\x02xxRIFF\0\0\0\0WAVEfmt "), "wav from byte 12");
        assert_eq!(say(b"\xff\xf1\x50\x80\x01\x1f\xfc!"), "adts");
    }
}
