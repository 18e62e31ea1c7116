//! Tables are read from files, so every input becomes one.

use deadwax_intake::tables::{TableFile, TableFormat, TableReader};
use deadwax_model::TableKind;
use std::path::{Path, PathBuf};

/// Reads the bytes, the first of which says which table they are, to their end or to a refusal.
///
/// # Panics
/// Where the rows that are given are not as many as were read, or the file for them cannot be written.
pub fn reads_as_table(input: &[u8], format: TableFormat) {
    let Some((kind, content)) = input.split_first() else { return };
    let kind = TableKind::ORDER[usize::from(*kind) % TableKind::ORDER.len()];
    let path = place(format);
    std::fs::write(&path, content).expect("there is room for a small file");
    let Ok(mut reader) = TableReader::open(&TableFile { path, kind, format }) else { return };
    while let Ok(Some(batch)) = reader.next_batch() {
        assert!((batch.rows.len() + batch.bad.len()) as u64 <= batch.read);
        assert!(batch.bad.iter().all(|bad| !bad.reason.is_empty()));
        // Two may begin in one line: a carriage return alone ends a record and no line.
        assert!(batch.rows.is_sorted_by_key(|(row, _)| *row));
    }
}

/// In memory where the system has such a folder.
fn place(format: TableFormat) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    folder.join(format!("deadwax-fuzz-{}.{}", std::process::id(), format.extension()))
}
