//! Copies of real music are found, and nothing else is: the 41 files as MP3, Opus and Vorbis of low rates, resampled,
//! and cut at either end, all in one index.
//!
//! By default half a minute of each, which is harder: less is shared. DEADWAX_FULL=1 takes 150 s, more than a fingerprint
//! covers.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{Fingerprint, Job, analyse};
use deadwax_audio::same::{IndexBuilder, Likeness, Verdict, compare};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// How copies are made: what it is called, and ffmpeg's words for the output.
const COPIES: [(&str, &[&str]); 6] = [
    ("mp3 128k", &["-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3"]),
    ("opus 48k", &["-c:a", "libopus", "-b:a", "48k", "-f", "ogg"]),
    ("vorbis 96k", &["-c:a", "libvorbis", "-b:a", "96k", "-f", "ogg"]),
    ("22,050 Hz", &["-ar", "22050", "-f", "wav"]),
    ("5 s off the front", &["-ss", "5", "-compression_level", "0", "-f", "flac"]),
    ("5 s off the end", &["-c:a", "copy", "-f", "ogg"]),
];
const OFF_THE_FRONT: usize = 4;
const OFF_THE_END: usize = 5;

struct Piece {
    title: String,
    copy: &'static str,
    /// Sound in it, in seconds.
    seconds: f64,
    fingerprint: Vec<u32>,
}

/// An original and its copies.
fn pieces_of(path: &Path, most_seconds: f64) -> Vec<Piece> {
    let title = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let piece = |copy, path: &Path| {
        let job = Job { loudness: false, ..Job::default() };
        let found = analyse(File::open(path).unwrap(), &probe_file(path), job).unwrap();
        let seconds = found.samples as f64 / f64::from(found.sample_rate);
        let fingerprint = found.fingerprint.map(|it| it.raw).unwrap_or_default();
        Piece { title: title.clone(), copy, seconds, fingerprint }
    };
    let mut pieces = vec![piece("original", path)];
    let folder = tempfile::tempdir().unwrap();
    let until = pieces[0].seconds.min(most_seconds);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-threads", "1", "-i"]).arg(path);
    let mut outputs: Vec<(&str, PathBuf)> = Vec::new();
    for (number, (copy, words)) in COPIES.into_iter().enumerate() {
        let end = if number == OFF_THE_END { until - 5.0 } else { until };
        let start = if number == OFF_THE_FRONT { 5.0 } else { 0.0 };
        let out = folder.path().join(number.to_string());
        ffmpeg.args(["-map", "0:a:0", "-t", &(end - start).max(0.1).to_string()]);
        ffmpeg.args(words).arg(&out);
        outputs.push((copy, out));
    }
    let done = ffmpeg.output().unwrap();
    assert!(done.status.success(), "{path:?}: {}", String::from_utf8_lossy(&done.stderr));
    pieces.extend(outputs.iter().map(|(copy, out)| piece(copy, out)));
    pieces
}

/// Those of all files, in the order of files and copies; two at a time.
fn pieces(files: &[PathBuf], most_seconds: f64) -> Vec<Piece> {
    let (next, made) = (Mutex::new(files.iter().enumerate()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((place, path)) = { next.lock().unwrap().next() } {
                    let pieces = pieces_of(path, most_seconds);
                    made.lock().unwrap().push((place, pieces));
                }
            });
        }
    });
    let mut made = made.into_inner().unwrap();
    made.sort_by_key(|(place, _)| *place);
    made.into_iter().flat_map(|(_, pieces)| pieces).collect()
}

/// The fingerprint's best score over all offsets with enough in common: what [`compare`] finds by its keys.
fn best_of_all_offsets(a: &[u32], b: &[u32], least: usize) -> Option<(f64, i32)> {
    let (a_len, b_len) = (a.len() as i32, b.len() as i32);
    (-b_len + 1..a_len)
        .filter_map(|offset| {
            let (a, b) = (&a[offset.max(0) as usize..], &b[(-offset).max(0) as usize..]);
            let bits: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
            let steps = a.len().min(b.len());
            let score = 1.0 - 2.0 * f64::from(bits) / (32.0 * steps as f64);
            (steps >= least).then_some((score, offset))
        })
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
}

