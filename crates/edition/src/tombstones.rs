//! What went dark: tombstones.json, as docs/formats/takedown.md specifies it.

use crate::EditionError;
use deadwax_model::{RecordingId, Root};
use deadwax_rights::{TakedownReason, TakedownScope};
use deadwax_store::{hash_of, write_file};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Its name in an edition.
pub const TOMBSTONES: &str = "tombstones.json";
/// The schema that is written.
const SCHEMA: u32 = 1;

/// The document tombstones.json.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tombstones {
    format: &'static str,
    schema: u32,
    tombstones: Vec<Tombstone>,
}

/// One takedown, as everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tombstone {
    /// Counting up, never used again.
    pub number: u32,
    /// When it was said: UTC, RFC 3339.
    pub time: String,
    /// The archive's own name of the notice.
    pub notice: String,
    /// The kind of ground.
    pub reason: TakedownReason,
    /// How dark it goes.
    pub scope: TakedownScope,
    /// The recordings.
    pub recordings: BTreeSet<RecordingId>,
    /// Every file of them that was ever published.
    pub roots: BTreeSet<Root>,
    /// When it was lifted.
    pub lifted: Option<String>,
}

/// The files that the edition in `folder` says went dark, each with its takedown. None where its tombstones.json is missing or
/// cannot be read: whoever checks the edition tells of that by the file's root.
pub fn dark_files(folder: &Path) -> BTreeMap<Root, u32> {
    #[derive(Deserialize)]
    struct Document {
        tombstones: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        number: u32,
        roots: BTreeSet<Root>,
        lifted: Option<String>,
    }
    let read = fs::read(folder.join(TOMBSTONES)).ok();
    let document = read.and_then(|json| serde_json::from_slice::<Document>(&json).ok());
    let entries = document.map_or_else(Vec::new, |document| document.tombstones);
    let dark = entries.into_iter().filter(|entry| entry.lifted.is_none());
    dark.flat_map(|entry| entry.roots.into_iter().map(move |root| (root, entry.number))).collect()
}

impl Tombstones {
    /// These, in order of their numbers.
    pub fn new(mut tombstones: Vec<Tombstone>) -> Tombstones {
        tombstones.sort_by_key(|tombstone| tombstone.number);
        Tombstones { format: "deadwax-tombstones", schema: SCHEMA, tombstones }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.tombstones.len()
    }

    /// Whether nothing ever went dark.
    pub fn is_empty(&self) -> bool {
        self.tombstones.is_empty()
    }

    /// The bytes of tombstones.json.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Writes tombstones.json of the finished edition in `folder` anew, and its place among the `files` of edition.json.
    /// Whether anything was written: both say so already else. What is signed is no longer what is there afterwards.
    ///
    /// # Errors
    /// A folder that is no edition, a full disk.
    pub fn renew(&self, folder: &Path) -> Result<bool, EditionError> {
        let (path, about) = (folder.join(TOMBSTONES), folder.join("edition.json"));
        let bytes = self.to_json();
        let text = fs::read(&about).map_err(EditionError::io("read", &about))?;
        let not_an_edition =
            |what: &str| EditionError::NotAnEdition { path: about.clone(), what: what.to_owned() };
        let mut edition: Value =
            serde_json::from_slice(&text).map_err(|e| not_an_edition(&e.to_string()))?;
        let files = edition
            .get_mut("files")
            .and_then(Value::as_array_mut)
            .ok_or_else(|| not_an_edition("it lists no files"))?;
        let hashes = hash_of(&bytes);
        let entry =
            json!({"path": TOMBSTONES, "bytes": hashes.bytes, "root": hashes.root.to_string()});
        let name = |file: &Value| file["path"].as_str().unwrap_or_default().to_owned();
        let is_listed = files.contains(&entry);
        if !is_listed {
            files.retain(|file| name(file) != TOMBSTONES);
            let place = files.partition_point(|file| name(file).as_str() < TOMBSTONES);
            files.insert(place, entry);
        }
        let is_there = fs::read(&path).is_ok_and(|there| there == bytes);
        // The list of files last: it never speaks of what is not there yet.
        if !is_there {
            write_file(&path, &bytes)?;
        }
        if !is_listed {
            let mut json =
                serde_json::to_vec_pretty(&edition).map_err(|e| not_an_edition(&e.to_string()))?;
            json.push(b'\n');
            write_file(&about, &json)?;
        }
        Ok(!is_there || !is_listed)
    }
}
