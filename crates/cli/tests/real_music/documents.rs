//! The JSON that other programs rely on.

use crate::real::{FILES, real};
use serde_json::Value;
use std::path::Path;

#[test]
fn archive_ends_with_the_document_of_the_format() {
    let Some(real) = real() else { return };
    let report = &real.report;
    let wanted = [
        "archive",
        "edition",
        "recordings",
        "releases",
        "holdings",
        "restorable",
        "patch_bytes",
        "cleared",
        "held_back",
        "packs",
        "artwork",
        "trust",
        "problems",
    ];
    assert_eq!(keys(report), wanted);
    assert_eq!(keys(&report["holdings"]), ["keep", "opus-75"]);
    assert_eq!(keys(&report["holdings"]["keep"]), ["count", "bytes"]);
    let wanted = ["name", "torrent", "folder", "files", "bytes", "infohash_v1", "infohash_v2"];
    assert_eq!(keys(&report["packs"][0]), wanted);

    assert_eq!(report["archive"], real.bench.archive.to_str().unwrap());
    assert_eq!(report["edition"], format!("editions/{}", crate::made::DAY));
    assert_eq!((&report["recordings"], &report["releases"]), (&FILES.into(), &1.into()));
    assert_eq!(report["holdings"]["keep"]["count"], FILES);
    assert_eq!(report["holdings"]["opus-75"], serde_json::json!({"count": 0, "bytes": 0}));
    assert_eq!((&report["cleared"], &report["held_back"]), (&32.into(), &9.into()));
    assert_eq!(report["problems"], serde_json::json!([]));
    let sum: u64 = real.list.iter().map(|row| row["bytes"].as_u64().unwrap()).sum();
    assert_eq!(report["holdings"]["keep"]["bytes"], sum);
    let packs = report["packs"].as_array().unwrap();
    assert_eq!(packs.iter().map(|pack| pack["files"].as_u64().unwrap()).sum::<u64>(), 32);
    for pack in packs {
        for path in [&pack["torrent"], &pack["folder"]] {
            assert!(real.bench.archive.join(path.as_str().unwrap()).exists(), "{pack}");
        }
    }
}

#[test]
fn list_prints_a_line_a_recording_in_rank_order() {
    let Some(real) = real() else { return };
    let wanted = [
        "rank",
        "id",
        "title",
        "artists",
        "release",
        "isrc",
        "duration_ms",
        "listens",
        "popularity",
        "tier",
        "status",
        "root",
        "original_root",
        "source",
        "bytes",
        "cleared",
        "licence",
    ];
    let music = real.bench.music.canonicalize().unwrap();
    let mut sources = std::collections::BTreeSet::new();
    for (row, rank) in real.list.iter().zip(1..) {
        let has = keys(row);
        assert!(wanted.iter().all(|key| has.contains(key)), "{row}");
        assert_eq!(row["rank"], rank, "{row}");
        assert_eq!((&row["tier"], &row["status"]), (&"keep".into(), &"held".into()), "{row}");
        // Nobody counted; that is unknown and not none.
        assert!(row["listens"].is_null() && row["popularity"].is_null(), "{row}");
        let source = Path::new(row["source"].as_str().unwrap());
        assert!(source.is_absolute() && source.is_file(), "{row}");
        assert_eq!(source.parent(), Some(music.as_path()), "{row}");
        assert!(sources.insert(source), "twice in the list: {row}");
        let held = std::fs::metadata(real.holding(row)).unwrap().len();
        assert_eq!(row["bytes"], held, "{row}");
    }
    assert_eq!(sources.len(), FILES);
    let by_rank = real.bench.json(0, ["show", "7"]);
    assert_eq!(by_rank[0]["id"], real.list[6]["id"]);
}

#[test]
fn verify_has_read_everything_and_finds_nothing() {
    let Some(real) = real() else { return };
    let report = real.bench.json(0, ["verify"]);
    assert_eq!(
        keys(&report),
        ["checked", "bytes", "skipped", "oldest", "not_noted", "damaged", "missing"]
    );
    assert_eq!((&report["skipped"], &report["oldest"]), (&0.into(), &crate::made::DAY.into()));
    assert_eq!(report["damaged"], serde_json::json!([]));
    assert_eq!(report["missing"], serde_json::json!([]));
    let holdings = real.report["holdings"]["keep"]["bytes"].as_u64().unwrap();
    assert!(report["bytes"].as_u64().unwrap() > holdings, "{report}");
    // 41 holdings, their patches, and files of the edition.
    assert!(report["checked"].as_u64().unwrap() > 2 * FILES as u64, "{report}");
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("not an object: {value}"))
        .keys()
        .map(String::as_str)
        .collect()
}
