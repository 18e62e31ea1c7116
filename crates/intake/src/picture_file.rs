//! Artwork that lies in a folder beside the music.

use crate::stamp::unmoved;
use crate::{Refusal, stamp};
use deadwax_audio::probe::PICTURE_BYTES_MAX;
use deadwax_model::{Picture, PictureKind, Stamp};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file of this name shows, if by its name it is a folder's artwork: `cover.jpg`, `folder.png`,
/// `front.webp`, `back.jpeg`... in any case.
pub fn picture_kind(path: &Path) -> Option<PictureKind> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let (stem, extension) = name.rsplit_once('.')?;
    if !matches!(extension, "jpg" | "jpeg" | "png" | "webp") {
        return None;
    }
    match stem {
        "cover" | "folder" | "front" | "album" | "albumart" | "artwork" => Some(PictureKind::Front),
        "back" => Some(PictureKind::Back),
        _ => None,
    }
}

/// Reads a picture of at most [`PICTURE_BYTES_MAX`].
pub fn read_picture(path: &Path, kind: PictureKind) -> Result<(Stamp, Picture), Refusal> {
    let file = File::open(path).map_err(|e| Refusal::io(&e))?;
    let before = stamp(&file.metadata().map_err(|e| Refusal::io(&e))?);
    if before.bytes > PICTURE_BYTES_MAX as u64 {
        return Err(Refusal::new(
            format!(
                "the picture has {} bytes, {PICTURE_BYTES_MAX} are taken at most",
                before.bytes
            ),
            "put a smaller copy in its place",
        ));
    }
    let mut data = Vec::with_capacity(before.bytes as usize);
    (&file)
        .take(PICTURE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut data)
        .map_err(|e| Refusal::io(&e))?;
    unmoved(before, stamp(&file.metadata().map_err(|e| Refusal::io(&e))?))?;
    let mime = mime_of(&data).ok_or_else(|| {
        Refusal::new(
            "by its name it is artwork, but it is neither JPEG nor PNG nor WebP",
            "replace it by a sound picture, or give it another name",
        )
    })?;
    Ok((before, Picture { kind, mime: mime.to_owned(), data }))
}

fn mime_of(data: &[u8]) -> Option<&'static str> {
    match data {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
