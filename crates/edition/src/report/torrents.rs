//! torrents.html: the list of packs for people who want to carry some, with what each is worth.

use super::figures::{bytes, count, href, percent};
use crate::{EditionError, EditionSummary, PackStage, TorrentEntry, TorrentList};
use askama::Template;

/// The packs of a stage, in the order of their ranks.
struct StagePacks<'a> {
    heading: &'static str,
    lead: &'static str,
    /// Whether listens say what the packs are worth.
    counted: bool,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    /// What a link jumps to it by.
    id: String,
    ranks: String,
    files: String,
    bytes: String,
    /// Bytes of this and all packs before it.
    bytes_so_far: String,
    coverage: String,
    /// The share of listens of this and all packs before it.
    coverage_so_far: String,
    torrent: String,
    twin: Option<String>,
    magnet: &'a str,
    infohash_v1: &'a str,
    infohash_v2: &'a str,
    twin_infohash: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "torrents.html")]
struct Page<'a> {
    summary: &'a EditionSummary,
    packs: String,
    files: String,
    bytes: String,
    has_twins: bool,
    stages: Vec<StagePacks<'a>>,
}

/// The HTML of torrents.html.
pub(super) fn render(
    summary: &EditionSummary,
    torrents: &TorrentList,
) -> Result<String, EditionError> {
    let sum = |of: fn(&TorrentEntry) -> u64| torrents.packs.iter().map(of).sum::<u64>();
    let page = Page {
        summary,
        packs: match torrents.packs.len() {
            1 => "1 pack".to_owned(),
            more => format!("{} packs", count(more as u64)),
        },
        files: count(sum(|pack| pack.files)),
        bytes: bytes(sum(|pack| pack.bytes)),
        has_twins: torrents.packs.iter().any(|pack| pack.v1_twin.is_some()),
        stages: [PackStage::Audio, PackStage::Artwork, PackStage::Patches]
            .into_iter()
            .map(|stage| stage_packs(stage, torrents))
            .filter(|stage| !stage.rows.is_empty())
            .collect(),
    };
    Ok(page.render()?)
}

fn stage_packs(stage: PackStage, torrents: &TorrentList) -> StagePacks<'_> {
    let (heading, lead) = match stage {
        PackStage::Audio => (
            "Audio",
            "The recordings, most listened first: the packs at the top are what most people ask for.",
        ),
        PackStage::Artwork => ("Artwork", "Covers with their thumbnails."),
        PackStage::Patches => {
            ("Patches", "What gives the originals back from the files above, bit for bit.")
        }
    };
    let packs: Vec<&TorrentEntry> =
        torrents.packs.iter().filter(|pack| pack.stage == stage).collect();
    let sums: Vec<(u64, f64)> = packs
        .iter()
        .scan((0, 0.0), |so_far, pack| {
            so_far.0 += pack.bytes;
            so_far.1 += pack.coverage.unwrap_or(0.0);
            Some(*so_far)
        })
        .collect();
    StagePacks {
        heading,
        lead,
        counted: packs.iter().any(|pack| pack.coverage.is_some()),
        rows: packs.into_iter().zip(sums).map(|(pack, sums)| Row::of(pack, sums)).collect(),
    }
}

impl<'a> Row<'a> {
    fn of(pack: &'a TorrentEntry, (bytes_so_far, coverage_so_far): (u64, f64)) -> Row<'a> {
        let ranks = [pack.first_rank, pack.last_rank].map(|rank| count(rank.into()));
        Row {
            name: &pack.name,
            id: format!("pack-{}", &pack.infohash_v1),
            ranks: ranks.join("\u{2013}"),
            files: count(pack.files),
            bytes: bytes(pack.bytes),
            bytes_so_far: bytes(bytes_so_far),
            coverage: pack.coverage.map_or_else(|| "\u{2013}".to_owned(), percent),
            coverage_so_far: percent(coverage_so_far),
            torrent: href(&pack.torrent),
            twin: pack.v1_twin.as_deref().map(href),
            magnet: &pack.magnet,
            infohash_v1: &pack.infohash_v1,
            infohash_v2: &pack.infohash_v2,
            twin_infohash: pack.twin_infohash.as_deref(),
        }
    }
}
