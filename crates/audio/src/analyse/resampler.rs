//! A polyphase windowed-sinc resampler for one channel (J. O. Smith, "Digital Audio Resampling",
//! ccrma.stanford.edu/~jos/resample). Our own because both users need what the common crates do not
//! promise: no delay, and exactly as many samples out as asked for.

use std::f64::consts::{PI, TAU};
use std::sync::Arc;

/// Beyond this many phases the nearest of them is taken; common rates need 640 at most.
const PHASES_MAX: u64 = 4096;

/// What nobody hears above, and Opus codes nothing above, Hz.
const AUDIBLE_HZ: f64 = 20_000.0;

/// How sharp the filter is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Quality {
    /// The filter of libswresample, which fpcalc uses: 32 taps at the lower rate.
    Fingerprint,
    /// For ears: flat to 20 kHz or 90 % of the lower Nyquist frequency, and 100 dB down from where
    /// it would fold back into what can be heard.
    Music,
}

impl Quality {
    /// Cutoff as a share of the Nyquist frequency that the input has, taps, Kaiser beta.
    fn design(self, from: u32, to: u32) -> (f64, usize, f64) {
        let (input, lower) = (f64::from(from), f64::from(from.min(to)));
        match self {
            Quality::Fingerprint => {
                let cutoff = 0.97 * lower / input;
                (cutoff, (16.0 / cutoff).ceil() as usize * 2, 9.0)
            }
            Quality::Music => {
                let passed = AUDIBLE_HZ.min(0.45 * lower);
                let stopped = (lower - AUDIBLE_HZ).max(0.5 * lower);
                // Kaiser's estimate of the taps, (A - 7.95) / (2.285 dw), with A = 100 dB: beta 10.
                let width = TAU * (stopped - passed) / input;
                let taps = (92.05 / (2.285 * width)).ceil() as usize;
                ((passed + stopped) / input, taps, 10.0)
            }
        }
    }
}

/// State of one channel. Clones share the filters.
#[derive(Clone)]
pub(super) struct Resampler {
    up: u64,
    down: u64,
    phases: u64,
    taps: usize,
    /// `taps` coefficients for each phase.
    filters: Arc<Vec<f32>>,
    /// Input from `first` on; `first` counts the zeros that stand before the start too.
    input: Vec<f32>,
    first: u64,
    given: u64,
}

impl Resampler {
    /// Both rates above 0.
    pub(super) fn new(from: u32, to: u32, quality: Quality) -> Resampler {
        let divisor = greatest_common_divisor(from, to);
        let (up, down) = (u64::from(to / divisor), u64::from(from / divisor));
        let phases = up.min(PHASES_MAX);
        let (cutoff, taps, beta) = quality.design(from, to);
        let taps = taps.next_multiple_of(8);
        let half = (taps / 2) as f64;
        let mut filters = Vec::with_capacity(phases as usize * taps);
        for phase in 0..phases {
            let offset = phase as f64 / phases as f64;
            let filter: Vec<f64> = (0..taps)
                .map(|tap| tap as f64 - (half - 1.0) - offset)
                .map(|x| sinc(cutoff * x) * kaiser(x / half, beta))
                .collect();
            let sum: f64 = filter.iter().sum();
            filters.extend(filter.iter().map(|coefficient| (coefficient / sum) as f32));
        }
        Resampler {
            up,
            down,
            phases,
            taps,
            filters: Arc::new(filters),
            // So that the first filter is centred on the first sample.
            input: vec![0.0; taps / 2 - 1],
            first: 0,
            given: 0,
        }
    }

    /// Takes samples and appends what can be computed by now.
    pub(super) fn add(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.input.extend_from_slice(samples);
        self.compute(u64::MAX, out);
    }

    /// Appends the rest: up to `total` samples since the start, or as many as the input was long.
    pub(super) fn finish(mut self, total: Option<u64>, out: &mut Vec<f32>) {
        let heard = self.first + self.input.len() as u64 - (self.taps as u64 / 2 - 1);
        let natural = u128::from(heard) * u128::from(self.up) / u128::from(self.down);
        let total = total.unwrap_or(natural as u64);
        // A total asked for is within a sample of the natural one; the filter's length of zeros is
        // enough for that.
        self.input.resize(self.input.len() + self.taps, 0.0);
        self.compute(total, out);
        let missing = total.saturating_sub(self.given);
        debug_assert!(missing <= 1);
        out.extend((0..missing.min(self.taps as u64)).map(|_| 0.0));
    }

