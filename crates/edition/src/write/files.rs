//! The roots of an edition's own files, by which its fixity is checked.

use crate::EditionError;
use crate::summary::PublishedFile;
use deadwax_store::hash_reader;
use std::fs::{self, File};
use std::path::Path;

/// Every file below `folder`, sorted by path; pack folders are left out, because torrents give the roots
/// of what is in them.
pub(crate) fn published_files(folder: &Path) -> Result<Vec<PublishedFile>, EditionError> {
    let mut files = Vec::new();
    for part in ["", "packs", "parquet"] {
        let folder_here = folder.join(part);
        let listing = match fs::read_dir(&folder_here) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            listing => listing.map_err(EditionError::io("list", &folder_here))?,
        };
        for entry in listing {
            let entry = entry.map_err(EditionError::io("list", &folder_here))?;
            let path = entry.path();
            if !path.is_file() {
                continue;
            }
            let file = File::open(&path).map_err(EditionError::io("open", &path))?;
            let hashes = hash_reader(file).map_err(EditionError::io("re-read", &path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if part.is_empty() { name } else { format!("{part}/{name}") };
            files.push(PublishedFile { path, bytes: hashes.bytes, root: hashes.root });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
