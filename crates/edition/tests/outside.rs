//! Other programs on our files, and our reader on damaged files.

mod made;

use deadwax_edition::{Edition, EditionError};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The output of a program; `None`, said aloud, when it is not installed. On CI that is a failure.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output();
    let missing = match &output {
        Err(error) => Some(error.to_string()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            said.contains("ModuleNotFoundError").then_some(said)
        }
    };
    if let Some(reason) = missing {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing: {reason}");
        eprintln!("skipped: {program} {}: {reason}", arguments.first().unwrap_or(&""));
        return None;
    }
    let output = output.unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// docs/formats/read-list.py was written from docs/formats/edition.md, and shares nothing with our reader.
#[test]
fn another_reader_of_the_format_reads_the_same_list() {
    let reader = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/read-list.py");
    if run("zstd", &["--version"]).is_none() {
        return;
    }
    // Without a dictionary, and with one.
    for recordings in [100, 9_000] {
        let made = made::make(recordings, true);
        let folder = made.edition().display().to_string();
        let Some(said) = run("python3", &[reader, &folder]) else { return };
        let edition = Edition::open(&made.edition()).unwrap();
        let mut lines = said.lines();
        for recording in edition.iter() {
            let it = recording.unwrap();
            let tracks = it.tracks.iter().map(|track| {
                json!([track.release, track.release_artist, track.date, track.disc, track.position])
            });
            let isrcs = it.isrcs.iter().map(|isrc| isrc.compact());
            let wanted = json!({
                "rank": it.rank, "id": it.id, "title": it.title, "artists": it.artists,
                "artist_credit": it.artist_credit, "tracks": tracks.collect::<Vec<_>>(),
                "isrcs": isrcs.collect::<Vec<_>>(), "duration_ms": it.duration_ms,
                "listens": it.listens, "popularity": it.popularity, "year": it.year,
            });
            let line: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
            assert_eq!(line, wanted);
        }
        assert_eq!(lines.next(), None);
    }
}

#[test]
fn sqlite3_finds_both_files_sound() {
    let made = made::make(2_000, true);
    let catalog = made.edition().join("catalog.sqlite").display().to_string();
    let search = made.edition().join("search.sqlite").display().to_string();
    for file in [&catalog, &search] {
        let Some(said) = run("sqlite3", &["-readonly", file, "PRAGMA integrity_check"]) else {
            return;
        };
        assert_eq!(said, "ok");
    }
    let ask = |sql: &str| run("sqlite3", &["-readonly", &catalog, sql]).unwrap();
    assert_eq!(ask("SELECT value FROM meta WHERE key = 'recordings'"), "2000");
    assert_eq!(ask("SELECT count(*) FROM recordings"), 2_000u32.div_ceil(64).to_string());
    assert_eq!(
        ask("SELECT sum(recordings), sum(cleared) FROM rollup WHERE axis = 'status'"),
        format!("2000|{}", made.summary.cleared)
    );
    assert_eq!(
        ask("SELECT count(*) FROM packed p LEFT JOIN file f USING(rank) WHERE f.root IS NULL"),
        "0"
    );
    assert_eq!(ask("SELECT count(*) > 0 FROM artist WHERE name LIKE 'Love %'"), "1");
    let hits = run(
        "sqlite3",
        &["-readonly", &search, "SELECT rowid FROM search('nightf*') ORDER BY rowid LIMIT 1"],
    );
    assert!(hits.unwrap().parse::<u32>().unwrap() < 200);
}

