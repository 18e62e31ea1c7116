//! Progress as a bar that stays in its place on a terminal, and a line when a phase is done.

use super::lines::item_line;
use super::meter::Meter;
use super::{Clock, words};
use crate::say::say;
use crate::text::plain;
use deadwax_archive::{Amount, Phase, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// In eighty columns there is room for it, but for a long item's name.
const TEMPLATE: &str = "{prefix:8} {bar:14} {facts}  {wide_msg}";
/// The bar moves in thousandths.
const LENGTH: u64 = 1_000;

/// How often it is drawn while nothing gets done: time passes all the same.
const TICK: Duration = Duration::from_millis(500);

pub struct Bar {
    clock: Clock,
    is_verbose: bool,
    /// Never held while the bar draws, which reads the meter.
    state: Mutex<Option<State>>,
}

#[derive(Clone)]
struct State {
    meter: Arc<Mutex<Meter>>,
    bar: ProgressBar,
}

impl State {
    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Bar {
    pub fn new(clock: Clock, is_verbose: bool) -> Bar {
        Bar { clock, is_verbose, state: Mutex::new(None) }
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn note(&self, name: &str, amount: &Amount, note: impl FnOnce(&mut Meter, Duration)) {
        let Some(state) = self.state().clone() else { return };
        let now = (self.clock)();
        let (phase, share) = {
            let mut meter = state.meter();
            note(&mut meter, now);
            (meter.phase(), meter.read(now).share)
        };
        if self.is_verbose && !name.is_empty() {
            state.bar.println(item_line(phase, name, amount));
        }
        state.bar.set_message(plain(name));
        state.bar.set_position((share * LENGTH as f64) as u64);
    }

    fn clear(&self) -> Option<State> {
        let state = self.state().take()?;
        state.bar.finish_and_clear();
        Some(state)
    }
}

impl Progress for Bar {
    fn begin(&self, phase: Phase, all: &Amount) {
        self.clear();
        let meter = Arc::new(Mutex::new(Meter::begin(phase, all, (self.clock)())));
        let (read, clock) = (Arc::clone(&meter), Arc::clone(&self.clock));
        let facts = move |_: &ProgressState, out: &mut dyn Write| {
            let reading = read.lock().unwrap_or_else(|e| e.into_inner()).read(clock());
            // Writing into a text does not fail.
            let _ = out.write_str(&words::beside_bar(&reading));
        };
        let style = ProgressStyle::with_template(TEMPLATE);
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("facts", facts);
        let bar = ProgressBar::with_draw_target(Some(LENGTH), ProgressDrawTarget::stderr());
        bar.set_style(style);
        bar.set_prefix(phase.name());
        bar.enable_steady_tick(TICK);
        *self.state() = Some(State { meter, bar });
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
        if let Some(state) = self.clear()
            && let Some(line) = words::done(&state.meter().read((self.clock)()))
        {
            say(line);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}
