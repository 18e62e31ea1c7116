//! The record of takedowns: what it keeps, and that nobody changes it.

use deadwax_catalog::{Catalog, TakedownAct};
use deadwax_model::{RecordingId, Root};
use deadwax_rights::{Takedown, TakedownReason, TakedownScope, TakedownTarget};
use deadwax_testkit::oracle;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A catalogue of schema 3 with two recordings, as it was then.
fn of_schema_3() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(include_str!("fixtures/catalog-3.sql")).unwrap();
    (folder, path)
}

fn opened() -> (tempfile::TempDir, PathBuf, Catalog, [RecordingId; 2]) {
    let (folder, path) = of_schema_3();
    let catalog = Catalog::open(&path).unwrap();
    let ids = catalog.recording_ids().unwrap().try_into().unwrap();
    (folder, path, catalog, ids)
}

fn takedown(id: &RecordingId) -> Takedown {
    Takedown {
        number: 0,
        notice: "N-2026-17".to_owned(),
        reason: TakedownReason::CourtOrder,
        scope: TakedownScope::Publish,
        target: TakedownTarget::Recording(id.clone()),
        recordings: BTreeSet::from([id.clone()]),
        roots: BTreeSet::from([Root([1; 32])]),
    }
}

const TIME: &str = "2026-11-21T10:00:00Z";
const LATER: &str = "2026-11-22T10:00:00Z";

#[test]
fn a_catalogue_of_schema_3_is_read_as_it_is_and_grows_when_it_is_changed() {
    let (_folder, path) = of_schema_3();
    let before = std::fs::read(&path).unwrap();
    let read = Catalog::open_to_read(&path).unwrap();
    assert_eq!(read.takedowns().unwrap(), []);
    assert_eq!(read.rulebook().unwrap().takedowns, []);
    assert_eq!((read.recording_ids().unwrap().len(), read.same_rules().unwrap().len()), (2, 1));
    drop(read);
    assert!(std::fs::read(&path).unwrap() == before, "reading changes nothing");
    let catalog = Catalog::open(&path).unwrap();
    let id = catalog.recording_ids().unwrap().remove(0);
    assert_eq!(catalog.add_takedown(&takedown(&id), TIME, None).unwrap(), 1);
    drop(catalog);
    assert_eq!(Catalog::open_to_read(&path).unwrap().takedowns().unwrap().len(), 1);
}

#[test]
fn what_was_said_is_read_back_and_what_was_lifted_holds_no_longer() {
    let (_folder, _path, catalog, [a, b]) = opened();
    let first = takedown(&a);
    assert_eq!(catalog.add_takedown(&first, TIME, Some("by post")).unwrap(), 1);
    assert_eq!(catalog.add_takedown(&takedown(&b), TIME, None).unwrap(), 2);
    catalog.add_to_takedown(1, &BTreeSet::from([b.clone()]), &BTreeSet::new()).unwrap();
    let numbers = |catalog: &Catalog| -> Vec<u32> {
        catalog.rulebook().unwrap().takedowns.iter().map(|it| it.number).collect()
    };
    assert_eq!(numbers(&catalog), [1, 2]);
    let record = catalog.takedowns().unwrap().remove(0);
    let recordings = BTreeSet::from([a.clone(), b.clone()]);
    assert_eq!(record.takedown, Takedown { number: 1, recordings, ..first });
    assert_eq!((record.time.as_str(), record.note.as_deref()), (TIME, Some("by post")));
    assert_eq!((record.done, record.lifted), (None, None));
    catalog.record_takedown_done(1, TakedownAct::TakeDown, TIME, 3, 0).unwrap();
    assert!(catalog.lift_takedown(1, LATER, "N-2026-18").unwrap());
    assert!(!catalog.lift_takedown(1, LATER, "N-2026-19").unwrap(), "it is lifted once");
    assert!(!catalog.lift_takedown(9, LATER, "N-2026-19").unwrap());
    let record = catalog.takedowns().unwrap().remove(0);
    let lift = record.lifted.unwrap();
    assert_eq!((lift.time.as_str(), lift.notice.as_str(), lift.done), (LATER, "N-2026-18", None));
    assert_eq!(record.done.as_deref(), Some(TIME));
    catalog.record_takedown_done(1, TakedownAct::Lift, LATER, 0, 0).unwrap();
    let lift = catalog.takedowns().unwrap().remove(0).lifted.unwrap();
    assert_eq!(lift.done.as_deref(), Some(LATER));
    assert_eq!(numbers(&catalog), [2]);
    assert_eq!(catalog.add_takedown(&takedown(&a), LATER, None).unwrap(), 3, "never used again");
}

