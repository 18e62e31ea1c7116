//! The Chromaprint fingerprint that `fpcalc` prints by default: algorithm 1 ("test2"), of the first
//! 120 seconds, mixed to mono at 11,025 Hz.

use super::blocks::Block;
use super::resampler::{Quality, Resampler};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusty_chromaprint::{Configuration, FingerprintCompressor, Fingerprinter};

const SAMPLE_RATE: u32 = 11_025;
/// `fpcalc -length 120`, its default.
const SECONDS: usize = 120;

/// A Chromaprint of algorithm 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// One number for each 0.124 s, as `fpcalc -raw` prints them.
    pub raw: Vec<u32>,
}

impl Fingerprint {
    /// The compressed base64url text that `fpcalc` prints and AcoustID takes.
    pub fn text(&self) -> String {
        let algorithm = Configuration::preset_test2();
        let compressor = FingerprintCompressor::from(&algorithm);
        URL_SAFE_NO_PAD.encode(compressor.compress(&self.raw))
    }
}

/// A computation under way.
pub(super) struct Fingerprinting {
    inner: Fingerprinter,
    resampler: Option<Resampler>,
    mono: Vec<f32>,
    resampled: Vec<f32>,
    narrow: Vec<i16>,
    /// Samples at 11,025 Hz still to be taken.
    rest: usize,
}

impl Fingerprinting {
    pub(super) fn new(sample_rate: u32) -> Fingerprinting {
        let mut inner = Fingerprinter::new(&Configuration::preset_test2());
        // At its own rate and in mono it takes what it is given: its resampler of 16 taps is not
        // what fpcalc uses.
        let started = inner.start(SAMPLE_RATE, 1).is_ok();
        let resampler = (sample_rate != SAMPLE_RATE)
            .then(|| Resampler::new(sample_rate, SAMPLE_RATE, Quality::Fingerprint));
        Fingerprinting {
            inner,
            resampler,
            mono: Vec::new(),
            resampled: Vec::new(),
            narrow: Vec::new(),
            rest: if started { SECONDS * SAMPLE_RATE as usize } else { 0 },
        }
    }

    pub(super) fn add(&mut self, block: &Block) {
        if self.rest == 0 {
            return;
        }
        mix(block.planes(), &mut self.mono);
        match &mut self.resampler {
            None => take(&mut self.inner, &self.mono, &mut self.narrow, &mut self.rest),
            Some(resampler) => {
                self.resampled.clear();
                resampler.add(&self.mono, &mut self.resampled);
                take(&mut self.inner, &self.resampled, &mut self.narrow, &mut self.rest);
            }
        }
    }

    pub(super) fn finish(mut self) -> Option<Fingerprint> {
        if let (Some(resampler), 1..) = (self.resampler, self.rest) {
            self.resampled.clear();
            resampler.finish(None, &mut self.resampled);
            take(&mut self.inner, &self.resampled, &mut self.narrow, &mut self.rest);
        }
        self.inner.finish();
        let raw = self.inner.fingerprint().to_vec();
        (!raw.is_empty()).then_some(Fingerprint { raw })
    }
}

/// The mean of the channels.
fn mix(planes: &[Vec<f32>], mono: &mut Vec<f32>) {
    mono.clear();
    match planes {
        [left, right] => mono.extend(left.iter().zip(right).map(|(l, r)| (l + r) * 0.5)),
        [first, others @ ..] => {
            mono.extend_from_slice(first);
            for plane in others {
                mono.iter_mut().zip(plane).for_each(|(sum, sample)| *sum += sample);
            }
            let share = 1.0 / planes.len() as f32;
            mono.iter_mut().for_each(|sum| *sum *= share);
        }
        [] => {}
    }
}

fn take(inner: &mut Fingerprinter, samples: &[f32], narrow: &mut Vec<i16>, rest: &mut usize) {
    let samples = &samples[..samples.len().min(*rest)];
    *rest -= samples.len();
    narrow.clear();
    // A float to integer cast saturates, and makes 0 of what is not a number.
    narrow.extend(samples.iter().map(|&sample| (sample * 32_768.0).round_ties_even() as i16));
    inner.consume(narrow);
}
