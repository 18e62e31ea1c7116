//! Keys, and what they sign: an archive's side by the command, a mirror's side by the library that mirrors use.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::tree;
use deadwax_trust::{FolderFetch, TrustError, Trusted, load};
use made::{Bench, DAY, assert_refused};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A look at an edition with the memory of this mirror.
fn look(bench: &Bench, edition: &str, mirror: &str) -> Result<Trusted, TrustError> {
    let source = Arc::new(FolderFetch::new(&bench.archive.join(edition)));
    let state = bench.sandbox.join(mirror);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(load(source, None, &state))
}

fn newest() -> String {
    format!("editions/{DAY}")
}

/// All files beneath a folder, by their paths from there.
fn files(folder: &Path) -> Vec<String> {
    let tree = tree::contents(folder);
    let is_file = |path: &&PathBuf| folder.join(path).is_file();
    tree.keys().filter(is_file).map(|path| path.to_str().unwrap().to_owned()).collect()
}

/// Moves the keys of these roles out of the archive.
fn move_away(bench: &Bench, roles: &[&str]) -> PathBuf {
    let safe = bench.sandbox.join("safe");
    fs::create_dir_all(&safe).unwrap();
    for name in files(&bench.archive.join("keys")) {
        if roles.iter().any(|role| name.starts_with(role)) {
            fs::rename(bench.archive.join("keys").join(&name), safe.join(&name)).unwrap();
        }
    }
    safe
}

fn versions(bench: &Bench) -> [u64; 3] {
    ["targets", "snapshot", "timestamp"].map(|role| {
        let path = bench.archive.join(newest()).join(format!("trust/{role}.json"));
        let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        file["signed"]["version"].as_u64().unwrap()
    })
}

#[test]
fn init_makes_keys_that_only_the_owner_can_read() {
    let bench = Bench::new();
    let outcome = bench.run(["init"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for words in
        ["/keys; keep a copy elsewhere", "move root-*.pem and targets-*.pem to another place"]
    {
        assert!(outcome.stdout.contains(words), "{outcome:?}");
    }
    let keys = bench.archive.join("keys");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&keys), 0o700);
    assert_eq!(files(&keys).len(), 4);
    assert!(files(&keys).iter().all(|name| mode(&keys.join(name)) == 0o600));
    let before = tree::contents(&keys);
    let again = bench.run(["init"]);
    assert_eq!(again.code, Some(0));
    assert!(!again.stdout.contains("keys"), "{again:?}");
    assert_eq!(tree::differences(&before, &tree::contents(&keys)), [""; 0], "made once");
}

#[test]
fn a_published_edition_is_signed_whole_and_holds_no_keys() {
    let bench = Bench::archived();
    let edition = bench.archive.join(newest());
    let trusted = look(&bench, &newest(), "mirror").unwrap();
    let signed: BTreeSet<String> = trusted.targets().map(|(path, _)| path.to_owned()).collect();
    let is_published = |path: &String| {
        let in_pack = path.starts_with("packs/") && !path.ends_with(".torrent");
        !path.starts_with("trust/") && !in_pack
    };
    let published: BTreeSet<String> = files(&edition).into_iter().filter(is_published).collect();
    assert_eq!(signed, published);
    assert!(signed.contains("edition.json") && signed.contains("parquet/recording.parquet"));
    assert!(signed.iter().any(|path| path.starts_with("packs/") && path.ends_with(".torrent")));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for path in &signed {
        let read = runtime.block_on(trusted.read(path, u64::MAX)).unwrap();
        assert!(read == fs::read(edition.join(path)).unwrap(), "{path}");
    }
    let secrets: Vec<String> = files(&bench.archive.join("keys"))
        .iter()
        .map(|name| fs::read_to_string(bench.archive.join("keys").join(name)).unwrap())
        .map(|text| text.lines().nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(secrets.len(), 4);
    for path in files(&bench.archive.join("editions")) {
        let bytes = fs::read(bench.archive.join("editions").join(&path)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let has_key = text.contains("PRIVATE KEY") || secrets.iter().any(|it| text.contains(it));
        assert!(!has_key && !path.ends_with(".pem"), "a key is in {path}");
    }
    let hint: Value =
        serde_json::from_slice(&fs::read(bench.archive.join("editions/newest.json")).unwrap())
            .unwrap();
    assert_eq!(hint, json!({ "format": "deadwax-newest", "edition": DAY }));
}

#[test]
fn publishing_again_renews_the_timestamp_and_nothing_else() {
    let bench = Bench::archived();
    look(&bench, &newest(), "mirror").unwrap();
    let before = tree::contents(&bench.archive.join("editions"));
    assert_eq!(versions(&bench), [1, 1, 1]);
    let again = bench.json(0, ["publish"]);
    assert_eq!(
        (&again["is_new"], &again["trust"]["signed"]),
        (&json!(false), &json!(["timestamp"]))
    );
    assert_eq!(versions(&bench), [1, 1, 2]);
    let changed = tree::differences(&before, &tree::contents(&bench.archive.join("editions")));
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].contains("trust/timestamp.json"), "{changed:?}");
    let refreshed = bench.json(0, ["keys", "refresh"]);
    assert_eq!(refreshed["edition"], json!(newest()));
    assert_eq!(look(&bench, &newest(), "mirror").unwrap().versions().timestamp, 3);
}

