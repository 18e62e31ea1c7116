//! What lies in a folder, told by names, links and content.

use deadwax_intake::{picture_kind, read_audio, read_picture, walk};
use deadwax_model::PictureKind;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn a_walk_lists_audio_and_artwork_and_passes_over_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("b/deep")).unwrap();
    for name in ["b/2.OGG", "b/1.flac", "b/Cover.JPG", "b/notes.txt", "b/._1.flac", "b/deep/x.wav"]
    {
        fs::write(root.join(name), "x").unwrap();
    }
    symlink(root, root.join("b/loop")).unwrap();
    symlink(root.join("nowhere"), root.join("dead.mp3")).unwrap();
    let walk = walk(root);
    let audio: Vec<_> = walk.folders.iter().flat_map(|folder| &folder.audio).collect();
    assert_eq!(audio, [&root.join("b/1.flac"), &root.join("b/2.OGG"), &root.join("b/deep/x.wav")]);
    assert_eq!(walk.folders[0].pictures, [root.join("b/Cover.JPG")]);
    assert_eq!(walk.passed_over, 2);
    let said: Vec<&str> = walk.problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().any(|what| what.contains("leads back to")), "{said:?}");
    assert!(said.iter().any(|what| what.contains("link to nothing")), "{said:?}");
}

#[test]
fn artwork_is_known_by_its_name_and_read_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let kind = |name: &str| picture_kind(&folder.path().join(name));
    assert_eq!(kind("FOLDER.png"), Some(PictureKind::Front));
    assert_eq!(kind("back.jpeg"), Some(PictureKind::Back));
    assert_eq!(kind("holiday.jpg"), None);
    assert_eq!(kind("cover.gif"), None);
    let path = folder.path().join("cover.png");
    fs::write(&path, b"\xFF\xD8\xFF\xE0 a JPEG with a wrong name").unwrap();
    let (stamp, picture) = read_picture(&path, PictureKind::Front).unwrap();
    assert_eq!((stamp.bytes, picture.mime.as_str()), (29, "image/jpeg"));
    fs::write(&path, "text").unwrap();
    let refusal = read_picture(&path, PictureKind::Front).unwrap_err();
    assert!(refusal.what.contains("neither JPEG nor PNG nor WebP"), "{}", refusal.what);
}

#[test]
fn refusals_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        read_audio(&path).unwrap_err().what
    };
    assert!(refuse("empty.ogg", b"").contains("empty"));
    assert!(
        refuse("picture.mp3", b"\xFF\xD8\xFF\xE0\0\x10JFIF\0").contains("a JPEG image, not audio")
    );
    let missing = read_audio(Path::new("/does/not/exist.ogg")).unwrap_err();
    assert!(missing.what.contains("went away"), "{}", missing.what);
}
