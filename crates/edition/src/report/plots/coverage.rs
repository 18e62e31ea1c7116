//! Coverage drawn twice: what share of all listens a part of the list has, and what it takes on a disk.

use super::Plot;
use crate::EditionSummary;
use crate::report::figures::{bytes, count, percent, span};
use crate::report::plot::{CurveMark, Scale, curve};
use crate::write::{CoveragePoint, Rollups};

/// A list from this length on is drawn with each step to the right ten times as much: else all listens would be in
/// the first pixel.
const LONG_LIST: u32 = 1000;

pub(super) fn by_list(summary: &EditionSummary, rollups: &Rollups) -> Plot {
    let list = f64::from(rollups.now.rank.max(1));
    let of_list = |point: &CoveragePoint| f64::from(point.rank) / list;
    let half = first_with(rollups, 0.5);
    let tenth = at_rank(rollups, rollups.now.rank.div_ceil(10));
    let lead = format!(
        "{} ({} of the list) {} half of all listens; the first {} {} {}.",
        match half.rank {
            1 => "The first recording".to_owned(),
            rank => format!("The first {} recordings", count(rank.into())),
        },
        percent(of_list(&half)),
        if half.rank == 1 { "has" } else { "have" },
        percent(of_list(&tenth)),
        "has",
        percent(share(rollups, &tenth)),
    );
    let scale = match rollups.now.rank {
        ..LONG_LIST => Scale::linear(1.0, percent),
        _ => Scale::log(1.0 / list, 1.0, percent),
    };
    let rows = rollups.curve.at_ranks.iter().filter(|point| point.rank < rollups.now.rank);
    Plot {
        id: "coverage",
        heading: "Coverage by share of the list",
        svg: Some(curve(
            "coverage",
            "Share of all listens by share of the list",
            &lead,
            &scale.called("of the list, most listened first"),
            &points(rollups, of_list),
            &marks(summary, rollups, of_list, |point| format!("rank {}", count(point.rank.into()))),
        )),
        lead,
        legend: Vec::new(),
        head: vec!["to rank", "of the list", "of all listens", "held"],
        rows: rows
            .chain([&rollups.now])
            .map(|point| {
                vec![
                    count(point.rank.into()),
                    percent(of_list(point)),
                    percent(share(rollups, point)),
                    count(point.held),
                ]
            })
            .collect(),
    }
}

pub(super) fn by_bytes(summary: &EditionSummary, rollups: &Rollups) -> Plot {
    let now = &rollups.now;
    let unheld = u64::from(now.rank) - now.held;
    let mut lead = match now.is_measured() {
        true => format!(
            "Half of all listens take {}, 90 % {}, all {}.",
            bytes(first_with(rollups, 0.5).bytes()),
            bytes(first_with(rollups, 0.9).bytes()),
            bytes(now.bytes())
        ),
        false => {
            "No recording is held or of known duration, so nothing says what it takes.".to_owned()
        }
    };
    if now.is_measured() && unheld > now.unmeasured {
        let what = if now.held == 0 { "Estimated" } else { "What is not held is estimated" };
        lead.push_str(&format!(" {what} by duration at 75 kbit/s, as in the tier opus-75."));
    }
    if now.is_measured() && now.unmeasured > 0 {
        lead.push_str(&format!(" {} of unknown duration are left out.", count(now.unmeasured)));
    }
    let first = rollups.curve.points.iter().map(CoveragePoint::bytes).find(|bytes| *bytes > 0);
    let (first, last) = (first.unwrap_or(1) as f64, now.bytes().max(1) as f64);
    let label = |value: f64| bytes(value as u64);
    let scale = match last / first < f64::from(LONG_LIST) {
        true => Scale::linear(last, label),
        false => Scale::log(first, last, label),
    };
    let of_disk = |point: &CoveragePoint| point.bytes() as f64;
    let rows = rollups.curve.at_bytes.iter().filter(|(_, point)| point.rank > 0);
    let row = |bytes_said: String, point: &CoveragePoint| {
        vec![
            bytes_said,
            count(point.rank.into()),
            percent(share(rollups, point)),
            span(point.duration_ms),
        ]
    };
    Plot {
        id: "coverage-bytes",
        heading: "Coverage by bytes",
        svg: now.is_measured().then(|| {
            curve(
                "coverage-bytes",
                "Share of all listens by bytes",
                &lead,
                &scale.called("on a disk, most listened first"),
                &points(rollups, of_disk),
                &marks(summary, rollups, of_disk, |point| bytes(point.bytes())),
            )
        }),
        lead,
        legend: Vec::new(),
        head: vec!["in", "to rank", "of all listens", "playing time"],
        rows: match now.is_measured() {
            true => rows
                .map(|(limit, point)| row(bytes(*limit), point))
                .chain([row(bytes(now.bytes()), now)])
                .collect(),
            false => Vec::new(),
        },
    }
}

fn share(rollups: &Rollups, point: &CoveragePoint) -> f64 {
    point.listens as f64 / rollups.total.listens.max(1) as f64
}

/// The first kept point that has this share of all listens.
fn first_with(rollups: &Rollups, wanted: f64) -> CoveragePoint {
    let points = &rollups.curve.points;
    let place = points.partition_point(|point| share(rollups, point) < wanted);
    points.get(place).copied().unwrap_or(rollups.now)
}

/// The first kept point that reaches this rank.
fn at_rank(rollups: &Rollups, rank: u32) -> CoveragePoint {
    let points = &rollups.curve.points;
    let place = points.partition_point(|point| point.rank < rank);
    points.get(place).copied().unwrap_or(rollups.now)
}

fn points(rollups: &Rollups, x: impl Fn(&CoveragePoint) -> f64) -> Vec<(f64, f64)> {
    let points = rollups.curve.points.iter().chain([&rollups.now]);
    points.map(|point| (x(point), share(rollups, point))).collect()
}

/// Where half of all listens are, and where what is held ends.
fn marks(
    summary: &EditionSummary,
    rollups: &Rollups,
    x: impl Fn(&CoveragePoint) -> f64,
    half: impl Fn(&CoveragePoint) -> String,
) -> Vec<CurveMark> {
    let mark = |point: &CoveragePoint, label: String| CurveMark {
        x: x(point),
        y: share(rollups, point),
        label,
    };
    let middle = first_with(rollups, 0.5);
    let mut marks = vec![mark(&middle, format!("half: {}", half(&middle)))];
    if let Some(rank) = summary.last_held_rank.filter(|rank| *rank < rollups.now.rank) {
        let held = at_rank(rollups, rank);
        // Else the two labels would lie on each other.
        if (share(rollups, &held) - 0.5).abs() < 0.15 {
            marks.clear();
        }
        marks.push(mark(&held, format!("held to rank {}", count(rank.into()))));
    }
    marks
}
