//! What a mirror was asked to be, `.deadwax/mirror.json`: the same line without SOURCE and budget goes on with it.

use crate::MirrorError;
use crate::plan::Prefer;
use crate::source::SourceAddress;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const FORMAT: &str = "deadwax-mirror";

/// Kept between runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    format: String,
    schema: u32,
    pub source: String,
    pub budget_bytes: u64,
    pub prefer: Prefer,
    pub metadata: bool,
    /// Drawn once: mirrors that decide at the same time should not choose the same.
    pub number: u64,
}

/// What the command line says of it; what is not said stays as it was.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// SOURCE.
    pub source: Option<SourceAddress>,
    /// `--budget`.
    pub budget_bytes: Option<u64>,
    /// `--prefer`.
    pub prefer: Option<Prefer>,
    /// `--metadata`.
    pub metadata: bool,
    /// The number to be this mirror's own, if it has none yet.
    pub drawn: u64,
}

impl Settings {
    fn file_of(folder: &Path) -> PathBuf {
        folder.join(".deadwax/mirror.json")
    }

    /// What was kept, and over it what is asked now.
    pub fn of(folder: &Path, asked: &Asked) -> Result<Settings, MirrorError> {
        let path = Settings::file_of(folder);
        let kept: Option<Settings> = match std::fs::read(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(MirrorError::io("read", &path)(e)),
            Ok(text) => match serde_json::from_slice::<Settings>(&text) {
                Ok(kept) if kept.format == FORMAT && kept.schema == 1 => Some(kept),
                _ => {
                    let what =
                        "is not a mirror's settings; remove it and say SOURCE and --budget again";
                    return Err(MirrorError::Refused(format!("{} {what}", path.display())));
                }
            },
        };
        let missing = |what: &str| {
            MirrorError::Refused(format!(
                "{} is no mirror yet: say {what}, as in deadwax mirror SOURCE --budget 200GB --into DIR",
                folder.display()
            ))
        };
        let source = match &asked.source {
            Some(source) => Some(source.absolute()?.to_string()),
            None => kept.as_ref().map(|kept| kept.source.clone()),
        };
        Ok(Settings {
            format: FORMAT.to_owned(),
            schema: 1,
            source: source.ok_or_else(|| missing("SOURCE"))?,
            budget_bytes: asked
                .budget_bytes
                .or(kept.as_ref().map(|kept| kept.budget_bytes))
                .ok_or_else(|| missing("--budget"))?,
            prefer: asked.prefer.or(kept.as_ref().map(|kept| kept.prefer)).unwrap_or_default(),
            metadata: asked.metadata || kept.as_ref().is_some_and(|kept| kept.metadata),
            number: kept.map_or(asked.drawn, |kept| kept.number),
        })
    }

    /// Keeps it.
    pub fn keep(&self, folder: &Path) -> Result<(), MirrorError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|e| MirrorError::Refused(format!("the settings cannot be written: {e}")))?;
        Ok(deadwax_store::write_file(&Settings::file_of(folder), &text)?)
    }
}
