//! One number for a file's audio, whatever its headers and page layout: source and holding must
//! agree in it.

use super::flac::Blocks;
use super::ogg_headers::OggHeaders;
use super::{BUFFER_BYTES, EmbedError, EmbedFormat, copy_rest, mp4, mpeg};
use crate::ogg::{Page, PageRead};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read, Write};

/// SHA-256 over the audio (docs/formats/embedding.md, "Audio digest"), from the reader's position,
/// which is the start of the file. Refuses what [`super::embed`] refuses in the headers.
pub fn audio_digest(reader: &mut impl Read, format: EmbedFormat) -> Result<[u8; 32], EmbedError> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
    let mut hash = Hashing(Sha256::new());
    match format {
        EmbedFormat::Flac => {
            Blocks::read(&mut reader)?;
            copy_rest(&mut reader, &mut hash)?;
        }
        EmbedFormat::Vorbis | EmbedFormat::Opus => ogg_audio(&mut reader, format, &mut hash)?,
        EmbedFormat::Mpeg => mpeg::copy_audio(&mut reader, &mut hash)?,
        EmbedFormat::Mp4 => mp4::audio(&mut reader, &mut hash)?,
    }
    Ok(hash.0.finalize().into())
}

fn ogg_audio(
    reader: &mut impl BufRead,
    format: EmbedFormat,
    hash: &mut Hashing,
) -> Result<(), EmbedError> {
    let headers = OggHeaders::read(reader, format)?;
    let mut packet_bytes = 0;
    hash.packets(&headers.rest.0, &headers.rest.1, &mut packet_bytes);
    let mut page = Page::reserve();
    loop {
        match page.read(reader).map_err(EmbedError::Read)? {
            PageRead::Page => hash.packets(page.lacing(), page.body(), &mut packet_bytes),
            PageRead::End => return Ok(()),
            PageRead::NotAPage => {
                hash.0.update(page.bytes());
                copy_rest(reader, hash)?;
                return Ok(());
            }
        }
    }
}

struct Hashing(Sha256);

impl Hashing {
    /// `packet_bytes` is how much of the open packet went by on earlier pages.
    fn packets(&mut self, lacing: &[u8], mut body: &[u8], packet_bytes: &mut u32) {
        let mut here = 0;
        for &lace in lacing {
            here += usize::from(lace);
            if lace < 255 {
                let (packet, after) = body.split_at(here);
                self.0.update(packet);
                self.0.update(packet_bytes.wrapping_add(here as u32).to_le_bytes());
                (body, here, *packet_bytes) = (after, 0, 0);
            }
        }
        self.0.update(body);
        *packet_bytes = packet_bytes.wrapping_add(here as u32);
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
