//! Reads edition.json.

use crate::schema::EDITION_SCHEMA;
use crate::{EditionError, EditionSummary};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Longest edition.json that is read.
const MAX_SUMMARY_BYTES: u64 = 256 << 20;

impl EditionSummary {
    /// Reads an edition.json.
    ///
    /// # Errors
    /// A file that is not there or not such a document; one of a newer schema.
    pub fn read(path: &Path) -> Result<EditionSummary, EditionError> {
        let not_an_edition =
            |what: String| EditionError::NotAnEdition { path: path.to_path_buf(), what };
        let file = File::open(path).map_err(|error| not_an_edition(error.to_string()))?;
        let mut text = String::new();
        file.take(MAX_SUMMARY_BYTES)
            .read_to_string(&mut text)
            .map_err(|error| not_an_edition(error.to_string()))?;
        let value: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| not_an_edition(format!("it is not JSON ({error})")))?;
        // Before the rest: a newer document may lack what ours must have.
        let schema = value.pointer("/schema/edition").and_then(serde_json::Value::as_u64);
        match schema {
            Some(found) if found > EDITION_SCHEMA => {
                let path = path.to_path_buf();
                Err(EditionError::NewerSchema { path, found, known: EDITION_SCHEMA })
            }
            Some(_) => {
                serde_json::from_value(value).map_err(|error| not_an_edition(error.to_string()))
            }
            None => Err(not_an_edition("it does not say its schema".to_owned())),
        }
    }
}
