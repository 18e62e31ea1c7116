//! `log`: what ten thousand people type, made of the titles and names that the edition has.
//!
//! A last word has no space behind it, as at a prompt: readers take it for a prefix. Only the kinds called "whole" have
//! one. Deterministic.

use crate::Failure;
use crate::arguments::Arguments;
use crate::draw::Draw;
use crate::made::Maker;
use deadwax_model::Rank;
use deadwax_testkit::collection::GeneratedRecording;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// Recordings whose words are counted, to tell common from rare.
const SAMPLE: u32 = 20_000;

/// How many words are the common ones.
const COMMON: usize = 200;

/// Kinds of query, and how many of each.
const KINDS: [(Kind, u32); 13] = [
    (Kind::CommonWord { whole: false }, 600),
    (Kind::CommonWord { whole: true }, 400),
    (Kind::RareWord { whole: false }, 600),
    (Kind::RareWord { whole: true }, 400),
    (Kind::Words, 2500),
    (Kind::Letters(1), 600),
    (Kind::Letters(2), 600),
    (Kind::Letters(3), 600),
    (Kind::Letters(4), 600),
    (Kind::Dense, 1000),
    (Kind::NoHits, 600),
    (Kind::ArtistAndTitle, 800),
    (Kind::Year, 700),
];

#[derive(Debug, Clone, Copy)]
enum Kind {
    CommonWord { whole: bool },
    RareWord { whole: bool },
    Words,
    Letters(usize),
    Dense,
    NoHits,
    ArtistAndTitle,
    Year,
}

impl Kind {
    fn name(self) -> String {
        match self {
            Kind::CommonWord { whole: false } => "common word".to_owned(),
            Kind::CommonWord { whole: true } => "common word, whole".to_owned(),
            Kind::RareWord { whole: false } => "rare word".to_owned(),
            Kind::RareWord { whole: true } => "rare word, whole".to_owned(),
            Kind::Words => "2 to 4 words".to_owned(),
            Kind::Letters(1) => "1 letter".to_owned(),
            Kind::Letters(letters) => format!("{letters} letters"),
            Kind::Dense => "Chinese, Japanese, Korean, Thai".to_owned(),
            Kind::NoHits => "no hits".to_owned(),
            Kind::ArtistAndTitle => "artist: and a word".to_owned(),
            Kind::Year => "a word and year:".to_owned(),
        }
    }
}

/// A line of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoggedQuery {
    pub(crate) kind: String,
    pub(crate) query: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let maker = Maker::new(arguments.recordings()?.into(), arguments.seed()?);
    let out = arguments.path("--out")?;
    let mut log = Log::new(&maker, arguments.seed()?);
    let mut queries = Vec::new();
    for (kind, count) in KINDS {
        for _ in 0..count {
            queries.push(LoggedQuery { kind: kind.name(), query: log.query(kind) });
        }
    }
    log.random.shuffle(&mut queries);
    let mut file = BufWriter::new(File::create(out)?);
    for query in &queries {
        serde_json::to_writer(&mut file, query)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(())
}

pub(crate) fn read(path: &Path) -> Result<Vec<LoggedQuery>, Failure> {
    let lines = BufReader::new(File::open(path)?).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

struct Log<'m> {
    maker: &'m Maker,
    draw: Draw,
    random: Rng,
    memory: GeneratedRecording,
    /// How often a word is in the sample.
    counts: HashMap<String, u32>,
    common: Vec<String>,
}

