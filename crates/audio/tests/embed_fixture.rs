//! Patches that were published must apply for good, whatever writes patches by then. The files in
//! fixtures/ are of version 1: an Ogg Opus file, a holding whose tags take one page more, and a
//! patch that uses every operation; and of version 2: AAC in MP4 with its index in front, a holding
//! with more tags, and a patch that moves the chunk offset back.

use deadwax_audio::patch::{Operation, Patch, PatchError};
use std::io::Cursor;

const SOURCE: &[u8] = include_bytes!("fixtures/patch-v1.source");
const HOLDING: &[u8] = include_bytes!("fixtures/patch-v1.holding");
const PATCH: &[u8] = include_bytes!("fixtures/patch-v1.patch");

#[test]
fn a_patch_of_version_1_applies() {
    let patch = Patch::parse(PATCH).unwrap();
    assert!(matches!(
        patch.operations(),
        [Operation::Copy { .. }, Operation::Insert { .. }, Operation::OggRenumber { .. }]
    ));
    let mut restored = Vec::new();
    patch.apply(&mut Cursor::new(HOLDING), &mut restored).unwrap();
    assert!(restored == SOURCE);
}

#[test]
fn a_patch_of_version_2_applies() {
    const SOURCE: &[u8] = include_bytes!("fixtures/patch-v2.source");
    const HOLDING: &[u8] = include_bytes!("fixtures/patch-v2.holding");
    const PATCH: &[u8] = include_bytes!("fixtures/patch-v2.patch");
    assert_eq!(PATCH[4], 2);
    let patch = Patch::parse(PATCH).unwrap();
    let shift = Operation::Shift { from: 659, bytes: 4, width: 4, delta: -765 };
    assert!(patch.operations().contains(&shift));
    let mut restored = Vec::new();
    patch.apply(&mut Cursor::new(HOLDING), &mut restored).unwrap();
    assert!(restored == SOURCE);
    // Version 1 has no such operation.
    let of_version_1 = [&PATCH[..4], &[1], &PATCH[5..]].concat();
    assert!(matches!(Patch::parse(&of_version_1), Err(PatchError::Damaged(_))));
}

#[test]
fn errors_say_what_to_do() {
    let say = |bytes: &[u8]| Patch::parse(bytes).unwrap_err().to_string();
    assert_eq!(
        say(b"DWXP\x03"),
        "the patch has format version 3, this program reads versions 1 and 2; use a newer deadwax"
    );
    assert_eq!(
        say(&PATCH[..40]),
        "the patch is damaged: it ends early; restore it from another copy of the archive"
    );
    let short = &HOLDING[..HOLDING.len() - 1];
    let error = Patch::parse(PATCH).unwrap().apply(&mut Cursor::new(short), &mut Vec::new());
    assert!(matches!(error, Err(PatchError::Holding(_))), "{error:?}");
}
