//! ID3v2.4 tags with the frame sizes of 2.3.
//!
//! 2.4 wants sizes of 28 bits in four bytes, the highest bit of each being 0 (id3.org: 2.4.0 structure, section 4).
//! iTunes and others wrote plain numbers all the same, which is no difference up to 127 and a broken tag above.
//! Taggers tell the two apart by where they lead: so it is done here, for a tag as a whole.

/// Bytes of a tag's header, and of a frame's.
const HEADER_BYTES: usize = 10;
/// More frames than any tag of music has.
const FRAMES_MAX: usize = 8192;

/// The tag with syncsafe sizes, as long as before, when its sizes are plain: they lead from frame to frame to the end
/// or the padding, and syncsafe ones do not. `None` for every other tag, and for one in which more would have to change
/// than sizes.
pub(crate) fn with_syncsafe_sizes(tag: &[u8]) -> Option<Vec<u8>> {
    // Neither unsynchronised nor with anything in front of the frames or behind them.
    let frames = tag.strip_prefix(b"ID3\x04\0\0").or_else(|| tag.strip_prefix(b"ID3\x04\x01\0"));
    let frames = frames?.get(4..)?;
    if places(frames, from_syncsafe).is_some() {
        return None;
    }
    let mut mended = tag.to_vec();
    for place in places(frames, |size| Some(u32::from_be_bytes(size) as usize))? {
        let header = &mut mended[HEADER_BYTES + place..][..HEADER_BYTES];
        // Sizes are also in what chapters contain, and in front of what is compressed or encrypted.
        if header[9] != 0 || header.starts_with(b"CHAP") || header.starts_with(b"CTOC") {
            return None;
        }
        let size = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        header[4..8].copy_from_slice(&syncsafe(size as usize));
    }
    Some(mended)
}

/// A number of 28 bits in four bytes, the highest bit of each being 0.
pub(crate) fn syncsafe(number: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift) as u8 & 0x7F)
}

/// The number, unless a highest bit is set.
pub(crate) fn from_syncsafe(bytes: [u8; 4]) -> Option<usize> {
    let is_one = bytes.iter().all(|byte| byte & 0x80 == 0);
    is_one.then(|| bytes.iter().fold(0, |number, byte| number << 7 | usize::from(*byte)))
}

/// Whether a frame may be called that.
pub(crate) fn is_name(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Where the frames begin, when they follow each other to the end or to nothing but zeros.
fn places(frames: &[u8], size: impl Fn([u8; 4]) -> Option<usize>) -> Option<Vec<usize>> {
    let (mut places, mut at) = (Vec::new(), 0);
    while frames.get(at).is_some_and(|byte| *byte != 0) && places.len() < FRAMES_MAX {
        let header = frames.get(at..at + HEADER_BYTES)?;
        let bytes = size([header[4], header[5], header[6], header[7]])?;
        if !is_name(&header[..4]) || bytes > frames.len() - at - HEADER_BYTES {
            return None;
        }
        places.push(at);
        at += HEADER_BYTES + bytes;
    }
    frames[at..].iter().all(|byte| *byte == 0).then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &[u8; 4], size: [u8; 4], flags: [u8; 2], bytes: usize) -> Vec<u8> {
        [&name[..], &size, &flags, &vec![b'a'; bytes]].concat()
    }

    fn tag(frames: &[Vec<u8>]) -> Vec<u8> {
        let body = [&frames.concat()[..], &[0; 20]].concat();
        [&b"ID3\x04\0\0"[..], &syncsafe(body.len()), &body].concat()
    }

    #[test]
    fn plain_sizes_become_syncsafe_and_nothing_else_changes() {
        let plain = |bytes: u32| bytes.to_be_bytes();
        let frames = |sizes: fn(u32) -> [u8; 4]| {
            let of = |name, bytes: u32| frame(name, sizes(bytes), [0, 0], bytes as usize);
            tag(&[of(b"TIT2", 3), of(b"COMM", 200), of(b"APIC", 70_000), of(b"TPE1", 128)])
        };
        let sound = frames(|bytes| syncsafe(bytes as usize));
        assert_eq!(with_syncsafe_sizes(&frames(u32::to_be_bytes)), Some(sound.clone()));
        assert_eq!(with_syncsafe_sizes(&sound), None);
        // Below 128 there is no difference.
        assert_eq!(with_syncsafe_sizes(&tag(&[frame(b"TIT2", plain(5), [0, 0], 5)])), None);
        // One frame of each: nobody reads that.
        let mixed =
            [frame(b"COMM", plain(200), [0, 0], 200), frame(b"TIT2", syncsafe(200), [0, 0], 200)];
        assert_eq!(with_syncsafe_sizes(&tag(&mixed)), None);
        assert_eq!(with_syncsafe_sizes(&tag(&[frame(b"COMM", plain(200), [0, 8], 200)])), None);
        assert_eq!(with_syncsafe_sizes(&tag(&[frame(b"CHAP", plain(200), [0, 0], 200)])), None);
        let of_23 = [&b"ID3\x03"[..], &frames(u32::to_be_bytes)[4..]].concat();
        assert_eq!(with_syncsafe_sizes(&of_23), None);
    }
}
