//! MPEG audio (MP3, MP2): another ID3v2 tag in front, everything behind it copied.

use super::id3::{self, FrameBytes, Tag, syncsafe};
use super::{
    EmbedError, Embedded, Embedding, behind_another_head, check_head_bytes, copy_rest, fields,
};
use deadwax_model::{Picture, PictureKind, is_date};
use std::collections::HashSet;
use std::io::{BufRead, Read, Seek, SeekFrom, Write};

/// A field, the frames that say it in version 2 and in 3 and 4, and others that it takes the place of.
type Names = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// As MusicBrainz Picard maps them. What is not here is a text named by its key.
const NAMES: [Names; 8] = [
    ("TITLE", "TT2", "TIT2", &[]),
    ("ARTIST", "TP1", "TPE1", &[]),
    ("ALBUM", "TAL", "TALB", &[]),
    ("ALBUMARTIST", "TP2", "TPE2", &[]),
    ("TRACKNUMBER", "TRK", "TRCK", &[]),
    ("DISCNUMBER", "TPA", "TPOS", &[]),
    ("DATE", "TYE", "TYER", &["TDA", "TDAT", "TIM", "TIME", "TDRC"]),
    ("ISRC", "TRC", "TSRC", &[]),
];

/// Bytes of an ID3v1 tag, which is the last thing in a file.
const ID3V1_BYTES: usize = 128;

pub(super) fn embed(
    source: &mut (impl BufRead + Seek),
    metadata: &Embedding,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    let old = id3v1(source)?;
    source.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
    let tag = Tag::read(source)?;
    let (head, pictures_added) = new_tag(&tag, old.as_ref(), metadata)?;
    behind_another_head(
        &head,
        &tag.raw,
        pictures_added,
        &mut tag.ahead.as_slice().chain(source),
        out,
    )
}

/// Hands over everything behind the tag.
pub(super) fn copy_audio(
    source: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<(), EmbedError> {
    let (_, ahead) = id3::raw(source)?;
    out.write_all(&ahead).map_err(EmbedError::Write)?;
    copy_rest(source, out).map(drop)
}

/// The ID3v1 tag, if there is one.
fn id3v1(source: &mut (impl Read + Seek)) -> Result<Option<[u8; ID3V1_BYTES]>, EmbedError> {
    let end = source.seek(SeekFrom::End(0)).map_err(EmbedError::Read)?;
    let Some(start) = end.checked_sub(ID3V1_BYTES as u64) else { return Ok(None) };
    let mut tag = [0; ID3V1_BYTES];
    source.seek(SeekFrom::Start(start)).map_err(EmbedError::Read)?;
    source.read_exact(&mut tag).map_err(EmbedError::Read)?;
    Ok(tag.starts_with(b"TAG").then_some(tag))
}

/// The tag of the holding, and how many pictures it has more.
fn new_tag(
    tag: &Tag,
    old: Option<&[u8; ID3V1_BYTES]>,
    metadata: &Embedding,
) -> Result<(Vec<u8>, usize), EmbedError> {
    let given = fields::grouped(metadata);
    let replaced = Replaced::by(given.iter().map(|(key, _)| key.as_str()).collect());
    let mut frames = Frames { version: tag.version, bytes: Vec::new() };
    for (key, values) in &given {
        frames.field(key, values)?;
    }
    for frame in tag.frames().filter(|frame| !replaced.has(frame)) {
        frames.bytes.extend_from_slice(frame.whole);
        check_head_bytes(frames.bytes.len())?;
    }
    if let Some(old) = old.filter(|_| tag.raw.is_empty()) {
        frames.of_id3v1(old)?;
    }
    let kinds: HashSet<PictureKind> =
        tag.frames().filter_map(|frame| frame.picture_kind()).collect();
    let mut pictures = fields::missing(metadata, &kinds);
    pictures.retain(|picture| frames.can_carry(picture));
    for (place, picture) in pictures.iter().enumerate() {
        frames.picture(picture, place)?;
    }
    if frames.bytes.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let header = [b'I', b'D', b'3', tag.version, 0, 0];
    let head = [&header, &syncsafe(frames.bytes.len())[..], &frames.bytes].concat();
    check_head_bytes(head.len())?;
    Ok((head, pictures.len()))
}

/// What the archive says itself.
struct Replaced<'k> {
    /// In upper case.
    keys: Vec<&'k str>,
    names: HashSet<&'static [u8]>,
}

impl Replaced<'_> {
    fn by(keys: Vec<&str>) -> Replaced<'_> {
        let mut names: HashSet<&'static [u8]> = HashSet::new();
        for (_, old, name, others) in NAMES.iter().filter(|names| keys.contains(&names.0)) {
            names.extend([old.as_bytes(), name.as_bytes()]);
            names.extend(others.iter().map(|other| other.as_bytes()));
        }
        Replaced { keys, names }
    }

    fn has(&self, frame: &FrameBytes<'_>) -> bool {
        let is_given = |key: String| self.keys.contains(&key.to_ascii_uppercase().as_str());
        self.names.contains(frame.name) || frame.description().is_some_and(is_given)
    }
}

/// Frames being made.
struct Frames {
    version: u8,
    bytes: Vec<u8>,
}

