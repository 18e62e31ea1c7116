//! Fixity of editions: their own files by the roots that edition.json gives, their torrents by their
//! info hashes, their pack folders by being links to sound holdings. A holding that was made anew since
//! lives on in the packs of older editions only, and is re-read there.

use crate::verify::REPAIR;
use crate::{Amount, Archive, ArchiveError, Fault, Phase, Run, VerifyReport};
use deadwax_edition::{EditionSummary, PackSummary};
use deadwax_model::Root;
use deadwax_store::hash_reader;
use deadwax_torrent::metainfo::{self, Contents};
use deadwax_trust::{FOLDER, fault};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

impl Archive {
    /// Checks every edition and adds what is found to `report`. `stored` are the roots of the files in
    /// the store that were checked already.
    pub(crate) fn verify_editions(
        &self,
        run: &Run<'_>,
        stored: &BTreeSet<Root>,
        report: &mut VerifyReport,
    ) -> Result<(), ArchiveError> {
        let mut packed = PackedFiles { stored, read: BTreeMap::new() };
        let (mut editions, mut all) = (Vec::new(), Amount::default());
        for name in self.editions()? {
            let path = self.folder.join("editions").join(&name).join("edition.json");
            match EditionSummary::read(&path) {
                Ok(summary) => {
                    summary.files.iter().for_each(|file| all.add(&Amount::item(file.bytes)));
                    editions.push((name, summary));
                }
                Err(e) => report.damaged.push(self.fault(&path, &name, e.to_string(), COPY)),
            }
        }
        run.progress.begin(Phase::VerifyEditions, &all);
        for (name, summary) in editions {
            let folder = self.folder.join("editions").join(&name);
            for file in &summary.files {
                run.go_on()?;
                let path = folder.join(&file.path);
                run.progress.item(&file.path, &Amount::item(file.bytes));
                match is_missing(&path) {
                    true => report.missing.push(self.fault(&path, &name, GONE.to_owned(), COPY)),
                    false => {
                        let what = reread(report, &path, file.bytes, file.root);
                        let fault = |what| self.fault(&path, &name, what, COPY);
                        report.damaged.extend(what.map(fault));
                    }
                }
            }
            report.damaged.extend(self.signature_fault(&folder, &name));
            for pack in summary.all_packs() {
                run.go_on()?;
                self.check_pack(run, report, &folder, &name, pack, &mut packed)?;
            }
        }
        run.progress.end();
        Ok(())
    }

    /// What is amiss with the signatures of an edition. One from before there were keys has none.
    fn signature_fault(&self, folder: &Path, name: &str) -> Option<Fault> {
        if !folder.join(FOLDER).is_dir() {
            return None;
        }
        let (path, what) = fault(folder)?;
        Some(self.fault(&folder.join(path), name, what, SIGN))
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

    fn check_pack(
        &self,
        run: &Run<'_>,
        report: &mut VerifyReport,
        folder: &Path,
        name: &str,
        pack: &PackSummary,
        packed: &mut PackedFiles<'_>,
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
                report.damaged.push(self.fault(&torrent, name, what, COPY));
                return Ok(());
            }
        };
        for (root, path, bytes) in pack_paths(folder, pack, contents) {
            run.go_on()?;
            let is_stored = packed.stored.contains(&root);
            // A link to a holding is as sound as the holding, if that is checked by itself.
            if is_stored && is_same_file(&path, &self.store.path(&root)) {
                continue;
            }
            let next = if is_stored { REPAIR } else { COPY_OF_FILE };
            match is_missing(&path) {
                true => report.missing.push(self.fault(&path, name, GONE.to_owned(), next)),
                false => {
                    let what = packed.check(report, &path, bytes, root);
                    report.damaged.extend(what.map(|what| self.fault(&path, name, what, next)));
                }
            }
        }
        Ok(())
    }

    fn fault(&self, path: &Path, name: &str, what: String, next: &str) -> Fault {
        let of = format!("edition {name}");
        Fault { path: self.relative(path), of, what, next: next.to_owned() }
    }
}

/// What is known of the files in packs.
struct PackedFiles<'s> {
    /// Roots of files that were checked in the store.
    stored: &'s BTreeSet<Root>,
    /// What was found amiss with files that were read, by what they are on the disk: the packs of
    /// several editions hold links to one file, which is read once.
    read: BTreeMap<(u64, u64, Root), Option<String>>,
}

impl PackedFiles<'_> {
    fn check(
        &mut self,
        report: &mut VerifyReport,
        path: &Path,
        bytes: u64,
        root: Root,
    ) -> Option<String> {
        let Ok(there) = fs::metadata(path) else {
            return reread(report, path, bytes, root);
        };
        let key = (there.dev(), there.ino(), root);
        self.read.entry(key).or_insert_with(|| reread(report, path, bytes, root)).clone()
    }
}

/// Reads a file whole, counts it, and says what is amiss with it.
fn reread(report: &mut VerifyReport, path: &Path, bytes: u64, root: Root) -> Option<String> {
    match File::open(path).and_then(hash_reader) {
        Err(e) => Some(format!("it cannot be read: {e}")),
        Ok(found) => {
            report.checked += 1;
            report.bytes += found.bytes;
            if found.bytes != bytes {
                Some(format!("it has {} bytes, {bytes} were published", found.bytes))
            } else {
                let changed = "its bytes have changed: the root is another";
                (found.root != root).then(|| changed.to_owned())
            }
        }
    }
}

fn is_missing(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

/// Whether two names lead to one file.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

const GONE: &str = "it is not there";
const COPY: &str =
    "bring it back from a copy of the edition, or remove the edition and publish again";
const SIGN: &str = "deadwax keys refresh signs the newest edition anew; bring back what it cannot make from a copy of the edition";
const COPY_OF_FILE: &str = "bring it back from a copy of the edition: the archive holds another \
                            file in its place by now, and cannot make this one again";

fn read_torrent(path: &Path) -> Result<Contents, String> {
    let bytes = fs::read(path).map_err(|e| format!("it cannot be read: {e}"))?;
    metainfo::read(&bytes).map_err(|e| e.to_string())
}

fn pack_paths(
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
