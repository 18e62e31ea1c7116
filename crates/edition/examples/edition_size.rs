//! What an edition costs: bytes a recording by file and table, seconds, memory, and how long questions take.
//!
//! `cargo run --release -p deadwax-edition --example edition_size -- 1000000 FOLDER`
//!
//! The recordings are made up in the proportions of a large catalogue taken from tables: nothing is held.

use deadwax_edition::{Edition, EditionInfo, EditionWriter, Listed, ListedTrack, ShuffleFilter};
use deadwax_model::{Isrc, PopularityScale, Rank, RecordingId, RecordingKey, Status};
use deadwax_store::Store;
use deadwax_torrent::PackOptions;
use fastrand::Rng;
use std::path::Path;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

/// Words of the common vocabulary of each script, drawn by Zipf's law.
const VOCABULARY: f64 = 120_000.0;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let recordings: u32 = arguments.next().ok_or("give the number of recordings")?.parse()?;
    let folder = arguments.next().ok_or("give a folder that does not exist yet")?;
    let folder = Path::new(&folder);
    let edition = folder.join("edition");
    if !edition.exists() {
        build(folder, &edition, recordings)?;
    }
    sizes(&edition, f64::from(recordings))?;
    questions(&Edition::open(&edition)?)
}

fn build(folder: &Path, edition: &Path, recordings: u32) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let start = Instant::now();
    for rank in 1..=recordings.min(200_000) {
        std::hint::black_box(made(rank, recordings));
    }
    let making = start.elapsed().as_secs_f64() / f64::from(recordings.min(200_000));
    let store = Store::create(&folder.join("store"))?;
    let info = EditionInfo {
        title: "Made up".to_owned(),
        date: "2026-11-20".to_owned(),
        popularity: PopularityScale::default(),
        created_by: "edition_size".to_owned(),
    };
    let start = Instant::now();
    let mut writer = EditionWriter::create(edition, info, &store, PackOptions::default())?;
    for rank in 1..=recordings {
        writer.push(made(rank, recordings))?;
    }
    let pushed = start.elapsed();
    writer.finish()?;
    let all = start.elapsed();
    let (main, process) = (own_seconds(), process_seconds());
    println!(
        "built {recordings} in {:.1} s: {:.1} s pushing ({:.1} s of it making them up), {:.1} s finishing; {:.0} a second; \
         {main:.1} s of processor in this thread, {:.1} s in others; peak {} MiB",
        all.as_secs_f64(),
        pushed.as_secs_f64(),
        making * f64::from(recordings),
        (all - pushed).as_secs_f64(),
        f64::from(recordings) / all.as_secs_f64(),
        process - main,
        peak_mib()
    );
    Ok(())
}

fn sizes(edition: &Path, recordings: f64) -> Result<(), Failure> {
    let mut sum = 0;
    for name in ["catalog.sqlite", "search.sqlite"] {
        let path = edition.join(name);
        let bytes = path.metadata()?.len();
        sum += bytes;
        println!("{name:24} {:8.2} bytes a recording", bytes as f64 / recordings);
        let database = rusqlite::Connection::open(&path)?;
        let sql = "SELECT name, sum(pgsize), sum(unused) FROM dbstat GROUP BY name HAVING sum(pgsize) > 8192 * 4
            ORDER BY 2 DESC";
        let mut statement = database.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (name, bytes, unused): (String, f64, f64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            println!(
                "    {name:24} {:8.2}    {:4.1} % unused",
                bytes / recordings,
                100.0 * unused / bytes
            );
        }
    }
    println!("catalogue and search     {:8.2}", sum as f64 / recordings);
    let mut parquet = 0;
    for entry in edition.join("parquet").read_dir()? {
        let entry = entry?;
        let bytes = entry.metadata()?.len();
        parquet += bytes;
        println!("    {:24} {:8.2}", entry.file_name().display(), bytes as f64 / recordings);
    }
    println!("Parquet                  {:8.2}", parquet as f64 / recordings);
    Ok(())
}

fn questions(edition: &Edition) -> Result<(), Failure> {
    let n = edition.len();
    let mut random = Rng::with_seed(11);
    let mut sample = || made(random.u32(1..=n), n);
    let keys: Vec<Isrc> = (0..4000).map(|_| sample().isrcs[0]).collect();
    time("isrc", &keys, |isrc| Ok(edition.recordings(&RecordingKey::Isrc(*isrc))?.len()))?;
    let ids: Vec<RecordingId> = (0..4000).map(|_| sample().id).collect();
    time("id", &ids, |id| Ok(edition.recordings(&RecordingKey::Id(id.clone()))?.len()))?;
    for (name, queries) in log(n) {
        time(&format!("search, {name}"), &queries, |query| {
            Ok(edition.search(query, None, 20)?.hits.len())
        })?;
    }
    let seeds: Vec<u64> = (0..1000).collect();
    let all = ShuffleFilter::default();
    time("shuffle, a draw", &seeds, |seed| Ok(edition.shuffle(*seed, 1, &all)?.len()))?;
    time("shuffle of 1,000", &seeds[..20], |seed| Ok(edition.shuffle(*seed, 1000, &all)?.len()))?;
    time("stats", &seeds[..200], |_| Ok(edition.stats()?.year.len()))?;
    let ranks: Vec<Rank> = (0..1000).filter_map(|_| Rank::new(random.u32(1..=n))).collect();
    time("coverage at a rank", &ranks, |rank| Ok(edition.coverage_at_rank(*rank)?.rank as usize))?;
    time("coverage at a share", &[0.5, 0.9, 0.99, 0.996, 0.999], |share| {
        Ok(edition.coverage_at_share(*share)?.map_or(0, |coverage| coverage.rank as usize))
    })?;
    println!("peak {} MiB", peak_mib());
    Ok(())
}

