//! The keys of an archive: making, changing, showing them, and signing with them.

use crate::sign::is_signed;
use crate::{Archive, ArchiveError, Run};
use deadwax_model::Problem;
use deadwax_store::create_folder;
use deadwax_trust::{FOLDER, Keys, Late, Overview, Renewed, Role, Roots, Signer};
use std::path::{Path, PathBuf};

/// The folder of an archive's own keys.
const KEYS: &str = "keys";

/// Where keys are, and where new ones go.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyFolders<'a> {
    /// Folders with keys, beside the archive's own.
    pub brought: &'a [PathBuf],
    /// Where new keys go; the archive's own folder when not said.
    pub to: Option<&'a Path>,
}

/// How an edition is signed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Signatures {
    /// Hex of the SHA-256 of the newest root file: what mirrors compare.
    pub root: String,
    /// Its version.
    pub root_version: u64,
    /// Who signed now.
    pub signed: Vec<Role>,
    /// What expires soon, and whose keys were not at hand.
    pub late: Vec<Late>,
    /// The folder, relative to the archive, of a first set of keys when it was made now.
    pub keys_made: Option<String>,
}

impl Signatures {
    pub(crate) fn of(signer: &Signer, renewed: Renewed, keys_made: Option<String>) -> Signatures {
        Signatures {
            root: signer.roots().fingerprint(),
            root_version: signer.roots().version(),
            signed: renewed.roles,
            late: renewed.late,
            keys_made,
        }
    }
}

/// Under which root an archive signs, and which of its precious keys lie beside it: the same until somebody changes it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SignedUnder {
    /// Hex of the SHA-256 of the newest root file: what mirrors compare.
    pub root: String,
    /// Its version.
    pub root_version: u64,
    /// Roles with keys in the archive's own folder of keys.
    pub keys_here: Vec<Role>,
}

/// What a change of keys did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KeyChange {
    /// Files of new keys.
    pub made: Vec<String>,
    /// The edition that is signed anew, relative to the archive; `None` where there is none.
    pub edition: Option<String>,
    /// How it is signed.
    pub trust: Signatures,
    /// What is left to do.
    pub problems: Vec<Problem>,
}

impl Archive {
    /// Makes a first set of keys, one for each role, where the archive has no root yet; gives their folder when it did.
    pub fn make_keys(&self, run: &Run<'_>) -> Result<Option<String>, ArchiveError> {
        if self.roots()?.is_some() {
            return Ok(None);
        }
        let keys = Keys::create(&self.folder.join(KEYS))?;
        Roots::create(&self.folder.join(FOLDER), &keys, &self.policy.trust(), run.now)?;
        Ok(Some(KEYS.to_owned()))
    }

    /// What the archive signs with, and until when.
    pub fn keys(&self, brought: &[PathBuf]) -> Result<Overview, ArchiveError> {
        let roots = self.roots()?.ok_or_else(|| self.no_keys())?;
        let newest = self.newest_signed()?;
        Ok(Overview::of(&roots, &self.keys_in(brought)?, newest.as_deref())?)
    }

    /// Under which root the archive signs, and which keys lie beside it.
    pub(crate) fn signed_under(&self) -> Result<SignedUnder, ArchiveError> {
        let Overview { root, root_version, roles, .. } = self.keys(&[])?;
        let here = roles.iter().filter(|role| role.keys.iter().any(|key| key.path.is_some()));
        Ok(SignedUnder { root, root_version, keys_here: here.map(|role| role.role).collect() })
    }

    /// Makes a key for a role, names it in a new root beside those there are, and signs the newest edition under it.
    pub fn new_key(
        &self,
        run: &Run<'_>,
        role: Role,
        folders: KeyFolders<'_>,
    ) -> Result<KeyChange, ArchiveError> {
        let folder = self.folder_of_new(folders.to)?;
        let mut signer = self.signer(run, folders.brought)?;
        let made = signer.add_key(role, &folder)?;
        self.changed(run, signer, vec![made])
    }

    /// Makes new keys in the place of those of these roles, names them in a new root, and signs the newest edition under it.
    pub fn rotate_keys(
        &self,
        run: &Run<'_>,
        roles: &[Role],
        folders: KeyFolders<'_>,
    ) -> Result<KeyChange, ArchiveError> {
        let folder = self.folder_of_new(folders.to)?;
        let mut signer = self.signer(run, folders.brought)?;
        let made = signer.rotate(roles, &folder)?;
        self.changed(run, signer, made)
    }

