//! Disks that are full or may not be written, and two who want one archive at once: a clear sentence, no
//! harm, and the same line goes on once there is room.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::sandbox::{Outcome, Sandbox};
use deadwax_testkit::tree::{differences, outline};
use made::{Bench, assert_calm, assert_refused, piece};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk in memory; gone when this is dropped.
struct Disk {
    at: PathBuf,
}

impl Disk {
    /// `None`, said aloud, where this user may not mount.
    fn mount(at: &Path, size: &str) -> Option<Disk> {
        fs::create_dir(at).unwrap();
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        match mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output() {
            Ok(output) if output.status.success() => Some(Disk { at: at.to_owned() }),
            _ => {
                eprintln!("skipped: this user may not mount a small disk");
                None
            }
        }
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        let done = Command::new("mount").args(["-o", &options]).arg(&self.at).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.at).status();
    }
}

fn six_pieces(music: &Path) {
    for seed in 0..6u64 {
        let title = format!("Piece {seed}");
        let fields = [("TITLE", title.as_str()), ("LICENSE", "CC0-1.0")];
        let name = format!("{seed}.flac");
        fs::write(music.join(name), piece(40 + seed, 4.0, &fields)).unwrap();
    }
}

#[test]
fn a_full_disk_is_told_and_with_room_the_same_line_ends_as_if_nothing_had_been() {
    let bench = Bench::new();
    six_pieces(&bench.music);
    let mount = bench.sandbox.join("small");
    let Some(disk) = Disk::mount(&mount, "16k") else { return };
    let archive = mount.join("archive");
    let run = || -> Outcome {
        let line =
            [OsStr::new("archive"), bench.music.as_os_str(), "--to".as_ref(), archive.as_ref()];
        bench.run(line)
    };
    let before = outline(&bench.music, &[]);
    for size in ["16k", "64k", "200k", "400k", "700k", "1100k"] {
        disk.resize(size);
        let outcome = run();
        assert_refused(&outcome, &["disk", "full", "same line again"]);
    }
    disk.resize("100m");
    let outcome = run();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    // The same title, which is the folder's name, and so the same edition.
    assert_eq!(bench.main_job().code, Some(0));
    let edition = |archive: &Path| {
        fs::read_to_string(archive.join("editions").join(made::DAY).join("edition.json")).unwrap()
    };
    assert_eq!(edition(&archive), edition(&bench.archive));
    let line = [OsStr::new("--archive"), archive.as_os_str(), "verify".as_ref()];
    let verified = bench.sandbox.run(Path::new(made::DEADWAX), line).unwrap();
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert_eq!(fs::read_dir(archive.join("store/tmp")).unwrap().count(), 0);
    assert_eq!(differences(&before, &outline(&bench.music, &[])), [""; 0]);
}

#[test]
fn restoring_to_a_full_disk_leaves_nothing_there() {
    let bench = Bench::archived();
    let mount = bench.sandbox.join("small");
    let Some(_disk) = Disk::mount(&mount, "16k") else { return };
    let line = [OsStr::new("restore"), "1".as_ref(), "-o".as_ref(), mount.as_os_str()];
    let outcome = bench.run(line);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("No space left") || outcome.stderr.contains("full"));
    assert_eq!(fs::read_dir(&mount).unwrap().count(), 0);
}

#[test]
fn an_archive_where_nothing_may_be_written() {
    let bench = Bench::with_three();
    let parent = bench.sandbox.join("closed");
    fs::create_dir(&parent).unwrap();
    let Some(user) = bench.unprivileged() else { return };
    fs::set_permissions(&parent, fs::Permissions::from_mode(0o555)).unwrap();
    let archive = parent.join("archive");
    let outcome = user.run([
        OsStr::new("archive"),
        bench.music.as_os_str(),
        "--to".as_ref(),
        archive.as_os_str(),
    ]);
    assert_refused(&outcome, &["closed/archive", "ermission denied"]);
    assert_eq!(fs::read_dir(&parent).unwrap().count(), 0);
    // An empty folder that is there and closed.
    let outcome = user.run([
        OsStr::new("archive"),
        bench.music.as_os_str(),
        "--to".as_ref(),
        parent.as_os_str(),
    ]);
    assert_refused(&outcome, &["closed", "ermission denied"]);
}

