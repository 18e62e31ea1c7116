//! The section `[tiers]`: what is kept of what. Specified in docs/formats/policy.md.

use super::words::{Name, Ranges, one_or_more, range_in_kbits, size, wanted};
use deadwax_catalog::Recording;
use deadwax_model::{Popularity, Tier};
use deadwax_rights::Licence;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What the policy says of tiers. `None` as a tier is `none`: not kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tiers {
    #[serde(deserialize_with = "wanted")]
    popular: Option<Tier>,
    #[serde(deserialize_with = "wanted")]
    unknown: Option<Tier>,
    #[serde(deserialize_with = "wanted")]
    unpopular: Option<Tier>,
    #[serde(deserialize_with = "size")]
    pub(super) budget: Option<u64>,
    rule: Vec<TierRule>,
}

impl Default for Tiers {
    fn default() -> Self {
        Tiers {
            popular: Some(Tier::Keep),
            unknown: Some(Tier::Keep),
            unpopular: Some(Tier::Opus(75)),
            budget: None,
            rule: Vec::new(),
        }
    }
}

/// One rule: the tier of the recordings that fit all of its conditions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierRule {
    #[serde(default)]
    popularity: Option<Ranges>,
    #[serde(default, deserialize_with = "share")]
    listens_share: Option<f64>,
    #[serde(default, deserialize_with = "one_or_more")]
    codec: Vec<CodecWord>,
    #[serde(default, deserialize_with = "range_in_kbits")]
    bit_rate: Option<RangeInclusive<u64>>,
    #[serde(default, deserialize_with = "one_or_more")]
    release: Vec<Name>,
    #[serde(default, deserialize_with = "one_or_more")]
    artist: Vec<Name>,
    #[serde(default, deserialize_with = "one_or_more")]
    licence: Vec<LicenceWord>,
    #[serde(deserialize_with = "wanted")]
    tier: Option<Tier>,
}

/// What a rule asks about.
pub(crate) struct TierSubject<'a> {
    pub recording: &'a Recording,
    pub popularity: Option<Popularity>,
    /// The licence that somebody stated, whatever it lets.
    pub licence: Option<&'a Licence>,
}

/// The tier that a recording gets, by a rule with a share or for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ruling {
    /// The rule with a share that it hangs on; `None` for the last one, which is for good.
    pub rule: Option<usize>,
    pub tier: Option<Tier>,
}

impl Tiers {
    /// What the rules say of a recording, in their order: those with a share that it fits, then what it gets where none
    /// of these takes it. The last one, and only that, hangs on no rule.
    pub(crate) fn rulings(&self, subject: &TierSubject<'_>) -> Vec<Ruling> {
        let mut rulings = Vec::new();
        for (number, rule) in self.rule.iter().enumerate() {
            if !rule.fits(subject) {
                continue;
            }
            let is_for_good = rule.listens_share.is_none();
            rulings.push(Ruling { rule: (!is_for_good).then_some(number), tier: rule.tier });
            if is_for_good {
                return rulings;
            }
        }
        let tier = match subject.popularity.map(Popularity::get) {
            None => self.unknown,
            Some(0) => self.unpopular,
            Some(_) => self.popular,
        };
        rulings.push(Ruling { rule: None, tier });
        rulings
    }

    /// Rules that take a share of the listens of what fits them, by number, each with its share.
    pub(crate) fn shares(&self) -> impl Iterator<Item = (usize, f64)> {
        let rules = self.rule.iter().enumerate();
        rules.filter_map(|(number, rule)| Some((number, rule.listens_share?)))
    }

    /// Whether any rule asks about licences, which take some finding out.
    pub(crate) fn ask_for_licences(&self) -> bool {
        self.rule.iter().any(|rule| !rule.licence.is_empty())
    }

    /// Every tier that the policy gives.
    pub(crate) fn all(&self) -> BTreeSet<Tier> {
        let rules = self.rule.iter().map(|rule| rule.tier);
        rules.chain([self.popular, self.unknown, self.unpopular]).flatten().collect()
    }
}

