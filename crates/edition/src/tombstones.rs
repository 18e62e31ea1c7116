//! What went dark: tombstones.json, as docs/formats/takedown.md specifies it.

use crate::EditionError;
use deadwax_model::{RecordingId, Root};
use deadwax_rights::{TakedownReason, TakedownScope};
use deadwax_store::{hash_of, write_file};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Its name in an edition.
pub const TOMBSTONES: &str = "tombstones.json";
/// What it says it is.
const FORMAT: &str = "deadwax-tombstones";
/// The schema that is written.
const SCHEMA: u32 = 1;

/// The files that are dark by the tombstones.json at `path`, each with the first takedown that says so; none where there is
/// no such file.
///
/// # Errors
/// A file that cannot be read, is none of these, or is of a newer schema.
pub fn dark_files(path: &Path) -> Result<BTreeMap<Root, u32>, EditionError> {
    match fs::read(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        text => dark_in(path, &text.map_err(EditionError::io("read", path))?),
    }
}

/// The same of what was read already; `path` is where it came from.
///
/// # Errors
/// Bytes that are not such a document, or are one of a newer schema.
pub fn dark_in(path: &Path, text: &[u8]) -> Result<BTreeMap<Root, u32>, EditionError> {
    let none = |what: &str| EditionError::NotTombstones {
        path: path.to_path_buf(),
        what: what.to_owned(),
    };
    let document: Value = serde_json::from_slice(text).map_err(|e| none(&e.to_string()))?;
    let schema = document["schema"].as_u64().filter(|_| document["format"] == FORMAT);
    match schema {
        Some(found) if found > u64::from(SCHEMA) => {
            let known = u64::from(SCHEMA);
            return Err(EditionError::NewerSchema { path: path.to_path_buf(), found, known });
        }
        Some(1..) => {}
        _ => return Err(none("they do not say what they are")),
    }
    let list = |value: &Value, key: &str| value[key].as_array().cloned().ok_or(none(key));
    let mut dark = BTreeMap::new();
    for tombstone in list(&document, "tombstones")? {
        match tombstone["lifted"] {
            Value::Null => {}
            Value::String(_) => continue,
            _ => return Err(none("lifted")),
        }
        let number = tombstone["number"].as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.ok_or(none("number"))?;
        for root in list(&tombstone, "roots")? {
            let root = root.as_str().and_then(|root| root.parse().ok()).ok_or(none("roots"))?;
            dark.entry(root).or_insert(number);
        }
    }
    Ok(dark)
}

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

impl Tombstones {
    /// These, in order of their numbers.
    pub fn new(mut tombstones: Vec<Tombstone>) -> Tombstones {
        tombstones.sort_by_key(|tombstone| tombstone.number);
        Tombstones { format: FORMAT, schema: SCHEMA, tombstones }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tombstone(number: u32, root: u8, lifted: Option<&str>) -> Tombstone {
        Tombstone {
            number,
            time: "2026-11-21T10:00:00Z".to_owned(),
            notice: format!("N-{number}"),
            reason: TakedownReason::Error,
            scope: TakedownScope::Publish,
            recordings: BTreeSet::new(),
            roots: BTreeSet::from([Root([root; 32])]),
            lifted: lifted.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_was_lifted_is_dark_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(TOMBSTONES);
        assert_eq!(dark_files(&path).unwrap(), BTreeMap::new(), "an edition from before");
        let all = [tombstone(3, 7, None), tombstone(2, 8, Some("x")), tombstone(1, 7, None)];
        let tombstones = Tombstones::new(all.to_vec());
        assert_eq!((tombstones.len(), tombstones.is_empty()), (3, false));
        fs::write(&path, tombstones.to_json()).unwrap();
        assert_eq!(dark_files(&path).unwrap(), BTreeMap::from([(Root([7; 32]), 1)]));
        for (text, why) in [
            ("", "cannot be read"),
            ("[]", "do not say what they are"),
            (r#"{"format": "deadwax-tombstones", "schema": 0, "tombstones": []}"#, "do not say"),
            (
                r#"{"format": "deadwax-tombstones", "schema": 1, "tombstones": [{"number": 1, "roots": [], "lifted": true}]}"#,
                "lifted",
            ),
            (r#"{"format": "deadwax-tombstones", "schema": 2, "tombstones": []}"#, "schema"),
            (r#"{"format": "deadwax-tombstones", "schema": 1}"#, "tombstones"),
            (
                r#"{"format": "deadwax-tombstones", "schema": 1, "tombstones": [{"number": 1, "roots": ["7"]}]}"#,
                "roots",
            ),
        ] {
            fs::write(&path, text).unwrap();
            let said = dark_files(&path).unwrap_err().to_string();
            assert!(said.contains(why) && said.contains("tombstones.json"), "{text}: {said}");
        }
    }
}
