//! The pages of an edition, index.html, top.html and torrents.html: each a file that needs nothing else, so that it can be mailed,
//! mirrored and opened from a disk in twenty years. Askama escapes every text; plots are inline SVG with a table
//! beside.

mod covers;
mod figures;
mod plot;
mod plots;
mod top;
mod torrents;

pub(crate) use covers::ShownCover;
pub(crate) use top::Head;

use crate::write::Rollups;
use crate::{EditionError, EditionSummary, TorrentList};
use askama::Template;
use figures::{bytes, count, href, percent, span};
use plots::Plot;
use top::IndexRow;

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
    /// Packs of audio.
    has_audio: bool,
    packs: Vec<PackRow<'a>>,
    covers: &'a [ShownCover],
    covers_note: String,
    top: &'a [IndexRow],
    top_name: Option<String>,
    more: String,
}

/// The name and the HTML of every page.
pub(crate) fn pages(
    summary: &EditionSummary,
    torrents: &TorrentList,
    rollups: &Rollups,
    head: &Head,
    covers: &[ShownCover],
) -> Result<[(&'static str, String); 3], EditionError> {
    let index = index(summary, rollups, head, covers)?;
    let (top, torrents) = (top::render(summary, head)?, torrents::render(summary, torrents)?);
    Ok([("index.html", index), ("top.html", top), ("torrents.html", torrents)])
}

fn index(
    summary: &EditionSummary,
    rollups: &Rollups,
    head: &Head,
    covers: &[ShownCover],
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
        has_audio: !summary.packs.is_empty(),
        covers,
        covers_note: covers_note(summary, covers.len() as u64),
        packs: summary
            .all_packs()
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
        top: &head.index,
        top_name: head.top_name(),
        more: count(summary.recordings.saturating_sub(head.index.len() as u64)),
    };
    Ok(page.render()?)
}

/// How many covers there are beside those shown.
fn covers_note(summary: &EditionSummary, shown: u64) -> String {
    let artwork = &summary.artwork;
    let are = |number: u64, one: &str, many: &str, rest: &str| match number {
        0 => None,
        1 => Some(format!("1 {one} {rest}.")),
        more => Some(format!("{} {many} {rest}.", count(more))),
    };
    let more = artwork.out.saturating_sub(shown);
    let held_back = artwork.covers.saturating_sub(artwork.out);
    let notes = [
        are(more, "more is", "more are", "in the artwork packs"),
        are(held_back, "is", "are", "held back with recordings of the release"),
    ];
    notes.into_iter().flatten().collect::<Vec<_>>().join(" ")
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
