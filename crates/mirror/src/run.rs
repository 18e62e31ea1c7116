//! What the work needs from the world: somebody to tell, a way to be stopped, the time.

use crate::MirrorError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How soon the wish to stop is heard.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// Somebody who is told how fetching goes.
pub trait Progress {
    /// So much is to be fetched.
    fn begin(&self, files: u64, bytes: u64);
    /// So much of it was here already, from an earlier run.
    fn was_here(&self, bytes: u64);
    /// So much has come and was right.
    fn came(&self, bytes: u64);
    /// A file is whole and durable.
    fn whole(&self, path: &str, bytes: u64);
    /// All that could be fetched is.
    fn end(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: u64, _: u64) {}
    fn was_here(&self, _: u64) {}
    fn came(&self, _: u64) {}
    fn whole(&self, _: &str, _: u64) {}
    fn end(&self) {}
}

/// The circumstances of one run.
pub struct Run<'a> {
    /// Who is told.
    pub progress: &'a dyn Progress,
    /// Set when the person wants to stop.
    pub stop: &'a AtomicBool,
    /// The time in seconds since 1970, when `began` was.
    pub now_unix: u64,
    /// When that was.
    pub began: Instant,
}

impl Run<'_> {
    /// An error when the person wants to stop.
    ///
    /// # Errors
    /// [`MirrorError::Interrupted`].
    pub fn go_on(&self) -> Result<(), MirrorError> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(MirrorError::Interrupted),
            false => Ok(()),
        }
    }

    /// What comes of it, or an error as soon as the person wants to stop. What is dropped then must leave nothing half done.
    pub(crate) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, MirrorError>>,
    ) -> Result<T, MirrorError> {
        let stopped = async {
            while self.go_on().is_ok() {
                tokio::time::sleep(LISTEN_EVERY).await;
            }
        };
        tokio::select! {
            done = work => done,
            () = stopped => Err(MirrorError::Interrupted),
        }
    }

    /// Tells the time in seconds since 1970, for as long as somebody asks.
    pub(crate) fn clock(&self) -> Box<dyn Fn() -> u64 + Send> {
        let (now_unix, began) = (self.now_unix, self.began);
        Box::new(move || now_unix + began.elapsed().as_secs())
    }
}
