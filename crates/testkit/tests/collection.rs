//! The generated collection: its proportions, its dirt, its two orders, and its tables as DuckDB reads them.

use deadwax_testkit::collection::{Collection, GeneratedRecording, Script, write_tables};
use deadwax_testkit::{oracle, tree};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::Command;
use unicode_normalization::{UnicodeNormalization, is_nfc};

const RECORDINGS: u64 = 50_000;

fn all() -> (Collection, Vec<GeneratedRecording>) {
    let collection = Collection::new(RECORDINGS, 7);
    let recordings = (0..RECORDINGS).map(|index| collection.recording(index)).collect();
    (collection, recordings)
}

/// As a reader would take it: `None` when it is no ISRC.
fn isrc(said: &str) -> Option<String> {
    let plain = said.to_uppercase().replace(['-', ' '], "");
    let plain = plain.trim_start_matches("ISRC").trim_start_matches(':').to_owned();
    (plain.len() == 12).then_some(plain)
}

#[track_caller]
fn near(found: f64, wanted: f64, share: f64) {
    assert!((found / wanted - 1.0).abs() <= share, "{found} is not {wanted} within {share}");
}

#[test]
fn has_the_published_proportions() {
    let (collection, recordings) = all();
    let n = RECORDINGS as f64;
    near(collection.releases() as f64 / n, 58.6 / 256.0, 0.02);
    near(collection.artists() as f64 / n, 15.4 / 256.0, 0.02);
    near(collection.songs() as f64 / n, 186.0 / 256.0, 0.02);
    let said: HashSet<&String> = recordings.iter().flat_map(|r| &r.isrcs).collect();
    let codes: HashSet<String> = said.into_iter().filter_map(|said| isrc(said)).collect();
    near(codes.len() as f64 / n, 186.0 / 256.0, 0.02);
    let releases: HashSet<u64> = recordings.iter().map(|r| r.release).collect();
    assert_eq!(releases.len() as u64, collection.releases());
    let credits = recordings.iter().flat_map(|r| &r.artists);
    let artists: HashSet<u64> = credits.clone().map(|credit| credit.artist).collect();
    near(artists.len() as f64, collection.artists() as f64, 0.001);
    near(credits.count() as f64 / n, 1.36, 0.02);

    let listens: u64 = recordings.iter().filter_map(|r| r.listens).sum();
    let top: u64 = recordings
        .iter()
        .filter(|r| r.rank <= RECORDINGS * 86 / 256)
        .filter_map(|r| r.listens)
        .sum();
    near(top as f64 / listens as f64, 0.996, 0.0005);
    let below =
        recordings.iter().filter(|r| r.listens.is_some_and(|listens| listens < 1_000)).count();
    near(below as f64 / n, 0.70, 0.01);
    near(recordings.iter().filter(|r| r.listens.is_none()).count() as f64 / n, 0.015, 0.02);

    let mut durations: Vec<u32> = recordings.iter().filter_map(|r| r.duration_ms).collect();
    durations.sort_unstable();
    near(f64::from(durations[durations.len() / 2]), 200_000.0, 0.02);
    assert!(durations[0] > 10_000 && durations[durations.len() - 1] < 1_500_000);
    let years: HashSet<u16> = recordings.iter().filter_map(|r| r.year).collect();
    assert!(years.len() >= 70 && years.iter().all(|year| (1_950..=2_025).contains(year)));
}

#[test]
fn writes_every_script_at_titles_length() {
    let (_, recordings) = all();
    let mut lengths: BTreeMap<Script, Vec<usize>> = BTreeMap::new();
    for recording in &recordings {
        let length = recording.title.as_deref().unwrap_or_default().chars().count();
        if length < 5_000 {
            lengths.entry(recording.script).or_default().push(length);
        }
    }
    let mean = |script| {
        let lengths: &Vec<usize> = &lengths[&script];
        lengths.iter().sum::<usize>() as f64 / lengths.len() as f64
    };
    assert!((18.0..22.0).contains(&mean(Script::Latin)), "{}", mean(Script::Latin));
    assert!((5.0..15.0).contains(&mean(Script::Chinese)), "{}", mean(Script::Chinese));
    // A letter range a script; every one is in at least 2 of 1,000 titles.
    let ranges = [
        ('a', 'z'),
        ('а', 'я'),
        ('α', 'ω'),
        ('ا', 'ي'),
        ('א', 'ת'),
        ('ก', 'ฮ'),
        ('一', '\u{9fff}'),
        ('ぁ', 'ん'),
        ('ァ', 'ヶ'),
        ('가', '힣'),
    ];
    for (first, last) in ranges {
        let has = |r: &&GeneratedRecording| {
            r.title.iter().any(|title| title.chars().any(|c| (first..=last).contains(&c)))
        };
        let titles = recordings.iter().filter(has).count();
        assert!(titles > 100, "{titles} titles with {first} to {last}");
    }
    assert_eq!(lengths.len(), 9);
}

