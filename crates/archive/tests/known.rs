//! Recordings known from tables alone: each once in the list, in the order that the policy gives, beside those of
//! which there is a file; and a publish that was stopped goes on.

#[path = "../../catalog/tests/generated/mod.rs"]
mod generated;

use deadwax_archive::{
    Amount, Archive, ArchiveError, Phase, Progress, PublishOptions, Run, Silent,
};
use deadwax_edition::EditionSummary;
use deadwax_model::{
    ArtistRow, CreditRow, Isrc, ListensKey, ListensRow, RecordingId, RecordingRow, TableId,
    TableKind, TableRow,
};
use deadwax_testkit::collection::Collection;
use deadwax_testkit::{flac, music::Piece, oracle, tree};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

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

fn load(archive: &Archive, collection: &Collection, name: &str) {
    let mut load = archive.catalog().load(name, &archive.folder().join("scratch")).unwrap();
    for kind in TableKind::ORDER {
        assert!(load.begin(kind, "made").unwrap());
        let mut rows = Vec::new();
        for index in 0..generated::length(collection, kind) {
            generated::rows(collection, kind, index, &mut rows);
        }
        load.push((1..).zip(rows).collect()).unwrap();
        let counts = load.end(&mut |reject| panic!("{reject:?}")).unwrap();
        assert_eq!(counts.rows, counts.new);
    }
    load.finish().unwrap();
}

/// Adds three files: one whose count is told, one with the count of a recording in the tables, one that nobody counted.
fn add_files(archive: &Archive, folder: &Path, counts: [Option<u64>; 3]) -> Vec<RecordingId> {
    let music = folder.join("music");
    fs::create_dir_all(&music).unwrap();
    for seed in 0..3 {
        let samples = Piece { seed, seconds: 0.5 }.compose_i16();
        let title = format!("File {seed}");
        let file = flac::encode(&samples, &[("TITLE", &title)], 512).unwrap();
        fs::write(music.join(format!("{seed}.flac")), file).unwrap();
    }
    archive.add_music(&run(), &music, None).unwrap();
    let mut files: Vec<(String, RecordingId)> = Vec::new();
    for id in archive.catalog().recording_ids().unwrap() {
        files.push((archive.catalog().recording(&id).unwrap().unwrap().title, id));
    }
    files.sort();
    for ((_, id), listens) in files.iter().zip(counts) {
        if let Some(listens) = listens {
            let row = ListensRow { key: ListensKey::Recording(id.clone()), listens };
            archive.catalog().record_listens(&[row], "a test").unwrap();
        }
    }
    files.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn the_list_has_each_recording_once_in_order_with_what_the_tables_said() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    let collection = Collection::new(4_000, 3);
    load(&archive, &collection, "some");
    // Little memory: many runs.
    let report = archive.publish_with(&run(), within(40_000)).unwrap();
    assert!(report.is_new);
    let edition = archive.newest_edition().unwrap();
    let mut seen = BTreeSet::new();
    for (rank, listed) in (1..).zip(edition.iter()) {
        let listed = listed.unwrap();
        assert_eq!(u64::from(listed.rank.get()), rank);
        assert_eq!(listed.listens, collection.by_rank(rank).listens, "rank {rank}");
        let index = (0..4_000)
            .find(|index| {
                let id = collection.recording(*index).id;
                RecordingId::of_row(&TableId { collection: "some".into(), id }) == listed.id
            })
            .unwrap();
        assert!(seen.insert(index), "{index} is there twice");
        let it = collection.recording(index);
        assert_eq!(listed.title, it.title.clone().unwrap_or_default());
        assert_eq!(listed.artist_credit, collection.credit_text(&it));
        assert_eq!(listed.duration_ms, it.duration_ms.map(u64::from));
        let names: Vec<String> =
            it.artists.iter().map(|credit| collection.artist(credit.artist).name).collect();
        assert_eq!(listed.artists, names);
        let isrcs: BTreeSet<Isrc> = it.isrcs.iter().filter_map(|said| said.parse().ok()).collect();
        assert_eq!(listed.isrcs.iter().copied().collect::<BTreeSet<_>>(), isrcs);
        let release = collection.release(it.release);
        let track = &listed.tracks[0];
        assert_eq!((&track.release, track.position), (&release.title, Some(it.position)));
        assert_eq!(listed.year, release.year);
        assert_eq!(listed.held_back.as_deref(), Some("there is no file of it in the archive"));
    }
    assert_eq!(seen.len(), 4_000);
    let EditionSummary { recordings, releases, cleared, .. } = report.summary;
    assert_eq!((recordings, releases, cleared), (4_000, collection.releases(), 0));
}

