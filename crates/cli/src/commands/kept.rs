//! What a path leads to that `verify` and `repair` can be asked of.

use std::path::Path;

/// What is kept in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Archive,
    Mirror,
    Edition,
}

impl Kept {
    /// By the files that each of them has and no other; an archive where it is none, and opening that says what is wrong.
    pub fn at(folder: &Path) -> Kept {
        // An edition has a catalogue too, and a mirror an edition.json.
        match (folder.join(".deadwax").is_dir(), folder.join("edition.json").is_file()) {
            (true, _) => Kept::Mirror,
            (false, true) => Kept::Edition,
            (false, false) => Kept::Archive,
        }
    }
}
