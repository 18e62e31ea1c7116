//! The hostile corpus: some thousand short files of every format that Deadwax reads, with every kind of tag, and what
//! disks, networks, broken programs and ill will do to such files.
//!
//! The audio is short pieces of composed music, coded by ffmpeg with everything left out that changes from run to run; tags,
//! containers and damage are written here, byte by byte, because a library refuses to write what a hostile file
//! has. A small walker for each format says where its structures begin and where its lengths stand, so that
//! truncation and lies fall where parsers look. On one machine the same options give the same bytes.

mod adts;
mod aiff;
mod ape;
mod bytes;
mod comments;
mod flac;
mod id3;
mod id3_frames;
mod m4a;
mod m4a_tags;
mod mp3;
mod mp4_tree;
mod mutations;
mod ogg;
mod ogg_pages;
mod ogg_streams;
mod pictures;
mod seeds;
mod structure;
mod texts;
mod wav;
mod wav_chunks;
mod wavpack;

use anyhow::Context;
use seeds::Seeds;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which part of the corpus to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// One file out of so many; 1 makes all.
    pub every: usize,
    /// Decides which of them, and which bits are flipped.
    pub seed: u64,
}

impl Default for Options {
    /// All of it, with the seed of the campaign that docs/corpus.md tells of.
    fn default() -> Options {
        Options { every: 1, seed: 11 }
    }
}

/// One file of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is, relative to the corpus: `FORMAT/TAGS/CLASS/NAME.EXTENSION`.
    pub path: PathBuf,
    /// Container and coding: `flac`, `ogg-vorbis`...
    pub format: String,
    /// What tags and what layout it has.
    pub tags: String,
    /// Class and name of what was done to it: `truncated/at-block-2`; `whole` when nothing was.
    pub mutation: String,
    /// Whether nothing is wrong with it, however odd it is: it must be taken in and decode to its last sample.
    pub is_sound: bool,
}

impl Entry {
    /// The first word of the mutation.
    pub fn class(&self) -> &str {
        self.mutation.split('/').next().unwrap_or_default()
    }
}

/// The name of the table that [`make`] writes beside the files.
pub const MANIFEST: &str = "manifest.tsv";

/// Makes the corpus in `into`, which is created when it is not there, and a table of it. No two files have the
/// same bytes. Needs `ffmpeg` with libmp3lame, libvorbis and libopus.
pub fn make(into: &Path, ffmpeg: &Path, options: &Options) -> anyhow::Result<Vec<Entry>> {
    fs::create_dir_all(into).with_context(|| format!("cannot make {}", into.display()))?;
    let seeds = Seeds::new(ffmpeg)?;
    let mut corpus = Corpus {
        into,
        every: options.every.max(1),
        seed: options.seed,
        index: 0,
        known: HashSet::new(),
        entries: Vec::new(),
    };
    flac::make(&mut corpus, &seeds)?;
    mp3::make(&mut corpus, &seeds)?;
    ogg::make(&mut corpus, &seeds)?;
    ogg_streams::make(&mut corpus, &seeds)?;
    m4a::make(&mut corpus, &seeds)?;
    adts::make(&mut corpus, &seeds)?;
    wav::make(&mut corpus, &seeds)?;
    aiff::make(&mut corpus, &seeds)?;
    wavpack::make(&mut corpus, &seeds)?;
    let rows = corpus.entries.iter().map(|entry| {
        let sound = if entry.is_sound { "sound" } else { "hurt" };
        let path = entry.path.display();
        format!("{path}\t{}\t{}\t{}\t{sound}\n", entry.format, entry.tags, entry.mutation)
    });
    let table: String =
        std::iter::once("path\tformat\ttags\tmutation\tstate\n".to_owned()).chain(rows).collect();
    fs::write(into.join(MANIFEST), table)?;
    Ok(corpus.entries)
}

/// The corpus under way.
struct Corpus<'a> {
    into: &'a Path,
    every: usize,
    seed: u64,
    /// Files thought of so far, made or not.
    index: usize,
    /// Digests of all that were made.
    known: HashSet<[u8; 32]>,
    entries: Vec<Entry>,
}

/// What a file is, without what is in it.
#[derive(Debug, Clone, Copy)]
struct Case<'c> {
    format: &'c str,
    tags: &'c str,
    mutation: &'c str,
    extension: &'c str,
    is_sound: bool,
}

impl Corpus<'_> {
    /// Writes a file, if it is one of those to be made and no other has its bytes.
    fn put(&mut self, case: Case<'_>, content: impl FnOnce() -> Vec<u8>) -> anyhow::Result<()> {
        self.put_coded(case, || Ok(content()))
    }

    /// The same of one that is coded when it is wanted.
    fn put_coded(
        &mut self,
        case: Case<'_>,
        content: impl FnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<()> {
        let is_chosen = (self.index as u64 + self.seed).is_multiple_of(self.every as u64);
        self.index += 1;
        if !is_chosen {
            return Ok(());
        }
        let content = content()?;
        if !self.known.insert(Sha256::digest(&content).into()) {
            return Ok(());
        }
        let Case { format, tags, mutation, extension, is_sound } = case;
        let path = PathBuf::from(format!("{format}/{tags}/{mutation}.{extension}"));
        let file = self.into.join(&path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))?;
        self.entries.push(Entry {
            path,
            format: format.to_owned(),
            tags: tags.to_owned(),
            mutation: mutation.to_owned(),
            is_sound,
        });
        Ok(())
    }
}
