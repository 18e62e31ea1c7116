//! Two at once, and none for ever.

use deadwax_testkit::corpus::Entry;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// After this long with one file the test ends, and names it.
const HANGS: Duration = Duration::from_secs(120);

/// Does something to each of the entries, two at a time. Ends the process when one takes for ever, for nothing else
/// ends a thread.
pub fn of<T: Send>(entries: &[Entry], work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<T>>> = Mutex::new(entries.iter().map(|_| None).collect());
    let at_work: [Mutex<Option<(usize, Instant)>>; 2] = Default::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = at_work
            .iter()
            .map(|place| {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= entries.len() {
                            break;
                        }
                        *place.lock().unwrap() = Some((index, Instant::now()));
                        let result = work(index);
                        done.lock().unwrap()[index] = Some(result);
                    }
                    *place.lock().unwrap() = None;
                })
            })
            .collect();
        while !workers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            for place in &at_work {
                if let Some((index, since)) = *place.lock().unwrap()
                    && since.elapsed() > HANGS
                {
                    eprintln!("{} hangs", entries[index].path.display());
                    std::process::exit(101);
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    done.into_inner().unwrap().into_iter().map(|result| result.expect("all were done")).collect()
}
