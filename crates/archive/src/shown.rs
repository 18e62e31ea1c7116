//! One recording as a person asks for it: from the working catalogue when the archive has its file, else from the
//! newest edition, which has the indexes that find what is known from tables alone.

use crate::{Archive, ArchiveError, Details, Run};
use deadwax_edition::{Edition, Recording};
use deadwax_model::RecordingKey;

/// What `show` shows.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// Of the working catalogue.
    Details(Vec<Details>),
    /// Of an edition.
    Listed(Vec<Recording>),
}

impl Archive {
    /// Everything known of what a person names by rank, id or ISRC.
    ///
    /// # Errors
    /// Nothing is called so, neither here nor in the newest edition.
    pub fn show(&self, run: &Run<'_>, named: &str) -> Result<Shown, ArchiveError> {
        let refusal = match self.details(run, named) {
            Err(ArchiveError::Refused(why)) => ArchiveError::Refused(why),
            details => return details.map(Shown::Details),
        };
        if self.known_recordings()? == 0 {
            return Err(refusal);
        }
        // That there is no edition, or that it has nothing of the name, is no more than the refusal says; all else is.
        let shown = self.newest_edition().and_then(|edition| show_listed(&edition, named));
        shown.map_err(|error| match error {
            ArchiveError::Refused(_) => refusal,
            error => error,
        })
    }
}

/// What an edition has of what a person names by rank, id or ISRC.
///
/// # Errors
/// Nothing in it is called so.
pub fn show_listed(edition: &Edition, named: &str) -> Result<Shown, ArchiveError> {
    let key: RecordingKey = named.parse().map_err(|e| ArchiveError::Refused(format!("{e}")))?;
    let found = edition.recordings(&key)?;
    match found.is_empty() {
        false => Ok(Shown::Listed(found)),
        true => Err(ArchiveError::Refused(format!(
            "no recording '{named}' is in the edition {}; `deadwax search` finds by words",
            edition.folder().display()
        ))),
    }
}
