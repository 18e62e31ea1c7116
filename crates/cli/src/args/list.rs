//! What asks the list: `show`, `search`, `shuffle`, `stats`.

use super::values::{rank, share};
use clap::Args as ClapArgs;
use deadwax_model::Rank;
use std::path::PathBuf;

/// `show`.
#[derive(Debug, ClapArgs)]
#[group(id = "shown", required = true, multiple = false, args = ["recording", "artist", "release"])]
pub struct ShowArgs {
    /// A rank, an id or an ISRC.
    pub recording: Option<String>,
    /// What an artist of this name is on, most listened first, in the newest edition.
    #[arg(long, value_name = "NAME")]
    pub artist: Option<String>,
    /// The tracks of releases with this title, most listened first, in the newest edition.
    #[arg(long, value_name = "TITLE")]
    pub release: Option<String>,
    /// With --artist and --release: at most this many.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub limit: usize,
    /// With --artist and --release: only behind this rank, the next page.
    #[arg(long, value_name = "RANK", default_value_t = 0, hide_default_value = true)]
    pub after: u32,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// Which edition to ask.
#[derive(Debug, ClapArgs)]
pub struct EditionArgs {
    /// Ask the edition in this folder instead of the archive's newest.
    #[arg(long, value_name = "DIR")]
    pub edition: Option<PathBuf>,
}

/// `search`.
#[derive(Debug, ClapArgs)]
pub struct SearchArgs {
    /// Words of title, artist and release; the last may be unfinished. Fields: artist: release: year: isrc:
    #[arg(required = true)]
    pub words: Vec<String>,
    /// At most this many.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub limit: usize,
    /// Only behind this rank: the next page.
    #[arg(long, value_name = "RANK", default_value_t = 0, hide_default_value = true)]
    pub after: u32,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// `shuffle`.
#[derive(Debug, ClapArgs)]
pub struct ShuffleArgs {
    /// How many.
    #[arg(short = 'n', long, default_value_t = 10)]
    pub number: usize,
    /// The same seed gives the same draw.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Only recordings that may be published.
    #[arg(long)]
    pub cleared: bool,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// `stats`: one question at a time; everything that is counted when none is asked.
#[derive(Debug, ClapArgs)]
pub struct StatsArgs {
    /// What is asked.
    #[command(flatten)]
    pub question: StatsQuestion,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// A question to `stats`.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
pub struct StatsQuestion {
    /// What the first RANK recordings of the list stand for, and what they take.
    #[arg(long, value_name = "RANK", value_parser = rank)]
    pub rank: Option<Rank>,
    /// How much of all listening is in the first SIZE: 500GB, 1.5 TiB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub bytes: Option<u64>,
    /// What so much of all listening costs: 99.6%.
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    pub share: Option<f64>,
    /// The N most listened, one a line: rank, title, artist, listens, id.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub top: Option<u32>,
}
