//! An archive of a few composed pieces, for tests.

#![allow(dead_code)] // Not every test file needs all of it.

use deadwax_archive::{Archive, ArchiveReport, MainJob, Run, Silent};
use deadwax_model::Status;
use deadwax_testkit::{flac, music::Piece};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

pub fn run() -> Run<'static> {
    Run {
        progress: &Silent,
        stop: &NEVER,
        jobs: 2,
        today: "2026-01-01".to_owned(),
        now: jiff::Timestamp::now(),
    }
}

pub struct Made {
    _folder: tempfile::TempDir,
    pub music: PathBuf,
    pub archive: Archive,
}

/// So many pieces, CC0, with the ISRCs QZDWX2600000 and on.
pub fn made(pieces: u64, seconds: f32) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let music = folder.path().join("music");
    fs::create_dir_all(&music).unwrap();
    for seed in 0..pieces {
        let samples = Piece { seed, seconds }.compose_i16();
        let title = format!("Piece {seed}");
        let isrc = format!("QZDWX260{:04}", seed);
        let fields = [("TITLE", title.as_str()), ("ISRC", &isrc), ("LICENSE", "CC0-1.0")];
        let file = flac::encode(&samples, &fields, 512).unwrap();
        fs::write(music.join(format!("{seed}.flac")), file).unwrap();
    }
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    Made { _folder: folder, music, archive }
}

impl Made {
    pub fn listens(&self, counts: &[(u64, u64)]) {
        let lines: String =
            counts.iter().map(|(seed, n)| format!("QZDWX260{seed:04},{n}\n")).collect();
        let path = self.music.parent().unwrap().join("listens.csv");
        fs::write(&path, format!("isrc,listens\n{lines}")).unwrap();
        self.archive.add_listens(&path).unwrap();
    }

    pub fn archive(&self, budget: Option<u64>) -> ArchiveReport {
        let job = MainJob { budget, ..MainJob::default() };
        self.archive.archive(&run(), &self.music, &job).unwrap()
    }

    pub fn status(&self, named: &str) -> Status {
        self.archive.one(named).unwrap().placement.unwrap().status
    }

    /// The same archive under another policy.
    pub fn under(self, policy: &str) -> Made {
        let Made { _folder, music, archive } = self;
        let folder = archive.folder().to_path_buf();
        drop(archive);
        fs::write(folder.join("deadwax.toml"), policy).unwrap();
        Made { _folder, music, archive: Archive::open(&folder).unwrap() }
    }
}
