//! What is refused, against the list that a person has reviewed.

use crate::archives::Archived;
use deadwax_testkit::corpus::Entry;
use std::collections::BTreeSet;
use std::path::Path;

/// Format, class of mutation, and reason of every refusal: each such that no program could play such a file.
const REVIEWED: &str = include_str!("refused.tsv");

/// Kinds of refusal that are in no line of refused.tsv, and, of the whole corpus, lines that nothing is refused by.
pub fn unreviewed(entries: &[Entry], keep: &Archived, is_whole: bool) -> Vec<String> {
    let reviewed: BTreeSet<&str> = REVIEWED.lines().collect();
    let found = kinds(entries, keep);
    let mut faults: Vec<String> = found
        .iter()
        .filter(|kind| !reviewed.contains(kind.as_str()))
        .map(|kind| format!("refused, and not in refused.tsv: {kind}"))
        .collect();
    if is_whole {
        // Formats that begin alike, cut to the same bytes, are one file of the first of them.
        let without_format = |kind: &str| kind.split_once('\t').map(|(_, rest)| rest.to_owned());
        let found: BTreeSet<_> = found.iter().map(|kind| without_format(kind)).collect();
        let gone = reviewed.iter().filter(|kind| !found.contains(&without_format(kind)));
        faults.extend(gone.map(|kind| format!("in refused.tsv, and not refused: {kind}")));
    }
    faults
}

/// A line for each.
pub fn kinds(entries: &[Entry], keep: &Archived) -> BTreeSet<String> {
    let corpus = keep.folder.parent().expect("it is in the sandbox").join("music");
    let kind = |entry: &Entry| {
        let why = keep.refusal(&corpus.join(Path::new(&entry.path)))?;
        Some(format!("{}\t{}\t{why}", entry.format, entry.class()))
    };
    entries.iter().filter_map(kind).collect()
}
