//! Every attack on an edition is refused, with a sentence that says which one it is.

mod made;

use deadwax_trust::{FolderFetch, Role, TargetFile, TrustError, load};
use made::{Bench, EndlessRoots, Trick, Tricky, copy_tree, days_ago, edit, forge, short};
use std::fs;
use std::sync::Arc;

/// What is said of a refusal.
fn said<T: std::fmt::Debug>(refused: Result<T, TrustError>) -> String {
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn a_sound_edition_is_taken_and_its_files_are_read() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let trusted = bench.load(&edition).await.unwrap();
    assert!(trusted.is_first_use());
    let paths: Vec<_> = trusted.targets().map(|(path, _)| path).collect();
    assert_eq!(paths, ["edition.json", "packs/Größe 1-2.torrent", "torrents.json"]);
    assert_eq!(trusted.read("edition.json", 100).await.unwrap(), b"edition a");
    assert_eq!(trusted.target("edition.json").unwrap().bytes, 9);
    let versions = trusted.versions();
    assert_eq!((versions.root, versions.targets, versions.timestamp), (1, 1, 1));
    let days = trusted.expires().duration_since(bench.now).as_hours();
    assert!((6 * 24..=7 * 24).contains(&days), "the timestamp expires first: {days} hours");
    let again = bench.load(&edition).await.unwrap();
    assert!(!again.is_first_use(), "the root is remembered");
}

#[tokio::test]
async fn a_file_that_nobody_signed_is_refused() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    fs::write(edition.join("more.json"), "x").unwrap();
    let trusted = bench.load(&edition).await.unwrap();
    assert!(trusted.target("more.json").is_none());
    let said = said(trusted.read("more.json", 10).await);
    assert_eq!(said, "unsigned: more.json is not among the files that this edition signs");
}

#[tokio::test]
async fn rollback_to_an_older_edition() {
    let bench = Bench::new();
    let (older, newer) = (bench.edition("a"), bench.edition("b"));
    assert_eq!(bench.load(&newer).await.unwrap().versions().timestamp, 2);
    let refused = bench.load(&older).await.unwrap_err();
    assert!(
        matches!(&refused, TrustError::Rollback { path, trusted: 2, offered: 1 } if path == "trust/timestamp.json"),
        "{refused:?}"
    );
    assert!(refused.to_string().starts_with("rollback: trust/timestamp.json is version 1"));
    bench.load(&newer).await.expect("the newer one is still taken");
    bench.fresh(&older).await.expect("who has seen nothing newer cannot know");
}

