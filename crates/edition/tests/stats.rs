//! What an edition says of itself in numbers: stats, coverage and the pages, against plain counts of what was pushed.

mod made;

use deadwax_edition::{Counts, Coverage, Edition, EditionWriter, Listed, StatsRow};
use deadwax_model::{FileHashes, Popularity, PopularityScale, Rank, Status};
use deadwax_store::Store;
use deadwax_torrent::PackOptions;
use fastrand::Rng;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What is counted of a recording, kept beside the edition.
struct Fact {
    id: String,
    title: String,
    listens: Option<u64>,
    duration_ms: Option<u64>,
    held_bytes: Option<u64>,
    counts: Counts,
    places: Vec<(&'static str, i64, String)>,
}

struct Built {
    _folder: tempfile::TempDir,
    folder: PathBuf,
    edition: Edition,
    facts: Vec<Fact>,
}

/// An edition of made-up recordings that `change` had its way with.
fn build(n: u32, change: impl Fn(&mut Listed, &mut Rng)) -> Built {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("edition");
    let store = Store::create(&temporary.path().join("store")).unwrap();
    let holdings: Vec<FileHashes> =
        (1..=5u8).map(|i| store.put(&vec![i; 9_001 * usize::from(i)]).unwrap()).collect();
    let mut writer =
        EditionWriter::create(&folder, made::info(), &store, PackOptions::default()).unwrap();
    let mut random = Rng::with_seed(7);
    let mut facts = Vec::new();
    for rank in 1..=n {
        let mut listed = made::listed(rank, true, &holdings, &mut random);
        change(&mut listed, &mut random);
        facts.push(fact(&listed));
        writer.push(listed).unwrap();
    }
    writer.finish().unwrap();
    let edition = Edition::open(&folder).unwrap();
    Built { _folder: temporary, folder, edition, facts }
}

fn fact(listed: &Listed) -> Fact {
    let held_bytes = match (listed.status, &listed.root) {
        (Status::Held, Some(_)) => Some(listed.bytes.unwrap_or(0)),
        _ => None,
    };
    let number = |value: Option<u64>| match value {
        Some(value) => (value as i64, value.to_string()),
        None => (-1, "not known".to_owned()),
    };
    let tier = listed.tier.map_or_else(|| "not kept".to_owned(), |tier| tier.to_string());
    let (year, year_label) = number(listed.year().map(u64::from));
    let (popularity, popularity_label) = number(listed.popularity.map(|it| it.get().into()));
    let duration = match listed.duration_ms {
        None => (-1, "not known".to_owned()),
        Some(600_000..) => (20, "10:00 and more".to_owned()),
        Some(ms) => {
            let half = |steps: u64| format!("{}:{}", steps / 2, ["00", "30"][steps as usize % 2]);
            let steps = ms / 30_000;
            (steps as i64, format!("{} to {}", half(steps), half(steps + 1)))
        }
    };
    let format = match (listed.codec.as_deref(), listed.container.as_deref()) {
        (Some(codec), Some(container)) if codec != container => format!("{codec} in {container}"),
        (codec, container) => codec.or(container).unwrap_or("not known").to_owned(),
    };
    let licence = listed.licence.clone().unwrap_or_else(|| "not known".to_owned());
    Fact {
        id: listed.id.to_string(),
        title: listed.title.clone(),
        listens: listed.listens,
        duration_ms: listed.duration_ms,
        held_bytes,
        counts: Counts {
            recordings: 1,
            cleared: listed.clearance.is_ok().into(),
            held: held_bytes.is_some().into(),
            bytes: held_bytes.unwrap_or(0),
            listens: listed.listens.unwrap_or(0),
            duration_ms: listed.duration_ms.unwrap_or(0),
        },
        places: vec![
            ("tier", (tier == "not kept").into(), tier.to_owned()),
            ("status", 0, listed.status.as_str().to_owned()),
            ("format", 0, format!("{format} {}", tier.replace(' ', "-"))),
            ("licence", 0, licence),
            ("year", year, year_label),
            ("duration", duration.0, duration.1),
            ("popularity", popularity, popularity_label),
            ("script", 0, script_of(&listed.title).to_owned()),
        ],
    }
}

/// The script of the titles that this test makes: told by one of its letters, because they mix no scripts but Latin
/// and one other.
fn script_of(title: &str) -> &'static str {
    let has = |first: char, last: char| title.chars().any(|c| (first..=last).contains(&c));
    match () {
        () if has('ぁ', 'ヺ') => "Japanese",
        () if has('가', '힣') => "Korean",
        () if has('一', '鿿') => "Chinese",
        () if has('Ѐ', 'ӿ') => "Cyrillic",
        () if has('Ͱ', 'Ͽ') || has('ἀ', '῾') => "Greek",
        () if has('א', 'ת') => "Hebrew",
        () if has('ء', 'ي') => "Arabic",
        () if has('ก', 'ฮ') => "Thai",
        () if has('अ', 'ह') => "other",
        () if title.chars().any(char::is_alphabetic) => "Latin",
        () => "none",
    }
}

