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
