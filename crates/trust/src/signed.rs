//! Signed metadata as files.

use crate::{Role, SignError, SigningKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::num::NonZeroU64;
use std::path::Path;
use tough::schema::{Role as TufRole, Signature, Signed};

/// What is written into all metadata.
pub(crate) const SPECIFICATION: &str = "1.0.0";

/// The bytes of a metadata file, signed by these keys. They are canonical: the same content and keys give the same bytes.
pub(crate) fn sign<T>(role: Role, content: T, keys: &[&SigningKey]) -> Result<Vec<u8>, SignError>
where
    T: TufRole + DeserializeOwned + PartialEq,
{
    let bad = || SignError::BadPath { role };
    let canonical = content.canonical_form().map_err(|_| bad())?;
    let signature = |key: &&SigningKey| Signature {
        keyid: key.tuf_id().clone(),
        sig: key.sign(&canonical).into(),
    };
    let signatures: Vec<_> = keys.iter().map(signature).collect();
    let written = serde_json::to_string(&signatures).map_err(|_| bad())?;
    let mut bytes = format!("{{\"signatures\":{written},\"signed\":").into_bytes();
    bytes.extend(&canonical);
    bytes.extend(b"}\n");
    // The canonical form changes what is not NFC, and leaves control characters as they are: neither may pass as something else.
    match serde_json::from_slice::<Signed<T>>(&bytes) {
        Ok(read) if read.signed == content => Ok(bytes),
        _ => Err(bad()),
    }
}

/// Reads a metadata file of the archive's own. No signature is checked.
pub(crate) fn read<T>(path: &Path, next: &'static str) -> Result<(Signed<T>, Vec<u8>), SignError>
where
    T: Serialize + DeserializeOwned,
{
    let bytes = fs::read(path).map_err(SignError::io("read", path))?;
    let read = serde_json::from_slice(&bytes).map_err(|e| SignError::malformed(path, e, next))?;
    Ok((read, bytes))
}

/// A version as `tough` wants it; they run from 1.
pub(crate) fn version(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)
}
