//! ID3v2 frames in the making.

use super::id3::FrameBytes;
use super::{EmbedError, check_head_bytes};
use crate::id3_sizes::syncsafe;
use deadwax_model::{Picture, is_date};
use std::collections::HashSet;

/// A field, the frames that say it in version 2 and in 3 and 4, and others that it takes the place of.
type Names = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// As MusicBrainz Picard maps them. What is not here is a text named by its key.
pub(super) const NAMES: [Names; 16] = [
    ("TITLE", "TT2", "TIT2", &[]),
    ("ARTIST", "TP1", "TPE1", &[]),
    ("ALBUM", "TAL", "TALB", &[]),
    ("ALBUMARTIST", "TP2", "TPE2", &[]),
    ("TRACKNUMBER", "TRK", "TRCK", &[]),
    ("DISCNUMBER", "TPA", "TPOS", &[]),
    ("DATE", "TYE", "TYER", &["TDA", "TDAT", "TIM", "TIME", "TDRC"]),
    ("ISRC", "TRC", "TSRC", &[]),
    ("GENRE", "TCO", "TCON", &[]),
    ("COMPOSER", "TCM", "TCOM", &[]),
    ("LYRICIST", "TXT", "TEXT", &[]),
    ("CONDUCTOR", "TP3", "TPE3", &[]),
    ("REMIXER", "TP4", "TPE4", &[]),
    ("PUBLISHER", "TPB", "TPUB", &[]),
    ("COPYRIGHT", "TCR", "TCOP", &[]),
    ("BPM", "TBP", "TBPM", &[]),
];

/// Frames being made.
pub(super) struct Frames {
    pub(super) version: u8,
    pub(super) bytes: Vec<u8>,
    /// What they say: names, descriptions of texts named by a key in upper case, and whether there is a comment.
    names: HashSet<Vec<u8>>,
    descriptions: HashSet<String>,
    pub(super) has_comment: bool,
}

impl Frames {
    pub(super) fn new(version: u8) -> Frames {
        let (names, descriptions) = Default::default();
        Frames { version, bytes: Vec::new(), names, descriptions, has_comment: false }
    }

    /// A frame of the source.
    pub(super) fn keep(&mut self, frame: &FrameBytes<'_>) -> Result<(), EmbedError> {
        self.bytes.extend_from_slice(frame.whole);
        self.names.insert(frame.name.to_vec());
        self.descriptions.extend(frame.description().map(|key| key.to_uppercase()));
        self.has_comment |= frame.is_comment();
        check_head_bytes(self.bytes.len())
    }

    /// Whether a field is said already.
    pub(super) fn say(&self, key: &str) -> bool {
        let is_said = |name: &&str| self.names.contains(name.as_bytes());
        let names = NAMES.iter().filter(|names| names.0 == key);
        self.descriptions.contains(key)
            || names.flat_map(|names| [&names.1, &names.2].into_iter().chain(names.3)).any(is_said)
    }

    /// Whether a frame of one of the two names is there.
    pub(super) fn have(&self, old: &str, name: &str) -> bool {
        self.names.contains(old.as_bytes()) || self.names.contains(name.as_bytes())
    }

    /// A field: a frame of its own where there is one for it.
    pub(super) fn field(&mut self, key: &str, values: &[&str]) -> Result<(), EmbedError> {
        let names = NAMES.iter().find(|names| names.0 == key);
        match names {
            Some(("DATE", ..)) => self.date(values),
            Some((_, old, name, _)) => {
                let content = self.texts(&[&self.joined(values)]);
                self.frame(old, name, &content)
            }
            None => {
                let content = self.texts(&[key, &self.joined(values)]);
                self.descriptions.insert(key.to_uppercase());
                self.frame("TXX", "TXXX", &content)
            }
        }
    }

    /// A comment in no known language, without a description.
    pub(super) fn comment(&mut self, text: &str) -> Result<(), EmbedError> {
        let texts = self.texts(&["", text]);
        let content = [&texts[..1], b"XXX", &texts[1..]].concat();
        self.has_comment = true;
        self.frame("COM", "COMM", &content)
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: whole in 2.4; before that a year, and day and month where both are known.
    fn date(&mut self, values: &[&str]) -> Result<(), EmbedError> {
        let Some(date) = values.first() else { return Ok(()) };
        if !is_date(date) {
            let content = self.texts(&["DATE", date]);
            self.descriptions.insert("DATE".to_owned());
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

    /// Version 2 knows two formats of pictures.
    pub(super) fn can_carry(&self, picture: &Picture) -> bool {
        self.version != 2 || matches!(picture.mime.as_str(), "image/png" | "image/jpeg")
    }

    /// The descriptions of pictures differ, as the format wants.
    pub(super) fn picture(&mut self, picture: &Picture, place: usize) -> Result<(), EmbedError> {
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
    pub(super) fn texts(&self, texts: &[&str]) -> Vec<u8> {
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

    pub(super) fn frame(
        &mut self,
        old: &str,
        name: &str,
        content: &[u8],
    ) -> Result<(), EmbedError> {
        check_head_bytes(self.bytes.len() + content.len() + 20)?;
        let size = content.len() as u32;
        self.names.insert(if self.version == 2 { old } else { name }.as_bytes().to_vec());
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
