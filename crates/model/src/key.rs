//! How a person names a recording.

use crate::{Isrc, Rank, RecordingId};
use std::str::FromStr;

/// What a recording can be asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingKey {
    /// Its place in the list.
    Rank(Rank),
    /// Its id.
    Id(RecordingId),
    /// An ISRC, which may be of several recordings.
    Isrc(Isrc),
}

/// A text that can name no recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' names no recording: give {why}")]
pub struct RecordingKeyError {
    text: String,
    why: String,
}

impl FromStr for RecordingKey {
    type Err = RecordingKeyError;

    /// A rank (`17`, `#17`), an id of 20 hex digits, or an ISRC in any spelling. Twenty decimal digits
    /// are an id.
    fn from_str(text: &str) -> Result<RecordingKey, RecordingKeyError> {
        let text = text.trim();
        let wrong = |why: String| RecordingKeyError { text: text.to_owned(), why };
        if let Ok(id) = text.parse() {
            return Ok(RecordingKey::Id(id));
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let rank = digits.parse().ok().and_then(Rank::new);
            return rank
                .map(RecordingKey::Rank)
                .ok_or_else(|| wrong(format!("a rank from 1 to {}", u32::MAX)));
        }
        text.parse()
            .map(RecordingKey::Isrc)
            .map_err(|e| wrong(format!("a rank, an id of 20 hex digits, or an ISRC ({e})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_ranks_ids_and_isrcs_apart() {
        let key = |text: &str| text.parse::<RecordingKey>();
        assert_eq!(key("#17"), Ok(RecordingKey::Rank(Rank::new(17).unwrap())));
        assert!(matches!(key("00000000000000000017"), Ok(RecordingKey::Id(_))));
        assert!(matches!(key("us-rc1-76-07839"), Ok(RecordingKey::Isrc(_))));
        assert!(key("0").unwrap_err().to_string().contains("a rank from 1"));
        let said = key("USRC176078390").unwrap_err().to_string();
        assert!(said.contains("it has 13 characters"), "{said}");
    }
}
