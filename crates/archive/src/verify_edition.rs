//! Fixity of an edition that lies by itself: a copy on a disk, a folder that a web server shows.

use crate::editions::EditionFiles;
use crate::opened::{edition_order, is_edition_name};
use crate::verify::Log;
use crate::{ArchiveError, Run, VerifyReport};
use deadwax_edition::{EditionError, TOMBSTONES, dark_files};
use deadwax_model::Root;
use std::collections::BTreeMap;
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
    let mut files = EditionFiles::beneath(folder, &mut report).without(dark_in(folder)?);
    files.add(run, folder, &name)?;
    let expected = files.into_expected();
    let mut log = Log::none();
    log.examine(run, expected, &mut report)?;
    log.end(&mut report);
    report.damaged.sort();
    report.missing.sort();
    Ok(report)
}

/// The files that are not to be in the edition, by the newest of it and the editions beside it: that one says what went dark, and
/// what came back.
fn dark_in(folder: &Path) -> Result<BTreeMap<Root, u32>, ArchiveError> {
    let beside = folder.parent().and_then(|above| above.read_dir().ok());
    let names =
        beside.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let newest = names
        .filter(|name| {
            is_edition_name(name) && folder.with_file_name(name).join(TOMBSTONES).is_file()
        })
        .max_by_key(|name| edition_order(name));
    let newest = newest.map_or_else(|| folder.to_path_buf(), |name| folder.with_file_name(name));
    match dark_files(&newest.join(TOMBSTONES)) {
        // Damage is told by the file's root, and keeps nobody from checking the others.
        Err(EditionError::NotTombstones { .. }) => Ok(BTreeMap::new()),
        dark => Ok(dark?),
    }
}