#[test]
fn what_is_named_comes_with_what_is_the_same() {
    let (_folder, _path, catalog, [a, b]) = opened();
    let named = |target: TakedownTarget| catalog.named_by(&target).unwrap();
    let one = |id: &RecordingId| BTreeSet::from([id.clone()]);
    let original = |id| catalog.recording(id).unwrap().unwrap().original_root;
    assert_eq!(named(TakedownTarget::Recording(a.clone())), one(&a));
    let files = |id| TakedownTarget::Files(BTreeSet::from([original(id)]));
    assert_eq!(named(files(&b)), one(&b));
    let of_a = catalog.recording_alone(&a).unwrap().unwrap();
    assert!(named(TakedownTarget::Artist(of_a.artists[0].to_uppercase())).contains(&a));
    assert!(named(TakedownTarget::Release(of_a.tracks[0].release.id.clone())).contains(&a));
    assert!(named(TakedownTarget::Isrc(of_a.isrcs[0])).contains(&a));
    assert_eq!(named(TakedownTarget::Artist("Nobody".into())), BTreeSet::new());
    catalog.set_same_as(&[(a.clone(), b.clone())]).unwrap();
    let both = BTreeSet::from([a.clone(), b.clone()]);
    assert_eq!(named(TakedownTarget::Recording(a.clone())), both);
    assert_eq!(named(files(&b)), both);
}

/// Another program, as somebody who wants the record to say something else would use it.
fn sqlite3(program: &Path, path: &Path, sql: &str) -> Result<String, String> {
    let done = Command::new(program).arg(path).arg(sql).output().unwrap();
    match done.status.success() {
        true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
    }
}

#[test]
fn nobody_changes_or_removes_what_the_record_says() {
    let Some(program) = oracle::need("sqlite3") else { return };
    let (_folder, path, catalog, [a, _]) = opened();
    catalog.add_takedown(&takedown(&a), TIME, None).unwrap();
    catalog.record_takedown_done(1, TakedownAct::TakeDown, TIME, 3, 0).unwrap();
    catalog.lift_takedown(1, LATER, "N-2026-18").unwrap();
    drop(catalog);
    let tables =
        ["takedown", "takedown_recording", "takedown_root", "takedown_done", "takedown_lift"];
    let all = || -> Vec<String> {
        let read = |table| sqlite3(&program, &path, &format!("SELECT * FROM {table}")).unwrap();
        tables.iter().map(read).collect()
    };
    let before = all();
    assert!(before.iter().all(|rows| rows.lines().count() == 1), "{before:?}");
    for table in tables {
        for sql in [
            format!("DELETE FROM {table}"),
            format!("UPDATE {table} SET number = 7"),
            format!("UPDATE OR REPLACE {table} SET number = number"),
        ] {
            let said = sqlite3(&program, &path, &sql).unwrap_err();
            assert!(said.contains("the record of takedowns is append-only"), "{sql}: {said}");
        }
    }
    for sql in [
        "INSERT OR REPLACE INTO takedown SELECT number, time, 'N-1', 'error', scope, kind, target, NULL FROM takedown",
        "INSERT OR REPLACE INTO takedown_lift VALUES (1, '2020-01-01T00:00:00Z', 'N-1')",
        "INSERT INTO takedown_lift VALUES (1, 'x', 'N-1') ON CONFLICT DO UPDATE SET notice = 'N-1'",
    ] {
        let said = sqlite3(&program, &path, sql).unwrap_err();
        assert!(said.contains("the record of takedowns is append-only"), "{sql}: {said}");
    }
    assert_eq!(all(), before);
}
