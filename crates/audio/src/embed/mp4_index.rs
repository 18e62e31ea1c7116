//! What matters in an MP4 file's index (`moov`): the tables of file offsets, and the way to the tags.

use super::mp4_boxes::{BoxAt, Kind, Walk, refusal};
use super::{EmbedError, unsupported};
use crate::probe::mp4::{be32, be64};
use std::ops::Range;

/// Boxes within boxes, more than any index has.
const MAX_DEPTH: usize = 16;

/// The boxes around the tags, from the outside to the inside.
const WAY_TO_TAGS: [&Kind; 3] = [b"udta", b"meta", b"ilst"];

/// File offsets of chunks.
pub(super) struct Table {
    /// Where the offsets are, whole numbers.
    pub(super) entries: Range<usize>,
    /// Bytes an offset: 4 (`stco`) or 8 (`co64`).
    pub(super) width: u8,
}

impl Table {
    /// The offsets; `raw` is the whole `moov`.
    pub(super) fn offsets(&self, raw: &[u8]) -> impl Iterator<Item = u64> {
        let entries = self.entries.clone().step_by(self.width.into());
        entries.map(move |at| match self.width {
            4 => be32(raw, at).map_or(0, u64::from),
            _ => be64(raw, at).unwrap_or(0),
        })
    }
}

/// The parts of `moov` that a holding has differently.
pub(super) struct Index {
    pub(super) tables: Vec<Table>,
    /// `moov`, then as many of `udta`, `meta`, `ilst` as there are.
    pub(super) way: Vec<BoxAt>,
    /// What is in `ilst`.
    pub(super) items: Vec<BoxAt>,
    /// Where the boxes within the last one of `way` end.
    pub(super) end: usize,
}

impl Index {
    /// From the whole `moov`, whose header has 8 bytes. Refuses what cannot be moved with certainty.
    pub(super) fn read(walk: &mut Walk<'_>) -> Result<Index, EmbedError> {
        let moov = BoxAt { kind: *b"moov", place: 0..walk.raw.len(), content: 8 };
        let mut tables = Vec::new();
        find_tables(walk, &moov, 1, &mut tables)?;
        let (mut inside, mut end) = walk.children(&moov)?;
        let mut way = vec![moov];
        for kind in WAY_TO_TAGS {
            let mut of_kind = inside.iter().filter(|found| found.kind == *kind);
            let (Some(found), more) = (of_kind.next().cloned(), of_kind.next()) else {
                return Ok(Index { tables, way, items: Vec::new(), end });
            };
            if more.is_some() {
                return unsupported("its tags are in more than one place");
            }
            if found.content - found.place.start != 8 {
                return unsupported("a box around its tags has a 64-bit length");
            }
            (inside, end) = walk.children(&found)?;
            if found.kind == *b"meta" {
                check_handler(walk.raw, &inside)?;
            }
            way.push(found);
        }
        Ok(Index { tables, way, items: inside, end })
    }
}

/// Whether `ilst` has items as iTunes writes them, and not numbers of keys.
fn check_handler(raw: &[u8], inside: &[BoxAt]) -> Result<(), EmbedError> {
    let handler = inside.iter().find(|found| found.kind == *b"hdlr");
    match handler.and_then(|handler| handler.content(raw).get(8..12)) {
        Some(b"mdir") => Ok(()),
        _ => unsupported("its tags are of another kind than those of iTunes (mdir)"),
    }
}

fn find_tables(
    walk: &mut Walk<'_>,
    parent: &BoxAt,
    depth: usize,
    tables: &mut Vec<Table>,
) -> Result<(), EmbedError> {
    if depth > MAX_DEPTH {
        return unsupported("its boxes are nested too deep");
    }
    for found in walk.children(parent)?.0 {
        if let Some(why) = refusal(&found.kind) {
            return unsupported(why);
        }
        if !found.kind.iter().all(|byte| matches!(byte, b' '..=b'~' | 0xA9)) {
            // TagLib and lofty read no further, and would not see tags behind it.
            return unsupported("its index (moov) has a box of a name that readers stop at");
        }
        match &found.kind {
            b"stco" => tables.push(table(walk.raw, &found, 4)?),
            b"co64" => tables.push(table(walk.raw, &found, 8)?),
            b"dref" => check_references(walk, &found)?,
            b"trak" | b"mdia" | b"minf" | b"dinf" | b"stbl" | b"stsd" | b"udta" | b"meta" => {
                // What `stsd` holds matters by its kind alone.
                find_tables(walk, &found, depth + 1, tables)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn table(raw: &[u8], of: &BoxAt, width: u8) -> Result<Table, EmbedError> {
    let count = be32(of.content(raw), 4).unwrap_or(u32::MAX);
    let start = of.content + 8;
    // The count may be anything, so in 64 bits.
    let end = start as u64 + u64::from(count) * u64::from(width);
    match usize::try_from(end) {
        Ok(end) if end <= of.place.end => Ok(Table { entries: start..end, width }),
        _ => unsupported("a table of its chunk offsets is cut short"),
    }
}

/// Offsets into another file would not move with this one. Flag 1 says that it is the same file.
fn check_references(walk: &mut Walk<'_>, dref: &BoxAt) -> Result<(), EmbedError> {
    let references = walk.children(dref)?.0;
    let here = |found: &BoxAt| be32(found.content(walk.raw), 0).is_some_and(|flags| flags & 1 == 1);
    if references.iter().all(here) {
        Ok(())
    } else {
        unsupported("a part of it is in another file")
    }
}
