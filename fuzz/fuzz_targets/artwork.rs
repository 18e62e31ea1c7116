//! Pictures that are too large: smaller ones, or a sentence. Of what is decoded, thumbnails.
#![no_main]

use deadwax_audio::artwork::{Artwork, fit};
use deadwax_fuzz::tolerate_panics_of_others;
use deadwax_model::{Picture, PictureKind};
use libfuzzer_sys::fuzz_target;

/// Below nearly every input, so that it is decoded, and enough for a JPEG of some pixels.
const MOST: u64 = 1_500;

fuzz_target!(init: tolerate_panics_of_others(), |data: &[u8]| {
    let picture =
        Picture { kind: PictureKind::Front, mime: "image/png".to_owned(), data: data.to_vec() };
    if let Ok(fitted) = fit(picture, MOST) {
        assert!(fitted.data.len() as u64 <= MOST);
    }
    if let Ok(artwork) = Artwork::read(data) {
        let longer = artwork.width().max(artwork.height());
        let thumbnails = artwork.thumbnails().expect("what is decoded is encoded");
        assert!(thumbnails.iter().all(|thumbnail| thumbnail.width.max(thumbnail.height) < longer));
    }
});
