//! The signed metadata of an edition, two ways: a file of a sound edition that is other bytes, and a file that a stranger has signed
//! with good keys. The first byte says which.
#![no_main]

use deadwax_fuzz::{Metadata, Stranger};
use deadwax_trust::{TargetInfo, TrustError, Trusted, Versions};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tokio::runtime::{Builder, Runtime};

/// What is other bytes; the third root is one that a sound edition does not have.
const RAW: [&str; 6] = [
    "1.root.json",
    "2.root.json",
    "3.root.json",
    "timestamp.json",
    "snapshot.json",
    "targets.json",
];

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime starts"));
/// What is said of the sound edition.
static SOUND: LazyLock<Said> = LazyLock::new(|| {
    said(&look(Metadata::sound(), &State::new().0).expect("the sound edition is trusted"))
});
/// What a mirror remembers that has seen the sound edition once.
static MEMORY: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let state = State::new();
    look(Metadata::sound(), &state.0).expect("the sound edition is trusted");
    let names = fs::read_dir(&state.0).expect("it is there").map(|it| it.expect("it is read"));
    let read = |name: String| (name.clone(), fs::read(state.0.join(name)).expect("it is a file"));
    names.map(|it| read(it.file_name().into_string().expect("its name is text"))).collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((way, bytes)) = input.split_first() else { return };
    let stranger = Stranger::default();
    match usize::from(*way) % (RAW.len() + 3) {
        way if way < RAW.len() => is_refused_or_the_same(RAW[way], bytes),
        6 => stranger.with_targets(bytes).into_iter().for_each(is_refused_or_safe),
        7 => stranger.with_snapshot(bytes).into_iter().for_each(is_refused_or_safe),
        _ => stranger.with_timestamp(bytes).into_iter().for_each(is_refused_or_safe),
    }
});

/// Without a key nothing can be said that is not said already; and who tries does no harm to who comes after.
fn is_refused_or_the_same(name: &str, bytes: &[u8]) {
    let state = State::new();
    // The first root is looked at by those alone who have seen nothing yet.
    if name != "1.root.json" {
        for (name, bytes) in MEMORY.iter() {
            fs::write(state.0.join(name), bytes).expect("there is room for a small file");
        }
    }
    if let Ok(trusted) = look(Metadata::sound().with(name, bytes), &state.0) {
        assert_eq!(said(&trusted), *SOUND, "something is trusted that nobody signed");
    }
    let after = look(Metadata::sound(), &state.0).expect("the sound edition is trusted afterwards");
    assert_eq!(said(&after), *SOUND);
}

/// Whatever is signed, only names within an edition come out, and sums of lengths that can be counted; what was taken once
/// is taken again.
fn is_refused_or_safe(edition: Metadata) {
    let state = State::new();
    let Ok(trusted) = look(edition.clone(), &state.0) else { return };
    let mut bytes = 0u64;
    for (path, info) in trusted.targets() {
        assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{path:?}");
        // A mirror counts some bytes more for each.
        let sum = bytes.checked_add(info.bytes).and_then(|sum| sum.checked_add(1 << 10));
        bytes = sum.expect("its files together have more than can be counted");
    }
    let again = look(edition, &state.0).expect("what was taken is taken again");
    assert!(trusted.is_first_use() && !again.is_first_use());
    assert_eq!(said(&again), said(&trusted));
}

fn look(edition: Metadata, state: &Path) -> Result<Trusted, TrustError> {
    let looked = RUNTIME.block_on(deadwax_trust::load(Arc::new(edition), None, state));
    if let Err(refusal) = &looked {
        assert!(!matches!(refusal, TrustError::Io { .. } | TrustError::Store(_)), "{refusal}");
        assert!(refusal.to_string().contains(' '));
    }
    looked
}

/// Its files with what is signed of them, its versions, and when it expires.
type Said = (Vec<(String, TargetInfo)>, Versions, String);

fn said(trusted: &Trusted) -> Said {
    let targets = trusted.targets().map(|(path, info)| (path.to_owned(), *info)).collect();
    (targets, trusted.versions(), trusted.expires().to_string())
}

/// A folder that is gone afterwards, in memory where the system has such a folder.
struct State(PathBuf);

impl State {
    fn new() -> State {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = folder.join(format!("deadwax-fuzz-{}-{number}", std::process::id()));
        fs::create_dir(&folder).expect("there is room for a folder");
        State(folder)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
