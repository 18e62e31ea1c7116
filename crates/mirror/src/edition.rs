//! An edition as a mirror sees it: its metadata checked, its packs, what of it went dark.

use crate::MirrorError;
use crate::plan::PackStage;
use crate::source::SourceAddress;
use deadwax_model::Root;
use deadwax_torrent::names;
use deadwax_trust::Trusted;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

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
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedPack {
    pub name: String,
    pub stage: PackStage,
    pub torrent: String,
    pub torrent_bytes: u64,
    #[serde(default)]
    pub v1_twin: Option<String>,
    folder: String,
    pub first_rank: u32,
    pub last_rank: u32,
    pub files: u32,
    pub bytes: u64,
    pub listens: Option<u64>,
    #[serde(default)]
    pub magnet: String,
    #[serde(default)]
    infohash_v1: String,
    infohash_v2: String,
    /// Who else has it whole, when somebody who knows was asked.
    #[serde(skip)]
    pub copies: Option<u32>,
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

#[derive(Deserialize)]
struct TorrentsJson {
    format: String,
    schema: u32,
    packs: Vec<ListedPack>,
}

#[derive(Deserialize)]
struct TombstonesJson {
    format: String,
    schema: u32,
    tombstones: Vec<Tombstone>,
}

#[derive(Deserialize)]
struct Tombstone {
    #[serde(default)]
    roots: Vec<Root>,
    lifted: Option<serde_json::Value>,
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
        let listed: TorrentsJson = parse("torrents.json", &torrents)?;
        check_format("torrents.json", &listed.format, "deadwax-torrents", listed.schema)?;
        own.push(("edition.json", edition));
        own.push(("torrents.json", torrents));
        let mut names_seen = HashSet::new();
        for pack in &listed.packs {
            let name = &pack.name;
            let is_plain = names::is_component(name)
                && pack.folder == format!("packs/{name}")
                && pack.torrent == format!("packs/{name}.torrent")
                && pack.v1_twin.as_ref().is_none_or(|twin| *twin == twin_of(name));
            if !is_plain || !names_seen.insert(name.to_lowercase()) {
                return Err(MirrorError::Refused(format!(
                    "torrents.json lists a pack '{}' whose name, folder or torrent is not what every edition has; ask the archive",
                    name.replace(char::is_control, "\u{fffd}")
                )));
            }
        }
        let roots = said.files.into_iter().map(|file| (file.path, file.root)).collect();
        let (title, date, packs) = (said.title, said.date, listed.packs);
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
    let said: TombstonesJson = parse("tombstones.json", bytes)?;
    check_format("tombstones.json", &said.format, "deadwax-tombstones", said.schema)?;
    let dark = said.tombstones.into_iter().filter(|it| it.lifted.is_none());
    Ok(dark.flat_map(|it| it.roots).collect())
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
