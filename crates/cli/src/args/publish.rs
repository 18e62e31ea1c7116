//! `plan`, `build`, `publish` and `keys`.

use clap::{Args as ClapArgs, Subcommand};
use deadwax_edition::Stage;
use deadwax_trust::Role;
use std::path::PathBuf;

/// `plan`, `build`.
#[derive(Debug, ClapArgs)]
pub struct PlanArgs {
    /// Keep at most this much, most listened first: 50MB, 1.5 GiB, 300 TB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub budget: Option<u64>,
}

/// `publish`.
#[derive(Debug, ClapArgs)]
pub struct PublishArgs {
    /// What of the new edition is out: metadata (the list, always out), audio, audio:RANK (the audio of
    /// ranks 1 to RANK), artwork, patches; several with commas. Audio and artwork when not given.
    /// What is not named is not out, also when an earlier edition had it.
    #[arg(long = "stage", value_name = "STAGE", value_delimiter = ',')]
    pub stages: Vec<Stage>,
    /// Keys.
    #[command(flatten)]
    pub keys: KeysArgs,
}

/// Keys that are kept elsewhere.
#[derive(Debug, ClapArgs)]
pub struct KeysArgs {
    /// A folder with keys that are not kept with the archive; may be said several times.
    #[arg(long, value_name = "DIR")]
    pub keys: Vec<PathBuf>,
}

/// `keys ...`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make one more key for a role. A new root names it, signed by the root keys, and the newest edition is signed under it.
    New {
        /// Whose: root, targets, snapshot or timestamp.
        #[arg(long)]
        role: Role,
        /// Where it goes; the archive's folder keys/ when not given.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Make new keys in the place of the old ones, of all roles or of some. Mirrors follow by a new root, signed by the old
    /// root keys and the new. Nothing is deleted.
    Rotate {
        /// Only of this role: root, targets, snapshot or timestamp; may be said several times.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// Where they go; the archive's folder keys/ when not given.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Show the keys of every role, where they are, how many must sign, and when signatures expire.
    List {
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Sign the timestamp of the newest edition anew, and what else expires soon. Every few days, or mirrors refuse it.
    Refresh {
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
}
