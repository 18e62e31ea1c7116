//! How numbers and lists look to people.

use deadwax_model::Problem;
use std::io::{self, Write};

/// `148.3 MB`, in powers of 1000.
pub fn size(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} bytes"),
        _ => format!("{value:.1} {}", units[unit]),
    }
}

/// `3:05`, `1:02:03`.
pub fn duration(milliseconds: u64) -> String {
    let seconds = (milliseconds + 500) / 1000;
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// `99.6 %`, or a dash when nobody counted.
pub fn share(share: Option<f64>) -> String {
    share.map_or_else(
        || "unknown (nobody counted listens)".to_owned(),
        |share| format!("{:.1} %", share * 100.0),
    )
}

/// A value or a dash.
pub fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A text without control characters: what files say of themselves may hold anything.
pub fn plain(text: &str) -> String {
    text.replace(char::is_control, "\u{FFFD}")
}

/// The first `characters` of a text, with an ellipsis when it was longer.
pub fn cut(text: &str, characters: usize) -> String {
    let text = plain(text);
    match text.chars().count() > characters {
        true => text.chars().take(characters.saturating_sub(1)).chain(['…']).collect(),
        false => text,
    }
}

/// One item and what is the matter with it.
pub fn problem(out: &mut dyn Write, path: &str, what: &str, next: &str) -> io::Result<()> {
    writeln!(out, "  {}\n    {}\n    next: {}", plain(path), plain(what), plain(next))
}

/// All problems, with a head line; nothing when there are none.
pub fn problems(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}:", count(problems.len() as u64, "problem"))?;
    problems.iter().try_for_each(|p| problem(out, &p.path, &p.what, &p.next))
}

/// `1 file`, `2 files`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(148_300_000), "148.3 MB");
        assert_eq!(size(999_990), "1.0 MB");
        assert_eq!(size(u64::MAX), "18.4 EB");
        assert_eq!(duration(185_400), "3:05");
        assert_eq!(duration(3_723_000), "1:02:03");
        assert_eq!(cut("Symphony", 5), "Symp…");
    }
}
