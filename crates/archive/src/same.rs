//! Recordings that sound the same: found by their fingerprints, told in pairs, made one or kept apart by the operator.
//! Specified in docs/formats/same-recording.md.

use crate::same_groups::SameGroups;
use crate::source_order::{SourceStanding, duration_ms};
use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_audio::analyse::{Fingerprint, FingerprintError};
use deadwax_audio::same::{Index, IndexBuilder, Likeness, Verdict, compare};
use deadwax_catalog::{Recording, SameRule, SameWord};
use deadwax_model::{Isrc, RecordingId};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

/// Memory for an index, where none is given: a million recordings at a time.
const INDEX_BYTES: usize = 512 << 20;
/// How many milliseconds two lengths may be apart and still be one: what encoders and rippers add and leave out.
const LENGTHS_APART_MS: u64 = 3000;

/// Two recordings that sound the same; its JSON form is specified in docs/formats/json.md.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SamePair {
    /// The one whose file is the better source: it would be kept.
    pub better: SameSide,
    /// The other one.
    pub other: SameSide,
    /// Why the better is better.
    pub wins_by: &'static str,
    /// How alike they are: 1 when all bits of the fingerprints agree.
    pub score: f64,
    /// How much of the fingerprints they share.
    pub overlap_ms: u64,
    /// How much of the better lies before the start of the other; below 0 for the other way round.
    pub offset_ms: i64,
    /// Whether they are as long, within three seconds; `null` when a length is not known.
    pub same_length: Option<bool>,
    /// An ISRC that both carry.
    pub shared_isrc: Option<Isrc>,
    /// The operator's rule about the two, if there is one.
    pub rule: Option<u32>,
    /// Whether the rules and the policy, as they are now, make them one in the next plan.
    pub is_merged: bool,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SameSide {
    /// Which recording.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Artist names, in order.
    pub artists: Vec<String>,
    /// Its length.
    pub duration_ms: Option<u64>,
    /// What its file holds, in words.
    pub format: String,
    /// Where it came from.
    pub source: Option<String>,
}

/// What a search for pairs went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct SameStats {
    /// Recordings whose fingerprints were compared.
    pub compared: u64,
    /// Recordings that have none that can be compared: `build` makes them, but not of less than about three seconds.
    pub without: u64,
    /// Pairs found.
    pub pairs: u64,
    /// Pairs that agree in nothing but silence, hum or a loop, and are not told.
    pub too_uniform: u64,
}

/// Recordings that are indexed at a time, in order of their ids.
struct Part {
    ids: Vec<RecordingId>,
    index: Index,
    /// The last one that was looked at, also when its fingerprint cannot be read; `None` when there was none.
    last: Option<RecordingId>,
}

type EachFingerprint<'a> =
    dyn FnMut(RecordingId, Result<Fingerprint, FingerprintError>) -> Result<(), ArchiveError> + 'a;

/// Two recordings, compared.
pub(crate) struct Compared {
    pub likeness: Likeness,
    /// `None` when a length is not known.
    pub same_length: Option<bool>,
}

/// How two recordings compare; `None` when they are not the same, or nothing shows it.
pub(crate) fn compared(a: &Recording, b: &Recording) -> Option<Compared> {
    let likeness = verdict(a, b)?.same()?;
    Some(Compared { likeness, same_length: are_as_long(a, b) })
}

fn verdict(a: &Recording, b: &Recording) -> Option<Verdict> {
    Some(compare(&fingerprint(a)?.raw, &fingerprint(b)?.raw))
}

fn fingerprint(recording: &Recording) -> Option<Fingerprint> {
    Fingerprint::from_text(recording.analysis.as_ref()?.fingerprint.as_ref()?).ok()
}

fn are_as_long(a: &Recording, b: &Recording) -> Option<bool> {
    Some(are_lengths_one(duration_ms(a)?, duration_ms(b)?))
}

/// Whether two lengths in milliseconds may be one.
pub(crate) fn are_lengths_one(a: u64, b: u64) -> bool {
    a.abs_diff(b) <= LENGTHS_APART_MS
}

impl Archive {
    /// Gives each pair of recordings that sound the same, once, of those of which there is, or was, a file that was decoded. They
    /// come in the order of the later id, as far as all recordings fit into memory at a time. Changes nothing.
    pub fn same(
        &self,
        run: &Run<'_>,
        each: impl FnMut(SamePair) -> io::Result<()>,
    ) -> Result<SameStats, ArchiveError> {
        self.same_within(run, INDEX_BYTES, each)
    }

