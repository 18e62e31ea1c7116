//! International Standard Recording Code (ISO 3901).

use std::fmt;
use std::str::FromStr;

/// An ISRC as a 49-bit integer: two letters, three letters or digits, seven digits, in mixed radix
/// (26, 26, 36, 36, 36, 10^7), so that numeric order is textual order. People see
/// `CC-XXX-YY-NNNNN` ([`fmt::Display`]); files and tables carry the twelve characters without
/// hyphens ([`Isrc::compact`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isrc(u64);

/// Why a text is not an ISRC. The text itself is never cut or padded to fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IsrcError {
    /// Not twelve characters once hyphens, spaces and an "ISRC" in front are gone.
    #[error("'{text}' is not an ISRC: it has {characters} characters, an ISRC has 12")]
    Length {
        /// The text as it was given.
        text: String,
        /// How many characters count.
        characters: usize,
    },
    /// A character that its place does not allow.
    #[error("'{text}' is not an ISRC: '{found}' at character {place} should be {wanted}")]
    Character {
        /// The text as it was given.
        text: String,
        /// The character found.
        found: char,
        /// Its place, from 1, hyphens not counted.
        place: usize,
        /// What belongs there.
        wanted: &'static str,
    },
}

impl Isrc {
    /// The integer form, below 2^49.
    pub fn to_u64(self) -> u64 {
        self.0
    }

    /// From the integer form; `None` when it is out of range.
    pub fn from_u64(value: u64) -> Option<Isrc> {
        (value < 26 * 26 * 36 * 36 * 36 * 10_000_000).then_some(Isrc(value))
    }

    /// Twelve characters, no hyphens: the form in tags and tables.
    pub fn compact(self) -> String {
        let mut rest = self.0;
        let digits = rest % 10_000_000;
        rest /= 10_000_000;
        let mut characters = [0u8; 5];
        for (place, slot) in characters.iter_mut().enumerate().rev() {
            let radix = if place < 2 { 26 } else { 36 };
            let value = (rest % radix) as u8;
            rest /= radix;
            *slot = match value {
                _ if place < 2 => b'A' + value,
                0..=9 => b'0' + value,
                _ => b'A' + value - 10,
            };
        }
        format!("{}{digits:07}", String::from_utf8_lossy(&characters))
    }
}

impl fmt::Display for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.compact();
        write!(f, "{}-{}-{}-{}", &text[..2], &text[2..5], &text[5..7], &text[7..])
    }
}

impl FromStr for Isrc {
    type Err = IsrcError;

    /// Takes upper and lower case, hyphens and spaces anywhere, and a literal `ISRC` (with an
    /// optional colon) in front, all of which real data has.
    fn from_str(text: &str) -> Result<Isrc, IsrcError> {
        let mut plain: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | '\u{2010}'..='\u{2015}') && !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if plain.chars().count() > 12
            && let Some(rest) = plain.strip_prefix("ISRC")
        {
            plain = rest.trim_start_matches(':').to_owned();
        }
        let characters = plain.chars().count();
        if characters != 12 {
            return Err(IsrcError::Length { text: text.to_owned(), characters });
        }
        // Hyphens in wrong places are accepted: two letters and seven digits fix the fields anyway.
        let mut value = 0u64;
        for (index, c) in plain.chars().enumerate() {
            let (radix, digit, wanted) = match index {
                0 | 1 => (26, c.is_ascii_uppercase().then(|| c as u64 - 65), "a letter"),
                2..=4 => (36, c.to_digit(36).map(u64::from), "a letter or digit"),
                _ => (10, c.to_digit(10).map(u64::from), "a digit"),
            };
            let Some(digit) = digit else {
                return Err(IsrcError::Character {
                    text: text.to_owned(),
                    found: c,
                    place: index + 1,
                    wanted,
                });
            };
            value = value * radix + digit;
        }
        Ok(Isrc(value))
    }
}

impl serde::Serialize for Isrc {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_what_real_data_has() {
        let isrc: Isrc = "USRC17607839".parse().unwrap();
        for text in
            ["us-rc1-76-07839", "ISRC US-RC1-76-07839", "ISRC:USRC17607839", "US RC1 76 07839"]
        {
            assert_eq!(text.parse(), Ok(isrc), "{text}");
        }
        assert_eq!(isrc.to_string(), "US-RC1-76-07839");
        assert!(isrc.to_u64() < 1 << 49);
    }

    #[test]
    fn refuses_with_a_sentence() {
        let say = |text: &str| text.parse::<Isrc>().unwrap_err().to_string();
        assert_eq!(
            say("USRC176078390"),
            "'USRC176078390' is not an ISRC: it has 13 characters, an ISRC has 12"
        );
        assert_eq!(
            say("U1RC17607839"),
            "'U1RC17607839' is not an ISRC: '1' at character 2 should be a letter"
        );
        assert!(say("").contains("0 characters"));
    }

    proptest! {
        #[test]
        fn round_trips_in_order(a in "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", b in "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}") {
            let (x, y): (Isrc, Isrc) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert_eq!(x.compact(), a.clone());
            prop_assert_eq!(Isrc::from_u64(x.to_u64()), Some(x));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_string().parse::<Isrc>().unwrap(), x);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = text.parse::<Isrc>();
        }
    }
}
