//! `takedown` and `trace`.

use super::KeysArgs;
use clap::{Args as ClapArgs, Subcommand};
use deadwax_model::Root;
use deadwax_rights::TakedownReason;
use deadwax_rights::TakedownScope;
use std::path::PathBuf;

/// `takedown ...`.
#[derive(Debug, Subcommand)]
pub enum TakedownCommand {
    /// Take something down: nothing of it leaves any more, its files are taken out of the pack folders of all editions, and
    /// mirrors are told to drop it.
    Add(TakedownAddArgs),
    /// List all takedowns there ever were.
    List,
    /// Lift a takedown: the next publish brings back what nothing else holds back.
    Lift {
        /// Its number, as `takedown list` shows it.
        number: u32,
        /// The archive's own name of the notice that says so, as N-2026-18. It is published.
        #[arg(long, value_name = "ID")]
        notice: String,
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
}

/// `takedown add`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The record is only added to. The same line again goes on where it was stopped. What is the same by
the last plan, and what is added later under the same ISRC, release or artist, is dark too. The list
of editions still names the recording, as held back.")]
pub struct TakedownAddArgs {
    /// Of what.
    #[command(flatten)]
    pub target: TakedownTargetArgs,
    /// On what ground: copyright, privacy, court-order, contract, error or other. It is published.
    #[arg(long, value_name = "CLASS")]
    pub reason: TakedownReason,
    /// The archive's own name of the notice, as N-2026-17. It is published: no name of a person.
    #[arg(long, value_name = "ID")]
    pub notice: String,
    /// How dark it goes: publish (nothing of it leaves) or keep (the archive does not keep it either).
    #[arg(long, value_name = "SCOPE", default_value_t = TakedownScope::Publish)]
    pub scope: TakedownScope,
    /// With --scope keep: yes, remove the archive's own copies, which may be the last that there are.
    #[arg(long)]
    pub remove_copies: bool,
    /// Something to remember it by. It stays in the archive.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Show what it would touch, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Keys.
    #[command(flatten)]
    pub keys: KeysArgs,
}

/// What a takedown is about: exactly one kind.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct TakedownTargetArgs {
    /// A recording by rank or id, or all recordings of an ISRC.
    pub recording: Option<String>,
    /// The recordings on a release: its title, or its id where several have it.
    #[arg(long, value_name = "ID")]
    pub release: Option<String>,
    /// The recordings that credit this artist.
    #[arg(long, value_name = "NAME")]
    pub artist: Option<String>,
    /// Files by their roots, with the recordings that they are of; a picture by itself.
    #[arg(long = "root", value_name = "ROOT", num_args = 1..)]
    pub roots: Vec<Root>,
}

/// `trace`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Files are compared by their bytes, and audio also by how it sounds. Torrents of any program are
compared by the hashes that they have: what was encoded anew can only be told from the file itself.")]
pub struct TraceArgs {
    /// Files, folders with everything in them, torrents.
    #[arg(required = true, value_name = "PATH|TORRENT")]
    pub paths: Vec<PathBuf>,
}
