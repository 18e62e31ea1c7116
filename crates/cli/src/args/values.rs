//! Values that are more than a word, and what is said where they are not understood.

use deadwax_mirror::plan::Prefer;
use deadwax_model::Rank;
use deadwax_rights::Licence;
use std::time::Duration;

pub(super) fn prefer(text: &str) -> Result<Prefer, String> {
    text.parse().map_err(|e: deadwax_mirror::plan::UnknownPreference| e.to_string())
}

/// `90s`, `30m`, `1h`, `2d`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        text.strip_suffix(unit)?.trim_end().parse::<u64>().ok()?.checked_mul(seconds)
    });
    seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(|| {
        format!(
            "'{text}' is not a span of time: write a whole number and s, m, h or d, as 30m or 1h"
        )
    })
}

pub(super) fn rank(text: &str) -> Result<Rank, String> {
    let rank = text.replace(['_', ','], "").parse().ok().and_then(Rank::new);
    rank.ok_or_else(|| {
        format!("'{text}' is not a rank: write a number from 1, as 500 or 1_000_000")
    })
}

/// The share that a percentage says: the number nearest to it, so that 99.6% is 0.996 and no hair less.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let digits = text.strip_suffix('%').map(str::trim_end);
    let is_number = |digits: &&str| digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let share = digits.filter(is_number).and_then(|digits| format!("{digits}e-2").parse().ok());
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("'{text}' is not a share: write it in percent, as 99.6% or 50%"))
}

/// A length of time in days.
pub(super) fn days(text: &str) -> Result<u32, String> {
    let unit = text.chars().last().and_then(|unit| match unit {
        'd' => Some(1),
        'w' => Some(7),
        'y' => Some(365),
        _ => None,
    });
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse().ok());
    unit.zip(number).and_then(|(unit, number): (u32, u32)| number.checked_mul(unit)).ok_or_else(
        || {
            format!(
                "'{text}' is not a length of time: write days, weeks or years, as 30d, 6w or 1y"
            )
        },
    )
}

pub(super) fn licence(text: &str) -> Result<Licence, String> {
    Licence::recognise(text).ok_or_else(|| {
        format!(
            "'{text}' is no licence that is known here; give an SPDX identifier such as CC-BY-4.0, or the \
             address of a Creative Commons licence or rightsstatements.org statement"
        )
    })
}

pub(super) fn date(text: &str) -> Result<String, String> {
    let is_plain = text.len() == 10;
    match text.parse::<jiff::civil::Date>() {
        Ok(date) if is_plain => Ok(date.to_string()),
        _ => Err(format!("'{text}' is not a date: write it as 2026-11-20")),
    }
}

pub(super) fn country(text: &str) -> Result<[u8; 2], String> {
    match text.parse() {
        Ok(deadwax_rights::Place::Country(code)) => Ok(code),
        _ => Err(format!("'{text}' is not a country's two letters (ISO 3166-1), as in US")),
    }
}
