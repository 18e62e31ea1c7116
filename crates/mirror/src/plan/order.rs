//! In which order packs are taken: a strategy each.

use super::chance;
use super::need::Need;
use super::offer::PackOffer;
use std::cmp::Reverse;

/// The share of the budget that goes to the head.
const HEAD_SHARE: f64 = 0.1;

/// Chance for the head and for the rest must not be the same chance.
const FOR_HEAD: u64 = 1;
const FOR_REST: u64 = 2;

/// A share for the head, packs by their listens a byte; the rest by need. What is held stays before what is not.
pub fn mix(offers: &[PackOffer], budget: u64, seed: u64) -> Vec<usize> {
    let need = Need::of(offers);
    let is_counted = offers.iter().all(|offer| offer.listens.is_some());
    let head_weight = |offer: &PackOffer| match offer.listens {
        Some(listens) if is_counted => listens as f64 / offer.bytes.max(1) as f64,
        _ => 1.0 / f64::from(offer.first_rank.max(1)),
    };
    let mut order =
        by_place(offers, |offer| chance::place(seed, FOR_HEAD, offer.key, head_weight(offer)));
    let mut head = (budget as f64 * HEAD_SHARE) as u64;
    let chosen = order.iter().take_while(|&&pack| match head.checked_sub(offers[pack].bytes) {
        Some(left) => {
            head = left;
            true
        }
        None => false,
    });
    let count = chosen.count();
    let mut is_head = vec![false; offers.len()];
    order[..count].iter().for_each(|&pack| is_head[pack] = true);
    order.truncate(count);
    let rest = by_place(offers, |offer| {
        chance::place(seed, FOR_REST, offer.key, need.weight(offer.copies))
    });
    order.extend(rest.into_iter().filter(|&pack| !is_head[pack]));
    held_first(offers, order)
}

/// By rank; of packs that begin at the same, the audio before what belongs to it.
pub fn most_heard(offers: &[PackOffer]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..offers.len()).collect();
    order.sort_by_key(|&pack| (offers[pack].first_rank, offers[pack].stage, offers[pack].key));
    order
}

/// By copies, a count that is not known being taken for the one in the middle; by chance among equals.
pub fn rarest(offers: &[PackOffer], seed: u64) -> Vec<usize> {
    let need = Need::of(offers);
    let mut order = even(offers, seed);
    let copies = |pack: usize| need.copies(offers[pack].copies);
    order.sort_by(|&a, &b| copies(a).total_cmp(&copies(b)));
    held_first(offers, order)
}

/// By chance alone.
pub fn even(offers: &[PackOffer], seed: u64) -> Vec<usize> {
    let order = by_place(offers, |offer| chance::place(seed, FOR_REST, offer.key, 1.0));
    held_first(offers, order)
}

fn by_place(offers: &[PackOffer], place: impl Fn(&PackOffer) -> f64) -> Vec<usize> {
    let mut places: Vec<(f64, usize)> =
        offers.iter().enumerate().map(|(pack, offer)| (place(offer), pack)).collect();
    places.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    places.into_iter().map(|(_, pack)| pack).collect()
}

/// Counts change every day, and what was fetched once should not be fetched again elsewhere for that.
fn held_first(offers: &[PackOffer], mut order: Vec<usize>) -> Vec<usize> {
    order.sort_by_key(|&pack| Reverse(offers[pack].held));
    order
}
