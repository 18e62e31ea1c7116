//! An archive's keys and roots, and editions signed by them: what every test here begins with.

#![allow(dead_code, reason = "each test file uses a part of it")]

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deadwax_trust::{
    Fetch, FetchError, FolderFetch, Keys, Renewed, Role, Roots, SignError, Signer, TargetFile,
    Term, Terms, TrustError, Trusted, load,
};
use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tough::schema::{Role as _, Root, Signed};
use tough::sign::{Sign, parse_keypair};

/// An archive, as far as trust goes, and the memory of a mirror.
pub struct Bench {
    folder: TempDir,
    pub terms: Terms,
    pub now: Timestamp,
}

impl Bench {
    /// With a key for each role and a first root.
    pub fn new() -> Bench {
        Bench::on(Terms::default(), Timestamp::now())
    }

    /// One that was made at this moment.
    pub fn on(terms: Terms, now: Timestamp) -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap(), terms, now };
        let keys = Keys::create(&bench.keys()).unwrap();
        Roots::create(&bench.roots(), &keys, &bench.terms, now).unwrap();
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn keys(&self) -> PathBuf {
        self.path("keys")
    }

    pub fn roots(&self) -> PathBuf {
        self.path("trust")
    }

    pub fn root_file(&self, version: u64) -> Vec<u8> {
        fs::read(self.roots().join(format!("{version}.root.json"))).unwrap()
    }

    pub fn signer(&self) -> Signer {
        self.signer_with(&[self.keys()])
    }

    pub fn signer_with(&self, keys: &[PathBuf]) -> Signer {
        let roots = Roots::open(&self.roots()).unwrap().unwrap();
        Signer::new(roots, Keys::open(keys).unwrap(), self.terms, self.now)
    }

    /// An edition of this name that says so in its files, signed.
    pub fn edition(&self, name: &str) -> PathBuf {
        let edition = self.unsigned(name);
        sign(&edition, &mut self.signer()).unwrap();
        edition
    }

    /// The same without a signature.
    pub fn unsigned(&self, name: &str) -> PathBuf {
        let edition = self.path(name);
        fs::create_dir_all(edition.join("packs")).unwrap();
        fs::write(edition.join("edition.json"), format!("edition {name}")).unwrap();
        fs::write(edition.join("torrents.json"), format!("torrents of {name}")).unwrap();
        fs::write(edition.join("packs/Größe 1-2.torrent"), format!("a torrent of {name}")).unwrap();
        edition
    }

    /// A look at an edition with the memory of this mirror.
    pub async fn load(&self, edition: &Path) -> Result<Trusted, TrustError> {
        self.load_from(Arc::new(FolderFetch::new(edition)), None).await
    }

    pub async fn load_from(
        &self,
        source: Arc<dyn Fetch>,
        pinned: Option<&[u8]>,
    ) -> Result<Trusted, TrustError> {
        load(source, pinned, &self.path("mirror")).await
    }

    /// A look of somebody who trusts the first root and has seen nothing yet.
    pub async fn fresh(&self, edition: &Path) -> Result<Trusted, TrustError> {
        self.fresh_from(Arc::new(FolderFetch::new(edition))).await
    }

    pub async fn fresh_from(&self, source: Arc<dyn Fetch>) -> Result<Trusted, TrustError> {
        let state = tempfile::tempdir().unwrap();
        load(source, Some(&self.root_file(1)), state.path()).await
    }

    /// Another folder of the same bytes, to be tampered with.
    pub fn copy(&self, edition: &Path, name: &str) -> PathBuf {
        let copy = self.path(name);
        copy_tree(edition, &copy);
        copy
    }

    /// Moves the keys of these roles to another folder.
    pub fn move_away(&self, roles: &[Role]) -> PathBuf {
        let away = self.path("away");
        fs::create_dir_all(&away).unwrap();
        for entry in fs::read_dir(self.keys()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if roles.iter().any(|role| name.starts_with(role.name())) {
                fs::rename(&path, away.join(name)).unwrap();
            }
        }
        away
    }
}

/// Signs the three files of an edition of [`Bench::unsigned`].
pub fn sign(edition: &Path, signer: &mut Signer) -> Result<Renewed, SignError> {
    let paths = ["edition.json", "packs/Größe 1-2.torrent", "torrents.json"].map(str::to_owned);
    let files = TargetFile::read_all(edition, &paths, 2, &|_, _| {}, &|| true)?;
    signer.sign(edition, &files, None)
}

