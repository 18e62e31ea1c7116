//! Ogg Vorbis and Ogg Opus: what it is and says, metadata in, and the way back.
#![no_main]

use deadwax_audio::embed::EmbedFormat;
use deadwax_fuzz::{embeds_or_refuses, tolerate_panics_of_others};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tolerate_panics_of_others(), |file: &[u8]| {
    let is_opus = file.get(28..32) == Some(b"Opus");
    embeds_or_refuses(file, if is_opus { EmbedFormat::Opus } else { EmbedFormat::Vorbis });
});
