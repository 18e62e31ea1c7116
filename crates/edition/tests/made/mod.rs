//! A made-up list for the tests: many scripts, hostile titles, some rights, some holdings.

#![allow(dead_code)] // each test program uses a part of it

use deadwax_edition::{EditionInfo, EditionSummary, EditionWriter, Listed, ListedTrack};
use deadwax_model::{
    FileHashes, Isrc, PopularityScale, Rank, RecordingId, Root, Status, TableId, Tier,
};
use deadwax_rights::{Act, Cleared, Decision, Operator, Place, Rulebook, Subject, decide};
use deadwax_store::Store;
use deadwax_torrent::PackOptions;
use std::path::{Path, PathBuf};

/// Words of nine scripts; a title is some of one row.
pub const WORDS: [&[&str]; 9] = [
    &[
        "Love",
        "Nightfall",
        "Déjà",
        "Straße",
        "Björk's",
        "Ærø",
        "Łódź",
        "hip-hop",
        "R.E.M.",
        "don't",
        "2000",
    ],
    &["Ночь", "Звезда", "Ёлка", "Мой", "Йод", "город", "Песня", "дождь"],
    &["Ὀδυσσεύς", "Θάλασσα", "ἀγάπη", "Νύχτα", "ήλιος", "φῶς"],
    &["مُحَمَّد", "ليلة", "القمر", "أغنية", "حـــب", "شمس"],
    &["שָׁלוֹם", "לילה", "שיר", "אהבה", "ירח"],
    &["เพลงรัก", "คืนนี้", "ดวงจันทร์", "น้ำตา", "ฝนตก"],
    &["月亮代表我的心", "夜来香", "茉莉花", "上海", "甜蜜蜜"],
    &["東京事変", "さくら", "ガンダーラ", "が", "上を向いて歩こう", "Ｔｏｋｙｏ"],
    &["사랑", "노래", "서울의 밤", "아리랑", "별"],
];

pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"; DROP TABLE recording; --",
    "../../etc/passwd",
    "</title><img src=x onerror=alert(1)>",
    "NEAR(a b) AND OR NOT *",
    "!!!",
    "{{ summary.title }} & 'quotes'",
    "\u{202E}drawkcab\u{202C} ÷",
];

pub struct Made {
    pub folder: tempfile::TempDir,
    pub summary: EditionSummary,
    pub titles: Vec<(String, String)>,
}

impl Made {
    pub fn edition(&self) -> PathBuf {
        self.folder.path().join("edition")
    }
}

pub fn info() -> EditionInfo {
    EditionInfo {
        title: "Collected Songs & <Airs>".into(),
        date: "2026-11-20".into(),
        popularity: PopularityScale::default(),
        created_by: "deadwax test".into(),
        stages: Default::default(),
    }
}

/// An edition of `n` recordings; `counted` says whether somebody counted listens.
pub fn make(n: u32, counted: bool) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("store")).unwrap();
    let (summary, titles) = write(&folder.path().join("edition"), &store, n, counted);
    Made { folder, summary, titles }
}

pub fn write(
    edition: &Path,
    store: &Store,
    n: u32,
    counted: bool,
) -> (EditionSummary, Vec<(String, String)>) {
    let mut random = fastrand::Rng::with_seed(7);
    let holdings: Vec<FileHashes> =
        (1..=20u8).map(|i| store.put(&vec![i; 40_000 * usize::from(i)]).unwrap()).collect();
    let mut writer = EditionWriter::create(edition, info(), store, PackOptions::default()).unwrap();
    let mut titles = Vec::new();
    for rank in 1..=n {
        let listed = listed(rank, counted, &holdings, &mut random);
        titles.push((listed.title.clone(), listed.artist_credit.clone()));
        writer.push(listed).unwrap();
    }
    let (summary, problems) = writer.finish().unwrap();
    assert!(problems.is_empty());
    (summary, titles)
}

