//! A new edition from the working catalogue. Reads no audio: torrents are made from stored hashes, and
//! pack folders are links into the store.

use crate::known_list::{self, KnownFeed, KnownList, TOLD};
use crate::opened::CATALOG;
use crate::order::standing;
use crate::plan::too_many;
use crate::publish_covers::Covers;
use crate::takedown::Carried;
use crate::{Amount, Archive, ArchiveError, MAKER, Phase, Run, Signatures};
use deadwax_catalog::{Recording, Track};
use deadwax_edition::{EditionInfo, EditionSummary, EditionWriter, Listed, ListedTrack, StagesOut};
use deadwax_model::{FileHashes, Problem, Rank, RecordingId, Status, Tier};
use deadwax_rights::{Decision, Rulebook};
use deadwax_store::{create_folder, publish_folder};
use deadwax_trust::Role;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

/// Memory for sorting what is known from tables alone, where none is given.
const SORT_BYTES: usize = 1 << 30;

/// How an edition is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishOptions<'a> {
    /// What of it is out beside the list.
    pub stages: StagesOut,
    /// Memory for sorting recordings that are known from tables alone.
    pub sort_bytes: usize,
    /// Folders with keys, beside the archive's own.
    pub keys: &'a [PathBuf],
}

impl Default for PublishOptions<'_> {
    fn default() -> Self {
        PublishOptions { stages: StagesOut::default(), sort_bytes: SORT_BYTES, keys: &[] }
    }
}

/// What a `publish` did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PublishReport {
    /// The edition, relative to the archive: `editions/2026-11-20`.
    pub edition: String,
    /// Whether it is new; `false` when nothing had changed since the newest one.
    pub is_new: bool,
    /// What is in it.
    pub summary: EditionSummary,
    /// How it is signed.
    pub trust: Signatures,
    /// What could go into no pack.
    pub problems: Vec<Problem>,
}

impl Archive {
    /// Writes an edition of the list as the last plan placed it. When it would say the same as the newest
    /// one, that one stands, is signed anew, and no new one is made.
    pub fn publish(&self, run: &Run<'_>) -> Result<PublishReport, ArchiveError> {
        self.publish_with(run, PublishOptions::default())
    }

    /// [`Archive::publish`], otherwise than usual. An edition has out the stages that are said here, whatever one before it had.
    pub fn publish_with(
        &self,
        run: &Run<'_>,
        options: PublishOptions<'_>,
    ) -> Result<PublishReport, ArchiveError> {
        self.check_day(run)?;
        // Before anything is written: keys that are in a safe are better asked for now.
        let keys_made = self.make_keys(run)?;
        let dark = self.carry_out_takedowns(run, Carried::Unfinished, options.keys)?;
        let mut signer = self.signer(run, options.keys)?;
        signer.need(&Role::OF_EDITION)?;
        let editions = self.folder.join("editions");
        create_folder(&editions)?;
        let draft = editions.join(".draft");
        if draft.exists() {
            fs::remove_dir_all(&draft).map_err(ArchiveError::io("clear", &draft))?;
        }
        // What an `add` of tables that was killed has left: nobody reads it any more. If it cannot be removed, the
        // next `add` says so.
        let _ = known_list::remove(&self.scratch_folder());
        let names = self.editions()?;
        let (summary, mut problems) = self.write_edition(run, &draft, options)?;
        problems.extend(dark);
        if let Some(newest) = names.last() {
            // Not the whole edition: its other files may be of a schema that is no longer read.
            let before = EditionSummary::read(&editions.join(newest).join("edition.json"))?;
            if before.content == summary.content {
                fs::remove_dir_all(&draft).map_err(ArchiveError::io("clear", &draft))?;
                known_list::remove(&self.sorted_folder())?;
                let signed = self.renew(run, &mut signer, newest)?;
                self.point_to(newest)?;
                let trust = Signatures::of(&signer, signed, keys_made);
                let edition = format!("editions/{newest}");
                return Ok(PublishReport {
                    edition,
                    is_new: false,
                    summary: before,
                    trust,
                    problems,
                });
            }
        }
        let signed = self.sign(run, &mut signer, &draft, names.last())?;
        let name = next_name(&run.today, &names);
        // Pack folders hold links into the store, which are durable already.
        let packs = draft.join("packs");
        let is_ours = |path: &Path| {
            !path.starts_with(&packs) || path.extension().is_some_and(|ending| ending == "torrent")
        };
        publish_folder(&draft, &editions.join(&name), is_ours)?;
        self.point_to(&name)?;
        known_list::remove(&self.sorted_folder())?;
        let (edition, trust) =
            (format!("editions/{name}"), Signatures::of(&signer, signed, keys_made));
        Ok(PublishReport { edition, is_new: true, summary, trust, problems })
    }

