//! Progress as lines for a log: one when a phase begins, one every ten seconds, and one when it is done.

use super::meter::Meter;
use super::{Clock, Say, words};
use crate::text::{plain, size};
use deadwax_archive::{Amount, Phase, Progress};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Between two lines of a phase.
const PAUSE: Duration = Duration::from_secs(10);

pub struct Lines {
    clock: Clock,
    say: Say,
    is_verbose: bool,
    state: Mutex<Option<State>>,
}

struct State {
    meter: Meter,
    said: Duration,
}

impl Lines {
    pub fn new(clock: Clock, say: Say, is_verbose: bool) -> Lines {
        Lines { clock, say, is_verbose, state: Mutex::new(None) }
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn note(&self, name: &str, amount: &Amount, note: impl FnOnce(&mut Meter, Duration)) {
        let now = (self.clock)();
        let mut state = self.state();
        let Some(State { meter, said }) = &mut *state else { return };
        note(meter, now);
        if self.is_verbose && !name.is_empty() {
            (self.say)(&item_line(meter.phase(), name, amount));
        } else if now.saturating_sub(*said) >= PAUSE {
            *said = now;
            (self.say)(&format!(
                "{}: {}",
                meter.phase().name(),
                words::under_way(&meter.read(now))
            ));
        }
    }
}

/// `build: Morning (1.2 MB)`.
pub fn item_line(phase: Phase, name: &str, amount: &Amount) -> String {
    // A title may hold anything; a terminal should see none of its control characters.
    let (phase, name) = (phase.name(), plain(name));
    match amount.bytes {
        0 => format!("{phase}: {name}"),
        bytes => format!("{phase}: {name} ({})", size(bytes)),
    }
}

impl Progress for Lines {
    fn begin(&self, phase: Phase, all: &Amount) {
        let now = (self.clock)();
        (self.say)(&format!("{}: {}", phase.name(), words::begun(all)));
        *self.state() = Some(State { meter: Meter::begin(phase, all, now), said: now });
    }

    fn item(&self, name: &str, done: &Amount) {
        self.note(name, done, |meter, now| meter.item(done, now));
    }

    fn failed(&self, name: &str, done: &Amount) {
        self.note(name, done, |meter, now| meter.failed(done, now));
    }

    fn passed(&self, name: &str, amount: &Amount) {
        self.note(name, amount, |meter, _| meter.passed(amount));
    }

    fn end(&self) {
        if let Some(State { meter, .. }) = self.state().take()
            && let Some(line) = words::done(&meter.read((self.clock)()))
        {
            (self.say)(&line);
        }
    }
}