#[test]
fn an_archive_that_was_made_read_only_can_be_read_and_is_not_changed() {
    let bench = Bench::with_three();
    let Some(user) = bench.unprivileged() else { return };
    let made = user.run([OsStr::new("archive"), bench.music.as_os_str()]);
    assert_eq!(made.code, Some(0), "{made:?}");
    close(&bench.archive, 0o555, 0o444);
    let before = outline(&bench.archive, &[]);
    let out = bench.sandbox.join("home/out.flac");
    let lines: [Vec<&OsStr>; 6] = [
        vec!["list".as_ref()],
        vec!["verify".as_ref()],
        vec!["show".as_ref(), "1".as_ref()],
        vec!["search".as_ref(), "morning".as_ref()],
        vec!["rights".as_ref(), "explain".as_ref()],
        vec!["restore".as_ref(), "1".as_ref(), "-o".as_ref(), out.as_ref()],
    ];
    for line in lines {
        let outcome = user.run(&line);
        assert_eq!(outcome.code, Some(0), "{line:?}: {outcome:?}");
    }
    let add = user.run([OsStr::new("add"), bench.music.as_os_str()]);
    assert_refused(&add, &["ermission denied"]);
    assert_eq!(differences(&before, &outline(&bench.archive, &[])), [""; 0]);
    close(&bench.archive, 0o755, 0o644);
}

fn close(folder: &Path, folders: u32, files: u32) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            close(&path, folders, files);
        } else {
            fs::set_permissions(&path, fs::Permissions::from_mode(files)).unwrap();
        }
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(folders)).unwrap();
}

#[test]
fn whoever_comes_second_is_told_and_nothing_is_harmed() {
    let bench = Bench::archived();
    let lock = fs::File::options().write(true).open(bench.archive.join("archive.lock")).unwrap();
    lock.try_lock().unwrap();
    let writing: [&[&str]; 5] = [
        &["build"],
        &["publish"],
        &["repair"],
        &["rights", "set", "--all", "--licence", "CC0-1.0"],
        &["plan"],
    ];
    for line in writing {
        assert_refused(&bench.run(line), &["in use by another deadwax process", "wait"]);
    }
    assert_refused(&bench.main_job(), &["in use by another deadwax process"]);
    // Reading goes on beside a writer.
    for line in [["list"], ["verify"], ["stats"]] {
        assert_eq!(bench.run(line).code, Some(0));
    }
    drop(lock);
    assert_eq!(bench.run(["build"]).code, Some(0));
}

#[test]
fn two_builds_at_once_end_in_one_sound_archive() {
    let bench = Bench::new();
    six_pieces(&bench.music);
    assert_eq!(bench.run([OsStr::new("add"), bench.music.as_os_str()]).code, Some(1));
    assert_eq!(bench.run(["init"]).code, Some(0));
    assert_eq!(bench.run([OsStr::new("add"), bench.music.as_os_str()]).code, Some(0));
    let sandbox: &Sandbox = &bench.sandbox;
    let start = || sandbox.spawn(Path::new(made::DEADWAX), bench.line(["build"])).unwrap();
    let (first, second) = (start(), start());
    let ends = [first.wait().unwrap(), second.wait().unwrap()];
    assert!(ends.iter().any(|end| end.code == Some(0)), "{ends:?}");
    for end in &ends {
        assert_calm(end);
        if end.code != Some(0) {
            assert_refused(end, &["in use by another deadwax process"]);
        }
    }
    assert_eq!(bench.run(["publish"]).code, Some(0));
    let report = bench.json(0, ["verify"]);
    assert!(report["checked"].as_u64().unwrap() >= 12, "{report}");
}