#[test]
fn files_stand_where_their_plan_says_and_before_their_equals() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    let collection = Collection::new(2_000, 4);
    load(&archive, &collection, "some");
    let equal = collection.by_rank(500).listens;
    let ids = add_files(&archive, folder.path(), [Some(5), equal, None]);
    let plan = archive.plan(&run(), None).unwrap();
    archive.carry_out(&plan).unwrap();
    let summary = plan.summary();
    assert_eq!(summary.recordings, 2_003);
    assert_eq!((summary.statuses["no-source"], summary.statuses["planned"]), (2_000, 3));
    let listens = |index| u128::from(collection.recording(index).listens.unwrap_or(0));
    let all: u128 = (0..2_000).map(listens).sum();
    let own = 5 + u128::from(equal.unwrap());
    assert_eq!(summary.coverage, Some(own as f64 / (all + own) as f64));
    let mut listed = Vec::new();
    archive
        .list(&run(), |row| {
            listed.push(row.id);
            Ok(())
        })
        .unwrap();
    let planned: Vec<_> = plan.rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!((listed, archive.known_recordings().unwrap()), (planned, 2_000));
    let said = archive.named("1").unwrap_err().to_string();
    assert!(said.contains("2000 are known from tables alone"), "{said}");
    archive.publish(&run()).unwrap();
    let edition = archive.newest_edition().unwrap();
    let list: Vec<_> = edition.iter().map(Result::unwrap).collect();
    for row in &plan.rows {
        assert_eq!(list[row.rank.get() as usize - 1].id, row.id);
    }
    let place = |id: &RecordingId| list.iter().position(|listed| listed.id == *id).unwrap();
    let before = place(&ids[1]);
    assert!(list[before - 1].listens > equal && list[before + 1].listens <= equal);
    let unknown = place(&ids[2]);
    assert!(list[unknown - 1].listens.is_some(), "the first of those that nobody counted");
    assert_eq!((list[unknown + 1].listens, list[unknown + 1].tier), (None, None));
    let least = place(&ids[0]);
    assert!(
        list[least - 1].listens > Some(5) && list[least..].iter().all(|it| it.listens <= Some(5))
    );
}

#[test]
fn the_order_is_the_one_that_sqlite3_sorts() {
    let Some(sqlite3) = oracle::need("sqlite3") else { return };
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    load(&archive, &Collection::new(1_500, 6), "some");
    load(&archive, &Collection::new(1_000, 7), "other");
    archive.publish_with(&run(), within(30_000)).unwrap();
    let edition = archive.newest_edition().unwrap();
    let names = ["some", "other"].map(std::sync::Arc::<str>::from);
    let sql = "SELECT r.collection, r.id FROM known_recording r
        LEFT JOIN known_listens l ON l.collection = r.collection AND l.recording = r.id
        ORDER BY CASE WHEN l.listens >= 1000 THEN 0 WHEN l.listens IS NULL THEN 1 ELSE 2 END,
                 l.listens DESC, r.collection, r.id";
    let path = archive.folder().join("catalog.sqlite");
    let output = std::process::Command::new(sqlite3).arg(path).arg(sql).output().unwrap();
    let wanted: Vec<RecordingId> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let (number, id) = line.split_once('|').unwrap();
            let collection = names[number.parse::<usize>().unwrap() - 1].clone();
            RecordingId::of_row(&TableId { collection, id: id.parse().unwrap() })
        })
        .collect();
    assert_eq!(wanted.len(), 2_500);
    let found: Vec<RecordingId> = edition.iter().map(|listed| listed.unwrap().id).collect();
    assert_eq!(found, wanted);
}

fn within(sort_bytes: usize) -> PublishOptions<'static> {
    PublishOptions { sort_bytes, ..PublishOptions::default() }
}

/// Notes the phases, and stops when one begins.
struct Stopping<'a> {
    at: &'a str,
    stop: &'a AtomicBool,
    phases: std::sync::Mutex<Vec<String>>,
}

