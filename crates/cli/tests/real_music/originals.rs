//! The original comes back, and what is kept in the meantime sounds the same.

use crate::real::{FILES, real};
use deadwax_testkit::oracle;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn every_original_comes_back_byte_for_byte() {
    let Some(real) = real() else { return };
    assert_eq!(real.list.len(), FILES);
    for row in &real.list {
        let source = Path::new(row["source"].as_str().unwrap());
        real.bench.assert_restores(row["id"].as_str().unwrap(), source);
    }
    assert_eq!(real.report["restorable"], FILES);
}

#[test]
fn every_holding_decodes_to_the_audio_of_its_source() {
    let (Some(real), Some(ffmpeg)) = (real(), oracle::need("ffmpeg")) else { return };
    let (next, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(row) = real.list.get(next.fetch_add(1, Ordering::Relaxed)) {
                    assert_eq!(row["tier"], "keep", "{row}");
                    let source = Path::new(row["source"].as_str().unwrap());
                    let before = oracle::decoded_md5(&ffmpeg, source).unwrap();
                    let kept = oracle::decoded_md5(&ffmpeg, &real.holding(row)).unwrap();
                    assert_eq!(before, kept, "{row}");
                    assert_ne!(row["root"], row["original_root"], "nothing was embedded: {row}");
                    compared.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(compared.into_inner(), FILES);
}

#[test]
fn patches_take_a_kilobyte_at_most_in_the_median() {
    let Some(real) = real() else { return };
    let patch_bytes = |row: &serde_json::Value| {
        let shown = real.bench.json(0, ["show", row["id"].as_str().unwrap()]);
        shown[0]["patch_bytes"].as_u64().unwrap_or_else(|| panic!("no patch: {shown}"))
    };
    let mut bytes: Vec<u64> = real.list.iter().map(patch_bytes).collect();
    bytes.sort_unstable();
    let (median, largest) = (bytes[FILES / 2], bytes[FILES - 1]);
    eprintln!("patches: median {median} bytes, largest {largest} bytes");
    assert!(median <= 1_000, "{bytes:?}");
    assert_eq!(real.report["patch_bytes"], bytes.iter().sum::<u64>());
}
