//! Progress on standard error: events for a program, a bar on a terminal, nothing when it is not wanted.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::{oracle, png};
use made::{Bench, DEADWAX};
use serde_json::Value;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// The main job with this said before it, without -q.
fn line(bench: &Bench, flags: &[&str]) -> Vec<OsString> {
    let mut line = bench.line(flags);
    line.remove(0);
    line.extend(["archive".into(), bench.music.clone().into()]);
    line
}

#[test]
fn events_are_json_lines_that_add_up() {
    let bench = Bench::with_three();
    let cover = bench.music.join("First Light/cover.png");
    std::fs::write(cover, png::cover(3, 300)).unwrap();
    let flags = ["--json", "--progress", "json"];
    let outcome = bench.sandbox.run(Path::new(DEADWAX), line(&bench, &flags)).unwrap();
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (Some(0), 1), "{outcome:?}");
    let events: Vec<Value> =
        outcome.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of =
        |event: &str| -> Vec<&Value> { events.iter().filter(|it| it["event"] == event).collect() };
    let phases: Vec<&str> = of("end").iter().map(|it| it["phase"].as_str().unwrap()).collect();
    assert_eq!(phases, ["add", "artwork", "build", "publish", "sign", "verify", "verify editions"]);
    assert_eq!(of("begin").len(), phases.len());
    for (begin, end) in of("begin").iter().zip(of("end")) {
        assert_eq!(begin["phase"], end["phase"]);
        for (done, of) in [("done", "of"), ("bytes", "bytes_of")] {
            assert_eq!(begin[of], end[of]);
            let all = end[of].as_u64().unwrap_or(0);
            assert_eq!(end[done].as_u64().unwrap(), all, "{done} of {end}");
        }
        assert_eq!((&end["failed"], &end["passed"]), (&0.into(), &0.into()));
    }
    let build = of("end")[2];
    assert_eq!((&build["audio_ms"], &build["audio_ms_of"]), (&8_000.into(), &8_000.into()));
    assert!(build["realtime"].as_f64().unwrap() > 1.0, "{build}");
    // Once more: all is as it should be, and nothing was quick.
    let outcome = bench.sandbox.run(Path::new(DEADWAX), line(&bench, &flags)).unwrap();
    let build = outcome.stderr.lines().find(|it| it.contains(r#""end","phase":"build""#)).unwrap();
    assert!(build.contains(r#""done":3,"of":3,"failed":0,"passed":3,"#), "{build}");
    assert!(build.contains(r#""realtime":null"#), "{build}");
}

#[test]
fn on_a_terminal_there_is_a_bar_and_a_line_for_each_part_that_stays() {
    let Some(script) = oracle::need("script") else { return };
    for (flags, has_bar) in [(&[][..], true), (&["--progress", "line"], false)] {
        let bench = Bench::with_three();
        let typescript = bench.sandbox.join("typescript");
        let quoted = |part: OsString| format!("'{}'", part.into_string().unwrap());
        let words = line(&bench, flags).into_iter().map(quoted);
        let words: Vec<String> = [format!("'{DEADWAX}'")].into_iter().chain(words).collect();
        let status = Command::new(&script)
            .args(["-qec", &words.join(" ")])
            .arg(&typescript)
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        let said = std::fs::read_to_string(typescript).unwrap();
        assert_eq!(said.contains('\u{1b}'), has_bar, "{said:?}");
        assert_eq!(said.contains("build: 3 items, 8 s of music"), !has_bar, "{said}");
        for stays in ["read 3 files, ", "built 3 holdings, ", "listed 3 recordings in "] {
            assert_eq!(said.matches(stays).count(), 1, "{stays} in {said}");
        }
        assert!(said.contains("3 recordings on 1 release are archived in "), "{said}");
    }
}

#[test]
fn progress_can_be_turned_off_in_two_ways_and_not_in_both() {
    let bench = Bench::with_three();
    let outcome = bench.sandbox.run(Path::new(DEADWAX), line(&bench, &["--progress", "none"]));
    let outcome = outcome.unwrap();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert_eq!(bench.run(["verify"]).stderr, "");
    assert_eq!(bench.run(["--progress", "line", "verify"]).code, Some(2));
    let odd = bench.run(["publish", "--stage", "audio,covers"]);
    assert_eq!(odd.code, Some(2));
    assert!(odd.stderr.contains("'covers' is not a stage: write metadata, audio"), "{odd:?}");
}
