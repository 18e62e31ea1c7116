//! Every command as a person uses it, on small music of all the usual formats.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::music::Piece;
use deadwax_testkit::tree::{contents, differences};
use deadwax_testkit::{flac, oracle, png, wav};
use made::{Bench, assert_refused, piece, stored, titled, write_listens};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs an encoder; what it made is music of its own.
fn encode(program: &Path, arguments: &[&OsStr]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The same three seconds of music in every format that this machine can make, and a cover. Gives the
/// names of the files that were made.
fn all_formats(music: &Path) -> Vec<&'static str> {
    let samples = |seed| Piece { seed, seconds: 3.0 }.compose_i16();
    let fields = [("TITLE", "flac"), ("ARTIST", "Formats"), ("ALBUM", "Every Format")];
    fs::write(music.join("a.flac"), flac::encode(&samples(21), &fields, 0).unwrap()).unwrap();
    let info = [("INAM", "wav"), ("IART", "Formats"), ("IPRD", "Every Format")];
    fs::write(music.join("b.wav"), wav::encode(&samples(22), &info)).unwrap();
    fs::write(music.join("cover.jpg"), jpeg()).unwrap();
    let mut made = vec!["a.flac", "b.wav"];
    let source = music.with_file_name("plain.wav");
    fs::write(&source, wav::encode(&samples(23), &[])).unwrap();
    let text = |name: &str| {
        [format!("title={name}"), "artist=Formats".into(), "album=Every Format".into()]
    };
    if let Some(ffmpeg) = oracle::need("ffmpeg") {
        for (name, codec) in [("c.mp3", "libmp3lame"), ("d.m4a", "aac")] {
            let out = music.join(name);
            let mut line: Vec<&OsStr> = ["-nostdin", "-v", "error", "-i"].map(OsStr::new).to_vec();
            line.push(source.as_os_str());
            line.extend(["-c:a", codec, "-b:a", "128k"].map(OsStr::new));
            let said = text(&name[2..]);
            said.iter().for_each(|field| line.extend([OsStr::new("-metadata"), field.as_ref()]));
            line.push(out.as_os_str());
            encode(&ffmpeg, &line);
            made.push(name);
        }
    }
    for (program, name, [title, artist, album], quiet) in [
        ("opusenc", "e.opus", ["--title", "--artist", "--album"], "--quiet"),
        ("oggenc", "f.ogg", ["--title", "--artist", "--album"], "--quiet"),
    ] {
        let Some(program) = oracle::need(program) else { continue };
        let out = music.join(name);
        let ending = &name[2..];
        let mut line: Vec<&OsStr> =
            [quiet, title, ending, artist, "Formats", album, "Every Format"]
                .map(OsStr::new)
                .to_vec();
        match name {
            "e.opus" => line.extend([source.as_os_str(), out.as_os_str()]),
            _ => line.extend([OsStr::new("-o"), out.as_os_str(), source.as_os_str()]),
        }
        encode(&program, &line);
        made.push(name);
    }
    made
}

