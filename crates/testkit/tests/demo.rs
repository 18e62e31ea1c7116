//! The demo's collection, as other programs see it.

use deadwax_testkit::{demo, oracle, tree};
use std::fs;
use std::process::Command;

#[test]
fn twice_gives_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let made = demo::compose(one.path(), 2.0).unwrap();
    demo::compose(two.path(), 2.0).unwrap();
    let contents = tree::contents(one.path());
    assert_eq!(tree::differences(&contents, &tree::contents(two.path())), Vec::<String>::new());
    demo::compose(one.path(), 2.0).unwrap();
    assert_eq!(tree::contents(one.path()), contents);
    assert_eq!(made.recordings, 12);
    let ending = |end: &str| {
        contents.keys().filter(|path| path.extension().is_some_and(|e| e == end)).count()
    };
    assert_eq!((ending("flac"), ending("wav"), ending("png"), ending("csv")), (11, 1, 1, 1));
}

#[test]
fn listens_name_what_the_files_name() {
    let dir = tempfile::tempdir().unwrap();
    let made = demo::compose(dir.path(), 1.0).unwrap();
    let table = fs::read_to_string(made.listens).unwrap();
    let rows: Vec<(&str, u64)> = (table.lines().skip(1))
        .map(|line| {
            line.split_once(',').map(|(isrc, count)| (isrc, count.parse().unwrap())).unwrap()
        })
        .collect();
    assert_eq!(rows.len(), 11);
    assert!(rows.iter().all(|(isrc, _)| isrc.len() == 12 && isrc.starts_with("QZDWX26000")));
    assert_eq!(rows.iter().filter(|(_, count)| *count < 1_000).count(), 2);
}

#[test]
fn ffmpeg_decodes_what_was_composed() {
    let (Some(ffmpeg), Some(flac)) = (oracle::need("ffmpeg"), oracle::need("flac")) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let made = demo::compose(dir.path(), 1.5).unwrap();
    let mut sums = std::collections::BTreeSet::new();
    for path in tree::contents(&made.music).into_keys() {
        let file = made.music.join(path);
        let Some(end @ ("flac" | "wav" | "png")) = file.extension().and_then(|e| e.to_str()) else {
            continue;
        };
        if end == "png" {
            // ffmpeg checks the picture's checksums when told to.
            let run = Command::new(&ffmpeg)
                .args(["-nostdin", "-v", "error", "-xerror", "-err_detect", "crccheck", "-i"])
                .arg(&file)
                .args(["-f", "null", "-"])
                .output()
                .unwrap();
            assert!(run.status.success() && run.stderr.is_empty(), "{run:?}");
            continue;
        }
        assert!(sums.insert(oracle::decoded_md5(&ffmpeg, &file).unwrap()), "{}", file.display());
        if end == "flac" {
            let run = Command::new(&flac).args(["-t", "-s", "-w"]).arg(&file).output().unwrap();
            assert!(run.status.success(), "{run:?}");
        }
    }
    assert_eq!(sums.len(), 12);
}

#[test]
fn the_samples_are_those_that_were_composed() {
    let Some(ffmpeg) = oracle::need("ffmpeg") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let samples = deadwax_testkit::music::Piece { seed: 5, seconds: 1.3 }.compose_i16();
    let flac = deadwax_testkit::flac::encode(&samples, &[("TITLE", "T")], 0).unwrap();
    let (a, b) = (dir.path().join("a.flac"), dir.path().join("b.wav"));
    fs::write(&a, flac).unwrap();
    fs::write(&b, deadwax_testkit::wav::encode(&samples, &[])).unwrap();
    let decoded = oracle::decoded_md5(&ffmpeg, &a).unwrap();
    assert_eq!(decoded, oracle::decoded_md5(&ffmpeg, &b).unwrap());
}
