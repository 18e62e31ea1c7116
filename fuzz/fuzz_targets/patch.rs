//! A patch that was changed on its way, read and applied: a sentence, or what it says.
#![no_main]

use deadwax_audio::patch::Patch;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

/// Ogg pages with room for every operation: that of the committed patch of version 1.
const HOLDING: &[u8] = include_bytes!("../../crates/audio/tests/fixtures/patch-v1.holding");

fuzz_target!(|bytes: &[u8]| {
    let Ok(patch) = Patch::parse(bytes) else { return };
    // What a patch announces is the caller's to want.
    if patch.source_bytes() > 1 << 20 {
        return;
    }
    let mut out = Vec::new();
    let applied = patch.apply(&mut Cursor::new(HOLDING), &mut out);
    assert!(out.len() as u64 <= patch.source_bytes());
    assert!(applied.is_err() || out.len() as u64 == patch.source_bytes());
});
