//! An archive, opened.

use crate::{ArchiveError, Policy};
use deadwax_catalog::Catalog;
use deadwax_edition::Edition;
use deadwax_store::{ArchiveLock, Store, create_folder, write_file};
use std::path::{Path, PathBuf};

/// An archive, opened. Opened for writing it holds the archive's lock.
pub struct Archive {
    pub(crate) folder: PathBuf,
    pub(crate) policy: Policy,
    pub(crate) catalog: Catalog,
    pub(crate) store: Store,
    _lock: Option<ArchiveLock>,
}

const POLICY: &str = "deadwax.toml";
pub(crate) const CATALOG: &str = "catalog.sqlite";

impl Archive {
    /// Makes an archive in `folder` and opens it; one that is there already is opened as it is. The
    /// folder must be absent, empty or an archive.
    pub fn create(folder: &Path, title: Option<&str>) -> Result<Archive, ArchiveError> {
        let ours = |name: &std::ffi::OsStr| {
            name.to_str().is_some_and(|name| name == "archive.lock" || name.starts_with(POLICY))
        };
        has_its_catalogue(folder)?;
        if !folder.join(CATALOG).is_file() && folder.exists() {
            let listing = std::fs::read_dir(folder).map_err(ArchiveError::io("list", folder))?;
            for entry in listing {
                let entry = entry.map_err(ArchiveError::io("list", folder))?;
                if !ours(&entry.file_name()) {
                    return Err(ArchiveError::NotAnArchive { path: folder.to_path_buf() });
                }
            }
        }
        if folder.join(CATALOG).is_file() {
            Catalog::check(&folder.join(CATALOG))?;
        }
        create_folder(folder)?;
        let folder = absolute(folder)?;
        let lock = ArchiveLock::take(&folder)?;
        let policy = folder.join(POLICY);
        if !policy.exists() {
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
            let title = title.map(str::to_owned).or(name).unwrap_or_default();
            write_file(&policy, Policy::template(&title).as_bytes())?;
        }
        let catalog = Catalog::create(&folder.join(CATALOG))?;
        Archive::assemble(folder, catalog, Some(lock))
    }

    /// Opens an existing archive to change it; one process at a time.
    pub fn open(folder: &Path) -> Result<Archive, ArchiveError> {
        let folder = existing(folder)?;
        has_its_catalogue(&folder)?;
        // Before the lock's file is made: an edition, or a folder of another program's, has such a file too.
        Catalog::check(&folder.join(CATALOG))?;
        let lock = ArchiveLock::take(&folder)?;
        let catalog = Catalog::open(&folder.join(CATALOG))?;
        Archive::assemble(folder, catalog, Some(lock))
    }

    /// Opens an existing archive to read it, also while another process changes it.
    pub fn open_to_read(folder: &Path) -> Result<Archive, ArchiveError> {
        let folder = existing(folder)?;
        let catalog = Catalog::open_to_read(&folder.join(CATALOG))?;
        Archive::assemble(folder, catalog, None)
    }

    fn assemble(
        folder: PathBuf,
        catalog: Catalog,
        lock: Option<ArchiveLock>,
    ) -> Result<Archive, ArchiveError> {
        let policy = Policy::read(&folder.join(POLICY))?;
        let store = match &lock {
            Some(_) => Store::create(&folder.join("store"))?,
            None => Store::open(&folder.join("store")),
        };
        Ok(Archive { folder, policy, catalog, store, _lock: lock })
    }

    /// The archive's folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What its operator decided.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its working catalogue.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Its newest edition, opened.
    pub fn newest_edition(&self) -> Result<Edition, ArchiveError> {
        match self.editions()?.last() {
            Some(name) => Ok(Edition::open(&self.folder.join("editions").join(name))?),
            None => Err(ArchiveError::Refused(format!(
                "{} has no edition yet; make one first: deadwax --archive {} publish",
                self.folder.display(),
                self.folder.display()
            ))),
        }
    }

    /// The names of its editions, oldest first: `2026-11-20`, `2026-11-20.2`, ...
    pub fn editions(&self) -> Result<Vec<String>, ArchiveError> {
        let folder = self.folder.join("editions");
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(ArchiveError::io("list", &folder))? {
            let entry = entry.map_err(ArchiveError::io("list", &folder))?;
            match entry.file_name().into_string() {
                Ok(name) if is_edition_name(&name) => names.push(name),
                _ => {}
            }
        }
        names.sort_by_key(|name| edition_order(name));
        Ok(names)
    }

    /// A path as reports print it: relative to the archive where it lies in it.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }
}

/// `YYYY-MM-DD`, or that and `.N`: anything else in the folder is somebody's own.
pub(crate) fn is_edition_name(name: &str) -> bool {
    let (day, number) = name.split_once('.').unwrap_or((name, "2"));
    let fits = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    day.len() == 10 && day.bytes().enumerate().all(fits) && number.parse::<u32>().is_ok()
}

/// `2026-11-20.10` comes after `2026-11-20.9` and that after `2026-11-20`.
pub(crate) fn edition_order(name: &str) -> (String, u32) {
    match name.split_once('.') {
        Some((date, number)) => (date.to_owned(), number.parse().unwrap_or(u32::MAX)),
        None => (name.to_owned(), 1),
    }
}

/// Refuses a folder with a store or editions whose catalogue is gone or empty: a new one in its place
/// would know nothing of what the archive holds, and the folders may be somebody else's. A new archive
/// has its catalogue before it has either.
fn has_its_catalogue(folder: &Path) -> Result<(), ArchiveError> {
    let catalog = folder.join(CATALOG);
    let is_empty = std::fs::metadata(&catalog).map_or(true, |there| there.len() == 0);
    let has_more = folder.join("editions").exists() || folder.join("store").exists();
    match is_empty && has_more {
        true => Err(ArchiveError::NoCatalogue { path: folder.to_path_buf() }),
        false => Ok(()),
    }
}

fn existing(folder: &Path) -> Result<PathBuf, ArchiveError> {
    if !folder.join(CATALOG).is_file() {
        return Err(ArchiveError::NoArchive { path: folder.to_path_buf() });
    }
    absolute(folder)
}

fn absolute(folder: &Path) -> Result<PathBuf, ArchiveError> {
    folder.canonicalize().map_err(ArchiveError::io("find", folder))
}
