//! Fixity of an edition that lies by itself: a copy on a disk, a folder that a web server shows.

use crate::editions::EditionFiles;
use crate::verify::Log;
use crate::{ArchiveError, Run, VerifyReport};
use deadwax_edition::dark_files;
use std::path::Path;

/// Re-reads every file of the edition in `folder`, pack folders too, and compares roots. Nothing is written into an edition, so
/// no days are noted, and a run that was interrupted begins anew.
///
/// # Errors
/// Where there is no edition, and when the person stops it.
pub fn verify_edition(run: &Run<'_>, folder: &Path) -> Result<VerifyReport, ArchiveError> {
    if !folder.join("edition.json").exists() {
        return Err(ArchiveError::Refused(format!(
            "there is no edition in {}: it has no edition.json; name an edition's own folder",
            folder.display()
        )));
    }
    let name = folder.file_name().map_or_else(|| ".".into(), |name| name.to_string_lossy());
    let mut report = VerifyReport::default();
    let mut files = EditionFiles::beneath(folder, &mut report);
    files.dark = dark_files(folder);
    files.add(run, folder, &name)?;
    let expected = files.into_expected();
    let mut log = Log::none();
    log.examine(run, expected, &mut report)?;
    log.end(&mut report);
    report.damaged.sort();
    report.missing.sort();
    Ok(report)
}
