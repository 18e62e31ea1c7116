//! What of the archive is in files and torrents of strangers, held against torrents that libtorrent makes and audio that
//! ffmpeg encodes anew.

mod made;

use deadwax_archive::{Archive, Certainty, TraceReport, Traced};
use deadwax_model::Root;
use deadwax_testkit::music::Piece;
use deadwax_testkit::{flac, oracle};
use made::{Made, made, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Three pieces that are long enough to be told by ear, published; and a folder for what travels.
fn published() -> (Made, PathBuf) {
    let made = made(3, 14.0);
    assert_eq!(made.archive(None).problems, []);
    let found = made.music.with_extension("found");
    fs::create_dir(&found).unwrap();
    (made, found)
}

fn trace(archive: &Archive, path: &Path) -> TraceReport {
    archive.trace(&run(), &[path.to_path_buf()]).unwrap()
}

fn stored(archive: &Archive, root: &Root) -> PathBuf {
    let name = root.to_string();
    archive.folder().join("store").join(&name[..2]).join(&name[2..4]).join(name)
}

/// The one recording that was found, by its ISRC, and how.
fn only(traced: &Traced) -> (Certainty, &'static str, String) {
    assert_eq!(traced.found.len(), 1, "{traced:?}");
    let found = &traced.found[0];
    let isrc = found.recording.as_ref().unwrap().isrcs[0].to_string().replace('-', "");
    (found.certainty, found.kind, isrc)
}

fn named<'r>(report: &'r TraceReport, end: &str) -> &'r Traced {
    let is_it = |it: &&Traced| it.inside.as_ref().unwrap_or(&it.path).ends_with(end);
    report.traced.iter().find(is_it).unwrap_or_else(|| panic!("no {end} in {report:?}"))
}

#[test]
fn files_are_found_by_their_bytes_whatever_they_are_called() {
    let (made, found) = published();
    let archive = &made.archive;
    let holding = archive.one("QZDWX2600001").unwrap().current().unwrap().clone();
    fs::create_dir(found.join("inside")).unwrap();
    fs::copy(stored(archive, &holding.hashes.root), found.join("inside/a.bin")).unwrap();
    fs::copy(stored(archive, &holding.patch.unwrap().0), found.join("b")).unwrap();
    fs::copy(made.music.join("2.flac"), found.join("c.mp3")).unwrap();
    fs::write(found.join("letter.txt"), "nothing of the kind").unwrap();
    fs::write(found.join("empty"), "").unwrap();
    let report = trace(archive, &found);
    assert_eq!((report.traced.len(), report.recordings, report.problems.len()), (5, 2, 0));
    let ours = named(&report, "a.bin");
    assert_eq!(only(ours), (Certainty::Root, "holding", "QZDWX2600001".into()));
    assert_eq!(ours.root, Some(holding.hashes.root));
    let place = &ours.found[0].out[0];
    assert_eq!((place.edition.as_str(), place.root), ("editions/2026-01-01", holding.hashes.root));
    let published = archive.folder().join(&place.edition).join("packs").join(&place.pack);
    assert!(published.join(&place.path).is_file());
    assert_eq!(only(named(&report, "/b")), (Certainty::Root, "patch", "QZDWX2600001".into()));
    let original = named(&report, "c.mp3");
    assert_eq!(only(original), (Certainty::Root, "original", "QZDWX2600002".into()));
    assert_eq!(original.found[0].out.len(), 1, "its holding is out");
    for other in ["letter.txt", "empty"] {
        assert_eq!(named(&report, other).found, []);
        assert_eq!(named(&report, other).untold, None);
    }
    let gone = trace(archive, &found.join("not there"));
    assert!(gone.problems[0].what.contains("was not looked at"), "{:?}", gone.problems);
}

