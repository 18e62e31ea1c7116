//! Which plots the page has, and what each says in words and in its table.

use super::figures::{bytes, count, percent, span};
use super::plot::{BarMark, ColumnMark, bars, columns, curve};
use crate::write::Rollups;
use crate::{Counts, EditionSummary};
use std::collections::BTreeMap;

/// Bars of a plot; the rest is summed up in one more.
const BARS: usize = 7;

/// Most columns of the plot of years.
const YEAR_COLUMNS: i64 = 48;

/// A card of the page.
pub(super) struct Plot {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    /// One sentence.
    pub(super) lead: String,
    /// Trusted markup: every text in it went through `escape`. `None` when there is nothing to draw.
    pub(super) svg: Option<String>,
    /// CSS class and words of the legend.
    pub(super) legend: Vec<(&'static str, &'static str)>,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

pub(super) fn of(summary: &EditionSummary, rollups: &Rollups) -> Vec<Plot> {
    let mut plots = Vec::new();
    if summary.listens.total.is_some_and(|total| total > 0) {
        plots.push(coverage(summary, rollups));
        plots.push(popularity(rollups));
    }
    plots.extend([durations(rollups), years(rollups), formats(rollups), rights(summary, rollups)]);
    plots
}

fn coverage(summary: &EditionSummary, rollups: &Rollups) -> Plot {
    let list = f64::from(rollups.now.rank.max(1));
    let total = rollups.total.listens.max(1) as f64;
    let mut ends: Vec<_> = rollups.curve.clone();
    ends.push(rollups.now);
    let points: Vec<(f64, f64)> = ends
        .iter()
        .map(|point| (f64::from(point.rank) / list, point.listens as f64 / total))
        .collect();
    let at = |share: f64| {
        let reached = points.iter().find(|point| point.0 >= share).copied();
        reached.unwrap_or((1.0, 1.0))
    };
    let half = points.iter().find(|point| point.1 >= 0.5).map_or(1.0, |point| point.0);
    let tenth = at(0.1);
    let lead = format!(
        "The first {} of the list has half of all listens; the first {} has {}.",
        percent(half),
        percent(tenth.0),
        percent(tenth.1)
    );
    let mut marks = Vec::new();
    if let Some(rank) = summary.last_held_rank.filter(|rank| *rank < rollups.now.rank) {
        let (x, y) = at(f64::from(rank) / list);
        marks.push((x, y, format!("kept to rank {}", count(rank.into()))));
    }
    let step = points.len().div_ceil(20).max(1);
    let rows = ends
        .iter()
        .enumerate()
        .filter(|(index, _)| (index + 1) % step == 0 || index + 1 == ends.len())
        .map(|(_, point)| {
            vec![
                count(point.rank.into()),
                percent(f64::from(point.rank) / list),
                percent(point.listens as f64 / total),
                count(point.held),
                bytes(point.held_bytes),
            ]
        })
        .collect();
    Plot {
        id: "coverage",
        heading: "Coverage",
        svg: Some(curve("coverage", "Coverage", &lead, &points, &marks)),
        lead,
        legend: Vec::new(),
        head: vec!["to rank", "of the list", "of all listens", "held", "bytes held"],
        rows,
    }
}

fn popularity(rollups: &Rollups) -> Plot {
    let mut bins = BTreeMap::<i64, Counts>::new();
    for (place, _, counts) in rollups.axis("popularity") {
        let bin = if place <= 0 { place } else { (place - 1) / 10 + 1 };
        bins.entry(bin).or_default().add(counts);
    }
    let label = |bin: i64| match bin {
        -1 => "not counted".to_owned(),
        0 => "0".to_owned(),
        bin => format!("{} to {}", bin * 10 - 9, bin * 10),
    };
    let zero = bins.get(&0).map_or(0, |counts| counts.recordings);
    let lead = format!(
        "0 to 100, each step the same factor of listens. {} lie below the threshold of the scale.",
        share_text(zero, rollups.total.recordings)
    );
    let bins: Vec<(i64, Counts)> =
        (-1..=10).map(|bin| (bin, bins.get(&bin).copied().unwrap_or_default())).collect();
    let shown = bins.iter().filter(|(bin, counts)| *bin >= 0 || counts.recordings > 0);
    let marks: Vec<ColumnMark> = shown
        .clone()
        .map(|(bin, counts)| ColumnMark {
            tick: match bin {
                -1 => "?".to_owned(),
                0 => "0".to_owned(),
                bin => format!("{}", bin * 10),
            },
            hint: format!("{}: {}", label(*bin), count(counts.recordings)),
            value: counts.recordings,
            aside: *bin < 0,
        })
        .collect();
    Plot {
        id: "popularity",
        heading: "Popularity",
        svg: Some(columns("popularity", "Recordings by popularity", &lead, &marks)),
        lead,
        legend: Vec::new(),
        head: vec!["popularity", "recordings", "listens"],
        rows: shown
            .map(|(bin, counts)| vec![label(*bin), count(counts.recordings), count(counts.listens)])
            .collect(),
    }
}

fn durations(rollups: &Rollups) -> Plot {
    let rows: Vec<(i64, &str, &Counts)> = rollups.axis("duration").collect();
    let known: u64 = rows.iter().filter(|row| row.0 >= 0).map(|row| row.2.recordings).sum();
    let unknown = rollups.total.recordings - known;
    let lead = match known {
        0 => "No recording has a known duration.".to_owned(),
        _ => format!(
            "{} in all, {} on average{}.",
            span(rollups.total.duration_ms),
            super::figures::clock(rollups.total.duration_ms / known),
            if unknown > 0 {
                format!("; {} without a known duration", count(unknown))
            } else {
                String::new()
            }
        ),
    };
    let value =
        |bucket: i64| rows.iter().find(|row| row.0 == bucket).map_or(0, |row| row.2.recordings);
    let marks: Vec<ColumnMark> = (0..=20)
        .map(|bucket| ColumnMark {
            tick: match bucket {
                20 => "10+".to_owned(),
                bucket if bucket % 4 == 0 => format!("{}", bucket / 2),
                _ => String::new(),
            },
            hint: format!("{} min: {}", bucket as f64 / 2.0, count(value(bucket))),
            value: value(bucket),
            aside: false,
        })
        .collect();
    Plot {
        id: "durations",
        heading: "Durations in minutes",
        svg: (known > 0).then(|| columns("durations", "Recordings by duration", &lead, &marks)),
        lead,
        legend: Vec::new(),
        head: vec!["minutes", "recordings"],
        rows: rows.iter().map(|row| vec![row.1.to_owned(), count(row.2.recordings)]).collect(),
    }
}

fn years(rollups: &Rollups) -> Plot {
    let rows: Vec<(i64, &str, &Counts)> = rollups.axis("year").collect();
    let known: Vec<(i64, u64)> =
        rows.iter().filter(|row| row.0 >= 0).map(|row| (row.0, row.2.recordings)).collect();
    let dated: u64 = known.iter().map(|year| year.1).sum();
    let undated = rollups.total.recordings - dated;
    let (lead, svg, step) = match (known.first(), known.last()) {
        (Some((first, _)), Some((last, _))) => {
            let step = [1, 2, 5, 10, 20, 50, 100, 200, 500]
                .into_iter()
                .find(|step| last / step - first / step < YEAR_COLUMNS)
                .unwrap_or(500);
            let lead = format!(
                "{}{}.",
                if first == last {
                    format!("All of {first}")
                } else {
                    format!("{first} to {last}")
                },
                if undated > 0 {
                    format!("; {} without a date", share_text(undated, rollups.total.recordings))
                } else {
                    String::new()
                }
            );
            let marks = year_columns(&known, first / step, last / step, step);
            let svg = columns("years", "Recordings by year of their first release", &lead, &marks);
            (lead, Some(svg), step)
        }
        _ => ("No recording is on a release with a date.".to_owned(), None, 1),
    };
    let mut bins = BTreeMap::<i64, u64>::new();
    for (year, recordings) in &known {
        *bins.entry(year / step * step).or_default() += recordings;
    }
    let label = |year: i64| {
        if step == 1 { year.to_string() } else { format!("{year} to {}", year + step - 1) }
    };
    let mut table: Vec<Vec<String>> =
        bins.into_iter().map(|(year, recordings)| vec![label(year), count(recordings)]).collect();
    if undated > 0 {
        table.push(vec!["not known".to_owned(), count(undated)]);
    }
    Plot {
        id: "years",
        heading: "Years",
        lead,
        svg,
        legend: Vec::new(),
        head: vec!["year", "recordings"],
        rows: table,
    }
}

fn year_columns(known: &[(i64, u64)], first: i64, last: i64, step: i64) -> Vec<ColumnMark> {
    // A label about every sixth of the width, on years that are easy to count from.
    let columns = last - first + 1;
    let every = [1, 2, 5, 10, 20, 50].into_iter().find(|every| columns / every <= 6).unwrap_or(50);
    (first..=last)
        .map(|bin| {
            let value = known.iter().filter(|year| year.0 / step == bin).map(|year| year.1).sum();
            let year = bin * step;
            ColumnMark {
                tick: if bin % every == 0 { year.to_string() } else { String::new() },
                hint: format!("{year}: {}", count(value)),
                value,
                aside: false,
            }
        })
        .collect()
}

fn formats(rollups: &Rollups) -> Plot {
    const TIERS: [(&str, &str); 3] = [("keep", "m1"), ("opus-75", "m2"), ("not-kept", "m3")];
    let mut formats = BTreeMap::<&str, [Counts; 3]>::new();
    for (_, label, counts) in rollups.axis("format") {
        let (format, tier) = label.rsplit_once(' ').unwrap_or((label, ""));
        let tier = TIERS.iter().position(|known| known.0 == tier).unwrap_or(2);
        formats.entry(format).or_default()[tier].add(counts);
    }
    let sum = |tiers: &[Counts; 3]| tiers.iter().map(|counts| counts.recordings).sum::<u64>();
    let mut formats: Vec<(&str, [Counts; 3])> = formats.into_iter().collect();
    formats.sort_by_key(|(_, tiers)| std::cmp::Reverse(sum(tiers)));
    let lead = match formats.first() {
        Some((format, tiers)) => {
            format!("{} {format}.", share_text(sum(tiers), rollups.total.recordings))
        }
        None => "The list is empty.".to_owned(),
    };
    let rows = formats
        .iter()
        .flat_map(|(format, tiers)| {
            TIERS.iter().zip(tiers).filter(|(_, counts)| counts.recordings > 0).map(
                |(tier, counts)| {
                    let words = vec![
                        (*format).to_owned(),
                        tier.0.replace('-', " ").replace("opus 75", "opus-75"),
                    ];
                    [words, vec![count(counts.recordings), bytes(counts.bytes)]].concat()
                },
            )
        })
        .collect();
    let mark = |label: String, tiers: &[Counts; 3]| BarMark {
        note: format!(
            "{} · {}",
            count(sum(tiers)),
            bytes(tiers.iter().map(|counts| counts.bytes).sum())
        ),
        parts: TIERS
            .iter()
            .zip(tiers)
            .map(|(tier, counts)| {
                (tier.1, counts.recordings, format!("{}: {}", tier.0, count(counts.recordings)))
            })
            .collect(),
        label,
    };
    let mut marks: Vec<BarMark> = formats
        .iter()
        .take(BARS)
        .map(|(format, tiers)| mark((*format).to_owned(), tiers))
        .collect();
    if formats.len() > BARS {
        let mut rest = [Counts::default(); 3];
        formats[BARS..].iter().for_each(|(_, tiers)| {
            rest.iter_mut().zip(tiers).for_each(|(rest, counts)| rest.add(counts));
        });
        marks.push(mark(format!("{} more", formats.len() - BARS), &rest));
    }
    Plot {
        id: "formats",
        heading: "Formats",
        svg: (!marks.is_empty())
            .then(|| bars("formats", "Recordings by format and tier", &lead, &marks)),
        lead,
        legend: vec![("m1", "keep"), ("m2", "opus-75"), ("m3", "not kept")],
        head: vec!["format", "tier", "recordings", "bytes"],
        rows,
    }
}

fn rights(summary: &EditionSummary, rollups: &Rollups) -> Plot {
    let mut licences: Vec<(&str, Counts)> =
        rollups.axis("licence").map(|(_, label, counts)| (label, *counts)).collect();
    licences.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.recordings));
    let lead = format!(
        "{} may leave the archive. The others are kept and listed, and are in no pack.",
        share_text(summary.cleared, summary.recordings)
    );
    let mark = |label: String, counts: &Counts| BarMark {
        label,
        note: count(counts.recordings),
        parts: vec![
            ("m1", counts.cleared, format!("cleared: {}", count(counts.cleared))),
            (
                "m3",
                counts.recordings - counts.cleared,
                format!("held back: {}", count(counts.recordings - counts.cleared)),
            ),
        ],
    };
    let mut marks: Vec<BarMark> = licences
        .iter()
        .take(BARS)
        .map(|(label, counts)| mark((*label).to_owned(), counts))
        .collect();
    if licences.len() > BARS {
        let mut rest = Counts::default();
        licences[BARS..].iter().for_each(|(_, counts)| rest.add(counts));
        marks.push(mark(format!("{} more", licences.len() - BARS), &rest));
    }
    Plot {
        id: "rights",
        heading: "Rights",
        svg: (!marks.is_empty()).then(|| bars("rights", "Recordings by licence", &lead, &marks)),
        lead,
        legend: vec![("m1", "cleared"), ("m3", "held back")],
        head: vec!["licence", "cleared", "held back"],
        rows: licences
            .iter()
            .take(1000)
            .map(|(label, counts)| {
                let held_back = counts.recordings - counts.cleared;
                vec![(*label).to_owned(), count(counts.cleared), count(held_back)]
            })
            .collect(),
    }
}

/// `17 of 41 (41.4 %)`; without the share where it says nothing.
fn share_text(part: u64, whole: u64) -> String {
    match (part, whole) {
        (_, 0) => "0".to_owned(),
        (part, whole) if part == whole => format!("All {}", count(whole)),
        (0, whole) => format!("None of {}", count(whole)),
        _ => {
            format!("{} of {} ({})", count(part), count(whole), percent(part as f64 / whole as f64))
        }
    }
}
