//! Covers on their way into an edition: noted while the list goes by, pushed when it is through.

use crate::artwork::{Cover, CoverOf};
use crate::publish::listed_track;
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::Recording;
use deadwax_edition::{EditionWriter, ListedCover, ListedThumbnail};
use deadwax_model::{FileHashes, PictureKind, Problem, Rank, RecordingId};
use deadwax_rights::Act;
use std::collections::HashSet;
use std::rc::Rc;

/// Where a cover is first wanted: at the most listened recording of each release, and at each recording on none.
#[derive(Debug, Default)]
pub(crate) struct Covers {
    places: Vec<CoverPlace>,
    /// Ids of releases that have their place.
    releases: HashSet<Rc<str>>,
}

#[derive(Debug)]
struct CoverPlace {
    rank: Rank,
    recording: RecordingId,
    /// The id of the release; `None` for the recording's own.
    release: Option<Rc<str>>,
}

impl Covers {
    /// Notes where the recording stands.
    pub(crate) fn note(&mut self, rank: Rank, recording: &Recording) {
        let mut place = |release| {
            self.places.push(CoverPlace { rank, recording: recording.id.clone(), release });
        };
        if recording.tracks.is_empty() {
            place(None);
        }
        for track in &recording.tracks {
            if !self.releases.contains(track.release.id.as_str()) {
                let release: Rc<str> = track.release.id.as_str().into();
                self.releases.insert(Rc::clone(&release));
                place(Some(release));
            }
        }
    }
}

impl Archive {
    /// Pushes the cover of every release and of every recording on none, as far as there is one. The problems are
    /// covers whose files are gone.
    pub(crate) fn push_covers(
        &self,
        run: &Run<'_>,
        writer: &mut EditionWriter,
        covers: Covers,
    ) -> Result<Vec<Problem>, ArchiveError> {
        let (mut problems, rulebook) = (Vec::new(), self.catalog.rulebook()?);
        for CoverPlace { rank, recording, release } in covers.places {
            run.go_on()?;
            let of = match &release {
                Some(release) => CoverOf::Release(release),
                None => CoverOf::Recording(&recording),
            };
            let (Some(cover), Some(recording)) =
                (self.cover(of)?, self.catalog.recording(&recording)?)
            else {
                continue;
            };
            // Not even named: the picture itself is what is dark.
            if rulebook.forbidding_file(&cover.root, Act::Publish).is_some() {
                continue;
            }
            let Some(hashes) = self.sound_as_far_as_seen(&cover)? else {
                problems.push(Problem {
                    path: self.relative(&self.store.path(&cover.root)),
                    what: "the cover, or a thumbnail of it, is not in the store".to_owned(),
                    next: "deadwax repair takes it from its source again; then publish".to_owned(),
                });
                continue;
            };
            let Cover { image, thumbnails, .. } = cover;
            writer.push_cover(ListedCover {
                rank,
                artist_credit: recording.artists.join(", "),
                title: recording.title,
                track: recording
                    .tracks
                    .into_iter()
                    .find(|track| Some(track.release.id.as_str()) == release.as_deref())
                    .map(listed_track),
                kind: PictureKind::Front,
                mime: image.mime,
                hashes,
                width: image.width,
                height: image.height,
                thumbnails: thumbnails
                    .into_iter()
                    .map(|(side, made)| ListedThumbnail {
                        side,
                        hashes: made.hashes,
                        width: made.width,
                        height: made.height,
                    })
                    .collect(),
            })?;
        }
        Ok(problems)
    }

    /// The hashes of the picture, when it and its thumbnails are in the store, as far as their lengths tell.
    fn sound_as_far_as_seen(&self, cover: &Cover) -> Result<Option<FileHashes>, ArchiveError> {
        let hashes = self.catalog.file(&cover.root)?;
        let is_there = |it: &FileHashes| self.store.has(&it.root, it.bytes);
        let are_there = cover.thumbnails.iter().all(|(_, made)| is_there(&made.hashes));
        Ok(hashes.filter(|hashes| are_there && is_there(hashes)))
    }
}