/// A JPEG of 1 by 1 pixel, as small as libjpeg writes one.
fn jpeg() -> Vec<u8> {
    let mut bytes =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0\x43\0".to_vec();
    bytes.extend([1; 64]);
    bytes.extend(b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0");
    bytes.extend(b"\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03");
    bytes.extend(b"\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes.extend(b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\x37\xff\xd9");
    bytes
}

/// What ffprobe says of a file: its format, streams and tags (keys in upper case).
fn ffprobe(program: &Path, file: &Path) -> Value {
    let output = Command::new(program)
        .args(["-v", "error", "-of", "json", "-show_format", "-show_streams"])
        .arg(file)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A tag as ffprobe shows it, of the stream or of the file, whatever the case of its key.
fn tag(probed: &Value, key: &str) -> Option<String> {
    let places = [&probed["streams"][0]["tags"], &probed["format"]["tags"]];
    places.into_iter().filter_map(Value::as_object).find_map(|tags| {
        let found = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str().unwrap_or_default().to_owned())
    })
}

#[test]
fn every_format_is_archived_and_comes_back() {
    let bench = Bench::new();
    let made = all_formats(&bench.music);
    let before = contents(&bench.music);
    let report = bench.main_job_json(0);
    assert_eq!(report["recordings"], made.len());
    assert_eq!(report["restorable"], made.len());
    assert_eq!(differences(&before, &contents(&bench.music)), [""; 0]);
    let rows = bench.list();
    let tools = (oracle::need("ffmpeg"), oracle::need("ffprobe"));
    for name in made {
        let source = bench.music.join(name);
        let row = titled(&rows, &name[2..]);
        assert_eq!(row["source"], source.to_str().unwrap());
        assert_eq!(row["artists"], json!(["Formats"]), "{name}");
        assert_eq!(row["release"], "Every Format", "{name}");
        let duration = row["duration_ms"].as_u64().unwrap();
        assert!((2990..=3110).contains(&duration), "{name}: {duration} ms");
        bench.assert_restores(row["id"].as_str().unwrap(), &source);
        let holding = bench.archive.join(stored(&row["root"]));
        let is_embedded = name != "b.wav";
        assert_eq!(
            fs::read(&holding).unwrap() != fs::read(&source).unwrap(),
            is_embedded,
            "{name}"
        );
        assert_eq!(row["root"] != row["original_root"], is_embedded, "{name}");
        let details = &bench.json(0, ["show", row["id"].as_str().unwrap()])[0];
        assert!(details["loudness_lufs"].as_f64().is_some_and(|lufs| lufs < 0.0), "{name}");
        assert!(details["fingerprint"].as_str().is_some_and(|it| it.starts_with("AQ")), "{name}");
        assert_eq!(details["warnings"], json!([]), "{name}");
        if is_embedded && let (Some(ffmpeg), Some(ffprobe_)) = &tools {
            assert_eq!(
                oracle::decoded_md5(ffmpeg, &holding).unwrap(),
                oracle::decoded_md5(ffmpeg, &source).unwrap(),
                "{name}"
            );
            let probed = ffprobe(ffprobe_, &holding);
            assert_eq!(tag(&probed, "DEADWAX_RECORDING").as_deref(), row["id"].as_str(), "{name}");
            assert_eq!(
                tag(&probed, "DEADWAX_ORIGINAL").as_deref(),
                row["original_root"].as_str(),
                "{name}"
            );
            assert_eq!(tag(&probed, "TITLE").as_deref(), Some(&name[2..]), "{name}");
            let cover = bench.sandbox.join("home/cover.jpg");
            let _ = fs::remove_file(&cover);
            let extract = ["-map", "0:v:0", "-c", "copy", "-f", "image2"];
            let done = Command::new(ffmpeg)
                .args(["-nostdin", "-v", "error", "-i"])
                .arg(&holding)
                .args(extract)
                .arg(&cover)
                .status();
            assert!(done.unwrap().success(), "{name} has no picture");
            assert!(fs::read(&cover).unwrap() == jpeg(), "{name} carries another picture");
        }
    }
    assert_eq!(bench.run(["verify"]).code, Some(0));
}

#[test]
fn the_same_bytes_twice_are_one_recording_from_two_sources() {
    let bench = Bench::with_three();
    let copy = bench.music.join("copy of noon.flac");
    fs::copy(bench.music.join("First Light/02 Noon.flac"), &copy).unwrap();
    let report = bench.main_job_json(0);
    assert_eq!(report["recordings"], 3);
    let noon = &bench.json(0, ["show", "USRC17607832"])[0];
    assert_eq!(noon["sources"].as_array().unwrap().len(), 2, "{noon}");
    // One of them gone, it is still built from the other.
    let again = bench.json(0, [OsStr::new("add"), bench.music.as_os_str()]);
    assert_eq!((&again[0]["files"], &again[0]["unchanged"]), (&json!(4), &json!(4)));
}

#[test]
fn adding_again_reads_nothing_and_changes_nothing() {
    let bench = Bench::archived();
    let catalogue = bench.archive.join("catalog.sqlite");
    let rows = bench.list();
    let before = fs::read(&catalogue).unwrap();
    // Without a file's content the stamp alone can tell that it is unchanged: nothing is read whole.
    let strace = oracle::need("strace");
    let add = [OsStr::new("add"), bench.music.as_os_str()];
    let report = bench.json(0, add);
    for (key, number) in
        [("files", 3), ("read", 0), ("unchanged", 3), ("new_recordings", 0), ("copies", 0)]
    {
        assert_eq!(report[0][key], number, "{key}");
    }
    assert_eq!(bench.list(), rows);
    assert!(fs::read(&catalogue).unwrap() == before, "the catalogue was written to");
    if let Some(strace) = strace {
        let trace = bench.sandbox.join("home/trace");
        let output = Command::new(strace)
            .args(["-f", "-e", "trace=open,openat", "-o"])
            .arg(&trace)
            .arg(made::DEADWAX)
            .args(bench.line(add))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let opened = fs::read_to_string(trace).unwrap();
        assert!(opened.contains("catalog.sqlite"), "the trace shows what is opened");
        assert!(!opened.contains(".flac\""), "a source was opened: {opened}");
    }
    // A file that changed is read again, and it alone.
    let path = bench.music.join("Evening.flac");
    fs::write(&path, piece(33, 2.0, &[("TITLE", "Late Evening")])).unwrap();
    let report = bench.json(0, add);
    assert_eq!((&report[0]["read"], &report[0]["unchanged"]), (&json!(1), &json!(2)));
    // Publishing the same list again makes no second edition.
    assert_eq!(Bench::archived().json(0, ["publish"])["is_new"], false);
}

#[test]
fn listens_make_popularity_the_order_and_the_tiers() {
    let bench = Bench::new();
    for (seed, isrc) in
        [(1, "USRC17600001"), (2, "USRC17600002"), (3, "USRC17600003"), (4, "USRC17600004")]
    {
        let title = format!("Title {seed}");
        let fields = [
            ("TITLE", title.as_str()),
            ("ISRC", isrc),
            ("ARTIST", "Listened"),
            ("LICENSE", "CC0-1.0"),
        ];
        fs::write(bench.music.join(format!("{seed}.flac")), piece(50 + seed, 5.5, &fields))
            .unwrap();
    }
    let table = bench.sandbox.join("listens.csv");
    // The first is unpopular, the second nobody counted, the third and fourth are popular.
    write_listens(
        &table,
        &[("USRC17600001", 999), ("USRC17600003", 5_000), ("USRC17600004", 2_000_000)],
    );
    let line =
        [OsStr::new("archive"), bench.music.as_os_str(), "--listens".as_ref(), table.as_os_str()];
    let report = bench.json(0, line);
    assert_eq!(report["holdings"]["keep"]["count"], 3);
    assert_eq!(report["holdings"]["opus-75"]["count"], 1);
    assert_eq!(report["restorable"], 3);
    let rows = bench.list();
    let order: Vec<&str> = rows.iter().map(|row| row["title"].as_str().unwrap()).collect();
    assert_eq!(order, ["Title 4", "Title 3", "Title 2", "Title 1"]);
    let ranks: Vec<u64> = rows.iter().map(|row| row["rank"].as_u64().unwrap()).collect();
    assert_eq!(ranks, [1, 2, 3, 4]);
    assert_eq!(rows[2]["popularity"], Value::Null);
    assert_eq!(rows[3]["popularity"], 0);
    let [most, some] = [&rows[0], &rows[1]].map(|row| row["popularity"].as_u64().unwrap());
    assert!(0 < some && some < most && most < 100, "{some} {most}");

    // The re-encoding: Opus, as long to the sample, tagged, with its gain; and told by `restore`.
    let row = &rows[3];
    assert_eq!((&row["tier"], &row["status"]), (&json!("opus-75"), &json!("held")));
    assert!(
        row["bytes"].as_u64().unwrap()
            < fs::metadata(row["source"].as_str().unwrap()).unwrap().len()
    );
    let outcome = bench.run(["restore", "4", "-o", "home/out.flac"]);
    assert_refused(
        &outcome,
        &[
            "the archive keeps it as opus-75",
            "re-encoded",
            row["original_root"].as_str().unwrap(),
            "1.flac",
        ],
    );
    assert!(!bench.sandbox.join("home/out.flac").exists());
    if let (Some(ffprobe_), Some(ffmpeg)) = (oracle::need("ffprobe"), oracle::need("ffmpeg")) {
        let holding = bench.archive.join(stored(&row["root"]));
        let probed = ffprobe(&ffprobe_, &holding);
        assert_eq!(probed["streams"][0]["codec_name"], "opus");
        for (key, value) in [
            ("TITLE", "Title 1"),
            ("ARTIST", "Listened"),
            ("ISRC", "USRC17600001"),
            ("LICENSE", "CC0-1.0"),
        ] {
            assert_eq!(tag(&probed, key).as_deref(), Some(value), "{key}");
        }
        let gain = tag(&probed, "R128_TRACK_GAIN").expect("a gain is written");
        assert!(gain.parse::<i16>().is_ok(), "{gain}");
        let decoded = Command::new(ffmpeg)
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(&holding)
            .args(["-f", "s16le", "-ac", "2", "-"])
            .output()
            .unwrap();
        // 5.5 s at 44,100 Hz are exactly 264,000 samples at 48,000 Hz.
        assert_eq!(decoded.stdout.len() / 4, 264_000);
    }
    // The policy can say otherwise.
    let policy = bench.archive.join("deadwax.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("[tiers]", "[tiers]\nunpopular = \"keep\"")).unwrap();
    assert_eq!(bench.json(0, ["build"])["made"], 1);
    bench.assert_restores("4", Path::new(row["source"].as_str().unwrap()));
}

