//! A recording known from tables alone, as bytes that can be sorted: the key is its standing and its id, the value all
//! that an edition says of it.

use crate::order::standing;
use deadwax_catalog::sort::{put_falling, put_number, take_number};
use deadwax_catalog::{Collection, KnownRecording};
use deadwax_edition::{Listed, ListedTrack};
use deadwax_model::{Isrc, PopularityScale, Rank, RecordingId, TableId, is_date};

/// Why none of them may be published.
const NO_FILE: &str = "there is no file of it in the archive";

/// Bytes that stand in the order of the list: standing, collection, id.
pub(crate) fn key_of(known: &KnownRecording<'_>, scale: PopularityScale, key: &mut Vec<u8>) {
    let (group, listens) = standing(known.listens, known.listens.map(|listens| scale.of(listens)));
    key.clear();
    key.push(group);
    put_falling(key, listens.0);
    put_number(key, known.collection.number.into());
    put_number(key, known.id);
}

/// Numbers as [`put_number`] has them; what may be missing is a number one higher, or 0; texts are their length and
/// themselves; lists are their length and their entries. A release is often called as its recording and by its artist: then
/// it does not say so again.
pub(crate) fn value_of(known: &KnownRecording<'_>, value: &mut Vec<u8>) {
    value.clear();
    let title = known.title.as_deref().unwrap_or_default();
    put_option(value, known.listens);
    put_option(value, known.duration_ms.map(u64::from));
    put_text(value, Some(title), None);
    put_text(value, known.date.as_deref().filter(|date| is_date(date)), None);
    put_number(value, known.isrcs.len() as u64);
    known.isrcs.iter().for_each(|isrc| put_number(value, isrc.to_u64()));
    put_number(value, known.credits.len() as u64);
    for credit in &known.credits {
        put_text(value, Some(credit.artist), None);
        put_text(value, credit.name.as_deref(), None);
        put_text(value, credit.joined.as_deref(), None);
    }
    let artist = known.credits.first().map(|credit| credit.artist);
    put_number(value, known.tracks.len() as u64);
    for track in &known.tracks {
        put_number(value, track.release);
        put_text(value, track.title, Some(title));
        put_text(value, track.artist, artist);
        put_text(value, track.date.filter(|date| is_date(date)), None);
        put_option(value, track.disc.map(u64::from));
        put_option(value, track.position.map(u64::from));
    }
}

/// The names, and the credit as printed: a name as it was credited, and what follows it.
fn credits(from: &mut &[u8]) -> Option<(Vec<String>, String)> {
    let count = take_number(from)?;
    let (mut names, mut text) = (Vec::new(), String::new());
    for place in 1..=count {
        let name = take_text(from, None)??;
        text.push_str(take_text(from, None)?.as_deref().unwrap_or(&name));
        let usual = if place == count { "" } else { ", " };
        text.push_str(take_text(from, None)?.as_deref().unwrap_or(usual));
        names.push(name);
    }
    Some((names, text))
}

/// The recording with the first rank; `None` when the bytes are none of these.
pub(crate) fn listed(
    key: &[u8],
    value: &[u8],
    collections: &[Collection],
    scale: PopularityScale,
) -> Option<Listed> {
    let (collection, id) = ids_of(key)?;
    let collection = collections.iter().find(|it| u64::from(it.number) == collection)?;
    let row = TableId { collection: collection.name.clone(), id };
    let from = &mut { value };
    let listens = take_option(from)?;
    let duration_ms = take_option(from)?;
    let title = take_text(from, None)??;
    let date = take_text(from, None)?;
    let isrcs = (0..take_number(from)?)
        .map(|_| Isrc::from_u64(take_number(from)?))
        .collect::<Option<_>>()?;
    let (artists, artist_credit) = credits(from)?;
    let mut tracks = Vec::new();
    for _ in 0..take_number(from)? {
        tracks.push(ListedTrack {
            release_key: format!("{} {}", collection.number, take_number(from)?),
            release_title: take_text(from, Some(&title))?.unwrap_or_default(),
            release_artist: take_text(from, artists.first().map(String::as_str))?,
            date: take_text(from, None)?,
            disc: small(take_option(from)?),
            discs: None,
            position: small(take_option(from)?),
        });
    }
    let id = RecordingId::of_row(&row);
    Some(Listed {
        row: Some(row),
        title,
        artists,
        artist_credit,
        isrcs,
        date,
        duration_ms,
        listens,
        popularity: listens.map(|listens| scale.of(listens)),
        tracks,
        ..Listed::unheld(Rank::new(1)?, id, NO_FILE)
    })
}

/// Collection and id: what comes after the standing.
fn ids_of(key: &[u8]) -> Option<(u64, u64)> {
    let (_, rest) = key.split_first()?;
    let digits = usize::from(!*rest.first()?);
    let mut rest = rest.get(1 + digits..)?;
    Some((take_number(&mut rest)?, take_number(&mut rest)?))
}

