//! Two fingerprints, side by side.

use super::keys::key;
use super::uniform::is_uniform;
use super::{STEP_SECONDS, head, score};

/// Copies score at least so much over all that they share (docs/formats/same-recording.md has the measurements).
const SAME: f64 = 0.75;
/// And at least so much over each ten seconds of it: another mix, or a take with other words, differs in places.
const SAME_ANYWHERE: f64 = 0.6;
/// A stretch of ten seconds: what copies share, and what [`SAME_ANYWHERE`] is asked of.
const STRETCH: usize = 80;
/// Who shares less has to be so much alike.
const SAME_SHORT: f64 = 0.9;
/// The least that shows it where it is a part of the longer one; below, it has to be nearly all of both.
const SHORT: usize = 50;
/// The shortest that are compared, five seconds of sound.
const SHORTEST: usize = 22;
/// Offsets that are tried: those that most equal keys speak for.
const TRIED: usize = 4;
/// A key that stands so often in a fingerprint says nothing of where it belongs.
const MOST_OF_A_KEY: usize = 16;

/// How two fingerprints lie on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// 1 when all bits agree, 0 when they agree as often as not.
    pub score: f64,
    /// The score of the ten seconds that are least alike.
    pub lowest: f64,
    /// How many sub-fingerprints of the first lie before the start of the second; below 0 for the other way round.
    pub offset: i32,
    /// How many sub-fingerprints they share.
    pub overlap: usize,
}

impl Likeness {
    /// Seconds of the first before the start of the second.
    pub fn offset_seconds(&self) -> f64 {
        f64::from(self.offset) * STEP_SECONDS
    }

    /// Seconds that both have. A sub-fingerprint stands for one step, though it sees 2.6 s.
    pub fn overlap_seconds(&self) -> f64 {
        self.overlap as f64 * STEP_SECONDS
    }
}

/// What two fingerprints say of their recordings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The same recording.
    Same(Likeness),
    /// Not the same, or nothing shows that they are; how they lie best, where some keys are equal.
    Different(Option<Likeness>),
    /// At least one is too short: it has less than about five seconds.
    TooShort,
    /// What they share is silence, a drone or a loop, of which many recordings have the like.
    TooUniform,
}

impl Verdict {
    /// The likeness of recordings that are the same.
    pub fn same(self) -> Option<Likeness> {
        match self {
            Verdict::Same(likeness) => Some(likeness),
            _ => None,
        }
    }
}

/// Compares two fingerprints as `fpcalc -raw` prints them; of longer ones the first two minutes.
///
/// The offset is the one, of the few that most equal keys speak for, with the highest score, after AcoustID's server
/// (pg_acoustid, `acoustid_compare2`).
pub fn compare(a: &[u32], b: &[u32]) -> Verdict {
    let (a, b) = (head(a), head(b));
    if a.len().min(b.len()) < SHORTEST {
        return Verdict::TooShort;
    }
    let best = offsets(a, b)
        .into_iter()
        .flat_map(|offset| offset - 1..=offset + 1)
        .filter_map(|offset| lay(a, b, offset))
        .max_by(|(one, _), (other, _)| one.score.total_cmp(&other.score));
    let Some((likeness, shared)) = best else {
        // Of two that are nothing but the same hum every key stands too often.
        return match is_uniform(a, SAME) && is_uniform(b, SAME) {
            true => Verdict::TooUniform,
            false => Verdict::Different(None),
        };
    };
    if !is_alike(&likeness, a.len().min(b.len()), a.len().max(b.len())) {
        return Verdict::Different(Some(likeness));
    }
    match shared.into_iter().any(|stretch| is_uniform(stretch, SAME)) {
        true => Verdict::TooUniform,
        false => Verdict::Same(likeness),
    }
}

/// Whether so much likeness shows that two fingerprints of these lengths are of one recording.
fn is_alike(likeness: &Likeness, shorter: usize, longer: usize) -> bool {
    let overlap = likeness.overlap;
    // Less than half is a part that two recordings have in common: a medley, a jingle, the applause between two.
    let is_enough = overlap * 2 >= shorter;
    is_enough
        && match overlap {
            STRETCH.. => likeness.score >= SAME && likeness.lowest >= SAME_ANYWHERE,
            SHORT.. => likeness.score >= SAME_SHORT,
            _ => likeness.score >= SAME_SHORT && overlap * 10 >= longer * 9,
        }
}

/// How they lie on each other at an offset, and what each has there; `None` where they share too little.
fn lay<'a>(a: &'a [u32], b: &'a [u32], offset: i32) -> Option<(Likeness, [&'a [u32]; 2])> {
    let skip = |steps: i32| usize::try_from(steps.max(0)).unwrap_or(0);
    let (a, b) = (a.get(skip(offset)..)?, b.get(skip(-offset)..)?);
    let overlap = a.len().min(b.len());
    if overlap < SHORTEST {
        return None;
    }
    let (a, b) = (&a[..overlap], &b[..overlap]);
    let score = score(a, b);
    Some((Likeness { score, lowest: lowest(a, b), offset, overlap }, [a, b]))
}

/// The score of the stretch of ten seconds that is least alike, or of all when it is shorter.
fn lowest(a: &[u32], b: &[u32]) -> f64 {
    let last = a.len().saturating_sub(STRETCH);
    let stretches = (0..last).step_by(STRETCH / 2).chain([last]);
    let end = |start: usize| a.len().min(start + STRETCH);
    stretches.map(|start| score(&a[start..end(start)], &b[start..end(start)])).fold(1.0, f64::min)
}

/// The offsets that most equal keys speak for, counting those one step beside: lossy codecs and cuts between two steps
/// move keys by one.
fn offsets(a: &[u32], b: &[u32]) -> Vec<i32> {
    let (a_keys, b_keys) = (places(a), places(b));
    let mut votes = vec![0u16; a.len() + b.len() + 1];
    let (mut i, mut j) = (0, 0);
    while let (Some(one), Some(other)) = (a_keys.get(i), b_keys.get(j)) {
        let (key, other) = (one.0, other.0);
        let run = |keys: &[(u32, u32)]| keys.iter().take_while(|(it, _)| *it == key).count();
        match key.cmp(&other) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                let (in_a, in_b) = (run(&a_keys[i..]), run(&b_keys[j..]));
                if in_a.max(in_b) <= MOST_OF_A_KEY {
                    for (_, at) in &a_keys[i..i + in_a] {
                        for (_, place) in &b_keys[j..j + in_b] {
                            votes[*at as usize + b.len() - *place as usize] += 1;
                        }
                    }
                }
                (i, j) = (i + in_a, j + in_b);
            }
        }
    }
    let mut counted: Vec<(u16, usize)> = (1..votes.len() - 1)
        .map(|place| (votes[place - 1..=place + 1].iter().sum(), place))
        .filter(|(votes, _)| *votes > 0)
        .collect();
    counted.sort_unstable_by_key(|(votes, place)| (std::cmp::Reverse(*votes), *place));
    counted.truncate(TRIED);
    counted.into_iter().map(|(_, place)| place as i32 - b.len() as i32).collect()
}

/// Keys and their positions, sorted.
fn places(fingerprint: &[u32]) -> Vec<(u32, u32)> {
    let mut keys: Vec<(u32, u32)> = fingerprint.iter().map(|&step| key(step)).zip(0..).collect();
    keys.sort_unstable();
    keys
}
