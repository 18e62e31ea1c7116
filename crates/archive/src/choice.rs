//! Which tier a recording gets: what the policy wants, the original where an encoding makes no sense, and the shares of
//! listens that rules are about.

use crate::policy::{TierSubject, Tiers};
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::Recording;
use deadwax_model::{Popularity, Tier};
use deadwax_rights::Rulebook;

/// Why an original is kept where the policy wants an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptBecause {
    /// The encoding would have as many bytes, or more, or had when it was made.
    NoSmaller,
    /// The original does not decode as it should.
    Unsound,
}

impl KeptBecause {
    /// The reason in words.
    pub fn sentence(self) -> &'static str {
        match self {
            KeptBecause::NoSmaller => "it would be no smaller than the original",
            KeptBecause::Unsound => "the original does not decode as it should",
        }
    }
}

/// An original that is kept though the policy wants an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct KeptInstead {
    /// What the policy wants.
    pub of: Tier,
    /// Why it does not get that.
    pub because: KeptBecause,
}

/// What would be kept of a recording.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// `None`: nothing, by policy.
    pub tier: Option<Tier>,
    pub instead: Option<KeptInstead>,
    pub is_held: bool,
    /// Of the holding, where it is held, else estimated.
    pub bytes: u64,
}

/// The choices of a recording: those that hang on a rule with a share of listens, in the order of the rules, and the one
/// that it gets where none of these takes it.
pub(crate) struct Choices {
    by_rule: Vec<(usize, Choice)>,
    last: Choice,
}

impl Choices {
    /// The one that was settled on by [`settle`].
    pub(crate) fn settled(&self) -> Choice {
        self.last
    }
}

impl Archive {
    /// What the policy lets a recording get.
    pub(crate) fn choices(
        &self,
        run: &Run<'_>,
        rules: &Rulebook,
        recording: &Recording,
        popularity: Option<Popularity>,
    ) -> Result<Choices, ArchiveError> {
        if !self.may_keep(run, rules, recording)? {
            return Ok(Choices { by_rule: Vec::new(), last: self.choice(recording, None)? });
        }
        let tiers = self.policy.tiers();
        let decision = match tiers.ask_for_licences() {
            true => Some(self.publishing(run, rules, recording)?),
            false => None,
        };
        let statement = decision.as_ref().and_then(|decision| decision.statement());
        let licence = statement.map(|statement| &statement.licence);
        let rulings = tiers.rulings(&TierSubject { recording, popularity, licence });
        let mut by_rule = Vec::new();
        let mut last = None;
        for ruling in rulings {
            let choice = self.choice(recording, ruling.tier)?;
            match ruling.rule {
                Some(rule) => by_rule.push((rule, choice)),
                None => last = Some(choice),
            }
        }
        // The rulings end with one that is for good.
        let last = match last {
            Some(last) => last,
            None => self.choice(recording, Some(Tier::Keep))?,
        };
        Ok(Choices { by_rule, last })
    }

    fn choice(&self, recording: &Recording, wanted: Option<Tier>) -> Result<Choice, ArchiveError> {
        let Some(wanted) = wanted else {
            // What is left out is told with the length that its original has.
            let bytes = recording.original_bytes;
            return Ok(Choice { tier: None, instead: None, is_held: false, bytes });
        };
        let because = self.why_not_encoded(recording, wanted)?;
        let instead = because.map(|because| KeptInstead { of: wanted, because });
        let tier = if instead.is_some() { Tier::Keep } else { wanted };
        let held = recording.holding(tier).filter(|holding| self.is_in_store(holding));
        let bytes = match held {
            Some(holding) => holding.hashes.bytes,
            None => {
                let pictures = self.pictures_to_embed(&recording.original_root, tier)?;
                let most = self.policy.embed_max_bytes();
                let bytes = pictures.iter().map(|it| it.hashes.bytes.min(most)).sum();
                estimate(recording, tier, bytes)
            }
        };
        Ok(Choice { tier: Some(tier), instead, is_held: held.is_some(), bytes })
    }

    /// Why a recording is not encoded for a tier, if it is not.
    fn why_not_encoded(
        &self,
        recording: &Recording,
        tier: Tier,
    ) -> Result<Option<KeptBecause>, ArchiveError> {
        if !tier.is_encoded() {
            return Ok(None);
        }
        let is_odd = recording.analysis.as_ref().is_some_and(|found| !found.warnings.is_empty());
        let is_smaller = !recording.no_smaller.contains(&tier)
            && audio_bytes(recording, tier).is_some_and(|bytes| bytes < recording.original_bytes);
        Ok(match (is_odd, is_smaller) {
            (true, _) => Some(KeptBecause::Unsound),
            (false, false) => Some(KeptBecause::NoSmaller),
            (false, true) => None,
        })
    }
}

/// Lets each rule with a share take its part: of the recordings that come to it, in the order of the list, so many from
/// the top that they have that share of the listens of all that come to it. The others go on to the next rule.
pub(crate) fn settle(tiers: &Tiers, list: &mut [(u64, &mut Choices)]) {
    for (rule, share) in tiers.shares() {
        let comes = |choices: &Choices| choices.by_rule.first().is_some_and(|next| next.0 == rule);
        let all: u128 = list
            .iter()
            .filter(|(_, choices)| comes(choices))
            .map(|(listens, _)| u128::from(*listens))
            .sum();
        let (wanted, mut taken) = (share * all as f64, 0u128);
        for (listens, choices) in list.iter_mut() {
            if !comes(choices) {
                continue;
            }
            let (_, choice) = choices.by_rule.remove(0);
            if (taken as f64) < wanted {
                choices.last = choice;
                choices.by_rule.clear();
            }
            taken += u128::from(*listens);
        }
    }
}

/// What a holding that is not made yet will take, rather too much than too little: the original and a
/// page of metadata, or the duration at the bit rate and a tenth, each with its pictures in base64.
fn estimate(recording: &Recording, tier: Tier, picture_bytes: u64) -> u64 {
    let audio = match tier.is_encoded() {
        false => recording.original_bytes,
        true => audio_bytes(recording, tier).unwrap_or(recording.original_bytes) / 10 * 11,
    };
    audio + 4096 + picture_bytes / 3 * 4
}

/// What an encoding takes without metadata; `None` when the duration is not known.
fn audio_bytes(recording: &Recording, tier: Tier) -> Option<u64> {
    let bits = u128::from(tier.bit_rate()?) * u128::from(recording.format.duration_ms?);
    u64::try_from(bits / 8000).ok()
}
