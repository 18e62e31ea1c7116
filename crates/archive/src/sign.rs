//! Signing the editions of an archive, and saying which one is the newest.

use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_store::write_file;
use deadwax_trust::{FOLDER, Renewed, Signer, TargetFile};
use std::fs;
use std::path::{Path, PathBuf};

impl Archive {
    /// Signs all files of an edition or a draft of one. `newest` is the name of the newest edition before it.
    pub(crate) fn sign(
        &self,
        run: &Run<'_>,
        signer: &mut Signer,
        edition: &Path,
        newest: Option<&String>,
    ) -> Result<Renewed, ArchiveError> {
        let (paths, bytes) = target_paths(edition)?;
        let all = Amount { items: paths.len() as u64, bytes, audio_ms: 0 };
        run.progress.begin(Phase::Sign, &all);
        let done = |path: &str, bytes| run.progress.item(path, &Amount::item(bytes));
        let go_on = || run.go_on().is_ok();
        let files = TargetFile::read_all(edition, &paths, run.jobs, &done, &go_on)?;
        let newest = newest.map(|name| self.edition_folder(name));
        let signed = signer.sign(edition, &files, newest.as_deref())?;
        run.progress.end();
        Ok(signed)
    }

    /// Signs an edition anew: its timestamp, and what else is due. One from before there were keys is signed whole.
    pub(crate) fn renew(
        &self,
        run: &Run<'_>,
        signer: &mut Signer,
        name: &String,
    ) -> Result<Renewed, ArchiveError> {
        let edition = self.edition_folder(name);
        match is_signed(&edition) {
            true => Ok(signer.renew(&edition)?),
            false => self.sign(run, signer, &edition, Some(name)),
        }
    }

    /// Writes `editions/newest.json`, the hint for those who are given the folder of editions (docs/formats/mirror.md).
    pub(crate) fn point_to(&self, name: &str) -> Result<(), ArchiveError> {
        let path = self.folder.join("editions/newest.json");
        let hint = serde_json::json!({ "format": "deadwax-newest", "edition": name });
        let text = format!("{hint}\n");
        match fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
            true => Ok(()),
            false => Ok(write_file(&path, text.as_bytes())?),
        }
    }

    pub(crate) fn edition_folder(&self, name: &str) -> PathBuf {
        self.folder.join("editions").join(name)
    }
}

/// Whether an edition was signed to the end: its timestamp is written last.
pub(crate) fn is_signed(edition: &Path) -> bool {
    edition.join(FOLDER).join("timestamp.json").is_file()
}

/// What of an edition is signed, sorted, and its length: all files but those in `trust/` and in pack folders.
fn target_paths(edition: &Path) -> Result<(Vec<String>, u64), ArchiveError> {
    let (mut paths, mut bytes) = (Vec::new(), 0);
    let mut folders = vec![(edition.to_path_buf(), String::new())];
    while let Some((folder, within)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(ArchiveError::io("list", &folder))? {
            let entry = entry.map_err(ArchiveError::io("list", &folder))?;
            let path = entry.path();
            let there = entry.metadata().map_err(ArchiveError::io("look at", &path))?;
            let Ok(name) = entry.file_name().into_string() else {
                return Err(ArchiveError::Refused(format!(
                    "{} cannot be signed: its name is not UTF-8; move it out of the edition",
                    path.display()
                )));
            };
            let named = format!("{within}{name}");
            let is_in_packs = within == "packs/";
            if there.is_dir() && !is_in_packs && named != FOLDER {
                folders.push((path, format!("{named}/")));
            } else if there.is_file() && (!is_in_packs || name.ends_with(".torrent")) {
                bytes += there.len();
                paths.push(named);
            }
        }
    }
    paths.sort();
    Ok((paths, bytes))
}
