//! How far a phase is, how quick it is, and how long it will take: numbers only, and the time is told to it.

use deadwax_archive::{Amount, Phase};
use std::time::Duration;

/// Of what was done so long ago, half counts for how quick the work is now.
const HALF_LIFE_S: f64 = 20.0;

/// Before this nothing is said about the time left.
const FIRST_GUESS: Duration = Duration::from_secs(2);

/// A phase under way.
#[derive(Debug, Clone)]
pub struct Meter {
    phase: Phase,
    all: Amount,
    /// Of this something had to be done, and it was.
    worked: Amount,
    failed: u64,
    /// This was as it should be.
    passed: Amount,
    began: Duration,
    last: Duration,
    /// Work and the seconds that it took, what is long ago counting less.
    recent_work: f64,
    recent_s: f64,
}

/// What there is to say at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub phase: Phase,
    /// Done, failed and passed items.
    pub items: u64,
    /// All items; 0 is not known.
    pub items_of: u64,
    pub failed: u64,
    pub passed: u64,
    pub bytes: u64,
    pub bytes_of: u64,
    pub audio_ms: u64,
    pub audio_ms_of: u64,
    /// What was not only passed.
    pub worked: Amount,
    pub elapsed: Duration,
    /// Music worked on, by the time that took.
    pub realtime: Option<f64>,
    pub left: Option<Duration>,
    /// 0 to 1; 0 when it is not known.
    pub share: f64,
}

impl Meter {
    pub fn begin(phase: Phase, all: &Amount, now: Duration) -> Meter {
        Meter {
            phase,
            all: *all,
            worked: Amount::default(),
            failed: 0,
            passed: Amount::default(),
            began: now,
            last: now,
            recent_work: 0.0,
            recent_s: 0.0,
        }
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    pub fn item(&mut self, done: &Amount, now: Duration) {
        let (work, seconds) = self.recent(now);
        (self.recent_work, self.recent_s) = (work + self.work(done), seconds);
        self.last = now;
        self.worked.add(done);
    }

    pub fn failed(&mut self, done: &Amount, now: Duration) {
        self.item(done, now);
        self.failed += done.items;
    }

    pub fn passed(&mut self, amount: &Amount) {
        self.passed.add(amount);
    }

    pub fn read(&self, now: Duration) -> Reading {
        let mut done = self.worked;
        done.add(&self.passed);
        let elapsed = now.saturating_sub(self.began);
        let (work, seconds) = self.recent(now);
        let (all, done_work) = (self.work(&self.all), self.work(&done).min(self.work(&self.all)));
        let is_known = all > 0.0 && work > 0.0 && elapsed >= FIRST_GUESS;
        let left_s = is_known.then(|| (all - done_work) * seconds / work);
        let audio_s = self.worked.audio_ms as f64 / 1e3;
        Reading {
            phase: self.phase,
            items: done.items,
            items_of: self.all.items,
            failed: self.failed,
            passed: self.passed.items,
            bytes: done.bytes,
            bytes_of: self.all.bytes,
            audio_ms: done.audio_ms,
            audio_ms_of: self.all.audio_ms,
            worked: self.worked,
            elapsed,
            realtime: (audio_s > 0.0 && !elapsed.is_zero())
                .then(|| audio_s / elapsed.as_secs_f64()),
            left: left_s.and_then(|left| Duration::try_from_secs_f64(left).ok()),
            share: if all > 0.0 { done_work / all } else { 0.0 },
        }
    }

    /// Recent work and the seconds it took, as of now.
    fn recent(&self, now: Duration) -> (f64, f64) {
        let seconds = now.saturating_sub(self.last).as_secs_f64();
        let keeps = 0.5f64.powf(seconds / HALF_LIFE_S);
        (self.recent_work * keeps, self.recent_s * keeps + seconds)
    }

    /// How much work it is: time goes with seconds of music, else with bytes, and with the number of items only where
    /// nothing else is known.
    fn work(&self, amount: &Amount) -> f64 {
        match self.all {
            Amount { audio_ms: 1.., .. } => amount.audio_ms as f64,
            Amount { bytes: 1.., .. } => amount.bytes as f64,
            _ => amount.items as f64,
        }
    }
}
