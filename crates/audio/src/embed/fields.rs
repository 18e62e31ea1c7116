//! Which fields and pictures a holding has: the archive's first, then what the source said.

use super::{EmbedError, Embedding};
use crate::ogg::{Comments, kind_of_base64_picture, split_field};
use deadwax_model::{Picture, PictureKind};
use std::collections::HashSet;

/// The field in which Vorbis and Opus comments carry a picture.
pub(super) const PICTURE_FIELD: &str = "METADATA_BLOCK_PICTURE";
/// Its predecessor: a bare image, and always the cover.
const OLD_COVER_FIELD: &str = "COVERART";

/// Refuses keys that the comment format does not allow: printable ASCII but `=` and `~`
/// (0x20 to 0x7D).
pub(super) fn check_keys(metadata: &Embedding) -> Result<(), EmbedError> {
    let allowed = |byte: u8| (0x20..=0x7d).contains(&byte) && byte != b'=';
    match metadata.fields.iter().find(|(key, _)| key.is_empty() || !key.bytes().all(allowed)) {
        Some((key, _)) => Err(EmbedError::Key(key.clone())),
        None => Ok(()),
    }
}

/// The archive's fields, then those of the source that none of them replaces.
pub(super) fn merge(source: Comments, metadata: &Embedding) -> Comments {
    let replaced: HashSet<Vec<u8>> =
        metadata.fields.iter().map(|(key, _)| key.to_ascii_uppercase().into_bytes()).collect();
    let mut merged = Comments { vendor: source.vendor, fields: Vec::new() };
    for (key, value) in &metadata.fields {
        merged.push(key, value);
    }
    let survives = |field: &Vec<u8>| {
        split_field(field).is_none_or(|(key, _)| !replaced.contains(&key.to_ascii_uppercase()))
    };
    merged.fields.extend(source.fields.into_iter().filter(survives));
    merged
}

/// Keys in upper case and their values, both in the order given.
pub(super) fn grouped(metadata: &Embedding) -> Vec<(String, Vec<&str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (key, value) in &metadata.fields {
        let key = key.to_ascii_uppercase();
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

/// What kinds of picture the comments carry.
pub(super) fn kinds_in(comments: &Comments) -> HashSet<PictureKind> {
    let mut kinds: HashSet<_> =
        comments.values(PICTURE_FIELD).filter_map(kind_of_base64_picture).collect();
    if comments.values(OLD_COVER_FIELD).next().is_some() {
        kinds.insert(PictureKind::Front);
    }
    kinds
}

/// The pictures whose kind the source does not have.
pub(super) fn missing<'a>(
    metadata: &'a Embedding,
    present: &HashSet<PictureKind>,
) -> Vec<&'a Picture> {
    metadata.pictures.iter().filter(|picture| !present.contains(&picture.kind)).collect()
}

/// What follows the comments, when it is more than padding.
pub(super) fn beyond_padding(trailing: &[u8]) -> &[u8] {
    if trailing.iter().all(|&byte| byte == 0) { &[] } else { trailing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(fields: &[&str]) -> Comments {
        Comments {
            vendor: b"v".to_vec(),
            fields: fields.iter().map(|field| field.as_bytes().to_vec()).collect(),
        }
    }

    #[test]
    fn replaces_a_key_in_any_case_and_keeps_the_rest_in_order() {
        let source = comments(&["b=1", "title=x", "broken", "Title=y", "a=2", "b=3"]);
        let metadata = Embedding {
            fields: vec![("TITLE".into(), "new".into()), ("ISRC".into(), "i".into())],
            pictures: Vec::new(),
        };
        let merged = merge(source, &metadata);
        assert_eq!(merged, comments(&["TITLE=new", "ISRC=i", "b=1", "broken", "a=2", "b=3"]));
    }

    #[test]
    fn values_are_grouped_by_key_in_any_case() {
        let field = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let fields = vec![field("ARTIST", "a"), field("TITLE", "t"), field("artist", "b")];
        let metadata = Embedding { fields, pictures: Vec::new() };
        assert_eq!(
            grouped(&metadata),
            [("ARTIST".to_owned(), vec!["a", "b"]), ("TITLE".to_owned(), vec!["t"])]
        );
    }

    #[test]
    fn sees_the_pictures_that_are_there() {
        let front = "METADATA_BLOCK_PICTURE=AAAAAwAAAAo=";
        assert_eq!(kinds_in(&comments(&[front])), HashSet::from([PictureKind::Front]));
        assert_eq!(kinds_in(&comments(&["coverart=AAAA"])), HashSet::from([PictureKind::Front]));
        assert_eq!(kinds_in(&comments(&["METADATA_BLOCK_PICTURE=A"])), HashSet::new());
    }

    #[test]
    fn refuses_keys_that_no_reader_would_find() {
        for key in ["", "A=B", "TITRE\u{e9}", "A\n"] {
            let metadata =
                Embedding { fields: vec![(key.to_owned(), String::new())], pictures: Vec::new() };
            let error = check_keys(&metadata).unwrap_err().to_string();
            assert!(error.contains("cannot be a metadata key"), "{error}");
        }
    }
}
