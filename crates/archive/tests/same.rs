//! The same recording in two files: found, made one by rule or by ISRC, and split again, with nothing lost on the way.

use deadwax_archive::{Archive, MainJob, Run, SamePair, SameStats, Silent};
use deadwax_edition::Copies;
use deadwax_model::{RecordingId, Status};
use deadwax_rights::{Licence, Rule, RuleTarget};
use deadwax_testkit::{flac, music::Piece, wav};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);
const SHARED: &str = "QZDWX2600001";

fn run() -> Run<'static> {
    Run {
        progress: &Silent,
        stop: &NEVER,
        jobs: 2,
        today: "2026-01-01".to_owned(),
        now: jiff::Timestamp::now(),
    }
}

struct Made {
    _folder: tempfile::TempDir,
    music: PathBuf,
    archive: Archive,
}

/// An archive of some pieces: a FLAC of 24 kHz, and a WAV of the same, half as loud, called otherwise; and of others that
/// sound otherwise. `policy` is put behind the policy's title.
fn made(policy: &str) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let music = folder.path().join("music");
    fs::create_dir_all(&music).unwrap();
    let fields = |title: &str, isrc: &str, album: &str| {
        let fields = [("TITLE", title), ("ISRC", isrc), ("ALBUM", album), ("LICENSE", "CC0-1.0")];
        fields.map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    let put = |name: &str, samples: &[i16], fields: [(String, String); 4]| {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        fs::write(music.join(name), flac::encode(samples, &fields, 512).unwrap()).unwrap();
    };
    let samples = |seed, seconds| Piece { seed, seconds }.compose_i16();
    let quiet = |samples: &[i16]| samples.iter().map(|it| it / 2).collect::<Vec<i16>>();
    let one = samples(1, 10.0);
    put("one.flac", &one, fields("One", SHARED, "First"));
    put("uno.flac", &quiet(&one), fields("Uno", SHARED, "Sampler"));
    put("two.flac", &samples(2, 10.0), fields("Two", SHARED, "First"));
    put("three.flac", &samples(3, 10.0), fields("Three", "QZDWX2600003", "First"));
    // Nothing is known of it but how it sounds.
    fs::write(music.join("tres.wav"), wav::encode(&quiet(&samples(3, 10.0)), &[])).unwrap();
    let to = folder.path().join("archive");
    let archive = Archive::create(&to, Some("Test")).unwrap();
    drop(archive);
    fs::write(to.join("deadwax.toml"), format!("title = 'Test'\n{policy}")).unwrap();
    let archive = Archive::open(&to).unwrap();
    Made { _folder: folder, music, archive }
}

impl Made {
    fn archive(&self) -> deadwax_archive::ArchiveReport {
        let report = self.archive.archive(&run(), &self.music, &MainJob::default()).unwrap();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        report
    }

    fn id(&self, title: &str) -> RecordingId {
        let ids = self.archive.catalog().recording_ids().unwrap();
        let is_it = |id: &RecordingId| {
            self.archive.catalog().recording(id).unwrap().unwrap().title == title
        };
        ids.into_iter().find(is_it).unwrap()
    }

    fn recording(&self, title: &str) -> deadwax_catalog::Recording {
        self.archive.catalog().recording(&self.id(title)).unwrap().unwrap()
    }

    fn pairs(&self, index_bytes: usize) -> (Vec<SamePair>, SameStats) {
        let mut pairs = Vec::new();
        let each = |pair| {
            pairs.push(pair);
            Ok(())
        };
        let stats = self.archive.same_within(&run(), index_bytes, each).unwrap();
        pairs.sort_by(|a, b| (&a.better.id, &a.other.id).cmp(&(&b.better.id, &b.other.id)));
        (pairs, stats)
    }

    fn listens(&self, lines: &[(&str, &str, u64)]) {
        let lines: String =
            lines.iter().map(|(id, isrc, n)| format!("{id},{isrc},{n}\n")).collect();
        let path = self.music.parent().unwrap().join("listens.csv");
        fs::write(&path, format!("id,isrc,listens\n{lines}")).unwrap();
        self.archive.add_listens(&path).unwrap();
    }

    /// The winner and the loser of a merged pair.
    fn sides(&self, titles: [&str; 2]) -> [deadwax_catalog::Recording; 2] {
        let [a, b] = titles.map(|title| self.recording(title));
        match a.same_as.is_none() {
            true => [a, b],
            false => [b, a],
        }
    }
}

