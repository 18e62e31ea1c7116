//! A picture for a cover, as a PNG with a palette. Format: W3C PNG 3rd edition; the deflate stream is of
//! stored blocks (RFC 1951, 3.2.4), which any reader takes and which needs no compressor.

/// A square cover of `side` pixels: rings like the grooves of a record around a label, in colours out of
/// the seed.
pub fn cover(seed: u64, side: u32) -> Vec<u8> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let hue = dice.f32();
    let colour = |lightness: f32, turn: f32| -> [u8; 3] {
        [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|third| {
            let wave = ((hue + turn + third) * std::f32::consts::TAU).cos() * 0.5 + 0.5;
            ((lightness * (0.45 + 0.55 * wave)).clamp(0.0, 1.0) * 255.0) as u8
        })
    };
    // 0 to 29 the background, 30 to 59 the grooves, 60 the label, 61 its hole.
    let mut palette: Vec<[u8; 3]> = (0..30).map(|i| colour(0.55 + i as f32 / 75.0, 0.0)).collect();
    palette.extend((0..30).map(|i| colour(0.08 + i as f32 / 200.0, 0.5)));
    palette.extend([colour(0.95, 0.33), [250, 248, 240]]);
    let (cx, cy) = (0.35 + dice.f32() * 0.3, 0.35 + dice.f32() * 0.3);
    let pixel = |x: u32, y: u32| -> u8 {
        let (u, v) = (x as f32 / side as f32, y as f32 / side as f32);
        let distance = ((u - cx).powi(2) + (v - cy).powi(2)).sqrt();
        match distance {
            d if d < 0.015 => 61,
            d if d < 0.13 => 60,
            d if d < 0.40 => 30 + ((d * 1500.0) as u32 % 30) as u8,
            _ => ((u + v) * 14.9) as u8 % 30,
        }
    };
    encode(side, &palette, pixel)
}

fn encode(side: u32, palette: &[[u8; 3]], pixel: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
    // 8 bits, palette, deflate, the usual filters, not interlaced.
    header.extend([8, 3, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &header);
    chunk(&mut out, b"PLTE", palette.as_flattened());
    let rows = (0..side).flat_map(|y| {
        std::iter::once(0).chain((0..side).map(move |x| (x, y)).map(|(x, y)| pixel(x, y)))
    });
    chunk(&mut out, b"IDAT", &zlib_stored(&rows.collect::<Vec<u8>>()));
    chunk(&mut out, b"IEND", &[]);
    out
}

pub(crate) fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    out.extend((content.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend(content);
    let crc = crc32(&out[start..]);
    out.extend(crc.to_be_bytes());
}

/// RFC 1950 around stored blocks.
pub(crate) fn zlib_stored(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = content.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in content {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// PNG annex D.
fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_pngs() {
        // The CRC of every PNG's end.
        assert_eq!(super::crc32(b"IEND"), 0xAE42_6082);
    }
}
