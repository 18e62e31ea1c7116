//! Progress as events for a program, a JSON object a line: docs/formats/json.md, "Progress events".

use super::meter::{Meter, Reading};
use super::{Clock, Say};
use deadwax_archive::{Amount, Phase, Progress};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Between two events of a phase under way.
const PAUSE: Duration = Duration::from_millis(250);

pub struct Events {
    clock: Clock,
    say: Say,
    is_verbose: bool,
    state: Mutex<Option<State>>,
}

struct State {
    meter: Meter,
    said: Duration,
}

/// A phase begins, goes on or ends.
#[derive(Serialize)]
struct Event {
    event: &'static str,
    phase: String,
    done: u64,
    of: Option<u64>,
    failed: u64,
    passed: u64,
    audio_ms: u64,
    audio_ms_of: Option<u64>,
    bytes: u64,
    bytes_of: Option<u64>,
    elapsed_s: f64,
    realtime: Option<f64>,
    left_s: Option<f64>,
}

/// One thing is done.
#[derive(Serialize)]
struct Item<'a> {
    event: &'static str,
    phase: String,
    name: &'a str,
    bytes: u64,
    audio_ms: u64,
}

impl Event {
    fn of(event: &'static str, reading: &Reading) -> Event {
        let known = |number: u64| (number > 0).then_some(number);
        Event {
            event,
            phase: reading.phase.name(),
            done: reading.items,
            of: known(reading.items_of),
            failed: reading.failed,
            passed: reading.passed,
            audio_ms: reading.audio_ms,
            audio_ms_of: known(reading.audio_ms_of),
            bytes: reading.bytes,
            bytes_of: known(reading.bytes_of),
            elapsed_s: tenths(reading.elapsed),
            realtime: reading.realtime.map(|times| (times * 10.0).round() / 10.0),
            left_s: reading.left.map(tenths),
        }
    }
}

fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

impl Events {
    pub fn new(clock: Clock, say: Say, is_verbose: bool) -> Events {
        Events { clock, say, is_verbose, state: Mutex::new(None) }
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn tell(&self, event: &impl Serialize) {
        // Of numbers and texts JSON can always be made.
        (self.say)(&serde_json::to_string(event).unwrap_or_default());
    }

    fn note(&self, name: &str, amount: &Amount, note: impl FnOnce(&mut Meter, Duration)) {
        let now = (self.clock)();
        let mut state = self.state();
        let Some(State { meter, said }) = &mut *state else { return };
        note(meter, now);
        if self.is_verbose && !name.is_empty() {
            let Amount { bytes, audio_ms, .. } = *amount;
            self.tell(&Item { event: "item", phase: meter.phase().name(), name, bytes, audio_ms });
        }
        if now.saturating_sub(*said) >= PAUSE {
            *said = now;
            self.tell(&Event::of("progress", &meter.read(now)));
        }
    }
}

impl Progress for Events {
    fn begin(&self, phase: Phase, all: &Amount) {
        let now = (self.clock)();
        let meter = Meter::begin(phase, all, now);
        let mut state = self.state();
        self.tell(&Event::of("begin", &meter.read(now)));
        *state = Some(State { meter, said: now });
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
        if let Some(State { meter, .. }) = self.state().take() {
            self.tell(&Event::of("end", &meter.read((self.clock)())));
        }
    }
}
