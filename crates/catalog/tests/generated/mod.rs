//! Rows of a generated collection, as a reader of its tables would give them.

use deadwax_model::{
    ArtistRow, CountRow, Counted, CreditRow, IsrcRow, RecordingRow, ReleaseRow, TableKind,
    TableRow, TrackRow,
};
use deadwax_testkit::collection::Collection;

/// How many things a table is made from.
pub fn length(collection: &Collection, kind: TableKind) -> u64 {
    match kind {
        TableKind::Artist => collection.artists(),
        TableKind::Release => collection.releases(),
        _ => collection.recordings(),
    }
}

/// The rows that the thing at `index` gives to a table.
pub fn rows(collection: &Collection, kind: TableKind, index: u64, to: &mut Vec<TableRow>) {
    if kind == TableKind::Artist {
        let artist = collection.artist(index);
        return to.push(TableRow::Artist(ArtistRow { id: artist.id, name: artist.name }));
    }
    if kind == TableKind::Release {
        let release = collection.release(index);
        return to.push(TableRow::Release(ReleaseRow {
            id: release.id,
            title: Some(release.title),
            artist: Some(collection.artist_id(release.artist)),
            date: release.date,
        }));
    }
    let it = collection.recording(index);
    let recording = it.id;
    match kind {
        TableKind::Recording => to.push(TableRow::Recording(RecordingRow {
            id: it.id,
            title: it.title.filter(|title| !title.is_empty()),
            duration_ms: it.duration_ms,
            date: None,
        })),
        TableKind::Track => to.push(TableRow::Track(TrackRow {
            release: collection.release_id(it.release),
            recording,
            disc: Some(it.disc),
            position: Some(it.position),
        })),
        TableKind::Credit => {
            to.extend((1..).zip(&it.artists).map(|(position, credit)| {
                TableRow::Credit(CreditRow {
                    recording,
                    position,
                    artist: collection.artist_id(credit.artist),
                    name: None,
                    joined: (!credit.joined.is_empty()).then(|| credit.joined.to_owned()),
                })
            }));
        }
        TableKind::Isrc => {
            to.extend(it.isrcs.into_iter().map(|said| TableRow::Isrc(IsrcRow { recording, said })))
        }
        _ => to.extend(it.listens.map(|listens| {
            TableRow::Listens(CountRow { of: Counted::Recording(recording), listens })
        })),
    }
}