impl Log<'_> {
    fn new(maker: &Maker, seed: u64) -> Log<'_> {
        let mut log = Log {
            maker,
            draw: Draw::new(maker),
            random: Rng::with_seed(seed),
            memory: GeneratedRecording::default(),
            counts: HashMap::new(),
            common: Vec::new(),
        };
        for _ in 0..SAMPLE {
            let rank = log.draw.uniform(&mut log.random);
            for word in log.said(rank).words() {
                *log.counts.entry(word).or_default() += 1;
            }
        }
        let mut by_count: Vec<(&String, &u32)> = log.counts.iter().collect();
        by_count.sort_unstable_by_key(|(word, count)| (std::cmp::Reverse(**count), *word));
        log.common = by_count.into_iter().take(COMMON).map(|(word, _)| word.clone()).collect();
        log
    }

    fn drawn(&mut self) -> Said {
        let rank = self.draw.rank(&mut self.random);
        self.said(rank)
    }

    fn said(&mut self, rank: u64) -> Said {
        let said = Rank::new(rank.try_into().unwrap_or(u32::MAX)).map(|rank| {
            let listed = self.maker.listed(rank, &mut self.memory);
            Said { title: listed.title, artist: listed.artists.join(" "), year: self.memory.year }
        });
        said.unwrap_or_default()
    }

    /// Draws until there is something of the kind in a recording.
    fn query(&mut self, kind: Kind) -> String {
        loop {
            let said = self.drawn();
            if let Some(query) = self.query_of(kind, &said) {
                return query;
            }
        }
    }

    fn query_of(&mut self, kind: Kind, said: &Said) -> Option<String> {
        let words = said.words();
        match kind {
            Kind::CommonWord { whole } => {
                self.random.choice(&self.common).map(|word| with_end(word, whole))
            }
            Kind::RareWord { whole } => {
                let seen = |word: &String| self.counts.get(word).copied().unwrap_or(0);
                let rare = words.into_iter().filter(|word| seen(word) <= 1);
                rare.max_by_key(String::len).map(|word| with_end(&word, whole))
            }
            Kind::Words => {
                let count = self.random.usize(2..=4);
                let some = self.random.choose_multiple(&words, count);
                (some.len() == count)
                    .then(|| some.into_iter().cloned().collect::<Vec<_>>().join(" "))
            }
            Kind::Letters(letters) => {
                let word = self.random.choice(&words)?;
                let prefix: String = word.chars().take(letters).collect();
                (prefix.chars().count() == letters).then_some(prefix)
            }
            Kind::Dense => {
                let characters: Vec<char> = said.title.chars().collect();
                let length = self.random.usize(2..=4);
                let starts = characters.len().checked_sub(length)?;
                let start = self.random.usize(0..=starts);
                let piece = &characters[start..start + length];
                piece.iter().all(|c| is_dense(*c)).then(|| piece.iter().collect())
            }
            // Of letters that no word has in a row; alone, or beside a word that many have.
            Kind::NoHits => {
                let nonsense = format!("qxzj{}", self.random.u32(100..1000));
                Some(match self.random.u32(0..3) {
                    0 => nonsense,
                    1 => format!("{} {nonsense}", self.random.choice(&self.common)?),
                    _ => format!("{nonsense} {}", self.random.choice(&self.common)?),
                })
            }
            Kind::ArtistAndTitle => {
                let (names, title) = (words_of(&said.artist), words_of(&said.title));
                let (name, word) = (self.random.choice(&names)?, self.random.choice(&title)?);
                Some(match self.random.bool() {
                    true => format!("artist:{name} {word}"),
                    false => format!("{word} artist:{name}"),
                })
            }
            Kind::Year => {
                let (word, year) = (self.random.choice(&words)?, said.year?);
                Some(match self.random.bool() {
                    true => format!("{word} year:{year}"),
                    false => format!("{word} year:{}-{}", year / 10 * 10, year / 10 * 10 + 9),
                })
            }
        }
    }
}

/// What a recording is known by.
#[derive(Default)]
struct Said {
    title: String,
    artist: String,
    year: Option<u16>,
}

impl Said {
    fn words(&self) -> Vec<String> {
        let mut words = words_of(&self.title);
        words.extend(words_of(&self.artist));
        words
    }
}

/// The space that tells readers that a word does not go on.
fn with_end(word: &str, whole: bool) -> String {
    format!("{word}{}", if whole { " " } else { "" })
}

/// The words of scripts that have spaces between them, as people type them.
fn words_of(text: &str) -> Vec<String> {
    let words =
        text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let plain = words
        .filter(|word| !word.is_empty() && !word.contains(|c| is_dense(c) || "\":".contains(c)));
    plain.filter(|word| word.chars().count() <= 30).map(str::to_lowercase).collect()
}

/// Thai, kana, Han and Hangul: what the index keeps in pairs.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{0E01}'..='\u{0E4E}' | '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}
