//! What lies in a folder, told by names, links and content.

use deadwax_intake::{Cause, picture_kind, read_audio, read_picture, walk};
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
    let walk = walk(root, Path::new("/nowhere"));
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
fn a_link_into_the_archive_is_told_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    let (music, archive) = (top.join("music"), top.join("shelf/archive"));
    fs::create_dir_all(music.join("album")).unwrap();
    fs::create_dir_all(archive.join("editions/1")).unwrap();
    fs::create_dir_all(top.join("shelf/archive 2")).unwrap();
    for file in ["archive/editions/1/made.ogg", "archive 2/own.ogg", "z.ogg"] {
        fs::write(top.join("shelf").join(file), "x").unwrap();
    }
    fs::write(music.join("album/own.ogg"), "x").unwrap();
    symlink(&archive, music.join("all")).unwrap();
    symlink(archive.join("editions"), music.join("old")).unwrap();
    symlink(archive.join("editions/1/made.ogg"), music.join("album/made.ogg")).unwrap();
    symlink(top.join("shelf/archive 2"), music.join("other")).unwrap();
    // By way of the folder that it lies in too: the last step is no link then.
    symlink(top.join("shelf"), music.join("up")).unwrap();
    let walk = walk(&music, &archive);
    let audio: Vec<_> = walk.folders.iter().flat_map(|folder| &folder.audio).collect();
    let own = ["album/own.ogg", "other/own.ogg", "up/z.ogg", "up/archive 2/own.ogg"];
    assert_eq!(audio, own.map(|own| music.join(own)).iter().collect::<Vec<_>>());
    let told: Vec<&str> = walk
        .problems
        .iter()
        .filter(|problem| problem.what.contains("leads into the archive"))
        .map(|problem| problem.path.strip_prefix(music.to_str().unwrap()).unwrap())
        .collect();
    assert_eq!(told, ["/album/made.ogg", "/all", "/old", "/up/archive"]);
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
    // What the bytes say stays so; what the moment says need not.
    assert_eq!(missing.cause, Cause::Moment);
    assert_eq!(read_audio(folder.path()).unwrap_err().cause, Cause::Moment);
    assert_eq!(read_audio(&folder.path().join("empty.ogg")).unwrap_err().cause, Cause::Content);
}
