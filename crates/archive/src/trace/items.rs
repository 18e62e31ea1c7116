//! What is looked at: files on the disk, by their roots, and the files that torrents list.

use super::{Match, begin};
use crate::{Amount, ArchiveError, Run};
use deadwax_model::{Problem, Root};
use deadwax_store::hash_reader;
use deadwax_torrent::foreign::{self, Foreign, ForeignFile};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A file that is looked at.
pub(super) struct Item {
    /// The file, or the torrent that lists it.
    pub(super) path: PathBuf,
    /// The path that the torrent lists.
    pub(super) inside: Option<String>,
    pub(super) bytes: u64,
    pub(super) root: Option<Root>,
    /// The torrent, and what it says of the file; `None` of one on the disk.
    pub(super) torrent: Option<(Rc<Foreign>, ForeignFile)>,
    /// What it is, the most certain first, each recording once.
    pub(super) matches: Vec<Match>,
    pub(super) untold: Option<String>,
}

impl Item {
    /// Adds a match, unless it is of a recording that it is known to be already.
    pub(super) fn add(&mut self, found: Match) {
        let is_same = |known: &Match| known.recording == found.recording;
        if !self.matches.iter().any(is_same) {
            self.matches.push(found);
        }
    }
}

/// Reads all of them. Files that cannot be read become problems.
pub(super) fn gather(
    run: &Run<'_>,
    paths: &[PathBuf],
    problems: &mut Vec<Problem>,
) -> Result<Vec<Item>, ArchiveError> {
    let mut files = Vec::new();
    for path in paths {
        list(path, &mut files, problems);
    }
    let bytes = files.iter().map(|(_, bytes)| bytes).sum();
    begin(run, files.len() as u64, bytes);
    let mut items = Vec::new();
    for (path, bytes) in files {
        run.go_on()?;
        let name = path.display().to_string();
        match read(&path) {
            Ok(found) => {
                items.extend(found);
                run.progress.item(&name, &Amount::item(bytes));
            }
            Err(error) => {
                problems.push(unread(&path, &error));
                run.progress.failed(&name, &Amount::item(bytes));
            }
        }
    }
    run.progress.end();
    Ok(items)
}

/// All files beneath, in order; what links lead to folders is not followed.
fn list(path: &Path, files: &mut Vec<(PathBuf, u64)>, problems: &mut Vec<Problem>) {
    let listed = || -> io::Result<Option<Vec<PathBuf>>> {
        if !fs::metadata(path)?.is_dir() {
            return Ok(None);
        }
        let mut inside: Vec<PathBuf> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        inside.sort();
        Ok(Some(inside))
    };
    match listed() {
        Ok(Some(inside)) => {
            for path in inside {
                let leads_to_folder = path.is_symlink() && path.is_dir();
                if !leads_to_folder {
                    list(&path, files, problems);
                }
            }
        }
        Ok(None) => {
            let bytes = fs::metadata(path).map_or(0, |there| there.len());
            files.push((path.to_path_buf(), bytes));
        }
        Err(error) => problems.push(unread(path, &error)),
    }
}

fn read(path: &Path) -> io::Result<Vec<Item>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder"));
    }
    if let Some(torrent) = torrent(path)? {
        let torrent = Rc::new(torrent);
        let item = |file: &ForeignFile| Item {
            path: path.to_path_buf(),
            inside: Some(file.path.clone()),
            bytes: file.bytes,
            root: file.root.filter(|root| *root != Root::EMPTY),
            torrent: Some((Rc::clone(&torrent), file.clone())),
            matches: Vec::new(),
            untold: None,
        };
        return Ok(torrent.files.iter().map(item).collect());
    }
    let hashes = hash_reader(File::open(path)?)?;
    Ok(vec![Item {
        path: path.to_path_buf(),
        inside: None,
        bytes: hashes.bytes,
        root: Some(hashes.root).filter(|root| *root != Root::EMPTY),
        torrent: None,
        matches: Vec::new(),
        untold: None,
    }])
}

/// The torrent that a file is; `None` when it is none. One that calls itself so and cannot be read is an error.
fn torrent(path: &Path) -> io::Result<Option<Foreign>> {
    let is_called_so = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("torrent"));
    let mut file = File::open(path)?;
    let mut first = [0];
    let starts_so = file.read(&mut first)? == 1 && first == *b"d";
    let most = foreign::MOST_BYTES as u64;
    if !is_called_so && (!starts_so || file.metadata()?.len() > most) {
        return Ok(None);
    }
    let mut bytes = first.to_vec();
    file.take(most).read_to_end(&mut bytes)?;
    match foreign::read(&bytes) {
        Ok(torrent) => Ok(Some(torrent)),
        Err(error) if is_called_so => Err(io::Error::other(error)),
        Err(_) => Ok(None),
    }
}

fn unread(path: &Path, error: &io::Error) -> Problem {
    Problem {
        path: path.display().to_string(),
        what: format!("it was not looked at: {error}"),
        next: "put it right, then run the same line again".to_owned(),
    }
}
