//! Numbers in as few bits as they need.
//!
//! Exponential Golomb codes (Teuhola 1978; ITU-T H.264, 9.1, for order 0): a value of order `k` is its upper part
//! plus one, as many zeros before that as it has bits after its first, and then the `k` lower bits. Close to the
//! entropy for values that are even below 2^k and safe for those far above, so one code does for all of a list.
//! The order is chosen for each column of each block.

/// Orders there are: a value takes at most 127 bits, whatever it is.
const ORDERS: u32 = 64;

/// Bits that say the order of a column.
const ORDER_BITS: u32 = 6;

/// Writes bits, highest first.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are not a whole byte yet, the last written lowest.
    open: u64,
    open_bits: u32,
}

impl BitWriter {
    /// The lowest `bits` (at most 64) of a value.
    pub(crate) fn bits(&mut self, value: u64, bits: u32) {
        if bits > 32 {
            self.few(value >> 32, bits - 32);
            self.few(value & 0xFFFF_FFFF, 32);
        } else {
            self.few(value, bits);
        }
    }

    fn few(&mut self, value: u64, bits: u32) {
        self.open = self.open << bits | (value & ((1 << bits) - 1));
        self.open_bits += bits;
        while self.open_bits >= 8 {
            self.open_bits -= 8;
            self.bytes.push((self.open >> self.open_bits) as u8);
        }
    }

    /// One value of order `order`; 2^64 - 1 takes an order of at least 1.
    pub(crate) fn golomb(&mut self, value: u64, order: u32) {
        let upper = (value >> order) + 1;
        let length = 64 - upper.leading_zeros();
        self.bits(0, length - 1);
        self.bits(upper, length);
        self.bits(value, order);
    }

    /// A column: its order, then its values.
    pub(crate) fn column(&mut self, values: &[u64]) {
        let order = best_order(values);
        self.bits(order.into(), ORDER_BITS);
        values.iter().for_each(|value| self.golomb(*value, order));
    }

    /// Everything written, the last byte filled up with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.open_bits > 0 {
            self.few(0, 8 - self.open_bits);
        }
        self.bytes
    }
}

/// The order that takes the fewest bits.
fn best_order(values: &[u64]) -> u32 {
    let mut lengths = [0u32; 65];
    values.iter().for_each(|value| lengths[(64 - value.leading_zeros()) as usize] += 1);
    // How long the code of a value is follows from its length in bits, but for a carry into the next length.
    let cost = |order: u32| -> u32 {
        let of = |length: u32| order + 1 + 2 * length.saturating_sub(order);
        lengths.iter().enumerate().map(|(length, count)| count * of(length as u32)).sum()
    };
    let longest = lengths.iter().rposition(|count| *count > 0).unwrap_or(0) as u32;
    let least = u32::from(values.contains(&u64::MAX));
    (least..=longest.min(ORDERS - 1)).min_by_key(|order| cost(*order)).unwrap_or(0)
}

/// Reads what [`BitWriter`] wrote. Behind the end there are zeros, and [`BitReader::is_over`] says so: what comes
/// from a stranger must not end in a panic.
#[derive(Debug, Clone)]
pub(crate) struct BitReader<'b> {
    bytes: &'b [u8],
    /// Place of the next bit.
    at: usize,
}

impl<'b> BitReader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> BitReader<'b> {
        BitReader { bytes, at: 0 }
    }

    /// Bits that were not read yet.
    pub(crate) fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    /// Whether all was read, but for what fills up the last byte.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at.div_ceil(8) == self.bytes.len()
    }

    /// Whether more was read than there was.
    pub(crate) fn is_over(&self) -> bool {
        self.at > self.bytes.len() * 8
    }

    /// The next 57 bits or more, the first highest.
    #[inline]
    fn window(&self) -> u64 {
        let byte = self.at / 8;
        let window = match self.bytes.get(byte..byte + 8) {
            Some(bytes) => u64::from_be_bytes(bytes.try_into().unwrap_or_default()),
            None => {
                let mut last = [0; 8];
                let rest = self.bytes.get(byte..).unwrap_or_default();
                last[..rest.len()].copy_from_slice(rest);
                u64::from_be_bytes(last)
            }
        };
        window << (self.at % 8)
    }

    /// The next `bits`, at most 64.
    pub(crate) fn bits(&mut self, bits: u32) -> u64 {
        if bits > 32 {
            let upper = self.few(bits - 32);
            return upper << 32 | self.few(32);
        }
        self.few(bits)
    }

    #[inline]
    fn few(&mut self, bits: u32) -> u64 {
        if bits == 0 {
            return 0;
        }
        let value = self.window() >> (64 - bits);
        self.at += bits as usize;
        value
    }

    /// One value of an order.
    #[inline]
    pub(crate) fn golomb(&mut self, order: u32) -> u64 {
        let window = self.window();
        let zeros = window.leading_zeros();
        let length = 2 * zeros + 1 + order;
        if length <= 56 {
            self.at += length as usize;
            let upper = (window << zeros) >> (63 - zeros);
            let lower = (window << (2 * zeros + 1)).checked_shr(64 - order).unwrap_or(0);
            return (upper - 1) << order | lower;
        }
        self.long_golomb(order)
    }

    #[cold]
    fn long_golomb(&mut self, order: u32) -> u64 {
        let mut zeros = self.window().leading_zeros().min(32);
        self.at += zeros as usize;
        if zeros == 32 {
            let more = self.window().leading_zeros().min(31);
            self.at += more as usize;
            zeros += more;
        }
        let upper = self.bits(zeros + 1).wrapping_sub(1);
        upper.wrapping_shl(order) | self.bits(order)
    }

    /// A column of `count` values, to `each` in turn.
    pub(crate) fn column(&mut self, count: usize, mut each: impl FnMut(u64)) {
        let order = self.bits(ORDER_BITS) as u32;
        (0..count).for_each(|_| each(self.golomb(order)));
    }
}

/// A difference as a number that is small when the difference is, whatever its sign.
pub(crate) fn zigzag(difference: i64) -> u64 {
    (difference << 1 ^ difference >> 63) as u64
}

/// The difference that [`zigzag`] was given.
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            columns in proptest::collection::vec(
                proptest::collection::vec(
                    prop_oneof![0u64..4, 0u64..100_000, any::<u64>(), Just(u64::MAX)], 0..70), 0..6),
            shift in 0u32..9
        ) {
            let mut writer = BitWriter::default();
            writer.bits(0, shift);
            columns.iter().for_each(|values| writer.column(values));
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            reader.bits(shift);
            for values in &columns {
                let mut read = Vec::new();
                reader.column(values.len(), |value| read.push(value));
                prop_assert_eq!(&read, values);
            }
            prop_assert!(!reader.is_over());
        }

        #[test]
        fn noise_is_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = BitReader::new(&bytes);
            for _ in 0..100 {
                reader.column(8, |_| ());
            }
            prop_assert!(reader.is_over());
        }

        #[test]
        fn differences_come_back(difference in any::<i64>()) {
            prop_assert_eq!(unzigzag(zigzag(difference)), difference);
        }
    }
}
