//! Getting at the original bytes of a recording: from where it was found, or back from the holding.

use deadwax_audio::patch::Patch;
use deadwax_catalog::Recording;
use deadwax_model::{Root, Tier};
use deadwax_store::{Draft, FileHasher, Store};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;

/// The first of `paths` that is a file of the original's length, opened.
pub(crate) fn open_source(recording: &Recording, paths: &[PathBuf]) -> Option<File> {
    paths.iter().find_map(|path| {
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        (metadata.is_file() && metadata.len() == recording.original_bytes).then_some(file)
    })
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
