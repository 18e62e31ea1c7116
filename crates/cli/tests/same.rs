//! `deadwax same`: a FLAC and its lossy copies under other names pair, become one, and are split again.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::oracle;
use made::{Bench, assert_refused, piece};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// An archive of a FLAC, its Opus and MP3 copies under other names, and another piece. `None`, said aloud, without ffmpeg.
fn bench(policy: &str) -> Option<Bench> {
    let ffmpeg = oracle::need("ffmpeg")?;
    let bench = Bench::new();
    let fields = [("TITLE", "Morning"), ("ISRC", "USRC17607831"), ("LICENSE", "CC0-1.0")];
    let original = bench.music.join("Morning.flac");
    fs::write(&original, piece(1, 10.0, &fields)).unwrap();
    let other = [("TITLE", "Evening"), ("ISRC", "USRC17607831")];
    fs::write(bench.music.join("Evening.flac"), piece(3, 10.0, &other)).unwrap();
    copy(&ffmpeg, &original, &bench.music.join("Track 07.opus"), &["libopus", "48k"]);
    copy(&ffmpeg, &original, &bench.music.join("unnamed.mp3"), &["libmp3lame", "128k"]);
    assert_eq!(bench.run(["init"]).code, Some(0));
    fs::write(bench.archive.join("deadwax.toml"), policy).unwrap();
    let job = bench.main_job();
    assert_eq!(job.code, Some(0), "{job:?}");
    Some(bench)
}