/// Asks everything once to warm up, then again with a clock.
fn time<T>(
    name: &str,
    questions: &[T],
    ask: impl Fn(&T) -> Result<usize, Failure>,
) -> Result<(), Failure> {
    for question in questions {
        ask(question)?;
    }
    let mut times = Vec::new();
    let mut found = 0;
    for (place, question) in questions.iter().enumerate() {
        let start = Instant::now();
        found += ask(question)?;
        times.push((start.elapsed(), place));
    }
    times.sort();
    let at = |share: f64| -> Duration { times[((times.len() - 1) as f64 * share) as usize].0 };
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{name:28} p50 {:8.3} ms  p99 {:8.3} ms  most {:8.3} ms  ({} asked, {found} found)",
        ms(at(0.5)),
        ms(at(0.99)),
        ms(at(1.0)),
        times.len()
    );
    Ok(())
}

/// What people type, by kind.
fn log(n: u32) -> Vec<(&'static str, Vec<String>)> {
    let mut random = Rng::with_seed(12);
    let words = |rank: u32| -> Vec<String> {
        let made = made(rank, n);
        format!("{} {}", made.title, made.artists[0])
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    };
    let mut kinds = vec![
        ("common words", Vec::new()),
        ("rare words", Vec::new()),
        ("2 to 4 words", Vec::new()),
        ("1 letter", Vec::new()),
        ("2 letters", Vec::new()),
        ("3 letters", Vec::new()),
        ("4 letters", Vec::new()),
        ("Chinese, Japanese, Korean", Vec::new()),
        ("no hits", Vec::new()),
        ("artist and title", Vec::new()),
    ];
    for turn in 0..400 {
        let rank = random.u32(1..=n);
        let some = words(rank);
        let one = random.choice(&some).cloned().unwrap_or_default();
        let letters = |count: usize| one.chars().take(count).collect::<String>();
        let texts = [
            format!("{} ", word(0, turn % 60)),
            format!("{one} "),
            random
                .choose_multiple(&some, 2 + turn as usize % 3)
                .into_iter()
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
            letters(1),
            letters(2),
            letters(3),
            letters(4),
            word(2 + turn % 3, zipf(&mut random)),
            format!("{one} qqzx{turn}"),
            format!("artist:{} {}", some[some.len() - 1], some[0]),
        ];
        for (kind, text) in kinds.iter_mut().zip(texts) {
            kind.1.push(text);
        }
    }
    let mut all: Vec<String> = kinds.iter().flat_map(|kind| kind.1.clone()).collect();
    random.shuffle(&mut all);
    kinds.push(("all of these", all));
    kinds
}

fn made(rank: u32, n: u32) -> Listed {
    let mut random = Rng::with_seed(0x5eed_0000_0000 + u64::from(rank));
    let share = |part: f64| (f64::from(n) * part / 256.0).max(1.0) as u64;
    let release = random.u64(0..share(58.6));
    let mut of_release = Rng::with_seed(0x4e1e_0000_0000 + release);
    let artists = share(15.4);
    let artist = ((artists as f64) * of_release.f64().powi(2)) as u64;
    let script = script_of(artist);
    let mut names = vec![artist_name(artist)];
    let more = match random.u32(0..100) {
        0..70 => 0,
        70..94 => 1,
        _ => 2,
    };
    for place in 0..more {
        let friend = Rng::with_seed(artist * 8 + random.u64(0..2) + place).u64(0..artists);
        names.push(artist_name(friend));
    }
    let credit = names.join([" & ", " feat. ", ", "][artist as usize % 3]);
    let title = text(&mut random, script, 2);
    let release_title = match of_release.u32(0..3) {
        0 => title.clone(),
        _ => text(&mut of_release, script, 2),
    };
    let year = 2026 - (of_release.f64().powi(3) * 70.0) as u32;
    let x = f64::from(rank) / f64::from(n);
    let listens =
        if x < 0.3 { 1000.0 * (0.3 / x).powf(1.25) } else { 1000.0 * ((1.0 - x) / 0.7).powi(2) }
            as u64;
    let id = format!("{:016x}{:04x}", random.u64(..), random.u16(..));
    Listed {
        rank: Rank::new(rank).unwrap_or_else(|| unreachable!("ranks start at 1")),
        id: id.parse().unwrap_or_else(|_| unreachable!("20 hex digits")),
        title,
        artists: names,
        artist_credit: credit,
        isrcs: isrc(random.u64(0..share(256.0 * 0.73))).into_iter().collect(),
        date: None,
        duration_ms: Some(60_000 + (random.f64() * 180_000.0 + random.f64() * 180_000.0) as u64),
        listens: Some(listens),
        popularity: Some(PopularityScale::default().of(listens)),
        tier: None,
        status: Status::NoSource,
        root: None,
        original_root: None,
        bytes: None,
        hashes: None,
        container: None,
        codec: None,
        extension: None,
        sample_rate: None,
        channels: None,
        loudness_lufs: None,
        tracks: vec![ListedTrack {
            release_key: format!("{release:022x}"),
            release_title,
            release_artist: None,
            date: Some(format!("{year}-{:02}-{:02}", of_release.u32(1..13), of_release.u32(1..29))),
            disc: Some(1),
            discs: None,
            position: Some(random.u32(1..13)),
        }],
        licence: None,
        clearance: Err("nobody has said that it may be published".to_owned()),
    }
}

