//! The decision: of all that was said about a recording, which statement counts, and does it let the
//! act at hand?

use crate::act::country_text;
use crate::{
    Act, Cleared, Condition, Decision, Evidence, HeldBack, Licence, Operator, Place, Rule,
    RuleTarget, Rulebook, Statement, Takedown, glob,
};
use deadwax_model::{Isrc, RecordingId, Root};

/// The recording that is asked about, and what its files say.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub recording: &'a RecordingId,
    /// The names on its artist credit.
    pub artists: &'a [String],
    /// The title of its release.
    pub release: Option<&'a str>,
    /// Its ISRCs, for takedowns.
    pub isrcs: &'a [Isrc],
    /// The ids of the releases that it is on, for takedowns.
    pub releases: &'a [String],
    /// The roots of its original and of what is held of it, for takedowns.
    pub roots: &'a [Root],
    /// The paths or addresses of all its sources, as the catalogue has them.
    pub paths: &'a [String],
    /// What the tags of its sources say: (key, text, source). Tags that have nothing to do with
    /// rights ([`speaks_of_rights`]) may be among them and are passed over.
    pub said: &'a [(String, String, String)],
}

/// Whether a tag of this key (in any case) is read for a licence. Comments and descriptions are not:
/// they are prose.
pub fn speaks_of_rights(key: &str) -> bool {
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    matches!(
        plain.as_str(),
        "LICENSE"
            | "LICENCE"
            | "LICENSEURL"
            | "LICENCEURL"
            | "LICENSEURI"
            | "LICENCEURI"
            | "WCOP"
            | "COPYRIGHT"
            | "COPYRIGHTURL"
            | "COPYRIGHTURI"
            | "TCOP"
            | "CPRT"
            | "CPY"
            | "LICENSES"
            | "LICENCES"
            | "ICOP"
            | "RIGHTS"
            | "USAGETERMS"
            | "TERMSOFUSE"
    )
}

/// What may be done with a recording, for one act, place and day (`YYYY-MM-DD`).
///
/// Statements are asked from the most specific to the least: recording rule, the files' own tags,
/// release rule, artist rule, path rule (the longer the pattern's literal prefix the sooner),
/// everything. Among equally specific rules the newest (highest number) counts. Of tags that disagree
/// each must let it, and the most restrictive is reported. The first statement that speaks about the
/// place decides; nobody speaking, the recording is kept and held back from anything else.
///
/// A rule limited to countries speaks about these only. [`Place::Worldwide`] asks about all countries:
/// such a rule can forbid it, but lets it only together with the next statement, which has to let it
/// for the rest of the world.
///
/// A takedown comes before all of them: what is under one that forbids the act is held back, everywhere and on any day.
pub fn decide(
    subject: &Subject<'_>,
    rulebook: &Rulebook,
    act: Act,
    place: Place,
    day: &str,
    operator: Operator,
) -> Decision {
    let stated = of_statements(subject, &rulebook.rules, act, place, day, operator);
    match rulebook.forbidding(subject, act) {
        Some(takedown) => Decision::HeldBack(taken_down(takedown, &stated)),
        None => stated,
    }
}

fn taken_down(takedown: &Takedown, stated: &Decision) -> HeldBack {
    let number = takedown.number;
    HeldBack {
        why: format!("it is dark by {}", takedown.in_short()),
        settle: format!("deadwax takedown lift {number} --notice NOTICE"),
        statement: stated.statement().cloned(),
        takedown: Some(takedown.in_short()),
    }
}

