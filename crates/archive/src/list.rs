//! The list, as the working catalogue has it now: recordings of which there is, or was, a file.

use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::Recording;
use deadwax_model::{Isrc, Popularity, Rank, RecordingId, Root, Status, Tier};
use deadwax_rights::Rulebook;

/// One line of the list; its JSON form is specified in docs/formats/json.md.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ListRow {
    /// Place in the list; `null` before the first plan.
    pub rank: Option<Rank>,
    /// Its name for `show` and `restore`.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Artist names, in order.
    pub artists: Vec<String>,
    /// Title of its release.
    pub release: Option<String>,
    /// Its first ISRC.
    pub isrc: Option<Isrc>,
    /// Duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// Listens; `null` when nobody counted.
    pub listens: Option<u64>,
    /// Popularity; `null` when nobody counted.
    pub popularity: Option<Popularity>,
    /// What is, or is to be, kept.
    pub tier: Option<Tier>,
    /// Where it stands.
    pub status: Status,
    /// Root of its holding.
    pub root: Option<Root>,
    /// Root of the original.
    pub original_root: Root,
    /// Where it came from: an absolute path.
    pub source: Option<String>,
    /// Bytes of its holding.
    pub bytes: Option<u64>,
    /// Whether it may be published.
    pub cleared: bool,
    /// The licence that was stated.
    pub licence: Option<String>,
    /// The recording that stands in the list for this one, being the same.
    pub same_as: Option<RecordingId>,
}

impl Archive {
    /// How many recordings are known from tables alone. They are in no list but an edition's.
    pub fn known_recordings(&self) -> Result<u64, ArchiveError> {
        Ok(self.catalog.collections()?.iter().map(|it| it.recordings).sum())
    }

    /// All recordings of which there is, or was, a file, in rank order, a row at a time to `each`; those that have no place,
    /// since no plan was made or another stands for them, come last.
    pub fn list(
        &self,
        run: &Run<'_>,
        mut each: impl FnMut(ListRow) -> std::io::Result<()>,
    ) -> Result<(), ArchiveError> {
        let rules = self.catalog.rulebook()?;
        for id in self.catalog.recording_ids()? {
            run.go_on()?;
            if let Some(recording) = self.catalog.recording(&id)? {
                let row = self.list_row(run, &rules, &recording)?;
                each(row)
                    .map_err(ArchiveError::io("write", std::path::Path::new("standard output")))?;
            }
        }
        Ok(())
    }

    /// One line of it.
    pub fn list_row(
        &self,
        run: &Run<'_>,
        rules: &Rulebook,
        recording: &Recording,
    ) -> Result<ListRow, ArchiveError> {
        let decision = self.publishing(run, rules, recording)?;
        let place = recording.placement;
        let holding = recording.current();
        let source = self.catalog.paths_of(&recording.original_root)?;
        Ok(ListRow {
            rank: place.map(|place| place.rank),
            id: recording.id.clone(),
            title: recording.title.clone(),
            artists: recording.artists.clone(),
            release: recording.tracks.first().map(|track| track.release.title.clone()),
            isrc: recording.isrcs.first().copied(),
            duration_ms: recording.format.duration_ms,
            listens: place.and_then(|place| place.listens),
            popularity: place.and_then(|place| place.popularity),
            tier: place.and_then(|place| place.tier),
            status: match (place, &recording.same_as) {
                (Some(place), _) => place.status,
                (None, Some(_)) => Status::SameAs,
                (None, None) => Status::Planned,
            },
            root: holding.map(|holding| holding.hashes.root),
            original_root: recording.original_root,
            source: source.first().map(|path| path.display().to_string()),
            bytes: holding.map(|holding| holding.hashes.bytes),
            cleared: decision.cleared().is_some(),
            licence: decision.statement().map(|statement| statement.licence.id().to_owned()),
            same_as: recording.same_as.clone(),
        })
    }
}
