//! From what files say to what the archive understands: one table of keys for all the tag formats.

use super::{PICTURE_BYTES_MAX, artists};
use deadwax_model::{Isrc, Picture, Tags};
use std::mem;

/// Fields beyond this many are not kept: no recording has them, hostile files do.
const FIELDS_MAX: usize = 4096;
/// A text beyond this many bytes is no tag that anybody reads (lyrics are well below).
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Pictures beyond this many are not kept.
const PICTURES_MAX: usize = 32;

/// What was found in a file, in file order, before it is understood.
#[derive(Default)]
pub(super) struct Found {
    /// Which tag of the file (0 the most trusted), the key in upper case, the value.
    said: Vec<(u8, String, String)>,
    pictures: Vec<Picture>,
    source: u8,
    left_out: usize,
    pub(super) warnings: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Artist,
    Artists,
    Release,
    ReleaseArtist,
    Disc,
    Position,
    Date,
    ReleaseDate,
    Genre,
    Isrc,
    MusicBrainzRecording,
    MusicBrainzRelease,
}

/// Vorbis comment names; ID3v2 frames; MP4 atoms; RIFF INFO and AIFF chunks; APE names.
fn field_of(key: &str) -> Option<Field> {
    use Field::*;
    Some(match key {
        "TITLE" | "TIT2" | "©NAM" | "INAM" | "NAME" => Title,
        "ARTIST" | "TPE1" | "©ART" | "IART" | "AUTH" => Artist,
        "ARTISTS" => Artists,
        "ALBUM" | "TALB" | "©ALB" | "IPRD" => Release,
        "ALBUMARTIST" | "ALBUM ARTIST" | "ALBUM_ARTIST" | "TPE2" | "AART" => ReleaseArtist,
        "DISCNUMBER" | "DISC" | "TPOS" | "DISK" => Disc,
        "TRACKNUMBER" | "TRACK" | "TRCK" | "TRKN" | "ITRK" | "IPRT" => Position,
        "DATE" | "TDRC" | "TYER" | "©DAY" | "ICRD" => Date,
        "YEAR" | "TDRL" => ReleaseDate,
        "GENRE" | "TCON" | "©GEN" | "GNRE" | "IGNR" => Genre,
        "ISRC" | "TSRC" => Isrc,
        "MUSICBRAINZ_TRACKID" | "MUSICBRAINZ TRACK ID" | "UFID:HTTP://MUSICBRAINZ.ORG" => {
            MusicBrainzRecording
        }
        "MUSICBRAINZ_ALBUMID" | "MUSICBRAINZ ALBUM ID" => MusicBrainzRelease,
        _ => return None,
    })
}

impl Found {
    /// What follows comes from another tag of the same file, trusted less than those before.
    pub(super) fn next_source(&mut self) {
        self.source += 1;
    }

    /// One field as the file has it.
    pub(super) fn say(&mut self, key: &str, value: &str) {
        if self.said.len() >= FIELDS_MAX || value.len() > TEXT_BYTES_MAX {
            self.left_out += 1;
        } else if let (Some(key), Some(value)) = (Tags::clean(key), Tags::clean(value)) {
            self.said.push((self.source, key.to_uppercase(), value));
        }
    }

    /// One picture as the file has it.
    pub(super) fn show(&mut self, picture: Picture) {
        if picture.data.len() > PICTURE_BYTES_MAX {
            self.warnings.push(format!(
                "an embedded picture of {} bytes is left out: it is larger than {} MiB",
                picture.data.len(),
                PICTURE_BYTES_MAX >> 20
            ));
        } else if self.pictures.len() >= PICTURES_MAX {
            self.left_out += 1;
        } else if !picture.data.is_empty() && !self.pictures.contains(&picture) {
            self.pictures.push(picture);
        }
    }

