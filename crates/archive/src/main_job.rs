//! The main job in one line: init, add, plan, build, publish, verify.

use crate::{Archive, ArchiveError, CountBytes, Run, SignedUnder};
use deadwax_edition::{EditionSummary, PackSummary};
use deadwax_model::{Problem, Tier};
use deadwax_rights::Licence;
use std::collections::BTreeMap;
use std::path::Path;

/// What to do with a folder of music.
#[derive(Debug, Clone, Default)]
pub struct MainJob<'a> {
    /// A table of listens to take in beside it.
    pub listens: Option<&'a Path>,
    /// A licence that holds for all of it.
    pub licence: Option<&'a Licence>,
    /// A limit in place of the policy's.
    pub budget: Option<u64>,
}

/// The document that `archive --json` ends with; specified in docs/formats/json.md.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ArchiveReport {
    /// The archive's folder.
    pub archive: String,
    /// The edition, relative to it.
    pub edition: String,
    /// Recordings in the list.
    pub recordings: u64,
    /// Releases they are on.
    pub releases: u64,
    /// What is kept, by tier.
    pub holdings: BTreeMap<String, CountBytes>,
    /// Recordings whose original comes back bit for bit, each proved when it was built.
    pub restorable: u64,
    /// What the patches for that take.
    pub patch_bytes: u64,
    /// Recordings that may be published.
    pub cleared: u64,
    /// Recordings that may not, or not yet.
    pub held_back: u64,
    /// The packs of audio of the edition.
    pub packs: Vec<PackReport>,
    /// Its covers.
    pub artwork: ArtworkReport,
    /// Under which root the edition is signed.
    pub trust: SignedUnder,
    /// What did not go well.
    pub problems: Vec<Problem>,
}

/// The covers of an edition.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ArtworkReport {
    /// How many releases, and recordings on none, have a cover.
    pub covers: u64,
    /// Of how many it is in a pack.
    pub out: u64,
    /// The packs.
    pub packs: Vec<PackReport>,
}

/// One pack.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PackReport {
    /// Its name.
    pub name: String,
    /// Its torrent, relative to the archive.
    pub torrent: String,
    /// Its folder, relative to the archive.
    pub folder: String,
    /// How many files are in it.
    pub files: u64,
    /// How large they are together.
    pub bytes: u64,
    /// v1 info hash, hex.
    pub infohash_v1: String,
    /// v2 info hash, hex.
    pub infohash_v2: String,
}

impl Archive {
    /// Takes `music` in and carries it through to a verified edition.
    pub fn archive(
        &self,
        run: &Run<'_>,
        music: &Path,
        job: &MainJob<'_>,
    ) -> Result<ArchiveReport, ArchiveError> {
        self.check_day(run)?;
        let mut problems = self.add_music(run, music, job.licence)?.problems;
        if let Some(listens) = job.listens {
            problems.extend(self.add_listens(listens)?.problems);
        }
        problems.extend(self.plan_and_build(run, job.budget)?.problems);
        let published = self.publish(run)?;
        problems.extend(published.problems.iter().cloned());
        let verified = self.verify(run)?;
        for fault in verified.damaged.iter().chain(&verified.missing) {
            let (path, what) = (fault.path.clone(), format!("{}: {}", fault.of, fault.what));
            problems.push(Problem { path, what, next: fault.next.clone() });
        }
        problems.sort();
        problems.dedup();
        self.report(published.edition, &published.summary, problems)
    }

    fn report(
        &self,
        edition: String,
        summary: &EditionSummary,
        problems: Vec<Problem>,
    ) -> Result<ArchiveReport, ArchiveError> {
        let tier = |tier: Tier| (tier.to_string(), CountBytes::default());
        let mut holdings: BTreeMap<_, _> =
            self.policy.tiers().all().into_iter().map(tier).collect();
        let (mut restorable, mut patch_bytes) = (0, 0);
        for id in self.catalog.recording_ids()? {
            let Some(recording) = self.catalog.recording(&id)? else { continue };
            if recording.same_as.is_some() {
                continue;
            }
            if let Some(holding) = recording.current() {
                let sum = holdings.entry(holding.tier.to_string()).or_default();
                sum.count += 1;
                sum.bytes += holding.hashes.bytes;
            }
            if let Some(original) = recording.holding(Tier::Keep) {
                restorable += 1;
                patch_bytes += original.patch.map_or(0, |(_, bytes)| bytes);
            }
        }
        let packs = |packs: &[PackSummary]| {
            packs.iter().map(|pack| PackReport::of(&edition, pack)).collect::<Vec<_>>()
        };
        Ok(ArchiveReport {
            archive: self.folder.display().to_string(),
            packs: packs(&summary.packs),
            artwork: ArtworkReport {
                covers: summary.artwork.covers,
                out: summary.artwork.out,
                packs: packs(&summary.artwork.packs),
            },
            edition,
            recordings: summary.recordings,
            releases: summary.releases,
            holdings,
            restorable,
            patch_bytes,
            cleared: summary.cleared,
            held_back: summary.held_back,
            trust: self.signed_under()?,
            problems,
        })
    }
}

impl PackReport {
    /// `edition` is relative to the archive.
    fn of(edition: &str, pack: &PackSummary) -> PackReport {
        PackReport {
            name: pack.name.clone(),
            torrent: format!("{edition}/{}", pack.torrent),
            folder: format!("{edition}/{}", pack.folder),
            files: pack.files,
            bytes: pack.bytes,
            infohash_v1: pack.infohash_v1.clone(),
            infohash_v2: pack.infohash_v2.clone(),
        }
    }
}
