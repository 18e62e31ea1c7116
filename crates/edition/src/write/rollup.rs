//! Counts and running sums made while the list goes by, so that no question about the whole needs a
//! scan of it.

use super::coverage::{CoveragePoint, Curve, Weight, is_kept};
use super::script::Script;
use crate::{Counts, Listed};
use std::collections::BTreeMap;

/// Width of a duration bucket; the last one, from ten minutes on, is open.
const DURATION_STEP_MS: u64 = 30_000;
const DURATION_BUCKETS: u64 = 20;

/// Place on the axis `tier` of what has one; 1 is that of what is not kept.
pub(super) const TIERED: i64 = 0;

/// How many recordings an ISRC is on, as the axis `isrc-recordings` counts it.
const ISRC_RECORDINGS: [&str; 5] = ["1", "2", "3", "4", "5 and more"];

/// Everything counted.
#[derive(Default)]
pub(crate) struct Rollups {
    pub(crate) total: Counts,
    /// How many recordings have a listens count.
    pub(crate) counted: u64,
    pub(crate) now: CoveragePoint,
    /// Listens of recordings that are in packs.
    pub(crate) out_listens: u64,
    /// Rank and listens of the last held recording.
    pub(crate) last_held: Option<(u32, Option<u64>)>,
    /// What the report draws.
    pub(crate) curve: Curve,
    axes: Axes,
}

/// Counts by axis, place on it and label. Nested, so that counting a recording looks up by borrowed texts.
type Axes = BTreeMap<&'static str, BTreeMap<i64, BTreeMap<String, Counts>>>;

impl Rollups {
    /// Counts a recording. Gives the running sums when they are due for the catalogue.
    pub(crate) fn push(&mut self, listed: &Listed, packed: bool) -> Option<CoveragePoint> {
        let counts = counts_of(listed);
        self.total.add(&counts);
        self.counted += u64::from(listed.listens.is_some());
        count_places(&mut self.axes, listed, &counts);
        if packed {
            self.out_listens = self.out_listens.saturating_add(counts.listens);
        }
        if listed.is_held() {
            self.last_held = Some((listed.rank.get(), listed.listens));
        }
        let before = self.now;
        self.now = before.and(&weight_of(listed));
        self.curve.push(&before, &self.now);
        is_kept(self.now.rank).then_some(self.now)
    }

    /// How many ISRCs are on one recording, on two, three, four, five and more: rows of the axis
    /// `isrc-recordings`, whose `recordings` are a count of ISRCs.
    pub(crate) fn set_isrc_sharing(&mut self, counts: [u64; 5]) {
        let places = self.axes.entry("isrc-recordings").or_default();
        for ((place, label), isrcs) in (1..).zip(ISRC_RECORDINGS).zip(counts) {
            let counts = Counts { recordings: isrcs, ..Counts::default() };
            places.entry(place).or_default().insert(label.to_owned(), counts);
        }
    }

    /// Every count, in a fixed order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&'static str, i64, &str, &Counts)> {
        self.axes.iter().flat_map(|(axis, places)| {
            places.iter().flat_map(|(place, labels)| {
                labels.iter().map(|(label, counts)| (*axis, *place, label.as_str(), counts))
            })
        })
    }

    /// The counts of one axis, in order of place and label.
    pub(crate) fn axis(&self, axis: &'static str) -> impl Iterator<Item = (i64, &str, &Counts)> {
        let places = self.axes.get(axis).into_iter().flatten();
        places.flat_map(|(place, labels)| {
            labels.iter().map(|(label, counts)| (*place, label.as_str(), counts))
        })
    }
}

fn weight_of(listed: &Listed) -> Weight {
    Weight {
        listens: listed.listens,
        duration_ms: listed.duration_ms,
        held_bytes: listed.is_held().then(|| listed.bytes.unwrap_or(0)),
    }
}

fn counts_of(listed: &Listed) -> Counts {
    Counts {
        recordings: 1,
        cleared: u64::from(listed.clearance.is_ok()),
        held: u64::from(listed.is_held()),
        bytes: if listed.is_held() { listed.bytes.unwrap_or(0) } else { 0 },
        listens: listed.listens.unwrap_or(0),
        duration_ms: listed.duration_ms.unwrap_or(0),
    }
}

/// Counts a recording wherever it counts: axis, place on it (-1 = not known), label.
fn count_places(axes: &mut Axes, listed: &Listed, counts: &Counts) {
    let tier = listed.tier.map(|tier| tier.to_string());
    let format = format!("{} {}", format_label(listed), tier.as_deref().unwrap_or("not-kept"));
    let licence = listed.licence.as_deref().unwrap_or("not known");
    let mut named = |axis, place, label: &str| {
        let labels = axes.entry(axis).or_default().entry(place).or_default();
        match labels.get_mut(label) {
            Some(sums) => sums.add(counts),
            None => labels.entry(label.to_owned()).or_default().add(counts),
        }
    };
    let is_tiered = if tier.is_some() { TIERED } else { 1 };
    named("tier", is_tiered, tier.as_deref().unwrap_or("not kept"));
    named("status", 0, listed.status.as_str());
    named("format", 0, &format);
    named("licence", 0, licence);
    named("script", 0, Script::of(&listed.title).as_str());
    let duration = listed.duration_ms.map(|ms| (ms / DURATION_STEP_MS).min(DURATION_BUCKETS));
    let popularity = listed.popularity.map(|popularity| popularity.get().into());
    let mut numbered = |axis, value: Option<u64>, label: fn(u64) -> String| {
        let place = value.map_or(-1, |value| value as i64);
        let labels = axes.entry(axis).or_default().entry(place).or_default();
        // A number has one label.
        match labels.values_mut().next() {
            Some(sums) => sums.add(counts),
            None => {
                let label = value.map_or_else(|| "not known".to_owned(), label);
                labels.insert(label, *counts);
            }
        }
    };
    numbered("year", listed.year().map(u64::from), |year| year.to_string());
    numbered("duration", duration, duration_label);
    numbered("popularity", popularity, |popularity| popularity.to_string());
}

fn duration_label(bucket: u64) -> String {
    let clock = |bucket: u64| format!("{}:{:02}", bucket / 2, bucket % 2 * 30);
    match bucket {
        DURATION_BUCKETS => "10:00 and more".to_owned(),
        _ => format!("{} to {}", clock(bucket), clock(bucket + 1)),
    }
}

/// `codec in container`, or the one word when both are the same.
fn format_label(listed: &Listed) -> String {
    match (listed.codec.as_deref(), listed.container.as_deref()) {
        (Some(codec), Some(container)) if codec == container => codec.to_owned(),
        (Some(codec), Some(container)) => format!("{codec} in {container}"),
        (Some(word), None) | (None, Some(word)) => word.to_owned(),
        (None, None) => "not known".to_owned(),
    }
}