    /// [`Archive::same`], with so much memory for the index. Where all recordings do not fit, one part after the other is
    /// indexed, and those behind it are looked up in each.
    pub fn same_within(
        &self,
        run: &Run<'_>,
        index_bytes: usize,
        mut each: impl FnMut(SamePair) -> io::Result<()>,
    ) -> Result<SameStats, ArchiveError> {
        let at_once = (index_bytes / IndexBuilder::BYTES_EACH).clamp(1, IndexBuilder::MOST);
        let recordings = self.catalog.counts()?.0;
        let looked_up = (0..recordings).step_by(at_once).map(|before| recordings - before).sum();
        run.progress.begin(Phase::Compare, &Amount { items: looked_up, ..Amount::default() });
        let mut search = Search::begin(self, run)?;
        let mut after: Option<RecordingId> = None;
        loop {
            let Part { ids, index, last } = self.index_part(run, after.as_ref(), at_once)?;
            if last.is_none() {
                break;
            }
            self.each_fingerprint(run, (after.as_ref(), usize::MAX), &mut |id, print| {
                run.progress.item(id.as_str(), &Amount::item(0));
                let Ok(print) = print else { return Ok(()) };
                let before = ids.partition_point(|known| *known < id);
                for candidate in index.candidates(&print.raw, before as u32) {
                    if let Some(pair) = search.judge(&ids[candidate.owner as usize], &id, &print)? {
                        each(pair)
                            .map_err(ArchiveError::io("write", Path::new("standard output")))?;
                    }
                }
                Ok(())
            })?;
            search.stats.compared += ids.len() as u64;
            after = last;
        }
        run.progress.end();
        search.stats.without = recordings.saturating_sub(search.stats.compared);
        Ok(search.stats)
    }

    /// The next recordings behind `after`, in order of their ids, and the index of their fingerprints.
    fn index_part(
        &self,
        run: &Run<'_>,
        after: Option<&RecordingId>,
        most: usize,
    ) -> Result<Part, ArchiveError> {
        let known = usize::try_from(self.catalog.counts()?.0).unwrap_or(usize::MAX);
        let mut builder = IndexBuilder::with_room_for(known.min(most));
        let (mut ids, mut last) = (Vec::new(), None);
        self.each_fingerprint(run, (after, most), &mut |id, print| {
            last = Some(id.clone());
            if let Ok(print) = print {
                builder.push(&print.raw);
                ids.push(id);
            }
            Ok(())
        })?;
        Ok(Part { ids, index: builder.finish(), last })
    }

    /// The fingerprints behind an id, and at most so many, in order of ids.
    fn each_fingerprint(
        &self,
        run: &Run<'_>,
        (after, most): (Option<&RecordingId>, usize),
        each: &mut EachFingerprint<'_>,
    ) -> Result<(), ArchiveError> {
        self.catalog.fingerprints(after, most, &mut |id, text| {
            run.go_on()?;
            each(id, Fingerprint::from_text(text))
        })
    }

    /// Notes that two recordings are the same. The next plan gives a place to the better one alone.
    ///
    /// # Errors
    /// They do not sound the same, are not as long, or that cannot be told, unless `even_so` says that somebody has heard
    /// both.
    pub fn merge_same(
        &self,
        [a, b]: [&Recording; 2],
        ground: &str,
        even_so: bool,
    ) -> Result<SameRule, ArchiveError> {
        refuse_one(a, b)?;
        if let Some(doubt) = doubt(a, b).filter(|_| !even_so) {
            return Err(ArchiveError::Refused(format!(
                "{} and {} were not merged: {doubt}; if you have heard both and they are the same, add --even-so",
                a.id, b.id
            )));
        }
        self.add_rule(SameWord::Merge, a, b, ground)
    }

    /// Notes that two recordings are not the same, whatever else says so.
    pub fn split_same(
        &self,
        [a, b]: [&Recording; 2],
        ground: &str,
    ) -> Result<SameRule, ArchiveError> {
        refuse_one(a, b)?;
        self.add_rule(SameWord::Split, a, b, ground)
    }

    fn add_rule(
        &self,
        says: SameWord,
        a: &Recording,
        b: &Recording,
        ground: &str,
    ) -> Result<SameRule, ArchiveError> {
        let mut rule = SameRule::new(says, a.id.clone(), b.id.clone(), ground.to_owned());
        rule.number = self.catalog.add_same_rule(&rule)?;
        Ok(rule)
    }
}

fn refuse_one(a: &Recording, b: &Recording) -> Result<(), ArchiveError> {
    match a.id == b.id {
        true => Err(ArchiveError::Refused(format!(
            "{} is one recording; name two, as `deadwax same` lists them",
            a.id
        ))),
        false => Ok(()),
    }
}

