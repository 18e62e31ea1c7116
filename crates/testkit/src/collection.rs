//! A collection of any size, as facts without audio: recordings, releases, artists, ISRCs and listens in the published
//! proportions (256 tracks : 186 distinct ISRCs : 58.6 releases : 15.4 artists, 1.36 artists a track), with the
//! dirt that real tables have.
//!
//! WHY everything is a function of (size, seed, number): the list at 256 million must be testable on a machine that
//! could not sort it, so any recording can be asked for, by its place in the tables or by its rank, at any time,
//! in about a microsecond and without memory that grows. What each thing is made of:
//!
//! | module | |
//! |---|---|
//! | `block` | which recording is which song on which release by which artist: 1,280 recordings at a time |
//! | `order` | the rank of a recording: a pseudo-random bijection, asked both ways |
//! | `listens` | the listens of a rank: three power laws, solved for the published shares |
//! | `tongue`, `words`, `text` | titles and names: Zipf over generated vocabularies of 15 languages in 9 scripts; their dirt |
//! | `isrc` | a code for each song, and the ways it is written |
//! | `tables`, `columns` | the Parquet tables of docs/formats/tables.md |
//!
//! What is kept simple: ranks are drawn without regard to artist or release, so neighbours in the list have nothing in
//! common (harder on indexes than the world is); an artist who made more than 36 releases is none, though
//! some are guests on very many recordings.

mod block;
mod columns;
mod dice;
mod isrc;
mod listens;
mod order;
mod tables;
mod text;
mod tongue;
mod words;

pub use tables::{TablesWritten, write_tables};
pub use tongue::Script;

use block::Block;
use dice::{Dice, mix};
use isrc::Isrcs;
use order::Order;
use std::fmt::Write;
use tongue::TONGUES;
use words::Words;

/// Patterns of blocks that take turns.
const PATTERNS: u64 = 16;
/// The last year that anything was released in.
const LAST_YEAR: u64 = 2_025;

// The kinds of thing that have a stream of randomness each.
const PATTERN: u64 = 1;
const ARTIST: u64 = 2;
const SONG: u64 = 3;
const RELEASE: u64 = 4;
const RECORDING: u64 = 5;
const GUESTS: u64 = 6;

/// A collection of a size: see the module.
#[derive(Debug)]
pub struct Collection {
    recordings: u64,
    artists: u64,
    seed: u64,
    order: Order,
    patterns: Vec<Block>,
    words: Words,
    isrcs: Isrcs,
}

/// A recording as the tables tell of it. It is the track of one release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeneratedRecording {
    /// Its place in the tables, from 0.
    pub index: u64,
    /// Its id in the tables: rising with `index`, not dense.
    pub id: u64,
    /// Its place in the list, from 1: 1,000 listens and more, then those that nobody counted, then fewer.
    pub rank: u64,
    /// As it was said, dirt included; `None` is null.
    pub title: Option<String>,
    /// `None` for 3 of 1,000.
    pub duration_ms: Option<u32>,
    /// `None`: nobody counted.
    pub listens: Option<u64>,
    /// The year of the release, where its date tells one.
    pub year: Option<u16>,
    /// Number of its song, from 0: recordings of one song have the same ISRC.
    pub song: u64,
    /// Index of its release.
    pub release: u64,
    /// Disc, from 1.
    pub disc: u32,
    /// Position on the disc, from 1.
    pub position: u32,
    /// In their order; at least one.
    pub artists: Vec<GeneratedCredit>,
    /// As they were said, dirt included; nearly always one.
    pub isrcs: Vec<String>,
    /// What its artist writes in, and most of its titles.
    pub script: Script,
}

/// An artist on a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneratedCredit {
    /// Index of the artist.
    pub artist: u64,
    /// What stands between this name and the next; empty after the last.
    pub joined: &'static str,
}

/// A release as the tables tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedRelease {
    /// Its place in the tables, from 0.
    pub index: u64,
    /// Its id in the tables: rising with `index`, not dense.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// Index of the artist it is by; 0 is "Various Artists".
    pub artist: u64,
    /// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or something that is no date.
    pub date: Option<String>,
    /// The year of the date, where it is one.
    pub year: Option<u16>,
    /// Index of the recording that is its first track.
    pub first_recording: u64,
    /// How many recordings follow each other on it.
    pub tracks: u64,
}

