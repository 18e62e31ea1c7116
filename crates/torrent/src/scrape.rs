//! What a tracker answers to who asks how many have what: BEP 48 (bittorrent.org/beps/bep_0048.html).

use crate::bencode::{Value, read_foreign};
use std::collections::BTreeMap;

/// How many have all of each torrent, by v1 info hash; `None` where the answer is none of a tracker's.
pub fn complete(answer: &[u8]) -> Option<BTreeMap<[u8; 20], u32>> {
    let answer = read_foreign(answer).ok()?;
    let files = answer.get("files").and_then(Value::dict)?;
    let counted = files.iter().filter_map(|file| {
        let complete = file.value.get("complete")?.length()?;
        Some((file.key.try_into().ok()?, u32::try_from(complete).ok()?))
    });
    Some(counted.collect())
}

/// Where a tracker that is announced to at `path` is asked, by the convention of BEP 48: the last part of the path begins with `announce`, which
/// becomes `scrape`. `None` where it does not, and nothing may be asked.
pub fn path_of(path: &str) -> Option<String> {
    let (folder, last) = path.rsplit_once('/')?;
    last.strip_prefix("announce").map(|rest| format!("{folder}/scrape{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_anything_else_is_none() {
        let of = |hash: &str, complete: &str| {
            format!("20:{hash}d8:completei{complete}e10:downloadedi50e10:incompletei10ee")
        };
        let (a, b) = ("a".repeat(20), "b".repeat(20));
        let answer = format!(
            "d5:filesd{}{}e5:flagsd20:min_request_intervali60eee",
            of(&a, "5"),
            of(&b, "-1")
        );
        let read = complete(answer.as_bytes()).unwrap();
        assert_eq!(read, BTreeMap::from([([b'a'; 20], 5)]), "a count below zero is none");
        assert_eq!(complete(b"d5:filesdee"), Some(BTreeMap::new()));
        for other in [&b"<html>"[..], b"", b"d14:failure reason2:noe", b"d5:filesd", b"le"] {
            assert_eq!(complete(other), None);
        }
    }

    #[test]
    fn only_trackers_that_follow_the_convention_are_asked() {
        assert_eq!(path_of("/announce").as_deref(), Some("/scrape"));
        assert_eq!(path_of("/x/announce.php").as_deref(), Some("/x/scrape.php"));
        assert_eq!(path_of("/a"), None);
        assert_eq!(path_of("/announce/x"), None);
    }
}