fn of_statements(
    subject: &Subject<'_>,
    rules: &[Rule],
    act: Act,
    place: Place,
    day: &str,
    operator: Operator,
) -> Decision {
    let asked = Asked { subject, act, place, operator };
    let mut rules: Vec<&Rule> = rules.iter().filter(|rule| rule.target.matches(subject)).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse((specificity(&rule.target), rule.number)));
    let (ended, rules): (Vec<&Rule>, Vec<&Rule>) =
        rules.into_iter().partition(|rule| term(rule, day) == Term::Ended);
    let above_tags = |rule: &&&Rule| matches!(rule.target, RuleTarget::Recording(_));
    let tags = recognised_tags(subject);

    let mut settled: Vec<[u8; 2]> = Vec::new();
    for rule in rules.iter().filter(above_tags) {
        if let Some(decision) = asked.of_rule(rule, day, &mut settled) {
            return decision;
        }
    }
    if !tags.is_empty() {
        return asked.of_tags(tags);
    }
    for rule in rules.iter().filter(|rule| !above_tags(rule)) {
        if let Some(decision) = asked.of_rule(rule, day, &mut settled) {
            return decision;
        }
    }
    asked.of_silence(&ended, &settled)
}

/// One question.
struct Asked<'a> {
    subject: &'a Subject<'a>,
    act: Act,
    place: Place,
    operator: Operator,
}

impl Asked<'_> {
    /// What a rule answers; `None` when it leaves the question to the next statement.
    fn of_rule(&self, rule: &Rule, day: &str, settled: &mut Vec<[u8; 2]>) -> Option<Decision> {
        let statement = Statement {
            licence: rule.licence.clone(),
            evidence: Evidence::Rule { number: rule.number, ground: rule.ground.clone() },
        };
        let about = format!("rule {} ({}, {})", rule.number, rule.target, rule.licence);
        if self.act != Act::Keep && term(rule, day) == Term::Unclear {
            let until = rule.until.as_deref().unwrap_or_default();
            let why = format!(
                "{about} ends on '{until}', and whether that is past on '{day}' cannot be told: \
                 days are written YYYY-MM-DD"
            );
            return Some(self.held_back(why, Some(statement)));
        }
        if rule.places.is_empty() {
            return Some(self.of_statement(&about, statement, self.place));
        }
        match self.place {
            Place::Country(code) => {
                has(&rule.places, code).then(|| self.of_statement(&about, statement, self.place))
            }
            Place::Worldwide => {
                let open: Vec<[u8; 2]> =
                    rule.places.iter().copied().filter(|code| !has(settled, *code)).collect();
                for code in open {
                    let decision =
                        self.of_statement(&about, statement.clone(), Place::Country(code));
                    if matches!(decision, Decision::HeldBack(_)) {
                        return Some(decision);
                    }
                    settled.push(code.map(|letter| letter.to_ascii_uppercase()));
                }
                None
            }
        }
    }

    /// What the files themselves answer.
    fn of_tags(&self, mut tags: Vec<Statement>) -> Decision {
        // The statements that forbid it first, the most restrictive first among each; then by id and
        // evidence, so that the order of the files does not matter.
        tags.sort_by_cached_key(|tag| {
            let permissions = tag.licence.permissions();
            let lets = permissions.check(self.act, self.place, self.operator).is_ok();
            let restriction = std::cmp::Reverse(permissions.restriction());
            (lets, restriction, tag.licence.clone(), tag.evidence.to_string())
        });
        let mut conditions: Vec<Condition> =
            tags.iter().flat_map(|tag| tag.licence.conditions()).collect();
        conditions.sort();
        conditions.dedup();
        let statement = tags.swap_remove(0);
        let about = match &statement.evidence {
            Evidence::Tag { key, text, source } => {
                format!("{key}={} in {} ({})", shown(text), shown(source), statement.licence)
            }
            other => format!("{other} ({})", statement.licence),
        };
        match self.of_statement(&about, statement, self.place) {
            Decision::Cleared(cleared) => Decision::Cleared(Cleared { conditions, ..cleared }),
            held_back => held_back,
        }
    }

    /// What follows when no statement speaks about the place.
    fn of_silence(&self, ended: &[&Rule], settled: &[[u8; 2]]) -> Decision {
        if self.act == Act::Keep {
            // "Copyright not evaluated" is what rightsstatements.org calls this state.
            let licence = Licence::not_evaluated();
            return self.clear(Statement { licence, evidence: Evidence::Default }, Vec::new());
        }
        let unread: Vec<String> = (self.subject.said.iter())
            .filter(|(key, text, _)| speaks_of_rights(key) && Licence::recognise(text).is_none())
            .map(|(key, text, source)| format!("{key}={} in {}", shown(text), shown(source)))
            .collect();
        let mut why = match unread.as_slice() {
            [] => "no tag and no rule states a licence".to_owned(),
            [first, rest @ ..] => {
                let more = match rest.len() {
                    0 => String::new(),
                    n => format!(" (nor in {n} more)"),
                };
                format!("no licence is recognised in {first}{more}, and no rule states one")
            }
        };
        if !settled.is_empty() {
            let list: Vec<String> = settled.iter().map(country_text).collect();
            why += &format!(" outside {}", list.join(", "));
        }
        if let Some(rule) = ended.first() {
            let until = rule.until.as_deref().unwrap_or_default();
            why += &format!("; rule {} ({}) ended with {until}", rule.number, rule.licence);
        }
        self.held_back(why, None)
    }

    fn of_statement(&self, about: &str, statement: Statement, place: Place) -> Decision {
        let permissions = statement.licence.permissions();
        match permissions.check(self.act, place, self.operator) {
            Ok(()) => self.clear(statement, permissions.conditions),
            Err(hindrance) => self.held_back(format!("{about} {hindrance}"), Some(statement)),
        }
    }

    fn clear(&self, statement: Statement, conditions: Vec<Condition>) -> Decision {
        Decision::Cleared(Cleared {
            recording: self.subject.recording.clone(),
            statement,
            act: self.act,
            place: self.place,
            conditions,
        })
    }

    fn held_back(&self, why: String, statement: Option<Statement>) -> Decision {
        // A recording's own rule outranks everything else, so this line always settles it.
        let settle = format!(
            "deadwax rights set --recording {} --licence LICENCE --ground \"...\"",
            self.subject.recording
        );
        Decision::HeldBack(HeldBack { why, settle, statement, takedown: None })
    }
}

