//! The bytes of a hybrid torrent. Keys are written in their sorted order by hand, so the code reads like the file.

use super::{PackFile, PackOptions, is_folder};
use crate::bencode::{bytes, bytes_in_parts, group, int, text};
use crate::limits::{HEADER_BYTES, PackRow};
use deadwax_model::{FileHashes, PIECE_BYTES};
use std::collections::BTreeMap;
use std::ops::Range;

/// The key of what only Deadwax reads: the order of the files by listens.
pub(crate) const ORDER_KEY: &str = "deadwax order";

/// A torrent, and where in it its info dictionary is.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    info: Range<usize>,
}

impl Written {
    pub(super) fn info(&self) -> &[u8] {
        &self.bytes[self.info.clone()]
    }
}

/// A hybrid, and what is in the info dictionary of a v1 torrent of the same files too.
pub(super) struct Hybrid {
    pub(super) written: Written,
    v1: [Range<usize>; 2],
}

/// `files` are checked and sorted; `order` is the place that each of them was given at.
pub(super) fn hybrid(
    name: &str,
    files: &[&PackFile],
    order: &[u32],
    web_seeds: &[String],
    options: &PackOptions,
) -> Hybrid {
    let row = |file: &&PackFile| PackRow::new(file.hashes.bytes, &file.path).metainfo_bytes();
    let mut out = Vec::with_capacity((files.iter().map(row).sum::<u64>() + HEADER_BYTES) as usize);
    let (mut info, mut v1) = (0..0, [0..0, 0..0]);
    group(&mut out, b'd', |out| {
        before_info(out, options);
        if order.len() > 1 {
            text(out, ORDER_KEY);
            let places: Vec<u8> = order.iter().flat_map(|place| place.to_be_bytes()).collect();
            bytes(out, &places);
        }
        text(out, "info");
        info = appended(out, |out| v1 = hybrid_info(out, name, files, options.private));
        text(out, "piece layers");
        piece_layers(out, files);
        url_list(out, web_seeds);
    });
    Hybrid { written: Written { bytes: out, info }, v1 }
}

/// The torrent of the same files and pads for clients that know BEP 3 alone: all that it says of them stands in the hybrid.
pub(super) fn v1_twin(of: &Hybrid, web_seeds: &[String], options: &PackOptions) -> Written {
    let parts = of.v1.clone().map(|part| &of.written.bytes[part]);
    let mut out = Vec::with_capacity(
        parts.iter().map(|part| part.len()).sum::<usize>() + HEADER_BYTES as usize,
    );
    let mut info = 0..0;
    group(&mut out, b'd', |out| {
        before_info(out, options);
        text(out, "info");
        info = appended(out, |out| {
            group(out, b'd', |out| parts.iter().for_each(|part| out.extend_from_slice(part)));
        });
        url_list(out, web_seeds);
    });
    Written { bytes: out, info }
}

/// Where the bytes are that `append` appends.
fn appended(out: &mut Vec<u8>, append: impl FnOnce(&mut Vec<u8>)) -> Range<usize> {
    let start = out.len();
    append(out);
    start..out.len()
}

/// The info dictionary, and where in it what BEP 3 knows is.
fn hybrid_info(
    out: &mut Vec<u8>,
    name: &str,
    files: &[&PackFile],
    private: bool,
) -> [Range<usize>; 2] {
    // As libtorrent does it: a torrent of one file has no pad, in a folder or not.
    let padded = files.len() > 1;
    let mut v1 = [0..0, 0..0];
    group(out, b'd', |out| {
        text(out, "file tree");
        tree(out, files, 0);
        v1[0] = appended(out, |out| {
            if is_folder(name, files) {
                text(out, "files");
                group(out, b'l', |out| files.iter().for_each(|file| v1_file(out, file, padded)));
            } else {
                text(out, "length");
                int(out, files[0].hashes.bytes);
            }
        });
        text(out, "meta version");
        int(out, 2);
        v1[1] = appended(out, |out| {
            text(out, "name");
            text(out, name);
            text(out, "piece length");
            int(out, PIECE_BYTES);
            text(out, "pieces");
            v1_pieces(out, files, padded);
            if private {
                text(out, "private");
                int(out, 1);
            }
        });
    });
    v1
}

