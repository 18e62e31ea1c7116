//! Plots of what has names instead of places on a scale: scripts, formats, licences.

use super::{Plot, share_text};
use crate::report::figures::{bytes, count, percent};
use crate::report::plot::{BarMark, bars, short_bars};
use crate::write::Rollups;
use crate::{Counts, EditionSummary};
use std::collections::BTreeMap;

/// Bars of a plot; the rest is summed up in one more.
const BARS: usize = 7;

/// Most rows of a table.
const ROWS: usize = 1000;

pub(super) fn scripts(rollups: &Rollups) -> Plot {
    let mut scripts: Vec<(&str, u64)> =
        rollups.axis("script").map(|(_, label, counts)| (label, counts.recordings)).collect();
    scripts.sort_by_key(|script| std::cmp::Reverse(script.1));
    let all = rollups.total.recordings;
    let lead = match scripts.first() {
        Some((script, recordings)) => format!(
            "{} {}. Latin counts where a title has no other script.",
            share_text(*recordings, all),
            said(script)
        ),
        None => "The list is empty.".to_owned(),
    };
    let share = |recordings: u64| percent(recordings as f64 / all.max(1) as f64);
    let marks: Vec<BarMark> = scripts
        .iter()
        .map(|(script, recordings)| BarMark {
            label: said(script).to_owned(),
            note: format!("{} · {}", count(*recordings), share(*recordings)),
            parts: vec![("m1", *recordings, format!("{script}: {}", count(*recordings)))],
        })
        .collect();
    Plot {
        id: "scripts",
        heading: "Scripts of titles",
        svg: (!marks.is_empty())
            .then(|| short_bars("scripts", "Recordings by script of the title", &lead, &marks)),
        lead,
        legend: Vec::new(),
        head: vec!["script", "recordings", "of the list"],
        rows: scripts
            .iter()
            .map(|(script, recordings)| {
                vec![said(script).to_owned(), count(*recordings), share(*recordings)]
            })
            .collect(),
    }
}

/// Whether there is more to see than that nobody knows.
fn says_something(marks: &[BarMark]) -> bool {
    !marks.is_empty() && !matches!(marks, [mark] if mark.label == "not known")
}

/// The roll-up's label as the page says it.
fn said(script: &str) -> &str {
    match script {
        "other" => "other scripts",
        "none" => "no letters",
        script => script,
    }
}

pub(super) fn formats(rollups: &Rollups) -> Plot {
    let all = rollups.total.recordings;
    const WAYS: [(&str, &str); 3] = [("m1", "keep"), ("m2", "re-encoded"), ("m3", "not kept")];
    let mut formats = BTreeMap::<&str, [Counts; 3]>::new();
    let mut by_tier = BTreeMap::<(&str, usize, &str), Counts>::new();
    for (_, label, counts) in rollups.axis("format") {
        let (format, tier) = label.rsplit_once(' ').unwrap_or((label, ""));
        let (way, tier) = match tier {
            "keep" => (0, "keep"),
            "not-kept" => (2, "not kept"),
            tier => (1, tier),
        };
        formats.entry(format).or_default()[way].add(counts);
        by_tier.entry((format, way, tier)).or_default().add(counts);
    }
    let sum = |tiers: &[Counts; 3]| tiers.iter().map(|counts| counts.recordings).sum::<u64>();
    let mut formats: Vec<(&str, [Counts; 3])> = formats.into_iter().collect();
    formats.sort_by_key(|(_, tiers)| std::cmp::Reverse(sum(tiers)));
    let lead = match formats.first() {
        Some(("not known", _)) if formats.len() == 1 => {
            "No recording has a known format.".to_owned()
        }
        Some(("not known", tiers)) => {
            format!("{} of a format that is not known.", share_text(sum(tiers), all))
        }
        Some((format, tiers)) => format!("{} {format}.", share_text(sum(tiers), all)),
        None => "The list is empty.".to_owned(),
    };
    let rows = formats
        .iter()
        .flat_map(|&(format, _)| by_tier.range((format, 0, "")..=(format, WAYS.len(), "")))
        .map(|((format, _, tier), counts)| {
            let numbers = [count(counts.recordings), bytes(counts.bytes)];
            [(*format).to_owned(), (*tier).to_owned()].into_iter().chain(numbers).collect()
        })
        .collect();
    let mark = |label: String, tiers: &[Counts; 3]| BarMark {
        note: format!(
            "{} · {}",
            count(sum(tiers)),
            bytes(tiers.iter().map(|counts| counts.bytes).sum())
        ),
        parts: WAYS
            .iter()
            .zip(tiers)
            .map(|((mark, way), counts)| {
                (*mark, counts.recordings, format!("{way}: {}", count(counts.recordings)))
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
        svg: says_something(&marks)
            .then(|| bars("formats", "Recordings by format and tier", &lead, &marks)),
        lead,
        legend: WAYS.to_vec(),
        head: vec!["format", "tier", "recordings", "bytes"],
        rows,
    }
}

pub(super) fn rights(summary: &EditionSummary, rollups: &Rollups) -> Plot {
    let mut licences: Vec<(&str, Counts)> =
        rollups.axis("licence").map(|(_, label, counts)| (label, *counts)).collect();
    licences.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.recordings));
    let mut lead = match summary.cleared {
        0 => "None may leave the archive".to_owned(),
        cleared => format!("{} may leave the archive", share_text(cleared, summary.recordings)),
    };
    if summary.held_back > 0 {
        lead.push_str("; what may not is listed, and is in no pack");
    }
    lead.push('.');
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
        svg: says_something(&marks).then(|| bars("rights", "Recordings by licence", &lead, &marks)),
        lead,
        legend: vec![("m1", "cleared"), ("m3", "held back")],
        head: vec!["licence", "cleared", "held back"],
        rows: licences
            .iter()
            .take(ROWS)
            .map(|(label, counts)| {
                let held_back = counts.recordings - counts.cleared;
                vec![(*label).to_owned(), count(counts.cleared), count(held_back)]
            })
            .collect(),
    }
}
