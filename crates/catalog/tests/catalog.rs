//! The working catalogue through its public face: what was recorded comes back, recording it again
//! changes nothing, and releases do not depend on the order of files.

use deadwax_catalog::{Analysis, Catalog, CatalogError, Found, Holding, Placement};
use deadwax_model::{
    AudioFormat, FileFacts, FileHashes, Isrc, ListensKey, ListensRow, Popularity, Rank,
    RecordingId, RecordingKey, Stamp, Status, Tags, Tier,
};
use deadwax_rights::{Licence, Rule, RuleTarget};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const STAMP: Stamp = Stamp { bytes: 5, modified_ns: 1_700_000_000_000_000_001 };

fn catalog() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).unwrap();
    (folder, catalog)
}

fn hashes(content: &str) -> FileHashes {
    deadwax_store::hash_of(content.as_bytes())
}

fn facts(content: &str, release: Option<&str>, release_artist: Option<&str>) -> FileFacts {
    let date = match content {
        "without" => "2012-03",
        _ => "2004",
    };
    FileFacts {
        hashes: hashes(content),
        format: AudioFormat {
            container: "ogg".into(),
            codec: "vorbis".into(),
            extension: "ogg".into(),
            duration_ms: Some(1234),
            sample_rate: 44_100,
            channels: 2,
            ..AudioFormat::default()
        },
        tags: Tags {
            title: Some(format!("Title of {content}")),
            artists: vec!["Ann".into(), "Bob".into()],
            release: release.map(Into::into),
            release_artist: release_artist.map(Into::into),
            disc: Some(if content == "without" { 2 } else { 1 }),
            position: Some(2),
            date: Some(date.into()),
            isrcs: vec!["USRC17607839".parse().unwrap()],
            said: vec![("TITLE".into(), "as it was said".into())],
            ..Tags::default()
        },
        pictures: Vec::new(),
        warnings: vec!["odd".into()],
    }
}

fn add(catalog: &Catalog, path: &str, facts: &FileFacts) -> RecordingId {
    catalog.record_audio(Path::new(path), STAMP, facts, "from its name").unwrap()
}

#[test]
fn a_recording_comes_back_with_everything() {
    let (_folder, catalog) = catalog();
    let facts = facts("a", Some("Album"), Some("Ann"));
    let id = add(&catalog, "/music/a.ogg", &facts);
    assert_eq!(add(&catalog, "/music/a.ogg", &facts), id, "again changes nothing");
    assert_eq!(
        add(&catalog, "/music/copy of a.ogg", &facts),
        id,
        "the same bytes are one recording"
    );
    let place = Placement {
        rank: Rank::new(1).unwrap(),
        listens: Some(7),
        popularity: Popularity::new(0),
        tier: Some(Tier::Keep),
        status: Status::Held,
    };
    catalog.place(&[(id.clone(), place)]).unwrap();
    let analysis = Analysis {
        true_peak: Some(0.98),
        samples: 9,
        loudness_lufs: Some(-18.0),
        loudness_range_lu: None,
        sample_peak: Some(0.5),
        fingerprint: Some("AQAA".into()),
        warnings: vec!["short".into()],
    };
    catalog.record_analysis(&facts.root(), &analysis).unwrap();
    let patch = hashes("patch");
    let holding = Holding {
        tier: Tier::Keep,
        hashes: hashes("holding"),
        patch: Some((patch.root, patch.bytes)),
        recipe: "r".into(),
        made_by: "a test".into(),
    };
    catalog.record_holding(&id, &holding, Some(&patch)).unwrap();
    let recording = catalog.recording(&id).unwrap().unwrap();
    assert_eq!(recording.title, "Title of a");
    assert_eq!(recording.artists, ["Ann", "Bob"]);
    assert_eq!(recording.format, facts.format);
    assert_eq!(recording.placement, Some(place));
    assert_eq!(recording.current(), Some(&holding));
    let lesser = Holding { tier: Tier::Opus(75), patch: None, ..holding.clone() };
    catalog.record_holding(&id, &lesser, None).unwrap();
    let recording = catalog.recording(&id).unwrap().unwrap();
    assert_eq!(
        recording.holding(Tier::Keep),
        Some(&holding),
        "another tier does not make it forgotten"
    );
    assert_eq!(recording.holding(Tier::Opus(75)), Some(&lesser));
    assert_eq!(recording.analysis, Some(analysis));
    assert_eq!(recording.tracks[0].release.title, "Album");
    assert_eq!((recording.tracks[0].disc, recording.tracks[0].position), (Some(1), Some(2)));
    assert_eq!(catalog.said(&facts.root()).unwrap(), facts.tags.said);
    assert_eq!(catalog.warnings(&facts.root()).unwrap(), ["odd"]);
    assert_eq!(catalog.counts().unwrap(), (1, 1));
    let paths = catalog.paths_of(&facts.root()).unwrap();
    assert_eq!(paths, [Path::new("/music/a.ogg"), Path::new("/music/copy of a.ogg")]);
    for key in ["1", id.as_str(), "us-rc1-76-07839"] {
        let key: RecordingKey = key.parse().unwrap();
        assert_eq!(catalog.select(&key).unwrap()[0].id, id);
    }
}

