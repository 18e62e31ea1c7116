//! Ogg Vorbis and Ogg Opus: new headers over the same pages, or over more of them with the rest
//! renumbered.

use super::ogg_headers::OggHeaders;
use super::{EmbedError, EmbedFormat, Embedded, Embedding, copy_rest, fields, unsupported};
use crate::ogg::{BOS, Comments, Page, PageRead, base64_picture};
use crate::patch::{Operation, PatchBody};
use std::io::{BufRead, Write};

pub(super) fn embed(
    source: &mut impl BufRead,
    format: EmbedFormat,
    metadata: &Embedding,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    let mut headers = OggHeaders::read(source, format)?;
    // Taken and given away as soon as they are used: with pictures in them, comments are most of what is in memory.
    let old_comments = std::mem::take(&mut headers.packets[0]);
    let (comments, pictures_added) = new_comments(old_comments, format, metadata)?;
    let setup = headers.packets.get(1).map(Vec::as_slice);
    let (head, page_count) = headers.lay_out(comments, setup)?;
    out.write_all(&head).map_err(EmbedError::Write)?;
    let delta = (page_count - headers.page_count) as u32;
    let audio_bytes = copy_pages(source, headers.serial, delta, out)?;

    let (from, bytes) = (head.len() as u64, audio_bytes);
    let audio = match delta {
        0 => Operation::Copy { from, bytes },
        _ => {
            let (serial, delta) = (headers.serial, delta.wrapping_neg());
            Operation::OggRenumber { from, bytes, serial, delta }
        }
    };
    let first_page_bytes = headers.first_page.len() as u64;
    let operations = [
        Operation::Copy { from: 0, bytes: first_page_bytes },
        Operation::Insert { bytes: headers.pages.len() as u64 },
        audio,
    ];
    let holding_bytes = from + bytes;
    let patch = PatchBody::new(holding_bytes, &head, &headers.pages, &operations)
        .map_err(EmbedError::Write)?;
    Ok(Embedded {
        audio_pages_identical: delta == 0,
        source_bytes: patch.source_bytes(),
        holding_bytes,
        pictures_added,
        patch,
    })
}

fn new_comments(
    packet: Vec<u8>,
    format: EmbedFormat,
    metadata: &Embedding,
) -> Result<(Vec<u8>, usize), EmbedError> {
    let (source, trailing) = match format {
        EmbedFormat::Opus => Comments::from_opus_packet(&packet),
        _ => Comments::from_vorbis_packet(&packet),
    }
    .map_err(|error| EmbedError::Unsupported(error.to_string()))?;
    let trailing = fields::beyond_padding(trailing).to_vec();
    drop(packet);
    let mut comments = fields::merge(source, metadata);
    let pictures = fields::missing(metadata, &fields::kinds_in(&comments));
    for picture in &pictures {
        comments.push(fields::PICTURE_FIELD, &base64_picture(picture));
    }
    let mut packet = match format {
        EmbedFormat::Opus => comments.to_opus_packet(),
        _ => comments.to_vorbis_packet(),
    };
    packet.extend_from_slice(&trailing);
    Ok((packet, pictures.len()))
}

/// Copies what follows the headers, `delta` added to the page numbers. Returns its length.
fn copy_pages(
    source: &mut impl BufRead,
    serial: u32,
    delta: u32,
    out: &mut impl Write,
) -> Result<u64, EmbedError> {
    let mut page = Page::reserve();
    let mut copied = 0;
    loop {
        match page.read(source).map_err(EmbedError::Read)? {
            PageRead::End => return Ok(copied),
            PageRead::NotAPage if delta != 0 => {
                return unsupported(
                    "its headers need more pages, and damage or foreign bytes after its audio \
                     keep the pages from being renumbered",
                );
            }
            PageRead::NotAPage => {
                out.write_all(page.bytes()).map_err(EmbedError::Write)?;
                return Ok(copied + page.bytes().len() as u64 + copy_rest(source, out)?);
            }
            PageRead::Page if page.flags() & BOS != 0 || page.serial() != serial => {
                return unsupported("it carries more than one stream");
            }
            PageRead::Page => {}
        }
        if delta != 0 {
            page.set_sequence(page.sequence().wrapping_add(delta));
        }
        out.write_all(page.bytes()).map_err(EmbedError::Write)?;
        copied += page.bytes().len() as u64;
    }
}
