//! Chance that a mirror can repeat: a number for each pack from the mirror's own number and the pack's.

/// An order by chance in which a pack with twice the weight is twice as likely to be the next one: smaller comes first (weighted sampling
/// without replacement: Efraimidis and Spirakis, 2006, in its exponential form).
pub fn place(seed: u64, salt: u64, key: u64, weight: f64) -> f64 {
    -even(seed, salt, key).ln() / weight.max(f64::MIN_POSITIVE)
}

/// Evenly between 0 and 1, never either of them.
fn even(seed: u64, salt: u64, key: u64) -> f64 {
    let bits = stir(stir(stir(seed).wrapping_add(salt)).wrapping_add(key));
    ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// The step of SplitMix64 (Steele, Lea and Flood, 2014): every bit of what goes in moves every bit that comes out.
fn stir(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
