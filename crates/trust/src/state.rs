//! What a mirror remembers between two looks at an archive, so that nobody can show it something older.
//!
//! `tough` writes its memory in place; a kill in the middle of that would leave half a file, which it takes for none: the
//! protection from rollback would be gone without a word. So it works on a copy, and what changed is made durable here.

use crate::TrustError;
use crate::peek::Peek;
use crate::transport::root_version;
use deadwax_store::{create_folder, write_file};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What `tough` remembers, besides its root.
const REMEMBERED: [&str; 4] = ["timestamp.json", "snapshot.json", "targets.json", CLOCK];
pub(crate) const CLOCK: &str = "latest_known_time.json";

/// The folder of a mirror's memory.
pub(crate) struct State {
    pub(crate) folder: PathBuf,
    /// The roots that were trusted, as they came.
    pub(crate) roots: BTreeMap<u64, Vec<u8>>,
}

impl State {
    pub(crate) fn open(folder: &Path) -> Result<State, TrustError> {
        create_folder(folder)?;
        let mut roots = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(TrustError::io("list", folder))? {
            let path = entry.map_err(TrustError::io("list", folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some(version) = root_version(name) {
                roots.insert(version, fs::read(&path).map_err(TrustError::io("read", &path))?);
            }
        }
        Ok(State { folder: folder.to_path_buf(), roots })
    }

    /// A copy to work on.
    pub(crate) fn begin(&self) -> Result<PathBuf, TrustError> {
        let work = self.work();
        match fs::remove_dir_all(&work) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                return Err(TrustError::io("clear", &work)(e));
            }
            _ => fs::create_dir(&work).map_err(TrustError::io("create folder", &work))?,
        }
        for name in REMEMBERED {
            if let Some(bytes) = read(&self.folder.join(name))? {
                let copy = work.join(name);
                fs::write(&copy, bytes).map_err(TrustError::io("write", &copy))?;
            }
        }
        Ok(work)
    }

    /// The version of the newest root that was found good while working, whatever came of the rest.
    pub(crate) fn root_found(&self) -> Result<Option<u64>, TrustError> {
        let root = read(&self.work().join("root.json"))?;
        Ok(root.and_then(|bytes| Peek::at(&bytes).ok()).map(|peek| peek.signed.version))
    }

    /// Keeps what was found good, also when what came after it was not: `roots` first, because the rest is checked by them.
    pub(crate) fn keep(&self, roots: &BTreeMap<u64, Vec<u8>>) -> Result<(), TrustError> {
        for (version, bytes) in roots {
            if self.roots.get(version) != Some(bytes) {
                write_file(&self.folder.join(format!("{version}.root.json")), bytes)?;
            }
        }
        for name in REMEMBERED {
            let (kept, found) = (self.folder.join(name), read(&self.work().join(name))?);
            match found {
                Some(bytes) if read(&kept)?.as_ref() != Some(&bytes) => write_file(&kept, &bytes)?,
                Some(_) => {}
                None if kept.exists() => {
                    fs::remove_file(&kept).map_err(TrustError::io("remove", &kept))?;
                }
                None => {}
            }
        }
        let work = self.work();
        fs::remove_dir_all(&work).map_err(TrustError::io("clear", &work))
    }

    fn work(&self) -> PathBuf {
        self.folder.join("work")
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, TrustError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(TrustError::io("read", path)(e)),
    }
}
