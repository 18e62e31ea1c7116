//! What to carry: which packs of an edition, within a budget. Pure: what is offered goes in, a choice comes out. The
//! strategies are stated in docs/formats/mirror.md, "What to carry", and compared in docs/mirror-simulation.md.

mod chance;
mod fill;
mod need;
mod offer;
mod order;

pub use deadwax_edition::PackStage;
pub use offer::{Choice, PackOffer, Part, Prefer, UnknownPreference};

/// Chooses from `offers` what a mirror with this budget carries. Never more than `budget_bytes`, and all of them where
/// that much is offered in packs of several files. `seed` is the mirror's own number and stays the same: mirrors
/// that decide at the same time, knowing the same, choose differently, and each of them the same tomorrow.
pub fn choose(offers: &[PackOffer], budget_bytes: u64, prefer: Prefer, seed: u64) -> Choice {
    let order = match prefer {
        Prefer::Mix => order::mix(offers, budget_bytes, seed),
        Prefer::Listens => order::most_heard(offers),
        Prefer::Rarest => order::rarest(offers, seed),
        Prefer::Even => order::even(offers, seed),
    };
    // Who asks for the most heard wants these and no smaller ones in their place.
    let may_pass_over = prefer != Prefer::Listens;
    fill::fill(offers, &order, budget_bytes, may_pass_over)
}
