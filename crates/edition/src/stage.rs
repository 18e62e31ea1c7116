//! What of an edition is out: docs/formats/edition.md, "packs".

use std::str::FromStr;

/// A part of an edition that can be published by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The list: catalogue, search, Parquet, the pages. Always out.
    Metadata,
    /// The audio of ranks 1 to `to_rank`.
    Audio {
        /// The last rank; `u32::MAX` for all.
        to_rank: u32,
    },
    /// Covers and their thumbnails.
    Artwork,
    /// The patches that give back originals.
    Patches,
}

/// A text that is no stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a stage: write metadata, audio, artwork or patches; audio:1000 for the audio of ranks 1 to 1000"
)]
pub struct UnknownStage(String);

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Stage, UnknownStage> {
        let unknown = || UnknownStage(text.to_owned());
        Ok(match text {
            "metadata" => Stage::Metadata,
            "audio" => Stage::Audio { to_rank: u32::MAX },
            "artwork" => Stage::Artwork,
            "patches" => Stage::Patches,
            _ => {
                let rank = text.strip_prefix("audio:").ok_or_else(unknown)?;
                let to_rank = rank.parse().ok().filter(|rank| *rank > 0).ok_or_else(unknown)?;
                Stage::Audio { to_rank }
            }
        })
    }
}

/// What an edition has out beside its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagesOut {
    /// The audio of ranks 1 to this; 0 = none, `u32::MAX` = all.
    pub audio_to_rank: u32,
    /// Covers and their thumbnails.
    pub artwork: bool,
    /// Patches.
    pub patches: bool,
}

impl Default for StagesOut {
    /// All audio and artwork. No patches: they are of use to who keeps originals, and to nobody who listens.
    fn default() -> StagesOut {
        StagesOut { audio_to_rank: u32::MAX, artwork: true, patches: false }
    }
}

impl StagesOut {
    /// These and no others; what is usual when none is named.
    pub fn of(stages: &[Stage]) -> StagesOut {
        if stages.is_empty() {
            return StagesOut::default();
        }
        let mut out = StagesOut { audio_to_rank: 0, artwork: false, patches: false };
        for stage in stages {
            match *stage {
                Stage::Metadata => {}
                Stage::Audio { to_rank } => out.audio_to_rank = out.audio_to_rank.max(to_rank),
                Stage::Artwork => out.artwork = true,
                Stage::Patches => out.patches = true,
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_named() {
        let out = |texts: &[&str]| {
            let stages: Vec<Stage> = texts.iter().map(|text| text.parse().unwrap()).collect();
            let StagesOut { audio_to_rank, artwork, patches } = StagesOut::of(&stages);
            (audio_to_rank, artwork, patches)
        };
        assert_eq!(out(&[]), (u32::MAX, true, false));
        assert_eq!(out(&["metadata"]), (0, false, false));
        assert_eq!(out(&["audio:1000", "patches"]), (1_000, false, true));
        assert_eq!(out(&["audio", "audio:5", "artwork"]), (u32::MAX, true, false));
        for odd in ["", "Audio", "audio:", "audio:0", "audio:-1", "audio:5x", "covers"] {
            let said = odd.parse::<Stage>().unwrap_err().to_string();
            assert!(said.starts_with(&format!("'{odd}' is not a stage")), "{said}");
        }
    }
}