/// Anything that a list may have: unknown numbers, odd years, no title, nothing kept.
fn shuffled(listed: &mut Listed, random: &mut Rng) {
    if random.u8(0..5) == 0 {
        listed.listens = None;
        listed.popularity = None;
    } else {
        let listens = 10u64.pow(random.u32(0..10)) + random.u64(0..50);
        listed.listens = Some(listens);
        listed.popularity = Some(PopularityScale::default().of(listens));
    }
    if random.u8(0..4) == 0 {
        listed.popularity = Popularity::new(random.u8(0..=100));
    }
    let odd = [0, 29_999, 30_000, 599_999, 600_000, 5_000_000];
    listed.duration_ms = random.bool().then(|| match random.usize(0..9) {
        index if index < odd.len() => odd[index],
        _ => random.u64(0..700_000),
    });
    match random.u8(0..8) {
        0 => listed.title = String::new(),
        1 => listed.title = "हिन्दी 7".to_owned(),
        2 => listed.title.push_str(" (Live)"),
        3 => listed.date = Some("0001".to_owned()),
        4 => listed.date = Some("9999-12".to_owned()),
        5 => {
            let (status, codec, container) = match random.u8(0..3) {
                0 => (Status::NoSource, None, None),
                1 => (Status::Planned, Some("mp3".to_owned()), None),
                _ => (Status::Failed, None, Some("wav".to_owned())),
            };
            (listed.status, listed.codec, listed.container) = (status, codec, container);
            (listed.tier, listed.root, listed.hashes, listed.bytes) = (None, None, None, None);
        }
        _ => {}
    }
}

proptest! {
    // Each case writes an edition.
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn roll_ups_equal_a_plain_recount(n in 0u32..400, seed in any::<u64>()) {
        let built = build(n, |listed, random| {
            let mut own = Rng::with_seed(seed ^ u64::from(listed.rank.get()));
            shuffled(listed, &mut own);
            random.bool();
        });
        let stats = built.edition.stats().unwrap();
        let mut total = Counts::default();
        built.facts.iter().for_each(|fact| add(&mut total, &fact.counts));
        prop_assert_eq!(stats.total, total);
        for (axis, rows) in [
            ("tier", &stats.tier),
            ("status", &stats.status),
            ("format", &stats.format),
            ("licence", &stats.licence),
            ("year", &stats.year),
            ("duration", &stats.duration),
            ("popularity", &stats.popularity),
            ("script", &stats.script),
        ] {
            let mut counted = BTreeMap::<(i64, String), Counts>::new();
            for fact in &built.facts {
                let (_, place, label) = fact.places.iter().find(|place| place.0 == axis).unwrap();
                add(counted.entry((*place, label.clone())).or_default(), &fact.counts);
            }
            let rows: Vec<_> =
                rows.iter().map(|row| ((row.place, row.label.clone()), row.counts)).collect();
            prop_assert_eq!(rows, counted.into_iter().collect::<Vec<_>>(), "{}", axis);
        }
    }
}

fn add(to: &mut Counts, more: &Counts) {
    to.recordings += more.recordings;
    to.cleared += more.cleared;
    to.held += more.held;
    to.bytes += more.bytes;
    to.listens += more.listens;
    to.duration_ms += more.duration_ms;
}