#[test]
fn an_older_edition_is_a_rollback_for_who_has_seen_the_newer() {
    let bench = Bench::archived();
    assert_eq!(bench.run(["rights", "set", "--all", "--licence", "CC0-1.0"]).code, Some(0));
    let newer = bench.json(0, ["publish"])["edition"].as_str().unwrap().to_owned();
    assert_eq!(newer, format!("{}.2", newest()));
    let hint = fs::read_to_string(bench.archive.join("editions/newest.json")).unwrap();
    assert!(hint.contains(&format!("\"{DAY}.2\"")), "{hint}");
    look(&bench, &newer, "mirror").unwrap();
    let refused = look(&bench, &newest(), "mirror").unwrap_err();
    assert!(matches!(refused, TrustError::Rollback { .. }), "{refused:?}");
}

#[test]
fn without_a_targets_key_nothing_is_published() {
    let bench = Bench::archived();
    let safe = move_away(&bench, &["root", "targets"]);
    assert_eq!(bench.run(["rights", "set", "--all", "--licence", "CC0-1.0"]).code, Some(0));
    let before = tree::contents(&bench.archive.join("editions"));
    let refused = bench.run(["publish"]);
    let keys = bench.archive.join("keys").display().to_string();
    assert_refused(
        &refused,
        &["signing needs 1 of the targets keys", &keys, "--keys DIR", "targets-"],
    );
    assert_eq!(
        tree::differences(&before, &tree::contents(&bench.archive.join("editions"))),
        [""; 0]
    );
    // The timestamp's key stays with the archive.
    assert_eq!(bench.run(["keys", "refresh"]).code, Some(0));
    let line = ["publish".as_ref(), "--keys".as_ref(), safe.as_os_str()];
    assert_eq!(bench.json(0, line)["is_new"], json!(true));
    look(&bench, &format!("{}.2", newest()), "mirror").unwrap();
}

#[test]
fn keys_are_rotated_and_mirrors_follow() {
    let bench = Bench::archived();
    let first = look(&bench, &newest(), "mirror").unwrap();
    let listed = bench.json(0, ["keys", "list"]);
    assert_eq!(listed["root"], json!(first.root_fingerprint()));
    let rotated = bench.json(0, ["keys", "rotate"]);
    assert_eq!(rotated["made"].as_array().unwrap().len(), 4);
    let second = look(&bench, &newest(), "mirror").unwrap();
    assert_eq!(second.versions().root, 2);
    assert_eq!(rotated["trust"]["root"], json!(second.root_fingerprint()));
    let listed = bench.json(0, ["keys", "list"]);
    assert_eq!(listed["root_version"], json!(2));
    assert_eq!(listed["unused"].as_array().unwrap().len(), 4, "nothing is deleted: {listed}");
    assert_eq!(
        bench.json(0, ["keys", "rotate", "--role", "timestamp"])["made"].as_array().unwrap().len(),
        1
    );
    assert_eq!(look(&bench, &newest(), "mirror").unwrap().versions().root, 3);
    look(&bench, &newest(), "another mirror").expect("from the first root");
    let text = bench.run(["keys", "list"]).stdout;
    assert!(
        text.contains(", version 3\n")
            && text.contains("timestamp: 1 of 1 key must sign; expires 2"),
        "{text}"
    );
    assert_eq!(text.matches("\nnot used: ").count(), 5, "{text}");
}

