//! How values are written in deadwax.toml.

use deadwax_model::{Popularity, Tier};
use serde::de::{Deserialize, Deserializer, Error};
use std::ops::RangeInclusive;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// A name to be compared whole, after NFC and case aside.
#[derive(Debug, Clone)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn is(&self, said: &str) -> bool {
        folded(said) == self.0
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(word: &str) -> Result<Name, String> {
        match word.trim() {
            "" => Err("a name is empty".to_owned()),
            name => Ok(Name(folded(name))),
        }
    }
}

fn folded(name: &str) -> String {
    name.nfc().collect::<String>().to_lowercase()
}

/// Popularities: numbers, ranges of them, and `unknown`.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranges {
    unknown: bool,
    ranges: Vec<RangeInclusive<u64>>,
}

impl Ranges {
    pub(super) fn contain(&self, popularity: Option<Popularity>) -> bool {
        match popularity {
            None => self.unknown,
            Some(popularity) => {
                let number = u64::from(popularity.get());
                self.ranges.iter().any(|range| range.contains(&number))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ranges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ranges, D::Error> {
        let mut ranges = Ranges::default();
        for word in words(deserializer)? {
            match word.as_str() {
                "unknown" => ranges.unknown = true,
                word => ranges.ranges.push(range(word).map_err(Error::custom)?),
            }
        }
        Ok(ranges)
    }
}

/// `7`, `1-100`, `50-`, `-49`.
fn range(word: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || format!("'{word}' is not a range; write it like 7, 1-100, 50- or -49");
    let end = |text: &str, open: u64| match text.trim() {
        "" => Ok(open),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    let range = match word.split_once('-') {
        Some((from, to)) if from.trim().is_empty() && to.trim().is_empty() => return Err(wrong()),
        Some((from, to)) => end(from, 0)?..=end(to, u64::MAX)?,
        None if word.trim().is_empty() => return Err(wrong()),
        None => end(word, 0)?..=end(word, 0)?,
    };
    match range.is_empty() {
        true => Err(format!("the range '{word}' ends before it begins")),
        false => Ok(range),
    }
}

/// A range in kbit/s, as bits a second. Its upper end is meant whole: `-192` takes 192.4.
pub(super) fn range_in_kbits<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<RangeInclusive<u64>>, D::Error> {
    let [word] = <[String; 1]>::try_from(words(deserializer)?)
        .map_err(|_| Error::custom("one range is wanted here, in kbit/s"))?;
    let kbits = range(&word).map_err(Error::custom)?;
    let end = kbits.end().checked_add(1).and_then(|end| end.checked_mul(1000));
    Ok(Some(kbits.start().saturating_mul(1000)..=end.map_or(u64::MAX, |end| end - 1)))
}

/// A tier, or `none`.
pub(super) fn wanted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tier>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "none" => Ok(None),
        word => word.parse().map(Some).map_err(|e| Error::custom(format!("{e}, or none"))),
    }
}

/// A size, or nothing.
pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match String::deserialize(deserializer)?.trim() {
        "" => Ok(None),
        text => parse_size(text).map(Some).map_err(Error::custom),
    }
}

/// One value or a list of them.
pub(super) fn one_or_more<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    words(deserializer)?.iter().map(|word| word.parse().map_err(Error::custom)).collect()
}

/// A text or a number, or a list of such that is not empty.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let word = |value: toml::Value| match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        other => {
            Err(Error::custom(format!("a text in quotes is wanted here, not {}", other.type_str())))
        }
    };
    match toml::Value::deserialize(deserializer)? {
        toml::Value::Array(values) if values.is_empty() => {
            Err(Error::custom("the list is empty; without the line anything fits"))
        }
        toml::Value::Array(values) => values.into_iter().map(word).collect(),
        value => Ok(vec![word(value)?]),
    }
}

/// A size as people write it: `50MB`, `300 TB`, `1.5GiB`, `700000`. Decimal units are powers of 1000,
/// units with an `i` powers of 1024.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is not a size: write it like 50MB, 1.5 GiB or 300 TB");
    let text = text.trim();
    let end =
        text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().map_err(|_| wrong())?;
    let factor: f64 = match text[end..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "p" | "pb" => 1e15,
        "kib" => 1024.0,
        "mib" => 1024f64.powi(2),
        "gib" => 1024f64.powi(3),
        "tib" => 1024f64.powi(4),
        _ => return Err(wrong()),
    };
    Ok((number * factor) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        assert_eq!(parse_size("50MB"), Ok(50_000_000));
        assert_eq!(parse_size(" 1.5 GiB "), Ok(1_610_612_736));
        assert_eq!(parse_size("300 TB"), Ok(300_000_000_000_000));
        assert_eq!(parse_size("700_000"), Ok(700_000));
        assert!(
            parse_size("-1").is_err()
                && parse_size("").is_err()
                && parse_size("5 parsecs").is_err()
        );
    }

    #[test]
    fn ranges_as_people_write_them() {
        assert_eq!(range("7"), Ok(7..=7));
        assert_eq!(range("1-100"), Ok(1..=100));
        assert_eq!(range("50-"), Ok(50..=u64::MAX));
        assert_eq!(range("-49"), Ok(0..=49));
        for wrong in ["", "-", "9-1", "a", "1-b", "+1", "1 000"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }
}