#[test]
fn is_as_dirty_as_real_tables() {
    let (collection, recordings) = all();
    let titles = || recordings.iter().filter_map(|r| r.title.as_deref());
    let some = |what: &str, found: usize, most: usize| {
        assert!((1..=most).contains(&found), "{found} {what}");
    };
    some("null titles", recordings.iter().filter(|r| r.title.is_none()).count(), 50);
    some("empty titles", titles().filter(|t| t.is_empty()).count(), 50);
    some(
        "titles with control characters",
        titles().filter(|t| t.contains(char::is_control)).count(),
        80,
    );
    some("titles not NFC", titles().filter(|t| !is_nfc(t) && t.nfd().eq(t.chars())).count(), 300);
    some("long titles", titles().filter(|t| t.chars().count() == 5_000).count(), 10);
    some("titles with spaces around", titles().filter(|t| t.trim() != *t).count(), 150);
    some("unknown durations", recordings.iter().filter(|r| r.duration_ms.is_none()).count(), 250);

    let codes = || recordings.iter().flat_map(|r| &r.isrcs);
    some("codes with hyphens", codes().filter(|c| c.contains('-')).count(), 1_000);
    some("codes in lower case", codes().filter(|c| c.contains(char::is_lowercase)).count(), 1_000);
    some("codes with the word", codes().filter(|c| c.starts_with("ISRC ")).count(), 500);
    some("codes of 13 characters", codes().filter(|c| isrc(c).is_none()).count(), 200);
    some(
        "recordings of several codes",
        recordings.iter().filter(|r| r.isrcs.len() > 1).count(),
        1_500,
    );
    some("recordings without", recordings.iter().filter(|r| r.isrcs.is_empty()).count(), 400);
    let mut songs_of: BTreeMap<String, HashSet<u64>> = BTreeMap::new();
    for recording in &recordings {
        for code in recording.isrcs.iter().filter_map(|said| isrc(said)) {
            songs_of.entry(code).or_default().insert(recording.song);
        }
    }
    some(
        "codes of several songs",
        songs_of.values().filter(|songs| songs.len() > 1).count(),
        1_500,
    );
    let dates = (0..collection.releases()).map(|index| collection.release(index).date);
    some("dates that are none", dates.filter(|d| d.as_deref() == Some("0000-00-00")).count(), 60);
}

#[test]
fn is_asked_by_rank_as_by_index() {
    let collection = Collection::new(RECORDINGS, 3);
    let mut seen = HashSet::new();
    let (mut before, mut unknown) = (u64::MAX, 0);
    let mut falls = 0;
    let mut last_index = 0;
    for rank in 1..=RECORDINGS {
        let recording = collection.by_rank(rank);
        assert_eq!(recording.rank, rank);
        match recording.listens {
            Some(listens) => {
                assert!(listens <= before, "rank {rank} was heard more than the one before");
                assert_eq!(
                    listens < 1_000,
                    unknown > 0,
                    "rank {rank} is on the wrong side of the unknown"
                );
                before = listens;
            }
            None => unknown += 1,
        }
        assert!(seen.insert(recording.index) && recording.index < RECORDINGS);
        falls += usize::from(recording.index < last_index);
        last_index = recording.index;
        if rank % 97 == 0 {
            assert_eq!(recording, collection.recording(recording.index));
        }
    }
    assert_eq!(unknown, RECORDINGS * 15 / 1_000);
    assert!((24_000..26_000).contains(&falls), "the tables are in the order of listens");
    // Far larger ones answer as readily.
    let whole = Collection::new(256_000_000, 1);
    for rank in [1, 2, 72_960_000, 72_960_001, 76_800_000, 76_800_001, 256_000_000] {
        let recording = whole.by_rank(rank);
        assert_eq!(whole.rank_of(recording.index), rank);
        assert_eq!(recording.listens.is_none(), (72_960_001..=76_800_000).contains(&rank));
        let release = whole.release(recording.release);
        let tracks = release.first_recording..release.first_recording + release.tracks;
        assert!(tracks.contains(&recording.index));
        assert!(recording.artists.iter().all(|credit| credit.artist < whole.artists()));
        assert!(
            whole
                .credit_text(&recording)
                .starts_with(&whole.artist(recording.artists[0].artist).name)
        );
    }
    assert_eq!(whole.songs(), 186_000_000);
    assert_eq!(whole.releases(), 58_600_000);
    assert_eq!(whole.artists(), 15_400_000);
}

