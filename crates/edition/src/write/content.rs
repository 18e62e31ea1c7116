//! What an edition says, as one digest: two editions of an archive with the same digest say the same.

use crate::{EditionInfo, Listed, ListedTrack};
use deadwax_model::Root;
use deadwax_store::FileHasher;
use deadwax_torrent::PackOptions;

/// The digest under way. What is not published must not count: where a source lies, and the evidence for
/// a clearance, which may quote that. Nor does the day.
pub(crate) struct Content(FileHasher);

impl Content {
    pub(crate) fn new(info: &EditionInfo, options: &PackOptions) -> Content {
        let EditionInfo { title, date: _, popularity, created_by } = info;
        let mut content = Content(FileHasher::new());
        content.add(&(title, popularity, created_by, options));
        content
    }

    pub(crate) fn push(&mut self, listed: &Listed) {
        // Taken apart whole, so that a new field cannot be forgotten here.
        let Listed {
            rank,
            id,
            title,
            artists,
            artist_credit,
            isrcs,
            date,
            duration_ms,
            listens,
            popularity,
            tier,
            status,
            root,
            original_root,
            bytes,
            hashes: _,
            container,
            codec,
            extension,
            sample_rate,
            channels,
            loudness_lufs,
            tracks,
            licence,
            clearance,
        } = listed;
        self.add(&(rank, id, title, artists, artist_credit, isrcs, date, duration_ms));
        self.add(&(listens, popularity, tier, status, root, original_root, bytes, container));
        self.add(&(codec, extension, sample_rate, channels, loudness_lufs, licence));
        self.add(&clearance.as_ref().map(|cleared| cleared.licence()));
        for track in tracks {
            let ListedTrack {
                release_key: _,
                release_title,
                release_artist,
                date,
                discs,
                disc,
                position,
            } = track;
            self.add(&(release_title, release_artist, date, discs, disc, position));
        }
    }

    pub(crate) fn finish(self) -> Root {
        self.0.finish().root
    }

    fn add(&mut self, facts: &impl std::fmt::Debug) {
        self.0.update(format!("{facts:?}\n").as_bytes());
    }
}
