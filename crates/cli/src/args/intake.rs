//! What brings music in: `archive`, `init`, `add`.

use super::values::licence;
use clap::{Args as ClapArgs, ValueEnum};
use deadwax_rights::Licence;
use std::path::PathBuf;

/// `archive`.
#[derive(Debug, ClapArgs)]
pub struct ArchiveArgs {
    /// The folder of music, or one file.
    pub music: PathBuf,
    /// The archive's folder; made when it is not there.
    #[arg(long, value_name = "ARCHIVE")]
    pub to: Option<PathBuf>,
    /// The name of a new archive; its folder's name when not given.
    #[arg(long)]
    pub title: Option<String>,
    /// A licence that holds for all of it: an SPDX identifier such as CC-BY-4.0, or a licence's address.
    #[arg(long, value_name = "LICENCE", value_parser = licence)]
    pub rights: Option<Licence>,
    /// A table of listens to take in too (CSV: isrc or id, listens).
    #[arg(long, value_name = "FILE")]
    pub listens: Option<PathBuf>,
    /// Keep at most this much, most listened first: 50MB, 1.5 GiB, 300 TB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub budget: Option<u64>,
}

/// `init`.
#[derive(Debug, ClapArgs)]
pub struct InitArgs {
    /// The archive's folder, new or empty; --archive when not given.
    pub folder: Option<PathBuf>,
    /// The archive's name; its folder's name when not given.
    #[arg(long)]
    pub title: Option<String>,
}

/// `add`.
#[derive(Debug, ClapArgs)]
pub struct AddArgs {
    /// Folders of music, single files, or tables.
    #[arg(required = true)]
    pub sources: Vec<PathBuf>,
    /// What the sources are.
    #[arg(long, value_enum, default_value_t = Format::Guess)]
    pub format: Format,
    /// A licence that holds for all of the music: an SPDX identifier such as CC-BY-4.0, or a licence's address.
    #[arg(long, value_name = "LICENCE", value_parser = licence)]
    pub rights: Option<Licence>,
    /// What the collection is called that tables are of; their folder's name when not given. Ids in tables
    /// mean something within a collection only.
    #[arg(long = "as", value_name = "NAME")]
    pub collection: Option<String>,
}

/// What is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `tables` for a folder with a table `recording` in it and for files called as tables; `listens` for
    /// other files ending in .csv or .tsv; else `music`.
    Guess,
    /// A folder of audio and its artwork, or one audio file.
    Music,
    /// Tables of facts without audio: a folder of recording.parquet, artist.parquet, release.parquet,
    /// track.parquet, credit.parquet, isrc.parquet, listens.parquet, or some of these, or .csv, or .ndjson.
    Tables,
    /// A CSV table with the columns isrc or id, and listens.
    Listens,
}
