//! A pseudo-random order of 0..n that can be asked both ways at any place, so that a collection is neither
//! generated in the order of listens nor has to be sorted into it.

use super::dice::{mix, scale};

const ROUNDS: u64 = 6;

/// A bijection of 0..n: an alternating unbalanced Feistel network on a rectangle just larger than n, with the
/// places past the end walked over (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
#[derive(Debug, Clone)]
pub(super) struct Order {
    places: u64,
    width: u64,
    height: u64,
    keys: [u64; ROUNDS as usize],
}

impl Order {
    pub(super) fn new(places: u64, seed: u64) -> Order {
        let width = (places as f64).sqrt().ceil().max(1.0) as u64;
        let height = places.div_ceil(width).max(1);
        let keys = std::array::from_fn(|round| mix(seed ^ mix(round as u64 + 1)));
        Order { places, width, height, keys }
    }

    /// Where the item at `place` goes.
    pub(super) fn there(&self, place: u64) -> u64 {
        let mut at = place;
        loop {
            let (mut x, mut y) = (at % self.width, at / self.width);
            for pair in self.keys.chunks_exact(2) {
                x = plus(x, scale(mix(pair[0] ^ y), self.width), self.width);
                y = plus(y, scale(mix(pair[1] ^ x), self.height), self.height);
            }
            at = y * self.width + x;
            if at < self.places {
                return at;
            }
        }
    }

    /// The inverse of [`Order::there`].
    pub(super) fn back(&self, place: u64) -> u64 {
        let mut at = place;
        loop {
            let (mut x, mut y) = (at % self.width, at / self.width);
            for pair in self.keys.chunks_exact(2).rev() {
                y = minus(y, scale(mix(pair[1] ^ x), self.height), self.height);
                x = minus(x, scale(mix(pair[0] ^ y), self.width), self.width);
            }
            at = y * self.width + x;
            if at < self.places {
                return at;
            }
        }
    }
}

fn plus(a: u64, b: u64, modulus: u64) -> u64 {
    let sum = a + b;
    if sum >= modulus { sum - modulus } else { sum }
}

fn minus(a: u64, b: u64, modulus: u64) -> u64 {
    if a >= b { a - b } else { a + modulus - b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_taken_once_and_found_again() {
        for places in [1, 2, 3, 7, 64, 1_000, 10_007] {
            let order = Order::new(places, 5);
            let mut seen = vec![false; places as usize];
            for place in 0..places {
                let there = order.there(place);
                assert_eq!(order.back(there), place);
                assert!(!std::mem::replace(&mut seen[there as usize], true));
            }
        }
        let order = Order::new(256_000_000, 1);
        assert!((0..1_000).all(|place| order.back(order.there(place)) == place));
        let near = (0..1_000).filter(|&p| order.there(p).abs_diff(order.there(p + 1)) < 1_000_000);
        assert!(near.count() < 30, "neighbours stay neighbours");
    }
}