#[test]
fn paths_of_any_bytes_come_back() {
    let (_folder, catalog) = catalog();
    let path = PathBuf::from(OsStr::from_bytes(b"/music/\xff\xfe.ogg"));
    catalog.record_nothing(&path, STAMP, "it is empty", "copy it again").unwrap();
    let row = catalog.source(&path).unwrap().unwrap();
    assert_eq!((row.path, row.stamp), (path, STAMP));
    let nothing = Found::Nothing { what: "it is empty".into(), next: "copy it again".into() };
    assert_eq!(row.found, nothing);
}

#[test]
fn releases_do_not_depend_on_the_order_of_files() {
    let with = facts("with", Some("Album"), Some("Various"));
    let without = facts("without", Some("ALBUM"), None);
    let elsewhere = facts("elsewhere", Some("Album"), None);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let (_folder, catalog) = catalog();
        for index in order {
            let (path, facts) = match index {
                0 => ("/music/x/1.ogg", &with),
                1 => ("/music/x/2.ogg", &without),
                _ => ("/music/y/1.ogg", &elsewhere),
            };
            add(&catalog, path, facts);
            catalog.join_releases(Path::new(path).parent()).unwrap();
        }
        assert_eq!(catalog.counts().unwrap(), (3, 2), "{order:?}");
        let id = RecordingId::of_first_source(&without.root());
        let track = &catalog.recording(&id).unwrap().unwrap().tracks[0];
        assert_eq!(track.release.artist.as_deref(), Some("Various"), "{order:?}");
        // The latest date and the highest disc of its recordings, in whatever order they came.
        assert_eq!(track.release.date.as_deref(), Some("2012-03"), "{order:?}");
        assert_eq!(track.release.discs, Some(2), "{order:?}");
    }
}

#[test]
fn listens_are_summed_over_isrcs_and_an_id_counts_before() {
    let (_folder, catalog) = catalog();
    let (a, b) = (facts("a", None, None), facts("b", None, None));
    let (a, b) = (add(&catalog, "/a.ogg", &a), add(&catalog, "/b.ogg", &b));
    let isrc: Isrc = "USRC17607839".parse().unwrap();
    let row = |key, listens| ListensRow { key, listens };
    let rows = [row(ListensKey::Isrc(isrc), 10), row(ListensKey::Recording(b.clone()), 3)];
    assert_eq!(catalog.record_listens(&rows, "x.csv").unwrap(), 2);
    assert_eq!(catalog.record_listens(&rows, "x.csv").unwrap(), 0, "the same again");
    let listens = catalog.listens().unwrap();
    assert_eq!((listens[&a], listens[&b]), (10, 3));
    catalog.record_listens(&[row(ListensKey::Isrc(isrc), u64::MAX)], "y.csv").unwrap();
    assert_eq!(catalog.listens().unwrap()[&a], i64::MAX as u64);
}

#[test]
fn rule_numbers_are_never_used_twice() {
    let (_folder, catalog) = catalog();
    let rule = |licence: &str| Rule {
        number: 0,
        target: RuleTarget::Artist("Ann".into()),
        licence: Licence::recognise(licence).unwrap(),
        ground: "a letter".into(),
        until: Some("2030-01-01".into()),
        places: vec![*b"DE", *b"FR"],
    };
    assert_eq!(catalog.add_rule(&rule("CC0-1.0")).unwrap(), 1);
    assert_eq!(catalog.add_rule(&rule("CC0-1.0")).unwrap(), 1, "the same again");
    assert_eq!(catalog.add_rule(&rule("InC")).unwrap(), 2);
    assert_eq!(catalog.rules().unwrap()[1], Rule { number: 2, ..rule("InC") });
    assert!(catalog.remove_rule(2).unwrap() && !catalog.remove_rule(2).unwrap());
    assert_eq!(catalog.add_rule(&rule("CC-BY-4.0")).unwrap(), 3);
}

#[test]
fn what_is_not_a_catalogue_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    assert!(matches!(Catalog::open(&path), Err(CatalogError::NotThere { .. })));
    std::fs::write(&path, "no database at all, but some text of a certain length").unwrap();
    let said = Catalog::open(&path).err().unwrap().to_string();
    assert!(said.contains("is not a Deadwax catalogue"), "{said}");
    std::fs::remove_file(&path).unwrap();
    drop(Catalog::create(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    for opened in [Catalog::open(&path), Catalog::open_to_read(&path)] {
        let said = opened.err().unwrap().to_string();
        assert!(said.contains("schema version 99") && said.contains("newer deadwax"), "{said}");
    }
}
