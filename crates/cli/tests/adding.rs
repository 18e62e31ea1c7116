//! What `add` takes in and what it leaves alone: names that mean something to a pattern, links into the
//! archive, artwork that changes, files that cannot be read for a while.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::png;
use made::{Bench, assert_refused, piece, titled};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// Puts a piece of this title into a folder of the music.
fn put(bench: &Bench, folder: &[u8], seed: u64, title: &str) {
    let folder = bench.music.join(OsStr::from_bytes(folder));
    fs::create_dir_all(&folder).unwrap();
    let content = piece(seed, 1.0, &[("TITLE", title), ("ARTIST", "Testers")]);
    fs::write(folder.join("a.flac"), content).unwrap();
}

fn may(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_licence_given_with_a_folder_is_of_that_folder_alone() {
    let bench = Bench::new();
    let folders: [&[u8]; 8] =
        [b"Who?", b"Whom", b"Who?/in", b"All *", b"All of it", br"A\*", br"A\b", b"Who?!"];
    for (seed, folder) in folders.iter().enumerate() {
        put(&bench, folder, seed as u64, &String::from_utf8_lossy(folder));
    }
    assert_eq!(bench.main_job().code, Some(0));
    for folder in ["Who?", "All *", r"A\*"] {
        let folder = bench.music.join(folder);
        let line = [OsStr::new("add"), folder.as_os_str(), "--rights".as_ref(), "CC0-1.0".as_ref()];
        bench.json(0, line);
    }
    let file = bench.music.join("Who?!/a.flac");
    bench.json(0, [OsStr::new("add"), file.as_os_str(), "--rights".as_ref(), "CC-BY-4.0".as_ref()]);
    let mut cleared: Vec<Value> = bench
        .list()
        .into_iter()
        .filter(|row| row["cleared"] == true)
        .map(|row| json!([row["title"], row["licence"]]))
        .collect();
    cleared.sort_by_key(Value::to_string);
    let wanted = json!([
        ["A\\*", "CC0-1.0"],
        ["All *", "CC0-1.0"],
        ["Who?!", "CC-BY-4.0"],
        ["Who?", "CC0-1.0"],
        ["Who?/in", "CC0-1.0"]
    ]);
    assert_eq!(Value::Array(cleared), wanted);
}

#[test]
fn a_licence_is_not_given_to_a_name_that_is_no_text() {
    let bench = Bench::new();
    let names: [&[u8]; 3] = [b"caf\xE9", b"caf\xE8", "caf\u{FFFD}".as_bytes()];
    for (seed, name) in names.iter().enumerate() {
        put(&bench, name, seed as u64, "Coffee");
    }
    assert_eq!(bench.run(["init"]).code, Some(0));
    for command in ["add", "archive"] {
        for name in names {
            let folder = bench.music.join(OsStr::from_bytes(name));
            let line = [OsStr::new(command), folder.as_os_str(), "--rights".as_ref()];
            let outcome = bench.run(line.into_iter().chain([OsStr::new("CC0-1.0")]));
            assert_refused(&outcome, &["not text in UTF-8", "without --rights", "rights set"]);
        }
    }
    assert_eq!(bench.list().len(), 0);
    assert_eq!(bench.json(0, ["rights", "list"]), json!([]));
    // The folder around them can be named, and stands for all.
    let line = [OsStr::new("archive"), bench.music.as_os_str(), "--rights".as_ref()];
    let report = bench.json(0, line.into_iter().chain([OsStr::new("CC0-1.0")]));
    assert_eq!(report["cleared"], 3);
}

#[test]
fn a_link_into_the_archive_is_told_and_takes_nothing_in() {
    let bench = Bench::archived();
    let rows = bench.list();
    for (link, target) in [("old", "editions"), ("all", ""), ("kept.flac", "catalog.sqlite")] {
        symlink(bench.archive.join(target), bench.music.join(link)).unwrap();
    }
    for _ in 0..2 {
        let report = bench.main_job_json(3);
        assert_eq!(report["recordings"], 3);
        let told: Vec<&Value> =
            report["problems"].as_array().unwrap().iter().map(|it| &it["path"]).collect();
        let links = ["all", "kept.flac", "old"].map(|it| json!(bench.music.join(it)));
        assert_eq!(told, links.iter().collect::<Vec<_>>(), "{report}");
        assert!(report["problems"][0]["what"].as_str().unwrap().contains("leads into the archive"));
        assert_eq!(bench.list(), rows);
    }
}

/// The root of a title's holding.
fn root_of(bench: &Bench, title: &str) -> Value {
    titled(&bench.list(), title)["root"].clone()
}

#[test]
fn a_replaced_cover_takes_the_place_of_the_first() {
    let (bench, fresh) = (Bench::with_three(), Bench::with_three());
    let cover = |bench: &Bench| bench.music.join("First Light/cover.png");
    fs::write(cover(&bench), png::cover(1, 60)).unwrap();
    assert_eq!(bench.main_job().code, Some(0));
    let first = root_of(&bench, "Noon");
    fs::write(cover(&bench), png::cover(2, 61)).unwrap();
    fs::write(cover(&fresh), png::cover(2, 61)).unwrap();
    for bench in [&bench, &fresh] {
        assert_eq!(bench.main_job().code, Some(0));
    }
    let second = root_of(&bench, "Noon");
    assert_eq!(second, root_of(&fresh, "Noon"), "as if the first had never been there");
    assert_ne!(second, first);
    // A file by itself says nothing about its folder.
    let noon = bench.music.join("First Light/02 Noon.flac");
    bench.json(0, [OsStr::new("add"), noon.as_os_str()]);
    assert_eq!(bench.json(0, ["build"])["made"], 0);
    fs::remove_file(cover(&bench)).unwrap();
    assert_eq!(bench.main_job().code, Some(0));
    let plain = Bench::archived();
    assert_eq!(root_of(&bench, "Noon"), root_of(&plain, "Noon"));
}

/// A FLAC with this front cover in itself: a PICTURE block (RFC 9639, 8.8) behind STREAMINFO.
fn with_picture(flac: &[u8], png: &[u8]) -> Vec<u8> {
    let mut block = 3u32.to_be_bytes().to_vec();
    block.extend(9u32.to_be_bytes());
    block.extend(b"image/png");
    block.extend([0; 20]);
    block.extend((png.len() as u32).to_be_bytes());
    block.extend(png);
    let mut out = flac[..42].to_vec();
    out.push(6);
    out.extend(&(block.len() as u32).to_be_bytes()[1..]);
    out.extend(block);
    out.extend(&flac[42..]);
    out
}

#[test]
fn a_cover_that_another_file_has_in_itself_is_embedded_all_the_same() {
    let (bench, fresh) = (Bench::new(), Bench::new());
    let cover = png::cover(7, 60);
    for bench in [&bench, &fresh] {
        for folder in ["a", "b"] {
            fs::create_dir(bench.music.join(folder)).unwrap();
        }
        let first = with_picture(&piece(1, 1.0, &[("TITLE", "First")]), &cover);
        fs::write(bench.music.join("a/a.flac"), first).unwrap();
        fs::write(bench.music.join("b/cover.png"), &cover).unwrap();
    }
    // Known from now on by its root, which the first file's own picture has too.
    assert_eq!(bench.main_job().code, Some(0));
    for bench in [&bench, &fresh] {
        put(bench, b"b", 2, "Second");
        assert_eq!(bench.main_job().code, Some(0));
    }
    for title in ["First", "Second"] {
        assert_eq!(root_of(&bench, title), root_of(&fresh, title), "{title}");
    }
    let with = titled(&bench.list(), "Second")["bytes"].as_u64().unwrap();
    let source = fs::metadata(bench.music.join("b/a.flac")).unwrap().len();
    assert!(with > source + cover.len() as u64 / 2, "{with} {source}");
}

#[test]
fn what_could_not_be_read_is_read_as_soon_as_it_can_be() {
    let bench = Bench::with_three();
    let cover = bench.music.join("First Light/cover.png");
    fs::write(&cover, png::cover(1, 60)).unwrap();
    let evening = bench.music.join("Evening.flac");
    let Some(user) = bench.unprivileged() else { return };
    may(&evening, 0);
    let line = [OsStr::new("archive"), bench.music.as_os_str()];
    let report = user.json(3, line);
    assert_eq!(
        (&report["recordings"], &report["problems"][0]["path"]),
        (&json!(2), &json!(evening))
    );
    // Neither length nor time of modification shows it.
    may(&evening, 0o644);
    assert_eq!(user.json(0, line)["recordings"], 3);
    // A new cover that cannot be read yet: holdings keep the one that is known.
    let noon = root_of(&bench, "Noon");
    fs::write(&cover, png::cover(2, 61)).unwrap();
    may(&cover, 0);
    let report = user.json(3, line);
    assert_eq!(report["problems"][0]["path"], json!(cover));
    assert_eq!(root_of(&bench, "Noon"), noon);
    may(&cover, 0o644);
    user.json(0, line);
    assert_ne!(root_of(&bench, "Noon"), noon);
}
