//! Tables through the catalogue's public face: whatever the order of rows, the size of batches and the moment of a
//! kill, the same rows leave the same catalogue, which is what a plain map of the same rows says.

mod generated;

use deadwax_catalog::{
    Catalog, CatalogError, KnownRecording, LoadLimits, LoadReject, Stop, TableCounts,
};
use deadwax_model::{
    ArtistRow, CountRow, Counted, CreditRow, Isrc, IsrcRow, ListensKey, ListensRow, RecordingRow,
    ReleaseRow, TableKind, TableRow, TrackRow,
};
use deadwax_testkit::collection::Collection;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Small enough that batches end and runs are written within a few rows.
const SMALL: LoadLimits = LoadLimits { batch_rows: 3, batch_bytes: 1 << 20, sort_bytes: 200 };

fn catalog() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).unwrap();
    (folder, catalog)
}

/// Loads rows of all tables, so many a push.
fn load(
    catalog: &Catalog,
    folder: &Path,
    rows: &[TableRow],
    limits: LoadLimits,
    a_push: usize,
) -> (BTreeMap<TableKind, TableCounts>, Vec<LoadReject>) {
    let mut load = catalog.load_within("some", &folder.join("scratch"), limits).unwrap();
    let (mut counts, mut rejects) = (BTreeMap::new(), Vec::new());
    for kind in TableKind::ORDER {
        assert!(load.begin(kind, "a file").unwrap());
        let of_kind = rows.iter().filter(|row| kind_of(row) == kind).cloned();
        let numbered: Vec<(u64, TableRow)> = (1..).zip(of_kind).collect();
        for some in numbered.chunks(a_push) {
            load.push(some.to_vec()).unwrap();
        }
        counts.insert(kind, load.end(&mut |reject| rejects.push(reject)).unwrap());
    }
    load.finish().unwrap();
    assert!(!folder.join("scratch").exists(), "no run is left");
    (counts, rejects)
}

fn kind_of(row: &TableRow) -> TableKind {
    match row {
        TableRow::Recording(_) => TableKind::Recording,
        TableRow::Artist(_) => TableKind::Artist,
        TableRow::Release(_) => TableKind::Release,
        TableRow::Track(_) => TableKind::Track,
        TableRow::Credit(_) => TableKind::Credit,
        TableRow::Isrc(_) => TableKind::Isrc,
        TableRow::Listens(_) => TableKind::Listens,
    }
}

/// All facts from tables, as SQLite itself tells them.
fn dump(folder: &Path) -> Vec<String> {
    let db = rusqlite::Connection::open(folder.join("catalog.sqlite")).unwrap();
    let mut all = Vec::new();
    for (table, columns) in [
        ("collection", "name, recordings"),
        ("known_recording", "id, title, duration_ms, date"),
        ("known_artist", "id, name"),
        ("known_release", "id, title, artist, date"),
        ("known_track", "recording, release, disc, position"),
        ("known_credit", "recording, position, artist, name, joined"),
        ("known_isrc", "recording, said"),
        ("known_listens", "recording, listens"),
        ("known_isrc_listens", "isrc, listens"),
        ("load", "kind"),
    ] {
        let quoted: Vec<String> =
            columns.split(", ").map(|column| format!("quote({column})")).collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY {columns}", quoted.join("||' '||"));
        let mut query = db.prepare(&sql).unwrap();
        let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        all.extend(rows.map(|row| format!("{table} {}", row.unwrap())));
    }
    all
}

