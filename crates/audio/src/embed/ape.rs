//! APE tags (wiki.hydrogenaudio.org, "APEv2 specification"; version 1 is the same as far as texts go): what they say, and what of
//! that goes into an ID3v2 tag.

use super::EmbedError;
use super::id3_writer::Frames;
use crate::probe::read_at;
use std::io::{Read, Seek, SeekFrom};

const FOOTER_BYTES: usize = 32;
/// A tag longer than this is not looked into, nor a text longer than that, nor more items.
const TAG_BYTES_MAX: usize = 16 << 20;
const TEXT_BYTES_MAX: usize = 1 << 20;
const ITEMS_MAX: usize = 1024;

/// Of an item's flags: what kind of value it has, 0 being text.
const KIND: u32 = 0b110;

/// A text, or several.
pub(super) struct Item {
    /// As it is written; case does not matter.
    key: String,
    values: Vec<String>,
}

/// The texts of the tag in front of the last `behind` bytes. None when there is no tag or it is damaged: it stays where it
/// is, whatever it says.
pub(super) fn items(source: &mut (impl Read + Seek), behind: u64) -> Result<Vec<Item>, EmbedError> {
    let end = source.seek(SeekFrom::End(0)).map_err(EmbedError::Read)? - behind;
    let Some(at) = end.checked_sub(FOOTER_BYTES as u64) else { return Ok(Vec::new()) };
    let mut footer = [0; FOOTER_BYTES];
    let filled = read_at(source, at, &mut footer).map_err(EmbedError::Read)?;
    let (bytes, count) = (le32(&footer, 12) as usize, le32(&footer, 16) as usize);
    let room = bytes.checked_sub(FOOTER_BYTES).filter(|room| *room as u64 <= at);
    let Some(room) = room.filter(|room| *room <= TAG_BYTES_MAX) else { return Ok(Vec::new()) };
    if filled < FOOTER_BYTES || !footer.starts_with(b"APETAGEX") {
        return Ok(Vec::new());
    }
    let mut tag = vec![0; room];
    read_at(source, at - room as u64, &mut tag).map_err(EmbedError::Read)?;
    let mut items = Vec::new();
    let mut rest = &tag[..];
    for _ in 0..count.min(ITEMS_MAX) {
        let Some((item, next)) = item(rest) else { break };
        items.extend(item);
        rest = next;
    }
    Ok(items)
}

/// Says in frames what the items say and nothing else does.
pub(super) fn carry(items: &[Item], frames: &mut Frames) -> Result<(), EmbedError> {
    for Item { key, values } in items {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let field = field_of(key);
        match field.as_str() {
            "COMMENT" if !frames.has_comment => frames.comment(&values.join("\n"))?,
            "MUSICBRAINZ_TRACKID" if !frames.have("UFI", "UFID") => {
                let content = [b"http://musicbrainz.org\0", values[0].as_bytes()].concat();
                frames.frame("UFI", "UFID", &content)?;
            }
            "COMMENT" | "MUSICBRAINZ_TRACKID" => {}
            field if frames.say(&field.to_uppercase()) => {}
            field => frames.field(field, &values)?,
        }
    }
    Ok(())
}

/// The name that a key has elsewhere, as MusicBrainz Picard maps them; others as they are.
fn field_of(key: &str) -> String {
    let upper = key.to_ascii_uppercase();
    let field = match upper.as_str() {
        "ALBUM ARTIST" => "ALBUMARTIST",
        "TRACK" => "TRACKNUMBER",
        "DISC" => "DISCNUMBER",
        "YEAR" => "DATE",
        "LABEL" => "PUBLISHER",
        "MIXARTIST" => "REMIXER",
        "MUSICBRAINZ_ALBUMID" => "MusicBrainz Album Id",
        "MUSICBRAINZ_ARTISTID" => "MusicBrainz Artist Id",
        "MUSICBRAINZ_ALBUMARTISTID" => "MusicBrainz Album Artist Id",
        "MUSICBRAINZ_RELEASEGROUPID" => "MusicBrainz Release Group Id",
        "MUSICBRAINZ_RELEASETRACKID" => "MusicBrainz Release Track Id",
        "MUSICBRAINZ_WORKID" => "MusicBrainz Work Id",
        upper => upper,
    };
    field.to_owned()
}

/// The first item, unless it is no text, and what is behind it; `None` when it is damaged.
fn item(tag: &[u8]) -> Option<(Option<Item>, &[u8])> {
    let (head, rest) = tag.split_at_checked(8)?;
    let end = rest.iter().take(256).position(|byte| *byte == 0)?;
    let (key, rest) = (&rest[..end], &rest[end + 1..]);
    let (value, rest) = rest.split_at_checked(le32(head, 0) as usize)?;
    let is_key = key.len() >= 2 && key.iter().all(|byte| (0x20..=0x7E).contains(byte));
    let text = std::str::from_utf8(value).ok().filter(|_| is_key && value.len() <= TEXT_BYTES_MAX);
    let item = text.filter(|_| le32(head, 4) & KIND == 0).and_then(|text| {
        let values: Vec<String> =
            text.split('\0').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        let key = String::from_utf8_lossy(key).into_owned();
        (!values.is_empty()).then_some(Item { key, values })
    });
    Some((item, rest))
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
