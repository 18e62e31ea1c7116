//! Files that have all their pieces are made durable here, several with one commit, by a thread that nothing waits for:
//! a disk that takes its time to flush does not hold up what is fetched.

use crate::{MirrorError, State};
use deadwax_store::{Placing, place_files};
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Set when a file may be given away.
pub(crate) type Whole = Arc<AtomicBool>;

/// Where finished files go; `None` is the end.
pub(crate) type ToFinish = SyncSender<Option<Finished>>;

/// Files that wait to be made durable, at most; who has one more waits.
const WAITING: usize = 256;

/// Files made durable with one commit, at most.
const AT_ONCE: usize = 64;

/// A file that has all its pieces.
pub(crate) struct Finished {
    pub part: PathBuf,
    pub path: PathBuf,
    pub bytes: u64,
    pub row: i64,
    pub whole: Whole,
}

/// Who is told of each file that is whole.
pub(crate) type OnWhole = Box<dyn Fn(&Finished) + Send>;

/// The thread, and what stopped it.
pub(crate) struct Finisher {
    sender: ToFinish,
    thread: JoinHandle<()>,
    failed: Arc<Mutex<Option<MirrorError>>>,
}

impl Finisher {
    /// Begins. `now_unix` is asked for the time of each commit.
    pub fn start(
        state: Arc<Mutex<State>>,
        now_unix: Box<dyn Fn() -> u64 + Send>,
        on_whole: OnWhole,
    ) -> Finisher {
        let (sender, receiver) = sync_channel(WAITING);
        let failed = Arc::new(Mutex::new(None));
        let says = Arc::clone(&failed);
        let thread = std::thread::spawn(move || {
            let mut goes_on = true;
            while goes_on {
                let files;
                (files, goes_on) = next(&receiver);
                if let Err(error) = finish(files, &state, now_unix(), &on_whole) {
                    *says.lock().unwrap_or_else(|e| e.into_inner()) = Some(error);
                    break;
                }
            }
        });
        Finisher { sender, thread, failed }
    }

    pub fn sender(&self) -> ToFinish {
        self.sender.clone()
    }

    /// Whether it has stopped because of something.
    pub fn has_failed(&self) -> bool {
        self.failed.lock().unwrap_or_else(|e| e.into_inner()).is_some()
    }

    /// Waits until all that was handed over is durable.
    ///
    /// # Errors
    /// What stopped it.
    pub fn end(self) -> Result<(), MirrorError> {
        // One that has stopped takes no more, and says why below.
        let _ = self.sender.send(None);
        self.thread.join().map_err(|_| {
            MirrorError::Refused("a part of the program failed; run the same line again".to_owned())
        })?;
        let failed = self.failed.lock().unwrap_or_else(|e| e.into_inner()).take();
        failed.map_or(Ok(()), Err)
    }
}

/// What has come, and whether there may be more.
fn next(receiver: &Receiver<Option<Finished>>) -> (Vec<Finished>, bool) {
    let mut files = Vec::new();
    let mut next = receiver.recv().ok().flatten();
    loop {
        match next {
            Some(file) => files.push(file),
            None => return (files, false),
        }
        if files.len() == AT_ONCE {
            return (files, true);
        }
        next = match receiver.try_recv() {
            Ok(next) => next,
            Err(_) => return (files, true),
        };
    }
}

fn finish(
    files: Vec<Finished>,
    state: &Mutex<State>,
    now_unix: u64,
    on_whole: &OnWhole,
) -> Result<(), MirrorError> {
    let mut placings = Vec::with_capacity(files.len());
    for file in &files {
        if file.bytes == 0 {
            File::create(&file.part).map_err(MirrorError::io("create", &file.part))?;
        }
        let (from, to) = (file.part.clone(), file.path.clone());
        placings.push(Placing { from, to, bytes: file.bytes });
    }
    place_files(&placings)?;
    state
        .lock()
        .unwrap_or_else(|e| e.into_inner())
        .at_once(|state| files.iter().try_for_each(|file| state.set_whole(file.row, now_unix)))?;
    for file in &files {
        file.whole.store(true, Ordering::Release);
        on_whole(file);
    }
    Ok(())
}
