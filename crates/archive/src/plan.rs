//! What is kept of which recording, and at which tier: a value that can be printed before anything
//! is done.
//!
//! A plan holds a row for each recording of which there is, or was, a file. Of those that are known from tables alone, which
//! may be hundreds of millions, nothing can be kept; they only take places in the list, and are counted.

use crate::choice::{Choices, KeptBecause, KeptInstead, settle};
use crate::order::{Standing, standing};
use crate::same_groups::SameGroups;
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::{Placement, Recording};
use deadwax_model::{Popularity, Rank, RecordingId, Status, Tier};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The list, and what is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Recordings with a file, in list order. Those known from tables stand between them.
    pub rows: Vec<PlanRow>,
    /// Recordings with a file that take no place, since another stands there for them.
    pub same: Vec<SameRow>,
    /// Recordings known from tables alone.
    pub known: KnownCounts,
    /// The limit it was made under.
    pub budget: Option<u64>,
    /// Every tier that the policy gives.
    pub tiers: BTreeSet<Tier>,
}

/// Recordings known from tables alone, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownCounts {
    /// How many there are.
    pub recordings: u64,
    /// Their listens together.
    pub listens: u128,
}

/// One recording in a plan.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PlanRow {
    /// Which one.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Its artist credit.
    pub artists: String,
    /// Its place.
    pub rank: Rank,
    /// Its listens; `null` when nobody counted.
    pub listens: Option<u64>,
    /// Its popularity; `null` when nobody counted.
    pub popularity: Option<Popularity>,
    /// What is to be kept; `null` when it is not to be kept.
    pub tier: Option<Tier>,
    /// Where it stands.
    pub status: Status,
    /// Bytes of its holding: as it is when it is held, else estimated.
    pub bytes: u64,
    /// The encoding that the policy wants and does not get; `null` when it gets what it wants.
    pub instead: Option<KeptInstead>,
}

/// One recording that is the same as another, which stands in the list for it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SameRow {
    /// Which one.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Its artist credit.
    pub artists: String,
    /// `same-as`.
    pub status: Status,
    /// The one that stands in the list.
    pub same_as: RecordingId,
    /// What says so: `rule 3`, or `ISRC US-RC1-76-07839`.
    pub because: String,
}

/// A plan in numbers.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PlanSummary {
    /// All recordings.
    pub recordings: u64,
    /// Count and bytes a tier: those that the policy gives, and those that occur.
    pub tiers: BTreeMap<String, CountBytes>,
    /// Count a status.
    pub statuses: BTreeMap<&'static str, u64>,
    /// Bytes of everything that is kept.
    pub bytes: u64,
    /// The limit, when there is one.
    pub budget: Option<u64>,
    /// Share of all counted listens that the kept recordings stand for, 0 to 1; `null` when nobody
    /// counted any.
    pub coverage: Option<f64>,
    /// The last place that is kept.
    pub last_kept_rank: Option<Rank>,
    /// Originals that are kept where the policy wants an encoding, by why.
    pub kept_instead: BTreeMap<KeptBecause, u64>,
}

/// A count and a size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct CountBytes {
    /// How many.
    pub count: u64,
    /// How large together.
    pub bytes: u64,
}

impl Archive {
    /// Makes a plan by the archive's policy. `budget` takes the place of the policy's.
    pub fn plan(&self, run: &Run<'_>, budget: Option<u64>) -> Result<Plan, ArchiveError> {
        self.plan_with(run, budget, &self.same_groups(run)?)
    }

