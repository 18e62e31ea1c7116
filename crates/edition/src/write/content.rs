//! What an edition says, as one digest: two editions of an archive with the same digest say the same.
//!
//! Nothing but a comparison reads it, so the form is whatever is quick, with a length before every text and every
//! list, so that no two recordings give the same bytes.

use crate::{EditionInfo, Listed, ListedCover, ListedThumbnail, ListedTrack, Schemas};
use deadwax_model::Root;
use deadwax_store::FileHasher;
use deadwax_torrent::PackOptions;

/// The digest under way. What is not published must not count: where a source lies, and the evidence for
/// a clearance, which may quote that. Nor does the day.
pub(crate) struct Content {
    hasher: FileHasher,
    bytes: Vec<u8>,
}

impl Content {
    pub(crate) fn new(info: &EditionInfo, options: &PackOptions) -> Content {
        let EditionInfo { title, date: _, popularity, created_by, stages } = info;
        let mut hasher = FileHasher::new();
        let head = (Schemas::CURRENT, title, popularity, created_by, stages, options);
        hasher.update(format!("{head:?}\n").as_bytes());
        Content { hasher, bytes: Vec::new() }
    }

    pub(crate) fn push(&mut self, listed: &Listed) {
        // Taken apart whole, so that a new field cannot be forgotten here.
        let Listed {
            rank,
            id,
            row,
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
            patch,
            container,
            codec,
            extension,
            sample_rate,
            channels,
            loudness_lufs,
            tracks,
            licence,
            clearance,
            holds_covers_back,
        } = listed;
        self.bytes.clear();
        self.number(rank.get());
        self.text(id.as_str());
        self.maybe(row.as_ref(), |this, row| {
            this.text(&row.collection);
            this.number(row.id);
        });
        self.text(title);
        self.all(artists, |this, name| this.text(name));
        self.text(artist_credit);
        self.all(isrcs, |this, isrc| this.number(isrc.to_u64()));
        self.maybe(date.as_deref(), Content::text);
        self.maybe(*duration_ms, Content::number);
        self.maybe(*listens, Content::number);
        self.maybe(popularity.map(|popularity| popularity.get()), Content::number);
        self.maybe(tier.map(|tier| tier.to_string()).as_deref(), Content::text);
        self.text(status.as_str());
        self.maybe(root.as_ref(), Content::root);
        self.maybe(original_root.as_ref(), Content::root);
        self.maybe(*bytes, Content::number);
        self.maybe(patch.as_ref().map(|patch| &patch.root), Content::root);
        self.maybe(container.as_deref(), Content::text);
        self.maybe(codec.as_deref(), Content::text);
        self.maybe(extension.as_deref(), Content::text);
        self.maybe(*sample_rate, Content::number);
        self.maybe(*channels, Content::number);
        self.maybe(loudness_lufs.map(f64::to_bits), Content::number);
        self.all(tracks, Content::track);
        self.maybe(licence.as_deref(), Content::text);
        self.bytes.push(u8::from(*holds_covers_back));
        self.bytes.push(u8::from(clearance.is_ok()));
        match clearance {
            Ok(cleared) => self.text(&format!("{:?}", cleared.licence())),
            Err(why) => self.text(why),
        }
        self.hasher.update(&self.bytes);
    }

    /// A cover; whether it may leave follows from the recordings.
    pub(crate) fn push_cover(&mut self, cover: &ListedCover) {
        let ListedCover {
            rank,
            track,
            artist_credit,
            title,
            kind,
            mime,
            hashes,
            width,
            height,
            thumbnails,
        } = cover;
        self.bytes.clear();
        self.number(rank.get());
        self.maybe(track.as_ref(), Content::track);
        for text in [artist_credit, title, kind.as_str(), mime] {
            self.text(text);
        }
        self.root(&hashes.root);
        self.number(*width);
        self.number(*height);
        self.all(thumbnails, |this, thumbnail| {
            let ListedThumbnail { side, hashes, width: _, height: _ } = thumbnail;
            this.number(*side);
            this.root(&hashes.root);
        });
        self.hasher.update(&self.bytes);
    }

    pub(crate) fn finish(self) -> Root {
        self.hasher.finish().root
    }

    fn track(&mut self, track: &ListedTrack) {
        let ListedTrack {
            release_key: _,
            release_title,
            release_artist,
            date,
            disc,
            discs,
            position,
        } = track;
        self.text(release_title);
        self.maybe(release_artist.as_deref(), Content::text);
        self.maybe(date.as_deref(), Content::text);
        for number in [discs, disc, position] {
            self.maybe(*number, Content::number);
        }
    }

    fn number(&mut self, number: impl Into<u64>) {
        self.bytes.extend(number.into().to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    fn root(&mut self, root: &Root) {
        self.bytes.extend(root.as_bytes());
    }

    fn maybe<T>(&mut self, value: Option<T>, push: impl Fn(&mut Content, T)) {
        self.bytes.push(u8::from(value.is_some()));
        if let Some(value) = value {
            push(self, value);
        }
    }

    fn all<T>(&mut self, values: &[T], push: impl Fn(&mut Content, &T)) {
        self.number(values.len() as u64);
        values.iter().for_each(|value| push(self, value));
    }
}
