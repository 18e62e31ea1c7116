//! A thread that does part of the writing.

use crate::EditionError;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Whether nobody wants the result any more.
#[derive(Clone, Default)]
pub(crate) struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The thread, and what it is sent. Dropped without [`finish`](Self::finish), it is told to give up and waited for,
/// so that an edition that was given up has nobody left who writes into its folder.
pub(crate) struct Worker<T> {
    given_up: GivenUp,
    sender: Option<SyncSender<T>>,
    thread: Option<JoinHandle<Result<(), EditionError>>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts `work` on what will be sent, of which `waiting` may wait. `path` is what it writes.
    pub(crate) fn start(
        name: &str,
        waiting: usize,
        path: &Path,
        work: impl FnOnce(Receiver<T>, GivenUp) -> Result<(), EditionError> + Send + 'static,
    ) -> Result<Worker<T>, EditionError> {
        let (sender, receiver) = sync_channel(waiting);
        let given_up = GivenUp::default();
        let told = given_up.clone();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(receiver, told))
            .map_err(EditionError::io("start a thread for", path))?;
        Ok(Worker { given_up, sender: Some(sender), thread: Some(thread) })
    }
}

impl<T> Worker<T> {
    pub(crate) fn send(&mut self, item: T) -> Result<(), EditionError> {
        let sent = self.sender.as_ref().map(|sender| sender.send(item));
        // Nobody listens any more: the thread has failed, and says why.
        if let Some(Err(_)) = sent { self.join() } else { Ok(()) }
    }

    /// Nothing more will be sent. The thread goes on with what it has; [`finish`](Self::finish) waits for it.
    pub(crate) fn end(&mut self) {
        self.sender = None;
    }

    pub(crate) fn finish(mut self) -> Result<(), EditionError> {
        self.end();
        self.join()
    }

    fn join(&mut self) -> Result<(), EditionError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.given_up.0.store(true, Ordering::Relaxed);
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