/// What the first `head` facts stand for.
fn naive(facts: &[Fact], head: usize) -> Coverage {
    let all: u64 = facts.iter().filter_map(|fact| fact.listens).sum();
    let share = |listens: u64| (all > 0).then(|| listens as f64 / all as f64);
    let head = &facts[..head];
    let sum = |of: &dyn Fn(&Fact) -> Option<u64>| head.iter().filter_map(of).sum::<u64>();
    let count = |of: &dyn Fn(&Fact) -> bool| head.iter().filter(|fact| of(fact)).count() as u64;
    let held_bytes = sum(&|fact| fact.held_bytes);
    let held_listens = sum(&|fact| fact.held_bytes.and(fact.listens));
    let unheld_ms = sum(&|fact| fact.duration_ms.filter(|_| fact.held_bytes.is_none()));
    let unmeasured = count(&|fact| fact.held_bytes.is_none() && fact.duration_ms.is_none());
    Coverage {
        rank: head.len() as u32,
        bytes: (head.is_empty() || unmeasured < head.len() as u64)
            .then_some(held_bytes + unheld_ms * 75 / 8),
        held: count(&|fact| fact.held_bytes.is_some()),
        held_bytes,
        estimated: count(&|fact| fact.held_bytes.is_none() && fact.duration_ms.is_some()),
        unmeasured,
        duration_ms: sum(&|fact| fact.duration_ms),
        held_duration_ms: sum(&|fact| fact.held_bytes.and(fact.duration_ms)),
        listens: sum(&|fact| fact.listens),
        share: share(sum(&|fact| fact.listens)),
        held_share: share(held_listens),
    }
}

/// Every head of the list at once, so that a question is a search in it.
fn heads(facts: &[Fact]) -> Vec<(u64, u64, u64)> {
    let (mut held, mut unheld_ms, mut listens) = (0, 0, 0);
    let mut heads = vec![(0, 0, 0)];
    for fact in facts {
        held += fact.held_bytes.unwrap_or(0);
        unheld_ms += fact.duration_ms.filter(|_| fact.held_bytes.is_none()).unwrap_or(0);
        listens += fact.listens.unwrap_or(0);
        heads.push((held, held + unheld_ms * 75 / 8, listens));
    }
    heads
}

fn coverage_is_the_running_sum(built: &Built, turns: usize) {
    let (edition, facts) = (&built.edition, &built.facts);
    let heads = heads(facts);
    let (held_all, bytes_all, listens_all) = heads[facts.len()];
    let mut random = Rng::with_seed(3);
    for turn in 0..turns {
        let rank = match turn {
            0 => facts.len(),
            1 => 4_096.min(facts.len()),
            _ => random.usize(1..=facts.len()),
        };
        let at_rank = edition.coverage_at_rank(Rank::new(rank as u32).unwrap()).unwrap();
        assert_eq!(at_rank, naive(facts, rank), "rank {rank}");

        // As often on a boundary as off it.
        let bytes = if turn % 2 == 0 { heads[rank].1 } else { random.u64(0..=bytes_all + 1) };
        let fits = heads.iter().rposition(|head| head.1 <= bytes).unwrap();
        assert_eq!(edition.coverage_at_bytes(bytes).unwrap(), naive(facts, fits), "{bytes} bytes");

        let bytes = if turn % 2 == 0 { heads[rank].0 } else { random.u64(0..=held_all + 1) };
        let fits = heads.iter().rposition(|head| head.0 <= bytes).unwrap();
        let found = edition.coverage_at_held_bytes(bytes).unwrap();
        assert_eq!(found, naive(facts, fits), "{bytes} held bytes");

        let exact = heads[rank].2 as f64 / listens_all.max(1) as f64;
        let share = if turn % 2 == 0 { exact } else { random.f64() };
        let found = edition.coverage_at_share(share).unwrap();
        let reached = heads.iter().position(|head| head.2 as f64 / listens_all as f64 >= share);
        match listens_all {
            0 => assert_eq!(found, None),
            _ => assert_eq!(found.unwrap(), naive(facts, reached.unwrap()), "{share}"),
        }
    }
}

#[test]
fn coverage_of_a_mixed_list_is_the_running_sum() {
    coverage_is_the_running_sum(&build(13_000, shuffled), 120);
}

#[test]
fn coverage_of_a_list_without_audio_is_estimated() {
    let built = build(4_500, |listed, random| {
        shuffled(listed, random);
        (listed.status, listed.tier) = (Status::NoSource, None);
        (listed.root, listed.hashes, listed.bytes) = (None, None, None);
    });
    coverage_is_the_running_sum(&built, 40);
    let all = built.edition.coverage_at_bytes(u64::MAX).unwrap();
    assert_eq!((all.held, all.held_bytes), (0, 0));
    assert_eq!(all.estimated + all.unmeasured, 4_500);
    assert!(all.bytes.unwrap() > 0);
}

