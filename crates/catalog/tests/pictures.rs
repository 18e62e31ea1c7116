//! Which pictures a file has: its own, and what lies in its folders now.

use deadwax_catalog::Catalog;
use deadwax_model::{FileFacts, PictureFacts, PictureKind, Root, Stamp};
use std::path::Path;

const STAMP: Stamp = Stamp { bytes: 5, modified_ns: 1 };

struct Bench {
    _folder: tempfile::TempDir,
    catalog: Catalog,
    file: Root,
}

impl Bench {
    /// One file with a picture in itself, found at these paths.
    fn new(paths: &[&str]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).unwrap();
        let hashes = deadwax_store::hash_of(b"audio");
        let file = hashes.root;
        let facts = FileFacts {
            hashes,
            format: Default::default(),
            tags: Default::default(),
            pictures: vec![PictureFacts { embedded: true, ..picture("own") }],
            warnings: Vec::new(),
        };
        for path in paths {
            catalog.record_audio(Path::new(path), STAMP, &facts, "title").unwrap();
        }
        Bench { _folder: folder, catalog, file }
    }

    /// Looks at a folder in which pictures of these contents lie.
    fn look(&self, folder: &str, contents: &[&str]) {
        let pictures: Vec<_> = contents.iter().map(|content| picture(content)).collect();
        for (number, picture) in pictures.iter().enumerate() {
            let path = Path::new(folder).join(format!("{number}.png"));
            self.catalog.record_picture(&path, STAMP, &picture.hashes).unwrap();
        }
        self.catalog.set_folder_pictures(&self.file, Path::new(folder), &pictures).unwrap();
    }

    fn assert_has(&self, contents: &[&str]) {
        let found = self.catalog.pictures(&self.file).unwrap();
        let found: Vec<Root> = found.iter().map(|picture| picture.hashes.root).collect();
        let wanted: Vec<Root> = contents.iter().map(|it| picture(it).hashes.root).collect();
        assert_eq!(found, wanted, "{contents:?}");
    }
}

fn picture(content: &str) -> PictureFacts {
    let hashes = deadwax_store::hash_of(content.as_bytes());
    PictureFacts { hashes, kind: PictureKind::Front, mime: "image/png".into(), embedded: false }
}

#[test]
fn what_a_folder_no_longer_has_is_no_longer_the_files() {
    let bench = Bench::new(&["/m/a.ogg"]);
    bench.look("/m", &["first", "back"]);
    bench.assert_has(&["own", "first", "back"]);
    bench.look("/m", &["second", "back"]);
    bench.assert_has(&["own", "second", "back"]);
    bench.look("/m", &["own", "back", "back"]);
    bench.assert_has(&["own", "back"]);
    bench.look("/m", &[]);
    bench.assert_has(&["own"]);
}

#[test]
fn a_copy_in_another_folder_keeps_that_folders_pictures() {
    let bench = Bench::new(&["/m/a.ogg", "/n/a.ogg"]);
    bench.look("/m", &["m's"]);
    bench.look("/n", &["n's"]);
    bench.assert_has(&["own", "m's", "n's"]);
    bench.look("/m", &["m's"]);
    bench.assert_has(&["own", "m's", "n's"]);
    bench.look("/m", &["m's newer"]);
    bench.assert_has(&["own", "n's", "m's newer"]);
    bench.look("/m", &["n's"]);
    bench.look("/n", &["n's"]);
    bench.assert_has(&["own", "n's"]);
}

#[test]
fn the_cover_of_a_release_is_the_one_that_most_of_its_recordings_have() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).unwrap();
    let front = |text: &str| PictureFacts { embedded: true, ..picture(text) };
    let back = PictureFacts { kind: PictureKind::Back, ..front("the back, which is the largest") };
    let add = |name: &str, title: Option<&str>, pictures: Vec<PictureFacts>| {
        let tags = deadwax_model::Tags {
            release: title.map(str::to_owned),
            release_artist: Some("Someone".to_owned()),
            ..Default::default()
        };
        let hashes = deadwax_store::hash_of(name.as_bytes());
        let facts =
            FileFacts { hashes, format: Default::default(), tags, pictures, warnings: Vec::new() };
        catalog.record_audio(Path::new(name), STAMP, &facts, name).unwrap();
        deadwax_model::RecordingId::of_first_source(&facts.root())
    };
    let root = |text: &str| deadwax_store::hash_of(text.as_bytes()).root;
    add("/m/1", Some("One"), vec![front("most"), back.clone()]);
    add("/m/2", Some("One"), vec![front("most"), front("longer, on one"), back.clone()]);
    add("/m/3", Some("One"), vec![front("a"), back.clone()]);
    add("/m/4", Some("One"), vec![back]);
    add("/m/5", Some("Two"), vec![front("b")]);
    let alone = add("/m/6", None, vec![front("x"), front("longer")]);
    let names: Vec<Vec<Root>> = catalog
        .release_ids()
        .unwrap()
        .iter()
        .map(|id| catalog.covers_of_release(id).unwrap())
        .collect();
    assert!(names.contains(&vec![root("most"), root("longer, on one"), root("a")]), "{names:?}");
    assert!(names.contains(&vec![root("b")]) && names.len() == 2, "{names:?}");
    assert_eq!(catalog.covers_of_recording(&alone).unwrap(), [root("longer"), root("x")]);
}

#[test]
fn what_was_made_of_a_picture_is_found_by_picture_and_purpose() {
    let bench = Bench::new(&["/m/1"]);
    let (own, catalog) = (picture("own").hashes.root, &bench.catalog);
    let image = deadwax_catalog::Image { mime: "image/png".into(), width: 600, height: 400 };
    assert_eq!(catalog.image(&own, 1).unwrap(), None);
    catalog.record_image(&own, 1, &Ok(image.clone())).unwrap();
    assert_eq!(catalog.image(&own, 1).unwrap(), Some(Ok(image)));
    assert_eq!(catalog.image(&own, 2).unwrap(), None, "another version has not looked");
    catalog.record_image(&own, 2, &Err("damaged".into())).unwrap();
    assert_eq!(catalog.image(&own, 2).unwrap(), Some(Err("damaged".into())));
    let made = |text: &str| deadwax_catalog::Derived {
        hashes: deadwax_store::hash_of(text.as_bytes()),
        width: 250,
        height: 167,
    };
    for text in ["first", "second"] {
        catalog.record_derived(&own, "thumbnail-250", &made(text)).unwrap();
        assert_eq!(catalog.derived(&own, "thumbnail-250").unwrap(), Some(made(text)));
    }
    assert_eq!(catalog.derived(&own, "thumbnail-500").unwrap(), None);
    // What was made of a picture that no file has is not looked after.
    catalog.record_derived(&picture("gone").hashes.root, "thumbnail-250", &made("x")).unwrap();
    let files = catalog.derived_files().unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!((files[0].root, files[0].source), (made("second").hashes.root, own));
}
