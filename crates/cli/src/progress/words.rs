//! Progress in words.

use super::meter::Reading;
use crate::text::{count, duration, size};
use deadwax_archive::{Amount, Phase};
use std::time::Duration;

/// `41 items, 2.1 h of music, 154.6 MB`.
pub fn begun(all: &Amount) -> String {
    let mut parts = vec![count(all.items, "item")];
    parts.extend((all.audio_ms > 0).then(|| format!("{} of music", span(all.audio_ms))));
    parts.extend((all.bytes > 0).then(|| size(all.bytes)));
    parts.join(", ")
}

/// `12 of 41, 36 min of music, 84.2 MB, 840x real time, 0:12 left`.
pub fn under_way(reading: &Reading) -> String {
    let mut parts = vec![match reading.items_of {
        0 => reading.items.to_string(),
        all => format!("{} of {all}", reading.items),
    }];
    if reading.audio_ms > 0 {
        parts.push(format!("{} of music", span(reading.audio_ms)));
    }
    parts.extend((reading.bytes > 0).then(|| size(reading.bytes)));
    parts.extend(reading.realtime.map(|it| format!("{} real time", times(it))));
    parts.extend(reading.left.map(|left| format!("{} left", duration(millis(left)))));
    parts.join(", ")
}

/// The same in the room that a bar leaves: `12/41  36 min  84.2 MB  840x  0:12 left`.
pub fn beside_bar(reading: &Reading) -> String {
    let mut parts = vec![match reading.items_of {
        0 => reading.items.to_string(),
        all => format!("{}/{all}", reading.items),
    }];
    parts.extend((reading.audio_ms > 0).then(|| span(reading.audio_ms)));
    parts.extend((reading.bytes > 0).then(|| size(reading.bytes)));
    parts.extend(reading.realtime.map(times));
    parts.extend(reading.left.map(|left| format!("{} left", duration(millis(left)))));
    parts.join("  ")
}

/// `built 41 holdings, 2.1 h of music in 9 s, 840x real time; 3 were ready`. `None` when there was nothing to do.
pub fn done(reading: &Reading) -> Option<String> {
    let worked = reading.worked;
    if worked.items + reading.passed == 0 {
        return None;
    }
    let good = worked.items - reading.failed.min(worked.items);
    let (what, failed, passed) = match reading.phase {
        Phase::Add => (
            format!("read {}", count(good, "file")),
            "could not be taken in",
            "unchanged and not read",
        ),
        Phase::AddTable(table) => (format!("read {} of {table}", count(good, "row")), "", ""),
        Phase::Artwork => (
            format!("made smaller pictures of {}", count(good, "picture")),
            "could not be decoded",
            "",
        ),
        Phase::Build => {
            (format!("built {}", count(good, "holding")), "could not be made", "ready before")
        }
        Phase::Compare => (format!("compared {}", count(good, "recording")), "", ""),
        Phase::Sort => (format!("sorted {}", count(good, "recording")), "", ""),
        Phase::Publish => (format!("listed {}", count(good, "recording")), "", ""),
        Phase::Sign => (format!("signed {}", count(good, "file")), "", ""),
        Phase::Trace => (format!("looked at {}", count(good, "file")), "", ""),
        Phase::Mirror => (format!("fetched {}", count(good, "file")), "", "here before"),
        Phase::Verify => (format!("re-read {} of the store", count(good, "file")), "", ""),
        Phase::VerifyMirror => (format!("looked at {} of the mirror", count(good, "file")), "", ""),
        Phase::VerifyEditions => (format!("re-read {} of editions", count(good, "file")), "", ""),
    };
    let mut line = what;
    if worked.bytes > 0 {
        line += &format!(", {}", size(worked.bytes));
    }
    if worked.audio_ms > 0 {
        line += &format!(", {} of music", span(worked.audio_ms));
    }
    line += &format!(" in {}", seconds(reading.elapsed));
    if let Some(realtime) = reading.realtime {
        line += &format!(", {} real time", times(realtime));
    }
    for (number, words) in [(reading.failed, failed), (reading.passed, passed)] {
        if number > 0 {
            line += &format!("; {number} {words}");
        }
    }
    Some(line)
}

/// `7.5x`, `840x`.
fn times(realtime: f64) -> String {
    match realtime < 10.0 {
        true => format!("{realtime:.1}x"),
        false => format!("{realtime:.0}x"),
    }
}

/// How long music is: `45 s`, `12 min`, `2.1 h`.
fn span(milliseconds: u64) -> String {
    match milliseconds / 1_000 {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ ..3_600 => format!("{} min", seconds / 60),
        seconds => format!("{:.1} h", seconds as f64 / 3_600.0),
    }
}

/// How long work took: `0.3 s`, `12 s`, `3:05`.
fn seconds(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        ..10 => format!("{:.1} s", elapsed.as_secs_f64()),
        seconds @ ..60 => format!("{seconds} s"),
        _ => duration(millis(elapsed)),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