    /// Signs the newest edition anew: its timestamp, and what else expires soon.
    pub fn refresh(
        &self,
        run: &Run<'_>,
        brought: &[PathBuf],
    ) -> Result<(String, Signatures), ArchiveError> {
        let names = self.editions()?;
        let Some(newest) = names.last() else {
            return Err(ArchiveError::Refused(format!(
                "{} has no edition to sign yet; make one first: deadwax --archive {} publish",
                self.folder.display(),
                self.folder.display()
            )));
        };
        let keys_made = self.make_keys(run)?;
        let mut signer = self.signer(run, brought)?;
        let renewed = self.renew(run, &mut signer, newest)?;
        self.point_to(newest)?;
        Ok((format!("editions/{newest}"), Signatures::of(&signer, renewed, keys_made)))
    }

    /// Somebody who signs with the archive's own keys and those that were brought.
    pub(crate) fn signer(
        &self,
        run: &Run<'_>,
        brought: &[PathBuf],
    ) -> Result<Signer, ArchiveError> {
        let trust = self.folder.join(FOLDER);
        let roots = self.roots()?.ok_or_else(|| self.no_keys())?;
        // Brought back from an edition.
        if roots.folder() != trust {
            create_folder(&trust)?;
            roots.copy_to(&trust)?;
        }
        let roots = Roots::open(&trust)?.ok_or_else(|| self.no_keys())?;
        Ok(Signer::new(roots, self.keys_in(brought)?, self.policy.trust(), run.now))
    }

    /// The new root is there: whatever comes of the edition, the keys are not made a second time.
    fn changed(
        &self,
        run: &Run<'_>,
        mut signer: Signer,
        made: Vec<PathBuf>,
    ) -> Result<KeyChange, ArchiveError> {
        let (mut edition, mut problems, mut renewed) = (None, Vec::new(), Renewed::default());
        if let Some(newest) = self.editions()?.last() {
            let path = format!("editions/{newest}");
            match self.renew(run, &mut signer, newest) {
                Ok(done) => renewed = done,
                Err(ArchiveError::Interrupted) => return Err(ArchiveError::Interrupted),
                Err(error) => {
                    let next =
                        "bring the keys, and sign it: deadwax keys refresh --keys DIR; until \
                                then mirrors have the former keys"
                            .to_owned();
                    problems.push(Problem { path: path.clone(), what: error.to_string(), next });
                }
            }
            edition = Some(path);
        }
        let made = made.iter().map(|path| path.display().to_string()).collect();
        Ok(KeyChange { made, edition, trust: Signatures::of(&signer, renewed, None), problems })
    }

    /// The roots; when the archive's own are gone, those of its newest edition.
    fn roots(&self) -> Result<Option<Roots>, ArchiveError> {
        if let Some(roots) = Roots::open(&self.folder.join(FOLDER))? {
            return Ok(Some(roots));
        }
        match self.newest_signed()? {
            Some(edition) => Ok(Roots::open(&edition.join(FOLDER))?),
            None => Ok(None),
        }
    }

    fn newest_signed(&self) -> Result<Option<PathBuf>, ArchiveError> {
        let editions = self.editions()?.into_iter().rev().map(|name| self.edition_folder(&name));
        Ok(editions.into_iter().find(|edition| is_signed(edition)))
    }

    fn keys_in(&self, brought: &[PathBuf]) -> Result<Keys, ArchiveError> {
        let own = self.folder.join(KEYS);
        let mut folders: Vec<_> = own.is_dir().then_some(own).into_iter().collect();
        folders.extend(brought.iter().cloned());
        Ok(Keys::open(&folders)?)
    }

    /// Where new keys go: never into what is published.
    fn folder_of_new(&self, to: Option<&Path>) -> Result<PathBuf, ArchiveError> {
        let Some(to) = to else { return Ok(self.folder.join(KEYS)) };
        let whole = std::path::absolute(to).map_err(ArchiveError::io("find", to))?;
        // Through links, as far as there is something.
        let real = whole.ancestors().find_map(|above| above.canonicalize().ok());
        let editions = self.folder.join("editions");
        match real.is_some_and(|real| real.starts_with(&editions)) || whole.starts_with(&editions) {
            true => Err(ArchiveError::Refused(format!(
                "keys do not go into {}: it is published; name a folder outside of it",
                to.display()
            ))),
            false => Ok(to.to_path_buf()),
        }
    }

    fn no_keys(&self) -> ArchiveError {
        ArchiveError::Refused(format!(
            "{} has no keys yet; its next publish makes a first set: deadwax --archive {} publish",
            self.folder.display(),
            self.folder.display()
        ))
    }
}
