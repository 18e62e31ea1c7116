//! The store through its public face: what was finished is there, what was not leaves no trace, and
//! damage is named.

use deadwax_store::{ArchiveLock, Fixity, NewFile, Store, StoreError, hash_of, hash_reader};
use std::fs::{self, Permissions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

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
    let [first, second] =
        ["01 Title.ogg", "02 Title.ogg"].map(|name| folder.path().join("pack/Artist").join(name));
    let links = store.links();
    links.link_all([&first, &second].map(|target| (root, target.clone()))).unwrap();
    let holding = fs::metadata(store.path(&root)).unwrap();
    for target in [&first, &second] {
        assert_eq!(holding.ino(), fs::metadata(target).unwrap().ino());
    }
    let gone = store.put(b"gone").unwrap().root;
    fs::remove_file(store.path(&gone)).unwrap();
    let error = links.link_all([(gone, folder.path().join("pack/03.ogg"))]).unwrap_err();
    assert!(matches!(error, StoreError::Missing { root, .. } if root == gone));
    let error = links.link_all([(root, first.join("below a file"))]).unwrap_err();
    assert!(error.to_string().starts_with("cannot create folder"), "{error}");
    let error = links.link_all([(root, first.clone())]).unwrap_err();
    assert!(error.to_string().starts_with("cannot link") && first.is_file(), "{error}");
}

/// What rot of the same length leaves in a holding's place.
fn rot(path: &Path, content: &[u8]) {
    fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    fs::write(path, content).unwrap();
}

fn aside(folder: &tempfile::TempDir, name: impl std::fmt::Display) -> PathBuf {
    folder.path().join(format!("store/damaged/{name}"))
}

#[test]
fn a_draft_takes_the_place_of_a_rotten_holding_of_its_length() {
    let (folder, store) = store();
    let root = store.put(b"sound").unwrap().root;
    rot(&store.path(&root), b"s0und");
    store.put(b"sound").unwrap();
    assert_eq!(store.check(&root), Fixity::Sound { bytes: 5 });
    assert_eq!(fs::read(aside(&folder, root)).unwrap(), b"s0und");
    // Something there that cannot be read at all, and something that leads nowhere.
    fs::remove_file(store.path(&root)).unwrap();
    fs::create_dir(store.path(&root)).unwrap();
    assert!(matches!(store.check(&root), Fixity::Unreadable { .. }));
    store.put(b"sound").unwrap();
    assert_eq!(store.check(&root), Fixity::Sound { bytes: 5 });
    fs::remove_file(store.path(&root)).unwrap();
    symlink("nowhere", store.path(&root)).unwrap();
    store.put(b"sound").unwrap();
    assert_eq!(store.check(&root), Fixity::Sound { bytes: 5 });
    // A sound one is the same file as before.
    let before = fs::metadata(store.path(&root)).unwrap().ino();
    store.put(b"sound").unwrap();
    assert_eq!(fs::metadata(store.path(&root)).unwrap().ino(), before);
}

#[test]
fn workers_that_replace_the_same_rotten_holding_set_aside_nothing_sound() {
    let (folder, store) = store();
    let content = vec![3; 2_000_000];
    let root = store.put(&content).unwrap().root;
    rot(&store.path(&root), &vec![4; 2_000_000]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| store.put(&content).unwrap());
        }
    });
    assert_eq!(store.check(&root), Fixity::Sound { bytes: 2_000_000 });
    assert_eq!(fs::read_dir(folder.path().join("store/damaged")).unwrap().count(), 1);
}

