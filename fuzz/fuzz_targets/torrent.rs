//! Torrents of an edition that somebody else made.
#![no_main]

use deadwax_torrent::{metainfo, names};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(contents) = metainfo::read(bytes) else { return };
    assert!(names::is_component(&contents.name));
    for file in &contents.files {
        assert!(!file.path.is_empty() && file.path.iter().all(|name| names::is_component(name)));
    }
});
