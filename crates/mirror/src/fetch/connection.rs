//! A connection's work: takes some pieces of a file, asks a seed for them, compares each as it comes.

use super::board::Claim;
use super::{Shared, lock};
use crate::MirrorError;
use crate::http::{HttpError, PieceBuffer};
use crate::parts::{Gap, PackParts};
use crate::piece::piece_bytes;
use crate::seed::{Occupied, Seed};
use crate::source::{SourceAddress, plain_file};
use deadwax_model::PIECE_BYTES;
use deadwax_torrent::metainfo::Contents;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

/// How long a connection without work waits before it looks for some.
const IDLE: Duration = Duration::from_millis(100);

/// A claim and all that it takes to carry it out.
struct Job {
    board: usize,
    claim: Claim,
    contents: Arc<Contents>,
    parts: Arc<PackParts>,
    seed: Arc<Seed>,
    _occupied: Occupied,
    /// The first piece that did not come yet.
    next: u64,
}

/// Why a claim was not carried out.
enum Broken {
    /// By the seed.
    Seed(HttpError),
    /// By this machine's disk.
    Disk(io::Error),
}

/// Takes work until all should stop.
pub(super) async fn work(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let Some(mut job) = next_job(&shared) else {
            let _ = tokio::time::timeout(IDLE, shared.changed.notified()).await;
            continue;
        };
        let came = tokio::select! {
            came = carry_out(&shared, &mut job) => came,
            _ = stop.changed() => Ok(()),
        };
        let error = match came {
            Ok(()) => None,
            Err(Broken::Seed(error)) => Some(error),
            Err(Broken::Disk(error)) => {
                let path = job.contents.files[job.claim.file].path.join("/");
                let error = MirrorError::io("write", std::path::Path::new(&path))(error);
                lock(&shared.fatal).get_or_insert(error);
                None
            }
        };
        if let Some(error) = &error
            && *error != HttpError::NotFound
        {
            job.seed.note(&job.contents.files[job.claim.file].path.join("/"), error);
        }
        // What a broken line cut off may come by the next one.
        let lacks = matches!(error, Some(HttpError::NotFound | HttpError::Misbehaves(_)));
        let rest: Vec<Gap> =
            (job.next < job.claim.end).then_some((job.next, job.claim.end)).into_iter().collect();
        if let Some(Some(board)) = lock(&shared.boards).get_mut(job.board) {
            board.done(&job.claim, rest, lacks);
        }
        shared.changed.notify_waiters();
    }
}

fn next_job(shared: &Shared) -> Option<Job> {
    let now = Instant::now();
    let mut boards = lock(&shared.boards);
    boards.iter_mut().enumerate().find_map(|(number, board)| {
        let board = board.as_mut()?;
        let claim = board.claim(now)?;
        let seed = Arc::clone(&board.seeds[claim.seed]);
        Some(Job {
            board: number,
            next: claim.first,
            contents: Arc::clone(&board.contents),
            parts: Arc::clone(&board.parts),
            _occupied: seed.occupy(),
            seed,
            claim,
        })
    })
}

async fn carry_out(shared: &Shared, job: &mut Job) -> Result<(), Broken> {
    match job.seed.place(&job.contents, job.claim.file) {
        SourceAddress::Http(url) => from_server(shared, job, &url).await,
        SourceAddress::Folder(_) => from_folder(shared, job).await,
    }
}

async fn from_server(shared: &Shared, job: &mut Job, url: &Url) -> Result<(), Broken> {
    let file = job.claim.file;
    let of = job.parts.bytes(file);
    let from = job.claim.first * PIECE_BYTES;
    let to = of.min(job.claim.end * PIECE_BYTES);
    let mut body = shared.http.part(url, from, to, of).await.map_err(Broken::Seed)?;
    let gives_ranges = !body.is_whole_instead;
    if !gives_ranges {
        job.seed.gave_whole_file();
        let mut boards = lock(&shared.boards);
        let board = boards.get_mut(job.board).and_then(Option::as_mut);
        if from > 0 && board.is_some_and(|board| board.is_shared(file)) {
            // Another connection gets the file from its beginning, and will come to this.
            return Ok(());
        }
    }
    let mut piece = body.from / PIECE_BYTES;
    let mut buffer = PieceBuffer::default();
    let pieces = of.div_ceil(PIECE_BYTES);
    while piece < if gives_ranges { job.claim.end } else { pieces } {
        buffer.data.clear();
        body.fill(&mut buffer, piece_bytes(of, piece)).await.map_err(Broken::Seed)?;
        let is_claimed = (job.claim.first..job.claim.end).contains(&piece);
        let is_ours = is_claimed
            || lock(&shared.boards)
                .get_mut(job.board)
                .and_then(Option::as_mut)
                .is_some_and(|board| board.claim_piece(file, piece));
        if is_ours {
            keep(job, piece, &buffer.data)?;
        }
        piece += 1;
        if is_claimed {
            job.next = piece;
        }
        if job.next >= job.claim.end && job.parts.is_complete(file) && piece < pieces {
            // A server that gives no ranges: the rest is here.
            return Ok(());
        }
    }
    body.end().await.map_err(Broken::Seed)
}

/// Compares a piece and writes it.
fn keep(job: &Job, piece: u64, data: &[u8]) -> Result<(), Broken> {
    // Takes a millisecond: handing over to another thread would take as long.
    match job.parts.take(job.claim.file, piece, data).map_err(Broken::Disk)? {
        true => Ok(()),
        false => {
            let what = format!("sends data that do not fit their hash, in piece {piece}");
            Err(Broken::Seed(HttpError::Misbehaves(what)))
        }
    }
}

async fn from_folder(shared: &Shared, job: &mut Job) -> Result<(), Broken> {
    let file = &job.contents.files[job.claim.file];
    let name = (!job.contents.single_file).then(|| job.contents.name.clone());
    let path: Vec<String> = name.into_iter().chain(file.path.iter().cloned()).collect();
    let found = job.seed.folder().and_then(|folder| plain_file(folder, &path));
    let found = found.ok_or(Broken::Seed(HttpError::NotFound))?;
    let broken = |e: io::Error| Broken::Seed(HttpError::Failed(format!("cannot be read ({e})")));
    let there = File::open(found).map_err(broken)?;
    let there_bytes = there.metadata().map_err(broken)?.len();
    if there_bytes != file.bytes {
        let what = format!("has {there_bytes} bytes where {} are", file.bytes);
        return Err(Broken::Seed(HttpError::Misbehaves(what)));
    }
    let bytes = file.bytes;
    for piece in job.claim.first..job.claim.end {
        let length = piece_bytes(bytes, piece);
        shared.http.rate.take(length).await;
        let mut data = vec![0; length as usize];
        there.read_exact_at(&mut data, piece * PIECE_BYTES).map_err(broken)?;
        keep(job, piece, &data)?;
        job.next = piece + 1;
        tokio::task::yield_now().await;
    }
    Ok(())
}
