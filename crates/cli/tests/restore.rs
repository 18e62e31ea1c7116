//! `restore` writes one new file, and nothing of anybody's else.

#[path = "support/made.rs"]
mod made;

use made::{Bench, assert_refused, titled};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn no_link_is_written_through_or_replaced() {
    let bench = Bench::archived();
    let rows = bench.list();
    let row = titled(&rows, "Evening");
    let (id, source) = (row["id"].as_str().unwrap(), Path::new(row["source"].as_str().unwrap()));
    let folder = bench.sandbox.join("out");
    fs::create_dir(&folder).unwrap();
    let out = folder.join("evening.flac");
    let restore = || bench.run(["restore", id, "-o", out.to_str().unwrap()]);

    // A link that leads nowhere has the name.
    symlink("nowhere", &out).unwrap();
    assert_refused(&restore(), &["evening.flac exists already", "name another file"]);
    assert_eq!(fs::read_link(&out).unwrap(), Path::new("nowhere"));
    assert!(!folder.join("nowhere").exists());
    fs::remove_file(&out).unwrap();

    // A link that somebody laid under the draft's name.
    let mine = bench.sandbox.join("mine");
    fs::write(&mine, "mine").unwrap();
    let draft = folder.join(format!(".deadwax-restore-{}", &id[..12]));
    symlink(&mine, &draft).unwrap();
    assert_refused(&restore(), &["exists already", "another folder"]);
    assert_eq!(fs::read(&mine).unwrap(), b"mine");
    assert!(fs::symlink_metadata(&draft).unwrap().is_symlink());
    fs::remove_file(&draft).unwrap();

    // What a killed restore left is cleared away.
    fs::write(&draft, "half").unwrap();
    assert_eq!(restore().code, Some(0));
    assert!(fs::read(&out).unwrap() == fs::read(source).unwrap());
    let left: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["evening.flac"]);
}
