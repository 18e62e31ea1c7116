//! Getting at the original bytes of a recording: from where it was found, or back from the holding.

use deadwax_audio::patch::Patch;
use deadwax_catalog::Recording;
use deadwax_model::{Root, Tier};
use deadwax_store::{Draft, FileHasher, Store, hash_reader};
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

/// The original at the first of `paths` where it still is, opened.
///
/// Where only one file has its length and nothing else could give the bytes, that one is taken at its
/// word: whatever is made of it is compared with the original's root anyhow, and a first build reads
/// its source no more often than it has to.
pub(crate) fn open_source(recording: &Recording, paths: &[PathBuf]) -> Option<File> {
    let candidates = of_its_length(recording, paths);
    let is_certain = candidates.len() == 1 && recording.holding(Tier::Keep).is_none();
    let mut found = candidates.iter().filter(|path| is_certain || is_original(recording, path));
    found.find_map(|path| File::open(path).ok())
}

/// The first of `paths` where the original still is, to the bit.
pub(crate) fn find_source<'p>(recording: &Recording, paths: &'p [PathBuf]) -> Option<&'p PathBuf> {
    of_its_length(recording, paths).into_iter().find(|path| is_original(recording, path))
}

fn of_its_length<'p>(recording: &Recording, paths: &'p [PathBuf]) -> Vec<&'p PathBuf> {
    let has_length = |path: &&PathBuf| {
        fs::metadata(path)
            .is_ok_and(|there| there.is_file() && there.len() == recording.original_bytes)
    };
    paths.iter().filter(has_length).collect()
}

fn is_original(recording: &Recording, path: &Path) -> bool {
    let read = File::open(path).and_then(hash_reader);
    read.is_ok_and(|found| found.root == recording.original_root)
}

/// Writes the original to `out` from the holding and its patch, and compares roots. The error is a
/// sentence.
pub(crate) fn restore_into(
    store: &Store,
    recording: &Recording,
    out: &mut impl Write,
) -> Result<(), String> {
    let holding = recording.holding(Tier::Keep);
    let Some(holding) = holding else {
        return Err("no holding with its original audio is in the store".to_owned());
    };
    let mut held = store.read(&holding.hashes.root).map_err(|e| e.to_string())?;
    let mut out = Hashing::new(out);
    match holding.patch {
        None => io::copy(&mut held, &mut out).map(drop).map_err(|e| e.to_string())?,
        Some((root, bytes)) => {
            let patch = read_patch(store, &root, bytes)?;
            patch.apply(&mut held, &mut out).map_err(|e| e.to_string())?;
        }
    }
    let found = out.finish();
    match found == recording.original_root {
        true => Ok(()),
        false => Err(format!(
            "what came back has root {found}, the original had {}; the holding is damaged: deadwax verify",
            recording.original_root
        )),
    }
}

/// Restores the original into a draft of the store, to be read from there.
pub(crate) fn restore_draft<'s>(
    store: &'s Store,
    recording: &Recording,
) -> Result<Draft<'s>, String> {
    let mut draft = store.draft().map_err(|e| e.to_string())?;
    restore_into(store, recording, &mut draft)?;
    draft.rewind().map_err(|e| e.to_string())?;
    Ok(draft)
}

fn read_patch(store: &Store, root: &Root, bytes: u64) -> Result<Patch, String> {
    let mut content = Vec::new();
    let file = store.read(root).map_err(|e| e.to_string())?;
    io::Read::read_to_end(&mut io::Read::take(file, bytes + 1), &mut content)
        .map_err(|e| e.to_string())?;
    Patch::parse(&content).map_err(|e| e.to_string())
}

/// Passes bytes on and hashes them.
pub(crate) struct Hashing<W> {
    out: W,
    hasher: FileHasher,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(out: W) -> Hashing<W> {
        Hashing { out, hasher: FileHasher::new() }
    }

    pub(crate) fn finish(self) -> Root {
        self.hasher.finish().root
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.out.write(data)?;
        self.hasher.update(&data[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