#[tokio::test]
async fn rollback_to_an_older_edition_under_a_new_timestamp() {
    let bench = Bench::new();
    let (older, newer) = (bench.edition("a"), bench.edition("b"));
    bench.load(&newer).await.unwrap();
    // Whoever has stolen the timestamp key alone: the key that is always at hand.
    bench.signer().renew(&older).unwrap();
    let refused = bench.load(&older).await.unwrap_err();
    assert!(
        matches!(&refused, TrustError::Rollback { path, .. } if path == "trust/snapshot.json"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn rollback_is_refused_though_a_run_was_killed_between() {
    let bench = Bench::new();
    let (older, newer) = (bench.edition("a"), bench.edition("b"));
    bench.load(&newer).await.unwrap();
    let work = bench.path("mirror/work");
    fs::create_dir(&work).unwrap();
    fs::write(work.join("timestamp.json"), "{\"sig").unwrap();
    assert!(said(bench.load(&older).await).starts_with("rollback: "));
    assert!(!work.exists());
}

#[tokio::test]
async fn what_was_good_of_a_refused_edition_protects_from_rollback_too() {
    let bench = Bench::new();
    let (older, newer) = (bench.edition("a"), bench.edition("b"));
    bench.load(&older).await.unwrap();
    fs::remove_file(newer.join("trust/targets.json")).unwrap();
    assert!(said(bench.load(&newer).await).starts_with("missing: trust/targets.json"));
    assert!(said(bench.load(&older).await).starts_with("rollback: trust/timestamp.json"));
}

#[tokio::test]
async fn freeze_by_a_timestamp_that_is_not_renewed() {
    assert_expired(Role::Timestamp, "trust/timestamp.json").await;
}

#[tokio::test]
async fn freeze_by_an_expired_snapshot() {
    assert_expired(Role::Snapshot, "trust/snapshot.json").await;
}

#[tokio::test]
async fn freeze_by_an_expired_list() {
    assert_expired(Role::Targets, "trust/targets.json").await;
}

#[tokio::test]
async fn freeze_by_an_expired_root() {
    assert_expired(Role::Root, "trust/1.root.json").await;
}

async fn assert_expired(role: Role, name: &str) {
    let bench = Bench::on(short(role), days_ago(2));
    let edition = bench.edition("a");
    let refused = bench.load(&edition).await.unwrap_err();
    let TrustError::Expired { path, since } = &refused else { panic!("{refused:?}") };
    assert_eq!(path, name);
    let yesterday = days_ago(1).to_string();
    assert_eq!(since[..10], yesterday[..10], "{since}");
    assert!(refused.to_string().starts_with(&format!("freeze: {name} expired at ")), "{refused}");
}

#[tokio::test]
async fn mixed_with_the_snapshot_of_another_edition() {
    assert_mixed("snapshot.json").await;
}

#[tokio::test]
async fn mixed_with_the_list_of_another_edition() {
    assert_mixed("targets.json").await;
}

async fn assert_mixed(name: &str) {
    let bench = Bench::new();
    let (one, other) = (bench.edition("a"), bench.edition("another one with longer names"));
    for (mixed, from) in [(&other, &one), (&one, &other)] {
        let mix = bench.copy(mixed, &format!("mix of {}", mixed.file_name().unwrap().display()));
        fs::copy(from.join("trust").join(name), mix.join("trust").join(name)).unwrap();
        let said = said(bench.fresh(&mix).await);
        assert!(said.starts_with(&format!("mixed: trust/{name} is not the one")), "{said}");
    }
}

#[tokio::test]
async fn mixed_with_a_file_of_another_edition() {
    let bench = Bench::new();
    let (one, other) = (bench.edition("a"), bench.edition("b"));
    let longer = bench.edition("a longer one");
    for from in [&other, &longer] {
        let mix = bench.copy(&one, "mix");
        fs::copy(from.join("edition.json"), mix.join("edition.json")).unwrap();
        let trusted = bench.fresh(&mix).await.unwrap();
        let said = said(trusted.read("edition.json", 1_000).await);
        assert!(said.starts_with("mixed: edition.json is not the one that is signed"), "{said}");
        assert_eq!(trusted.read("torrents.json", 1_000).await.unwrap(), b"torrents of a");
    }
}

#[tokio::test]
async fn unsigned_metadata() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    edit(&edition.join("trust/timestamp.json"), |file| file["signatures"] = serde_json::json!([]));
    let said = said(bench.load(&edition).await);
    assert!(said.starts_with("unsigned: trust/timestamp.json has no signature"), "{said}");
}

#[tokio::test]
async fn a_signature_of_other_content() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    edit(&edition.join("trust/timestamp.json"), |file| file["signed"]["version"] = 9.into());
    let said = said(bench.load(&edition).await);
    assert!(said.starts_with("wrong key: no signature of trust/timestamp.json"), "{said}");
}

#[tokio::test]
async fn a_wrong_key_of_every_role() {
    let bench = Bench::new();
    bench.edition("a");
    let cases: [(&[Role], &str); 3] = [
        (&[Role::Targets, Role::Snapshot], "trust/timestamp.json"),
        (&[Role::Timestamp, Role::Targets], "trust/snapshot.json"),
        (&[Role::Timestamp, Role::Snapshot], "trust/targets.json"),
    ];
    for (stolen, wrong) in cases {
        let forged = forge(&bench, stolen, &format!("without {}", wrong.replace('/', " ")));
        let refused = bench.fresh(&forged).await.unwrap_err();
        assert!(matches!(&refused, TrustError::WrongKey { path } if path == wrong), "{refused:?}");
        let said = refused.to_string();
        assert!(
            said.starts_with(&format!("wrong key: no signature of {wrong} is by a key")),
            "{said}"
        );
    }
    let all = forge(&bench, &Role::ALL, "with all");
    bench
        .fresh(&all)
        .await
        .expect("with all keys nobody could tell: so the others were refused for their keys");
}

#[tokio::test]
async fn a_threshold_that_is_not_met() {
    let mut bench = Bench::new();
    bench.terms.targets.threshold = 2;
    bench.signer().add_key(Role::Targets, &bench.keys()).unwrap();
    let good = bench.edition("a");
    bench.fresh(&good).await.expect("two have signed");
    // The attacker has one of the two.
    let one = tempfile::tempdir().unwrap();
    let mut targets = Vec::new();
    for entry in fs::read_dir(bench.keys()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("targets") {
            targets.push(path);
        }
    }
    fs::rename(&targets[0], one.path().join("kept")).unwrap();
    let forged = forge(&bench, &Role::ALL, "forged");
    let refused = bench.fresh(&forged).await.unwrap_err();
    assert!(
        matches!(&refused, TrustError::Threshold { path, good: 1, needed: 2 } if path == "trust/targets.json"),
        "{refused:?}"
    );
    assert!(
        refused
            .to_string()
            .starts_with("threshold: trust/targets.json has 1 good signatures of the 2")
    );
}

#[tokio::test]
async fn a_signature_that_is_there_twice_counts_once() {
    let mut bench = Bench::new();
    bench.terms.timestamp.threshold = 2;
    bench.signer().add_key(Role::Timestamp, &bench.keys()).unwrap();
    let edition = bench.edition("a");
    edit(&edition.join("trust/timestamp.json"), |file| {
        let first = file["signatures"][0].clone();
        file["signatures"][1] = first;
    });
    let said = said(bench.fresh(&edition).await);
    assert!(said.starts_with("malformed: trust/timestamp.json"), "{said}");
}

#[tokio::test]
async fn endless_metadata() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let cases = [
        ("trust/2.root.json", 1 << 20),
        ("trust/timestamp.json", 1 << 20),
        // What is signed of their length is known by then.
        ("trust/snapshot.json", 1 << 17),
        ("trust/targets.json", 1 << 17),
    ];
    for trick in [Trick::Endless, Trick::TooMuch] {
        for (path, most) in cases {
            let source = Tricky::new(&edition, path, trick.clone());
            let refused = bench.fresh_from(source.clone()).await.unwrap_err();
            assert!(
                matches!(&refused, TrustError::Endless { path: its, .. } if its == path),
                "{refused:?}"
            );
            let asked = *source.asked.lock().unwrap();
            assert!(asked <= most, "{asked} bytes of {path} were asked for");
            assert!(refused.to_string().starts_with(&format!("endless: {path} goes on behind")));
        }
    }
}

