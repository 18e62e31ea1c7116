//! Rows of tables: facts without audio, as docs/formats/tables.md specifies them. Ids are integers of the collection
//! that they came with and mean nothing outside it.

use crate::Isrc;

/// One of the seven tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    /// Recordings.
    Recording,
    /// Artists.
    Artist,
    /// Releases.
    Release,
    /// Places of recordings on releases.
    Track,
    /// Artists on recordings.
    Credit,
    /// ISRCs of recordings.
    Isrc,
    /// Counts.
    Listens,
}

impl TableKind {
    /// All of them, each after those that its rows refer to.
    pub const ORDER: [TableKind; 7] = [
        TableKind::Recording,
        TableKind::Artist,
        TableKind::Release,
        TableKind::Track,
        TableKind::Credit,
        TableKind::Isrc,
        TableKind::Listens,
    ];

    /// Its name, as files are called.
    pub fn as_str(self) -> &'static str {
        match self {
            TableKind::Recording => "recording",
            TableKind::Artist => "artist",
            TableKind::Release => "release",
            TableKind::Track => "track",
            TableKind::Credit => "credit",
            TableKind::Isrc => "isrc",
            TableKind::Listens => "listens",
        }
    }
}

/// A row of one of the seven tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableRow {
    /// Of `recording`.
    Recording(RecordingRow),
    /// Of `artist`.
    Artist(ArtistRow),
    /// Of `release`.
    Release(ReleaseRow),
    /// Of `track`.
    Track(TrackRow),
    /// Of `credit`.
    Credit(CreditRow),
    /// Of `isrc`.
    Isrc(IsrcRow),
    /// Of `listens`.
    Listens(CountRow),
}

/// One distinct piece of audio.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordingRow {
    /// Its id in the collection.
    pub id: u64,
    /// Its title.
    pub title: Option<String>,
    /// Its duration in milliseconds, at least 1.
    pub duration_ms: Option<u32>,
    /// Its own date, as said.
    pub date: Option<String>,
}

/// An artist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArtistRow {
    /// Its id in the collection.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// A published set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Its id in the collection.
    pub id: u64,
    /// Its title.
    pub title: Option<String>,
    /// Id of the artist that is printed on the whole.
    pub artist: Option<u64>,
    /// Its date, as said.
    pub date: Option<String>,
}

/// A recording's place on a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackRow {
    /// Id of the release.
    pub release: u64,
    /// Id of the recording.
    pub recording: u64,
    /// Disc, from 1.
    pub disc: Option<u32>,
    /// Position on the disc, from 1.
    pub position: Option<u32>,
}

/// An artist on a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreditRow {
    /// Id of the recording.
    pub recording: u64,
    /// The artist's place among those of the recording, from 1.
    pub position: u32,
    /// Id of the artist.
    pub artist: u64,
    /// The name as credited here, where it is not the artist's own.
    pub name: Option<String>,
    /// What follows the name; `None` is ", ".
    pub joined: Option<String>,
}

/// An ISRC of a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IsrcRow {
    /// Id of the recording.
    pub recording: u64,
    /// The code as it was said; it may be none.
    pub said: String,
}

/// What a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// The recording with this id.
    Recording(u64),
    /// Every recording that carries the ISRC.
    Isrc(Isrc),
}

/// How often something was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRow {
    /// What was counted.
    pub of: Counted,
    /// How often, at most 2^63 - 1.
    pub listens: u64,
}