/// ISRCs come in runs: a registrant numbers what it makes in a year.
fn isrc(number: u64) -> Option<Isrc> {
    let mut random = Rng::with_seed(0x15_0000_0000 + number / 400);
    let countries = ["US", "QZ", "GB", "DE", "FR", "BR", "JP", "KR", "SE", "NL", "IT", "ES"];
    let country = countries[(random.f64().powi(2) * 12.0) as usize];
    let letter =
        |random: &mut Rng| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[random.usize(0..36)]);
    let registrant: String = (0..3).map(|_| letter(&mut random)).collect();
    let year = random.u32(0..27);
    format!("{country}{registrant}{year:02}{:05}", random.u64(0..99) * 1000 + number % 400)
        .parse()
        .ok()
}

fn artist_name(artist: u64) -> String {
    text(&mut Rng::with_seed(0xa127_0000_0000 + artist), script_of(artist), 1)
}

/// 0 Latin, 1 Cyrillic, 2 Chinese, 3 Japanese, 4 Korean, 5 Greek, 6 Arabic, 7 Hebrew, 8 Thai.
fn script_of(artist: u64) -> u32 {
    match Rng::with_seed(artist).u32(0..100) {
        0..82 => 0,
        82..87 => 1,
        87..90 => 2,
        90..93 => 3,
        93..96 => 4,
        96 => 5,
        97 => 6,
        98 => 7,
        _ => 8,
    }
}

fn text(random: &mut Rng, script: u32, least: u32) -> String {
    let words = least + (random.f64().powi(2) * 4.0) as u32;
    let words = if matches!(script, 2 | 3 | 8) { words.div_ceil(2) } else { words };
    let words: Vec<String> = (0..words)
        .map(|_| match random.u32(0..40) {
            0 => word(script, random.u32(1_000_000..u32::MAX)),
            _ => word(script, zipf(random)),
        })
        .collect();
    words.join(if matches!(script, 2 | 3 | 8) { "" } else { " " })
}

/// A place in the vocabulary, with probability about 1 / place.
fn zipf(random: &mut Rng) -> u32 {
    VOCABULARY.powf(random.f64()) as u32 - 1
}

/// The word at a place of a script's vocabulary; the first are short.
fn word(script: u32, place: u32) -> String {
    let mut random =
        Rng::with_seed(0x0077_0000_0000 + u64::from(script) * 0x1_0000_0000 + u64::from(place));
    let letters = |random: &mut Rng, from: u32, count: u32, length: usize| -> String {
        let letter = |random: &mut Rng| {
            let place = (random.f64().powf(1.6) * f64::from(count)) as u32;
            char::from_u32(from + place).unwrap_or('x')
        };
        (0..length).map(|_| letter(random)).collect()
    };
    let length = if place < 200 { 2 + random.usize(0..4) } else { 4 + random.usize(0..6) };
    match script {
        0 => {
            let consonants = "strnldmchbpgkfvwjyzx".as_bytes();
            let vowels = "eaoiu".as_bytes();
            let mut word = String::new();
            for place in 0..length {
                let from = if place % 2 == 0 { consonants } else { vowels };
                let at = (random.f64().powf(1.4) * from.len() as f64) as usize;
                let letter = char::from(from[at]);
                word.push(if word.is_empty() { letter.to_ascii_uppercase() } else { letter });
            }
            word
        }
        1 => letters(&mut random, 0x430, 32, length),
        2 => letters(&mut random, 0x4E00, 3000, 2 + length / 4),
        3 => letters(&mut random, 0x3042, 80, 2 + length / 2),
        4 => letters(&mut random, 0xAC00, 2000, 2 + length / 4),
        5 => letters(&mut random, 0x3B1, 24, length),
        6 => letters(&mut random, 0x627, 28, length),
        7 => letters(&mut random, 0x5D0, 27, length),
        _ => letters(&mut random, 0xE01, 46, length),
    }
}

/// Processor time of this thread.
fn own_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// Processor time of the whole process.
fn process_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
