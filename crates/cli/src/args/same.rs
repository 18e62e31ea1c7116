//! `same`.

use clap::{Args as ClapArgs, Subcommand};

/// `same ...`.
#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Without a command it lists the pairs that sound the same, and changes nothing. Fingerprints are
made by `build`. Recordings become one by `same merge`, or by a shared ISRC where deadwax.toml
says so ([same] merge = \"isrc\"). The better source keeps its place in the list and has the
ISRCs, releases and listens of both; nothing is deleted."
)]
pub struct SameArgs {
    /// What to say; none lists the pairs.
    #[command(subcommand)]
    pub command: Option<SameCommand>,
}

/// What is said of recordings that sound the same.
#[derive(Debug, Subcommand)]
pub enum SameCommand {
    /// Say that two recordings are the same; from the next plan on the better source stands for both.
    Merge(SameMergeArgs),
    /// Say that two recordings are not the same, whatever else says so.
    Split(SamePairArgs),
    /// List what was said.
    List,
    /// Take a rule away.
    Remove {
        /// Its number, as `same list` shows it.
        number: u32,
    },
}

/// `same merge`.
#[derive(Debug, ClapArgs)]
pub struct SameMergeArgs {
    /// Which two.
    #[command(flatten)]
    pub pair: SamePairArgs,
    /// Also when they do not sound the same, differ in length, or cannot be compared: somebody has heard both.
    #[arg(long)]
    pub even_so: bool,
}

/// Two recordings.
#[derive(Debug, ClapArgs)]
pub struct SamePairArgs {
    /// A rank, an id or an ISRC.
    pub a: String,
    /// Another one.
    pub b: String,
    /// On what ground. Kept with the rule.
    #[arg(long, default_value = "stated by the operator")]
    pub ground: String,
}
