//! Chunks of RIFF WAVE, RF64 (EBU Tech 3306), and Broadcast Wave (EBU Tech 3285).

/// A chunk and the byte that makes its length even.
pub(super) fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = sized(id, content.len() as u32, content);
    if content.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

/// A chunk that says whatever length.
pub(super) fn sized(id: &[u8; 4], size: u32, content: &[u8]) -> Vec<u8> {
    [&id[..], &size.to_le_bytes(), content].concat()
}

/// A file of these chunks.
pub(super) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

/// How samples are coded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pcm {
    /// 1 integers, 3 floating point, 6 A-law, 7 mu-law.
    pub tag: u16,
    pub bits: u16,
    pub channels: u16,
}

impl Pcm {
    /// 16 bits, stereo.
    pub(super) const PLAIN: Pcm = Pcm { tag: 1, bits: 16, channels: 2 };

    /// The `fmt ` chunk.
    pub(super) fn format(self) -> Vec<u8> {
        chunk(b"fmt ", &self.fields(self.tag))
    }

    /// The same as WAVE_FORMAT_EXTENSIBLE.
    pub(super) fn extensible(self) -> Vec<u8> {
        let mut fields = self.fields(0xFFFE);
        fields.extend(22u16.to_le_bytes());
        fields.extend(self.bits.to_le_bytes());
        fields.extend(((1u32 << self.channels) - 1).to_le_bytes());
        fields.extend(self.tag.to_le_bytes());
        fields.extend(*b"\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71");
        chunk(b"fmt ", &fields)
    }

    fn fields(self, tag: u16) -> Vec<u8> {
        let rate = 44_100u32;
        let block = self.channels * self.bits.div_ceil(8);
        [
            &tag.to_le_bytes()[..],
            &self.channels.to_le_bytes(),
            &rate.to_le_bytes(),
            &(rate * u32::from(block)).to_le_bytes(),
            &block.to_le_bytes(),
            &self.bits.to_le_bytes(),
        ]
        .concat()
    }

    /// Samples of 16 bits, coded like this.
    pub(super) fn samples(self, pcm: &[i16]) -> Vec<u8> {
        let code = |sample: &i16| -> Vec<u8> {
            let wide = i32::from(*sample) << 16;
            match (self.tag, self.bits) {
                (3, 64) => (f64::from(*sample) / 32_768.0).to_le_bytes().to_vec(),
                (3, _) => (f32::from(*sample) / 32_768.0).to_le_bytes().to_vec(),
                // What companded bytes mean is of no matter here: any byte is a sample.
                (6 | 7, _) => vec![(sample >> 8) as u8],
                (_, 8) => vec![((sample >> 8) as u8) ^ 0x80],
                (_, 24) => wide.to_le_bytes()[1..].to_vec(),
                (_, 32) => wide.to_le_bytes().to_vec(),
                _ => sample.to_le_bytes().to_vec(),
            }
        };
        pcm.iter().flat_map(code).collect()
    }
}

/// A plain file of 16 bits.
pub(super) fn wave_16(pcm: &[i16], channels: u16) -> Vec<u8> {
    let coding = Pcm { channels, ..Pcm::PLAIN };
    // ffmpeg takes more than two channels for what they are only when it is told.
    let format = if channels > 2 { coding.extensible() } else { coding.format() };
    riff(&[format, chunk(b"data", &coding.samples(pcm))])
}

/// LIST INFO of these items.
pub(super) fn info(items: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let items = items.iter().flat_map(|(id, text)| chunk(id, &[text, &b"\0"[..]].concat()));
    chunk(b"LIST", &b"INFO".iter().copied().chain(items).collect::<Vec<u8>>())
}

/// A `bext` chunk of version 2, with some coding history.
pub(super) fn bext(description: &[u8]) -> Vec<u8> {
    let mut bext = Vec::new();
    let mut field = |text: &[u8], bytes: usize| {
        let mut text = text[..text.len().min(bytes)].to_vec();
        text.resize(bytes, 0);
        bext.extend(text);
    };
    field(description, 256);
    field(b"The Testers' Lathe", 32);
    field(b"QZDWX2600001", 32);
    field(b"2024-05-01", 10);
    field(b"12:34:56", 8);
    // Time reference, version, UMID, loudness, reserved.
    field(&[0; 8], 8);
    field(&[2, 0], 2);
    field(&[0x55; 64], 64);
    field(&[0; 10], 10);
    field(&[], 180);
    bext.extend(b"A=PCM,F=44100,W=16,M=stereo,T=original\r\n");
    chunk(b"bext", &bext)
}

/// An iXML chunk (ixml.info).
pub(super) fn ixml() -> Vec<u8> {
    chunk(
        b"iXML",
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><BWFXML><PROJECT>Hostile</PROJECT><SCENE>1</SCENE><TAKE>7</TAKE></BWFXML>",
    )
}
