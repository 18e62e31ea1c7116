//! `build`: an edition of made-up recordings, and what making it cost.

use crate::Failure;
use crate::arguments::Arguments;
use crate::held::Holdings;
use crate::made::Maker;
use crate::measure::{DiskSampler, files_below, peak_mib, process_seconds, thread_seconds};
use deadwax_edition::{EditionInfo, EditionWriter};
use deadwax_model::{PopularityScale, Rank};
use deadwax_store::Store;
use deadwax_testkit::collection::GeneratedRecording;
use deadwax_torrent::PackOptions;
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

/// Recordings of the dry run that tells what making them up costs by itself.
const DRY_RUN: u32 = 1_000_000;

/// What is built.
struct Size {
    recordings: u32,
    /// How many of the first of them are held, cleared and in packs.
    held: u32,
    /// Whether packs have v1 twins.
    twins: bool,
    /// Packs made at once.
    jobs: usize,
}

/// What a build cost. Seconds of processor are of this process; a microsecond is of one recording.
#[derive(Debug, Serialize)]
struct Built {
    recordings: u32,
    seed: u64,
    wall_s: f64,
    push_s: f64,
    finish_s: f64,
    cpu_s: f64,
    /// Of `cpu_s`: the thread that pushes, making the recordings up included.
    push_cpu_s: f64,
    /// Of `cpu_s`: making the recordings up, as far as a dry run before the build tells.
    generate_cpu_s: f64,
    wall_us: f64,
    /// Without making them up.
    cpu_us: f64,
    peak_mib: u64,
    /// Not of a list with holdings.
    peak_disk_bytes: Option<u64>,
    bytes: u64,
    /// Of torrents; the holdings are empty files.
    packs_bytes: u64,
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
    let held: u32 = arguments.number("--held", 0)?.try_into()?;
    let jobs = arguments.number("--jobs", 2)?.try_into()?;
    let size = Size { recordings, held, twins: arguments.twins(), jobs };
    let maker = Maker::new(recordings.into(), seed);
    let generate_cpu_s = dry_run(&maker, recordings.min(DRY_RUN)) * f64::from(recordings);
    // Walking through a hundred thousand held files each second would be what is measured.
    let sampler = (held == 0).then(|| DiskSampler::start(into));
    let built = build(&maker, &size, into);
    let peak_disk_bytes = sampler.map(DiskSampler::finish);
    let mut built = Built { seed, generate_cpu_s, peak_disk_bytes, ..built? };
    built.cpu_us = (built.cpu_s - generate_cpu_s) * 1e6 / f64::from(recordings);
    measure_files(&mut built, into)?;
    if arguments.json() {
        println!("{}", serde_json::to_string_pretty(&built)?);
    } else {
        print(&built);
    }
    Ok(())
}

/// Seconds of processor that making one recording up takes.
fn dry_run(maker: &Maker, recordings: u32) -> f64 {
    let before = thread_seconds();
    let mut memory = GeneratedRecording::default();
    for rank in (1..=recordings).filter_map(Rank::new) {
        std::hint::black_box(maker.listed(rank, &mut memory));
    }
    (thread_seconds() - before) / f64::from(recordings)
}

fn build(maker: &Maker, size: &Size, into: &Path) -> Result<Built, Failure> {
    std::fs::create_dir_all(into)?;
    let store = Store::create(&into.join("store"))?;
    let holdings = Holdings::create(size.held, &store)?;
    let recordings = size.recordings;
    let options = PackOptions { v1_twin: size.twins, ..PackOptions::default() };
    let info = EditionInfo {
        title: "Made up".to_owned(),
        date: "2026-11-20".to_owned(),
        popularity: PopularityScale::default(),
        created_by: "list_at_size".to_owned(),
        stages: Default::default(),
    };
    let (cpu_before, own_before, start) = (process_seconds(), thread_seconds(), Instant::now());
    let mut writer = EditionWriter::create(&into.join("edition"), info, &store, options)?;
    writer.set_jobs(size.jobs);
    // In the thread that pushes, as whoever reads a catalogue has it: a thread of its own would make texts in one
    // thread and free them in another, which costs nearly as much again. The writer shares its work out by load.
    let mut memory = GeneratedRecording::default();
    for rank in (1..=recordings).filter_map(Rank::new) {
        writer.push(holdings.given(maker.listed(rank, &mut memory))?)?;
    }
    let push_s = start.elapsed().as_secs_f64();
    writer.finish()?;
    let (wall_s, cpu_s) = (start.elapsed().as_secs_f64(), process_seconds() - cpu_before);
    Ok(Built {
        recordings,
        seed: 0,
        wall_s,
        push_s,
        finish_s: wall_s - push_s,
        cpu_s,
        push_cpu_s: thread_seconds() - own_before,
        generate_cpu_s: 0.0,
        wall_us: wall_s * 1e6 / f64::from(recordings),
        cpu_us: 0.0,
        peak_mib: peak_mib(),
        peak_disk_bytes: None,
        bytes: 0,
        packs_bytes: 0,
        files: Vec::new(),
        catalog_and_search_bytes_each: 0.0,
        parquet_bytes_each: 0.0,
    })
}

fn measure_files(built: &mut Built, into: &Path) -> Result<(), Failure> {
    let edition = into.join("edition");
    let recordings = f64::from(built.recordings);
    for (path, bytes) in files_below(&edition)? {
        let path = path.strip_prefix(&edition)?.display().to_string();
        if path.starts_with("packs/") {
            built.packs_bytes += bytes;
            continue;
        }
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
        "processor {:.1} s: {:.1} s in the thread that pushes, of these about {:.1} s making recordings up",
        built.cpu_s, built.push_cpu_s, built.generate_cpu_s
    );
    println!(
        "microseconds a recording: {:.2} by the clock, {:.2} of processor without the {:.2} of making it up",
        built.wall_us,
        built.cpu_us,
        built.generate_cpu_s * 1e6 / f64::from(built.recordings)
    );
    println!(
        "peak memory {} MiB; disk: {} MiB in the end, and {} MiB of torrents",
        built.peak_mib,
        built.bytes >> 20,
        built.packs_bytes >> 20
    );
    if let Some(bytes) = built.peak_disk_bytes {
        println!("disk at any time: {} MiB at most", bytes >> 20);
    }
    for file in &built.files {
        println!("    {:32} {:14} {:8.2} a recording", file.path, file.bytes, file.bytes_each);
    }
    println!("catalogue and search {:8.2} bytes a recording", built.catalog_and_search_bytes_each);
    println!("Parquet              {:8.2} bytes a recording", built.parquet_bytes_each);
}
