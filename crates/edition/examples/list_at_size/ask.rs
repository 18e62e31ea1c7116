//! `ask`: how long an edition takes to answer, warm and cold, and whether it finds what is there.

use crate::Failure;
use crate::arguments::Arguments;
use crate::draw::Draw;
use crate::equals::{Equals, find_equals};
use crate::made::Maker;
use crate::measure::{disk_bytes_read, peak_mib};
use crate::query_log::{self, LoggedQuery};
use crate::times::{Clock, Times};
use deadwax_edition::{Edition, ShuffleFilter};
use deadwax_model::{Isrc, Rank, RecordingId, RecordingKey};
use deadwax_testkit::collection::GeneratedRecording;
use fastrand::Rng;
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Hits of a first page.
const PAGE: usize = 20;

/// Questions of each kind but search.
const ISRCS: usize = 10_000;
const IDS: usize = 2_000;
const DRAWS: u64 = 1_000;
const COVERAGES: u64 = 1_000;

/// Questions asked cold, of ISRCs and of the log, unless `--cold` says otherwise; recordings looked for by title
/// and artist, unless `--check` does.
const COLD: u64 = 200;
const CHECKED: u64 = 1_000;

#[derive(Debug, Serialize)]
struct Asked {
    recordings: u32,
    /// First pages of search, by kind of query, asked once before.
    search: Vec<Times>,
    /// Of other questions, asked once before where they are "again".
    others: Vec<Times>,
    /// With nothing of the edition in memory, and the edition just opened.
    cold: Vec<Times>,
    /// Bytes that a cold question had read from the disk, on average, opening included.
    cold_bytes_read: u64,
    /// ISRCs that did not give the recording they were taken from.
    isrc_misses: usize,
    id_misses: usize,
    equals: Equals,
    peak_mib: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = arguments.path("--edition")?;
    let log = query_log::read(arguments.path("--log")?)?;
    let edition = Edition::open(folder)?;
    let mut clocks = Vec::new();
    ask_log(&edition, &log, &mut clocks)?;
    if let Some(path) = arguments.optional_path("--times") {
        write_times(path, &log, &clocks)?;
    }
    let search = Times::by_kind(&log, &clocks);
    if arguments.only_search() {
        return print_search(&search, arguments.json());
    }
    let sampler = Sampler::new(&edition, arguments.seed()?);
    let asked = ask_all(&sampler, edition, &log, search, arguments)?;
    if arguments.json() {
        println!("{}", serde_json::to_string_pretty(&asked)?);
    } else {
        print(&asked);
    }
    Ok(())
}

/// Every query once to warm up, then again with a clock.
fn ask_log(edition: &Edition, log: &[LoggedQuery], clocks: &mut Vec<Clock>) -> Result<(), Failure> {
    for query in log {
        edition.search(&query.query, None, PAGE)?;
    }
    for query in log {
        clocks.push(Clock::of(|| Ok(edition.search(&query.query, None, PAGE)?.hits.len()))?);
    }
    Ok(())
}

/// What is asked for, drawn from the collection that the edition was made of.
struct Sampler {
    maker: Maker,
    seed: u64,
    isrcs: Vec<(Rank, Isrc)>,
    ids: Vec<(Rank, RecordingId)>,
}

impl Sampler {
    fn new(edition: &Edition, seed: u64) -> Sampler {
        let maker = Maker::new(edition.len().into(), seed);
        let mut random = Rng::with_seed(seed ^ 0x15AC);
        let mut memory = GeneratedRecording::default();
        let (mut isrcs, mut ids) = (Vec::new(), Vec::new());
        while isrcs.len() < ISRCS {
            let Some(rank) = Rank::new(random.u32(1..=edition.len())) else { continue };
            let listed = maker.listed(rank, &mut memory);
            if let Some(isrc) = random.choice(&listed.isrcs) {
                isrcs.push((rank, *isrc));
                ids.push((rank, listed.id));
            }
        }
        ids.truncate(IDS);
        Sampler { maker, seed, isrcs, ids }
    }
}

