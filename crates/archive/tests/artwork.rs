//! Covers: made smaller once, linked from releases, and out when everything that they belong to may leave.

use deadwax_archive::{Archive, BuildReport, PublishOptions, PublishReport, Run, Silent};
use deadwax_edition::{Copies, Cover, Edition, Stage, StagesOut};
use deadwax_model::{Problem, Rank, Root};
use deadwax_rights::{Licence, Rule, RuleTarget};
use deadwax_store::{hash_of, hash_reader};
use deadwax_testkit::{damage, flac, music::Piece, oracle, png};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

fn run(jobs: usize) -> Run<'static> {
    Run {
        progress: &Silent,
        stop: &NEVER,
        jobs,
        today: "2026-01-01".to_owned(),
        now: jiff::Timestamp::now(),
    }
}

struct Made {
    _folder: tempfile::TempDir,
    music: PathBuf,
    archive: Archive,
}

/// What of a release is on the disk: its folder and title, and the licence of each track.
const FREE: &[&str] = &["CC0-1.0", "CC0-1.0"];

impl Made {
    fn new() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let music = folder.path().join("music");
        let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
        Made { _folder: folder, music, archive }
    }

    /// A release with this cover; without a title, recordings that are on none.
    fn release(&self, name: &str, title: Option<&str>, licences: &[&str], cover: &[u8]) {
        let folder = self.music.join(name);
        fs::create_dir_all(&folder).unwrap();
        for (number, licence) in licences.iter().enumerate() {
            let seed = u64::from(hash_of(name.as_bytes()).root.0[0]) << 8 | number as u64;
            let samples = Piece { seed, seconds: 0.5 }.compose_i16();
            let (song, position) = (format!("{name} {number}"), (number + 1).to_string());
            let mut fields = vec![("TITLE", song.as_str()), ("ARTIST", "Someone")];
            fields.extend((!licence.is_empty()).then_some(("LICENSE", *licence)));
            fields.extend(title.map(|title| ("ALBUM", title)));
            let more = [("ALBUMARTIST", "Someone"), ("DATE", "2020"), ("TRACKNUMBER", &*position)];
            fields.extend(more.iter().filter(|_| title.is_some()));
            let file = flac::encode(&samples, &fields, 512).unwrap();
            fs::write(folder.join(format!("{number}.flac")), file).unwrap();
        }
        fs::write(folder.join("cover.png"), cover).unwrap();
    }

    /// Everything but publishing.
    fn build(&self, jobs: usize) -> BuildReport {
        let run = run(jobs);
        assert_eq!(self.archive.add_music(&run, &self.music, None).unwrap().problems, []);
        self.archive.plan_and_build(&run, None).unwrap()
    }

    fn publish(&self, stages: &[&str]) -> PublishReport {
        let stages: Vec<Stage> = stages.iter().map(|stage| stage.parse().unwrap()).collect();
        let options =
            PublishOptions { stages: StagesOut::of(&stages), ..PublishOptions::default() };
        let report = self.archive.publish_with(&run(2), options).unwrap();
        assert_eq!(report.problems, []);
        report
    }

    fn cleared(&self, release: &str) {
        let rule = Rule {
            number: 0,
            target: RuleTarget::Release(release.to_owned()),
            licence: Licence::recognise("CC0-1.0").unwrap(),
            ground: "a letter".to_owned(),
            until: None,
            places: Vec::new(),
        };
        self.archive.catalog().add_rule(&rule).unwrap();
    }

    /// The cover of the recording of this title, as the newest edition has it.
    fn cover(&self, title: &str) -> Option<Cover> {
        let edition = self.archive.newest_edition().unwrap();
        let found = edition.iter().map(Result::unwrap).find(|it| it.title == title).unwrap();
        assert_eq!(edition.cover_of_recording(found.rank).unwrap(), found.cover);
        found.cover
    }

    /// The same cover's files in the packs: itself, then its thumbnails.
    fn files(&self, cover: &Cover) -> Vec<PathBuf> {
        let place = cover.pack.as_ref().unwrap();
        let folder = self.archive.newest_edition().unwrap().folder().to_owned();
        let whole = folder.join("packs").join(&place.name).join(&place.path);
        let beside = whole.parent().unwrap().to_owned();
        let names = cover.thumbnails.iter().map(|it| format!("cover-{}.jpg", it.side));
        std::iter::once(whole).chain(names.map(|name| beside.join(name))).collect()
    }

    fn stored(&self, root: &Root) -> PathBuf {
        let name = root.to_string();
        self.archive.folder().join("store").join(&name[..2]).join(&name[2..4]).join(name)
    }
}

