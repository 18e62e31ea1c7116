//! The original comes back.

use crate::original::{find_source, restore_into};
use crate::{Archive, ArchiveError};
use deadwax_catalog::Recording;
use deadwax_model::{RecordingId, Root, Tier};
use deadwax_store::NewFile;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// What a `restore` did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RestoreReport {
    /// Which recording.
    pub id: RecordingId,
    /// Where it was written.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its root, compared with that of the original.
    pub root: Root,
}

impl Archive {
    /// Writes the original of a recording to `target`, bit for bit, and proves it by its root. `target`
    /// appears whole or not at all, and replaces nothing.
    pub fn restore(
        &self,
        recording: &Recording,
        target: &Path,
    ) -> Result<RestoreReport, ArchiveError> {
        let target =
            match (target.is_dir(), self.catalog.paths_of(&recording.original_root)?.first()) {
                (true, Some(path)) => target.join(path.file_name().unwrap_or_default()),
                _ => target.to_path_buf(),
            };
        // Short enough for any file system whatever the name's length.
        let draft = format!(".deadwax-restore-{}", &recording.id.as_str()[..12]);
        let file = NewFile::create(&target, &draft)?;
        self.write_original(recording, file).map_err(|error| match error {
            ArchiveError::Refused(why) => {
                let name = target.file_name().unwrap_or_default().to_string_lossy();
                ArchiveError::Refused(format!("{name} was not restored: {why}"))
            }
            other => other,
        })?;
        Ok(RestoreReport {
            id: recording.id.clone(),
            path: target,
            bytes: recording.original_bytes,
            root: recording.original_root,
        })
    }

    fn write_original(&self, recording: &Recording, file: NewFile) -> Result<(), ArchiveError> {
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        restore_into(&self.store, recording, &mut out).map_err(|why| {
            ArchiveError::Refused(match self.why_not(recording) {
                Some(reason) => reason,
                None => why,
            })
        })?;
        let file =
            out.into_inner().map_err(|e| ArchiveError::Refused(io::Error::from(e).to_string()))?;
        Ok(file.finish()?)
    }

    /// Why a recording has no original in the store, when that is as planned.
    fn why_not(&self, recording: &Recording) -> Option<String> {
        let paths = self.catalog.paths_of(&recording.original_root).unwrap_or_default();
        let elsewhere = match find_source(recording, &paths) {
            Some(path) => format!("; it is still at {}", path.display()),
            None => String::new(),
        };
        if recording.holding(Tier::Keep).is_some() {
            return None;
        }
        Some(match recording.holdings.first() {
            None => format!("the archive holds nothing of it yet: deadwax build{elsewhere}"),
            Some(holding) => format!(
                "the archive keeps it as {} ({}), re-encoded from root {}; the original itself was not kept{elsewhere}",
                holding.tier, holding.made_by, recording.original_root
            ),
        })
    }
}
