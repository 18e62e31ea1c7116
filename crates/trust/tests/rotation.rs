//! Other keys: followed when the old ones say so, and refused otherwise.

mod made;

use deadwax_trust::{FolderFetch, Role, Roots, TrustError};
use made::{Bench, copy_tree, forge, sign};
use sha2::{Digest, Sha256};
use std::fs;
use std::sync::Arc;

#[tokio::test]
async fn a_rotated_root_is_followed_from_an_old_one() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let first = bench.load(&edition).await.unwrap();
    let mut signer = bench.signer();
    assert_eq!(signer.rotate(&Role::ALL, &bench.keys()).unwrap().len(), 4);
    let renewed = signer.renew(&edition).unwrap();
    assert_eq!(renewed.roles, [Role::Targets, Role::Snapshot, Role::Timestamp]);
    signer.rotate(&[Role::Root], &bench.keys()).unwrap();
    signer.renew(&edition).unwrap();
    let followed = bench.load(&edition).await.unwrap();
    assert_eq!(followed.versions().root, 3);
    assert!(!followed.is_first_use());
    assert_ne!(followed.root_fingerprint(), first.root_fingerprint());
    let newest = hex::encode(Sha256::digest(bench.root_file(3)));
    assert_eq!(followed.root_fingerprint(), newest, "as sha256sum prints it");
    assert_eq!(followed.root_fingerprint(), signer.roots().fingerprint());
    bench.fresh(&edition).await.expect("from the first root");
}

#[tokio::test]
async fn only_one_role_is_rotated() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    bench.load(&edition).await.unwrap();
    let before = fs::read(edition.join("trust/targets.json")).unwrap();
    let mut signer = bench.signer();
    signer.rotate(&[Role::Timestamp], &bench.keys()).unwrap();
    assert_eq!(signer.renew(&edition).unwrap().roles, [Role::Timestamp]);
    bench.load(&edition).await.unwrap();
    assert_eq!(fs::read(edition.join("trust/targets.json")).unwrap(), before);
}

