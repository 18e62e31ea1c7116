//! deadwax.toml: what the operator decided. A file with nothing in it is a policy of defaults.

mod tiers;
mod trust;
mod words;

use crate::ArchiveError;
use deadwax_model::PopularityScale;
use deadwax_rights::Operator;
use deadwax_trust::Terms;
use serde::Deserialize;
use std::path::Path;
pub(crate) use tiers::{TierSubject, Tiers};
use trust::TrustSection;
pub use words::parse_size;

/// The policy of an archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The name that editions and packs carry.
    #[serde(default)]
    pub title: String,
    popularity: PopularitySection,
    tiers: Tiers,
    analysis: AnalysisSection,
    artwork: ArtworkSection,
    rights: RightsSection,
    packs: PacksSection,
    same: SameSection,
    trust: TrustSection,
}

/// What an archive is called whose folder has no name either.
const UNNAMED: &str = "Deadwax archive";

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            title: UNNAMED.to_owned(),
            popularity: PopularitySection::default(),
            tiers: Tiers::default(),
            analysis: AnalysisSection::default(),
            artwork: ArtworkSection::default(),
            rights: RightsSection::default(),
            packs: PacksSection::default(),
            same: SameSection::default(),
            trust: TrustSection::default(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PopularitySection {
    threshold: u64,
    ceiling: u64,
}

impl Default for PopularitySection {
    fn default() -> Self {
        let scale = PopularityScale::default();
        PopularitySection { threshold: scale.threshold, ceiling: scale.ceiling }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AnalysisSection {
    true_peak: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ArtworkSection {
    embed_max_bytes: u64,
}

impl Default for ArtworkSection {
    fn default() -> Self {
        ArtworkSection { embed_max_bytes: 300_000 }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RightsSection {
    commercial: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PacksSection {
    trackers: Vec<String>,
    web_seeds: Vec<String>,
    private: bool,
    v1_twin: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SameSection {
    merge: MergeBy,
}

/// What makes recordings one besides the operator's rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MergeBy {
    #[default]
    Never,
    Isrc,
}

impl Policy {
    /// The text of a new archive's deadwax.toml.
    pub fn template(title: &str) -> String {
        let quoted = toml::Value::String(title.to_owned()).to_string();
        include_str!("policy.toml").replace("\"TITLE\"", &quoted)
    }

    /// Reads a policy; what is wrong is told with its line. One that is not there is a policy of defaults.
    pub fn read(path: &Path) -> Result<Policy, ArchiveError> {
        let text = match std::fs::read_to_string(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.map_err(ArchiveError::io("read", path))?,
        };
        let wrong = |what: String| ArchiveError::Policy { path: path.to_path_buf(), what };
        let mut policy: Policy = toml::from_str(&text).map_err(|e| {
            let before = text.get(..e.span().map_or(0, |span| span.start)).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            let said = e.message().trim().replace('\n', ", ");
            let wrote = text.lines().nth(line - 1).unwrap_or_default().trim();
            wrong(format!(
                "line {line} ({wrote}): {said}; correct it, or remove it to have the default"
            ))
        })?;
        if policy.popularity.ceiling <= policy.popularity.threshold {
            return Err(wrong("popularity.ceiling must be above popularity.threshold".to_owned()));
        }
        policy.trust.check().map_err(wrong)?;
        if policy.title.trim().is_empty() {
            let folder = path.parent().and_then(Path::file_name);
            policy.title =
                folder.map_or(UNNAMED.into(), |name| name.to_string_lossy().into_owned());
        }
        Ok(policy)
    }

    /// The ends of the popularity scale.
    pub fn scale(&self) -> PopularityScale {
        let PopularitySection { threshold, ceiling } = self.popularity;
        PopularityScale { threshold, ceiling }
    }

    /// What is kept of what.
    pub(crate) fn tiers(&self) -> &Tiers {
        &self.tiers
    }

    /// How many bytes the holdings may have.
    pub fn budget(&self) -> Option<u64> {
        self.tiers.budget
    }

    /// Whether the peak between the samples is measured too.
    pub fn true_peak(&self) -> bool {
        self.analysis.true_peak
    }

    /// The largest picture that is embedded.
    pub fn embed_max_bytes(&self) -> u64 {
        self.artwork.embed_max_bytes
    }

    /// Who runs the archive.
    pub fn operator(&self) -> Operator {
        Operator { commercial: self.rights.commercial }
    }

    /// Whether recordings that sound the same, share an ISRC and are as long become one.
    pub fn merges_by_isrc(&self) -> bool {
        self.same.merge == MergeBy::Isrc
    }

    /// For how long signatures hold, and how many are needed.
    pub fn trust(&self) -> Terms {
        self.trust.terms()
    }

    /// What is written into torrents beside the files.
    pub fn pack_options(&self) -> deadwax_torrent::PackOptions {
        deadwax_torrent::PackOptions {
            trackers: self.packs.trackers.iter().map(|tracker| vec![tracker.clone()]).collect(),
            web_seeds: self.packs.web_seeds.clone(),
            private: self.packs.private,
            v1_twin: self.packs.v1_twin,
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_the_defaults() {
        let policy: Policy = toml::from_str(&Policy::template("A \"quoted\" title")).unwrap();
        assert_eq!(policy.title, "A \"quoted\" title");
        let uncommented: String = include_str!("policy.toml")
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") && !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let stated: Policy = toml::from_str(&uncommented).unwrap();
        let default = Policy { title: "TITLE".to_owned(), ..Policy::default() };
        assert_eq!(format!("{stated:?}"), format!("{default:?}"));
    }

    #[test]
    fn without_a_title_it_is_called_by_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("Our masters");
        std::fs::create_dir(&archive).unwrap();
        let path = archive.join("deadwax.toml");
        assert_eq!(Policy::read(&path).unwrap().title, "Our masters");
        for (text, title) in
            [("", "Our masters"), ("title = ' '", "Our masters"), ("title = 'B'", "B")]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Policy::read(&path).unwrap().title, title, "{text}");
        }
    }
}