fn before_info(out: &mut Vec<u8>, options: &PackOptions) {
    announce(out, &options.trackers);
    if let Some(comment) = &options.comment {
        text(out, "comment");
        text(out, comment);
    }
    if let Some(program) = &options.created_by {
        text(out, "created by");
        text(out, program);
    }
    if let Some(seconds) = options.creation_date_unix {
        text(out, "creation date");
        int(out, seconds);
    }
}

fn url_list(out: &mut Vec<u8>, web_seeds: &[String]) {
    if !web_seeds.is_empty() {
        text(out, "url-list");
        group(out, b'l', |out| web_seeds.iter().for_each(|seed| text(out, seed)));
    }
}

/// The files of one folder: they are neighbours because the list is sorted, and share the first `depth`
/// components. Recursion ends at [`crate::names::MAX_DEPTH`], which every path was checked for.
fn tree(out: &mut Vec<u8>, files: &[&PackFile], depth: usize) {
    group(out, b'd', |out| {
        for siblings in files.chunk_by(|a, b| a.path[depth] == b.path[depth]) {
            text(out, &siblings[0].path[depth]);
            match siblings {
                [file] if file.path.len() == depth + 1 => v2_file(out, file.hashes),
                folder => tree(out, folder, depth + 1),
            }
        }
    });
}

fn v2_file(out: &mut Vec<u8>, hashes: &FileHashes) {
    group(out, b'd', |out| {
        text(out, "");
        group(out, b'd', |out| {
            text(out, "length");
            int(out, hashes.bytes);
            if hashes.bytes > 0 {
                text(out, "pieces root");
                bytes(out, &hashes.root.0);
            }
        });
    });
}

fn v1_file(out: &mut Vec<u8>, file: &PackFile, padded: bool) {
    group(out, b'd', |out| {
        text(out, "length");
        int(out, file.hashes.bytes);
        text(out, "path");
        group(out, b'l', |out| file.path.iter().for_each(|name| text(out, name)));
    });
    let rest = file.hashes.bytes % PIECE_BYTES;
    if padded && rest > 0 {
        let pad = PIECE_BYTES - rest;
        group(out, b'd', |out| {
            text(out, "attr");
            text(out, "p");
            text(out, "length");
            int(out, pad);
            text(out, "path");
            group(out, b'l', |out| {
                text(out, ".pad");
                text(out, &pad.to_string());
            });
        });
    }
}

fn v1_pieces(out: &mut Vec<u8>, files: &[&PackFile], padded: bool) {
    let parts = files.iter().flat_map(|file| {
        let hashes = file.hashes;
        let tail = if padded { &hashes.v1_tail_padded } else { &hashes.v1_tail };
        [hashes.v1_whole.as_slice(), tail.as_ref().map_or(&[], |tail| tail.as_slice())]
    });
    bytes_in_parts(out, parts.clone().map(<[u8]>::len).sum(), parts);
}

fn piece_layers(out: &mut Vec<u8>, files: &[&PackFile]) {
    let layers: BTreeMap<&[u8; 32], &[u8]> = files
        .iter()
        .filter(|file| !file.hashes.piece_layer.is_empty())
        .map(|file| (&file.hashes.root.0, file.hashes.piece_layer.as_slice()))
        .collect();
    group(out, b'd', |out| {
        for (root, layer) in layers {
            bytes(out, root);
            bytes(out, layer);
        }
    });
}

fn announce(out: &mut Vec<u8>, tiers: &[Vec<String>]) {
    let Some(first) = tiers.iter().flatten().next() else {
        return;
    };
    text(out, "announce");
    text(out, first);
    if tiers.iter().flatten().count() > 1 {
        text(out, "announce-list");
        group(out, b'l', |out| {
            for tier in tiers.iter().filter(|tier| !tier.is_empty()) {
                group(out, b'l', |out| tier.iter().for_each(|tracker| text(out, tracker)));
            }
        });
    }
}
