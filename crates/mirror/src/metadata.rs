//! The edition's own files (the list, search, Parquet, the page), for mirrors that carry them: whole, one by one, and
//! compared with their root at the end, for nobody publishes hashes of their pieces.

use crate::http::{Body, Http, HttpError, PieceBuffer};
use crate::parts::Places;
use crate::run::Run;
use crate::source::{SourceAddress, below, plain_file};
use crate::{FileRow, MirrorError, State};
use deadwax_model::{PIECE_BYTES, Problem};
use deadwax_store::{Placing, hash_reader, place_files, remove_files};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

/// Where the bytes come from.
enum From {
    Folder(File),
    Server(Box<Body>, PieceBuffer),
}

/// Why a file did not come.
enum Broken {
    Source(HttpError),
    Mirror(MirrorError),
}

/// Fetches these files. What could not be fetched is told.
pub(crate) async fn fetch(
    places: &Places,
    state: &Mutex<State>,
    source: &SourceAddress,
    http: &Http,
    rows: &[FileRow],
    run: &Run<'_>,
) -> Result<(u64, u64, Vec<Problem>), MirrorError> {
    let (mut files, mut bytes, mut problems) = (0, 0, Vec::new());
    for row in rows {
        match fetch_one(places, source, http, row, run, &mut bytes).await {
            Ok(()) => {
                let (from, to) = (places.part(&row.root), places.at(&row.path)?);
                place_files(&[Placing { from, to, bytes: row.bytes }])?;
                let state = state.lock().unwrap_or_else(|e| e.into_inner());
                state.set_whole(row.file, run.clock()())?;
                run.progress.whole(&row.path, row.bytes);
                files += 1;
            }
            Err(Broken::Mirror(error)) => return Err(error),
            Err(Broken::Source(error)) => problems.push(Problem {
                path: row.path.clone(),
                what: format!("{source} {}", error.what()),
                next: "run the same line again later".to_owned(),
            }),
        }
    }
    Ok((files, bytes, problems))
}

async fn fetch_one(
    places: &Places,
    source: &SourceAddress,
    http: &Http,
    row: &FileRow,
    run: &Run<'_>,
    came: &mut u64,
) -> Result<(), Broken> {
    let path = places.part(&row.root);
    let disk = |error| Broken::Mirror(MirrorError::io("write", &path)(error));
    let open = File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let mut part = open.map_err(disk)?;
    let mut at = part.metadata().map_err(disk)?.len();
    if at > row.bytes {
        part.set_len(0).map_err(disk)?;
        at = 0;
    }
    part.seek(SeekFrom::Start(at)).map_err(disk)?;
    run.progress.was_here(at);
    if at < row.bytes {
        let mut from = begin(source, http, row, at).await.map_err(Broken::Source)?;
        if let From::Server(body, _) = &from {
            // A server without ranges begins at the beginning.
            at = body.from;
            part.seek(SeekFrom::Start(at)).map_err(disk)?;
        }
        while at < row.bytes {
            run.go_on().map_err(Broken::Mirror)?;
            let data = from.next(PIECE_BYTES.min(row.bytes - at)).await.map_err(Broken::Source)?;
            part.write_all(&data).map_err(disk)?;
            at += data.len() as u64;
            *came += data.len() as u64;
            run.progress.came(data.len() as u64);
        }
    }
    part.rewind().map_err(disk)?;
    let found = tokio::task::block_in_place(|| hash_reader(&part)).map_err(disk)?;
    if found.root == row.root && found.bytes == row.bytes {
        return Ok(());
    }
    remove_files(std::slice::from_ref(&path)).map_err(|e| Broken::Mirror(e.into()))?;
    Err(Broken::Source(HttpError::Misbehaves(
        "sends another file than is signed; it was not kept".to_owned(),
    )))
}

async fn begin(
    source: &SourceAddress,
    http: &Http,
    row: &FileRow,
    at: u64,
) -> Result<From, HttpError> {
    match source {
        SourceAddress::Http(url) => {
            let url = below(url, row.path.split('/'));
            let body = http.part(&url, at, row.bytes, row.bytes).await?;
            Ok(From::Server(Box::new(body), PieceBuffer::of(row.bytes)))
        }
        SourceAddress::Folder(folder) => open_at(folder, row, at).map(From::Folder),
    }
}

fn open_at(folder: &Path, row: &FileRow, at: u64) -> Result<File, HttpError> {
    let parts: Vec<String> = row.path.split('/').map(str::to_owned).collect();
    let found = plain_file(folder, &parts).ok_or(HttpError::NotFound)?;
    let opened =
        File::open(found).and_then(|mut file| file.seek(SeekFrom::Start(at)).map(|_| file));
    opened.map_err(|e| HttpError::Failed(format!("cannot be read ({e})")))
}

impl From {
    async fn next(&mut self, bytes: u64) -> Result<Vec<u8>, HttpError> {
        match self {
            From::Folder(file) => {
                let mut data = vec![0; bytes as usize];
                let read = file.read_exact(&mut data);
                read.map_err(|e| HttpError::Misbehaves(format!("has less of it ({e})")))?;
                Ok(data)
            }
            From::Server(body, buffer) => {
                buffer.data.clear();
                body.fill(buffer, bytes).await?;
                Ok(std::mem::take(&mut buffer.data))
            }
        }
    }
}
