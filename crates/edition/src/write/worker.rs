//! Threads that do part of the writing.

use crate::EditionError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
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

    /// Why the thread has ended without having done what it was sent.
    fn failure(&mut self) -> EditionError {
        self.ending.join().err().unwrap_or_else(|| self.ending.failed_before())
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
            None => Err(self.failed_before()),
        }
    }

    fn failed_before(&self) -> EditionError {
        let before = io::Error::other("this has failed before");
        EditionError::io("write", &self.path)(before)
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

/// Does one thing; `None` when it was given up in between.
type Work<T, R> = fn(T, &GivenUp) -> Result<Option<R>, EditionError>;

/// Threads that all do the same, in turn. They start when there is something for them.
pub(crate) struct Workers<T, R> {
    name: &'static str,
    path: PathBuf,
    work: Work<T, R>,
    most: usize,
    threads: Vec<Worker<(T, SyncSender<R>)>>,
    next: usize,
}

/// What one of [`Workers`] was asked for.
pub(crate) struct Asked<R> {
    thread: usize,
    answer: Receiver<R>,
}

impl<T: Send + 'static, R: Send + 'static> Workers<T, R> {
    /// One thread, until [`set_most`](Self::set_most) says else. `path` is what they write.
    pub(crate) fn new(name: &'static str, path: &Path, work: Work<T, R>) -> Workers<T, R> {
        let path = path.to_path_buf();
        Workers { name, path, work, most: 1, threads: Vec::new(), next: 0 }
    }

    pub(crate) fn set_most(&mut self, most: usize) {
        self.most = most.max(1);
    }

    /// How many things can be done at once. Who asks for no more than that, and takes the answers in the order in which
    /// they were asked for, is told the first failure in that order.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Gives the next thread something to do.
    pub(crate) fn ask(&mut self, item: T) -> Result<Asked<R>, EditionError> {
        let thread = self.next % self.most;
        if thread == self.threads.len() {
            let work = self.work;
            let each = move |items: Receiver<(T, SyncSender<R>)>, given_up: GivenUp| {
                for (item, answer) in items {
                    let Some(done) = work(item, &given_up)? else { break };
                    let _ = answer.send(done);
                }
                Ok(())
            };
            self.threads.push(Worker::start(self.name, 1, &self.path, each)?);
        }
        self.next = thread + 1;
        let (sender, answer) = sync_channel(1);
        self.threads[thread].send((item, sender))?;
        Ok(Asked { thread, answer })
    }

    /// What came of it; `None` when that is not known yet and not to be waited for. A failure is told however often it is
    /// asked for.
    pub(crate) fn answer(
        &mut self,
        asked: &Asked<R>,
        wait: bool,
    ) -> Result<Option<R>, EditionError> {
        let answer = match wait {
            true => asked.answer.recv().map_err(|_| TryRecvError::Disconnected),
            false => asked.answer.try_recv(),
        };
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(self.threads[asked.thread].failure()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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

    /// Sleeps so many milliseconds and gives them back; fails at none.
    fn workers(most: usize) -> Workers<u64, u64> {
        let mut workers = Workers::new("test", Path::new("somewhere"), |ms, _| {
            std::thread::sleep(Duration::from_millis(ms));
            let failed = || EditionError::io("write", Path::new("here"))(io::Error::other("full"));
            if ms == 0 { Err(failed()) } else { Ok(Some(ms)) }
        });
        workers.set_most(most);
        workers
    }

    #[test]
    fn each_answer_is_that_of_its_question() {
        for most in [0, 1, 3] {
            let mut workers = workers(most);
            let asked = [30, 1, 10, 2, 1].map(|ms| (ms, workers.ask(ms).unwrap()));
            for (ms, asked) in &asked {
                assert_eq!(workers.answer(asked, true).unwrap(), Some(*ms));
            }
            assert_eq!(workers.threads.len(), most.max(1));
        }
        let mut workers = workers(2);
        let asked = workers.ask(200).unwrap();
        assert_eq!(workers.answer(&asked, false).unwrap(), None);
    }

    #[test]
    fn the_failure_told_is_that_of_the_question() {
        let mut workers = workers(2);
        let [slow, failed] = [100, 0].map(|ms| workers.ask(ms).unwrap());
        assert_eq!(workers.answer(&slow, true).unwrap(), Some(100));
        let sentences = [(); 2].map(|()| workers.answer(&failed, true).unwrap_err().to_string());
        assert!(sentences[0].contains("full") && sentences[1].contains("failed before"));
    }
}