#[test]
fn a_plan_under_a_budget_shows_what_fits_and_what_is_left_out() {
    let bench = Bench::with_three();
    assert_eq!(bench.run(["init"]).code, Some(0));
    let table = bench.sandbox.join("listens.csv");
    write_listens(&table, &[("USRC17607831", 30_000), ("USRC17607832", 10_000)]);
    let added = bench.json(0, [OsStr::new("add"), bench.music.as_os_str(), table.as_os_str()]);
    assert_eq!((&added[1]["rows"], &added[1]["changed"]), (&json!(2), &json!(2)));
    let plan = bench.json(0, ["plan", "--budget", "120 kB"]);
    assert_eq!(plan["budget"], 120_000);
    assert_eq!(plan["last_kept_rank"], 1);
    assert_eq!(plan["coverage"], 0.75);
    assert_eq!(plan["statuses"], json!({"over-budget": 2, "planned": 1}));
    let kept: Vec<&Value> =
        plan["list"].as_array().unwrap().iter().map(|row| &row["tier"]).collect();
    assert_eq!(kept, [&json!("keep"), &Value::Null, &Value::Null]);
    let text = bench.run(["plan", "--budget", "120 kB"]).stdout;
    for words in [
        "of 120.0 kB to keep",
        "share of all listens: 75.0 %",
        "left out, from rank 2",
        "Noon",
        "over-budget",
    ] {
        assert!(text.contains(words), "'{words}' is not in\n{text}");
    }
    // A plan is only shown: with the whole budget everything is still to be kept.
    assert_eq!(bench.json(0, ["plan"])["statuses"], json!({"planned": 3}));
    assert_eq!(bench.json(0, ["build", "--budget", "120 kB"])["made"], 1);
    let statuses: Vec<Value> = bench.list().iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, ["held", "over-budget", "over-budget"]);
    let published = bench.json(0, ["publish"]);
    assert_eq!(published["summary"]["coverage"]["held"], 0.75);
    assert_eq!(bench.run(["plan", "--budget", "some"]).code, Some(2));
}