fn quoted(text: &Option<String>) -> String {
    text.as_ref().map_or("NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

/// The same as a plain map says it, and which rows refer to nothing.
fn expected(rows: &[TableRow]) -> (BTreeSet<String>, usize) {
    let ids = |kind| {
        let of = move |row: &TableRow| match row {
            TableRow::Recording(row) if kind == TableKind::Recording => Some(row.id),
            TableRow::Artist(row) if kind == TableKind::Artist => Some(row.id),
            _ => None,
        };
        rows.iter().filter_map(of).collect::<BTreeSet<u64>>()
    };
    let (recordings, artists) = (ids(TableKind::Recording), ids(TableKind::Artist));
    let releases: BTreeSet<u64> = rows
        .iter()
        .filter_map(|row| match row {
            TableRow::Release(row) if row.artist.is_none_or(|id| artists.contains(&id)) => {
                Some(row.id)
            }
            _ => None,
        })
        .collect();
    let number = |number: Option<u32>| number.map_or("NULL".to_owned(), |n| n.to_string());
    let mut facts: BTreeMap<String, String> = BTreeMap::new();
    let mut rejected = 0;
    for row in rows {
        let (is_good, key, rest) = match row {
            TableRow::Recording(row) => (
                true,
                format!("known_recording {}", row.id),
                format!(
                    " {} {} {}",
                    quoted(&row.title),
                    number(row.duration_ms),
                    quoted(&row.date)
                ),
            ),
            TableRow::Artist(row) => (
                true,
                format!("known_artist {}", row.id),
                format!(" {}", quoted(&Some(row.name.clone()))),
            ),
            TableRow::Release(row) => (
                row.artist.is_none_or(|id| artists.contains(&id)),
                format!("known_release {}", row.id),
                format!(
                    " {} {} {}",
                    quoted(&row.title),
                    row.artist.map_or("NULL".to_owned(), |id| id.to_string()),
                    quoted(&row.date)
                ),
            ),
            TableRow::Track(row) => (
                recordings.contains(&row.recording) && releases.contains(&row.release),
                format!(
                    "known_track {} {} {} {}",
                    row.recording,
                    row.release,
                    row.disc.unwrap_or(0),
                    row.position.unwrap_or(0)
                ),
                String::new(),
            ),
            TableRow::Credit(row) => (
                recordings.contains(&row.recording) && artists.contains(&row.artist),
                format!("known_credit {} {}", row.recording, row.position),
                format!(" {} {} {}", row.artist, quoted(&row.name), quoted(&row.joined)),
            ),
            TableRow::Isrc(row) => {
                let code = row.said.parse::<Isrc>().ok().filter(|isrc| isrc.compact() == row.said);
                let said =
                    code.map_or(quoted(&Some(row.said.clone())), |isrc| isrc.to_u64().to_string());
                let key = format!("known_isrc {} {said}", row.recording);
                (recordings.contains(&row.recording), key, String::new())
            }
            TableRow::Listens(row) => match row.of {
                Counted::Recording(id) => (
                    recordings.contains(&id),
                    format!("known_listens {id}"),
                    format!(" {}", row.listens),
                ),
                Counted::Isrc(isrc) => (
                    true,
                    format!("known_isrc_listens {}", isrc.to_u64()),
                    format!(" {}", row.listens),
                ),
            },
        };
        match is_good {
            true => drop(facts.insert(key, rest)),
            false => rejected += 1,
        }
    }
    let mut all: BTreeSet<String> = facts.into_iter().map(|(key, rest)| key + &rest).collect();
    all.insert(format!("collection 'some' {}", recordings.len()));
    (all, rejected)
}

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0u64..12, 1 => Just(i64::MAX as u64)]
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-c']{0,3}|曲")
}

fn code() -> impl Strategy<Value = String> {
    "(USRC1760783[0-4]|us-rc1-76-07834|ISRC USRC17607830|USRC176078301|曲)"
}

