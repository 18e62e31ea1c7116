//! The bytes of a hybrid torrent. Keys are written in their sorted order by hand, so the code reads like the file.

use super::{PackFile, PackOptions, is_folder};
use crate::bencode::{bytes, bytes_in_parts, group, int, text};
use crate::limits::{HEADER_BYTES, PackRow};
use deadwax_model::{FileHashes, PIECE_BYTES};
use std::collections::BTreeMap;

/// The key of what only Deadwax reads: the order of the files by listens.
pub(crate) const ORDER_KEY: &str = "deadwax order";

/// What an info dictionary is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hybrid,
    /// Clients that know BEP 3 alone.
    V1,
}

/// What a hybrid has beside its info dictionary and a v1 torrent has not.
pub(super) struct V2<'a> {
    /// Sorted.
    pub(super) files: &'a [&'a PackFile<'a>],
    /// The place that each of them was given at.
    pub(super) order: &'a [u32],
}

/// The info dictionary. `files` are checked and sorted.
pub(super) fn info(name: &str, files: &[&PackFile], private: bool, kind: Kind) -> Vec<u8> {
    // As libtorrent does it: a torrent of one file has no pad, in a folder or not.
    let padded = files.len() > 1;
    let row = |file: &&PackFile| PackRow::new(file.hashes.bytes, &file.path).metainfo_bytes();
    let mut out = Vec::with_capacity(files.iter().map(row).sum::<u64>() as usize);
    group(&mut out, b'd', |out| {
        if kind == Kind::Hybrid {
            text(out, "file tree");
            tree(out, files, 0);
        }
        if is_folder(name, files) {
            text(out, "files");
            group(out, b'l', |out| files.iter().for_each(|file| v1_file(out, file, padded)));
        } else {
            text(out, "length");
            int(out, files[0].hashes.bytes);
        }
        if kind == Kind::Hybrid {
            text(out, "meta version");
            int(out, 2);
        }
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
    out
}

/// The whole file around the info dictionary.
pub(super) fn metainfo(
    info: &[u8],
    v2: Option<V2>,
    web_seeds: &[String],
    options: &PackOptions,
) -> Vec<u8> {
    let layers = v2.iter().flat_map(|v2| v2.files).map(|file| file.hashes.piece_layer.len() + 45);
    let mut out = Vec::with_capacity(info.len() + layers.sum::<usize>() + HEADER_BYTES as usize);
    group(&mut out, b'd', |out| {
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
        if let Some(V2 { order, .. }) = v2
            && order.len() > 1
        {
            text(out, ORDER_KEY);
            let places: Vec<u8> = order.iter().flat_map(|place| place.to_be_bytes()).collect();
            bytes(out, &places);
        }
        text(out, "info");
        out.extend_from_slice(info);
        if let Some(V2 { files, .. }) = v2 {
            text(out, "piece layers");
            piece_layers(out, files);
        }
        if !web_seeds.is_empty() {
            text(out, "url-list");
            group(out, b'l', |out| web_seeds.iter().for_each(|seed| text(out, seed)));
        }
    });
    out
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