#[test]
fn nothing_measured_is_not_zero_bytes() {
    let built = build(200, |listed, _| {
        (listed.duration_ms, listed.status, listed.tier) = (None, Status::NoSource, None);
        (listed.root, listed.hashes, listed.bytes) = (None, None, None);
    });
    coverage_is_the_running_sum(&built, 20);
    let all = built.edition.coverage_at_bytes(500_000_000_000).unwrap();
    assert_eq!((all.rank, all.bytes, all.unmeasured), (200, None, 200));
    let page = fs::read_to_string(built.folder.join("index.html")).unwrap();
    assert!(page.contains("nothing says what it takes"));
}

/// The rows of a card's table, text without markup.
fn table(page: &str, id: &str) -> Vec<Vec<String>> {
    let (_, card) = page.split_once(&format!("id=\"{id}-h\"")).unwrap_or_else(|| panic!("no {id}"));
    let (card, _) = card.split_once("</section>").unwrap();
    let (_, body) = card.split_once("<tbody>").unwrap();
    let (body, _) = body.split_once("</tbody>").unwrap();
    rows(body)
}

fn rows(body: &str) -> Vec<Vec<String>> {
    let cells = |row: &str| -> Vec<String> {
        row.split("<td").skip(1).map(|cell| text(&format!("<td{cell}"))).collect()
    };
    body.split("<tr").skip(1).map(cells).collect()
}

fn text(markup: &str) -> String {
    let mut text = String::new();
    for part in markup.split('<').skip(1) {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    for (entity, character) in
        [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
    {
        text = text.replace(entity, character);
    }
    text.replace('\u{A0}', " ").trim().to_owned()
}

fn number(text: &str) -> u64 {
    assert!(text.len() < 4 || text.contains(','), "{text} has no thousands separator");
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("'{text}' is no number"))
}

/// Bytes of a round number as the page writes it.
fn bytes(text: &str) -> u64 {
    let (number, unit) = text.split_once(' ').unwrap();
    let power = ["B", "kB", "MB", "GB", "TB"].iter().position(|known| *known == unit).unwrap();
    number.parse::<u64>().unwrap() * 1000u64.pow(power as u32)
}

fn shown_share(text: &str) -> f64 {
    text.strip_suffix(" %").unwrap().parse::<f64>().unwrap() / 100.0
}

#[test]
fn the_page_has_the_numbers_of_every_table() {
    let built = build(6_000, shuffled);
    let page = fs::read_to_string(built.folder.join("index.html")).unwrap();
    let stats = built.edition.stats().unwrap();
    let counts = |rows: &[StatsRow]| -> BTreeMap<String, u64> {
        rows.iter().map(|row| (row.label.clone(), row.counts.recordings)).collect()
    };
    let shown = |id: &str, column: usize| -> BTreeMap<String, u64> {
        table(&page, id).into_iter().map(|row| (row[0].clone(), number(&row[column]))).collect()
    };
    let mut scripts = shown("scripts", 1);
    for (said, label) in [("other scripts", "other"), ("no letters", "none")] {
        let number = scripts.remove(said).unwrap();
        scripts.insert(label.to_owned(), number);
    }
    assert_eq!(scripts, counts(&stats.script));
    assert_eq!(shown("durations", 1), counts(&stats.duration));

    let mut cleared = BTreeMap::new();
    for row in &stats.licence {
        cleared.insert(row.label.clone(), row.counts.cleared);
    }
    assert_eq!(shown("rights", 1), cleared);
    let formats: u64 = table(&page, "formats").iter().map(|row| number(&row[2])).sum();
    assert_eq!(formats, 6_000);

    let mut popularity = BTreeMap::<String, (u64, u64)>::new();
    for row in &stats.popularity {
        let label = match row.place {
            -1 => "not counted".to_owned(),
            0 => "0".to_owned(),
            place => format!("{} to {}", (place - 1) / 10 * 10 + 1, (place - 1) / 10 * 10 + 10),
        };
        let bin = popularity.entry(label).or_default();
        *bin = (bin.0 + row.counts.recordings, bin.1 + row.counts.listens);
    }
    let shown_bins = table(&page, "popularity").into_iter();
    let shown_bins: BTreeMap<String, (u64, u64)> =
        shown_bins.map(|row| (row[0].clone(), (number(&row[1]), number(&row[2])))).collect();
    assert_eq!(shown_bins, popularity);

    let mut years = shown("years", 1);
    let of_years = |from: i64, to: i64| -> u64 {
        let rows = stats.year.iter().filter(|row| (from..=to).contains(&row.place));
        rows.map(|row| row.counts.recordings).sum()
    };
    assert_eq!(years.remove("before 1857"), Some(of_years(0, 1856)));
    assert_eq!(years.remove("after 2027"), Some(of_years(2028, 9_999)));
    assert_eq!(years.remove("not known").unwrap_or(0), of_years(-1, -1));
    for (label, recordings) in &years {
        let (from, to) = label.split_once(" to ").unwrap_or((label, label));
        assert_eq!(*recordings, of_years(from.parse().unwrap(), to.parse().unwrap()), "{label}");
    }
    assert_eq!(years.values().sum::<u64>(), of_years(1857, 2027));

    let by_list = table(&page, "coverage");
    let ranks: Vec<u64> = by_list.iter().map(|row| number(&row[0])).collect();
    assert_eq!(ranks, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 6_000]);
    let near = |text: &str, share: f64| {
        let shown = shown_share(text);
        assert!(shown <= share && share - shown < 0.001, "{text} for {share}");
    };
    for row in &by_list {
        let want = naive(&built.facts, number(&row[0]) as usize);
        near(&row[1], f64::from(want.rank) / 6_000.0);
        near(&row[2], want.share.unwrap());
        assert_eq!(number(&row[3]), want.held);
    }
    let by_bytes = table(&page, "coverage-bytes");
    assert!(by_bytes.len() > 5);
    for row in &by_bytes[..by_bytes.len() - 1] {
        let want = built.edition.coverage_at_bytes(bytes(&row[0])).unwrap();
        assert_eq!(number(&row[1]), u64::from(want.rank), "{}", row[0]);
        near(&row[2], want.share.unwrap());
    }
    assert_eq!(number(&by_bytes[by_bytes.len() - 1][1]), 6_000);
}