/// What speaks against two recordings being the same, in a sentence; `None` when nothing does.
fn doubt(a: &Recording, b: &Recording) -> Option<String> {
    for recording in [a, b] {
        if fingerprint(recording).is_none() {
            return Some(format!(
                "{} has no fingerprint to compare (deadwax build makes those of what it decodes)",
                recording.id
            ));
        }
    }
    let length = |recording| match duration_ms(recording) {
        Some(ms) => format!("{:.1} s", ms as f64 / 1000.0),
        None => "of unknown length".to_owned(),
    };
    match verdict(a, b)? {
        Verdict::Same(_) if are_as_long(a, b) == Some(true) => None,
        Verdict::Same(_) => Some(format!(
            "they sound the same in their first two minutes, and their lengths differ ({} and {})",
            length(a),
            length(b)
        )),
        Verdict::Different(Some(likeness)) => Some(format!(
            "they do not sound the same (score {:.2}, {:.0} s in common)",
            likeness.score.max(0.0),
            likeness.overlap_seconds()
        )),
        Verdict::Different(None) => {
            Some("they do not sound the same (nothing in common)".to_owned())
        }
        Verdict::TooShort => Some("they are too short to compare".to_owned()),
        Verdict::TooUniform => {
            Some("they are too uniform to compare (silence, a hum or a loop)".to_owned())
        }
    }
}

/// A search for pairs under way.
struct Search<'a> {
    archive: &'a Archive,
    rules: BTreeMap<[RecordingId; 2], u32>,
    groups: SameGroups,
    failed: HashSet<RecordingId>,
    stats: SameStats,
}

impl<'a> Search<'a> {
    fn begin(archive: &'a Archive, run: &Run<'_>) -> Result<Search<'a>, ArchiveError> {
        let rules = archive.catalog.same_rules()?.into_iter();
        Ok(Search {
            archive,
            rules: rules.map(|rule| (rule.pair, rule.number)).collect(),
            groups: archive.same_groups(run)?,
            failed: archive.failed_ids()?,
            stats: SameStats::default(),
        })
    }

    /// The pair that an earlier recording and this one make, if they are the same.
    fn judge(
        &mut self,
        earlier: &RecordingId,
        later: &RecordingId,
        print: &Fingerprint,
    ) -> Result<Option<SamePair>, ArchiveError> {
        let Some(a) = self.archive.catalog.recording_alone(earlier)? else { return Ok(None) };
        let verdict = fingerprint(&a).map(|known| compare(&known.raw, &print.raw));
        let likeness = match verdict {
            Some(Verdict::Same(likeness)) => likeness,
            verdict => {
                self.stats.too_uniform += u64::from(verdict == Some(Verdict::TooUniform));
                return Ok(None);
            }
        };
        let Some(b) = self.archive.catalog.recording_alone(later)? else { return Ok(None) };
        self.stats.pairs += 1;
        self.pair(&a, &b, likeness).map(Some)
    }

    fn pair(
        &self,
        a: &Recording,
        b: &Recording,
        likeness: Likeness,
    ) -> Result<SamePair, ArchiveError> {
        let standing = |it: &Recording| SourceStanding::of(it, self.failed.contains(&it.id));
        let (of_a, of_b) = (standing(a), standing(b));
        let offset_ms = (likeness.offset_seconds() * 1000.0).round() as i64;
        let (better, other, wins_by, offset_ms) = match of_a.beats(&of_b) {
            Some(why) => (a, b, why, offset_ms),
            None => (b, a, of_b.beats(&of_a).unwrap_or_default(), -offset_ms),
        };
        let mut pair = [a.id.clone(), b.id.clone()];
        pair.sort();
        Ok(SamePair {
            better: self.side(better)?,
            other: self.side(other)?,
            wins_by,
            score: (likeness.score * 1000.0).round() / 1000.0,
            overlap_ms: (likeness.overlap_seconds() * 1000.0).round() as u64,
            offset_ms,
            same_length: are_as_long(a, b),
            shared_isrc: a.isrcs.iter().copied().find(|isrc| b.isrcs.contains(isrc)),
            rule: self.rules.get(&pair).copied(),
            is_merged: self.groups.are_one(&a.id, &b.id),
        })
    }

    fn side(&self, recording: &Recording) -> Result<SameSide, ArchiveError> {
        let paths = self.archive.catalog.paths_of(&recording.original_root)?;
        Ok(SameSide {
            id: recording.id.clone(),
            title: recording.title.clone(),
            artists: recording.artists.clone(),
            duration_ms: duration_ms(recording),
            format: crate::details::format_in_words(recording),
            source: paths.first().map(|path| path.display().to_string()),
        })
    }
}
