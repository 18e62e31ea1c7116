//! The command line: one definition, from which `--help` is made.

mod distribution;
mod fixity;
mod intake;
mod list;
mod publish;
mod rights;
mod same;
mod takedown;
mod values;

pub use distribution::*;
pub use fixity::*;
pub use intake::*;
pub use list::*;
pub use publish::*;
pub use rights::*;
pub use same::*;
pub use takedown::*;

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use values::date;

/// A preservation archive for recorded music.
///
/// Deadwax takes in music that you are entitled to keep, catalogues it, keeps it in the size that its
/// listeners justify, gives every kept original back bit for bit, and publishes what its rights
/// statements allow as ranked catalogues and torrents.
#[derive(Debug, Parser)]
#[command(
    name = "deadwax",
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 done; 1 failed, or interrupted; 2 wrong usage; 3 done, with problems in some
items, each listed. Any command can be interrupted; the same line again goes on from there.

Start here:
  deadwax archive ~/Music/my-label --to my-archive
  deadwax --archive my-archive list"
)]
pub struct Args {
    /// The archive's folder; the current one when not given.
    #[arg(long, global = true, env = "DEADWAX_ARCHIVE", value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// Print JSON instead of text: one document, or one line an item for lists.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print no progress.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// How progress is told on standard error: bar, line (one every ten seconds), json (an event a line, for
    /// programs) or none; bar on a terminal and line elsewhere when not given.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = ProgressForm::Auto,
        value_name = "FORM",
        hide_possible_values = true,
        hide_default_value = true,
        conflicts_with = "quiet"
    )]
    pub progress: ProgressForm,
    /// Print a line for every item that is done.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Files worked on at the same time; 0 for as many as there are cores.
    #[arg(long, global = true, default_value_t = 0, value_name = "N", hide_default_value = true)]
    pub jobs: usize,
    /// Take this for today's date: it names editions and decides whether a rule still holds.
    #[arg(long, global = true, value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressForm {
    /// `bar` on a terminal, else `line`.
    Auto,
    /// A bar that stays in its place.
    Bar,
    /// A line when a part of the work begins, every ten seconds, and when it is done.
    Line,
    /// Events for a program, a JSON object a line; with or without --json.
    Json,
    /// Nothing, as with --quiet.
    None,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job in one line: init, add, plan, build, publish, verify.
    Archive(ArchiveArgs),
    /// Make an empty archive.
    Init(InitArgs),
    /// Take in music, tables of facts, or tables of listens. Files are read, never changed or moved.
    Add(AddArgs),
    /// Say, show and explain what may leave the archive, and why not.
    #[command(subcommand)]
    Rights(RightsCommand),
    /// Take recordings down, show what is dark, and lift it again.
    #[command(subcommand)]
    Takedown(TakedownCommand),
    /// Find which recordings of this archive are in files, folders or torrents.
    Trace(TraceArgs),
    /// Find recordings that sound the same under other names, rates or codecs, and say which are one.
    Same(SameArgs),
    /// Show what is kept at which tier, its bytes and its share of listens; makes nothing.
    Plan(PlanArgs),
    /// Make the holdings that the plan asks for.
    Build(PlanArgs),
    /// Write a new edition: the list, search, Parquet, packs with torrents, the report page.
    Publish(PublishArgs),
    /// Make, change and show the keys that editions are signed with, and sign anew.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Re-read everything that is stored, of an archive, a mirror or an edition, and compare it with its root.
    Verify(VerifyArgs),
    /// Put damaged or missing files right, from sources, copies and the web; nothing is deleted.
    Repair(RepairArgs),
    /// Write the original of a recording, bit for bit.
    Restore(RestoreArgs),
    /// Print the list, most listened first.
    List,
    /// Show everything known of a recording, or what is by an artist or on a release.
    Show(ShowArgs),
    /// Search the newest edition, most listened first.
    Search(SearchArgs),
    /// Draw recordings at random from the newest edition.
    Shuffle(ShuffleArgs),
    /// Give packs of the archive, an edition or a mirror to whoever asks, by BitTorrent, until Ctrl-C.
    Seed(SeedArgs),
    /// Carry a verified part of an edition: the most that fits a budget, and follow what is published.
    Mirror(MirrorArgs),
    /// Count the newest edition: tiers, formats, years, rights, coverage.
    Stats(StatsArgs),
}