/// Somebody else with keys of the same names: an attacker that has made everything himself, but for the keys of these roles,
/// which he has stolen. The roots in what he signs are the true ones.
pub fn forge(bench: &Bench, stolen: &[Role], name: &str) -> PathBuf {
    let attacker =
        Bench { folder: tempfile::tempdir().unwrap(), terms: bench.terms, now: bench.now };
    fs::create_dir_all(attacker.keys()).unwrap();
    for entry in fs::read_dir(bench.keys()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if stolen.iter().any(|role| name.starts_with(role.name())) {
            fs::copy(&path, attacker.keys().join(name)).unwrap();
        }
    }
    let keys = Keys::create(&attacker.keys()).unwrap();
    Roots::create(&attacker.roots(), &keys, &attacker.terms, attacker.now).unwrap();
    let edition = attacker.edition("forged");
    let forged = bench.copy(&edition, name);
    for entry in fs::read_dir(bench.roots()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name.to_str().unwrap().ends_with(".root.json") {
            fs::copy(&path, forged.join("trust").join(name)).unwrap();
        }
    }
    forged
}

/// Terms under which what one role signs holds for a day, and all else for long.
pub fn short(role: Role) -> Terms {
    let mut terms = Terms::default();
    let long = Term { days: 1_000, threshold: 1 };
    (terms.root, terms.targets, terms.snapshot, terms.timestamp) = (long, long, long, long);
    let term = match role {
        Role::Root => &mut terms.root,
        Role::Targets => &mut terms.targets,
        Role::Snapshot => &mut terms.snapshot,
        Role::Timestamp => &mut terms.timestamp,
    };
    term.days = 1;
    terms
}

pub fn days_ago(days: i64) -> Timestamp {
    Timestamp::now().saturating_sub(SignedDuration::from_hours(24 * days)).unwrap()
}

/// The signed part of a metadata file changed, and the signatures left.
pub fn edit(path: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let mut value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
}

pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

/// What a source does with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trick {
    /// Sends zeroes for as long as somebody listens.
    Endless,
    /// Sends more than was asked for and says nothing.
    TooMuch,
    /// Breaks off.
    Breaks,
}

/// An edition in a folder, but for one file.
#[derive(Debug)]
pub struct Tricky {
    inner: FolderFetch,
    path: String,
    trick: Trick,
    /// The most bytes that were asked of that file.
    pub asked: Mutex<u64>,
}

impl Tricky {
    pub fn new(edition: &Path, path: &str, trick: Trick) -> Arc<Tricky> {
        let inner = FolderFetch::new(edition);
        Arc::new(Tricky { inner, path: path.to_owned(), trick, asked: Mutex::new(0) })
    }
}

#[async_trait]
impl Fetch for Tricky {
    async fn fetch(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError> {
        if path != self.path {
            return self.inner.fetch(path, most_bytes).await;
        }
        *self.asked.lock().unwrap() = most_bytes;
        match self.trick {
            Trick::Endless => Err(FetchError::TooLarge),
            Trick::TooMuch => Ok(vec![b' '; usize::try_from(most_bytes).unwrap() + 1]),
            Trick::Breaks => Err(FetchError::Other("the connection broke off".to_owned())),
        }
    }
}

/// Whoever has stolen the root key, and makes a good root after every root.
pub struct EndlessRoots {
    inner: FolderFetch,
    first: Signed<Root>,
    key: Box<dyn Sign>,
}

impl EndlessRoots {
    pub fn of(bench: &Bench, edition: &Path) -> Arc<EndlessRoots> {
        let keys = fs::read_dir(bench.keys()).unwrap().map(|entry| entry.unwrap().path());
        let is_root =
            |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("root-");
        let pem = fs::read_to_string(keys.into_iter().find(is_root).unwrap()).unwrap();
        let document = STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
        Arc::new(EndlessRoots {
            inner: FolderFetch::new(edition),
            first: serde_json::from_slice(&bench.root_file(1)).unwrap(),
            key: Box::new(parse_keypair(&document).unwrap()),
        })
    }
}

impl std::fmt::Debug for EndlessRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndlessRoots")
    }
}

#[async_trait]
impl Fetch for EndlessRoots {
    async fn fetch(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError> {
        let name = path.rsplit('/').next().unwrap();
        let version = name.strip_suffix(".root.json").and_then(|number| number.parse().ok());
        let Some(version) = version else { return self.inner.fetch(path, most_bytes).await };
        let mut root = self.first.clone();
        root.signed.version = version;
        let message = root.signed.canonical_form().unwrap();
        let random = aws_lc_rs::rand::SystemRandom::new();
        root.signatures[0].sig = self.key.sign(&message, &random).await.unwrap().into();
        Ok(serde_json::to_vec(&root).unwrap())
    }
}
