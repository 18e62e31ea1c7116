//! Fixity of editions: their own files by the roots that edition.json gives, their torrents by their
//! info hashes, their pack folders by being links to sound holdings. A holding that was made anew since
//! lives on in the packs of older editions only, and is re-read there.

use crate::verify::{Expected, Place, REPAIR, Since};
use crate::{Archive, ArchiveError, Fault, Run, VerifyReport};
use deadwax_edition::{EditionSummary, PackSummary};
use deadwax_model::Root;
use deadwax_store::Store;
use deadwax_torrent::metainfo::{self, Contents};
use deadwax_trust::{FOLDER, fault};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

impl Archive {
    /// The files of all editions that have to be read, what can be said without reading being added to `report`. `stored` are
    /// the roots of the files in the store, which are checked by themselves.
    pub(crate) fn edition_files(
        &self,
        run: &Run<'_>,
        stored: &BTreeSet<Root>,
        report: &mut VerifyReport,
    ) -> Result<Vec<Expected>, ArchiveError> {
        let mut files = EditionFiles::beneath(&self.folder, report).without(self.dark_files()?);
        files.store = Some((&self.store, stored));
        for name in self.editions()? {
            files.add(run, &self.folder.join("editions").join(&name), &name)?;
        }
        Ok(files.expected)
    }

    /// The files of all packs of an edition: root and path.
    pub(crate) fn pack_files(&self, name: &str) -> Result<Vec<(Root, PathBuf)>, ArchiveError> {
        let folder = self.folder.join("editions").join(name);
        let Ok(summary) = EditionSummary::read(&folder.join("edition.json")) else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for pack in summary.all_packs() {
            if let Ok(contents) = read_torrent(&folder.join(&pack.torrent)) {
                files.extend(
                    pack_paths(&folder, pack, contents).map(|(root, path, _)| (root, path)),
                );
            }
        }
        Ok(files)
    }
}

/// Gathers what editions should have.
pub(crate) struct EditionFiles<'a> {
    /// Paths are told relative to this.
    base: &'a Path,
    /// The store of the archive that the editions are in, and the roots of the files there that are checked by themselves.
    store: Option<(&'a Store, &'a BTreeSet<Root>)>,
    /// Files that must not be there, with their takedowns.
    pub(crate) dark: BTreeMap<Root, u32>,
    report: &'a mut VerifyReport,
    expected: Vec<Expected>,
    /// Which of these is a file, by what it is on the disk: the packs of several editions hold links to one file, which is read once.
    seen: BTreeMap<(u64, u64, Root), usize>,
}