impl Frames {
    /// A field of the archive.
    fn field(&mut self, key: &str, values: &[&str]) -> Result<(), EmbedError> {
        let names = NAMES.iter().find(|names| names.0 == key);
        match names {
            Some(("DATE", ..)) => self.date(values),
            Some((_, old, name, _)) => {
                let content = self.texts(&[&self.joined(values)]);
                self.frame(old, name, &content)
            }
            None => {
                let content = self.texts(&[key, &self.joined(values)]);
                self.frame("TXX", "TXXX", &content)
            }
        }
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: whole in 2.4; before that a year, and day and month where both are known.
    fn date(&mut self, values: &[&str]) -> Result<(), EmbedError> {
        let Some(date) = values.first() else { return Ok(()) };
        if !is_date(date) {
            let content = self.texts(&["DATE", date]);
            return self.frame("TXX", "TXXX", &content);
        }
        if self.version == 4 {
            let content = self.texts(&[date]);
            return self.frame("", "TDRC", &content);
        }
        let year = self.texts(&[&date[..4]]);
        self.frame("TYE", "TYER", &year)?;
        match (date.get(5..7), date.get(8..10)) {
            (Some(month), Some(day)) => {
                let content = self.texts(&[&format!("{day}{month}")]);
                self.frame("TDA", "TDAT", &content)
            }
            _ => Ok(()),
        }
    }

    /// What an ID3v1 tag says that no field of the archive does: readers that find an ID3v2 tag may look no further.
    fn of_id3v1(&mut self, old: &[u8; ID3V1_BYTES]) -> Result<(), EmbedError> {
        // Of 30 bytes, the last two may be a zero byte and a track number.
        let comment = &old[97..if old[125] == 0 { 125 } else { 127 }];
        let end = comment.iter().position(|byte| *byte == 0).unwrap_or(comment.len());
        let comment = comment[..end].trim_ascii_end();
        if !comment.is_empty() {
            // Latin letters, no known language, no description.
            let content = [&b"\0XXX\0"[..], comment].concat();
            self.frame("COM", "COMM", &content)?;
        }
        match old[127] {
            genre @ 0..192 => {
                let content = self.texts(&[&genre.to_string()]);
                self.frame("TCO", "TCON", &content)
            }
            _ => Ok(()),
        }
    }

    /// Version 2 knows two formats of pictures.
    fn can_carry(&self, picture: &Picture) -> bool {
        self.version != 2 || matches!(picture.mime.as_str(), "image/png" | "image/jpeg")
    }

    /// The descriptions of pictures differ, as the format wants.
    fn picture(&mut self, picture: &Picture, place: usize) -> Result<(), EmbedError> {
        let kind = picture.kind.flac_type() as u8;
        let media_type: Vec<u8> = match (self.version, picture.mime.as_str()) {
            (2, "image/png") => b"PNG".to_vec(),
            (2, _) => b"JPG".to_vec(),
            (_, mime) => [mime.as_bytes(), b"\0"].concat(),
        };
        let description = match place {
            0 => String::new(),
            _ => format!("{} {}", picture.kind.as_str(), place + 1),
        };
        // Latin letters.
        let start = [&b"\0"[..], &media_type, &[kind], description.as_bytes(), b"\0"].concat();
        self.frame("PIC", "APIC", &[&start, &picture.data[..]].concat())
    }

    /// Several values as one text: 2.4 keeps them apart with a zero byte, the others with a slash.
    fn joined(&self, values: &[&str]) -> String {
        // Nobody could tell a zero byte in a value from one between two.
        let values: Vec<String> = values.iter().map(|value| value.replace('\0', " ")).collect();
        values.join(if self.version == 4 { "\0" } else { "/" })
    }

    /// An encoding and texts: UTF-8 in 2.4; before that Latin letters where they do, else UTF-16.
    fn texts(&self, texts: &[&str]) -> Vec<u8> {
        if self.version == 4 {
            return [b"\x03", texts.join("\0").as_bytes()].concat();
        }
        let latin = |text: &&str| text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>();
        if let Some(latin) = texts.iter().map(latin).collect::<Option<Vec<Vec<u8>>>>() {
            return [&b"\0"[..], &latin.join(&0)].concat();
        }
        let wide = |text: &&str| {
            let units = [0xFEFF].into_iter().chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
        };
        let wide: Vec<Vec<u8>> = texts.iter().map(wide).collect();
        [&b"\x01"[..], &wide.join(&[0, 0][..])].concat()
    }

    fn frame(&mut self, old: &str, name: &str, content: &[u8]) -> Result<(), EmbedError> {
        check_head_bytes(self.bytes.len() + content.len() + 20)?;
        let size = content.len() as u32;
        match self.version {
            2 => {
                self.bytes.extend_from_slice(old.as_bytes());
                self.bytes.extend_from_slice(&size.to_be_bytes()[1..]);
            }
            version => {
                self.bytes.extend_from_slice(name.as_bytes());
                match version {
                    3 => self.bytes.extend_from_slice(&size.to_be_bytes()),
                    _ => self.bytes.extend_from_slice(&syncsafe(content.len())),
                }
                self.bytes.extend_from_slice(&[0, 0]);
            }
        }
        self.bytes.extend_from_slice(content);
        Ok(())
    }
}