    /// Refuses a day before that of the newest edition: the new one would stand before it, and what was
    /// withdrawn since would still be in what everybody takes for the newest.
    pub(crate) fn check_day(&self, run: &Run<'_>) -> Result<(), ArchiveError> {
        match self.editions()?.last() {
            Some(newest) if newest.get(..10).is_some_and(|day| run.today.as_str() < day) => {
                Err(ArchiveError::Refused(format!(
                    "today is {}, and the newest edition is of {newest}; set the clock right, or give the day with --date",
                    run.today
                )))
            }
            _ => Ok(()),
        }
    }

    fn write_edition(
        &self,
        run: &Run<'_>,
        draft: &Path,
        options: PublishOptions<'_>,
    ) -> Result<(EditionSummary, Vec<Problem>), ArchiveError> {
        let info = EditionInfo {
            title: self.policy.title.clone(),
            date: run.today.clone(),
            popularity: self.policy.scale(),
            created_by: MAKER.to_owned(),
            stages: options.stages,
        };
        let mut torrents = self.policy.pack_options();
        torrents.created_by = Some(info.created_by.clone());
        let mut writer = EditionWriter::create(draft, info, &self.store, torrents)?;
        writer.set_tombstones(self.tombstones()?);
        writer.set_jobs(run.jobs);
        let mut covers = Covers::default();
        let known = KnownList {
            catalog: &self.folder.join(CATALOG),
            folder: self.sorted_folder(),
            scale: self.policy.scale(),
            memory_bytes: options.sort_bytes,
        };
        let recordings = self.known_recordings()?;
        let patches = options.stages.patches;
        let mut push = |known_recordings, feed| {
            let mut list = ListWriter { writer: &mut writer, covers: &mut covers, patches };
            self.push_list(run, &mut list, known_recordings, feed)
        };
        match recordings {
            0 => push(0, KnownFeed::new(None))?,
            // One thread joins, sorts and merges what is known from tables; this one writes.
            _ => std::thread::scope(|scope| {
                let (to, from) = sync_channel(4);
                scope.spawn(move || known.give(run, &to));
                push(recordings, KnownFeed::new(Some(from)))
            })?,
        }
        let mut problems = self.push_covers(run, &mut writer, covers)?;
        let (summary, more) = writer.finish()?;
        run.progress.end();
        problems.extend(more);
        Ok((summary, problems))
    }

    /// Pushes the whole list: recordings with a file by their places, between them those known from tables. Recordings
    /// added since the last plan have no place yet; they come last, as the catalogue gives them.
    fn push_list(
        &self,
        run: &Run<'_>,
        list: &mut ListWriter<'_>,
        known_recordings: u64,
        mut feed: KnownFeed,
    ) -> Result<(), ArchiveError> {
        let mut files = Files { archive: self, rules: self.catalog.rulebook()?, ids: self.ids()? };
        let items = files.ids.len() as u64 + known_recordings;
        // The first one is there when all are sorted.
        let mut known = feed.next()?;
        run.progress.begin(Phase::Publish, &Amount { items, ..Amount::default() });
        let mut file = files.next()?;
        let (mut place, mut pushed) = (0u64, 0u64);
        loop {
            let is_file = match (&file, &known) {
                (Some(file), Some(known)) => comes_before(file, known),
                (file, _) => file.is_some(),
            };
            place += 1;
            let rank = || u32::try_from(place).ok().and_then(Rank::new).ok_or_else(too_many);
            if is_file && let Some(recording) = file.take() {
                run.go_on()?;
                let decision = self.publishing(run, &files.rules, &recording)?;
                let title = recording.title.clone();
                let patch = self.patch_of(&recording, list.patches)?;
                let holds_covers_back =
                    self.is_one_held_back(run, &files.rules, &recording.same)?;
                list.covers.note(rank()?, &recording);
                let listed = listed(rank()?, recording, decision);
                list.writer.push(Listed { patch, holds_covers_back, ..listed })?;
                run.progress.item(&title, &Amount::item(0));
                file = files.next()?;
            } else if let Some(listed) = known.take() {
                pushed += 1;
                if pushed.is_multiple_of(TOLD) {
                    run.go_on()?;
                    run.progress.item(&listed.title, &Amount { items: TOLD, ..Amount::default() });
                }
                list.writer.push(Listed { rank: rank()?, ..listed })?;
                known = feed.next()?;
            } else {
                run.progress.item("", &Amount { items: pushed % TOLD, ..Amount::default() });
                return Ok(());
            }
        }
    }

