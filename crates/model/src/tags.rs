//! What a file says about itself, in one vocabulary for every container.

use crate::Isrc;
use unicode_normalization::UnicodeNormalization;

/// The metadata of a recording as a file carries it and as the archive embeds it. Texts are NFC;
/// an absent fact is `None` or empty, never an invented one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Title of the recording.
    pub title: Option<String>,
    /// Artist names, in order, one a person or group.
    pub artists: Vec<String>,
    /// Title of the release.
    pub release: Option<String>,
    /// Artist of the release as a whole.
    pub release_artist: Option<String>,
    /// Disc number, from 1.
    pub disc: Option<u32>,
    /// Position on the disc, from 1.
    pub position: Option<u32>,
    /// Date of the release as it was written: `YYYY`, `YYYY-MM` or `YYYY-MM-DD` when it is well formed.
    pub date: Option<String>,
    /// Genres as they were written.
    pub genres: Vec<String>,
    /// ISRCs that parse.
    pub isrcs: Vec<Isrc>,
    /// MusicBrainz recording id.
    pub musicbrainz_recording: Option<String>,
    /// MusicBrainz release id.
    pub musicbrainz_release: Option<String>,
    /// Everything the file said, as `(KEY, value)` in file order with upper-case keys; pictures left out.
    /// What it says of its rights is read from here.
    pub said: Vec<(String, String)>,
}

impl Tags {
    /// The artist credit as people read it, names joined with ", ".
    pub fn artist_credit(&self) -> Option<String> {
        (!self.artists.is_empty()).then(|| self.artists.join(", "))
    }

    /// The four-digit year that the date starts with.
    pub fn year(&self) -> Option<u16> {
        let digits = self.date.as_deref()?.get(..4)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    }

    /// A text as the archive keeps it: NFC, trimmed, without control characters (a newline becomes a
    /// space); `None` when nothing is left.
    pub fn clean(text: &str) -> Option<String> {
        let text: String = text.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureKind {
    /// Front cover.
    Front,
    /// Back cover.
    Back,
    /// Anything else.
    Other,
}

impl PictureKind {
    /// The word in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            PictureKind::Front => "front",
            PictureKind::Back => "back",
            PictureKind::Other => "other",
        }
    }

    /// The type number in FLAC picture blocks and ID3v2 APIC frames (3 front, 4 back, 0 other).
    pub fn flac_type(self) -> u32 {
        match self {
            PictureKind::Front => 3,
            PictureKind::Back => 4,
            PictureKind::Other => 0,
        }
    }
}

/// An image: embedded in a file or found beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it shows.
    pub kind: PictureKind,
    /// `image/jpeg`, `image/png`, ...
    pub mime: String,
    /// The encoded image.
    pub data: Vec<u8>,
}
