//! A look at metadata whose signatures are checked elsewhere, or not yet.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What all metadata say.
#[derive(Debug, Deserialize)]
pub(crate) struct Peek {
    pub(crate) signed: PeekSigned,
    #[serde(default)]
    pub(crate) signatures: Vec<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PeekSigned {
    pub(crate) version: u64,
    pub(crate) expires: String,
    /// Of timestamp and snapshot: what they name.
    #[serde(default)]
    pub(crate) meta: std::collections::BTreeMap<String, PeekMeta>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PeekMeta {
    pub(crate) length: Option<u64>,
}

impl Peek {
    pub(crate) fn at(bytes: &[u8]) -> Result<Peek, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}
