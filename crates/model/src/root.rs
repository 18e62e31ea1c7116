//! The one hash: a file's name everywhere.

use std::fmt;
use std::str::FromStr;

/// The BEP 52 `pieces root` of a file: SHA-256 Merkle tree over 16 KiB leaves, the leaf layer padded
/// with zero hashes to a power of two. Printed as 64 lower-case hex digits.
///
/// An empty file has no pieces root in BEP 52; its `Root` here is 32 zero bytes ([`Root::EMPTY`]).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root(pub [u8; 32]);

impl Root {
    /// The root given to a file of no bytes.
    pub const EMPTY: Root = Root([0; 32]);

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A root from exactly 32 bytes, as read from a database row.
    pub fn from_slice(bytes: &[u8]) -> Result<Root, RootParseError> {
        bytes.try_into().map(Root).map_err(|_| RootParseError(format!("{} bytes", bytes.len())))
    }
}

/// A text or byte string that is not a root.
#[derive(Debug, thiserror::Error)]
#[error("a root is 64 hex digits (32 bytes), not {0}")]
pub struct RootParseError(String);

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({self})")
    }
}

impl FromStr for Root {
    type Err = RootParseError;

    fn from_str(text: &str) -> Result<Root, RootParseError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| RootParseError(format!("'{text}'")))?;
        Ok(Root(bytes))
    }
}

impl serde::Serialize for Root {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Root {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Root, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
