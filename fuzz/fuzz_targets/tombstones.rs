//! tombstones.json of an edition that somebody else published: nothing that it says is dark may be missed.
#![no_main]

use deadwax_edition::dark_in;
use deadwax_model::Root;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let read = match dark_in(Path::new("tombstones.json"), bytes) {
        Ok(read) => read,
        Err(refusal) => {
            assert!(refusal.to_string().contains("tombstones.json"));
            assert!(second_reading(bytes).is_none(), "a sound list is refused: {refusal}");
            return;
        }
    };
    assert_eq!(Some(read), second_reading(bytes));
});

/// As docs/formats/takedown.md has it, in other words: `None` of what a mirror has to refuse.
fn second_reading(bytes: &[u8]) -> Option<BTreeMap<Root, u32>> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let head = document.as_object()?;
    let is_ours = head.get("format")?.as_str()? == "deadwax-tombstones";
    let is_known = head.get("schema")?.as_u64()? == 1;
    if !is_ours || !is_known {
        return None;
    }
    let mut dark = BTreeMap::new();
    for tombstone in head.get("tombstones")?.as_array()? {
        match tombstone.get("lifted") {
            Some(Value::String(_)) => continue,
            None | Some(Value::Null) => {}
            Some(_) => return None,
        }
        let number = u32::try_from(tombstone.get("number")?.as_u64()?).ok()?;
        for root in tombstone.get("roots")?.as_array()? {
            let digits = root.as_str().filter(|it| it.len() == 64)?;
            let root = u8_pairs(digits)?;
            dark.entry(Root(root)).or_insert(number);
        }
    }
    Some(dark)
}

fn u8_pairs(digits: &str) -> Option<[u8; 32]> {
    let mut root = [0; 32];
    for (byte, pair) in root.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(pair[0])? << 4 | value(pair[1])?).ok()?;
    }
    Some(root)
}