#[test]
fn more_keys_and_a_threshold_kept_in_two_places() {
    let bench = Bench::archived();
    look(&bench, &newest(), "mirror").unwrap();
    let policy = bench.archive.join("deadwax.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("# targets_threshold = 1", "targets_threshold = 2")).unwrap();
    let stick = bench.sandbox.join("stick");
    let line = ["keys", "new", "--role", "targets", "--to"].map(OsStr::new);
    let made = bench.json(0, line.into_iter().chain([stick.as_os_str()]));
    let path = made["made"][0].as_str().unwrap();
    assert!(path.starts_with(stick.to_str().unwrap()), "{path}");
    assert_eq!(made["problems"], json!([]), "the new key is known to the run that has made it");
    look(&bench, &newest(), "mirror").expect("both have signed");
    let refused = bench.run(["keys", "rotate", "--role", "snapshot"]);
    assert_eq!(refused.code, Some(0), "the list need not be signed anew: {refused:?}");
    assert_eq!(bench.run(["rights", "set", "--all", "--licence", "CC0-1.0"]).code, Some(0));
    assert_refused(
        &bench.run(["publish"]),
        &["signing needs 2 of the targets keys", "1 are at hand"],
    );
    let line = ["publish".as_ref(), "--keys".as_ref(), stick.as_os_str()];
    assert_eq!(bench.json(0, line)["is_new"], json!(true));
    // Where the edition cannot be signed under a new root, that is told, and the root is made once.
    let safe = move_away(&bench, &["timestamp"]);
    let made = bench.json(3, ["keys", "rotate", "--role", "root"]);
    let problem = &made["problems"][0];
    assert!(problem["what"].as_str().unwrap().starts_with("signing needs 1 of the timestamp"));
    assert!(problem["next"].as_str().unwrap().contains("keys refresh --keys DIR"), "{problem}");
    let line = ["keys", "refresh", "--keys"].map(OsStr::new);
    bench.json(0, line.into_iter().chain([safe.as_os_str()]));
    look(&bench, &format!("{}.2", newest()), "mirror").unwrap();
}

#[test]
fn keys_never_go_into_what_is_published() {
    let bench = Bench::archived();
    let link = bench.sandbox.join("link");
    std::os::unix::fs::symlink(bench.archive.join("editions"), &link).unwrap();
    let targets = [
        bench.archive.join("editions"),
        bench.archive.join(newest()).join("new/keys"),
        link.join("keys"),
    ];
    for target in targets {
        for line in [&["keys", "rotate", "--to"][..], &["keys", "new", "--role", "root", "--to"]] {
            let line: Vec<_> = line.iter().map(OsStr::new).chain([target.as_os_str()]).collect();
            assert_refused(&bench.run(line), &["keys do not go into", "it is published"]);
        }
    }
    assert!(!files(&bench.archive.join("editions")).iter().any(|path| path.ends_with(".pem")));
}

#[test]
fn an_archive_from_before_gets_keys_and_is_told() {
    let bench = Bench::archived();
    for folder in ["keys", "trust", &format!("{}/trust", newest())] {
        fs::remove_dir_all(bench.archive.join(folder)).unwrap();
    }
    assert_refused(&bench.run(["keys", "list"]), &["has no keys yet", "publish"]);
    let outcome = bench.run(["publish"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for words in
        ["nothing has changed", "keys to sign editions were made in", "what mirrors compare"]
    {
        assert!(outcome.stdout.contains(words), "{outcome:?}");
    }
    look(&bench, &newest(), "mirror").expect("the edition that was there is signed whole");
}

#[test]
fn roots_that_are_lost_come_back_from_the_newest_edition() {
    let bench = Bench::archived();
    look(&bench, &newest(), "mirror").unwrap();
    assert_eq!(bench.run(["keys", "rotate"]).code, Some(0));
    fs::remove_dir_all(bench.archive.join("trust")).unwrap();
    assert_eq!(bench.run(["publish"]).code, Some(0));
    let trusted = look(&bench, &newest(), "mirror").unwrap();
    assert_eq!((trusted.versions().root, trusted.versions().timestamp), (2, 3));
    assert_eq!(
        files(&bench.archive.join("trust")),
        ["1.root.json", "2.root.json", "versions.json"]
    );
}

#[test]
fn wrong_use_is_told() {
    let bench = Bench::archived();
    let odd = bench.run(["keys", "new", "--role", "boss"]);
    assert_eq!(odd.code, Some(2));
    assert!(
        odd.stderr.contains("'boss' is no role: root, targets, snapshot or timestamp"),
        "{odd:?}"
    );
    let nowhere = bench.run(["publish", "--keys", "nowhere"]);
    assert_refused(&nowhere, &["cannot list nowhere"]);
    let policy = bench.archive.join("deadwax.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("# timestamp_days = 7", "timestamp_days = 0")).unwrap();
    assert_refused(&bench.run(["publish"]), &["days and thresholds of [trust] must be 1 or more"]);
    let empty = Bench::new();
    assert_eq!(empty.run(["init"]).code, Some(0));
    assert_refused(&empty.run(["keys", "refresh"]), &["has no edition to sign yet"]);
}

#[test]
fn verify_sees_damaged_signatures_and_a_refresh_makes_them_again() {
    let bench = Bench::archived();
    let path = format!("{}/trust/snapshot.json", newest());
    fs::write(bench.archive.join(&path), "{}").unwrap();
    let faults = bench.json(3, ["verify"]);
    assert_eq!(faults["damaged"].as_array().unwrap().len(), 1, "{faults}");
    assert_eq!(faults["damaged"][0]["path"], json!(path));
    assert_eq!(bench.run(["keys", "refresh"]).code, Some(0));
    bench.json(0, ["verify"]);
    look(&bench, &newest(), "mirror").unwrap();
}
