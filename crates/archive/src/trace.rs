//! Which recordings of this archive are in a file, a folder or a torrent: so that somebody who holds rights can find what
//! travels. By root where the bytes are the same, by pieces in torrents that know no roots, by fingerprint where they only sound
//! the same. What it says and what it cannot is specified in docs/formats/takedown.md, "Tracing".

mod items;
mod pieces;
mod sound;

use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_catalog::{KnownFile, KnownKind};
use deadwax_edition::{Edition, PackedFile, PackedKind};
use deadwax_model::{Isrc, Problem, Rank, RecordingId, Root};
use items::Item;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What was found; its JSON form is specified in docs/formats/json.md.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct TraceReport {
    /// Every file that was looked at, in order.
    pub traced: Vec<Traced>,
    /// How many different recordings of the archive are in them.
    pub recordings: u64,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
}

/// One file, on the disk or listed by a torrent.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Traced {
    /// The file, or the torrent.
    pub path: String,
    /// The path that the torrent lists; `null` of a file on the disk.
    pub inside: Option<String>,
    /// Its length.
    pub bytes: u64,
    /// Its root; `null` when the torrent does not say it.
    pub root: Option<Root>,
    /// What of the archive it is, the most certain first.
    pub found: Vec<Found>,
    /// Why more cannot be told of it; `null` when all was compared that can be.
    pub untold: Option<String>,
}

/// A file, or a recording, of the archive.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Found {
    /// How certain it is.
    pub certainty: Certainty,
    /// What of a recording it is: `original`, `holding`, `patch` or `picture`; by fingerprint always `original`.
    pub kind: &'static str,
    /// How alike they sound, 1 being the same; `null` but by fingerprint.
    pub score: Option<f64>,
    /// Whether they are as long, within three seconds; `null` but by fingerprint, and when a length is not known.
    pub same_length: Option<bool>,
    /// The recording; `null` of a cover that is known from an edition alone.
    pub recording: Option<TracedRecording>,
    /// Where this is out: files of the recording, or of the cover, in packs of the archive's editions.
    pub out: Vec<OutPlace>,
}

/// How certain it is that a file is of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The same bytes: their roots are equal.
    Root,
    /// The same length, and all pieces that lie within it have the same SHA-1.
    Pieces,
    /// It sounds the same.
    Fingerprint,
}

/// Which recording.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TracedRecording {
    /// Its place in the list, once a plan gave it one.
    pub rank: Option<Rank>,
    /// Its id.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Artist names, in order.
    pub artists: Vec<String>,
    /// Its ISRCs.
    pub isrcs: Vec<Isrc>,
}

/// A file in a pack of an edition, as it was published: a takedown may have taken it out since.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct OutPlace {
    /// The edition, relative to the archive.
    pub edition: String,
    /// The name of the pack.
    pub pack: String,
    /// The path in it.
    pub path: String,
    /// Its root.
    pub root: Root,
}

/// What was found of a traced file so far: of which recording, and how.
#[derive(Debug, Clone, PartialEq)]
struct Match {
    certainty: Certainty,
    kind: &'static str,
    recording: Option<RecordingId>,
    score: Option<f64>,
    same_length: Option<bool>,
}

impl Match {
    fn of(certainty: Certainty, kind: &'static str, recording: Option<RecordingId>) -> Match {
        Match { certainty, kind, recording, score: None, same_length: None }
    }
}

/// What is published: by recording, and by root.
#[derive(Debug, Default)]
struct Published {
    of: BTreeMap<RecordingId, BTreeSet<OutPlace>>,
    with: BTreeMap<Root, BTreeSet<OutPlace>>,
}

impl Archive {
    /// Looks for this archive's recordings in files, in all files of folders, and in torrents of any kind. Changes nothing.
    pub fn trace(&self, run: &Run<'_>, paths: &[PathBuf]) -> Result<TraceReport, ArchiveError> {
        let mut report = TraceReport::default();
        let mut items = items::gather(run, paths, &mut report.problems)?;
        let known = self.known_of(&items)?;
        let mut by_root = BTreeMap::<Root, Vec<&KnownFile>>::new();
        known.iter().for_each(|file| by_root.entry(file.root).or_default().push(file));
        for item in &mut items {
            for file in item.root.and_then(|root| by_root.get(&root)).into_iter().flatten() {
                let id = Some(file.recording.clone());
                item.add(Match::of(Certainty::Root, word_of(file.kind), id));
            }
        }
        self.match_editions(run, &mut items, &mut report.problems)?;
        self.match_pieces(run, &mut items, &known)?;
        self.match_sound(run, &mut items)?;
        let published = self.published_of(run, &items)?;
        let mut recordings = BTreeSet::new();
        for item in items {
            let mut found = Vec::new();
            for one in item.matches {
                recordings.extend(one.recording.clone());
                found.push(self.found(one, item.root.as_ref(), &published)?);
            }
            let untold = item.untold.filter(|_| found.is_empty());
            report.traced.push(Traced {
                path: item.path.display().to_string(),
                inside: item.inside,
                bytes: item.bytes,
                root: item.root,
                found,
                untold,
            });
        }
        report.recordings = recordings.len() as u64;
        Ok(report)
    }

