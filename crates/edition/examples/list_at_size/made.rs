//! The generator's recordings as the edition takes them: what the working catalogue would make of its tables.
//!
//! Nothing is held, so that what is measured is the list.

use deadwax_edition::{Listed, ListedTrack};
use deadwax_model::{Isrc, PopularityScale, Rank, RecordingId, TableId};
use deadwax_testkit::collection::{Collection, GeneratedRecording};
use std::sync::Arc;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The name that the tables are added under.
const COLLECTION: &str = "made";

/// Makes recordings up, by rank.
pub(crate) struct Maker {
    collection: Collection,
    name: Arc<str>,
    scale: PopularityScale,
}

impl Maker {
    pub(crate) fn new(recordings: u64, seed: u64) -> Maker {
        let collection = Collection::new(recordings, seed);
        Maker { collection, name: Arc::from(COLLECTION), scale: PopularityScale::default() }
    }

    pub(crate) fn collection(&self) -> &Collection {
        &self.collection
    }

    /// The recording at a rank, in memory that is there: its title, artists and codes as the tables have them.
    pub(crate) fn generate(&self, rank: u64, recording: &mut GeneratedRecording) {
        self.collection.recording_into(self.collection.index_of(rank), recording);
    }

    /// The recording at a rank. `generated` is memory to work in.
    pub(crate) fn listed(&self, rank: Rank, generated: &mut GeneratedRecording) -> Listed {
        self.generate(rank.get().into(), generated);
        let row = TableId { collection: Arc::clone(&self.name), id: generated.id };
        let artist_name = |artist| clean(self.collection.artist(artist).name);
        let release = self.collection.release(generated.release);
        let artists: Vec<String> =
            generated.artists.iter().map(|credit| artist_name(credit.artist)).collect();
        let mut credit = String::with_capacity(64);
        for (name, said) in artists.iter().zip(&generated.artists) {
            credit.push_str(name);
            credit.push_str(said.joined);
        }
        let mut isrcs: Vec<Isrc> =
            generated.isrcs.iter().filter_map(|said| said.parse().ok()).collect();
        isrcs.sort_unstable();
        isrcs.dedup();
        let id = RecordingId::of_row(&row);
        Listed {
            row: Some(row),
            title: generated.title.take().map(clean).unwrap_or_default(),
            artists,
            artist_credit: credit,
            isrcs,
            duration_ms: generated.duration_ms.map(u64::from),
            listens: generated.listens,
            popularity: generated.listens.map(|listens| self.scale.of(listens)),
            tracks: vec![ListedTrack {
                release_key: release.id.to_string(),
                release_title: clean(release.title),
                release_artist: Some(artist_name(release.artist)),
                date: release.year.and(release.date),
                disc: Some(generated.disc),
                discs: None,
                position: Some(generated.position),
            }],
            ..Listed::unheld(rank, id, "nobody has said that it may be published")
        }
    }
}

/// As docs/formats/tables.md has it: control characters become spaces, text becomes NFC.
pub(crate) fn clean(text: String) -> String {
    if text.bytes().all(|byte| (b' '..0x7F).contains(&byte)) {
        return text;
    }
    if !text.contains(char::is_control) && is_nfc(&text) {
        return text;
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).nfc().collect()
}