#[test]
fn is_the_same_bytes_for_any_jobs_and_other_bytes_for_another_seed() {
    let dir = tempfile::tempdir().unwrap();
    // Two parts, the second a small one.
    let written = |name: &str, seed, jobs| {
        let to = dir.path().join(name);
        let written = write_tables(&Collection::new(170_000, seed), &to, jobs).unwrap();
        assert_eq!(written.tables.len(), 7);
        (to, written)
    };
    let (one, told) = written("one", 1, 1);
    let (three, told_again) = written("three", 1, 3);
    assert_eq!(told, told_again);
    assert_eq!(tree::contents(&one), tree::contents(&three));
    let (other, _) = written("other", 2, 2);
    for table in tree::contents(&one).keys() {
        assert_ne!(
            tree::contents(&one)[table],
            tree::contents(&other)[table],
            "{}",
            table.display()
        );
    }
    let again = write_tables(&Collection::new(10, 1), &one, 1).unwrap_err();
    assert!(again.to_string().contains("choose a folder without tables"), "{again}");
    for few in 1..4 {
        let to = dir.path().join(format!("few-{few}"));
        write_tables(&Collection::new(few, 1), &to, 2).unwrap();
    }
}

#[test]
fn duckdb_reads_what_was_generated() {
    let Some(python) = oracle::need_python("duckdb") else { return };
    let dir = tempfile::tempdir().unwrap();
    let (collection, recordings) = all();
    write_tables(&collection, dir.path(), 2).unwrap();
    let said = |sql: &str| query(&python, dir.path(), sql);
    let one = |sql: &str| said(sql).trim().parse::<u64>().unwrap();

    assert_eq!(one("select count(distinct id) from recording"), RECORDINGS);
    assert_eq!(one("select count(distinct recording) from track"), RECORDINGS);
    assert_eq!(one("select count(distinct id) from release"), collection.releases());
    assert_eq!(one("select count(distinct id) from artist"), collection.artists());
    let credits: usize = recordings.iter().map(|r| r.artists.len()).sum();
    assert_eq!(
        one("select count(*) from credit c join artist a on a.id = c.artist"),
        credits as u64
    );
    assert_eq!(one("select count(*) from track t join release r on r.id = t.release"), RECORDINGS);
    assert_eq!(
        one("select count(*) from release r join artist a on a.id = r.artist"),
        collection.releases()
    );
    let codes: usize = recordings.iter().map(|r| r.isrcs.len()).sum();
    assert_eq!(
        one("select count(*) from isrc i join recording r on r.id = i.recording"),
        codes as u64
    );
    let listens: u64 = recordings.iter().filter_map(|r| r.listens).sum();
    assert_eq!(one("select sum(listens)::bigint from listens"), listens);

    // Texts, whole: the MD5 of all of them, one a line.
    let titles = "select title from recording order by id";
    let list: Vec<String> = recordings
        .iter()
        .map(|r| r.title.clone().unwrap_or("NULL".to_owned()).replace('\n', " "))
        .collect();
    let told =
        said(&format!("select coalesce(replace(title, chr(10), ' '), 'NULL') from ({titles})"));
    assert!(told.split('\n').take(list.len()).eq(list.iter().map(String::as_str)));
    let most = collection.by_rank(1);
    assert_eq!(one("select recording from listens order by listens desc limit 1"), most.id);
    let artists = said(&format!(
        "select string_agg(a.name || coalesce(joined, ''), '' order by position) \
         from credit c join artist a on a.id = c.artist where recording = {}",
        most.id
    ));
    assert_eq!(artists.trim_end_matches('\n'), collection.credit_text(&most));
}

/// The first column of the rows, one a line.
fn query(python: &Path, tables: &Path, sql: &str) -> String {
    let program = "import duckdb, os, sys\n\
        c = duckdb.connect()\n\
        for f in os.listdir(sys.argv[1]):\n    \
            c.execute(f\"create view {f.split('.')[0]} as from '{sys.argv[1]}/{f}'\")\n\
        rows = c.execute(sys.argv[2]).fetchall()\n\
        sys.stdout.buffer.write(''.join(f'{r[0]}\\n' for r in rows).encode())";
    let output = Command::new(python).args(["-c", program]).arg(tables).arg(sql).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