/// Whether a title is cleared, and under what.
fn rights(bench: &Bench, title: &str, more: &[&str]) -> (bool, Value) {
    let line = [&["rights", "explain"], more].concat();
    let explained = bench.json(0, line);
    let found = explained.as_array().unwrap().iter().find(|it| it["title"] == title);
    let found = found.unwrap_or_else(|| panic!("no {title} in {explained}"));
    (found["cleared"].as_bool().unwrap(), found["licence"].clone())
}

#[test]
fn the_most_specific_statement_of_rights_wins() {
    let bench = Bench::archived();
    let set = |target: &[&str], licence: &str| {
        let line = [&["rights", "set"], target, &["--licence", licence]].concat();
        bench.json(0, line)["number"].as_u64().unwrap()
    };
    let of = |isrc: &str| {
        let explained = &bench.json(0, ["rights", "explain", isrc])[0];
        (
            explained["cleared"].as_bool().unwrap(),
            explained["licence"].as_str().unwrap_or("none").to_owned(),
        )
    };
    let (morning, noon) = ("USRC17607831", "USRC17607832");
    assert_eq!(of(morning), (true, "CC-BY-4.0".to_owned()), "its own tag says so");
    assert_eq!(of(noon), (false, "none".to_owned()));
    set(&["--everything"], "CC0-1.0");
    assert_eq!(of(noon).1, "CC0-1.0");
    set(&["--path", "**/First Light/*"], "CC-BY-2.0");
    assert_eq!(of(noon).1, "CC-BY-2.0");
    set(&["--artist", "the testers"], "CC-BY-2.5");
    assert_eq!(of(noon).1, "CC-BY-2.5");
    set(&["--release", "First Light"], "CC-BY-3.0");
    assert_eq!(of(noon).1, "CC-BY-3.0");
    assert_eq!(of(morning).1, "CC-BY-4.0", "a file's own tag is nearer than its release");
    let number = set(&["--recording", morning], "CC-BY-SA-4.0");
    assert_eq!(of(morning).1, "CC-BY-SA-4.0");
    let listed = bench.json(0, ["rights", "list"]);
    let about: Vec<&str> =
        listed.as_array().unwrap().iter().map(|rule| rule["about"].as_str().unwrap()).collect();
    assert_eq!(about, ["everything", "path", "artist", "release", "recording"]);
    assert_eq!(
        bench.json(0, ["rights", "remove", &number.to_string()]),
        json!({"removed": number})
    );
    assert_eq!(of(morning).1, "CC-BY-4.0");
    assert_refused(&bench.run(["rights", "remove", "99"]), &["no rule 99", "rights list"]);
    let wrong = bench.run(["rights", "set", "--all", "--licence", "whatever"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("SPDX"), "{wrong:?}");
    assert_eq!(bench.run(["rights", "set", "--licence", "CC0-1.0"]).code, Some(2));
    // Everything is cleared now, and the next edition has it.
    assert_eq!(bench.json(0, ["rights", "explain"]), json!([]));
    let published = bench.json(0, ["publish"]);
    assert_eq!(
        (&published["edition"], &published["is_new"]),
        (&json!("editions/2026-11-20.2"), &json!(true))
    );
    assert_eq!(published["summary"]["cleared"], 3);
}

#[test]
fn a_rule_holds_to_its_last_day() {
    let bench = Bench::archived();
    let line = [
        "rights",
        "set",
        "--all",
        "--licence",
        "CC0-1.0",
        "--until",
        "2026-12-31",
        "--ground",
        "the letter of 3 May",
    ];
    let text = bench.run(line).stdout;
    assert!(text.contains("until 2026-12-31 (the letter of 3 May)"), "{text}");
    assert!(bench.json(0, ["rights", "explain"]).as_array().unwrap().is_empty());
    // The last --date counts; the sandbox gives one already.
    let on = |day: &str| {
        let mut line = bench.line(["--json", "rights", "explain", "USRC17607832"]);
        line[2] = day.into();
        let outcome = bench.sandbox.run(Path::new(made::DEADWAX), line).unwrap();
        let explained: Value = serde_json::from_str(&outcome.stdout).unwrap();
        explained[0]["cleared"].as_bool().unwrap()
    };
    assert!(on("2026-12-31"));
    assert!(!on("2027-01-01"));
    assert_eq!(rights(&bench, "Noon", &["3"]).1, "CC0-1.0");
    let bad =
        bench.run(["rights", "set", "--all", "--licence", "CC0-1.0", "--until", "2026-13-01"]);
    assert_eq!(bad.code, Some(2));
    assert!(bad.stderr.contains("is not a date"), "{bad:?}");
}

#[test]
fn the_line_that_would_settle_it_settles_it() {
    let Some(shell) = oracle::need("sh") else { return };
    let mut bench = Bench::with_three();
    bench.archive = bench.sandbox.join("Ann's archive");
    assert_eq!(bench.main_job().code, Some(0));
    let held_back = bench.json(0, ["rights", "explain"]);
    assert_eq!(held_back.as_array().unwrap().len(), 2);
    for explained in held_back.as_array().unwrap() {
        let settle = explained["settle"].as_str().unwrap();
        assert!(explained["why"].as_str().unwrap().len() > 10, "{explained}");
        assert!(settle.contains(explained["id"].as_str().unwrap()), "{settle}");
        // As a person would: typed into a shell, from anywhere, with a licence filled in.
        let line = settle.replacen("deadwax", made::DEADWAX, 1).replace("LICENCE", "CC-BY-4.0");
        let outcome = bench.sandbox.run(&shell, ["-c", &line]).unwrap();
        assert_eq!(outcome.code, Some(0), "{settle}: {outcome:?}");
    }
    assert_eq!(bench.json(0, ["rights", "explain"]), json!([]));
}

#[test]
fn an_edition_answers_questions() {
    let bench = Bench::archived();
    let titles = |page: &Value| -> Vec<String> {
        let hits = page["hits"].as_array().unwrap();
        hits.iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&bench.json(0, ["search", "morn"])), ["Morning"]);
    assert_eq!(titles(&bench.json(0, ["search", "artist:testers"])), ["Morning", "Noon"]);
    assert_eq!(titles(&bench.json(0, ["search", "isrc:US-RC1-76-07832"])), ["Noon"]);
    let page = bench.json(0, ["search", "-n", "1", "first light"]);
    assert_eq!((titles(&page), &page["next_after"]), (vec!["Morning".to_owned()], &json!(2)));
    assert_eq!(titles(&bench.json(0, ["search", "--after", "2", "first light"])), ["Noon"]);
    assert!(bench.run(["search", "nothing of this"]).stdout.contains("nothing is found"));
    let draw = |seed: &str| -> Vec<u64> {
        let drawn = bench.json(0, ["shuffle", "-n", "3", "--seed", seed]);
        drawn.as_array().unwrap().iter().map(|it| it["rank"].as_u64().unwrap()).collect()
    };
    assert_eq!(draw("7"), draw("7"));
    assert!((0..20).map(|seed| draw(&seed.to_string())).collect::<BTreeSet<_>>().len() > 2);
    assert_eq!(draw("1").into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 2, 3]));
    let cleared = bench.json(0, ["shuffle", "--cleared"]);
    assert_eq!(cleared.as_array().unwrap().len(), 1);
    let text = bench.run(["stats"]).stdout;
    for words in [
        "3 recordings, 1 release, 2 artists",
        "may be published: 1; held back: 2",
        "flac",
        "2024",
        "CC-BY-4.0",
    ] {
        assert!(text.contains(words), "'{words}' is not in\n{text}");
    }
    let edition = bench.archive.join("editions/2026-11-20");
    let elsewhere = bench.sandbox.join("home");
    let line = [
        OsStr::new("search"),
        "noon".as_ref(),
        "--edition".as_ref(),
        edition.as_os_str(),
        "--archive".as_ref(),
        elsewhere.as_os_str(),
    ];
    let outcome = bench.sandbox.run(Path::new(made::DEADWAX), line).unwrap();
    assert!(outcome.stdout.contains("Noon"), "an edition needs no archive: {outcome:?}");
    let text = bench.run(["show", "US-RC1-76-07831"]).stdout;
    for words in [
        "Morning",
        "First Light, position 1",
        "position 1",
        "LUFS",
        "CC-BY-4.0",
        "may be",
        "deadwax 0",
    ] {
        assert!(text.contains(words), "'{words}' is not in\n{text}");
    }
}