    /// [`Archive::plan`], with these recordings taken for one.
    pub(crate) fn plan_with(
        &self,
        run: &Run<'_>,
        budget: Option<u64>,
        groups: &SameGroups,
    ) -> Result<Plan, ArchiveError> {
        let mut listens = self.catalog.listens()?;
        groups.share_listens(self, &mut listens)?;
        let failed: HashSet<RecordingId> = self.catalog.failed()?.into_iter().collect();
        let scale = self.policy.scale();
        let rules = self.catalog.rulebook()?;
        let (mut entries, mut same) = (Vec::new(), Vec::new());
        for id in self.catalog.recording_ids()? {
            run.go_on()?;
            let Some(recording) = self.catalog.recording_alone(&id)? else {
                continue;
            };
            if let Some((winner, ground)) = groups.winner(&id) {
                same.push(SameRow::new(&recording, winner, ground.to_string()));
                continue;
            }
            let listens = listens.get(&id).copied();
            let popularity = listens.map(|n| scale.of(n));
            let choices = self.choices(run, &rules, &recording, popularity)?;
            entries.push(Entry::new(&recording, listens, popularity, choices));
        }
        entries.sort_by(|a, b| a.order.cmp(&b.order));
        let list = entries.iter_mut().map(|it| (it.listens.unwrap_or(0), &mut it.choices));
        settle(self.policy.tiers(), &mut list.collect::<Vec<_>>());
        let budget = budget.or(self.policy.budget());
        let mut left = budget.unwrap_or(u64::MAX);
        let mut is_full = false;
        let mut rows = Vec::with_capacity(entries.len());
        let standings: Vec<Standing> = entries.iter().map(|entry| entry.order.0).collect();
        let (known, before) = self.known_before(run, &standings)?;
        if entries.len() as u64 + known.recordings > u64::from(u32::MAX) {
            return Err(too_many());
        }
        for ((index, entry), before) in entries.into_iter().enumerate().zip(before) {
            let choice = entry.choices.settled();
            let is_wanted = choice.tier.is_some();
            is_full = is_full || (is_wanted && choice.bytes > left);
            let status = match is_full {
                _ if !is_wanted => Status::ByPolicy,
                true => Status::OverBudget,
                false if choice.is_held => Status::Held,
                false if failed.contains(&entry.id) => Status::Failed,
                false => Status::Planned,
            };
            let is_kept = is_wanted && !is_full;
            if is_kept {
                left -= choice.bytes;
            }
            let number = u32::try_from(index as u64 + 1 + before).ok().and_then(Rank::new);
            rows.push(PlanRow {
                rank: number.ok_or_else(too_many)?,
                tier: choice.tier.filter(|_| is_kept),
                status,
                id: entry.id,
                title: entry.title,
                artists: entry.artists,
                listens: entry.listens,
                popularity: entry.popularity,
                bytes: choice.bytes,
                instead: choice.instead.filter(|_| is_kept),
            });
        }
        same.sort_by(|a, b| (&a.same_as, &a.id).cmp(&(&b.same_as, &b.id)));
        Ok(Plan { rows, same, known, budget, tiers: self.policy.tiers().all() })
    }

    /// How many recordings known from tables there are, and how many of them come before each of these recordings with a
    /// file, which come first among equals. One walk along the counts; nothing is sorted.
    fn known_before(
        &self,
        run: &Run<'_>,
        files: &[Standing],
    ) -> Result<(KnownCounts, Vec<u64>), ArchiveError> {
        let recordings = self.known_recordings()?;
        let mut known = KnownCounts { recordings, listens: 0 };
        // By how many files stand before them.
        let mut behind = vec![0u64; files.len() + 1];
        let place = |it: Standing| files.partition_point(|file| *file <= it);
        let scale = self.policy.scale();
        let mut counted = 0u64;
        self.catalog.known_listens(&mut |listens| {
            if counted.is_multiple_of(65_536) {
                run.go_on()?;
            }
            counted += 1;
            known.listens += u128::from(listens);
            if !files.is_empty() {
                behind[place(standing(Some(listens), Some(scale.of(listens))))] += 1;
            }
            Ok::<(), ArchiveError>(())
        })?;
        behind[place(standing(None, None))] += recordings.saturating_sub(counted);
        let sums = behind.into_iter().scan(0, |sum, number| {
            *sum += number;
            Some(*sum)
        });
        Ok((known, sums.take(files.len()).collect()))
    }

