//! Adding to a table of numbers: all file offsets of a table move by the same distance when
//! something in front of what they point to becomes longer or shorter.

/// Adds `delta` to each of the big-endian numbers of `width` bytes, 4 or 8, modulo 2^(8 * `width`).
/// What is left over behind the last whole number stays.
pub(crate) fn shift(numbers: &mut [u8], width: u8, delta: i64) {
    if width == 4 {
        for number in numbers.as_chunks_mut::<4>().0 {
            *number = u32::from_be_bytes(*number).wrapping_add(delta as u32).to_be_bytes();
        }
    } else {
        for number in numbers.as_chunks_mut::<8>().0 {
            *number = u64::from_be_bytes(*number).wrapping_add(delta as u64).to_be_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Operation, Patch, PatchBody, PatchError};
    use super::shift;
    use deadwax_model::Root;
    use proptest::prelude::*;
    use std::io::Cursor;

    const ROOTS: (Root, Root) = (Root([1; 32]), Root([2; 32]));
    /// Where the version stands.
    const VERSION_AT: usize = 4;

    fn patch(holding_bytes: usize, operations: &[Operation]) -> Vec<u8> {
        let body = PatchBody::new(holding_bytes as u64, &[], &[], operations).unwrap();
        body.finish(ROOTS.0, ROOTS.1)
    }

    fn applied(patch: &[u8], holding: &[u8]) -> Result<Vec<u8>, PatchError> {
        let mut out = Vec::new();
        Patch::parse(patch)?.apply(&mut Cursor::new(holding), &mut out)?;
        Ok(out)
    }

    fn damage(patch: &[u8]) -> &'static str {
        match Patch::parse(patch) {
            Err(PatchError::Damaged(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn shifting_back_gives_the_numbers_back(
            numbers in prop::collection::vec(any::<u64>(), 0..50), wide: bool, delta: i64,
        ) {
            let before: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
            let width = if wide { 8 } else { 4 };
            let mut holding = before.clone();
            shift(&mut holding, width, delta);
            let bytes = holding.len() as u64;
            let step = Operation::Shift { from: 0, bytes, width, delta: delta.wrapping_neg() };
            prop_assert_eq!(applied(&patch(holding.len(), &[step]), &holding).unwrap(), before);
        }
    }

    #[test]
    fn numbers_wrap_at_their_width() {
        let mut narrow = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 7];
        shift(&mut narrow, 4, -2);
        assert_eq!(narrow, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd, 7]);
        let mut wide = [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
        shift(&mut wide, 8, 1);
        assert_eq!(wide, [0, 0, 0, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn a_table_longer_than_the_buffer_streams_through() {
        let holding: Vec<u8> = (0..200_000u32).flat_map(|n| (n * 3).to_be_bytes()).collect();
        let mut expected = holding.clone();
        shift(&mut expected, 4, 1_000);
        let bytes = holding.len() as u64;
        let step = Operation::Shift { from: 0, bytes, width: 4, delta: 1_000 };
        assert!(applied(&patch(holding.len(), &[step]), &holding).unwrap() == expected);
        let error = applied(&patch(holding.len(), &[step]), &holding[..holding.len() - 1]);
        assert!(matches!(error, Err(PatchError::Holding(_))), "{error:?}");
    }

    #[test]
    fn only_a_patch_that_shifts_is_of_version_2() {
        let copy = Operation::Copy { from: 0, bytes: 8 };
        let step = Operation::Shift { from: 8, bytes: 8, width: 8, delta: -5 };
        assert_eq!(patch(16, &[copy])[VERSION_AT], 1);
        let mut shifts = patch(16, &[copy, step]);
        assert_eq!(shifts[VERSION_AT], 2);
        assert_eq!(Patch::parse(&shifts).unwrap().operations(), [copy, step]);
        shifts[VERSION_AT] = 1;
        assert_eq!(damage(&shifts), "it has an operation that does not exist");
        shifts[VERSION_AT] = 3;
        assert!(matches!(Patch::parse(&shifts), Err(PatchError::Version(3))));
        // A reader of both versions has no reason to refuse this one.
        let mut copies = patch(16, &[copy]);
        copies[VERSION_AT] = 2;
        assert_eq!(Patch::parse(&copies).unwrap().operations(), [copy]);
    }

    #[test]
    fn what_no_table_has_is_damage() {
        let step = |from, bytes, width| Operation::Shift { from, bytes, width, delta: 1 };
        let width = "it shifts numbers of a width that none has";
        for other in [0, 1, 2, 16] {
            assert_eq!(damage(&patch(64, &[step(0, 16, other)])), width);
        }
        assert_eq!(damage(&patch(64, &[step(0, 6, 4)])), "it shifts a part of a number");
        assert_eq!(damage(&patch(64, &[step(0, 12, 8)])), "it shifts a part of a number");
        let beyond = "it copies from beyond the holding's end";
        assert_eq!(damage(&patch(64, &[step(60, 8, 8)])), beyond);
        assert_eq!(damage(&patch(64, &[step(u64::MAX, 8, 8)])), beyond);
    }
}