#[test]
fn restoring_overwrites_nothing_and_names_files_in_folders() {
    let bench = Bench::archived();
    let mine = bench.sandbox.join("home/mine.flac");
    fs::write(&mine, "mine").unwrap();
    let refused = bench.run([OsStr::new("restore"), "2".as_ref(), "-o".as_ref(), mine.as_os_str()]);
    assert_refused(&refused, &["exists already and is not overwritten"]);
    assert_eq!(fs::read(&mine).unwrap(), b"mine");
    let folder = bench.sandbox.join("home");
    let report = bench.json(
        0,
        [OsStr::new("restore"), "US-RC1-76-07831".as_ref(), "-o".as_ref(), folder.as_os_str()],
    );
    let out = folder.join("01 Morning.flac");
    assert_eq!(report["path"], out.to_str().unwrap());
    assert!(
        fs::read(&out).unwrap()
            == fs::read(bench.music.join("First Light/01 Morning.flac")).unwrap()
    );
    let again = bench.run([
        OsStr::new("restore"),
        "US-RC1-76-07831".as_ref(),
        "-o".as_ref(),
        folder.as_os_str(),
    ]);
    assert_refused(&again, &["exists already"]);
    let nowhere = bench.run(["restore", "1", "-o", "home/no/such/folder/out.flac"]);
    assert_eq!(nowhere.code, Some(1), "{nowhere:?}");
    assert_refused(&bench.run(["restore", "77", "-o", "home/x"]), &["no recording '77'"]);
    let left: BTreeSet<_> =
        fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn an_interrupted_line_says_so_and_completes_when_it_is_run_again() {
    let bench = Bench::new();
    for seed in 0..12u64 {
        let fields = [("TITLE", format!("Long {seed}"))];
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        fs::write(bench.music.join(format!("{seed}.flac")), piece(80 + seed, 8.0, &fields))
            .unwrap();
    }
    let line = bench.line([
        "--jobs".as_ref(),
        "1".as_ref(),
        OsStr::new("archive"),
        bench.music.as_os_str(),
    ]);
    let mut interrupted = 0;
    for wait_ms in [60, 250, 500] {
        let mut running = bench.sandbox.spawn(Path::new(made::DEADWAX), &line).unwrap();
        std::thread::sleep(Duration::from_millis(wait_ms));
        if running.has_ended().unwrap() {
            break;
        }
        let kill = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let begun = Instant::now();
        let outcome = running.wait().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20), "it stops soon");
        if outcome.code == Some(1) {
            interrupted += 1;
            assert!(outcome.stderr.contains("stopping at the next safe point"), "{outcome:?}");
            assert!(
                outcome
                    .stderr
                    .contains("deadwax: interrupted; nothing is lost, run the same line again"),
                "{outcome:?}"
            );
            assert_eq!(outcome.stdout, "");
        }
    }
    assert!(interrupted > 0, "no run was caught before its end");
    let outcome = bench.sandbox.run(Path::new(made::DEADWAX), &line).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(bench.list().len(), 12);
    assert_eq!(bench.run(["verify"]).code, Some(0));
    assert!(!bench.archive.join("editions/.draft").exists());
}

