//! The instruments: a few partials, an envelope, an echo.

use super::SAMPLE_RATE;
use std::sync::LazyLock;

/// One turn of a sine in this many steps (a power of two), read with linear interpolation. A table,
/// because it is fast in unoptimised builds too.
const TABLE_STEPS: usize = 4096;

static SINE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let turn =
        |step: usize| (step as f64 / TABLE_STEPS as f64 * std::f64::consts::TAU).sin() as f32;
    (0..=TABLE_STEPS).map(turn).collect()
});

/// An instrument.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tone {
    /// Strengths of the first partials.
    partials: [f32; 5],
    attack_seconds: f32,
    release_seconds: f32,
    /// How much is lost a second while the note is held: 0 an organ, 4 a plucked string.
    decay: f32,
    /// Frequency of a second, slightly mistuned voice, as a factor; 1 for none.
    chorus: f32,
}

impl Tone {
    pub(super) const BASS: Tone = Tone {
        partials: [1.0, 0.35, 0.12, 0.0, 0.0],
        attack_seconds: 0.012,
        release_seconds: 0.12,
        decay: 1.2,
        chorus: 1.0,
    };

    pub(super) const PLUCK: Tone = Tone {
        partials: [1.0, 0.4, 0.25, 0.12, 0.06],
        attack_seconds: 0.004,
        release_seconds: 0.2,
        decay: 5.0,
        chorus: 1.0,
    };

    pub(super) fn choose_soft(dice: &mut fastrand::Rng) -> Tone {
        let second = dice.f32() * 0.4;
        Tone {
            partials: [1.0, second, 0.15, 0.05, 0.0],
            attack_seconds: 0.35,
            release_seconds: 0.6,
            decay: 0.1,
            chorus: 1.004,
        }
    }

    pub(super) fn choose_bright(dice: &mut fastrand::Rng) -> Tone {
        let (second, third) = (dice.f32() * 0.5, 0.1 + dice.f32() * 0.3);
        Tone {
            partials: [1.0, second, third, 0.08, 0.04],
            attack_seconds: 0.03,
            release_seconds: 0.25,
            decay: 0.9,
            chorus: 1.0,
        }
    }
}

/// Stereo that notes are added to.
pub(super) struct Track {
    frames: Vec<[f32; 2]>,
}

impl Track {
    pub(super) fn new(seconds: f32) -> Track {
        Track { frames: vec![[0.0; 2]; frames(seconds)] }
    }

    /// Adds a note. `pan` from -1 (left) to 1.
    pub(super) fn add(
        &mut self,
        tone: Tone,
        hertz: f32,
        start_seconds: f32,
        held_seconds: f32,
        volume: f32,
        pan: f32,
    ) {
        let start = frames(start_seconds);
        let held = frames(held_seconds);
        let release = frames(tone.release_seconds).max(1);
        let attack = frames(tone.attack_seconds).max(1);
        let fading = 1.0 - tone.decay / SAMPLE_RATE as f32;
        let (left, right) = ((1.0 - pan) / 2.0, (1.0 + pan) / 2.0);
        let mut level = volume;
        let mut voices = Voices::new(&tone, hertz);
        for (index, frame) in self.frames.iter_mut().skip(start).take(held + release).enumerate() {
            level *= fading;
            let rise = (index as f32 / attack as f32).min(1.0);
            let fall = 1.0 - index.saturating_sub(held) as f32 / release as f32;
            let sample = voices.next() * level * rise * fall;
            frame[0] += sample * left;
            frame[1] += sample * right;
        }
    }

    /// Echo, fades and a common loudness; interleaved.
    pub(super) fn finish(mut self) -> Vec<f32> {
        let delay = frames(0.31);
        for index in delay..self.frames.len() {
            // Crossed over, so that the echo answers from the other side.
            let [left, right] = self.frames[index - delay];
            self.frames[index][0] += right * 0.28;
            self.frames[index][1] += left * 0.28;
        }
        let length = self.frames.len();
        let fade = frames(2.5).min(length / 3).max(1);
        for (index, frame) in self.frames.iter_mut().enumerate() {
            let gain = ((length - 1 - index) as f32 / fade as f32).min(1.0);
            *frame = frame.map(|sample| sample * gain);
        }
        let peak = self.frames.iter().flatten().fold(1e-9f32, |peak, s| peak.max(s.abs()));
        self.frames.iter().flatten().map(|sample| sample * 0.89 / peak).collect()
    }
}

/// The running phases of one note.
struct Voices {
    /// (turns so far, turns a frame, strength)
    oscillators: Vec<(f32, f32, f32)>,
}

impl Voices {
    fn new(tone: &Tone, hertz: f32) -> Voices {
        let partials = tone.partials.into_iter().zip(1u8..).filter(|(strength, _)| *strength > 0.0);
        let detunings: &[f32] = if tone.chorus == 1.0 { &[1.0] } else { &[1.0, tone.chorus] };
        let mut oscillators = Vec::new();
        for (strength, number) in partials {
            for detuning in detunings {
                let turns = hertz * f32::from(number) * detuning / SAMPLE_RATE as f32;
                if turns < 0.4 {
                    oscillators.push((0.0, turns, strength / detunings.len() as f32));
                }
            }
        }
        Voices { oscillators }
    }

    fn next(&mut self) -> f32 {
        let mut sum = 0.0;
        for (turns, step, strength) in &mut self.oscillators {
            let place = *turns * TABLE_STEPS as f32;
            let index = place as usize % TABLE_STEPS;
            let between = place - place as usize as f32;
            sum += (SINE[index] + (SINE[index + 1] - SINE[index]) * between) * *strength;
            *turns += *step;
            if *turns >= 1.0 {
                *turns -= 1.0;
            }
        }
        sum
    }
}

fn frames(seconds: f32) -> usize {
    (seconds * SAMPLE_RATE as f32).round() as usize
}
