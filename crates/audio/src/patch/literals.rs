//! Literals, compressed with the holding's head as zstd prefix: a header that differs from the
//! holding's in a few fields costs little more than these fields.

use super::PatchError;
use std::io::{self, Read, Write};
use zstd::stream::raw::CParameter;
use zstd::stream::{Decoder, Encoder};

/// Up to this many bytes of prefix and literals together, zstd searches thoroughly; beyond it the
/// head is mostly pictures, which a hash of long strings finds as well and in a fraction of the time.
const THOROUGH_BYTES: usize = 64 << 10;

pub(super) fn compress(literals: &[u8], reference: &[u8]) -> io::Result<Vec<u8>> {
    if literals.is_empty() {
        return Ok(Vec::new());
    }
    let thorough = literals.len() + reference.len() <= THOROUGH_BYTES;
    let level = if thorough { 19 } else { 9 };
    let mut encoder = Encoder::with_ref_prefix(Vec::new(), level, reference)?;
    let window = window_log(literals.len() as u64, reference.len() as u64);
    encoder.set_parameter(CParameter::WindowLog(window))?;
    if !thorough {
        encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
        // Else it makes room for a whole window of them.
        encoder.set_pledged_src_size(Some(literals.len() as u64))?;
    }
    encoder.include_contentsize(false)?;
    encoder.write_all(literals)?;
    encoder.finish()
}

/// `literal_bytes` bytes exactly, or an error. Both lengths were checked to be at most
/// [`super::MAX_HEAD_BYTES`], which bounds the window too.
pub(super) fn decompress(
    frame: &[u8],
    reference: &[u8],
    literal_bytes: u64,
) -> Result<Vec<u8>, PatchError> {
    if literal_bytes == 0 {
        return Ok(Vec::new());
    }
    let damaged = |_| PatchError::Damaged("its literals do not decompress with this holding");
    let mut decoder = Decoder::with_ref_prefix(frame, reference).map_err(damaged)?.single_frame();
    let window = window_log(literal_bytes, reference.len() as u64);
    decoder.window_log_max(window).map_err(damaged)?;
    let mut literals = Vec::new();
    decoder.take(literal_bytes + 1).read_to_end(&mut literals).map_err(damaged)?;
    if literals.len() as u64 != literal_bytes {
        return Err(PatchError::Damaged("its literals are not as long as it says"));
    }
    Ok(literals)
}

/// A window that spans prefix and literals. 10 is zstd's least.
fn window_log(literal_bytes: u64, reference_bytes: u64) -> u32 {
    (literal_bytes + reference_bytes).next_power_of_two().ilog2().max(10)
}