pub fn listed(
    rank: u32,
    counted: bool,
    holdings: &[FileHashes],
    random: &mut fastrand::Rng,
) -> Listed {
    let id = id_of(rank);
    let words = WORDS[rank as usize % WORDS.len()];
    let mut pick = || words[random.usize(0..words.len())];
    let title = match rank % 50 {
        3 => HOSTILE[rank as usize / 50 % HOSTILE.len()].to_owned(),
        _ => format!("{} {} {rank}", pick(), pick()),
    };
    let artists = match rank % 7 {
        0 => vec![format!("{} Band", pick()), pick().to_owned()],
        _ => vec![format!("{} {}", pick(), rank % 40)],
    };
    let licence = ["CC-BY-SA-4.0", "CC0-1.0", "CC-BY-NC-ND-4.0", "GPL-2.0-or-later", ""];
    let licence = licence[(random.f64().powi(2) * 5.0) as usize];
    let cleared = clearance(&id, licence);
    let keep = rank.is_multiple_of(3) || rank < 60;
    let held = rank % 11 != 5;
    let hashes = held.then(|| holdings[rank as usize % holdings.len()].clone());
    let listens = counted
        .then(|| (4_000_000_000.0 / f64::from(rank).powf(1.6)) as u64)
        .filter(|_| !rank.is_multiple_of(97));
    let release = rank / 9;
    let release_words = WORDS[release as usize % WORDS.len()];
    Listed {
        rank: Rank::new(rank).unwrap(),
        title,
        artist_credit: artists.join(" & "),
        artists,
        isrcs: (!rank.is_multiple_of(3))
            .then(|| {
                format!("QZ{}{:02}{:05}", "ABC", rank % 100, rank / 2).parse::<Isrc>().unwrap()
            })
            .into_iter()
            .collect(),
        date: rank.is_multiple_of(3).then(|| format!("{}-05", 1950 + rank % 70)),
        duration_ms: (!rank.is_multiple_of(31))
            .then(|| 30_000 + (random.f64() * random.f64() * 900_000.0) as u64),
        listens,
        popularity: listens.map(|listens| PopularityScale::default().of(listens)),
        tier: held.then_some(if keep { Tier::Keep } else { Tier::Opus(75) }),
        status: if held { Status::Held } else { Status::OverBudget },
        root: hashes.as_ref().map(|hashes| hashes.root),
        original_root: held.then_some(Root([rank as u8; 32])),
        bytes: hashes.as_ref().map(|hashes| hashes.bytes),
        hashes,
        patch: None,
        container: Some(if keep && rank.is_multiple_of(4) { "flac" } else { "ogg" }.to_owned()),
        codec: Some(
            match (keep, rank % 4) {
                (true, 0) => "flac",
                (true, _) => "vorbis",
                _ => "opus",
            }
            .to_owned(),
        ),
        extension: None,
        sample_rate: Some(44_100),
        channels: Some(2),
        loudness_lufs: held.then_some(-14.237),
        tracks: vec![ListedTrack {
            release_key: format!("/home/somebody/music/{release}"),
            release_title: format!(
                "{} {}",
                release_words[(release / 9) as usize % release_words.len()],
                release + 1
            ),
            release_artist: None,
            date: (!release.is_multiple_of(8)).then(|| {
                let age = ((f64::from(release) * 0.618_034).fract().powf(1.7) * 58.0) as u32;
                format!("{}-03", 2024 - age)
            }),
            disc: Some(1),
            discs: None,
            position: Some(rank % 9 + 1),
        }],
        licence: (!licence.is_empty()).then(|| licence.to_owned()),
        clearance: cleared,
        holds_covers_back: false,
        row: row_of(rank),
        id,
    }
}

/// Every fifth recording was first seen as a row of a table.
fn row_of(rank: u32) -> Option<TableId> {
    let row = || TableId { collection: "made".into(), id: u64::from(rank) * 7 + 1_000 };
    rank.is_multiple_of(5).then(row)
}

pub fn id_of(rank: u32) -> RecordingId {
    if let Some(row) = row_of(rank) {
        return RecordingId::of_row(&row);
    }
    let mut root = [0x5a; 32];
    root[..4].copy_from_slice(&rank.wrapping_mul(2_654_435_761).to_be_bytes());
    root[4..8].copy_from_slice(&rank.to_be_bytes());
    RecordingId::of_first_source(&Root(root))
}

pub fn clearance(id: &RecordingId, licence: &str) -> Result<Cleared, String> {
    let said = [("LICENSE".to_owned(), licence.to_owned(), "a.ogg".to_owned())];
    let subject = Subject {
        recording: id,
        artists: &[],
        release: None,
        isrcs: &[],
        releases: &[],
        roots: &[],
        paths: &[],
        said: &said,
    };
    let nothing = Rulebook::default();
    match decide(
        &subject,
        &nothing,
        Act::Publish,
        Place::Worldwide,
        "2026-11-20",
        Operator::default(),
    ) {
        Decision::Cleared(cleared) => Ok(cleared),
        Decision::HeldBack(held_back) => Err(held_back.why),
    }
}
