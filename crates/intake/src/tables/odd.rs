//! What is odd about rows that are kept all the same: counted by kind, since tables of this size have all
//! of it and nobody reads a list.

use serde::Serialize;

/// How many kept rows have each oddity; a row counts once a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OddRows {
    /// A text that is empty, or nothing but spaces: taken as not known.
    #[serde(skip_serializing_if = "is_zero")]
    pub empty_text: u64,
    /// Control characters, which became spaces.
    #[serde(skip_serializing_if = "is_zero")]
    pub control_characters: u64,
    /// A text that was not in normal form C, and is now.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_nfc: u64,
    /// Spaces around a text, which were taken off.
    #[serde(skip_serializing_if = "is_zero")]
    pub outer_spaces: u64,
    /// A text of more than 1,024 bytes.
    #[serde(skip_serializing_if = "is_zero")]
    pub long_text: u64,
    /// A number where a text belongs, in NDJSON: its digits are the text.
    #[serde(skip_serializing_if = "is_zero")]
    pub number_for_text: u64,
    /// A 0 that stands for "not known".
    #[serde(skip_serializing_if = "is_zero")]
    pub zero: u64,
    /// A date that is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_a_date: u64,
    /// An ISRC with hyphens, spaces, lower case or a literal `ISRC` in front.
    #[serde(skip_serializing_if = "is_zero")]
    pub isrc_spelling: u64,
    /// An ISRC that is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_an_isrc: u64,
    /// A row of `listens` without a count.
    #[serde(skip_serializing_if = "is_zero")]
    pub no_count: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl OddRows {
    /// Counts and names of the kinds that there are.
    pub fn list(&self) -> impl Iterator<Item = (u64, &'static str)> {
        let all = [
            (self.empty_text, "an empty text"),
            (self.control_characters, "control characters"),
            (self.not_nfc, "a text not in NFC"),
            (self.outer_spaces, "spaces around a text"),
            (self.long_text, "a text over 1,024 bytes"),
            (self.number_for_text, "a number for a text"),
            (self.zero, "0 for not known"),
            (self.not_a_date, "a date that is none"),
            (self.isrc_spelling, "an ISRC with hyphens, spaces or lower case"),
            (self.not_an_isrc, "an ISRC that is none"),
            (self.no_count, "no count"),
        ];
        all.into_iter().filter(|(count, _)| *count > 0)
    }

    /// Counts a row that was kept.
    pub(super) fn add(&mut self, seen: Seen) {
        if seen == Seen::default() {
            return;
        }
        self.empty_text += u64::from(seen.empty_text);
        self.control_characters += u64::from(seen.control_characters);
        self.not_nfc += u64::from(seen.not_nfc);
        self.outer_spaces += u64::from(seen.outer_spaces);
        self.long_text += u64::from(seen.long_text);
        self.number_for_text += u64::from(seen.number_for_text);
        self.zero += u64::from(seen.zero);
        self.not_a_date += u64::from(seen.not_a_date);
        self.isrc_spelling += u64::from(seen.isrc_spelling);
        self.not_an_isrc += u64::from(seen.not_an_isrc);
        self.no_count += u64::from(seen.no_count);
    }
}

/// What is odd about one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) empty_text: bool,
    pub(super) control_characters: bool,
    pub(super) not_nfc: bool,
    pub(super) outer_spaces: bool,
    pub(super) long_text: bool,
    pub(super) number_for_text: bool,
    pub(super) zero: bool,
    pub(super) not_a_date: bool,
    pub(super) isrc_spelling: bool,
    pub(super) not_an_isrc: bool,
    pub(super) no_count: bool,
}
