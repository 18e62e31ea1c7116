//! The hostile corpus of the testkit, through the real command: every source comes back byte for byte, every holding
//! plays to the samples of its source as ffmpeg hears both, nothing panics, hangs or takes much memory, and
//! what is refused is what was reviewed (refused.tsv). `./test` takes one file in 61; `./test --long`
//! (DEADWAX_FULL) takes all, and its figures go into docs/corpus.md; DEADWAX_CORPUS_EVERY=7 takes one in 7.

#[path = "../support/made.rs"]
mod made;

mod archives;
mod decoded;
mod every_one;
mod judged;
mod one_by_one;
mod refused;
mod told;

use archives::Archived;
use deadwax_testkit::corpus::{self, Options};
use deadwax_testkit::{oracle, tree};
use made::Bench;
use std::time::Duration;

/// What no file may take, however hostile it is.
const SECONDS_A_FILE: Duration = Duration::from_secs(5);
/// What the command may have in use with two jobs.
const MEMORY_BYTES: u64 = 300_000_000;

/// One file in so many for every day; a prime, so that no period of the corpus hides from it.
const EVERY: usize = 61;

#[test]
fn nothing_hostile_is_lost_changed_or_met_with_a_fault() {
    let Some(ffmpeg) = oracle::need("ffmpeg") else { return };
    let is_full = std::env::var_os("DEADWAX_FULL").is_some();
    let chosen = std::env::var("DEADWAX_CORPUS_EVERY").ok().and_then(|text| text.parse().ok());
    let every = chosen.unwrap_or(if is_full { 1 } else { EVERY });
    let is_whole = every == 1;
    let options = Options { every, ..Options::default() };
    let bench = Bench::new();
    let entries = corpus::make(&bench.music, &ffmpeg, &options).unwrap();
    if is_whole {
        assert!(entries.len() >= 2000, "{} files", entries.len());
    }
    let before = tree::contents(&bench.music);

    let looks = one_by_one::look_at_all(&bench.music, &entries);
    let keep = Archived::by_the_main_job(&bench);
    let small = Archived::as_opus(&bench);
    assert_eq!(tree::differences(&before, &tree::contents(&bench.music)), Vec::<String>::new());

    let judge = judged::Judge { bench: &bench, ffmpeg: &ffmpeg, keep: &keep, small: &small };
    let verdicts = every_one::of(&entries, |index| judge.judge(&entries[index], &looks[index]));
    told::tell(&entries, &looks, &verdicts, [&keep, &small]);

    let mut faults: Vec<String> =
        verdicts.iter().flat_map(|verdict| verdict.faults.clone()).collect();
    faults.extend(keep.faults.iter().chain(&small.faults).cloned());
    faults.extend(refused::unreviewed(&entries, &keep, is_whole));
    for (entry, look) in entries.iter().zip(&looks) {
        if look.took > SECONDS_A_FILE {
            faults.push(format!("{}: took {:?}", entry.path.display(), look.took));
        }
    }
    let peak = keep.peak_bytes.max(small.peak_bytes);
    if peak > MEMORY_BYTES {
        faults.push(format!("{peak} bytes of memory were in use"));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
