//! Which plots the page has, and what each says in words and in its table.

mod coverage;
mod named;

use super::figures::{clock, count, percent, span};
use super::plot::{ColumnMark, columns};
use crate::write::Rollups;
use crate::{Counts, EditionSummary};
use std::collections::BTreeMap;

/// The first year that sound was recorded in: what says an earlier one does not mean the recording.
const FIRST_YEAR: i64 = 1857;

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
        plots.extend([coverage::by_list(summary, rollups), coverage::by_bytes(summary, rollups)]);
        plots.push(popularity(rollups));
    }
    plots.extend([years(summary, rollups), durations(rollups), named::scripts(rollups)]);
    plots.extend([named::formats(rollups), named::rights(summary, rollups)]);
    plots
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
            clock(rollups.total.duration_ms / known),
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
            hint: format!("from {} min: {}", bucket as f64 / 2.0, count(value(bucket))),
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

fn years(summary: &EditionSummary, rollups: &Rollups) -> Plot {
    let rows: Vec<(i64, u64)> =
        rollups.axis("year").map(|(year, _, counts)| (year, counts.recordings)).collect();
    // A few mistaken dates must not squeeze a century of music into a corner.
    let last_year = summary.date.get(..4).and_then(|year| year.parse::<i64>().ok());
    let last_year = last_year.unwrap_or(i64::MAX - 1) + 1;
    let sum = |is_meant: &dyn Fn(i64) -> bool| -> u64 {
        rows.iter().filter(|row| is_meant(row.0)).map(|row| row.1).sum()
    };
    let undated = sum(&|year| year < 0);
    let earlier = sum(&|year| (0..FIRST_YEAR).contains(&year));
    let later = sum(&|year| year > last_year);
    let known: Vec<(i64, u64)> =
        rows.iter().filter(|row| (FIRST_YEAR..=last_year).contains(&row.0)).copied().collect();
    let mut lead = match (known.first(), known.last()) {
        (Some(first), Some(last)) if first.0 == last.0 => format!("All of {}", first.0),
        (Some(first), Some(last)) => format!("{} to {}", first.0, last.0),
        _ => "No recording has a year that it can be of".to_owned(),
    };
    if undated > 0 {
        let part = share_text(undated, rollups.total.recordings);
        lead.push_str(&format!("; {part} without a date"));
    }
    if earlier + later > 0 {
        lead.push_str(&format!("; {} with a mistaken one", count(earlier + later)));
    }
    lead.push('.');
    let (first, last) = (known.first().map_or(0, |row| row.0), known.last().map_or(0, |row| row.0));
    let step = [1, 2, 5, 10].into_iter().find(|step| last / step - first / step < YEAR_COLUMNS);
    let step = step.unwrap_or(20);
    let marks = year_columns(&known, first / step, last / step, step);
    let mut bins = BTreeMap::<i64, u64>::new();
    for (year, recordings) in &known {
        *bins.entry(year / step * step).or_default() += recordings;
    }
    let label = |year: i64| {
        if step == 1 { year.to_string() } else { format!("{year} to {}", year + step - 1) }
    };
    let bins = bins.into_iter().map(|(year, recordings)| (label(year), recordings));
    let others = [
        (format!("before {FIRST_YEAR}"), earlier),
        (format!("after {last_year}"), later),
        ("not known".to_owned(), undated),
    ];
    let others = others.into_iter().filter(|other| other.1 > 0);
    Plot {
        id: "years",
        heading: "Years",
        svg: (!known.is_empty()).then(|| columns("years", "Recordings by year", &lead, &marks)),
        lead,
        legend: Vec::new(),
        head: vec!["year", "recordings"],
        rows: bins.chain(others).map(|(label, number)| vec![label, count(number)]).collect(),
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
