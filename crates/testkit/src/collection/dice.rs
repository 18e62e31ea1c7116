//! Randomness that can be asked for anywhere: each thing of a collection has its own stream, found from the
//! seed, the kind of thing and its number, so nothing has to be generated before anything else.

/// SplitMix64 (Steele, Lea, Flood 2014), seeded by what is being made.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The stream of one thing. `kind` keeps the streams of different things apart.
    pub(super) fn of(seed: u64, kind: u64, number: u64) -> Dice {
        Dice(mix(mix(seed.wrapping_add(kind.wrapping_mul(0xD6E8_FEB8_6659_FD93))) ^ number))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// 0 to `end - 1`; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        scale(self.next(), end)
    }

    /// A place in something of `length` items.
    pub(super) fn place(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// 0 to just below 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True so often in a million times.
    pub(super) fn chance(&mut self, per_million: u64) -> bool {
        self.below(1_000_000) < per_million
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.place(items.len())]
    }

    /// The place that a draw falls on among `weights`.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|&w| u64::from(w)).sum());
        for (place, &weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return place,
            }
        }
        weights.len() - 1
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.place(end + 1));
        }
    }
}

/// The finalizer of SplitMix64: a bijection of 64 bits that leaves no pattern.
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// 64 random bits brought to 0..`end` without a division.
pub(super) fn scale(bits: u64, end: u64) -> u64 {
    ((u128::from(bits) * u128::from(end)) >> 64) as u64
}
