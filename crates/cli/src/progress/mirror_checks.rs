//! Checks and repairs of a mirror, told as those of an archive are.

use deadwax_archive::{Amount, Phase, Progress};
use deadwax_mirror::Run;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// The circumstances of a check.
pub struct MirrorChecks<'a> {
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
    now_unix: u64,
    began: Instant,
}

impl<'a> MirrorChecks<'a> {
    /// That begins now.
    pub fn begin(run: &deadwax_archive::Run<'a>) -> MirrorChecks<'a> {
        let now_unix = u64::try_from(run.now.as_second()).unwrap_or(0);
        MirrorChecks { progress: run.progress, stop: run.stop, now_unix, began: Instant::now() }
    }

    /// The same as the mirror's room wants it.
    pub fn run(&self) -> Run<'_> {
        Run { progress: self, stop: self.stop, now_unix: self.now_unix, began: self.began }
    }
}

impl deadwax_mirror::Progress for MirrorChecks<'_> {
    fn begin(&self, files: u64, bytes: u64) {
        self.progress.begin(Phase::VerifyMirror, &Amount { items: files, bytes, audio_ms: 0 });
    }

    fn was_here(&self, _: u64) {}

    /// Counted when the file is done.
    fn came(&self, _: u64) {}

    fn whole(&self, path: &str, bytes: u64) {
        self.progress.item(path, &Amount::item(bytes));
    }

    fn end(&self) {
        self.progress.end();
    }
}