    /// Whether one of these may not be published: recordings that are the same as one on the list, and whose files may be where
    /// its covers come from.
    pub(crate) fn is_one_held_back(
        &self,
        run: &Run<'_>,
        rules: &Rulebook,
        same: &[RecordingId],
    ) -> Result<bool, ArchiveError> {
        for id in same {
            if let Some(recording) = self.catalog.recording(id)?
                && self.publishing(run, rules, &recording)?.cleared().is_none()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The patch that gives back the original of what is held, when it `is_out`.
    fn patch_of(
        &self,
        recording: &Recording,
        is_out: bool,
    ) -> Result<Option<FileHashes>, ArchiveError> {
        let is_held = recording.placement.is_some_and(|place| place.status == Status::Held);
        match recording.current().and_then(|holding| holding.patch) {
            Some((root, _)) if is_out && is_held => Ok(self.catalog.file(&root)?),
            _ => Ok(None),
        }
    }

    fn ids(&self) -> Result<std::vec::IntoIter<RecordingId>, ArchiveError> {
        Ok(self.catalog.recording_ids()?.into_iter())
    }
}

/// Where the list goes.
struct ListWriter<'w> {
    writer: &'w mut EditionWriter,
    covers: &'w mut Covers,
    /// Whether patches are out.
    patches: bool,
}

/// Recordings with a file, in list order.
struct Files<'a> {
    archive: &'a Archive,
    rules: Rulebook,
    ids: std::vec::IntoIter<RecordingId>,
}

impl Files<'_> {
    fn next(&mut self) -> Result<Option<Recording>, ArchiveError> {
        for id in self.ids.by_ref() {
            // One that is the same as another has no place in the list.
            if let Some(recording) = self.archive.catalog.recording(&id)?
                && recording.same_as.is_none()
            {
                return Ok(Some(recording));
            }
        }
        Ok(None)
    }
}

/// Whether a recording with a file stands before one that is known from tables; among equals it does.
fn comes_before(file: &Recording, known: &Listed) -> bool {
    let own = file.placement.map(|place| standing(place.listens, place.popularity));
    own.is_some_and(|own| own <= standing(known.listens, known.popularity))
}

fn listed(rank: Rank, recording: Recording, decision: Decision) -> Listed {
    let place = recording.placement;
    let status = place.map_or(Status::Planned, |place| place.status);
    let holding = recording.current().filter(|_| status == Status::Held).cloned();
    let format = recording.format;
    let (rate, own) = (format.sample_rate, (format.container, format.codec, format.extension));
    let ogg = |codec: &str, ending: &str| ("ogg".to_owned(), codec.to_owned(), ending.to_owned());
    let ((container, codec, extension), sample_rate) = match holding.as_ref().map(|it| it.tier) {
        Some(Tier::Opus(_)) => (ogg("opus", "opus"), 48_000),
        Some(Tier::Vorbis(_)) => (ogg("vorbis", "ogg"), rate),
        Some(Tier::Keep) | None => (own, rate),
    };
    let licence = decision.statement().map(|statement| statement.licence.id().to_owned());
    Listed {
        rank,
        id: recording.id,
        row: None,
        title: recording.title,
        artist_credit: recording.artists.join(", "),
        artists: recording.artists,
        isrcs: recording.isrcs,
        date: recording.date,
        duration_ms: format.duration_ms,
        listens: place.and_then(|place| place.listens),
        popularity: place.and_then(|place| place.popularity),
        tier: place.and_then(|place| place.tier),
        status,
        root: holding.as_ref().map(|holding| holding.hashes.root),
        original_root: Some(recording.original_root),
        bytes: holding.as_ref().map(|holding| holding.hashes.bytes),
        hashes: holding.map(|holding| holding.hashes),
        patch: None,
        container: Some(container),
        codec: Some(codec),
        extension: Some(extension),
        sample_rate: Some(sample_rate),
        channels: Some(format.channels.into()),
        loudness_lufs: recording.analysis.and_then(|analysis| analysis.loudness_lufs),
        tracks: recording.tracks.into_iter().map(listed_track).collect(),
        licence,
        clearance: match decision {
            Decision::Cleared(cleared) => Ok(cleared),
            Decision::HeldBack(held_back) => Err(held_back.in_public()),
        },
        holds_covers_back: false,
    }
}

pub(crate) fn listed_track(track: Track) -> ListedTrack {
    ListedTrack {
        release_key: track.release.id,
        release_title: track.release.title,
        release_artist: track.release.artist,
        date: track.release.date,
        discs: track.release.discs,
        disc: track.disc,
        position: track.position,
    }
}

/// The day, or the day and a number when that day has an edition already.
fn next_name(today: &str, names: &[String]) -> String {
    let is_free = |name: &String| !names.contains(name);
    let mut candidates =
        std::iter::once(today.to_owned()).chain((2..).map(|number| format!("{today}.{number}")));
    candidates.find(is_free).unwrap_or_else(|| today.to_owned())
}
