//! One decode pass of whatever is taken for audio: it ends, it stops when it is told to, and its memory is bounded. A
//! decoder's own panics are caught by the pass and no findings.
#![no_main]

use deadwax_audio::analyse::{Job, analyse};
use deadwax_fuzz::{probes, tolerate_panics_of_others};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// A few bytes of silence may be hours: a pass is told to stop after a second, and libFuzzer's own limit is for the
/// one that does not.
static STOP: AtomicBool = AtomicBool::new(false);
static PASS: AtomicU64 = AtomicU64::new(0);

fn stop_what_takes_long() {
    tolerate_panics_of_others();
    thread::spawn(|| {
        let mut seen = 0;
        loop {
            thread::sleep(Duration::from_secs(1));
            let pass = PASS.load(Relaxed);
            STOP.fetch_or(pass == seen, Relaxed);
            seen = pass;
        }
    });
}

fuzz_target!(init: stop_what_takes_long(), |file: &[u8]| {
    PASS.fetch_add(1, Relaxed);
    STOP.store(false, Relaxed);
    let Some(probe) = probes(file) else { return };
    // Measuring costs more than decoding: one of four is measured.
    let measures = file.len() % 4 == 0;
    let job = Job {
        interrupt: Some(&STOP),
        loudness: measures,
        fingerprint: measures,
        ..Job::default()
    };
    if let Ok(analysis) = analyse(Cursor::new(file), &probe, job) {
        assert!(analysis.sample_rate > 0 && analysis.channels > 0 || analysis.samples == 0);
        assert!(!analysis.sample_peak.is_nan());
    }
});