#[test]
fn usage_that_is_wrong_is_told_with_code_2() {
    let bench = Bench::new();
    for line in [
        &[][..],
        &["no-such-command"],
        &["add"],
        &["restore", "1"],
        &["--date", "soon", "list"],
        &["rights"],
    ] {
        let outcome = bench.sandbox.run(Path::new(made::DEADWAX), line).unwrap();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{line:?}: {outcome:?}");
        assert!(outcome.stderr.contains("--help") || outcome.stderr.contains("Usage: deadwax"));
        assert!(!bench.archive.exists());
    }
}

#[test]
fn the_reader_of_a_pipe_may_leave() {
    let bench = Bench::archived();
    let Some(head) = oracle::need("head") else { return };
    let mut list = bench.sandbox.command(Path::new(made::DEADWAX));
    let mut list = list
        .args(bench.line(["list"]))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let read = Command::new(head).args(["-c", "1"]).stdin(list.stdout.take().unwrap()).output();
    assert!(read.unwrap().status.success());
    let mut said = String::new();
    std::io::Read::read_to_string(list.stderr.as_mut().unwrap(), &mut said).unwrap();
    assert!(list.wait().unwrap().success(), "{said}");
    assert_eq!(said, "");
}

#[test]
fn nobody_needs_to_listen_to_the_progress() {
    let bench = Bench::with_three();
    let closed = |quiet_and_more: &[OsString]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = bench.sandbox.command(Path::new(made::DEADWAX));
        // Without -q, which comes first.
        command.args(&quiet_and_more[1..]).stderr(writer).stdout(std::process::Stdio::null());
        command.status().unwrap().code()
    };
    for flags in [&["-v"][..], &[]] {
        let mut line = bench.line(flags);
        line.extend(["archive".into(), bench.music.clone().into()]);
        assert_eq!(closed(&line), Some(0));
    }
    assert_eq!(bench.json(0, ["verify"])["missing"], json!([]));
    assert_eq!(closed(&bench.line(["show", "77"])), Some(1));
}

