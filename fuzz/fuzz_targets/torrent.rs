//! Torrents that somebody else made: of an edition, and of any other program.
#![no_main]

use deadwax_torrent::{foreign, metainfo, names};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let foreign = foreign::read(bytes);
    if let Ok(foreign) = &foreign {
        assert!(foreign.piece_bytes > 0 && foreign.v1_pieces.len() % 20 == 0);
    }
    let Ok(contents) = metainfo::read(bytes) else { return };
    let listed = foreign.expect("a torrent of ours is one that anybody can read").files;
    assert!(listed.iter().map(|file| file.root).eq(contents.files.iter().map(|file| Some(file.root))));
    assert!(names::is_component(&contents.name));
    for file in &contents.files {
        assert!(!file.path.is_empty() && file.path.iter().all(|name| names::is_component(name)));
    }
});
