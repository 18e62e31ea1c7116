//! The order of the list as far as listens decide it (docs/formats/policy.md). Plan and publish share it, so that the
//! place that a plan tells is the one that an edition gives.

use deadwax_model::Popularity;
use std::cmp::Reverse;

/// Where a recording stands: first those of popularity 1 and above by listens, then those that nobody counted (unknown
/// is not 0), then those of popularity 0 by listens.
pub(crate) type Standing = (u8, Reverse<u64>);

pub(crate) fn standing(listens: Option<u64>, popularity: Option<Popularity>) -> Standing {
    let group = match popularity.map(Popularity::get) {
        Some(0) => 2,
        Some(_) => 0,
        None => 1,
    };
    (group, Reverse(listens.unwrap_or(0)))
}
