//! Numbers as people read them.

/// A space that keeps a unit on the line of its number.
const NO_BREAK: char = '\u{A0}';

/// `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `950`, `12.3 k`, `4.56 M`: for axes.
pub(super) fn short(number: u64) -> String {
    scaled(number, &["", "k", "M", "G", "T", "P", "E"])
}

/// `147 MB`, powers of 1,000.
pub(super) fn bytes(number: u64) -> String {
    scaled(number, &["B", "kB", "MB", "GB", "TB", "PB", "EB"])
}

fn scaled(number: u64, units: &[&str]) -> String {
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = match value {
        _ if unit == 0 => 0,
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if units[unit].is_empty() {
        text.to_owned()
    } else {
        format!("{text}{NO_BREAK}{}", units[unit])
    }
}

/// `3:05`, `1:02:03`.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms.saturating_add(500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// `2 h 1 min`, `12 days`, `3.4 years`.
pub(super) fn span(ms: u64) -> String {
    let minutes = ms / 60_000;
    let days = minutes / 1440;
    match days {
        0 if minutes < 60 => format!("{minutes} min"),
        0 | 1 => format!("{} h {} min", minutes / 60, minutes % 60),
        2..=729 => format!("{} days", count(days)),
        730..=36_524 => format!("{:.1} years", days as f64 / 365.25),
        _ => format!("{} years", count(days * 4 / 1461)),
    }
}

/// `42 %`, `99.6 %`, `0.0039 %`: never rounded up to everything nor down to nothing.
pub(super) fn percent(share: f64) -> String {
    let percent = share.clamp(0.0, 1.0) * 100.0;
    let decimals = match percent {
        value if value <= 0.0 || value >= 100.0 => 0,
        value if value < 1.0 => (1.0 - value.log10().floor()).min(12.0) as usize,
        value if value > 99.0 => 2,
        _ => 1,
    };
    // A share such as 0.0039 is a hair less than it says.
    let scale = 10f64.powi(decimals as i32);
    let text = format!("{:.decimals$}", (percent * scale + 1e-6).floor() / scale);
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{NO_BREAK}%")
}

/// A relative address: every byte that is not unreserved (RFC 3986) or `/` percent-encoded.
pub(super) fn href(path: &str) -> String {
    let mut text = String::from("./");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_read_them() {
        let [bytes, short] =
            [bytes, short].map(|say| move |number| say(number).replace(NO_BREAK, " "));
        let percent = |share| percent(share).replace(NO_BREAK, " ");
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(147_400_000), "147 MB");
        assert_eq!(bytes(1_000_000), "1 MB");
        assert_eq!(short(12_340), "12.3 k");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
        assert_eq!(clock(185_400), "3:05");
        assert_eq!(clock(3_723_000), "1:02:03");
        assert_eq!(span(7_260_000), "2 h 1 min");
        assert_eq!(span(1_000 * 86_400_000), "2.7 years");
        assert_eq!(span(723_504 * 86_400_000), "1,980 years");
        assert_eq!(percent(0.9999), "99.99 %");
        assert_eq!(percent(0.999_999), "99.99 %");
        assert_eq!([0.0, 0.5, 0.996].map(percent), ["0 %", "50 %", "99.6 %"]);
        assert_eq!(
            [0.01, 0.001, 1e-6, 0.000_039].map(percent),
            ["1 %", "0.1 %", "0.0001 %", "0.0039 %"]
        );
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(href("packs/A b?.torrent"), "./packs/A%20b%3F.torrent");
    }
}
