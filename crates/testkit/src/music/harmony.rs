//! Which notes go together.

/// A tonic and a scale.
pub(super) struct Key {
    tonic: i32,
    scale: [i32; 7],
}

impl Key {
    pub(super) fn choose(dice: &mut fastrand::Rng) -> Key {
        const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
        const DORIAN: [i32; 7] = [0, 2, 3, 5, 7, 9, 10];
        const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];
        let scale = [MAJOR, DORIAN, MINOR][dice.usize(0..3)];
        Key { tonic: dice.i32(-5..=4), scale }
    }

    /// Frequency in Hz of a scale step (0 the tonic, 7 the one above) counted from the tonic of an
    /// octave; equal temperament, A4 = 440 Hz.
    pub(super) fn note(&self, step: i32, octave: i32) -> f32 {
        let semitone =
            self.tonic + self.scale[step.rem_euclid(7) as usize] + 12 * step.div_euclid(7);
        let from_a4 = semitone - 9 + 12 * (octave - 4);
        440.0 * (from_a4 as f32 / 12.0).exp2()
    }
}

/// Four chords, as the scale steps of their roots.
pub(super) fn progression(dice: &mut fastrand::Rng) -> [i32; 4] {
    let known =
        [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 5, 4], [5, 3, 0, 4], [0, 2, 3, 3], [0, 3, 1, 4]];
    known[dice.usize(0..known.len())]
}
