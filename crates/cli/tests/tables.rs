//! `add` of tables: facts without audio, with rows among them that cannot be taken.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::collection::{Collection, write_tables};
use deadwax_testkit::oracle;
use made::{Bench, DEADWAX, assert_refused};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const TABLES: [&str; 7] = ["recording", "artist", "release", "track", "credit", "isrc", "listens"];

/// A bench with an empty archive, and a folder for tables.
fn bench() -> (Bench, PathBuf) {
    let bench = Bench::new();
    assert_eq!(bench.run(["init"]).code, Some(0));
    let tables = bench.sandbox.join("tables");
    fs::create_dir(&tables).unwrap();
    (bench, tables)
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

/// `add FOLDER --json`: its one entry.
fn add(bench: &Bench, code: i32, source: &Path) -> Value {
    let mut added = bench.json(code, ["add".as_ref(), source.as_os_str()]);
    assert_eq!(added.as_array().unwrap().len(), 1);
    added[0].take()
}

/// What `add` says of one table.
fn table<'r>(report: &'r Value, name: &str) -> &'r Value {
    let tables = report["tables"].as_array().unwrap();
    tables.iter().find(|table| table["table"] == name).unwrap()
}

/// Rows and what became of them.
fn counts(table: &Value) -> [u64; 6] {
    ["rows", "new", "changed", "unchanged", "repeated", "rejected"]
        .map(|key| table[key].as_u64().unwrap())
}