fn small(number: Option<u64>) -> Option<u32> {
    number.and_then(|number| number.try_into().ok())
}

fn put_option(to: &mut Vec<u8>, number: Option<u64>) {
    put_number(to, number.map_or(0, |number| number.saturating_add(1)));
}

fn take_option(from: &mut &[u8]) -> Option<Option<u64>> {
    Some(take_number(from)?.checked_sub(1))
}

/// Its length and 2, and the text; 0 for none, 1 for the one that is `known` where it is read.
fn put_text(to: &mut Vec<u8>, text: Option<&str>, known: Option<&str>) {
    match text {
        None => put_number(to, 0),
        _ if text == known => put_number(to, 1),
        Some(text) => {
            put_number(to, text.len() as u64 + 2);
            to.extend_from_slice(text.as_bytes());
        }
    }
}

fn take_text(from: &mut &[u8], known: Option<&str>) -> Option<Option<String>> {
    let length = match take_number(from)? {
        0 => return Some(None),
        1 => return known.map(|known| Some(known.to_owned())),
        length => usize::try_from(length - 2).ok()?,
    };
    let (text, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(Some(String::from_utf8(text.to_vec()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_catalog::{KnownCredit, KnownTrack};

    fn known<'k>(collection: &'k Collection, credits: Vec<KnownCredit<'k>>) -> KnownRecording<'k> {
        KnownRecording {
            collection,
            id: 77,
            title: Some("曲".to_owned()),
            duration_ms: Some(1),
            date: Some("1999-12".to_owned()),
            listens: Some(0),
            isrcs: vec!["USRC17607839".parse().unwrap()],
            credits,
            tracks: vec![KnownTrack {
                release: 0,
                title: None,
                artist: Some("Various"),
                date: Some("0000-00-00"),
                disc: None,
                position: Some(300),
            }],
        }
    }

    #[test]
    fn comes_back_as_an_edition_lists_it() {
        let collection = Collection { number: 300, name: "some".into(), recordings: 1 };
        let known = known(&collection, Vec::new());
        let scale = PopularityScale::default();
        let (mut key, mut value) = (Vec::new(), Vec::new());
        key_of(&known, scale, &mut key);
        value_of(&known, &mut value);
        let there = [Collection { number: 1, ..collection.clone() }, collection.clone()];
        let listed = listed(&key, &value, &there, scale).unwrap();
        assert_eq!(listed.row, Some(TableId { collection: "some".into(), id: 77 }));
        assert_eq!((listed.title.as_str(), listed.date.as_deref()), ("曲", Some("1999-12")));
        assert_eq!((listed.listens, listed.duration_ms), (Some(0), Some(1)));
        assert_eq!(listed.isrcs, known.isrcs);
        let track = &listed.tracks[0];
        assert_eq!((track.release_artist.as_deref(), track.position), (Some("Various"), Some(300)));
        assert_eq!((track.date.as_deref(), track.disc), (None, None));
        assert_eq!(listed.clearance.unwrap_err(), NO_FILE);
        for cut in 0..value.len() {
            assert!(super::listed(&key, &value[..cut], &there, scale).is_none(), "cut at {cut}");
        }
    }

    #[test]
    fn credits_are_printed_as_they_were_said() {
        let collection = Collection { number: 1, name: "some".into(), recordings: 1 };
        let credit = |artist, name: Option<&str>, joined: Option<&str>| KnownCredit {
            artist,
            name: name.map(str::to_owned),
            joined: joined.map(str::to_owned),
        };
        let said = |credits: &[KnownCredit<'_>]| {
            let known = known(&collection, credits.to_vec());
            let scale = PopularityScale::default();
            let (mut key, mut value) = (Vec::new(), Vec::new());
            key_of(&known, scale, &mut key);
            value_of(&known, &mut value);
            let listed = listed(&key, &value, std::slice::from_ref(&collection), scale).unwrap();
            (
                listed.artists.join("/"),
                listed.artist_credit,
                listed.tracks[0].release_artist.clone(),
            )
        };
        let various = Some("Various".to_owned());
        let (ann, bob) = (credit("Ann", None, None), credit("Bob", None, None));
        let of = |names: &str, text: &str| (names.to_owned(), text.to_owned(), various.clone());
        assert_eq!(said(&[]), of("", ""));
        assert_eq!(said(&[ann.clone(), bob.clone()]), of("Ann/Bob", "Ann, Bob"));
        let and = credit("Ann", None, Some(" & "));
        assert_eq!(said(&[and, bob]), of("Ann/Bob", "Ann & Bob"));
        let [short, live] = [credit("Ann", Some("A."), None), credit("Bob", None, Some(" (live)"))];
        assert_eq!(said(&[short, live]), of("Ann/Bob", "A., Bob (live)"));
        assert_eq!(said(&[credit("Various", None, None)]), of("Various", "Various"));
    }
}
