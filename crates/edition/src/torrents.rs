//! torrents.json: the authoritative list of an edition's packs, as docs/formats/torrents-json.md specifies it. A mirror reads
//! it from strangers, so what is read is checked before anybody makes a path of it.

use crate::{EditionError, PackSummary};
use deadwax_torrent::names::is_component;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

/// Schema of torrents.json.
pub const TORRENTS_SCHEMA: u64 = 1;

const FORMAT: &str = "deadwax-torrents";

/// Most files that the packs of a list may have together: whoever adds them up, and some bytes for each, never counts past 64 bits.
const MOST_FILES: u64 = 1 << 40;
/// The same of their bytes, and of those of their torrents: 1 EiB.
const MOST_BYTES: u64 = 1 << 60;

/// The document torrents.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TorrentList {
    /// Always `deadwax-torrents`.
    pub format: String,
    /// Its schema.
    pub schema: u64,
    /// Title of the archive.
    pub title: String,
    /// Day of publishing, `YYYY-MM-DD`.
    pub edition: String,
    /// Sum of all counted listens of the edition; `None` when nobody counted any.
    pub listens: Option<u64>,
    /// The packs, by stage and then by rank.
    pub packs: Vec<TorrentEntry>,
}

/// What is in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackStage {
    /// Recordings.
    Audio,
    /// Covers.
    Artwork,
    /// What gives originals back.
    Patches,
}

impl PackStage {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            PackStage::Audio => "audio",
            PackStage::Artwork => "artwork",
            PackStage::Patches => "patches",
        }
    }
}

impl fmt::Display for PackStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A pack of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TorrentEntry {
    /// Its name, which is its folder's.
    pub name: String,
    /// What is in it.
    pub stage: PackStage,
    /// Its torrent, relative to the edition: `packs/NAME.torrent`.
    pub torrent: String,
    /// Length of that file.
    pub torrent_bytes: u64,
    /// The torrent for clients that cannot read hybrids, where there is one: `packs/NAME.v1.torrent`.
    pub v1_twin: Option<String>,
    /// Its folder, relative to the edition: `packs/NAME`.
    pub folder: String,
    /// First rank in it.
    pub first_rank: u32,
    /// Last rank in it.
    pub last_rank: u32,
    /// Files in it.
    pub files: u64,
    /// Bytes of its files, pads not counted.
    pub bytes: u64,
    /// Counted listens of its recordings; `None` when nobody counted, and of what is no audio.
    pub listens: Option<u64>,
    /// Their share of all counted listens, 0 to 1.
    pub coverage: Option<f64>,
    /// v1 info hash of the hybrid, 40 hex digits.
    pub infohash_v1: String,
    /// v2 info hash, 64 hex digits.
    pub infohash_v2: String,
    /// Info hash of the twin, 40 hex digits.
    pub twin_infohash: Option<String>,
    /// Magnet link of the hybrid.
    pub magnet: String,
}

impl TorrentList {
    /// A list; shares of listens are worked out here.
    pub(crate) fn new(
        title: &str,
        edition: &str,
        listens: Option<u64>,
        mut packs: Vec<TorrentEntry>,
    ) -> TorrentList {
        for pack in &mut packs {
            let all = listens.filter(|all| *all > 0);
            pack.coverage = pack.listens.zip(all).map(|(part, all)| part as f64 / all as f64);
        }
        TorrentList {
            format: FORMAT.to_owned(),
            schema: TORRENTS_SCHEMA,
            title: title.to_owned(),
            edition: edition.to_owned(),
            listens,
            packs,
        }
    }

