//! The name by which a recording is asked for.

use crate::Root;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A recording's id: 20 lower-case hex digits, given once and kept when a better source replaces
/// the file. A recording first seen as a file takes the first 80 bits of that file's root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordingId(String);

/// Where a recording that was first seen as a row of a table stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId {
    /// The name of the collection of tables.
    pub collection: Arc<str>,
    /// The row's id in it.
    pub id: u64,
}

/// A text that is not a recording's id.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a recording id: an id is 20 hex digits, as `deadwax list` prints them")]
pub struct RecordingIdError(String);

impl RecordingId {
    /// The id of a recording first seen as the file with this root.
    pub fn of_first_source(root: &Root) -> RecordingId {
        RecordingId(hex::encode(&root.0[..10]))
    }

    /// The id of a recording first seen as a row of a table: the first 80 bits of SHA-256 of `tables`, a zero byte,
    /// the collection's name, a zero byte and the row's id in decimal (docs/formats/tables.md).
    pub fn of_row(row: &TableId) -> RecordingId {
        let mut hasher = Sha256::new();
        hasher.update(b"tables\0");
        hasher.update(row.collection.as_bytes());
        hasher.update(b"\0");
        hasher.update(row.id.to_string().as_bytes());
        RecordingId(hex::encode(&hasher.finalize()[..10]))
    }

    /// The id of these 80 bits.
    pub fn from_bytes(bytes: [u8; 10]) -> RecordingId {
        RecordingId(hex::encode(bytes))
    }

    /// The 80 bits, as tables keep them.
    pub fn to_bytes(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        hex::decode_to_slice(&self.0, &mut bytes).expect("an id is 20 hex digits");
        bytes
    }

    /// The 20 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecordingId {
    type Err = RecordingIdError;

    fn from_str(text: &str) -> Result<RecordingId, RecordingIdError> {
        let lower = text.to_ascii_lowercase();
        if lower.len() == 20 && lower.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(RecordingId(lower))
        } else {
            Err(RecordingIdError(text.to_owned()))
        }
    }
}

impl fmt::Display for RecordingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for RecordingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
