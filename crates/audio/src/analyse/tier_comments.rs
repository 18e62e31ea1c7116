//! The comment header of an encoded file: what both tiers write in it, and the room for gains.
//!
//! Gains are known when the audio has passed, and the header stands before it. So it is written
//! first with the longest gains there can be, and again at the end; zeros fill what is left over.

use super::encode::EncodeJob;
use crate::ogg::{Comments, HeaderSlot, PageWriter, base64_picture};
use std::io::{self, Seek, Write};

/// What a tier says of itself but for the gains: the caller's fields, less those that speak of the
/// source's own encoding, then ENCODER and the pictures.
pub(super) fn tier_comments(job: &EncodeJob<'_>, vendor: &[u8], encoder: &str) -> Comments {
    let mut comments = Comments { vendor: vendor.to_vec(), fields: Vec::new() };
    for (key, value) in &job.fields {
        let upper = key.to_ascii_uppercase();
        let ours = ["ENCODER", "METADATA_BLOCK_PICTURE"].contains(&upper.as_str())
            || upper.starts_with("R128_")
            || upper.starts_with("REPLAYGAIN_");
        if !ours {
            comments.push(key, value);
        }
    }
    comments.push("ENCODER", encoder);
    for picture in &job.pictures {
        comments.push("METADATA_BLOCK_PICTURE", &base64_picture(picture));
    }
    comments
}

/// A comment header that is written and to be completed.
pub(super) struct RoomyHeader {
    comments: Comments,
    to_packet: fn(&Comments) -> Vec<u8>,
    slot: HeaderSlot,
}

impl RoomyHeader {
    /// Writes it with room for fields as long as `longest`. `to_packet` is the mapping's way to
    /// write comments.
    pub(super) fn write<W: Write>(
        writer: &mut PageWriter<W>,
        comments: Comments,
        to_packet: fn(&Comments) -> Vec<u8>,
        longest: &[(&str, &str)],
    ) -> io::Result<RoomyHeader> {
        let mut roomy = comments.clone();
        longest.iter().for_each(|(key, value)| roomy.push(key, value));
        let slot = writer.header_packet(&to_packet(&roomy))?;
        Ok(RoomyHeader { comments, to_packet, slot })
    }

    /// Writes it again with the fields that were to come.
    pub(super) fn complete<W: Write + Seek>(
        mut self,
        writer: &mut PageWriter<W>,
        fields: impl IntoIterator<Item = (&'static str, String)>,
    ) -> io::Result<()> {
        fields.into_iter().for_each(|(key, value)| self.comments.push(key, &value));
        writer.rewrite_header(&self.slot, &(self.to_packet)(&self.comments))
    }
}
