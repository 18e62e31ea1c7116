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

    /// From the text that [`Fingerprint::text`] gives, whatever made it.
    ///
    /// Behind a head of four bytes (algorithm; how many numbers there are, 24 bits) each number is XORed with the one before
    /// and written as the distances between its set bits: 3 bits each, 7 and more as 7, and 0 at the end of a number; behind
    /// all of these, from a byte's start, what the sevens leave over, 5 bits each. Lowest bits first (Chromaprint,
    /// `fingerprint_compressor.cpp`).
    ///
    /// # Errors
    /// The text is no base64url, of another algorithm, or cut short.
    pub fn from_text(text: &str) -> Result<Fingerprint, FingerprintError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| FingerprintError::NotBase64)?;
        let (head, body) = bytes.split_first_chunk::<4>().ok_or(FingerprintError::CutShort)?;
        let [algorithm, count @ ..] = *head;
        if algorithm != Configuration::preset_test2().id() {
            return Err(FingerprintError::Algorithm(algorithm));
        }
        let count = count.iter().fold(0, |count, &byte| count << 8 | usize::from(byte));
        // Its zeros end the numbers: so many have to be there.
        let mut ends = 0;
        let distances = Packed { bytes: body, bits: 3, start: 0 }.take_while(|&distance| {
            let is_before_the_end = ends < count;
            ends += usize::from(distance == 0);
            is_before_the_end
        });
        let distances: Vec<u8> = distances.collect();
        let rest = body.get((distances.len() * 3).div_ceil(8)..).unwrap_or_default();
        let mut rest = Packed { bytes: rest, bits: 5, start: 0 };
        let mut raw = Vec::with_capacity(count.min(distances.len()));
        let (mut number, mut bit) = (0u32, 0u32);
        for distance in distances {
            bit += u32::from(distance);
            match distance {
                0 => {
                    raw.push(number);
                    bit = 0;
                    continue;
                }
                7 => bit += u32::from(rest.next().ok_or(FingerprintError::CutShort)?),
                _ => {}
            }
            number ^= 1u32.checked_shl(bit - 1).ok_or(FingerprintError::CutShort)?;
        }
        match raw.len() == count && count > 0 {
            true => Ok(Fingerprint { raw }),
            false => Err(FingerprintError::CutShort),
        }
    }
}

/// Why a text is no fingerprint that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// It has other characters.
    #[error("the fingerprint is not base64url; decode the file again")]
    NotBase64,
    /// Made by another of Chromaprint's algorithms.
    #[error(
        "the fingerprint is of Chromaprint's algorithm {0}, and those of 1 can be compared; decode the file again"
    )]
    Algorithm(u8),
    /// It ends before it says, or its bits make no sense.
    #[error("the fingerprint is damaged or cut short; decode the file again")]
    CutShort,
}

/// Numbers of so many bits, lowest bits first; what is left over at the end is none.
struct Packed<'a> {
    bytes: &'a [u8],
    bits: usize,
    /// The bit at which the next one starts.
    start: usize,
}

impl Iterator for Packed<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let start = self.start;
        let byte = *self.bytes.get(start / 8)?;
        let next = self.bytes.get(start / 8 + 1);
        if start % 8 + self.bits > 8 && next.is_none() {
            return None;
        }
        self.start += self.bits;
        let both = u16::from(byte) | u16::from(next.copied().unwrap_or(0)) << 8;
        Some((both >> (start % 8) & ((1 << self.bits) - 1)) as u8)
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
