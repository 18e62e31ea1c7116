//! What goes wrong with folders of music costs only itself: all else is archived, each case is listed with
//! what happened and a next step, nothing is lost, and nothing outside the archive changes.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::hostile::{self, Expect};
use deadwax_testkit::oracle;
use deadwax_testkit::tree::{differences, outline};
use made::{Bench, assert_refused, piece};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every small file beneath a folder with its bytes.
fn bytes_beneath(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        if metadata.is_dir() {
            all.extend(bytes_beneath(&path));
        } else if metadata.is_file() && metadata.len() < 50_000_000 {
            all.insert(path.clone(), fs::read(&path).unwrap_or_default());
        }
    }
    all
}

#[test]
fn everything_bad_in_one_folder() {
    let bench = Bench::new();
    let mut made = hostile::make(&bench.music).unwrap();
    // Two names that are one text when what is no UTF-8 in them is replaced.
    for (seed, name) in [(70, &b"caf\xE9.flac"[..]), (71, &b"caf\xE8.flac"[..])] {
        let path = bench.music.join(OsStr::from_bytes(name));
        let fields = [("ARTIST", "Testers"), ("ALBUM", "Bad Input"), ("LICENSE", "CC0-1.0")];
        fs::write(&path, piece(seed, 1.0, &fields)).unwrap();
        made.push(hostile::Made {
            path,
            what: "a name that is not UTF-8",
            expect: Expect::Archived,
        });
    }
    let dangling = bench.music.join("gone.flac");
    symlink("nowhere.flac", &dangling).unwrap();
    made.push(hostile::Made { path: dangling, what: "a link to nothing", expect: Expect::Problem });
    let sources = bytes_beneath(&bench.music);
    let user = bench.unprivileged();
    let may_read_all = user.is_none();
    let archive: &Path = &bench.archive;
    let before = outline(bench.sandbox.path(), &[archive]);
    let line = [OsStr::new("archive"), bench.music.as_os_str()];
    let run = || match &user {
        Some(user) => user.json(3, line),
        None => bench.json(3, line),
    };
    let report = run();
    let after = outline(bench.sandbox.path(), &[archive]);
    assert_eq!(differences(&before, &after), [""; 0]);
    assert_eq!(bytes_beneath(&bench.music), sources);

    let problems = report["problems"].as_array().unwrap();
    let rows = bench.list();
    let mut archived = 0;
    for case in &made {
        let path = case.path.display().to_string();
        let is_secret = case.path.ends_with("secret.flac");
        let is_problem = match is_secret {
            true => !may_read_all,
            false => case.expect == Expect::Problem,
        };
        let told: Vec<&Value> = problems.iter().filter(|p| p["path"] == path.as_str()).collect();
        assert_eq!(!told.is_empty(), is_problem, "{}: {told:?}", case.what);
        for problem in told {
            for part in ["what", "next"] {
                let said = problem[part].as_str().unwrap();
                assert!(said.len() > 15, "{}: {problem}", case.what);
                assert!(!said.contains("panic") && !said.contains("Error {"), "{problem}");
            }
        }
        // A FLAC that is cut short is told and kept all the same: it may be the only copy there is.
        if !is_problem || case.path.ends_with("truncated.flac") {
            archived += 1;
            let content = &sources[&case.path];
            let row = rows.iter().find(|row| {
                let out = bench.sandbox.join("out");
                let _ = fs::remove_file(&out);
                row["source"] == path.as_str() && {
                    let id = row["id"].as_str().unwrap();
                    let restore = [OsStr::new("restore"), id.as_ref(), "-o".as_ref(), out.as_ref()];
                    assert_eq!(bench.run(restore).code, Some(0), "{}", case.what);
                    fs::read(&out).unwrap() == *content
                }
            });
            assert!(row.is_some(), "{} ({path}) is not archived", case.what);
        }
    }
    assert_eq!(report["recordings"], archived);
    assert_eq!(report["restorable"], archived);
    assert_eq!(rows.len(), archived);

    let hits = bench.json(0, ["search", "-n", "100", "Testers"]);
    assert!(!hits["hits"].as_array().unwrap().is_empty());
    let mut packed = 0;
    for pack in report["packs"].as_array().unwrap() {
        let torrent = fs::read(archive.join(pack["torrent"].as_str().unwrap())).unwrap();
        // As bencode writes them, wherever in it: in the lists of v1 paths and in the tree of v2.
        for escape in [&b"2:.."[..], b"1:."] {
            let is_text = |at: usize| !torrent[..at].last().is_some_and(u8::is_ascii_digit);
            let mut found = torrent.windows(escape.len()).enumerate();
            let found = found.any(|(at, bytes)| bytes == escape && is_text(at));
            assert!(!found, "{} in {pack}", escape.escape_ascii());
        }
        let folder = archive.join(pack["folder"].as_str().unwrap());
        let files = bytes_beneath(if folder.is_dir() { &folder } else { folder.parent().unwrap() });
        packed += files.keys().filter(|path| !path.to_string_lossy().ends_with(".torrent")).count();
    }
    // All of the odd but valid ones are CC0; tags without text leave the licence.
    assert_eq!(packed as u64, report["cleared"].as_u64().unwrap());
    assert!(packed >= 9, "{packed}");

    assert_eq!(bench.run(["verify"]).code, Some(0));
    let again = run();
    assert_eq!(again, report, "the same line again tells the same");
    let after = outline(bench.sandbox.path(), &[archive, &bench.sandbox.join("out")]);
    assert_eq!(differences(&before, &after), [""; 0]);
}

