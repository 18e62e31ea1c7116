//! The v2 file tree (BEP 52): the one list that the others are checked against.

use super::{ContentFile, MetainfoError};
use crate::bencode::{Entry, Value};
use crate::names;
use deadwax_model::Root;

/// All files in order. The tree is as deep as the bencode reader let it be, at most.
pub(super) fn files(tree: &Value) -> Result<Vec<ContentFile>, MetainfoError> {
    let mut files = Vec::new();
    folder(tree, &mut Vec::new(), &mut files)?;
    if files.iter().all(|file| file.bytes == 0) {
        return Err(MetainfoError::Shape("no file has any bytes"));
    }
    Ok(files)
}

fn folder(
    tree: &Value,
    path: &mut Vec<String>,
    files: &mut Vec<ContentFile>,
) -> Result<(), MetainfoError> {
    let entries = tree.dict().unwrap_or_default();
    if entries.is_empty() {
        return Err(wrong(path, "a folder has no entries"));
    }
    for Entry { key, value, .. } in entries {
        let name = std::str::from_utf8(key).ok().filter(|name| names::is_component(name));
        let Some(name) = name else {
            return Err(wrong(path, "a name there is not safe on every system"));
        };
        path.push(name.to_owned());
        if path.len() > names::MAX_DEPTH {
            return Err(wrong(path, "the path has too many components"));
        }
        match value.dict() {
            Some([Entry { key: [], value: leaf, .. }]) => files.push(file(leaf, path)?),
            _ => folder(value, path, files)?,
        }
        path.pop();
    }
    Ok(())
}

fn file(leaf: &Value, path: &[String]) -> Result<ContentFile, MetainfoError> {
    let bytes = leaf
        .get("length")
        .and_then(Value::length)
        .ok_or_else(|| wrong(path, "does not say its length"))?;
    let root = match (bytes, leaf.get("pieces root")) {
        (0, None) => Some(Root::EMPTY),
        (1.., Some(root)) => root.bytes().and_then(|root| Root::from_slice(root).ok()),
        _ => None,
    };
    let root = root.ok_or_else(|| wrong(path, "its pieces root does not fit its length"))?;
    Ok(ContentFile { path: path.to_vec(), bytes, root, piece_layer: Vec::new() })
}

fn wrong(path: &[String], what: &'static str) -> MetainfoError {
    MetainfoError::File { path: path.join("/"), what }
}
