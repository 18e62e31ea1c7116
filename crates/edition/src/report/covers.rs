//! The covers that index.html shows: the first that are out.

use super::figures::href;
use super::top::shown;
use crate::ListedCover;

/// A cover on the page.
#[derive(Debug, Clone)]
pub(crate) struct ShownCover {
    pub(super) title: String,
    pub(super) artist: String,
    /// Where the picture is, from the page.
    pub(super) source: String,
    /// Its name in its folder.
    file: &'static str,
}

impl ShownCover {
    /// `file` is the name of the picture that is shown.
    pub(crate) fn of(cover: &ListedCover, file: &'static str) -> ShownCover {
        let track = cover.track.as_ref();
        let title = track.map_or(&cover.title, |track| &track.release_title);
        let artist = track.and_then(|track| track.release_artist.as_ref());
        ShownCover {
            title: shown(title),
            artist: shown(artist.unwrap_or(&cover.artist_credit)),
            source: String::new(),
            file,
        }
    }

    /// Says in which folder of the edition it came to lie.
    pub(crate) fn place(&mut self, folder: &str) {
        self.source = href(&format!("{folder}/{}", self.file));
    }
}