#[test]
fn pairs_are_found_whatever_fits_into_memory() {
    let made = made("");
    let (none, stats) = made.pairs(1 << 20);
    assert_eq!((none.len(), stats), (0, SameStats::default()), "nothing is there");
    made.archive();
    let (pairs, stats) = made.pairs(1 << 20);
    let titles = |pair: &SamePair| {
        let mut titles = [pair.better.title.clone(), pair.other.title.clone()];
        titles.sort();
        titles
    };
    let mut found: Vec<_> = pairs.iter().map(titles).collect();
    found.sort();
    assert_eq!(found, [["One", "Uno"], ["Three", "tres"]]);
    assert_eq!((stats.compared, stats.without, stats.pairs), (5, 0, 2));
    for pair in &pairs {
        assert!(pair.score > 0.95 && pair.offset_ms.abs() < 200, "{pair:?}");
        assert!((7_000..10_500).contains(&pair.overlap_ms), "{pair:?}");
        assert_eq!((pair.same_length, pair.is_merged, pair.rule), (Some(true), false, None));
        let isrc = (titles(pair)[0] == "One").then(|| SHARED.parse().unwrap());
        assert_eq!(pair.shared_isrc, isrc);
    }
    // One recording at a time, and two.
    for few in [1, 1100] {
        assert_eq!(made.pairs(few), (pairs.clone(), stats));
    }
}