/// An artist as the tables tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedArtist {
    /// Its place in the tables, from 0.
    pub index: u64,
    /// Its id in the tables: rising with `index`, not dense.
    pub id: u64,
    /// Its name. Two artists may share one.
    pub name: String,
    /// What it is written in.
    pub script: Script,
}

impl Collection {
    /// # Panics
    ///
    /// When `recordings` is 0 or above 2^32 - 1, the ranks there are.
    pub fn new(recordings: u64, seed: u64) -> Collection {
        assert!(
            (1..=u64::from(u32::MAX)).contains(&recordings),
            "a collection has 1 to 2^32 - 1 recordings"
        );
        const { assert!(isrc::MOST_SONGS > u32::MAX as u64) };
        let seed = mix(seed);
        let pattern = |number| Block::new(&mut Dice::of(seed, PATTERN, number));
        let mut collection = Collection {
            recordings,
            artists: 0,
            seed,
            order: Order::new(recordings, seed),
            patterns: (0..PATTERNS).map(pattern).collect(),
            words: Words::new(),
            isrcs: Isrcs::new(seed),
        };
        let (block, slot) = collection.slot(recordings - 1);
        collection.artists = block * block::ARTISTS + u64::from(slot.artists_so_far);
        collection
    }

    /// How many recordings there are, which is how many tracks.
    pub fn recordings(&self) -> u64 {
        self.recordings
    }

    /// How many releases there are.
    pub fn releases(&self) -> u64 {
        let (block, slot) = self.slot(self.recordings - 1);
        block * block::RELEASES + u64::from(slot.release) + 1
    }

    /// How many artists there are.
    pub fn artists(&self) -> u64 {
        self.artists
    }

    /// How many songs there are: distinct ISRCs, but for some that every writing of is wrong or missing.
    pub fn songs(&self) -> u64 {
        let (block, slot) = self.slot(self.recordings - 1);
        block * block::SONGS + u64::from(slot.songs_so_far)
    }

    /// The rank of the recording at `index`.
    pub fn rank_of(&self, index: u64) -> u64 {
        self.order.there(index) + 1
    }

    /// The index of the recording at `rank`.
    pub fn index_of(&self, rank: u64) -> u64 {
        self.order.back(rank - 1)
    }

    /// The recording at `index`, from 0 to [`Collection::recordings`] - 1.
    pub fn recording(&self, index: u64) -> GeneratedRecording {
        let mut recording = GeneratedRecording::default();
        self.recording_into(index, &mut recording);
        recording
    }

    /// The recording at `rank`, from 1 to [`Collection::recordings`].
    pub fn by_rank(&self, rank: u64) -> GeneratedRecording {
        self.recording(self.index_of(rank))
    }

    /// [`Collection::recording`] into memory that is there.
    pub fn recording_into(&self, index: u64, recording: &mut GeneratedRecording) {
        let (block, slot) = self.slot(index);
        let song = block * block::SONGS + u64::from(slot.song);
        let release = block * block::RELEASES + u64::from(slot.release);
        let tracks = self.pattern(block).releases[slot.release as usize].tracks;
        let artist = self.song_artist(song);
        let mut dice = Dice::of(self.seed, RECORDING, index);

        recording.index = index;
        recording.id = self.id(index, 7);
        recording.rank = self.rank_of(index);
        recording.listens = listens::at(recording.rank, self.recordings);
        recording.song = song;
        recording.release = release;
        let place = u32::from(slot.place_on_release);
        let a_disc = if tracks > 24 { 20 } else { 24 };
        (recording.disc, recording.position) = (place / a_disc + 1, place % a_disc + 1);
        recording.year = self.date(release).1;
        recording.script = TONGUES[self.tongue(artist)].script;
        self.credit(song, artist, &mut recording.artists);

        let mut title = recording.title.take().unwrap_or_default();
        title.clear();
        let duration_ms = self.song_title(song, artist, &recording.artists, &mut title);
        recording.title = text::soil(&mut title, &mut dice).map(|()| title);
        recording.duration_ms = (!dice.chance(3_000)).then_some(duration_ms);
        self.codes(song, &mut dice, &mut recording.isrcs);
    }

