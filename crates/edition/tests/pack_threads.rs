//! Packs are made by threads: that shows in nothing but the time.

mod made;
mod shelf;

use deadwax_edition::{EditionWriter, Listed, StagesOut};
use deadwax_model::{RecordingId, Root};
use deadwax_torrent::PackOptions;
use sha2::{Digest, Sha256};
use shelf::{Shelf, listed};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const JOBS: [usize; 3] = [0, 1, 5];

fn writer(shelf: &Shelf, folder: &Path, jobs: usize) -> EditionWriter {
    let options = PackOptions { v1_twin: true, ..PackOptions::default() };
    let stages = StagesOut { patches: true, ..StagesOut::default() };
    let info = deadwax_edition::EditionInfo { stages, ..made::info() };
    let mut writer = EditionWriter::create(folder, info, &shelf.store, options).unwrap();
    writer.set_jobs(jobs);
    writer
}

/// Every file below a folder with its digest.
fn digests(folder: &Path) -> BTreeMap<PathBuf, [u8; 32]> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let digest = Sha256::digest(fs::read(&path).unwrap()).into();
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), digest);
            }
        }
    }
    files
}

#[test]
fn an_edition_is_the_same_on_any_number_of_threads() {
    let shelf = Shelf::of(1_200);
    let editions = JOBS.map(|jobs| {
        let folder = shelf.folder.path().join(format!("{jobs} jobs"));
        let mut writer = writer(&shelf, &folder, jobs);
        for (rank, hashes) in (1..).zip(&shelf.files) {
            // Patches that are cut at other places than audio; and recordings that are in no pack, in between.
            let patch =
                (rank % 3 == 0).then(|| shelf.files[shelf.files.len() - rank as usize].clone());
            let listed = Listed { patch, ..listed(rank, hashes, rank as usize) };
            let hashes = listed.hashes.clone().filter(|_| rank % 7 > 0);
            writer.push(Listed { hashes, ..listed }).unwrap();
        }
        let (summary, problems) = writer.finish().unwrap();
        assert!(
            problems.is_empty() && summary.packs.len() >= 4 && summary.patches.packs.len() >= 2
        );
        digests(&folder)
    });
    assert!(editions[0].keys().any(|path| path.ends_with("catalog.sqlite")));
    for (edition, jobs) in editions.iter().zip(JOBS) {
        let other: Vec<_> =
            edition.iter().filter(|file| editions[1].get(file.0) != Some(file.1)).collect();
        assert!(other.is_empty() && edition.len() == editions[1].len(), "{jobs} jobs: {other:?}");
    }
}

#[test]
fn packs_of_the_same_files_are_named_in_the_order_of_the_list() {
    // Each fills a pack.
    let shelf = Shelf::of_pieces(2, 120_000);
    for jobs in JOBS {
        let folder = shelf.folder.path().join(format!("{jobs} jobs"));
        let mut writer = writer(&shelf, &folder, jobs);
        for (rank, file) in (1..).zip([0, 1, 0, 0, 1]) {
            let listed = listed(rank, &shelf.files[file], file);
            let id = RecordingId::of_first_source(&Root([rank as u8; 32]));
            let clearance = made::clearance(&id, "CC0-1.0");
            writer.push(Listed { id, clearance, ..listed }).unwrap();
        }
        let (summary, _) = writer.finish().unwrap();
        let names: Vec<&str> = summary.packs.iter().map(|pack| pack.name.as_str()).collect();
        let [first, second, ..] = names[..] else { panic!("{names:?}") };
        assert_eq!(
            names[2..],
            [&format!("{first} 2"), &format!("{first} 3"), &format!("{second} 2")]
        );
    }
}

/// Pushes the whole shelf, and gives what went wrong.
fn push_all(writer: &mut EditionWriter, shelf: &Shelf) -> Option<String> {
    let mut pushes = (1..).zip(&shelf.files).map(|(rank, hashes)| {
        writer.push(listed(rank, hashes, rank as usize)).map_err(|error| error.to_string())
    });
    pushes.find_map(Result::err)
}

/// Nobody is left who writes into it.
fn assert_stays_gone(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert!(!folder.exists());
}

#[test]
fn the_first_failure_of_the_list_is_told_and_nothing_goes_on() {
    let shelf = Shelf::of(1_500);
    // In several packs, the first of which takes longest until it comes to it.
    let gone = [400, 480, 560, 700, 900].map(|index| shelf.files[index].root);
    gone.iter().for_each(|root| fs::remove_file(shelf.store.path(root)).unwrap());
    let first = gone[0].to_string();
    for jobs in JOBS {
        let folder = shelf.folder.path().join(format!("{jobs} jobs"));
        let mut failing = writer(&shelf, &folder, jobs);
        let pushed = push_all(&mut failing, &shelf);
        let at_end = failing.finish().unwrap_err().to_string();
        if jobs < 2 {
            // The next pack waits for it.
            assert!(pushed.is_some());
        }
        if pushed.is_some() {
            assert!(at_end.contains("this has failed before"), "{jobs} jobs: {at_end}");
        }
        let error = pushed.unwrap_or(at_end);
        assert!(error.contains(&first), "{jobs} jobs: {error}");
        assert_stays_gone(&folder);
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let shelf = Shelf::of(1_200);
    let sound = shelf.folder.path().join("sound");
    let mut writer_of_sound = writer(&shelf, &sound, 2);
    assert_eq!(push_all(&mut writer_of_sound, &shelf), None);
    let (summary, _) = writer_of_sound.finish().unwrap();
    // In the middle of the list. Permissions would not stop root.
    let in_the_way = Path::new("packs").join(&summary.packs[2].name);
    for jobs in JOBS {
        let folder = shelf.folder.path().join(format!("{jobs} jobs"));
        let mut failing = writer(&shelf, &folder, jobs);
        let in_the_way = folder.join(&in_the_way);
        fs::write(&in_the_way, "").unwrap();
        let pushed = push_all(&mut failing, &shelf);
        let error = pushed.unwrap_or_else(|| failing.finish().unwrap_err().to_string());
        let sentence = format!("cannot create folder {}/", in_the_way.display());
        assert!(error.starts_with(&sentence), "{error}");
        assert_stays_gone(&folder);
    }
}

#[test]
fn a_writer_that_is_dropped_leaves_nobody_behind() {
    let shelf = Shelf::of(1_200);
    for jobs in JOBS {
        let folder = shelf.folder.path().join(format!("{jobs} jobs"));
        let mut dropped = writer(&shelf, &folder, jobs);
        assert_eq!(push_all(&mut dropped, &shelf), None);
        drop(dropped);
        assert_stays_gone(&folder);
    }
}