#[test]
fn in_text_every_problem_has_its_path_and_next_step_and_no_control_character() {
    let bench = Bench::new();
    fs::write(bench.music.join("good.flac"), piece(5, 1.0, &[("TITLE", "Good")])).unwrap();
    fs::write(bench.music.join("bad\u{1b}[31m\nname.ogg"), b"").unwrap();
    let outcome = bench.main_job();
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stdout.contains("1 problem:"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("name.ogg"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("next: "), "{}", outcome.stdout);
    let odd = outcome.stdout.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None);
}

#[test]
fn music_that_is_not_there_leaves_no_archive_behind() {
    let bench = Bench::new();
    let outcome = bench.run([OsStr::new("archive"), bench.sandbox.join("nothing").as_os_str()]);
    assert_refused(&outcome, &["nothing", "no such file or folder"]);
    assert!(!bench.archive.exists());
}

#[test]
fn a_table_that_cannot_be_taken_in_is_told_before_any_music_is_read() {
    let bench = Bench::with_three();
    let table = bench.sandbox.join("home/plays.csv");
    fs::write(&table, "name,plays\nMorning,5\n").unwrap();
    let nowhere = bench.sandbox.join("nope.csv");
    let home = bench.sandbox.join("home");
    for (table, words) in [
        (&nowhere, &["nope.csv", "name a CSV file"][..]),
        (&home, &["home", "it is a folder"]),
        (&table, &["plays.csv", "'name', 'plays'", "isrc,listens"]),
    ] {
        let line = [OsStr::new("archive"), bench.music.as_os_str(), "--listens".as_ref()];
        assert_refused(&bench.run(line.into_iter().chain([table.as_os_str()])), words);
        assert!(!bench.archive.exists());
    }
    assert_eq!(bench.run(["init"]).code, Some(0));
    for table in [&nowhere, &table] {
        let line = [OsStr::new("add"), bench.music.as_os_str(), table.as_os_str()];
        assert_refused(&bench.run(line), &[".csv"]);
        assert_eq!(bench.list().len(), 0);
    }
}

