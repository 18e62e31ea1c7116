//! An edition, and mirrors that come one after another.

use deadwax_mirror::plan::{PackOffer, PackStage, Prefer, choose};
use fastrand::Rng;

/// 300 TB in packs of 15 to 45 GB.
pub const PACKS: usize = 10_000;
const EDITION_BYTES: f64 = 300e12;
const RECORDINGS: f64 = 256e6;
const MIRRORS: usize = 1_000;
const LOST: f64 = 0.3;
/// Sizes are lognormal: so many times more or less is one standard deviation (e to the 1.2: 3.3 times).
const SIGMA: f64 = 1.2;
const SMALLEST: f64 = 100e9;
const LARGEST: f64 = 40e12;

/// The edition, before anybody carries it.
pub struct World {
    pub offers: Vec<PackOffer>,
    chance: Rng,
}

/// What is left.
pub struct Outcome {
    /// How many packs have 0, 1, 2, ... copies left.
    pub left: Vec<usize>,
    /// Copies of a pack before the loss, on average.
    pub copies: f64,
    /// Share of all listens that a mirror carries, on average.
    pub listens: f64,
}

impl World {
    /// Listens fall with the rank as 1/rank (Zipf).
    pub fn new(seed: u64, packs: usize) -> World {
        let mut chance = Rng::with_seed(seed);
        let a_pack = RECORDINGS / packs as f64;
        let offers = (0..packs).map(|place| {
            let (first, last) = (place as f64 * a_pack, (place + 1) as f64 * a_pack);
            PackOffer {
                key: chance.u64(..),
                bytes: (EDITION_BYTES / packs as f64 * (0.5 + chance.f64())) as u64,
                files: 5_000,
                listens: Some((1e12 * ((last + 1.0) / (first + 1.0)).ln()) as u64),
                copies: Some(0),
                first_rank: first as u32 + 1,
                stage: PackStage::Audio,
                held: false,
            }
        });
        World { offers: offers.collect(), chance }
    }

    /// All mirrors choose; each knows what those before it carry, but for the last `delay` ones. Then some are lost.
    pub fn run(mut self, prefer: Prefer, delay: usize, median_bytes: f64) -> Outcome {
        let mut mirrors: Vec<Vec<usize>> = Vec::with_capacity(MIRRORS);
        let mut listens = 0.0;
        for number in 0..MIRRORS {
            if let Some(seen) = number.checked_sub(delay + 1) {
                for &pack in &mirrors[seen] {
                    self.offers[pack].copies = self.offers[pack].copies.map(|copies| copies + 1);
                }
            }
            let budget = median_bytes * (SIGMA * normal(&mut self.chance)).exp();
            let budget = budget.clamp(SMALLEST, LARGEST) as u64;
            let choice = choose(&self.offers, budget, prefer, self.chance.u64(..));
            listens += choice.listens.unwrap_or(0.0);
            // A part of a pack is no copy of it.
            mirrors.push(choice.whole);
        }
        let copies = mirrors.iter().map(Vec::len).sum::<usize>() as f64 / self.offers.len() as f64;
        let mut left = vec![0; self.offers.len()];
        for mirror in mirrors.iter().filter(|_| self.chance.f64() >= LOST) {
            mirror.iter().for_each(|&pack| left[pack] += 1);
        }
        let most = left.iter().max().copied().unwrap_or(0);
        let mut counted = vec![0; most + 1];
        left.iter().for_each(|&copies| counted[copies] += 1);
        Outcome { left: counted, copies, listens: listens / MIRRORS as f64 }
    }
}

impl Outcome {
    pub fn below_three(&self) -> usize {
        self.left.iter().take(3).sum()
    }

    /// How many packs have 0, 1, 2, ... copies left, over several runs.
    pub fn mean_of_left(outcomes: &[Outcome]) -> Vec<f64> {
        let most = outcomes.iter().map(|it| it.left.len()).max().unwrap_or(0);
        let at = |copies: usize| {
            let all: usize = outcomes.iter().filter_map(|it| it.left.get(copies)).sum();
            all as f64 / outcomes.len() as f64
        };
        (0..most).map(at).collect()
    }
}

/// Box and Muller.
fn normal(chance: &mut Rng) -> f64 {
    (-2.0 * (1.0 - chance.f64()).ln()).sqrt() * (std::f64::consts::TAU * chance.f64()).cos()
}