fn root_of(path: &Path) -> Root {
    hash_reader(File::open(path).unwrap()).unwrap().root
}

#[test]
fn a_cover_is_kept_once_and_found_by_release_and_recording() {
    let made = Made::new();
    let (large, small) = (png::cover(3, 620), png::cover(4, 200));
    made.release("one", Some("One"), FREE, &large);
    made.release("two", Some("Two"), FREE, &large);
    made.release("alone", None, &["CC0-1.0"], &small);
    made.release("bare", Some("Bare"), FREE, &small);
    fs::remove_file(made.music.join("bare/cover.png")).unwrap();
    assert_eq!(made.build(2).problems, []);
    // Publishing opens no original.
    fs::rename(&made.music, made.music.with_extension("gone")).unwrap();
    let summary = made.publish(&[]).summary;
    let artwork = &summary.artwork;
    assert_eq!((artwork.covers, artwork.pictures, artwork.out), (3, 2, 3));
    assert_eq!((artwork.packs.len(), artwork.packs[0].files), (1, 3 + 3 + 1));
    assert!(summary.stages.artwork && !summary.stages.patches);

    let one = made.cover("one 0").unwrap();
    assert_eq!(made.cover("one 1"), Some(one.clone()));
    assert_eq!(one.root, hash_of(&large).root);
    assert_eq!((one.mime.as_str(), one.width, one.height), ("image/png", 620, 620));
    let sides: Vec<_> = one.thumbnails.iter().map(|it| (it.side, it.width, it.height)).collect();
    assert_eq!(sides, [(250, 250, 250), (500, 500, 500)]);
    let place = one.pack.as_ref().unwrap();
    assert_eq!(place.path, "Someone/2020 One/cover.png");
    assert!(place.name.starts_with("Test artwork "), "{}", place.name);
    let two = made.cover("two 0").unwrap();
    assert_eq!((two.root, &two.thumbnails), (one.root, &one.thumbnails));
    let alone = made.cover("alone 0").unwrap();
    assert_eq!(alone.pack.as_ref().unwrap().path, "Someone/alone 0/cover.png");
    assert_eq!(alone.thumbnails, [], "nothing is enlarged, and nothing shrunk that is small");
    assert_eq!(made.cover("bare 0"), None);

    // One file on the disk, whatever names it has.
    let roots = std::iter::once(one.root).chain(one.thumbnails.iter().map(|it| it.root));
    for ((root, of_one), of_two) in roots.zip(made.files(&one)).zip(made.files(&two)) {
        let inodes = [&of_one, &of_two, &made.stored(&root)].map(|it| it.metadata().unwrap().ino());
        assert!(inodes.iter().all(|inode| *inode == inodes[0]));
        assert_eq!(root_of(&of_one), root);
    }
    // Another program finds the same sizes.
    if let Some(ffprobe) = oracle::need("ffprobe") {
        for (path, size) in made.files(&one).iter().zip(["620,620", "250,250", "500,500"]) {
            let line = ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0"];
            let said = Command::new(&ffprobe).args(line).arg(path).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), size, "{}", path.display());
        }
    }
    let page =
        fs::read_to_string(made.archive.newest_edition().unwrap().folder().join("index.html"));
    let wanted = format!("packs/{}/Someone/2020%20One/cover-250.jpg", place.name);
    assert!(page.unwrap().contains(&wanted.replacen(
        &place.name,
        &place.name.replace(' ', "%20"),
        1
    )));
    assert!(made.archive.verify(&run(2)).unwrap().is_sound());
}

