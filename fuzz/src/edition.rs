//! The signed metadata of a small edition, in memory, for what reads them.

use async_trait::async_trait;
use aws_lc_rs::signature::Ed25519KeyPair;
use deadwax_trust::{Fetch, FetchError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tough::schema::{Role, Snapshot, Targets, Timestamp};
use tough::sign::Sign;

/// The files in `trust/` of an edition, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata(pub BTreeMap<String, Vec<u8>>);

#[async_trait]
impl Fetch for Metadata {
    async fn fetch(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError> {
        let name = path.strip_prefix("trust/").unwrap_or(path);
        let bytes = self.0.get(name).ok_or(FetchError::NotFound)?;
        match bytes.len() as u64 > most_bytes {
            true => Err(FetchError::TooLarge),
            false => Ok(bytes.clone()),
        }
    }
}

impl Metadata {
    /// Those that deadwax itself made of two recordings, under its second root; signed until 2126. Nobody has the keys any more.
    pub fn sound() -> Metadata {
        let files: [(&str, &[u8]); 5] = [
            ("1.root.json", include_bytes!("../edition/trust/1.root.json")),
            ("2.root.json", include_bytes!("../edition/trust/2.root.json")),
            ("timestamp.json", include_bytes!("../edition/trust/timestamp.json")),
            ("snapshot.json", include_bytes!("../edition/trust/snapshot.json")),
            ("targets.json", include_bytes!("../edition/trust/targets.json")),
        ];
        Metadata(files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).into())
    }

    /// The same with another file in the place of one, or a new one.
    pub fn with(mut self, name: &str, bytes: &[u8]) -> Metadata {
        self.0.insert(name.to_owned(), bytes.to_vec());
        self
    }
}

/// Somebody with good keys who signs anything: an archive that is trusted because nobody knows it yet.
pub struct Stranger(Ed25519KeyPair);

impl Default for Stranger {
    fn default() -> Stranger {
        Stranger(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("any seed is a key"))
    }
}

impl Stranger {
    /// An edition whose list of files says this; `None` of what is none.
    pub fn with_targets(&self, said: &[u8]) -> Option<Metadata> {
        let targets: Targets = serde_json::from_slice(said).ok()?;
        let version = targets.version.get();
        let targets = self.sign(&targets)?;
        let snapshot = names("snapshot", "targets.json", version, &targets);
        let snapshot = self.sign(&read::<Snapshot>(snapshot))?;
        Some(self.edition(targets, snapshot))
    }

    /// An edition whose snapshot says this.
    pub fn with_snapshot(&self, said: &[u8]) -> Option<Metadata> {
        let snapshot: Snapshot = serde_json::from_slice(said).ok()?;
        Some(self.edition(self.no_targets(), self.sign(&snapshot)?))
    }

    /// An edition whose timestamp says this.
    pub fn with_timestamp(&self, said: &[u8]) -> Option<Metadata> {
        let timestamp: Timestamp = serde_json::from_slice(said).ok()?;
        let timestamp = self.sign(&timestamp)?;
        let edition = self.with_targets(NO_TARGETS.as_bytes())?;
        Some(edition.with("timestamp.json", &timestamp))
    }

    fn no_targets(&self) -> Vec<u8> {
        let none: Targets = serde_json::from_str(NO_TARGETS).expect("it is a list");
        self.sign(&none).expect("it can be signed")
    }

    /// Signed as it is, under a timestamp for this snapshot and a root for this key.
    fn edition(&self, targets: Vec<u8>, snapshot: Vec<u8>) -> Metadata {
        let peek: Value = serde_json::from_slice(&snapshot).expect("it was written here");
        let version = peek["signed"]["version"].as_u64().unwrap_or(1);
        let timestamp = names("timestamp", "snapshot.json", version, &snapshot);
        let timestamp = self.sign(&read::<Timestamp>(timestamp)).expect("it can be signed");
        let files = [
            ("1.root.json", self.root()),
            ("timestamp.json", timestamp),
            ("snapshot.json", snapshot),
            ("targets.json", targets),
        ];
        Metadata(files.map(|(name, bytes)| (name.to_owned(), bytes)).into())
    }

    fn root(&self) -> Vec<u8> {
        let key = self.0.tuf_key();
        let id = hex::encode(key.key_id().expect("a key has an id"));
        let by = json!({"keyids": [id], "threshold": 1});
        let root = json!({
            "_type": "root", "spec_version": "1.0.0", "version": 1, "consistent_snapshot": false,
            "expires": FAR, "keys": {id: key},
            "roles": {"root": by, "timestamp": by, "snapshot": by, "targets": by},
        });
        self.sign(&read::<tough::schema::Root>(root)).expect("it can be signed")
    }

    /// `None` of what has no canonical form.
    fn sign<T: Role>(&self, content: &T) -> Option<Vec<u8>> {
        let id = hex::encode(self.0.tuf_key().key_id().expect("a key has an id"));
        let signature = self.0.sign(&content.canonical_form().ok()?);
        let signature = json!({"keyid": id, "sig": hex::encode(signature)});
        serde_json::to_vec(&json!({"signatures": [signature], "signed": content})).ok()
    }
}

const FAR: &str = "2126-01-01T00:00:00Z";
const NO_TARGETS: &str = r#"{"_type": "targets", "spec_version": "1.0.0", "version": 1, "expires": "2126-01-01T00:00:00Z",
    "targets": {}}"#;

/// What says which file of that name is meant.
fn names(kind: &str, name: &str, version: u64, file: &[u8]) -> Value {
    let sha256 = hex::encode(Sha256::digest(file));
    json!({
        "_type": kind, "spec_version": "1.0.0", "version": 1, "expires": FAR,
        "meta": {name: {"version": version, "length": file.len(), "hashes": {"sha256": sha256}}},
    })
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("it is what it should be")
}
