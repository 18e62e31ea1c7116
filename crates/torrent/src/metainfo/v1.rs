//! The v1 side against the file tree: a client of either kind must get the same files.

use super::{ContentFile, MetainfoError};
use crate::bencode::Value;
use deadwax_model::PIECE_BYTES;

/// Checks `length` or `files` with its pads, and the length of `pieces`.
pub(super) fn check(info: &Value, name: &str, files: &[ContentFile]) -> Result<(), MetainfoError> {
    use MetainfoError::Shape;
    let pieces: u128 = files.iter().map(|file| u128::from(file.bytes.div_ceil(PIECE_BYTES))).sum();
    let hashes =
        info.get("pieces").and_then(Value::bytes).ok_or(Shape("there are no v1 pieces"))?;
    if hashes.len() as u128 != pieces * 20 {
        return Err(Shape("the number of v1 pieces does not fit the file tree"));
    }
    match (info.get("length").map(Value::length), info.get("files").map(Value::list), files) {
        (Some(Some(length)), None, [file]) if file.path == [name] && file.bytes == length => Ok(()),
        (None, Some(Some(_)), [file]) if file.path == [name] => {
            Err(Shape("its one file has the torrent's name and lies in a folder"))
        }
        (None, Some(Some(listed)), files) => list(listed, files),
        _ => Err(Shape("'length' or 'files' does not fit the file tree")),
    }
}

fn list(listed: &[Value], files: &[ContentFile]) -> Result<(), MetainfoError> {
    let padded = files.len() > 1;
    let mut listed = listed.iter();
    for file in files {
        let rest = file.bytes % PIECE_BYTES;
        let pad = if padded && rest > 0 { PIECE_BYTES - rest } else { 0 };
        let is_there = listed.next().is_some_and(|entry| is_file(entry, file));
        if !is_there || (pad > 0 && !listed.next().is_some_and(|entry| is_pad(entry, pad))) {
            return Err(MetainfoError::File {
                path: file.path.join("/"),
                what: "its v1 list has another file, length or pad in that place",
            });
        }
    }
    if listed.next().is_some() {
        return Err(MetainfoError::Shape("the v1 list has more files than the file tree"));
    }
    Ok(())
}

fn is_file(entry: &Value, file: &ContentFile) -> bool {
    let path = entry.get("path").and_then(Value::list).unwrap_or_default();
    entry.get("length").and_then(Value::length) == Some(file.bytes)
        && entry.get("attr").is_none()
        && path.iter().map(Value::text).eq(file.path.iter().map(|name| Some(name.as_str())))
}

/// Where a pad says that it lies is nobody's business: no client writes it.
fn is_pad(entry: &Value, bytes: u64) -> bool {
    entry.get("attr").and_then(Value::text) == Some("p")
        && entry.get("length").and_then(Value::length) == Some(bytes)
}
