//! From a claim to nothing left of it outside, and back; and what a stop in the middle leaves.

mod made;

use deadwax_archive::{Archive, ArchiveError, PublishOptions, TakedownOrder, TakedownReport};
use deadwax_edition::{Copies, Stage, StagesOut};
use deadwax_model::{RecordingId, Root, Status};
use deadwax_rights::{Licence, Rule, RuleTarget, TakedownReason, TakedownScope, TakedownTarget};
use deadwax_store::hash_reader;
use deadwax_testkit::png;
use made::{Made, made, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

fn order(target: TakedownTarget) -> TakedownOrder {
    TakedownOrder {
        target,
        reason: TakedownReason::Copyright,
        scope: TakedownScope::Publish,
        notice: "N-2026-17".to_owned(),
        note: Some("a letter from Ann".to_owned()),
        remove_copies: false,
    }
}

fn id_of(archive: &Archive, named: &str) -> RecordingId {
    archive.one(named).unwrap().id
}

fn recording(archive: &Archive, named: &str) -> TakedownTarget {
    TakedownTarget::Recording(id_of(archive, named))
}

fn take_down(archive: &Archive, order: &TakedownOrder) -> TakedownReport {
    let report = archive.take_down(&run(), order, &[]).unwrap();
    assert_eq!(report.problems, []);
    report
}

/// Everything out: patches too.
fn publish(archive: &Archive) -> String {
    let stages: Vec<Stage> =
        ["audio", "artwork", "patches"].iter().map(|stage| stage.parse().unwrap()).collect();
    let options = PublishOptions { stages: StagesOut::of(&stages), ..PublishOptions::default() };
    let report = archive.publish_with(&run(), options).unwrap();
    assert_eq!(report.problems, []);
    report.edition
}

/// The files in all pack folders of all editions: path in the archive, and root.
fn out(archive: &Archive) -> Vec<(String, Root)> {
    let mut found = Vec::new();
    let mut folders = vec![archive.folder().join("editions")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(archive.folder()).unwrap().display().to_string();
            match path.is_dir() {
                true => folders.push(path),
                false if name.contains("/packs/") && !name.ends_with(".torrent") => {
                    let root = hash_reader(File::open(&path).unwrap()).unwrap().root;
                    found.push((name, root));
                }
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn roots_out(archive: &Archive) -> BTreeSet<Root> {
    out(archive).into_iter().map(|(_, root)| root).collect()
}

fn tombstones(archive: &Archive, edition: &str) -> Value {
    let path = archive.folder().join(edition).join("tombstones.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn stored(archive: &Archive, root: &Root) -> PathBuf {
    let name = root.to_string();
    archive.folder().join("store").join(&name[..2]).join(&name[2..4]).join(name)
}

/// All packs that may be seeded: the paths that are withheld.
fn withheld(archive: &Archive) -> Vec<String> {
    archive.seed_packs(&run()).unwrap().into_iter().flat_map(|pack| pack.withheld).collect()
}

/// What an edition says of itself is what is there: its fixity, and its signature.
fn assert_sound(archive: &Archive) {
    let report = archive.verify(&run()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let edition = archive.newest_edition().unwrap().folder().to_path_buf();
    let signed: Value =
        serde_json::from_slice(&fs::read(edition.join("trust/targets.json")).unwrap()).unwrap();
    for name in ["tombstones.json", "edition.json"] {
        use sha2::{Digest, Sha256};
        let content = fs::read(edition.join(name)).unwrap();
        let target = &signed["signed"]["targets"][name];
        let found = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(target["hashes"]["sha256"].as_str(), Some(found.as_str()), "{name}");
        assert_eq!(target["length"].as_u64(), Some(content.len() as u64), "{name}");
    }
}

/// Three pieces in two editions with everything out.
fn published() -> Made {
    let made = made(3, 0.5);
    made.archive(None);
    publish(&made.archive);
    made
}

#[test]
fn nothing_of_it_is_left_outside_and_lifting_brings_it_back() {
    let made = published();
    let archive = &made.archive;
    let first = archive.editions().unwrap();
    assert_eq!(first.len(), 2);
    let taken = archive.one("QZDWX2600001").unwrap();
    let holding = taken.current().unwrap().clone();
    let dark = BTreeSet::from([holding.hashes.root, holding.patch.unwrap().0]);
    let all = out(archive);
    assert_eq!(all.len(), 3 + 6);
    assert_eq!(withheld(archive), [""; 0]);

    let order = order(recording(archive, "QZDWX2600001"));
    let plan = archive.plan_takedown(&run(), &order).unwrap();
    assert_eq!((plan.number, plan.recordings.len(), plan.published.len()), (None, 1, 3));
    assert_eq!(out(archive), all, "a plan changes nothing");
    assert_eq!(archive.takedowns().unwrap(), []);

    let report = take_down(archive, &order);
    assert_eq!((report.number, report.is_new, report.removed.len()), (1, true, 0));
    assert_eq!(report.published, plan.published);
    let left: Vec<_> =
        all.iter().filter(|(path, _)| !report.published.contains(path)).cloned().collect();
    assert_eq!(out(archive), left);
    assert!(roots_out(archive).is_disjoint(&dark));
    assert!(stored(archive, &holding.hashes.root).is_file(), "the store keeps its copy");
    assert_eq!(withheld(archive).len(), 2, "the holding and its patch");
    let document = tombstones(archive, &format!("editions/{}", first[1]));
    assert_eq!(
        (&document["format"], &document["schema"]),
        (&"deadwax-tombstones".into(), &1.into())
    );
    let tombstone = &document["tombstones"][0];
    let texts = |list: &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&tombstone["recordings"]), BTreeSet::from([taken.id.to_string()]));
    assert_eq!(texts(&tombstone["roots"]), dark.iter().map(Root::to_string).collect());
    assert_eq!(tombstone["lifted"], Value::Null);
    assert!(!document.to_string().contains("Ann"), "the note stays inside: {document}");
    assert_sound(archive);
    for name in &first {
        let folder = archive.folder().join("editions").join(name);
        let alone = deadwax_archive::verify_edition(&run(), &folder).unwrap();
        assert!(alone.is_sound(), "an edition by itself knows it too: {alone:?}");
    }
    let explained = archive.explain(&run(), Some(vec![taken.clone()])).unwrap().remove(0);
    assert_eq!(explained.takedown.map(|it| it.number), Some(1));
    assert_eq!(explained.why.unwrap(), "it is dark by takedown 1 (copyright, notice N-2026-17)");

    let third = publish(archive);
    assert!(roots_out(archive).is_disjoint(&dark));
    let edition = archive.newest_edition().unwrap();
    let listed = edition.rank_of(&taken.id).unwrap().and_then(|rank| edition.at(rank).unwrap());
    let listed = listed.unwrap();
    assert_eq!((listed.status, listed.cleared, listed.pack), (Status::Held, false, None));
    assert_eq!(
        listed.held_back.as_deref(),
        Some("it is dark by takedown 1 (copyright, notice N-2026-17)")
    );
    assert_eq!(tombstones(archive, &third)["tombstones"], document["tombstones"]);
    assert_sound(archive);
    let again = take_down(archive, &order);
    assert_eq!((again.number, again.is_new, again.published.len()), (1, false, 0));

    let lifted = archive.lift_takedown(&run(), 1, "N-2026-18", &[]).unwrap();
    assert_eq!((lifted.recordings.len(), lifted.still_dark, lifted.problems), (1, vec![], vec![]));
    assert!(tombstones(archive, &third)["tombstones"][0]["lifted"].is_string());
    assert_sound_but_for_links(archive);
    let fourth = publish(archive);
    assert!(dark.is_subset(&roots_out(archive)));
    assert!(
        out(archive).iter().any(|(path, root)| path.starts_with(&fourth) && dark.contains(root))
    );
    assert_eq!(withheld(archive), [""; 0]);
    // The editions before it have it again when they are put right.
    archive.repair(&run(), &Copies::default()).unwrap();
    assert_sound(archive);
    let said = archive.lift_takedown(&run(), 1, "N-2026-19", &[]).unwrap_err().to_string();
    assert!(said.contains("was lifted already") && said.contains("N-2026-18"), "{said}");
}

/// What was lifted is missing where it was taken out, and nothing else is amiss.
fn assert_sound_but_for_links(archive: &Archive) {
    let report = archive.verify(&run()).unwrap();
    assert_eq!(report.damaged, []);
    assert!(report.missing.iter().all(|it| it.path.contains("/packs/")), "{report:?}");
}

#[test]
fn whatever_stops_it_the_next_act_says_so_and_goes_on() {
    let made = published();
    let archive = &made.archive;
    let order = order(recording(archive, "QZDWX2600000"));
    let stopped = std::sync::atomic::AtomicBool::new(true);
    let stopped = deadwax_archive::Run { stop: &stopped, ..run() };
    // Stopped behind the record: what `take_down` does first when it is not stopped before.
    let plan = archive.plan_takedown(&run(), &order).unwrap();
    let takedown = deadwax_rights::Takedown {
        number: 0,
        notice: order.notice.clone(),
        reason: order.reason,
        scope: order.scope,
        target: order.target.clone(),
        recordings: plan.recordings.iter().map(|it| it.id.clone()).collect(),
        roots: BTreeSet::new(),
    };
    archive.catalog().add_takedown(&takedown, "2026-01-01T00:00:00Z", None).unwrap();
    assert_eq!(archive.takedowns().unwrap()[0].done, None);
    assert!(matches!(archive.take_down(&stopped, &order, &[]), Err(ArchiveError::Interrupted)));
    let root = archive.one("QZDWX2600000").unwrap().current().unwrap().hashes.root;
    assert!(roots_out(archive).contains(&root));
    assert_eq!(withheld(archive).len(), 2, "seeding does not wait for the rest");
    publish(archive);
    assert!(!roots_out(archive).contains(&root));
    assert!(archive.takedowns().unwrap()[0].done.is_some());
    assert_sound(archive);
    // An edition that was brought back from a copy is told, and put right.
    let path = archive.folder().join(&plan.published[0]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(stored(archive, &root), &path).unwrap();
    let report = archive.verify(&run()).unwrap();
    assert_eq!(report.damaged.len(), 1, "{report:?}");
    assert!(report.damaged[0].what.contains("dark by takedown 1"), "{report:?}");
    archive.repair(&run(), &Copies::default()).unwrap();
    assert!(!path.exists());
    assert_sound(archive);
}

#[test]
fn a_lift_that_mirrors_were_not_told_of_is_told_with_the_next_publish() {
    let made = published();
    let archive = &made.archive;
    take_down(archive, &order(recording(archive, "1")));
    archive.catalog().lift_takedown(1, "2026-01-02T00:00:00Z", "N-2").unwrap();
    publish(archive);
    let lift = archive.takedowns().unwrap().remove(0).lifted.unwrap();
    assert!(lift.done.is_some());
    assert_eq!(lift.time, "2026-01-02T00:00:00Z");
}

#[test]
fn without_keys_it_is_dark_here_and_that_mirrors_do_not_know_is_said() {
    let made = published();
    let archive = &made.archive;
    let (own, away) = (archive.folder().join("keys"), made.music.with_extension("keys"));
    fs::rename(&own, &away).unwrap();
    let order = order(recording(archive, "1"));
    let before = fs::read(archive.newest_edition().unwrap().folder().join("edition.json")).unwrap();
    let report = archive.take_down(&run(), &order, &[]).unwrap();
    assert_eq!((report.published.len(), report.edition), (3, None));
    assert!(report.problems[0].what.contains("mirrors do not know"), "{:?}", report.problems);
    assert!(report.problems[0].next.contains("--keys DIR"));
    let after = fs::read(archive.newest_edition().unwrap().folder().join("edition.json")).unwrap();
    assert!(before == after, "what is signed stays as it is");
    assert_eq!(archive.takedowns().unwrap()[0].done, None);
    let report = archive.take_down(&run(), &order, &[away]).unwrap();
    assert_eq!((report.is_new, report.problems), (false, vec![]));
    assert_sound(archive);
}

#[test]
fn what_is_the_last_copy_is_removed_only_when_that_is_said() {
    let made = published();
    let archive = &made.archive;
    let target = recording(archive, "QZDWX2600002");
    let holding = archive.one("QZDWX2600002").unwrap().current().unwrap().clone();
    let own = [holding.hashes.root, holding.patch.unwrap().0].map(|it| stored(archive, &it));
    let keep = TakedownOrder { scope: TakedownScope::Keep, ..order(target) };
    let said = archive.take_down(&run(), &keep, &[]).unwrap_err().to_string();
    assert!(said.contains("--remove-copies") && said.contains("2 of"), "{said}");
    assert!(own.iter().all(|path| path.is_file()));
    assert_eq!(archive.takedowns().unwrap(), [], "nothing was said by it");
    let report = take_down(archive, &TakedownOrder { remove_copies: true, ..keep });
    assert_eq!(report.removed.len(), 2);
    assert!(own.iter().all(|path| !path.exists()));
    assert_eq!(made.status("QZDWX2600002"), Status::ByPolicy);
    assert_sound(archive);
    // Its source is still there, and it is not made again, nor by a repair.
    archive.repair(&run(), &Copies::default()).unwrap();
    let report = made.archive(None);
    assert_eq!((report.recordings, report.holdings["keep"].count), (3, 2));
    assert!(own.iter().all(|path| !path.exists()));
    archive.lift_takedown(&run(), 1, "N-2026-18", &[]).unwrap();
    assert_eq!(made.archive(None).holdings["keep"].count, 3);
    assert!(own.iter().all(|path| path.is_file()));
}

#[test]
fn a_file_that_lives_in_an_edition_alone_goes_dark_and_into_the_store() {
    let made = made(1, 0.5);
    made.archive(None);
    let archive = &made.archive;
    let old = archive.one("1").unwrap().current().unwrap().hashes.root;
    made.listens(&[(0, 1)]);
    made.archive(None);
    let new = archive.one("1").unwrap().current().unwrap().hashes.root;
    assert_ne!(old, new, "what was kept is re-encoded now");
    fs::remove_file(stored(archive, &old)).unwrap();
    let by_root = order(TakedownTarget::Files(BTreeSet::from([old])));
    let plan = archive.plan_takedown(&run(), &by_root).unwrap();
    assert_eq!((plan.recordings.len(), plan.published.len()), (1, 2), "and what is held by now");
    assert!(roots_out(archive).is_superset(&BTreeSet::from([old, new])));
    take_down(archive, &order(recording(archive, "1")));
    assert_eq!(out(archive), []);
    assert!(stored(archive, &old).is_file(), "the last copy is kept");
    let text = tombstones(archive, archive_newest(archive).as_str()).to_string();
    assert!(text.contains(&old.to_string()) && text.contains(&new.to_string()));
}

fn archive_newest(archive: &Archive) -> String {
    format!("editions/{}", archive.editions().unwrap().pop().unwrap())
}

#[test]
fn every_way_of_naming_it_finds_it_and_what_is_none_is_refused() {
    let made = published();
    let archive = &made.archive;
    let touched = |target| -> Result<usize, String> {
        let plan = archive.plan_takedown(&run(), &order(target)).map_err(|e| e.to_string())?;
        Ok(plan.recordings.len())
    };
    let root = archive.one("2").unwrap().current().unwrap().hashes.root;
    let files = |root| TakedownTarget::Files(BTreeSet::from([root]));
    assert_eq!(touched(TakedownTarget::Isrc("QZDWX2600001".parse().unwrap())), Ok(1));
    assert_eq!(touched(files(root)), Ok(1));
    let said = touched(files(Root([9; 32]))).unwrap_err();
    assert!(said.contains("has the root 0909"), "{said}");
    let said = touched(TakedownTarget::Artist("Nobody".into())).unwrap_err();
    assert!(said.contains("no recording with a file is named by artist 'Nobody'"), "{said}");
    for notice in ["Ann Smith", "ann@example.org", "", "letter", &"9".repeat(65)] {
        let order = TakedownOrder { notice: notice.to_owned(), ..order(files(root)) };
        let said = archive.plan_takedown(&run(), &order).unwrap_err().to_string();
        assert!(said.contains("is not the name of a notice"), "{notice}: {said}");
    }
    let said = archive.lift_takedown(&run(), 7, "N-1", &[]).unwrap_err().to_string();
    assert!(said.contains("there is no takedown 7"), "{said}");
    let said = archive.one_release("Nothing").unwrap_err().to_string();
    assert!(said.contains("no release"), "{said}");
}

/// Releases with a cover each: `Both` has two tracks, `One` one.
fn with_covers() -> Made {
    let made = made(0, 0.5);
    for (name, tracks, picture) in [("Both", 2, png::cover(3, 300)), ("One", 1, png::cover(4, 300))]
    {
        let folder = made.music.join(name);
        fs::create_dir_all(&folder).unwrap();
        for number in 0..tracks {
            let seed = 50 + number + u64::from(name == "One") * 10;
            let samples = deadwax_testkit::music::Piece { seed, seconds: 0.5 }.compose_i16();
            let (title, position) = (format!("{name} {number}"), (number + 1).to_string());
            let fields = [
                ("TITLE", title.as_str()),
                ("ARTIST", "Someone"),
                ("ALBUM", name),
                ("ALBUMARTIST", "Someone"),
                ("TRACKNUMBER", &position),
                ("LICENSE", "CC0-1.0"),
            ];
            let file = deadwax_testkit::flac::encode(&samples, &fields, 512).unwrap();
            fs::write(folder.join(format!("{number}.flac")), file).unwrap();
        }
        fs::write(folder.join("cover.png"), picture).unwrap();
    }
    made.archive(None);
    made
}

fn covers_out(archive: &Archive) -> usize {
    out(archive).iter().filter(|(path, _)| path.contains("cover")).count()
}

fn titled(archive: &Archive, title: &str) -> RecordingId {
    let ids = archive.catalog().recording_ids().unwrap().into_iter();
    let mut all = ids.map(|id| archive.catalog().recording(&id).unwrap().unwrap());
    all.find(|it| it.title == title).unwrap().id
}

#[test]
fn a_cover_goes_with_all_that_have_it_and_is_held_back_for_one() {
    let made = with_covers();
    let archive = &made.archive;
    assert_eq!(covers_out(archive), 4, "two pictures, each with a thumbnail");
    take_down(archive, &order(TakedownTarget::Recording(titled(archive, "Both 0"))));
    assert_eq!(covers_out(archive), 4, "it is the other track's too");
    let is_cover = |path: &String| path.contains("cover");
    assert_eq!(withheld(archive).iter().filter(|it| is_cover(it)).count(), 2);
    let second = publish(archive);
    let in_second = |archive: &Archive| {
        out(archive).iter().filter(|(path, _)| path.starts_with(&second) && is_cover(path)).count()
    };
    assert_eq!(in_second(archive), 2, "the next edition has the cover of the other release alone");
    let release = archive.one_release(" one").unwrap();
    take_down(archive, &order(TakedownTarget::Release(release)));
    assert_eq!(in_second(archive), 0);
    assert_eq!(covers_out(archive), 2);
    take_down(archive, &order(TakedownTarget::Recording(titled(archive, "Both 1"))));
    assert_eq!(out(archive), [], "with its last track the cover goes too");
    assert_sound(archive);
}

#[test]
fn a_picture_alone_can_go_dark() {
    let made = with_covers();
    let archive = &made.archive;
    let root = out(archive).iter().find(|(path, _)| path.contains("One/cover.png")).unwrap().1;
    let report = take_down(archive, &order(TakedownTarget::Files(BTreeSet::from([root]))));
    assert_eq!((report.recordings.len(), report.published.len()), (0, 2));
    assert_eq!(covers_out(archive), 2);
    let edition = publish(archive);
    let of_newest: Vec<_> =
        out(archive).into_iter().filter(|(path, _)| path.starts_with(&edition)).collect();
    assert!(of_newest.iter().any(|(path, _)| path.contains("One 0")), "{of_newest:?}");
    assert!(of_newest.iter().all(|(path, _)| !path.contains("One/cover")), "{of_newest:?}");
    archive.lift_takedown(&run(), 1, "N-2", &[]).unwrap();
    publish(archive);
    assert_eq!(archive.newest_edition().unwrap().summary().artwork.out, 2);
}

#[test]
fn what_is_added_later_under_the_same_name_or_with_the_same_bytes_is_dark_too() {
    let made = published();
    let archive = &made.archive;
    take_down(archive, &order(TakedownTarget::Isrc("QZDWX2600000".parse().unwrap())));
    // Somebody gives the archive what it had published itself: other bytes than the original, and its own holding.
    let holding = archive.one("QZDWX2600000").unwrap().current().unwrap().hashes.root;
    fs::copy(stored(archive, &holding), made.music.join("again.flac")).unwrap();
    let report = made.archive(None);
    assert_eq!((report.recordings, report.cleared), (4, 2));
    assert_eq!(roots_out(archive).len(), 2 + 2, "two holdings and two patches");
}

#[test]
fn a_licence_that_ended_since_withholds_what_the_edition_has() {
    let made = made(2, 0.5);
    made.archive(None);
    let archive = &made.archive;
    let ended = |until: &str, licence: &str| Rule {
        number: 0,
        target: RuleTarget::Recording(id_of(archive, "QZDWX2600000")),
        licence: Licence::recognise(licence).unwrap(),
        ground: "a contract".to_owned(),
        until: Some(until.to_owned()),
        places: Vec::new(),
    };
    archive.catalog().add_rule(&ended("2026-06-30", "CC-BY-4.0")).unwrap();
    let on = |day: &str| {
        let run = deadwax_archive::Run { today: day.to_owned(), ..run() };
        archive.seed_packs(&run).unwrap()
    };
    assert!(on("2026-06-30").iter().all(|pack| pack.withheld.is_empty()));
    // From the next day on the tag counts again; a rule that forbids holds it back.
    archive.catalog().add_rule(&ended("2027-06-30", "InC")).unwrap();
    let packs = on("2026-07-01");
    assert_eq!(packs.len(), 1);
    assert_eq!(packs[0].withheld.len(), 1);
    assert!(packs[0].torrent.is_file() && packs[0].folder.is_dir());
    assert!(packs[0].folder.join(&packs[0].withheld[0]).is_file(), "a path in the folder");
    assert!(on("2027-07-01").iter().all(|pack| pack.withheld.is_empty()));
    damage(&packs[0].torrent);
    let said = archive.seed_packs(&run()).unwrap_err().to_string();
    assert!(said.contains(".torrent") && said.contains("publish again"), "{said}");
}

fn damage(path: &Path) {
    deadwax_testkit::damage::truncate(path, 40).unwrap();
}
