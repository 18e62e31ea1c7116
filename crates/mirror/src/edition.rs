//! An edition as a mirror sees it: its metadata checked, its packs, what of it went dark.

use crate::MirrorError;
use crate::source::SourceAddress;
use deadwax_edition::{EditionError, TOMBSTONES, TorrentEntry, TorrentList, dark_in};
use deadwax_model::Root;
use deadwax_trust::Trusted;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::ops::Deref;
use std::path::Path;

/// The files that every mirror has.
pub(crate) const OWN_FILES: [&str; 3] = ["edition.json", "torrents.json", "tombstones.json"];

/// Most bytes of each of them: a line for each of a million packs.
const MOST_BYTES: u64 = 1 << 30;

/// An edition whose metadata were checked.
#[derive(Debug)]
pub struct Edition {
    pub(crate) trusted: Trusted,
    /// Its own folder or address.
    pub(crate) source: SourceAddress,
    /// [`OWN_FILES`], as they are there.
    pub(crate) own: Vec<(&'static str, Vec<u8>)>,
    pub(crate) title: String,
    pub(crate) date: String,
    pub(crate) packs: Vec<ListedPack>,
    /// Roots that went dark and were not lifted.
    pub(crate) dark: HashSet<Root>,
    /// Roots of the edition's own files.
    roots: BTreeMap<String, Root>,
}

/// A pack, as `torrents.json` lists it.
#[derive(Debug, Clone)]
pub(crate) struct ListedPack {
    entry: TorrentEntry,
    /// Who else has it whole, when somebody who knows was asked.
    pub copies: Option<u32>,
}

impl Deref for ListedPack {
    type Target = TorrentEntry;

    fn deref(&self) -> &TorrentEntry {
        &self.entry
    }
}

impl ListedPack {
    /// By what trackers know it.
    pub fn infohash(&self) -> Option<[u8; 20]> {
        hex::decode(&self.infohash_v1).ok()?.try_into().ok()
    }

    /// What the pack is known by from edition to edition.
    pub fn key(&self) -> u64 {
        self.infohash_v2.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0)
    }
}

/// The torrent of a pack for clients that read v1 alone, relative to the edition.
pub(crate) fn twin_of(name: &str) -> String {
    format!("packs/{name}.v1.torrent")
}

/// A file of the edition that is in no pack and that not every mirror has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetadataFile {
    pub path: String,
    pub bytes: u64,
    pub root: Root,
}

#[derive(Deserialize)]
struct EditionJson {
    format: String,
    title: String,
    date: String,
    #[serde(default)]
    files: Vec<EditionFile>,
}

#[derive(Deserialize)]
struct EditionFile {
    path: String,
    root: Root,
}

impl Edition {
    /// Reads what a mirror needs of an edition whose metadata are trusted. Tombstones are read first, so that an edition whose
    /// other files cannot be had makes nothing stay that went dark.
    pub(crate) async fn read(
        trusted: Trusted,
        source: SourceAddress,
    ) -> Result<Edition, MirrorError> {
        let mut own = Vec::new();
        let mut dark = HashSet::new();
        // An archive that never took anything down may not have said so.
        if trusted.target("tombstones.json").is_some() {
            let bytes = trusted.read("tombstones.json", MOST_BYTES).await?;
            dark = tombstones(&bytes)?;
            own.push(("tombstones.json", bytes));
        }
        let edition = trusted.read("edition.json", MOST_BYTES).await?;
        let said: EditionJson = parse("edition.json", &edition)?;
        check_format("edition.json", &said.format, "deadwax-edition", 1)?;
        let torrents = trusted.read("torrents.json", MOST_BYTES).await?;
        let listed = TorrentList::from_json(Path::new("torrents.json"), &torrents);
        let listed = listed.map_err(not_understood)?.packs;
        own.push(("edition.json", edition));
        own.push(("torrents.json", torrents));
        let roots = said.files.into_iter().map(|file| (file.path, file.root)).collect();
        let packs = listed.into_iter().map(|entry| ListedPack { entry, copies: None }).collect();
        let (title, date) = (said.title, said.date);
        Ok(Edition { trusted, source, own, title, date, packs, dark, roots })
    }

    /// Files that are in no pack and that not every mirror has: the list itself, search, Parquet, the page.
    pub(crate) fn metadata(&self) -> Vec<MetadataFile> {
        let is_one = |path: &str| !OWN_FILES.contains(&path) && !path.starts_with("packs/");
        self.trusted
            .targets()
            .filter(|(path, _)| is_one(path))
            .filter_map(|(path, info)| {
                let root = *self.roots.get(path)?;
                Some(MetadataFile { path: path.to_owned(), bytes: info.bytes, root })
            })
            .collect()
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its day, which is its name.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The fingerprint of the root that it is trusted by.
    pub fn root_fingerprint(&self) -> &str {
        self.trusted.root_fingerprint()
    }

    /// Whether that root was trusted because it was the first to be seen.
    pub fn is_first_use(&self) -> bool {
        self.trusted.is_first_use()
    }
}

/// Roots that are dark.
pub(crate) fn tombstones(bytes: &[u8]) -> Result<HashSet<Root>, MirrorError> {
    let dark = dark_in(Path::new(TOMBSTONES), bytes).map_err(not_understood)?;
    Ok(dark.into_keys().collect())
}

/// What is signed, and all the same not what the formats say.
fn not_understood(why: EditionError) -> MirrorError {
    MirrorError::Refused(format!(
        "the edition is signed and cannot be understood ({why}); use a newer deadwax, or ask the archive"
    ))
}

fn parse<'t, T: Deserialize<'t>>(name: &str, bytes: &'t [u8]) -> Result<T, MirrorError> {
    serde_json::from_slice(bytes).map_err(|e| {
        MirrorError::Refused(format!(
            "{name} of the edition is signed and cannot be understood ({e}); use a newer deadwax, or ask the archive"
        ))
    })
}

fn check_format(name: &str, found: &str, wanted: &str, schema: u32) -> Result<(), MirrorError> {
    match found == wanted && schema == 1 {
        true => Ok(()),
        false => Err(MirrorError::Refused(format!(
            "{name} of the edition is of another kind or schema ({found}, {schema}); use a newer deadwax"
        ))),
    }
}
