//! The items of `ilst` as iTunes and MusicBrainz Picard write them: which field an item is, and the
//! item that a field becomes.

use super::EmbedError;
use super::mp4_boxes::{BoxAt, Kind, Walk, boxed};
use crate::probe::mp4::be16;
use deadwax_model::{Picture, PictureKind};

/// Fields that are text.
const TEXTS: [(&str, &Kind); 5] = [
    ("TITLE", b"\xa9nam"),
    ("ARTIST", b"\xa9ART"),
    ("ALBUM", b"\xa9alb"),
    ("ALBUMARTIST", b"aART"),
    ("DATE", b"\xa9day"),
];
/// Fields that are a number and a total, and how long their value is.
const NUMBERS: [(&str, &Kind, usize); 2] =
    [("TRACKNUMBER", b"trkn", 8), ("DISCNUMBER", b"disk", 6)];
const FREEFORM: &Kind = b"----";
const COVER: &Kind = b"covr";
/// Whose names freeform items have: those of everything that iTunes has no item for.
const MEANING: &[u8] = b"com.apple.iTunes";

// Types of values (QuickTime File Format, "Well-Known Types").
const BINARY: u32 = 0;
const UTF8: u32 = 1;
const JPEG: u32 = 13;
const PNG: u32 = 14;

/// An item of the source.
pub(super) struct Item {
    pub(super) at: BoxAt,
    /// The field that it is, in upper case; `None` when it is none of ours.
    key: Option<Vec<u8>>,
    /// Of a number, how many there are in all; 0 when nobody said.
    total: u16,
}

impl Item {
    pub(super) fn read(walk: &mut Walk<'_>, at: BoxAt) -> Result<Item, EmbedError> {
        let raw = walk.raw;
        let mut item = Item { key: known_key(&at.kind), total: 0, at };
        let of_numbers = NUMBERS.iter().any(|(_, kind, _)| **kind == item.at.kind);
        if of_numbers || item.at.kind == *FREEFORM {
            for part in walk.children(&item.at)?.0 {
                let content = part.content(raw);
                match &part.kind {
                    // Behind version and flags.
                    b"name" if !of_numbers => {
                        item.key = content.get(4..).map(<[u8]>::to_ascii_uppercase)
                    }
                    // Behind type and locale: nothing, number, total, in 16 bits each.
                    b"data" if of_numbers => item.total = be16(content, 12).unwrap_or(0),
                    _ => {}
                }
            }
        }
        Ok(item)
    }

    pub(super) fn is(&self, key: &str) -> bool {
        self.key.as_deref() == Some(key.as_bytes())
    }

    pub(super) fn is_cover(&self) -> bool {
        self.at.kind == *COVER
    }
}

fn known_key(kind: &Kind) -> Option<Vec<u8>> {
    let mut kinds = TEXTS.into_iter().chain(NUMBERS.map(|(key, kind, _)| (key, kind)));
    let known = kinds.find(|(_, known)| *known == kind);
    known.map(|(key, _)| key.as_bytes().to_vec())
}

/// The item of a field, a value in one `data` box each. A number whose text gives no total keeps the
/// one that the source has.
pub(super) fn item(key: &str, values: &[&str], source: &[Item]) -> Vec<u8> {
    let texts = || values.iter().flat_map(|text| data(UTF8, text.as_bytes())).collect::<Vec<_>>();
    if let Some((_, kind)) = TEXTS.iter().find(|(known, _)| *known == key) {
        return boxed(kind, &texts());
    }
    if let Some((_, kind, bytes)) = NUMBERS.iter().find(|(known, ..)| *known == key) {
        let total = source.iter().filter(|item| item.is(key)).map(|item| item.total).max();
        let numbers: Option<Vec<_>> =
            values.iter().map(|text| number(text, total.unwrap_or(0), *bytes)).collect();
        if let Some(numbers) = numbers {
            return boxed(kind, &numbers.concat());
        }
    }
    let mut parts = boxed(b"mean", &[&[0; 4][..], MEANING].concat());
    parts.extend(boxed(b"name", &[&[0; 4][..], key.as_bytes()].concat()));
    parts.extend(texts());
    boxed(FREEFORM, &parts)
}

/// `3/12` or `3` as the `data` of `bytes` bytes; `None` for what such an item cannot say.
fn number(text: &str, total: u16, bytes: usize) -> Option<Vec<u8>> {
    let parse = |text: &str| {
        let text = text.trim();
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok())?
    };
    let (number, total) = match text.split_once('/') {
        Some((number, total)) => (parse(number)?, parse(total)?),
        None => (parse(text)?, total),
    };
    // 0 says that there is no number.
    let number = (number > 0).then_some(number)?;
    let mut value = [[0, 0], number.to_be_bytes(), total.to_be_bytes()].concat();
    value.resize(bytes, 0);
    Some(data(BINARY, &value))
}

