//! Where a recording's file lies in a pack.

use super::{component, file_name};

/// Longest name of an artist's folder in bytes, so that whole paths stay in what systems and metainfo can bear.
const ARTIST_BYTES: usize = 100;
/// Longest name of a release's folder in bytes.
const RELEASE_BYTES: usize = 120;
/// Longest file name in bytes.
const FILE_BYTES: usize = 160;

/// The facts that name a file. What is unknown is `None` and left out, never invented.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrackName<'a> {
    /// Artist of the release as a whole, or of the recording when it has no release.
    pub artist: Option<&'a str>,
    /// Year of the release.
    pub year: Option<u16>,
    /// Title of the release.
    pub release: Option<&'a str>,
    /// Disc number, from 1.
    pub disc: Option<u32>,
    /// How many discs the release has, when somebody knows.
    pub discs: Option<u32>,
    /// Position on the disc, from 1.
    pub position: Option<u32>,
    /// Title of the recording.
    pub title: Option<&'a str>,
    /// `ogg`, `flac`, ... without a dot.
    pub extension: &'a str,
}

/// `Artist/Year Release/NN Title.ext`, or `Artist/Title.ext` without a release. NN becomes `D-NN` on a
/// disc above 1 or when there are several discs. Unknown artists and titles read "Unknown artist" and "Untitled".
pub fn track_path(track: &TrackName) -> Vec<String> {
    let title = known(track.title).unwrap_or(UNTITLED);
    let Some(release) = release_folder(track) else {
        return vec![artist_folder(track), file_name(title, track.extension, FILE_BYTES)];
    };
    let several = track.disc > Some(1) || track.discs > Some(1);
    let stem = match (track.disc, track.position) {
        (Some(disc), Some(position)) if several => format!("{disc}-{position:02} {title}"),
        (_, Some(position)) => format!("{position:02} {title}"),
        (_, None) => title.to_owned(),
    };
    vec![artist_folder(track), release, file_name(&stem, track.extension, FILE_BYTES)]
}

/// The folder of what belongs to a release as a whole: `Artist/Year Release`, or `Artist/Title` without a release.
pub fn release_path(track: &TrackName) -> Vec<String> {
    let title = || component(known(track.title).unwrap_or(UNTITLED), RELEASE_BYTES);
    vec![artist_folder(track), release_folder(track).unwrap_or_else(title)]
}

const UNTITLED: &str = "Untitled";

fn artist_folder(track: &TrackName) -> String {
    component(known(track.artist).unwrap_or("Unknown artist"), ARTIST_BYTES)
}

fn release_folder(track: &TrackName) -> Option<String> {
    let release = known(track.release)?;
    Some(match track.year {
        Some(year) => component(&format!("{year} {release}"), RELEASE_BYTES),
        None => component(release, RELEASE_BYTES),
    })
}

fn known(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: TrackName = TrackName {
        artist: Some("AC/DC"),
        year: Some(1980),
        release: Some("Back in Black"),
        disc: Some(1),
        discs: None,
        position: Some(6),
        title: Some("Back in Black"),
        extension: "flac",
    };

    fn path(track: TrackName) -> String {
        track_path(&track).join("/")
    }

    #[test]
    fn a_person_can_read_it() {
        assert_eq!(path(FULL), "AC-DC/1980 Back in Black/06 Back in Black.flac");
        assert_eq!(
            path(TrackName { discs: Some(2), ..FULL }),
            "AC-DC/1980 Back in Black/1-06 Back in Black.flac"
        );
        assert_eq!(
            path(TrackName { disc: Some(2), year: None, ..FULL }),
            "AC-DC/Back in Black/2-06 Back in Black.flac"
        );
        assert_eq!(path(TrackName { release: None, ..FULL }), "AC-DC/Back in Black.flac");
        assert_eq!(
            path(TrackName { position: None, release: Some("..."), ..FULL }),
            "AC-DC/1980…/Back in Black.flac"
        );
        assert_eq!(
            path(TrackName { artist: Some(" "), title: None, release: None, ..FULL }),
            "Unknown artist/Untitled.flac"
        );
    }

    #[test]
    fn what_belongs_to_a_release_is_in_its_folder() {
        assert_eq!(release_path(&FULL).join("/"), "AC-DC/1980 Back in Black");
        let alone = TrackName { release: Some(" "), title: Some("a/b"), ..FULL };
        assert_eq!(release_path(&alone).join("/"), "AC-DC/a-b");
        assert_eq!(release_path(&TrackName::default()).join("/"), "Unknown artist/Untitled");
    }

    proptest! {
        #[test]
        fn no_tag_leaves_the_folder(artist: String, release: String, title: String, disc: u32, position: u32) {
            let path = track_path(&TrackName {
                artist: Some(&artist),
                year: Some(u16::MAX),
                release: Some(&release),
                disc: Some(disc),
                discs: None,
                position: Some(position),
                title: Some(&title),
                extension: "opus",
            });
            prop_assert!(path.iter().all(|name| super::super::is_component(name)), "{path:?}");
            prop_assert!(path.len() <= 3 && path.last().unwrap().ends_with(".opus"));
        }
    }
}