#[tokio::test]
async fn an_endless_first_root() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let source = Tricky::new(&edition, "trust/1.root.json", Trick::Endless);
    let said = said(bench.load_from(source, None).await);
    assert!(said.starts_with("endless: trust/1.root.json"), "{said}");
}

#[tokio::test]
async fn an_endless_file_of_an_edition() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    for trick in [Trick::Endless, Trick::TooMuch] {
        let source = Tricky::new(&edition, "edition.json", trick);
        let trusted = bench.fresh_from(source.clone()).await.unwrap();
        let refused = trusted.read("edition.json", 1_000).await.unwrap_err();
        let asked = *source.asked.lock().unwrap();
        assert!(asked < 100_000, "{asked} bytes were asked for");
        let said = refused.to_string();
        assert!(said.starts_with("endless: ") || said.starts_with("mixed: "), "{said}");
    }
    let trusted = bench.fresh(&edition).await.unwrap();
    let refused = trusted.read("edition.json", 8).await.unwrap_err();
    assert!(matches!(refused, TrustError::Endless { most: 8, .. }), "not even asked for");
}

#[tokio::test]
async fn roots_without_end() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let refused = bench.fresh_from(EndlessRoots::of(&bench, &edition)).await.unwrap_err();
    assert!(matches!(refused, TrustError::EndlessRoots { most: 1024 }), "{refused:?}");
    assert!(refused.to_string().starts_with("endless: there are more than 1024 new roots"));
}

#[tokio::test]
async fn missing_files() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
        let path = format!("trust/{name}");
        let lacking = bench.copy(&edition, &format!("without {name}"));
        fs::remove_file(lacking.join(&path)).unwrap();
        let said = said(bench.fresh(&lacking).await);
        assert!(said.starts_with(&format!("missing: {path} is not there")), "{said}");
    }
    let lacking = bench.copy(&edition, "without a root");
    fs::remove_file(lacking.join("trust/1.root.json")).unwrap();
    assert!(said(bench.load(&lacking).await).starts_with("missing: trust/1.root.json"));
    bench.fresh(&lacking).await.expect("who has the root needs none");
    let lacking = bench.copy(&edition, "without a file");
    fs::remove_file(lacking.join("edition.json")).unwrap();
    let trusted = bench.fresh(&lacking).await.unwrap();
    assert!(said(trusted.read("edition.json", 10).await).starts_with("missing: edition.json"));
}

