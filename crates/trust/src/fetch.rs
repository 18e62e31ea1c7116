//! How the files of an edition come here. What is behind it, a folder or a server of somebody else's, is trusted with nothing.

use async_trait::async_trait;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

/// Gives the files of one edition.
#[async_trait]
pub trait Fetch: Send + Sync + std::fmt::Debug {
    /// All bytes of a file; `path` is relative to the edition, `trust/timestamp.json`. Reads `most_bytes` and one more at most.
    async fn fetch(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError>;
}

/// Why a file did not come.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The source says that there is none.
    #[error("it is not there")]
    NotFound,
    /// It goes on behind the bytes that were asked for at most.
    #[error("it is larger than it may be")]
    TooLarge,
    /// Anything else: the network, the disk.
    #[error("{0}")]
    Other(String),
}

/// An edition in a folder. Nothing outside of it is ever read: no symbolic link is followed and no path leads up.
#[derive(Debug, Clone)]
pub struct FolderFetch {
    folder: PathBuf,
}

impl FolderFetch {
    /// The edition in `folder`; the folder itself may be a link.
    pub fn new(folder: &Path) -> FolderFetch {
        FolderFetch { folder: folder.to_path_buf() }
    }
}

#[async_trait]
impl Fetch for FolderFetch {
    async fn fetch(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError> {
        let (folder, path) = (self.folder.clone(), path.to_owned());
        let read = tokio::task::spawn_blocking(move || read_within(&folder, &path, most_bytes));
        read.await.map_err(|e| FetchError::Other(e.to_string()))?
    }
}

fn read_within(folder: &Path, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError> {
    let mut whole = folder.to_path_buf();
    for part in Path::new(path).components() {
        let Component::Normal(name) = part else {
            return Err(FetchError::Other(format!("{path} leads out of the edition")));
        };
        whole.push(name);
        let there = whole.symlink_metadata().map_err(why)?;
        if there.file_type().is_symlink() {
            return Err(FetchError::Other(format!("{} is a symbolic link", whole.display())));
        }
    }
    // Looked at before it is opened: opening a pipe would wait for a writer.
    if !whole.symlink_metadata().map_err(why)?.is_file() {
        return Err(FetchError::Other(format!("{} is not a file", whole.display())));
    }
    let mut bytes = Vec::new();
    let file = File::open(&whole).map_err(why)?;
    file.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(why)?;
    match bytes.len() as u64 > most_bytes {
        true => Err(FetchError::TooLarge),
        false => Ok(bytes),
    }
}

fn why(error: std::io::Error) -> FetchError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FetchError::NotFound,
        _ => FetchError::Other(error.to_string()),
    }
}