#[test]
fn the_top_is_a_page_of_its_own() {
    let built = build(10_020, |listed, random| {
        if listed.rank.get() % 1_000 == 7 {
            listed.title = "<script>alert(1)</script> ".repeat(40);
        }
        if random.u8(0..50) == 0 {
            listed.title = String::new();
        }
    });
    let page = fs::read_to_string(built.folder.join("top.html")).unwrap();
    for bad in ["<script", "<img", "<link", "@import", "url(", "http://", "https://"] {
        assert!(!page.contains(bad), "{bad}");
    }
    let (_, body) = page.split_once("<tbody>").unwrap();
    let rows = rows(body.split_once("</tbody>").unwrap().0);
    assert_eq!(rows.len(), 10_000);
    for (place, (row, fact)) in rows.iter().zip(&built.facts).enumerate() {
        assert_eq!(number(&row[0]) as usize, place + 1);
        let title: String = fact.title.chars().take(200).collect();
        match title.trim() {
            "" => assert_eq!(row[1], "Untitled"),
            title => assert!(row[1].starts_with(title), "{} for {title}", row[1]),
        }
        assert!(row[1].chars().count() <= 201);
        match fact.listens {
            Some(listens) => assert_eq!(number(&row[3]), listens),
            None => assert_eq!(row[3], "–"),
        }
        assert_eq!(row[4], fact.id);
    }
    for rank in ["rank-1", "rank-1000", "rank-10000"] {
        assert!(page.contains(&format!("href=\"#{rank}\"")), "{rank}");
        assert!(page.contains(&format!("<tr id=\"{rank}\"")), "{rank}");
    }
    let index = fs::read_to_string(built.folder.join("index.html")).unwrap();
    assert!(index.contains("<a href=\"./top.html\">The first 10,000 recordings"));
    let files = &built.edition.summary().files;
    let listed = files.iter().find(|file| file.path == "top.html").unwrap();
    assert_eq!(listed.bytes, page.len() as u64);
}

