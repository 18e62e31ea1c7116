//! The comment structure that Vorbis, Opus and FLAC share
//! (<https://xiph.org/vorbis/doc/v-comment.html>), kept as raw bytes: what a stranger wrote in
//! Latin-1 must come out as it went in.

const VORBIS: &[u8] = b"\x03vorbis";
const OPUS: &[u8] = b"OpusTags";

/// A vendor string and fields, each `KEY=value` in whatever encoding it was written in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comments {
    /// The encoder's name for itself.
    pub vendor: Vec<u8>,
    /// The fields in order, the `=` included; some files have fields without one.
    pub fields: Vec<Vec<u8>>,
}

/// Why bytes are not a comment structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommentError {
    /// Another packet, or none.
    #[error("the comment header does not begin as one")]
    Magic,
    /// A length points past the end.
    #[error("the comment header is shorter than the lengths in it")]
    Short,
    /// Vorbis only: the bit that ends the structure is not set.
    #[error("the comment header lacks its framing bit")]
    Framing,
}

impl Comments {
    /// Reads the bare structure (a FLAC VORBIS_COMMENT block is one). Returns it with the bytes
    /// that follow it.
    pub fn parse(bytes: &[u8]) -> Result<(Comments, &[u8]), CommentError> {
        let (vendor, rest) = counted(bytes)?;
        let (count, mut rest) = number(rest)?;
        let mut fields = Vec::new();
        // No capacity from `count`: every field takes at least the four bytes of its length.
        for _ in 0..count {
            let (field, after) = counted(rest)?;
            fields.push(field.to_vec());
            rest = after;
        }
        Ok((Comments { vendor: vendor.to_vec(), fields }, rest))
    }

    /// Reads a Vorbis comment packet. Returns what follows the framing bit too: padding, mostly.
    pub fn from_vorbis_packet(packet: &[u8]) -> Result<(Comments, &[u8]), CommentError> {
        let bare = packet.strip_prefix(VORBIS).ok_or(CommentError::Magic)?;
        let (comments, rest) = Comments::parse(bare)?;
        match rest.split_first() {
            Some((framing, padding)) if framing & 1 == 1 => Ok((comments, padding)),
            _ => Err(CommentError::Framing),
        }
    }

    /// Reads an OpusTags packet. Returns what follows the fields too (RFC 7845 section 5.2).
    pub fn from_opus_packet(packet: &[u8]) -> Result<(Comments, &[u8]), CommentError> {
        Comments::parse(packet.strip_prefix(OPUS).ok_or(CommentError::Magic)?)
    }

    /// The bare structure, as a FLAC block holds it.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_bytes());
        self.encode_into(&mut out);
        out
    }

    /// A Vorbis comment packet, framing bit included.
    pub fn to_vorbis_packet(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(VORBIS.len() + self.encoded_bytes() + 1);
        out.extend_from_slice(VORBIS);
        self.encode_into(&mut out);
        out.push(1);
        out
    }

    /// An OpusTags packet.
    pub fn to_opus_packet(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(OPUS.len() + self.encoded_bytes());
        out.extend_from_slice(OPUS);
        self.encode_into(&mut out);
        out
    }

    /// Adds `KEY=value`.
    pub fn push(&mut self, key: &str, value: &str) {
        self.fields.push(format!("{key}={value}").into_bytes());
    }

    /// The values of a key, compared without regard to ASCII case.
    pub fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter_map(move |field| {
            let (found, value) = split_field(field)?;
            found.eq_ignore_ascii_case(key.as_bytes()).then_some(value)
        })
    }

    /// Length of the bare structure.
    pub fn encoded_bytes(&self) -> usize {
        8 + self.vendor.len() + self.fields.iter().map(|field| 4 + field.len()).sum::<usize>()
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.vendor.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.vendor);
        out.extend_from_slice(&(self.fields.len() as u32).to_le_bytes());
        for field in &self.fields {
            out.extend_from_slice(&(field.len() as u32).to_le_bytes());
            out.extend_from_slice(field);
        }
    }
}

/// Key and value of a field; `None` when it has no `=`.
pub(crate) fn split_field(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = field.iter().position(|&byte| byte == b'=')?;
    Some((&field[..at], &field[at + 1..]))
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), CommentError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(CommentError::Short)?;
    Ok((u32::from_le_bytes(*number), rest))
}

fn counted(bytes: &[u8]) -> Result<(&[u8], &[u8]), CommentError> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(length as usize).ok_or(CommentError::Short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_comments() -> impl Strategy<Value = Comments> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..40);
        (bytes(), prop::collection::vec(bytes(), 0..8))
            .prop_map(|(vendor, fields)| Comments { vendor, fields })
    }

    proptest! {
        #[test]
        fn round_trips_with_padding(comments in any_comments(), padding in 0usize..20) {
            let padding = vec![0; padding];
            let mut packet = comments.to_vorbis_packet();
            packet.extend_from_slice(&padding);
            prop_assert_eq!(Comments::from_vorbis_packet(&packet), Ok((comments.clone(), &padding[..])));
            let packet = comments.to_opus_packet();
            prop_assert_eq!(Comments::from_opus_packet(&packet), Ok((comments.clone(), &[][..])));
            prop_assert_eq!(comments.encode().len(), comments.encoded_bytes());
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Comments::parse(&bytes);
        }
    }

    #[test]
    fn keys_match_in_any_case() {
        let mut comments = Comments::default();
        comments.push("Title", "a=b");
        comments.fields.push(b"no equals sign".to_vec());
        assert_eq!(comments.values("TITLE").collect::<Vec<_>>(), [b"a=b"]);
    }

    #[test]
    fn a_count_of_four_billion_is_refused() {
        assert_eq!(Comments::parse(&[0, 0, 0, 0, 255, 255, 255, 255]), Err(CommentError::Short));
    }
}