#[test]
fn a_rule_merges_two_and_another_splits_them_again() {
    let made = made("");
    let before = made.archive();
    assert_eq!(before.recordings, 5);
    let [one, uno, two] = ["One", "Uno", "Two"].map(|title| made.recording(title));
    let refused = made.archive.merge_same([&one, &two], "x", false).unwrap_err().to_string();
    assert!(
        refused.contains("do not sound the same") && refused.contains("--even-so"),
        "{refused}"
    );
    assert!(made.archive.merge_same([&one, &one], "x", true).is_err());
    let rule = made.archive.merge_same([&uno, &one], "heard both", false).unwrap();
    let again = made.archive.merge_same([&one, &uno], "heard both", false).unwrap();
    assert_eq!((rule.number, again.number), (1, 1));

    let plan = made.archive.plan(&run(), None).unwrap();
    assert_eq!((plan.rows.len(), plan.same.len()), (4, 1));
    assert_eq!(plan.same[0].because, "rule 1");
    assert_eq!(plan.summary().statuses[Status::SameAs.as_str()], 1);
    let ranks: Vec<u32> = plan.rows.iter().map(|row| row.rank.get()).collect();
    assert_eq!(ranks, [1, 2, 3, 4]);

    let merged = made.archive();
    assert_eq!((merged.recordings, merged.holdings["keep"].count), (4, 4));
    let [winner, loser] = made.sides(["One", "Uno"]);
    assert_eq!(winner.same, std::slice::from_ref(&loser.id));
    assert_eq!((loser.same_as.as_ref(), loser.placement), (Some(&winner.id), None));
    assert!(!loser.holdings.is_empty(), "nothing is deleted");
    let releases: Vec<&str> =
        winner.tracks.iter().map(|track| track.release.title.as_str()).collect();
    let own_first = if winner.title == "One" { ["First", "Sampler"] } else { ["Sampler", "First"] };
    assert_eq!(releases, own_first);
    // By ISRC the one in the list is meant, and by its own id the other one.
    let named = made.archive.named(SHARED).unwrap();
    assert_eq!(named.iter().filter(|it| [&winner.id, &loser.id].contains(&&it.id)).count(), 1);
    assert_eq!(made.archive.one(loser.id.as_str()).unwrap().id, loser.id);
    let mut rows = Vec::new();
    made.archive
        .list(&run(), |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    let row = rows.last().unwrap();
    assert_eq!(
        (row.status, row.rank, row.same_as.as_ref()),
        (Status::SameAs, None, Some(&winner.id))
    );
    let details = made.archive.details(&run(), winner.id.as_str()).unwrap();
    assert_eq!(
        (details[0].same[0].id.clone(), details[0].same[0].sources.len()),
        (loser.id.clone(), 1)
    );
    assert!(made.archive.verify(&run()).unwrap().is_sound());
    let (pairs, _) = made.pairs(1 << 20);
    assert!(pairs.iter().any(|pair| pair.is_merged && pair.rule == Some(1)));

    // The damaged holding of one that is not in the list is made again all the same.
    let root = loser.holdings[0].hashes.root.to_string();
    let held = made.archive.folder().join("store").join(&root[..2]).join(&root[2..4]).join(&root);
    deadwax_testkit::damage::delete(&held).unwrap();
    let repaired = made.archive.repair(&run(), &Copies::default()).unwrap();
    assert_eq!((repaired.found, repaired.repaired), (1, 1), "{repaired:?}");
    assert_eq!(
        made.recording("One").same_as.is_some() as u8
            + made.recording("Uno").same_as.is_some() as u8,
        1
    );

    let [one, uno] = ["One", "Uno"].map(|title| made.recording(title));
    assert_eq!(made.archive.split_same([&one, &uno], "heard them again").unwrap().number, 2);
    let split = made.archive();
    assert_eq!((split.recordings, split.holdings["keep"].count), (5, 5));
    for title in ["One", "Uno"] {
        let recording = made.recording(title);
        assert_eq!((recording.same_as, recording.same), (None, Vec::new()));
        assert_eq!(recording.tracks.len(), 1);
        assert_eq!(recording.placement.unwrap().status, Status::Held);
    }
    assert_eq!(split.holdings["keep"].bytes, before.holdings["keep"].bytes);
}

#[test]
fn by_isrc_only_what_sounds_the_same_becomes_one() {
    let made = made("[same]\nmerge = 'isrc'\n");
    let merged = made.archive();
    // Two carries the ISRC as well and sounds otherwise; Three and tres sound the same and share none.
    assert_eq!(merged.recordings, 4);
    let plan = made.archive.plan(&run(), None).unwrap();
    assert_eq!(plan.same.len(), 1);
    assert_eq!(plan.same[0].because, "ISRC QZ-DWX-26-00001");
    let [winner, loser] = made.sides(["One", "Uno"]);
    assert_eq!(winner.same, std::slice::from_ref(&loser.id));
    made.archive.split_same([&winner, &loser], "another mix").unwrap();
    assert_eq!(made.archive().recordings, 5, "what the operator says counts before the ISRC");
}

#[test]
fn a_shared_isrc_does_not_merge_what_is_longer() {
    let made = made("[same]\nmerge = 'isrc'\n");
    let longer: Vec<i16> = {
        let mut samples = Piece { seed: 1, seconds: 10.0 }.compose_i16();
        samples.extend(Piece { seed: 9, seconds: 5.0 }.compose_i16());
        samples
    };
    let fields = [("TITLE", "Long"), ("ISRC", SHARED)];
    fs::write(made.music.join("long.flac"), flac::encode(&longer, &fields, 512).unwrap()).unwrap();
    fs::remove_file(made.music.join("uno.flac")).unwrap();
    assert_eq!(made.archive().recordings, 5);
    let [one, long] = ["One", "Long"].map(|title| made.recording(title));
    assert_eq!((one.same_as.clone(), long.same_as.clone()), (None, None));
    let (pairs, _) = made.pairs(1 << 20);
    let pair = pairs.iter().find(|pair| pair.shared_isrc.is_some()).unwrap();
    assert_eq!((pair.better.title.as_str(), pair.same_length), ("Long", Some(false)));
    let refused = made.archive.merge_same([&one, &long], "x", false).unwrap_err().to_string();
    assert!(refused.contains("lengths differ (10.0 s and 15.0 s)"), "{refused}");
    made.archive.merge_same([&one, &long], "heard both", true).unwrap();
    assert_eq!(made.archive().recordings, 4);
}

#[test]
fn listens_of_both_count_and_none_of_them_twice() {
    let made = made("");
    made.archive();
    let [three, tres] = ["Three", "tres"].map(|title| made.recording(title));
    let [one, uno] = ["One", "Uno"].map(|title| made.recording(title));
    made.archive.merge_same([&three, &tres], "x", false).unwrap();
    made.archive.merge_same([&one, &uno], "x", false).unwrap();
    let listens_of = |title: &str| {
        let plan = made.archive.plan(&run(), None).unwrap();
        made.archive.carry_out(&plan).unwrap();
        let [winner, _] = made.sides(match title {
            "Three" => ["Three", "tres"],
            _ => ["One", "Uno"],
        });
        winner.placement.unwrap().listens
    };
    assert_eq!(listens_of("Three"), None, "nobody counted");
    made.listens(&[("", "QZDWX2600003", 500)]);
    assert_eq!(listens_of("Three"), Some(500), "whichever of the two wins");
    made.listens(&[(tres.id.as_str(), "", 70)]);
    assert_eq!(listens_of("Three"), Some(570));
    // Both carry the ISRC: its count is of one recording.
    made.listens(&[("", SHARED, 1000)]);
    assert_eq!(listens_of("One"), Some(1000));
    // The count by id stands for what is counted under the ISRCs of that file.
    made.listens(&[(one.id.as_str(), "", 1300)]);
    assert_eq!(listens_of("One"), Some(1300));
    made.listens(&[(uno.id.as_str(), "", 9)]);
    assert_eq!(listens_of("One"), Some(1309));
}

#[test]
fn what_is_said_of_either_can_hold_it_back() {
    let made = made("");
    made.archive();
    let [one, uno] = ["One", "Uno"].map(|title| made.recording(title));
    made.archive.merge_same([&one, &uno], "x", false).unwrap();
    assert_eq!(made.archive().cleared, 3, "tres.wav states no licence");
    let [_, loser] = made.sides(["One", "Uno"]);
    let rule = Rule {
        number: 0,
        target: RuleTarget::Recording(loser.id),
        licence: Licence::recognise("InC").unwrap(),
        ground: "a letter".to_owned(),
        until: None,
        places: Vec::new(),
    };
    made.archive.catalog().add_rule(&rule).unwrap();
    assert_eq!(made.archive().cleared, 2);
}
