//! The report page, index.html: one file that needs nothing else, so that it can be mailed, mirrored and opened
//! from a disk in twenty years. Askama escapes every text; plots are inline SVG with a table beside.

mod figures;
mod plot;
mod plots;

use crate::write::Rollups;
use crate::{EditionError, EditionSummary, Listed};
use askama::Template;
use figures::{bytes, clock, count, href, percent, span};
use plots::Plot;

/// A row of the head of the list.
pub(crate) struct TopRow {
    rank: u32,
    title: String,
    artist: String,
    release: String,
    duration: String,
    tier: String,
    licence: String,
    cleared: bool,
}

impl TopRow {
    pub(crate) fn of(listed: &Listed, credit_text: &str) -> TopRow {
        let release = |track: &crate::ListedTrack| match track.year() {
            Some(year) => format!("{} ({year})", track.release_title),
            None => track.release_title.clone(),
        };
        let or_dash = |text: &str| {
            if text.is_empty() { "–".to_owned() } else { text.to_owned() }
        };
        TopRow {
            rank: listed.rank.get(),
            title: if listed.title.is_empty() {
                "Untitled".to_owned()
            } else {
                listed.title.clone()
            },
            artist: or_dash(credit_text),
            release: or_dash(&listed.tracks.first().map(release).unwrap_or_default()),
            duration: listed.duration_ms.map_or("–".to_owned(), clock),
            tier: listed.tier.map_or("not kept", |tier| tier.as_str()).to_owned(),
            licence: listed.licence.clone().unwrap_or_else(|| "not known".to_owned()),
            cleared: listed.clearance.is_ok(),
        }
    }
}

/// One of the large numbers.
struct Figure {
    value: String,
    label: String,
    note: String,
}

/// A pack as the page lists it.
struct PackRow<'a> {
    name: &'a str,
    files: String,
    bytes: String,
    torrent: String,
    magnet: &'a str,
    infohash_v1: &'a str,
    infohash_v2: &'a str,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    summary: &'a EditionSummary,
    recordings: String,
    out_bytes: String,
    out_files: String,
    figures: Vec<Figure>,
    plots: Vec<Plot>,
    uncounted: bool,
    packs: Vec<PackRow<'a>>,
    top: &'a [TopRow],
    more: String,
}

/// The page's HTML.
pub(crate) fn render(
    summary: &EditionSummary,
    rollups: &Rollups,
    top: &[TopRow],
) -> Result<String, EditionError> {
    let out_files = summary.packs.iter().map(|pack| pack.files).sum();
    let page = Page {
        summary,
        recordings: count(summary.recordings),
        out_bytes: bytes(summary.packs.iter().map(|pack| pack.bytes).sum()),
        out_files: count(out_files),
        figures: figures_of(summary, out_files),
        plots: plots::of(summary, rollups),
        uncounted: summary.listens.total.is_none(),
        packs: summary
            .packs
            .iter()
            .map(|pack| PackRow {
                name: &pack.name,
                files: count(pack.files),
                bytes: bytes(pack.bytes),
                torrent: href(&pack.torrent),
                magnet: &pack.magnet,
                infohash_v1: &pack.infohash_v1,
                infohash_v2: &pack.infohash_v2,
            })
            .collect(),
        top,
        more: count(summary.recordings.saturating_sub(top.len() as u64)),
    };
    Ok(page.render()?)
}

fn figures_of(summary: &EditionSummary, out_files: u64) -> Vec<Figure> {
    let figure =
        |value: String, label: &str, note: String| Figure { value, label: label.to_owned(), note };
    let named = |number: u64, one: &str, many: &str| {
        format!("{} {}", count(number), if number == 1 { one } else { many })
    };
    let mut figures = vec![
        figure(
            count(summary.recordings),
            "recordings",
            format!(
                "{} by {}",
                named(summary.releases, "release", "releases"),
                named(summary.artists, "artist", "artists")
            ),
        ),
        figure(span(summary.duration_ms), "of music", "end to end".to_owned()),
        figure(
            bytes(summary.held.bytes),
            "kept",
            format!(
                "{} of {} held",
                count(summary.held.count),
                named(summary.recordings, "recording", "recordings")
            ),
        ),
        figure(
            count(summary.cleared),
            "cleared to publish",
            format!("{} held back, {} in packs", count(summary.held_back), count(out_files)),
        ),
    ];
    if let (Some(held), Some(total)) = (summary.coverage.held, summary.listens.total) {
        let note = format!("of {} is held", named(total, "listen", "listens"));
        figures.push(figure(percent(held), "coverage", note));
    }
    figures
}