#[test]
fn a_folder_of_something_else_is_not_made_an_archive() {
    let bench = Bench::with_three();
    fs::create_dir(&bench.archive).unwrap();
    fs::write(bench.archive.join("letter.txt"), "dear reader").unwrap();
    let before = outline(bench.sandbox.path(), &[]);
    for line in [vec![OsStr::new("archive"), bench.music.as_os_str()], vec![OsStr::new("init")]] {
        assert_refused(&bench.run(line), &["is not empty and is not a Deadwax archive"]);
    }
    assert_eq!(differences(&before, &outline(bench.sandbox.path(), &[])), [""; 0]);
    let file = bench.archive.join("letter.txt");
    let line = [OsStr::new("archive"), bench.music.as_os_str(), "--to".as_ref(), file.as_os_str()];
    assert_refused(&bench.run(line), &["letter.txt"]);
    assert_eq!(fs::read(&file).unwrap(), b"dear reader");
}

#[test]
fn an_archive_within_its_music_is_refused_before_anything_is_made() {
    let bench = Bench::with_three();
    let before = outline(bench.sandbox.path(), &[]);
    let inside = bench.music.join("First Light/archive");
    let link = bench.sandbox.join("home/elsewhere");
    for archive in [&inside, &bench.music, &link.join("archive")] {
        let _ = symlink(&bench.music, &link);
        let line =
            [OsStr::new("archive"), bench.music.as_os_str(), "--to".as_ref(), archive.as_ref()];
        assert_refused(&bench.run(line), &[]);
        fs::remove_file(&link).unwrap();
    }
    let home = bench.sandbox.join("home");
    let after = outline(bench.sandbox.path(), &[&home]);
    // The link was made in `home`, and changed its time.
    assert_eq!(differences(&before, &after), ["home is gone"]);
}

#[test]
fn music_within_the_archive_is_refused() {
    let bench = Bench::archived();
    let within = bench.archive.join("store");
    for command in ["archive", "add"] {
        let outcome = bench.run([OsStr::new(command), within.as_os_str()]);
        assert_refused(&outcome, &["it lies inside the archive"]);
    }
    assert_eq!(bench.run(["verify"]).code, Some(0));
}

#[test]
fn an_edition_is_not_taken_for_an_archive() {
    let bench = Bench::archived();
    let edition = bench.archive.join("editions").join(made::DAY);
    let before = outline(&edition, &[]);
    let sound = bench.run(["verify"]);
    for command in ["archive", "add"] {
        let mut line = vec![OsStr::new(command), bench.music.as_os_str()];
        line.extend([OsStr::new("--archive"), edition.as_os_str()]);
        let outcome = bench.sandbox.run(Path::new(made::DEADWAX), line).unwrap();
        assert_refused(&outcome, &["is not a Deadwax catalogue"]);
    }
    assert_eq!(differences(&before, &outline(&edition, &[])), [""; 0]);
    assert_eq!(bench.run(["verify"]), sound);
}

#[test]
fn a_broken_policy_is_told_with_its_line() {
    let bench = Bench::archived();
    let policy = bench.archive.join("deadwax.toml");
    let sound = fs::read_to_string(&policy).unwrap();
    let line_of = |text: &str| 1 + text.lines().position(|line| line.starts_with('!')).unwrap();
    for (broken, words) in [
        ("!threshold = \"many\"", &["threshold"][..]),
        ("!treshold = 5", &["treshold"]),
        ("!popular = \"mp3\"", &["mp3", "keep, opus-N"]),
        ("!budget = \"5 parsecs\"", &["5 parsecs", "50MB"]),
        ("!popular = ", &[]),
    ] {
        let section = if broken.contains("hold") { "[popularity]" } else { "[tiers]" };
        let text = sound.replace(section, &format!("{section}\n{broken}"));
        let line = format!("line {}", line_of(&text));
        fs::write(&policy, text.replace('!', "")).unwrap();
        for command in ["list", "build"] {
            let outcome = bench.run([command]);
            assert_refused(&outcome, &["deadwax.toml", line.as_str()]);
            assert_refused(&outcome, words);
        }
    }
    fs::write(&policy, sound.replace("[popularity]", "[popularity]\nceiling = 10")).unwrap();
    assert_refused(&bench.run(["list"]), &["popularity.ceiling must be above"]);
    fs::write(&policy, sound).unwrap();
    assert_eq!(bench.run(["verify"]).code, Some(0));
}