    /// The artists of a recording as people read them.
    pub fn credit_text(&self, recording: &GeneratedRecording) -> String {
        let mut text = String::new();
        for credit in &recording.artists {
            self.artist_name(credit.artist, &mut text);
            text.push_str(credit.joined);
        }
        text
    }

    /// The release at `index`, from 0 to [`Collection::releases`] - 1.
    pub fn release(&self, index: u64) -> GeneratedRelease {
        let block = index / block::RELEASES;
        let pattern = self.pattern(block);
        let slots = pattern.releases[(index % block::RELEASES) as usize];
        let first_recording = block * block::RECORDINGS + u64::from(slots.first);
        let artist = slots.artist.map_or(0, |artist| block * block::ARTISTS + u64::from(artist));
        let mut title = String::new();
        let mut dice = Dice::of(self.seed, RELEASE, index);
        // Singles, and a third of the others, are called as their first track.
        if slots.tracks == 1 || dice.chance(333_000) {
            let song = block * block::SONGS + u64::from(pattern.slots[slots.first as usize].song);
            let artist = self.song_artist(song);
            let mut dice = Dice::of(self.seed, SONG, song);
            self.plain_title(artist, &mut dice, &mut title);
        } else {
            let tongue = match slots.artist {
                Some(_) => self.tongue(artist),
                None => 0,
            };
            text::title(&self.words, tongue, &mut dice, &mut title);
            if slots.artist.is_none() {
                let _ = write!(title, ", Vol. {}", 1 + dice.below(20));
            }
        }
        let (date, year) = self.date(index);
        GeneratedRelease {
            index,
            id: self.release_id(index),
            title,
            artist,
            date: self.date_text(date, year),
            year,
            first_recording,
            tracks: u64::from(slots.tracks).min(self.recordings - first_recording),
        }
    }

    /// The artist at `index`, from 0 to [`Collection::artists`] - 1.
    pub fn artist(&self, index: u64) -> GeneratedArtist {
        let mut name = String::new();
        self.artist_name(index, &mut name);
        GeneratedArtist {
            index,
            id: self.artist_id(index),
            name,
            script: TONGUES[self.tongue(index)].script,
        }
    }

    fn artist_name(&self, index: u64, out: &mut String) {
        if index == 0 {
            return out.push_str("Various Artists");
        }
        let mut dice = Dice::of(self.seed, ARTIST, index);
        let tongue = draw_tongue(&mut dice);
        text::name(&self.words, tongue, &mut dice, out);
    }

    fn tongue(&self, artist: u64) -> usize {
        match artist {
            0 => 0,
            _ => draw_tongue(&mut Dice::of(self.seed, ARTIST, artist)),
        }
    }

    fn slot(&self, index: u64) -> (u64, block::Slot) {
        let (block, slot) = (index / block::RECORDINGS, index % block::RECORDINGS);
        (block, self.pattern(block).slots[slot as usize])
    }

    fn pattern(&self, block: u64) -> &Block {
        &self.patterns[(block % PATTERNS) as usize]
    }

    fn song_artist(&self, song: u64) -> u64 {
        let block = song / block::SONGS;
        let artist = self.pattern(block).song_artists[(song % block::SONGS) as usize];
        block * block::ARTISTS + u64::from(artist)
    }

    /// The id of the release at `index`.
    pub fn release_id(&self, index: u64) -> u64 {
        self.id(index, 5)
    }

    /// The id of the artist at `index`.
    pub fn artist_id(&self, index: u64) -> u64 {
        self.id(index, 3)
    }

    /// Ids rise with the index and leave gaps, since nobody's ids are dense.
    fn id(&self, index: u64, spacing: u64) -> u64 {
        1_000 + index * spacing + mix(self.seed ^ index) % spacing
    }

