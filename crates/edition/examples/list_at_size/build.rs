//! `build`: an edition of made-up recordings, and what making it cost.

use crate::Failure;
use crate::arguments::Arguments;
use crate::made::Maker;
use crate::measure::{DiskSampler, files_below, peak_mib, process_seconds, thread_seconds};
use deadwax_edition::{EditionInfo, EditionWriter, Listed};
use deadwax_model::{PopularityScale, Rank};
use deadwax_store::Store;
use deadwax_testkit::collection::GeneratedRecording;
use deadwax_torrent::PackOptions;
use serde::Serialize;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

/// Recordings of a batch, and batches that may wait for the writer.
const BATCH: usize = 256;
const BATCHES: usize = 4;

/// Recordings of the dry run that tells what making them up costs by itself.
const DRY_RUN: u32 = 1_000_000;

/// What a build cost. Seconds of processor are of this process; a microsecond is of one recording.
#[derive(Debug, Serialize)]
struct Built {
    recordings: u32,
    seed: u64,
    wall_s: f64,
    push_s: f64,
    finish_s: f64,
    cpu_s: f64,
    /// Of `cpu_s`: making the recordings up, in its own thread, while building.
    generate_cpu_s: f64,
    /// Of `cpu_s`: the thread that pushes.
    push_cpu_s: f64,
    /// The same of a dry run before, alone.
    dry_us: f64,
    wall_us: f64,
    /// Without making them up.
    cpu_us: f64,
    peak_mib: u64,
    peak_disk_bytes: u64,
    bytes: u64,
    files: Vec<FileSize>,
    catalog_and_search_bytes_each: f64,
    parquet_bytes_each: f64,
}

#[derive(Debug, Serialize)]
struct FileSize {
    path: String,
    bytes: u64,
    bytes_each: f64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let recordings = arguments.recordings()?;
    let (seed, into) = (arguments.seed()?, arguments.path("--into")?);
    if into.exists() {
        return Err(
            format!("{} is there already; name a folder that is not", into.display()).into()
        );
    }
    let maker = Maker::new(recordings.into(), seed);
    let dry_us = dry_run(&maker, recordings.min(DRY_RUN));
    let sampler = DiskSampler::start(into);
    let built = build(&maker, recordings, into);
    let peak_disk_bytes = sampler.finish();
    let mut built = Built { seed, dry_us, peak_disk_bytes, ..built? };
    measure_files(&mut built, into)?;
    if arguments.json() {
        println!("{}", serde_json::to_string_pretty(&built)?);
    } else {
        print(&built);
    }
    Ok(())
}

/// Microseconds of processor that making one recording up takes.
fn dry_run(maker: &Maker, recordings: u32) -> f64 {
    let before = thread_seconds();
    let mut memory = GeneratedRecording::default();
    for rank in (1..=recordings).filter_map(Rank::new) {
        std::hint::black_box(maker.listed(rank, &mut memory));
    }
    (thread_seconds() - before) * 1e6 / f64::from(recordings)
}

fn build(maker: &Maker, recordings: u32, into: &Path) -> Result<Built, Failure> {
    std::fs::create_dir_all(into)?;
    let store = Store::create(&into.join("store"))?;
    let info = EditionInfo {
        title: "Made up".to_owned(),
        date: "2026-11-20".to_owned(),
        popularity: PopularityScale::default(),
        created_by: "list_at_size".to_owned(),
    };
    let (cpu_before, own_before, start) = (process_seconds(), thread_seconds(), Instant::now());
    let mut writer =
        EditionWriter::create(&into.join("edition"), info, &store, PackOptions::default())?;
    let generate_cpu_s = std::thread::scope(|scope| -> Result<f64, Failure> {
        let (sender, batches) = sync_channel(BATCHES);
        // A thread of its own: it runs whenever the writer leaves a core free.
        let generator = scope.spawn(move || generate(maker, recordings, &sender));
        for listed in batches.iter().flatten() {
            writer.push(listed)?;
        }
        generator.join().map_err(|_| "making recordings up has panicked".into())
    })?;
    let push_s = start.elapsed().as_secs_f64();
    writer.finish()?;
    let (wall_s, cpu_s) = (start.elapsed().as_secs_f64(), process_seconds() - cpu_before);
    let each = |seconds: f64| seconds * 1e6 / f64::from(recordings);
    Ok(Built {
        recordings,
        seed: 0,
        wall_s,
        push_s,
        finish_s: wall_s - push_s,
        cpu_s,
        generate_cpu_s,
        push_cpu_s: thread_seconds() - own_before,
        dry_us: 0.0,
        wall_us: each(wall_s),
        cpu_us: each(cpu_s - generate_cpu_s),
        peak_mib: peak_mib(),
        peak_disk_bytes: 0,
        bytes: 0,
        files: Vec::new(),
        catalog_and_search_bytes_each: 0.0,
        parquet_bytes_each: 0.0,
    })
}

/// Sends all recordings in rank order; gives the processor seconds that it took.
fn generate(maker: &Maker, recordings: u32, sender: &SyncSender<Vec<Listed>>) -> f64 {
    let mut memory = GeneratedRecording::default();
    let mut batch = Vec::with_capacity(BATCH);
    for rank in (1..=recordings).filter_map(Rank::new) {
        batch.push(maker.listed(rank, &mut memory));
        if batch.len() == BATCH || rank.get() == recordings {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            if sender.send(full).is_err() {
                break; // The writer has failed, and says why.
            }
        }
    }
    thread_seconds()
}

fn measure_files(built: &mut Built, into: &Path) -> Result<(), Failure> {
    let edition = into.join("edition");
    let recordings = f64::from(built.recordings);
    for (path, bytes) in files_below(&edition)? {
        let path = path.strip_prefix(&edition)?.display().to_string();
        let bytes_each = bytes as f64 / recordings;
        match path.starts_with("parquet/") {
            true => built.parquet_bytes_each += bytes_each,
            // Whatever is neither Parquet nor a page or summary is the catalogue or search.
            false if !path.ends_with(".html") && !path.ends_with(".json") => {
                built.catalog_and_search_bytes_each += bytes_each;
            }
            false => {}
        }
        built.bytes += bytes;
        built.files.push(FileSize { path, bytes, bytes_each });
    }
    Ok(())
}

fn print(built: &Built) {
    println!(
        "built {} in {:.1} s: {:.1} s pushing, {:.1} s finishing; {:.0} a second",
        built.recordings,
        built.wall_s,
        built.push_s,
        built.finish_s,
        f64::from(built.recordings) / built.wall_s
    );
    println!(
        "processor {:.1} s: {:.1} s in the thread that pushes, {:.1} s making recordings up, the rest in other threads",
        built.cpu_s, built.push_cpu_s, built.generate_cpu_s
    );
    println!(
        "microseconds a recording: {:.2} by the clock, {:.2} of processor without the {:.2} of making it up (alone: {:.2})",
        built.wall_us,
        built.cpu_us,
        built.generate_cpu_s * 1e6 / f64::from(built.recordings),
        built.dry_us
    );
    println!(
        "peak memory {} MiB; disk: {} MiB at most, {} MiB in the end",
        built.peak_mib,
        built.peak_disk_bytes >> 20,
        built.bytes >> 20
    );
    for file in &built.files {
        println!("    {:32} {:14} {:8.2} a recording", file.path, file.bytes, file.bytes_each);
    }
    println!("catalogue and search {:8.2} bytes a recording", built.catalog_and_search_bytes_each);
    println!("Parquet              {:8.2} bytes a recording", built.parquet_bytes_each);
}
