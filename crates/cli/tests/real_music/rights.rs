//! What may leave: what the files' own tags say, and then what the operator says.

use crate::made::{Bench, DEADWAX};
use crate::real::real;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[test]
fn cleared_is_what_a_licence_tag_says() {
    let Some(real) = real() else { return };
    for row in &real.list {
        let source = fs::read(row["source"].as_str().unwrap()).unwrap();
        let head = source[..source.len().min(8192)].to_ascii_lowercase();
        let says_gpl = head.windows(11).any(|text| text == b"license=gpl");
        assert_eq!(row["cleared"], says_gpl, "{row}");
        assert_eq!(!row["licence"].is_null(), says_gpl, "{row}");
    }
    assert_eq!(real.list.iter().filter(|row| row["cleared"] == true).count(), 32);
}

#[test]
fn only_the_cleared_are_in_the_packs() {
    let Some(real) = real() else { return };
    let packed = packed_inodes(&real.bench, &real.report["packs"]);
    for row in &real.list {
        let inode = fs::metadata(real.holding(row)).unwrap().ino();
        assert_eq!(row["cleared"], packed.contains(&inode), "{row}");
    }
    assert_eq!(packed.len(), 32);
}

#[test]
fn explain_gives_a_line_for_each_of_the_nine_and_that_line_settles_it() {
    let Some(real) = real() else { return };
    let bench = real.copy();
    let explained = bench.json(0, ["rights", "explain"]);
    let explained = explained.as_array().unwrap();
    let held_back: Vec<_> = real.list.iter().filter(|row| row["cleared"] == false).collect();
    assert_eq!(explained.len(), 9);
    for (row, explanation) in held_back.iter().zip(explained) {
        assert_eq!(row["id"], explanation["id"]);
        assert_eq!(explanation["cleared"], false);
        let (why, settle) = (text(explanation, "why"), text(explanation, "settle"));
        assert!(why.contains("licence"), "{why}");
        assert!(settle.starts_with("deadwax --archive "), "{settle}");
        assert!(settle.contains(" rights set --recording "), "{settle}");
        assert!(settle.contains(row["id"].as_str().unwrap()), "{settle}");
        assert!(settle.contains("--licence LICENCE"), "{settle}");
    }
    // The first of them by its line, as a person would type it.
    let id = text(&explained[0], "id");
    let line = text(&explained[0], "settle").replace("LICENCE", "CC-BY-SA-4.0");
    let said = bench
        .sandbox
        .command(Path::new("/bin/sh"))
        .args(["-c", &line])
        .env("PATH", Path::new(DEADWAX).parent().unwrap())
        .output()
        .unwrap();
    assert!(said.status.success(), "{line}: {said:?}");

    let published = bench.json(0, ["publish"]);
    assert_eq!(published["is_new"], true);
    assert_ne!(published["edition"], real.report["edition"]);
    let summary = &published["summary"];
    assert_eq!((&summary["cleared"], &summary["held_back"]), (&33.into(), &8.into()));
    let rows = bench.list();
    let row = rows.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!((&row["cleared"], &row["licence"]), (&true.into(), &"CC-BY-SA-4.0".into()));
    let edition = text(&published, "edition");
    let mut packs = summary["packs"].clone();
    for pack in packs.as_array_mut().unwrap() {
        pack["folder"] = format!("{edition}/{}", text(pack, "folder")).into();
    }
    let inode = fs::metadata(bench.archive.join(crate::made::stored(&row["root"]))).unwrap().ino();
    assert!(packed_inodes(&bench, &packs).contains(&inode), "{packs}");
    let left = bench.json(0, ["rights", "explain"]);
    assert_eq!(left.as_array().unwrap().len(), 8);
    assert!(bench.json(0, ["verify"])["damaged"].as_array().unwrap().is_empty());
}

/// Pack files are hard links of holdings, so an inode tells which.
fn packed_inodes(bench: &Bench, packs: &Value) -> Vec<u64> {
    let folder = |pack: &Value| bench.archive.join(text(pack, "folder"));
    let mut folders: Vec<PathBuf> = packs.as_array().unwrap().iter().map(folder).collect();
    let mut inodes = Vec::new();
    while let Some(path) = folders.pop() {
        let metadata = fs::metadata(&path).unwrap();
        match metadata.is_dir() {
            true => folders.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path())),
            false => inodes.push(metadata.ino()),
        }
    }
    inodes
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no text '{key}' in {value}"))
}
