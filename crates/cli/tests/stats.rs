//! `deadwax stats` as a person asks it: how much is in so many bytes, and what does a share cost.

#[path = "support/made.rs"]
mod made;

use made::{Bench, write_listens};
use serde_json::{Value, json};
use std::ffi::OsStr;

/// Three pieces, two of them counted: 250,000 and 12 listens.
fn counted() -> Bench {
    let bench = Bench::with_three();
    let listens = bench.sandbox.join("listens.csv");
    write_listens(&listens, &[("USRC17607831", 250_000), ("USRC17607832", 12)]);
    let line =
        [OsStr::new("archive"), bench.music.as_os_str(), "--listens".as_ref(), listens.as_os_str()];
    bench.json(0, line);
    bench
}

#[test]
fn coverage_is_told_both_ways() {
    let bench = counted();
    let list = bench.list();
    let bytes = |rank: usize| list[rank - 1]["bytes"].as_u64().unwrap();
    let one = bench.json(0, ["stats", "--share", "99%"]);
    assert_eq!((&one["rank"], &one["held"]), (&json!(1), &json!(1)));
    assert_eq!((&one["bytes"], &one["held_bytes"]), (&json!(bytes(1)), &json!(bytes(1))));
    assert_eq!((&one["listens"], &one["duration_ms"]), (&json!(250_000), &json!(3_000)));
    assert_eq!(one["share"].as_f64(), Some(250_000.0 / 250_012.0));
    assert_eq!(bench.json(0, ["stats", "--rank", "1"]), one);
    assert_eq!(bench.json(0, ["stats", "--share", "100 %"])["rank"], 3);
    assert_eq!(bench.json(0, ["stats", "--rank", "1_000"])["rank"], 3);

    let fits = |size: u64| bench.json(0, ["stats", "--bytes", &size.to_string()]);
    assert_eq!(fits(bytes(1)), json!({"list": one, "held": one}));
    assert_eq!(fits(bytes(1) - 1)["list"]["rank"], 0);
    assert_eq!(fits(bytes(1) + bytes(2))["held"]["rank"], 2);
    let all = fits(500_000_000_000);
    assert_eq!((&all["list"]["rank"], &all["list"]["share"]), (&json!(3), &json!(1.0)));

    let said = bench.run(["stats", "--bytes", "500GB"]).stdout;
    assert!(said.starts_with("ranks 1 to 3: 3 recordings, 0:08\n"), "{said}");
    assert!(said.contains("share of all listens: 100.0 %"), "{said}");
    assert!(!said.contains("not held") && !said.contains("about"), "{said}");
}

#[test]
fn what_is_not_held_is_estimated_and_said_to_be() {
    let bench = Bench::with_three();
    let listens = bench.sandbox.join("listens.csv");
    write_listens(&listens, &[("USRC17607831", 250_000), ("USRC17607832", 12)]);
    bench.json(0, ["init"]);
    bench.json(0, [OsStr::new("add"), bench.music.as_os_str(), listens.as_os_str()]);
    bench.json(0, ["build", "--budget", "1kB"]);
    bench.json(0, ["publish"]);
    let all = bench.json(0, ["stats", "--rank", "3"]);
    assert_eq!(
        (&all["held"], &all["held_bytes"], &all["estimated"]),
        (&json!(0), &json!(0), &json!(3))
    );
    // Eight seconds at 75 kbit/s.
    assert_eq!(all["bytes"], 75_000);
    assert_eq!(all["held_share"], 0.0);
    let fits = bench.json(0, ["stats", "--bytes", "30kB"]);
    assert_eq!((&fits["list"]["rank"], &fits["held"]["rank"]), (&json!(1), &json!(3)));
    let said = bench.run(["stats", "--bytes", "30kB"]).stdout;
    for words in [
        "bytes: about 28.1 kB",
        "held: 0 recordings, 0 bytes",
        "not held: 1 recording, about 28.1 kB as opus-75, by their durations",
        "counting only what is held:",
    ] {
        assert!(said.contains(words), "'{words}' is not in\n{said}");
    }
}

#[test]
fn the_top_is_a_line_a_recording() {
    let bench = counted();
    let outcome = bench.run(["stats", "--top", "2", "--json"]);
    let lines: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    let list = bench.list();
    for (line, row) in lines.iter().zip(&list) {
        for key in ["rank", "id", "title", "listens"] {
            assert_eq!(line[key], row[key], "{key}");
        }
    }
    let text = bench.run(["stats", "--top", "10000"]).stdout;
    assert_eq!(text.lines().count(), 4);
    assert!(text.lines().nth(1).unwrap().contains("Morning"), "{text}");
}

#[test]
fn questions_without_sense_are_refused() {
    let bench = Bench::archived();
    let outcome = bench.run(["stats", "--share", "50%"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("nobody has counted listens"), "{}", outcome.stderr);
    for (line, said) in [
        (["stats", "--share", "0.5"], "write it in percent, as 99.6% or 50%"),
        (["stats", "--share", "101%"], "is not a share"),
        (["stats", "--share", "1e1%"], "is not a share"),
        (["stats", "--share", "%"], "is not a share"),
        (["stats", "--rank", "0"], "is not a rank"),
        (["stats", "--bytes", "much"], "is not a size"),
        (["stats", "--top", "0"], "0 is not in 1.."),
    ] {
        let outcome = bench.run(line);
        assert_eq!(outcome.code, Some(2), "{line:?}");
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
    assert_eq!(bench.run(["stats", "--rank", "1", "--share", "5%"]).code, Some(2));
}
