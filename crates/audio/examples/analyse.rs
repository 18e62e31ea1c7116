//! One analysis pass over one file, with its time: to profile, and to encode a file without an
//! archive around it (bench/opus_quality.py does).
//!
//! usage: analyse FILE [OUT opus|vorbis KBIT [two-threads]]

use deadwax_audio::analyse::{Coding, EncodeJob, Job, analyse};
use deadwax_audio::probe::probe;
use std::error::Error;
use std::fs::File;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let two_threads = arguments.last() == Some(&"two-threads");
    let words = &arguments[..arguments.len() - usize::from(two_threads)];
    let (path, tier) = match *words {
        [path] => (path, None),
        [path, out, "opus", kbit_rate] => (path, Some((out, Coding::Opus, kbit_rate))),
        [path, out, "vorbis", kbit_rate] => (path, Some((out, Coding::Vorbis, kbit_rate))),
        _ => return Err("usage: analyse FILE [OUT opus|vorbis KBIT [two-threads]]".into()),
    };
    let mut file = File::open(path)?;
    let probe = probe(&mut file)?;
    let mut out = match tier {
        Some((out, ..)) => Some(File::create(out)?),
        None => None,
    };
    let encode = match (&mut out, tier) {
        (Some(out), Some((_, coding, kbit_rate))) => Some(EncodeJob {
            coding,
            kbit_rate: kbit_rate.parse()?,
            fields: Vec::new(),
            pictures: Vec::new(),
            serial: 1,
            album_loudness_lufs: None,
            out,
        }),
        _ => None,
    };
    let start = Instant::now();
    let analysis = analyse(file, &probe, Job { encode, two_threads, ..Job::default() })?;
    let (taken, length) = (
        start.elapsed().as_secs_f64(),
        analysis.samples as f64 / f64::from(analysis.sample_rate.max(1)),
    );
    println!("{length:.1} s in {taken:.3} s, {:.0} times real time", length / taken);
    println!("{} samples at {} Hz", analysis.samples, analysis.sample_rate);
    println!("loudness {:?} LUFS, peak {:.4}", analysis.loudness_lufs, analysis.sample_peak);
    println!("encoded {:?}", analysis.encoded);
    analysis.warnings.iter().for_each(|warning| println!("warning: {warning}"));
    Ok(())
}
