//! Numbers as formats write them.

/// How a number stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Highest byte first.
    Big,
    /// Lowest byte first.
    Little,
    /// Highest byte first, seven bits a byte (ID3v2.4 structure, 6.2).
    Syncsafe,
}

/// A number of up to eight bytes.
pub(super) fn read(bytes: &[u8], order: Order) -> u64 {
    let join = |bits: u32| move |number: u64, byte: &u8| number << bits | u64::from(*byte);
    match order {
        Order::Big => bytes.iter().fold(0, join(8)),
        Order::Little => bytes.iter().rev().fold(0, join(8)),
        Order::Syncsafe => bytes.iter().fold(0, join(7)),
    }
}

/// Writes the lowest bits of a number that fit.
pub(super) fn write(bytes: &mut [u8], order: Order, mut number: u64) {
    let mut put = |byte: &mut u8, bits: u32| {
        *byte = (number & ((1 << bits) - 1)) as u8;
        number >>= bits;
    };
    match order {
        Order::Big => bytes.iter_mut().rev().for_each(|byte| put(byte, 8)),
        Order::Little => bytes.iter_mut().for_each(|byte| put(byte, 8)),
        Order::Syncsafe => bytes.iter_mut().rev().for_each(|byte| put(byte, 7)),
    }
}

/// The largest number that fits.
pub(super) fn largest(bytes: usize, order: Order) -> u64 {
    let bits = bytes as u32 * if order == Order::Syncsafe { 7 } else { 8 };
    u64::MAX >> (64 - bits)
}

/// A number of so many bytes.
pub(super) fn number<const BYTES: usize>(order: Order, number: u64) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    write(&mut bytes, order, number);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_round() {
        for order in [Order::Big, Order::Little, Order::Syncsafe] {
            assert_eq!(read(&number::<4>(order, 70_000), order), 70_000);
        }
        assert_eq!(number::<4>(Order::Syncsafe, 257), [0, 0, 2, 1]);
        assert_eq!(largest(4, Order::Syncsafe), (1 << 28) - 1);
        assert_eq!(largest(8, Order::Little), u64::MAX);
    }
}
