//! FLAC files with tags. Format: RFC 9639.

use crate::music::{CHANNELS, SAMPLE_RATE};
use anyhow::{Context, ensure};
use flacenc::bitsink::ByteSink;
use flacenc::component::BitRepr;
use flacenc::error::Verify;
use flacenc::source::MemSource;

/// A FLAC file with a VORBIS_COMMENT block of these fields and `padding` bytes of PADDING (no block
/// for 0).
pub fn encode(samples: &[i16], fields: &[(&str, &str)], padding: usize) -> anyhow::Result<Vec<u8>> {
    let samples: Vec<i32> = samples.iter().copied().map(i32::from).collect();
    let config = flacenc::config::Encoder::default()
        .into_verified()
        .map_err(|(_, error)| anyhow::anyhow!("flacenc refused its own default: {error}"))?;
    let source = MemSource::from_samples(&samples, usize::from(CHANNELS), 16, SAMPLE_RATE as usize);
    let stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(|error| anyhow::anyhow!("flacenc cannot encode: {error}"))?;
    let mut sink = ByteSink::new();
    stream.write(&mut sink).map_err(|error| anyhow::anyhow!("flacenc cannot write: {error}"))?;
    with_blocks(sink.as_slice(), fields, padding)
}

/// Puts the blocks behind STREAMINFO, which is all the metadata that flacenc writes.
fn with_blocks(flac: &[u8], fields: &[(&str, &str)], padding: usize) -> anyhow::Result<Vec<u8>> {
    const HEAD: usize = 4 + 4 + 34;
    ensure!(
        flac.len() >= HEAD && flac.starts_with(b"fLaC\x80\0\0\x22"),
        "flacenc wrote more than STREAMINFO in front of the frames"
    );
    let mut out = flac[..HEAD].to_vec();
    out[4] = 0;
    // The smallest block counts without the last one (RFC 9639, 8.2), and all others are of one size.
    // flacenc counts the last one too, and then symphonia takes the file for one of varying blocks.
    out.copy_within(10..12, 8);
    let comment = vorbis_comment(fields)?;
    block(&mut out, 4, &comment, padding == 0)?;
    if padding > 0 {
        block(&mut out, 1, &vec![0; padding], true)?;
    }
    out.extend(&flac[HEAD..]);
    Ok(out)
}

/// Vendor, number of fields, fields: each text behind its length, little-endian.
fn vorbis_comment(fields: &[(&str, &str)]) -> anyhow::Result<Vec<u8>> {
    let vendor = "Deadwax testkit".to_owned();
    let mut out = Vec::new();
    for (index, text) in std::iter::once(vendor)
        .chain(fields.iter().map(|(key, value)| format!("{key}={value}")))
        .enumerate()
    {
        out.extend(u32::try_from(text.len())?.to_le_bytes());
        out.extend(text.as_bytes());
        if index == 0 {
            out.extend(u32::try_from(fields.len())?.to_le_bytes());
        }
    }
    Ok(out)
}

fn block(out: &mut Vec<u8>, kind: u8, content: &[u8], last: bool) -> anyhow::Result<()> {
    let length = u32::try_from(content.len()).ok().filter(|length| *length < 1 << 24);
    let length = length.context("a FLAC metadata block is below 16 MiB")?;
    out.push(kind | if last { 0x80 } else { 0 });
    out.extend(&length.to_be_bytes()[1..]);
    out.extend(content);
    Ok(())
}