#[tokio::test]
async fn an_edition_without_signatures_at_all() {
    let bench = Bench::new();
    let edition = bench.unsigned("a");
    assert!(said(bench.load(&edition).await).starts_with("missing: trust/1.root.json"));
    assert!(said(bench.fresh(&edition).await).starts_with("missing: trust/timestamp.json"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_missing_root() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let source = Tricky::new(&edition, "trust/2.root.json", Trick::Breaks);
    let said = said(bench.fresh_from(source).await);
    assert!(said.starts_with("cannot fetch trust/2.root.json: the connection broke off"), "{said}");
}

#[tokio::test]
async fn no_changed_byte_of_metadata_passes() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let sound = bench.fresh(&edition).await.unwrap();
    let step = if std::env::var_os("DEADWAX_FULL").is_some() { 1 } else { 17 };
    let meaning = |it: &deadwax_trust::Trusted| {
        let targets: Vec<_> = it.targets().map(|(path, info)| (path.to_owned(), *info)).collect();
        (it.versions(), targets, it.expires())
    };
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
        let path = edition.join("trust").join(name);
        let bytes = fs::read(&path).unwrap();
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= [1, 0x20, 0x80][at / step % 3];
            fs::write(&path, &changed).unwrap();
            // A hex digit of the timestamp's signature in upper case is the same signature.
            if let Ok(taken) = bench.fresh(&edition).await {
                assert_eq!(name, "timestamp.json", "byte {at}");
                assert_eq!(meaning(&taken), meaning(&sound), "byte {at}");
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
}

#[tokio::test]
async fn a_list_that_leads_out_of_the_edition() {
    let bench = Bench::new();
    for path in ["../secret", "/etc/passwd", "a/../../b", "./a"] {
        let edition = bench.unsigned("a");
        let file = TargetFile { path: path.to_owned(), bytes: 1, sha256: [0; 32] };
        bench.signer().sign(&edition, &[file], None).unwrap();
        let said = said(bench.fresh(&edition).await);
        assert!(said.contains("is no path within an edition"), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_list_of_more_bytes_than_can_be_added_up() {
    let bench = Bench::new();
    for bytes in [u64::MAX, 1 << 60, 1 << 59] {
        let edition = bench.unsigned("a");
        let file = |path: &str| TargetFile { path: path.to_owned(), bytes, sha256: [0; 32] };
        bench.signer().sign(&edition, &[file("a"), file("b")], None).unwrap();
        match bench.fresh(&edition).await {
            Ok(trusted) => assert_eq!(trusted.target("a").unwrap().bytes, 1 << 59),
            refused => {
                let said = said(refused);
                assert!(said.contains("is, with the other files, longer than any"), "{said}");
                assert!(bytes > 1 << 59, "{said}");
            }
        }
    }
}

#[tokio::test]
async fn a_folder_with_links_in_it_gives_nothing_from_elsewhere() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let elsewhere = bench.copy(&edition, "elsewhere");
    fs::remove_file(edition.join("edition.json")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("edition.json"), edition.join("edition.json"))
        .unwrap();
    let trusted = bench.fresh(&edition).await.unwrap();
    assert!(said(trusted.read("edition.json", 100).await).contains("is a symbolic link"));
    fs::rename(edition.join("trust"), bench.path("moved")).unwrap();
    std::os::unix::fs::symlink(bench.path("moved"), edition.join("trust")).unwrap();
    assert!(said(bench.fresh(&edition).await).contains("is a symbolic link"));
    let folder: &dyn deadwax_trust::Fetch = &FolderFetch::new(&edition);
    for path in ["../elsewhere/edition.json", "/etc/hostname", "packs/../../elsewhere/edition.json"]
    {
        let refused = folder.fetch(path, 1_000).await.unwrap_err().to_string();
        assert!(refused.contains("leads out of the edition"), "{refused}");
    }
    assert!(folder.fetch("packs", 1_000).await.unwrap_err().to_string().contains("is not a file"));
}

#[tokio::test]
async fn a_clock_that_went_back() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    bench.load(&edition).await.unwrap();
    let file = bench.path("mirror/latest_known_time.json");
    fs::write(&file, "\"2999-01-01T00:00:00Z\"").unwrap();
    let said = said(bench.load(&edition).await);
    assert!(said.contains("2999-01-01") && said.contains(&file.display().to_string()), "{said}");
}

#[tokio::test]
async fn a_first_look_that_is_refused_leaves_no_trust_behind() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let lacking = bench.copy(&edition, "lacking");
    fs::remove_file(lacking.join("trust/timestamp.json")).unwrap();
    assert!(bench.load(&lacking).await.is_err());
    assert!(bench.load(&edition).await.unwrap().is_first_use(), "it is still to be told");
}

#[tokio::test]
async fn a_copied_memory_is_as_good() {
    let bench = Bench::new();
    let (older, newer) = (bench.edition("a"), bench.edition("b"));
    bench.load(&newer).await.unwrap();
    copy_tree(&bench.path("mirror"), &bench.path("moved mirror"));
    let source = Arc::new(FolderFetch::new(&older));
    assert!(said(load(source, None, &bench.path("moved mirror")).await).starts_with("rollback: "));
}
