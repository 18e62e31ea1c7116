//! What is told, by a clock of the test's own.

use super::events::Events;
use super::lines::Lines;
use super::meter::Meter;
use super::{Clock, Say};
use deadwax_archive::{Amount, Phase, Progress};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A clock that is set by hand, and what was said.
#[derive(Default, Clone)]
struct Bench {
    now_ms: Arc<AtomicU64>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now_ms);
        Arc::new(move || Duration::from_millis(now.load(Ordering::Relaxed)))
    }

    fn say(&self) -> Say {
        let said = Arc::clone(&self.said);
        Box::new(move |line| said.lock().unwrap().push(line.to_owned()))
    }

    fn wait(&self, milliseconds: u64) {
        self.now_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }
}

const SONG: Amount = Amount { items: 1, bytes: 4_000_000, audio_ms: 240_000 };

fn songs(number: u64) -> Amount {
    Amount { items: number, bytes: number * SONG.bytes, audio_ms: number * SONG.audio_ms }
}

/// A build of forty songs, half a second each, of which ten were ready and one fails; then a verify of nothing.
fn build(bench: &Bench, progress: &dyn Progress) {
    progress.begin(Phase::Build, &songs(40));
    for number in 0..40 {
        match number {
            0..10 => progress.passed("ready", &SONG),
            20 => {
                bench.wait(500);
                progress.failed("bad \u{1b}[2J", &SONG);
            }
            _ => {
                bench.wait(500);
                progress.item("Song", &SONG);
            }
        }
    }
    progress.end();
    progress.begin(Phase::Verify, &Amount::default());
    progress.end();
}

#[test]
fn events_are_few_and_say_everything() {
    let bench = Bench::default();
    build(&bench, &Events::new(bench.clock(), bench.say(), false));
    insta::assert_snapshot!("events", bench.said());
}

#[test]
fn with_v_every_item_is_an_event() {
    let bench = Bench::default();
    let events = Events::new(bench.clock(), bench.say(), true);
    events.begin(Phase::AddTable("track"), &Amount::default());
    events.item("5 \"rows\"", &Amount { items: 5, bytes: 70, audio_ms: 0 });
    events.item("", &Amount { items: 2, bytes: 30, audio_ms: 0 });
    events.end();
    insta::assert_snapshot!("event_items", bench.said());
}

#[test]
fn events_and_lines_are_no_more_than_so_many_a_second() {
    let bench = Bench::default();
    let (events, lines) = (
        Events::new(bench.clock(), bench.say(), false),
        Lines::new(bench.clock(), bench.say(), false),
    );
    for progress in [&events as &dyn Progress, &lines] {
        progress.begin(Phase::Verify, &Amount { items: 60_000, bytes: 60_000, audio_ms: 0 });
        for _ in 0..60_000 {
            bench.wait(1);
            progress.item("file", &Amount::item(1));
        }
        progress.end();
    }
    let said = bench.said();
    let (events, lines): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| line.starts_with('{'));
    assert_eq!(events.len(), 240 + 2);
    assert_eq!(lines.len(), 1 + 6 + 1, "{lines:?}");
}

#[test]
fn lines_can_be_followed() {
    let bench = Bench::default();
    build(&bench, &Lines::new(bench.clock(), bench.say(), false));
    insta::assert_snapshot!("lines", bench.said());
    let bench = Bench::default();
    let lines = Lines::new(bench.clock(), bench.say(), true);
    lines.begin(Phase::Add, &songs(2));
    bench.wait(90_000);
    lines.item("1.flac", &SONG);
    lines.failed("bad \u{1b}[2J", &Amount::item(0));
    // One that was stopped says nothing at its end.
    lines.begin(Phase::Publish, &Amount::default());
    lines.item("Song", &Amount::item(0));
    lines.end();
    insta::assert_snapshot!("line_items", bench.said());
}

#[test]
fn the_time_left_goes_with_music_and_not_with_the_number_of_files() {
    let at = Duration::from_secs;
    // A long piece takes ten seconds; nine short ones are left, a hundredth of it each.
    let song = |audio_ms| Amount { items: 1, bytes: 1, audio_ms };
    let all = Amount { items: 10, bytes: 10, audio_ms: 109_000 };
    let mut meter = Meter::begin(Phase::Build, &all, at(5));
    assert_eq!(meter.read(at(14)).left, None, "nothing is done, so nothing is known");
    meter.item(&song(100_000), at(15));
    let reading = meter.read(at(15));
    let left = reading.left.unwrap().as_secs_f64();
    assert!((left - 0.9).abs() < 0.01, "{left}");
    assert_eq!(reading.realtime, Some(10.0));
    assert!((reading.share - 100.0 / 109.0).abs() < 1e-9);
    // While nothing gets done it is no less.
    assert!(meter.read(at(25)).left.unwrap().as_secs_f64() > left);
    // Everything was there after all: more than there was to do is not less than nothing.
    meter.item(&song(200_000), at(30));
    assert_eq!((meter.read(at(30)).left, meter.read(at(30)).share), (Some(at(0)), 1.0));
}

#[test]
fn what_was_ready_makes_nothing_look_quick_and_what_is_long_ago_counts_less() {
    let at = Duration::from_secs;
    let mut meter =
        Meter::begin(Phase::Verify, &Amount { items: 0, bytes: 1_000, audio_ms: 0 }, at(0));
    meter.passed(&Amount::item(500));
    meter.item(&Amount::item(10), at(10));
    let left = |meter: &Meter, now| meter.read(at(now)).left.unwrap().as_secs_f64();
    assert!((left(&meter, 10) - 490.0).abs() < 1e-6, "a byte a second: {}", left(&meter, 10));
    // Ten times as quick from here on: after a while that is what counts.
    for second in 11..31 {
        meter.item(&Amount::item(10), at(second));
    }
    let honest = 290.0 / 10.0;
    let guess = left(&meter, 30);
    assert!(guess > honest && guess < 1.3 * honest, "{guess}");
}

#[test]
fn beside_a_bar_it_is_short() {
    let mut meter = Meter::begin(Phase::Build, &songs(40), Duration::ZERO);
    meter.item(&songs(30), Duration::from_secs(15));
    let said = super::words::beside_bar(&meter.read(Duration::from_secs(15)));
    assert_eq!(said, "30/40  2.0 h  120.0 MB  480x  0:05 left");
}
