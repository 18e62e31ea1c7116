//! The roots of an edition's own files, by which its fixity is checked.

use crate::EditionError;
use crate::summary::PublishedFile;
use deadwax_store::hash_reader;
use std::fs::{self, File};
use std::path::Path;

/// Every file below `folder`, sorted by path; pack folders are left out, because torrents give the roots
/// of what is in them. What is in `files` is not read again, and those whose names begin as `unfinished` not yet.
pub(crate) fn published_files(
    folder: &Path,
    mut files: Vec<PublishedFile>,
    unfinished: Option<&str>,
) -> Result<Vec<PublishedFile>, EditionError> {
    for part in ["", "packs", "parquet"] {
        let folder_here = folder.join(part);
        let listing = match fs::read_dir(&folder_here) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            listing => listing.map_err(EditionError::io("list", &folder_here))?,
        };
        for entry in listing {
            let entry = entry.map_err(EditionError::io("list", &folder_here))?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let said = if part.is_empty() { name } else { format!("{part}/{name}") };
            let is_later = unfinished.is_some_and(|start| said.starts_with(start));
            if !path.is_file() || is_later || files.iter().any(|known| known.path == said) {
                continue;
            }
            let file = File::open(&path).map_err(EditionError::io("open", &path))?;
            let hashes = hash_reader(file).map_err(EditionError::io("re-read", &path))?;
            files.push(PublishedFile { path: said, bytes: hashes.bytes, root: hashes.root });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