/// Higher is more specific. Tags stand between 5 and 4.
fn specificity(target: &RuleTarget) -> (u8, usize) {
    match target {
        RuleTarget::Recording(_) => (5, 0),
        RuleTarget::Release(_) => (3, 0),
        RuleTarget::Artist(_) => (2, 0),
        RuleTarget::Path(pattern) => (1, glob::literal_prefix(pattern)),
        RuleTarget::Everything => (0, 0),
    }
}

fn recognised_tags(subject: &Subject<'_>) -> Vec<Statement> {
    (subject.said.iter())
        .filter(|(key, _, _)| speaks_of_rights(key))
        .filter_map(|(key, text, source)| {
            Some(Statement {
                licence: Licence::recognise(text)?,
                evidence: Evidence::Tag {
                    key: key.clone(),
                    text: text.clone(),
                    source: source.clone(),
                },
            })
        })
        .collect()
}

#[derive(PartialEq, Eq)]
enum Term {
    Running,
    Ended,
    Unclear,
}

/// Whether a rule still holds. Days as `YYYY-MM-DD` sort as texts; anything else is unclear.
fn term(rule: &Rule, day: &str) -> Term {
    match rule.until.as_deref() {
        None => Term::Running,
        Some(until) if !is_day(until) || !is_day(day) => Term::Unclear,
        Some(until) if day <= until => Term::Running,
        Some(_) => Term::Ended,
    }
}

fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<u8>().ok());
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, b)| match index {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        })
        && number(5..7).is_some_and(|month| (1..=12).contains(&month))
        && number(8..10).is_some_and(|day| (1..=31).contains(&day))
}

fn has(places: &[[u8; 2]], code: [u8; 2]) -> bool {
    places.iter().any(|place| place.eq_ignore_ascii_case(&code))
}

/// A text as a sentence can quote it: quoted, on one line, and not endless.
fn shown(text: &str) -> String {
    let mut line: String =
        text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    format!("'{line}'")
}
