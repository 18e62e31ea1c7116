//! `seed` and `mirror`.

use super::values::{prefer, span};
use clap::Args as ClapArgs;
use deadwax_mirror::plan::Prefer;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// `seed`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Files are only read. Of an archive, packs of its newest edition are given, and of these what is
cleared today; of an edition or a mirror, what is there in full length and not under a takedown
that it knows. What is taken away while this runs is given no more at once; all else that
changes counts when it looks again (--every). Whoever wants packs is found through the trackers
that the torrents name, and through nothing else unless you say so.")]
pub struct SeedArgs {
    /// An archive, an edition or a mirror; the archive when not given.
    pub path: Option<PathBuf>,
    /// Where others reach us, over TCP; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:6881")]
    pub listen: SocketAddr,
    /// Do not ask the trackers that the torrents name.
    #[arg(long)]
    pub no_trackers: bool,
    /// Be found in the public distributed hash table too; never for private packs.
    #[arg(long)]
    pub dht: bool,
    /// Be found on the local network by multicast too; never for private packs.
    #[arg(long)]
    pub local_discovery: bool,
    /// Connect to this one too. May be said several times.
    #[arg(long = "peer", value_name = "ADDRESS:PORT")]
    pub peers: Vec<SocketAddr>,
    /// Give at most so much a second, to all together: 500kB, 2 MiB; at least 16 KiB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub limit_rate: Option<u64>,
    /// Only this pack. May be said several times.
    #[arg(long = "pack", value_name = "NAME")]
    pub packs: Vec<String>,
    /// How often to look again what is there and what may be given: a new edition, files that came, licences that ended.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "15m")]
    pub every: Duration,
}

/// `mirror`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
What is here is a plain folder of packs, as torrent clients have them; `deadwax seed DIR` gives
it to others. Every piece is compared with its hash before it counts, and what went dark in an
edition is removed first. The first time the root of the archive's keys is believed, unless
--root names it: compare its fingerprint with what the archive says.

  deadwax mirror https://archive.example/editions/ --budget 200GB --into my-mirror
  deadwax mirror --into my-mirror --watch")]
pub struct MirrorArgs {
    /// The edition, or the folder of editions: a folder of this machine, or an http:// or https:// address. As it was
    /// last time when not given.
    pub source: Option<String>,
    /// The most that the mirror may take, all of its files together: 200GB, 1.5 TiB. As it was last time when not given.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub budget: Option<u64>,
    /// The mirror's folder, new or from before.
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// What to choose: mix (the head that most people need, and what has the fewest copies), listens (the most listened),
    /// rarest (the fewest copies) or even (any). As it was last time, or mix, when not given.
    #[arg(long, value_name = "WHAT", value_parser = prefer)]
    pub prefer: Option<Prefer>,
    /// The root of the archive's keys: one of its files trust/N.root.json.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Carry the edition's own files too: catalogue, search, Parquet, the page.
    #[arg(long)]
    pub metadata: bool,
    /// Stay, look for new editions, and check what is here.
    #[arg(long)]
    pub watch: bool,
    /// With --watch: how often: 30m, 1h, 1d.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "1h", requires = "watch")]
    pub every: Duration,
    /// Fetch at most so much a second, from all together: 500kB, 2 MiB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub limit_rate: Option<u64>,
    /// Leave so much of the disk free.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub reserve_disk: Option<u64>,
    /// Show what would be carried, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Ask this peer too. May be said several times.
    #[arg(long = "peer", value_name = "ADDRESS:PORT")]
    pub peers: Vec<SocketAddr>,
    /// Ask no peers: fetch from SOURCE and web seeds alone.
    #[arg(long, conflicts_with_all = ["no_web", "peers", "listen"])]
    pub no_torrent: bool,
    /// Fetch files from peers alone; the lists come from SOURCE.
    #[arg(long)]
    pub no_web: bool,
    /// Where peers reach us while it fetches; nowhere when not given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}