#[test]
fn all_that_was_set_aside_is_kept_and_comes_back() {
    let (folder, store) = store();
    let root = store.put(b"music").unwrap().root;
    for content in [b"mus1c", b"mus2c", b"mus3c"] {
        rot(&store.path(&root), content);
        store.put(b"music").unwrap();
    }
    assert_eq!(fs::read(aside(&folder, root)).unwrap(), b"mus1c");
    assert_eq!(fs::read(aside(&folder, format!("{root}.2"))).unwrap(), b"mus2c");
    assert_eq!(fs::read(aside(&folder, format!("{root}.3"))).unwrap(), b"mus3c");

    // Nothing is put back over what is there; then the last one is, for want of a better one.
    assert!(!store.put_back(&root).unwrap());
    fs::remove_file(store.path(&root)).unwrap();
    assert!(!store.put_back_sound(&root).unwrap());
    assert!(store.put_back(&root).unwrap());
    assert_eq!(fs::read(store.path(&root)).unwrap(), b"mus3c");
    // A sound one among them is found.
    store.set_aside(&root).unwrap();
    rot(&aside(&folder, format!("{root}.2")), b"music");
    assert!(store.put_back_sound(&root).unwrap());
    assert_eq!(store.check(&root), Fixity::Sound { bytes: 5 });
    assert_eq!(fs::read_dir(folder.path().join("store/damaged")).unwrap().count(), 2);
}

#[test]
fn a_holding_is_taken_back_from_a_copy_that_has_its_bytes() {
    let (folder, store) = store();
    let root = hash_of(b"music").root;
    let [good, bad, link] = ["good", "bad", "link"].map(|name| folder.path().join(name));
    fs::write(&good, "music").unwrap();
    fs::write(&bad, "mus1c").unwrap();
    symlink(&good, &link).unwrap();
    for copy in [&bad, &link, &folder.path().join("none")] {
        assert!(!store.take_back(&root, copy).unwrap());
        assert_eq!(store.check(&root), Fixity::Missing);
    }
    assert!(store.take_back(&root, &good).unwrap());
    let (held, there) = (fs::metadata(store.path(&root)).unwrap(), fs::metadata(&good).unwrap());
    assert_eq!((held.ino(), held.mode() & 0o777), (there.ino(), 0o444));
}

#[test]
fn a_new_file_replaces_nothing_and_follows_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |target: &str| -> Result<(), StoreError> {
        let mut file = NewFile::create(&path(target), ".draft")?;
        file.write_all(b"new").unwrap();
        file.finish()
    };
    fs::write(path(".draft"), "left by a killed process, and longer").unwrap();
    write("a").unwrap();
    assert_eq!(fs::read(path("a")).unwrap(), b"new");
    // A name that is taken: by a file, by a link to nowhere, and by one that comes meanwhile.
    fs::write(path("mine"), "mine").unwrap();
    symlink("nowhere", path("dangling")).unwrap();
    for target in ["mine", "dangling"] {
        assert!(matches!(write(target), Err(StoreError::Taken { .. })));
    }
    assert_eq!(fs::read(path("mine")).unwrap(), b"mine");
    assert_eq!(fs::read_link(path("dangling")).unwrap(), Path::new("nowhere"));
    let late = NewFile::create(&path("late"), ".draft").unwrap();
    fs::write(path("late"), "mine").unwrap();
    assert!(matches!(late.finish(), Err(StoreError::Taken { .. })));
    assert_eq!(fs::read(path("late")).unwrap(), b"mine");
    // A link under the draft's name is not written through, and not removed.
    symlink("mine", path(".draft")).unwrap();
    let said = write("b").unwrap_err().to_string();
    assert!(said.contains(".draft exists already") && said.contains("another folder"), "{said}");
    assert_eq!(fs::read(path("mine")).unwrap(), b"mine");
    fs::remove_file(path(".draft")).unwrap();
    // Two at once: the one whose draft was taken away neither publishes nor removes the other's.
    let first = NewFile::create(&path("c"), ".draft").unwrap();
    let second = NewFile::create(&path("c"), ".draft").unwrap();
    assert!(matches!(first.finish(), Err(StoreError::Taken { .. })));
    second.finish().unwrap();
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a", "c", "dangling", "late", "mine"]);
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
