//! The checksum of an Ogg page: CRC-32 with polynomial 0x04c11db7, most significant bit first, start
//! value 0, no final inversion (RFC 3533 section 6, item 7).
//!
//! Starting at 0 without inversion makes it linear: `crc(a ^ b) = crc(a) ^ crc(b)`. So the checksum
//! of a page whose sequence number changes follows from the two numbers and the page's length alone,
//! and millions of pages can be renumbered without touching what is in them.

const POLYNOMIAL: u32 = 0x04c1_1db7;
/// Where a page's sequence number ends.
const SEQUENCE_END: usize = 22;

/// `TABLES[k][b]`: what byte `b` contributes when `k` more bytes follow it in the same step of 16.
static TABLES: [[u32; 256]; 16] = tables();
/// `x^(8n) mod P` for n below 256, and for multiples of 256 below 65,536.
static SHIFT_LOW: [u32; 256] = powers(x_to_the_eight());
static SHIFT_HIGH: [u32; 256] = powers(multiply(SHIFT_LOW_LAST, x_to_the_eight()));
const SHIFT_LOW_LAST: u32 = powers(x_to_the_eight())[255];

const fn tables() -> [[u32; 256]; 16] {
    let mut tables = [[0; 256]; 16];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000_0000 != 0 { crc << 1 ^ POLYNOMIAL } else { crc << 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut step = 1;
    while step < 16 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[step - 1][byte];
            tables[step][byte] = before << 8 ^ tables[0][(before >> 24) as usize];
            byte += 1;
        }
        step += 1;
    }
    tables
}

/// Product of two polynomials modulo the CRC's.
const fn multiply(a: u32, b: u32) -> u32 {
    let mut product = 0;
    let mut bit = 32;
    while bit > 0 {
        bit -= 1;
        product = product << 1 ^ if product & 0x8000_0000 != 0 { POLYNOMIAL } else { 0 };
        if b >> bit & 1 != 0 {
            product ^= a;
        }
    }
    product
}

const fn x_to_the_eight() -> u32 {
    1 << 8
}

const fn powers(base: u32) -> [u32; 256] {
    let mut powers = [1; 256];
    let mut n = 1;
    while n < 256 {
        powers[n] = multiply(powers[n - 1], base);
        n += 1;
    }
    powers
}

fn update(mut crc: u32, bytes: &[u8]) -> u32 {
    let (chunks, rest) = bytes.as_chunks::<16>();
    for c in chunks {
        let head = crc ^ u32::from_be_bytes([c[0], c[1], c[2], c[3]]);
        let h = head.to_be_bytes();
        let mut next = TABLES[15][h[0] as usize]
            ^ TABLES[14][h[1] as usize]
            ^ TABLES[13][h[2] as usize]
            ^ TABLES[12][h[3] as usize];
        for (place, &byte) in c[4..].iter().enumerate() {
            next ^= TABLES[11 - place][byte as usize];
        }
        crc = next;
    }
    for &byte in rest {
        crc = crc << 8 ^ TABLES[0][(crc >> 24) as usize ^ byte as usize];
    }
    crc
}

/// The checksum that a page should carry: over all of it, its own checksum field (bytes 22 to 26)
/// taken as zero. Shorter input is checksummed as it is.
pub fn page_crc(page: &[u8]) -> u32 {
    match page.split_at_checked(26) {
        Some((head, rest)) => update(update(update(0, &head[..22]), &[0; 4]), rest),
        None => update(0, page),
    }
}

/// What to xor a page's checksum with when its sequence number goes from `old` to `new`.
/// `page_bytes` is the length of the whole page. A page whose checksum was wrong stays exactly as
/// wrong, so the way back is the same xor.
pub fn renumbering(old: u32, new: u32, page_bytes: usize) -> u32 {
    let difference = update(0, &(old ^ new).to_le_bytes());
    let after = page_bytes.saturating_sub(SEQUENCE_END);
    let shift = multiply(SHIFT_LOW[after & 255], SHIFT_HIGH[after >> 8 & 255]);
    multiply(difference, shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bit_by_bit(bytes: &[u8]) -> u32 {
        bytes.iter().fold(0, |crc: u32, &byte| {
            (0..8).fold(crc ^ (u32::from(byte) << 24), |crc, _| {
                if crc >> 31 != 0 { crc << 1 ^ POLYNOMIAL } else { crc << 1 }
            })
        })
    }

    proptest! {
        #[test]
        fn is_the_crc_of_the_definition(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(update(0, &bytes), bit_by_bit(&bytes));
        }

        #[test]
        fn renumbering_needs_no_payload(
            mut page in prop::collection::vec(any::<u8>(), 27..65_308),
            new: u32,
        ) {
            let old = u32::from_le_bytes(page[18..22].try_into().unwrap());
            let before = page_crc(&page);
            page[18..22].copy_from_slice(&new.to_le_bytes());
            prop_assert_eq!(page_crc(&page), before ^ renumbering(old, new, page.len()));
        }
    }
}
