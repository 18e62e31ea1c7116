//! Tables taken in by an archive: what is said again, what is not said, what is too much, and a stop in the middle.

use deadwax_archive::{
    Amount, Archive, ArchiveError, Phase, Progress, Run, Silent, TableReport, TablesReport,
};
use deadwax_catalog::{CatalogError, KnownRecording, Stop};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static NEVER: AtomicBool = AtomicBool::new(false);

fn run() -> Run<'static> {
    Run {
        progress: &Silent,
        stop: &NEVER,
        jobs: 2,
        today: "2026-01-01".to_owned(),
        now: jiff::Timestamp::now(),
    }
}

/// An archive in a folder, and a folder for tables.
fn archive(folder: &Path) -> (Archive, PathBuf) {
    let tables = folder.join("tables");
    fs::create_dir(&tables).unwrap();
    (Archive::create(&folder.join("archive"), Some("Test")).unwrap(), tables)
}

/// Writes tables in place of those that are there, and adds them.
fn add(archive: &Archive, tables: &Path, files: &[(&str, String)]) -> TablesReport {
    fs::remove_dir_all(tables).unwrap();
    fs::create_dir(tables).unwrap();
    for (name, content) in files {
        fs::write(tables.join(name), content).unwrap();
    }
    let sources: Vec<PathBuf> = files.iter().map(|(name, _)| tables.join(name)).collect();
    archive.add_tables(&run(), &sources, "some").unwrap()
}

/// Rows that were new, changed, unchanged, repeated and rejected.
fn counts(table: &TableReport) -> [u64; 5] {
    [table.new, table.changed, table.unchanged, table.repeated, table.rejected]
}

fn each(archive: &Archive, mut each: impl FnMut(&KnownRecording<'_>)) {
    archive
        .catalog()
        .known_recordings(Stop::default(), &mut |known| -> Result<(), CatalogError> {
            each(known);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_empty_count_takes_nothing_back_and_a_row_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, tables) = archive(folder.path());
    let recording = ("recording.csv", "id,title,date\n1,One,2001\n2,Two,2002\n".to_owned());
    let listens = ("listens.csv", "recording,listens\n1,5000\n2,7\n2,\n".to_owned());
    let report = add(&archive, &tables, &[recording, listens]);
    assert_eq!(counts(&report.tables[1]), [2, 0, 0, 0, 0], "nor a count of the same table");
    let recording = ("recording.csv", "id,title,date\n1,One,\n".to_owned());
    let listens = ("listens.csv", "recording,listens\n1,\n2,8\n".to_owned());
    let report = add(&archive, &tables, &[recording, listens]);
    assert_eq!(counts(&report.tables[0]), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&report.tables[1]), [0, 1, 0, 0, 0]);
    let mut found = Vec::new();
    each(&archive, |known| found.push((known.id, known.date.clone(), known.listens)));
    let wanted = [(1, None, Some(5000)), (2, Some("2002".to_owned()), Some(8))];
    assert_eq!(found, wanted, "what is not in the new table stays");
}

#[test]
fn too_many_rows_of_a_recording_are_rejected_and_the_rest_is_loaded() {
    const MOST: u64 = 65_536;
    let folder = tempfile::tempdir().unwrap();
    let (archive, tables) = archive(folder.path());
    let mut isrc = "recording,isrc\n".to_owned();
    (0..MOST + 3).for_each(|number| isrc += &format!("1,said {number:06}\n"));
    isrc += "2,USRC17607839\n";
    let mut credit = "recording,position,artist\n".to_owned();
    // Every second one first: out of order.
    for number in (1..=MOST + 3).step_by(2).chain((2..=MOST + 3).step_by(2)) {
        credit += &format!("1,{number},1\n");
    }
    let files = [
        ("recording.csv", "id\n1\n2\n".to_owned()),
        ("artist.csv", "id,name\n1,A\n".to_owned()),
        ("credit.csv", credit),
        ("isrc.csv", isrc),
    ];
    let report = add(&archive, &tables, &files);
    assert_eq!(counts(&report.tables[2]), [MOST, 0, 0, 0, 3]);
    assert_eq!(counts(&report.tables[3]), [MOST + 1, 0, 0, 0, 3]);
    let rejects = fs::read_to_string(archive.folder().join("rejects/isrc.ndjson")).unwrap();
    let rejects: Vec<serde_json::Value> =
        rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rejects.len(), &rejects[0]["row"]), (3, &(MOST + 2).into()));
    assert_eq!(
        rejects[0]["reason"],
        "its recording has 65536 rows in this table already, and no more are taken"
    );
    assert_eq!(rejects[0]["said"]["isrc"], format!("said {MOST:06}"));
    let mut found = Vec::new();
    each(&archive, |known| found.push((known.credits.len() as u64, known.isrcs.len())));
    assert_eq!(found, [(MOST, 0), (0, 1)]);
    let changes = archive.catalog().known_changes().unwrap();
    let again = add(&archive, &tables, &files);
    assert_eq!(counts(&again.tables[2]), [0, 0, MOST, 0, 3]);
    assert_eq!(counts(&again.tables[3]), [0, 0, MOST + 1, 0, 3]);
    assert_eq!(archive.catalog().known_changes().unwrap(), changes);
}

/// Stops when a table has been read to its end.
struct StopAtEnd<'a> {
    stop: &'a AtomicBool,
    bytes: AtomicU64,
    all: u64,
}

impl Progress for StopAtEnd<'_> {
    fn begin(&self, _: Phase, _: &Amount) {
        self.bytes.store(0, Ordering::Relaxed);
    }

    fn item(&self, _: &str, done: &Amount) {
        let read = self.bytes.fetch_add(done.bytes, Ordering::Relaxed) + done.bytes;
        self.stop.fetch_or(read >= self.all, Ordering::Relaxed);
    }
}

#[test]
fn a_stop_is_heard_when_all_is_read_and_what_is_left_is_to_sort_and_merge() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, tables) = archive(folder.path());
    let mut recording = "id,title\n".to_owned();
    (0..20_000).rev().for_each(|id| recording += &format!("{id},of {id}\n"));
    let path = tables.join("recording.csv");
    fs::write(&path, &recording).unwrap();
    let stop = AtomicBool::new(false);
    let all = recording.len() as u64;
    let progress = StopAtEnd { stop: &stop, bytes: AtomicU64::new(0), all };
    let stopping = Run {
        progress: &progress,
        stop: &stop,
        jobs: 2,
        today: String::new(),
        now: jiff::Timestamp::now(),
    };
    let stopped = archive.add_tables(&stopping, std::slice::from_ref(&path), "some");
    assert!(matches!(stopped, Err(ArchiveError::Interrupted)), "{stopped:?}");
    assert!(!archive.folder().join(".scratch").exists());
    let added = archive.add_tables(&run(), &[path], "some").unwrap();
    let [new, changed, unchanged, ..] = counts(&added.tables[0]);
    assert_eq!((new + unchanged, changed), (20_000, 0));
    let mut count = 0;
    each(&archive, |known| {
        assert_eq!(known.title, Some(format!("of {count}")));
        count += 1;
    });
    assert_eq!(count, 20_000);
}