    /// Reads a torrents.json; `path` is where it came from. Names are safe on every system, paths are those that follow from
    /// the names, no name is there twice, and the packs together have at most 2^40 files and 2^60 bytes.
    ///
    /// # Errors
    /// Bytes that are not such a document, or are one of a newer schema.
    pub fn from_json(path: &Path, bytes: &[u8]) -> Result<TorrentList, EditionError> {
        let wrong = |what: String| EditionError::NotTorrents { path: path.to_path_buf(), what };
        let value: serde_json::Value = serde_json::from_slice(bytes)
            .map_err(|error| wrong(format!("it is not JSON ({error})")))?;
        // Before the rest: a newer document may lack what ours must have.
        match value.get("schema").and_then(serde_json::Value::as_u64) {
            Some(found) if found > TORRENTS_SCHEMA => {
                let path = path.to_path_buf();
                return Err(EditionError::NewerSchema { path, found, known: TORRENTS_SCHEMA });
            }
            Some(1..) => {}
            _ => return Err(wrong("it does not say its schema".to_owned())),
        }
        let list: TorrentList =
            serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
        if list.format != FORMAT {
            return Err(wrong(format!("its format is '{}'", list.format)));
        }
        let mut names = HashSet::new();
        for pack in &list.packs {
            pack.check().map_err(&wrong)?;
            // One folder on systems that do not tell upper from lower case.
            if !names.insert(pack.name.to_lowercase()) {
                return Err(wrong(format!("the pack '{}' is there twice", pack.name)));
            }
        }
        let sum = |of: fn(&TorrentEntry) -> u64| {
            list.packs.iter().map(of).fold(0, |sum: u64, more| sum.saturating_add(more))
        };
        let bytes = sum(|pack| pack.bytes).max(sum(|pack| pack.torrent_bytes));
        if sum(|pack| pack.files) > MOST_FILES || bytes > MOST_BYTES {
            return Err(wrong("its packs have more files or bytes than any archive".to_owned()));
        }
        Ok(list)
    }

    /// The bytes of torrents.json.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

impl TorrentEntry {
    /// As edition.json says it.
    pub(crate) fn summary(&self) -> PackSummary {
        PackSummary {
            name: self.name.clone(),
            folder: self.folder.clone(),
            torrent: self.torrent.clone(),
            first_rank: self.first_rank,
            last_rank: self.last_rank,
            files: self.files,
            bytes: self.bytes,
            infohash_v1: self.infohash_v1.clone(),
            infohash_v2: self.infohash_v2.clone(),
            magnet: self.magnet.clone(),
        }
    }

