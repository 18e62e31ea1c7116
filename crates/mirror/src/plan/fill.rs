//! Filling a budget with packs in an order.

use super::PackStage;
use super::offer::{Choice, PackOffer, Part};

/// How far to look for smaller packs behind one that does not fit. Not to the end: else those left over would be the small packs of all mirrors.
const LOOK_AHEAD: usize = 64;

/// Takes packs in this order while they fit, and a part of one with what is left.
pub fn fill(offers: &[PackOffer], order: &[usize], budget: u64, may_pass_over: bool) -> Choice {
    let mut choice = Choice::default();
    let (mut rest, mut passed) = (budget, Vec::new());
    let limit = if may_pass_over { LOOK_AHEAD } else { 1 };
    let mut packs = order.iter().copied();
    while passed.len() < limit
        && let Some(pack) = packs.next()
    {
        match rest.checked_sub(offers[pack].bytes) {
            Some(left) => {
                rest = left;
                choice.whole.push(pack);
            }
            None => passed.push(pack),
        }
    }
    for pack in passed.into_iter().chain(packs) {
        let offer = &offers[pack];
        if rest == 0 {
            break;
        }
        if let Some(left) = rest.checked_sub(offer.bytes) {
            rest = left;
            choice.whole.push(pack);
        } else if offer.files > 1 {
            choice.part = Some(Part { pack, bytes: rest });
            rest = 0;
        }
    }
    choice.bytes = budget - rest;
    choice.listens = share(offers, &choice);
    choice
}

/// Of the audio alone: a cover and a patch go with a recording that was counted already.
fn share(offers: &[PackOffer], choice: &Choice) -> Option<f64> {
    let heard = |pack: &PackOffer| match pack.stage {
        PackStage::Audio => pack.listens.unwrap_or(0) as f64,
        PackStage::Artwork | PackStage::Patches => 0.0,
    };
    let all: f64 = offers.iter().map(heard).sum();
    let whole: f64 = choice.whole.iter().map(|&pack| heard(&offers[pack])).sum();
    let part = choice.part.map_or(0.0, |part| {
        let offer = &offers[part.pack];
        heard(offer) * part.bytes as f64 / offer.bytes as f64
    });
    (all > 0.0).then(|| (whole + part) / all)
}
