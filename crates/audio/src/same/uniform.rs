//! Silence, drones, and loops: what is so like itself some seconds later that it tells no two pieces apart.

use super::score;

/// The nearest lag that is asked. A sub-fingerprint sees 20 frames (16 and a smoothing of 5), so that nearer ones share
/// what they see.
const NEAREST: usize = 20;
/// The farthest lag, 15 s: what repeats only after that has enough of its own.
const FARTHEST: usize = 121;

/// Whether a stretch is as like itself at some lag as copies are like each other.
pub(super) fn is_uniform(stretch: &[u32], threshold: f64) -> bool {
    let half = stretch.len() / 2;
    (NEAREST.min(half)..=FARTHEST.min(half))
        .any(|lag| score(&stretch[..stretch.len() - lag], &stretch[lag..]) >= threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: u32, steps: usize) -> Vec<u32> {
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        (0..steps).map(|_| next()).collect()
    }

    #[test]
    fn what_repeats_is_uniform_and_what_does_not_is_not() {
        assert!(is_uniform(&[627_964_279; 59], 0.75));
        assert!(!is_uniform(&random(7, 948), 0.75));
        let loop_of = |steps: usize| random(9, steps).into_iter().cycle().take(948).collect();
        let (short, long): (Vec<u32>, Vec<u32>) = (loop_of(33), loop_of(300));
        assert!(is_uniform(&short, 0.75));
        assert!(!is_uniform(&long, 0.75), "half a minute of its own is enough");
    }

    #[test]
    fn the_shortest_are_asked_too() {
        assert!(!is_uniform(&random(1, 24), 0.75));
        assert!(is_uniform(&[1, 2, 3].repeat(8), 0.75));
    }
}