impl Progress for Stopping<'_> {
    fn begin(&self, phase: Phase, _: &Amount) {
        self.phases.lock().unwrap().push(phase.name());
        if phase.name() == self.at {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn item(&self, _: &str, _: &Amount) {}
}

/// Publishes until a phase, and gives the phases.
fn publish_until(archive: &Archive, at: &str) -> (Vec<String>, Result<String, ArchiveError>) {
    publish_within_until(archive, 40_000, at)
}

fn publish_within_until(
    archive: &Archive,
    sort_bytes: usize,
    at: &str,
) -> (Vec<String>, Result<String, ArchiveError>) {
    let stop = AtomicBool::new(false);
    let progress = Stopping { at, stop: &stop, phases: Default::default() };
    let run = Run {
        progress: &progress,
        stop: &stop,
        jobs: 2,
        today: "2026-01-01".to_owned(),
        now: jiff::Timestamp::now(),
    };
    let published = archive.publish_with(&run, within(sort_bytes)).map(|report| report.edition);
    (progress.phases.into_inner().unwrap(), published)
}

#[test]
fn a_publish_that_was_stopped_goes_on_with_the_list_it_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let collection = Collection::new(3_000, 8);
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    load(&archive, &collection, "some");
    let sorted = archive.folder().join("editions/.sorted");

    let (phases, stopped) = publish_until(&archive, "sort");
    assert!(matches!(stopped, Err(ArchiveError::Interrupted)), "{stopped:?}");
    assert_eq!(phases, ["sort"]);
    assert!(!sorted.exists(), "half a list is no list");

    let (phases, stopped) = publish_until(&archive, "publish");
    assert!(matches!(stopped, Err(ArchiveError::Interrupted)), "{stopped:?}");
    assert_eq!(phases, ["sort", "publish"]);
    assert!(sorted.join("stamp").exists());

    // Another artist's name is another list.
    let mut load_more = archive.catalog().load("some", &archive.folder().join("scratch")).unwrap();
    let recording = RecordingRow { id: 1, title: Some("New".into()), ..RecordingRow::default() };
    let artist = ArtistRow { id: 1, name: "Newcomer".into() };
    let credit = CreditRow { recording: 1, position: 1, artist: 1, ..CreditRow::default() };
    for row in [TableRow::Recording(recording), TableRow::Artist(artist), TableRow::Credit(credit)]
    {
        let kind = match row {
            TableRow::Recording(_) => TableKind::Recording,
            TableRow::Artist(_) => TableKind::Artist,
            _ => TableKind::Credit,
        };
        load_more.begin(kind, "more").unwrap();
        load_more.push(vec![(1, row)]).unwrap();
        assert_eq!(load_more.end(&mut |_| ()).unwrap().new, 1);
    }
    load_more.finish().unwrap();
    let (phases, stopped) = publish_until(&archive, "publish");
    assert!(stopped.is_err());
    assert_eq!(phases, ["sort", "publish"], "what was sorted is of before");

    let (phases, published) = publish_until(&archive, "never");
    assert_eq!(published.unwrap(), "editions/2026-01-01");
    assert_eq!(phases, ["publish", "sign"], "what was sorted is used");
    assert!(!sorted.exists());
    let edition = archive.newest_edition().unwrap();
    let added = edition.iter().map(Result::unwrap).find(|listed| listed.title == "New").unwrap();
    assert_eq!((edition.len(), added.artist_credit.as_str()), (3_001, "Newcomer"));

    // The same as an archive that nobody stopped, and nothing new the second time.
    let other = folder.path().join("whole/archive");
    drop(Archive::create(&other, Some("Test")).unwrap());
    fs::copy(archive.folder().join("catalog.sqlite"), other.join("catalog.sqlite")).unwrap();
    let whole = Archive::open(&other).unwrap();
    whole.publish(&run()).unwrap();
    let editions = [&archive, &whole].map(|it| {
        let mut tree = tree::contents(&it.folder().join("editions"));
        // Every archive has keys of its own.
        tree.retain(|path, _| !path.iter().any(|part| part == "trust"));
        tree
    });
    assert_eq!(tree::differences(&editions[0], &editions[1]), Vec::<String>::new());
    assert!(!archive.publish(&run()).unwrap().is_new);
    assert!(!sorted.exists());
}

#[test]
fn what_was_left_and_cannot_be_used_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    load(&archive, &Collection::new(3_000, 8), "some");
    let [scratch, sorted] = [".scratch", "editions/.sorted"].map(|it| archive.folder().join(it));
    // As kills leave them.
    for left in [&scratch, &sorted] {
        fs::create_dir_all(left).unwrap();
        fs::write(left.join("run-00001"), "half a run").unwrap();
    }
    // It is stopped with all in memory, or in the middle of a run.
    let (_, stopped) = publish_within_until(&archive, 1 << 30, "sort");
    assert!(matches!(stopped, Err(ArchiveError::Interrupted)), "{stopped:?}");
    assert!(!scratch.exists() && !sorted.exists());
    archive.publish(&run()).unwrap();
    assert_eq!(archive.newest_edition().unwrap().len(), 3_000);
    assert!(!sorted.exists());
}

#[test]
fn a_damaged_run_is_told_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    load(&archive, &Collection::new(3_000, 8), "some");
    // One run, larger than what is read of it before it is needed.
    let (_, stopped) = publish_within_until(&archive, 1 << 20, "publish");
    assert!(stopped.is_err());
    let run_file = archive.folder().join("editions/.sorted/run-00001");
    let bytes = fs::read(&run_file).unwrap();
    fs::write(&run_file, &bytes[..bytes.len() - 100]).unwrap();
    let (phases, published) = publish_until(&archive, "never");
    let said = published.unwrap_err().to_string();
    assert!(said.contains("run-00001") && said.contains("run the same line again"), "{said}");
    assert_eq!(phases, ["publish"]);
    let (phases, published) = publish_until(&archive, "never");
    assert_eq!(phases, ["sort", "publish", "sign"]);
    assert!(published.is_ok());
    assert_eq!(archive.newest_edition().unwrap().len(), 3_000);
}