#[test]
fn verbose_is_a_line_an_item() {
    let bench = Bench::with_three();
    fs::write(bench.music.join("odd\u{1b}[31m.flac"), piece(9, 1.0, &[])).unwrap();
    let mut line = bench.line(["-v", "--json", "archive"]);
    line.remove(0);
    line.push(bench.music.clone().into());
    let outcome = bench.sandbox.run(Path::new(made::DEADWAX), line).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout.lines().count(), 1);
    let told = |begin: &str| outcome.stderr.lines().filter(|it| it.starts_with(begin)).count();
    assert_eq!(told("add: 01 Morning.flac ("), 1, "{outcome:?}");
    assert!(told("build: Morning (") > 0, "{outcome:?}");
    assert_eq!(told("verify: holding of "), 4, "{outcome:?}");
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome:?}");
    let both = bench.run(["--verbose", "list"]);
    assert_eq!(both.code, Some(2), "{both:?}");
}

#[test]
fn a_picture_too_large_to_embed_is_scaled_down() {
    let bench = Bench::with_three();
    // 1,000 pixels a side are 1 MB as this picture is stored, and 300 kB is the limit.
    let cover = bench.music.join("First Light/cover.png");
    fs::write(&cover, png::cover(1, 1000)).unwrap();
    let report = bench.main_job_json(0);
    assert_eq!(report["restorable"], 3);
    let bytes = |title: &str| titled(&bench.list(), title)["bytes"].as_u64().unwrap();
    let with_picture = bytes("Noon");
    // What cannot be decoded is left out, and told.
    let mut odd = png::cover(1, 1000);
    odd.truncate(500_000);
    fs::write(&cover, odd).unwrap();
    let report = bench.main_job_json(3);
    let problems = report["problems"].as_array().unwrap();
    let told = |it: &serde_json::Value| it["what"].as_str().unwrap().contains("is not embedded");
    assert!(problems.iter().any(told), "{problems:?}");
    let without = bytes("Noon");
    let picture = with_picture - without;
    assert!((10_000..=300_000).contains(&picture), "{picture} bytes of picture");
    assert_eq!(bench.run(["verify"]).code, Some(0));
}
