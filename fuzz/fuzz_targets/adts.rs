//! AAC without a container: what it is and says.
#![no_main]

use deadwax_fuzz::{probes, tolerate_panics_of_others};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tolerate_panics_of_others(), |file: &[u8]| {
    probes(file);
});
