//! What may leave, why not, and what would settle it.

use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::Recording;
use deadwax_model::{Rank, RecordingId, Root};
use deadwax_rights::{
    Act, Decision, Place, Rulebook, Subject, TakenDown, decide, speaks_of_rights,
};

/// Why a recording may or may not be published.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// Its place in the list, once a plan gave it one.
    pub rank: Option<Rank>,
    /// Which recording.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Its artist credit.
    pub artists: String,
    /// Whether it may be published.
    pub cleared: bool,
    /// The licence that was stated, also when it clears nothing.
    pub licence: Option<String>,
    /// Who stated it: the tag or the rule; `null` when nobody did.
    pub evidence: Option<String>,
    /// What the licence asks in return.
    pub conditions: Vec<String>,
    /// What stands in the way; `null` when nothing does.
    pub why: Option<String>,
    /// The line that would settle it; `null` when nothing stands in the way.
    pub settle: Option<String>,
    /// The takedown that stands in the way; `null` when none does.
    pub takedown: Option<TakenDown>,
}

impl Archive {
    /// Whether a recording may be published, on the day of the run. Its own statements can let it; what is stated of a
    /// recording that it stands for can hold it back too.
    pub fn publishing(
        &self,
        run: &Run<'_>,
        rulebook: &Rulebook,
        recording: &Recording,
    ) -> Result<Decision, ArchiveError> {
        let decision = self.alone(run, rulebook, recording, Act::Publish)?;
        if decision.cleared().is_some() {
            for id in &recording.same {
                let Some(same) = self.catalog.recording(id)? else { continue };
                let of_same = self.alone(run, rulebook, &same, Act::Publish)?;
                if matches!(&of_same, Decision::HeldBack(held_back) if held_back.was_said()) {
                    return Ok(of_same);
                }
            }
        }
        Ok(decision)
    }

    /// Whether the archive may keep it: a takedown can forbid that.
    pub(crate) fn may_keep(
        &self,
        run: &Run<'_>,
        rulebook: &Rulebook,
        recording: &Recording,
    ) -> Result<bool, ArchiveError> {
        // Nothing else can, and most archives have none.
        if rulebook.takedowns.is_empty() {
            return Ok(true);
        }
        Ok(self.alone(run, rulebook, recording, Act::Keep)?.cleared().is_some())
    }

    /// What may be done with a recording as its own file has it.
    fn alone(
        &self,
        run: &Run<'_>,
        rulebook: &Rulebook,
        recording: &Recording,
        act: Act,
    ) -> Result<Decision, ArchiveError> {
        let paths: Vec<String> = self
            .catalog
            .paths_of(&recording.original_root)?
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let source = paths.first().cloned().unwrap_or_default();
        let said: Vec<(String, String, String)> = self
            .catalog
            .said(&recording.original_root)?
            .into_iter()
            .filter(|(key, _)| speaks_of_rights(key))
            .map(|(key, text)| (key, text, source.clone()))
            .collect();
        let releases: Vec<String> =
            recording.tracks.iter().map(|track| track.release.id.clone()).collect();
        let held = recording.holdings.iter().map(|holding| holding.hashes.root);
        let roots: Vec<Root> = held.chain([recording.original_root]).collect();
        let subject = Subject {
            recording: &recording.id,
            artists: &recording.artists,
            release: recording.tracks.first().map(|track| track.release.title.as_str()),
            isrcs: &recording.isrcs,
            releases: &releases,
            roots: &roots,
            paths: &paths,
            said: &said,
        };
        let operator = self.policy.operator();
        Ok(decide(&subject, rulebook, act, Place::Worldwide, &run.today, operator))
    }

    /// Explains recordings: those given, or all that are held back.
    pub fn explain(
        &self,
        run: &Run<'_>,
        recordings: Option<Vec<Recording>>,
    ) -> Result<Vec<Explanation>, ArchiveError> {
        let rulebook = self.catalog.rulebook()?;
        let mut explanations = Vec::new();
        match recordings {
            Some(recordings) => {
                for recording in &recordings {
                    explanations.push(self.explanation(run, &rulebook, recording)?);
                }
            }
            None => {
                for id in self.catalog.recording_ids()? {
                    let Some(recording) = self.catalog.recording(&id)? else {
                        continue;
                    };
                    // Nobody would publish it: another stands in the list for it.
                    if recording.same_as.is_some() {
                        continue;
                    }
                    let explanation = self.explanation(run, &rulebook, &recording)?;
                    if !explanation.cleared {
                        explanations.push(explanation);
                    }
                }
            }
        }
        Ok(explanations)
    }

    fn explanation(
        &self,
        run: &Run<'_>,
        rulebook: &Rulebook,
        recording: &Recording,
    ) -> Result<Explanation, ArchiveError> {
        let decision = self.publishing(run, rulebook, recording)?;
        let statement = decision.statement();
        let mut explanation = Explanation {
            rank: recording.placement.map(|place| place.rank),
            id: recording.id.clone(),
            title: recording.title.clone(),
            artists: recording.artists.join(", "),
            cleared: false,
            licence: statement.map(|statement| statement.licence.id().to_owned()),
            evidence: statement.map(|statement| statement.evidence.to_string()),
            conditions: Vec::new(),
            why: None,
            settle: None,
            takedown: None,
        };
        match &decision {
            Decision::Cleared(cleared) => {
                explanation.cleared = true;
                explanation.conditions =
                    cleared.conditions().iter().map(ToString::to_string).collect();
            }
            Decision::HeldBack(held_back) => {
                explanation.takedown = held_back.takedown.clone();
                explanation.why = Some(held_back.why.clone());
                // The line as it can be typed from anywhere.
                let here = format!("deadwax --archive {} ", quoted(&self.folder.to_string_lossy()));
                explanation.settle = Some(held_back.settle.replacen("deadwax ", &here, 1));
            }
        }
        Ok(explanation)
    }
}

/// A text as a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_shell_takes_it_for_one_word() {
        assert_eq!(super::quoted("/srv/my-archive"), "/srv/my-archive");
        assert_eq!(super::quoted("/srv/Ann's music"), r"'/srv/Ann'\''s music'");
    }
}
