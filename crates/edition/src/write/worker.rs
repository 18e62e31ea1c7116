//! A thread that does part of the writing.

use crate::EditionError;
use std::io;
use std::path::{Path, PathBuf};
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

/// The thread, and what it is sent. Dropped before [`end`](Self::end), it is told to give up and waited for, so that an
/// edition that was given up has nobody left who writes into its folder.
pub(crate) struct Worker<T> {
    sender: Option<SyncSender<T>>,
    ending: Ending,
}

/// A thread that is sent nothing more.
pub(crate) struct Ending {
    path: PathBuf,
    given_up: GivenUp,
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
        let ending = Ending { path: path.to_path_buf(), given_up, thread: Some(thread) };
        Ok(Worker { sender: Some(sender), ending })
    }
}

impl<T> Worker<T> {
    pub(crate) fn send(&mut self, item: T) -> Result<(), EditionError> {
        match self.sender.as_ref().map(|sender| sender.send(item)) {
            Some(Ok(())) => Ok(()),
            // Nobody listens any more: the thread has failed, and says why.
            _ => self.ending.join(),
        }
    }

    /// Nothing more will be sent. The thread goes on with what it has.
    pub(crate) fn end(mut self) -> Ending {
        self.sender = None;
        std::mem::replace(&mut self.ending, Ending::none())
    }
}

impl Ending {
    fn none() -> Ending {
        Ending { path: PathBuf::new(), given_up: GivenUp::default(), thread: None }
    }

    /// Waits until the thread is done.
    pub(crate) fn finish(mut self) -> Result<(), EditionError> {
        self.join()
    }

    fn join(&mut self) -> Result<(), EditionError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => {
                let before = io::Error::other("this has failed before");
                Err(EditionError::io("write", &self.path)(before))
            }
        }
    }
}

impl<T> Drop for Worker<T> {
    /// Before the thread is waited for, which would else wait for more.
    fn drop(&mut self) {
        self.ending.given_up.0.store(true, Ordering::Relaxed);
        self.sender = None;
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.given_up.0.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(work: impl FnOnce(Receiver<u8>) -> bool + Send + 'static) -> Worker<u8> {
        let path = Path::new("somewhere");
        let failed = || EditionError::io("write", path)(io::Error::other("full"));
        let failed = failed();
        Worker::start("test", 0, path, move |items, _| match work(items) {
            true => Ok(()),
            false => Err(failed),
        })
        .unwrap()
    }

    #[test]
    fn a_failure_is_told_however_often_it_is_asked_for() {
        let mut failing = worker(|_| false);
        assert!(failing.send(1).unwrap_err().to_string().contains("full"));
        assert!(failing.send(2).unwrap_err().to_string().contains("failed before"));
        assert!(failing.end().finish().is_err());
    }

    #[test]
    fn a_failure_at_the_end_is_told() {
        let mut failing = worker(|items| items.iter().count() != 1);
        failing.send(1).unwrap();
        assert!(failing.end().finish().unwrap_err().to_string().contains("full"));
        let mut sound = worker(|items| items.iter().count() == 1);
        sound.send(1).unwrap();
        sound.end().finish().unwrap();
    }

    #[test]
    fn one_that_waits_for_more_is_not_waited_for() {
        drop(worker(|items| items.recv().is_err()));
    }
}
