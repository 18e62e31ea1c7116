//! Counts and running sums made while the list goes by, so that no question about the whole needs a
//! scan of it.

use crate::schema::COVERAGE_STRIDE;
use crate::{Counts, Listed};
use std::collections::BTreeMap;

/// Most points of the curve that the report draws.
const CURVE_POINTS: usize = 1024;

/// Width of a duration bucket; the last one, from ten minutes on, is open.
const DURATION_STEP_MS: u64 = 30_000;
const DURATION_BUCKETS: u64 = 20;

/// Running sums up to and with a rank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CoveragePoint {
    pub(crate) rank: u32,
    pub(crate) listens: u64,
    pub(crate) held: u64,
    pub(crate) held_listens: u64,
    pub(crate) held_bytes: u64,
}

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
    /// Evenly spaced points, at most [`CURVE_POINTS`].
    pub(crate) curve: Vec<CoveragePoint>,
    curve_stride: u32,
    axes: Axes,
}

/// Counts by axis, place on it and label. Nested, so that counting a recording looks up by borrowed texts.
type Axes = BTreeMap<&'static str, BTreeMap<i64, BTreeMap<String, Counts>>>;

impl Rollups {
    /// How many ISRCs are on 1, 2, 3, 4 and on more recordings.
    pub(crate) fn set_isrc_sharing(&mut self, counts: [u64; 5]) {
        let labels = ["1", "2", "3", "4", "5 and more"];
        let axis = self.axes.entry("isrc-recordings").or_default();
        for (place, (label, recordings)) in (1..).zip(labels.into_iter().zip(counts)) {
            let counts = Counts { recordings, ..Counts::default() };
            axis.entry(place).or_default().insert(label.to_owned(), counts);
        }
    }

    /// Counts a recording. Gives the running sums when they are due for the catalogue.
    pub(crate) fn push(&mut self, listed: &Listed, packed: bool) -> Option<CoveragePoint> {
        let counts = counts_of(listed);
        self.total.add(&counts);
        self.counted += u64::from(listed.listens.is_some());
        count_places(&mut self.axes, listed, &counts);
        if packed {
            self.out_listens = self.out_listens.saturating_add(counts.listens);
        }
        self.now.rank = listed.rank.get();
        self.now.listens = self.total.listens;
        if listed.is_held() {
            self.now.held += 1;
            self.now.held_listens = self.now.held_listens.saturating_add(counts.listens);
            self.now.held_bytes = self.total.bytes;
            self.last_held = Some((listed.rank.get(), listed.listens));
        }
        self.push_curve();
        self.now.rank.is_multiple_of(COVERAGE_STRIDE).then_some(self.now)
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
        self.rows()
            .filter(move |row| row.0 == axis)
            .map(|(_, place, label, counts)| (place, label, counts))
    }

    fn push_curve(&mut self) {
        self.curve_stride = self.curve_stride.max(1);
        if !self.now.rank.is_multiple_of(self.curve_stride) {
            return;
        }
        if self.curve.len() == CURVE_POINTS {
            let mut index = 0;
            self.curve.retain(|_| {
                index += 1;
                index % 2 == 0
            });
            self.curve_stride *= 2;
            if !self.now.rank.is_multiple_of(self.curve_stride) {
                return;
            }
        }
        self.curve.push(self.now);
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
    let tier = listed.tier.map_or("not kept", |tier| tier.as_str());
    let format = format!("{} {}", format_label(listed), tier.replace(' ', "-"));
    let licence = listed.licence.as_deref().unwrap_or("not known");
    let mut named = |axis, place, label: &str| {
        let labels = axes.entry(axis).or_default().entry(place).or_default();
        match labels.get_mut(label) {
            Some(sums) => sums.add(counts),
            None => labels.entry(label.to_owned()).or_default().add(counts),
        }
    };
    named("tier", i64::from(listed.tier.is_none()), tier);
    named("status", 0, listed.status.as_str());
    named("format", 0, &format);
    named("licence", 0, licence);
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
