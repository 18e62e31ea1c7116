//! Fixity of editions: their own files by the roots that edition.json gives, their torrents by their
//! info hashes, their pack folders by being links to sound holdings.

use crate::verify::REPAIR;
use crate::{Archive, ArchiveError, Fault, Run, VerifyReport};
use deadwax_edition::{EditionSummary, PackSummary};
use deadwax_model::Root;
use deadwax_store::hash_reader;
use deadwax_torrent::metainfo::{self, Contents};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

impl Archive {
    /// Checks every edition and adds what is found to `report`.
    pub(crate) fn verify_editions(
        &self,
        run: &Run<'_>,
        report: &mut VerifyReport,
    ) -> Result<(), ArchiveError> {
        for name in self.editions()? {
            let folder = self.folder.join("editions").join(&name);
            let summary = match EditionSummary::read(&folder.join("edition.json")) {
                Ok(summary) => summary,
                Err(e) => {
                    self.damaged(report, &folder.join("edition.json"), &name, e.to_string());
                    continue;
                }
            };
            for file in &summary.files {
                run.go_on()?;
                self.check_file(report, &folder.join(&file.path), &name, file.bytes, file.root);
            }
            for pack in &summary.packs {
                run.go_on()?;
                self.check_pack(report, &folder, &name, pack);
            }
        }
        Ok(())
    }

    /// The files of all packs of an edition: root and path.
    pub(crate) fn pack_files(&self, name: &str) -> Result<Vec<(Root, PathBuf)>, ArchiveError> {
        let folder = self.folder.join("editions").join(name);
        let Ok(summary) = EditionSummary::read(&folder.join("edition.json")) else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for pack in &summary.packs {
            if let Ok(contents) = read_torrent(&folder.join(&pack.torrent)) {
                files.extend(
                    pack_paths(&folder, pack, contents).map(|(root, path, _)| (root, path)),
                );
            }
        }
        Ok(files)
    }

    fn check_pack(&self, report: &mut VerifyReport, folder: &Path, name: &str, pack: &PackSummary) {
        let torrent = folder.join(&pack.torrent);
        let contents = match read_torrent(&torrent) {
            Ok(contents) => contents,
            Err(what) => return self.damaged(report, &torrent, name, what),
        };
        if hex(&contents.infohash_v1) != pack.infohash_v1
            || hex(&contents.infohash_v2) != pack.infohash_v2
        {
            let what = "its info hashes are not those in edition.json".to_owned();
            return self.damaged(report, &torrent, name, what);
        }
        for (root, path, bytes) in pack_paths(folder, pack, contents) {
            // A link to the holding is as sound as the holding, which is checked by itself.
            let is_link = match (fs::metadata(&path), fs::metadata(self.store.path(&root))) {
                (Ok(here), Ok(there)) => (here.dev(), here.ino()) == (there.dev(), there.ino()),
                _ => false,
            };
            if !is_link {
                self.check_file(report, &path, name, bytes, root);
            }
        }
    }

    fn check_file(
        &self,
        report: &mut VerifyReport,
        path: &Path,
        name: &str,
        bytes: u64,
        root: Root,
    ) {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                report.missing.push(self.fault(path, name, "it is not there".to_owned()));
                return;
            }
            Err(e) => return self.damaged(report, path, name, format!("it cannot be read: {e}")),
        };
        match hash_reader(file) {
            Err(e) => self.damaged(report, path, name, format!("it cannot be read: {e}")),
            Ok(found) => {
                report.checked += 1;
                report.bytes += found.bytes;
                if found.bytes != bytes {
                    let what = format!("it has {} bytes, {bytes} were published", found.bytes);
                    self.damaged(report, path, name, what);
                } else if found.root != root {
                    let what = "its bytes have changed: the root is another".to_owned();
                    self.damaged(report, path, name, what);
                }
            }
        }
    }

    fn damaged(&self, report: &mut VerifyReport, path: &Path, name: &str, what: String) {
        report.damaged.push(self.fault(path, name, what));
    }

    fn fault(&self, path: &Path, name: &str, what: String) -> Fault {
        let is_audio = path.components().any(|part| part.as_os_str() == "packs")
            && path.extension().is_none_or(|ending| ending != "torrent");
        let next = match is_audio {
            true => REPAIR,
            false => {
                "bring it back from a copy of the edition, or remove the edition and publish again"
            }
        };
        Fault {
            path: self.relative(path),
            of: format!("edition {name}"),
            what,
            next: next.to_owned(),
        }
    }
}

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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
