//! Short, pleasant pieces of music out of a seed: chords, a bass, an arpeggio and a tune.

mod harmony;
mod synth;

use harmony::Key;
use synth::{Tone, Track};

/// Samples a second, in every piece.
pub const SAMPLE_RATE: u32 = 44_100;

/// Channels, in every piece: left and right, interleaved.
pub const CHANNELS: u16 = 2;

/// What to compose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Decides key, tempo, chords, tune and colours.
    pub seed: u64,
    /// Length in seconds, fade-out included.
    pub seconds: f32,
}

impl Piece {
    /// The piece as interleaved stereo, -1 to 1.
    pub fn compose(&self) -> Vec<f32> {
        let mut dice = fastrand::Rng::with_seed(self.seed);
        let key = Key::choose(&mut dice);
        let progression = harmony::progression(&mut dice);
        let beat_seconds = 60.0 / dice.u32(66..=104) as f32;
        let mut track = Track::new(self.seconds);
        let bars = (self.seconds / (4.0 * beat_seconds)).ceil() as usize;
        let arpeggio: Vec<usize> = (0..8).map(|_| dice.usize(0..4)).collect();
        let (pad, lead) = (Tone::choose_soft(&mut dice), Tone::choose_bright(&mut dice));
        let mut step = 7 + dice.i32(0..3);
        for bar in 0..bars {
            let start = bar as f32 * 4.0 * beat_seconds;
            let chord = progression[bar % progression.len()];
            for (voice, degree) in [0, 2, 4, 6].into_iter().enumerate() {
                let pan = voice as f32 / 3.0 * 1.2 - 0.6;
                let note = key.note(chord + degree, 4);
                track.add(pad, note, start, 4.0 * beat_seconds, 0.10, pan);
            }
            for (beat, octave) in [(0.0, 2), (2.5, 2), (3.0, 3)] {
                let at = start + beat * beat_seconds;
                track.add(Tone::BASS, key.note(chord, octave), at, 1.4 * beat_seconds, 0.30, 0.0);
            }
            for (eighth, index) in arpeggio.iter().enumerate().skip(usize::from(bar == 0) * 8) {
                let at = start + eighth as f32 * 0.5 * beat_seconds;
                let note = key.note(chord + [0, 2, 4, 7][*index], 5);
                track.add(Tone::PLUCK, note, at, beat_seconds, 0.09, 0.5);
            }
            if bar >= 2 {
                step = tune(&mut dice, &mut track, lead, &key, chord, step, start, beat_seconds);
            }
        }
        track.finish()
    }

    /// The same as 16-bit samples.
    pub fn compose_i16(&self) -> Vec<i16> {
        self.compose().into_iter().map(|sample| (sample * 32_767.0).round() as i16).collect()
    }
}

/// One bar of the tune: small steps, now and then a rest, and a chord tone on the first beat. Gives the
/// scale step it ends on.
#[allow(clippy::too_many_arguments)]
fn tune(
    dice: &mut fastrand::Rng,
    track: &mut Track,
    lead: Tone,
    key: &Key,
    chord: i32,
    mut step: i32,
    start: f32,
    beat_seconds: f32,
) -> i32 {
    let rhythms: [&[f32]; 4] =
        [&[2.0, 1.0, 1.0], &[1.5, 0.5, 2.0], &[3.0, 1.0], &[1.0, 1.0, 1.0, 1.0]];
    let mut beat = 0.0;
    for beats in rhythms[dice.usize(0..rhythms.len())] {
        step += [-2, -1, -1, 0, 1, 1, 2][dice.usize(0..7)];
        step = step.clamp(4, 13);
        if beat == 0.0 {
            // Chord tones are at most three steps apart, so one of these is.
            let is_chord_tone = |step: &i32| [0, 2, 4].contains(&(step - chord).rem_euclid(7));
            step = (step..step + 3).find(is_chord_tone).unwrap_or(step);
        }
        if dice.f32() > 0.15 {
            let at = start + beat * beat_seconds;
            track.add(lead, key.note(step, 4), at, beats * beat_seconds, 0.17, -0.25);
        }
        beat += beats;
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_piece() {
        let piece = Piece { seed: 7, seconds: 3.0 };
        let samples = piece.compose_i16();
        assert_eq!(samples.len(), 3 * 44_100 * 2);
        assert_eq!(samples, piece.compose_i16());
        assert_ne!(samples, Piece { seed: 8, ..piece }.compose_i16());
    }

    #[test]
    fn pieces_are_neither_silent_nor_clipped() {
        for seed in 0..12 {
            let samples = Piece { seed, seconds: 8.0 }.compose();
            let peak = samples.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.3..=0.95).contains(&peak), "seed {seed}: peak {peak}");
            let mean_square = samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32;
            assert!(mean_square.sqrt() > 0.03, "seed {seed}: {}", mean_square.sqrt());
            let stereo = samples.chunks_exact(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(stereo > samples.len() / 4, "seed {seed} is mono");
            assert_eq!(samples[samples.len() - 1], 0.0, "ends in silence");
        }
    }

    #[test]
    fn no_length_is_too_short() {
        assert!(Piece { seed: 1, seconds: 0.0 }.compose().is_empty());
        assert_eq!(Piece { seed: 1, seconds: 0.01 }.compose().len(), 441 * 2);
    }
}
