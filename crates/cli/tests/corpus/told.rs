//! The figures of a run, for docs/corpus.md.

use crate::archives::Archived;
use crate::judged::Verdict;
use crate::one_by_one::Look;
use crate::refused;
use deadwax_testkit::corpus::Entry;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Prints them, and leaves them with the refusals in the build's folder for temporary files.
pub fn tell(
    entries: &[Entry],
    looks: &[Look],
    verdicts: &[Verdict],
    [keep, small]: [&Archived; 2],
) {
    let mut text = String::new();
    let of: Vec<(&Entry, &Verdict)> = entries.iter().zip(verdicts).collect();
    let mut groups = BTreeMap::<&str, Vec<&Verdict>>::new();
    for (entry, verdict) in &of {
        groups.entry(&entry.format).or_default().push(verdict);
    }
    groups.insert("together", verdicts.iter().collect());
    let _ = writeln!(
        text,
        "| format | files | taken in | embedded into | untouched | refused | restored | heard equal | re-encoded | as many samples | ffmpeg hears |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|---|---|---|");
    for (format, all) in &groups {
        let count = |is: fn(&Verdict) -> bool| all.iter().filter(|verdict| is(verdict)).count();
        let _ = writeln!(
            text,
            "| {format} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            all.len(),
            count(|it| !it.is_refused),
            count(|it| !it.is_refused && !it.is_untouched),
            count(|it| it.is_untouched),
            count(|it| it.is_refused),
            count(|it| it.is_restored),
            count(|it| it.is_heard_equal),
            count(|it| it.is_reencoded),
            count(|it| it.is_count_equal),
            count(|it| it.is_audible),
        );
    }
    let slowest = entries.iter().zip(looks).max_by_key(|(_, look)| look.took);
    if let Some((entry, look)) = slowest {
        let _ =
            writeln!(text, "slowest: {} in {:.2} s", entry.path.display(), look.took.as_secs_f64());
    }
    let contained = entries.iter().zip(looks).filter(|(_, look)| look.is_contained);
    for (entry, _) in contained {
        let _ = writeln!(text, "a decoder failed inside: {}", entry.path.display());
    }
    for (name, archive) in [("keep", keep), ("small", small)] {
        let (megabytes, seconds) = (archive.peak_bytes as f64 / 1e6, archive.took.as_secs_f64());
        let _ = writeln!(text, "{name}: {megabytes:.1} MB at most, {seconds:.1} s");
    }
    eprint!("{text}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join("corpus-figures.md"), text).unwrap();
    let refused: Vec<String> = refused::kinds(entries, keep).into_iter().collect();
    fs::write(folder.join("corpus-refused.tsv"), refused.join("\n") + "\n").unwrap();
    let faults: Vec<&str> = verdicts.iter().flat_map(|it| &it.faults).map(String::as_str).collect();
    fs::write(folder.join("corpus-faults.txt"), faults.join("\n") + "\n").unwrap();
}
