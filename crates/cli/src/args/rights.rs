//! `rights`.

use super::values::{country, date, licence};
use clap::{Args as ClapArgs, Subcommand};
use deadwax_rights::Licence;

/// `rights ...`.
#[derive(Debug, Subcommand)]
pub enum RightsCommand {
    /// State a licence for some recordings; the most specific statement wins.
    Set(RightsSetArgs),
    /// List the rules that were set.
    List,
    /// Take a rule away.
    Remove {
        /// Its number, as `rights list` shows it.
        number: u32,
    },
    /// Say of each recording that is held back why, and the line that would settle it.
    Explain {
        /// Only this one, cleared or not: a rank, an id or an ISRC.
        recording: Option<String>,
    },
}

/// `rights set`.
#[derive(Debug, ClapArgs)]
pub struct RightsSetArgs {
    /// Of which recordings.
    #[command(flatten)]
    pub target: TargetArgs,
    /// An SPDX identifier, a Creative Commons or rightsstatements.org address, or a common spelling.
    #[arg(long, value_parser = licence)]
    pub licence: Licence,
    /// On what ground: a contract, a letter, a deed. Kept with the rule.
    #[arg(long, default_value = "stated by the operator")]
    pub ground: String,
    /// The last day on which it holds.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub until: Option<String>,
    /// Only in these countries (two letters each).
    #[arg(long = "in", value_name = "COUNTRY", value_delimiter = ',', value_parser = country)]
    pub places: Vec<[u8; 2]>,
}

/// Which recordings a rule is about: exactly one.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct TargetArgs {
    /// One recording: a rank, an id or an ISRC.
    #[arg(long)]
    pub recording: Option<String>,
    /// The recordings on releases of this title.
    #[arg(long)]
    pub release: Option<String>,
    /// The recordings that credit this artist.
    #[arg(long)]
    pub artist: Option<String>,
    /// The recordings from these paths: `*`, `?` and `**` as in a shell.
    #[arg(long, value_name = "PATTERN")]
    pub path: Option<String>,
    /// Every recording.
    #[arg(long, visible_alias = "everything")]
    pub all: bool,
}