    /// The files of the catalogue that one of these may be: by root, and by length where there is no root.
    fn known_of(&self, items: &[Item]) -> Result<Vec<KnownFile>, ArchiveError> {
        let roots: BTreeSet<Root> = items.iter().filter_map(|item| item.root).collect();
        let lengths: BTreeSet<u64> =
            items.iter().filter(|item| item.root.is_none()).map(|item| item.bytes).collect();
        let mut known = Vec::new();
        self.catalog.known_files(&mut |file: KnownFile| {
            if roots.contains(&file.root) || lengths.contains(&file.bytes) {
                known.push(file);
            }
            Ok::<(), ArchiveError>(())
        })?;
        Ok(known)
    }

    /// Files that were published and are known no more: made anew since, or taken down.
    fn match_editions(
        &self,
        run: &Run<'_>,
        items: &mut [Item],
        problems: &mut Vec<Problem>,
    ) -> Result<(), ArchiveError> {
        let roots: BTreeSet<Root> = items.iter().filter_map(|item| item.root).collect();
        for name in self.editions()? {
            run.go_on()?;
            let folder = self.edition_folder(&name);
            let edition = match Edition::open(&folder) {
                Ok(edition) => edition,
                Err(error) => {
                    problems.push(Problem {
                        path: self.relative(&folder),
                        what: format!("it was not compared: {error}"),
                        next: "what it has alone was not looked for".to_owned(),
                    });
                    continue;
                }
            };
            for file in edition.packed_with(&roots)? {
                let of = file.rank.map(|rank| edition.at(rank)).transpose()?.flatten();
                let kind = match file.kind {
                    PackedKind::Audio => "holding",
                    PackedKind::Patch => "patch",
                    PackedKind::Cover => "picture",
                };
                let id = of.map(|recording| recording.id);
                for item in items.iter_mut().filter(|item| item.root == Some(file.root)) {
                    // Whose cover it is says the catalogue better, as far as it knows.
                    if id.is_some() || item.matches.is_empty() {
                        item.add(Match::of(Certainty::Root, kind, id.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Where what was found is out.
    fn published_of(&self, run: &Run<'_>, items: &[Item]) -> Result<Published, ArchiveError> {
        let matches = || items.iter().flat_map(|item| &item.matches);
        let ids: BTreeSet<&RecordingId> =
            matches().filter_map(|one| one.recording.as_ref()).collect();
        let roots: BTreeSet<Root> = items
            .iter()
            .filter(|item| !item.matches.is_empty())
            .filter_map(|item| item.root)
            .collect();
        let mut published = Published::default();
        for name in self.editions()? {
            run.go_on()?;
            let folder = self.edition_folder(&name);
            // That it cannot be read was said before.
            let Ok(edition) = Edition::open(&folder) else { continue };
            let place = |file: PackedFile| OutPlace {
                edition: self.relative(&folder),
                pack: file.pack,
                path: file.path,
                root: file.root,
            };
            for &id in &ids {
                let Some(rank) = edition.rank_of(id)? else { continue };
                let files = edition.packed_files(rank)?.into_iter().map(place);
                published.of.entry(id.clone()).or_default().extend(files);
            }
            for file in edition.packed_with(&roots)? {
                published.with.entry(file.root).or_default().insert(place(file));
            }
        }
        Ok(published)
    }

    fn found(
        &self,
        one: Match,
        root: Option<&Root>,
        published: &Published,
    ) -> Result<Found, ArchiveError> {
        let recording = match &one.recording {
            Some(id) => self.catalog.recording_alone(id)?,
            None => None,
        };
        // Where the file itself is out; else where its recording is.
        let own = root.filter(|_| one.kind != "original").and_then(|it| published.with.get(it));
        let of = one.recording.as_ref().and_then(|id| published.of.get(id));
        Ok(Found {
            certainty: one.certainty,
            kind: one.kind,
            score: one.score,
            same_length: one.same_length,
            recording: recording.map(|recording| TracedRecording {
                rank: recording.placement.map(|place| place.rank),
                id: recording.id,
                title: recording.title,
                artists: recording.artists,
                isrcs: recording.isrcs,
            }),
            out: own.or(of).into_iter().flatten().cloned().collect(),
        })
    }
}

fn word_of(kind: KnownKind) -> &'static str {
    match kind {
        KnownKind::Original => "original",
        KnownKind::Holding(_) => "holding",
        KnownKind::Patch => "patch",
        KnownKind::Picture => "picture",
    }
}

/// The phase in which files are read.
fn begin(run: &Run<'_>, items: u64, bytes: u64) {
    run.progress.begin(Phase::Trace, &Amount { items, bytes, audio_ms: 0 });
}
