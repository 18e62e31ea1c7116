//! Keys and what they sign, on the archive's side.

mod made;

use deadwax_testkit::oracle;
use deadwax_trust::{Keys, Overview, Role, Roots, SignError, TargetFile, fault};
use made::{Bench, days_ago, edit, short, sign};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn only_the_owner_can_read_keys() {
    let bench = Bench::new();
    assert_eq!(mode(&bench.keys()), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(bench.keys()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    let roles: Vec<_> = names.iter().map(|name| name.split_once('-').unwrap().0).collect();
    assert_eq!(roles, ["root", "snapshot", "targets", "timestamp"]);
    let root = json(&bench.roots().join("1.root.json"));
    for name in names {
        let id = name.split_once('-').unwrap().1.strip_suffix(".pem").unwrap().to_owned();
        assert_eq!(root["signed"]["keys"][&id]["keytype"], "ed25519", "{name} is named by its id");
    }
}

#[test]
fn openssl_reads_the_keys() {
    let Some(openssl) = oracle::need("openssl") else { return };
    let bench = Bench::new();
    let root = json(&bench.roots().join("1.root.json"));
    for entry in fs::read_dir(bench.keys()).unwrap() {
        let path = entry.unwrap().path();
        let out = Command::new(&openssl)
            .args(["pkey", "-pubout", "-outform", "DER", "-in"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let public = hex::encode(&out.stdout[out.stdout.len() - 32..]);
        let keys = root["signed"]["keys"].as_object().unwrap();
        assert!(keys.values().any(|key| key["keyval"]["public"] == public), "{}", path.display());
    }
}

#[test]
fn a_set_that_was_begun_is_finished() {
    let bench = Bench::new();
    let targets = bench.move_away(&[Role::Targets]);
    let before = fs::read_dir(bench.keys()).unwrap().count();
    Keys::create(&bench.keys()).unwrap();
    assert_eq!((before, fs::read_dir(bench.keys()).unwrap().count()), (3, 4));
    drop(targets);
}

#[test]
fn versions_count_up_over_editions_and_refreshes() {
    let bench = Bench::new();
    let numbers = |edition: &Path| {
        ["targets", "snapshot", "timestamp"].map(|name| {
            json(&edition.join(format!("trust/{name}.json")))["signed"]["version"].clone()
        })
    };
    let a = bench.edition("a");
    assert_eq!(numbers(&a), [1, 1, 1]);
    let b = bench.edition("b");
    assert_eq!(numbers(&b), [2, 2, 2]);
    assert_eq!(bench.signer().renew(&b).unwrap().roles, [Role::Timestamp]);
    assert_eq!(numbers(&b), [2, 2, 3]);
    // An archive brought back from a backup knows no numbers; its newest edition does.
    fs::remove_file(bench.roots().join("versions.json")).unwrap();
    let c = bench.unsigned("c");
    let file = TargetFile { path: "edition.json".to_owned(), bytes: 9, sha256: [1; 32] };
    bench.signer().sign(&c, &[file], Some(&b)).unwrap();
    assert_eq!(numbers(&c), [3, 3, 4]);
    assert_eq!(numbers(&a), [1, 1, 1], "an older edition is left alone");
}

#[test]
fn the_same_content_and_keys_give_the_same_bytes() {
    let bench = Bench::new();
    let (a, b) = (bench.edition("a"), bench.copy(&bench.unsigned("a"), "b"));
    fs::remove_file(bench.roots().join("versions.json")).unwrap();
    fs::remove_dir_all(b.join("trust")).unwrap();
    sign(&b, &mut bench.signer()).unwrap();
    for name in ["targets.json", "snapshot.json", "timestamp.json", "1.root.json"] {
        let read = |edition: &Path| fs::read(edition.join("trust").join(name)).unwrap();
        assert!(read(&a) == read(&b), "{name}");
    }
}

#[test]
fn what_expires_soon_is_renewed_when_its_keys_are_here() {
    // Of a day 19 hours are over.
    let soon = days_ago(1).saturating_add(jiff::SignedDuration::from_hours(5)).unwrap();
    for role in [Role::Targets, Role::Snapshot] {
        let mut bench = Bench::on(short(role), soon);
        let edition = bench.edition("a");
        bench.now = jiff::Timestamp::now();
        let away = bench.move_away(&[role]);
        let late = bench.signer().renew(&edition).unwrap();
        assert_eq!(late.roles, [Role::Timestamp]);
        assert_eq!(late.late.iter().map(|late| late.role).collect::<Vec<_>>(), [role]);
        let renewed = bench.signer_with(&[bench.keys(), away]).renew(&edition).unwrap();
        assert!(renewed.roles.contains(&role) && renewed.late.is_empty(), "{renewed:?}");
    }
}

#[tokio::test]
async fn an_expired_edition_is_renewed_and_taken_again() {
    let mut bench = Bench::on(deadwax_trust::Terms::default(), days_ago(40));
    let edition = bench.edition("a");
    assert!(bench.fresh(&edition).await.is_err());
    bench.now = jiff::Timestamp::now();
    let away = bench.move_away(&[Role::Snapshot]);
    let refused = bench.signer().renew(&edition).unwrap_err();
    assert!(matches!(refused, SignError::NotAtHand { role: Role::Snapshot, .. }), "{refused:?}");
    let renewed = bench.signer_with(&[bench.keys(), away]).renew(&edition).unwrap();
    assert_eq!(renewed.roles, [Role::Snapshot, Role::Timestamp]);
    bench.fresh(&edition).await.unwrap();
}

#[tokio::test]
async fn an_expiring_root_is_renewed_and_followed() {
    let mut bench = Bench::on(short(Role::Root), days_ago(2));
    let edition = bench.edition("a");
    assert!(bench.load(&edition).await.is_err());
    bench.now = jiff::Timestamp::now();
    let renewed = bench.signer().renew(&edition).unwrap();
    assert_eq!(renewed.roles, [Role::Root, Role::Timestamp]);
    assert_eq!(bench.load(&edition).await.unwrap().versions().root, 2);
}

#[tokio::test]
async fn a_refresh_that_was_killed_is_put_right_by_the_next() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let before = bench.copy(&edition, "before");
    bench.signer().rotate(&[Role::Targets, Role::Snapshot], &bench.keys()).unwrap();
    bench.signer().renew(&edition).unwrap();
    // The new list was written, and nothing else.
    for name in ["snapshot.json", "timestamp.json"] {
        fs::copy(before.join("trust").join(name), edition.join("trust").join(name)).unwrap();
    }
    assert!(bench.fresh(&edition).await.is_err());
    let renewed = bench.signer().renew(&edition).unwrap();
    assert_eq!(renewed.roles, [Role::Snapshot, Role::Timestamp]);
    bench.fresh(&edition).await.unwrap();
}

#[test]
fn a_list_that_somebody_changed_is_not_signed_anew() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    bench.signer().rotate(&[Role::Targets], &bench.keys()).unwrap();
    edit(&edition.join("trust/targets.json"), |file| {
        file["signed"]["targets"]["edition.json"]["length"] = 1_000.into();
    });
    let refused = bench.signer().renew(&edition).unwrap_err();
    assert!(matches!(refused, SignError::Foreign { .. }), "{refused:?}");
}

#[test]
fn without_a_targets_key_nothing_is_written() {
    let bench = Bench::new();
    let away = bench.move_away(&[Role::Targets]);
    let edition = bench.unsigned("a");
    let refused = sign(&edition, &mut bench.signer()).unwrap_err().to_string();
    assert!(
        refused
            .starts_with("signing needs 1 of the targets keys of this archive, and 0 are at hand"),
        "{refused}"
    );
    assert!(refused.contains(&bench.keys().display().to_string()), "{refused}");
    assert!(!edition.join("trust").exists());
    sign(&edition, &mut bench.signer_with(&[bench.keys(), away])).unwrap();
}

#[test]
fn thresholds_hold_as_far_as_there_are_keys() {
    let mut bench = Bench::new();
    bench.terms.targets.threshold = 3;
    let needed = |bench: &Bench| {
        let roots = Roots::open(&bench.roots()).unwrap().unwrap();
        let keys = Keys::open(&[bench.keys()]).unwrap();
        let roles = Overview::of(&roots, &keys, None).unwrap().roles;
        let targets = roles.into_iter().find(|role| role.role == Role::Targets).unwrap();
        (targets.threshold, targets.keys.len())
    };
    assert_eq!(needed(&bench), (1, 1));
    for (threshold, keys) in [(2, 2), (3, 3), (3, 4)] {
        bench.signer().add_key(Role::Targets, &bench.keys()).unwrap();
        assert_eq!(needed(&bench), (threshold, keys));
    }
}

#[test]
fn an_overview_says_what_is_where() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    bench.signer().rotate(&[Role::Snapshot], &bench.keys()).unwrap();
    let away = bench.move_away(&[Role::Root]);
    let roots = Roots::open(&bench.roots()).unwrap().unwrap();
    let keys = Keys::open(&[bench.keys()]).unwrap();
    let overview = Overview::of(&roots, &keys, Some(&edition)).unwrap();
    assert_eq!(overview.root_version, 2);
    assert_eq!(overview.unused.len(), 1, "the old snapshot key");
    assert!(overview.unused[0].contains("snapshot-"));
    let at_hand: Vec<_> =
        overview.roles.iter().map(|role| (role.role, role.keys[0].path.is_some())).collect();
    let expected = [
        (Role::Root, false),
        (Role::Targets, true),
        (Role::Snapshot, true),
        (Role::Timestamp, true),
    ];
    assert_eq!(at_hand, expected);
    assert!(overview.roles.iter().all(|role| role.expires.is_some()));
    drop(away);
}

#[test]
fn names_that_readers_would_read_otherwise_are_not_signed() {
    let bench = Bench::new();
    let edition = bench.unsigned("a");
    for path in ["Gro\u{308}ße", "a\nb", ""] {
        let file = TargetFile { path: path.to_owned(), bytes: 1, sha256: [0; 32] };
        let refused = bench.signer().sign(&edition, &[file], None).unwrap_err();
        assert!(
            matches!(refused, SignError::BadPath { role: Role::Targets }),
            "{path:?}: {refused:?}"
        );
    }
}

#[test]
fn what_is_called_a_key_and_is_none_is_named() {
    let bench = Bench::new();
    fs::write(bench.keys().join("notes.txt"), "not looked at").unwrap();
    fs::write(bench.keys().join("server-1.pem"), "not looked at").unwrap();
    Keys::open(&[bench.keys()]).unwrap();
    for content in [
        "",
        "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n",
    ] {
        fs::write(bench.keys().join("targets-1.pem"), content).unwrap();
        let refused = Keys::open(&[bench.keys()]).unwrap_err().to_string();
        assert!(refused.contains("targets-1.pem is no key: "), "{refused}");
    }
}

#[test]
fn hashes_are_those_of_sha256sum_and_a_stop_is_heard() {
    let Some(sha256sum) = oracle::need("sha256sum") else { return };
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..20).map(|number| format!("file {number}")).collect();
    for (number, name) in names.iter().enumerate() {
        fs::write(folder.path().join(name), vec![7u8; number * 123_457]).unwrap();
    }
    let files = TargetFile::read_all(folder.path(), &names, 2, &|_, _| {}, &|| true).unwrap();
    let out = Command::new(sha256sum).args(&names).current_dir(folder.path()).output().unwrap();
    let expected: Vec<_> =
        String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect();
    let found: Vec<_> =
        files.iter().map(|file| format!("{}  {}", hex::encode(file.sha256), file.path)).collect();
    assert_eq!(found, expected);
    let stopped = TargetFile::read_all(folder.path(), &names, 2, &|_, _| {}, &|| false);
    assert!(matches!(stopped, Err(SignError::Interrupted)));
}

