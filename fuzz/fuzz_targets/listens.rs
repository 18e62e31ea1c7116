//! Tables of listens in CSV, whatever is in them.
#![no_main]

use deadwax_intake::read_listens;
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;

fuzz_target!(|input: &[u8]| {
    let Ok(table) = read_listens(input) else { return };
    let keys: HashSet<_> = table.rows.iter().map(|row| &row.key).collect();
    assert_eq!(keys.len(), table.rows.len());
});
