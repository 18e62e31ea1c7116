//! The hashes of an edition's files.

use crate::SignError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file of an edition, to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFile {
    /// Relative to the edition, `/` between parts.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its hash.
    pub sha256: [u8; 32],
}

impl TargetFile {
    /// Reads these files of the edition in `folder`, several at a time, and gives them in the order of `paths`. `done` is told of
    /// each file and its length; `go_on` is asked now and then, and ends it by saying no.
    pub fn read_all(
        folder: &Path,
        paths: &[String],
        jobs: usize,
        done: &(impl Fn(&str, u64) + Sync),
        go_on: &(impl Fn() -> bool + Sync),
    ) -> Result<Vec<TargetFile>, SignError> {
        let (next, read) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, paths.len().max(1)) {
                scope.spawn(|| {
                    let mut buffer = vec![0; 1 << 20];
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(path) = paths.get(number) else { break };
                        let hashed = hash(folder, path, &mut buffer, go_on);
                        if let Ok(file) = &hashed {
                            done(path, file.bytes);
                        }
                        let failed = hashed.is_err();
                        read.lock().unwrap_or_else(|e| e.into_inner()).push((number, hashed));
                        if failed {
                            next.store(paths.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let mut read = read.into_inner().unwrap_or_else(|e| e.into_inner());
        read.sort_by_key(|(number, _)| *number);
        read.into_iter().map(|(_, hashed)| hashed).collect()
    }
}

fn hash(
    folder: &Path,
    path: &str,
    buffer: &mut [u8],
    go_on: &impl Fn() -> bool,
) -> Result<TargetFile, SignError> {
    let whole = folder.join(path);
    let mut file = File::open(&whole).map_err(SignError::io("open", &whole))?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    loop {
        if !go_on() {
            return Err(SignError::Interrupted);
        }
        match file.read(buffer).map_err(SignError::io("read", &whole))? {
            0 => break,
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    let sha256 = hasher.finalize().into();
    Ok(TargetFile { path: path.to_owned(), bytes, sha256 })
}
