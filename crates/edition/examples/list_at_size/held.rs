//! Holdings that nobody has, for the first of the list: hashes that fit together, and leave to publish them.
//!
//! Publishing opens no file, so that in the store an empty one stands for each.

use crate::Failure;
use deadwax_edition::Listed;
use deadwax_model::{FileHashes, PIECE_BYTES, Rank, Root, Status, Tier};
use deadwax_rights::{Act, Decision, Operator, Place, Rulebook, Subject, decide};
use deadwax_store::Store;
use deadwax_testkit::packs::root_of_layer;
use sha2::{Digest, Sha256};
use std::fs::{self, File};

/// Makes the first of the list held.
pub(crate) struct Holdings {
    held: u32,
    rules: Rulebook,
}

impl Holdings {
    /// Puts a file for each of the first `held` into the store.
    pub(crate) fn create(held: u32, store: &Store) -> Result<Holdings, Failure> {
        for rank in (1..=held).filter_map(Rank::new) {
            let path = store.path(&hashes_of(rank).root);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            File::create(path)?;
        }
        Ok(Holdings { held, rules: Rulebook::default() })
    }

    /// The recording, held and cleared when it is one of them.
    pub(crate) fn given(&self, listed: Listed) -> Result<Listed, Failure> {
        if listed.rank.get() > self.held {
            return Ok(listed);
        }
        let said = [("LICENSE".to_owned(), "CC0-1.0".to_owned(), "a.ogg".to_owned())];
        let subject = Subject {
            recording: &listed.id,
            artists: &[],
            release: None,
            isrcs: &[],
            releases: &[],
            roots: &[],
            paths: &[],
            said: &said,
        };
        let (act, place, operator) = (Act::Publish, Place::Worldwide, Operator::default());
        let clearance = match decide(&subject, &self.rules, act, place, "2026-11-20", operator) {
            Decision::Cleared(cleared) => Ok(cleared),
            Decision::HeldBack(held_back) => return Err(held_back.why.into()),
        };
        let hashes = hashes_of(listed.rank);
        Ok(Listed {
            status: Status::Held,
            tier: Some(Tier::Keep),
            root: Some(hashes.root),
            original_root: Some(hashes.root),
            bytes: Some(hashes.bytes),
            hashes: Some(hashes),
            container: Some("ogg".to_owned()),
            codec: Some("vorbis".to_owned()),
            clearance,
            ..listed
        })
    }
}

/// Of two to nine pieces, all but the first of which are the same, and a rest.
fn hashes_of(rank: Rank) -> FileHashes {
    let first: [u8; 32] = Sha256::digest(rank.get().to_le_bytes()).into();
    let pieces = 2 + usize::from(first[0] % 8);
    let mut layer = vec![first];
    layer.resize(pieces, [7; 32]);
    let whole = pieces as u64 - 1;
    FileHashes {
        bytes: whole * PIECE_BYTES + 1 + u64::from(rank.get()) % (PIECE_BYTES - 1),
        root: Root(root_of_layer(&layer)),
        piece_layer: layer.concat(),
        v1_whole: [9; 20].repeat(whole as usize),
        v1_tail: Some([8; 20]),
        v1_tail_padded: Some([7; 20]),
    }
}
