//! Which statement counts, and what follows from it.

use deadwax_model::{RecordingId, Root};
use deadwax_rights::{
    Act, Condition, Decision, Evidence, Licence, Operator, Place, Rule, RuleTarget, Rulebook,
    Subject, Takedown, TakedownReason, TakedownScope, TakedownTarget, Together, decide,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const ID: &str = "0123456789abcdef0123";
const DAY: &str = "2026-11-20";
const US: Place = Place::Country(*b"US");
const DE: Place = Place::Country(*b"DE");

struct Recording {
    id: RecordingId,
    artists: Vec<String>,
    paths: Vec<String>,
    said: Vec<(String, String, String)>,
}

impl Recording {
    fn saying(tags: &[(&str, &str)]) -> Recording {
        let tag = |(key, text): &(&str, &str)| {
            (key.to_string(), text.to_string(), "/m/Ann/a.ogg".to_owned())
        };
        Recording {
            id: ID.parse().unwrap(),
            artists: vec!["Ann".into(), "Zoë".into()],
            paths: vec!["/m/Ann/a.ogg".into()],
            said: tags.iter().map(tag).collect(),
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            recording: &self.id,
            artists: &self.artists,
            release: Some("First Light"),
            isrcs: &[],
            releases: &[],
            roots: &[],
            paths: &self.paths,
            said: &self.said,
        }
    }

    fn may(&self, act: Act, rules: &[Rule], place: Place) -> Decision {
        let rulebook = Rulebook::of_rules(rules.to_vec());
        decide(&self.subject(), &rulebook, act, place, DAY, Operator::default())
    }

    fn publish(&self, rules: &[Rule]) -> Decision {
        self.may(Act::Publish, rules, Place::Worldwide)
    }
}

fn licence(text: &str) -> Licence {
    text.parse().unwrap()
}

fn rule(number: u32, target: RuleTarget, id: &str) -> Rule {
    let ground = format!("letter {number}");
    Rule { number, target, licence: licence(id), ground, until: None, places: vec![] }
}

fn this() -> RuleTarget {
    RuleTarget::Recording(ID.parse().unwrap())
}

/// The number of the rule that decided; 0 for a tag.
fn by(decision: &Decision) -> u32 {
    match &decision.statement().expect("a statement").evidence {
        Evidence::Rule { number, .. } => *number,
        Evidence::Tag { .. } => 0,
        Evidence::Default => panic!("nobody decided"),
    }
}

fn why(decision: Decision) -> String {
    match decision {
        Decision::HeldBack(held_back) => held_back.why,
        Decision::Cleared(cleared) => panic!("cleared by {:?}", cleared.statement()),
    }
}

#[test]
fn silence_keeps_and_does_not_publish() {
    let silent = Recording::saying(&[("TITLE", "CC0")]);
    let kept = silent.may(Act::Keep, &[], Place::Worldwide);
    let kept = kept.cleared().expect("kept");
    assert_eq!((kept.act(), &kept.statement().evidence), (Act::Keep, &Evidence::Default));
    assert_eq!(kept.licence().id(), "CNE");
    for act in [Act::Publish, Act::Stream] {
        let Decision::HeldBack(held_back) = silent.may(act, &[], Place::Worldwide) else {
            panic!()
        };
        assert_eq!(held_back.why, "no tag and no rule states a licence");
        assert_eq!(
            held_back.settle,
            format!("deadwax rights set --recording {ID} --licence LICENCE --ground \"...\"")
        );
        assert_eq!(held_back.statement, None);
    }
}

#[test]
fn an_unread_licence_is_quoted_and_a_rule_settles_it() {
    let vague = Recording::saying(&[("LICENSE", "ask\nAnn"), ("Copyright", "2007 Ann")]);
    assert_eq!(
        why(vague.publish(&[])),
        "no licence is recognised in LICENSE='ask Ann' in '/m/Ann/a.ogg' (nor in 1 more), and no rule \
         states one"
    );
    let settled = vague.publish(&[rule(1, RuleTarget::Everything, "CC0-1.0")]);
    assert_eq!(settled.cleared().unwrap().licence().id(), "CC0-1.0");
}

#[test]
fn the_most_specific_statement_decides() {
    let tagged = Recording::saying(&[("LICENSE", "GPL")]);
    let untagged = Recording::saying(&[]);
    let mut rules = vec![
        rule(9, RuleTarget::Everything, "CC0-1.0"),
        rule(8, RuleTarget::Path("/m/**".into()), "CC0-1.0"),
        rule(7, RuleTarget::Path("/m/Ann/*.ogg".into()), "CC0-1.0"),
        rule(6, RuleTarget::Artist("ANN".into()), "CC0-1.0"),
        rule(5, RuleTarget::Release("first light".into()), "CC0-1.0"),
        rule(4, this(), "CC0-1.0"),
    ];
    assert_eq!(by(&tagged.publish(&rules)), 4);
    rules.pop();
    assert_eq!(by(&tagged.publish(&rules)), 0);
    for number in [5, 6, 7, 8, 9] {
        assert_eq!(by(&untagged.publish(&rules)), number);
        rules.pop();
    }
    assert_eq!(untagged.publish(&rules).statement(), None);
}

#[test]
fn of_equals_the_newest_rule_counts() {
    let recording = Recording::saying(&[]);
    let rules = [rule(3, this(), "InC"), rule(2, this(), "CC0-1.0"), rule(1, this(), "MIT")];
    assert_eq!(
        why(recording.publish(&rules)),
        format!("rule 3 (recording '{ID}', InC) gives no leave to publish it")
    );
    assert_eq!(by(&recording.publish(&rules[1..])), 2);
}

#[test]
fn of_tags_that_disagree_the_most_restrictive_counts() {
    let orders = [
        [("LICENSE", "CC0"), ("WCOP", "http://creativecommons.org/licenses/by-nc/3.0/")],
        [("WCOP", "http://creativecommons.org/licenses/by-nc/3.0/"), ("LICENSE", "CC0")],
    ];
    for tags in orders {
        let recording = Recording::saying(&tags);
        let cleared = recording.publish(&[]);
        let cleared = cleared.cleared().unwrap();
        assert_eq!(cleared.licence().id(), "CC-BY-NC-3.0");
        assert_eq!(cleared.conditions(), [Condition::Attribution, Condition::NonCommercial]);
    }
    let both = [("LICENSE", "CC BY-NC 4.0"), ("RIGHTS", "NoC-US")];
    let recording = Recording::saying(&both);
    let ask = |place, commercial| {
        let nothing = Rulebook::default();
        decide(&recording.subject(), &nothing, Act::Publish, place, DAY, Operator { commercial })
    };
    assert!(ask(US, false).cleared().is_some());
    assert!(why(ask(US, true)).contains("does not let a commercial operator publish it"));
    assert!(why(ask(DE, false)).contains("only in US"));
    let denied = Recording::saying(&[("LICENSE", "CC0"), ("COPYRIGHT", "All rights reserved")]);
    assert_eq!(denied.publish(&[]).statement().unwrap().licence.id(), "InC");
}

#[test]
fn a_rule_ends_after_its_last_day() {
    let recording = Recording::saying(&[]);
    let until = |day: &str| [Rule { until: Some(day.into()), ..rule(1, this(), "CC-BY-4.0") }];
    assert!(recording.publish(&until("2026-11-20")).cleared().is_some());
    assert_eq!(
        why(recording.publish(&until("2026-11-19"))),
        "no tag and no rule states a licence; rule 1 (CC-BY-4.0) ended with 2026-11-19"
    );
    for day in ["tomorrow", "2027-13-01", "2027-1-1", ""] {
        let why = why(recording.publish(&until(day)));
        assert!(why.contains("days are written YYYY-MM-DD"), "{day}: {why}");
    }
    // Neither does a denial that cannot be dated give way to what is behind it.
    let rules = [
        Rule { until: Some("soon".into()), ..rule(2, this(), "InC") },
        rule(1, RuleTarget::Everything, "CC0-1.0"),
    ];
    assert_eq!(by(&recording.publish(&rules)), 2);
}

#[test]
fn a_rule_for_a_country_speaks_of_that_country_only() {
    let recording = Recording::saying(&[]);
    let limited = |number, id| Rule { places: vec![*b"us"], ..rule(number, this(), id) };
    let rest = |id| rule(1, RuleTarget::Everything, id);

    let free_in_us = [limited(2, "CC0-1.0")];
    assert!(recording.may(Act::Publish, &free_in_us, US).cleared().is_some());
    assert!(recording.may(Act::Publish, &free_in_us, DE).cleared().is_none());
    assert!(why(recording.publish(&free_in_us)).contains("outside US"));
    assert!(recording.publish(&[free_in_us[0].clone(), rest("MIT")]).cleared().is_some());
    assert!(recording.publish(&[free_in_us[0].clone(), rest("InC")]).cleared().is_none());

    let barred_in_us = [limited(2, "InC"), rest("CC0-1.0")];
    assert!(recording.may(Act::Publish, &barred_in_us, US).cleared().is_none());
    assert!(recording.may(Act::Publish, &barred_in_us, DE).cleared().is_some());
    assert_eq!(by(&recording.publish(&barred_in_us)), 2);

    // What the newer rule says of a country the older cannot take back.
    let both = [limited(3, "CC0-1.0"), limited(2, "InC"), rest("CC0-1.0")];
    assert!(recording.publish(&both).cleared().is_some());
}

#[test]
fn a_status_for_one_country_clears_there_only() {
    let recording =
        Recording::saying(&[("RIGHTS", "http://rightsstatements.org/vocab/NoC-US/1.0/")]);
    assert!(recording.may(Act::Stream, &[], US).cleared().is_some());
    assert!(recording.may(Act::Stream, &[], DE).cleared().is_none());
    assert!(why(recording.publish(&[])).ends_with("(NoC-US) gives leave to publish it only in US"));
}

#[test]
fn names_match_whole_in_nfc_and_any_case() {
    let recording = Recording::saying(&[]);
    let by_artist =
        |name: &str| recording.publish(&[rule(1, RuleTarget::Artist(name.into()), "CC0-1.0")]);
    for name in ["Zoë", "zoe\u{308}", "ZOË"] {
        assert!(by_artist(name).cleared().is_some(), "{name}");
    }
    for name in ["Zo", "Zoe", "Ann, Zoë", "*"] {
        assert!(by_artist(name).cleared().is_none(), "{name}");
    }
}

#[test]
fn targets_go_through_tables() {
    for target in [
        this(),
        RuleTarget::Release("R".into()),
        RuleTarget::Artist("A".into()),
        RuleTarget::Path("/p/**".into()),
        RuleTarget::Everything,
    ] {
        assert_eq!(RuleTarget::from_parts(target.kind(), target.value()), Ok(target));
    }
    assert!(RuleTarget::from_parts("recording", "xyz").is_err());
    assert!(RuleTarget::from_parts("artist", "").is_err());
    assert_eq!("us".parse(), Ok(US));
    assert_eq!("Worldwide".parse(), Ok(Place::Worldwide));
    assert!("Europe".parse::<Place>().is_err());
}

fn any_licence() -> impl Strategy<Value = Licence> {
    let ids =
        ["CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "GPL-2.0-only", "InC", "NoC-US", "NKC", "InC-NC"];
    prop::sample::select(ids.to_vec()).prop_map(licence)
}

fn any_target() -> impl Strategy<Value = RuleTarget> {
    prop_oneof![
        Just(this()),
        Just(RuleTarget::Recording("ffffffffffffffffffff".parse().unwrap())),
        Just(RuleTarget::Release("First Light".into())),
        Just(RuleTarget::Artist("Ann".into())),
        Just(RuleTarget::Artist("Nobody".into())),
        Just(RuleTarget::Path("/m/**".into())),
        Just(RuleTarget::Path("**/*.flac".into())),
        Just(RuleTarget::Everything),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let until = prop_oneof![
        3 => Just(None),
        1 => "[0-9]{4}-[01][0-9]-[0-3][0-9]".prop_map(Some),
        1 => "\\PC{0,12}".prop_map(Some),
    ];
    let places = prop::collection::vec(prop::sample::select(vec![*b"US", *b"DE", *b"fr"]), 0..3);
    (1..50u32, any_target(), any_licence(), until, places).prop_map(
        |(number, target, licence, until, places)| Rule {
            number,
            target,
            licence,
            ground: "g".into(),
            until,
            places,
        },
    )
}

fn any_tags() -> impl Strategy<Value = Vec<(String, String, String)>> {
    let text = prop_oneof![any_licence().prop_map(|l| l.id().to_owned()), "\\PC{0,12}"];
    prop::collection::vec(
        (prop::sample::select(vec!["LICENSE", "rights", "COMMENT"]), text)
            .prop_map(|(key, text)| (key.to_owned(), text, "f".to_owned())),
        0..3,
    )
}

fn any_place() -> impl Strategy<Value = Place> {
    prop::sample::select(vec![Place::Worldwide, US, DE])
}

fn any_act() -> impl Strategy<Value = Act> {
    prop::sample::select(Act::ALL.to_vec())
}

proptest! {
    #[test]
    fn never_panics_and_answers_what_was_asked(
        rules in prop::collection::vec(any_rule(), 0..6),
        said in any_tags(), act in any_act(), place in any_place(), day in "\\PC{0,12}", commercial: bool,
    ) {
        let recording = Recording { said, ..Recording::saying(&[]) };
        let decision = decide(&recording.subject(), &Rulebook::of_rules(rules), act, place, &day, Operator { commercial });
        match decision {
            Decision::Cleared(cleared) => {
                prop_assert_eq!((cleared.act(), cleared.place(), cleared.recording()), (act, place, &recording.id));
                prop_assert!(act == Act::Keep || cleared.statement().evidence != Evidence::Default);
                prop_assert!(!["InC", "NKC"].contains(&cleared.licence().id()) || act == Act::Keep);
            }
            Decision::HeldBack(held_back) => {
                prop_assert!(act != Act::Keep);
                prop_assert!(!held_back.why.is_empty() && held_back.settle.contains(ID));
            }
        }
    }

    #[test]
    fn the_order_of_rules_and_tags_does_not_matter(
        rules in prop::collection::btree_map(1..50u32, any_rule(), 0..6),
        said in any_tags(), act in any_act(), place in any_place(),
    ) {
        let rules: Vec<Rule> = rules.into_iter().map(|(number, rule)| Rule { number, ..rule }).collect();
        let recording = Recording { said, ..Recording::saying(&[]) };
        let backwards = Recording { said: recording.said.iter().rev().cloned().collect(), ..Recording::saying(&[]) };
        let reversed: Vec<Rule> = rules.iter().rev().cloned().collect();
        let (one, other) = (recording.may(act, &rules, place), backwards.may(act, &reversed, place));
        prop_assert_eq!(one.cleared(), other.cleared());
        prop_assert_eq!(one.statement(), other.statement());
    }

    #[test]
    fn everything_never_outweighs_the_specific(
        mut rules in prop::collection::vec(any_rule(), 0..5),
        specific in any_rule(), tag in any_licence(), tagged: bool, everything in any_licence(),
        number in 1..99u32, act in any_act(), place in any_place(),
    ) {
        // A statement about this recording, of no limited term or place.
        let recording = if tagged {
            Recording::saying(&[("LICENSE", tag.id())])
        } else {
            prop_assume!(specific.target.matches(&Recording::saying(&[]).subject()));
            prop_assume!(specific.target != RuleTarget::Everything);
            rules.push(Rule { until: None, places: vec![], ..specific });
            Recording::saying(&[])
        };
        let before = recording.may(act, &rules, place);
        rules.push(Rule { number, ..rule(1, RuleTarget::Everything, everything.id()) });
        prop_assert_eq!(recording.may(act, &rules, place), before);
    }

    #[test]
    fn an_ended_rule_clears_nothing_and_bars_nothing(
        rules in prop::collection::vec(any_rule(), 0..5), ended in any_rule(),
        said in any_tags(), act in any_act(), place in any_place(),
    ) {
        let recording = Recording { said, ..Recording::saying(&[]) };
        let without = recording.may(act, &rules, place);
        let mut rules = rules;
        rules.push(Rule { until: Some("2026-11-19".into()), ..ended });
        let with = recording.may(act, &rules, place);
        prop_assert_eq!(with.cleared(), without.cleared());
        prop_assert_eq!(with.statement(), without.statement());
    }

    #[test]
    fn the_line_that_settles_it_settles_it(
        rules in prop::collection::vec(any_rule(), 0..6), said in any_tags(), place in any_place(),
    ) {
        let recording = Recording { said, ..Recording::saying(&[]) };
        let mut rules = rules;
        rules.push(rule(1_000, this(), "CC0-1.0"));
        prop_assert!(recording.may(Act::Publish, &rules, place).cleared().is_some());
    }
}

#[test]
fn what_is_held_in_common_leaves_when_all_are_cleared() {
    let free = Recording::saying(&[("LICENSE", "CC0-1.0")]);
    let cleared = free.publish(&[]);
    let together = |decisions: &[&Decision]| {
        let mut together = Together::new(Act::Publish, Place::Worldwide);
        decisions.iter().for_each(|decision| together.add(decision.cleared()));
        together.leave()
    };
    let leave = together(&[&cleared, &cleared]).unwrap();
    assert_eq!(
        (leave.act(), leave.place(), leave.recordings()),
        (Act::Publish, Place::Worldwide, 2)
    );
    // Of nothing, with one that nobody decided on in our favour, with leave for something else.
    let unknown = Recording::saying(&[]).publish(&[]);
    let (kept, at_home) =
        (free.may(Act::Keep, &[], Place::Worldwide), free.may(Act::Publish, &[], DE));
    assert!(kept.cleared().is_some() && at_home.cleared().is_some());
    assert_eq!(together(&[]), None);
    for other in [unknown, kept, at_home] {
        assert_eq!(together(&[&cleared, &other, &cleared]), None);
    }
}

fn takedown(number: u32, scope: TakedownScope, target: TakedownTarget) -> Takedown {
    Takedown {
        number,
        notice: format!("N-{number}"),
        reason: TakedownReason::Copyright,
        scope,
        target,
        recordings: BTreeSet::new(),
        roots: BTreeSet::new(),
    }
}

fn under(recording: &Recording, rules: Vec<Rule>, takedown: Takedown, act: Act) -> Decision {
    let rulebook = Rulebook { rules, takedowns: vec![takedown] };
    decide(&recording.subject(), &rulebook, act, US, DAY, Operator::default())
}

#[test]
fn a_takedown_outranks_every_statement() {
    let free = Recording::saying(&[("LICENSE", "CC0")]);
    let target = TakedownTarget::Recording(ID.parse().unwrap());
    let dark = takedown(3, TakedownScope::Publish, target);
    for act in [Act::Publish, Act::Stream] {
        let rules = vec![rule(9, this(), "CC0-1.0")];
        let Decision::HeldBack(held_back) = under(&free, rules, dark.clone(), act) else {
            panic!("cleared under a takedown")
        };
        assert_eq!(held_back.why, "it is dark by takedown 3 (copyright, notice N-3)");
        assert_eq!(held_back.settle, "deadwax takedown lift 3 --notice NOTICE");
        assert_eq!(held_back.takedown.as_ref().map(|it| it.number), Some(3));
        assert_eq!(held_back.statement.as_ref().unwrap().licence.id(), "CC0-1.0");
        assert_eq!(held_back.in_public(), held_back.why);
    }
    assert!(under(&free, vec![], dark.clone(), Act::Keep).cleared().is_some());
    let gone = Takedown { scope: TakedownScope::Keep, ..dark };
    assert!(under(&free, vec![], gone, Act::Keep).cleared().is_none());
}

#[test]
fn a_takedown_is_about_what_it_names_and_what_it_wrote_down() {
    let free = Recording::saying(&[("LICENSE", "CC0")]);
    let is_dark = |takedown: Takedown| {
        let isrcs = ["USRC17607831".parse().unwrap()];
        let releases = ["aa".to_owned()];
        let roots = [Root([7; 32])];
        let subject =
            Subject { isrcs: &isrcs, releases: &releases, roots: &roots, ..free.subject() };
        let rulebook = Rulebook { rules: vec![], takedowns: vec![takedown] };
        let decision = decide(&subject, &rulebook, Act::Publish, US, DAY, Operator::default());
        decision.cleared().is_none()
    };
    let named = |target| takedown(1, TakedownScope::Publish, target);
    let isrc = |text: &str| TakedownTarget::Isrc(text.parse().unwrap());
    assert!(is_dark(named(isrc("USRC17607831"))));
    assert!(!is_dark(named(isrc("USRC17607832"))));
    assert!(is_dark(named(TakedownTarget::Artist("zoe\u{308} ".into()))));
    assert!(!is_dark(named(TakedownTarget::Artist("Zo".into()))));
    assert!(is_dark(named(TakedownTarget::Release("aa".into()))));
    assert!(!is_dark(named(TakedownTarget::Release("First Light".into()))));
    let files = |root| TakedownTarget::Files(BTreeSet::from([Root(root)]));
    assert!(is_dark(named(files([7; 32]))));
    let other = || named(files([8; 32]));
    assert!(!is_dark(other()));
    assert!(is_dark(Takedown { recordings: BTreeSet::from([ID.parse().unwrap()]), ..other() }));
    assert!(is_dark(Takedown { roots: BTreeSet::from([Root([7; 32])]), ..other() }));
    assert!(!is_dark(Takedown { roots: BTreeSet::from([Root([8; 32])]), ..other() }));
}

#[test]
fn the_words_of_a_takedown_are_those_they_print() {
    for reason in TakedownReason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(reason));
    }
    for scope in TakedownScope::ALL {
        assert_eq!(scope.as_str().parse(), Ok(scope));
    }
    let said = "piracy".parse::<TakedownReason>().unwrap_err().to_string();
    assert!(said.starts_with("'piracy' is not a reason of a takedown: copyright, "), "{said}");
    for target in [
        TakedownTarget::Recording(ID.parse().unwrap()),
        TakedownTarget::Isrc("USRC17607831".parse().unwrap()),
        TakedownTarget::Release("aa".into()),
        TakedownTarget::Artist("Ann".into()),
        TakedownTarget::Files(BTreeSet::from([Root([7; 32]), Root([8; 32])])),
    ] {
        assert_eq!(TakedownTarget::from_parts(target.kind(), &target.value()), Ok(target));
    }
    assert!(TakedownTarget::from_parts("path", "x").is_err());
    assert!(TakedownTarget::from_parts("recording", "x").is_err());
    assert!(TakedownTarget::from_parts("files", "").is_err());
}
