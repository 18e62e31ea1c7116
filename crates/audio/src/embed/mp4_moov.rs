//! The index (`moov`) of a holding, and the way from it back to the source's.

use super::fields::grouped;
use super::mp4_boxes::{Walk, boxed};
use super::mp4_index::{Index, Table};
use super::mp4_tags::{Item, cover, item};
use super::{EmbedError, Embedding, check_head_bytes, unsupported};
use crate::patch::{Operation, shift};
use std::ops::Range;

/// Version and flags, nothing, the kind of handler that iTunes's tags have, and no name.
const HANDLER: &[u8] = b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0";

/// Runs of chunks before and behind `moov` in turn, more than any file has.
const MAX_EDITS: usize = 10_000;

/// A `moov` for a holding.
#[derive(Default)]
pub(super) struct Moov {
    /// The whole box.
    pub(super) bytes: Vec<u8>,
    /// From the holding's `moov` to the source's.
    pub(super) operations: Vec<Operation>,
    /// What the operations insert.
    pub(super) literals: Vec<u8>,
    pub(super) pictures_added: usize,
}

/// Something that a holding has differently.
struct Edit {
    /// In the source's `moov`.
    place: Range<usize>,
    change: Change,
}

enum Change {
    /// Other bytes, perhaps more or fewer.
    Bytes(Vec<u8>),
    /// File offsets of so many bytes each, which all point behind `moov`.
    Shift(u8),
}

/// `raw` is the source's `moov`, which begins at byte `at` of the file.
pub(super) fn rewrite(raw: &[u8], at: u64, metadata: &Embedding) -> Result<Moov, EmbedError> {
    let mut walk = Walk::new(raw);
    let index = Index::read(&mut walk)?;
    let (mut edits, pictures_added) = tag_edits(&mut walk, &index, metadata)?;
    let new_bytes = edits.iter().fold(raw.len(), |bytes, edit| match &edit.change {
        Change::Bytes(new) => bytes - edit.place.len() + new.len(),
        Change::Shift(_) => bytes,
    });
    check_head_bytes(new_bytes)?;
    let growth = new_bytes as i64 - raw.len() as i64;
    for around in &index.way {
        let size = (around.place.len() as i64 + growth) as u32;
        let place = around.place.start..around.place.start + 4;
        edits.push(Edit { place, change: Change::Bytes(size.to_be_bytes().to_vec()) });
    }
    for table in &index.tables {
        table_edits(raw, at, table, growth, &mut edits)?;
    }
    // Nothing is changed for the sake of equal bytes.
    edits.retain(|edit| match &edit.change {
        Change::Bytes(new) => raw[edit.place.clone()] != new[..],
        Change::Shift(_) => true,
    });
    // Stable, so that what is put in at the same place stays in order.
    edits.sort_by_key(|edit| edit.place.start);
    let mut moov = Moov { pictures_added, ..Moov::default() };
    moov.make(raw, at, &edits, growth);
    check_offsets(raw, at, &index, &moov.bytes, growth)?;
    Ok(moov)
}

/// Reads the new index again: nothing else proves where its chunks are.
fn check_offsets(
    raw: &[u8],
    at: u64,
    index: &Index,
    new: &[u8],
    growth: i64,
) -> Result<(), EmbedError> {
    let of_new = Index::read(&mut Walk::new(new))?;
    let end = at + raw.len() as u64;
    let meant = |old: u64| if old < end { old } else { old.wrapping_add_signed(growth) };
    let is_same = |(old, now): (&Table, &Table)| old.offsets(raw).map(meant).eq(now.offsets(new));
    let tables = index.tables.len() == of_new.tables.len();
    match tables && index.tables.iter().zip(&of_new.tables).all(is_same) {
        true => Ok(()),
        false => unsupported("its chunk offsets do not move as they should"),
    }
}

