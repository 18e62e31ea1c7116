//! RIFF WAVE files, 16-bit stereo PCM. Format: Microsoft/IBM "Multimedia Programming Interface and Data
//! Specifications 1.0" (1991), chapter 3.

use crate::music::{CHANNELS, SAMPLE_RATE};

/// A WAV file. `info` becomes a LIST INFO chunk: four-letter keys such as `INAM` (title), `IART`
/// (artist), `IPRD` (release), `ICOP` (copyright).
pub fn encode(samples: &[i16], info: &[(&str, &str)]) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    let bytes_a_frame = CHANNELS * 2;
    let mut format = Vec::new();
    format.extend(1u16.to_le_bytes());
    format.extend(CHANNELS.to_le_bytes());
    format.extend(SAMPLE_RATE.to_le_bytes());
    format.extend((SAMPLE_RATE * u32::from(bytes_a_frame)).to_le_bytes());
    format.extend(bytes_a_frame.to_le_bytes());
    format.extend(16u16.to_le_bytes());
    chunk(&mut body, b"fmt ", &format);
    if !info.is_empty() {
        let mut list = b"INFO".to_vec();
        for (key, text) in info {
            let key: [u8; 4] = key.as_bytes().try_into().expect("an INFO key has four letters");
            chunk(&mut list, &key, &[text.as_bytes(), &[0]].concat());
        }
        chunk(&mut body, b"LIST", &list);
    }
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    chunk(&mut body, b"data", &data);
    let mut file = Vec::with_capacity(body.len() + 8);
    chunk(&mut file, b"RIFF", &body);
    file
}

fn chunk(out: &mut Vec<u8>, id: &[u8; 4], content: &[u8]) {
    out.extend(id);
    out.extend(u32::try_from(content.len()).expect("a WAV chunk is below 4 GiB").to_le_bytes());
    out.extend(content);
    if !content.len().is_multiple_of(2) {
        out.push(0);
    }
}
