//! The JSON of every command, as docs/formats/json.md specifies it. What differs from run to run (hashes,
//! sizes, measurements, the sandbox's path, the version) is replaced by its kind.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::damage::{delete, flip_byte};
use insta::assert_snapshot;
use made::{Bench, DAY, stored, titled, write_listens};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;

/// A document as a snapshot shows it.
fn shown(bench: &Bench, document: &Value) -> String {
    let mut document = document.clone();
    redact(bench, &mut document);
    serde_json::to_string_pretty(&document).unwrap()
}

fn redact(bench: &Bench, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                let kind = match key.as_str() {
                    "bytes" | "patch_bytes" | "held_bytes" => "bytes",
                    "loudness_lufs" | "loudness_range_lu" | "sample_peak" => "measured",
                    "fingerprint" => "fingerprint",
                    "format" if field.as_str().is_some_and(|it| it.contains("kbit/s")) => "format",
                    _ => {
                        redact(bench, field);
                        continue;
                    }
                };
                if !field.is_null() && *field != 0 {
                    *field = Value::String(format!("[{kind}]"));
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(bench, item)),
        Value::String(text) => *text = plain(bench, text),
        _ => {}
    }
}

/// A text without the sandbox's path, the version and hashes.
fn plain(bench: &Bench, text: &str) -> String {
    let sandbox = bench.sandbox.path().display().to_string();
    let version = concat!("deadwax ", env!("CARGO_PKG_VERSION"));
    let text = text.replace(&sandbox, "[SANDBOX]").replace(version, "deadwax [VERSION]");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_hex) {
        let end = rest[start..].find(|c| !is_hex(c)).map_or(rest.len(), |end| start + end);
        let run = &rest[start..end];
        out.push_str(&rest[..start]);
        match run.len() {
            10.. => out.push_str(&format!("[{} hex]", run.len())),
            _ => out.push_str(run),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    // The two folders of a store's path are the first digits of the root.
    if let Some(at) = out.find("store/")
        && out[at..].get(11..).is_some_and(|rest| rest.starts_with("/[64 hex]"))
    {
        out.replace_range(at + 6..at + 11, "ab/cd");
    }
    out
}

fn is_hex(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

/// Three pieces, one of them unpopular, one cleared, and a file that is none.
fn bench() -> Bench {
    let bench = Bench::with_three();
    fs::write(bench.music.join("empty.ogg"), b"").unwrap();
    let rows = [("USRC17607831", 250_000), ("USRC17607832", 12)];
    write_listens(&bench.sandbox.join("listens.csv"), &rows);
    bench
}

fn archive(bench: &Bench) -> Value {
    let listens = bench.sandbox.join("listens.csv");
    let line =
        [OsStr::new("archive"), bench.music.as_os_str(), "--listens".as_ref(), listens.as_os_str()];
    bench.json(3, line)
}

#[test]
fn the_main_job_and_what_follows() {
    let bench = bench();
    let report = archive(&bench);
    assert_snapshot!("archive", shown(&bench, &report));
    for (place, is_folder) in [("torrent", false), ("folder", true)] {
        let path = bench.archive.join(report["packs"][0][place].as_str().unwrap());
        assert!(path.exists() && (!is_folder || path.is_dir()), "{}", path.display());
    }
    assert_snapshot!("list", shown(&bench, &Value::Array(bench.list())));
    assert_snapshot!("show", shown(&bench, &bench.json(0, ["show", "1"])));
    assert_snapshot!("search", shown(&bench, &bench.json(0, ["search", "-n", "1", "first light"])));
    assert_snapshot!("shuffle", shown(&bench, &bench.json(0, ["shuffle", "--cleared", "-n", "1"])));
    assert_snapshot!("stats", shown(&bench, &bench.json(0, ["stats"])));
    assert_snapshot!(
        "restore",
        shown(&bench, &bench.json(0, ["restore", "1", "-o", "home/a.flac"]))
    );
    assert_snapshot!("verify", shown(&bench, &bench.json(0, ["verify"])));
}

#[test]
fn step_by_step() {
    let bench = bench();
    assert_snapshot!("init", shown(&bench, &bench.json(0, ["init", "--title", "A title"])));
    let listens = bench.sandbox.join("listens.csv");
    let added = bench.json(3, [OsStr::new("add"), bench.music.as_os_str(), listens.as_os_str()]);
    assert_snapshot!("add", shown(&bench, &added));
    assert_snapshot!("list_before_a_plan", shown(&bench, &bench.list()[0]));
    assert_snapshot!("plan", shown(&bench, &bench.json(0, ["plan", "--budget", "120kB"])));
    assert_snapshot!("build", shown(&bench, &bench.json(0, ["build", "--budget", "120kB"])));
    assert_snapshot!("publish", shown(&bench, &bench.json(0, ["publish"])));
}

#[test]
fn rights() {
    let bench = bench();
    archive(&bench);
    assert_snapshot!("rights_explain", shown(&bench, &bench.json(0, ["rights", "explain"])));
    assert_snapshot!(
        "rights_explain_one",
        shown(&bench, &bench.json(0, ["rights", "explain", "1"]))
    );
    let line = ["rights", "set", "--release", "First Light", "--licence", "CC-BY-SA-4.0"];
    let more = ["--until", "2030-01-01", "--in", "DE,FR", "--ground", "a letter"];
    assert_snapshot!("rights_set", shown(&bench, &bench.json(0, [&line[..], &more].concat())));
    assert_snapshot!("rights_list", shown(&bench, &bench.json(0, ["rights", "list"])));
    assert_snapshot!("rights_remove", shown(&bench, &bench.json(0, ["rights", "remove", "1"])));
}

#[test]
fn damage() {
    let bench = bench();
    archive(&bench);
    let rows = bench.list();
    let path = |title: &str| bench.archive.join(stored(&titled(&rows, title)["root"]));
    flip_byte(&path("Evening"), 9_000).unwrap();
    delete(&path("Morning")).unwrap();
    flip_byte(&bench.archive.join(format!("editions/{DAY}/index.html")), 500).unwrap();
    fs::remove_file(bench.music.join("Evening.flac")).unwrap();
    assert_snapshot!("verify_damaged", shown(&bench, &bench.json(3, ["verify"])));
    assert_snapshot!("repair", shown(&bench, &bench.json(3, ["repair"])));
}

#[test]
fn one_document_is_one_line_and_nothing_else_is_on_stdout() {
    let bench = bench();
    archive(&bench);
    for line in [&["verify"][..], &["stats"], &["plan"], &["rights", "explain"], &["search", "x"]] {
        let outcome = bench.run([&["--json"], line].concat());
        assert_eq!(outcome.stdout.lines().count(), 1, "{line:?}");
        assert!(outcome.stdout.ends_with('\n'));
        assert_eq!(outcome.stderr, "");
    }
    // With progress, which goes to stderr.
    let mut line = bench.line(["--json", "verify"]);
    line.remove(0);
    let outcome = bench.sandbox.run(std::path::Path::new(made::DEADWAX), line).unwrap();
    assert!(outcome.stderr.starts_with("verify: "), "{outcome:?}");
    assert_eq!(outcome.stdout.lines().count(), 1);
}
