//! What the catalogue keeps of recordings that are the same: rules, and what the last plan made of them.

use deadwax_catalog::{Analysis, Catalog, CatalogError, Placement, SameRule, SameWord};
use deadwax_model::{Isrc, Rank, RecordingId, RecordingKey, Status, Tier};

/// A catalogue of schema 2 with two recordings, as it was then.
fn of_schema_2() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(include_str!("fixtures/catalog-2.sql")).unwrap();
    (folder, path)
}

fn opened() -> (tempfile::TempDir, Catalog, [RecordingId; 2]) {
    let (folder, path) = of_schema_2();
    let catalog = Catalog::open(&path).unwrap();
    let ids = catalog.recording_ids().unwrap().try_into().unwrap();
    (folder, catalog, ids)
}

fn rule(says: SameWord, a: &RecordingId, b: &RecordingId) -> SameRule {
    SameRule::new(says, a.clone(), b.clone(), "a test".to_owned())
}

#[test]
fn a_catalogue_of_schema_2_is_read_as_it_is_and_grows_when_it_is_changed() {
    let (_folder, path) = of_schema_2();
    let before = std::fs::read(&path).unwrap();
    let read = Catalog::open_to_read(&path).unwrap();
    assert_eq!(read.same_rules().unwrap(), []);
    for id in read.recording_ids().unwrap() {
        let recording = read.recording(&id).unwrap().unwrap();
        assert_eq!((recording.same_as, recording.same), (None, Vec::new()));
    }
    assert_eq!(read.collections().unwrap()[0].recordings, 1);
    drop(read);
    assert!(std::fs::read(&path).unwrap() == before, "reading changes nothing");
    let catalog = Catalog::open(&path).unwrap();
    let ids = catalog.recording_ids().unwrap();
    catalog.add_same_rule(&rule(SameWord::Merge, &ids[0], &ids[1])).unwrap();
    drop(catalog);
    assert_eq!(Catalog::open_to_read(&path).unwrap().same_rules().unwrap().len(), 1);
}

#[test]
fn rules_have_numbers_that_are_never_used_twice() {
    let (_folder, catalog, [a, b]) = opened();
    let merge = rule(SameWord::Merge, &b, &a);
    assert_eq!(merge.pair, [a.clone().min(b.clone()), a.clone().max(b.clone())]);
    assert_eq!(catalog.add_same_rule(&merge).unwrap(), 1);
    assert_eq!(catalog.add_same_rule(&rule(SameWord::Merge, &a, &b)).unwrap(), 1, "said already");
    assert_eq!(catalog.add_same_rule(&rule(SameWord::Split, &a, &b)).unwrap(), 2);
    assert_eq!(catalog.add_same_rule(&merge).unwrap(), 3, "said anew, after the other");
    let words: Vec<SameWord> =
        catalog.same_rules().unwrap().into_iter().map(|rule| rule.says).collect();
    assert_eq!(words, [SameWord::Merge, SameWord::Split, SameWord::Merge]);
    assert!(catalog.remove_same_rule(3).unwrap());
    assert!(!catalog.remove_same_rule(3).unwrap());
    assert_eq!(catalog.add_same_rule(&merge).unwrap(), 4);
}

#[test]
fn what_is_the_same_gives_its_place_and_gets_it_back() {
    let (_folder, catalog, [a, b]) = opened();
    let place = |rank| Placement {
        rank: Rank::new(rank).unwrap(),
        listens: None,
        popularity: None,
        tier: Some(Tier::Keep),
        status: Status::Held,
    };
    catalog.place(&[(a.clone(), place(1)), (b.clone(), place(2))]).unwrap();
    catalog.set_same_as(&[(a.clone(), b.clone())]).unwrap();
    let of = |id| catalog.recording(id).unwrap().unwrap();
    let alone = |id| catalog.recording_alone(id).unwrap().unwrap();
    assert_eq!((of(&a).placement, of(&a).same_as), (None, Some(b.clone())));
    assert_eq!((of(&b).placement, of(&b).same), (Some(place(2)), vec![a.clone()]));
    assert_eq!(
        catalog.recording_ids().unwrap(),
        [b.clone(), a.clone()],
        "without a place it is last"
    );
    let mut together: Vec<Isrc> = [alone(&a).isrcs, alone(&b).isrcs].concat();
    together.sort();
    together.dedup();
    assert_eq!(of(&b).isrcs, together);
    for isrc in alone(&a).isrcs {
        let named = catalog.select(&RecordingKey::Isrc(isrc)).unwrap();
        assert_eq!(named.iter().map(|it| &it.id).collect::<Vec<_>>(), [&b]);
    }
    catalog.set_same_as(&[(b.clone(), a.clone())]).unwrap();
    assert_eq!((of(&a).same_as, of(&b).same_as), (None, Some(a.clone())));
    catalog.set_same_as(&[]).unwrap();
    assert_eq!((of(&a).same_as, of(&b).same_as, of(&b).same), (None, None, Vec::new()));
    assert_eq!(of(&b).isrcs, alone(&b).isrcs);
}

#[test]
fn fingerprints_come_in_order_and_in_parts() {
    let (_folder, catalog, mut ids) = opened();
    ids.sort();
    // They are too short to have any of their own.
    for id in &ids {
        let recording = catalog.recording(id).unwrap().unwrap();
        let found = Analysis { fingerprint: Some("AQAA".into()), ..recording.analysis.unwrap() };
        catalog.record_analysis(&recording.original_root, &found).unwrap();
    }
    let of = |after: Option<&RecordingId>, most| {
        let mut found = Vec::new();
        catalog
            .fingerprints(after, most, &mut |id, text| {
                assert!(!text.is_empty());
                found.push(id);
                Ok::<(), CatalogError>(())
            })
            .unwrap();
        found
    };
    assert_eq!(of(None, usize::MAX), ids);
    assert_eq!(of(None, 1), ids[..1]);
    assert_eq!(of(Some(&ids[0]), 9), ids[1..]);
    assert_eq!(of(Some(&ids[1]), 9), []);
}