impl<'a> EditionFiles<'a> {
    /// Of no edition yet.
    pub(crate) fn beneath(base: &'a Path, report: &'a mut VerifyReport) -> EditionFiles<'a> {
        let (dark, expected, seen) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        EditionFiles { base, store: None, dark, report, expected, seen }
    }

    /// With these files that must not be there, by their takedowns.
    pub(crate) fn without(mut self, dark: BTreeMap<Root, u32>) -> EditionFiles<'a> {
        self.dark = dark;
        self
    }

    /// What is to be read.
    pub(crate) fn into_expected(self) -> Vec<Expected> {
        self.expected
    }

    /// Adds those of an edition.
    pub(crate) fn add(
        &mut self,
        run: &Run<'_>,
        folder: &Path,
        name: &str,
    ) -> Result<(), ArchiveError> {
        let path = folder.join("edition.json");
        let summary = match EditionSummary::read(&path) {
            Ok(summary) => summary,
            Err(e) => {
                self.damaged(&path, name, e.to_string(), COPY);
                return Ok(());
            }
        };
        for file in &summary.files {
            run.go_on()?;
            self.expect(name, folder.join(&file.path), file.root, file.bytes, COPY);
        }
        // One from before there were keys has no signatures.
        if folder.join(FOLDER).is_dir()
            && let Some((path, what)) = fault(folder)
        {
            self.damaged(&folder.join(path), name, what, SIGN);
        }
        for pack in summary.all_packs() {
            run.go_on()?;
            self.add_pack(run, folder, name, pack)?;
        }
        Ok(())
    }

    fn add_pack(
        &mut self,
        run: &Run<'_>,
        folder: &Path,
        name: &str,
        pack: &PackSummary,
    ) -> Result<(), ArchiveError> {
        let torrent = folder.join(&pack.torrent);
        let contents = read_torrent(&torrent).and_then(|contents| {
            let is_same = hex::encode(contents.infohash_v1) == pack.infohash_v1
                && hex::encode(contents.infohash_v2) == pack.infohash_v2;
            is_same
                .then_some(contents)
                .ok_or_else(|| "its info hashes are not those in edition.json".to_owned())
        });
        let contents = match contents {
            Ok(contents) => contents,
            Err(what) => {
                self.damaged(&torrent, name, what, COPY);
                return Ok(());
            }
        };
        for (root, path, bytes) in pack_paths(folder, pack, contents) {
            run.go_on()?;
            if let Some(number) = self.dark.get(&root) {
                if path.symlink_metadata().is_ok() {
                    let what = format!("it is dark by takedown {number} and still there");
                    self.damaged(&path, name, what, TAKE_OUT);
                }
                continue;
            }
            let stored = self.store.filter(|(_, stored)| stored.contains(&root));
            // A link to a holding is as sound as the holding, which is checked by itself.
            if stored.is_some_and(|(store, _)| is_same_file(&path, &store.path(&root))) {
                continue;
            }
            let next = match (stored, self.store) {
                (Some(_), _) => REPAIR,
                (None, Some(_)) => COPY_OF_FILE,
                (None, None) => COPY,
            };
            self.expect(name, path, root, bytes, next);
        }
        Ok(())
    }

    fn expect(&mut self, name: &str, path: PathBuf, root: Root, bytes: u64, next: &'static str) {
        let told = self.relative(&path);
        let key = told.clone().into_bytes();
        let there = fs::metadata(&path).ok().map(|there| (there.dev(), there.ino(), root));
        let place = Place { path, told, of: format!("edition {name}") };
        if let Some(&seen) = there.and_then(|there| self.seen.get(&there)) {
            self.expected[seen].places.push(place);
            return;
        }
        self.seen.extend(there.map(|there| (there, self.expected.len())));
        let since = Since::Published;
        self.expected.push(Expected { key, root, bytes, since, next, places: vec![place] });
    }

    fn damaged(&mut self, path: &Path, name: &str, what: String, next: &str) {
        let (path, of) = (self.relative(path), format!("edition {name}"));
        self.report.damaged.push(Fault { path, of, what, next: next.to_owned() });
    }

    fn relative(&self, path: &Path) -> String {
        path.strip_prefix(self.base).unwrap_or(path).display().to_string()
    }
}

/// Whether two names lead to one file.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

const TAKE_OUT: &str = "deadwax repair takes it out of the edition";
const COPY: &str =
    "bring it back from a copy of the edition, or remove the edition and publish again";
const SIGN: &str = "deadwax keys refresh signs the newest edition anew; bring back what it cannot make from a copy of the edition";
const COPY_OF_FILE: &str = "bring it back from a copy of the edition: the archive holds another \
                            file in its place by now, and cannot make this one again";

pub(crate) fn read_torrent(path: &Path) -> Result<Contents, String> {
    let bytes = fs::read(path).map_err(|e| format!("it cannot be read: {e}"))?;
    metainfo::read(&bytes).map_err(|e| e.to_string())
}

pub(crate) fn pack_paths(
    folder: &Path,
    pack: &PackSummary,
    contents: Contents,
) -> impl Iterator<Item = (Root, PathBuf, u64)> {
    let (folder, is_single) = (folder.join(&pack.folder), contents.single_file);
    contents.files.into_iter().map(move |file| {
        let path: PathBuf = match is_single {
            true => folder.clone(),
            false => folder.join(file.path.iter().collect::<PathBuf>()),
        };
        (file.root, path, file.bytes)
    })
}