    /// The tags as the archive understands them.
    pub(super) fn into_tags(mut self, warnings: &mut Vec<String>) -> (Tags, Vec<Picture>) {
        warnings.append(&mut self.warnings);
        if self.left_out > 0 {
            warnings.push(format!(
                "{} of its tag fields are left out: there are too many, or they are too long",
                self.left_out
            ));
        }
        let first = |field| self.all(field).into_iter().next();
        let mut isrcs = Vec::new();
        for (_, key, value) in &self.said {
            if field_of(key) == Some(Field::Isrc) {
                parse_isrcs(value, &mut isrcs, warnings);
            }
        }
        // ARTISTS names persons one by one where ARTIST is a credit with its join phrases.
        let artists =
            Some(self.all(Field::Artists)).filter(|names| !names.is_empty()).map(|names| {
                match (&names[..], first(Field::Artist)) {
                    ([joined], Some(credit)) => artists::apart(joined, &credit).unwrap_or(names),
                    _ => names,
                }
            });
        let tags = Tags {
            title: first(Field::Title),
            artists: artists.unwrap_or_else(|| self.all(Field::Artist)),
            release: first(Field::Release),
            release_artist: first(Field::ReleaseArtist),
            disc: first(Field::Disc).and_then(|text| number(&text)),
            position: first(Field::Position).and_then(|text| number(&text)),
            date: first(Field::Date).or_else(|| first(Field::ReleaseDate)).map(date),
            genres: self.all(Field::Genre),
            isrcs,
            musicbrainz_recording: first(Field::MusicBrainzRecording),
            musicbrainz_release: first(Field::MusicBrainzRelease),
            said: Vec::new(),
        };
        let said = mem::take(&mut self.said).into_iter().map(|(_, key, value)| (key, value));
        (Tags { said: said.collect(), ..tags }, self.pictures)
    }

    /// The values of a field, from the most trusted tag that has it.
    fn all(&self, field: Field) -> Vec<String> {
        let mut values = Vec::new();
        let mut from = None;
        for (source, key, value) in &self.said {
            if field_of(key) == Some(field) && *from.get_or_insert(*source) == *source {
                push_new(&mut values, value);
            }
        }
        values
    }
}

fn push_new(values: &mut Vec<String>, value: &str) {
    if !values.iter().any(|known| known == value) {
        values.push(value.to_owned());
    }
}

/// One field may hold several codes, whatever is between them.
fn parse_isrcs(text: &str, isrcs: &mut Vec<Isrc>, warnings: &mut Vec<String>) {
    for part in text.split([';', ',', '/']).filter(|part| !part.trim().is_empty()) {
        match part.trim().parse() {
            Ok(isrc) if !isrcs.contains(&isrc) => isrcs.push(isrc),
            Ok(_) => {}
            Err(error) => warnings.push(error.to_string()),
        }
    }
}

/// `3`, `03`, `3/12`; 0 is no position.
fn number(text: &str) -> Option<u32> {
    text.split('/').next()?.trim().parse().ok().filter(|&number| number > 0)
}

/// `YYYY-MM-DD` of a longer timestamp; anything else as it was written.
fn date(text: String) -> String {
    let bytes = text.as_bytes();
    let day = bytes.len() > 10
        && matches!(bytes[10], b'T' | b' ')
        && bytes[..10].iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if day { text[..10].to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(said: &[(&str, &str)]) -> (Tags, Vec<String>) {
        let mut found = Found::default();
        for (key, value) in said {
            found.say(key, value);
        }
        let mut warnings = Vec::new();
        let (tags, _) = found.into_tags(&mut warnings);
        (tags, warnings)
    }

    #[test]
    fn everything_is_kept_as_it_was_said() {
        let (tags, _) =
            tags(&[("License", "GPL v2+"), ("WCOP", "https://example.org/l"), ("x", "y")]);
        let said: Vec<(&str, &str)> =
            tags.said.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(said, [("LICENSE", "GPL v2+"), ("WCOP", "https://example.org/l"), ("X", "y")]);
    }

    #[test]
    fn numbers_dates_and_codes() {
        let (tags, warnings) = tags(&[
            ("TRACKNUMBER", "3/12"),
            ("DISCNUMBER", "0"),
            ("DATE", "2004-05-06T10:00:00"),
            ("ISRC", "us-rc1-76-07839; USRC176078390"),
            ("ARTIST", "A feat. B"),
            ("ARTISTS", "A"),
            ("ARTISTS", "B"),
        ]);
        assert_eq!((tags.position, tags.disc), (Some(3), None));
        assert_eq!(tags.date.as_deref(), Some("2004-05-06"));
        assert_eq!(tags.isrcs.len(), 1);
        assert_eq!(
            warnings,
            ["'USRC176078390' is not an ISRC: it has 13 characters, an ISRC has 12"]
        );
        assert_eq!(tags.artists, ["A", "B"]);
    }

    #[test]
    fn the_first_tag_that_has_a_field_wins() {
        let mut found = Found::default();
        found.say("TIT2", "A long title that ID3v1 cuts");
        found.next_source();
        found.say("TITLE", "A long title that ID3v1");
        found.say("ARTIST", "Only here");
        let (tags, _) = found.into_tags(&mut Vec::new());
        assert_eq!(tags.title.as_deref(), Some("A long title that ID3v1 cuts"));
        assert_eq!(tags.artists, ["Only here"]);
    }
}
