//! The store through its public face: what was finished is there, what was not leaves no trace, and
//! damage is named.

use deadwax_store::{ArchiveLock, Fixity, Store, StoreError, hash_reader};
use std::fs::{self, Permissions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("store")).unwrap();
    (folder, store)
}

#[test]
fn a_finished_draft_is_a_read_only_file_under_its_root() {
    let (_folder, store) = store();
    let content = vec![7; 3_000_000];
    let hashes = store.put(&content).unwrap();
    let path = store.path(&hashes.root);
    assert_eq!(fs::read(&path).unwrap(), content);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o444);
    assert_eq!(store.check(&hashes.root), Fixity::Sound { bytes: 3_000_000 });
    let name = hashes.root.to_string();
    assert!(path.ends_with(format!("{}/{}/{name}", &name[..2], &name[2..4])));
}

#[test]
fn an_abandoned_draft_leaves_nothing_and_old_ones_are_cleared() {
    let (folder, store) = store();
    let mut draft = store.draft().unwrap();
    draft.write_all(b"half").unwrap();
    drop(draft);
    let drafts = folder.path().join("store/tmp");
    assert_eq!(fs::read_dir(&drafts).unwrap().count(), 0);
    fs::write(drafts.join("12"), "left by a killed process").unwrap();
    Store::create(&folder.path().join("store")).unwrap();
    assert_eq!(fs::read_dir(&drafts).unwrap().count(), 0);
}

#[test]
fn a_header_written_last_is_hashed_as_it_lies() {
    let (_folder, store) = store();
    let mut draft = store.draft().unwrap();
    draft.write_all(b"????body").unwrap();
    draft.seek(SeekFrom::Start(0)).unwrap();
    draft.write_all(b"HEAD").unwrap();
    let hashes = draft.hashes().unwrap();
    assert_eq!(hashes, hash_reader(&b"HEADbody"[..]).unwrap());
    draft.finish(&hashes).unwrap();
    let mut text = String::new();
    store.read(&hashes.root).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "HEADbody");
}

#[test]
fn damage_is_told_apart() {
    let (_folder, store) = store();
    let sound = store.put(b"sound").unwrap().root;
    let flipped = store.put(b"flipped").unwrap().root;
    let gone = store.put(b"gone").unwrap().root;
    let path = store.path(&flipped);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    fs::write(&path, "flopped").unwrap();
    fs::remove_file(store.path(&gone)).unwrap();
    assert_eq!(store.check(&sound), Fixity::Sound { bytes: 5 });
    assert!(matches!(store.check(&flipped), Fixity::Damaged { bytes: 7, .. }));
    assert_eq!(store.check(&gone), Fixity::Missing);
    assert!(matches!(store.read(&gone), Err(StoreError::Missing { .. })));
    store.set_aside(&flipped).unwrap();
    assert_eq!(store.put(b"flipped").unwrap().root, flipped);
    assert_eq!(store.check(&flipped), Fixity::Sound { bytes: 7 });
}

#[test]
fn a_link_is_the_same_file() {
    let (folder, store) = store();
    let root = store.put(b"music").unwrap().root;
    let target = folder.path().join("pack/Artist/01 Title.ogg");
    store.link(&root, &target).unwrap();
    let (a, b) = (fs::metadata(store.path(&root)).unwrap(), fs::metadata(target).unwrap());
    assert_eq!(a.ino(), b.ino());
}

#[test]
fn the_second_writer_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let first = ArchiveLock::take(folder.path()).unwrap();
    let said = ArchiveLock::take(folder.path()).unwrap_err();
    assert!(said.to_string().contains("in use by another deadwax process"), "{said}");
    assert!(said.is_fatal());
    drop(first);
    ArchiveLock::take(folder.path()).unwrap();
}
