//! Vorbis packets on pages, so that every reader finds the same length.
//!
//! ffmpeg (5.1) reads a length wrongly, by the first packet's share, when the first page of audio is
//! the last page too. So there are always two: the first ends behind the second packet, or behind
//! the first where there are but two (up to about 13 ms; ogginfo remarks on a page that ends at 0).

use super::encode::WriteSeek;
use super::vorbis_encoder::TakePacket;
use crate::ogg::PageWriter;
use std::io;

/// Writes the packets of one stream behind its headers.
pub(super) struct VorbisPages<'a> {
    pub(super) writer: PageWriter<&'a mut dyn WriteSeek>,
    packets: u64,
    /// The second packet and its granule position, until it is known whether it is the last.
    second: (Vec<u8>, u64),
}

impl<'a> VorbisPages<'a> {
    /// With a writer that holds the headers.
    pub(super) fn new(writer: PageWriter<&'a mut dyn WriteSeek>) -> VorbisPages<'a> {
        VorbisPages { writer, packets: 0, second: Default::default() }
    }

    /// Ends the stream at `samples`. Returns the output, not flushed.
    pub(super) fn finish(mut self, samples: u64) -> io::Result<&'a mut dyn WriteSeek> {
        if self.packets == 2 {
            self.writer.end_page()?;
            self.writer.packet(&self.second.0, self.second.1)?;
        }
        self.writer.finish(samples)
    }
}

impl TakePacket for VorbisPages<'_> {
    fn take(&mut self, packet: &[u8], granule: u64) -> io::Result<()> {
        self.packets += 1;
        match self.packets {
            2 => {
                self.second = (packet.to_vec(), granule);
                return Ok(());
            }
            3 => {
                self.writer.packet(&self.second.0, self.second.1)?;
                self.writer.end_page()?;
            }
            _ => {}
        }
        self.writer.packet(packet, granule)
    }
}