#[test]
fn a_cover_leaves_when_every_recording_of_its_release_may() {
    let made = Made::new();
    let picture = png::cover(3, 300);
    made.release("mixed", Some("Mixed"), &["CC0-1.0", ""], &picture);
    made.release("free", Some("Free"), FREE, &picture);
    assert_eq!(made.build(2).problems, []);
    let artwork = made.publish(&[]).summary.artwork;
    assert_eq!((artwork.covers, artwork.pictures, artwork.out), (2, 1, 1));
    // It is listed all the same, and so is what it would be.
    let held_back = made.cover("mixed 0").unwrap();
    assert_eq!((held_back.pack.as_ref(), held_back.thumbnails.len()), (None, 1));
    assert!(made.cover("free 0").unwrap().pack.is_some());
    // A letter changes that, and nothing has to be built for it.
    made.cleared("Mixed");
    assert_eq!(made.publish(&[]).summary.artwork.out, 2);
    let out = made.cover("mixed 1").unwrap();
    assert!(made.files(&out).iter().all(|path| path.is_file()));
}

#[test]
fn an_edition_has_out_what_is_said_and_nothing_else() {
    let made = Made::new();
    made.release("one", Some("One"), FREE, &png::cover(3, 300));
    made.build(2);
    let out = |stages: &[&str]| {
        let report = made.publish(stages);
        let summary = &report.summary;
        let files = [&summary.packs, &summary.artwork.packs, &summary.patches.packs]
            .map(|packs| packs.iter().map(|pack| pack.files).sum::<u64>());
        let stages = summary.stages;
        assert_eq!(
            [stages.audio_to_rank > 0, stages.artwork, stages.patches],
            files.map(|it| it > 0)
        );
        let folder = made.archive.folder().join(&report.edition);
        let torrents = fs::read_dir(folder.join("packs")).unwrap().filter(|entry| {
            entry.as_ref().unwrap().path().extension().is_some_and(|it| it == "torrent")
        });
        assert_eq!(torrents.count(), summary.all_packs().count());
        assert!(report.is_new, "{stages:?}");
        files
    };
    assert_eq!(out(&["metadata"]), [0, 0, 0]);
    assert_eq!(made.cover("one 0").unwrap().pack, None);
    assert_eq!(out(&[]), [2, 2, 0]);
    assert_eq!(out(&["artwork"]), [0, 2, 0]);
    assert_eq!(out(&["audio:1"]), [1, 0, 0]);
    assert_eq!(out(&["patches", "audio"]), [2, 0, 2]);
    let first = made.archive.one("1").unwrap();
    let (patch, _) = first.current().unwrap().patch.unwrap();
    let edition = made.archive.newest_edition().unwrap();
    let pack = edition.folder().join(&edition.summary().patches.packs[0].folder);
    let place = edition.at(Rank::new(1).unwrap()).unwrap().unwrap().pack.unwrap();
    assert_eq!(root_of(&pack.join(format!("{}.patch", place.path))), patch);
    assert!(!made.publish(&["audio", "patches"]).is_new, "the same stages say the same");
    assert!(made.archive.verify(&run(2)).unwrap().is_sound());
}

#[test]
fn a_cover_that_cannot_be_shown_gives_way_and_is_told_once() {
    let made = Made::new();
    let good = png::cover(3, 300);
    made.release("one", Some("One"), FREE, &good);
    // Larger, so that it comes first.
    let mut bad = b"\xFF\xD8\xFF".to_vec();
    bad.resize(good.len() + 1, 7);
    let path = made.music.join("one/front.jpg");
    fs::write(&path, bad).unwrap();
    let told: Vec<Problem> = made.build(2).problems;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].path, path.display().to_string());
    assert!(told[0].what.starts_with("it is a front cover and cannot be shown: "), "{told:?}");
    made.publish(&[]);
    assert_eq!(made.cover("one 0").unwrap().root, hash_of(&good).root);
    assert_eq!(made.build(2).problems, []);
}

