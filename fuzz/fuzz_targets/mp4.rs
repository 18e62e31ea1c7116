//! MP4: what it is and says, metadata in, and the way back.
#![no_main]

use deadwax_audio::embed::EmbedFormat;
use deadwax_fuzz::{embeds_or_refuses, tolerate_panics_of_others};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tolerate_panics_of_others(), |file: &[u8]| embeds_or_refuses(file, EmbedFormat::Mp4));