#[test]
fn a_working_catalogue_that_is_none_is_told_and_left_alone() {
    let bench = Bench::archived();
    let path = bench.archive.join("catalog.sqlite");
    let sound = fs::read(&path).unwrap();
    let mut newer = sound.clone();
    // SQLite file format 1.3: user_version at byte 60, application_id at byte 68, big-endian.
    newer[60..64].copy_from_slice(&99u32.to_be_bytes());
    let mut foreign = sound.clone();
    foreign[60..64].fill(0);
    foreign[68..72].fill(0);
    let garbage: Vec<u8> = (0..20_000u32).map(|i| (i * 31 % 251) as u8).collect();
    for (content, words) in [
        (garbage, &["catalog.sqlite", "is not a Deadwax catalogue", "restore it"][..]),
        (newer, &["catalog.sqlite", "schema version 99", "use a newer deadwax"]),
        (foreign, &["catalog.sqlite", "is not a Deadwax catalogue"]),
    ] {
        fs::write(&path, &content).unwrap();
        for command in ["list", "build", "verify", "archive"] {
            let line = match command {
                "archive" => vec![OsStr::new(command), bench.music.as_os_str()],
                _ => vec![OsStr::new(command)],
            };
            assert_refused(&bench.run(line), words);
            assert!(fs::read(&path).unwrap() == content, "{command} changed it");
        }
    }
    fs::write(&path, sound).unwrap();
    assert_eq!(bench.run(["verify"]).code, Some(0));
}

#[test]
fn commands_without_an_archive_say_how_to_make_one() {
    let bench = Bench::new();
    for command in ["list", "build", "verify", "stats"] {
        assert_refused(&bench.run([command]), &["there is no archive at", "deadwax init"]);
    }
    assert!(!bench.archive.exists());
    assert_eq!(bench.run(["init"]).code, Some(0));
    assert_refused(&bench.run(["stats"]), &["has no edition yet", "publish"]);
    assert_refused(&bench.run(["show", "1"]), &["no recording '1'", "deadwax list"]);
    assert_refused(&bench.run(["show", "what"]), &["'what'"]);
}

#[test]
fn an_empty_folder_makes_an_empty_archive() {
    let bench = Bench::new();
    let report = bench.main_job_json(0);
    assert_eq!(report["recordings"], 0);
    assert_eq!(bench.json(0, ["verify"])["damaged"], serde_json::json!([]));
    assert_eq!(bench.run(["stats"]).code, Some(0));
}

/// Sound files of a kind that has no decoder are not called unsound, at the first build and later ones.
#[test]
fn what_has_no_decoder_is_kept_and_not_called_damaged() {
    let Some(ffmpeg) = oracle::need("ffmpeg") else { return };
    let bench = Bench::new();
    let source = bench.sandbox.join("source.flac");
    fs::write(&source, piece(3, 1.0, &[("ARTIST", "Testers")])).unwrap();
    let wavpack = bench.music.join("sound.wv");
    let made = Command::new(ffmpeg).args(["-v", "error", "-i"]).arg(&source).arg(&wavpack).status();
    assert!(made.unwrap().success());
    for _ in 0..2 {
        let report = bench.main_job_json(3);
        let [problem] = &report["problems"].as_array().unwrap()[..] else { panic!("{report}") };
        assert_eq!(problem["path"], wavpack.display().to_string());
        let what =
            "there is no decoder for wavpack here: its loudness and fingerprint stay unknown";
        assert_eq!(problem["what"], what);
        let next = problem["next"].as_str().unwrap();
        assert!(
            next.contains("nothing is wrong with it") && !next.contains("sound copy"),
            "{next}"
        );
        assert_eq!(report["restorable"], 1);
    }
}
