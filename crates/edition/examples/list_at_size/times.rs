//! Times of many questions, and what of them is shown.

use crate::Failure;
use crate::query_log::LoggedQuery;
use serde::Serialize;
use std::fmt;
use std::time::{Duration, Instant};

/// One question: how long, and how much was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    time: Duration,
    pub(crate) found: usize,
}

impl Clock {
    pub(crate) fn of(ask: impl FnOnce() -> Result<usize, Failure>) -> Result<Clock, Failure> {
        let start = Instant::now();
        let found = ask()?;
        Ok(Clock::since(start, found))
    }

    pub(crate) fn since(start: Instant, found: usize) -> Clock {
        Clock { time: start.elapsed(), found }
    }

    pub(crate) fn ms(&self) -> f64 {
        self.time.as_secs_f64() * 1000.0
    }
}

/// Many questions of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Times {
    kind: String,
    asked: usize,
    /// Questions that found something.
    answered: usize,
    p50_ms: f64,
    p99_ms: f64,
    most_ms: f64,
}

impl Times {
    pub(crate) fn of(kind: &str, clocks: &[Clock]) -> Times {
        let mut times: Vec<f64> = clocks.iter().map(Clock::ms).collect();
        times.sort_by(f64::total_cmp);
        // The nearest rank: of 100 times, the 99th is p99.
        let at = |share: f64| {
            let place = (times.len() as f64 * share).ceil() as usize;
            times.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        Times {
            kind: kind.to_owned(),
            asked: clocks.len(),
            answered: clocks.iter().filter(|clock| clock.found > 0).count(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            most_ms: at(1.0),
        }
    }

    /// By kind of query, in order of name, and of all together last.
    pub(crate) fn by_kind(log: &[LoggedQuery], clocks: &[Clock]) -> Vec<Times> {
        let mut kinds: Vec<&str> = log.iter().map(|query| query.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let of_kind = |kind: &str| -> Vec<Clock> {
            let both = log.iter().zip(clocks).filter(|(query, _)| query.kind == kind);
            both.map(|(_, clock)| *clock).collect()
        };
        let mut all: Vec<Times> =
            kinds.iter().map(|kind| Times::of(kind, &of_kind(kind))).collect();
        all.push(Times::of("all", clocks));
        all
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:32} p50 {:9.3} ms  p99 {:9.3} ms  most {:9.3} ms  ({} asked, {} found something)",
            self.kind, self.p50_ms, self.p99_ms, self.most_ms, self.asked, self.answered
        )
    }
}
