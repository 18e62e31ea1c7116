//! The small collection that the demo composes: three invented artists, three releases, twelve pieces, and
//! how often each was heard. It has one of everything that the archive's report should show: a licence
//! that is missing, one with attribution, a WAV, a cover, two recordings that nearly nobody heard and one
//! that nobody counted.

use crate::music::Piece;
use crate::{flac, png, wav};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

const CC0: &str = "CC0-1.0";
const CC_BY: &str = "https://creativecommons.org/licenses/by/4.0/";

struct Release {
    artist: &'static str,
    title: &'static str,
    year: &'static str,
    genre: &'static str,
    has_cover: bool,
    /// Title, listens, licence. What nobody counted (`None`) has no ISRC and is a WAV.
    tracks: &'static [(&'static str, Option<u64>, Option<&'static str>)],
}

static RELEASES: [Release; 3] = [
    Release {
        artist: "The Lathe Choir",
        title: "Run-Out Songs",
        year: "2024",
        genre: "Ambient",
        has_cover: true,
        tracks: &[
            ("Lead-In", Some(2_400_000), Some(CC0)),
            ("Locked Groove", Some(910_000), Some(CC0)),
            ("Surface Noise", Some(188_000), Some(CC0)),
            ("Matrix Number", Some(730), Some(CC0)),
        ],
    },
    Release {
        artist: "Marta Vellum",
        title: "Letters from the Shelf",
        year: "2025",
        genre: "Chamber",
        has_cover: false,
        tracks: &[
            ("Accession", Some(64_000), Some(CC0)),
            ("Finding Aid", Some(31_500), Some(CC_BY)),
            ("Box 14, Folder 3", Some(12_000), Some(CC0)),
            ("Unsigned Deposit", Some(5_200), None),
        ],
    },
    Release {
        artist: "Ondes & Dust",
        title: "Slow Rotation",
        year: "2026",
        genre: "Electronic",
        has_cover: false,
        tracks: &[
            ("Sixteen and Two Thirds", Some(1_450_000), Some(CC0)),
            ("Stylus", Some(1_900), Some(CC0)),
            ("Wow and Flutter", Some(96), Some(CC0)),
            ("Test Tone for a Friend", None, Some(CC0)),
        ],
    },
];

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// The folder of music.
    pub music: PathBuf,
    /// The table of listens (columns `isrc,listens`).
    pub listens: PathBuf,
    /// How many recordings there are.
    pub recordings: usize,
}

/// Composes the collection into `dir/music` and `dir/listens.csv`. `seconds` is about how long each piece
/// is; 24 is a good length. The same call writes the same bytes.
pub fn compose(dir: &Path, seconds: f32) -> anyhow::Result<Demo> {
    let music = dir.join("music");
    let mut pieces = Vec::new();
    let mut listens = String::from("isrc,listens\n");
    for (release, release_number) in RELEASES.iter().zip(1u64..) {
        let folder = music.join(release.artist).join(format!("{} {}", release.year, release.title));
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        if release.has_cover {
            write(&folder.join("cover.png"), &png::cover(release_number, 480))?;
        }
        for ((title, count, licence), position) in release.tracks.iter().zip(1u64..) {
            // QZ is a prefix for registrants anywhere; DWX is ours and invented.
            let isrc = count.map(|_| format!("QZDWX26{:05}", pieces.len() + 1));
            if let (Some(isrc), Some(count)) = (&isrc, count) {
                listens += &format!("{isrc},{count}\n");
            }
            // Lengths differ, as they do.
            let seconds = seconds * (0.85 + 0.1 * ((position + release_number) % 4) as f32);
            let piece = Piece { seed: release_number * 100 + position, seconds };
            let end = if isrc.is_some() { "flac" } else { "wav" };
            let path = folder.join(format!("{position:02} {title}.{end}"));
            pieces.push(ToCompose {
                release,
                title,
                licence: *licence,
                position,
                isrc,
                piece,
                path,
            });
        }
    }
    // Each piece is independent of the others, so both cores of a small machine may help.
    let (one, other) = pieces.split_at(pieces.len() / 2);
    std::thread::scope(|scope| {
        let helper = scope.spawn(|| other.iter().try_for_each(ToCompose::compose));
        let own = one.iter().try_for_each(ToCompose::compose);
        own.and(helper.join().map_err(|_| anyhow::anyhow!("composing panicked"))?)
    })?;
    let table = dir.join("listens.csv");
    write(&table, listens.as_bytes())?;
    Ok(Demo { music, listens: table, recordings: pieces.len() })
}

/// One file that is to be written.
struct ToCompose {
    release: &'static Release,
    title: &'static str,
    licence: Option<&'static str>,
    position: u64,
    isrc: Option<String>,
    piece: Piece,
    path: PathBuf,
}

impl ToCompose {
    fn compose(&self) -> anyhow::Result<()> {
        let samples = self.piece.compose_i16();
        let number = self.position.to_string();
        let Release { artist, title: release, year, genre, .. } = *self.release;
        let Some(isrc) = &self.isrc else {
            let info = [
                ("INAM", self.title),
                ("IART", artist),
                ("IPRD", release),
                ("ICRD", year),
                ("IGNR", genre),
                ("ITRK", &number),
                ("ICOP", self.licence.unwrap_or_default()),
            ];
            return write(&self.path, &wav::encode(&samples, &info));
        };
        let mut fields = vec![
            ("TITLE", self.title),
            ("ARTIST", artist),
            ("ALBUM", release),
            ("ALBUMARTIST", artist),
            ("DATE", year),
            ("GENRE", genre),
            ("TRACKNUMBER", &number),
            ("ISRC", isrc),
        ];
        fields.extend(self.licence.map(|licence| ("LICENSE", licence)));
        write(&self.path, &flac::encode(&samples, &fields, 4096)?)
    }
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