/// The archive's items first, the source's that none of them replaces as they are, then the cover.
fn tag_edits(
    walk: &mut Walk<'_>,
    index: &Index,
    metadata: &Embedding,
) -> Result<(Vec<Edit>, usize), EmbedError> {
    let items: Result<Vec<_>, _> =
        index.items.iter().map(|found| Item::read(walk, found.clone())).collect();
    let items = items?;
    let fields = grouped(metadata);
    let new: Vec<u8> = fields.iter().flat_map(|(key, values)| item(key, values, &items)).collect();
    let (cover, pictures) = match items.iter().any(Item::is_cover) {
        true => (Vec::new(), 0),
        false => cover(&metadata.pictures),
    };
    let put = |at, bytes| Edit { place: at..at, change: Change::Bytes(bytes) };
    let Some(ilst) = index.way.get(3) else {
        let made = around(index.way.len(), [new, cover].concat());
        return Ok((vec![put(index.end, made)], pictures));
    };
    let mut edits = vec![put(ilst.content, new)];
    for item in items.iter().filter(|item| fields.iter().any(|(key, _)| item.is(key))) {
        let place = item.at.place.clone();
        edits.push(Edit { place, change: Change::Bytes(Vec::new()) });
    }
    edits.push(put(index.end, cover));
    Ok((edits, pictures))
}

/// Items in the boxes that a file lacks, of which the first `present` boxes are there. No box for no
/// items.
fn around(present: usize, items: Vec<u8>) -> Vec<u8> {
    if items.is_empty() {
        return items;
    }
    let mut made = boxed(b"ilst", &items);
    if present < 3 {
        made = boxed(b"meta", &[&[0; 4][..], &boxed(b"hdlr", HANDLER), &made].concat());
    }
    if present < 2 {
        made = boxed(b"udta", &made);
    }
    made
}

/// The runs of a table's entries that move with what is behind `moov`.
fn table_edits(
    raw: &[u8],
    at: u64,
    table: &Table,
    growth: i64,
    edits: &mut Vec<Edit>,
) -> Result<(), EmbedError> {
    let moov = at..at + raw.len() as u64;
    let width = usize::from(table.width);
    let mut run = table.entries.start..table.entries.start;
    let narrow = table.width == 4;
    for (entry, offset) in table.entries.clone().step_by(width).zip(table.offsets(raw)) {
        if moov.contains(&offset) {
            return unsupported("a chunk of it begins within its index (moov)");
        }
        let moved =
            if offset < moov.end { Some(offset) } else { offset.checked_add_signed(growth) };
        if moved.is_none_or(|moved| narrow && moved > u64::from(u32::MAX)) {
            return unsupported("it is too long for its chunk offsets to move");
        }
        if moved == Some(offset) {
            push_run(&run, table.width, edits)?;
            run = entry + width..entry + width;
        } else {
            run.end = entry + width;
        }
    }
    push_run(&run, table.width, edits)
}

fn push_run(run: &Range<usize>, width: u8, edits: &mut Vec<Edit>) -> Result<(), EmbedError> {
    if edits.len() >= MAX_EDITS {
        return unsupported("its chunks lie before and behind its index (moov) in turn");
    }
    if !run.is_empty() {
        edits.push(Edit { place: run.clone(), change: Change::Shift(width) });
    }
    Ok(())
}

impl Moov {
    fn make(&mut self, raw: &[u8], at: u64, edits: &[Edit], growth: i64) {
        let mut done = 0;
        for Edit { place, change } in edits {
            self.keep(at, &raw[done..place.start]);
            let old = &raw[place.clone()];
            match change {
                Change::Bytes(new) => {
                    self.insert(old);
                    self.bytes.extend_from_slice(new);
                }
                Change::Shift(width) => {
                    let (from, bytes) = (at + self.bytes.len() as u64, old.len() as u64);
                    self.bytes.extend_from_slice(old);
                    let start = self.bytes.len() - old.len();
                    shift(&mut self.bytes[start..], *width, growth);
                    let (width, delta) = (*width, -growth);
                    self.operations.push(Operation::Shift { from, bytes, width, delta });
                }
            }
            done = place.end;
        }
        self.keep(at, &raw[done..]);
    }

    /// What source and holding share.
    fn keep(&mut self, at: u64, same: &[u8]) {
        if !same.is_empty() {
            let (from, bytes) = (at + self.bytes.len() as u64, same.len() as u64);
            self.operations.push(Operation::Copy { from, bytes });
            self.bytes.extend_from_slice(same);
        }
    }

    /// What only the source has.
    fn insert(&mut self, old: &[u8]) {
        self.literals.extend_from_slice(old);
        match self.operations.last_mut() {
            _ if old.is_empty() => {}
            Some(Operation::Insert { bytes }) => *bytes += old.len() as u64,
            _ => self.operations.push(Operation::Insert { bytes: old.len() as u64 }),
        }
    }
}
