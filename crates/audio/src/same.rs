//! Whether two files hold the same recording, told by their fingerprints: under another name, at another rate, in
//! another codec, with a few seconds cut off. Specified, with its measurements, in docs/formats/same-recording.md.
//!
//! [`compare`] judges two fingerprints; [`IndexBuilder`] and [`Index`] find, among millions, those worth judging.
//! Nothing here reads or writes anything.

mod compare;
mod index;
mod keys;
mod uniform;

pub use compare::{Likeness, Verdict, compare};
pub use index::{Candidate, Index, IndexBuilder};

/// Seconds from one sub-fingerprint to the next: 1,365 samples at 11,025 Hz (Chromaprint's frames of 4,096 samples
/// overlap by two thirds).
pub const STEP_SECONDS: f64 = 1365.0 / 11_025.0;

/// Sub-fingerprints that are looked at, 126 s: Deadwax and fpcalc make 948, and positions have ten bits in the index.
const MOST_STEPS: usize = 1024;

/// The part of a fingerprint that is looked at.
fn head(fingerprint: &[u32]) -> &[u32] {
    &fingerprint[..fingerprint.len().min(MOST_STEPS)]
}

/// 1 for equal bits, 0 for bits that agree as often as not, below 0 for less: 1 - 2 e, e being the share of bits that
/// differ.
fn score(a: &[u32], b: &[u32]) -> f64 {
    let steps = a.len().min(b.len());
    let differ: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
    1.0 - 2.0 * f64::from(differ) / (32.0 * steps.max(1) as f64)
}