/// The item of the front covers among the pictures, and how many they are. Empty when there is none
/// in a format that the item can have.
pub(super) fn cover(pictures: &[Picture]) -> (Vec<u8>, usize) {
    let fronts = pictures.iter().filter(|picture| picture.kind == PictureKind::Front);
    let values: Vec<_> = fronts
        .filter_map(|picture| {
            let format = match picture.mime.as_str() {
                "image/jpeg" => JPEG,
                "image/png" => PNG,
                _ => return None,
            };
            Some(data(format, &picture.data))
        })
        .collect();
    let item = if values.is_empty() { Vec::new() } else { boxed(COVER, &values.concat()) };
    (item, values.len())
}

fn data(kind: u32, value: &[u8]) -> Vec<u8> {
    // No locale.
    boxed(b"data", &[&kind.to_be_bytes()[..], &[0; 4], value].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(items: &[Vec<u8>]) -> Vec<Item> {
        let raw = boxed(b"ilst", &items.concat());
        let mut walk = Walk::new(&raw);
        let ilst = BoxAt { kind: *b"ilst", place: 0..raw.len(), content: 8 };
        let items = walk.children(&ilst).unwrap().0;
        items.into_iter().map(|at| Item::read(&mut walk, at).unwrap()).collect()
    }

    #[test]
    fn an_item_is_the_field_that_it_was_made_of() {
        let keys = TEXTS.map(|(key, _)| key).into_iter().chain(["TRACKNUMBER", "DISCNUMBER"]);
        for key in keys.chain(["ISRC", "DEADWAX_RECORDING"]) {
            let found = source(&[item(key, &["1", "2"], &[])]);
            assert!(found[0].is(key), "{key}");
        }
        // Text where a number belongs is an item of that field too.
        assert!(source(&[item("TRACKNUMBER", &["A1"], &[])])[0].is("TRACKNUMBER"));
        assert!(source(&[boxed(b"\xa9too", &data(UTF8, b"x"))])[0].key.is_none());
    }

    #[test]
    fn freeform_items_are_known_by_name_in_any_case_and_of_any_meaning() {
        let parts =
            [boxed(b"mean", b"\0\0\0\0org.example"), boxed(b"name", b"\0\0\0\0Isrc")].concat();
        assert!(source(&[boxed(b"----", &parts)])[0].is("ISRC"));
        assert!(source(&[boxed(b"----", b"")])[0].key.is_none());
    }

    #[test]
    fn numbers_carry_their_total() {
        let value = |text, source: &[Item]| {
            let item = item("TRACKNUMBER", &[text], source);
            item.starts_with(b"\0\0\0\x20trkn").then(|| item[24..].to_vec())
        };
        let twelve = source(&[item("TRACKNUMBER", &["9/12"], &[])]);
        assert_eq!(value("3/12", &[]), Some(vec![0, 0, 0, 3, 0, 12, 0, 0]));
        assert_eq!(value(" 03 ", &[]), Some(vec![0, 0, 0, 3, 0, 0, 0, 0]));
        assert_eq!(value("3", &twelve), Some(vec![0, 0, 0, 3, 0, 12, 0, 0]));
        assert_eq!(value("3/300", &twelve), Some(vec![0, 0, 0, 3, 1, 44, 0, 0]));
        for text in ["", "0", "A1", "3/", "/3", "+3", "70000", "3/12/1", "-1"] {
            assert_eq!(value(text, &[]), None, "{text}");
        }
        assert_eq!(item("DISCNUMBER", &["2/2"], &[])[24..], [0, 0, 0, 2, 0, 2]);
    }

    #[test]
    fn only_front_covers_that_the_item_can_hold_are_written() {
        let picture = |kind, mime: &str| Picture { kind, mime: mime.into(), data: vec![7; 3] };
        let pictures = [
            picture(PictureKind::Back, "image/png"),
            picture(PictureKind::Front, "image/webp"),
            picture(PictureKind::Front, "image/png"),
        ];
        assert_eq!(cover(&pictures[..2]), (Vec::new(), 0));
        let (item, count) = cover(&pictures);
        assert_eq!(count, 1);
        assert_eq!(item, b"\0\0\0\x1bcovr\0\0\0\x13data\0\0\0\x0e\0\0\0\0\x07\x07\x07");
    }

    #[test]
    fn values_of_one_field_stay_in_one_item_in_their_order() {
        let expected = b"\0\0\0\x2a\xa9ART\0\0\0\x11data\0\0\0\x01\0\0\0\0a\
            \0\0\0\x11data\0\0\0\x01\0\0\0\0b";
        assert_eq!(item("ARTIST", &["a", "b"], &[]), expected);
    }
}