/// A copy in another codec, called otherwise, with the ISRC of the original.
fn copy(ffmpeg: &Path, from: &Path, to: &Path, [codec, rate]: &[&str; 2]) {
    let mut line = Command::new(ffmpeg);
    line.args(["-nostdin", "-v", "error", "-i"]).arg(from);
    line.args(["-map_metadata", "-1", "-metadata", "TITLE=Untitled"]);
    if codec == &"libopus" {
        line.args(["-metadata", "ISRC=USRC17607831"]);
    }
    let done = line.args(["-c:a", codec, "-b:a", rate]).arg(to).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn pairs(bench: &Bench) -> Vec<Value> {
    let outcome = bench.run(["--json", "same"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The id of the recording that came from this file.
fn id(bench: &Bench, file: &str) -> String {
    let row = bench.list().into_iter().find(|row| row["source"].as_str().unwrap().ends_with(file));
    row.unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn copies_are_found_merged_and_split() {
    let Some(bench) = bench("") else { return };
    let (flac, opus) = (id(&bench, "Morning.flac"), id(&bench, "Track 07.opus"));
    let mp3 = id(&bench, "unnamed.mp3");
    let found = pairs(&bench);
    let sides = |pair: &Value| {
        [&pair["better"], &pair["other"]].map(|side| side["id"].as_str().unwrap().to_owned())
    };
    assert_eq!(found.len(), 3, "{found:?}");
    for (better, other, wins_by, isrc) in [
        (&flac, &opus, "it is lossless", json!("US-RC1-76-07831")),
        (&flac, &mp3, "it is lossless", json!(null)),
        (&mp3, &opus, "its bit rate is higher", json!(null)),
    ] {
        let pair = found.iter().find(|pair| sides(pair) == [better.clone(), other.clone()]);
        let pair = pair.unwrap_or_else(|| panic!("{better} and {other} are not in {found:?}"));
        assert_eq!((&pair["wins_by"], &pair["shared_isrc"]), (&json!(wins_by), &isrc));
        assert!(pair["score"].as_f64().unwrap() > 0.9, "{pair}");
        assert!(pair["offset_ms"].as_i64().unwrap().abs() < 200, "{pair}");
        assert_eq!((&pair["same_length"], &pair["is_merged"]), (&json!(true), &json!(false)));
    }
    let text = bench.run(["same"]).stdout;
    assert!(text.contains(&format!("deadwax same merge {flac} {opus}")), "{text}");
    assert!(text.contains("3 pairs among 4 recordings"), "{text}");

    let rule = json!({
        "number": 1, "says": "merge", "recordings": sorted([&flac, &opus]), "ground": "a test",
    });
    let line = ["same", "merge", &opus, &flac, "--ground", "a test"];
    assert_eq!(bench.json(0, line), rule);
    assert_eq!(bench.json(0, ["same", "list"]), json!([rule]));
    let plan = bench.json(0, ["plan"]);
    assert_eq!((&plan["recordings"], &plan["statuses"]["same-as"]), (&json!(3), &json!(1)));
    assert_eq!((&plan["same"][0]["id"], &plan["same"][0]["same_as"]), (&json!(opus), &json!(flac)));
    let text = bench.run(["plan"]).stdout;
    assert!(text.contains(&format!("same-as {flac} (rule 1)")), "{text}");
    let list = bench.list();
    assert_eq!(list.len(), 4);
    let last = list.last().unwrap();
    assert_eq!((&last["status"], &last["same_as"]), (&json!("same-as"), &json!(flac)));
    assert_eq!(
        (&last["rank"], &last["tier"], &last["root"]),
        (&json!(null), &json!(null), &json!(null))
    );
    let shown = bench.json(0, ["show", &flac]);
    assert_eq!(shown[0]["same"][0]["id"], json!(opus));
    assert_eq!(bench.main_job_json(0)["recordings"], json!(3));
    assert_eq!(bench.json(0, ["search", "untitled"])["hits"].as_array().unwrap().len(), 1);
    bench.assert_restores(&opus, &bench.music.join("Track 07.opus"));

    assert_eq!(bench.run(["same", "split", &flac, &opus]).code, Some(0));
    assert_eq!(bench.main_job_json(0)["recordings"], json!(4));
    assert_eq!(bench.list().last().unwrap()["same_as"], json!(null));
    assert_eq!(bench.json(0, ["same", "remove", "2"]), json!({ "removed": 2 }));
    assert_eq!(bench.main_job_json(0)["recordings"], json!(3), "the older rule holds again");
}

#[test]
fn by_isrc_copies_become_one_and_another_piece_of_the_same_isrc_does_not() {
    let Some(bench) = bench("[same]\nmerge = \"isrc\"\n") else { return };
    let (flac, opus) = (id(&bench, "Morning.flac"), id(&bench, "Track 07.opus"));
    let plan = bench.json(0, ["plan"]);
    assert_eq!(plan["same"].as_array().unwrap().len(), 1);
    assert_eq!((&plan["same"][0]["id"], &plan["same"][0]["same_as"]), (&json!(opus), &json!(flac)));
    assert_eq!(plan["same"][0]["because"], json!("ISRC US-RC1-76-07831"));
    let merged: Vec<Value> =
        pairs(&bench).into_iter().filter(|it| it["is_merged"] == true).collect();
    assert_eq!(merged.len(), 1);
}

#[test]
fn doubts_are_sentences() {
    let Some(bench) = bench("") else { return };
    let (flac, other) = (id(&bench, "Morning.flac"), id(&bench, "Evening.flac"));
    let refused = bench.run(["same", "merge", &flac, &other]);
    assert_refused(&refused, &["were not merged", "do not sound the same", "--even-so"]);
    assert_refused(&bench.run(["same", "merge", &flac, &flac, "--even-so"]), &["is one recording"]);
    assert_refused(&bench.run(["same", "split", &flac, "99"]), &["99"]);
    assert_refused(&bench.run(["same", "remove", "7"]), &["no rule 7", "same list"]);
    assert_eq!(bench.json(0, ["same", "list"]), json!([]));
    assert_eq!(bench.run(["same", "merge", &flac, &other, "--even-so"]).code, Some(0));
    assert_eq!(bench.run(["same", "merge", &flac]).code, Some(2));
    let wrong = bench.archive.join("deadwax.toml");
    fs::write(&wrong, "[same]\nmerge = \"always\"\n").unwrap();
    assert_refused(&bench.run(["plan"]), &["line 2", "always", "isrc"]);
}

fn sorted(mut ids: [&String; 2]) -> [&String; 2] {
    ids.sort();
    ids
}
