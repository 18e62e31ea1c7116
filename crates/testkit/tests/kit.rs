//! Damage, hostile input, the sandbox and the tree.

use deadwax_testkit::hostile::{self, Expect};
use deadwax_testkit::sandbox::Sandbox;
use deadwax_testkit::{damage, oracle, tree};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn damage_goes_through_read_only_and_leaves_no_other_trace() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("holding");
    fs::write(&file, b"abcdef").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let outline = tree::outline(dir.path(), &[]);
    damage::flip_byte(&file, 2).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"abbdef");
    assert_eq!(tree::outline(dir.path(), &[]), outline);
    damage::truncate(&file, 3).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"abb");
    assert!(damage::flip_byte(&file, 3).unwrap_err().to_string().contains("past the end"));
    assert!(damage::truncate(&file, 3).is_err());
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    damage::delete(&file).unwrap();
    assert!(!file.exists());
}

#[test]
fn the_tree_tells_every_difference() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("sub/a"), "").unwrap();
    fs::write(at("b"), "b").unwrap();
    let before = tree::contents(dir.path());
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(before[Path::new("sub/a")], empty);
    fs::write(at("sub/a"), "x").unwrap();
    fs::remove_file(at("b")).unwrap();
    std::os::unix::fs::symlink("sub", at("c")).unwrap();
    let told = tree::differences(&before, &tree::contents(dir.path()));
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "b is gone");
    assert!(told[1].starts_with("sub/a was e3b0"));
    assert_eq!(told[2], "c is new");
    let (sub, whole) = (at("sub"), tree::outline(dir.path(), &[]));
    assert_eq!(whole.len(), 3);
    assert_eq!(tree::outline(dir.path(), &[&sub]).len(), 1);
}

#[test]
fn hostile_is_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let made = hostile::make(dir.path()).unwrap();
    hostile::make(dir.path()).unwrap();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(made.len(), 15);
    let find = |name: &str| made.iter().find(|made| made.path.ends_with(name)).unwrap();
    assert_eq!(fs::metadata(&find("zero.ogg").path).unwrap().len(), 0);
    assert_eq!(fs::metadata(&find("sparse.wav").path).unwrap().len(), 1 << 30);
    assert!(fs::metadata(&find("itself.flac").path).is_err());
    assert!(find("around").path.join("around/good.flac").exists());
    assert!(made.iter().any(|made| made.path.file_name().unwrap().len() == 250));
    let readable = fs::File::open(&find("secret.flac").path).is_ok();
    assert_eq!(find("secret.flac").expect == Expect::Archived, readable);

    let Some(ffmpeg) = oracle::need("ffmpeg") else {
        return;
    };
    let mut sums = std::collections::BTreeSet::new();
    for one in made.iter().filter(|one| one.expect == Expect::Archived) {
        assert!(sums.insert(oracle::decoded_md5(&ffmpeg, &one.path).unwrap()), "{}", one.what);
    }
}

#[test]
fn the_sandbox_shuts_the_world_out() {
    let sandbox = Sandbox::new().unwrap();
    let shell = Path::new("/bin/sh");
    let script = "echo \"$HOME|$PATH_WAS|$USER\"; pwd; echo oops >&2; exit 3";
    let outcome = sandbox.run(shell, ["-c", script]).unwrap();
    let here = fs::canonicalize(sandbox.path()).unwrap();
    assert_eq!(outcome.code, Some(3));
    assert_eq!(outcome.stderr, "oops\n");
    let mut lines = outcome.stdout.lines();
    assert_eq!(lines.next().unwrap(), format!("{}||", sandbox.join("home").display()));
    assert_eq!(lines.next().unwrap(), here.to_str().unwrap());
    assert!(sandbox.run(Path::new("/no/such/program"), ["x"]).is_err());
}

#[test]
fn what_runs_can_be_killed() {
    let sandbox = Sandbox::new().unwrap();
    let shell = Path::new("/bin/sh");
    let loops = ["-c", "echo begun; while :; do :; done"];
    let mut running = sandbox.spawn(shell, loops).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(!running.has_ended().unwrap());
    let outcome = running.kill().unwrap();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (None, "begun\n"));
    let ended = sandbox.spawn(shell, ["-c", "echo done"]).unwrap().wait().unwrap();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "done\n"));
}

#[test]
fn oracles_are_found() {
    if let Some(folder) = oracle::real_music() {
        let files = fs::read_dir(folder).unwrap().flatten();
        let music = files.filter(|file| file.path().extension().is_some_and(|end| end == "ogg"));
        assert_eq!(music.count(), 41);
    }
    if let Some(python) = oracle::need_python("libtorrent") {
        assert!(python.is_file());
    }
}
