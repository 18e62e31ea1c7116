//! What the writer is told: the edition's own facts, and one recording at a time in rank order.
//!
//! Nothing here has a place for the path of a source file, so none can be published.

use crate::StagesOut;
use deadwax_model::{
    FileHashes, Isrc, PictureKind, Popularity, PopularityScale, Rank, RecordingId, Root, Status,
    TableId, Tier,
};
use deadwax_rights::Cleared;

/// What the edition says of itself.
#[derive(Debug, Clone)]
pub struct EditionInfo {
    /// Title of the archive.
    pub title: String,
    /// Day of publishing, `YYYY-MM-DD`.
    pub date: String,
    /// The scale that `popularity` was computed with.
    pub popularity: PopularityScale,
    /// The program that made it, with its version.
    pub created_by: String,
    /// What of it is out beside the list.
    pub stages: StagesOut,
}

/// A recording on its way into the list.
#[derive(Debug)]
pub struct Listed {
    /// Its place: the one after the last pushed.
    pub rank: Rank,
    /// Its id.
    pub id: RecordingId,
    /// The row that it was first seen as, when that was a table's: `id` follows from it then
    /// ([`RecordingId::of_row`]).
    pub row: Option<TableId>,
    /// Title; empty when not known.
    pub title: String,
    /// Artist names, in order. The same name is the same artist.
    pub artists: Vec<String>,
    /// The artist credit as printed; names and join phrases.
    pub artist_credit: String,
    /// Its ISRCs.
    pub isrcs: Vec<Isrc>,
    /// The recording's own date, as its tags give it: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// Listens, where somebody counted.
    pub listens: Option<u64>,
    /// Popularity, where somebody counted.
    pub popularity: Option<Popularity>,
    /// What is kept, or is to be.
    pub tier: Option<Tier>,
    /// Where it stands.
    pub status: Status,
    /// Root of the holding.
    pub root: Option<Root>,
    /// Root of the file that the holding was made from.
    pub original_root: Option<Root>,
    /// Bytes of the holding.
    pub bytes: Option<u64>,
    /// Hashes of the holding. Without them it is listed, and is in no pack.
    pub hashes: Option<FileHashes>,
    /// Hashes of the patch that gives the original back, where there is one and patches are out.
    pub patch: Option<FileHashes>,
    /// Container word (`ogg`, `flac`, ...).
    pub container: Option<String>,
    /// Codec word (`vorbis`, `opus`, ...).
    pub codec: Option<String>,
    /// File name extension of the holding without the dot; the container word when not given.
    pub extension: Option<String>,
    /// Sample rate in Hz.
    pub sample_rate: Option<u32>,
    /// Number of channels.
    pub channels: Option<u32>,
    /// Integrated loudness (EBU R128), LUFS.
    pub loudness_lufs: Option<f64>,
    /// Its places on releases; the first one names its folder in a pack.
    pub tracks: Vec<ListedTrack>,
    /// The licence as known, also when it clears nothing.
    pub licence: Option<String>,
    /// The clearance to publish, or a sentence that says why it is held back. The sentence is published: it must
    /// not name a path of this machine.
    pub clearance: Result<Cleared, String>,
    /// Whether covers of its releases stay in, whatever it is cleared for: another file of it may not leave.
    pub holds_covers_back: bool,
}

impl Listed {
    /// A recording of which nothing is held and nothing else is known, and why it is not published.
    pub fn unheld(rank: Rank, id: RecordingId, why: &str) -> Listed {
        Listed {
            rank,
            id,
            row: None,
            title: String::new(),
            artists: Vec::new(),
            artist_credit: String::new(),
            isrcs: Vec::new(),
            date: None,
            duration_ms: None,
            listens: None,
            popularity: None,
            tier: None,
            status: Status::NoSource,
            root: None,
            original_root: None,
            bytes: None,
            hashes: None,
            patch: None,
            container: None,
            codec: None,
            extension: None,
            sample_rate: None,
            channels: None,
            loudness_lufs: None,
            tracks: Vec::new(),
            licence: None,
            clearance: Err(why.to_owned()),
            holds_covers_back: false,
        }
    }
}

/// A place on a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedTrack {
    /// What tells this release from others while building. It is not published.
    pub release_key: String,
    /// Title of the release.
    pub release_title: String,
    /// Artist of the release as a whole, as printed.
    pub release_artist: Option<String>,
    /// Date of the release: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Disc number, from 1.
    pub disc: Option<u32>,
    /// How many discs the release has, as far as known: file names carry the disc where there are several.
    pub discs: Option<u32>,
    /// Position on the disc, from 1.
    pub position: Option<u32>,
}

impl ListedTrack {
    /// The four-digit year that the date starts with.
    pub fn year(&self) -> Option<u16> {
        year_of(self.date.as_deref()?)
    }
}

/// The cover of a release, or of a recording that is on none. Pushed when the list is through.
#[derive(Debug, Clone)]
pub struct ListedCover {
    /// The first rank at which its release is, or that of the recording.
    pub rank: Rank,
    /// The recording's place on the release; `None` of a recording that is on no release.
    pub track: Option<ListedTrack>,
    /// The credit of that recording.
    pub artist_credit: String,
    /// Its title.
    pub title: String,
    /// What the picture shows.
    pub kind: PictureKind,
    /// `image/jpeg`, `image/png` or `image/webp`, by its bytes.
    pub mime: String,
    /// Its hashes: as it came.
    pub hashes: FileHashes,
    /// Pixels in a row, upright.
    pub width: u32,
    /// Rows, upright.
    pub height: u32,
    /// What was made from it, the largest first.
    pub thumbnails: Vec<ListedThumbnail>,
}

/// A smaller picture of a cover: a JPEG.
#[derive(Debug, Clone)]
pub struct ListedThumbnail {
    /// Pixels along its longer side: 250 or 500.
    pub side: u32,
    /// Its hashes.
    pub hashes: FileHashes,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Listed {
    /// The year of its own date, else the earliest among its releases.
    pub fn year(&self) -> Option<u16> {
        let own = self.date.as_deref().and_then(year_of);
        own.or_else(|| self.tracks.iter().filter_map(ListedTrack::year).min())
    }

    /// Whether a holding of it is in the store.
    pub fn is_held(&self) -> bool {
        self.status == Status::Held && self.root.is_some()
    }
}

/// The four-digit year that a date starts with.
fn year_of(date: &str) -> Option<u16> {
    let digits = date.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}
