//! Hours of music that nobody has, so that packs are full soon.

use super::made;
use deadwax_edition::Listed;
use deadwax_model::{FileHashes, PIECE_BYTES, Rank, RecordingId, Root, Status};
use deadwax_store::Store;
use deadwax_testkit::packs::root_of_layer;
use sha2::{Digest, Sha256};
use std::fs;

/// Hashes of a file of so many pieces that nobody has room for.
fn huge(seed: u64, pieces: u64) -> FileHashes {
    let mut layer = vec![Sha256::digest(seed.to_le_bytes()).into()];
    layer.resize(pieces as usize, [7; 32]);
    FileHashes {
        bytes: pieces * PIECE_BYTES,
        root: Root(root_of_layer(&layer)),
        piece_layer: layer.concat(),
        v1_whole: vec![9; 20 * pieces as usize],
        v1_tail: None,
        v1_tail_padded: None,
    }
}

/// What the editions of these tests are made of: an hour of music each, so that a hundred or two fill a pack.
pub struct Shelf {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub files: Vec<FileHashes>,
}

impl Shelf {
    pub fn of(count: u64) -> Shelf {
        Shelf::of_pieces(count, 600)
    }

    pub fn of_pieces(count: u64, pieces: u64) -> Shelf {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("store")).unwrap();
        let files: Vec<FileHashes> = (0..count).map(|seed| huge(seed, pieces)).collect();
        for file in &files {
            // Publishing opens no file, so an empty one does.
            let path = store.path(&file.root);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        Shelf { folder, store, files }
    }
}

pub fn listed(rank: u32, hashes: &FileHashes, seed: usize) -> Listed {
    let id = RecordingId::of_first_source(&hashes.root);
    let clearance = made::clearance(&id, "CC0-1.0");
    Listed {
        title: format!("Song {}", seed / 2), // two of each name
        artist_credit: "Someone".into(),
        artists: vec!["Someone".into()],
        status: Status::Held,
        listens: Some(1_000_000 / u64::from(rank)),
        root: Some(hashes.root),
        original_root: Some(hashes.root),
        bytes: Some(hashes.bytes),
        extension: Some("ogg".into()),
        hashes: Some(hashes.clone()),
        clearance,
        ..Listed::unheld(Rank::new(rank).unwrap(), id, "")
    }
}