#[test]
fn what_was_published_and_is_held_no_more_is_found_in_its_edition() {
    let (made, found) = published();
    let archive = &made.archive;
    let old = archive.one("QZDWX2600000").unwrap().current().unwrap().hashes.root;
    fs::copy(stored(archive, &old), found.join("old")).unwrap();
    let db = archive.folder().join("catalog.sqlite");
    let target = deadwax_rights::TakedownTarget::Files([old].into());
    let order = deadwax_archive::TakedownOrder {
        target,
        reason: deadwax_rights::TakedownReason::Other,
        scope: deadwax_rights::TakedownScope::Keep,
        notice: "N-1".into(),
        note: None,
        remove_copies: true,
    };
    assert_eq!(archive.take_down(&run(), &order, &[]).unwrap().problems, []);
    assert!(db.is_file() && archive.one("QZDWX2600000").unwrap().holdings.is_empty());
    let report = trace(archive, &found);
    assert_eq!(only(&report.traced[0]), (Certainty::Root, "holding", "QZDWX2600000".into()));
}

#[test]
fn the_archives_own_torrents_are_read_too() {
    let (made, _) = published();
    let edition = made.archive.newest_edition().unwrap();
    let torrent = edition.folder().join(&edition.summary().packs[0].torrent);
    let report = trace(&made.archive, &torrent);
    assert_eq!((report.traced.len(), report.recordings), (3, 3));
    assert!(report.traced.iter().all(|it| only(it).0 == Certainty::Root && it.inside.is_some()));
}

