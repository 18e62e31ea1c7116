//! Putting damaged files of a mirror right: what is still sound of a file stays, and only the leaves of 16 KiB that are not are
//! fetched, from other copies on this machine, from the web and from peers. A file is written aside, read back, and takes the place of the
//! damaged one when it has its root; until then nothing is touched.

mod damage;
mod donors;
mod patch;
mod peers;

use crate::http::{Http, Patience};
use crate::leaf_book::LeafBook;
use crate::limits::Rate;
use crate::parts::Places;
use crate::run::Run;
use crate::verify::{VerifyOptions, verify};
use crate::{FileRow, MirrorError, State};
use damage::Damage;
use deadwax_edition::Copies;
use deadwax_model::Problem;
use deadwax_store::{ArchiveLock, Leaves};
use deadwax_torrent::metainfo::{self, Contents};
use donors::Donors;
use peers::Peers;
use serde::Serialize;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// From where.
#[derive(Debug, Default)]
pub struct RepairOptions {
    /// Copies on this machine: of an archive, an edition, another mirror.
    pub copies: Copies,
    /// Ask the source of the mirror, where that is on the web or a folder, and the web seeds of torrents.
    pub web: bool,
    /// How long servers may take.
    pub patience: Patience,
    /// BitTorrent peers to ask. Nobody else is called.
    pub peers: Vec<SocketAddr>,
    /// Bytes a second from the web, at most.
    pub rate: Option<u64>,
    /// Files read at the same time, where there is something to verify first.
    pub jobs: usize,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RepairReport {
    /// Files that were damaged or missing.
    pub found: u64,
    /// How many of them are sound now.
    pub repaired: u64,
    /// Leaves of 16 KiB that were damaged, as far as could be told.
    pub damaged_leaves: u64,
    /// Leaves that were taken from other copies or fetched.
    pub fetched_leaves: u64,
    /// Their bytes.
    pub fetched_bytes: u64,
    /// What could not be put right, and who gave wrong bytes.
    pub problems: Vec<Problem>,
}

/// Puts right what the last [`verify`] of the mirror in `folder` found; where it found nothing, everything is verified first.
///
/// # Errors
/// [`MirrorError::NoMirror`], another process that changes the mirror, the disk, and [`MirrorError::Interrupted`].
pub fn repair(
    folder: &Path,
    options: &RepairOptions,
    run: &Run<'_>,
) -> Result<RepairReport, MirrorError> {
    let mut state = State::open(folder)?;
    let _lock = ArchiveLock::take_file(&folder.join(".deadwax/lock"), folder)?;
    if state.damaged()?.is_empty() {
        drop(state);
        verify(
            folder,
            &VerifyOptions { before_unix: None, most_bytes: None, jobs: options.jobs },
            run,
        )?;
        state = State::open(folder)?;
    }
    let damaged = state.damaged()?;
    let http = options.web.then(|| Http::new(options.patience, Arc::new(Rate::new(options.rate))));
    let http = http.transpose().map_err(|e| {
        MirrorError::Refused(format!(
            "cannot prepare for HTTPS ({e}); install the system's certificates (ca-certificates)"
        ))
    })?;
    let mut bench = Bench {
        places: Places { mirror: folder.to_path_buf() },
        book: LeafBook::open(folder)?,
        donors: Donors::open(folder, &options.copies, http, Peers::new(&options.peers, run.stop))?,
        state,
        torrents: HashMap::new(),
        report: RepairReport { found: damaged.len() as u64, ..RepairReport::default() },
    };
    run.progress.begin(damaged.len() as u64, damaged.iter().map(|row| row.bytes).sum());
    for row in &damaged {
        run.go_on()?;
        let failed = match bench.repair(row, run) {
            Err(error) if error.is_fatal() => return Err(error),
            Err(error) => Some(error.to_string()),
            Ok(failed) => failed,
        };
        match failed {
            None => {
                bench.report.repaired += 1;
                run.progress.whole(&row.path, row.bytes);
            }
            Some(what) => {
                let next = "name a folder that has a copy with --from, or let `deadwax mirror` fetch the file anew".to_owned();
                bench.report.problems.push(Problem { path: row.path.clone(), what, next });
            }
        }
        run.progress.came(row.bytes);
    }
    run.progress.end();
    let Bench { mut report, donors, .. } = bench;
    report.problems.extend(donors.into_problems());
    report.problems.sort();
    Ok(report)
}

struct Bench<'o> {
    places: Places,
    state: State,
    book: LeafBook,
    donors: Donors<'o>,
    /// Of packs, by their paths in the mirror; `None` where one cannot be read.
    torrents: HashMap<i64, Option<Arc<Contents>>>,
    report: RepairReport,
}

impl Bench<'_> {
    /// Puts a file right. What kept it from that, otherwise.
    fn repair(&mut self, row: &FileRow, run: &Run<'_>) -> Result<Option<String>, MirrorError> {
        let path = self.places.at(&row.path)?;
        let Some(contents) = self.contents(row)? else {
            return Ok(Some(
                "its torrent cannot be read, so that nobody can be asked for a part of it"
                    .to_owned(),
            ));
        };
        let Some(file) =
            contents.files.get(row.place as usize).filter(|file| file.root == row.root)
        else {
            return Ok(Some("the torrent of its pack lists another file in its place".to_owned()));
        };
        let known = self.book.of(&row.root, row.bytes);
        let damage = Damage::look(&path, file, known);
        self.report.damaged_leaves += damage.leaves();
        let donors = self.donors.of(&self.state, &self.places, row, &contents)?;
        let aside = self.places.part(&row.root).with_extension("repair");
        let patched = patch::patch(&path, &aside, row, &damage, &donors, run)?;
        self.report.fetched_leaves += patched.leaves;
        self.report.fetched_bytes += patched.bytes;
        if let Some(what) = patched.failed {
            return Ok(Some(what));
        }
        let leaves = Leaves::read_file(&path).map_err(MirrorError::io("read", &path))?;
        self.book.keep(&[(row.root, leaves)])?;
        self.state.set_whole(row.file, run.now_unix)?;
        Ok(None)
    }

    fn contents(&mut self, row: &FileRow) -> Result<Option<Arc<Contents>>, MirrorError> {
        if let Some(known) = self.torrents.get(&row.pack) {
            return Ok(known.clone());
        }
        let packs = self.state.packs()?;
        let torrent =
            packs.iter().find(|pack| pack.pack == row.pack).and_then(|pack| pack.torrent());
        let path: Option<PathBuf> = torrent.map(|torrent| self.places.at(&torrent)).transpose()?;
        let contents = path
            .and_then(|path| std::fs::read(path).ok())
            .and_then(|bytes| metainfo::read(&bytes).ok())
            .map(Arc::new);
        self.torrents.insert(row.pack, contents.clone());
        Ok(contents)
    }
}
