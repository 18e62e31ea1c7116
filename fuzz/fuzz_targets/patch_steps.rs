//! Patches of any operations, made, written, read and applied: what comes out is what the format says, as told by a
//! second reading of docs/formats/patch.md below.
#![no_main]

use arbitrary::Arbitrary;
use deadwax_audio::ogg::{build_page, page_crc};
use deadwax_audio::patch::{Operation, Patch, PatchBody};
use deadwax_model::Root;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

#[derive(Debug, Arbitrary)]
struct Input {
    pages: Vec<Page>,
    behind: Vec<u8>,
    steps: Vec<Step>,
    reference_bytes: u16,
}

#[derive(Debug, Arbitrary)]
struct Page {
    serial: bool,
    sequence: u32,
    lacing: Vec<u8>,
    fill: u8,
}

#[derive(Debug, Arbitrary)]
enum Step {
    Copy(u16, u16),
    Insert(Vec<u8>),
    Renumber(u8, u8, bool, u32),
    Shift(u16, u16, bool, i64),
}

fuzz_target!(|input: Input| {
    let mut holding = Vec::new();
    let mut starts = vec![0];
    for page in input.pages.iter().take(16) {
        let lacing = &page.lacing[..page.lacing.len().min(255)];
        let body = vec![page.fill; lacing.iter().map(|lace| usize::from(*lace)).sum()];
        build_page(0, 0, page.serial.into(), page.sequence, lacing, &body, &mut holding);
        starts.push(holding.len());
    }
    holding.extend(&input.behind);

    let range = |from: u16, bytes: u16| {
        let from = usize::from(from) % (holding.len() + 1);
        (from, usize::from(bytes) % (holding.len() - from + 1))
    };
    let (mut operations, mut literals, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    for step in input.steps.iter().take(64) {
        match step {
            Step::Copy(from, bytes) => {
                let (from, bytes) = range(*from, *bytes);
                operations.push(Operation::Copy { from: from as u64, bytes: bytes as u64 });
                expected.extend(&holding[from..from + bytes]);
            }
            Step::Insert(bytes) => {
                operations.push(Operation::Insert { bytes: bytes.len() as u64 });
                literals.extend(bytes);
                expected.extend(bytes);
            }
            Step::Renumber(first, last, serial, delta) => {
                let place = |number: u8| starts[usize::from(number) % starts.len()];
                let (from, end) =
                    (place(*first).min(place(*last)), place(*first).max(place(*last)));
                operations.push(Operation::OggRenumber {
                    from: from as u64,
                    bytes: (end - from) as u64,
                    serial: (*serial).into(),
                    delta: *delta,
                });
                for pair in starts.windows(2).filter(|pair| from <= pair[0] && pair[1] <= end) {
                    let page = &mut holding[pair[0]..pair[1]].to_vec();
                    if page[14..18] == u32::from(*serial).to_le_bytes() {
                        let number = u32::from_le_bytes([page[18], page[19], page[20], page[21]]);
                        page[18..22].copy_from_slice(&number.wrapping_add(*delta).to_le_bytes());
                        let checksum = page_crc(page);
                        page[22..26].copy_from_slice(&checksum.to_le_bytes());
                    }
                    expected.extend_from_slice(page);
                }
            }
            Step::Shift(from, bytes, is_wide, delta) => {
                let width = if *is_wide { 8 } else { 4 };
                let (from, bytes) = range(*from, *bytes);
                let bytes = bytes - bytes % width;
                operations.push(Operation::Shift {
                    from: from as u64,
                    bytes: bytes as u64,
                    width: width as u8,
                    delta: *delta,
                });
                for number in holding[from..from + bytes].chunks(width) {
                    let value =
                        number.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
                    let shifted = value.wrapping_add_signed(*delta).to_be_bytes();
                    expected.extend(&shifted[8 - width..]);
                }
            }
        }
    }
    let reference = &holding[..usize::from(input.reference_bytes).min(holding.len())];
    let body = PatchBody::new(holding.len() as u64, reference, &literals, &operations);
    let bytes = body.expect("small enough").finish(Root([1; 32]), Root([2; 32]));
    let patch = Patch::parse(&bytes).expect("what is written is read");
    assert_eq!(patch.source_bytes(), expected.len() as u64);
    let mut out = Vec::new();
    patch.apply(&mut Cursor::new(&holding), &mut out).expect("it fits its holding");
    assert!(out == expected);
});