/// A torrent as libtorrent makes it of a folder.
fn torrent(python: &Path, of: &Path, piece_bytes: u32, kind: &str) -> PathBuf {
    let script = "import sys, os, libtorrent as lt\n\
        path, piece, kind, out = sys.argv[1:5]\n\
        files = lt.file_storage()\n\
        lt.add_files(files, path)\n\
        # create_torrent's flags v1_only and v2_only\n\
        torrent = lt.create_torrent(files, int(piece), {'v1': 64, 'v2': 32}[kind])\n\
        lt.set_piece_hashes(torrent, os.path.dirname(path))\n\
        open(out, 'wb').write(lt.bencode(torrent.generate()))\n";
    let out = of.with_extension(format!("{kind}.{piece_bytes}.torrent"));
    let done = Command::new(python)
        .args(["-W", "ignore", "-c", script])
        .args([of.as_os_str(), piece_bytes.to_string().as_ref(), kind.as_ref(), out.as_os_str()])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

#[test]
fn torrents_of_other_programs_are_told_by_roots_and_by_pieces() {
    let Some(python) = oracle::need_python("libtorrent") else { return };
    let (made, found) = published();
    let archive = &made.archive;
    let holding = archive.one("QZDWX2600001").unwrap().current().unwrap().clone();
    // Something before it, so that it starts within a piece, and something of its length that is not it.
    fs::write(found.join("a first"), vec![1; 12_345]).unwrap();
    fs::copy(stored(archive, &holding.hashes.root), found.join("b ours")).unwrap();
    fs::copy(made.music.join("2.flac"), found.join("c original")).unwrap();
    let bytes = holding.hashes.bytes as usize;
    fs::write(found.join("d other"), vec![7; bytes]).unwrap();
    for (kind, piece_bytes, certainty) in [
        ("v2", 16 << 10, Certainty::Root),
        ("v1", 16 << 10, Certainty::Pieces),
        ("v1", 64 << 10, Certainty::Pieces),
    ] {
        let report = trace(archive, &torrent(&python, &found, piece_bytes, kind));
        assert_eq!(report.problems, []);
        assert_eq!((report.traced.len(), report.recordings), (4, 2), "{kind} {piece_bytes}");
        let ours = only(named(&report, "b ours"));
        assert_eq!(ours, (certainty, "holding", "QZDWX2600001".into()), "{kind} {piece_bytes}");
        let original = only(named(&report, "c original"));
        assert_eq!(
            original,
            (certainty, "original", "QZDWX2600002".into()),
            "{kind} {piece_bytes}"
        );
        for other in ["a first", "d other"] {
            let traced = named(&report, other);
            assert_eq!((traced.found.len(), &traced.untold), (0, &None), "{kind} {piece_bytes}");
        }
    }
    // Pieces longer than the files: none lies within one, and that is said.
    let report = trace(archive, &torrent(&python, &found, 8 << 20, "v1"));
    let ours = named(&report, "b ours");
    assert_eq!(ours.found, []);
    assert!(ours.untold.as_ref().unwrap().contains("cannot be told"), "{ours:?}");
    assert_eq!(named(&report, "a first").untold, None);
    // What was made of the original is gone with it, and nobody can compare any more.
    let torrent = torrent(&python, &found, 16 << 10, "v1");
    fs::remove_file(stored(archive, &holding.hashes.root)).unwrap();
    assert!(named(&trace(archive, &torrent), "b ours").untold.is_some());
}

#[test]
fn one_mebibyte_pieces_are_compared_without_our_bytes() {
    let Some(python) = oracle::need_python("libtorrent") else { return };
    let (made, found) = published();
    let archive = &made.archive;
    let samples = Piece { seed: 90, seconds: 40.0 }.compose_i16();
    let noisy: Vec<i16> =
        samples.iter().enumerate().map(|(i, s)| s ^ (i as i16).wrapping_mul(31)).collect();
    let file = flac::encode(&noisy, &[("TITLE", "Long"), ("ISRC", "QZDWX2600090")], 512).unwrap();
    assert!(file.len() > 2 << 20, "{} bytes", file.len());
    fs::write(made.music.join("long.flac"), &file).unwrap();
    made.archive(None);
    fs::write(found.join("long"), &file).unwrap();
    let torrent = torrent(&python, &found, 1 << 20, "v1");
    let root = archive.one("QZDWX2600090").unwrap().current().unwrap().hashes.root;
    fs::remove_file(stored(archive, &root)).unwrap();
    fs::remove_dir_all(&made.music).unwrap();
    let report = trace(archive, &torrent);
    assert_eq!(only(&report.traced[0]), (Certainty::Pieces, "original", "QZDWX2600090".into()));
}

#[test]
fn what_was_encoded_anew_is_told_by_ear() {
    let Some(ffmpeg) = oracle::need("ffmpeg") else { return };
    let (made, found) = published();
    let archive = &made.archive;
    let encode = |from: &str, to: &str, more: &[&str]| {
        let done = Command::new(&ffmpeg)
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(made.music.join(from))
            .args(more)
            .arg(found.join(to))
            .status();
        assert!(done.unwrap().success());
    };
    encode("0.flac", "whole.mp3", &["-b:a", "128k"]);
    encode("1.flac", "cut.opus", &["-t", "9", "-b:a", "96k"]);
    let stranger = Piece { seed: 4711, seconds: 14.0 }.compose_i16();
    fs::write(found.join("stranger.flac"), flac::encode(&stranger, &[], 512).unwrap()).unwrap();
    fs::write(found.join("damaged.flac"), b"fLaC and then nothing of it").unwrap();
    let report = trace(archive, &found);
    assert_eq!((report.recordings, report.problems.len()), (2, 0));
    let whole = named(&report, "whole.mp3");
    assert_eq!(only(whole), (Certainty::Fingerprint, "original", "QZDWX2600000".into()));
    assert!(whole.found[0].score.unwrap() > 0.75);
    assert_eq!((whole.found[0].same_length, whole.found[0].out.len()), (Some(true), 1));
    let cut = named(&report, "cut.opus");
    assert_eq!(only(cut).2, "QZDWX2600001");
    assert_eq!(cut.found[0].same_length, Some(false));
    assert_eq!(named(&report, "stranger.flac").found, []);
}

#[test]
fn hostile_torrents_are_problems_and_stop_nothing() {
    let (made, found) = published();
    let deep = [b"d4:info".as_slice(), &b"d1:a".repeat(100_000)].concat();
    fs::write(found.join("deep.torrent"), deep).unwrap();
    fs::write(found.join("none.torrent"), "no torrent").unwrap();
    fs::write(found.join("dear letter"), "dear Ann, this starts like a torrent").unwrap();
    fs::copy(made.music.join("0.flac"), found.join("z")).unwrap();
    let report = trace(&made.archive, &found);
    assert_eq!((report.problems.len(), report.traced.len(), report.recordings), (2, 2, 1));
    assert!(report.problems.iter().all(|it| it.path.ends_with(".torrent")), "{report:?}");
    assert!(report.problems[0].what.contains("nested too deep"), "{:?}", report.problems);
}