impl TierRule {
    fn fits(&self, subject: &TierSubject<'_>) -> bool {
        let TierSubject { recording, popularity, licence } = subject;
        let releases = recording
            .tracks
            .iter()
            .flat_map(|track| [track.release.id.as_str(), track.release.title.as_str()]);
        let artists = recording.artists.iter().map(String::as_str);
        self.popularity.as_ref().is_none_or(|ranges| ranges.contain(*popularity))
            && (self.codec.is_empty() || self.codec.iter().any(|codec| codec.fits(recording)))
            && self
                .bit_rate
                .as_ref()
                .is_none_or(|range| bit_rate(recording).is_some_and(|rate| range.contains(&rate)))
            && any_name(&self.release, releases)
            && any_name(&self.artist, artists)
            && (self.licence.is_empty() || self.licence.iter().any(|word| word.fits(*licence)))
    }
}

/// Whether one of the names is said; no names ask for nothing.
fn any_name<'a>(names: &[Name], mut said: impl Iterator<Item = &'a str>) -> bool {
    names.is_empty() || said.any(|said| names.iter().any(|name| name.is(said)))
}

/// Bits a second of the original: as it says, else on average.
fn bit_rate(recording: &Recording) -> Option<u64> {
    let format = &recording.format;
    let average = || {
        let duration_ms = format.duration_ms.filter(|ms| *ms > 0)?;
        u64::try_from(u128::from(recording.original_bytes) * 8000 / u128::from(duration_ms)).ok()
    };
    format.bit_rate.map(u64::from).or_else(average)
}

/// A codec by name, or a kind of codec.
#[derive(Debug, Clone)]
enum CodecWord {
    Lossless,
    Lossy,
    Named(&'static str),
}

impl CodecWord {
    fn fits(&self, recording: &Recording) -> bool {
        let format = &recording.format;
        match self {
            CodecWord::Lossless => format.is_lossless(),
            CodecWord::Lossy => !format.is_lossless(),
            CodecWord::Named(name) => format.codec == *name,
        }
    }
}

impl std::str::FromStr for CodecWord {
    type Err = String;

    fn from_str(word: &str) -> Result<CodecWord, String> {
        match word {
            "lossless" => return Ok(CodecWord::Lossless),
            "lossy" => return Ok(CodecWord::Lossy),
            _ => {}
        }
        let names = deadwax_audio::probe::Codec::ALL.map(|codec| codec.as_str());
        let named = names.into_iter().find(|name| *name == word).map(CodecWord::Named);
        named.ok_or_else(|| {
            format!("'{word}' is not a codec; known: lossless, lossy, {}", names.join(", "))
        })
    }
}

/// What a licence has to be.
#[derive(Debug, Clone)]
enum LicenceWord {
    /// Nobody stated one.
    None,
    /// It has this condition.
    Asks(deadwax_rights::Condition),
    /// Its identifier, or how that begins.
    Id { text: String, and_more: bool },
}

impl LicenceWord {
    fn fits(&self, licence: Option<&Licence>) -> bool {
        match (self, licence) {
            (LicenceWord::None, licence) => licence.is_none(),
            (_, None) => false,
            (LicenceWord::Asks(condition), Some(licence)) => {
                licence.conditions().contains(condition)
            }
            (LicenceWord::Id { text, and_more }, Some(licence)) => {
                let id = licence.id();
                let is_long_enough = id.len() == text.len() || *and_more;
                let head = id.get(..text.len());
                is_long_enough && head.is_some_and(|head| head.eq_ignore_ascii_case(text))
            }
        }
    }
}

impl std::str::FromStr for LicenceWord {
    type Err = String;

    fn from_str(word: &str) -> Result<LicenceWord, String> {
        if word == "none" {
            return Ok(LicenceWord::None);
        }
        if let Some(asks) = deadwax_rights::Condition::ALL.into_iter().find(|c| c.as_str() == word)
        {
            return Ok(LicenceWord::Asks(asks));
        }
        let and_more = word.ends_with('*');
        let text = word.trim_end_matches('*').to_owned();
        if and_more && !text.is_empty() {
            return Ok(LicenceWord::Id { text, and_more });
        }
        match Licence::recognise(word) {
            Some(licence) => Ok(LicenceWord::Id { text: licence.id().to_owned(), and_more: false }),
            None => Err(format!(
                "'{word}' is not a licence that is known; write its SPDX identifier, the beginning of one and a *, a condition such as no-derivatives, or none"
            )),
        }
    }
}

fn share<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let share = f64::deserialize(deserializer)?;
    match share > 0.0 && share <= 1.0 {
        true => Ok(Some(share)),
        false => Err(serde::de::Error::custom("a share is above 0 and at most 1, 0.5 being half")),
    }
}
