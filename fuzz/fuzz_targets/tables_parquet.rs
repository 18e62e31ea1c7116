//! Tables of facts as Parquet.
#![no_main]

use deadwax_fuzz::{reads_as_table, tolerate_panics_of_others};
use deadwax_intake::tables::TableFormat;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tolerate_panics_of_others(), |input: &[u8]| reads_as_table(input, TableFormat::Parquet));