fn rejects(bench: &Bench, name: &str) -> Vec<Value> {
    let path = bench.archive.join(format!("rejects/{name}.ndjson"));
    let content = fs::read_to_string(path).unwrap_or_default();
    content.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All facts from tables, in an order of their own; `None`, said aloud, without the sqlite3 program.
fn facts(bench: &Bench) -> Option<String> {
    let sqlite3 = oracle::need("sqlite3")?;
    let queries = "SELECT * FROM collection;
        SELECT * FROM known_recording ORDER BY 1, 2; SELECT * FROM known_artist ORDER BY 1, 2;
        SELECT * FROM known_release ORDER BY 1, 2; SELECT * FROM known_track ORDER BY 1, 2, 3, 4, 5;
        SELECT * FROM known_credit ORDER BY 1, 2, 3; SELECT * FROM known_isrc ORDER BY 1, 2, 3;
        SELECT * FROM known_listens ORDER BY 1, 2; SELECT * FROM known_isrc_listens ORDER BY 1, 2;
        SELECT * FROM load;";
    let catalog = bench.archive.join("catalog.sqlite");
    let output = Command::new(sqlite3).args(["-quote"]).arg(catalog).arg(queries).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A small collection: one of everything that is tolerated and nothing that is not.
const SMALL: [(&str, &str); 7] = [
    (
        "recording.csv",
        "id,title,duration_ms,date\n1,One,1000,2001\n2,\"Zwei, drei\",,2002-02-30\n3,,0,\n",
    ),
    ("artist.csv", "id,name\n1,A\n2,B\n"),
    ("release.csv", "id,title,artist,date\n1,R,1,2001-01-01\n2,S,,\n"),
    ("track.csv", "release,recording,disc,position\n1,1,1,1\n1,2,1,2\n2,3,,\n"),
    (
        "credit.csv",
        "recording,position,artist,name,joined\n1,1,1,,\" feat. \"\n1,2,2,Bee,\n2,1,2,,\n",
    ),
    ("isrc.csv", "recording,isrc\n1,USRC17607839\n2,us-rc1-76-07839\n3,USRC176078390\n"),
    ("listens.csv", "recording,isrc,listens\n1,,5000\n,USRC17607839,7\n3,,\n"),
];

#[test]
fn three_formats_make_the_same_catalogue() {
    let made = |extension: &str, turn: &dyn Fn(&str) -> String| {
        let (bench, tables) = bench();
        for (name, content) in SMALL {
            let name = name.replace("csv", extension);
            fs::write(tables.join(name), turn(content)).unwrap();
        }
        let report = add(&bench, 0, &tables);
        assert_eq!(report["collection"], "tables");
        (facts(&bench), report)
    };
    let (csv, report) = made("csv", &str::to_owned);
    let to_json = |content: &str| {
        let mut lines = content.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let object = |line: &str| {
            // The only comma within quotes.
            let line = line.replace("Zwei, drei", "Zwei\u{1} drei");
            let fields = line.split(',').map(|field| field.trim_matches('"').replace('\u{1}', ","));
            let known = names.iter().zip(fields).filter(|(_, field)| !field.is_empty());
            json!(known.collect::<BTreeMap<_, _>>()).to_string() + "\n"
        };
        lines.map(object).collect()
    };
    let (ndjson, _) = made("ndjson", &to_json);
    assert_eq!(csv, ndjson);
    let isrc = table(&report, "isrc");
    assert_eq!(isrc["odd"], json!({"isrc_spelling": 1, "not_an_isrc": 1}));
    let recording = table(&report, "recording");
    assert_eq!(recording["odd"], json!({"zero": 1, "not_a_date": 1}));
    assert_eq!(counts(recording), [3, 3, 0, 0, 0, 0]);
    let listens = table(&report, "listens");
    assert_eq!((counts(listens), &listens["odd"]), ([3, 2, 0, 0, 0, 0], &json!({"no_count": 1})));
}

#[test]
fn a_generated_collection_is_added_once() {
    let (bench, tables) = bench();
    let written = write_tables(&Collection::new(20_000, 5), &tables, 2).unwrap();
    let first = add(&bench, 0, &tables);
    let before = facts(&bench);
    let again = add(&bench, 0, &tables);
    assert_eq!(facts(&bench), before);
    let mut rows_of = BTreeMap::new();
    for (name, rows, _) in &written.tables {
        // One ISRC may be said twice of a recording, in two spellings or by two songs.
        let [all, new, changed, unchanged, repeated, rejected] = counts(table(&first, name));
        assert_eq!((all, changed, unchanged, rejected), (*rows, 0, 0, 0), "{name}");
        assert_eq!(new + repeated, all, "{name}");
        assert_eq!(counts(table(&again, name)), [all, 0, 0, new, repeated, 0], "{name}");
        rows_of.insert(*name, *rows);
    }
    assert!(table(&first, "isrc")["odd"]["not_an_isrc"].as_u64() > Some(0));
    assert!(table(&first, "release")["odd"]["not_a_date"].as_u64() > Some(0));
    assert!(!bench.archive.join("rejects").exists());
    assert!(!bench.archive.join(".scratch").exists());

    // Another program counts the same rows in the files.
    let Some(python) = oracle::need_python("duckdb") else { return };
    let script = "import sys, duckdb
ask = duckdb.connect().execute
for name in sys.argv[2:]:
    print(ask(f\"select count(*) from '{sys.argv[1]}/{name}.parquet'\").fetchone()[0])";
    let mut duckdb = Command::new(python);
    let output = duckdb.args(["-c", script]).arg(&tables).args(TABLES).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let counted: Vec<u64> = said.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(counted, TABLES.map(|name| rows_of[name]));
}

#[test]
fn what_duckdb_writes_is_read() {
    let Some(python) = oracle::need_python("duckdb") else { return };
    let (bench, tables) = bench();
    write(&tables, &SMALL);
    let other = bench.sandbox.join("other");
    fs::create_dir(&other).unwrap();
    // All columns may be null, integers are of many types, encodings and row groups are its own.
    let script = "import sys, duckdb
do = duckdb.connect().execute
columns = {
    'recording': 'id::UINTEGER id, title, duration_ms::INTEGER duration_ms, date',
    'artist': 'name, id::UTINYINT ID',
    'release': 'id::BIGINT id, title, artist::SMALLINT artist, date',
    'track': 'position::UBIGINT position, recording::UINTEGER recording, release::BIGINT release, disc::TINYINT disc',
    'credit': 'recording::BIGINT recording, position::USMALLINT position, artist::BIGINT artist, name, joined',
    'isrc': 'isrc, recording::BIGINT recording',
    'listens': 'recording::BIGINT recording, isrc, listens::UBIGINT listens',
}
for name in sys.argv[3:]:
    rows = f\"select {columns[name]} from read_csv('{sys.argv[1]}/{name}.csv', all_varchar=true)\"
    to = f'{sys.argv[2]}/{name}'
    do(f\"copy ({rows}) to '{to}.parquet' (compression zstd)\")
    do(f\"copy ({rows}) to '{to}.ndjson' (format json)\")";
    let mut duckdb = Command::new(python);
    let output =
        duckdb.args(["-c", script]).arg(&tables).arg(&other).args(TABLES).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = |end: &str| {
        let files = TABLES.map(|name| other.join(format!("{name}.{end}")).into_os_string());
        [vec!["add".into()], files.to_vec(), vec!["--as".into(), "tables".into()]].concat()
    };
    add(&bench, 0, &tables);
    let want = facts(&bench);
    for end in ["parquet", "ndjson"] {
        let bench = self::bench().0;
        bench.json(0, said(end));
        assert_eq!(facts(&bench), want, "{end}");
    }
}

#[test]
fn a_compression_that_is_not_read_is_named() {
    let Some(python) = oracle::need_python("duckdb") else { return };
    let (bench, tables) = bench();
    let script = "import sys, duckdb
duckdb.connect().execute(f\"copy (select 1 as id) to '{sys.argv[1]}' (compression gzip)\")";
    let file = tables.join("recording.parquet");
    let output = Command::new(python).args(["-c", script]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let outcome = bench.run(["add".as_ref(), tables.as_os_str()]);
    assert_refused(&outcome, &["column id is compressed with GZIP", "compression zstd"]);
}

#[test]
fn tables_inside_the_archive_are_refused_and_nothing_of_it_is_removed() {
    let (bench, tables) = bench();
    write(&tables, &[("recording.csv", "id,title,listens\n1,One,5\n")]);
    let kept = bench.archive.join("scratch");
    fs::create_dir(&kept).unwrap();
    fs::copy(tables.join("recording.csv"), kept.join("recording.csv")).unwrap();
    let outcome = bench.run(["add".as_ref(), kept.as_os_str()]);
    assert_refused(&outcome, &["lies inside the archive"]);
    // A file is known by its name, also when it has a column of another table.
    let report = add(&bench, 0, &tables.join("recording.csv"));
    assert_eq!(counts(table(&report, "recording")), [1, 1, 0, 0, 0, 0]);
    assert!(kept.join("recording.csv").is_file());
}

#[test]
fn rows_that_cannot_be_taken_are_told_and_written_down() {
    let (bench, tables) = bench();
    write(
        &tables,
        &[
            ("recording.csv", "id,title\n1,One\nx,Two\n,Three\n9223372036854775808,Four\n5\n"),
            ("artist.csv", "id,name\n1,A\n2,\n"),
            ("release.ndjson", "{\"id\":1,\"artist\":1}\n{\"id\":2,\"artist\":7}\nnothing\n"),
            ("track.csv", "release,recording,position\n1,1,1\n1,12x,2\n1,5,3\n8,1,4\n1,1,1\n"),
            ("credit.csv", "recording,position,artist\n1,0,1\n1,1,1\n1,2,9\n"),
            (
                "isrc.ndjson",
                "{\"recording\":1,\"isrc\":\"\"}\n{\"recording\":3,\"isrc\":\"USRC17607839\"}\n",
            ),
            (
                "listens.csv",
                "recording,isrc,listens\n1,,-1\n,,5\n,nonsense,5\n2,,5\n1,,2.5\n1,,3\n",
            ),
        ],
    );
    let report = add(&bench, 3, &tables);
    let told: Vec<String> = TABLES
        .into_iter()
        .flat_map(|name| rejects(&bench, name))
        .map(|line| {
            let file = line["file"].as_str().unwrap().rsplit('/').next().unwrap();
            format!("{file}:{} {} {}", line["row"], line["reason"].as_str().unwrap(), line["said"])
        })
        .collect();
    let want = [
        r#"recording.csv:3 id 'x' is not an integer {"id":"x","title":"Two"}"#,
        r#"recording.csv:4 id has no value {"title":"Three"}"#,
        r#"recording.csv:5 id 9223372036854775808 is not between 0 and 9223372036854775807 {"id":"9223372036854775808","title":"Four"}"#,
        r#"recording.csv:6 it has 1 fields, the head line has 2 ["5"]"#,
        r#"artist.csv:3 name has no value {"id":"2"}"#,
        r#"release.ndjson:2 no artist has the id 7 {"id":2,"artist":7}"#,
        r#"release.ndjson:3 its line is no JSON object: expected ident at line 1 column 2 "nothing""#,
        r#"track.csv:3 recording '12x' is not an integer {"release":"1","recording":"12x","position":"2"}"#,
        r#"track.csv:4 no recording has the id 5 {"release":1,"recording":5,"position":3}"#,
        r#"track.csv:5 no release has the id 8 {"release":8,"recording":1,"position":4}"#,
        r#"credit.csv:2 position 0 is not between 1 and 2147483647 {"recording":"1","position":"0","artist":"1"}"#,
        r#"credit.csv:4 no artist has the id 9 {"recording":1,"position":2,"artist":9}"#,
        r#"isrc.ndjson:1 isrc has no value {"recording":1,"isrc":""}"#,
        r#"isrc.ndjson:2 no recording has the id 3 {"recording":3,"isrc":"USRC17607839"}"#,
        r#"listens.csv:2 listens -1 is not between 0 and 9223372036854775807 {"recording":"1","listens":"-1"}"#,
        r#"listens.csv:3 it has neither recording nor isrc {"listens":"5"}"#,
        r#"listens.csv:4 'nonsense' is not an ISRC: it has 8 characters, an ISRC has 12 {"isrc":"nonsense","listens":"5"}"#,
        r#"listens.csv:5 no recording has the id 2 {"recording":2,"listens":5}"#,
        r#"listens.csv:6 listens '2.5' is not an integer {"recording":"1","listens":"2.5"}"#,
    ];
    assert_eq!(told, want);
    assert_eq!(report["problems"].as_array().unwrap().len(), want.len());
    let problem = &report["problems"][7];
    assert_eq!(problem["path"], json!(format!("{}:3", tables.join("track.csv").display())));
    assert_eq!(problem["what"], "recording '12x' is not an integer");
    assert!(problem["next"].as_str().unwrap().contains("rejects/track.ndjson"));
    assert_eq!(counts(table(&report, "track")), [5, 1, 0, 0, 1, 3]);
    assert_eq!(table(&report, "track")["rejects"], "rejects/track.ndjson");

    // Corrected, nothing is left of them.
    write(&tables, &[("track.csv", "release,recording,position\n1,1,1\n")]);
    let outcome = bench.run(["add".as_ref(), tables.join("track.csv").as_os_str()]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("track     1 row: 0 new, 0 changed, 1 unchanged"),
        "{outcome:?}"
    );
    assert_eq!(rejects(&bench, "track"), Vec::<Value>::new());
}

#[test]
fn of_many_bad_rows_ten_are_shown_and_100_000_kept() {
    let (bench, tables) = bench();
    let lines: String = (0..100_200).map(|line| format!("x{line}\n")).collect();
    write(&tables, &[("recording.csv", &format!("id\n{lines}1\n"))]);
    let report = add(&bench, 3, &tables);
    assert_eq!(report["problems"].as_array().unwrap().len(), 10);
    assert_eq!(table(&report, "recording")["rejected"], 100_200);
    assert_eq!(rejects(&bench, "recording").len(), 100_000);
}

#[test]
fn a_later_file_replaces_what_an_earlier_said() {
    let (bench, tables) = bench();
    write(&tables, &SMALL);
    add(&bench, 0, &tables);
    write(&tables, &[("recording.csv", "id,title\n2,Two\n1,One\n4,Four\n4,Vier\n")]);
    let report = add(&bench, 0, &tables);
    // The first has lost its duration and date.
    assert_eq!(counts(table(&report, "recording")), [4, 1, 2, 0, 1, 0]);
    // In another collection the same ids are other recordings, and there is no third one.
    let line = ["add".as_ref(), tables.as_os_str(), "--as".as_ref(), "another".as_ref()];
    let report = bench.json(3, line);
    assert_eq!(report[0]["collection"], "another");
    assert_eq!(counts(table(&report[0], "recording")), [4, 3, 0, 0, 1, 0]);
    assert_eq!(report[0]["problems"][0]["what"], "no recording has the id 3");
}

#[test]
fn what_is_no_table_is_refused_before_anything_is_added() {
    let (bench, tables) = bench();
    write(&tables, &SMALL);
    let before = facts(&bench);
    let refused = |name: &str, content: &[u8], words: &[&str]| {
        let path = tables.join(name);
        fs::write(&path, content).unwrap();
        let outcome = bench.run(["add".as_ref(), tables.as_os_str()]);
        assert_refused(&outcome, &[&[name], words].concat());
        fs::remove_file(path).unwrap();
    };
    refused(
        "listens.csv",
        b"recording,plays\n1,2\n",
        &["no column listens", "'recording', 'plays'"],
    );
    refused("listens.csv", b"", &["is empty"]);
    refused("listens.csv", &[b'x'; 2_000_000], &["head line has no end"]);
    refused("listens.csv", b"\xff\xfer\0e\0", &["not text in UTF-8"]);
    refused("listens.ndjson", b"[]", &["line 1 is no JSON object"]);
    refused("listens.parquet", b"PAR1 and nothing more", &["cut off"]);
    refused("listens.parquet", b"nothing", &["too few"]);
    refused("listens.parquet", b"", &["is empty"]);
    let outcome = bench.run(["add".as_ref(), tables.join("listens.csv").as_os_str()]);
    assert_refused(&outcome, &["no such file"]);
    fs::copy(tables.join("track.csv"), tables.join("track.ndjson")).unwrap();
    let outcome = bench.run(["add".as_ref(), tables.as_os_str()]);
    assert_refused(&outcome, &["the table track is there twice", "also as .ndjson"]);
    let outcome = bench.run(["add", "--format", "tables", "home"]);
    assert_refused(&outcome, &["has no table in it", "recording, artist"]);
    assert_eq!(facts(&bench), before);
    for (line, words) in [
        (&["add", "music", "--as", "x"][..], "no source is a table"),
        (&["add", "tables/recording.csv", "--rights", "CC0-1.0"], "--rights is said of files"),
    ] {
        let outcome = bench.run(line);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(words), "{outcome:?}");
    }
    let two = ["add", "tables/recording.csv", "tables/artist.csv"];
    for name in ["", "a\nb"] {
        let outcome = bench.run([&two[..], &["--as", name]].concat());
        assert_refused(&outcome, &["--as NAME"]);
    }
}

#[test]
fn a_csv_of_counts_alone_is_still_a_table_of_listens() {
    let (bench, tables) = bench();
    write(&tables, &[("listens.csv", "isrc,listens\nUSRC17607839,5\n")]);
    let report = add(&bench, 0, &tables.join("listens.csv"));
    assert_eq!((&report["rows"], &report["changed"]), (&json!(1), &json!(1)));
    assert_eq!(report.get("tables"), None);
}

#[test]
fn a_table_that_is_damaged_within_stops_the_run_which_goes_on_when_it_is_sound() {
    let (bench, tables) = bench();
    write_tables(&Collection::new(3_000, 2), &tables, 1).unwrap();
    // A row that refers to nothing, in a table before the damaged one.
    fs::remove_file(tables.join("track.parquet")).unwrap();
    write(&tables, &[("track.csv", "release,recording\n1,1\n")]);
    let listens = tables.join("listens.parquet");
    let sound = fs::read(&listens).unwrap();
    let mut damaged = sound.clone();
    // The header of the first page.
    damaged[4..20].fill(0xAA);
    fs::write(&listens, damaged).unwrap();
    let outcome = bench.run(["add".as_ref(), tables.as_os_str()]);
    assert_refused(&outcome, &["listens.parquet", "cannot be decoded", "sound copy"]);
    fs::write(&listens, sound).unwrap();
    let report = add(&bench, 3, &tables);
    for name in TABLES {
        assert_eq!(table(&report, name)["was_added"], name != "listens", "{name}");
    }
    assert_eq!(table(&report, "track")["rejected"], 1);
    assert_eq!(report["problems"][0]["what"], "no recording has the id 1");
    // That run reached its end: the next reads all files again.
    let report = add(&bench, 3, &tables);
    assert!(TABLES.iter().all(|name| table(&report, name)["was_added"] == false));
}

/// How long it takes to the begin of each table, and to the end.
fn phases(bench: &Bench, tables: &Path) -> Vec<Duration> {
    let begun = Instant::now();
    let mut running = spawn(bench, tables);
    let mut seen = Vec::new();
    while !running.has_ended().unwrap() {
        let said = running.said().unwrap();
        while seen.len() < TABLES.len() && said.contains(&format!("add {}:", TABLES[seen.len()])) {
            seen.push(begun.elapsed());
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    seen.push(begun.elapsed());
    let outcome = running.wait().unwrap();
    assert_eq!((outcome.code, seen.len()), (Some(0), 8), "{outcome:?}");
    seen
}

fn spawn(bench: &Bench, tables: &Path) -> deadwax_testkit::sandbox::Running {
    let mut line = bench.line(["add".as_ref(), tables.as_os_str()]);
    // With progress, which says what it is at.
    line.remove(0);
    bench.sandbox.spawn(Path::new(DEADWAX), line).unwrap()
}

#[test]
fn killed_anywhere_the_same_line_ends_as_if_undisturbed() {
    let (undisturbed, tables) = bench();
    // More recordings and credits than are committed at once.
    write_tables(&Collection::new(270_000, 4), &tables, 2).unwrap();
    let begins = phases(&undisturbed, &tables);
    let want = facts(&undisturbed);
    let mut dice = fastrand::Rng::with_seed(6);
    let mut killed = BTreeMap::new();
    let bench = bench().0;
    for attempt in 0..14 {
        let table = attempt % 7;
        let mut running = spawn(&bench, &tables);
        let begin = format!("add {}:", TABLES[table]);
        while !running.has_ended().unwrap() && !running.said().unwrap().contains(&begin) {
            std::thread::sleep(Duration::from_micros(500));
        }
        std::thread::sleep((begins[table + 1] - begins[table]).mul_f64(dice.f64()));
        let outcome = running.kill().unwrap();
        if outcome.code.is_none() {
            *killed.entry(TABLES[table]).or_insert(0) += 1;
        }
    }
    eprintln!("killed in {killed:?}, of {:?}", begins.last());
    assert!(killed.values().sum::<i32>() >= 7, "{killed:?}");
    bench.json(0, ["add".as_ref(), tables.as_os_str()]);
    assert!(facts(&bench) == want, "another catalogue");
    assert!(!bench.archive.join(".scratch").exists());
}

#[test]
fn interrupted_it_says_so_and_goes_on() {
    let Some(kill) = oracle::need("kill") else { return };
    let (bench, tables) = bench();
    write_tables(&Collection::new(200_000, 4), &tables, 2).unwrap();
    let mut running = spawn(&bench, &tables);
    while !running.said().unwrap().contains("add credit:") {
        assert!(!running.has_ended().unwrap());
        std::thread::sleep(Duration::from_micros(500));
    }
    let told = Command::new(kill).args(["-INT", &running.id().to_string()]).status().unwrap();
    assert!(told.success());
    let outcome = running.wait().unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("interrupted; nothing is lost"), "{outcome:?}");
    let report = add(&bench, 0, &tables);
    assert_eq!(table(&report, "track")["was_added"], true);
    assert_eq!(table(&report, "isrc")["was_added"], false);
}