#[test]
fn copies_of_real_music_pair_and_nothing_else_does() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let files = all_real_files();
    if files.is_empty() {
        return;
    }
    let is_full = std::env::var_os("DEADWAX_FULL").is_some();
    let all = pieces(&files, if is_full { 150.0 } else { 30.0 });
    let mut builder = IndexBuilder::with_room_for(all.len());
    for piece in &all {
        // As an archive has it: the text of the catalogue.
        let text = Fingerprint { raw: piece.fingerprint.clone() }.text();
        let read = Fingerprint::from_text(&text).map(|it| it.raw).unwrap_or_default();
        assert_eq!(read, piece.fingerprint);
        builder.push(&piece.fingerprint);
    }
    let index = builder.finish();

    // Everything is looked up among what was added before it, as an archive does it.
    let mut pairs: Vec<(&Piece, &Piece, Likeness)> = Vec::new();
    for (number, piece) in all.iter().enumerate() {
        for candidate in index.candidates(&piece.fingerprint, number as u32) {
            let other = &all[candidate.owner as usize];
            if let Verdict::Same(likeness) = compare(&other.fingerprint, &piece.fingerprint) {
                pairs.push((other, piece, likeness));
            }
        }
    }
    for (a, b, likeness) in &pairs {
        assert_eq!(a.title, b.title, "{} and {} are not the same: {likeness:?}", a.copy, b.copy);
    }

    let (mut found, mut comparable, mut not_comparable) = (0, 0, Vec::new());
    let mut lowest = [1.0f64; COPIES.len()];
    for of_one in all.chunks(COPIES.len() + 1) {
        let (original, copies) = of_one.split_first().unwrap();
        for (number, copy) in copies.iter().enumerate() {
            let pair =
                pairs.iter().find(|(a, b, _)| std::ptr::eq(*a, original) && std::ptr::eq(*b, copy));
            if let Some((.., likeness)) = pair {
                found += 1;
                comparable += 1;
                lowest[number] = lowest[number].min(likeness.score);
                let wanted = if number == OFF_THE_FRONT { 5.0 } else { 0.0 };
                let offset = likeness.offset_seconds();
                assert!((offset - wanted).abs() < 0.2, "{} {}: {offset}", copy.title, copy.copy);
                let best =
                    best_of_all_offsets(&original.fingerprint, &copy.fingerprint, likeness.overlap);
                assert_eq!(best, Some((likeness.score, likeness.offset)), "{}", copy.title);
                continue;
            }
            match compare(&original.fingerprint, &copy.fingerprint) {
                Verdict::TooShort => {
                    assert!(copy.seconds < 5.1, "{} {}: {} s", copy.title, copy.copy, copy.seconds);
                    not_comparable
                        .push(format!("{} {}: {:.1} s", copy.title, copy.copy, copy.seconds));
                }
                Verdict::TooUniform => {
                    assert_eq!(copy.title, "silence");
                    not_comparable.push(format!("{} {}: uniform", copy.title, copy.copy));
                }
                other => {
                    comparable += 1;
                    eprintln!("missed: {} {}: {other:?}", copy.title, copy.copy);
                }
            }
        }
    }
    for ((copy, _), lowest) in COPIES.iter().zip(lowest) {
        eprintln!("{copy}: lowest score {lowest:.3}");
    }
    eprintln!(
        "{} pairs, none false; found {found} of {comparable} copies that can be compared; {} of {} cannot: {not_comparable:?}",
        pairs.len(),
        not_comparable.len(),
        files.len() * COPIES.len()
    );
    assert_eq!(found + not_comparable.len() + (comparable - found), files.len() * COPIES.len());
    assert!(found * 100 >= comparable * 99, "recall {found}/{comparable}");
    // Silence, and the two pieces of which cutting leaves less than five seconds.
    assert!(not_comparable.len() <= 6 + 4, "{not_comparable:?}");
    if !is_full {
        // The floor under what was measured, so that a slow loss is seen.
        assert!(lowest.into_iter().fold(1.0, f64::min) > 0.85, "{lowest:?}");
    }
}