    /// Writes the plan's places and tiers into the catalogue. No holding is made or removed.
    pub fn carry_out(&self, plan: &Plan) -> Result<(), ArchiveError> {
        let places: Vec<(RecordingId, Placement)> =
            plan.rows.iter().map(|row| (row.id.clone(), row.placement())).collect();
        let same: Vec<(RecordingId, RecordingId)> =
            plan.same.iter().map(|row| (row.id.clone(), row.same_as.clone())).collect();
        self.catalog.begin()?;
        self.catalog.place(&places)?;
        self.catalog.set_same_as(&same)?;
        Ok(self.catalog.commit()?)
    }
}

impl SameRow {
    fn new(recording: &Recording, same_as: &RecordingId, because: String) -> SameRow {
        SameRow {
            id: recording.id.clone(),
            title: recording.title.clone(),
            artists: recording.artists.join(", "),
            status: Status::SameAs,
            same_as: same_as.clone(),
            because,
        }
    }
}

impl PlanRow {
    fn placement(&self) -> Placement {
        Placement {
            rank: self.rank,
            listens: self.listens,
            popularity: self.popularity,
            tier: self.tier,
            status: self.status,
        }
    }
}

impl Plan {
    /// The plan in numbers.
    pub fn summary(&self) -> PlanSummary {
        let tier = |tier: &Tier| (tier.to_string(), CountBytes::default());
        let mut tiers: BTreeMap<_, _> = self.tiers.iter().map(tier).collect();
        let (mut statuses, mut kept_instead) = (BTreeMap::new(), BTreeMap::new());
        let (mut all, mut covered, mut last_kept_rank) = (self.known.listens, 0u128, None);
        if !self.same.is_empty() {
            statuses.insert(Status::SameAs.as_str(), self.same.len() as u64);
        }
        if self.known.recordings > 0 {
            statuses.insert(Status::NoSource.as_str(), self.known.recordings);
        }
        for row in &self.rows {
            let listens = u128::from(row.listens.unwrap_or(0));
            all += listens;
            *statuses.entry(row.status.as_str()).or_default() += 1;
            if let Some(tier) = row.tier {
                covered += listens;
                last_kept_rank = Some(row.rank);
                let sum = tiers.entry(tier.to_string()).or_default();
                sum.count += 1;
                sum.bytes += row.bytes;
            }
            if let Some(instead) = row.instead {
                *kept_instead.entry(instead.because).or_default() += 1;
            }
        }
        PlanSummary {
            recordings: self.rows.len() as u64 + self.known.recordings,
            bytes: tiers.values().map(|sum| sum.bytes).sum(),
            tiers,
            statuses,
            budget: self.budget,
            coverage: (all > 0).then(|| covered as f64 / all as f64),
            last_kept_rank,
            kept_instead,
        }
    }
}

pub(crate) fn too_many() -> ArchiveError {
    ArchiveError::Refused("a list has at most 4,294,967,295 recordings".to_owned())
}

struct Entry {
    id: RecordingId,
    title: String,
    artists: String,
    listens: Option<u64>,
    popularity: Option<Popularity>,
    choices: Choices,
    order: Order,
}

/// The order of the list: by listens, among equals as a shelf is sorted: artist, release, disc, position, title;
/// the id settles the rest.
type Order = (Standing, String, String, u32, u32, String, RecordingId);

impl Entry {
    fn new(
        recording: &Recording,
        listens: Option<u64>,
        popularity: Option<Popularity>,
        choices: Choices,
    ) -> Entry {
        let track = recording.tracks.first();
        let artists = recording.artists.join(", ");
        let shelf =
            track.and_then(|track| track.release.artist.clone()).unwrap_or_else(|| artists.clone());
        let order = (
            standing(listens, popularity),
            shelf.to_lowercase(),
            track.map(|track| track.release.title.to_lowercase()).unwrap_or_default(),
            track.and_then(|track| track.disc).unwrap_or(0),
            track.and_then(|track| track.position).unwrap_or(u32::MAX),
            recording.title.to_lowercase(),
            recording.id.clone(),
        );
        Entry {
            id: recording.id.clone(),
            title: recording.title.clone(),
            artists,
            listens,
            popularity,
            choices,
            order,
        }
    }
}