#[tokio::test]
async fn what_a_rotated_away_key_signs_is_refused() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    copy_tree(&bench.keys(), &bench.path("old keys"));
    let mut signer = bench.signer();
    signer.rotate(&[Role::Timestamp], &bench.keys()).unwrap();
    signer.renew(&edition).unwrap();
    bench.load(&edition).await.unwrap();
    // Whoever has the old key signs as if there had been no change.
    let old = Bench::new();
    fs::remove_dir_all(old.keys()).unwrap();
    copy_tree(&bench.path("old keys"), &old.keys());
    fs::write(old.roots().join("1.root.json"), bench.root_file(1)).unwrap();
    let theirs = old.edition("b");
    let mut late = old.signer();
    (0..5).for_each(|_| drop(late.renew(&theirs).unwrap()));
    let refused = bench.load(&theirs).await.unwrap_err();
    assert!(
        matches!(&refused, TrustError::WrongKey { path } if path == "trust/timestamp.json"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_root_by_a_stolen_old_root_key_is_refused() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    copy_tree(&bench.keys(), &bench.path("stolen"));
    let mut signer = bench.signer();
    signer.rotate(&[Role::Root], &bench.keys()).unwrap();
    signer.renew(&edition).unwrap();
    bench.load(&edition).await.unwrap();
    // The thief goes on from the first root, twice, so that his third root comes after our second.
    let thief = Bench::new();
    fs::remove_dir_all(thief.keys()).unwrap();
    copy_tree(&bench.path("stolen"), &thief.keys());
    fs::write(thief.roots().join("1.root.json"), bench.root_file(1)).unwrap();
    let mut forger = thief.signer();
    forger.rotate(&[Role::Timestamp], &thief.keys()).unwrap();
    forger.rotate(&[Role::Timestamp], &thief.keys()).unwrap();
    let theirs = thief.unsigned("b");
    sign(&theirs, &mut forger).unwrap();
    let refused = bench.load(&theirs).await.unwrap_err();
    assert!(
        matches!(&refused, TrustError::WrongKey { path } if path == "trust/3.root.json"),
        "{refused:?}"
    );
    assert!(refused.to_string().starts_with("wrong key: no signature of trust/3.root.json"));
    bench.load(&edition).await.expect("nothing of it was kept");
}

#[tokio::test]
async fn a_root_below_the_threshold_of_the_old_one_is_refused() {
    let mut bench = Bench::new();
    bench.terms.root.threshold = 2;
    bench.signer().add_key(Role::Root, &bench.keys()).unwrap();
    let edition = bench.edition("a");
    bench.load(&edition).await.unwrap();
    let mut signer = bench.signer();
    signer.rotate(&[Role::Root], &bench.keys()).unwrap();
    signer.renew(&edition).unwrap();
    made::edit(&edition.join("trust/3.root.json"), |root| {
        let signatures = root["signatures"].as_array_mut().unwrap();
        assert_eq!(signatures.len(), 4, "two old keys and two new ones");
        signatures.remove(0);
    });
    let refused = bench.load(&edition).await.unwrap_err();
    assert!(
        matches!(&refused, TrustError::Threshold { path, good: 1, needed: 2 } if path == "trust/3.root.json"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn without_the_old_root_keys_there_is_no_new_root() {
    let bench = Bench::new();
    let away = bench.move_away(&[Role::Root]);
    let mut signer = bench.signer();
    let refused = signer.rotate(&[Role::Timestamp], &bench.keys()).unwrap_err().to_string();
    assert!(
        refused.starts_with("signing needs 1 of the root keys of this archive, and 0 are at hand"),
        "{refused}"
    );
    assert!(refused.contains("--keys DIR") && refused.contains("root-"), "{refused}");
    assert_eq!(fs::read_dir(bench.keys()).unwrap().count(), 3, "no key was made for nothing");
    let mut signer = bench.signer_with(&[bench.keys(), away]);
    signer.rotate(&[Role::Timestamp], &bench.keys()).unwrap();
}

#[tokio::test]
async fn a_pinned_root_of_the_same_chain_is_taken_and_another_is_not() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    let mut signer = bench.signer();
    signer.rotate(&Role::ALL, &bench.keys()).unwrap();
    signer.renew(&edition).unwrap();
    let source = || Arc::new(FolderFetch::new(&edition));
    let pinned = bench.load_from(source(), Some(&bench.root_file(2))).await.unwrap();
    assert!(!pinned.is_first_use());
    bench.load_from(source(), Some(&bench.root_file(2))).await.expect("the same again");
    bench.load_from(source(), Some(&bench.root_file(1))).await.expect("an older one of the chain");
    let other = Bench::new();
    let refused = bench.load_from(source(), Some(&other.root_file(1))).await.unwrap_err();
    assert!(
        matches!(refused, TrustError::WrongKey { .. } | TrustError::OtherRoot { .. }),
        "{refused:?}"
    );
    let theirs = other.edition("b");
    other.signer().rotate(&[Role::Root], &other.keys()).unwrap();
    other.signer().renew(&theirs).unwrap();
    let theirs = Arc::new(FolderFetch::new(&theirs));
    let refused = bench.load_from(theirs, Some(&other.root_file(1))).await.unwrap_err();
    assert!(matches!(refused, TrustError::OtherRoot { given: 1, trusted: 2, .. }), "{refused:?}");
    bench.load(&edition).await.expect("nothing of it was kept");
}

#[tokio::test]
async fn a_pinned_root_that_is_none() {
    let bench = Bench::new();
    let source = Arc::new(FolderFetch::new(&bench.edition("a")));
    for bytes in [&b"-----BEGIN"[..], b"{}"] {
        let refused = bench.load_from(source.clone(), Some(bytes)).await.unwrap_err();
        assert!(matches!(refused, TrustError::BadRoot { .. }), "{refused:?}");
    }
    let mut unsigned = serde_json::from_slice::<serde_json::Value>(&bench.root_file(1)).unwrap();
    unsigned["signatures"] = serde_json::json!([]);
    let unsigned = serde_json::to_vec(&unsigned).unwrap();
    let refused = bench.load_from(source, Some(&unsigned)).await.unwrap_err();
    assert!(refused.to_string().starts_with("the root to be trusted (given) is none"), "{refused}");
}

#[tokio::test]
async fn another_archive_at_the_same_address_is_refused() {
    let bench = Bench::new();
    bench.load(&bench.edition("a")).await.unwrap();
    let other = Bench::new();
    let refused = bench.load(&other.edition("a")).await.unwrap_err();
    assert!(matches!(refused, TrustError::WrongKey { .. }), "{refused:?}");
    let forged = forge(&bench, &[], "forged");
    assert!(matches!(bench.load(&forged).await, Err(TrustError::WrongKey { .. })));
}

#[tokio::test]
async fn old_keys_of_a_fast_forward_do_not_lock_a_mirror_out() {
    let bench = Bench::new();
    let edition = bench.edition("a");
    // Whoever has the timestamp key counts it up as far as it goes.
    let mut thief = bench.signer();
    let stolen = bench.copy(&edition, "stolen");
    (0..9).for_each(|_| drop(thief.renew(&stolen).unwrap()));
    bench.load(&stolen).await.unwrap();
    fs::remove_file(bench.roots().join("versions.json")).unwrap();
    let mut signer = bench.signer();
    signer.renew(&edition).unwrap();
    assert!(matches!(bench.load(&edition).await, Err(TrustError::Rollback { .. })));
    signer.rotate(&[Role::Timestamp], &bench.keys()).unwrap();
    signer.renew(&edition).unwrap();
    bench.load(&edition).await.expect("new timestamp keys begin again");
}

#[test]
fn roots_that_lack_one_are_no_roots() {
    let bench = Bench::new();
    let mut signer = bench.signer();
    signer.rotate(&[Role::Timestamp], &bench.keys()).unwrap();
    fs::remove_file(bench.roots().join("1.root.json")).unwrap();
    let refused = Roots::open(&bench.roots()).unwrap_err().to_string();
    assert!(
        refused.contains("1.root.json") && refused.contains("mirrors need every one"),
        "{refused}"
    );
    assert!(Roots::open(&bench.path("nowhere")).unwrap().is_none());
}

#[test]
fn a_root_that_somebody_puts_beside_the_archives_own_is_no_root() {
    let (bench, other) = (Bench::new(), Bench::new());
    other.signer().rotate(&[Role::Root], &other.keys()).unwrap();
    fs::write(bench.roots().join("2.root.json"), other.root_file(2)).unwrap();
    let refused = Roots::open(&bench.roots()).unwrap_err().to_string();
    assert!(refused.contains("2.root.json") && refused.contains("the root before it"), "{refused}");
}