fn ask_all(
    sampler: &Sampler,
    edition: Edition,
    log: &[LoggedQuery],
    search: Vec<Times>,
    arguments: &Arguments,
) -> Result<Asked, Failure> {
    let (mut others, recordings) = (Vec::new(), edition.len());
    let mut random = Rng::with_seed(sampler.seed);
    let (isrcs, ids) = (&sampler.isrcs, &sampler.ids);
    let mut misses = [0, 0];
    let mut find = |place: usize, key: RecordingKey, rank: Rank| -> Result<usize, Failure> {
        let found = edition.recordings(&key)?;
        misses[place] += usize::from(!found.iter().any(|recording| recording.rank == rank));
        Ok(found.len())
    };
    for name in ["ISRC, first time", "ISRC, again"] {
        let clocks = isrcs
            .iter()
            .map(|(rank, isrc)| Clock::of(|| find(0, RecordingKey::Isrc(*isrc), *rank)));
        others.push(Times::of(name, &clocks.collect::<Result<Vec<_>, _>>()?));
    }
    for name in ["id, first time", "id, again"] {
        let clocks =
            ids.iter().map(|(rank, id)| Clock::of(|| find(1, RecordingKey::Id(id.clone()), *rank)));
        others.push(Times::of(name, &clocks.collect::<Result<Vec<_>, _>>()?));
    }
    let all = ShuffleFilter::default();
    for name in ["shuffle, a draw, first time", "shuffle, a draw, again"] {
        let draws = (0..DRAWS).map(|seed| Clock::of(|| Ok(edition.shuffle(seed, 1, &all)?.len())));
        others.push(Times::of(name, &draws.collect::<Result<Vec<_>, _>>()?));
    }
    let draws = [Clock::of(|| Ok(edition.shuffle(DRAWS, DRAWS as usize, &all)?.len()))?];
    others.push(Times::of("shuffle of 1,000", &draws));
    let stats = (0..100).map(|_| Clock::of(|| Ok(edition.stats()?.year.len())));
    others.push(Times::of("stats", &stats.collect::<Result<Vec<_>, _>>()?));
    let top =
        [Clock::of(|| Ok(edition.iter().take(10_000).collect::<Result<Vec<_>, _>>()?.len()))?];
    others.push(Times::of("the first 10,000 recordings", &top));
    let ranks = (0..COVERAGES).filter_map(|_| Rank::new(random.u32(1..=recordings)));
    let ranks: Vec<Rank> = ranks.collect();
    for name in ["coverage at a rank", "coverage at a rank, again"] {
        let at = |rank: &Rank| Clock::of(|| Ok(edition.coverage_at_rank(*rank)?.rank as usize));
        others.push(Times::of(name, &ranks.iter().map(at).collect::<Result<Vec<_>, _>>()?));
    }
    let clocks = (0..COVERAGES).map(|turn| {
        Clock::of(|| Ok(edition.coverage_at_bytes(turn * 1_000_000_000)?.rank as usize))
    });
    others.push(Times::of("coverage at bytes", &clocks.collect::<Result<Vec<_>, _>>()?));
    let clocks = (0..COVERAGES).map(|turn| {
        let share = turn as f64 / COVERAGES as f64;
        Clock::of(|| Ok(edition.coverage_at_share(share)?.map_or(0, |found| found.rank as usize)))
    });
    others.push(Times::of("coverage at a share", &clocks.collect::<Result<Vec<_>, _>>()?));
    let draw = Draw::new(&sampler.maker);
    let checked = arguments.number("--check", CHECKED)?;
    let equals = find_equals(&edition, &sampler.maker, &draw, sampler.seed, checked)?;
    let folder = edition.folder().to_path_buf();
    drop(edition);
    let before = disk_bytes_read();
    let count = arguments.number("--cold", COLD)?;
    let cold = ask_cold(&folder, sampler, log, usize::try_from(count)?)?;
    Ok(Asked {
        recordings,
        search,
        others,
        cold,
        cold_bytes_read: (disk_bytes_read() - before) / (2 * count).max(1),
        isrc_misses: misses[0] / 2,
        id_misses: misses[1] / 2,
        equals,
        peak_mib: peak_mib(),
    })
}

/// Each question with nothing of the edition in the page cache, by an edition just opened.
fn ask_cold(
    folder: &Path,
    sampler: &Sampler,
    log: &[LoggedQuery],
    count: usize,
) -> Result<Vec<Times>, Failure> {
    let (mut opening, mut isrc, mut search) = (Vec::new(), Vec::new(), Vec::new());
    // Other recordings than those that were asked for first when warm; the log is in no order.
    let questions = sampler.isrcs.iter().rev().zip(log.iter().rev()).take(count);
    for ((_, key), query) in questions {
        let edition = open_cold(folder, &mut opening)?;
        let key = RecordingKey::Isrc(*key);
        isrc.push(Clock::of(|| Ok(edition.recordings(&key)?.len()))?);
        let edition = open_cold(folder, &mut opening)?;
        search.push(Clock::of(|| Ok(edition.search(&query.query, None, PAGE)?.hits.len()))?);
    }
    Ok(vec![Times::of("opening", &opening), Times::of("ISRC", &isrc), Times::of("search", &search)])
}

fn open_cold(folder: &Path, opening: &mut Vec<Clock>) -> Result<Edition, Failure> {
    evict(folder)?;
    let start = Instant::now();
    let edition = Edition::open(folder)?;
    opening.push(Clock::since(start, 1));
    Ok(edition)
}

/// Has the kernel forget the edition's own files. dd knows how to ask: POSIX_FADV_DONTNEED of the whole file.
fn evict(folder: &Path) -> Result<(), Failure> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        if !entry.file_type()?.is_file() {
            continue;
        }
        let mut from = std::ffi::OsString::from("if=");
        from.push(entry.path());
        let mut dd = Command::new("dd");
        let status = dd.arg(from).args(["iflag=nocache", "count=0", "status=none"]).status()?;
        if !status.success() {
            return Err(format!("dd could not drop {} from memory", entry.path().display()).into());
        }
    }
    Ok(())
}

/// One line a query: its kind, the query, milliseconds and hits.
fn write_times(path: &Path, log: &[LoggedQuery], clocks: &[Clock]) -> Result<(), Failure> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for (query, clock) in log.iter().zip(clocks) {
        let line = serde_json::json!({
            "kind": query.kind, "query": query.query, "ms": clock.ms(), "hits": clock.found
        });
        writeln!(file, "{line}")?;
    }
    Ok(file.flush()?)
}

fn print_search(search: &[Times], json: bool) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string_pretty(search)?);
    } else {
        search.iter().for_each(|times| println!("{times}"));
    }
    Ok(())
}

fn print(asked: &Asked) {
    println!("first page of search, warm:");
    asked.search.iter().for_each(|times| println!("    {times}"));
    println!("other questions:");
    asked.others.iter().for_each(|times| println!("    {times}"));
    println!("cold, {} bytes read a question:", asked.cold_bytes_read);
    asked.cold.iter().for_each(|times| println!("    {times}"));
    println!("ISRCs that missed their recording: {}; ids: {}", asked.isrc_misses, asked.id_misses);
    println!("{}", asked.equals);
    println!("peak {} MiB", asked.peak_mib);
}
