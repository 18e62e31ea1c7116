//! What must hold before a torrent is written: a torrent that clients cannot load, or that nobody can
//! ever complete, must not leave the archive.

use super::PackFile;
use crate::{TorrentError, merkle, names};
use deadwax_model::{FileHashes, PIECE_BYTES, Root};

/// The files in the order of the torrent, when all is well with them, and the place that each was given at.
pub(super) fn checked<'a, 'b>(
    name: &str,
    files: &'a [PackFile<'b>],
) -> Result<(Vec<&'a PackFile<'b>>, Vec<u32>), TorrentError> {
    check_component(name, || name.to_owned())?;
    if files.is_empty() {
        return Err(TorrentError::NoFiles);
    }
    if files.iter().all(|file| file.hashes.bytes == 0) {
        return Err(TorrentError::NoBytes { files: files.len() });
    }
    for file in files {
        check_path(&file.path)?;
        check_row(file.hashes)
            .map_err(|what| TorrentError::HashRow { path: file.path.join("/"), what })?;
    }
    let mut places: Vec<(u32, &PackFile)> = (0..).zip(files).collect();
    places.sort_unstable_by(|(_, a), (_, b)| a.path.cmp(&b.path));
    let (order, sorted): (Vec<u32>, Vec<&PackFile>) = places.into_iter().unzip();
    for pair in sorted.windows(2) {
        // Sorted by components, a path comes right before the paths below it.
        if pair[1].path.starts_with(&pair[0].path) {
            let path = pair[0].path.join("/");
            return Err(if pair[0].path.len() == pair[1].path.len() {
                TorrentError::DuplicatePath { path }
            } else {
                TorrentError::FileIsFolder { path }
            });
        }
    }
    Ok((sorted, order))
}

fn check_path(path: &[String]) -> Result<(), TorrentError> {
    if !(1..=names::MAX_DEPTH).contains(&path.len()) {
        return Err(TorrentError::Depth { path: path.join("/"), depth: path.len() });
    }
    path.iter().try_for_each(|component| check_component(component, || path.join("/")))
}

fn check_component(component: &str, path: impl Fn() -> String) -> Result<(), TorrentError> {
    if names::is_component(component) {
        return Ok(());
    }
    Err(TorrentError::BadComponent {
        path: path(),
        component: component.to_owned(),
        safe: names::component(component, names::MAX_COMPONENT_BYTES),
    })
}

/// Lengths of all hash lists against the length of the file, and the piece layer against the root.
fn check_row(row: &FileHashes) -> Result<(), String> {
    let count = |what: &str, found: usize, wanted: u64| {
        if found as u64 == wanted {
            return Ok(());
        }
        Err(format!("{found} bytes of {what} where a file of {} bytes has {wanted}", row.bytes))
    };
    let layer_bytes = if row.bytes > PIECE_BYTES { row.pieces() * 32 } else { 0 };
    count("piece layer", row.piece_layer.len(), layer_bytes)?;
    count("v1 hashes", row.v1_whole.len(), row.bytes / PIECE_BYTES * 20)?;
    let has_rest = !row.bytes.is_multiple_of(PIECE_BYTES);
    if row.v1_tail.is_some() != has_rest || row.v1_tail_padded.is_some() != has_rest {
        return Err(format!("its v1 tail hashes do not fit {} bytes", row.bytes));
    }
    if (row.root == Root::EMPTY) != (row.bytes == 0) {
        return Err(format!("its root is {} and its length {}", row.root, row.bytes));
    }
    if layer_bytes > 0 && merkle::root_of_layer(&row.piece_layer) != Some(row.root.0) {
        return Err(format!("its piece layer does not give its root {}", row.root));
    }
    Ok(())
}