/// What a Python program prints; `None`, said aloud, when it or its library is not installed. On CI that is a
/// failure.
fn python(program: &str, argument: &str) -> Option<String> {
    let output = Command::new("python3").args(["-c", program, argument]).output();
    let missing = match &output {
        Err(error) => Some(error.to_string()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            said.contains("ModuleNotFoundError").then_some(said)
        }
    };
    if let Some(reason) = missing {
        assert!(std::env::var_os("CI").is_none(), "python3 is missing: {reason}");
        eprintln!("skipped: {reason}");
        return None;
    }
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn duckdb_counts_the_same() {
    let built = build(9_000, |listed, random| {
        shuffled(listed, random);
        // On two recordings, on three, on five.
        if let Some(isrc) = listed.isrcs.first_mut() {
            let shared = [("USRC17600001", 2), ("USRC17600002", 3), ("USRC17600003", 5)];
            let place = listed.rank.get() as usize;
            let mut from = 100;
            for (code, times) in shared {
                if (from..from + times * 3).contains(&place) && place % 3 == 1 {
                    *isrc = code.parse().unwrap();
                }
                from += times * 3;
            }
        }
    });
    let program = r"
import sys, duckdb
q = lambda sql: duckdb.connect().execute(sql.replace('RECORDING', f'\'{sys.argv[1]}/recording.parquet\'')
                                            .replace('ISRC', f'\'{sys.argv[1]}/isrc.parquet\'')).fetchall()
for axis, of in [('year', 'year'), ('popularity', 'popularity'), ('licence', 'licence'), ('tier', 'tier'),
                 ('status', 'status'), ('duration', 'case when duration_ms is not null then least(duration_ms // 30000, 20) end')]:
    for label, n, cleared, listens in q(f'''select {of} v, count(*), sum(cleared::int)::bigint, sum(coalesce(listens, 0))::bigint
                                            from RECORDING group by 1 order by v nulls first'''):
        print(axis, '-' if label is None else label, n, cleared, listens, sep='\t')
scripts = {'Cyrillic': r'\p{Cyrillic}', 'Greek': r'\p{Greek}', 'Arabic': r'\p{Arabic}', 'Hebrew': r'\p{Hebrew}',
           'Thai': r'\p{Thai}', 'Japanese': r'[\p{Hiragana}\p{Katakana}]', 'Korean': r'\p{Hangul}',
           'Chinese': r'\p{Han}', 'other': r'\p{Devanagari}', 'Latin': r'\p{Latin}'}
case = ' '.join(f'''when regexp_matches(title, '{pattern}') then '{name}' ''' for name, pattern in scripts.items())
for label, n in q(f'''select case {case} else 'none' end s, count(*) from RECORDING group by 1 order by 1'''):
    print('script', label, n, sep='\t')
for label, n in q('''select least(n, 5) v, count(*) from (select count(distinct rank) n from ISRC group by isrc)
                     group by 1 order by 1'''):
    print('isrcs', label, n, sep='\t')
";
    let folder = built.folder.join("parquet").display().to_string();
    let Some(said) = python(program, &folder) else {
        return;
    };
    let stats = built.edition.stats().unwrap();
    let mut want = Vec::new();
    for (axis, rows) in [
        ("year", &stats.year),
        ("popularity", &stats.popularity),
        ("licence", &stats.licence),
        ("tier", &stats.tier),
        ("status", &stats.status),
        ("duration", &stats.duration),
    ] {
        for row in rows {
            let label = match row.label.as_str() {
                "not known" | "not kept" => "-".to_owned(),
                _ if axis == "duration" => row.place.to_string(),
                label => label.to_owned(),
            };
            let Counts { recordings, cleared, listens, .. } = row.counts;
            want.push(format!("{axis}\t{label}\t{recordings}\t{cleared}\t{listens}"));
        }
    }
    for row in &stats.script {
        want.push(format!("script\t{}\t{}", row.label, row.counts.recordings));
    }
    for (number, row) in (1..).zip(&stats.isrc_recordings) {
        if row.isrcs > 0 {
            want.push(format!("isrcs\t{number}\t{}", row.isrcs));
        }
    }
    let said: BTreeSet<&str> = said.lines().collect();
    let want: BTreeSet<&str> = want.iter().map(String::as_str).collect();
    assert_eq!(said.symmetric_difference(&want).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(stats.isrc_recordings[1].isrcs > 0 && stats.isrc_recordings[4].isrcs > 0);
}
