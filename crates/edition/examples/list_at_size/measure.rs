//! What a process and its folder cost, from what Linux tells of them.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Processor seconds of this thread.
pub(crate) fn thread_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// Processor seconds of the whole process, threads that have ended included.
pub(crate) fn process_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that the process had at any time, in MiB.
pub(crate) fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Bytes that the process has had read from the disk.
pub(crate) fn disk_bytes_read() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("read_bytes:"));
    line.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or(0)
}

/// Every file below a folder with its length, sorted by path.
pub(crate) fn files_below(folder: &Path) -> std::io::Result<Vec<(PathBuf, u64)>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let entry = entry?;
            let facts = entry.metadata()?;
            if facts.is_dir() {
                folders.push(entry.path());
            } else {
                files.push((entry.path(), facts.len()));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Samples, once a second, the disk that a folder takes, with files that the process has deleted and still writes to.
pub(crate) struct DiskSampler {
    done: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl DiskSampler {
    pub(crate) fn start(folder: &Path) -> DiskSampler {
        let (done, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (is_done, seen, folder) = (Arc::clone(&done), Arc::clone(&most), folder.to_path_buf());
        let thread = std::thread::spawn(move || {
            while !is_done.load(Ordering::Relaxed) {
                seen.fetch_max(blocks_below(&folder) + blocks_deleted(), Ordering::Relaxed);
                std::thread::park_timeout(Duration::from_secs(1));
            }
            seen.fetch_max(blocks_below(&folder), Ordering::Relaxed);
        });
        DiskSampler { done, most, thread }
    }

    /// The most bytes there were.
    pub(crate) fn finish(self) -> u64 {
        self.done.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        // A sampler that failed has seen what it has seen.
        let _ = self.thread.join();
        self.most.load(Ordering::Relaxed)
    }
}

/// Bytes of disk that files below a folder take. Files come and go meanwhile.
fn blocks_below(folder: &Path) -> u64 {
    let files = files_below(folder).unwrap_or_default();
    let blocks = files.iter().filter_map(|(path, _)| Some(path.metadata().ok()?.blocks()));
    blocks.sum::<u64>() * 512
}

/// Bytes of disk that files take which are open here and in no folder any more.
fn blocks_deleted() -> u64 {
    let Ok(open) = Path::new("/proc/self/fd").read_dir() else { return 0 };
    let facts = open.flatten().filter_map(|entry| entry.path().metadata().ok());
    facts
        .filter(|facts| facts.is_file() && facts.nlink() == 0)
        .map(|facts| facts.blocks() * 512)
        .sum()
}