fn row() -> impl Strategy<Value = TableRow> {
    let small = || prop::option::of(1u32..3);
    prop_oneof![
        (id(), text(), prop::option::of(1u32..9), text()).prop_map(
            |(id, title, duration_ms, date)| {
                TableRow::Recording(RecordingRow { id, title, duration_ms, date })
            }
        ),
        (id(), "[ab]{1,2}").prop_map(|(id, name)| TableRow::Artist(ArtistRow { id, name })),
        (id(), text(), prop::option::of(id()), text()).prop_map(|(id, title, artist, date)| {
            TableRow::Release(ReleaseRow { id, title, artist, date })
        }),
        (id(), id(), small(), small()).prop_map(|(release, recording, disc, position)| {
            TableRow::Track(TrackRow { release, recording, disc, position })
        }),
        (id(), 1u32..4, id(), text(), text()).prop_map(
            |(recording, position, artist, name, joined)| {
                TableRow::Credit(CreditRow { recording, position, artist, name, joined })
            }
        ),
        (id(), code()).prop_map(|(recording, said)| TableRow::Isrc(IsrcRow { recording, said })),
        (id(), 0u64..9).prop_map(|(id, listens)| {
            TableRow::Listens(CountRow { of: Counted::Recording(id), listens })
        }),
        ("USRC1760783[0-4]", 0u64..9).prop_map(|(isrc, listens)| {
            TableRow::Listens(CountRow { of: Counted::Isrc(isrc.parse().unwrap()), listens })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_rows_in_any_batches_leave_what_a_map_says(
        mut rows in prop::collection::vec(row(), 0..120),
        batch_rows in 1usize..20,
        sort_bytes in 40usize..4_000,
        a_push in 1usize..30,
        is_sorted in any::<bool>(),
    ) {
        if is_sorted {
            rows.sort_by_key(|row| (kind_of(row), first_key(row)));
        }
        let (folder, catalog) = catalog();
        let limits = LoadLimits { batch_rows, batch_bytes: 1 << 20, sort_bytes };
        let (counts, rejects) = load(&catalog, folder.path(), &rows, limits, a_push);
        let (facts, rejected) = expected(&rows);
        prop_assert_eq!(rejects.len(), rejected);
        for counts in counts.values() {
            let TableCounts { rows, new, changed, unchanged, repeated, rejected } = *counts;
            prop_assert_eq!(rows, new + changed + unchanged + repeated + rejected);
        }
        let first = dump(folder.path());
        prop_assert_eq!(first.iter().cloned().collect::<BTreeSet<_>>(), facts);
        let changes = catalog.known_changes().unwrap();
        for limits in [limits, LoadLimits::default()] {
            let (counts, _) = load(&catalog, folder.path(), &rows, limits, 7);
            prop_assert_eq!(&dump(folder.path()), &first, "again");
            let news: u64 = counts.values().map(|counts| counts.new + counts.changed).sum();
            prop_assert_eq!((news, catalog.known_changes().unwrap()), (0, changes));
        }
    }

    #[test]
    fn a_load_dropped_anywhere_is_completed_by_the_next(
        rows in prop::collection::vec(row(), 0..120),
        drop_after in 0usize..120,
    ) {
        let (folder, catalog) = catalog();
        let mut pushed = 0;
        {
            let mut load =
                catalog.load_within("some", &folder.path().join("scratch"), SMALL).unwrap();
            'all: for kind in TableKind::ORDER {
                load.begin(kind, "a file").unwrap();
                for row in rows.iter().filter(|row| kind_of(row) == kind) {
                    if pushed == drop_after {
                        break 'all;
                    }
                    load.push(vec![(1, row.clone())]).unwrap();
                    pushed += 1;
                }
                load.end(&mut |_| ()).unwrap();
            }
        }
        let mut load = catalog.load("some", &folder.path().join("scratch")).unwrap();
        for kind in TableKind::ORDER {
            if load.begin(kind, "a file").unwrap() {
                let of_kind = rows.iter().filter(|row| kind_of(row) == kind).cloned();
                load.push((1..).zip(of_kind).collect()).unwrap();
                load.end(&mut |_| ()).unwrap();
            }
        }
        load.finish().unwrap();
        let found: BTreeSet<String> = dump(folder.path()).into_iter().collect();
        prop_assert_eq!(found, expected(&rows).0);
    }
}

fn first_key(row: &TableRow) -> (u64, u64) {
    match row {
        TableRow::Recording(row) => (row.id, 0),
        TableRow::Artist(row) => (row.id, 0),
        TableRow::Release(row) => (row.id, 0),
        TableRow::Track(row) => (row.recording, row.release),
        TableRow::Credit(row) => (row.recording, row.position.into()),
        TableRow::Isrc(row) => (row.recording, 0),
        TableRow::Listens(row) => match row.of {
            Counted::Recording(id) => (0, id),
            Counted::Isrc(isrc) => (1, isrc.to_u64()),
        },
    }
}

/// Every row of a generated collection.
fn all_rows(collection: &Collection) -> Vec<TableRow> {
    let mut rows = Vec::new();
    for kind in TableKind::ORDER {
        for index in 0..generated::length(collection, kind) {
            generated::rows(collection, kind, index, &mut rows);
        }
    }
    rows
}

/// What a kill leaves is what is on the disk at that moment: the file and its log.
#[test]
fn what_is_on_the_disk_in_the_middle_of_a_load_can_be_gone_on_with() {
    let collection = Collection::new(700, 5);
    let rows = all_rows(&collection);
    let (undisturbed, catalog_there) = catalog();
    load(&catalog_there, undisturbed.path(), &rows, LoadLimits::default(), 1000);
    let wanted = dump(undisturbed.path());

    let (folder, catalog) = catalog();
    let limits = LoadLimits { batch_rows: 100, ..LoadLimits::default() };
    let mut load = catalog.load_within("some", &folder.path().join("scratch"), limits).unwrap();
    for kind in TableKind::ORDER {
        load.begin(kind, "a file").unwrap();
        let of_kind = rows.iter().filter(|row| kind_of(row) == kind).cloned();
        let numbered: Vec<(u64, TableRow)> = (1..).zip(of_kind).collect();
        let mut pushed = 0;
        for some in numbered.chunks(330) {
            load.push(some.to_vec()).unwrap();
            pushed += some.len() as u64;
            let killed = tempfile::tempdir().unwrap();
            for name in ["catalog.sqlite", "catalog.sqlite-wal"] {
                std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
            }
            let there = Catalog::open(&killed.path().join("catalog.sqlite")).unwrap();
            let mut again = there.load("some", &killed.path().join("scratch")).unwrap();
            for later in TableKind::ORDER {
                let is_done = !again.begin(later, "a file").unwrap();
                assert_eq!(is_done, later < kind, "{later:?} in {kind:?}");
                if !is_done {
                    let of_kind = rows.iter().filter(|row| kind_of(row) == later).cloned();
                    again.push((1..).zip(of_kind).collect()).unwrap();
                    let counts = again.end(&mut |_| ()).unwrap();
                    // A batch, and the rows of the recording that it ends with.
                    let is_lost = pushed.saturating_sub(counts.unchanged);
                    assert!(later != kind || is_lost <= 110, "{counts:?}, of {pushed}");
                }
            }
            again.finish().unwrap();
            assert_eq!(dump(killed.path()), wanted, "killed in {kind:?}");
        }
        load.end(&mut |_| ()).unwrap();
    }
}

#[test]
fn a_changed_file_is_read_again_with_all_that_depends_on_it() {
    let (folder, catalog) = catalog();
    let scratch = folder.path().join("scratch");
    let artist = |id| TableRow::Artist(ArtistRow { id, name: "Ann".into() });
    let release = TableRow::Release(ReleaseRow { id: 1, artist: Some(2), ..ReleaseRow::default() });
    {
        let mut load = catalog.load("some", &scratch).unwrap();
        load.begin(TableKind::Artist, "artists, of Monday").unwrap();
        load.push(vec![(1, artist(1))]).unwrap();
        load.end(&mut |_| ()).unwrap();
        load.begin(TableKind::Release, "releases").unwrap();
        load.push(vec![(1, release.clone())]).unwrap();
        let mut rejects = Vec::new();
        let counts = load.end(&mut |reject| rejects.push(reject)).unwrap();
        assert_eq!((counts.rows, counts.rejected), (1, 1));
        let reason = "no artist has the id 2".to_owned();
        assert_eq!(rejects, [LoadReject { row: 1, reason, said: release.clone() }]);
    }
    let mut load = catalog.load("some", &scratch).unwrap();
    assert!(!load.begin(TableKind::Artist, "artists, of Monday").unwrap());
    assert!(!load.begin(TableKind::Release, "releases").unwrap());
    assert!(load.begin(TableKind::Artist, "artists, of Tuesday").unwrap());
    load.push(vec![(1, artist(1)), (2, artist(2))]).unwrap();
    let counts = load.end(&mut |_| ()).unwrap();
    assert_eq!((counts.new, counts.unchanged), (1, 1));
    assert!(load.begin(TableKind::Release, "releases").unwrap(), "judged without the new artist");
    load.push(vec![(1, release)]).unwrap();
    assert_eq!(load.end(&mut |_| ()).unwrap().new, 1);
    load.finish().unwrap();
    let mut load = catalog.load("some", &scratch).unwrap();
    assert!(load.begin(TableKind::Artist, "artists, of Tuesday").unwrap(), "the load was finished");
}

#[test]
fn nothing_new_is_no_change_and_collections_are_apart() {
    let (folder, catalog) = catalog();
    let rows = all_rows(&Collection::new(300, 2));
    load(&catalog, folder.path(), &rows, LoadLimits::default(), 50);
    let changes = catalog.known_changes().unwrap();
    let (counts, _) = load(&catalog, folder.path(), &rows, LoadLimits::default(), 50);
    assert!(counts.values().all(|counts| counts.new + counts.changed == 0), "{counts:?}");
    assert_eq!(catalog.known_changes().unwrap(), changes);
    let mut other = catalog.load("other", &folder.path().join("scratch")).unwrap();
    other.begin(TableKind::Isrc, "a file").unwrap();
    let row = IsrcRow { recording: 1_000, said: "USRC17607839".into() };
    other.push(vec![(1, TableRow::Isrc(row))]).unwrap();
    let counts = other.end(&mut |_| ()).unwrap();
    assert_eq!(counts.rejected, 1, "the recording is another collection's");
    other.finish().unwrap();
    let said: Vec<_> =
        catalog.collections().unwrap().into_iter().map(|it| (it.name, it.recordings)).collect();
    assert_eq!(said, [("some".into(), 300), ("other".into(), 0)]);
}

#[test]
fn a_key_that_comes_again_far_away_changes_nothing_when_it_is_added_again() {
    let (folder, catalog) = catalog();
    let recording = |id, title: &str| {
        let title = Some(title.to_owned());
        TableRow::Recording(RecordingRow { id, title, ..RecordingRow::default() })
    };
    let rows = |last: &str| {
        let mut rows: Vec<TableRow> = (1..=20).map(|id| recording(id, "first")).collect();
        rows.push(recording(2, last));
        rows
    };
    load(&catalog, folder.path(), &rows("last"), SMALL, 4);
    let (before, changes) = (dump(folder.path()), catalog.known_changes().unwrap());
    let (counts, _) = load(&catalog, folder.path(), &rows("last"), SMALL, 4);
    let again = TableCounts { rows: 21, unchanged: 20, repeated: 1, ..TableCounts::default() };
    assert_eq!((counts[&TableKind::Recording], &dump(folder.path())), (again, &before));
    assert_eq!(catalog.known_changes().unwrap(), changes);

    // A load that is dropped has not brought the older value back, nor a value that is not the last.
    for pushed in 1..=21 {
        let mut load = catalog.load_within("some", &folder.path().join("scratch"), SMALL).unwrap();
        load.begin(TableKind::Recording, "a file").unwrap();
        for row in rows("newest").into_iter().take(pushed) {
            load.push(vec![(1, row)]).unwrap();
        }
        drop(load);
        assert_eq!(dump(folder.path()), before, "after {pushed}");
    }
    let (counts, _) = load(&catalog, folder.path(), &rows("newest"), SMALL, 4);
    let counts = counts[&TableKind::Recording];
    assert_eq!((counts.changed, counts.unchanged, counts.repeated), (1, 19, 1));
}

/// Also where so much belongs to one recording that it is more than two batches.
#[test]
fn the_last_row_of_a_key_counts_wherever_batches_end() {
    let credit = |position, name: &str| {
        let name = Some(name.to_owned());
        let credit = CreditRow { recording: 1, position, artist: 1, name, joined: None };
        TableRow::Credit(credit)
    };
    for order in [[1, 2, 3, 4, 5, 6, 3, 7, 8, 9], [1, 3, 2, 6, 5, 4, 6, 7, 8, 6]] {
        let (folder, catalog) = catalog();
        let recording = RecordingRow { id: 1, ..RecordingRow::default() };
        let artist = ArtistRow { id: 1, name: "A".into() };
        let mut rows = vec![TableRow::Recording(recording), TableRow::Artist(artist)];
        let credits = order.iter().zip(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
        rows.extend(credits.map(|(position, name)| credit(*position, name)));
        load(&catalog, folder.path(), &rows, SMALL, 1);
        let facts: BTreeSet<String> = dump(folder.path()).into_iter().collect();
        assert_eq!(facts, expected(&rows).0, "{order:?}");
        let (counts, _) = load(&catalog, folder.path(), &rows, SMALL, 1);
        assert_eq!(counts[&TableKind::Credit].changed, 0, "{order:?}");
        let facts: BTreeSet<String> = dump(folder.path()).into_iter().collect();
        assert_eq!(facts, expected(&rows).0, "{order:?}, again");
    }
}

#[test]
fn a_load_that_is_to_stop_stops_and_the_next_goes_on() {
    let (folder, catalog) = catalog();
    let scratch = folder.path().join("scratch");
    let rows: Vec<TableRow> = (1..2_000)
        .rev()
        .map(|id| TableRow::Recording(RecordingRow { id, ..RecordingRow::default() }))
        .collect();
    let stop = AtomicBool::new(false);
    let numbered: Vec<(u64, TableRow)> = (1..).zip(rows.iter().cloned()).collect();
    let is_stopped = |result: Result<(), CatalogError>| {
        assert!(matches!(result, Err(CatalogError::Interrupted)), "{result:?}");
        assert!(!scratch.exists());
    };
    // At the end, and while runs are written.
    for (sort_bytes, pushes) in [(1 << 20, [1_999, 0]), (20_000, [10, 1_989])] {
        stop.store(false, Ordering::Relaxed);
        let limits = LoadLimits { sort_bytes, ..SMALL };
        let mut load = catalog.load_within("some", &scratch, limits).unwrap().stopped_by(&stop);
        load.begin(TableKind::Recording, "a file").unwrap();
        load.push(numbered[..pushes[0]].to_vec()).unwrap();
        stop.store(true, Ordering::Relaxed);
        let pushed = load.push(numbered[pushes[0]..][..pushes[1]].to_vec());
        let result = pushed.and_then(|()| load.merge(&mut |_| ()).map(drop));
        drop(load);
        is_stopped(result);
    }
    self::load(&catalog, folder.path(), &rows, SMALL, 100);
    let facts: BTreeSet<String> = dump(folder.path()).into_iter().collect();
    assert_eq!(facts, expected(&rows).0);
}

#[test]
fn recordings_come_back_whole() {
    let collection = Collection::new(2_000, 9);
    let (folder, catalog) = catalog();
    let mut rows = all_rows(&collection);
    // Any order.
    rows.sort_by_key(|row| format!("{row:?}").bytes().rev().collect::<Vec<u8>>());
    load(&catalog, folder.path(), &rows, SMALL, 100);
    let mut index = 0;
    let mut each = |known: &KnownRecording<'_>| -> Result<(), CatalogError> {
        let it = collection.recording(index);
        let release = collection.release(it.release);
        assert_eq!((known.id, &known.title), (it.id, &it.title.filter(|title| !title.is_empty())));
        assert_eq!((known.duration_ms, known.listens), (it.duration_ms, it.listens));
        let mut isrcs: Vec<Isrc> = it.isrcs.iter().filter_map(|said| said.parse().ok()).collect();
        isrcs.sort();
        isrcs.dedup();
        assert_eq!(known.isrcs, isrcs);
        let names: Vec<String> =
            it.artists.iter().map(|credit| collection.artist(credit.artist).name).collect();
        assert_eq!(known.credits.iter().map(|it| it.artist).collect::<Vec<_>>(), names);
        assert_eq!(known.tracks.len(), 1);
        let track = known.tracks[0];
        assert_eq!((track.release, track.title), (release.id, Some(release.title.as_str())));
        let artist = collection.artist(release.artist).name;
        assert_eq!((track.artist, track.date), (Some(artist.as_str()), release.date.as_deref()));
        assert_eq!((track.disc, track.position), (Some(it.disc), Some(it.position)));
        index += 1;
        Ok(())
    };
    catalog.known_recordings(Stop::default(), &mut each).unwrap();
    assert_eq!(index, 2_000);
    let mut sum = 0;
    catalog
        .known_listens(&mut |listens| -> Result<(), CatalogError> {
            sum += listens;
            Ok(())
        })
        .unwrap();
    let all = (0..2_000).filter_map(|index| collection.recording(index).listens);
    assert_eq!(sum, all.sum::<u64>());
}

#[test]
fn counts_by_isrc_are_of_every_recording_that_carries_it() {
    let (folder, catalog) = catalog();
    let recording = |id| TableRow::Recording(RecordingRow { id, ..RecordingRow::default() });
    let isrc = |recording, said: &str| TableRow::Isrc(IsrcRow { recording, said: said.into() });
    let count = |of, listens| TableRow::Listens(CountRow { of, listens });
    let code = |text: &str| Counted::Isrc(text.parse().unwrap());
    let rows = [
        recording(1),
        recording(2),
        recording(3),
        recording(4),
        isrc(1, "USRC17607831"),
        isrc(1, "us-rc1-76-07832"),
        isrc(2, "USRC17607832"),
        isrc(2, "ISRC USRC17607832"),
        isrc(3, "USRC17607832"),
        isrc(4, "USRC176078321"),
        count(code("USRC17607831"), 10),
        count(code("USRC17607832"), 5),
        count(Counted::Recording(3), 1),
    ];
    load(&catalog, folder.path(), &rows, LoadLimits::default(), 3);
    let known = |catalog: &Catalog| {
        let (mut known, mut alone) = (Vec::new(), Vec::new());
        catalog
            .known_recordings(Stop::default(), &mut |it| -> Result<(), CatalogError> {
                known.push(it.listens);
                Ok(())
            })
            .unwrap();
        catalog
            .known_listens(&mut |listens| -> Result<(), CatalogError> {
                alone.push(listens);
                Ok(())
            })
            .unwrap();
        assert_eq!(alone, known.iter().copied().flatten().collect::<Vec<_>>());
        known
    };
    assert_eq!(known(&catalog), [Some(15), Some(5), Some(1), None]);
    // A table of listens alone counts before what came with a collection.
    let changes = catalog.known_changes().unwrap();
    let key = ListensKey::Isrc("USRC17607832".parse().unwrap());
    catalog.record_listens(&[ListensRow { key, listens: 70 }], "x.csv").unwrap();
    assert_eq!(known(&catalog), [Some(80), Some(70), Some(1), None]);
    assert!(catalog.known_changes().unwrap() > changes);
}

#[test]
fn a_catalogue_of_schema_1_is_read_as_it_is_and_grows_when_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(include_str!("fixtures/catalog-1.sql")).unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let ids = |catalog: &Catalog| {
        let ids = catalog.recording_ids().unwrap();
        let first = catalog.recording(&ids[0]).unwrap().unwrap();
        assert_eq!((ids.len(), first.title.as_str(), first.holdings.len()), (2, "Lead-In", 1));
        assert_eq!(catalog.listens().unwrap()[&ids[0]], 2_400_000);
        ids
    };
    let read = Catalog::open_to_read(&path).unwrap();
    let as_it_was = ids(&read);
    assert_eq!((read.collections().unwrap(), read.known_changes().unwrap()), (Vec::new(), 0));
    assert_eq!(read.derived_files().unwrap(), []);
    let mut none = |_: &KnownRecording<'_>| -> Result<(), CatalogError> { unreachable!() };
    read.known_recordings(Stop::default(), &mut none).unwrap();
    drop(read);
    assert!(std::fs::read(&path).unwrap() == before, "reading changes nothing");
    let catalog = Catalog::open(&path).unwrap();
    assert_eq!(ids(&catalog), as_it_was);
    load(&catalog, folder.path(), &all_rows(&Collection::new(50, 1)), SMALL, 9);
    drop(catalog);
    let read = Catalog::open_to_read(&path).unwrap();
    assert_eq!(ids(&read), as_it_was);
    assert_eq!(read.collections().unwrap()[0].recordings, 50);
    // Names and releases are not read by somebody who has been told to stop.
    let told = std::sync::atomic::AtomicBool::new(true);
    let stopped = read.known_recordings(&told, &mut none);
    assert!(matches!(stopped, Err(CatalogError::Interrupted)), "{stopped:?}");
    let version: i64 = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 4);
}

#[test]
fn a_scratch_folder_that_cannot_be_made_is_named() {
    let (folder, catalog) = catalog();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    let scratch = folder.path().join("file/scratch");
    let said = match catalog.load_within("some", &scratch, SMALL) {
        Err(e) => e.to_string(),
        Ok(_) => String::new(),
    };
    assert!(said.contains("file/scratch"), "{said}");
}
