//! A thousand mirrors choose what they carry, 30 % of them are lost, and the packs are counted of which fewer than three copies are
//! left. Prints the table of docs/mirror-simulation.md and writes the plot beside it:
//!
//!     cargo run --release -p deadwax-mirror --example mirror_simulation -- docs/mirror-simulation.svg

#[path = "mirror_simulation/plot.rs"]
mod plot;
#[path = "mirror_simulation/world.rs"]
mod world;

use deadwax_mirror::plan::{PackOffer, Prefer, choose};
use std::time::Instant;
use world::{Outcome, World};

const STRATEGIES: [(Prefer, &str); 3] = [
    (Prefer::Mix, "mix (ours)"),
    (Prefer::Even, "random choice"),
    (Prefer::Rarest, "fewest seeds first"),
];
/// Of so many mirrors a mirror does not see yet what they chose.
const DELAYS: [usize; 4] = [0, 30, 100, 300];
/// The delay of the second table and of the plot.
const USUAL_DELAY: usize = 100;
/// Median size of a mirror in the tables; the second one has scarcity and plenty beside it.
const MEDIAN_BYTES: f64 = 1.5e12;
const RUNS: u64 = 10;

fn main() {
    let plot = std::env::args().nth(1).expect("say where the plot goes: a path ending in .svg");
    println!(
        "| counts are late by | strategy | packs below three copies, mean (least to most) | lost | a mirror's share of listens |"
    );
    println!("|---|---|---|---|---|");
    let mut curves = Vec::new();
    for delay in DELAYS {
        for (prefer, name) in STRATEGIES {
            let outcomes = runs(prefer, delay, MEDIAN_BYTES);
            row(&format!("{delay} mirrors"), name, &outcomes);
            if delay == USUAL_DELAY {
                curves.push((name, Outcome::mean_of_left(&outcomes)));
            }
        }
    }
    println!(
        "\n| copies before the loss, mean | strategy | packs below three copies, mean (least to most) | lost | a mirror's share of listens |"
    );
    println!("|---|---|---|---|---|");
    for median in [MEDIAN_BYTES / 2.0, MEDIAN_BYTES * 2.0] {
        for (prefer, name) in STRATEGIES {
            let outcomes = runs(prefer, USUAL_DELAY, median);
            let copies = outcomes.iter().map(|it| it.copies).sum::<f64>() / RUNS as f64;
            row(&format!("{copies:.1}"), name, &outcomes);
        }
    }
    std::fs::write(&plot, plot::draw(&curves)).expect("the plot can be written");
    println!();
    for (prefer, name) in STRATEGIES {
        let offers: Vec<PackOffer> = World::new(1, 100_000).offers;
        let start = Instant::now();
        let choice = choose(&offers, 10_000_000_000_000, prefer, 1);
        let taken = start.elapsed().as_secs_f64() * 1e3;
        println!("100,000 packs, {name}: {taken:.0} ms ({} packs chosen)", choice.whole.len());
    }
}

fn runs(prefer: Prefer, delay: usize, median: f64) -> Vec<Outcome> {
    (1..=RUNS).map(|seed| World::new(seed, world::PACKS).run(prefer, delay, median)).collect()
}

fn row(case: &str, name: &str, outcomes: &[Outcome]) {
    let mean =
        |of: fn(&Outcome) -> f64| outcomes.iter().map(of).sum::<f64>() / outcomes.len() as f64;
    let below = outcomes.iter().map(Outcome::below_three);
    println!(
        "| {case} | {name} | {:.1} ({} to {}) | {:.1} | {:.1} % |",
        mean(|it| it.below_three() as f64),
        below.clone().min().unwrap_or(0),
        below.max().unwrap_or(0),
        mean(|it| it.left.first().copied().unwrap_or(0) as f64),
        mean(|it| it.listens) * 100.0
    );
}