#[test]
fn every_changed_byte_of_signatures_is_a_fault_and_is_named() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    assert_eq!(fault(&edition), None);
    for name in ["1.root.json", "timestamp.json", "snapshot.json", "targets.json"] {
        let path = edition.join("trust").join(name);
        let bytes = fs::read(&path).unwrap();
        for at in (3..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            // Hex digits that change into others of the same meaning there are none with this bit.
            let (named, _) = fault(&edition).unwrap_or_else(|| panic!("byte {at} of {name}"));
            assert_eq!(named, format!("trust/{name}"), "byte {at}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(
            fault(&edition).unwrap(),
            (format!("trust/{name}"), "it is not there".to_owned())
        );
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(fault(&edition), None);
}

#[tokio::test]
async fn damaged_signatures_are_made_again() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    bench.load(&edition).await.unwrap();
    for name in ["1.root.json", "timestamp.json", "snapshot.json"] {
        fs::write(edition.join("trust").join(name), "{").unwrap();
        assert!(fault(&edition).is_some());
        bench.signer().renew(&edition).unwrap();
        assert_eq!(fault(&edition), None, "{name}");
        bench.load(&edition).await.unwrap();
    }
    fs::write(edition.join("trust/targets.json"), "{").unwrap();
    let refused = bench.signer().renew(&edition).unwrap_err().to_string();
    assert!(refused.contains("remove its folder trust/ and publish"), "{refused}");
}
