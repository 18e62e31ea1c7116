//! What lies in a folder of music.

use crate::{Refusal, picture_kind};
use deadwax_model::Problem;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// A folder that holds something of interest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Files that are, or claim to be, audio; sorted.
    pub audio: Vec<PathBuf>,
    /// The folder's artwork, by its names; sorted.
    pub pictures: Vec<PathBuf>,
}

/// The result of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// Folders in the order of their paths.
    pub folders: Vec<Folder>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// Files that are neither audio nor artwork by their names: texts, playlists, logs.
    pub passed_over: u64,
}

/// Lists the audio and artwork under `path` (a folder or one file). Links are followed; a link that
/// leads back above itself is told of, once, and not followed. So is one that leads into `except`, the
/// real path of the archive: what an archive made is no music for it, and it would grow with every run.
/// What a file *is* shows when it is read; here a name only decides what is worth reading.
pub fn walk(path: &Path, except: &Path) -> Walk {
    let mut walk = Walk::default();
    let mut by_folder = std::collections::BTreeMap::<PathBuf, Folder>::new();
    let mut entries = WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) if leads_into(&entry, except) => {
                if entry.file_type().is_dir() {
                    entries.skip_current_dir();
                }
                walk.problems.push(within(&entry, except));
            }
            Ok(entry) if entry.file_type().is_file() => {
                let parent = entry.path().parent().unwrap_or(path).to_path_buf();
                let file = entry.path().to_path_buf();
                if is_audio_by_name(&entry) || entry.depth() == 0 {
                    by_folder.entry(parent).or_default().audio.push(file);
                } else if picture_kind(&file).is_some() {
                    by_folder.entry(parent).or_default().pictures.push(file);
                } else {
                    walk.passed_over += 1;
                }
            }
            Ok(_) => {}
            Err(e) => walk.problems.push(problem(path, &e)),
        }
    }
    walk.folders = by_folder.into_values().collect();
    walk
}

/// Whether an entry lies in `except`. Only links, and folders beneath links, can.
fn leads_into(entry: &DirEntry, except: &Path) -> bool {
    (entry.path_is_symlink() || entry.file_type().is_dir())
        && entry.path().canonicalize().is_ok_and(|real| real.starts_with(except))
}

fn within(entry: &DirEntry, except: &Path) -> Problem {
    let what = format!("it leads into the archive {}, and was not taken in", except.display());
    Refusal::new(what, LINK_NEXT).of(entry.path())
}

const LINK_NEXT: &str = "nothing is lost by it; remove the link to be rid of this message";

fn is_audio_by_name(entry: &DirEntry) -> bool {
    // "._name" files are what macOS leaves on foreign disks: resource forks, never audio.
    if entry.file_name().as_encoded_bytes().starts_with(b"._") {
        return false;
    }
    let Some(extension) = entry.path().extension().and_then(|e| e.to_str()) else {
        return false;
    };
    matches!(
        extension.to_ascii_lowercase().as_str(),
        "ogg"
            | "oga"
            | "opus"
            | "spx"
            | "flac"
            | "mp3"
            | "mp2"
            | "m4a"
            | "m4b"
            | "mp4"
            | "aac"
            | "alac"
            | "wav"
            | "wave"
            | "bwf"
            | "rf64"
            | "aif"
            | "aiff"
            | "aifc"
            | "wv"
            | "ape"
            | "mka"
            | "wma"
            | "dsf"
            | "dff"
            | "tta"
            | "tak"
            | "mpc"
    )
}

fn problem(root: &Path, error: &walkdir::Error) -> Problem {
    let path = error.path().unwrap_or(root);
    if let Some(ancestor) = error.loop_ancestor() {
        return Refusal::new(
            format!("it is a link that leads back to {}, which contains it", ancestor.display()),
            LINK_NEXT,
        )
        .of(path);
    }
    match error.io_error() {
        Some(e) => Refusal::io(e).of(path),
        None => Refusal::new(error.to_string(), "run the same line again").of(path),
    }
}
