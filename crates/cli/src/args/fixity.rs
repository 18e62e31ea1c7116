//! `verify`, `repair` and `restore`.

use super::values::days;
use clap::Args as ClapArgs;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `verify`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
When each file was last found sound is noted: in fixity.sqlite of an archive, in
.deadwax/state.sqlite of a mirror. Nothing is written into an edition. A check of everything
that was interrupted is gone on with by the same line, within 30 days.

A share of the oldest every night:
  deadwax verify /srv/mirror --older-than 30d --at-most 500GB")]
pub struct VerifyArgs {
    /// An archive, a mirror or an edition; the archive when not given.
    pub path: Option<PathBuf>,
    /// Only files that were last found sound so long ago or longer, or never: 30d, 6w, 1y.
    #[arg(long, value_name = "TIME", value_parser = days)]
    pub older_than: Option<u32>,
    /// Read at most this much, those files first that were not looked at for longest.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub at_most: Option<u64>,
}

/// `repair`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
An archive is verified first; what is damaged is taken back from where the archive or a copy
(--from) has it, or made again from its sources. A mirror repairs what its last `verify` found,
or verifies first where that was nothing: of a damaged file it fetches the leaves of 16 KiB that
are not sound, from copies, its source, the web seeds of its torrents and peers. A file is
replaced when what was put together has its root, not before.")]
pub struct RepairArgs {
    /// An archive or a mirror; the archive when not given.
    pub path: Option<PathBuf>,
    /// An archive, an edition or a mirror on this machine that may have sound copies. Several times for several.
    #[arg(long, value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// Of a mirror: ask no web server.
    #[arg(long)]
    pub no_web: bool,
    /// Of a mirror: ask this BitTorrent peer too, a `deadwax seed` or any client that has the pack. May be said several times.
    #[arg(long = "peer", value_name = "ADDRESS:PORT")]
    pub peers: Vec<SocketAddr>,
    /// Of a mirror: fetch at most so much a second, as 2MB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub limit_rate: Option<u64>,
}

/// `restore`.
#[derive(Debug, ClapArgs)]
pub struct RestoreArgs {
    /// A rank, an id or an ISRC.
    pub recording: String,
    /// Where to write it: a new file, or a folder (the file then has its source's name).
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