    fn compute(&mut self, total: u64, out: &mut Vec<f32>) {
        while self.given < total {
            let at = u128::from(self.given) * u128::from(self.down);
            let (mut index, rest) =
                ((at / u128::from(self.up)) as u64, (at % u128::from(self.up)) as u64);
            let mut phase = (rest * self.phases + self.up / 2) / self.up;
            if self.phases == self.up {
                phase = rest;
            } else if phase == self.phases {
                (index, phase) = (index + 1, 0);
            }
            let start = (index - self.first) as usize;
            let Some(window) = self.input.get(start..start + self.taps) else {
                break;
            };
            let filter = phase as usize * self.taps;
            out.push(dot(window, &self.filters[filter..filter + self.taps]));
            self.given += 1;
        }
        let next = (u128::from(self.given) * u128::from(self.down) / u128::from(self.up)) as u64;
        let used = (next - self.first).min(self.input.len() as u64);
        self.input.drain(..used as usize);
        self.first += used;
    }
}

/// Eight sums beside one another, which compilers turn into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// The Kaiser window, without its constant factor.
fn kaiser(x: f64, beta: f64) -> f64 {
    if x.abs() >= 1.0 { 0.0 } else { bessel_i0(beta * (1.0 - x * x).sqrt()) }
}

fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..64 {
        let factor = x / (2.0 * f64::from(k));
        term *= factor * factor;
        sum += term;
    }
    sum
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resamples a tone in uneven pieces and compares with the tone at the new rate, ends left out.
    fn worst_error(from: u32, to: u32, hertz: f64) -> f64 {
        let tone = |rate: u32, n: usize| (2.0 * PI * hertz * n as f64 / f64::from(rate)).sin();
        let input: Vec<f32> = (0..from as usize).map(|n| tone(from, n) as f32).collect();
        let mut resampler = Resampler::new(from, to, Quality::Music);
        let mut out = Vec::new();
        for piece in input.chunks(777) {
            resampler.add(piece, &mut out);
        }
        resampler.finish(Some(u64::from(to)), &mut out);
        assert_eq!(out.len(), to as usize);
        let middle = 500..out.len() - 500;
        middle.map(|n| (f64::from(out[n]) - tone(to, n)).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_tone_stays_the_tone_and_in_its_place() {
        for (from, to) in [(44_100, 48_000), (96_000, 48_000), (22_050, 48_000), (32_000, 48_000)] {
            assert!(worst_error(from, to, 997.0) < 2e-5, "{from} to {to}");
        }
        assert!(worst_error(44_100, 48_000, 19_000.0) < 2e-4);
        assert!(worst_error(22_050, 48_000, 9_500.0) < 2e-4);
        assert!(worst_error(96_000, 48_000, 19_500.0) < 2e-4);
        assert!(worst_error(44_101, 48_000, 997.0) < 1e-4);
    }

    #[test]
    fn what_does_not_fit_is_gone() {
        let mut resampler = Resampler::new(96_000, 48_000, Quality::Music);
        let tone =
            (0..96_000).map(|n| (2.0 * PI * 28_100.0 * f64::from(n) / 96_000.0).sin() as f32);
        let mut out = Vec::new();
        resampler.add(&tone.collect::<Vec<_>>(), &mut out);
        assert!(out[500..].iter().all(|sample| sample.abs() < 3e-5));
    }

    #[test]
    fn short_input_is_no_trouble() {
        for samples in 0..4 {
            let mut out = Vec::new();
            let mut resampler = Resampler::new(44_100, 11_025, Quality::Fingerprint);
            resampler.add(&vec![0.5; samples], &mut out);
            resampler.finish(None, &mut out);
            assert_eq!(out.len(), samples / 4);
        }
    }
}
