//! What a pack is called and where its entries lie. Both follow from the files that are in it, and from neither day, rank
//! nor order, so that a pack of the same files has the same info hash in every edition.

use crate::PackFile;
use crate::names::{unique, unique_folders};
use deadwax_model::Root;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// How many hex digits of the digest of its files a pack's name ends with.
const NAME_DIGITS: usize = 10;

/// What the entries of a pack are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Files.
    File,
    /// Folders whose files are theirs alone.
    Folder,
}

/// Where each entry of a pack lies: its path made unique. `root` is that of its first file. Among equal paths the lower root keeps
/// its name, so the order of the entries does not matter.
pub fn places(entries: Vec<(Vec<String>, Root)>, kind: EntryKind) -> Vec<Vec<String>> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|a, b| entries[*a].cmp(&entries[*b]));
    let mut paths: Vec<Vec<String>> = entries.into_iter().map(|(path, _)| path).collect();
    let sorted = order.iter().map(|index| std::mem::take(&mut paths[*index])).collect();
    let made = match kind {
        EntryKind::File => unique(sorted),
        EntryKind::Folder => unique_folders(sorted),
    };
    for (index, path) in order.into_iter().zip(made) {
        paths[index] = path;
    }
    paths
}

/// What the files of a pack are, in the digits that its name ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackDigest(String);

impl PackDigest {
    /// The first ten hex digits of the SHA-256 over every file in the order of the torrent: its path with `/` between the
    /// components, a zero byte, the 32 bytes of its root.
    pub fn of(files: &[PackFile]) -> PackDigest {
        let mut sorted: Vec<&PackFile> = files.iter().collect();
        sorted.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let mut digest = Sha256::new();
        for file in sorted {
            for (depth, component) in file.path.iter().enumerate() {
                digest.update(if depth == 0 { "" } else { "/" });
                digest.update(component);
            }
            digest.update([0]);
            digest.update(file.hashes.root.0);
        }
        let bytes = digest.finalize();
        PackDigest(bytes[..NAME_DIGITS / 2].iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Gives names to the packs of an edition that begin alike.
#[derive(Debug)]
pub struct PackNames {
    prefix: String,
    taken: HashSet<String>,
}

impl PackNames {
    /// `prefix` is a component: the title of the archive, and what the packs hold when it is not audio.
    pub fn new(prefix: String) -> PackNames {
        PackNames { prefix, taken: HashSet::new() }
    }

    /// `PREFIX DIGITS`. When a pack of these packs has that name already, `PREFIX DIGITS 2`: so who comes first matters.
    pub fn name(&mut self, digest: &PackDigest) -> String {
        let name = format!("{} {}", self.prefix, digest.0);
        let mut numbered = (2..).map(|number| format!("{name} {number}"));
        let mut candidate = name.clone();
        while !self.taken.insert(candidate.clone()) {
            candidate = numbered.next().unwrap_or_default();
        }
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_model::FileHashes;
    use proptest::prelude::*;

    fn row(root: u8) -> FileHashes {
        FileHashes {
            bytes: 1,
            root: Root([root; 32]),
            piece_layer: vec![],
            v1_whole: vec![],
            v1_tail: None,
            v1_tail_padded: None,
        }
    }

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    fn file<'a>(at: &str, hashes: &'a FileHashes) -> PackFile<'a> {
        PackFile { path: path(at), hashes }
    }

    #[test]
    fn a_name_is_a_digest_of_the_files() {
        let rows = [row(b'a'), row(b'b')];
        let files = [file("B/x.ogg", &rows[0]), file("A/é.ogg", &rows[1])];
        let mut names = PackNames::new("Our music".to_owned());
        // printf 'A/é.ogg\0bbbb...B/x.ogg\0aaaa...' | sha256sum
        let mut name = |files: &[PackFile]| names.name(&PackDigest::of(files));
        assert_eq!(name(&files), "Our music 9f1a167213");
        let [one, two] = files;
        assert_eq!(name(&[two.clone(), one.clone()]), "Our music 9f1a167213 2");
        assert_eq!(name(&[one.clone(), two.clone()]), "Our music 9f1a167213 3");
        let swapped =
            [PackFile { path: two.path, ..one.clone() }, PackFile { path: one.path, ..two }];
        assert!(!name(&swapped).contains("9f1a167213"));
    }

    #[test]
    fn who_comes_first_does_not_matter() {
        let entries = |order: [usize; 4]| {
            let all = [("A/x", 9), ("a/X", 1), ("A/x", 2), ("A/y", 7)]
                .map(|(p, r)| (path(p), Root([r; 32])));
            order.map(|index| all[index].clone()).to_vec()
        };
        let files = places(entries([0, 1, 2, 3]), EntryKind::File);
        assert_eq!(files, ["A/x (2)", "A/X (3)", "A/x", "A/y"].map(path));
        let turned = places(entries([3, 2, 1, 0]), EntryKind::File);
        assert_eq!(turned, ["A/y", "A/x", "A/X (3)", "A/x (2)"].map(path));
        let folders = places(entries([0, 1, 2, 3]), EntryKind::Folder);
        assert_eq!(folders, ["A/x (2)", "A/X (3)", "A/x", "A/y"].map(path));
    }

    proptest! {
        #[test]
        fn places_follow_from_the_set(
            entries in prop::collection::vec(("[aAbB]{1,2}(/[aA](\\.b)?)?", 0..4u8), 0..30),
            seed: u64,
            folders: bool,
        ) {
            let kind = if folders { EntryKind::Folder } else { EntryKind::File };
            let entries: Vec<_> = entries.iter().map(|(p, r)| (path(p), Root([*r; 32]))).collect();
            let mut shuffled: Vec<usize> = (0..entries.len()).collect();
            shuffled.sort_by_key(|index| (*index as u64 + 1).wrapping_mul(seed | 1));
            let set = |entries: Vec<(Vec<String>, Root)>| {
                let roots: Vec<Root> = entries.iter().map(|(_, root)| *root).collect();
                let mut placed: Vec<_> = places(entries, kind).into_iter().zip(roots).collect();
                placed.sort();
                placed
            };
            let other = shuffled.iter().map(|index| entries[*index].clone()).collect();
            prop_assert_eq!(set(entries), set(other));
        }
    }
}