    fn check(&self) -> Result<(), String> {
        let TorrentEntry { name, folder, torrent, v1_twin, .. } = self;
        if !is_component(name) {
            return Err(format!("the name '{}' is not safe on every system", name.escape_debug()));
        }
        let is_path = |path: &str, end: &str| {
            path.strip_prefix("packs/").and_then(|path| path.strip_suffix(end)) == Some(name)
        };
        let paths = [(folder, ""), (torrent, ".torrent")];
        let twin = v1_twin.as_ref().map(|path| (path, ".v1.torrent"));
        for (path, end) in paths.into_iter().chain(twin) {
            if !is_path(path, end) {
                return Err(format!(
                    "'{}' is not the path of the pack '{name}'",
                    path.escape_debug()
                ));
            }
        }
        let is_hash = |hash: &str, digits: usize| {
            hash.len() == digits && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let hashes = [(&self.infohash_v1, 40), (&self.infohash_v2, 64)];
        let twin = self.twin_infohash.as_ref().map(|hash| (hash, 40));
        if !hashes.into_iter().chain(twin).all(|(hash, digits)| is_hash(hash, digits)) {
            return Err(format!("an info hash of the pack '{name}' is not one"));
        }
        if v1_twin.is_some() != self.twin_infohash.is_some() {
            return Err(format!("the twin of the pack '{name}' is half there"));
        }
        if self.first_rank == 0 || self.first_rank > self.last_rank {
            return Err(format!("the ranks of the pack '{name}' are not a range"));
        }
        if self.coverage.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err(format!("the coverage of the pack '{name}' is no share"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"{"format": "deadwax-torrents", "schema": 1, "title": "T", "edition": "2026-11-21", "listens": 8,
        "packs": [{"name": "T 0123456789", "stage": "audio", "torrent": "packs/T 0123456789.torrent", "torrent_bytes": 9,
        "v1_twin": "packs/T 0123456789.v1.torrent", "folder": "packs/T 0123456789", "first_rank": 1, "last_rank": 2,
        "files": 2, "bytes": 3, "listens": 2, "coverage": 0.25, "infohash_v1": "V1", "infohash_v2": "V2",
        "twin_infohash": "V1", "magnet": "magnet:?"}]}"#;

    fn sound() -> String {
        SOUND.replace("V1", &"1a".repeat(20)).replace("V2", &"2b".repeat(32))
    }

    fn read(text: &str) -> Result<TorrentList, String> {
        let path = Path::new("torrents.json");
        TorrentList::from_json(path, text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read() {
        let list = read(&sound()).unwrap();
        assert_eq!(read(&String::from_utf8(list.to_json()).unwrap()), Ok(list.clone()));
        assert_eq!(list.packs[0].stage, PackStage::Audio);
        let (listens, packs) = (Some(16), list.packs);
        let made = TorrentList::new("T", "2026-11-22", listens, packs.clone());
        assert_eq!(made.packs[0].coverage, Some(0.125));
        for listens in [None, Some(0)] {
            let made = TorrentList::new("T", "2026-11-22", listens, packs.clone());
            assert_eq!(made.packs[0].coverage, None, "{listens:?}");
        }
    }

    #[test]
    fn what_a_stranger_made_up_is_refused() {
        let twice = "}, {\"name\": \"T 0123456789\"";
        assert!(!sound().contains(twice));
        for (from, to, why) in [
            ("{\"format\"", "[{\"format\"", "it is not JSON"),
            ("\"schema\": 1", "\"schema\": 2", "has schema 2, and this program reads up to 1"),
            ("\"schema\": 1,", "", "it does not say its schema"),
            ("\"schema\": 1,", "\"schema\": 0,", "it does not say its schema"),
            ("deadwax-torrents", "deadwax-edition", "its format is 'deadwax-edition'"),
            ("T 0123456789", "..", "the name '..' is not safe on every system"),
            ("T 0123456789", "a/b", "the name 'a/b' is not safe on every system"),
            ("packs/T 0123456789.torrent", "packs/../x.torrent", "is not the path of the pack"),
            ("packs/T 0123456789.v1", "/etc/T 0123456789.v1", "is not the path of the pack"),
            ("packs/T 0123456789\", \"first", "packs/T\", \"first", "is not the path of the pack"),
            ("1a1a", "1a1A", "an info hash of the pack 'T 0123456789' is not one"),
            ("2b2b", "2b", "an info hash of the pack 'T 0123456789' is not one"),
            ("\"packs/T 0123456789.v1.torrent\"", "null", "is half there"),
            ("\"first_rank\": 1", "\"first_rank\": 3", "are not a range"),
            ("\"first_rank\": 1", "\"first_rank\": 0", "are not a range"),
            ("\"audio\"", "\"video\"", "unknown variant `video`"),
            ("\"bytes\": 3", "\"bytes\": -3", "invalid value"),
            ("\"bytes\": 3", "\"bytes\": 1152921504606846977", "more files or bytes than any"),
            ("_bytes\": 9", "_bytes\": 18446744073709551615", "more files or bytes than any"),
            ("\"files\": 2", "\"files\": 18446744073709551615", "more files or bytes than any"),
            ("0.25", "1.25", "the coverage of the pack 'T 0123456789' is no share"),
            ("0.25", "-1", "the coverage of the pack 'T 0123456789' is no share"),
        ] {
            assert!(sound().contains(from), "{from}");
            let said = read(&sound().replace(from, to)).unwrap_err();
            assert!(said.contains(why) && said.contains("torrents.json"), "{said}");
        }
        let pack = sound().split_once("[{").unwrap().1.trim_end_matches("]}").to_owned();
        let said = read(&sound().replace("}]}", &format!("}}, {{{pack}]}}"))).unwrap_err();
        assert!(said.contains("the pack 'T 0123456789' is there twice"), "{said}");
        // Each by itself may be; together they are more than can be added up.
        let large = pack.replace("\"bytes\": 3", "\"bytes\": 1152921504606846976");
        let both = format!("{{{large}, {{{}]}}", large.replace("T 0123456789", "U 0123456789"));
        let list = |packs: &str| sound().replace(&format!("{{{pack}]}}"), packs);
        assert!(read(&list(&format!("{{{large}]}}"))).is_ok());
        let said = read(&list(&both)).unwrap_err();
        assert!(said.contains("more files or bytes than any archive"), "{said}");
    }
}