    /// The song's artist and its guests: 1.36 names on average, most guests from few artists.
    fn credit(&self, song: u64, artist: u64, credits: &mut Vec<GeneratedCredit>) {
        credits.clear();
        credits.push(GeneratedCredit { artist, joined: "" });
        let mut dice = Dice::of(self.seed, GUESTS, song);
        let guests = match dice.below(1_000) {
            0..742 => 0,
            742..924 => 1,
            924..979 => 2,
            979..992 => 3,
            992..997 => 4,
            _ => 5,
        };
        let joined = [" feat. ", ", ", " & ", " x "][dice.weighted(&[50, 30, 15, 5])];
        for guest in 0..guests {
            let known = dice.unit();
            let other = 1 + (known * known * known.sqrt() * (self.artists - 1) as f64) as u64;
            let other = other.min(self.artists - 1);
            if credits.iter().all(|credit| credit.artist != other) {
                if let Some(last) = credits.last_mut() {
                    last.joined = if guest == 0 { joined } else { " & " };
                }
                credits.push(GeneratedCredit { artist: other, joined: "" });
            }
        }
    }

    /// Adds the title of a song, and gives its duration: both belong to the song.
    fn song_title(
        &self,
        song: u64,
        artist: u64,
        credits: &[GeneratedCredit],
        title: &mut String,
    ) -> u32 {
        let mut dice = Dice::of(self.seed, SONG, song);
        self.plain_title(artist, &mut dice, title);
        if let [_, guest, ..] = credits
            && dice.chance(300_000)
        {
            title.push_str(" (feat. ");
            self.artist_name(guest.artist, title);
            title.push(')');
        }
        text::version(&mut dice, title);
        // Log-normal around 3:20: a sum of four uniform draws is near enough to normal, and bounded.
        let bits = dice.next();
        let sum = (0..4).map(|part| (bits >> (16 * part)) & 0xFFFF).sum::<u64>() as f64 / 65_536.0;
        (200_000.0 * ((sum - 2.0) / 0.5774 * 0.42).exp()) as u32
    }

    /// Four in five titles are in the artist's own language, the others in English.
    fn plain_title(&self, artist: u64, dice: &mut Dice, title: &mut String) {
        let tongue = if dice.chance(800_000) { self.tongue(artist) } else { 0 };
        text::title(&self.words, tongue, dice, title);
    }

    /// What is left when the dirt of docs/formats/tables.md has been at the song's code.
    fn codes(&self, song: u64, dice: &mut Dice, codes: &mut Vec<String>) {
        codes.clear();
        let draw = dice.below(1_000);
        if draw < 4 {
            return;
        }
        let mut say = |song: u64| {
            let mut code = String::with_capacity(24);
            self.isrcs.push(song, &mut code);
            isrc::as_people_write(&mut code, dice);
            codes.push(code);
        };
        say(song);
        // A second code is another song's: so one ISRC is also on recordings of different songs.
        if (4..24).contains(&draw) && song > 0 {
            say(song - 1);
        }
        if draw == 4 && song > 1 {
            say(song - 2);
        }
    }

    /// How a release's date is written, and its year: most are of late.
    fn date(&self, release: u64) -> (u64, Option<u16>) {
        let mut dice = Dice::of(self.seed, RELEASE ^ 0x100, release);
        let writing = dice.next();
        let age = dice.unit();
        let year = LAST_YEAR - (75.0 * age * age * age.sqrt()) as u64;
        (writing, (writing % 1_000 >= 8).then_some(year as u16))
    }

    fn date_text(&self, writing: u64, year: Option<u16>) -> Option<String> {
        let (month, day) = (1 + (writing >> 20) % 12, 1 + (writing >> 40) % 28);
        let Some(year) = year else {
            return [None, Some("0000-00-00"), Some("unknown"), Some("0000")][writing as usize % 4]
                .map(str::to_owned);
        };
        Some(match writing % 1_000 {
            8..700 => format!("{year}-{month:02}-{day:02}"),
            700..730 => format!("{year}-{month:02}"),
            _ => year.to_string(),
        })
    }
}

fn draw_tongue(dice: &mut Dice) -> usize {
    const SHARES: [u32; TONGUES.len()] = {
        let mut shares = [0; TONGUES.len()];
        let mut place = 0;
        while place < shares.len() {
            shares[place] = TONGUES[place].share;
            place += 1;
        }
        shares
    };
    dice.weighted(&SHARES)
}
