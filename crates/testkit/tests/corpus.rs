//! The hostile corpus: the same every time, nothing twice, and as large as it has to be.

use deadwax_testkit::corpus::{self, MANIFEST, Options};
use deadwax_testkit::{oracle, tree};
use std::collections::HashSet;
use std::fs;

#[test]
fn the_same_options_give_the_same_files_and_no_two_are_alike() {
    let Some(ffmpeg) = oracle::need("ffmpeg") else { return };
    let make = |options: &Options| {
        let folder = tempfile::tempdir().unwrap();
        let entries = corpus::make(folder.path(), &ffmpeg, options).unwrap();
        (folder, entries)
    };
    let options = Options { every: 97, ..Options::default() };
    let (folder, entries) = make(&options);
    assert!((25..=97).contains(&entries.len()), "{}", entries.len());
    assert!(entries.iter().any(|entry| entry.is_sound));
    let paths: HashSet<_> = entries.iter().map(|entry| &entry.path).collect();
    assert_eq!(paths.len(), entries.len());
    let contents = tree::contents(folder.path());
    let files: HashSet<_> = entries.iter().map(|entry| &contents[&entry.path]).collect();
    assert_eq!(files.len(), entries.len());
    let manifest = fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
    assert_eq!(manifest.lines().count(), entries.len() + 1);

    let (again, _) = make(&options);
    assert_eq!(tree::differences(&contents, &tree::contents(again.path())), Vec::<String>::new());
}