#[test]
fn damage_is_named_and_put_right() {
    let made = Made::new();
    let picture = png::cover(3, 620);
    made.release("one", Some("One"), FREE, &picture);
    made.build(2);
    made.publish(&[]);
    let cover = made.cover("one 0").unwrap();
    let [small, large] = &cover.thumbnails[..] else { panic!("{cover:?}") };
    let paths = [small, large].map(|thumbnail| made.stored(&thumbnail.root));
    damage::flip_byte(&paths[0], 1_000).unwrap();
    damage::delete(&paths[1]).unwrap();
    let found = made.archive.verify(&run(2)).unwrap();
    let name =
        |path: &Path| path.strip_prefix(made.archive.folder()).unwrap().display().to_string();
    assert_eq!((found.damaged.len(), found.missing.len()), (1, 1), "{found:?}");
    assert_eq!(
        (&found.damaged[0].path, &found.missing[0].path),
        (&name(&paths[0]), &name(&paths[1]))
    );
    let of = format!("thumbnail-250-v1 of picture {}", cover.root);
    assert_eq!(found.damaged[0].of, of);
    let repaired = made.archive.repair(&run(2), &Copies::default()).unwrap();
    assert_eq!((repaired.found, repaired.repaired), (2, 2), "{repaired:?}");
    assert!(repaired.left.is_sound() && repaired.problems.is_empty(), "{repaired:?}");
    for (path, thumbnail) in made.files(&cover)[1..].iter().zip(&cover.thumbnails) {
        assert_eq!(root_of(path), thumbnail.root);
    }
    // Without its picture nothing makes a thumbnail, and publishing says so and goes on.
    for path in [&paths[0], &made.stored(&cover.root)] {
        damage::delete(path).unwrap();
    }
    fs::remove_file(made.music.join("one/cover.png")).unwrap();
    let report = made.archive.publish(&run(2)).unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(report.problems[0].what.contains("is not in the store"), "{report:?}");
    assert_eq!((report.summary.artwork.covers, report.summary.packs.len()), (0, 1));
}

#[test]
fn a_picture_is_scaled_once_for_all_tracks_and_any_number_of_jobs_gives_the_same() {
    let picture = png::cover(3, 700);
    assert!(picture.len() > 300_000);
    let results = [1, 4].map(|jobs| {
        let made = Made::new();
        made.release("one", Some("One"), &["CC0-1.0"; 5], &picture);
        assert_eq!(made.build(jobs).problems, []);
        let catalog = made.archive.catalog();
        let fitted = catalog.derived(&hash_of(&picture).root, "embed-300000-v1").unwrap().unwrap();
        assert!(fitted.hashes.bytes <= 300_000 && fitted.width == 700);
        let data = fs::read(made.stored(&fitted.hashes.root)).unwrap();
        let report = made.publish(&[]);
        let holdings: Vec<Root> = made
            .archive
            .newest_edition()
            .unwrap()
            .iter()
            .map(|recording| recording.unwrap().root.unwrap())
            .collect();
        for holding in &holdings {
            let holding = fs::read(made.stored(holding)).unwrap();
            assert!(holding.windows(data.len()).any(|window| window == data));
        }
        let folder = made.archive.folder().join(&report.edition);
        let json = fs::read(folder.join("edition.json")).unwrap();
        (holdings, fitted, json, fs::read(folder.join("parquet/picture.parquet")).unwrap())
    });
    assert!(results[0] == results[1]);
    // As docs/formats/embedding.md has it: what one file alone would have got.
    let whole = deadwax_model::Picture {
        kind: deadwax_model::PictureKind::Front,
        mime: "image/png".to_owned(),
        data: picture,
    };
    let alone = deadwax_audio::artwork::fit(whole, 300_000).unwrap();
    assert_eq!(hash_of(&alone.data).root, results[0].1.hashes.root);
}

#[test]
fn an_edition_of_the_schema_before_has_no_pictures_and_is_read() {
    let made = Made::new();
    made.release("one", Some("One"), FREE, &png::cover(3, 300));
    made.build(2);
    let folder = made.archive.folder().join(made.publish(&[]).edition);
    let catalog = folder.join("catalog.sqlite");
    fs::set_permissions(&catalog, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let Some(sqlite3) = oracle::need("sqlite3") else { return };
    let older = "DROP TABLE picture; DROP TABLE thumbnail; DROP TABLE release_picture; \
                 DROP TABLE recording_picture; DROP TABLE packed_patch; \
                 ALTER TABLE pack DROP COLUMN stage; PRAGMA user_version = 2;";
    let done = Command::new(sqlite3).arg(&catalog).arg(older).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let edition = Edition::open(&folder).unwrap();
    let first = edition.at(Rank::new(1).unwrap()).unwrap().unwrap();
    assert_eq!((first.cover, first.pack.is_some()), (None, true));
    assert_eq!(edition.cover_of_release(1).unwrap(), None);
}
