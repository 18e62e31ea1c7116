//! What ffmpeg hears in a file.

use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// Sound beyond this is not listened to: headers that lie can ask for years of silence.
const BYTES_MAX: usize = 100 << 20;

/// The sound of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whether ffmpeg ended well.
    pub is_well: bool,
    pub channels: u16,
    pub sample_rate: u32,
    /// Samples a channel.
    pub samples: u64,
    /// SHA-256 of the samples as 32-bit floating point, which keeps every sample of up to 24 bits.
    pub digest: [u8; 32],
}

/// Decodes the first sound track; `None` when nothing comes out.
pub fn hear(ffmpeg: &Path, file: &Path) -> Option<Heard> {
    let mut child = Command::new(ffmpeg)
        .args(["-nostdin", "-hide_banner", "-v", "quiet", "-threads", "1", "-i"])
        .arg(file)
        .args(["-map", "0:a:0", "-t", "60", "-map_metadata", "-1", "-fflags", "+bitexact"])
        .args(["-c:a", "pcm_f32le", "-f", "wav", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut wave = Vec::new();
    let out = child.stdout.take().unwrap();
    out.take(BYTES_MAX as u64).read_to_end(&mut wave).unwrap();
    if wave.len() == BYTES_MAX {
        child.kill().unwrap();
    }
    let is_well = child.wait().unwrap().success();
    let (format, samples) = parts(&wave)?;
    let number = |at: usize| u16::from_le_bytes([format[at], format[at + 1]]);
    let channels = number(2);
    let block = usize::from(channels) * 4;
    (block > 0 && samples.len() >= block).then(|| Heard {
        is_well,
        channels,
        sample_rate: u32::from(number(4)) | u32::from(number(6)) << 16,
        samples: (samples.len() / block) as u64,
        digest: Sha256::digest(samples).into(),
    })
}

/// The `fmt ` chunk of a wave that was piped, and all behind the head of its `data` chunk, whose length nobody could
/// write.
fn parts(wave: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut at, mut format) = (12, None);
    loop {
        let head = wave.get(at..at + 8)?;
        if &head[..4] == b"data" {
            return Some((format?, &wave[at + 8..]));
        }
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if &head[..4] == b"fmt " {
            format = wave.get(at + 8..at + 8 + size);
        }
        at += 8 + size + size % 2;
    }
}
