//! Questions to an edition that was published from tables: answers, and a sentence for what is none.

#[path = "support/made.rs"]
mod made;

use deadwax_edition::Edition;
use deadwax_model::Rank;
use deadwax_testkit::collection::{Collection, Script, write_tables};
use made::{Bench, DAY, DEADWAX, assert_refused};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::Command;

const RECORDINGS: u64 = 3_000;

/// An archive of a made-up collection, published, and the collection.
fn published() -> (Bench, Collection) {
    let bench = Bench::new();
    let collection = Collection::new(RECORDINGS, 5);
    let tables = bench.sandbox.join("made");
    write_tables(&collection, &tables, 1).unwrap();
    assert_eq!(bench.run(["init"]).code, Some(0));
    let added = bench.run(["add".as_ref(), tables.as_os_str()]);
    assert!(matches!(added.code, Some(0 | 3)), "{added:?}");
    for step in ["plan", "publish"] {
        let outcome = bench.run([step]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
    (bench, collection)
}

fn edition(bench: &Bench) -> PathBuf {
    bench.archive.join("editions").join(DAY)
}

#[test]
fn what_tables_told_is_found_by_what_it_is_called() {
    let (bench, collection) = published();
    let edition = Edition::open(&edition(&bench)).unwrap();
    assert_eq!(u64::from(edition.len()), RECORDINGS);
    let mut scripts: BTreeMap<String, u32> = BTreeMap::new();
    for rank in 1..=RECORDINGS {
        let made = collection.by_rank(rank);
        let recording = edition.at(Rank::new(rank as u32).unwrap()).unwrap().unwrap();
        assert_eq!(recording.listens, made.listens, "rank {rank}");
        // Among equal listens the order is of the ids, so it need not be the same recording.
        let query = format!("{} {} ", recording.title, recording.artist_credit);
        let said = |query: &str| edition.search(query, None, 100).unwrap().hits;
        assert!(said(&query).contains(&recording), "rank {rank}: {query}");
        *scripts.entry(format!("{:?}", made.script)).or_default() += 1;
    }
    let all = [
        Script::Latin,
        Script::Cyrillic,
        Script::Greek,
        Script::Arabic,
        Script::Hebrew,
        Script::Thai,
    ];
    for script in all {
        assert!(scripts.contains_key(&format!("{script:?}")), "{script:?} of {scripts:?}");
    }
    assert!(scripts.len() >= 9, "{scripts:?}");
}

#[test]
fn show_finds_what_has_no_file() {
    let (bench, _) = published();
    let edition = Edition::open(&edition(&bench)).unwrap();
    let recording = edition.iter().map(Result::unwrap).find(|it| !it.isrcs.is_empty()).unwrap();
    let rank = recording.rank.to_string();
    let folder = bench.archive.join("editions").join(DAY);
    let isrc = recording.isrcs[0].to_string();
    for named in [rank.as_str(), recording.id.as_str(), isrc.as_str()] {
        let shown = bench.json(0, ["show", named]);
        let found = shown.as_array().unwrap().iter().any(|it| it["id"] == recording.id.as_str());
        assert!(found, "{named}: {shown}");
        let line = ["show".as_ref(), named.as_ref(), "--edition".as_ref(), folder.as_os_str()];
        assert_eq!(bench.json(0, line), shown);
    }
    let shown = bench.run(["show", &rank]);
    assert!(shown.stdout.contains(&recording.title), "{shown:?}");
    let by = bench.json(0, ["show", "--artist", &recording.artists[0]]);
    assert!(by["hits"].as_array().unwrap().iter().any(|it| it["id"] == recording.id.as_str()));
    let on = bench.json(0, ["show", "--release", &recording.tracks[0].release, "-n", "1000"]);
    assert!(on["hits"].as_array().unwrap().iter().any(|it| it["id"] == recording.id.as_str()));
    let none = bench.run(["show", "--artist", "nobody is called so"]);
    assert_eq!(
        (none.code, none.stdout.trim()),
        (Some(0), "no artist is called 'nobody is called so'")
    );
    assert_eq!(bench.run(["show", "1", "--artist", "x"]).code, Some(2));
    assert_eq!(bench.run(["show"]).code, Some(2));
}

#[test]
fn what_cannot_be_asked_gets_a_sentence() {
    let (bench, _) = published();
    let long = "love ".repeat(2_000);
    assert_refused(&bench.run(["search", &long]), &["10000 characters", "shorten it"]);
    assert_refused(&bench.run(["search", "isrc:USRC176078390"]), &["it has 13 characters"]);
    assert_refused(&bench.run(["show", "USRC176078390"]), &["it has 13 characters"]);
    assert_refused(&bench.run(["search", "year:199x"]), &["'year:199x' is not a year"]);
    for query in
        ["!!! ??? ***", "\"love\" AND NEAR(a b) OR -x*", "terms:love ^ {a}", "\" OR 1=1; --"]
    {
        let outcome = bench.run(["search", "--", query]);
        assert_eq!(outcome.code, Some(0), "{query}: {outcome:?}");
        assert!(!outcome.stdout.is_empty(), "{query}");
    }
}

#[test]
fn a_cut_or_newer_catalogue_is_refused() {
    let (bench, _) = published();
    let path = edition(&bench).join("catalog.sqlite");
    let sound = fs::read(&path).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test")]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
    for length in [0, 99, 5_000, sound.len() / 2, sound.len() - 1] {
        fs::write(&path, &sound[..length]).unwrap();
        let outcome = bench.run(["search", "love"]);
        assert_refused(&outcome, &["catalog.sqlite"]);
    }
    fs::write(&path, &sound).unwrap();
    let mut file = File::options().read(true).write(true).open(&path).unwrap();
    let mut version = [0];
    file.seek(SeekFrom::Start(63)).unwrap();
    file.read_exact(&mut version).unwrap();
    file.seek(SeekFrom::Start(63)).unwrap();
    file.write_all(&[version[0] + 1]).unwrap();
    drop(file);
    assert_refused(&bench.run(["search", "love"]), &["catalog.sqlite", "use a newer deadwax"]);
    fs::write(&path, &sound).unwrap();
    assert_eq!(bench.run(["search", "love"]).code, Some(0));
}

/// Whoever has an edition open is not in the way of the process that publishes the next, and reads what it opened.
#[test]
fn a_reader_sees_its_edition_while_the_next_is_built() {
    let (bench, _) = published();
    let first = Edition::open(&edition(&bench)).unwrap();
    let read = |edition: &Edition| {
        let found = edition.search("a", None, 20).unwrap().hits;
        (found, edition.shuffle(7, 20, &Default::default()).unwrap(), edition.stats().unwrap())
    };
    let before = read(&first);
    let more = bench.sandbox.join("more");
    write_tables(&Collection::new(20_000, 6), &more, 1).unwrap();
    let added = bench.run(["add".as_ref(), more.as_os_str()]);
    assert!(matches!(added.code, Some(0 | 3)), "{added:?}");
    let mut child = Command::new(DEADWAX)
        .args(bench.line(["publish"]))
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut reads = 0;
    let status = loop {
        assert_eq!(read(&first), before);
        assert_eq!(read(&Edition::open(first.folder()).unwrap()), before);
        reads += 1;
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.success() && reads > 2, "{status}, {reads} reads");
    let next = bench.archive.join("editions").join(format!("{DAY}.2"));
    assert_eq!(u64::from(Edition::open(&next).unwrap().len()), RECORDINGS + 20_000);
    assert_eq!(read(&first), before);
}
