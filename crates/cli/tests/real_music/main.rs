//! What the archive must show on real music: the 41 Ogg Vorbis files of Debian's wesnoth-1.16-music, tagged
//! by many hands. Other programs judge where there are any.

#[path = "../support/made.rs"]
mod made;
#[path = "../support/real.rs"]
mod real;

mod documents;
mod editions;
mod originals;
mod rights;
mod torrents;

#[test]
fn memory_stays_under_300_mb_with_two_jobs() {
    let Some(real) = real::real() else { return };
    let bytes = real.peak_kib * 1024;
    eprintln!("most memory in use: {:.1} MB", bytes as f64 / 1e6);
    assert!((1_000_000..300_000_000).contains(&bytes), "{bytes} bytes");
}