#[test]
fn duckdb_and_polars_count_the_same() {
    let made = made::make(2_000, true);
    let folder = made.edition().join("parquet").display().to_string();
    let duckdb = "import sys, duckdb
q = duckdb.connect().execute
for t in ['recording', 'track', 'release', 'artist', 'credit', 'isrc']:
    print(q(f\"select count(*) from '{sys.argv[1]}/{t}.parquet'\").fetchone()[0])
print(q(f\"select sum(cleared::int), count(listens), sum(listens), max(length(title)) from '{sys.argv[1]}/recording.parquet'\").fetchone())
print(q(f\"select list(rank) = list_sort(list(rank)) from '{sys.argv[1]}/recording.parquet'\").fetchone()[0])";
    let polars = "import sys, polars as pl
for t in ['recording', 'track', 'release', 'artist', 'credit', 'isrc']:
    print(pl.read_parquet(f'{sys.argv[1]}/{t}.parquet').height)
r = pl.read_parquet(f'{sys.argv[1]}/recording.parquet')
print((r['cleared'].sum(), r['listens'].count(), r['listens'].sum(), r['title'].str.len_chars().max()))
print(r['rank'].is_sorted())";
    let one = run("python3", &["-c", duckdb, &folder]);
    let two = run("python3", &["-c", polars, &folder]);
    for said in [&one, &two].into_iter().flatten() {
        let lines: Vec<&str> = said.lines().collect();
        let summary = &made.summary;
        let want = [summary.recordings, summary.tracks, summary.releases, summary.artists];
        for (line, want) in lines.iter().zip(want) {
            assert_eq!(*line, want.to_string());
        }
        assert_eq!(lines[5], summary.isrcs.to_string());
        let numbers = (summary.cleared, summary.listens.recordings, summary.listens.total.unwrap());
        assert!(
            lines[6].starts_with(&format!("({}, {}, {}, ", numbers.0, numbers.1, numbers.2)),
            "{}",
            lines[6]
        );
        assert_eq!(lines[7], "True");
    }
    if let (Some(one), Some(two)) = (one, two) {
        assert_eq!(one, two);
    }
}

#[test]
fn libtorrent_rechecks_a_pack_to_the_last_byte() {
    let made = made::make(300, true);
    let pack = &made.summary.packs[0];
    let script = "import sys, time, libtorrent as lt
info = lt.torrent_info(sys.argv[1])
session = lt.session({'enable_dht': False, 'enable_lsd': False, 'listen_interfaces': '127.0.0.1:0'})
p = lt.add_torrent_params(); p.ti = info; p.save_path = sys.argv[2]
h = session.add_torrent(p); h.force_recheck()
for _ in range(600):
    time.sleep(0.1)
    s = h.status()
    if s.progress == 1.0 and s.state in (lt.torrent_status.seeding, lt.torrent_status.finished): break
print(s.progress, info.info_hashes().v1, info.info_hashes().v2)";
    let torrent = made.edition().join(&pack.torrent).display().to_string();
    let packs = made.edition().join("packs").display().to_string();
    let Some(said) = run("python3", &["-c", script, &torrent, &packs]) else {
        return;
    };
    assert_eq!(said, format!("1.0 {} {}", pack.infohash_v1, pack.infohash_v2));
}

/// The sound file with another schema in its header.
fn newer_or_older(path: &Path, sound: &[u8], offset: usize, schema: u8) {
    let mut other = sound.to_vec();
    other[offset] = schema;
    fs::write(path, other).unwrap();
}

#[test]
fn another_schema_is_refused() {
    let made = made::make(41, true);
    let edition = made.edition();
    let json = edition.join("edition.json");
    let text = fs::read_to_string(&json).unwrap();
    fs::write(&json, text.replace("\"edition\": 1", "\"edition\": 2")).unwrap();
    let error = Edition::open(&edition).unwrap_err().to_string();
    assert!(
        error.ends_with("has schema 2, and this program reads up to 1; use a newer deadwax"),
        "{error}"
    );
    fs::write(&json, text).unwrap();
    for (name, offset) in [("catalog.sqlite", 63), ("search.sqlite", 63)] {
        let path = edition.join(name);
        let sound = fs::read(&path).unwrap();
        newer_or_older(&path, &sound, offset, 9);
        let error = Edition::open(&edition).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("has schema 9"), "{error}");
        newer_or_older(&path, &sound, offset, 0);
        let error = Edition::open(&edition).unwrap_err().to_string();
        assert!(
            error.contains("has schema 0, and the oldest that this program reads is 2; publish"),
            "{error}"
        );
        fs::write(&path, sound).unwrap();
    }
    Edition::open(&edition).unwrap();
}

#[test]
fn damaged_files_are_refused_with_a_sentence() {
    let made = made::make(300, true);
    let edition = made.edition();
    for name in ["catalog.sqlite", "search.sqlite"] {
        let path = edition.join(name);
        let sound = fs::read(&path).unwrap();
        for length in [0, 50, 4_096, sound.len() / 2, sound.len() - 1] {
            fs::write(&path, &sound[..length]).unwrap();
            let error = Edition::open(&edition).unwrap_err();
            assert!(matches!(error, EditionError::Truncated { .. }), "{length}: {error}");
            assert!(error.to_string().contains("is cut short"), "{error}");
        }
        fs::write(&path, vec![b'x'; 9_000]).unwrap();
        let error = Edition::open(&edition).unwrap_err().to_string();
        assert!(error.contains("it is not a SQLite file"), "{error}");
        // Garbage behind a sound header: a sentence or an answer, no panic.
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..40 {
            let mut damaged = sound.clone();
            for _ in 0..200 {
                let at = random.usize(100..damaged.len());
                damaged[at] = random.u8(..);
            }
            fs::write(&path, damaged).unwrap();
            if let Ok(edition) = Edition::open(&edition) {
                let _ = edition.search("love", None, 20);
                let _ = edition.stats();
                let _ = edition.iter().take(400).filter(Result::is_err).count();
            }
        }
        fs::write(&path, sound).unwrap();
    }
    let json = edition.join("edition.json");
    for text in ["", "{", "[]", "{\"schema\":{\"edition\":1}}", "\u{0}"] {
        fs::write(&json, text).unwrap();
        let error = Edition::open(&edition).unwrap_err().to_string();
        assert!(error.contains("is not an edition"), "{error}");
    }
    let error = Edition::open(&edition.join("nowhere")).unwrap_err().to_string();
    assert!(error.contains("give the folder that has edition.json in it"), "{error}");
}
